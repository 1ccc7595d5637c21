"""The trainer from end to end: the lesson's numbers, limits, events, plans, results, and what must not show in them."""

import dataclasses
import itertools
import math
import os
import pickle
import random
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
import pandas as pd
import pytest
from typing_extensions import override

import minigrid.search.parallel.backend
from minigrid import (
    GELU,
    Accuracy,
    Activation,
    ActivationError,
    Candidate,
    Coordinate,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Hinge,
    HopelessSearchError,
    Identity,
    Improvement,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    LayerWise,
    LogLoss,
    MeanSquaredError,
    MinigridError,
    Network,
    Neuron,
    NoScoreError,
    RandomSample,
    Scorer,
    Scoring,
    ScoringError,
    SearchEvent,
    SearchResult,
    SearchSpace,
    ShapeError,
    Sigmoid,
    Step,
    Strategy,
    Tanh,
    UnknownNameError,
    Zoom,
    activation,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import xor
from minigrid.model.layer import Layer
from minigrid.scoring import call_scoring
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.problems import median_error

STRATEGIES: list[Strategy] = [
    Joint(),
    LayerWise(),
    Coordinate(restarts=2, max_rounds=1),
    Zoom(points=3, levels=2),
    RandomSample(n=60),
]

# Helpers ----------------------------------------------------------------------------------------


class Chunked(Scorer):
    """The batched engine in small chunks, which may take any time; it remembers who called it."""

    name = "chunked"
    threads = True

    def __init__(self, size: int = 8, naps: bool = False) -> None:
        self.size = size
        self.calls: list[tuple[str, int]] = []
        self._naps = random.Random(1) if naps else None

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        self.calls.append((threading.current_thread().name, len(digits)))
        if self._naps is not None:
            time.sleep(self._naps.random() * 0.001)
        return BatchedEngine().score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self.size

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return BatchedEngine().memory(problem, n_candidates)


def lesson(n_samples: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Draw the data as the lesson does, without the global state."""
    X = np.random.RandomState(seed).rand(n_samples, 3)
    return X, (X[:, 0] + X[:, 1] + X[:, 2] > 1.5).astype(int)


def use_threads(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(count)), raising=False)


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("minigrid")]


def summary(result: SearchResult) -> tuple[object, ...]:
    """Everything of a result that must not depend on how it was computed."""
    top = [(c.index, c.score.hex(), c.parameters.tobytes()) for c in result.top]
    counts = (result.n_candidates, result.n_scored, result.n_pruned, result.optimal, result.bound, result.stop_reason)
    return (result.index, result.score.hex(), result.parameters.tobytes(), top, counts)


XOR = xor(n_samples=40)
TWO_INTO_ONE = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid())
SMALL = Grid([-1.0, 0.5, 2.0])  # 729 candidates of the network above

# The lesson -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grid", "weights", "test_score"),
    [
        (Grid.linspace(-10, 10, 100), [-5.35353535, 9.19191919, 2.72727273], 0.56),
        (Grid.linspace(-20, 20, 200), [-10.75376884, 18.3919598, 5.52763819], None),
    ],
    ids=["100 values", "200 values"],
)
def test_the_lessons_numbers(grid: Grid, weights: list[float], test_score: float | None) -> None:
    X, y = lesson(1000, seed=2024)
    result = GridSearchTrainer(grid).fit(Network.dense([3, 1], activation=Sigmoid()), X, y)
    assert np.round(result.parameters, 8).tolist() == weights
    assert result.score == 0.603
    assert result.optimal
    assert result.n_scored + result.n_pruned == result.n_candidates == len(grid) ** 3
    assert result.index is not None
    assert SearchSpace(result.network, grid)[result.index].tolist() == result.parameters.tolist()
    if test_score is not None:
        X_test, y_test = lesson(100, seed=123)
        assert np.mean(result.network.predict(X_test) == y_test) == test_score


def test_the_lessons_numbers_through_the_batched_engine() -> None:
    X, y = lesson(1000, seed=2024)
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100), engine="batched", scoring="balanced_accuracy", top=3)
    result = trainer.fit(Network.dense([3, 1]), X, y)
    assert result.n_scored == 10**6
    accuracy = GridSearchTrainer(Grid.linspace(-10, 10, 100), engine="batched").fit(Network.dense([3, 1]), X, y)
    assert np.round(accuracy.parameters, 8).tolist() == [-5.35353535, 9.19191919, 2.72727273]


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "mean_squared_error", "log_loss", "hinge"])
def test_the_engines_agree_on_the_lessons_data(scoring: Any) -> None:
    X, y = lesson(150, seed=2024)
    found = {}
    for engine in ("auto", "batched", "reference"):
        trainer = GridSearchTrainer(Grid.linspace(-10, 10, 9), engine=engine, scoring=scoring, top=5)
        result = trainer.fit(Network.dense([3, 1]), X, y)
        found[engine] = summary(result)[:4]
        assert result.optimal
    assert found["auto"] == found["batched"] == found["reference"]


@pytest.mark.parametrize("top", [1, 2, 10, 27, 100])
def test_top_is_the_beginning_of_all_candidates_in_order(top: int) -> None:
    X, y = lesson(30, seed=1)
    network, grid = Network.dense([3, 1]), Grid([-1.0, 0.0, 1.0])
    result = GridSearchTrainer(grid, top=top).fit(network, X, y)
    scores = [Accuracy()(y, network.with_parameters(p)(X)) for p in SearchSpace(network, grid)]
    expected = sorted(((-score, index) for index, score in enumerate(scores)))[:top]
    assert [(-c.score, c.index) for c in result.top] == expected


# Limits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_no_more_candidates_are_scored_than_allowed(strategy: Strategy) -> None:
    whole = GridSearchTrainer(SMALL, strategy=strategy).fit(TWO_INTO_ONE, *XOR)
    # A coordinate search ends a round at 10, 19 and 28 candidates, and the first start there.
    for most in [1, 2, 9, 10, 11, 19, *range(26, 31), whole.n_scored - 1, whole.n_scored, whole.n_scored + 1]:
        result = GridSearchTrainer(SMALL, strategy=strategy, max_candidates=most).fit(TWO_INTO_ONE, *XOR)
        assert result.n_scored == min(most, whole.n_scored)
        outputs = result.network(XOR[0])
        assert result.score == Accuracy()(XOR[1], outputs)
        if most < whole.n_scored:
            assert result.stop_reason == "max_candidates"
            assert not result.optimal
            assert result.bound == 1.0
        else:
            assert result.stop_reason == "completed"
            assert summary(result) == summary(whole)


@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize("most", [1, 2, 10, 63, 64, 65, 200, 728])
def test_a_limited_joint_search_scores_the_first_candidates_in_order(engine: Any, most: int) -> None:
    X, y = XOR
    result = GridSearchTrainer(SMALL, engine=engine, max_candidates=most, top=2).fit(TWO_INTO_ONE, X, y)
    space = SearchSpace(TWO_INTO_ONE, SMALL)
    scores = [Accuracy()(y, TWO_INTO_ONE.with_parameters(space[k])(X)) for k in range(most)]
    expected = sorted((-score, index) for index, score in enumerate(scores))[:2]
    assert [(-c.score, c.index) for c in result.top] == expected
    assert result.n_scored == most


@pytest.mark.parametrize("strategy", [*STRATEGIES[:3], Zoom(points=30), RandomSample(n=10**5)], ids=repr)
def test_a_time_limit_ends_a_search_with_the_best_so_far(strategy: Strategy) -> None:
    X, y = XOR
    trainer = GridSearchTrainer(
        Grid.linspace(-5, 5, 200), strategy=strategy, engine=Chunked(size=10, naps=True), time_limit=0.05
    )
    result = trainer.fit(TWO_INTO_ONE, X, y)
    assert result.stop_reason == "time_limit"
    assert 0 < result.n_scored < result.n_candidates
    assert result.seconds >= 0.05
    assert not result.optimal
    assert result.score == Accuracy()(y, result.network(X))
    assert own_threads() == []


def test_a_time_limit_that_is_not_met_changes_nothing() -> None:
    limited = GridSearchTrainer(SMALL, time_limit=1e6).fit(TWO_INTO_ONE, *XOR)
    assert summary(limited) == summary(GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, *XOR))
    assert limited.stop_reason == "completed"


@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize("scoring", [Accuracy(), MeanSquaredError()], ids=repr)
def test_a_target_score_ends_the_search_at_the_first_that_reaches_it(engine: Any, scoring: Scoring) -> None:
    X, y = XOR
    grid = Grid([2.0, 0.5, -1.0])
    targets, sign = scoring.check_targets(y, 1), 1.0 if scoring.greater_is_better else -1.0
    space = SearchSpace(TWO_INTO_ONE, grid)
    scores = [call_scoring(scoring, targets, TWO_INTO_ONE.with_parameters(p)(X), None) for p in space]
    records = [k for k, score in enumerate(scores) if all(sign * score > sign * earlier for earlier in scores[:k])]
    before, first = records[-2:]
    assert first > 64  # beyond the first chunk
    target = (scores[before] + scores[first]) / 2.0
    result = GridSearchTrainer(grid, engine=engine, scoring=scoring, target_score=target).fit(TWO_INTO_ONE, X, y)
    assert (result.index, result.score, result.n_scored) == (first, scores[first], first + 1)
    assert result.stop_reason == "target_score"
    assert not result.optimal
    exact = GridSearchTrainer(grid, engine=engine, scoring=scoring, target_score=scores[first]).fit(TWO_INTO_ONE, X, y)
    assert exact.score == scores[first]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_every_strategy_stops_at_a_target_score(strategy: Strategy) -> None:
    result = GridSearchTrainer(SMALL, strategy=strategy, target_score=0.3).fit(TWO_INTO_ONE, *XOR)
    assert result.stop_reason == "target_score"
    assert result.score >= 0.3
    assert result.history[-1].score == result.score
    unreached = GridSearchTrainer(SMALL, strategy=strategy, target_score=1.0).fit(TWO_INTO_ONE, *XOR)
    assert unreached.stop_reason == "completed"
    assert summary(unreached) == summary(GridSearchTrainer(SMALL, strategy=strategy).fit(TWO_INTO_ONE, *XOR))


def test_a_target_beyond_the_last_candidate_is_no_early_stop() -> None:
    best = GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, *XOR)
    network = best.network
    only = GridSearchTrainer(Grid([0.0]), overrides=dict(fixed(network)), target_score=best.score)
    result = only.fit(network, *XOR)
    assert result.optimal
    assert result.gap == 0.0


def fixed(network: Network) -> list[tuple[str, Grid]]:
    return [(n, Grid.fixed(float(v))) for n, v in zip(network.parameter_names, network.parameters, strict=True)]


# Callbacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("scoring", ["accuracy", "log_loss"])
def test_events_tell_a_consistent_story(
    strategy: Strategy, workers: int, scoring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_threads(monkeypatch, workers)
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(
        SMALL, strategy=strategy, scoring=scoring, engine=Chunked(size=20), callbacks=[events.append]
    )
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert (events[0].kind, events[-1].kind) == ("started", "finished")
    sign = 1.0 if scoring == "accuracy" else -1.0
    best_possible = 1.0 if scoring == "accuracy" else 0.0
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(events))
    assert events[-1].seconds <= result.seconds
    starts = [k for k, event in enumerate(events) if event.kind == "started"] + [len(events)]
    settled = 0
    for start, stop in itertools.pairwise(starts):
        stage = events[start:stop]
        assert [event.kind for event in stage] == ["started", *["progressed"] * (len(stage) - 2), "finished"]
        assert len(stage) > 2
        assert len({(event.stage, event.n_candidates) for event in stage}) == 1
        first, last = stage[0], stage[-1]
        assert (first.n_settled, first.best, first.rate, first.estimated_seconds_left) == (0, None, 0.0, math.inf)
        assert (first.share, first.gap, first.bound) == (0.0, math.inf, best_possible)
        assert all(a.n_settled < b.n_settled for a, b in itertools.pairwise(stage[:-1]))
        assert last.n_settled == stage[-2].n_settled == last.n_candidates
        for event in stage[1:]:
            assert event.share == event.n_settled / event.n_candidates
            assert event.rate > 0.0
            left = event.n_candidates - event.n_settled
            assert event.estimated_seconds_left == pytest.approx(left / event.rate)
            assert event.best is not None
            assert event.best.parameters.size == (
                2 if event.stage.startswith("layer0") and isinstance(strategy, LayerWise) else 6
            )
            assert event.gap == abs(event.bound - event.best.score)
            assert event.bound == (event.best.score if left == 0 else best_possible)
        scores = [sign * event.best.score for event in stage[1:] if event.best is not None]
        assert all(a <= b for a, b in itertools.pairwise(scores))
        assert (last.share, last.estimated_seconds_left, last.gap) == (1.0, 0.0, 0.0)
        settled += last.n_settled
    assert settled <= result.n_scored <= settled + 2  # a coordinate search scores its two starts besides


def test_the_events_of_a_joint_search_end_with_its_result() -> None:
    events: list[SearchEvent] = []
    result = GridSearchTrainer(SMALL, callbacks=[events.append]).fit(TWO_INTO_ONE, *XOR)
    last = events[-1]
    assert last.stage == "joint"
    assert last.best is not None
    assert (last.best, last.bound) == (result.top[0], result.bound)
    assert last.n_candidates == result.n_candidates


def test_every_callback_hears_every_event() -> None:
    first: list[SearchEvent] = []
    second: list[SearchEvent] = []

    class Listener:
        """A callback that is an object, and says that the search may go on."""

        def __call__(self, event: SearchEvent, /) -> bool:
            second.append(event)
            return False

    GridSearchTrainer(SMALL, callbacks=(first.append, Listener())).fit(TWO_INTO_ONE, *XOR)
    assert first == second
    assert len(first) > 2


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_callback_that_returns_true_stops_the_search(strategy: Strategy) -> None:
    events: list[SearchEvent] = []

    def stop_at_the_second_piece(event: SearchEvent) -> bool:
        events.append(event)
        return sum(e.kind == "progressed" for e in events) >= 2

    trainer = GridSearchTrainer(
        Grid.linspace(-2, 2, 9), strategy=strategy, engine=Chunked(size=4), callbacks=[stop_at_the_second_piece]
    )
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert result.stop_reason == "callback"
    assert 0 < result.n_scored <= 9
    assert result.score == Accuracy()(XOR[1], result.network(XOR[0]))
    assert not result.optimal
    assert sum(event.kind == "progressed" for event in events) == 2
    assert events[-1].kind == "finished"
    assert own_threads() == []


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_stopping_before_anything_is_scored_gives_a_true_result_or_says_so(strategy: Strategy) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, callbacks=[lambda event: True])
    outcome: SearchResult | MinigridError
    try:
        outcome = trainer.fit(TWO_INTO_ONE, *XOR)
    except MinigridError as error:
        outcome = error
    if isinstance(outcome, MinigridError):
        assert "NaN" not in str(outcome)
    else:
        assert outcome.stop_reason == "callback"
        assert outcome.score == Accuracy()(XOR[1], outcome.network(XOR[0]))
        assert outcome.n_scored > 0


@pytest.mark.parametrize("kind", ["started", "progressed", "finished"])
@pytest.mark.parametrize("error", [KeyError("mine"), KeyboardInterrupt()], ids=repr)
def test_an_exception_in_a_callback_comes_out_and_leaves_no_threads(
    kind: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_threads(monkeypatch, 4)
    seen = 0

    def fail(event: SearchEvent) -> None:
        nonlocal seen
        seen += event.kind == kind
        if seen == (3 if kind == "progressed" else 1):
            raise error

    trainer = GridSearchTrainer(SMALL, engine=Chunked(naps=True), callbacks=[fail])
    with pytest.raises(type(error)) as caught:
        trainer.fit(TWO_INTO_ONE, *XOR)
    assert caught.value is error
    assert own_threads() == []


# A user's errors --------------------------------------------------------------------------------

ONE_WEIGHT = Network.dense([1, 1], activation=Identity())  # its output on ONE is its weight
ONE = ([[1.0]], [0.0])
LONG = Grid.linspace(0.0, 999.0, 1000)


def test_threads_do_the_scoring_when_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, 3)
    engine = Chunked(naps=True)
    result = GridSearchTrainer(LONG, engine=engine, scoring="mean_squared_error").fit(ONE_WEIGHT, *ONE)
    assert len({name for name, _ in engine.calls if name.startswith("minigrid")}) > 1
    assert sum(count for _, count in engine.calls) == result.n_scored == 1000
    assert max(count for _, count in engine.calls) <= 8
    assert own_threads() == []


@pytest.mark.parametrize("scoring", ["accuracy", lambda y_true, outputs: float(outputs[0, 0])])
def test_one_worker_is_the_calling_thread(scoring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minigrid.search.parallel.backend, "n_threads", lambda: 1 if scoring == "accuracy" else 4)
    monkeypatch.setattr(minigrid.search.parallel.chunks, "_CHUNK_SECONDS", 1e-9)
    seen: set[int] = set()
    score = BatchedEngine.score

    def noted(self: BatchedEngine, problem: Problem, digits: IntArray) -> FloatArray:
        seen.add(threading.get_ident())
        return score(self, problem, digits)

    monkeypatch.setattr(BatchedEngine, "score", noted)
    result = GridSearchTrainer(Grid.linspace(-1, 1, 6), scoring=scoring, engine="batched").fit(TWO_INTO_ONE, *XOR)
    assert result.n_scored == 6**6
    assert seen == {threading.get_ident()}


def test_an_error_in_a_scoring_comes_out_of_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, 3)

    def fails_late(y_true: FloatArray, outputs: FloatArray) -> float:
        if outputs[0, 0] == 777.0:
            raise ZeroDivisionError("late")
        return float(outputs[0, 0])

    with pytest.raises(ScoringError, match=r"fails_late.*ZeroDivisionError: late") as caught:
        GridSearchTrainer(LONG, engine=Chunked(), scoring=fails_late).fit(ONE_WEIGHT, *ONE)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert own_threads() == []


@pytest.mark.parametrize("engine", ["batched", "reference"])
def test_an_error_in_an_activation_comes_out_of_its_thread(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minigrid.search.parallel.chunks, "_CHUNK_SECONDS", 1e-9)

    @activation
    def has_a_hole(z: FloatArray) -> FloatArray:
        return np.where(z == 777.0, np.nan, z)

    with pytest.raises(ActivationError, match=r"has_a_hole.*777\.0"):
        GridSearchTrainer(LONG, engine=engine, scoring="mean_squared_error").fit(
            Network.dense([1, 1], activation=has_a_hole), *ONE
        )
    assert own_threads() == []


def test_an_error_in_an_engine_comes_out_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, 2)

    class Failing(Chunked):
        @override
        def score(self, problem: Problem, digits: IntArray) -> FloatArray:
            if (digits == 500).any():
                raise RuntimeError("broken")
            return super().score(problem, digits)

    with pytest.raises(RuntimeError, match=r"^broken$"):
        GridSearchTrainer(LONG, engine=Failing(), scoring="mean_squared_error").fit(ONE_WEIGHT, *ONE)
    assert own_threads() == []


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"grid": [1, 2]}, InvalidTypeError, "grid: expected a Grid, got a list of length 2"),
        ({"bias_grid": 3}, InvalidTypeError, "bias_grid: expected a Grid"),
        ({"strategy": "joined"}, UnknownNameError, "Did you mean 'joint'"),
        ({"strategy": Joint}, InvalidTypeError, "strategy: expected a Strategy, got the class Joint itself"),
        ({"scoring": "acuracy"}, UnknownNameError, "Did you mean 'accuracy'"),
        ({"scoring": 3}, InvalidTypeError, "scoring: expected a Scoring"),
        ({"scoring": Accuracy}, InvalidTypeError, "scoring: expected a Scoring, got the class Accuracy itself"),
        ({"engine": "bached"}, UnknownNameError, "Did you mean 'batched'"),
        ({"engine": None}, InvalidTypeError, "engine: expected an Engine"),
        ({"top": 0}, InvalidValueError, "top: expected a whole number of at least 1"),
        ({"top": 1.0}, InvalidTypeError, "top: expected a whole number"),
        ({"time_limit": 0}, InvalidValueError, "time_limit: expected a number above 0"),
        ({"time_limit": math.inf}, InvalidValueError, "time_limit: expected a finite number"),
        ({"time_limit": "1"}, InvalidTypeError, "time_limit: expected a number"),
        ({"target_score": math.nan}, InvalidValueError, "target_score: expected a finite number"),
        ({"max_candidates": 0}, InvalidValueError, "max_candidates: expected a whole number of at least 1"),
        ({"max_candidates": 1e6}, InvalidTypeError, "max_candidates: expected a whole number"),
        ({"callbacks": print}, InvalidTypeError, "callbacks: expected a sequence of functions"),
        ({"callbacks": [1]}, InvalidTypeError, "callbacks: expected functions"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_argument_that_cannot_be_used_is_named(
    arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        GridSearchTrainer(**{"grid": SMALL, **arguments})


@pytest.mark.parametrize(
    ("X", "y", "options", "kind", "message"),
    [
        ([[1.0]], [0, 1], {}, ShapeError, "y: expected 1 targets, one for each row of X, got 2"),
        ([[1.0, 2.0]], [0], {}, ShapeError, "X: expected 1 feature \\(columns\\), as the network has 1 input, got 2"),
        ([1.0], [0], {}, ShapeError, "X: expected a table"),
        ([[math.nan]], [0], {}, InvalidValueError, "X: expected finite numbers"),
        ([["a"]], [0], {}, InvalidTypeError, "X: expected real numbers"),
        ([[1j]], [0], {}, InvalidTypeError, "X: expected real numbers"),
        ([[1.0]], [2], {}, InvalidValueError, "y: expected the labels 0 and 1, got 2"),
        ([[1.0]], [0], {"sample_weight": [1.0, 2.0]}, ShapeError, "sample_weight: expected 1 weights"),
        ([[1.0]], [0], {"sample_weight": [-1.0]}, InvalidValueError, "sample_weight: expected non-negative"),
        ([], [], {}, ShapeError, "X: expected"),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("method", ["fit", "plan"])
def test_data_that_cannot_be_used_are_named(
    method: str, X: Any, y: Any, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        getattr(GridSearchTrainer(SMALL), method)(ONE_WEIGHT, X, y, **options)


def test_a_network_that_is_none_and_an_override_of_nothing_are_named() -> None:
    with pytest.raises(InvalidTypeError, match="network: expected a Network"):
        GridSearchTrainer(SMALL).fit([2, 1], [[1.0, 2.0]], [0])  # type: ignore[arg-type]  # the point
    with pytest.raises(UnknownNameError, match=r"layer0\.neuron0\.weight0"):
        GridSearchTrainer(SMALL, overrides={"layer0.neuron0.weight1": SMALL}).fit(ONE_WEIGHT, *ONE)


# Plans ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_plan_counts_what_a_fit_does(strategy: Strategy) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, engine="batched")
    plan, result = trainer.plan(TWO_INTO_ONE, *XOR), trainer.fit(TWO_INTO_ONE, *XOR)
    assert plan.n_candidates == result.n_candidates == 729
    assert plan.n_to_score >= result.n_scored
    assert (plan.strategy, plan.engine, plan.engine_reason) == (result.strategy, result.engine, result.engine_reason)
    assert 0.0 < plan.least_seconds <= plan.seconds < math.inf
    assert plan.memory > 0
    assert sum(count for _, count, _ in plan.stages) == plan.n_to_score
    assert sum(seconds for _, _, seconds in plan.stages) == pytest.approx(plan.seconds)
    assert plan.strategy in str(plan)
    assert "729" in str(plan)


def test_a_plan_grows_with_the_space() -> None:
    X, y = lesson(200, seed=0)
    network = Network.dense([3, 1])
    small = GridSearchTrainer(Grid.linspace(-1, 1, 10), engine="batched").plan(network, X, y)
    large = GridSearchTrainer(Grid.linspace(-1, 1, 1000), engine="batched").plan(network, X, y)
    assert (small.n_to_score, large.n_to_score) == (10**3, 10**9)
    assert large.seconds > 100 * small.seconds
    assert small.engine_reason


def test_a_plan_can_be_read() -> None:
    plan = GridSearchTrainer(SMALL, engine="batched").plan(TWO_INTO_ONE, *XOR)
    frozen = dataclasses.replace(plan, seconds=2.5, least_seconds=2.5, memory=3 * 2**20, stages=(("joint", 729, 2.5),))
    assert str(frozen) == "\n".join(
        [
            "candidates  729",
            "to score    729",
            "strategy    Joint()",
            "engine      batched: asked for",
            "expected    2.5 s, at most 3 MiB",
        ]
    )
    stages = (("layer0", 10**6, 3600.0 * 50), ("layer1", 10**20, 86400.0 * 366 * 9))
    longer = dataclasses.replace(frozen, n_to_score=10**20 + 10**6, seconds=3.2e8, least_seconds=200.0, stages=stages)
    assert str(longer).splitlines()[-3:] == [
        "expected    from 3.33 min to 10.1 years, as it turns out, at most 3 MiB",
        "  layer0    1,000,000 in 2.08 days",
        "  layer1    10^20 in 9.02 years",
    ]
    assert "to score    at most about 1.0 x 10^20" in str(longer)
    limited = str(dataclasses.replace(frozen, time_limit=0.5))
    assert "expected    2.5 s, if the time limit of 0.5 s did not end it, at most 3 MiB" in limited
    assert str(dataclasses.replace(frozen, time_limit=60.0)) == str(frozen)
    rough = str(dataclasses.replace(frozen, is_rough=True))
    assert "to score    at most 729" in rough
    assert "expected    very roughly 2 s (how long a proof takes shows only on the way), at most 3 MiB" in rough


def test_a_plan_is_rough_where_a_proof_is_not_over_in_a_second() -> None:
    X, y = lesson(1000, seed=0)
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 100))
    assert trainer.plan(Network.dense([3, 5, 1], bias=True), X, y).is_rough
    assert not trainer.plan(Network.dense([3, 1]), X, y).is_rough


def test_a_plan_scores_nothing_for_good() -> None:
    """What a plan times must not reach the callbacks, nor heed a fit's limits."""
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(SMALL, callbacks=[events.append], max_candidates=1, target_score=0.0, time_limit=1e-6)
    plan = trainer.plan(TWO_INTO_ONE, *XOR)
    assert plan.n_to_score == 729
    assert events == []


def test_a_plan_bears_scores_that_are_all_nan() -> None:
    trainer = GridSearchTrainer(SMALL, scoring=lambda y, outputs: math.nan)
    assert 0.0 < trainer.plan(TWO_INTO_ONE, *XOR).seconds < math.inf


@activation
def cosine(z: FloatArray) -> FloatArray:
    return 0.5 + 0.5 * np.cos(z)


class Case:
    """A network and data for a look at memory."""

    def __init__(
        self,
        network: Network,
        n_values: int,
        n_samples: int,
        scoring: Scoring,
        y: Callable[[Any, int], Any] | None = None,
    ) -> None:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(n_samples, network.n_inputs))
        targets = rng.integers(0, max(2, network.n_outputs), n_samples) if y is None else y(rng, n_samples)
        space = SearchSpace(network, Grid(rng.normal(size=n_values)))
        self.problem = Problem.create(network, space, X, targets, scoring)


WIRED = Network([Layer([Neuron([0.0, 0.0], 0.0), Neuron([0.0], None, Tanh(), [1])]), Layer([Neuron([0.0, 0.0])])])
CASES = {
    "swept": Case(Network.dense([3, 1]), 30, 300, Accuracy()),
    "swept with many samples": Case(Network.dense([2, 1]), 40, 20_000, Accuracy()),
    "log loss": Case(Network.dense([3, 1], bias=True), 12, 300, LogLoss()),
    "one weight": Case(Network.dense([1, 1]), 3000, 200, LogLoss()),
    "hidden": Case(Network.dense([2, 2, 1], activation=Tanh()), 6, 400, MeanSquaredError()),
    "hidden and swept": Case(Network.dense([2, 2, 1], activation=Tanh()), 7, 100, Accuracy()),
    "deep": Case(Network.dense([1, 2, 2, 1], activation=Step()), 4, 50, Accuracy()),
    "several outputs": Case(Network.dense([2, 3]), 6, 100, Accuracy()),
    "wired": Case(WIRED, 7, 150, LogLoss()),
    "several outputs and many samples": Case(Network.dense([2, 3]), 5, 20_000, LogLoss()),
    "many outputs": Case(Network.dense([3, 64]), 3, 200, Hinge()),
    "an activation of many steps": Case(Network.dense([2, 1], activation=GELU()), 12, 20_000, LogLoss()),
    "hidden and swept with many samples": Case(Network.dense([2, 2, 1]), 6, 20_000, Accuracy()),
    "own activation": Case(Network.dense([2, 1], activation=cosine), 12, 500, FunctionScoring(median_error)),
    "own scoring": Case(Network.dense([2, 1]), 40, 100, FunctionScoring(median_error)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("engine", [BatchedEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
def test_the_memory_estimate_is_above_the_peak_of_a_real_call(engine: Engine, name: str) -> None:
    problem = CASES[name].problem
    most = min(engine.chunk_size(problem), problem.space.size, 20_000 if engine.name == "batched" else 100)
    for count in (1, most // 3 + 1, most):
        digits = problem.space.digits(range(count))
        engine.score(problem, digits[:2])  # what is made once does not count
        tracemalloc.start()
        try:
            engine.score(problem, digits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak <= engine.memory(problem, count) + 2**16
    assert engine.memory(problem, most) <= 200 * peak


@pytest.mark.parametrize(
    ("sizes", "n_values", "n_samples", "least"),
    [([3, 64], 10, 1000, 100), ([2, 64], 10, 20_000, 10), ([3, 1], 100, 1_100_000, 1000), ([2, 2, 1], 50, 10**6, 50)],
)
def test_chunks_are_whole_runs_and_their_memory_is_bounded(
    sizes: list[int], n_values: int, n_samples: int, least: int
) -> None:
    network = Network.dense(sizes)
    X, y = np.zeros((n_samples, sizes[0])), np.zeros(n_samples)
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-1, 1, n_values)), X, y, Accuracy())
    chunk = BatchedEngine().chunk_size(problem)
    assert chunk >= least
    assert chunk % n_values == 0
    assert BatchedEngine().memory(problem, chunk) < 2**29


@pytest.mark.parametrize("engine", [BatchedEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
@pytest.mark.parametrize("n_values", [2, 100, 10_000, 4_000_000])
@pytest.mark.parametrize("n_inputs", [1, 2])
def test_the_memory_of_a_chunk_does_not_grow_with_the_grid(engine: Engine, n_values: int, n_inputs: int) -> None:
    network = Network.dense([n_inputs, 1])
    space = SearchSpace(network, Grid.linspace(-1, 1, n_values))
    problem = Problem.create(network, space, np.ones((3, n_inputs)), [0, 1, 0], Accuracy())
    assert engine.chunk_size(problem) >= 1
    assert engine.memory(problem, min(engine.chunk_size(problem), space.size)) <= 2**27


# Spaces beyond all machine numbers --------------------------------------------------------------

RNG = np.random.default_rng(9)
WIDE = (RNG.normal(size=(20, 99)), RNG.integers(0, 2, 20))
WIDE_NETWORK = Network.dense([99, 1], bias=True)
TEN = Grid.linspace(-1, 1, 10)


@pytest.mark.parametrize("engine", ["batched", "reference"])
def test_a_huge_space_is_planned(engine: Any) -> None:
    plan = GridSearchTrainer(TEN, engine=engine).plan(WIDE_NETWORK, *WIDE)
    assert plan.n_candidates == plan.n_to_score == 10**100
    assert 1e80 < plan.seconds < math.inf
    assert 0 < plan.memory < 2**30
    assert "10^100" in str(plan)
    assert "years" in str(plan)


def test_a_space_beyond_all_floats_is_planned_and_printed() -> None:
    network = Network.dense([500, 1])
    X = np.random.default_rng(0).normal(size=(4, 500))
    plan = GridSearchTrainer(TEN, engine="batched").plan(network, X, [0, 1, 1, 0])
    assert plan.seconds == plan.least_seconds == math.inf
    assert "10^500" in str(plan)
    result = GridSearchTrainer(TEN, engine="batched", max_candidates=50).fit(network, X, [0, 1, 1, 0])
    assert "10^500" in str(result)


def test_an_index_of_thousands_of_digits_can_be_printed() -> None:
    network = Network.dense([5000, 1])
    X = np.random.default_rng(0).normal(size=(4, 5000))
    result = GridSearchTrainer(TEN, strategy=RandomSample(n=3)).fit(network, X, [0, 1, 1, 0])
    assert result.index is not None
    assert result.index > 10**4400
    assert SearchSpace(network, TEN)[result.index].tolist() == result.parameters.tolist()
    assert "10^5000" in str(result)
    for value in (result, result.top[0], result.history[0]):
        assert repr(value)


def test_a_hopeless_search_is_refused_with_numbers_and_ways_out() -> None:
    with pytest.raises(HopelessSearchError) as caught:
        GridSearchTrainer(TEN, engine="batched").fit(WIDE_NETWORK, *WIDE)
    assert isinstance(caught.value, RuntimeError)
    said = str(caught.value)
    for part in ("10^100", "10 x 10 x", "years", "batched", "max_candidates=", "time_limit=", "layerwise", "random"):
        assert part in said
    with pytest.raises(HopelessSearchError, match="years"):
        GridSearchTrainer(TEN, engine="reference", target_score=1.0).fit(WIDE_NETWORK, *WIDE)
    X = np.random.default_rng(0).normal(size=(4, 500))
    with pytest.raises(HopelessSearchError, match=r"10\^500"):
        GridSearchTrainer(TEN, engine="batched").fit(Network.dense([500, 1]), X, [0, 1, 1, 0])


def test_no_estimate_of_a_hopeless_proof_outlasts_the_time_limit() -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    network = Network.dense([2, 30, 10, 1])  # 10^740 combinations: walks down their boxes have thousands of steps
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100), time_limit=0.1, callbacks=[lambda event: None])
    result = trainer.fit(network, X, X.sum(axis=1) > 0.0)
    assert result.stop_reason == "time_limit"
    assert result.seconds < 5.0


@pytest.mark.parametrize("strategy", ["joint", "layerwise", "coordinate", "zoom", "random"])
def test_a_huge_space_is_searched_within_a_limit(strategy: Any) -> None:
    trainer = GridSearchTrainer(TEN, strategy=strategy, engine="batched", max_candidates=200, top=3)
    result = trainer.fit(WIDE_NETWORK, *WIDE)
    assert (result.n_scored, result.n_candidates, result.stop_reason) == (200, 10**100, "max_candidates")
    assert result.score == Accuracy()(WIDE[1], result.network(WIDE[0]))
    assert not result.optimal
    if result.index is not None:
        assert SearchSpace(WIDE_NETWORK, TEN)[result.index].tolist() == result.parameters.tolist()
    assert "10^100: 200 scored" in str(result)


def test_a_huge_space_is_not_hopeless_with_a_time_limit() -> None:
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(TEN, engine="batched", time_limit=0.05, callbacks=[events.append])
    result = trainer.fit(WIDE_NETWORK, *WIDE)
    assert result.stop_reason == "time_limit"
    assert result.n_scored > 0
    assert all(0.0 <= event.share < 1e-80 for event in events)
    assert events[-1].estimated_seconds_left > 1e80


def test_a_search_that_many_stages_make_small_is_not_hopeless() -> None:
    X, y = XOR
    network, grid = Network.dense([2, 2, 1]), Grid.linspace(-10, 10, 100)  # 10^12 at once, 3 * 10^4 in turn
    result = GridSearchTrainer(grid, strategy="layerwise").fit(network, X, y)
    assert (result.n_candidates, result.n_scored) == (10**12, 3 * 10**4)


# Results ----------------------------------------------------------------------------------------


@pytest.fixture
def result() -> SearchResult:
    network = Network.dense([2, 1], bias=True)
    trainer = GridSearchTrainer(Grid([-1.0, 0.25, 1.0]), engine="batched", top=3)
    return trainer.fit(network, [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1, 0, 0])


def test_a_result_prints_as_a_table(result: SearchResult) -> None:
    assert str(dataclasses.replace(result, seconds=1.25)) == "\n".join(
        [
            "score                   1, proven best of the grid",
            "layer0.neuron0.weight0  -1",
            "layer0.neuron0.weight1  0.25",
            "layer0.neuron0.bias     0.25",
            "index                   4",
            "best 2                  0.6666666667: -1, -1, -1 (index 0)",
            "best 3                  0.6666666667: -1, -1, 0.25 (index 1)",
            "scoring                 Accuracy(), more is better",
            "candidates              27: 27 scored",
            "search                  Joint() on the batched engine",
            "stopped                 completed",
            "seconds                 1.250",
        ]
    )


def test_a_result_says_how_sure_it_is(result: SearchResult) -> None:
    def first_line(**changes: Any) -> str:
        return str(dataclasses.replace(result, **changes)).splitlines()[0]

    assert first_line().endswith("  1, proven best of the grid")
    unsure: dict[str, Any] = {"optimal": False, "score": 0.75}
    assert first_line(**unsure).endswith("  0.75, not proven best (no score can be above 1: a gap of 0.25)")
    loss = first_line(**unsure, greater_is_better=False, bound=0.5)
    assert loss.endswith("  0.75, not proven best (no score can be below 0.5: a gap of 0.25)")
    assert first_line(**unsure, bound=math.inf).endswith("  0.75, not proven best")
    assert first_line(optimal=False).split("1", 1)[1].startswith(", as good as any score can be")
    other = str(dataclasses.replace(result, index=None, n_scored=20, n_pruned=7))
    assert "index                   none (not a point of the grid)" in other
    assert "candidates              27: 20 scored, 7 pruned" in other


def test_of_many_best_the_first_are_printed() -> None:
    X, y = minigrid.datasets.sum_threshold(50, 2, 1.0)
    options: Any = {"scoring": "log_loss", "top": 12}
    result = GridSearchTrainer(Grid.linspace(-2.0, 2.0, 4), **options).fit(Network.dense([2, 2, 2], bias=True), X, y)
    lines = str(result).splitlines()
    shown = [line for line in lines if line.startswith("best ")]
    assert [line.split()[1] for line in shown] == ["2", "3", "4", "5", "6", "7", "8"]
    assert all(", ..." in line and f"(index {result.top[k].index:,})" in line for k, line in enumerate(shown, start=1))
    assert lines[lines.index(shown[-1]) + 1].strip() == "and 4 more in result.top"
    assert any(line.startswith("scoring") and line.endswith("), less is better") for line in lines)


def test_a_value_that_stands_twice_is_tried_twice() -> None:
    options: Any = {"scoring": "log_loss", "top": 4}
    result = GridSearchTrainer(Grid([0.5, 1.0, 1.0]), **options).fit(Network.dense([1, 1]), [[1.0], [2.0]], [1, 1])
    assert [candidate.index for candidate in result.top] == [1, 2, 0]
    assert result.top[0].parameters == result.top[1].parameters
    assert (result.n_candidates, result.index) == (3, 1)


def test_log_loss_takes_what_is_no_probability_for_the_nearest_that_is() -> None:
    y = np.array([1.0, 0.0])
    assert minigrid.LogLoss()(y, [[7.0], [-3.0]]) == minigrid.LogLoss()(y, [[1.0], [0.0]])
    assert minigrid.LogLoss()(y, [[-7.0], [3.0]]) == minigrid.LogLoss()(y, [[0.0], [1.0]])


def test_the_first_so_many_are_told_apart_from_some_of_all() -> None:
    assert "RandomSample(n)" in str(GridSearchTrainer.__doc__)
    slow = Network.dense([3, 3, 1], activation=minigrid.FunctionActivation(np.sin), bias=True)
    trainer = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 50), engine="batched")
    with pytest.raises(
        minigrid.HopelessSearchError, match=r"for the first so many\).*RandomSample\(n\) takes n from ever"
    ):
        trainer.fit(slow, *minigrid.datasets.sum_threshold(20, 3, 1.5))


def test_a_result_has_a_short_form(result: SearchResult) -> None:
    assert repr(dataclasses.replace(result, seconds=0.125)) == (
        "<SearchResult score=1, index=4, optimal=True, 27 of 27 scored, 0.125 s>"
    )
    assert "index" not in repr(dataclasses.replace(result, index=None))


def test_results_are_equal_by_value(result: SearchResult) -> None:
    twin = dataclasses.replace(result, parameters=result.parameters.copy())
    assert twin == result
    assert hash(twin) == hash(result)
    assert result != dataclasses.replace(result, seconds=result.seconds + 1.0)
    assert result != dataclasses.replace(result, parameters=result.parameters + 1.0)
    assert result != dataclasses.replace(result, top=result.top[:1])
    assert result != "a result"
    assert result.top[0] == Candidate(result.index, result.parameters.copy(), result.score)
    assert result.top[0] != Candidate(None, result.parameters, result.score)
    assert result.top[0] != result.top[1]


def test_a_result_survives_pickling(result: SearchResult) -> None:
    twin = pickle.loads(pickle.dumps(result))
    assert twin == result
    assert str(twin) == str(result)
    assert not twin.parameters.flags.writeable
    assert not twin.top[0].parameters.flags.writeable


def test_a_result_is_immutable(result: SearchResult) -> None:
    for name in ("score", "parameters", "index", "optimal"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, name, 0)
    for array in (result.parameters, result.top[0].parameters, result.network[0][0].weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    own = np.array([1.0, 2.0, 3.0])
    changed = dataclasses.replace(result, parameters=own)
    candidate = Candidate(0, own, 1.0)
    own[0] = 9.0
    assert changed.parameters[0] == candidate.parameters[0] == 1.0


def test_a_false_proof_cannot_be_written_down(result: SearchResult) -> None:
    with pytest.raises(AssertionError, match="every candidate"):
        dataclasses.replace(result, n_scored=26)
    assert dataclasses.replace(result, n_scored=20, n_pruned=7).optimal


def test_the_gap_is_the_way_to_the_bound(result: SearchResult) -> None:
    assert result.gap == 0.0
    assert dataclasses.replace(result, optimal=False, score=0.25).gap == 0.75
    assert dataclasses.replace(result, optimal=False, score=3.0, bound=0.5).gap == 2.5
    assert dataclasses.replace(result, optimal=False, bound=math.inf).gap == math.inf


def test_the_gap_of_a_proven_infinite_loss_is_zero() -> None:
    result = GridSearchTrainer(Grid([1.0, 2.0]), scoring="mean_squared_error").fit(ONE_WEIGHT, [[1e300]], [0.0])
    assert (result.score, result.optimal) == (math.inf, True)
    assert result.gap == 0.0
    assert "proven best" in str(result)


def test_the_history_leads_up_to_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, 3)
    trainer = GridSearchTrainer(LONG, scoring="mean_squared_error", engine=Chunked(naps=True))
    result = trainer.fit(ONE_WEIGHT, [[1.0]], [640.0])
    assert len(result.history) >= 2
    for a, b in itertools.pairwise(result.history):
        assert b.score < a.score
        assert b.n_scored > a.n_scored
        assert b.seconds >= a.seconds
    last = result.history[-1]
    assert last == Improvement(last.seconds, last.n_scored, result.score, result.index)
    assert last.n_scored <= result.n_scored
    assert last.seconds <= result.seconds
    for moment in result.history:
        assert moment.index is not None
        assert moment.score == (moment.index - 640.0) ** 2
        assert moment.index < moment.n_scored


# Answers that never depend on how ---------------------------------------------------------------

HELD = {"layer0.neuron0.weight1": Grid.fixed(1.5), "layer1.neuron0.weight0": Grid.fixed(-2.0)}  # leaves 81 candidates
LIMITS: list[dict[str, Any]] = [{}, {"top": 7}, {"max_candidates": 35}, {"target_score": 0.55}]


@pytest.mark.parametrize("limits", LIMITS, ids=repr)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_chunks_and_threads_do_not_show_in_a_result(
    strategy: Strategy, limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(engine: Engine | str) -> tuple[object, ...]:
        trainer = GridSearchTrainer(SMALL, overrides=HELD, strategy=strategy, engine=engine, **limits)  # type: ignore[arg-type]  # any name
        return summary(trainer.fit(TWO_INTO_ONE, *XOR))

    expected = search("batched")
    assert search("reference") == expected
    for workers, size in [(1, 50), (2, 7), (7, 3)]:
        use_threads(monkeypatch, workers)
        assert search(Chunked(size, naps=True)) == expected
    for seconds in (0.0, 1e-5, 1e3):
        monkeypatch.setattr(minigrid.search.parallel.chunks, "_CHUNK_SECONDS", seconds)
        assert search("batched") == expected


def test_the_number_of_processors_need_not_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = summary(GridSearchTrainer(SMALL, engine=Chunked()).fit(TWO_INTO_ONE, *XOR))
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert summary(GridSearchTrainer(SMALL, engine=Chunked()).fit(TWO_INTO_ONE, *XOR)) == expected
    assert GridSearchTrainer(SMALL).plan(TWO_INTO_ONE, *XOR).memory > 0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_all_nan_is_an_error(strategy: Strategy) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, scoring=lambda y, outputs: math.nan)
    with pytest.raises(NoScoreError, match="NaN") as caught:
        trainer.fit(TWO_INTO_ONE, *XOR)
    assert isinstance(caught.value, ArithmeticError)


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "mean_squared_error", "log_loss", "hinge"])
@pytest.mark.parametrize("engine", ["batched", "reference"])
def test_all_sums_overflowing_to_nan_is_an_error(scoring: Any, engine: Any) -> None:
    overrides = {"layer0.neuron0.weight0": Grid([1e200, 2e200]), "layer0.neuron0.weight1": Grid([-1e200, -2e200])}
    trainer = GridSearchTrainer(Grid([0.0]), overrides=overrides, scoring=scoring, engine=engine)
    with pytest.raises(NoScoreError, match="overflow"):
        trainer.fit(Network.dense([2, 1], activation=Identity()), [[1e200, 1e200], [1.0, 1.0]], [0, 1])


