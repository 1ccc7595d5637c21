"""Bounds of losses with penalties: never above a candidate's objective, and tight enough to prove."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from minigrid import (
    L0,
    L1,
    L2,
    Accuracy,
    BalancedAccuracy,
    Grid,
    GridSearchTrainer,
    LogLoss,
    Network,
    Penalty,
    SearchSpace,
)
from minigrid._base.typing import FloatArray
from minigrid.search.engines.exact.indistinguishable import IndistinguishableSamples
from minigrid.search.engines.exact.regions import Costly, regions_of
from minigrid.search.problem import Problem
from tests.problems import signed
from tests.profile import examples

PENALTIES: list[Penalty] = [L0(0.3), L0(at_most=2), L0(0.1, at_most=1), L1(0.2), L2(0.1)]
VALUES = np.array([-3.0, -1.0, 0.0, 0.5, 2.0])
IS_WEIGHT = np.array([True, True, True, False])


def boxes_of(seed: int) -> tuple[np.random.Generator, FloatArray, FloatArray]:
    """Some boxes of three weights and a bias, whose ends are values of the grid."""
    generator = np.random.default_rng(seed)
    ranks = np.sort(generator.integers(0, len(VALUES), size=(2, 5, len(IS_WEIGHT))), axis=0)
    return generator, VALUES[ranks[0]], VALUES[ranks[1]]


def candidates(low: FloatArray, high: FloatArray) -> FloatArray:
    """All candidates of a box."""
    inside = [VALUES[(a <= VALUES) & (b >= VALUES)] for a, b in zip(low, high, strict=True)]
    return np.array(list(itertools.product(*inside)))


def region_of(penalty: Penalty, low: FloatArray, high: FloatArray) -> Costly:
    make = regions_of(penalty, IS_WEIGHT, 3.0)
    assert make is not None
    region = make(low, high)
    assert isinstance(region, Costly)
    return region


@given(seed=st.integers(0, 2**32 - 1), penalty=st.sampled_from(PENALTIES))
@examples(200)
def test_a_plane_and_a_penalty_bound_every_candidate_of_a_box(seed: int, penalty: Penalty) -> None:
    generator, low, high = boxes_of(seed)
    region = region_of(penalty, low, high)
    points = region.allowed(generator.uniform(-3.0, 2.0, size=low.shape))
    gradient = generator.normal(size=low.shape)
    bounds = region.cost(points) - region.depth(gradient, points)
    for k, (a, b) in enumerate(zip(low, high, strict=True)):
        found = candidates(a, b)
        costs = penalty.batch(found, IS_WEIGHT)
        best = float((costs + (found - points[k]) @ gradient[k]).min())
        assert bounds[k] <= best + 1e-12
        if best < np.inf and not isinstance(penalty, L2):  # it is least at an end or at 0, and these are candidates
            assert bounds[k] >= best - 1e-12


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_the_least_of_a_quadratic_function_and_a_penalty_is_found(penalty: Penalty) -> None:
    n_found = 0
    for seed in range(100):
        generator, low, high = boxes_of(seed)
        region = region_of(penalty, low, high)
        matrix = generator.normal(size=(len(low), 4, 4))
        hessian = matrix @ matrix.transpose(0, 2, 1) + 0.1 * np.eye(4)
        gradient, start = generator.normal(size=low.shape), region.allowed(generator.uniform(-3.0, 2.0, size=low.shape))
        there, points = gradient, start
        for _ in range(4):  # Newton's method continues from its last point
            points = region.least(hessian, there, points)
            there = gradient + ((points - start)[:, np.newaxis] @ hessian)[:, 0]
            np.testing.assert_allclose(points, region.allowed(points), rtol=1e-12)
        n_found += int((region.depth(there, points) <= 1e-3 * (1.0 + np.abs(gradient).sum(axis=1))).sum())
    assert n_found >= (480 if isinstance(penalty, L0) and penalty.at_most is not None else 500)


@given(seed=st.integers(0, 2**32 - 1))
@examples(100)
def test_samples_that_look_alike_bound_the_score(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X = generator.integers(0, 2, size=(12, 3)) * 1.0
    y = generator.integers(0, 2, size=12)
    weights = None if seed % 2 else generator.choice([0.0, 0.5, 1.0, 2.25], size=12) + (np.arange(12) < 2)
    scoring = [Accuracy(), BalancedAccuracy()][seed % 3 == 0]
    network = Network.dense([3, 1], bias=True)
    space = SearchSpace(network, Grid([-1, 0, 2]))
    problem = Problem.create(network, space, X, y, scoring, weights)
    alike = IndistinguishableSamples(problem, scoring)
    seen = np.array(list(itertools.product([False, True], repeat=3)))
    bounds = alike.bound(seen)
    for digits in itertools.product(range(3), repeat=4):
        score = scoring(
            y * 1.0, network.with_parameters(np.array([-1.0, 0.0, 2.0])[list(digits)])(X), sample_weight=weights
        )
        differs = np.array(digits[:3]) != 1
        assert score <= bounds[np.flatnonzero((seen == differs).all(axis=1))[0]]


def tumours(n_features: int) -> tuple[FloatArray, FloatArray]:
    """Breast cancer, each feature 1 where it is above its median."""
    data: Any = load_breast_cancer()
    features = data.data[:, :n_features]
    return (features > np.median(features, axis=0)).astype(float), data.target


def test_the_best_risk_score_of_two_features_is_proven() -> None:
    X, y = tumours(30)
    trainer = GridSearchTrainer(
        Grid(range(-5, 6)), bias_grid=Grid(range(-9, 10)), scoring="log_loss", penalty=L0(at_most=2), engine="exact"
    )
    result = trainer.fit(Network.dense([30, 1], bias=True), X, y)
    points, biases = np.arange(-5.0, 6.0), np.arange(-9.0, 10.0)
    signs, best = np.where(y == 1, -1.0, 1.0), np.inf
    for chosen in itertools.combinations(range(30), 2):
        kinds, counts = np.unique(np.column_stack([X[:, chosen], signs]), axis=0, return_counts=True)
        first, second = (points[:, np.newaxis] * kinds[:, k] for k in range(2))
        sums = first[:, np.newaxis, np.newaxis] + second[:, np.newaxis] + biases[:, np.newaxis]
        best = min(best, float((np.logaddexp(0.0, kinds[:, 2] * sums) @ counts).min()) / len(y))
    assert result.optimal
    assert result.score == pytest.approx(best, abs=1e-12)
    assert result.n_scored < 1_000


def test_accuracy_less_a_cost_for_each_feature_is_proven() -> None:
    X, y = tumours(10)
    trainer = GridSearchTrainer(Grid(range(-5, 6)), bias_grid=Grid(range(-20, 21)), penalty=L0(0.01), engine="exact")
    result = trainer.fit(Network.dense([10, 1], bias=True), X, y)
    assert result.optimal
    best = max(
        most_right(X[:, list(some)], y) - 0.01 * n for n in range(1, 4) for some in itertools.combinations(range(10), n)
    )
    assert result.objective == pytest.approx(best)


def most_right(X: FloatArray, y: FloatArray) -> float:
    """Return the fraction of correct samples if each group of equal samples gets its best label."""
    groups = np.unique(X, axis=0, return_inverse=True)[1].reshape(-1)
    ones, all_ = np.bincount(groups, y), np.bincount(groups)
    return float(np.maximum(ones, all_ - ones).sum() / len(y))


@pytest.mark.parametrize("seed", [4, 9, 10, 22, 36])
def test_what_is_met_while_bounding_is_scored_once(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X, y = generator.integers(0, 2, (30, 5)) * 1.0, generator.integers(0, 2, 30)
    grid, found = Grid([-1e-200, 0.0, 1e-200]), []
    for engine in ("exact", "batched"):
        trainer = GridSearchTrainer(grid, scoring=LogLoss(0.49), penalty=L1(0.03), top=50, engine=engine)
        found.append([one.index for one in trainer.fit(Network.dense([5, 1]), X, y).top])
    assert found[0] == found[1]


@pytest.mark.parametrize("penalty", [L0(0.1), L0(at_most=1)], ids=repr)
def test_samples_are_not_alike_where_two_zeros_have_two_labels(penalty: Penalty) -> None:
    X, y = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]], [1, 1, 0]
    network = Network.dense([2, 1], activation=signed)
    index, objective = [], []
    for engine in ("exact", "reference"):
        result = GridSearchTrainer(Grid([0.0, -0.0, 1.0]), penalty=penalty, engine=engine).fit(network, X, y)
        index.append(result.index)
        objective.append(result.objective)
    assert index[0] == index[1]
    assert objective[0] == objective[1]


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_squares_of_weights_may_be_larger_than_any_float(strength: float) -> None:
    for engine in ("exact", "reference"):
        trainer = GridSearchTrainer(Grid([0, -1, 1e160]), scoring="log_loss", penalty=L2(strength), engine=engine)
        result = trainer.fit(Network.dense([1, 1]), [[1e-80], [-1e-80]], [1, 0])
        assert result.parameters.tolist() == ([0.0] if strength else [1e160])
