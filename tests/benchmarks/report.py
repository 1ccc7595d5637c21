"""The report: what was measured, as Markdown tables that can be read in a terminal too."""

import math
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, final

import numpy as np

from tests.benchmarks.child import Failure, Run
from tests.benchmarks.jobs import PEAK_MIB, SearchJob
from tests.benchmarks.markdown import digits, duration, table
from tests.benchmarks.measure import Growth, Mode, Series, Settings
from tests.benchmarks.rivals import BranchAndBound, Slice
from tests.benchmarks.solvers import SAME, Answer
from tests.benchmarks.tables import IMPORT, Letter, letter_of

Verdict: TypeAlias = Literal["met", "not met", "not finished", "failed", "not measured"]

BEGIN = "<!-- benchmarks {}: begin -->"
"""The mark before a table of the page, with its letter."""

END = "<!-- benchmarks {}: end -->"

_MODES: Mapping[Mode, str] = {"plain": "NumPy only", "fast": "with `fast`"}
_NONE = "-"


@final
@dataclass(frozen=True, slots=True)
class SearchReport:
    """Everything about one search.

    Attributes:
        job: as it was run.
        rivals: the loop, batched NumPy and scipy's brute by the names of `RIVALS`.
        ours: minigrid's runs in each mode that was measured.
        solvers: the answers of those that can do the job too, by the names of `SOLVERS`.
    """

    job: SearchJob
    rivals: Mapping[str, Slice | Failure]
    ours: Mapping[Mode, Series | Failure]
    solvers: Mapping[str, Answer | Failure] = field(default_factory=dict)

    def verdict(self, mode: Mode) -> Verdict:
        """Tell whether the goal was reached."""
        measured = self.ours.get(mode)
        if measured is None:
            return "not measured"
        if isinstance(measured, Failure):
            return "failed"
        if not measured.last.optimal:
            run, part = measured.last, self.job.goal.plain_gap if mode == "plain" else 0.0
            return "met" if 0.0 < run.gap <= part * abs(run.objective) else "not finished"
        reached = measured.seconds if self.job.goal.of == "seconds" else measured.ratio
        if reached is None:
            return "not measured"
        return "met" if reached <= (self.job.goal.plain if mode == "plain" else self.job.goal.fast) else "not met"


