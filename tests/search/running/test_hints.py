"""Hints: each is given where it helps, helps when followed, and is not given elsewhere."""

import dataclasses
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_friedman1,
    make_friedman2,
    make_moons,
    make_regression,
)

from minigrid import (
    L1,
    Accuracy,
    Activation,
    Coordinate,
    FileFormatError,
    FloatArray,
    Grid,
    GridSearchTrainer,
    Identity,
    LogLoss,
    Network,
    RandomSample,
    ReLU,
    SearchResult,
    Sigmoid,
    Step,
    Tanh,
    activation,
)
from minigrid.datasets import sum_threshold
from minigrid.search.problem import Problem
from minigrid.search.running.grid_names import halved
from minigrid.search.running.grid_names import scaled as written
from minigrid.search.running.hints import _longer, hints_of_plan, with_hints
from minigrid.search.space import SearchSpace
from tests.profile import in_turn

WIDE = Grid.linspace(-10, 10, 21)
CANCER, IS_BENIGN = load_breast_cancer(return_X_y=True)
FOUR = CANCER[:, [0, 1, 2, 3]]  # of about 14, 19, 92 and 655
MOONS: tuple[Any, Any] = make_moons(200, noise=0.2, random_state=0)


def scaled(X: FloatArray) -> FloatArray:
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))


def fitted(network: Network, X: Any, y: Any, grid: Grid = WIDE, **settings: Any) -> SearchResult:
    return GridSearchTrainer(grid, **settings).fit(network, X, y)


def only(result: SearchResult) -> str:
    (hint,) = result.hints
    assert str(result).splitlines()[-1].split(maxsplit=1) == ["hint", hint]
    return hint


def first(result: SearchResult) -> str:
    """The only hint about the data or the grid."""
    (hint,) = (hint for hint in result.hints if not hint.startswith("not proven"))
    return hint


def grid_of(hint: str, **known: Any) -> Grid:
    """The grid that a hint recommends."""
    code = hint.rpartition("try ")[2].partition(" with strategy=")[0]
    return as_grid(eval(code, {"Grid": Grid, "np": np, **known}))


def as_grid(value: object) -> Grid:
    assert isinstance(value, Grid)
    return value


def rescaled(hint: str, X: Any, y: Any = None) -> dict[str, Any]:
    """The data as a hint says to scale them."""
    data = {"np": np, "X": X, "y": y}
    exec(hint[hint.index(" = np.asarray") - 1 :], data)
    return data


@pytest.mark.parametrize("network", [Network.dense([4, 1], bias=True), Network.dense([4, 2, 1], bias=True)])
def test_features_that_are_not_scaled(network: Network) -> None:
    trainer = GridSearchTrainer(WIDE, strategy=Coordinate(block="parameter", restarts=2))
    result, plan = trainer.fit(network, FOUR, IS_BENIGN), trainer.plan(network, FOUR, IS_BENIGN)
    hint = next(hint for hint in result.hints if "scale" in hint)
    assert hint.startswith(
        "column 3 of X is about 551, too large for weights of 1 and up: scale the features first: X = "
    )
    assert hint in plan.hints
    assert str(plan).splitlines()[-1].split(maxsplit=1) == ["hint", hint]
    better = trainer.fit(network, rescaled(hint, FOUR)["X"], IS_BENIGN)
    assert better.score > result.score + 0.02
    assert not any("scale" in hint for hint in (*better.hints, *trainer.plan(network, scaled(FOUR), IS_BENIGN).hints))


def test_pictures_have_pixels_that_are_never_or_seldom_used() -> None:
    X, y = load_digits(return_X_y=True)
    network, trainer = Network.dense([64, 2, 1], bias=True), GridSearchTrainer(Grid([-1, 0, 1]), strategy="coordinate")
    (hint,) = trainer.plan(network, X, y == 1).hints
    followed = rescaled(hint, X)["X"]
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


@pytest.mark.parametrize(("threshold", "is_told"), [(5.0, True), (0.5, False)])
def test_a_first_candidate_that_is_as_good_as_all_others(threshold: float, is_told: bool) -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    trainer = GridSearchTrainer(Grid([-1, 0, 1]), scoring=lambda y, out: float(((out[:, 0] > threshold) == y).mean()))
    result = trainer.fit(Network.dense([2, 1], bias=True), X, X[:, 0] > 0.3)
    same = "the first candidate is the best because 20 others from all over the grid have the same score: "
    assert [hint.startswith(same) for hint in result.hints] == [True] * is_told


