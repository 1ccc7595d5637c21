"""The first descents of a search on large data."""

import time
from typing import final

import numpy as np
import pytest
from sklearn.datasets import make_moons

from minigrid import (
    Accuracy,
    Grid,
    GridSearchTrainer,
    Identity,
    MeanSquaredError,
    Network,
    Problem,
    SearchSpace,
)
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.search.engines.base import EnginePair, Scorer, Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.pace import Pace
from minigrid.search.running.descending import SideDescents
from minigrid.search.running.forecast import ProofForecast


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


@final
class CountingScorer(Scorer):
    """A scorer that counts its calls on all 20,000 samples, and on fewer. All candidates are alike to it."""

    name = "counting"

    def __init__(self) -> None:
        self.n_on_all = 0
        self.n_on_few = 0

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        if problem.n_samples == 20_000:
            self.n_on_all += 1
        else:
            self.n_on_few += 1
        return np.full(len(digits), 0.5)


def problem_of_many_samples() -> Problem:
    network = Network.dense([10, 1], bias=True)
    X = np.random.default_rng(0).normal(size=(20_000, 10))
    return Problem.create(network, SearchSpace(network, Grid.linspace(-3, 3, 9)), X, X[:, 0] > 0.0, Accuracy())


def test_they_end_in_time_to_score_their_end_on_all_samples() -> None:
    scorer = CountingScorer()
    descents = SideDescents(problem_of_many_samples(), scorer, 1.0, lambda: 0.0 if scorer.n_on_few >= 5 else 1e9)
    descents.descend()
    assert (scorer.n_on_few, scorer.n_on_all) == (5, 1)
    assert descents.found is not None
    assert not descents.is_due(1.0, is_hopeless=True)


def test_they_begin_at_other_points_where_larger_blocks_find_only_equals() -> None:
    network = Network.dense([6, 2, 1], bias=True)
    X = np.random.default_rng(0).normal(size=(300, 6))
    y = np.random.default_rng(0).integers(0, 2, 300)
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-3, 3, 9)), X, y, Accuracy())
    descents = SideDescents(problem, CountingScorer(), 1.0)
    for _ in range(12):
        descents.descend()
    assert descents._descents.n_begun == 11  # one of the twelve continued an end


@pytest.mark.parametrize("is_likely", [True, False])
def test_they_pause_while_the_proof_is_likely_to_end_in_time(is_likely: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = make_moons(200, noise=0.2, random_state=0)
    descents: list[SideDescents] = []

    def descend(own: SideDescents) -> bool:
        descents.append(own)
        return False

    monkeypatch.setattr(SideDescents, "begin", lambda own: None)
    monkeypatch.setattr(SideDescents, "descend", descend)
    monkeypatch.setattr(ProofForecast, "is_likely_to_end", lambda forecast, within: is_likely)
    trainer = GridSearchTrainer(Grid.linspace(-5, 5, 41), time_limit=1.0)
    trainer.fit(Network.dense([2, 3, 1], bias=True), X, y)
    assert bool(descents) is not is_likely


def test_they_continue_by_larger_blocks_where_single_parameters_find_nothing_better() -> None:
    network = Network.dense([2, 1], output_activation=Identity())
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(100, 1)), 2, axis=1)
    X[:, 1] += 0.1 * rng.normal(size=100)
    space = SearchSpace(network, Grid.linspace(-2, 2, 41))
    problem = Problem.create(network, space, X, 2.0 * (X[:, 0] - X[:, 1]), MeanSquaredError())
    descents, ends = SideDescents(problem, BatchedEngine(), 1.0), list[float]()
    for _ in range(20):
        descents.descend()
        assert descents.found is not None
        ends.append(descents.found[0])
    assert min(ends[:4]) > 1e-6  # (2, -2) is far from where only one weight can change
    assert ends[-1] == pytest.approx(0.0, abs=1e-20)


def test_a_proof_of_a_huge_space_is_hopeless_before_its_first_estimate() -> None:
    X, y = make_moons(100, noise=0.2, random_state=0)
    for sizes, is_hopeless in (([2, 9, 1], True), ([2, 2, 1], False)):
        network = Network.dense(sizes, bias=True)
        problem = Problem.create(network, SearchSpace(network, Grid.linspace(-5, 5, 11)), X, y, Accuracy())
        engines = EnginePair(BatchedEngine(), ExactEngine())
        search = ExactEngine().search(problem, top=1)
        assert not isinstance(search, Unprovable)
        assert ProofForecast(engines, search, problem, Pace()).is_hopeless(within=1.0) is is_hopeless


@pytest.mark.parametrize(("is_hopeless", "most"), [(False, 0.25), (True, 0.75)])
def test_they_take_most_of_the_time_if_the_proof_is_hopeless(is_hopeless: bool, most: float) -> None:
    network = Network.dense([10, 1], bias=True)
    X = np.random.default_rng(0).normal(size=(100, 10))
    space = SearchSpace(network, Grid.linspace(-3, 3, 9))
    problem = Problem.create(network, space, X, np.arange(100) % 2, Accuracy())
    descents, spent = SideDescents(problem, SlowScorer(), 1.0), 0.0
    began = time.perf_counter()
    descents.descend()
    spent += time.perf_counter() - began
    assert descents.is_due(spent / most + 0.1, is_hopeless=is_hopeless)
    assert not descents.is_due(spent / most - 0.1, is_hopeless=is_hopeless)
