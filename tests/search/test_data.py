"""A problem holds its data once, checked, and knows which samples are equal."""

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

from minigrid import Accuracy, Grid, GridSearchTrainer, InvalidValueError, LogLoss, Network, SearchEvent, SearchSpace
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid.search.problem import Problem, Samples
from tests.profile import in_turn


def problem_of(X: ArrayLike, y: ArrayLike, n_features: int, *, bias: bool = True) -> Problem:
    network = Network.dense([n_features, 2, 1], bias=bias)
    return Problem.create(network, SearchSpace(network, Grid([-1.0, 0.0, 1.0])), X, y, Accuracy())


def test_a_problem_holds_one_copy_of_the_data() -> None:
    X = np.random.default_rng(0).normal(size=(50_000, 40))
    y = (X[:, 0] > 0).astype(int)
    before = X.copy()
    problem_of(X[:100], y[:100], 40)
    tracemalloc.start()
    try:
        problem = problem_of(X, y, 40)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * X.nbytes
    finally:
        tracemalloc.stop()
    assert np.array_equal(X, before)
    assert np.array_equal(problem.X, X)
    assert problem.columns.flags.c_contiguous
    assert not problem.columns.flags.writeable
    assert not problem.X.flags.writeable
    assert np.shares_memory(problem.X, problem.columns)
    assert not np.shares_memory(problem.X, X)
    X[:] = 0.0
    assert np.array_equal(problem.X, before)


@pytest.mark.parametrize(
    ("sizes", "scoring"),
    [
        ([40, 1], "accuracy"),
        ([40, 2, 1], "accuracy"),
        ([40, 1], "log_loss"),
        ([40, 1], "mean_squared_error"),
        ([40, 2, 1], "log_loss"),
    ],
)
def test_a_search_that_is_stopped_at_once_copies_the_data_once(sizes: list[int], scoring: Any) -> None:
    X = np.random.default_rng(0).normal(size=(50_000, 40))
    y = (X[:, 0] > 0).astype(int)
    network = Network.dense(sizes, bias=True)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 9), scoring=scoring, time_limit=1e-6)
    trainer.fit(network, X[:1000], y[:1000])
    tracemalloc.start()
    try:
        trainer.fit(network, X, y)
        assert tracemalloc.get_traced_memory()[1] < 3.0 * X.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["list", "fortran", "float32", "int64", "bool", "strided"])
def test_data_of_every_kind_become_the_same_columns(kind: str) -> None:
    X = np.random.default_rng(0).integers(0, 2, size=(3000, 70)).astype(float)  # more than is copied at once
    y = np.arange(3000) % 2
    wide = np.repeat(X, 2, axis=1)
    given = {
        "list": X.tolist(),
        "fortran": np.asfortranarray(X),
        "float32": X.astype(np.float32),
        "int64": X.astype(np.int64),
        "bool": X.astype(np.bool_),
        "strided": wide[:, ::2],
    }[kind]
    problem = problem_of(given, y, 70)
    assert np.array_equal(problem.columns, X.T)
    parameters = problem.space[12345]
    assert np.array_equal(problem.outputs(parameters), problem.network.with_parameters(parameters)(X))
    assert problem.outputs(parameters).flags.c_contiguous


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (2999, 69), (1500, 3)])
def test_a_value_that_is_not_finite_is_named_wherever_it_is(value: float, place: tuple[int, int]) -> None:
    X = np.zeros((3000, 70))
    X[place] = value
    where = rf"got {value} at position \({place[0]}, {place[1]}\)"
    with pytest.raises(InvalidValueError, match=rf"^X: expected finite numbers, {where}"):
        problem_of(X, np.zeros(3000), 70)


def test_a_number_beyond_the_largest_float_is_named() -> None:
    if np.finfo(np.longdouble).max == np.finfo(np.float64).max:
        X: object = [[0.0, 10**400]]
    else:
        X = np.array([[0.0, np.finfo(np.longdouble).max]])
    with pytest.raises(InvalidValueError, match=r"^X: expected finite numbers, got inf at position \(0, 1\)"):
        problem_of(X, [0], 2)  # type: ignore[arg-type]


