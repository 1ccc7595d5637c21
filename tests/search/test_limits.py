"""Each limit ends each strategy on each engine with the correct reason and correct claims."""

import itertools
import math
import time
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Accuracy,
    Coordinate,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Joint,
    LayerWise,
    Network,
    Prover,
    RandomSample,
    Scorer,
    Search,
    SearchEvent,
    SearchResult,
    SearchSpace,
    Strategy,
    Unprovable,
    Zoom,
    activation,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import xor
from minigrid.names import SCORINGS
from minigrid.scoring import call_scoring
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running.forecast import ProofForecast
from tests.pacing import paced
from tests.patience import patient
from tests.profile import in_turn
from tests.strategies.every import every

X, Y = xor(n_samples=30)
NETWORK = Network.dense([2, 2, 1])
GRID = Grid([-2.0, 0.0, 3.0])  # 729 candidates
STRATEGIES = every(
    coordinate=[Coordinate(restarts=2)],
    zoom=[Zoom(points=3, levels=2)],
    random=[RandomSample(n=500), RandomSample(n=10**6)],
)
ENGINES = ["reference", "batched", "exact", "auto"]
SCORES = ["accuracy", "mean_squared_error"]


def truth(name: str) -> tuple[float, bool]:
    """The best score of the whole space, by the plain loop, and whether higher is better."""
    if name not in _TRUTH:
        scoring = SCORINGS.make(name)
        targets = scoring.check_targets(Y.astype(float), 1)
        scores = [
            call_scoring(scoring, targets, NETWORK.with_parameters(p)(X), None) for p in SearchSpace(NETWORK, GRID)
        ]
        _TRUTH[name] = max(scores) if scoring.greater_is_better else min(scores), scoring.greater_is_better
    return _TRUTH[name]


_TRUTH: dict[str, tuple[float, bool]] = {}


def check(result: SearchResult, scoring: str, on_grid: bool) -> None:
    """Everything that a result claims holds, whatever ended the search."""
    best, more = truth(scoring)
    rule = SCORINGS.make(scoring)
    own = call_scoring(rule, rule.check_targets(Y.astype(float), 1), result.network(X), None)
    assert result.score == own == result.top[0].score
    assert result.history[-1].score == result.score
    assert result.gap == abs(result.bound - result.score)
    assert result.score <= result.bound if more else result.score >= result.bound
    if on_grid:  # the bound holds for all that there is
        assert best <= result.bound if more else best >= result.bound
    if result.optimal:
        assert (result.score, result.gap) == (best, 0.0)
        assert result.n_scored + result.n_pruned == result.n_candidates == 729
        assert result.stop_reason in ("completed", "interrupted")
    if result.stop_reason == "completed" and "Joint" in result.strategy:
        assert result.optimal


@pytest.mark.parametrize(("strategy", "scoring"), in_turn(STRATEGIES, SCORES), ids=repr)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_limit_leaves_a_true_result(strategy: Strategy, engine: Any, scoring: Any) -> None:
    on_grid = not isinstance(strategy, Zoom)

    def fit(**limits: Any) -> SearchResult:
        result = GridSearchTrainer(GRID, strategy=strategy, engine=engine, scoring=scoring, **limits).fit(NETWORK, X, Y)
        check(result, scoring, on_grid)
        return result

    whole = fit()
    assert whole.stop_reason == "completed"
    for most in (1, 7, 20):
        result = fit(max_candidates=most)
        assert result.n_scored == most
        assert (result.stop_reason, result.optimal) == ("max_candidates", False)
    easy = fit(target_score=0.4)
    # A proof may be over with its first step, before any limit is looked at.
    over = ("completed", True) if engine == "exact" and isinstance(strategy, Joint) else None
    assert (easy.stop_reason, easy.optimal) in (("target_score", False), over)
    reached = fit(target_score=whole.score)
    assert reached.score == whole.score
    assert reached.stop_reason in ("target_score", "completed")
    at_once = fit(time_limit=1e-9)
    assert (at_once.stop_reason, at_once.optimal) in (("time_limit", False), over)
    assert at_once.n_scored >= 1
    stopped = fit(callbacks=[lambda event: True])
    assert (stopped.stop_reason, stopped.optimal) in (("callback", False), over)
    late = fit(time_limit=1e6, target_score=1.0 if scoring == "accuracy" else 0.0, max_candidates=10**9)
    assert (late.index, late.score, late.stop_reason) == (whole.index, whole.score, "completed")