@pytest.mark.parametrize("greater_is_better", [True, False])
@pytest.mark.parametrize("workers", [1, 3])
def test_nan_never_wins(greater_is_better: bool, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, workers)

    def only_every_seventh(y_true: FloatArray, outputs: FloatArray) -> float:
        value = float(outputs[0, 0])
        return value if value % 7 == 3 else math.nan

    scoring = FunctionScoring(only_every_seventh, greater_is_better=greater_is_better)
    result = GridSearchTrainer(LONG, scoring=scoring, engine=Chunked(), top=500).fit(ONE_WEIGHT, *ONE)
    valid = [float(k) for k in range(1000) if k % 7 == 3]
    assert [c.score for c in result.top] == (valid[::-1] if greater_is_better else valid)
    assert result.optimal
    assert result.n_scored == 1000


def test_sample_weights_decide() -> None:
    X, y = [[1.0], [1.0], [1.0]], [0, 1, 1]
    network = Network.dense([1, 1], activation=Step())
    trainer = GridSearchTrainer(Grid([1.0, -1.0]))
    assert trainer.fit(network, X, y).parameters.tolist() == [1.0]
    weighted = trainer.fit(network, X, y, sample_weight=[3.0, 1.0, 1.0])
    assert weighted.parameters.tolist() == [-1.0]
    assert weighted.score == 0.6
    assert trainer.fit(network, X, y, sample_weight=[0.0, 1.0, 1.0]).score == 1.0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("scoring", [Accuracy(), LogLoss()], ids=repr)
