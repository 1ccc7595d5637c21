"""A step of a proof can be ended early at any poll: nothing is lost, and the answer stays that of the plain loop."""

import itertools
from types import ModuleType

import numpy as np
import pytest

import minigrid
from minigrid import Activation, Grid, Network, Scoring, SearchSpace
from minigrid._base.halting import Halted, halting, is_halted, poll, unhalted
from minigrid.scoring import Penalty
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.fast import Kernels
from minigrid.search.problem import Problem
from minigrid.search.ranking import best_of
from tests.problems import CONVEX
from tests.profile import in_turn

_LABELS, _SQUARE = minigrid.Accuracy(), minigrid.MeanSquaredError()
_CASES: dict[str, tuple[list[int], Activation, Scoring, Penalty | None]] = {
    "boxes of one neuron": ([3, 1], minigrid.Sigmoid(), _LABELS, None),
    "one neuron, convex": ([2, 1], minigrid.Sigmoid(), minigrid.LogLoss(), minigrid.L1(0.01)),
    "few weights": ([3, 1], minigrid.Sigmoid(), _LABELS, minigrid.L0(0.01, at_most=2)),
    "label trees": ([2, 2, 1], minigrid.Sigmoid(), _LABELS, None),
    "penalised": ([2, 2, 1], minigrid.Sigmoid(), _LABELS, minigrid.L2(0.001)),
    "deep labels": ([1, 2, 2, 1], minigrid.Sigmoid(), _LABELS, None),
    "rows of classes": ([2, 3], minigrid.Identity(), _LABELS, None),
    "trees of classes": ([1, 2, 3], minigrid.Sigmoid(), _LABELS, None),
    "squares": ([2, 2, 1], minigrid.Identity(), _SQUARE, None),
    **{type(scoring).__name__: ([1, 2, 1], activation, scoring, None) for activation, scoring in reversed(CONVEX)},
}
_COMPILED = "label trees", "deep labels", "rows of classes", "trees of classes"


class Countdown:
    """Says that the work is to end from the n-th time on that it is asked."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def made(case: str) -> Problem:
    sizes, output, scoring, penalty = _CASES[case]
    generator = np.random.default_rng(5)
    X, y = generator.normal(size=(25, sizes[0])), generator.integers(0, max(2, sizes[-1]), size=25)
    bias = sum(sizes) < 7
    network = Network.dense(sizes, activation=minigrid.Tanh(), output_activation=output, bias=bias)
    grids = [[-3.0, -1.0, 0.0, 0.5], [-2.0, 0.0, 1.0], [-2.0, 1.0]]
    values = next(values for values in grids if len(values) ** network.n_parameters <= 20_000)
    return Problem.create(network, SearchSpace(network, Grid(values)), X, y, scoring, None, penalty)


def best_of_all(problem: Problem, top: int) -> list[tuple[float, int]]:
    objectives = BatchedEngine().objective(problem, problem.space.digits(range(problem.space.size)))
    return list(best_of(((float(s), k) for k, s in enumerate(objectives) if s == s), top, problem.sign))


@pytest.mark.parametrize(
    ("method", "top"), in_turn([*((case, "0") for case in _CASES), *((case, "1") for case in _COMPILED)], [1, 3])
)
def test_steps_that_are_ended_early_lose_nothing(
    method: tuple[str, str], top: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, fast = method
    monkeypatch.setenv("MINIGRID_FAST", fast)
    asked_for, get = list[Kernels](), Kernels.get

    def noted(kernels: Kernels) -> ModuleType | None:
        asked_for.append(kernels)
        return get(kernels)

    monkeypatch.setattr(Kernels, "get", noted)
    problem, generator = made(case), np.random.default_rng(1)
    expected = best_of_all(problem, top)
    n_ended = 0
    for seed in range(3):
        search = ExactEngine(smallest_batch=2).search(problem, top=top)
        assert not isinstance(search, Unprovable)
        for turn in itertools.count():
            if search.finished:
                break
            asked = Countdown(int(generator.integers(0, 2 ** (2 + seed * 2 + turn // 20))))
            with halting(asked):
                search.advance()
            n_ended += asked.left < 0
            assert search.n_processed <= problem.space.size
            assert search.n_scored <= problem.space.size
        assert search.best == expected
        assert search.n_processed == problem.space.size
    assert n_ended
    assert bool(asked_for) == (case in _COMPILED)


def test_a_search_that_is_being_built_can_be_ended() -> None:
    problem = made("label trees")
    with pytest.raises(Halted), halting(lambda: True):
        ExactEngine().search(problem, top=1)


def test_work_is_ended_by_the_outer_and_by_the_inner_reason_but_not_where_it_may_not_be() -> None:
    poll()
    with halting(lambda: True):
        assert is_halted()
        with halting(lambda: False):
            assert is_halted()
        with halting(None):
            assert is_halted()
        with unhalted():
            poll()
        with pytest.raises(Halted):
            poll()
    with halting(lambda: False), halting(lambda: True):
        assert is_halted()
    assert not is_halted()
