"""The words that CONTRIBUTING's style rules keep out of pages, strings, docstrings and comments."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted(page for kind in ("*.md", "*.rst") for page in (ROOT / "docs").rglob(kind))
CODE = sorted(path for folder in ("minigrid", "examples", "tests") for path in (ROOT / folder).rglob("*.py"))
CODE.remove(Path(__file__).resolve())  # which lists the words
# What not to write, and what a colleague would say.
INSTEAD = {
    r"mend(s|ed|ing)?": "fix",
    r"one's own|somebody|someone's": "your, custom; or name the actor",
    r"users?'s? own": "custom",
    r"whoever": "name the actor",
    r"(go|goes|going|gone|went) on (with|from|where)": "resume, continue",
    r"(search|it|proof|run) (goes|went) on": "resume, continue",
    r"without a break": "uninterrupted",
    r"at the most": "at most",
    r"so many": "n; the first n",
    r"anew": "again",
    r"likewise": "also",
    r"besides": "(drop it)",
    r"reckon\w*": "estimate",
    r"hopeless": "too long",
    r"made-up": "synthetic, random, generated",
    r"to the (last )?bit": "bit for bit, once a page",
    r"no more than it takes": "only as much as needed",
    r"beyond the bound": "better than the bound",
    r"(more|less) is better": "higher is better, lower is better",
    r"pieces? of work": "task, step",
    r"by heart": "memorise",
    r"twins?": "interchangeable neurons",
    r"settled": "processed",
    r"wirings?|wired": "connections, connected",
    r"texts": "strings",
}


def written(pattern: str) -> re.Pattern[str]:
    """The words of a pattern, even with line breaks between them; attributes such as `axes.texts` do not count."""
    gap = r"\s+(?:#\s*)?"
    return re.compile(rf"(?<![\w.-])(?:{pattern.replace(' ', gap)})(?![\w-])", re.IGNORECASE)


def found(path: Path) -> list[str]:
    """The places in a file where one of the words occurs."""
    page = path.read_text(encoding="utf-8")
    return [
        f"{path.name}:{page.count(chr(10), 0, match.start()) + 1}: {match[0]!r}, write: {instead}"
        for pattern, instead in INSTEAD.items()
        for match in written(pattern).finditer(page)
    ]


@pytest.mark.parametrize("path", PAGES + CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_is_used_that_a_colleague_would_not_say(path: Path) -> None:
    assert not found(path), "\n".join(found(path))


@pytest.mark.parametrize(
    "said",
    [
        "A fit goes on\n    # from here.",
        "Mend it.",
        "one's own",
        "an activation of a user's own",
        "The proof goes on",
        "so many of them",
        "to the\nlast bit",
    ],
)
def test_a_word_is_found_across_lines_and_in_comments(said: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{said}\n", encoding="utf-8")
    assert len(found(page)) == 1


@pytest.mark.parametrize("said", ["Recommend it.", "axes.texts", "a go-on", "She goes on a trip.", "intermend"])
def test_words_that_only_look_alike_are_left_alone(said: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(said, encoding="utf-8")
    assert not found(page)