class Napping(Scorer):
    """The plain loop, after a nap."""

    name = "napping"

    def __init__(self, nap: float) -> None:
        self._nap, self._engine = nap, ReferenceEngine()

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        time.sleep(self._nap)
        return self._engine.score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 64

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 1


class Proving(Prover):
    """A custom engine that proves, with the exact engine's search."""

    name = "proving"
    scorer = Napping(0.0)

    @override
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        return ExactEngine().search(problem, top=top)


def test_the_scorer_of_an_engine_that_proves_scores_the_first_so_many() -> None:
    proven = GridSearchTrainer(GRID, engine=Proving()).fit(NETWORK, X, Y)
    assert (proven.engine, proven.optimal) == ("proving", True)
    limited = GridSearchTrainer(GRID, engine=Proving(), max_candidates=5).fit(NETWORK, X, Y)
    assert (limited.engine, limited.n_scored) == ("napping", 5)


def test_the_first_reason_is_the_one_that_is_told() -> None:
    def stop(event: SearchEvent) -> bool:
        return event.kind == "progressed"

    trainer = GridSearchTrainer(GRID, target_score=0.1, callbacks=[stop])
    assert trainer.fit(NETWORK, X, Y).stop_reason == "target_score"
    without = GridSearchTrainer(GRID, callbacks=[stop])
    assert without.fit(NETWORK, X, Y).stop_reason == "callback"


def test_a_limit_that_is_met_by_the_last_candidate_stops_nothing() -> None:
    small = Grid([0.5])
    for limits in ({"time_limit": 0.01}, {"target_score": 0.0}, {"max_candidates": 1}, {"callbacks": [lambda e: True]}):
        result = GridSearchTrainer(small, engine=Napping(0.02), **limits).fit(NETWORK, X, Y)
        assert (result.stop_reason, result.optimal, result.n_scored) == ("completed", True, 1)


def test_a_time_limit_is_heeded_while_a_sample_is_drawn() -> None:
    began = time.thread_time()
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 100), strategy=RandomSample(n=10**7), time_limit=0.1)
    result = trainer.fit(NETWORK, X, Y)
    assert time.thread_time() - began < 2.0
    assert (result.stop_reason, result.n_scored) == ("time_limit", 1)


@pytest.mark.parametrize("engine", ["reference", "batched"])
def test_a_time_limit_does_not_wait_for_a_long_run_of_a_slow_activation(engine: Any) -> None:
    naps = []

    @activation
    def slow(z: FloatArray) -> FloatArray:
        time.sleep(0.01)
        naps.append(0.01)
        return np.tanh(z)

    network = Network.dense([2, 1], activation=slow)
    result = GridSearchTrainer(Grid.linspace(-5, 5, 1000), engine=engine, time_limit=0.3).fit(network, X, Y)
    assert result.stop_reason == "time_limit"
    assert sum(naps) < 1.0


# Proofs under way -------------------------------------------------------------------------------


def test_the_bound_of_a_proof_never_loosens() -> None:
    events: list[SearchEvent] = []
    labels = np.random.default_rng(1).integers(0, 2, 300)
    data = np.random.default_rng(0).random((300, 2))
    callbacks = [events.append, lambda event: event.kind == "progressed" and len(events) > 20]
    trainer = GridSearchTrainer(
        Grid.linspace(-10, 10, 21), engine="exact", time_limit=patient(20.0), callbacks=callbacks
    )
    result = paced(trainer, estimate_every=0.05).fit(Network.dense([2, 2, 1], bias=True), data, labels)
    bounds = [event.bound for event in events]
    assert all(later <= earlier for earlier, later in itertools.pairwise(bounds))
    assert result.bound == bounds[-1]
    assert events[0].estimated_seconds_left == math.inf
    assert all(event.estimated_seconds_left >= 0.0 for event in events)