def test_weights_of_one_are_no_weights(strategy: Strategy, scoring: Scoring) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, scoring=scoring)
    weighted = trainer.fit(TWO_INTO_ONE, *XOR, sample_weight=np.ones(40))
    assert weighted.index == trainer.fit(TWO_INTO_ONE, *XOR).index


def test_biases_have_their_own_grid_and_parameters_their_overrides() -> None:
    network = Network.dense([2, 1], bias=True)
    overrides = {"layer0.neuron0.weight1": Grid.fixed(7.0)}
    trainer = GridSearchTrainer(Grid([1.0, 2.0]), bias_grid=Grid([-3.0, -5.0, -4.0]), overrides=overrides, top=100)
    result = trainer.fit(network, [[0.0, 1.0], [1.0, 0.0]], [1, 0])
    assert result.n_candidates == 2 * 1 * 3
    assert sorted(c.parameters.tolist() for c in result.top) == [
        [w, 7.0, b] for w in (1.0, 2.0) for b in (-5.0, -4.0, -3.0)
    ]


def test_pandas_tables_are_taken_like_arrays() -> None:
    X, y = lesson(60, seed=4)
    weights = np.random.default_rng(4).random(60)
    index = np.arange(60)[::-1] * 3
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=index)
    series, weight = pd.Series(y, index=index), pd.Series(weights, index=index)
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), top=4)
    network = Network.dense([3, 1])
    expected = summary(trainer.fit(network, X, y, sample_weight=weights))
    assert summary(trainer.fit(network, frame, series, sample_weight=weight)) == expected
    assert summary(trainer.fit(network, frame, series == 1, sample_weight=weight)) == expected
    assert summary(trainer.fit(network, frame, series.astype("Int64"), sample_weight=weight)) == expected
    assert summary(trainer.fit(network, frame, pd.DataFrame({"y": series}), sample_weight=weight)) == expected
    with pytest.raises(InvalidTypeError, match="X: expected real numbers"):
        trainer.fit(network, frame.assign(c="text"), series)
    with pytest.raises(MinigridError, match="y: expected"):
        trainer.fit(network, frame, series.astype("Int64").where(series == 1))


