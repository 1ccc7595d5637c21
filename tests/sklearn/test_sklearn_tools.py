"""The estimators in the hands of scikit-learn: pipelines, cross-validation, grid searches, inspection, tables."""

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris, make_moons
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from minigrid import Coordinate, Grid, InvalidValueError, Network, ShapeError, Tanh
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor

QUICK = Coordinate(block="parameter", restarts=1)


def iris() -> tuple[Any, Any]:
    """Flowers, three kinds, as a table with names."""
    data = load_iris(as_frame=True)
    return data.data, data.target.map(dict(enumerate(data.target_names)))


def pipeline(**settings: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), GridSearchNetworkClassifier(**settings))


def test_they_are_what_they_are() -> None:
    assert is_classifier(GridSearchNetworkClassifier())
    assert is_regressor(GridSearchNetworkRegressor())


def test_a_pipeline_is_cross_validated() -> None:
    X, y = iris()
    scores = cross_val_score(pipeline(strategy=QUICK), X, y, cv=3)
    assert scores.shape == (3,)
    assert scores.min() > 0.85
    for scoring in ("neg_log_loss", "roc_auc_ovr", "balanced_accuracy"):
        assert np.isfinite(cross_val_score(pipeline(strategy=QUICK), X, y, cv=2, scoring=scoring)).all()
    predicted = cross_val_predict(pipeline(strategy=QUICK), X, y, cv=2, method="predict_proba")
    assert predicted.shape == (150, 3)


@pytest.mark.slow
def test_many_features_are_no_obstacle() -> None:
    X, y = load_breast_cancer(return_X_y=True)  # 30 features: 65 parameters
    assert cross_val_score(pipeline(strategy=QUICK), X, y, cv=2).min() > 0.9


def test_a_grid_search_goes_over_topologies_activations_and_settings_of_parts() -> None:
    X, y = make_moons(120, noise=0.1, random_state=0)
    grid = {
        "gridsearchnetworkclassifier__hidden": [(), (3,)],
        "gridsearchnetworkclassifier__activation": ["relu", Tanh()],
        "gridsearchnetworkclassifier__strategy__restarts": [1, 2],
    }
    search = GridSearchCV(pipeline(strategy=QUICK), grid, cv=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 8
    assert search.best_params_["gridsearchnetworkclassifier__hidden"] == (3,)
    best = search.best_estimator_[-1]
    assert best.network_.topology == (2, 3, 1)
    assert best.strategy.restarts == search.best_params_["gridsearchnetworkclassifier__strategy__restarts"]
    assert search.score(X, y) > 0.85


def test_a_grid_search_goes_over_networks_and_grids_in_several_processes() -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    grid = {
        "network": [Network.dense([2, 1], bias=True), Network.dense([2, 2, 1], activation=Tanh(), bias=True)],
        "grid": [Grid.linspace(-3, 3, 5), [-1.0, 0.0, 1.0]],
    }
    made = GridSearchNetworkClassifier(strategy=QUICK, workers=1)
    alone = GridSearchCV(made, grid, cv=2).fit(X, y)
    spread = GridSearchCV(made, grid, cv=2, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(alone.cv_results_["mean_test_score"], spread.cv_results_["mean_test_score"])
    assert alone.best_estimator_.network_ == spread.best_estimator_.network_


def test_columns_have_names() -> None:
    X, y = iris()
    made = GridSearchNetworkClassifier(strategy=QUICK).fit(X, y)
    assert made.feature_names_in_.tolist() == X.columns.tolist()
    assert made.n_features_in_ == 4
    assert made.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    with pytest.raises(ValueError, match="in the same order"):
        made.predict(X[X.columns[::-1]])
    with pytest.raises(ValueError, match="3 features"):
        clone(made).fit(X.to_numpy(), y).predict(X.to_numpy()[:, :3])
    with pytest.warns(UserWarning, match="valid feature names"):
        made.predict(X.to_numpy())


def test_a_regressor_takes_tables_too() -> None:
    table = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 0.0, 1.0]})
    made = GridSearchNetworkRegressor((), strategy="joint").fit(table, table["a"] - table["b"])
    assert made.feature_names_in_.tolist() == ["a", "b"]
    assert made.predict(table).tolist() == [-1.0, 1.0, 1.0]


