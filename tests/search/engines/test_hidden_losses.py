"""Losses of a hidden layer: certificates and lines over ranges give the best of all scores, and bounds hold."""

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, Grid, Layer, Network, Neuron, Scoring, SearchSpace
from minigrid._base.typing import FloatArray
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import hidden_losses
from minigrid.search.engines.exact.curved_losses import find_curved_losses
from minigrid.search.engines.exact.hidden_losses import find_hidden_losses
from minigrid.search.engines.exact.wrong_squares import WrongSquares
from minigrid.search.problem import Problem
from tests.problems import CONVEX, CURVED
from tests.profile import examples
from tests.scoring.formulas import OF_NUMBERS
from tests.search.engines.weighed import all_scores, assert_best, assert_bounds, search, some_nodes, weighed_problems


def labels_and_met(activation: Activation, scoring: Scoring, met: FloatArray, own: FloatArray) -> list[FloatArray]:
    """Labels, or, for distances, a candidate's outputs and other numbers."""
    labels = [np.where(met > 0.5, 1.0, 0.0), np.where(own > 0.0, 1.0, 0.0), np.zeros(len(met))]
    if isinstance(activation, minigrid.Tanh):
        labels = [2.0 * own_labels - 1.0 for own_labels in labels]
    is_distance = scoring in OF_NUMBERS and not isinstance(scoring, minigrid.MeanSquaredError)
    return [met, own, *labels] if is_distance else labels


CONVEX_PROBLEMS, CURVED_PROBLEMS = (weighed_problems(losses, labels_and_met) for losses in (CONVEX, CURVED))


@examples(80)
@given(
    CONVEX_PROBLEMS,
    st.sampled_from([1, 1, 3]),
    st.sampled_from([1, 16]),
    st.sampled_from([0.0, np.inf]),
)
def test_certificates_give_the_best_of_all_scores(problem: Problem, top: int, planes: int, budget: float) -> None:
    with np.errstate(all="ignore"):
        method = find_hidden_losses(problem, BatchedEngine(), top)
        if isinstance(method, Unprovable):
            event(method.reason)
            return
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(hidden_losses, "_PLANES", planes)
            found = search(method, problem, top, budget)
    assert_best(found, problem, top)


@examples(40)
@given(CONVEX_PROBLEMS, st.data())
def test_no_candidate_of_a_node_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    with np.errstate(all="ignore"):
        method = find_hidden_losses(problem, BatchedEngine(), 1)
        if isinstance(method, Unprovable):
            return
        nodes = some_nodes(data, method)
        known = data.draw(st.sampled_from([np.inf, float(np.median(all_scores(problem)))]))
        assert_bounds(method, problem, nodes, known)


@examples(60)
@given(CURVED_PROBLEMS, st.sampled_from([1, 1, 3]), st.sampled_from([0.0, np.inf]))
def test_lines_over_ranges_give_the_best_of_all_scores(problem: Problem, top: int, budget: float) -> None:
    with np.errstate(all="ignore"):
        method = find_curved_losses(problem, BatchedEngine(), top)
        if isinstance(method, Unprovable):
            event(method.reason)
            return
        found = search(method, problem, top, budget)
    assert_best(found, problem, top)


@examples(40)
@given(CURVED_PROBLEMS, st.data())
def test_no_candidate_of_a_box_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    with np.errstate(all="ignore"):
        method = find_curved_losses(problem, BatchedEngine(), 1)
        if isinstance(method, Unprovable):
            return
        nodes = some_nodes(data, method)
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
        assert not isinstance(method, Unprovable)
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
    assert "the first-layer neurons" in reasons(eight, log_loss, few, y)
    assert "the first-layer neurons" in reasons(eight, square, few, y)
