"""The estimators by themselves: classes, probabilities, settings, weights, targets, errors."""

import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, make_blobs
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr
from typing_extensions import override

import minigrid
from minigrid import (
    Coordinate,
    FloatArray,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    LeakyReLU,
    LogLoss,
    Network,
    Neuron,
    RandomSample,
    SearchEvent,
    ShapeError,
    Sigmoid,
    Step,
    Tanh,
    UnknownNameError,
    Zoom,
    register_activation,
)
from minigrid.datasets import xor
from minigrid.model.layer import Layer
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor
from tests.problems import BUILT_IN
from tests.profile import examples, in_turn

QUICK = Coordinate(block="parameter", restarts=1)
LINE = [[-2.0], [-1.0], [1.0], [2.0]]
SIDES = ["left", "left", "right", "right"]


def blobs(centers: int = 3) -> tuple[Any, Any]:
    X, y = make_blobs(90, centers=centers, random_state=1)
    return StandardScaler().fit_transform(X), y


def assert_consistent(classifier: Any, X: Any) -> None:
    """Check that labels, decisions, probabilities and the network itself say the same."""
    labels = classifier.network_.predict(X)
    np.testing.assert_array_equal(classifier.predict(X), classifier.classes_[labels])
    decision = classifier.decision_function(X)
    if len(classifier.classes_) == 2:
        assert decision.shape == (len(X),)
        np.testing.assert_array_equal(decision > 0, labels == 1)
    else:
        np.testing.assert_array_equal(decision, classifier.network_(X))
        np.testing.assert_array_equal(decision.argmax(axis=1), labels)
    if hasattr(classifier, "predict_proba"):
        shares = classifier.predict_proba(X)
        assert shares.shape == (len(X), len(classifier.classes_))
        assert (shares >= 0).all()
        assert (shares <= 1).all()
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-15)
        np.testing.assert_array_equal(shares.argmax(axis=1), labels)
        with np.errstate(divide="ignore"):
            np.testing.assert_array_equal(classifier.predict_log_proba(X), np.log(shares))


# Classes and labels -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "n_classes"),
    in_turn([["no", "yes", "perhaps"], [3, 1, 2], [-1.0, 0.0, 7.0], ["b", "a", "ü"]], [2, 3]),
)
def test_labels_of_any_kind_come_back(labels: list[Any], n_classes: int) -> None:
    X, positions = blobs(n_classes)
    y = np.array(labels[:n_classes])[positions]
    classifier = GridSearchNetworkClassifier().fit(X, y)
    assert classifier.classes_.tolist() == sorted(labels[:n_classes])
    assert classifier.predict(X).dtype == y.dtype
    assert classifier.score(X, y) == accuracy_score(y, classifier.predict(X)) > 0.9
    assert classifier.network_.n_outputs == (1 if n_classes == 2 else n_classes)
    assert_consistent(classifier, X)


def test_booleans_are_labels_too() -> None:
    classifier = GridSearchNetworkClassifier(hidden=()).fit(LINE, [False, False, True, True])
    assert classifier.predict(LINE).tolist() == [False, False, True, True]
    assert classifier.predict(LINE).dtype == bool


@pytest.mark.filterwarnings("ignore:. labels are hard to tell apart:UserWarning")
@examples(40)
@given(
    output=st.sampled_from(BUILT_IN),
    n_classes=st.integers(2, 4),
    hidden=st.sampled_from([(), (2,), (1, 2)]),
    scale=st.sampled_from([1e-3, 1.0, 30.0, 1e6]),
    seed=st.integers(0, 10**6),
)
def test_what_it_says_in_different_ways_is_one_thing(
    output: Any, n_classes: int, hidden: tuple[int, ...], scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(30, 2)) * scale, np.arange(30) % n_classes
    classifier = GridSearchNetworkClassifier(
        hidden, output_activation=output, strategy=RandomSample(20, seed=seed), scoring="accuracy"
    )
    assert_consistent(classifier.fit(X, y), np.vstack([X, rng.normal(size=(200, 2)) * 3 * scale, np.zeros((1, 2))]))


