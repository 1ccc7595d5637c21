"""Searching a quadratic form in the output weights gives the best of all scores."""

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minigrid
from minigrid import Activation, Grid, Layer, Network, Neuron, Scoring, SearchSpace
from minigrid._base.typing import FloatArray
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import quadratic
from minigrid.search.engines.exact.quadratic import Quadratic, find_quadratic
from minigrid.search.problem import Problem
from tests.profile import examples
from tests.search.engines.weighed import assert_best, assert_bounds, search, some_nodes, weighed_problems

_SQUARE: list[tuple[Activation, Scoring]] = [(minigrid.Identity(), minigrid.MeanSquaredError())]


def any_numbers(activation: Activation, scoring: Scoring, met: FloatArray, own: FloatArray) -> list[FloatArray]:
    """A candidate's outputs, nearly those, and other numbers, large and equal ones among them."""
    return [met, met + 0.1, own, np.sign(own), 1e6 * own, 0.0 * own]


SQUARES = weighed_problems(_SQUARE, any_numbers, 6000)


@examples(80)
@given(
    SQUARES,
    st.sampled_from([1, 1, 3]),
    st.sampled_from([1, 30, 2**20]),
    st.sampled_from([0.0, np.inf]),
)
def test_a_quadratic_form_gives_the_best_of_all_scores(problem: Problem, top: int, size: int, budget: float) -> None:
    method = find_quadratic(problem, BatchedEngine(), top)
    if isinstance(method, Unprovable):
        event(method.reason)
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(quadratic, "_PASS", size)
        patched.setattr(quadratic, "_CHOICES", 64 if size == 1 else 2**16)
        found = search(method, problem, top, budget)
    assert_best(found, problem, top)


@examples(40)
@given(SQUARES, st.data())
def test_no_candidate_of_a_node_is_better_than_its_bound(problem: Problem, data: st.DataObject) -> None:
    method = find_quadratic(problem, BatchedEngine(), 1)
    if isinstance(method, Unprovable):
        return
    assert_bounds(method, problem, some_nodes(data, method), np.inf)


@pytest.mark.parametrize("top", [1, 3])
def test_a_sine_has_the_same_best(top: int) -> None:
    x = np.linspace(-3.0, 3.0, 40)
    network = Network.dense([1, 2, 1], activation=minigrid.Tanh(), output_activation=minigrid.Identity(), bias=True)
    space, y = SearchSpace(network, Grid.linspace(-2.0, 2.0, 5)), 0.9 * np.sin(x) + 0.05 * np.cos(9.0 * x)
    problem = Problem.create(network, space, x[:, np.newaxis], y, minigrid.MeanSquaredError())
    method = find_quadratic(problem, BatchedEngine(), top)
    assert isinstance(method, Quadratic)
    assert_best(search(method, problem, top, 1e6), problem, top)


def test_what_is_no_quadratic_form_is_refused() -> None:
    X, y = np.linspace(-1.0, 1.0, 5)[:, np.newaxis], np.arange(5.0)
    identity = minigrid.Identity()

    def reason(network: Network, scoring: minigrid.Scoring, values: list[float]) -> Quadratic | Unprovable:
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
    assert "the first-layer neurons" in str(reason(many, square, [0.0, 1.0]))
    biased = Network.dense([1, 2, 1], output_activation=identity, bias=True)
    assert "too many settings" in str(reason(biased, square, np.linspace(-1.0, 1.0, 1000).tolist()))
