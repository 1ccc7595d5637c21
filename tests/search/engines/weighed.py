"""Problems with a hidden layer and one output, and comparisons of the search over trees with all scores."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, Grid, Layer, Network, Neuron, Scoring, SearchSpace
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.explore import Known, Method
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.problem import Problem
from tests.problems import ANY, DECIMAL, EVEN, OWN, PLAIN

_KINDS = [minigrid.Tanh(), minigrid.Sigmoid(), minigrid.ReLU(), minigrid.Step(), minigrid.Identity(), *OWN]
_FEW = [[-1.0, 0.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-10.0, 10.0], [3.0, 0.1, -2.0], [0.0, 0.0, 5.0], [0.0], [1.0]]
_WIDE = [[-700.0, 700.0], [1e-9, 1.0], [-1e9, 0.5, 1e9], [-40.0, 40.0]]

Targets: TypeAlias = Callable[[Activation, Scoring, FloatArray, FloatArray], list[FloatArray]]


@st.composite
def weighed_problems(
    draw: st.DrawFn, losses: list[tuple[Activation, Scoring]], targets: Targets, most: int = 4000
) -> Problem:
    """One to four hidden neurons, interchangeable or not, and an output that sees all of them; ties everywhere.

    Args:
        draw: see Hypothesis.
        losses: activations of the output with scorings.
        targets: makes targets to choose from, out of a candidate's outputs and other numbers.
        most: candidates.
    """
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
    activation, scoring = draw(st.sampled_from(losses))
    output = Neuron(np.zeros(n_hidden), draw(st.sampled_from([None, 0.0])), activation, order)
    network = Network([Layer(hidden, n_inputs=n_inputs), Layer([output], n_inputs=n_hidden)])
    few = st.sampled_from([*_FEW, *_FEW, *_WIDE])
    one, other, last = draw(few), draw(few), draw(few)
    first = [one if alike else draw(st.sampled_from([one, other])) for _ in network.parameter_names]
    values = [
        last if name.startswith("layer1") else own for name, own in zip(network.parameter_names, first, strict=True)
    ]
    if draw(st.integers(0, 4)) == 0:
        values[-1] = draw(few)
    while math.prod(map(len, values)) > most:
        longest = max(values, key=len)
        values = [value[:-1] if value is longest or value == longest else value for value in values]
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    rows = st.lists(draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL])), min_size=n_inputs, max_size=n_inputs)
    X = np.array(draw(st.lists(rows, min_size=1, max_size=16)))
    met = network.with_parameters([draw(st.sampled_from(grid.values.tolist())) for grid in space.grids])(X)[:, 0]
    own = np.array(draw(st.lists(ANY, min_size=len(X), max_size=len(X))))
    y: FloatArray = draw(st.sampled_from(targets(activation, scoring, met, own)))
    weights = draw(st.sampled_from([None, None, np.arange(len(X)) % 3 + 0.0, np.linspace(0.1, 2.0, len(X))]))
    if weights is not None:
        weights[0] = 1.0
    return Problem.create(network, space, X, y, scoring, weights)


def all_scores(problem: Problem) -> FloatArray:
    """Score every candidate."""
    return BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))


def search(method: Method, problem: Problem, top: int, budget: float) -> list[tuple[float, int]]:
    """Explore everything, part by part."""
    incumbents = Incumbents(problem, method.axes, top)
    if budget < np.inf:
        method.start(incumbents)
    nodes, bounds = np.zeros((1, len(method.axes.trees)), dtype=np.int64), np.array([np.inf])
    while len(nodes):
        explored = method.explore(nodes, bounds, incumbents, budget)
        nodes, bounds = np.concatenate(explored.nodes), np.concatenate(explored.bounds)
    return list(incumbents.best)


def assert_best(found: list[tuple[float, int]], problem: Problem, top: int) -> None:
    """Compare with the best of all scores, bit for bit."""
    scores = all_scores(problem)
    best = np.argsort(scores, kind="stable")[:top]
    assert [(score.hex(), index) for score, index in found] == [(float(scores[k]).hex(), int(k)) for k in best]


def some_nodes(data: st.DataObject, method: Method) -> IntArray:
    """Draw some nodes of a method's trees."""
    trees = method.axes.trees
    return np.array([[data.draw(st.integers(0, len(tree) - 1)) for tree in trees] for _ in range(8)])


def assert_bounds(method: Method, problem: Problem, nodes: IntArray, known: float) -> None:
    """Compare bounds of nodes with the scores of all candidates in them; `known` is the loss of an incumbent."""
    incumbents = Incumbents(problem, method.axes, 1)
    incumbents.threshold = -known
    bounds, _, _ = method.bound(nodes, Known(), incumbents, np.zeros(len(nodes), dtype=np.bool_))
    digits = problem.space.digits(range(problem.space.size))
    settings, scores = method.axes.settings(digits), -all_scores(problem)
    for node, bound in zip(nodes, bounds, strict=True):
        inside = np.ones(len(digits), dtype=np.bool_)
        for k, tree in enumerate(method.axes.trees):
            own = tree.settings[tree.low[node[k]] : tree.high[node[k]] + 1]
            inside &= np.isin(settings[:, k], own)
        assert (scores[inside & (scores >= -known)] <= bound).all()