def test_outputs_that_differ_in_the_last_bit_have_shares_that_tell_them_apart() -> None:
    weights = [2.0, 2.0 + 4e-15, 2.0 + 8e-15]
    fixed = {f"layer0.neuron{k}.weight0": Grid.fixed(weight) for k, weight in enumerate(weights)}
    classifier = GridSearchNetworkClassifier((), bias=False, overrides=fixed).fit([[0.0], [1.0], [2.0]], [0, 1, 2])
    X = np.linspace(0.9, 1.5, 2000).reshape(-1, 1)
    outputs = classifier.network_(X)
    plain = outputs / outputs.sum(axis=1, keepdims=True)
    assert (plain.argmax(axis=1) != outputs.argmax(axis=1)).any()
    assert_consistent(classifier, X)


def test_samples_that_no_class_claims_have_equal_probabilities() -> None:
    classifier = GridSearchNetworkClassifier((), output_activation="step", bias=False, strategy="joint")
    classifier.fit([[1.0], [2.0], [3.0]], ["a", "b", "c"])
    np.testing.assert_array_equal(classifier.predict_proba([[0.0]]), np.full((1, 3), 1 / 3))
    assert classifier.predict([[0.0]]).tolist() == ["a"]


def test_probabilities_are_those_that_the_search_was_for() -> None:
    for n_classes in (2, 3):
        X, y = blobs(n_classes)
        classifier = GridSearchNetworkClassifier(strategy=QUICK).fit(X, y)
        assert classifier.result_.score == pytest.approx(log_loss(y, classifier.predict_proba(X)))


