"""Hints: each is given where it helps, helps when followed, and is not given elsewhere."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_moons

from minigrid import (
    L1,
    Coordinate,
    FileFormatError,
    FloatArray,
    Grid,
    GridSearchTrainer,
    Identity,
    Network,
    RandomSample,
    ReLU,
    SearchResult,
    Step,
    activation,
)
from minigrid.datasets import sum_threshold
from minigrid.search.problem import Problem
from minigrid.search.running.hints import hints_of_plan, with_hints
from minigrid.search.space import SearchSpace

WIDE = Grid.linspace(-10, 10, 21)
CANCER, IS_BENIGN = load_breast_cancer(return_X_y=True)
FOUR = CANCER[:, [0, 1, 2, 3]]  # of about 14, 19, 92 and 655
MOONS = make_moons(200, noise=0.2, random_state=0)


def scaled(X: FloatArray) -> FloatArray:
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))


def fitted(network: Network, X: Any, y: Any, grid: Grid = WIDE, **settings: Any) -> SearchResult:
    return GridSearchTrainer(grid, **settings).fit(network, X, y)


def only(result: SearchResult) -> str:
    (hint,) = result.hints
    assert str(result).splitlines()[-1].split(maxsplit=1) == ["hint", hint]
    return hint


def grid_of(hint: str) -> Grid:
    """The grid that a hint recommends."""
    start, stop, num = hint.rpartition("try Grid.linspace(")[2].rstrip(")").split(", ")
    return Grid.linspace(float(start), float(stop), int(num))


@pytest.mark.parametrize("network", [Network.dense([4, 1], bias=True), Network.dense([4, 2, 1], bias=True)])
def test_features_that_are_not_scaled(network: Network) -> None:
    trainer = GridSearchTrainer(WIDE, strategy=Coordinate(block="parameter", restarts=2))
    result, plan = trainer.fit(network, FOUR, IS_BENIGN), trainer.plan(network, FOUR, IS_BENIGN)
    hint = next(hint for hint in result.hints if "scale" in hint)
    assert hint.startswith("X[:, 3] is about 551, too large for weights of 1 and up: scale the features first")
    assert hint in plan.hints
    assert str(plan).splitlines()[-1].split(maxsplit=1) == ["hint", hint]
    better = trainer.fit(network, scaled(FOUR), IS_BENIGN)
    assert better.score > result.score + 0.02
    assert not any("scale" in hint for hint in (*better.hints, *trainer.plan(network, scaled(FOUR), IS_BENIGN).hints))


def test_pictures_have_pixels_that_are_never_or_seldom_used() -> None:
    X, y = load_digits(return_X_y=True)
    network, trainer = Network.dense([64, 2, 1], bias=True), GridSearchTrainer(Grid([-1, 0, 1]), strategy="coordinate")
    (hint,) = trainer.plan(network, X, y == 1).hints
    followed = eval(hint.partition("as ")[2].removesuffix(" does"), {"X": X, "np": np})
    assert np.isfinite(followed).all()
    assert not trainer.plan(network, followed, y == 1).hints
    assert not trainer.plan(network, X / 16, y == 1).hints


@pytest.mark.parametrize("weighted", [False, True])
def test_a_sample_that_is_far_off_says_nothing_of_the_others(weighted: bool) -> None:
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(300, 2)), [[1e6, 1.0]] * (200 if weighted else 1)])
    y = (X[:, 0] > 0.2).astype(int)
    weights = np.where(X[:, 0] == 1e6, 0.0, 1.0) if weighted else None
    network = Network.dense([2, 1], bias=True)
    small = Grid([-0.2, 0.2])
    for trainer in (GridSearchTrainer(Grid.linspace(-3, 3, 7)), GridSearchTrainer(Grid([-1, 1]), bias_grid=small)):
        assert not [hint for hint in trainer.plan(network, X, y, sample_weight=weights).hints if "scale" in hint]


def test_what_an_answer_no_better_than_a_constant_one_lacks() -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    rare = (np.arange(200) % 40 == 0).astype(int)
    assert "scoring='balanced_accuracy'" in fitted(Network.dense([2, 1], bias=True), X, rare, Grid([-1, 1])).hints[0]
    same = fitted(Network.dense([2, 1], bias=True), np.ones((10, 2)), [0, 1] * 5, Grid([-1, 1]))
    assert same.hints[0].endswith("all samples have the same features")
    noise, linear = np.random.default_rng(1).normal(size=200), Network.dense([2, 1], output_activation=Identity())
    told = fitted(linear, X, noise, Grid([-1, 1]), scoring="mean_squared_error").hints[0]
    assert told.startswith("no better than the same answer")
    assert "scale the targets" not in told


def test_searches_that_something_else_ended() -> None:
    X, network = np.random.default_rng(0).normal(size=(200, 2)), Network.dense([2, 2, 1], bias=True)
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    assert "a callback ended the search" in fitted(network, X, y, callbacks=[lambda event: True]).hints
    few = fitted(network, X, y, strategy="coordinate", max_candidates=3)
    assert "max_candidates ended the search: allow more" in few.hints


def test_a_feature_that_is_small_beside_others() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y, X[:, 1] = (X[:, 0] + X[:, 1] > 0).astype(int), 0.001 * X[:, 1]
    result = fitted(Network.dense([2, 1]), X, y)
    assert "X[:, 0] is about 0.7, too large for weights of 1 and up" in only(result)
    assert fitted(Network.dense([2, 1]), scaled(X), y).score > result.score


@pytest.mark.parametrize(
    ("network", "X"),
    [
        (Network.dense([3, 1]), 100.0 * np.random.default_rng(0).normal(size=(50, 3))),  # labels go by the sign
        (Network.dense([3, 2, 1], activation=Step()), 100.0 * np.random.default_rng(0).normal(size=(50, 3))),
        (Network.dense([3, 2, 1], activation=ReLU()), 100.0 * np.random.default_rng(0).normal(size=(50, 3))),
        (Network.dense([2, 1], bias=True), np.eye(50, 2)),  # seldom, but not small
        (Network.dense([2, 1], bias=True), np.column_stack([np.full(50, 1e4), np.arange(50) / 50])),  # never varies
    ],
)
def test_features_that_need_no_scaling(network: Network, X: FloatArray) -> None:
    y = np.random.default_rng(1).integers(0, 2, len(X))
    assert GridSearchTrainer(Grid([-1, 0, 1])).plan(network, X, y).hints == ()


def test_values_that_are_too_wide_for_many_features() -> None:
    X, network = scaled(CANCER), Network.dense([30, 1], bias=True)
    settings: dict[str, Any] = {"strategy": Coordinate(block="parameter", restarts=1), "scoring": "log_loss"}
    trainer = GridSearchTrainer(WIDE, **settings)
    result = trainer.fit(network, X, IS_BENIGN)
    hint = only(result)
    assert hint.startswith("with such weights, sums over 30 features are about 31, where Sigmoid is flat: try Grid")
    assert hint in trainer.plan(network, X, IS_BENIGN).hints
    assert fitted(network, X, IS_BENIGN, grid_of(hint), **settings).score < 0.9 * result.score


def test_values_that_are_too_wide_for_the_best() -> None:
    X = np.random.default_rng(0).normal(size=(300, 2))
    y = (X @ [1.5, -1.5] + np.random.default_rng(1).logistic(size=300) > 0).astype(int)
    grid = Grid([-12, -6, -3, 3, 6, 12])
    result = fitted(Network.dense([2, 1]), X, y, grid, scoring="log_loss")
    hint = only(result)
    assert "the same weights, 0.5 times as large, would score better" in hint
    assert hint.endswith("try values 0.5 times as large")
    assert fitted(Network.dense([2, 1]), X, y, Grid(grid.values * 0.5), scoring="log_loss").score < result.score


def test_weights_at_the_edge_of_the_grid() -> None:
    network, grid = Network.dense([2, 1], bias=True), Grid.linspace(-1, 1, 9)
    result = fitted(network, MOONS[0], MOONS[1], grid, scoring="log_loss")
    hint = only(result)
    assert hint.startswith("2 of 3 parameters are at the edge of the grid, and twice as large would score better (0.37")
    assert grid_of(hint) == Grid.linspace(-2, 2, 17)
    assert fitted(network, MOONS[0], MOONS[1], grid_of(hint), scoring="log_loss").score < 0.9 * result.score


def test_an_edge_that_is_no_worse_than_what_is_beyond_needs_no_hint() -> None:
    result = fitted(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert np.abs(result.parameters).max() == 10.0
    assert result.hints == ()


def test_an_answer_that_is_always_the_same() -> None:
    X = np.linspace(0.1, 1.0, 50)[:, np.newaxis]
    y = (X[:, 0] > 0.4).astype(int)
    result = fitted(Network.dense([1, 1]), X, y)
    hint = only(result)
    assert hint == "no better than the same answer for all samples (0.66): give the neurons biases, with bias=True"
    better = fitted(Network.dense([1, 1], bias=True), X, y)
    assert better.score > result.score
    assert better.hints == ()
    held = fitted(Network.dense([2, 1], bias=True), *MOONS, scoring="log_loss", penalty=L1(10.0))
    assert only(held).endswith("try a weaker penalty")
    assert fitted(Network.dense([2, 1], bias=True), *MOONS, scoring="log_loss", penalty=L1(0.001)).hints == ()


def test_an_answer_that_needs_hidden_neurons() -> None:
    X = np.random.default_rng(0).uniform(-1, 1, size=(200, 1))
    y = (np.abs(X[:, 0]) < 0.5).astype(int)
    grid = Grid([-8, -4, 0, 4, 8])
    result = fitted(Network.dense([1, 1], bias=True), X, 1 - y, Grid.fixed(0.0))
    hint = only(result)
    assert hint.endswith("try hidden neurons, such as Network.dense([1, 3, 1], bias=True)")
    assert fitted(Network.dense([1, 3, 1], bias=True), X, 1 - y, grid, strategy="coordinate").score > result.score


def test_an_answer_no_better_than_the_mean() -> None:
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = scaled(X[:, :4])
    linear = Network.dense([4, 1], bias=True, output_activation=Identity())
    result = fitted(linear, X, y, scoring="mean_squared_error")
    assert only(result).endswith("scale the targets, as (y - y.mean(axis=0)) / y.std(axis=0) does")
    assert "(5929.88)" in only(result)
    grid = Grid.linspace(-1, 1, 21)
    assert fitted(linear, X, (y - y.mean()) / y.std(), grid, scoring="mean_squared_error").hints == ()
    bent = fitted(Network.dense([4, 1]), X, y, grid, scoring="mean_absolute_error")
    assert only(bent).endswith("pass output_activation=Identity(), whose outputs can be of any size")


def test_a_time_limit_that_leaves_the_best_unproven(tmp_path: Path) -> None:
    X, y = scaled(load_iris().data), (load_iris().target == 2).astype(int)
    network = Network.dense([4, 3, 1], bias=True)
    trainer = GridSearchTrainer(WIDE, time_limit=0.3)
    hint = trainer.fit(network, X, y).hints[-1]
    assert hint.startswith("not proven in time: allow more time, fewer values for each weight, or fewer weights")
    assert "checkpoint=" in hint
    assert any("the best will hardly be proven in 0.3 s" in hint for hint in trainer.plan(network, X, y).hints)
    few = GridSearchTrainer(Grid([-2, 2]), time_limit=60).fit(Network.dense([4, 2, 1], bias=True), X, y)
    assert few.optimal
    assert few.hints == ()
    own = GridSearchTrainer(WIDE, time_limit=0.3, strategy=Coordinate(restarts=1000))
    assert own.fit(network, X, y).hints[-1].startswith("the time limit ended the search: allow more time")
    path = tmp_path / "search.json"
    seconds = [own.fit(network, X, y, checkpoint=path).seconds for _ in range(2)]
    assert seconds[1] > seconds[0] + 0.2


def test_other_ends() -> None:
    X, y = sum_threshold(n_samples=60, n_features=2, threshold=1.0, seed=3)
    network = Network.dense([2, 1], bias=True)
    first = fitted(network, X, y, max_candidates=500)
    alike = "only the first 500 candidates were scored, which are alike"
    assert first.hints[-1] == f"{alike}: strategy=RandomSample(500) takes as many from everywhere"
    sampled = fitted(network, X, y, strategy=RandomSample(500))
    assert sampled.score > first.score
    assert only(sampled) == "not proven: strategy='joint' searches all 9,261 candidates"
    assert fitted(network, X, y).optimal
    assert fitted(network, X, y, callbacks=[lambda event: True]).stop_reason == "callback"
    assert fitted(network, X, y, target_score=0.6).hints == ()


def test_a_plan_of_what_fit_refuses() -> None:
    X, y = scaled(CANCER)[:, :10], IS_BENIGN
    plan = GridSearchTrainer(WIDE, engine="batched").plan(Network.dense([10, 2, 1], bias=True), X, y)
    assert plan.hints[-1].startswith("fit refuses a search of more than a day: use fewer values, strategy='coordinate'")


def test_no_hint_calls_custom_functions() -> None:
    calls = []

    @activation
    def bent(z: FloatArray) -> FloatArray:
        calls.append(len(z))
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -50.0, 50.0))))

    network = Network.dense([4, 1], activation=bent, bias=True)
    problem = Problem.create(
        network, SearchSpace(network, Grid([-1, 1])), FOUR, IS_BENIGN, GridSearchTrainer(WIDE)._scoring
    )
    result = fitted(network, FOUR, IS_BENIGN, Grid([-1, 1]))
    n_calls = len(calls)
    assert with_hints(result, problem, None, is_whole=True).hints == ()
    assert hints_of_plan(problem, 1.0, None, is_whole=True) == ()
    assert len(calls) == n_calls


def test_hints_are_kept_with_the_result(tmp_path: Path) -> None:
    result = fitted(Network.dense([2, 1], bias=True), MOONS[0], MOONS[1], Grid.linspace(-1, 1, 9), scoring="log_loss")
    path = tmp_path / "result.json"
    result.save(path)
    assert SearchResult.load(path) == result
    assert SearchResult.load(path).hints == result.hints != ()
    assert result.to_dict()["hints"] == list(result.hints)
    path.write_text(path.read_text().replace(f'"{result.hints[0]}"', "3"))
    with pytest.raises(FileFormatError, match=r"hints\[0\]"):
        SearchResult.load(path)
    content = json.loads(path.read_text())
    del content["hints"]  # as in files of before there were hints
    path.write_text(json.dumps(content))
    assert SearchResult.load(path) == dataclasses.replace(result, hints=())


def test_hints_take_a_moment() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100_000, 64)), rng.integers(0, 10, 100_000)
    network = Network.dense([64, 10], bias=True)
    problem = Problem.create(
        network, SearchSpace(network, WIDE), X, y, GridSearchTrainer(WIDE, scoring="log_loss")._scoring
    )
    result = fitted(network, X, y, strategy=RandomSample(1), scoring="log_loss")
    began = time.perf_counter()
    with_hints(result, problem, None, is_whole=False)
    hints_of_plan(problem, 1.0, None, is_whole=False)
    assert time.perf_counter() - began < 2.0
