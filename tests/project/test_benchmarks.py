"""The benchmark's own parts: its table is complete, its rivals are right, its report can be read. Nothing is timed."""

import math
import mmap
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from minigrid import GridSearchTrainer
from tests.benchmarks.__main__ import PAGE, parse, settings_of, tables_of
from tests.benchmarks.child import Failure, Outcome, Run, Task, decode, encode, peak_mib, perform, reset_peak
from tests.benchmarks.jobs import SearchJob
from tests.benchmarks.markdown import duration, table
from tests.benchmarks.measure import ROOT, Growth, Series, Settings, environment, fit_exponent, in_child, series
from tests.benchmarks.report import BEGIN, END, Report, SearchReport, agreement, render, write
from tests.benchmarks.rivals import RIVALS, BranchAndBound, Slice, cp_sat
from tests.benchmarks.solvers import Answer
from tests.benchmarks.tables import LETTERS, SEARCHES, TABLES, Letter, find, letter_of, numbers

SETTINGS = Settings(quick=True, repeat=1, engine="auto", modes=("plain", "fast"))
UNLIMITED = 600.0


def tiny(job: SearchJob) -> SearchJob:
    """The same job with so few values and samples that even the loop is done at once."""
    return job.resized(n_values={3: 7, 4: 5, 6: 3, 9: 2}[job.n_parameters], n_samples=40)


def a_run(seconds: float = 0.5, *, optimal: bool = True) -> Run:
    """A generated run."""
    scored, pruned = (1000, 999_000) if optimal else (1000, 0)
    bound = 0.603 if optimal else 1.0
    reason = "completed" if optimal else "time_limit"
    gap = bound - 0.603
    return Run(seconds, 99.0, 0.603, 0.603, 7, optimal, bound, gap, 10**6, scored, pruned, "exact", "because", reason)


def test_the_tables_have_every_job() -> None:
    assert numbers("P") == [f"P{number}" for number in range(1, 14)]
    assert numbers("R") == [f"R{number}" for number in range(1, 25)]
    assert numbers("S") == [f"S{number}" for number in range(1, 8)]
    assert numbers("N") == [f"N{number}" for number in range(1, 10)]
    assert numbers() == [*numbers("N"), *numbers("P"), *numbers("R"), *numbers("S")]
    assert all(letter_of(job.name) == letter for letter in LETTERS for job in TABLES[letter])
    assert len({job.name for job in SEARCHES}) == len(SEARCHES)


@pytest.mark.parametrize(
    ("name", "n_candidates"),
    [
        ("P1", 10**6),
        ("P2", 8 * 10**6),
        ("P3", 10**8),
        ("P4", 10**8),
        ("P5", 10**12),
        ("P6", 10**12),
        ("P7", 10**12),
        ("P8", 21**9),
        ("P9 mean squared error", 10**8),
        ("P9 log loss", 10**8),
        ("P10", 64 * 10**6),
        ("P11", 10**6),
        ("P13 functions", 216_000),
        ("P13 batches", 216_000),
        ("R2", 41**5),
        ("R7", 11**9),
        ("R8", 7**15),
        ("R9", 5**13),
        ("R11", 21**9),
        ("R13", 7**13),
        ("R15", 5**15),
        ("R23", 21**7),
        ("R24", 11**10),
        ("S2", 21**11),
        ("S4", 11**31),
        ("S5", 11**30 * 41),
        ("S7", 11**10 * 41),
        ("N1", 11**9),
        ("N4", 10**8),
        ("N7", 11**30 * 41),
    ],
)
def test_each_job_is_as_large_as_it_says(name: str, n_candidates: int) -> None:
    job = find(name)
    assert job.n_candidates == n_candidates
    assert job.network().n_parameters == job.n_parameters
    assert len(job.grid()) == job.n_values


@pytest.mark.parametrize("job", SEARCHES, ids=lambda job: job.name)
def test_limits_leave_room_for_the_goals(job: SearchJob) -> None:
    assert job.goal.fast <= job.goal.plain
    assert (
        job.goal.of != "seconds" or job.limit > job.goal.plain or (job.limit == job.goal.plain and job.goal.plain_gap)
    )


@pytest.mark.parametrize("job", [*TABLES["R"], *TABLES["S"]], ids=lambda job: job.name)
def test_real_data_suit_their_networks(job: SearchJob) -> None:
    X, y = job.data.make()
    assert X.shape == (job.data.n_samples, job.data.n_features)
    assert y.shape == (job.data.n_samples,)
    assert job.data.n_features == job.sizes[0]
    assert len(np.unique(y)) == (job.sizes[-1] if job.sizes[-1] > 1 else 60 if job.output == "identity" else 2)
    network = job.network()
    assert (network.n_inputs, network.n_outputs, network.n_parameters) == (
        job.sizes[0],
        job.sizes[-1],
        job.n_parameters,
    )