def test_numbers_of_any_kind_and_layout_are_taken() -> None:
    X, y = lesson(40, seed=5)
    X = np.round(X * 8) / 8  # exact in half precision
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), scoring="log_loss", top=3)
    network = Network.dense([3, 1])
    expected = summary(trainer.fit(network, X, y))
    kinds: list[tuple[Any, Any]] = [
        (X.tolist(), y.tolist()),
        (tuple(map(tuple, X.tolist())), tuple(y.tolist())),
        (np.asfortranarray(X), y.astype(np.int8)),
        (np.repeat(X, 2, axis=1)[:, ::2], np.repeat(y, 2)[::2]),
        (X.astype(np.float16), y.astype(bool)),
        (X.astype(">f8"), y.astype(np.uint64)),
        (X.astype(np.longdouble), y.astype(np.float32)),
        (X, y.reshape(-1, 1)),
    ]
    for data, labels in kinds:
        assert summary(trainer.fit(network, data, labels)) == expected
    halves, exact = (X * 8).astype(np.int64), Grid.linspace(-2, 2, 5).values / 8
    assert GridSearchTrainer(Grid(exact), scoring="log_loss").fit(network, halves, y).score.hex() == expected[1]


def test_an_engine_of_a_users_own_is_used_and_named() -> None:
    @final
    class Backwards(Scorer):
        """Scores the last candidate first."""

        name = "backwards"

        @override
        def score(self, problem: Problem, digits: IntArray) -> FloatArray:
            return ReferenceEngine().score(problem, digits[::-1])[::-1]

        @override
        def chunk_size(self, problem: Problem) -> int:
            return 100

        @override
        def memory(self, problem: Problem, n_candidates: int) -> int:
            return 12345

    trainer = GridSearchTrainer(SMALL, engine=Backwards(), top=5)
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert summary(result) == summary(GridSearchTrainer(SMALL, top=5).fit(TWO_INTO_ONE, *XOR))
    assert (result.engine, result.engine_reason) == ("backwards", "asked for")
    assert "on the backwards engine" in str(result)
    plan = trainer.plan(TWO_INTO_ONE, *XOR)
    assert (plan.engine, plan.memory % 12345) == ("backwards", 0)


