"""The table of the estimators beside linear models, on real data: `python -m tests.benchmarks.estimators --write`.

It goes into docs/scikit_learn.md, between two marks.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor
from tests.benchmarks.markdown import duration, table
from tests.benchmarks.measure import ROOT
from tests.benchmarks.report import put

PAGE = ROOT / "docs" / "scikit_learn.md"
BEGIN, END = "<!-- estimators: begin -->", "<!-- estimators: end -->"
HIDDEN: tuple[tuple[int, ...], ...] = ((2,), ())
FOLDS = 3


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A data set, as scikit-learn has it.

    Attributes:
        name: what the table calls it.
        load: returns X and y.
        is_regression: whether the targets are numbers; else they are classes.
    """

    name: str
    load: Callable[[], tuple[Any, Any]]
    is_regression: bool = False


class Row(NamedTuple):
    """What cross-validation found.

    Attributes:
        hidden: the hidden layers of the estimator.
        linear: the mean score of logistic or ridge regression: accuracy or R².
        score: that of the estimator.
        seconds: the longest fit of the estimator.
    """

    hidden: tuple[int, ...]
    linear: float
    score: float
    seconds: float


def _scaled_diabetes() -> tuple[Any, Any]:
    X, y = load_diabetes(return_X_y=True)
    return X, (y - y.mean()) / y.std()


CASES: tuple[Case, ...] = (
    Case("iris", lambda: load_iris(return_X_y=True)),
    Case("wine", lambda: load_wine(return_X_y=True)),
    Case("breast cancer", lambda: load_breast_cancer(return_X_y=True)),
    Case("digits 0 and 1", lambda: load_digits(n_class=2, return_X_y=True)),
    Case("diabetes, scaled target", _scaled_diabetes, is_regression=True),
    Case("diabetes", lambda: load_diabetes(return_X_y=True), is_regression=True),
)


def compared(case: Case) -> Iterator[Row]:
    """Cross-validate the estimator with default settings, and without hidden neurons, beside the linear model."""
    X, y = case.load()

    def scores(model: Any) -> tuple[float, float]:
        found = cross_validate(make_pipeline(StandardScaler(), model), X, y, cv=FOLDS)
        return float(np.mean(found["test_score"])), float(np.max(found["fit_time"]))

    kind: Any = GridSearchNetworkRegressor if case.is_regression else GridSearchNetworkClassifier
    linear, _ = scores(Ridge() if case.is_regression else LogisticRegression())
    for hidden in HIDDEN:
        yield Row(hidden, linear, *scores(kind(hidden)))


def rendered() -> str:
    """Measure, and write the table."""
    rows = []
    for case in CASES:
        n_samples, n_features = np.shape(case.load()[0])
        found = list(compared(case))
        by = "ridge" if case.is_regression else "logistic"
        cells = [cell for row in found for cell in (f"{row.score:.3f}", duration(row.seconds))]
        rows.append([case.name, f"{n_samples} x {n_features}", by, f"{found[0].linear:.3f}", *cells])
    header = ["data", "samples x features", "linear model", "its score"]
    header += ["minigrid, `hidden=(2,)`", "longest fit", "minigrid, `hidden=()`", "longest fit"]
    return table(header, rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.estimators", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/scikit_learn.md")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    text = rendered()
    print(text)
    print(f"in {duration(time.perf_counter() - began)}")
    if options.write:
        put(text + "\n", BEGIN, END, PAGE)


if __name__ == "__main__":
    main()
