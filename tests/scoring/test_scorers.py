"""Scorers of scikit-learn are refused, and the metric that the message names works in their place."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from sklearn.metrics import f1_score, fbeta_score, get_scorer, make_scorer, zero_one_loss

from minigrid import FunctionScoring, Grid, GridSearchTrainer, InvalidTypeError, Network, UnknownNameError
from minigrid.names import SCORINGS
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor
from tests.errors.cases import mg

X = np.random.default_rng(0).normal(size=(40, 2))
Y = np.where(X[:, 0] + np.sin(7.0 * X[:, 1]) > 0.0, 1, 0)


def spread(y_true: Any, predicted: Any) -> float:
    """A metric of your own."""
    return float(np.mean((np.asarray(y_true) - np.ravel(predicted)) ** 2))


SCORERS: dict[str, Any] = {
    **{
        name: get_scorer(name)
        for name in (
            "accuracy",
            "f1",
            "f1_macro",
            "roc_auc",
            "average_precision",
            "neg_log_loss",
            "neg_brier_score",
            "neg_mean_squared_error",
            "neg_root_mean_squared_error",
            "r2",
        )
    },
    "with a setting": make_scorer(fbeta_score, beta=2.0),
    "a loss of labels": make_scorer(zero_one_loss, greater_is_better=False),
    "your own loss": make_scorer(spread, greater_is_better=False),
}
USES: dict[str, Callable[[Any], object]] = {
    "trainer": lambda scoring: GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=scoring),
    "classifier": lambda scoring: GridSearchNetworkClassifier(scoring=scoring).fit(X, Y),
    "regressor": lambda scoring: GridSearchNetworkRegressor(scoring=scoring).fit(X, Y),
    "network": lambda scoring: Network.dense([2, 1]).score(X, Y, scoring=scoring),
}


def advised(text: str) -> Any:
    """Evaluate what a message says to pass."""
    begin, end = r"(?:Pass its metric(?:, and compute labels)?: |Use scoring=)", r"\.(?: (?:Several|Did|Known).*)?$"
    code = re.search(f"{begin}(.*?){end}", text)
    assert code is not None, text
    names = {"FunctionScoring": FunctionScoring, "sklearn": sklearn, "spread": spread}
    return eval(code.group(1), names)


@pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_scorer_is_refused_for_its_metric(use: Callable[[Any], object], scorer: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^scoring: expected .*, which takes \(estimator, X, y\)\. ") as caught:
        use(scorer)
    advised(str(caught.value))


@pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
def test_the_metric_that_the_message_names_finds_a_network(scorer: Any) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        USES["trainer"](scorer)
    scoring = advised(str(caught.value))
    trainer: Any = GridSearchTrainer(Grid([-1.0, 0.0, 1.0, 4.0]), scoring=scoring)
    result = trainer.fit(Network.dense([2, 1], activation="sigmoid"), X, Y)
    assert result.network.score(X, Y) > 0.7
    assert result.greater_is_better == (scorer._sign > 0)


def test_several_outputs_have_the_labels_that_the_message_names() -> None:
    with pytest.raises(InvalidTypeError, match=r" Several outputs have the labels outputs\.argmax\(axis=1\)\.$"):
        USES["trainer"](get_scorer("f1_macro"))
    scoring = FunctionScoring(lambda y_true, outputs: f1_score(y_true, outputs.argmax(axis=1), average="macro"))
    result = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), scoring=scoring).fit(Network.dense([2, 3]), X, (X > 0.5).sum(1))
    assert result.score > 0.5


def test_a_wrapped_scorer_is_refused_as_well() -> None:
    with pytest.raises(InvalidTypeError, match=r"^function: .* FunctionScoring\(sklearn\.metrics\.r2_score\)\.$"):
        mg.FunctionScoring(get_scorer("r2"))


def test_the_metric_of_a_lambda_is_named_by_where_it_is() -> None:
    scorer = make_scorer(lambda y_true, predicted: 1.0)
    with pytest.raises(InvalidTypeError, match=r" FunctionScoring\(scorer\._score_func\)\.$"):
        USES["trainer"](scorer)
    FunctionScoring(scorer._score_func)


@pytest.mark.parametrize("name", ["f1", "roc_auc", "r2", "neg_root_mean_squared_error", "jaccard_macro"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_name_of_a_scorer_is_told_the_metric(use: Callable[[Any], object], name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^scoring: .*got '{name}'. It is a scorer of scikit-learn. ") as caught:
        use(name)
    GridSearchTrainer(Grid([-1.0, 1.0]), scoring=advised(str(caught.value))).fit(Network.dense([2, 1]), X, Y)


@pytest.mark.parametrize("name", ["neg_log_loss", "neg_mean_squared_error", "neg_mean_absolute_error"])
def test_a_name_of_a_scorer_that_is_built_in_is_told_its_name(name: str) -> None:
    same = name.removeprefix("neg_")
    assert same in SCORINGS.built_in
    with pytest.raises(UnknownNameError, match=rf"got '{name}'\. Did you mean '{same}'\?"):
        USES["trainer"](name)