@pytest.mark.parametrize("y", [["a"] * 4, [1] * 4])
def test_one_class_is_too_few(y: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^y: expected at least two classes, got 1 class"):
        GridSearchNetworkClassifier().fit(LINE, y)


def test_one_class_that_counts_is_too_few() -> None:
    with pytest.raises(InvalidValueError, match="two classes among the samples of a weight above 0, got 1 class"):
        GridSearchNetworkClassifier().fit(LINE, SIDES, sample_weight=[1, 2, 0, 0])


def test_a_class_without_weight_is_known_all_the_same() -> None:
    X, y = blobs(3)
    classifier = GridSearchNetworkClassifier(strategy=QUICK).fit(X, y, sample_weight=(y != 1).astype(float))
    assert classifier.classes_.tolist() == [0, 1, 2]
    assert 1 not in classifier.predict(X)


def test_real_numbers_are_no_classes() -> None:
    with pytest.raises(ValueError, match="continuous"):
        GridSearchNetworkClassifier().fit(LINE, [0.1, 0.2, 0.3, 0.4])


# Probabilities, where there are any -------------------------------------------------------------

PROBABLE = {"Sigmoid()", "HardSigmoid()", "Step()", "Gaussian()"}


@pytest.mark.parametrize("kind", BUILT_IN, ids=repr)
def test_only_outputs_from_0_to_1_are_probabilities(kind: Any) -> None:
    classifier = GridSearchNetworkClassifier((), output_activation=kind, strategy=QUICK, scoring="accuracy")
    assert hasattr(classifier, "predict_proba") == hasattr(classifier, "predict_log_proba") == (repr(kind) in PROBABLE)
    classifier.fit(LINE, SIDES)
    assert hasattr(classifier, "predict_proba") == (repr(kind) in PROBABLE)


def logistic(z: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


@pytest.mark.parametrize(
    ("kind", "has"),
    [
        (FunctionActivation(logistic), False),  # says nothing of its outputs
        (FunctionActivation(logistic, monotonic=True), True),
        (FunctionActivation(np.arctan, monotonic=True), False),
        ("sigmoid", True),
        ("tanh", False),
        ("no such name", False),
        (Sigmoid, False),
        (None, True),  # stands for "sigmoid"
    ],
)
def test_what_an_activation_declares_decides(kind: Any, has: bool) -> None:
    assert hasattr(GridSearchNetworkClassifier(output_activation=kind), "predict_proba") == has


def test_an_activation_that_cannot_say_has_no_probabilities() -> None:
    class Broken(minigrid.Activation):
        @override
        def __call__(self, z: FloatArray, /) -> FloatArray:
            return z

        @override
        def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Any:
            raise RuntimeError

    assert not hasattr(GridSearchNetworkClassifier(output_activation=Broken()), "predict_proba")


@pytest.mark.parametrize(
    ("kind", "output", "scoring"),
    [
        (GridSearchNetworkClassifier, "sigmoid", "log_loss"),
        (GridSearchNetworkRegressor, "identity", "mean_squared_error"),
    ],
)
def test_none_stands_for_what_the_estimator_is_made_for(kind: Any, output: str, scoring: str) -> None:
    X, y = LINE, [0.0, 0.0, 1.0, 1.0]
    plain = kind((), strategy="joint").fit(X, y)
    named = kind((), strategy="joint", output_activation=output, scoring=scoring).fit(X, y)
    assert (plain.get_params()["output_activation"], plain.get_params()["scoring"]) == (None, None)
    assert (plain.result_.network, plain.result_.score) == (named.result_.network, named.result_.score)
    assert plain.result_.scoring == named.result_.scoring


def test_of_a_network_of_ones_own_all_output_neurons_decide() -> None:
    both = Network([Layer([Neuron([1.0], activation=Sigmoid()), Neuron([1.0], activation=Step())])])
    one = Network([Layer([Neuron([1.0], activation=Sigmoid()), Neuron([1.0], activation=Tanh())])])
    assert hasattr(GridSearchNetworkClassifier(network=both), "predict_proba")
    assert not hasattr(GridSearchNetworkClassifier(network=one), "predict_proba")
    assert not hasattr(GridSearchNetworkClassifier(network="dense"), "predict_proba")  # type: ignore[arg-type]


def test_what_was_fitted_decides_until_it_is_fitted_anew() -> None:
    classifier = GridSearchNetworkClassifier((), output_activation="tanh", scoring="accuracy").fit(LINE, SIDES)
    classifier.set_params(output_activation="sigmoid")
    assert not hasattr(classifier, "predict_proba")
    assert hasattr(classifier.fit(LINE, SIDES), "predict_proba")


# Your own networks ------------------------------------------------------------------------------


def test_a_network_of_ones_own_keeps_its_wiring() -> None:
    hidden = Layer([Neuron([0.0], 0.0, Tanh(), inputs=[0]), Neuron([0.0, 0.0], activation=LeakyReLU(0.1))])
    network = Network([hidden, Layer([Neuron([0.0, 0.0], 0.0, Sigmoid())])])
    X, y = blobs(2)
    classifier = GridSearchNetworkClassifier(network=network, hidden=(5,), bias=False).fit(X, y)
    assert classifier.network_ == network.with_parameters(classifier.result_.parameters)
    assert classifier.score(X, y) > 0.9
    assert network.parameters.tolist() == [0.0] * 7


def test_two_classes_may_have_an_output_neuron_each() -> None:
    X, y = blobs(2)
    classifier = GridSearchNetworkClassifier(network=Network.dense([2, 2], bias=True)).fit(X, y)
    assert_consistent(classifier, X)
    assert classifier.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("sizes", "y", "message"),
    [
        ([3, 1], SIDES, "^network: expected 1 input, one for each feature of X, got 3"),
        ([1, 3], SIDES, "^network: expected 1 or 2 output neurons, for 2 classes, got 3"),
        ([1, 1], ["a", "b", "c", "c"], "^network: expected 3 output neurons, for 3 classes, got 1"),
    ],
)
def test_a_network_that_does_not_fit_is_told(sizes: list[int], y: list[str], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        GridSearchNetworkClassifier(network=Network.dense(sizes)).fit(LINE, y)


def test_a_regressor_s_network_has_an_output_for_each_target() -> None:
    with pytest.raises(ShapeError, match=r"^network: expected 2 output neurons, one for each target, got 1"):
        GridSearchNetworkRegressor(network=Network.dense([1, 1])).fit(LINE, np.ones((4, 2)))


# Settings ---------------------------------------------------------------------------------------


def test_the_search_is_the_trainer_s() -> None:
    X, y = xor(60)
    network = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid(), bias=True)
    grid = Grid([-4.0, -1.0, 1.0, 4.0])
    trainer = GridSearchTrainer(grid, scoring="accuracy", bias_grid=Grid([-1, 1]), strategy="joint", top=4)
    expected = trainer.fit(network, X, y)
    classifier = GridSearchNetworkClassifier(
        (2,), activation="tanh", grid=grid, bias_grid=[-1, 1], scoring="accuracy", strategy="joint", top=4
    ).fit(X, y)
    assert classifier.result_.optimal
    assert (classifier.result_.index, classifier.result_.score) == (expected.index, expected.score)
    assert classifier.result_.top == expected.top
    assert classifier.network_ == expected.network


def test_every_setting_of_the_search_arrives() -> None:
    events: list[SearchEvent] = []
    X, y = xor(60)

    def fitted(**changes: Any) -> Any:
        return GridSearchNetworkClassifier((2,), scoring="accuracy", **changes).fit(X, y).result_

    assert fitted(engine="reference", strategy=RandomSample(5)).engine == "reference"
    assert fitted(strategy="joint", max_candidates=7, engine="batched").stop_reason == "max_candidates"
    assert fitted(target_score=0.6).stop_reason == "target_score"
    assert fitted(strategy="joint", time_limit=1e-6, engine="batched").stop_reason == "time_limit"
    assert fitted(callbacks=[events.append]).stop_reason == "completed"
    assert events
    assert fitted(strategy=Zoom(points=3, levels=1), workers=1).strategy == "Zoom(points=3, levels=1)"
    assert fitted(overrides={"layer0.neuron0.weight0": [0.125]}).parameters[0] == 0.125


def test_a_bar_is_shown_if_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    GridSearchNetworkClassifier((), progress=True).fit(LINE, SIDES)
    assert "100.0%" in capsys.readouterr().err
    GridSearchNetworkClassifier(()).fit(LINE, SIDES)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"hidden": 2}, InvalidTypeError, "^hidden: expected a sequence of whole numbers, got 2"),
        ({"hidden": (0,)}, InvalidValueError, "^hidden: expected a whole number of at least 1, got 0"),
        ({"hidden": (2.5,)}, InvalidTypeError, "^hidden: expected a whole number"),
        ({"activation": "sigmoidal"}, UnknownNameError, "Did you mean 'sigmoid'"),
        ({"output_activation": Tanh}, InvalidTypeError, "^output_activation: expected an Activation"),
        ({"bias": "yes"}, InvalidTypeError, "^bias"),
        ({"network": (2,)}, InvalidTypeError, "^network: expected a Network"),
        ({"grid": "small"}, InvalidTypeError, "^grid"),
        ({"grid": [0.0, np.nan]}, InvalidValueError, "^grid"),
        ({"grid": []}, ShapeError, "^grid"),
        ({"bias": False, "bias_grid": [1.0]}, InvalidValueError, "bias_grid"),
        ({"overrides": [1.0]}, InvalidTypeError, "^overrides"),
        ({"overrides": {"layer9": [1.0]}}, UnknownNameError, "^overrides"),
        ({"overrides": {"layer0.neuron0.bias": ["x"]}}, InvalidTypeError, "^overrides"),
        ({"strategy": "coordinates"}, UnknownNameError, "^strategy"),
        ({"scoring": "roc_auc"}, UnknownNameError, "^scoring"),
        ({"engine": "gpu"}, UnknownNameError, "^engine"),
        ({"top": 0}, InvalidValueError, "^top"),
        ({"workers": 0}, InvalidValueError, "^workers"),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("estimator", [GridSearchNetworkClassifier, GridSearchNetworkRegressor])