def test_what_an_answer_no_better_than_a_constant_one_lacks() -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    rare = (np.arange(200) % 40 == 0).astype(int)
    assert "scoring='balanced_accuracy'" in fitted(Network.dense([2, 1], bias=True), X, rare, Grid([-1, 1])).hints[0]
    same = fitted(Network.dense([2, 1], bias=True), np.ones((10, 2)), [0, 1] * 5, Grid([-1, 1]))
    assert same.hints[0].endswith("all samples have the same feature values")
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


@pytest.mark.usefixtures("own_clock")
def test_a_heuristic_that_was_completed() -> None:
    X, y = scaled(load_iris().data), load_iris().target
    network = Network.dense([4, 3, 3], bias=True)
    settings: dict[str, Any] = {"grid": Grid.linspace(-3, 3, 7), "scoring": "accuracy"}
    result = fitted(network, X, y, strategy=RandomSample(100), **settings)
    hint = only(result)
    assert hint == "not proven: strategy='joint' with time_limit=10 looks further, and proves the best if it can"
    assert fitted(network, X, y, time_limit=1, **settings).score > result.score
    started = Coordinate(block="parameter", start=result.parameters)  # which a joint search may not reach
    assert not any("joint" in hint for hint in fitted(network, X, y, strategy=started, **settings).hints)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 1.1, 7.0, 99.0])
def test_a_search_that_is_to_look_further_gets_ten_times_as_long(seconds: float) -> None:
    longer = float(_longer(seconds))
    assert max(10.0, 10.0 * seconds) <= longer <= max(10.0, 25.0 * seconds)
    assert longer in {10.0, 20.0, 50.0, 100.0, 1000.0}


def test_a_zoom_may_be_better_than_the_grid() -> None:
    grid = Grid.linspace(-3, 3, 7)
    result = fitted(Network.dense([2, 1], bias=True), *MOONS, grid, strategy="zoom", scoring="log_loss")
    between = "not proven, with weights between the values of the grid"
    assert f"{between}: strategy='joint' proves the best of its 343 candidates, which may be worse" in result.hints
    assert fitted(Network.dense([2, 1], bias=True), *MOONS, grid, scoring="log_loss").score > result.score


# Data of any kind and size -----------------------------------------------------------------------

