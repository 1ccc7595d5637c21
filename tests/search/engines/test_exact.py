"""The exact engine gives the best of all scores on problems that are hard for it, and proves it."""

import gc
import itertools
import tracemalloc
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

import minigrid
from minigrid import Activation, Grid, GridSearchTrainer, Layer, Network, Neuron, Scoring, ScoringError, activation
from minigrid._base.typing import FloatArray
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import hidden
from minigrid.search.engines.exact.axes import Axes, Boxes, after
from minigrid.search.engines.exact.bounders import make_bounder
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.cache import RowCache
from minigrid.search.engines.exact.convex import ConvexBounds
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.outputs import OutputBounds
from minigrid.search.problem import Problem
from minigrid.search.space import SearchSpace
from tests.ids import stable
from tests.problems import label_problems, loss_problems, positive_problems, two_into_one_problems
from tests.profile import examples
from tests.search.engines import agreement
from tests.search.engines.large import LARGE, uniform


def assert_agrees(problem: Problem, top: int = 1) -> None:
    """Compare with all scores of the batched engine; test_engines.py compares with the plain loop."""
    agreement.assert_agrees(ExactEngine(), problem, top, BatchedEngine())


@examples(200)
@given(two_into_one_problems(), st.sampled_from([1, 1, 4]))
def test_two_into_one_is_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@examples(200)
@given(positive_problems(), st.sampled_from([1, 1, 4]))
def test_inputs_above_zero_are_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@examples(200)
@given(loss_problems(), st.sampled_from([1, 1, 4]))
def test_losses_of_a_neuron_are_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@examples(200)
@given(loss_problems(), st.data())
def test_tangents_lie_below_every_loss_in_a_box(problem: Problem, data: st.DataObject) -> None:
    lengths = [len(grid) for grid in problem.space.grids]
    ends = [sorted(data.draw(st.tuples(*[st.integers(0, length - 1)] * 2))) for length in lengths]
    box = Boxes(np.array([[low for low, _ in ends]]), np.array([[high for _, high in ends]]))
    ranks = np.array(list(itertools.product(*[range(low, min(high, low + 8) + 1) for low, high in ends])))
    scores = BatchedEngine().score(problem, Axes(problem.space.grids).digits(ranks))
    with np.errstate(all="ignore"):
        bounder = make_bounder(problem)
        assert isinstance(bounder, OutputBounds | ConvexBounds)
        assert -bounder.bound(box)[0] <= scores.min()


@examples(150)
@given(problem=st.one_of(label_problems(), two_into_one_problems(), positive_problems()))
@pytest.mark.usefixtures("compiled")
def test_compiled_kernels_change_nothing(problem: Problem) -> None:
    assert_agrees(problem)


@examples(100)
@given(problem=st.one_of(label_problems(), two_into_one_problems(), positive_problems()))
@pytest.mark.usefixtures("compiled")
def test_compiled_kernels_change_nothing_where_there_is_no_room_to_keep_rows(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hidden, "CACHE_BYTES", 1)
        patched.setattr(hidden, "CACHE_LOGS_BYTES", 1)
        assert_agrees(problem)


@pytest.mark.slow
@examples(800)
@given(st.one_of(two_into_one_problems(), positive_problems(), loss_problems()), st.integers(1, 3))
def test_two_into_one_is_the_batched_engines_at_length(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_million_candidates_have_the_same_best(name: str) -> None:
    network, grid, data, settings = LARGE[name]
    batched = GridSearchTrainer(grid, engine="batched", **settings).fit(network, *data)
    exact = GridSearchTrainer(grid, engine="exact", **settings).fit(network, *data)
    assert exact.engine == "exact"
    assert [(c.index, c.score.hex()) for c in exact.top] == [(c.index, c.score.hex()) for c in batched.top]
    assert exact.optimal
    assert exact.n_pruned > 0


def test_a_trillion_candidates_of_two_into_one() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=2, threshold=1.0, seed=2024)
    result = GridSearchTrainer(Grid.linspace(-10, 10, 100)).fit(Network.dense([2, 2, 1]), X, y)
    assert result.optimal
    assert result.engine == "exact"
    assert result.score == 1.0
    assert result.n_scored + result.n_pruned == 10**12
    assert result.n_scored < 10**6
    assert result.network.predict(X).tolist() == y.tolist()