def test_what_is_wrong_is_said_by_fit(
    estimator: Any, changes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    made = clone(estimator(**changes))
    with pytest.raises(kind, match=message):
        made.fit(LINE, [0, 0, 1, 1])
    with pytest.raises(NotFittedError):
        made.predict(LINE)


def test_a_fit_that_fails_leaves_the_one_before() -> None:
    classifier = GridSearchNetworkClassifier(()).fit(LINE, SIDES)
    with pytest.raises(UnknownNameError):
        classifier.set_params(scoring="none").fit(LINE, ["x", "x", "y", "z"])
    assert classifier.predict(LINE).tolist() == SIDES


def test_registered_names_are_names() -> None:
    smooth = register_activation("smooth", FunctionActivation(logistic, monotonic=True))
    classifier = GridSearchNetworkClassifier((), output_activation=smooth).fit(LINE, SIDES)
    assert classifier.network_[0][0].activation == FunctionActivation(logistic, monotonic=True)
    assert classifier.predict_proba(LINE).shape == (4, 2)


# Settings of settings ---------------------------------------------------------------------------


def test_settings_of_parts_are_settings_too() -> None:
    classifier = GridSearchNetworkClassifier(strategy=Coordinate(restarts=2), activation=LeakyReLU(0.2))
    deep = classifier.get_params()
    assert deep["strategy__restarts"] == 2
    assert deep["activation__slope"] == 0.2
    assert "strategy__restarts" not in classifier.get_params(deep=False)
    assert not [name for name in GridSearchNetworkClassifier().get_params() if "__" in name]


def test_one_setting_of_a_part_can_be_changed() -> None:
    strategy = Coordinate(restarts=2, seed=5)
    classifier = GridSearchNetworkClassifier(strategy=strategy)
    other = clone(classifier)
    assert classifier.set_params(strategy__restarts=7, hidden=(1,)) is classifier
    assert classifier.strategy == Coordinate(restarts=7, seed=5)
    assert strategy == Coordinate(restarts=2, seed=5)
    assert other.strategy == strategy
    classifier.set_params(strategy__block="layer", strategy=Coordinate(seed=1), scoring=LogLoss(), scoring__epsilon=0.1)
    assert classifier.strategy == Coordinate(block="layer", seed=1)
    assert classifier.scoring == LogLoss(0.1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("strategie", "Invalid parameter 'strategie'"),
        ("strategie__restarts", "^set_params: expected a setting of GridSearchNetworkClassifier, .*'strategy'"),
        ("strategy__restart", "^set_params: expected a setting of Coordinate.*'restarts'"),
        ("activation__slope", "^activation__slope: expected activation to be an object with settings, got 'sigmoid'"),
        ("hidden__first", "^hidden__first"),
    ],
)
def test_settings_that_there_are_not_are_named(name: str, message: str) -> None:
    classifier = GridSearchNetworkClassifier(strategy=Coordinate())
    with pytest.raises(ValueError, match=message):
        classifier.set_params(**{name: 3})
    assert classifier.strategy == Coordinate()


