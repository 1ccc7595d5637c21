"""What every strategy promises of its result, and problems to hold it to."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from typing_extensions import override

from minigrid import (
    Accuracy,
    Coordinate,
    Grid,
    GridSearchTrainer,
    Identity,
    Joint,
    LayerWise,
    MeanSquaredError,
    Network,
    RandomSample,
    Scorer,
    Scoring,
    SearchResult,
    SearchSpace,
    Strategy,
    Tanh,
    Zoom,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import xor
from minigrid.scoring import call_scoring
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from tests.problems import loop
from tests.strategies.every import every

STRATEGIES = every(
    coordinate=[
        Coordinate(),
        Coordinate(block="layer", restarts=2, max_rounds=2, seed=3),
        Coordinate(block="parameter", restarts=2, seed=1),
    ],
    zoom=[Zoom(points=3, levels=3), Zoom(points=4, levels=2)],
    random=[RandomSample(), RandomSample(n=7, seed=1)],
)


DEPTH = {"layer": 1, "neuron": 2, "parameter": 3}


"""Of a parameter's name, how many parts name its block."""


# Helpers ----------------------------------------------------------------------------------------


def fit(problem: Problem, strategy: Strategy, **options: Any) -> SearchResult:
    """Search a problem through the front door."""
    grids = dict(zip(problem.space.names, problem.space.grids, strict=True))
    trainer = GridSearchTrainer(Grid([0.0]), overrides=grids, strategy=strategy, scoring=problem.scoring, **options)
    return trainer.fit(problem.network, problem.X, problem.targets, sample_weight=problem.sample_weight)


def score_of(problem: Problem, parameters: FloatArray) -> float:
    """Score one setting as the plain loop does."""
    outputs = problem.network.with_parameters(parameters)(problem.X)
    return call_scoring(problem.scoring, problem.targets, outputs, problem.sample_weight)


def problem_of(
    network: Network,
    grid: Grid,
    X: Any,
    y: Any,
    scoring: Scoring | None = None,
    overrides: dict[str, Grid] | None = None,
    sample_weight: Sequence[float] | None = None,
) -> Problem:
    space = SearchSpace(network, grid, overrides=overrides)
    return Problem.create(network, space, X, y, Accuracy() if scoring is None else scoring, sample_weight)


def check(problem: Problem, result: SearchResult, top: int) -> None:
    """Check what every strategy promises of its result."""
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    assert result.network == problem.network.with_parameters(result.parameters)
    assert result.n_candidates == problem.space.size
    assert result.stop_reason == "completed"
    assert result.gap == (0.0 if result.bound == result.score else abs(result.bound - result.score))
    # The first of the best is the result, and all of them are true.
    assert 1 <= len(result.top) <= top
    first = result.top[0]
    assert (first.index, first.score.hex()) == (result.index, result.score.hex())
    assert first.parameters.tobytes() == result.parameters.tobytes()
    for candidate in result.top:
        assert candidate.score.hex() == score_of(problem, candidate.parameters).hex()
        if candidate.index is not None:
            at_index = problem.space[candidate.index]
            assert np.array_equal(at_index, candidate.parameters)
            assert score_of(problem, at_index).hex() == candidate.score.hex()
    order = [(sign * c.score, c.index is None, c.index or 0) for c in result.top]
    assert order == sorted(order)
    assert len({(c.index, c.parameters.tobytes()) for c in result.top}) == len(result.top)
    # A proof counts everything.
    if result.optimal:
        assert result.n_scored + result.n_pruned == result.n_candidates
        assert result.bound == result.score
        assert (result.index, result.score) == loop(problem)
    else:
        assert result.bound == problem.scoring.best_possible
    # The history leads up to the result.
    assert result.history[-1].score == result.score
    for moment in result.history:
        if moment.index is not None:
            assert score_of(problem, problem.space[moment.index]).hex() == moment.score.hex()
    signs = [sign * moment.score for moment in result.history]
    assert all(later < earlier for earlier, later in itertools.pairwise(signs))
    for a, b in itertools.pairwise(result.history):
        assert a.seconds <= b.seconds
        assert a.n_scored <= b.n_scored
    assert result.history[-1].n_scored <= result.n_scored
    assert result.history[-1].seconds <= result.seconds


def may_be_optimal(strategy: Strategy, problem: Problem) -> bool:
    """Tell where a strategy has searched the whole space and says so."""
    free = [len(grid) > 1 for grid in problem.space.grids]
    names = [name.split(".") for name in problem.space.names]
    match strategy:
        case Joint():
            return True
        case LayerWise():
            return len(problem.network.neurons) == 1
        case Coordinate(block="auto"):
            return len({tuple(name[:2]) for name, f in zip(names, free, strict=True) if f}) <= 1
        case Coordinate(block=block):
            blocks = {tuple(name[: DEPTH[block]]) for name, f in zip(names, free, strict=True) if f}
            return len(blocks) <= 1
        case RandomSample(n=n):
            return n >= problem.space.size
        case _:
            return False


class Recorder(Scorer):
    """An engine that remembers what it was asked to score."""

    name = "recorder"

    def __init__(self) -> None:
        self.seen: list[tuple[FloatArray, float]] = []

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores = BatchedEngine().score(problem, digits)
        self.seen += zip(problem.space.values_at(digits), scores.tolist(), strict=True)
        return scores

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 10**6

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return BatchedEngine().memory(problem, n_candidates)


def hilly() -> Problem:
    """A problem on which coordinate descent ends in many places."""
    X, y = xor(n_samples=40, seed=7)
    network = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Identity(), bias=True)
    return problem_of(network, Grid.linspace(-3, 3, 4), X, y, MeanSquaredError())
