"""The trainer's answer is that of the plain loop, however it is computed, and nothing outside is changed."""

import math
import os
import random
from collections.abc import Sequence
from typing import Any, final

import numpy as np
import pandas as pd
import pytest
from typing_extensions import override

from minigrid import (
    Accuracy,
    Activation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    Joint,
    LayerWise,
    LogLoss,
    MinigridError,
    Network,
    NoScoreError,
    RandomSample,
    Scorer,
    Scoring,
    SearchEvent,
    SearchSpace,
    Sigmoid,
    Step,
    Strategy,
    Tanh,
    Zoom,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.base import Engine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.fits import (
    LONG,
    ONE,
    ONE_WEIGHT,
    SMALL,
    STRATEGIES,
    TWO_INTO_ONE,
    XOR,
    Chunked,
    lesson,
    summary,
    use_threads,
)
from tests.pacing import paced


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


# Answers that never depend on how ---------------------------------------------------------------

HELD = {"layer0.neuron0.weight1": Grid.fixed(1.5), "layer1.neuron0.weight0": Grid.fixed(-2.0)}  # leaves 81 candidates


LIMITS: list[dict[str, Any]] = [{}, {"top": 7}, {"max_candidates": 35}, {"target_score": 0.55}]


@pytest.mark.parametrize("limits", LIMITS, ids=repr)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_chunks_and_threads_do_not_show_in_a_result(
    strategy: Strategy, limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(engine: Engine | str, **pace: Any) -> tuple[object, ...]:
        trainer = GridSearchTrainer(SMALL, overrides=HELD, strategy=strategy, engine=engine, **limits)  # type: ignore[arg-type]  # any name
        return summary(paced(trainer, **pace).fit(TWO_INTO_ONE, *XOR))

    expected = search("batched")
    assert search("reference") == expected
    for workers, size in [(1, 50), (2, 7), (7, 3)]:
        use_threads(monkeypatch, workers)
        assert search(Chunked(size, naps=True)) == expected
    for seconds in (0.0, 1e-5, 1e3):
        assert search("batched", chunk=seconds) == expected


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
    assert "backwards: asked for" in str(result)
    plan = trainer.plan(TWO_INTO_ONE, *XOR)
    assert (plan.engine, plan.memory % 12345) == ("backwards", 5 * 500)  # and what each candidate that is kept takes


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