def test_a_setting_of_a_part_is_checked_as_the_part_checks_it() -> None:
    with pytest.raises(InvalidValueError, match=r"^restarts"):
        GridSearchNetworkClassifier(strategy=Coordinate()).set_params(strategy__restarts=0)


def test_clones_are_equal_and_independent() -> None:
    values = [-1.0, 0.0, 1.0]
    given = {
        "hidden": [2, 1],
        "activation": LeakyReLU(0.3),
        "grid": Grid(values),
        "overrides": {"layer0.neuron0.bias": Grid.fixed(1.0)},
        "strategy": Coordinate(restarts=2),
        "network": Network.dense([2, 1]),
    }
    classifier = GridSearchNetworkClassifier(**given)  # type: ignore[arg-type]  # of many types
    copied = clone(classifier)
    assert {name: copied.get_params(deep=False)[name] for name in given} == given
    assert all(classifier.get_params()[name] is value for name, value in given.items())


def test_reprs_show_what_was_changed() -> None:
    assert repr(GridSearchNetworkClassifier()) == "GridSearchNetworkClassifier()"
    changed = GridSearchNetworkRegressor((3,), grid=Grid([0, 1]), strategy=Coordinate(restarts=2))
    expected = "GridSearchNetworkRegressor(grid=Grid([0.0, 1.0]), hidden=(3,), strategy=Coordinate(restarts=2))"
    assert " ".join(repr(changed).split()) == expected
    assert "GridSearchNetworkRegressor" in estimator_html_repr(changed)