@pytest.mark.parametrize(
    ("looks", "steady"), [([60.0, 55.0], True), ([60.0, 3.0], False), ([3.0, 60.0], False), ([0.1, 0.9], True)]
)
def test_the_time_left_of_a_proof_is_told_once_two_estimates_agree(
    looks: list[float], steady: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    space, labels = SearchSpace(NETWORK, Grid.linspace(-10, 10, 40)), np.random.default_rng(1).integers(0, 2, len(X))
    problem, engine = Problem.create(NETWORK, space, X, labels, Accuracy()), ExactEngine()
    search = engine.search(problem, top=1)
    assert not isinstance(search, Unprovable)
    forecast = ProofForecast(pair_of(engine), search, problem, Pace(estimate_every=0.0, estimate_share=math.inf))
    while not forecast.is_grounded:
        search.advance()
        forecast.advanced()
    assert not search.finished
    assert forecast.seconds_left(1, 1.0) == math.inf
    for ahead in looks:
        monkeypatch.setattr(forecast, "ahead", lambda ahead=ahead: ahead)
        forecast.update()
    assert math.isfinite(forecast.seconds_left(1, 1.0)) == steady
    assert forecast.seconds_left(0, 1.0) == 0.0


def test_estimates_do_not_change_a_proof() -> None:
    events: list[SearchEvent] = []
    grid, labels = Grid.linspace(-10, 10, 30), np.arange(len(Y)) % 2
    network = Network.dense([2, 1], bias=True)
    alone = GridSearchTrainer(grid, engine="exact").fit(network, X, labels)
    trainer = GridSearchTrainer(grid, engine="exact", callbacks=[events.append])
    told = paced(trainer, estimate_every=0.0, estimate_share=1.0).fit(network, X, labels)
    assert (alone.index, alone.score, alone.n_scored, alone.n_pruned) == (
        told.index,
        told.score,
        told.n_scored,
        told.n_pruned,
    )
    assert told.optimal
    assert events[-1].estimated_seconds_left == 0.0
    assert any(math.isfinite(event.estimated_seconds_left) for event in events[:-2])


# Events -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_the_incumbent_is_that_of_the_whole_search(strategy: Strategy, engine: Any) -> None:
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(GRID, strategy=strategy, engine=engine, callbacks=[events.append])
    result = trainer.fit(NETWORK, X, Y)
    known = [event.incumbent for event in events if event.incumbent is not None]
    assert known == sorted(known)
    assert known[-1] == result.score
    assert events[0].incumbent is None
    for event in events:
        is_hidden = isinstance(strategy, LayerWise) and event.stage.startswith("layer0")
        if is_hidden:
            assert event.incumbent is None
        elif event.best is not None:
            assert event.incumbent is not None
            assert event.incumbent >= event.best.score


def test_an_event_prints_as_a_line_of_a_log() -> None:
    events: list[SearchEvent] = []
    GridSearchTrainer(GRID, engine="batched", callbacks=[events.append]).fit(NETWORK, X, Y)
    assert str(events[0]) == f"joint: 0.0% processed, nothing scored yet, 0/s, {str(events[0]).split(', ')[-1]}"
    assert ", estimated " in str(events[1])
    best = f"{events[-1].bound:.6g}"
    assert str(events[-1]).startswith(f"joint: 100.0% processed, best {best}, ")
    assert "gap" not in str(events[-1])
    assert "estimated" not in str(events[-1])


def test_nothing_is_called_done_before_it_is() -> None:
    nearly = SearchEvent("progressed", "joint", 10**6, 10**6 - 1, None, 1.0, None, 2.0, 1.0, 0.5)
    assert str(nearly) == "joint: 99.9% processed, nothing scored yet, 1/s, 2 s elapsed, estimated 0.5 s left"
    begun = SearchEvent("started", "start 2", 10, 0, None, 1.0, 0.95, 2.0, 0.0, math.inf)
    assert str(begun) == "start 2: 0.0% processed, 0.95 in all, 0/s, 2 s elapsed"


def test_the_gap_of_an_infinite_loss_that_cannot_be_better_is_zero() -> None:
    events: list[SearchEvent] = []
    infinite = FunctionScoring(lambda y_true, outputs: math.inf, greater_is_better=True)
    GridSearchTrainer(Grid([1.0]), scoring=infinite, callbacks=[events.append]).fit(NETWORK, X, Y)
    assert events[-1].gap == 0.0
    assert ", best inf, " in str(events[-1])
