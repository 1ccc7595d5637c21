"""Label searches over trees: why some problems have none, and hidden outputs that are hard to bound."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid
from minigrid import (
    Accuracy,
    Activation,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    Layer,
    Network,
    Neuron,
    SearchSpace,
)
from minigrid._base.typing import FloatArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.label_trees import LabelTrees, find_label_trees
from minigrid.search.engines.exact.nodes import Room, runs
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.profile import examples
from tests.search.engines.agreement import assert_agrees

seeds = st.integers(0, 2**32)


@pytest.mark.parametrize(
    ("sizes", "n_values", "why"),
    [
        ([2, 2, 1], 61, "a table of outputs would be too large"),
        ([1, 2, 1], 100, "the output neuron has too many settings"),
        ([1, 8, 1], 2, "the first-layer neurons can stand in too many orders"),
    ],
)
def test_a_search_without_trees_says_why(sizes: list[int], n_values: int, why: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, sizes[0])), np.arange(40) % 2
    network = Network.dense(sizes, bias=True)
    plan = GridSearchTrainer(Grid.linspace(-1, 1, n_values), engine="exact").plan(network, X, y)
    assert f"no search over trees: {why}" in plan.engine_reason
    small = GridSearchTrainer(Grid.linspace(-1, 1, 3), engine="exact").plan(Network.dense([1, 2, 1]), X[:, :1], y)
    assert "trees" not in small.engine_reason


def large_problem(inputs: FloatArray, values: list[list[float]], y: list[int], second: Activation) -> Problem:
    """Two hidden neurons that see one input each, or the same one, the first without an activation."""
    X = inputs if inputs.ndim == 2 else inputs[:, np.newaxis]
    hidden = [Neuron([0.0], activation=minigrid.Identity(), inputs=[0])]
    hidden.append(Neuron([0.0], activation=second, inputs=[X.shape[1] - 1]))
    output = Layer([Neuron([0.0, 0.0], 0.0, minigrid.Sigmoid())], n_inputs=2)
    network = Network([Layer(hidden, n_inputs=X.shape[1]), output])
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    return Problem.create(network, space, X, y, Accuracy())


@examples(12)
@given(size=st.sampled_from([1e14, 2.0**47, 1.7e18]), top=st.sampled_from([1, 4]))
def test_hidden_outputs_that_hardly_differ_for_their_size(size: float, top: int) -> None:
    apart = 2e5 if size > 1e18 else 30.0
    x = size + np.linspace(0.0, apart, 9)
    bias = [size + 0.1 * apart, size + 0.3 * apart, size + 0.8 * apart, -size]
    values = [[1.0], [1.0, 0.5], [-1.0, 1.0], [0.0, 1.0], bias]
    problem = large_problem(x, values, (x - size < 0.3 * apart).astype(int).tolist(), minigrid.Tanh())
    assert_agrees(ExactEngine(), problem, top, ReferenceEngine())


@examples(40)
@given(seed=seeds)
def test_a_large_input_that_does_not_vary(seed: int) -> None:
    generator, size = np.random.default_rng(seed), 2.0**53

    def some(values: list[float], count: int) -> list[float]:
        return sorted(generator.choice(values, size=count, replace=False).tolist())

    x = np.column_stack([np.full(5, size), generator.integers(-3, 4, size=5)])
    two = FunctionActivation(lambda z: np.where(z > 0.0, 2.0, 0.0))
    bias = some([-size, 0.0, size, -size - 2.0, -2.0 * size], 3)
    values = [[1.0], [-1.0, 1.0], some([1.0, -1.0, 2.0], 2), some([1.0, -1.0, 1.5, 2.0, 3.0], 3), bias]
    problem = large_problem(x, values, generator.integers(0, 2, size=5).tolist(), two)
    assert_agrees(ExactEngine(), problem, 1, ReferenceEngine())


@examples(4)
@given(top=st.sampled_from([1, 4]))
def test_hidden_outputs_whose_range_overflows(top: int) -> None:
    x = np.array([1e300, -1e300, 5e299, 0.0])
    values = [[1e8, -1e8], [1e8, -1e8], [1e-10, -1e-10], [1e-10, -1e-10], [0.0, 1.0]]
    with np.errstate(all="ignore"):
        problem = large_problem(x, values, [1, 0, 1, 0], minigrid.Identity())
        assert_agrees(ExactEngine(), problem, top, ReferenceEngine())


def test_limits_at_a_corner_are_for_what_saturated_inputs_lack() -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
    network = Network.dense([2, 2, 1], bias=True)
    problem = Problem.create(network, SearchSpace(network, Grid([-10.0, 0.0, 10.0])), X, y, Accuracy())
    method = find_label_trees(problem, BatchedEngine(), 1)
    assert isinstance(method, LabelTrees)
    flipped = method._output.items.flipped[method._output.items.tree.are_leaves]
    assert {tuple(own) for own in flipped.tolist()} == {(False, False), (True, False), (False, True)}
    assert (method._items.limits[:, method._output.items.flipped.any(axis=1)] <= 0.0).any()


@examples(60)
@given(seed=seeds, top=st.sampled_from([1, 3]))
def test_sums_that_cancel_except_for_rounding(seed: int, top: int) -> None:
    """Behind ReLU, rows are multiples of each other: many candidates differ in the last bits of their sums only."""
    generator = np.random.default_rng(seed)
    n_samples = int(generator.integers(1, 25))
    X = generator.integers(0, 5, size=(n_samples, 2)) / 3.0
    y = generator.integers(0, 2, size=n_samples) if seed % 7 else np.ones(n_samples, dtype=np.int64)
    weight = [None, generator.integers(1, 4, size=n_samples), generator.random(n_samples) + 0.1][seed % 3]
    network = Network.dense([2, 2, 1], activation=minigrid.ReLU(), output_activation=minigrid.Sigmoid(), bias=True)
    small, large = Grid([-1.0, 0.0, 1.0]), Grid([-2.0, 1.0])
    grids = [small if name.startswith("layer0.") else large for name in network.parameter_names]
    grids = [small, large, large, large, large, small, small, large, small] if seed % 2 else grids
    scoring = minigrid.BalancedAccuracy() if seed % 5 == 0 else Accuracy()
    space = SearchSpace.from_grids(grids, network.parameter_names)
    problem = Problem.create(network, space, X, y.tolist(), scoring, weight)
    assert_agrees(ExactEngine(), problem, top, BatchedEngine())


@given(
    n_samples=st.integers(0, 40),
    lengths=st.lists(st.integers(1, 9), max_size=6),
    n_inputs=st.integers(1, 3),
    is_unit=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_sums_in_blocks_reach_the_limits_that_each_reaches_alone(
    n_samples: int, lengths: list[int], n_inputs: int, is_unit: bool, seed: int
) -> None:
    # Halves and small whole numbers, so that every sum is exact in any order.
    rng, n = np.random.default_rng(seed), sum(lengths)
    table = rng.integers(0, 9, (5, n_samples)).astype(np.float32) / np.float32(2.0)
    rows, terms = rng.integers(0, 5, (len(lengths), n_inputs)), rng.integers(-4, 5, (n, n_inputs + 1))
    amounts = np.ones(n_samples, dtype=np.float32) if is_unit else rng.integers(0, 5, n_samples) / 4.0

    counted = Room().amounts(table, rows, np.array(lengths, dtype=np.int64), terms.astype(np.float32), amounts)

    sums = (table[np.repeat(rows, lengths, axis=0)] * terms[:, :-1, np.newaxis]).sum(axis=1)
    assert np.array_equal(counted, (sums >= -terms[:, -1:]) @ amounts)


@given(keys=st.lists(st.integers(0, 2)))
def test_runs_begin_where_keys_change(keys: list[int]) -> None:
    begins, lengths = runs(np.array(keys, dtype=np.int64))

    groups = [len(list(own)) for _, own in itertools.groupby(keys)]
    assert lengths.tolist() == groups
    assert begins.tolist() == [sum(groups[:k]) for k in range(len(groups))]
