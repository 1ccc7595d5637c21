"""Searching a quadratic form in the output weights gives the best of all scores."""

import math

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minigrid
from minigrid import Grid, Layer, Network, Neuron, SearchSpace
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import quadratic
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.quadratic import Quadratic, find_quadratic
from minigrid.search.problem import Problem
from tests.problems import ANY, DECIMAL, EVEN, OWN, PLAIN
from tests.profile import examples

_MOST = 6000  # candidates
_KINDS = [minigrid.Tanh(), minigrid.Sigmoid(), minigrid.ReLU(), minigrid.Step(), minigrid.Identity(), *OWN]
_FEW = [[-1.0, 0.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-10.0, 10.0], [3.0, 0.1, -2.0], [0.0, 0.0, 5.0], [0.0], [1.0]]
_WIDE = [[-700.0, 700.0], [1e-9, 1.0], [-1e9, 0.5, 1e9]]


@st.composite
def square_problems(draw: st.DrawFn) -> Problem:
    """One to four hidden neurons, alike or not, and an output that is their weighted sum; ties everywhere."""
    n_inputs, n_hidden = draw(st.integers(1, 2)), draw(st.sampled_from([1, 2, 2, 3, 4]))
    alike = draw(st.integers(0, 3)) > 0
    hidden: list[Neuron] = []
    for _ in range(n_hidden):
        if alike and hidden:
            hidden.append(hidden[0])
            continue
        inputs = draw(st.sampled_from([None, None, [n_inputs - 1]]))
        bias = draw(st.sampled_from([None, 0.0]))
        hidden.append(Neuron(np.zeros(len(inputs or range(n_inputs))), bias, draw(st.sampled_from(_KINDS)), inputs))
    order = draw(st.sampled_from([None, None, draw(st.permutations(range(n_hidden)))]))
    output = Neuron(np.zeros(n_hidden), draw(st.sampled_from([None, 0.0])), minigrid.Identity(), order)
    network = Network([Layer(hidden, n_inputs=n_inputs), Layer([output], n_inputs=n_hidden)])
    few = st.sampled_from([*_FEW, *_FEW, *_WIDE])
    one, other, last = draw(few), draw(few), draw(few)
    first = [one if alike else draw(st.sampled_from([one, other])) for _ in network.parameter_names]
    values = [
        last if name.startswith("layer1") else own for name, own in zip(network.parameter_names, first, strict=True)
    ]
    if draw(st.integers(0, 4)) == 0:
        values[-1] = draw(few)
    while math.prod(map(len, values)) > _MOST:
        longest = max(values, key=len)
        values = [value[:-1] if value is longest or value == longest else value for value in values]
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    rows = st.lists(draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL])), min_size=n_inputs, max_size=n_inputs)
    X = np.array(draw(st.lists(rows, min_size=1, max_size=16)))
    met = network.with_parameters([draw(st.sampled_from(grid.values.tolist())) for grid in space.grids])(X)[:, 0]
    own = np.array(draw(st.lists(ANY, min_size=len(X), max_size=len(X))))
    y: FloatArray = draw(st.sampled_from([met, met + 0.1, own, np.sign(own), 1e6 * own, 0.0 * own]))
    weights = draw(st.sampled_from([None, None, np.arange(len(X)) % 3 + 0.0, np.linspace(0.1, 2.0, len(X))]))
    if weights is not None:
        weights[0] = 1.0
    return Problem.create(network, space, X, y, minigrid.MeanSquaredError(), weights)


def all_scores(problem: Problem) -> FloatArray:
    """Score every candidate."""
    return BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))


def search(method: Quadratic, problem: Problem, top: int, budget: float) -> list[tuple[float, int]]:
    """Look into everything, a piece after the other."""
    incumbents = Incumbents(problem, method.axes, top)
    if budget < np.inf:
        method.start(incumbents)
    nodes, bounds = np.zeros((1, len(method.axes.trees)), dtype=np.int64), np.array([0.0])
    while len(nodes):
        explored = method.explore(nodes, bounds, incumbents, budget)
        nodes, bounds = np.concatenate(explored.nodes), np.concatenate(explored.bounds)
    return incumbents.best