def test_the_engine_is_told_with_its_reason() -> None:
    assert GridSearchTrainer(SMALL, engine="reference").fit(ONE_WEIGHT, *ONE).engine_reason == "asked for"
    auto = GridSearchTrainer(SMALL).fit(ONE_WEIGHT, *ONE)
    assert auto.engine != "auto"
    assert auto.engine_reason != "asked for"


# Nothing outside is changed ---------------------------------------------------------------------


def global_state() -> str:
    return repr(np.random.get_state()[1].tolist())  # type: ignore[index]  # noqa: NPY002  # it is to be left alone


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("engine", ["batched", "reference"])
def test_a_fit_changes_nothing_it_was_given(strategy: Strategy, engine: Any) -> None:
    X, y, weights = XOR[0].copy(), XOR[1].copy(), np.random.default_rng(2).random(40)
    values = np.array([-1.0, 0.5])
    overrides = {"layer1.neuron0.weight1": Grid(values)}
    callbacks: list[Any] = [lambda event: None]
    network = Network.dense([2, 2, 1], activation=Tanh()).with_parameters([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    trainer = GridSearchTrainer(
        Grid(values), strategy=strategy, engine=engine, overrides=overrides, callbacks=callbacks
    )

    def state() -> object:
        arrays = [X, y, weights, values, network.parameters]
        flags = [array.flags.writeable for array in arrays]
        inside = {name: value for name, value in vars(trainer).items() if name != "_engine"}
        return repr([a.tobytes() for a in arrays]), flags, repr(inside), repr(overrides), repr(callbacks)

    before = state()
    np_state, py_state, errors = global_state(), random.getstate(), np.geterr()
    first = trainer.fit(network, X, y, sample_weight=weights)
    trainer.plan(network, X, y, sample_weight=weights)
    assert state() == before
    assert global_state() == np_state
    assert random.getstate() == py_state
    assert np.geterr() == errors
    assert network.parameters.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    # Nor does a fit leave anything behind for the next one.
    trainer.fit(TWO_INTO_ONE, X[:, ::-1], 1 - y)
    assert summary(trainer.fit(network, X, y, sample_weight=weights)) == summary(first)


def test_read_only_data_are_enough() -> None:
    X, y = XOR[0].copy(), XOR[1].copy()
    X.flags.writeable = y.flags.writeable = False
    assert summary(GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, X, y)) == summary(
        GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, *XOR)
    )


