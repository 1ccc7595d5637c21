"""The first descents of a search on large data."""

import time
from typing import final

import numpy as np

from minigrid import Accuracy, Grid, Network, Problem, SearchSpace
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer
from minigrid.search.running.descending import SideDescents


@final
class SlowScorer(Scorer):
    """A scorer that takes a tenth of a second for any candidates, which are all alike."""

    name = "slow"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        time.sleep(0.1)
        return np.full(len(digits), 0.5)


def test_they_end_soon_without_a_time_limit_and_leave_a_candidate() -> None:
    network = Network.dense([10, 1], bias=True)
    X = np.random.default_rng(0).normal(size=(20_000, 10))
    space = SearchSpace(network, Grid.linspace(-3, 3, 9))
    problem = Problem.create(network, space, X, X[:, 0] > 0.0, Accuracy())
    assert SideDescents.are_worth(problem, None)
    descents = SideDescents(problem, SlowScorer(), None)
    began = time.perf_counter()
    descents.begin()
    assert time.perf_counter() - began < 8.0  # all of them would take more than thirteen
    assert descents.found is not None
    assert descents.found[0] == 0.5