@final
@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of the benchmark has measured.

    Attributes:
        settings: how.
        searches: one for each search.
        growths: exponents, or why there are none.
        proofs: CP-SAT's, on the first job.
        imports: seconds of numpy and of minigrid; None if not measured.
    """

    settings: Settings
    searches: Sequence[SearchReport] = ()
    growths: Sequence[Growth | Failure] = ()
    proofs: Sequence[BranchAndBound | Failure] = ()
    imports: tuple[float, float] | None = None


def render(report: Report, letter: Letter) -> str:
    """Write the part of a report for one table in Markdown."""
    searches = [search for search in report.searches if letter_of(search.job.name) == letter]
    report = replace(report, searches=searches)
    parts = [_about(report.settings)]
    if letter == "N":
        return "\n\n".join([*parts, _counts(report), _COUNTS_NOTE]) + "\n"
    if letter != "P":
        parts += [_alone(report), _ALONE_NOTE]
        if any(search.solvers for search in searches):
            parts += ["### Sparse models beside other solvers", _beside_solvers(report), _SOLVERS_NOTE]
        return "\n\n".join(parts) + "\n"
    if searches:
        parts += ["### Times", _times(report), _TIMES_NOTE]
    if searches or report.imports:
        parts += ["### Goals", _goals(report), _GOALS_NOTE]
    if searches:
        parts += ["### Scored and pruned candidates", _nodes(report)]
    if report.growths:
        parts += ["### How cost grows", _growths(report)]
    if report.proofs:
        parts += ["### CP-SAT on P1", _proofs(report)]
    return "\n\n".join(parts) + "\n"


def write(text: str, letter: Letter, page: Path) -> None:
    """Put a table between its two marks on a page, in place of the one before.

    Raises:
        ValueError: the page does not have each mark once, in order.
    """
    put(text, BEGIN.format(letter), END.format(letter), page)


def put(text: str, begin: str, end: str, page: Path) -> None:
    """Put a text between two marks on a page, in place of the one before.

    Raises:
        ValueError: the page does not have each mark once, in order.
    """
    old = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    new, n_places = pattern.subn(lambda _: f"{begin}\n\n{text}\n{end}", old)
    if n_places != 1 or old.count(begin) != 1 or old.count(end) != 1:
        raise ValueError(f"{page}: expected the lines {begin} and {end}, once and in this order. Put them in.")
    page.write_text(new, encoding="utf-8")


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**7 else f"{number:.1e}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %"


def _about(settings: Settings) -> str:
    import minigrid

    numba = "numba present" if "fast" in settings.modes else "numba absent or not asked for"
    thoroughness = "quick mode: short limits, rough figures" if settings.quick else "full mode"
    return (
        f"minigrid {minigrid.__version__}, engine `{settings.engine}`, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {numba}, {os.cpu_count()} cores ({platform.machine()}, {platform.system()}); "
        f"{thoroughness}; runs of each search, at most: {settings.repeat}."
    )


_TIMES_NOTE = "`~`: estimated from a part of the candidates. `>`: the search stopped at the time limit."
_GOALS_NOTE = (
    f"Peak memory is that of the whole process, including Python and NumPy; the goal is under {PEAK_MIB:.0f} MiB. "
    "'not finished': the search stopped at the time limit, with the gap shown."
)


_ALONE_NOTE = (
    "`>`: the search stopped at the time limit. The gap is the distance between the best score and the bound. "
    "Where a cell has two values, the first is with NumPy only, the second with `fast`."
)

_COUNTS_NOTE = (
    "Times cover the search for the best and the count. `>`: the count stopped at the time limit. Peak memory is that "
    "of the whole process, including Python and NumPy."
)

_SOLVERS_NOTE = (
    "`>`: not proven within the time limit. The objective is computed again from the parameters that were found. "
    "No candidate is better than the bound. 'WRONG': another solver has found a better one nevertheless."
)


def _times(report: Report) -> str:
    header = ["job", "what", "candidates", "loop", "batched NumPy", "scipy brute"]
    header += [f"minigrid, {_MODES[mode]}" for mode in report.settings.modes]
    header += ["loop / ours", "NumPy / ours", "answers"]
    rows = []
    for search in report.searches:
        rivals = [_rival_time(search.rivals.get(name)) for name in ("loop", "batched", "brute")]
        ours = [_own_time(search.ours.get(mode)) for mode in report.settings.modes]
        best = _fastest(search)
        ratios = [_speedup(search.rivals.get(name), best) for name in ("loop", "batched")]
        about = [search.job.name, search.job.what, _count(search.job.n_candidates)]
        rows.append([*about, *rivals, *ours, *ratios, agreement(search)])
    return table(header, rows)


def _rival_time(rival: Slice | Failure | None) -> str:
    if not isinstance(rival, Slice):
        return _NONE if rival is None else "failed"
    return ("" if rival.is_whole else "~ ") + duration(rival.whole_seconds)


def _own_time(measured: Series | Failure | None) -> str:
    if not isinstance(measured, Series):
        return _NONE if measured is None else "failed"
    return ("" if measured.last.optimal else "> ") + duration(measured.seconds)


def _fastest(search: SearchReport) -> float | None:
    finished = [one.seconds for one in search.ours.values() if isinstance(one, Series) and one.last.optimal]
    return min(finished) if finished else None


def _speedup(rival: Slice | Failure | None, best: float | None) -> str:
    if not isinstance(rival, Slice) or best is None:
        return _NONE
    return digits(rival.whole_seconds / best)


def agreement(search: SearchReport) -> str:
    """Tell whether all methods that scored everything found the same score, or objective, except for rounding."""
    scores = [rival.score for rival in search.rivals.values() if isinstance(rival, Slice) and rival.is_whole]
    scores += [one.last.objective for one in search.ours.values() if isinstance(one, Series) and one.last.optimal]
    if len(scores) < 2:
        return _NONE
    return "same score" if np.allclose(scores, scores[0], rtol=1e-9, atol=0.0) else "DIFFERENT"


def _alone(report: Report) -> str:
    """Minigrid's own times and goals, for tables without rivals."""
    modes = report.settings.modes
    header = ["job", "what", "candidates", *(_MODES[mode] for mode in modes), "goals", "verdict", "best score", "gap"]
    rows = []
    for search in report.searches:
        ours = [_own_time(search.ours.get(mode)) for mode in modes]
        goals = ", ".join(_goal(search.job, mode) for mode in modes)
        verdicts = ", ".join(dict.fromkeys(search.verdict(mode) for mode in modes))
        about = [search.job.name, search.job.what, _count(search.job.n_candidates)]
        rows.append([*about, *ours, goals, verdicts, _best(search), _gaps(search, modes)])
    return table(header, rows)


