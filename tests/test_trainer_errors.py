"""Errors in custom code are raised unchanged, and errors name arguments that cannot be used."""

import math
import threading
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Accuracy,
    ActivationError,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    Network,
    ScoringError,
    ShapeError,
    UnknownNameError,
    activation,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from tests.fits import LONG, ONE, ONE_WEIGHT, SMALL, TWO_INTO_ONE, XOR, Chunked, own_threads, use_threads
from tests.pacing import paced


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
    use_threads(monkeypatch, 1 if scoring == "accuracy" else 4)
    seen: set[int] = set()
    score = BatchedEngine.score

    def noted(self: BatchedEngine, problem: Problem, digits: IntArray) -> FloatArray:
        seen.add(threading.get_ident())
        return score(self, problem, digits)

    monkeypatch.setattr(BatchedEngine, "score", noted)
    trainer = paced(GridSearchTrainer(Grid.linspace(-1, 1, 6), scoring=scoring, engine="batched"), chunk=1e-9)
    result = trainer.fit(TWO_INTO_ONE, *XOR)
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
def test_an_error_in_an_activation_comes_out_of_its_thread(engine: Any) -> None:
    @activation
    def has_a_hole(z: FloatArray) -> FloatArray:
        return np.where(z == 777.0, np.nan, z)

    trainer = paced(GridSearchTrainer(LONG, engine=engine, scoring="mean_squared_error"), chunk=1e-9)
    with pytest.raises(ActivationError, match=r"has_a_hole.*777\.0"):
        trainer.fit(Network.dense([1, 1], activation=has_a_hole), *ONE)
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
        ({"time_limit": -math.inf}, InvalidValueError, "time_limit: expected a finite number"),
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