def test_what_is_changed_after_it_was_given_does_not_reach_the_trainer() -> None:
    overrides = {"layer0.neuron0.weight0": Grid.fixed(0.5)}
    heard: list[SearchEvent] = []
    callbacks: list[Any] = []
    trainer = GridSearchTrainer(SMALL, overrides=overrides, callbacks=callbacks)
    overrides.clear()
    callbacks.append(heard.append)
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert result.parameters[0] == 0.5
    assert heard == []


def test_the_networks_own_weights_do_not_matter() -> None:
    other = TWO_INTO_ONE.with_parameters([9.0, -9.0, 1e300, 0.0, -1e300, 7.0])
    for strategy in STRATEGIES:
        trainer = GridSearchTrainer(SMALL, strategy=strategy)
        assert summary(trainer.fit(other, *XOR)) == summary(trainer.fit(TWO_INTO_ONE, *XOR))
        assert trainer.plan(other, *XOR).n_to_score == trainer.plan(TWO_INTO_ONE, *XOR).n_to_score


def test_a_trainer_shows_what_it_does() -> None:
    trainer = GridSearchTrainer(SMALL, strategy="coordinate", scoring="log_loss")
    assert repr(trainer).startswith("GridSearchTrainer(Grid([-1.0, 0.5, 2.0]), strategy=Coordinate(")
    assert "scoring=LogLoss(" in repr(trainer)
    assert "engine" not in repr(trainer)
    assert "engine='reference'" in repr(GridSearchTrainer(SMALL, engine="reference"))
    assert "engine=Chunked()" in repr(GridSearchTrainer(SMALL, engine=Chunked()))