def test_a_weight_that_does_not_matter_on_an_uneven_grid() -> None:
    """Its product is 0 for every sample, whatever the size of its values."""
    trainer = GridSearchTrainer(
        Grid([0.0, 0.5]), overrides={"layer0.neuron0.weight1": Grid([1e9, 1e9])}, engine="exact"
    )
    result = trainer.fit(Network.dense([2, 1], activation=minigrid.Identity()), [[1.0, 0.0]], [0])
    assert (result.index, result.score, result.engine) == (0, 1.0, "exact")


# Boxes -----------------------------------------------------------------------------------------------


@given(
    st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=5), min_size=1, max_size=4),
    st.data(),
)
def test_the_first_of_a_box_is_the_first(values: list[list[float]], data: st.DataObject) -> None:
    axes = Axes(tuple(Grid(v) for v in values))
    low = np.array([[data.draw(st.integers(0, len(v) - 1)) for v in values]])
    high = np.array([[data.draw(st.integers(int(a), len(v) - 1)) for a, v in zip(low[0], values, strict=True)]])
    box = Boxes(low, high)
    points = np.stack(
        np.meshgrid(*[np.arange(a, b + 1) for a, b in zip(low[0], high[0], strict=True)], indexing="ij"), -1
    )
    digits = axes.digits(points.reshape(-1, len(values)))
    assert axes.first(box)[0].tolist() == digits.min(axis=0).tolist()
    assert box.count() == len(digits)
    np.testing.assert_array_equal(axes.ranks(digits), points.reshape(-1, len(values)))
    chosen = digits[data.draw(st.integers(0, len(digits) - 1))]
    assert after(digits, chosen).tolist() == [tuple(row) > tuple(chosen) for row in digits.tolist()]
    halves = box.halves(np.ones(len(values)))
    if not box.are_points()[0]:
        assert halves.count() == box.count()


