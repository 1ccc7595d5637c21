"""Losses of a hidden layer: certificates and lines over ranges give the best of all scores, and bounds hold."""

import math

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, Grid, Layer, Network, Neuron, Scoring, SearchSpace
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import hidden_losses
from minigrid.search.engines.exact.curved_losses import find_curved_losses
from minigrid.search.engines.exact.explore import Known, Method
from minigrid.search.engines.exact.hidden_losses import find_hidden_losses
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.wrong_squares import WrongSquares
from minigrid.search.problem import Problem
from tests.problems import ANY, DECIMAL, EVEN, OWN, PLAIN
from tests.profile import examples

_MOST = 4000  # candidates
_KINDS = [minigrid.Tanh(), minigrid.Sigmoid(), minigrid.ReLU(), minigrid.Step(), minigrid.Identity(), *OWN]
_FEW = [[-1.0, 0.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-10.0, 10.0], [3.0, 0.1, -2.0], [0.0, 0.0, 5.0], [0.0], [1.0]]
_WIDE = [[-700.0, 700.0], [1e-9, 1.0], [-1e9, 0.5, 1e9], [-40.0, 40.0]]
_CONVEX: list[tuple[Activation, Scoring]] = [
    (minigrid.Sigmoid(), minigrid.LogLoss()),
    (minigrid.Sigmoid(), minigrid.LogLoss(epsilon=0.1)),
    (minigrid.Identity(), minigrid.MeanAbsoluteError()),
    (minigrid.Identity(), minigrid.Hinge()),
]
_CURVED: list[tuple[Activation, Scoring]] = [
    (minigrid.Sigmoid(), minigrid.MeanSquaredError()),
    (minigrid.Tanh(), minigrid.MeanSquaredError()),
]


@st.composite
def loss_problems(draw: st.DrawFn, losses: list[tuple[Activation, Scoring]]) -> Problem:
    """One to four hidden neurons, alike or not, and an output that sees all of them; ties everywhere."""
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
    while math.prod(map(len, values)) > _MOST:
        longest = max(values, key=len)
        values = [value[:-1] if value is longest or value == longest else value for value in values]
    space = SearchSpace.from_grids([Grid(value) for value in values], network.parameter_names)
    rows = st.lists(draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL])), min_size=n_inputs, max_size=n_inputs)
    X = np.array(draw(st.lists(rows, min_size=1, max_size=16)))
    met = network.with_parameters([draw(st.sampled_from(grid.values.tolist())) for grid in space.grids])(X)[:, 0]
    own = np.array(draw(st.lists(ANY, min_size=len(X), max_size=len(X))))
    labels = draw(st.sampled_from([np.where(met > 0.5, 1, 0), np.where(own > 0.0, 1, 0), np.zeros(len(X), dtype=int)]))
    choices = [met, own] if isinstance(scoring, minigrid.MeanAbsoluteError) else []
    choices += [2 * labels - 1] if isinstance(activation, minigrid.Tanh) else [labels]
    y: FloatArray = draw(st.sampled_from(choices))
    weights = draw(st.sampled_from([None, None, np.arange(len(X)) % 3 + 0.0, np.linspace(0.1, 2.0, len(X))]))
    if weights is not None:
        weights[0] = 1.0
    return Problem.create(network, space, X, y, scoring, weights)


def all_scores(problem: Problem) -> FloatArray:
    """Score every candidate."""
    return BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))


def search(method: Method, problem: Problem, top: int, budget: float) -> list[tuple[float, int]]:
    """Look into everything, a piece after the other."""
    incumbents = Incumbents(problem, method.axes, top)
    if budget < np.inf:
        method.start(incumbents)
    nodes, bounds = np.zeros((1, len(method.axes.trees)), dtype=np.int64), np.array([np.inf])
    while len(nodes):
        explored = method.explore(nodes, bounds, incumbents, budget)
        nodes, bounds = np.concatenate(explored.nodes), np.concatenate(explored.bounds)
    return incumbents.best


def assert_best(found: list[tuple[float, int]], problem: Problem, top: int) -> None:
    """Compare with the best of all scores, to the bit."""
    scores = all_scores(problem)
    best = np.argsort(scores, kind="stable")[:top]
    assert [(score.hex(), index) for score, index in found] == [(float(scores[k]).hex(), int(k)) for k in best]


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


@examples(80)
@given(loss_problems(_CONVEX), st.sampled_from([1, 1, 3]), st.sampled_from([1, 16]), st.sampled_from([0.0, np.inf]))
def test_certificates_give_the_best_of_all_scores(problem: Problem, top: int, planes: int, budget: float) -> None:
    with np.errstate(all="ignore"):
        method = find_hidden_losses(problem, BatchedEngine(), top)
        if isinstance(method, str):
            event(method)
            return
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(hidden_losses, "_PLANES", planes)
            found = search(method, problem, top, budget)
    assert_best(found, problem, top)


