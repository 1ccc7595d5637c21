"""The benchmark's sparse jobs: other solvers are given the same, and what they promise is true. Nothing is timed."""

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from minigrid import L0
from tests.benchmarks.__main__ import PAGE
from tests.benchmarks.child import Failure, Task, Who, perform
from tests.benchmarks.jobs import Axis, ScoreName, SearchJob
from tests.benchmarks.measure import Mode, Series, Settings
from tests.benchmarks.programs import UNIT, LogLoss, Program, formulate, whole_losses
from tests.benchmarks.real_data import RealData
from tests.benchmarks.report import BEGIN, END, Report, SearchReport, render
from tests.benchmarks.solvers import SAME, SOLVER_NAMES, SOLVERS, Answer, Solution, objective_of, solve
from tests.benchmarks.tables import SPARSE, find
from tests.project.test_benchmarks import a_run, rows_of

UNLIMITED = 600.0
MIXED_INTEGER = [who for who in SOLVER_NAMES if who != "rounded LogisticRegression"]
BEST = {"S5": 0.16159787777779322, "S6": 0.20501401765054916, "S7": 0.8798242530755711}
CARDS = {
    "S5": ({1: 2, 13: 3, 20: 4, 24: 2, 26: 3}, -9),
    "S6": ({13: 3, 20: 3, 26: 4}, -7),
    "S7": ({2: 1, 6: 1}, -1),
}
TITLE = "### Sparse models beside other solvers"


def small(score: ScoreName, penalty: L0, n_samples: int = 80) -> SearchJob:
    """A job of the same kind that minigrid proves at once."""
    job = replace(find("S5"), sizes=(5, 1), n_values=5, span=2.0, biases=Axis(6.0, 13), score=score, penalty=penalty)
    return replace(job, data=RealData("cancer above", 5, n_samples))


SMALL = [
    small("log_loss", L0(at_most=2)),
    small("log_loss", L0(0.05)),
    small("accuracy", L0(0.02)),
    small("accuracy", L0(at_most=1), 200),
]


@pytest.mark.parametrize("job", SPARSE, ids=lambda job: job.name)
def test_the_best_cards_have_the_best_objectives(job: SearchJob) -> None:
    points, bias = CARDS[job.name]
    card = np.zeros(job.n_parameters)
    card[[*points]], card[-1] = list(points.values()), bias
    assert objective_of(job, *job.data.make(), card) == pytest.approx(BEST[job.name], rel=1e-12)


@pytest.mark.parametrize("job", SPARSE, ids=lambda job: job.name)
def test_features_are_0_or_1_and_half_of_each(job: SearchJob) -> None:
    X, y = job.data.make()
    assert np.isin(X, (0.0, 1.0)).all()
    assert (np.abs(X.mean(axis=0) - 0.5) < 0.01).all()
    assert y.sum() == 212  # the malignant ones


@pytest.mark.parametrize("who", MIXED_INTEGER)
@pytest.mark.parametrize("job", SMALL, ids=lambda job: f"{job.score} {job.penalty}")
def test_solvers_prove_what_minigrid_proves(job: SearchJob, who: str) -> None:
    result = job.trainer().fit(job.network(), *job.data.make())
    answer = SOLVERS[who](job, UNLIMITED)
    assert result.optimal
    assert answer.objective == pytest.approx(result.objective, abs=1e-9)
    assert answer.bound == pytest.approx(result.objective, abs=SAME)
    assert answer.is_proven


@pytest.mark.parametrize("job", SMALL, ids=lambda job: f"{job.score} {job.penalty}")
def test_a_rounded_regression_is_a_candidate_and_promises_nothing(job: SearchJob) -> None:
    result = job.trainer().fit(job.network(), *job.data.make())
    answer = SOLVERS["rounded LogisticRegression"](job, UNLIMITED)
    assert answer.objective is not None
    assert math.isfinite(answer.objective)
    better = answer.objective - result.objective
    assert (better if job.greater_is_better else -better) < 1e-12
    assert answer.bound is None
    assert not answer.is_proven


def test_losses_in_whole_numbers_are_convex_and_never_too_large() -> None:
    losses, sums = whole_losses(45), np.arange(-45, 46)
    missing = np.logaddexp(0.0, -sums) - losses / UNIT
    assert (missing >= 0.0).all()
    assert missing.max() < SAME
    assert (np.diff(losses, 2) >= 0).all()


def test_a_program_is_refined_until_it_knows_a_candidate() -> None:
    formulation = formulate(SMALL[0])
    assert isinstance(formulation, LogLoss)
    few = replace(formulation, chords=np.zeros_like(formulation.chords))
    card = np.array([2.0, 0.0, -2.0, 0.0, 0.0, 6.0])
    refined = few.refined(card)
    assert refined is not None
    assert refined.refined(card) is None
    program = refined.program()
    variables = np.hstack([card, card[:-1] != 0.0, np.zeros(len(formulation.counts))])
    for row, least in zip(program.rows, program.least, strict=True):  # the least losses above their chords
        losses = np.flatnonzero(row[11:]) + 11
        if len(losses):
            variables[losses[0]] = max(variables[losses[0]], least - row[:11] @ variables[:11])
    assert refined.objective(program.cost @ variables) == pytest.approx(
        objective_of(SMALL[0], *SMALL[0].data.make(), card), abs=1e-7
    )