# Weights of samples -----------------------------------------------------------------------------


@examples(30)
@given(
    scoring=st.sampled_from(["log_loss", "accuracy", "balanced_accuracy", "hinge"]),
    seed=st.integers(0, 10**6),
    n_classes=st.integers(2, 3),
)
def test_a_weight_of_two_is_the_sample_twice_and_no_order_matters(scoring: Any, seed: int, n_classes: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-2, 3, (15, 2)) / 2, np.arange(15) % n_classes
    weights = rng.integers(0, 4, 15)
    weights[:n_classes] += 1
    order = rng.permutation(int(weights.sum()))
    made = GridSearchNetworkClassifier(activation="tanh", scoring=scoring, strategy=QUICK)
    weighted = clone(made).fit(X, y, sample_weight=weights)
    repeated = clone(made).fit(np.repeat(X, weights, axis=0)[order], np.repeat(y, weights)[order])
    assert weighted.network_ == repeated.network_
    assert weighted.result_.score == repeated.result_.score


@pytest.mark.parametrize("mean", [1e9, 1e10, 1e12])
@pytest.mark.parametrize("hidden", [(), (2,)])
def test_targets_that_vary_little_beside_their_mean(mean: float, hidden: tuple[int, ...]) -> None:
    X = np.random.default_rng(0).normal(size=(200, 2))
    y = X @ [1.0, 2.0] + mean
    fitted = GridSearchNetworkRegressor(hidden=hidden).fit(X, y)
    assert fitted.score(X, y) > 0.99
    assert fitted.result_.hints == ()


def test_weights_decide() -> None:
    X, y = [[0.0], [0.0], [1.0]], ["a", "b", "b"]
    made = GridSearchNetworkClassifier((), strategy="joint", grid=Grid.linspace(-4, 4, 17))
    assert made.fit(X, y, sample_weight=[9, 1, 1]).predict([[0.0]]).tolist() == ["a"]
    assert made.predict_proba([[0.0]])[0, 0] == pytest.approx(0.9, abs=0.05)
    assert made.fit(X, y, sample_weight=pd.Series([1, 9, 1])).predict([[0.0]]).tolist() == ["b"]
    assert made.score(X, y, sample_weight=[1, 0, 0]) == 0.0


def test_a_scoring_that_knows_no_weights_gets_the_samples_as_they_are() -> None:
    seen: list[int] = []

    def hits(y_true: FloatArray, outputs: FloatArray) -> float:
        seen.append(len(y_true))
        return float(np.mean((outputs[:, 0] > 0.5) == y_true))

    X, y = [*LINE, *LINE], [*SIDES, *SIDES]
    made = GridSearchNetworkClassifier((), scoring=hits, strategy=QUICK)
    assert made.fit(X, y).score(X, y) == 1.0
    assert 8 in seen
    with pytest.raises(minigrid.ScoringError):
        made.fit(X, y, sample_weight=np.ones(8))


