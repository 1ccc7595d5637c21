"""Hints about weights and targets of the wrong size: if you follow one, the network is better and the hint is gone."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchResult
from minigrid.sklearn import GridSearchNetworkClassifier

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(100, 2))
X = (X - X.mean(axis=0)) / X.std(axis=0)
Y = X[:, 0] - 0.3 * X[:, 1]
LINEAR = Network.dense([2, 1], bias=True, output_activation="identity")


def fitted(grid: Grid, y: Any, scoring: Any = "mean_squared_error", network: Network = LINEAR) -> SearchResult:
    return GridSearchTrainer(grid, scoring=scoring).fit(network, X, y)


@pytest.mark.parametrize(
    ("grid", "size"),
    [
        (Grid.linspace(-10, 10, 5), 1.0),
        (Grid.linspace(-3, 3, 7), 0.1),
        (Grid([-2.0, -1.0, 0.0, 1.0, 2.0]), 0.1),
    ],
    ids=repr,
)
def test_weights_that_are_too_large_for_scaled_features(grid: Grid, size: float) -> None:
    first = fitted(grid, size * Y)
    hint = next(hint for hint in first.hints if hint.startswith("y varies by about"))
    assert "too little for weights of" in hint
    assert not any("scale the features" in hint for hint in first.hints)
    followed = fitted(eval(hint.rpartition(": try ")[2], {"Grid": Grid}), size * Y)
    assert followed.score < 0.25 * first.score
    assert not any("y varies by about" in hint for hint in followed.hints)


def test_targets_far_from_0_are_to_be_scaled_instead() -> None:
    hints = fitted(Grid.linspace(-3, 3, 7), 9.0 + 0.1 * Y).hints
    (hint,) = (hint for hint in hints if "scale the targets" in hint)
    names = {"np": np, "y": 9.0 + 0.1 * Y}
    exec(hint.rpartition("targets: ")[2], names)
    assert fitted(Grid.linspace(-3, 3, 7), names["y"]).score < 0.2


def test_weights_that_overflow_get_no_factor() -> None:
    wide = X * 2.0
    trainer = GridSearchTrainer(Grid([-1e308, 0.0, 1e308]), scoring="mean_squared_error")
    assert trainer.fit(LINEAR, wide, Y).index is not None


@pytest.mark.parametrize(
    ("scoring", "size"), [("mean_squared_error", 1e160), ("mean_absolute_error", 1.7e308)], ids=str
)
def test_targets_whose_losses_overflow(scoring: str, size: float) -> None:
    y = size * np.clip(Y, -1.0, 1.0)
    first = fitted(Grid.linspace(-1, 1, 3), y, scoring)
    assert first.score == np.inf
    (hint,) = (hint for hint in first.hints if "too large for a float" in hint)
    names = {"np": np, "y": y}
    exec(hint.rpartition("targets: ")[2], names)
    followed = fitted(Grid.linspace(-1, 1, 5), names["y"], scoring)
    assert followed.score < 0.35
    assert not any("too large for a float" in hint for hint in followed.hints)


def test_weights_that_are_all_0() -> None:
    labels = (X[:, 0] > 0.3).astype(int)
    (hint,) = fitted(Grid.fixed(0.0), labels, "hinge").hints
    assert hint.endswith("all weights are 0: use other values, such as Grid.linspace(-2, 2, 9)")
    assert fitted(Grid.linspace(-2, 2, 9), labels, "hinge").score < 0.5


def test_a_larger_network_keeps_the_activation_of_the_output() -> None:
    labels = (X[:, 0] * X[:, 1] > 0.0).astype(int)
    network = Network.dense([2, 1], bias=True, output_activation="identity")
    hints = fitted(Grid.linspace(-1, 1, 3), labels, "hinge", network).hints
    (hint,) = (hint for hint in hints if "try hidden neurons" in hint)
    assert hint.endswith("such as Network.dense([2, 3, 1], bias=True, output_activation=Identity())")


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_hints_name_the_columns_of_a_table(library: str) -> None:
    data = {"age": X[:, 0].tolist(), "year": (2000.0 + 10.0 * X[:, 1]).tolist()}
    table = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[library](data)
    labels = np.random.default_rng(1).integers(2, size=len(X))
    network, trainer = Network.dense([2, 1], bias=True), GridSearchTrainer(Grid.linspace(-1, 1, 5))
    begin = "column 'year' of X is about 2e+03, too large for weights of 0.5 and up: scale the features first: "
    for hints in (trainer.fit(network, table, labels).hints, trainer.plan(network, table, labels).hints):
        (hint,) = (hint for hint in hints if begin in hint)
        names: dict[str, Any] = {"np": np, "X": table}
        exec(hint.rpartition(begin)[2], names)
        assert np.abs(names["X"]).max() < 5.0
    estimator = GridSearchNetworkClassifier((), grid=[-1.0, 0.0, 1.0], strategy="joint")
    both = (estimator.fit(table, labels).result_.hints, estimator.plan(table, labels).hints)
    assert all(any("column 'year' of X" in hint for hint in hints) for hints in both)


def test_hints_number_columns_without_names_and_tell_those_of_one_name_apart() -> None:
    far = np.column_stack([X[:, 0], 2000.0 + 10.0 * X[:, 1]])
    labels = np.random.default_rng(1).integers(2, size=len(X))
    network, trainer = Network.dense([2, 1], bias=True), GridSearchTrainer(Grid.linspace(-1, 1, 5))
    for table, called in (
        (far, "column 1"),
        (pd.DataFrame(far), "column 1"),
        (pd.DataFrame(far, columns=["x", "x"]), "column 'x' at position 1"),
        (pd.DataFrame(far, columns=[1, 0]), "column '0'"),
        (pd.DataFrame(far, columns=[("a", "b"), 7]), "column '7'"),
        (pd.DataFrame(far, columns=["\\1", "column 0"]), "column 'column 0'"),
    ):
        assert any(f"{called} of X is about 2e+03" in hint for hint in trainer.fit(network, table, labels).hints)


def test_a_checkpoint_that_is_called_like_a_column_keeps_its_name(tmp_path: Path) -> None:
    table = pd.DataFrame(X, columns=["a", "b"])
    path = str(tmp_path / "column 17 of X is.json")
    labels = (Y > 0.0).astype(int) ^ (X[:, 0] > 0.0)
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 30), time_limit=0.1)
    result = trainer.fit(Network.dense([2, 3, 1], bias=True), table, labels, checkpoint=path)
    assert result.hints[-1].endswith(f"to resume the search, call fit with checkpoint={path!r}")