def test_the_features_that_say_most_come_first() -> None:
    X, y = find("S4").data.make()
    correlations = np.abs([np.corrcoef(feature, y)[0, 1] for feature in X.T])
    assert (np.diff(correlations) <= 0.0).all()
    np.testing.assert_array_equal(find("S1").data.make()[0], X[:, :8])


def test_fewer_samples_are_the_first_of_more() -> None:
    X, y = find("P6").data.make()
    X_few, y_few = find("P6").resized(n_samples=100).data.make()
    np.testing.assert_array_equal(X_few, X[:100])
    np.testing.assert_array_equal(y_few, y[:100])


@pytest.mark.parametrize("who", ["loop", "batched"])
@pytest.mark.parametrize("job", TABLES["P"], ids=lambda job: job.name)
def test_rivals_find_what_minigrid_finds(job: SearchJob, who: str) -> None:
    small = tiny(job)
    result = GridSearchTrainer(small.grid(), scoring=small.scoring()).fit(small.network(), *small.data.make())
    rival = RIVALS[who](small, UNLIMITED)
    assert rival.is_whole
    assert rival.score == pytest.approx(result.score, rel=1e-12)
    assert rival.index == result.index


@pytest.mark.parametrize("job", TABLES["P"], ids=lambda job: job.name)
def test_brute_finds_what_minigrid_finds(job: SearchJob) -> None:
    small = tiny(job)
    result = GridSearchTrainer(small.grid(), scoring=small.scoring()).fit(small.network(), *small.data.make())
    rival = RIVALS["brute"](small, UNLIMITED)
    assert rival.is_whole
    assert rival.score == pytest.approx(result.score, rel=1e-12)


def test_cp_sat_finds_what_minigrid_finds() -> None:
    small = tiny(find("P1"))
    result = GridSearchTrainer(small.grid()).fit(small.network(), *small.data.make())
    found = cp_sat(small, UNLIMITED)
    assert found.optimal
    assert found.best == round(result.score * 40) == round(found.bound)


def test_cp_sat_says_what_it_cannot_do() -> None:
    with pytest.raises(ValueError, match="expected one sigmoid neuron"):
        cp_sat(find("P5"), 1.0)


@pytest.mark.parametrize("who", sorted(RIVALS))
def test_a_rival_stops_in_time_and_estimates_the_rest(who: str) -> None:
    part = RIVALS[who](find("P3"), 0.01)
    assert 0 < part.n_scored < part.n_candidates
    assert part.whole_seconds == pytest.approx(part.seconds * part.n_candidates / part.n_scored)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 3.0])
def test_exponents_of_power_laws(exponent: float) -> None:
    sizes = [25, 50, 100, 200]
    assert fit_exponent(sizes, [0.01 * size**exponent for size in sizes]) == pytest.approx(exponent)
    assert Growth("samples", "plain", (1000,), (0.1,), (10_000,)).exponent is None