def test_a_solver_that_is_stopped_leaves_its_bound() -> None:
    def stopped(program: Program, seconds: float) -> Solution:
        return Solution(None, 8.0, is_done=False)

    answer = solve(SMALL[0], stopped, 1.0)
    assert (answer.objective, answer.bound, answer.is_proven) == (None, 0.1, False)
    accuracy = solve(replace(SMALL[2], penalty=None), lambda program, seconds: Solution(None, 0.0, is_done=False), 1.0)
    assert accuracy.bound is not None
    assert 0.5 < accuracy.bound < 1.0  # samples that are alike but for their labels cannot all be right


@pytest.mark.parametrize("name", ["P5", "S4", "P9 mean squared error"])
def test_a_program_says_what_it_cannot_do(name: str) -> None:
    with pytest.raises(ValueError, match="job: expected"):
        formulate(find(name))


def test_everybody_can_be_asked() -> None:
    assert list(SOLVERS) == [*SOLVER_NAMES]
    whos = {name for part in get_args(Who) for name in (get_args(part) or (part,))}
    assert {*SOLVER_NAMES} < whos
    outcome = perform(Task.of("rounded LogisticRegression", find("S7"), 1.0))
    assert isinstance(outcome, Answer)
    assert outcome.objective is not None
    assert outcome.objective < BEST["S7"] + SAME


def a_sparse_report() -> Report:
    """S5 with every kind of row, S4 without solvers."""
    settings = Settings(quick=True, repeat=1, engine="auto", modes=("plain", "fast"))
    cut_off = replace(a_run(60.0, optimal=False), score=0.2, objective=0.2, bound=0.1, gap=0.1)
    solvers: dict[str, Answer | Failure] = {
        "rounded LogisticRegression": Answer(0.1, 0.25, None),
        "HiGHS (scipy milp)": Answer(90.0, 0.1616, 0.1616),
        "CP-SAT (OR-tools)": Answer(120.0, None, 0.19),
    }
    ours: dict[Mode, Series | Failure] = {"plain": Series((cut_off,)), "fast": Failure("no numba")}
    return Report(settings, [SearchReport(find("S4"), {}, {}), SearchReport(find("S5"), {}, ours, solvers)])


def test_a_report_has_a_row_for_everybody() -> None:
    text = render(a_sparse_report(), "S")
    rows = rows_of(text[text.index(TITLE) :])
    assert rows[0] == ["job", "by", "time", "objective", "bound", "proven"]
    assert rows[2:] == [
        ["S5", "minigrid, NumPy only", "> 60 s", "0.200000", "0.100000", "no"],
        ["S5", "minigrid, with `fast`", "failed", "-", "-", "no numba"],
        ["S5", "rounded LogisticRegression", "0.10 s", "0.250000", "-", "-"],
        ["S5", "HiGHS (scipy milp)", "90 s", "0.161600", "0.161600", "yes"],
        ["S5", "CP-SAT (OR-tools)", "> 2.0 min", "-", "0.190000", "WRONG"],
    ]


def test_a_report_without_solvers_has_no_table_of_them() -> None:
    settings = Settings(quick=True, repeat=1, engine="auto", modes=("plain",))
    assert TITLE not in render(Report(settings, [SearchReport(find("S4"), {}, {})]), "S")


def test_the_goal_of_a_gap_is_a_part_of_the_objective() -> None:
    nearly = replace(a_run(60.0, optimal=False), score=0.9, objective=0.5, gap=0.007)
    assert SearchReport(find("S4"), {}, {"plain": Series((nearly,))}).verdict("plain") == "not finished"


def test_the_figures_on_the_page_can_be_true() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table_s = page[page.index(BEGIN.format("S")) : page.index(END.format("S"))]
    rows = rows_of(table_s[table_s.index(TITLE) :])[2:]
    asked = {(job.name, who) for job in SPARSE for who in SOLVER_NAMES}
    assert {(row[0], row[1]) for row in rows if not row[1].startswith("minigrid")} == asked
    for name, who, time, objective, bound, proven in rows:
        sign = 1.0 if find(name).greater_is_better else -1.0
        assert proven in ("yes", "no", "-"), who
        assert time.startswith("> ") == (proven == "no")
        assert (bound == "-") == (proven == "-")
        if objective != "-":
            assert sign * (float(objective) - BEST[name]) <= SAME
        if bound != "-":
            assert sign * (float(bound) - BEST[name]) >= -SAME
        if proven == "yes":
            assert [float(objective), float(bound)] == pytest.approx([BEST[name]] * 2, abs=2.0 * SAME)