def test_strings_name_the_defaults() -> None:
    for name, strategy in [
        ("joint", Joint()),
        ("layerwise", LayerWise()),
        ("zoom", Zoom()),
        ("random", RandomSample()),
    ]:
        trainer = GridSearchTrainer(SMALL, strategy=name)  # type: ignore[arg-type]  # a plain str
        assert trainer.fit(ONE_WEIGHT, *ONE).strategy == repr(strategy)


def test_an_activation_that_is_not_hashable_is_no_obstacle() -> None:
    class Own(Activation):
        __hash__ = None  # type: ignore[assignment]  # the point

        @override
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        @override
        def __call__(self, z: FloatArray, /) -> FloatArray:
            return np.tanh(z)

    network = Network.dense([2, 2, 1], activation=Own(), output_activation=Sigmoid())
    for strategy in STRATEGIES:
        trainer = GridSearchTrainer(SMALL, strategy=strategy)
        assert trainer.fit(network, *XOR).index == trainer.fit(TWO_INTO_ONE, *XOR).index


def columns(values: Sequence[float]) -> FloatArray:
    return np.array(values).reshape(-1, 1)


def test_several_outputs_and_real_targets_of_several_columns() -> None:
    X = columns([-1.0, 0.0, 1.0])
    labels = GridSearchTrainer(Grid([-2.0, 0.0, 2.0])).fit(Network.dense([1, 3], bias=True), X, [0, 1, 2])
    assert labels.score == 1.0
    assert labels.network.predict(X).tolist() == [0, 1, 2]
    Y = np.hstack([2.0 * X, -2.0 * X + 2.0])
    network = Network.dense([1, 2], activation=Identity(), bias=True)
    real = GridSearchTrainer(Grid([-2.0, 0.0, 2.0]), scoring="mean_squared_error").fit(network, X, Y)
    assert real.parameters.tolist() == [2.0, 0.0, -2.0, 2.0]
    assert (real.score, real.bound) == (0.0, 0.0)