def _counts(report: Report) -> str:
    """Counts of near-best candidates, with minigrid's times and goals."""
    modes = report.settings.modes
    header = ["job", "what", "candidates", "best score", "within", "near best", *(_MODES[mode] for mode in modes)]
    header += ["goals", "verdict", "peak memory"]
    rows = []
    for search in report.searches:
        job, measured = search.job, [search.ours.get(mode) for mode in modes]
        runs = [one for one in measured if isinstance(one, Series)]
        near = " or ".join(dict.fromkeys(one.last.near for one in runs)) or _NONE  # two: one is not complete
        about = [job.name, job.what, _count(job.n_candidates), _best(search), f"{job.within:g}", near]
        verdicts = ", ".join(dict.fromkeys(search.verdict(mode) for mode in modes))
        peaks = [one.peak_mib for one in runs if one.peak_mib is not None]
        memory = f"{max(peaks):.0f} MiB" if peaks else _NONE
        goals = ", ".join(_goal(job, mode) for mode in modes)
        rows.append([*about, *map(_own_time, measured), goals, verdicts, memory])
    return table(header, rows)


def _goal(job: SearchJob, mode: Mode) -> str:
    goal = job.goal
    seconds = duration(goal.plain if mode == "plain" else goal.fast)
    return f"gap under {100 * goal.plain_gap:g} % in {seconds}" if mode == "plain" and goal.plain_gap else seconds


def _best(search: SearchReport) -> str:
    """The best score of all runs, with a penalty the best objective; two that are proven must be the same."""
    runs = [one.last for one in search.ours.values() if isinstance(one, Series)]
    if not runs or agreement(search) == "DIFFERENT":
        return "DIFFERENT" if runs else _NONE
    scores = [run.objective for run in runs]
    return f"{max(scores) if search.job.greater_is_better else min(scores):.6g}"


def _gaps(search: SearchReport, modes: Sequence[Mode]) -> str:
    """Write the gap in each mode, or nothing if all are proven."""
    runs = [one.last if isinstance(one, Series) else None for one in map(search.ours.get, modes)]
    if all(run is None or run.optimal for run in runs):
        return _NONE
    return ", ".join(_NONE if run is None else f"{run.gap:.3g}" for run in runs)


def _beside_solvers(report: Report) -> str:
    """Write the time, objective and bound of each solver, for the jobs that other solvers do, too."""
    rows = []
    for search in report.searches:
        ours = {f"minigrid, {_MODES[mode]}": _answer(one) for mode, one in search.ours.items() if search.solvers}
        answers = {**ours, **search.solvers}
        found = [one.objective for one in answers.values() if isinstance(one, Answer) and one.objective is not None]
        for who, answer in answers.items():
            if isinstance(answer, Failure):
                rows.append([search.job.name, who, "failed", _NONE, _NONE, answer.reason[:80]])
                continue
            is_late = answer.bound is not None and not answer.is_proven
            time = ("> " if is_late else "") + duration(answer.seconds)
            proven = _proven(answer, found, greater_is_better=search.job.greater_is_better)
            rows.append([search.job.name, who, time, _number(answer.objective), _number(answer.bound), proven])
    return table(["job", "by", "time", "objective", "bound", "proven"], rows)


def _answer(measured: Series | Failure) -> Answer | Failure:
    if isinstance(measured, Failure):
        return measured
    return Answer(measured.seconds, measured.last.objective, measured.last.bound)