def test_a_scorecard_takes_the_names_of_the_table() -> None:
    table = pd.DataFrame({"smokes": [0.0, 1.0, 1.0, 0.0], "exercises": [1.0, 0.0, 1.0, 1.0]})
    sick = ["no", "yes", "yes", "no"]
    made = GridSearchNetworkClassifier((), grid=[-2, -1, 0, 1, 2], strategy="joint").fit(table, sick)
    card = made.scorecard()
    assert card.feature_names == ("smokes", "exercises")
    assert {type(name) for name in card.feature_names} == {str}
    assert card.points.tolist() == made.result_.scorecard(table.columns).points.tolist()
    assert str(card).endswith("The risk is that of label yes.")
    np.testing.assert_array_equal(card.risk(table.to_numpy() @ card.points), made.predict_proba(table)[:, 1])
    assert made.scorecard(["a", "b"]).feature_names == ("a", "b")
    assert made.fit(table.to_numpy(), sick).scorecard().feature_names == ("x0", "x1")
    line = GridSearchNetworkRegressor((), strategy="joint").fit(table, table["smokes"])
    assert line.scorecard().risk_name == "output"
    assert line.scorecard().feature_names == ("smokes", "exercises")


def test_only_one_neuron_has_a_scorecard() -> None:
    X, y = iris()
    with pytest.raises(NotFittedError):
        GridSearchNetworkClassifier(()).scorecard()
    with pytest.raises(ShapeError, match=r"expected one neuron.*got 3 neurons \(4-3\)"):
        GridSearchNetworkClassifier((), strategy=QUICK).fit(X, y).scorecard()
    with pytest.raises(ShapeError, match=r"got 2 neurons \(4-1-1\).*hidden=\(\)"):
        GridSearchNetworkClassifier((1,), strategy=QUICK).fit(X, y == "setosa").scorecard()
    with pytest.raises(InvalidValueError, match="'a' more than once"):
        GridSearchNetworkClassifier((), strategy=QUICK).fit(X, y == "setosa").scorecard(["a", "b", "c", "a"])


def test_which_feature_matters_is_found_out() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    made = GridSearchNetworkClassifier((), strategy="joint", scoring="accuracy").fit(X, X[:, 1] > 0)
    importance = permutation_importance(made, X, X[:, 1] > 0, n_repeats=3, random_state=0).importances_mean
    assert importance.argmax() == 1
    assert importance[1] > 0.3


@pytest.mark.parametrize("output", ["sigmoid", "tanh"])
def test_probabilities_are_calibrated(output: Any) -> None:
    X, y = make_moons(120, noise=0.3, random_state=0)
    made = GridSearchNetworkClassifier(output_activation=output, scoring="accuracy", strategy=QUICK)
    calibrated = CalibratedClassifierCV(made, cv=2).fit(X, y)
    assert calibrated.predict_proba(X).shape == (120, 2)
    assert calibrated.score(X, y) > 0.7


def test_they_vote() -> None:
    X, y = make_moons(80, noise=0.1, random_state=0)
    voters = [(name, GridSearchNetworkClassifier(activation=name, strategy=QUICK)) for name in ("relu", "tanh")]
    assert VotingClassifier(voters, voting="soft").fit(X, y).score(X, y) > 0.8


def test_several_questions_are_a_classifier_each() -> None:
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.column_stack([X[:, 0] > 0, X[:, 1] > 0])
    made = MultiOutputClassifier(GridSearchNetworkClassifier((), strategy=QUICK)).fit(X, y)
    assert made.score(X, y) > 0.9


def test_sample_weights_are_routed() -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    weights = np.where(y == 1, 1.0, 0.01)
    with config_context(enable_metadata_routing=True):
        made = GridSearchNetworkClassifier((), bias=False, strategy="joint", scoring="accuracy")
        made = made.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        model = make_pipeline(MinMaxScaler(), clone(made)).fit(X, y, sample_weight=weights)
        plain = make_pipeline(MinMaxScaler(), clone(made)).fit(X, y)
        assert model[-1].result_.score != plain[-1].result_.score
        scores = cross_val_score(made, X, y, cv=2, params={"sample_weight": weights})
    assert scores.shape == (2,)


def test_a_fitted_one_is_pickled_and_copied() -> None:
    X, y = make_moons(40, noise=0.1, random_state=0)
    made = GridSearchNetworkClassifier(strategy=QUICK, grid=Grid.linspace(-3, 3, 5)).fit(X, y)
    for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert other.network_ == made.network_
        assert other.result_ == made.result_
        np.testing.assert_array_equal(other.predict_proba(X), made.predict_proba(X))