@examples(40)
@given(loss_problems(_CONVEX), st.data())
def test_no_candidate_of_a_node_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    with np.errstate(all="ignore"):
        method = find_hidden_losses(problem, BatchedEngine(), 1)
        if isinstance(method, str):
            return
        trees = method.axes.trees
        nodes = np.array([[data.draw(st.integers(0, len(tree) - 1)) for tree in trees] for _ in range(8)])
        known = data.draw(st.sampled_from([np.inf, float(np.median(all_scores(problem)))]))
        assert_bounds(method, problem, nodes, known)


@examples(60)
@given(loss_problems(_CURVED), st.sampled_from([1, 1, 3]), st.sampled_from([0.0, np.inf]))
def test_lines_over_ranges_give_the_best_of_all_scores(problem: Problem, top: int, budget: float) -> None:
    with np.errstate(all="ignore"):
        method = find_curved_losses(problem, BatchedEngine(), top)
        if isinstance(method, str):
            event(method)
            return
        found = search(method, problem, top, budget)
    assert_best(found, problem, top)


@examples(40)
@given(loss_problems(_CURVED), st.data())
def test_no_candidate_of_a_box_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    with np.errstate(all="ignore"):
        method = find_curved_losses(problem, BatchedEngine(), 1)
        if isinstance(method, str):
            return
        trees = method.axes.trees
        nodes = np.array([[data.draw(st.integers(0, len(tree) - 1)) for tree in trees] for _ in range(8)])
        assert_bounds(method, problem, nodes, np.inf)


@examples(40)
@given(st.floats(-1e9, 40.0), st.floats(0.0, 60.0), st.booleans(), st.lists(st.floats(0.0, 1.0), min_size=1))
def test_lines_lie_below_squares(low: float, width: float, positive: bool, shares: list[float]) -> None:
    curve = WrongSquares(np.array([float(positive)]), 4.0, 2.0, 2e9)
    low, high = (low, low + width) if positive else (-low - width, -low)
    sums = np.clip(low + (high - low) * np.array([0.0, 1.0, *shares]), low, high)
    with np.errstate(all="ignore"):
        form = curve.form(np.array([[low]]), np.array([[high]]))
    for sum_ in sums:
        lines = curve.lines(np.array([[sum_]]), form)
        below = lines.value[0, 0] + lines.slope[0, 0] * (sums - sum_)
        true = curve.losses(sums[:, np.newaxis])[:, 0]
        assert (below <= true + 1e-9 + 1e-12 * np.abs(lines.slope[0, 0] * sums)).all()


@pytest.mark.parametrize("top", [1, 3])
@pytest.mark.parametrize("loss", [minigrid.LogLoss(), minigrid.MeanSquaredError()])
def test_real_data_have_the_same_best(loss: Scoring, top: int) -> None:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(60, 2))
    y = (np.hypot(X[:, 0], X[:, 1] - 0.5) + 0.2 * generator.normal(size=60) > 1.0).astype(int)
    network = Network.dense([2, 2, 1], bias=True)
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-6.0, 6.0, 3)), X, y, loss)
    with np.errstate(all="ignore"):
        find = find_hidden_losses if isinstance(loss, minigrid.LogLoss) else find_curved_losses
        method = find(problem, BatchedEngine(), top)
        assert not isinstance(method, str)
        found = search(method, problem, top, 1e6)
    assert_best(found, problem, top)


def test_what_is_not_bounded_is_refused() -> None:
    X, y = np.linspace(-1.0, 1.0, 5)[:, np.newaxis], [0, 1, 0, 1, 1]
    identity, log_loss, square = minigrid.Identity(), minigrid.LogLoss(), minigrid.MeanSquaredError()

    def reasons(network: Network, scoring: Scoring, values: list[float], y: list[float] | list[int]) -> str:
        problem = Problem.create(network, SearchSpace(network, Grid(values)), X, y, scoring)
        with np.errstate(all="ignore"):
            found = [find(problem, BatchedEngine(), 1) for find in (find_hidden_losses, find_curved_losses)]
        return "; ".join(map(str, found))

    plain, few = Network.dense([1, 2, 1]), [0.0, 1.0]
    unseen = Network([Layer.dense(1, 2, activation=identity), Layer([Neuron([1.0], None, inputs=[1])], n_inputs=2)])
    linear = Network.dense([1, 2, 1], activation=identity, output_activation=identity)
    assert "one hidden layer" in reasons(Network.dense([1, 1]), log_loss, few, y)
    assert "see all" in reasons(unseen, log_loss, few, y)
    assert "see all" in reasons(unseen, square, few, y)
    assert "convex" in reasons(plain, minigrid.Hinge(), few, y)
    assert "hyperbolic" in reasons(linear, square, few, y)
    assert "ends" in reasons(plain, square, few, [0.5] * 5)
    assert "too large" in reasons(plain, square, [0.0, 1e120], y)
    assert "overflow" in reasons(linear, minigrid.MeanAbsoluteError(), [0.0, 1e120], y)
    wide = np.linspace(-1.0, 1.0, 600).tolist()
    assert "too many settings" in reasons(plain, log_loss, wide, y)
    assert "too many settings" in reasons(plain, square, wide, y)
    eight = Network.dense([1, 8, 1])
    assert "too many first-layer neurons" in reasons(eight, log_loss, few, y)
    assert "too many first-layer neurons" in reasons(eight, square, few, y)