@examples(80)
@given(square_problems(), st.sampled_from([1, 1, 3]), st.sampled_from([1, 30, 2**20]), st.sampled_from([0.0, np.inf]))
def test_a_quadratic_form_gives_the_best_of_all_scores(problem: Problem, top: int, size: int, budget: float) -> None:
    method = find_quadratic(problem, BatchedEngine(), top)
    if isinstance(method, str):
        event(method)
        return
    scores = all_scores(problem)
    best = np.argsort(scores, kind="stable")[:top]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(quadratic, "_PASS", size)
        patched.setattr(quadratic, "_CHOICES", 64 if size == 1 else 2**16)
        found = search(method, problem, top, budget)
    assert [(score.hex(), index) for score, index in found] == [(float(scores[k]).hex(), int(k)) for k in best]


@examples(40)
@given(square_problems(), st.data())
def test_no_candidate_of_a_node_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    method = find_quadratic(problem, BatchedEngine(), 1)
    if isinstance(method, str):
        return
    axes = method.axes
    nodes: IntArray = np.array([[data.draw(st.integers(0, len(tree) - 1)) for tree in axes.trees]])
    bounds, _, _ = method.bound(nodes, Known(), Incumbents(problem, axes, 1), np.array([False]))
    digits = problem.space.digits(range(problem.space.size))
    settings = axes.settings(digits)
    inside = np.ones(len(digits), dtype=np.bool_)
    for k, tree in enumerate(axes.trees):
        own = tree.settings[tree.low[nodes[0, k]] : tree.high[nodes[0, k]] + 1]
        inside &= np.isin(settings[:, k], own)
    assert (-all_scores(problem)[inside] <= bounds[0]).all()


@pytest.mark.parametrize("top", [1, 3])
def test_a_sine_has_the_same_best(top: int) -> None:
    x = np.linspace(-3.0, 3.0, 40)
    network = Network.dense([1, 2, 1], activation=minigrid.Tanh(), output_activation=minigrid.Identity(), bias=True)
    space, y = SearchSpace(network, Grid.linspace(-2.0, 2.0, 5)), 0.9 * np.sin(x) + 0.05 * np.cos(9.0 * x)
    problem = Problem.create(network, space, x[:, np.newaxis], y, minigrid.MeanSquaredError())
    method, scores = find_quadratic(problem, BatchedEngine(), top), all_scores(problem)
    assert isinstance(method, Quadratic)
    found = search(method, problem, top, 1e6)
    assert [index for _, index in found] == np.argsort(scores, kind="stable")[:top].tolist()
    assert [score for score, _ in found] == np.sort(scores)[:top].tolist()


def test_what_is_no_quadratic_form_is_refused() -> None:
    X, y = np.linspace(-1.0, 1.0, 5)[:, np.newaxis], np.arange(5.0)
    identity = minigrid.Identity()

    def reason(network: Network, scoring: minigrid.Scoring, values: list[float]) -> Quadratic | str:
        problem = Problem.create(network, SearchSpace(network, Grid(values)), X, y, scoring)
        return find_quadratic(problem, BatchedEngine(), 1)

    square, linear = minigrid.MeanSquaredError(), Network.dense([1, 2, 1], output_activation=identity)
    hidden, one = Layer.dense(1, 2, activation=identity), Neuron([1.0], None, identity, [1])
    unseen = Network([hidden, Layer([one], n_inputs=2)])
    assert "quadratic form" in str(reason(linear, minigrid.MeanAbsoluteError(), [0.0, 1.0]))
    assert "quadratic form" in str(reason(Network.dense([1, 1], output_activation=identity), square, [0.0, 1.0]))
    assert "weighted sum" in str(reason(Network.dense([1, 2, 1]), square, [0.0, 1.0]))
    assert "see all" in str(reason(unseen, square, [0.0, 1.0]))
    assert "overflow" in str(reason(linear, square, [0.0, 1e120]))
    many = Network.dense([1, 8, 1], output_activation=identity)
    assert "too many first-layer neurons" in str(reason(many, square, [0.0, 1.0]))
    biased = Network.dense([1, 2, 1], output_activation=identity, bias=True)
    assert "too many settings" in str(reason(biased, square, np.linspace(-1.0, 1.0, 1000).tolist()))