def _proven(answer: Answer, found: Sequence[float], *, greater_is_better: bool) -> str:
    """Tell whether an answer is proven; a bound that another solver has beaten is not."""
    if answer.bound is None:
        return _NONE
    passed = [one - answer.bound if greater_is_better else answer.bound - one for one in found]
    if max(passed, default=0.0) > SAME:
        return "WRONG"
    return "yes" if answer.is_proven else "no"


def _number(number: float | None) -> str:
    return _NONE if number is None else f"{number:.6f}"


def _goals(report: Report) -> str:
    header = ["job", "mode", "goal", "reached", "verdict", "peak memory", "memory"]
    rows = []
    for search in report.searches:
        for mode in report.settings.modes:
            measured = search.ours.get(mode)
            aim = search.job.goal.plain if mode == "plain" else search.job.goal.fast
            goal = duration(aim) if search.job.goal.of == "seconds" else f"{aim:g} {search.job.goal.of}"
            reached = _reached(search.job, measured)
            rows.append([search.job.name, _MODES[mode], goal, reached, search.verdict(mode), *_memory(measured)])
    if report.imports is not None:
        ratio = report.imports[1] / report.imports[0]
        reached = f"{ratio:.2f} ({duration(report.imports[1])} / {duration(report.imports[0])})"
        verdict = "met" if ratio <= IMPORT.goal.plain else "not met"
        rows.append(
            [IMPORT.name, IMPORT.what, f"{IMPORT.goal.plain:g} {IMPORT.goal.of}", reached, verdict, _NONE, _NONE]
        )
        rows.sort(key=lambda row: int(row[0].split()[0][1:]))
    return table(header, rows)


def _reached(job: SearchJob, measured: Series | Failure | None) -> str:
    if measured is None:
        return _NONE
    if isinstance(measured, Failure):
        return measured.reason[:80]
    run = measured.last
    if not run.optimal:
        return f"{run.score:.4g} in {duration(run.seconds)}, gap {run.gap:.3g}"
    if job.goal.of == "seconds":
        return duration(measured.seconds)
    return _NONE if measured.ratio is None else f"{measured.ratio:.2f}"


def _memory(measured: Series | Failure | None) -> list[str]:
    if not isinstance(measured, Series) or measured.peak_mib is None:
        return [_NONE, _NONE]
    return [f"{measured.peak_mib:.0f} MiB", "met" if measured.is_modest else "not met"]


def _nodes(report: Report) -> str:
    header = ["job", "mode", "engine", "score", "bound", "proven", "scored", "fraction", "pruned", "runs"]
    rows = []
    for search in report.searches:
        for mode in report.settings.modes:
            measured = search.ours.get(mode)
            if isinstance(measured, Series):
                rows.append([search.job.name, _MODES[mode], *_node_cells(measured.last), str(len(measured.runs))])
    return table(header, rows)


def _node_cells(run: Run) -> list[str]:
    proven = "yes" if run.optimal else "no"
    shares = [_share(run.n_scored, run.n_candidates), _share(run.n_pruned, run.n_candidates)]
    return [run.engine, f"{run.score:.6g}", f"{run.bound:.6g}", proven, _count(run.n_scored), *shares]


def _growths(report: Report) -> str:
    rows = []
    for growth in report.growths:
        if isinstance(growth, Failure):
            rows.append(["failed", growth.reason[:80], _NONE, _NONE, _NONE])
            continue
        points = ", ".join(f"{size:,}: {duration(s)}" for size, s in zip(growth.sizes, growth.seconds, strict=True))
        missing = ", ".join(f"{size:,}" for size in growth.unfinished) or "none"
        exponent = _NONE if growth.exponent is None else f"{growth.exponent:.2f}"
        rows.append([growth.of, _MODES[growth.mode], points or _NONE, missing, exponent])
    return table(["P1's time against", "mode", "times", "not finished", "exponent"], rows)


def _proofs(report: Report) -> str:
    rows = []
    for proof in report.proofs:
        if isinstance(proof, Failure):
            rows.append(["failed", proof.reason[:80], _NONE, _NONE, _NONE])
        else:
            right, bound = f"{proof.best:,} right", f"{math.floor(proof.bound + 1e-6):,}"
            status = "yes" if proof.optimal else "no"
            rows.append([f"{proof.n_samples:,}", duration(proof.seconds), right, bound, status])
    return table(["samples", "time", "best found", "bound", "proven"], rows)
