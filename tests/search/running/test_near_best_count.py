"""Which engine does what in `near_best`: a custom prover finds the best, and scorers count."""

import numpy as np
from numpy.typing import NDArray

from minigrid import FloatArray, Grid, GridSearchTrainer, Network, Problem, Scorer
from minigrid._base.typing import override
from minigrid.datasets import xor
from minigrid.search.engines.batched.engine import BatchedEngine
from tests.provers import CountingProver

X, Y = xor(n_samples=40)


class Noting(Scorer):
    """Notes how many candidates it scores."""

    def __init__(self) -> None:
        self.n_scored = 0

    @override
    def score(self, problem: Problem, digits: NDArray[np.int64]) -> FloatArray:
        self.n_scored += len(digits)
        return BatchedEngine().score(problem, digits)


def test_a_custom_prover_finds_the_best_and_its_scorer_counts() -> None:
    network, grid, own, every = Network.dense([2, 1], bias=True), Grid.linspace(-4, 4, 9), Noting(), Noting()
    prover = CountingProver(scorer=own)
    near, loop = (
        GridSearchTrainer(grid, engine=engine, scoring="log_loss").near_best(network, X, Y, within=0.05)
        for engine in (prover, every)
    )
    assert (near.best.engine, prover.n_begun) == ("counting", 1)
    assert near.count == loop.count > 1
    assert near.parameters == loop.parameters
    assert 0 < own.n_scored < near.n_candidates
    assert every.n_scored == 2 * near.n_candidates  # once for the best, and once to count