KINDS: dict[str, Callable[[FloatArray], Any]] = {
    "array": np.asarray,
    "list": lambda X: X.tolist(),
    "tuple": lambda X: tuple(map(tuple, X.tolist())),
    "pandas": lambda X: pd.DataFrame(X),
    "pandas, two types": lambda X: pd.DataFrame(X).assign(last=X[:, 0] > X[:, 0].mean()),
    "pandas, nullable": lambda X: pd.DataFrame(X).convert_dtypes(),
    "polars": lambda X: pl.DataFrame(X),
    "PyArrow": lambda X: pa.Table.from_pandas(pd.DataFrame(X)),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_advice_works_for_data_of_any_kind(kind: Callable[[FloatArray], Any]) -> None:
    X, y = kind(FOUR), pl.Series(IS_BENIGN) if kind is KINDS["polars"] else IS_BENIGN.tolist()
    network = Network.dense([np.asarray(X).shape[1], 1], bias=True)
    plan = GridSearchTrainer(WIDE).plan(network, X, y)
    (hint,) = plan.hints
    followed = rescaled(hint, X)["X"]
    assert np.allclose(followed[:, :4], scaled(FOUR))
    assert GridSearchTrainer(WIDE).plan(network, followed, y).hints == ()
    linear = Network.dense([4, 1], output_activation=Identity())
    big = GridSearchTrainer(WIDE, scoring="mean_squared_error").plan(linear, scaled(FOUR), [1e4 * one for one in y])
    assert np.std(rescaled(big.hints[0], X, y)["y"]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("network", "scoring"),
    [
        (Network.dense([2, 1], bias=True), "log_loss"),
        (Network.dense([2, 2, 1], bias=True), "accuracy"),
        (Network.dense([2, 2, 1], activation="tanh", bias=True), "balanced_accuracy"),
        (Network.dense([2, 1], bias=True, output_activation=Identity()), "mean_squared_error"),
    ],
)
def test_features_that_are_too_small(network: Network, scoring: Any) -> None:
    X, grid = 1e-3 * MOONS[0], Grid.linspace(-2, 2, 9)
    trainer = GridSearchTrainer(grid, scoring=scoring)
    result = trainer.fit(network, X, MOONS[1])
    hint = next(hint for hint in result.hints if "scale" in hint)
    about = r"column \d of X is about 0\.\d+, too small for weights of 2 at most: scale the features first: "
    assert re.match(about, hint)
    assert hint in trainer.plan(network, X, MOONS[1]).hints
    followed = rescaled(hint, X)["X"]
    better = trainer.fit(network, followed, MOONS[1])
    assert (better.score > result.score) == better.greater_is_better
    assert better.score != result.score
    assert not any("scale" in hint for hint in (*better.hints, *trainer.plan(network, followed, MOONS[1]).hints))


def test_a_threshold_that_small_features_cannot_reach() -> None:
    X = 1e-3 * np.random.default_rng(0).normal(size=(200, 2))
    y = (X @ [1.0, 1.0] > 1e-3).astype(int)
    network = Network.dense([2, 1], bias=True)
    result = fitted(network, X, y, Grid.linspace(-3, 3, 7))
    followed = rescaled(result.hints[-1], X)["X"]
    assert fitted(network, followed, y, Grid.linspace(-3, 3, 7)).score > result.score
    alone = fitted(Network.dense([2, 1]), X, y, Grid.linspace(-3, 3, 7))  # here, only the signs of sums matter
    assert not any("scale" in hint for hint in alone.hints)


def test_a_linear_model_needs_features_and_targets_of_its_size() -> None:
    linear, errors = Network.dense([2, 1], bias=True, output_activation=Identity()), "mean_squared_error"
    X = np.random.default_rng(0).normal(size=(60, 2))
    y, trainer = X @ [0.5, -1.0], GridSearchTrainer(Grid.linspace(-3, 3, 13), scoring="mean_squared_error")
    exact = np.arange(20.0).reshape(10, 2)  # about as large as what they are to give
    assert trainer.plan(linear, exact, exact @ [2.0, -1.0] + 3.0).hints == ()
    assert trainer.fit(linear, exact, exact @ [2.0, -1.0] + 3.0).hints == ()
    assert trainer.plan(linear, X, y).hints == trainer.plan(linear, 10.0 * X, 10.0 * y).hints == ()
    for columns, told in (
        (
            X * [1.0, 100.0],
            "column 1 of X varies by about 104, too much for weights of 0.5 and up: scale the features first",
        ),
        (
            X + np.array([0.0, 2000.0]),
            "column 1 of X is about 2e+03, too large for weights of 0.5 and up: scale the features first",
        ),
    ):
        (hint,) = trainer.plan(linear, columns, y).hints
        assert hint.startswith(told)
        assert fitted(linear, columns, y, Grid.linspace(-3, 3, 13), scoring=errors).score > 0.1
        assert fitted(linear, rescaled(hint, columns)["X"], y, Grid.linspace(-3, 3, 13), scoring=errors).score < 0.05
    (hint,) = trainer.plan(linear, X, 1e3 * y).hints
    assert hint.startswith("y varies by about 1.01e+03, too much for weights of 3 at most: scale the targets: y = ")
    assert trainer.plan(linear, X, rescaled(hint, X, 1e3 * y)["y"]).hints == ()
    raw = trainer.fit(linear, X * [1.0, 100.0], 1e3 * y + 1e5)
    assert "scale the features and the targets: X = " in raw.hints[0]
    followed = rescaled(raw.hints[0], X * [1.0, 100.0], 1e3 * y + 1e5)
    assert trainer.fit(linear, followed["X"], followed["y"]).score < 0.05


WINE = load_wine().data
RAW_TARGETS: dict[str, tuple[FloatArray, FloatArray]] = {  # larger than what small weights give
    "diabetes": load_diabetes(return_X_y=True),
    "cancer": (CANCER[:, 10:14], CANCER[:, 3]),
    "wine": (WINE[:, :6], WINE[:, 12]),
    "friedman": make_friedman2(200, random_state=0),
    "two targets": make_regression(200, 5, n_targets=2, noise=20, random_state=0),
    "far from 0": make_regression(200, 4, bias=1000, noise=20, random_state=0),
}


@pytest.mark.parametrize(("data", "hidden"), in_turn(list(RAW_TARGETS), [Tanh(), Sigmoid()]))
def test_targets_that_hidden_neurons_cannot_reach(data: str, hidden: Activation) -> None:
    X, y = RAW_TARGETS[data]
    X, n_outputs = scaled(X), 1 if y.ndim == 1 else y.shape[1]
    network = Network.dense([X.shape[1], 2, n_outputs], bias=True, activation=hidden, output_activation=Identity())
    trainer = GridSearchTrainer(
        Grid.linspace(-5, 5, 11), scoring="mean_squared_error", strategy=Coordinate(block="parameter", restarts=6)
    )
    (hint,) = trainer.plan(network, X, y).hints
    assert hint.startswith("y comes to about ")
    result = trainer.fit(network, X, y)
    assert any("scale the targets: y = np.asarray" in told for told in result.hints)
    followed = rescaled(hint, X, y)["y"]
    assert trainer.plan(network, X, followed).hints == ()
    scaled_result = trainer.fit(network, X, followed)
    assert not any("scale" in told for told in scaled_result.hints)
    assert scaled_result.score < min(1.0, result.score / y.var())
    assert trainer.plan(network, X, 5.0 * followed).hints == ()


# Grids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_values", [5, 6, 9, 12, 30])
def test_a_wider_grid_has_the_present_values_too(n_values: int) -> None:
    network, grid = Network.dense([2, 1], bias=True), Grid.linspace(-1, 1, n_values)
    result = fitted(network, *MOONS, grid, scoring="log_loss")
    wider = grid_of(only(result), grid=grid)
    assert np.abs(wider.values).max() == 2.0
    for values in (grid.values, 2.0 * grid.values):
        assert np.abs(np.subtract.outer(values, wider.values)).min(axis=1).max() < 1e-9
    assert fitted(network, *MOONS, wider, scoring="log_loss").score < 0.95 * result.score


def test_the_grid_that_is_meant_is_named() -> None:
    network, narrow, wide = Network.dense([2, 1], bias=True), Grid.linspace(-1, 1, 9), Grid.linspace(-2, 2, 9)
    result = fitted(network, *MOONS, narrow, bias_grid=wide, scoring="log_loss")
    hint = only(result)
    about = "2 of 3 parameters are at the edge of their grids, and values twice as large would score better (0."
    assert hint.startswith(about)
    assert " instead of 0." in hint
    assert hint.endswith("try grid=Grid.linspace(-2, 2, 17)")
    assert fitted(network, *MOONS, Grid.linspace(-2, 2, 17), bias_grid=wide, scoring="log_loss").score < result.score
    own = {"layer0.neuron0.weight1": wide}
    hint = only(fitted(network, *MOONS, narrow, overrides=own, scoring="log_loss"))
    each = "Grid.linspace(-2, 2, 17) for layer0.neuron0.weight0 and 1 more and Grid.linspace(-4, 4, 17) for "
    assert hint.endswith(f"try {each}layer0.neuron0.weight1")
    shifted = MOONS[0] + [0.0, 3.0], MOONS[1]
    both = only(fitted(network, *shifted, narrow, bias_grid=Grid.linspace(-2, 2, 9), scoring="log_loss"))
    assert both.endswith("try grid=Grid.linspace(-2, 2, 17) and bias_grid=Grid.linspace(-4, 4, 17)")


def test_values_that_are_too_coarse_for_a_loss() -> None:
    X, y = make_friedman1(200, n_features=5, random_state=0)
    y = (y - y.mean()) / y.std()
    network = Network.dense([5, 2, 1], bias=True, output_activation=Identity())
    settings: dict[str, Any] = {"scoring": "mean_squared_error"}
    descent = Coordinate(block="parameter", restarts=1)
    result = fitted(network, X, y, Grid.linspace(-3, 3, 7), strategy=descent, **settings)
    hint = first(result)
    assert hint.startswith("weights halfway between the values of the grid would score better (0.5")
    again = eval(hint.partition(" with strategy=")[2], {"Coordinate": Coordinate, "result": result})
    assert grid_of(hint) == Grid.linspace(-3, 3, 13)
    assert fitted(network, X, y, grid_of(hint), strategy=again, **settings).score < 0.8 * result.score
    few = Network.dense([1, 1], bias=True, output_activation=Identity())
    one = scaled(X[:, :1])
    joint = fitted(few, one, 1.5 * one[:, 0], Grid([-2, -1, 0, 1, 2]), **settings)
    assert only(joint).endswith(" instead of 0.25): try Grid.linspace(-2, 2, 9)")
    assert fitted(few, one, 1.5 * one[:, 0], grid_of(only(joint)), **settings).score < 1e-9
    assert fitted(few, one, one[:, 0], Grid([-2, -1, 0, 1, 2]), **settings).hints == ()


@pytest.mark.parametrize("values", [[-3, -1, 0, 1, 3], [0.5], list(range(20)), [3.0, 1.0, 2.0], np.linspace(-1, 1, 4)])
def test_other_grids_are_written_as_code_that_works(values: Any) -> None:
    grid = Grid(values)
    narrower, wider, finer = (
        as_grid(eval(code, {"Grid": Grid, "np": np, "grid": grid}))
        for code in (written(grid, 0.5), written(grid, 2.0), halved(grid))
    )
    assert np.allclose(narrower.values, 0.5 * grid.values)
    assert np.isin(np.round(np.append(grid.values, 2.0 * grid.values), 9), np.round(wider.values, 9)).all()
    own = np.unique(grid.values)
    assert np.allclose(finer.values, np.union1d(own, (own[1:] + own[:-1]) / 2.0))


def test_hidden_layers_need_no_narrower_grid_for_many_features() -> None:
    network = Network.dense([30, 2, 1], bias=True)  # a narrower grid is for its output neuron, too, and worse
    trainer = GridSearchTrainer(WIDE, scoring="log_loss", strategy=Coordinate(block="parameter"))
    assert trainer.plan(network, scaled(CANCER), IS_BENIGN).hints == ()


def test_a_feature_that_is_small_beside_others() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y, X[:, 1] = (X[:, 0] + X[:, 1] > 0).astype(int), 0.001 * X[:, 1]
    result = fitted(Network.dense([2, 1]), X, y)
    hint = only(result)
    assert hint.startswith(
        "column 1 of X is about 0.000662, too small beside column 0, which is about 0.7: scale the features"
    )
    assert fitted(Network.dense([2, 1]), rescaled(hint, X)["X"], y).score > result.score


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
    hint = first(result)
    about = "with the weights of this grid, sums over 30 features are about 31"
    assert hint.startswith(f"{about}, where Sigmoid is flat: try Grid")
    assert hint in trainer.plan(network, X, IS_BENIGN).hints
    assert fitted(network, X, IS_BENIGN, grid_of(hint), **settings).score < 0.9 * result.score


def test_values_that_are_too_wide_for_the_best() -> None:
    X = np.random.default_rng(0).normal(size=(300, 2))
    y = (X @ [1.5, -1.5] + np.random.default_rng(1).logistic(size=300) > 0).astype(int)
    grid = Grid([-12, -6, -3, 3, 6, 12])
    result = fitted(Network.dense([2, 1]), X, y, grid, scoring="log_loss")
    hint = only(result)
    assert "the same weights, 0.5 times as large, would score better" in hint
    assert hint.endswith("try Grid([-6, -3, -1.5, 1.5, 3, 6])")
    assert fitted(Network.dense([2, 1]), X, y, grid_of(hint), scoring="log_loss").score < result.score


def test_weights_at_the_edge_of_the_grid() -> None:
    network, grid = Network.dense([2, 1], bias=True), Grid.linspace(-1, 1, 9)
    result = fitted(network, MOONS[0], MOONS[1], grid, scoring="log_loss")
    hint = only(result)
    about = "2 of 3 parameters are at the edge of the grid, and values twice as large would score better (0.37"
    assert hint.startswith(about)
    assert grid_of(hint) == Grid.linspace(-2, 2, 17)
    assert fitted(network, MOONS[0], MOONS[1], grid_of(hint), scoring="log_loss").score < 0.9 * result.score


def test_an_edge_that_is_no_worse_than_what_is_beyond_needs_no_hint() -> None:
    result = fitted(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert np.abs(result.parameters).max() == 10.0
    assert result.hints == ()


def test_a_loss_of_nearly_nothing_needs_no_other_grid() -> None:
    X = scaled(np.array([[-2.0, -1.0], [-1.5, -2.0], [1.0, 2.0], [2.0, 1.5]]))
    for size, is_hint in ((1.0, True), (5.0, False)):  # twice as large would always score better
        result = fitted(Network.dense([2, 1]), X, [0, 0, 1, 1], Grid.linspace(-size, size, 7), scoring="log_loss")
        assert (result.parameters == size).all()
        assert bool(result.hints) == is_hint, result.hints


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
    result = fitted(Network.dense([1, 1], bias=True), X, 1 - y, Grid.fixed(1.0))
    hint = only(result)
    assert hint.endswith("try hidden neurons, such as Network.dense([1, 3, 1], bias=True)")
    assert fitted(Network.dense([1, 3, 1], bias=True), X, 1 - y, grid, strategy="coordinate").score > result.score


def test_an_answer_no_better_than_the_mean() -> None:
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = scaled(X[:, :4])
    linear = Network.dense([4, 1], bias=True, output_activation=Identity())
    result = fitted(linear, X, y, scoring="mean_squared_error")
    code = "y = np.asarray(y, dtype=float); y = (y - y.mean(axis=0)) / y.std(axis=0)"
    assert only(result) == f"no better than the same answer for all samples (5929.88): scale the targets: {code}"
    grid = Grid.linspace(-1, 1, 21)
    followed = fitted(linear, X, rescaled(only(result), X, y)["y"], grid, scoring="mean_squared_error")
    assert followed.hints == ()
    assert followed.score < 0.9
    bent = fitted(Network.dense([4, 1]), X, y, grid, scoring="mean_absolute_error")
    assert only(bent).endswith("pass output_activation=Identity(), whose outputs can be of any size")


def test_a_time_limit_that_leaves_the_best_unproven(tmp_path: Path) -> None:
    X, y = scaled(load_iris().data), (load_iris().target == 2).astype(int)
    network = Network.dense([4, 3, 1], bias=True)
    trainer = GridSearchTrainer(WIDE, time_limit=0.3)
    hint = trainer.fit(network, X, y).hints[-1]
    assert hint.startswith("not proven in time: use fewer values or fewer weights")  # more time would be years
    assert hint.endswith('to be able to resume a search, pass checkpoint="search.json" to GridSearchTrainer.fit')
    assert any("a proof in 0.3 s is unlikely" in hint for hint in trainer.plan(network, X, y).hints)
    sooner = trainer.fit(Network.dense([4, 2, 1], bias=True), X, y).hints[-1]
    assert sooner.startswith("not proven in time: use fewer values or fewer weights, or allow more time")
    few = GridSearchTrainer(Grid([-2, 2]), time_limit=60).fit(Network.dense([4, 2, 1], bias=True), X, y)
    assert few.optimal
    assert few.hints == ()
    own = GridSearchTrainer(WIDE, time_limit=0.3, strategy=Coordinate(restarts=1000))
    assert own.fit(network, X, y).hints[-1].startswith("the time limit ended the search: allow more time")
    path = tmp_path / "search.json"
    first, second = (own.fit(network, X, y, checkpoint=path) for _ in range(2))
    assert second.hints[-1].endswith(f"to resume the search, call fit with checkpoint={str(path)!r}")
    assert second.seconds > first.seconds + 0.2
    stopping = GridSearchTrainer(WIDE, strategy="coordinate", callbacks=[lambda event: True])
    stopped = stopping.fit(network, X, y, checkpoint=tmp_path / "other.json")
    assert stopped.hints[-1].startswith("a callback ended the search: to resume the search, call fit with checkpoint=")


def test_other_ends() -> None:
    X, y = sum_threshold(n_samples=60, n_features=2, threshold=1.0, seed=3)
    network = Network.dense([2, 1], bias=True)
    first = fitted(network, X, y, max_candidates=500)
    little = "only the first 500 candidates were scored, and these differ little"
    assert first.hints[-1] == f"{little}: strategy=RandomSample(500) draws as many from the whole grid"
    sampled = fitted(network, X, y, strategy=RandomSample(500))
    assert sampled.score > first.score
    assert only(sampled) == "not proven: strategy='joint' searches all 9,261 candidates"
    assert fitted(network, X, y).score >= sampled.score
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
    problem = Problem.create(network, SearchSpace(network, Grid([-1, 1])), FOUR, IS_BENIGN, Accuracy())
    result = fitted(network, FOUR, IS_BENIGN, Grid([-1, 1]))
    n_calls = len(calls)
    assert with_hints(result, problem, None, is_whole=True).hints == ()
    assert hints_of_plan(problem, 1.0, None, "coordinate", is_whole=True) == ()
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
    problem = Problem.create(network, SearchSpace(network, WIDE), X, y, LogLoss())
    result = fitted(network, X, y, strategy=RandomSample(1), scoring="log_loss")
    began = time.perf_counter()
    with_hints(result, problem, None, is_whole=False)
    hints_of_plan(problem, 1.0, None, "coordinate", is_whole=False)
    assert time.perf_counter() - began < 2.0