@pytest.mark.parametrize(
    "outcome",
    [
        a_run(),
        Slice(1.0, 10, 100, 0.5, 3),
        BranchAndBound(1.0, 100, 60, math.inf, False),
        Answer(1.0, None, 0.1),
        Failure("no"),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
def test_outcomes_travel_between_processes(outcome: Outcome) -> None:
    assert decode(encode(outcome)) == outcome


def test_a_child_searches_and_tells_its_memory() -> None:
    measured = series(tiny(find("P1")), "plain", SETTINGS)
    assert isinstance(measured, Series)
    assert measured.last.optimal
    assert measured.last.n_scored + measured.last.n_pruned == measured.last.n_candidates == 343
    assert measured.is_modest


def test_a_job_against_batched_numpy_takes_turns() -> None:
    measured = series(tiny(find("P13 batches")), "plain", SETTINGS)
    assert isinstance(measured, Series)
    assert len(measured.runs) == len(measured.rival_seconds) == 1
    assert measured.ratio == measured.runs[0].seconds / measured.rival_seconds[0]


def test_a_failure_is_reported_not_raised() -> None:
    unknown = Task.of("minigrid", tiny(find("P1")), 1.0, engine="steam")
    assert isinstance(perform(unknown), Failure)
    broken = Task("minigrid", "P99", 3, 10, 1.0, "auto")
    outcome = in_child(broken)
    assert isinstance(outcome, Failure)
    assert "StopIteration" in outcome.reason


def test_memory_is_told_after_a_reset() -> None:
    reset_peak()
    before = peak_mib()
    with mmap.mmap(-1, 2**25) as block:  # fresh memory: an array may get what the process has freed before
        block.write(b"1" * 2**25)
        after = peak_mib()
    assert before is None or (after is not None and after - before > 16.0)


def test_numba_is_switched_off_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", "0")
    assert environment("plain")["MINIGRID_FAST"] == "0"
    assert "MINIGRID_FAST" not in environment("fast")


def a_report() -> Report:
    """One job of each kind, finished and not."""
    rivals: dict[str, Slice | Failure] = {
        "loop": Slice(1.0, 1000, 10**6, 0.5, 3),
        "batched": Slice(5.0, 10**6, 10**6, 0.603, 7),
        "brute": Failure("ImportError: no scipy"),
    }
    finished, cut_off = Series((a_run(0.02),)), Series((a_run(60.0, optimal=False),))
    against = Series((a_run(0.5), a_run(0.6)), (1.0, 0.5))
    searches = [
        SearchReport(find("P1"), rivals, {"plain": finished, "fast": Failure("no | numba")}),
        SearchReport(find("P7"), {}, {"plain": cut_off}),
        SearchReport(find("P13 batches"), {}, {"plain": against, "fast": against}),
    ]
    growths: list[Growth | Failure] = [
        Growth("samples", "plain", (1000, 10_000), (0.1, 1.0), (100_000,)),
        Failure("too slow"),
    ]
    proofs: list[BranchAndBound | Failure] = [
        BranchAndBound(5.6, 100, 61, 61.0, True),
        BranchAndBound(120.0, 1000, 584, 1000.0, False),
        Failure("no ortools"),
    ]
    return Report(SETTINGS, searches, growths, proofs, (0.1, 0.11))


def rows_of(text: str) -> list[list[str]]:
    """The cells of all rows of a report's tables."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_a_report_says_what_was_reached() -> None:
    text = render(a_report(), "P")
    cells = rows_of(text)
    assert ["P1", "NumPy only", "30 ms", "20 ms", "met", "99 MiB", "met"] in cells
    assert ["P1", "with `fast`", "30 ms", "no \\| numba", "failed", "-", "-"] in cells
    assert ["P7", "NumPy only", "5.0 s", "0.603 in 60 s, gap 0.397", "not finished", "99 MiB", "met"] in cells
    assert ["P7", "with `fast`", "2.0 s", "-", "not measured", "-", "-"] in cells
    assert ["P12", "import minigrid", "1.2 times import numpy", "1.10 (0.11 s / 0.10 s)", "met", "-", "-"] in cells
    assert ["P13 batches", "NumPy only", "1 times batched NumPy", "0.85", "met", "99 MiB", "met"] in cells
    assert ["samples", "NumPy only", "1,000: 0.10 s, 10,000: 1.0 s", "100,000", "1.00"] in cells
    assert ["1,000", "2.0 min", "584 right", "1,000", "no"] in cells
    times = next(row for row in cells if row[0] == "P1")
    assert times[2:] == ["1,000,000", "~ 17 min", "5.0 s", "failed", "20 ms", "failed", "50,000", "250", "same score"]


def test_a_table_without_rivals_says_what_was_reached() -> None:
    finished, cut_off = Series((a_run(2.0),)), Series((a_run(60.0, optimal=False),))
    nearly = Series((replace(a_run(60.0, optimal=False), gap=0.006),))
    searches = [
        SearchReport(find("R3"), {}, {"plain": finished, "fast": finished}),
        SearchReport(find("R4"), {}, {"plain": cut_off, "fast": Failure("no numba")}),
        SearchReport(find("R6"), {}, {"plain": finished}),
        SearchReport(find("S4"), {}, {"plain": nearly, "fast": nearly}),
        SearchReport(
            find("R7"), {}, {"plain": finished, "fast": Series((replace(a_run(), score=0.7, objective=0.7),))}
        ),
    ]
    text = render(Report(SETTINGS, searches), "R")
    cells = {row[0]: row[3:] for row in rows_of(text)}
    assert cells["R3"] == ["2.0 s", "2.0 s", "5.0 s, 0.50 s", "met, not met", "0.603", "-"]
    assert cells["R4"] == ["> 60 s", "failed", "60 s, 10 s", "not finished, failed", "0.603", "0.397, -"]
    assert cells["R6"] == ["2.0 s", "-", "20 s, 5.0 s", "met, not measured", "0.603", "-"]
    assert cells["R7"][4] == "DIFFERENT"
    assert "S4" not in cells
    cells = {row[0]: row[3:] for row in rows_of(render(Report(SETTINGS, searches), "S"))}
    goal = "gap under 1 % in 60 s, 60 s"
    assert cells["S4"] == ["> 60 s", "> 60 s", goal, "met, not finished", "0.603", "0.006, 0.006"]


def test_a_child_counts_what_is_near_the_best() -> None:
    measured = series(find("N4").resized(n_values=5, n_samples=40), "plain", SETTINGS)
    assert isinstance(measured, Series)
    job = find("N4").resized(n_values=5, n_samples=40)
    near = job.trainer().near_best(job.network(), *job.data.make(), within=0.0)
    assert measured.last.optimal
    assert (measured.last.near, measured.last.objective) == (f"{near.count:,}", near.best.objective)


def test_a_table_of_counts_says_how_many_there_are() -> None:
    counted = Series((replace(a_run(2.0), near="1,087,056,912"),))
    cut_off = Series((replace(a_run(60.0), optimal=False, near="from 1 to 99"),))
    searches = [
        SearchReport(find("N1"), {}, {"plain": counted, "fast": counted}),
        SearchReport(find("N7"), {}, {"plain": cut_off, "fast": Failure("no numba")}),
    ]
    cells = {row[0]: row[3:] for row in rows_of(render(Report(SETTINGS, searches), "N"))}
    assert cells["N1"] == ["0.603", "0", "1,087,056,912", "2.0 s", "2.0 s", "30 s, 15 s", "met", "99 MiB"]
    verdict = "not finished, failed"
    assert cells["N7"] == ["0.603", "0.005", "from 1 to 99", "> 60 s", "failed", "30 s, 30 s", verdict, "99 MiB"]


@pytest.mark.parametrize("letter", LETTERS)
def test_an_empty_report_renders(letter: Letter) -> None:
    assert "quick mode" in render(Report(SETTINGS), letter)


def test_a_different_answer_is_shouted() -> None:
    rivals = {"batched": Slice(1.0, 10, 10, 0.7, 0)}
    assert agreement(SearchReport(find("P1"), rivals, {"plain": Series((a_run(),))})) == "DIFFERENT"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0041, "4.1 ms"),
        (0.29, "0.29 s"),
        (82.0, "82 s"),
        (2340.0, "39 min"),
        (29_520.0, "8.2 h"),
        (2.94e8, "9.3 years"),
    ],
)
def test_durations_can_be_felt(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_tables_line_up() -> None:
    lines = table(["a", "b", "c"], [["1", "22", "3333"]]).splitlines()
    assert lines == ["| a   | b   |    c |", "| --- | --- | ---: |", "| 1   | 22  | 3333 |"]


def test_a_table_is_written_between_its_marks(tmp_path: Path) -> None:
    page, begin, end = tmp_path / "page.md", BEGIN.format("R"), END.format("R")
    other = f"{BEGIN.format('S')}\nkept\n{END.format('S')}\n"
    page.write_text(f"before\n\n{begin}\nold\n{end}\n\nafter\n{other}")
    write("new \\1", "R", page)
    write("newer \\1", "R", page)
    assert page.read_text() == f"before\n\n{begin}\n\nnewer \\1\n{end}\n\nafter\n{other}"
    with pytest.raises(ValueError, match="expected the lines"):
        write("new", "P", page)


@pytest.mark.parametrize("letter", LETTERS)
def test_the_page_has_a_place_for_each_table(letter: Letter) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN.format(letter)) == page.count(END.format(letter)) == 1


def test_the_command_line() -> None:
    options = parse(["--quick", "--only", "p1,P3", "--engine", "batched", "--without-fast"])
    assert options.only == ["P1", "P3"]
    assert settings_of(options) == Settings(quick=True, repeat=1, engine="batched", modes=("plain",))
    assert settings_of(parse(["--repeat", "2"])).repeat == 2


@pytest.mark.parametrize(
    ("arguments", "jobs"),
    [
        ([], numbers()),
        (["--quick"], numbers("P")),
        (["--only", "r"], numbers("R")),
        (["--only", "S,P2", "--quick"], ["P2", *numbers("S")]),
    ],
    ids=" ".join,
)
def test_whole_tables_can_be_asked_for(arguments: list[str], jobs: list[str]) -> None:
    assert parse(arguments).only == jobs


def test_a_report_is_printed_table_by_table() -> None:
    assert tables_of(["P2", "S1", "S3"]) == ["P", "S"]


@pytest.mark.parametrize("wrong", [["--only", "P99"], ["--only", "Q"], ["--repeat", "0"], ["--write", "--only", "R3"]])
def test_the_command_line_says_what_is_wrong(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(wrong)
    assert "expected" in capsys.readouterr().err


def test_one_command_runs_it() -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.benchmarks", "--quick", "--only", "P12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "P12" in done.stdout
    assert "times import numpy" in done.stdout
