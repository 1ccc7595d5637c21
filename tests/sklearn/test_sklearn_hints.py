"""Hints of estimators: each says what a user of scikit-learn can do, and doing it helps."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.compose
import sklearn.pipeline
import sklearn.preprocessing
from sklearn.datasets import load_diabetes

from minigrid import Coordinate, Grid
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor

GENERATOR = np.random.default_rng(0)
AGE, YEAR = GENERATOR.normal(45.0, 10.0, 200), GENERATOR.integers(1990, 2020, 200)
TABLE = pd.DataFrame({"age": AGE, "year": YEAR})
LABELS = (np.median(AGE / 10.0 + YEAR) < AGE / 10.0 + YEAR).astype(int)
OWN: dict[str, Any] = {"grid": Grid.linspace(-1, 1, 9), "strategy": "coordinate"}


def said(estimator: Any, X: Any, y: Any, start: str) -> str:
    """Return what a hint of a fitted estimator says to do."""
    hints = estimator.fit(X, y).result_.hints
    (hint,) = (hint for hint in hints if start in hint)
    return str(hint.partition(start)[2])


def followed(code: str, estimator: Any) -> Any:
    return eval(code, {"sklearn": sklearn, "estimator": estimator, "Coordinate": Coordinate, "Grid": Grid})


def test_features_are_scaled_in_a_pipeline() -> None:
    classifier = GridSearchNetworkClassifier((), **OWN)
    start = "column 'year' of X is about 2e+03, too large for weights of 0.25 and up: scale the features first: "
    code = said(classifier, TABLE, LABELS, start)
    before = classifier.score(TABLE, LABELS)
    scaled = followed(code, classifier).fit(TABLE, LABELS)
    assert scaled.score(TABLE, LABELS) > before + 0.2
    assert not any("scale the" in hint for hint in scaled[-1].result_.hints)


@pytest.mark.parametrize(
    ("X", "start"),
    [
        (sklearn.preprocessing.scale(load_diabetes().data), ": scale the targets: "),
        (np.column_stack([AGE, YEAR]), ": scale the features and the targets: "),
    ],
)
def test_targets_are_scaled_by_a_regressor_around_it(X: Any, start: str) -> None:
    y = load_diabetes().target if len(X) == 442 else 50.0 * AGE + 20.0 * YEAR
    regressor = GridSearchNetworkRegressor((), **OWN)
    scaled = followed(said(regressor, X, y, start), regressor).fit(X, y)
    assert scaled.score(X, y) > regressor.score(X, y) + 0.2


def test_a_larger_network_has_a_tuple_of_sizes() -> None:
    X = np.random.default_rng(0).normal(size=(200, 1))
    y = (np.abs(X[:, 0]) > 0.5).astype(int)
    classifier = GridSearchNetworkClassifier((), grid=Grid([-1, 0, 1]), strategy="joint", scoring="accuracy")
    assert said(classifier, X, y, "try hidden neurons, such as ") == "hidden=(3,)"
    larger = GridSearchNetworkClassifier(hidden=(3,))
    assert larger.fit(X, y).score(X, y) > classifier.score(X, y) + 0.2


def test_a_search_goes_on_from_what_the_estimator_found() -> None:
    X = np.random.default_rng(0).normal(size=(200, 5))
    y = X @ [1.5, 1.5, -1.5, 1.5, 0.5] + 0.1 * np.random.default_rng(1).normal(size=200)
    by_one = Coordinate(block="parameter")
    regressor = GridSearchNetworkRegressor((), grid=Grid.linspace(-2, 2, 5), strategy=by_one)
    grid, _, strategy = said(regressor, X, y, ": try ").partition(" with strategy=")
    assert "start=estimator.result_.parameters" in strategy
    finer = GridSearchNetworkRegressor((), grid=followed(grid, None), strategy=followed(strategy, regressor))
    assert finer.fit(X, y).score(X, y) > regressor.score(X, y) + 0.1
