"""Features in rows, and data of one dimension: the advice in the message works when it is followed."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from minigrid import Accuracy, Grid, GridSearchTrainer, Network, Problem, SearchSpace, ShapeError
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor

X = np.random.default_rng(0).normal(size=(20, 3))
Y = (X[:, 0] > 0).astype(np.int64)
TRAINER = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]))
CLASSIFIER, REGRESSOR = GridSearchNetworkClassifier(), GridSearchNetworkRegressor()
Use = Callable[[Network, Any], object]


@cache
def fitted(estimator: Any) -> Any:
    """A copy of an estimator that has learned these data."""
    return clone(estimator).fit(X, Y)


USES: dict[str, Use] = {
    "fit": lambda network, data: TRAINER.fit(network, data, Y),
    "plan": lambda network, data: TRAINER.plan(network, data, Y),
    "near_best": lambda network, data: TRAINER.near_best(network, data, Y, within=0.0),
    "call": lambda network, data: network(data),
    "predict": lambda network, data: network.predict(data),
    "score": lambda network, data: network.score(data, Y),
    "problem": lambda network, data: Problem.create(network, SearchSpace(network, Grid([0, 1])), data, Y, Accuracy()),
}
OF_ESTIMATORS: dict[str, Use] = {
    "classifier": lambda network, data: CLASSIFIER.fit(data, Y),
    "classifier plans": lambda network, data: CLASSIFIER.plan(data, Y),
    "classifier predicts": lambda network, data: fitted(CLASSIFIER).predict(data),
    "classifier scores": lambda network, data: fitted(CLASSIFIER).score(data, Y),
    "regressor": lambda network, data: REGRESSOR.fit(data, Y),
    "regressor predicts": lambda network, data: fitted(REGRESSOR).predict(data),
}
TURNED: dict[str, Any] = {
    "array": X.T,
    "lists": X.T.tolist(),
    "pandas": pd.DataFrame(X).T,
    "polars": pl.DataFrame(X.T),
}


def advised(use: Use, network: Network, data: Any) -> Any:
    """What the error recommends to pass instead."""
    with pytest.raises(ShapeError) as caught:
        use(network, data)
    code = re.search(r"pass (X\.T|np\.transpose\(X\))\.|: (np\.reshape\(X, \(-1, 1\)\))\.", str(caught.value))
    assert code is not None, str(caught.value)
    assert ".." not in str(caught.value)
    return eval(code.group(1) or code.group(2), {"X": data, "np": np})


@pytest.mark.filterwarnings("ignore:X has feature names")
@pytest.mark.parametrize("data", TURNED.values(), ids=TURNED)
@pytest.mark.parametrize("use", [*USES.values(), *OF_ESTIMATORS.values()], ids=[*USES, *OF_ESTIMATORS])
def test_features_in_rows_are_to_be_turned(use: Use, data: Any) -> None:
    network = Network.dense([3, 1])
    use(network, advised(use, network, data))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_single_feature_without_a_second_dimension_becomes_a_column(use: Use) -> None:
    network = Network.dense([1, 1])
    for data in (X[:, 0], X[:, 0].tolist(), pd.Series(X[:, 0]), pl.Series(X[:, 0])):
        use(network, advised(use, network, data))


def test_a_network_that_was_built_for_features_in_rows_is_told_how_many_inputs_it_needs() -> None:
    said = r"If the rows of X are the features, pass X\.T to a network of 3 inputs\.$"
    with pytest.raises(ShapeError, match=said):
        TRAINER.fit(Network.dense([20, 1]), X.T, Y)
    TRAINER.fit(Network.dense([3, 1]), X.T.T, Y)


def test_other_widths_are_not_taken_for_turned_data() -> None:
    for use in (USES["fit"], USES["call"], OF_ESTIMATORS["classifier predicts"]):
        with pytest.raises(ValueError, match="feature") as caught:
            use(Network.dense([3, 1]), X[:, :2])
        assert "rows of X" not in str(caught.value)
