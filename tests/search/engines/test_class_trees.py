"""The search over trees of true outputs, for labels of several outputs, finds the best of all scores."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, Grid, GridSearchTrainer, Layer, Network, Neuron, Scoring, SearchSpace
from minigrid._base.typing import FloatArray
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.classes import find_class_method
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.separation import margin_of
from minigrid.search.problem import Problem
from tests.problems import BUILT_IN, OWN
from tests.profile import examples
from tests.search.engines.agreement import assert_agrees

_LARGEST = 20_000
_TOLD_APART: list[Activation] = [
    minigrid.Sigmoid(),
    minigrid.Identity(),
    minigrid.Tanh(),
    minigrid.Softplus(),
    minigrid.ELU(0.5),
    minigrid.SELU(),
    minigrid.LeakyReLU(0.1),
    minigrid.Softsign(),
]
_EVEN = st.integers(1, 4).flatmap(
    lambda n: st.sampled_from([(-5.0, 5.0), (-1.0, 1.0), (3.0, -3.0), (0.0, 2.0)]).map(lambda e: Grid.linspace(*e, n))
)
_UNEVEN = st.lists(st.sampled_from([-2.0, -1.0, -0.3, -0.0, 0.0, 0.1, 0.2, 0.7, 3.0]), min_size=1, max_size=4).map(Grid)


@st.composite
def class_problems(draw: st.DrawFn, *, hidden: bool) -> Problem:
    """A small problem with several outputs: ties everywhere, equal samples, zero weights, partly connected neurons."""
    n_inputs, n_outputs = draw(st.integers(1, 2)), draw(st.integers(2, 4))
    outputs = _TOLD_APART if hidden else [*BUILT_IN, *OWN]
    partial, biased = draw(st.booleans()), draw(st.booleans())

    def layer(n_seen: int, n_neurons: int, activation: Activation) -> Layer:
        neurons = []
        for _ in range(n_neurons):
            columns = draw(st.permutations(range(n_seen)))[: draw(st.integers(1, n_seen))] if partial else None
            count = n_seen if columns is None else len(columns)
            bias = 0.0 if biased and not (partial and draw(st.booleans())) else None
            neurons.append(Neuron(np.zeros(count), bias=bias, activation=activation, inputs=columns))
        return Layer(neurons, n_inputs=n_seen)

    layers, n_seen = [], n_inputs
    if hidden:
        n_seen = draw(st.integers(1, 3))
        layers.append(layer(n_inputs, n_seen, draw(st.sampled_from([*BUILT_IN, *OWN]))))
    network = Network([*layers, layer(n_seen, n_outputs, draw(st.sampled_from(outputs)))])
    grids, size = {}, 1
    common = draw(st.one_of(_EVEN, _UNEVEN))
    for name in network.parameter_names:
        grid = common if draw(st.integers(0, 2)) else draw(st.one_of(_EVEN, _UNEVEN))
        grids[name] = grid if size * len(grid) <= _LARGEST else Grid(grid.values[:1])
        size *= len(grids[name])
    n_samples = draw(st.integers(1, 12))
    numbers = draw(st.sampled_from([st.sampled_from([-1.0, 0.0, 0.5, 1.0]), st.floats(-3.0, 3.0)]))
    X = [[draw(numbers) for _ in range(n_inputs)] for _ in range(n_samples)]
    y = [draw(st.integers(0, n_outputs - 1)) for _ in range(n_samples)]
    amounts = draw(st.sampled_from([None, st.sampled_from([0.0, 1.0, 2.0]), st.floats(0.1, 1.0)]))
    weights = None if amounts is None else [1.0, *(draw(amounts) for _ in range(n_samples - 1))]
    scoring: Scoring = draw(st.sampled_from([minigrid.Accuracy(), minigrid.BalancedAccuracy()]))
    space = SearchSpace(network, Grid([0.0]), overrides=grids)
    return Problem.create(network, space, X, y, scoring, weights)


def best_of_loop(problem: Problem, top: int) -> list[tuple[str, int]]:
    scores = BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))
    best = sorted((-score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    return [((-score).hex(), index) for score, index in best]


def best_of_trees(problem: Problem, top: int, *, begun: bool = False, budget: float = np.inf) -> Any:
    """Return the best candidates of the trees, resuming after each bit of work; or the reason for none."""
    with np.errstate(all="ignore"):
        method = find_class_method(problem, BatchedEngine(), top)
        if isinstance(method, Unprovable):
            return method.reason
        incumbents = Incumbents(problem, method.axes, top)
        if begun:
            assert method.start(incumbents) > 0
        nodes, bounds = np.zeros((1, len(method.axes.trees)), dtype=np.int64), np.ones(1)
        while len(nodes):
            explored = method.explore(nodes, bounds, incumbents, budget)
            nodes, bounds = np.concatenate(explored.nodes), np.concatenate(explored.bounds)
    return [(score.hex(), index) for score, index in incumbents.best]


@examples(60)
@given(class_problems(hidden=False), st.sampled_from([1, 1, 3]), st.booleans(), st.sampled_from([np.inf, 100.0]))
def test_outputs_that_see_the_data_are_the_loops(problem: Problem, top: int, begun: bool, budget: float) -> None:
    found = best_of_trees(problem, top, begun=begun, budget=budget)
    assert found == "outputs of the first layer are not finite, or too large" or found == best_of_loop(problem, top)


@examples(60)
@given(class_problems(hidden=True), st.sampled_from([1, 1, 3]), st.booleans(), st.sampled_from([np.inf, 100.0]))
def test_outputs_behind_a_hidden_layer_are_the_loops(problem: Problem, top: int, begun: bool, budget: float) -> None:
    found = best_of_trees(problem, top, begun=begun, budget=budget)
    assert isinstance(found, str) or found == best_of_loop(problem, top)


@examples(40)
@given(problem=class_problems(hidden=False), top=st.sampled_from([1, 1, 3]), budget=st.sampled_from([np.inf, 100.0]))
def test_the_compiled_loop_changes_nothing(problem: Problem, top: int, budget: float) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MINIGRID_FAST", "1")
        found = best_of_trees(problem, top, budget=budget)
    assert found == "outputs of the first layer are not finite, or too large" or found == best_of_loop(problem, top)


@pytest.mark.parametrize("activation", _TOLD_APART, ids=repr)
@pytest.mark.parametrize("reach", [0.5, 5.0, 14.0])
def test_sums_that_differ_by_more_than_the_margin_are_told_apart(activation: Activation, reach: float) -> None:
    margin = margin_of(activation, reach)
    assert margin is not None
    sums: FloatArray = np.random.default_rng(0).uniform(-reach, reach - margin, 10_000)
    sums[:2] = -reach, reach - 1.001 * margin
    assert (activation(sums) < activation(sums + 1.001 * margin)).all()


@pytest.mark.parametrize("activation", [minigrid.ReLU(), minigrid.Step(), minigrid.HardTanh(), minigrid.GELU()])
def test_nothing_is_known_of_what_is_flat(activation: Activation) -> None:
    assert margin_of(activation, 5.0) is None


def test_saturated_sums_are_not_told_apart() -> None:
    assert margin_of(minigrid.Sigmoid(), 40.0) is None
    assert margin_of(minigrid.Tanh(), 20.0) is None


@pytest.mark.parametrize(
    ("sizes", "n_values", "end"),
    [
        ([2, 3], 3, 5.0),
        pytest.param([2, 3], 5, 5.0, marks=pytest.mark.slow),
        ([2, 2, 3], 2, 5.0),
        ([1, 2, 2], 3, 5.0),
        ([2, 1, 3], 3, 8.0),
    ],
)
def test_blobs(sizes: list[int], n_values: int, end: float) -> None:
    generator = np.random.default_rng(1)
    y = np.arange(60) % sizes[-1]
    X = generator.normal(size=(60, sizes[0])) + 1.5 * y[:, np.newaxis] - 1.5
    network = Network.dense(sizes, activation=minigrid.Sigmoid(), output_activation=minigrid.Sigmoid(), bias=True)
    space = SearchSpace(network, Grid.linspace(-end, end, n_values))
    problem = Problem.create(network, space, X, y, minigrid.Accuracy())
    assert best_of_trees(problem, 1) == best_of_loop(problem, 1)


def test_what_the_trees_do_not_serve() -> None:
    X, y = [[1.0], [2.0]], [0, 1]
    grid = Grid([-1.0, 1.0])

    def reason(network: Network, scoring: Scoring) -> Any:
        return best_of_trees(Problem.create(network, SearchSpace(network, grid), X, y, scoring), 1)

    assert "several outputs" in reason(Network.dense([1, 1]), minigrid.Accuracy())
    assert "several outputs" in reason(Network.dense([1, 1, 1]), minigrid.Accuracy())
    assert "cannot separate" in reason(Network.dense([1, 1, 2], output_activation=minigrid.Step()), minigrid.Accuracy())
    outputs = [Neuron([1.0], activation=activation) for activation in (minigrid.Tanh(), minigrid.Sigmoid())]
    mixed = Network([Layer([Neuron([1.0])]), Layer(outputs)])
    assert "different" in reason(mixed, minigrid.Accuracy())


@examples(30)
@given(seed=st.integers(0, 2**32), size=st.sampled_from([1.0, 1e5, 1e20, 1e300]))
def test_sums_that_single_precision_cannot_hold(seed: int, size: float) -> None:
    generator = np.random.default_rng(seed)
    X = np.clip(generator.integers(-2, 3, size=(6, 1)) * size, -1.7e300, 1.7e300)
    hidden = Layer([Neuron([0.0], activation=kind) for kind in (minigrid.Identity(), minigrid.ReLU())], n_inputs=1)
    outputs = Layer([Neuron([0.0, 0.0], None, minigrid.Identity()) for _ in range(3)], n_inputs=2)
    network = Network([hidden, outputs])
    first, last = (1.0, 1.0) if size == 1.0 else (1e8, 1e-10) if size == 1e300 else (1.0, size)
    values = [[first, -first]] * 2 + [[last, -last]] * 6
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    with np.errstate(all="ignore"):
        problem = Problem.create(network, space, X, generator.integers(0, 3, size=6), minigrid.Accuracy())
        assert_agrees(ExactEngine(), problem, 1, BatchedEngine())


@pytest.mark.parametrize("fast", ["0", "1"])
def test_weights_below_single_precision_count_as_they_are_multiplied(
    fast: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    hidden = Layer([Neuron([0.0], bias=0.0, activation="relu") for _ in range(2)], n_inputs=1)
    outputs = Layer([Neuron([0.0, 0.0], bias=None, activation="identity") for _ in range(2)], n_inputs=2)
    network = Network([hidden, outputs])
    values = {
        "layer0.neuron0.weight0": [0.5, -2.0],
        "layer0.neuron0.bias": [2.0, 0.5, -1.0],
        "layer0.neuron1.weight0": [2.0, -2.0, 1.0],
        "layer0.neuron1.bias": [0.5, 1.0],
        "layer1.neuron0.weight0": [0.0, 1.5, -3.5],
        "layer1.neuron1.weight0": [-1e-50, 1.0],
        "layer1.neuron0.weight1": [0.0, 2.5, -3.5],
        "layer1.neuron1.weight1": [-1e-50, -1.0],
    }
    overrides = {name: Grid(own) for name, own in values.items()}
    X, y = [[2.0], [0.0], [0.0], [-0.5], [0.5], [-1.0], [2.0], [2.0]], [0, 1, 1, 1, 0, 0, 1, 1]
    found, expected = (
        GridSearchTrainer(Grid([0.0]), overrides=overrides, engine=engine).fit(network, X, y)
        for engine in ("exact", "reference")
    )
    assert (found.score, found.index, found.optimal) == (expected.score, expected.index, True)