def assert_same(network: Network, grid: Grid, X: Any, y: Any, **settings: Any) -> None:
    """Compare the exact engine with the plain loop, all candidates that are kept."""
    found = [
        [(c.index, c.score) for c in GridSearchTrainer(grid, engine=engine, **settings).fit(network, X, y).top]
        for engine in ("reference", "exact")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("output", [minigrid.Identity(), minigrid.Sigmoid()], ids=repr)
def test_infinite_losses_are_candidates_too(output: Activation) -> None:
    X = [[1.0, 2.0], [0.5, -1.0], [3.0, 1.0]]
    network = Network.dense([2, 1], activation=output)
    assert_same(network, Grid.linspace(-2, 2, 9), X, [1e200, -1e200, 1e160], scoring="mean_squared_error")
    assert_same(network, Grid([-1, 0, 1e155]), X, [1.0, 0.0, 2.0], scoring="mean_squared_error", top=6)


def test_inputs_whose_products_underflow() -> None:
    X, y = [[5e-324], [1e-323], [1.5e-323], [5e-324]], np.array([1.0, 2.0, 1.2, 3.0]) * 1e-22
    network = Network.dense([1, 1], activation=minigrid.Identity())
    assert_same(network, Grid(np.linspace(0.0, 1e302, 41)), X, y, scoring="mean_squared_error")


@activation(monotonic=True)
def steps_late(z: FloatArray) -> FloatArray:
    return np.where(z > 5e-10, 1.0, 0.0)


def test_a_weight_of_0_beside_inputs_near_0() -> None:
    small, smaller = np.log(1e-9), np.log(3e-10)
    X = np.array([[5.0, -5.0], [-5.0, 5.0], [smaller, smaller], [smaller, small]])
    hidden = Layer([Neuron([1.0], inputs=[0]), Neuron([1.0], inputs=[1])], n_inputs=2)
    network = Network([hidden, Layer([Neuron([1.0, 1.0], activation=steps_late)])])
    fixed = {name: Grid.fixed(1.0) for name in network.parameter_names[:2]}
    assert_same(network, Grid([-1.0, 0.0, 1.0]), X, [1, 1, 0, 1], overrides=fixed)


@activation(monotonic=True)
def wavers(z: FloatArray) -> FloatArray:
    return np.logaddexp(0.0, z)


def test_a_monotonic_function_may_fall_by_its_last_bit() -> None:
    low = np.nextafter(np.random.default_rng(0).normal(size=20000), 0.0)
    high = np.nextafter(low, 10.0)
    falls = np.flatnonzero(wavers(low) > wavers(high))
    assert falls.size
    network = Network([Layer([Neuron([1.0], activation=wavers)] * 2), Layer([Neuron([1.0, 1.0])])])
    assert_same(network, Grid([low[falls[0]], high[falls[0]]]), [[1.0]], [1.0], scoring="mean_squared_error")


@final
@dataclass(frozen=True)
class Distance(Scoring):
    """A loss whose bound uses the middle of a range; an infinite range has none."""

    greater_is_better = False

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(np.mean(np.abs(outputs[:, 0] - y_true)))

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        middle, half = (lower + upper)[..., 0] / 2.0, (upper - lower)[..., 0] / 2.0
        least: FloatArray = np.maximum(np.abs(middle - y_true) - half, 0.0).mean(axis=-1) * (1.0 - 1e-9)
        return least


def test_a_scoring_is_asked_about_finite_outputs_only() -> None:
    @activation(bounds=lambda low, high: (np.zeros_like(low), np.full_like(high, np.inf)))
    def square(z: FloatArray) -> FloatArray:
        return z * z

    network = Network.dense([2, 1], activation=square)
    assert_same(network, Grid.linspace(-2, 2, 5), [[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0], scoring=Distance())


@pytest.mark.parametrize("n_values", [1000, 3000, 20000])
def test_memory_does_not_grow_with_the_grid(n_values: int) -> None:
    X, y = uniform(2, 50)
    tracemalloc.start()
    for sizes in ([2, 1], [2, 2, 1]):
        GridSearchTrainer(Grid.linspace(-10, 10, n_values), engine="exact", time_limit=0.5).fit(
            Network.dense(sizes), X, y
        )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**29


@dataclass(frozen=True)
class Table(Activation):
    """A custom class that contains an array, so that == cannot compare two of them."""

    places: FloatArray

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.interp(z, self.places, np.linspace(0.0, 1.0, len(self.places)))


def test_activations_that_cannot_be_compared() -> None:
    two = [Neuron([0.0, 0.0], activation=Table(np.array([-1.0, 0.0, 2.0]))) for _ in range(2)]
    X, y = uniform(2, 40)
    assert_same(Network([Layer(two), Layer([Neuron([1.0, 1.0])])]), Grid.linspace(-2, 2, 3), X, y)


@pytest.mark.parametrize("best", [lambda: 1.0, "0", np.nan, True], ids=stable)
def test_a_best_possible_score_that_is_no_number(best: Any) -> None:
    class Wrong(Scoring):
        best_possible = best

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return 0.0

    with pytest.raises(ScoringError, match="best_possible"):
        GridSearchTrainer(Grid([0.0, 1.0]), scoring=Wrong()).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1])


def test_what_a_proof_keeps_is_freed_with_it_and_not_at_some_later_time() -> None:
    X, y = sum_threshold(60, 2, 1.0)
    gc.collect()
    gc.disable()
    try:
        assert GridSearchTrainer(Grid.linspace(-3, 3, 7), engine="exact").fit(Network.dense([2, 2, 1]), X, y).optimal
        assert not [one for one in gc.get_objects() if type(one) in (HiddenRanges, RowCache)]  # of a proxy, too
    finally:
        gc.enable()


@pytest.mark.parametrize(("share", "most"), [(0.0, 1.0), (0.05, 0.2)])
def test_ratios_are_tried_only_briefly_on_noisy_data(
    share: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = sum_threshold(500, n_features=2, threshold=1.0)
    y = flip_labels(y, share, seed=0)
    searches = set[BranchAndBound]()
    advance = BranchAndBound.advance

    def noted(search: BranchAndBound) -> None:
        searches.add(search)
        advance(search)

    monkeypatch.setattr(BranchAndBound, "advance", noted)
    network = Network.dense([2, 2, 1])
    space = SearchSpace(network, Grid.linspace(-10, 10, 50))
    problem = Problem.create(network, space, X, y, minigrid.Accuracy())
    search = ExactEngine().search(problem, top=1)
    (tried,) = searches
    rows = 50**2
    assert (search is tried) is (share == 0.0)  # data without noise need nothing else
    assert tried.steps <= most * rows
