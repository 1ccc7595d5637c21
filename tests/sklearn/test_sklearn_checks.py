"""scikit-learn's own checks of an estimator: all of them, none expected to fail, none skipped."""

import unittest
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from minigrid import Coordinate, Grid, Tanh
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor

QUICK = Coordinate(block="parameter", restarts=1, seed=1)
OTHERS = [
    GridSearchNetworkClassifier(),
    GridSearchNetworkRegressor(),
    GridSearchNetworkClassifier(hidden=(), scoring="accuracy", output_activation="identity"),
    GridSearchNetworkClassifier(hidden=(3,), activation="relu", output_activation=Tanh(), scoring="hinge"),
    GridSearchNetworkClassifier(hidden=(2, 2), activation="tanh", output_activation="gaussian"),
    GridSearchNetworkRegressor(hidden=(), scoring="mean_absolute_error", grid=Grid.linspace(-2, 2, 17)),
    GridSearchNetworkRegressor(hidden=(3,), activation="tanh", top=3),
]


def name_of(check: Any) -> str:
    """Name a check, with its settings if it has any."""
    if not isinstance(check, partial):
        return str(check.__name__)
    return "-".join([check.func.__name__, *(f"{name}={value}" for name, value in check.keywords.items())])


def run(check: Callable[[Any], None], estimator: object) -> None:
    """Run a check, and fail where it skips itself: SCIPY_ARRAY_API, which one of them asks for, is set by conftest."""
    try:
        check(estimator)
    except unittest.SkipTest as skip:
        pytest.fail(f"skipped: {skip}")


# What scikit-learn's own parametrize_with_checks does, which the newest pytest refuses of older versions. With two
# descents instead of four, a search takes half as long. The slow test has the default settings.
CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{name_of(check)}")
    for kind in (GridSearchNetworkClassifier, GridSearchNetworkRegressor)
    for estimator, check in estimator_checks_generator(kind(strategy=QUICK))
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_every_check_passes(estimator: object, check: Callable[[Any], None]) -> None:
    run(check, estimator)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", OTHERS, ids=repr)
def test_every_check_passes_with_other_settings(estimator: object) -> None:
    for one, check in estimator_checks_generator(estimator):
        run(check, one)


@pytest.mark.parametrize("kind", [GridSearchNetworkClassifier, GridSearchNetworkRegressor])
def test_the_checks_are_many_and_none_is_declared_to_fail(kind: Any) -> None:
    checks = list(estimator_checks_generator(kind()))
    assert len(checks) >= 50
    tags = kind().__sklearn_tags__()
    assert not tags.no_validation
    assert not tags.non_deterministic
    assert not (tags.classifier_tags or tags.regressor_tags).poor_score
    assert tags.requires_fit