# Equal samples ----------------------------------------------------------------------------------


def merged_slowly(columns: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """The distinct rows in order, their targets and their counts; None if more than half of all are distinct."""
    bits = np.ascontiguousarray(np.column_stack([*columns, *np.atleast_2d(targets.T)])).view(np.int64)
    _, first, counts = np.unique(bits, axis=0, return_index=True, return_counts=True)
    if 2 * len(first) > len(bits):
        return None
    return columns[:, first], targets[first], counts.astype(float)


@pytest.mark.parametrize("n_samples", [2, 37, 500, 40_000])
@pytest.mark.parametrize("n_values", [1, 2, 3, 40, 10**9])
@pytest.mark.parametrize("n_features", [1, 3, 9])
def test_equal_samples_are_merged(n_samples: int, n_values: int, n_features: int) -> None:
    rng = np.random.default_rng(n_samples + n_values)
    columns = rng.integers(-1, n_values - 1, size=(n_features, n_samples)) / 4.0
    columns[columns == 0.0] = np.where(rng.random((columns == 0.0).sum()) < 0.5, 0.0, -0.0)
    for targets in (rng.integers(0, 2, n_samples).astype(float), np.zeros((n_samples, 2))):
        found, expected = Samples(columns, targets).merged(), merged_slowly(columns, targets)
        if expected is None:
            assert found.counts is None
            continue
        assert found.counts is not None
        assert found.columns.tobytes() == np.ascontiguousarray(expected[0]).tobytes()
        assert np.array_equal(found.targets, expected[1])
        assert np.array_equal(found.counts, expected[2])


@pytest.mark.parametrize("order", ["tiled", "repeated", "shuffled"])
def test_equal_samples_are_found_wherever_they_are(order: str) -> None:
    """Few samples, drawn at random, tell that it is not worth to look at all: not where each comes twice."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 2))
    columns = np.tile(X, (2, 1)).T if order == "tiled" else np.repeat(X, 2, axis=0).T
    columns = np.ascontiguousarray(columns[:, rng.permutation(40_000)] if order == "shuffled" else columns)
    found = Samples(columns, np.zeros(40_000)).merged()
    assert found.counts is not None
    assert found.counts.tolist() == [2.0] * 20_000


def test_merged_samples_score_as_all_do() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 2, size=(20_000, 4)).astype(float), rng.integers(0, 2, 20_000)
    network = Network.dense([4, 1], bias=True)
    problem = Problem.create(network, SearchSpace(network, Grid([-1.0, 0.5])), X, y, LogLoss())
    assert problem.distinct.counts is not None
    assert problem.distinct.counts.sum() == 20_000
    assert problem.score(problem.space[5]) == LogLoss()(y, problem.network.with_parameters(problem.space[5])(X))


@pytest.mark.parametrize(
    ("engine", "strategy"),
    in_turn(["auto", "exact", "batched", "reference"], ["joint", "coordinate", "random"]),
)
def test_a_search_that_was_stopped_leaves_no_data_behind(engine: Any, strategy: Any) -> None:
    """Python collects cycles of objects later, or never: the data of many searches would add up."""
    sizes = [40, 1] if strategy == "joint" else [40, 2, 1]
    X = np.random.default_rng(0).normal(size=(20_000, 40))
    y = np.random.default_rng(1).integers(0, 2, len(X))
    network, events = Network.dense(sizes, bias=True), list[SearchEvent]()
    settings: dict[str, Any] = {"engine": engine, "strategy": strategy, "callbacks": [events.append]}
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 9), time_limit=0.3, **settings)
    trainer.fit(network, X[:100], y[:100])
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        result = trainer.fit(network, X, y)
        assert tracemalloc.get_traced_memory()[0] < 0.5 * X.nbytes
    finally:
        tracemalloc.stop()
        gc.enable()
    assert result.stop_reason == "time_limit"