@pytest.mark.parametrize("weights", [[1, 2, 3], [0, 0, 0, 0], [1, 1, 1, -1], [1, 1, 1, np.nan], [[1], [1], [1], [1]]])
@pytest.mark.parametrize("estimator", [GridSearchNetworkClassifier(), GridSearchNetworkRegressor()])
def test_weights_that_are_none_are_told(estimator: Any, weights: list[Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"^sample_weight"):
        clone(estimator).fit(LINE, [0, 0, 1, 1], sample_weight=weights)


# Targets of a regressor -------------------------------------------------------------------------


def test_a_line_is_found_and_proven() -> None:
    X = np.linspace(-2, 2, 9).reshape(-1, 1)
    line = GridSearchNetworkRegressor((), strategy="joint").fit(X, 0.5 * X[:, 0] - 1.0)
    assert line.network_.parameters.tolist() == [0.5, -1.0]
    assert line.result_.optimal
    assert (line.result_.score, line.score(X, 0.5 * X[:, 0] - 1.0)) == (0.0, 1.0)
    assert line.predict([[4.0]]).tolist() == [1.0]


def test_several_targets_have_an_output_each() -> None:
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.column_stack([X[:, 0], -X[:, 1], X.sum(axis=1)])
    made = GridSearchNetworkRegressor(()).fit(X, y)
    assert made.predict(X).shape == y.shape
    assert made.score(X, y) == r2_score(y, made.predict(X)) == 1.0
    assert made.fit(X, y[:, :1]).predict(X).shape == (40, 1)
    assert made.fit(X, y[:, 0]).predict(X).shape == (40,)


def test_a_bend_needs_hidden_neurons() -> None:
    X = np.linspace(-2, 2, 41).reshape(-1, 1)
    y = np.abs(X[:, 0])
    assert GridSearchNetworkRegressor(()).fit(X, y).score(X, y) < 0.1
    bent = GridSearchNetworkRegressor((2,), activation="relu", grid=[-1.0, 0.0, 1.0], strategy="joint")
    assert bent.fit(X, y).score(X, y) == 1.0


def test_targets_may_be_of_any_range() -> None:
    X, y = load_diabetes(return_X_y=True)  # from 25 to 346
    model = make_pipeline(StandardScaler(), GridSearchNetworkRegressor())
    for targets in (y, y * 1e100, y * 1e-100, y - 1000.0):
        assert model.fit(X, targets).score(X, targets) > 0.5
    scaled = TransformedTargetRegressor(model, transformer=StandardScaler()).fit(X, y)
    assert scaled.score(X, y) > 0.5


def test_targets_that_are_no_numbers_are_told() -> None:
    with pytest.raises(ValueError, match="could not convert string"):
        GridSearchNetworkRegressor().fit(LINE, SIDES)


# Ends -------------------------------------------------------------------------------------------


def test_ctrl_c_stops_what_fits_many_and_keeps_the_best_so_far() -> None:
    pressed: list[SearchEvent] = []

    def press(event: SearchEvent) -> None:
        if event.best is not None and not pressed:
            pressed.append(event)
            signal.raise_signal(signal.SIGINT)

    X, y = blobs(2)
    made = GridSearchNetworkClassifier(callbacks=[press])
    with pytest.raises(KeyboardInterrupt):
        made.fit(X, y)
    assert made.result_.stop_reason == "interrupted"
    assert_consistent(made, X)


@pytest.mark.parametrize("module", ["sklearn", "sklearn.base"])
def test_without_scikit_learn_the_error_says_what_to_do(module: str) -> None:
    code = f"""
import sys
sys.modules[{module!r}] = None
from minigrid import MissingExtraError
try:
    import minigrid.sklearn
except MissingExtraError as error:
    print(isinstance(error, ImportError), error)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "True minigrid.sklearn: expected scikit-learn 1.6 or newer to be installed, got an environment without it. "
        'Run pip install "scikit-learn>=1.6".\n'
    )
