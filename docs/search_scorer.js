// How the site's search ranks what it finds. Pages that mention a word equally often would otherwise stand in
// alphabetical order, so "Architecture" and "Benchmarks" would come before the guides.
var Scorer = {
  score: ([page, title, anchor, description, score, file, kind]) => {
    const forContributors = ["architecture", "benchmarks", "changelog", "exact_engine", "releasing"].includes(page);
    if (forContributors) return score - 4;
    if (page === "glossary" && kind === "index") return score - 1; // below the guides that search_words.toml names
    return score;
  },
  // The rest are Sphinx's own numbers.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
