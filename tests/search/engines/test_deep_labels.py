"""Label searches behind several hidden layers: against the plain loop, and nodes of the first layer that are pruned."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid
from minigrid import Accuracy, Activation, BalancedAccuracy, Grid, Layer, Network, Neuron, SearchSpace
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.deep_labels import DeepLabels, find_deep_labels
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.rows import TooMuch
from minigrid.search.engines.exact.tree_search import TreeSearch
from minigrid.search.problem import Problem
from tests.profile import examples
from tests.search.engines.agreement import assert_agrees, assert_best

seeds = st.integers(0, 2**32)

_HIDDEN: list[Activation] = [minigrid.Sigmoid(), minigrid.Tanh(), minigrid.ReLU(), minigrid.Step(), minigrid.Gaussian()]
_SIZES = [[2, 2, 2, 1], [1, 2, 2, 1], [1, 3, 1, 1], [1, 1, 3, 1], [1, 2, 1, 2, 1], [2, 1, 1, 1], [1, 1, 2, 2, 1]]
_VALUES = [
    [-10.0, 0.0, 10.0],
    [-5.0, 5.0],
    [0.3, 0.8, 1.1],
    [0.1, -0.7],
    [-1.0, 0.5, 2.0],
    [0.0, 1.0],
    [3.0, -1.0, 0.0, 1.0],
    [-2.0, 0.0],
]


def make_problem(seed: int, most_candidates: int) -> Problem:
    """A random problem: layers of several kinds, ties, equal samples, weights, uneven grids."""
    generator = np.random.default_rng(seed)
    sizes = _SIZES[generator.integers(len(_SIZES))]
    kinds = [_HIDDEN[k] for k in generator.integers(len(_HIDDEN), size=2)]
    hidden, bias = kinds if generator.random() < 0.2 else kinds[:1] * 2, bool(generator.random() < 0.5)

    def neuron(number: int, n_inputs: int) -> Neuron:
        last = number == len(sizes) - 1
        activation: Activation = minigrid.Sigmoid() if last else hidden[number % 2]
        return Neuron(np.zeros(n_inputs), 0.0 if bias else None, activation)

    pairs = enumerate(itertools.pairwise(sizes), start=1)
    network = Network([Layer([neuron(number, n_inputs)] * size) for number, (n_inputs, size) in pairs])
    values = [_VALUES[k] for k in generator.integers(len(_VALUES), size=len(sizes))]
    grids = [list(values[int(name[5])]) for name in network.parameter_names]
    while math.prod(map(len, grids)) > most_candidates:
        longest = max(grids, key=len)
        grids = [grid[:-1] if grid == longest else grid for grid in grids]
    n_samples = int(generator.integers(1, 12))
    X = generator.integers(-2, 3, size=(n_samples, sizes[0])) * generator.choice([1.0, 0.4])
    weights = [None, None, np.arange(n_samples) % 3 + 1.0, np.linspace(0.1, 2.0, n_samples)][generator.integers(4)]
    space = SearchSpace.from_grids([Grid(grid) for grid in grids], network.parameter_names)
    scoring = [Accuracy(), BalancedAccuracy()][generator.integers(2)]
    return Problem.create(network, space, X, generator.integers(0, 2, size=n_samples), scoring, weights)


@examples(200)
@given(seed=seeds, top=st.sampled_from([1, 1, 5]))
def test_the_answer_is_the_loops(seed: int, top: int) -> None:
    assert_agrees(ExactEngine(smallest_batch=2), make_problem(seed, 1500), top, BatchedEngine())


def chained(kinds: list[Activation], values: list[list[float]], X: list[list[float]], y: list[int], n: int) -> Problem:
    """Build some neurons that see the first input, then one that sees them, then one with a bias of -0.5 or 0.5."""
    n_inputs = len(X[0])
    layers = [
        Layer([Neuron(np.zeros(n_inputs), activation=kinds[0])] * n),
        Layer([Neuron(np.zeros(n), None, kinds[1])]),
    ]
    network = Network([*layers, Layer([Neuron([0.0], 0.0)])])
    last = len(network.parameter_names) - 1
    own = [values[0], *[[0.0, 1.0, 2.0, 3.0, 4.0]] * (n_inputs - 1)] * n + [values[1]] * n + [values[2]]
    space = SearchSpace.from_grids([Grid(some) for some in own] + [Grid([-0.5, 0.5])], network.parameter_names)
    assert len(own) == last
    return Problem.create(network, space, X, y, Accuracy())


@pytest.mark.parametrize("few", [0, 64])
def test_ranges_hold_in_whatever_order_neurons_are_added_up(few: int) -> None:
    X, y = [[1.1, 0.0], [0.3, 0.0], [0.1, 0.0], [0.7, 0.0]], [0, 1, 1, 0]
    values = [[0.3, 0.8, 1.1], [1.0, -1.0, 0.1], [1.0, -1.0]]
    problem = chained([minigrid.ReLU(), minigrid.Step()], values, X, y, 3)
    method = find_deep_labels(problem, BatchedEngine(), 1, few=few)
    assert isinstance(method, DeepLabels)
    search = TreeSearch(problem, method, 1)
    while not search.finished:
        search.advance()
    assert search.best == [(0.75, 137_712)]
    chosen = problem.space.digits(range(137_000, 138_000))
    assert BatchedEngine().score(problem, chosen).max() == 0.75
    assert BatchedEngine().score(problem, problem.space.digits(range(137_712))).max() < 0.75


@pytest.mark.parametrize("kind", [minigrid.ReLU(), minigrid.Identity()])
def test_middle_layers_whose_sums_may_overflow_have_no_trees(kind: Activation) -> None:
    values = [[1e200, 1.0, -1e200], [1e200, -1e200, 1.0], [1.0, -1.0]]
    with np.errstate(all="ignore"):
        problem = chained([kind, minigrid.Sigmoid()], values, [[0.5], [0.5], [0.7]], [1, 1, 0], 2)
        assert find_deep_labels(problem, BatchedEngine(), 1) == Unprovable("weighted sums may overflow")
        assert BatchedEngine().score(problem, problem.space.digits([0])) == 2 / 3


def test_layers_of_too_many_settings_have_no_trees() -> None:
    network = Network.dense([1, 1, 2, 2, 1], bias=True)
    space = SearchSpace(network, Grid.linspace(-1, 1, 5))
    problem = Problem.create(network, space, [[0.0], [1.0]], [0, 1], Accuracy())
    expected = TooMuch("the layers behind the first have too many settings")
    assert find_deep_labels(problem, BatchedEngine(), 1) == expected


def test_it_is_the_search_for_such_networks() -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
    problem = Problem.create(
        network := Network.dense([2, 2, 2, 1]), SearchSpace(network, Grid([-2.0, 0.5])), X, y, Accuracy()
    )
    search = ExactEngine().search(problem, top=1)
    assert isinstance(search, TreeSearch)
    assert isinstance(search.method, DeepLabels)
    assert_best(search, problem, 1)


@pytest.mark.parametrize("fast", ["0", "1"])
@examples(100)
@given(seed=seeds, top=st.sampled_from([1, 4]))
def test_nodes_that_are_left_hold_nothing(fast: str, seed: int, top: int) -> None:
    problem = make_problem(seed, 400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINIGRID_FAST", fast)
        method = find_deep_labels(problem, BatchedEngine(), top, few=0)
        if isinstance(method, Unprovable):
            return
        assert_best(TreeSearch(problem, method, top, nodes_at_once=1), problem, top)


def test_some_nodes_are_left_without_being_split() -> None:
    generator = np.random.default_rng(0)
    X, network = generator.normal(size=(200, 1)), Network.dense([1, 1, 1, 1], bias=True)
    y = generator.integers(0, 2, size=200)
    values = {
        name: Grid.linspace(-1, 1, 9) if "layer0" in name else Grid([-1.0, 0.3, 1.0])
        for name in network.parameter_names
    }
    problem = Problem.create(network, SearchSpace(network, Grid([0.0]), overrides=values), X, y, Accuracy())
    method = find_deep_labels(problem, BatchedEngine(), 1, few=0)
    assert isinstance(method, DeepLabels)
    search = TreeSearch(problem, method, 1, nodes_at_once=1)
    assert_best(search, problem, 1)
    assert 0 < search.steps < len(method.axes.trees[0])


def test_an_activation_that_declares_nothing_behind_others_has_no_trees() -> None:
    own = minigrid.FunctionActivation(np.sin)
    network = Network([Layer([Neuron([0.0])]), Layer([Neuron([0.0], activation=own)]), Layer([Neuron([0.0], 0.0)])])
    X = np.linspace(-1, 1, 9)[:, np.newaxis]
    problem = Problem.create(network, SearchSpace(network, Grid([-3.0, 1.0, 2.0])), X, np.arange(9) % 2, Accuracy())
    assert isinstance(find_deep_labels(problem, BatchedEngine(), 1), Unprovable)
