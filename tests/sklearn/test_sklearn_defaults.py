"""The default settings of the estimators: as good as a linear model on real data, on grids that suit them."""

import io
import time
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine, make_moons
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import minigrid.sklearn.estimator
import minigrid.sklearn.samples
from minigrid import (
    L0,
    Coordinate,
    Grid,
    GridSearchTrainer,
    Identity,
    Layer,
    Network,
    Neuron,
    SearchEvent,
    SearchSpace,
    Sigmoid,
    Tanh,
)
from minigrid.datasets import xor
from minigrid.sklearn import GridSearchNetworkClassifier, GridSearchNetworkRegressor
from minigrid.sklearn.grids import suitable_grids
from minigrid.sklearn.linear import linear_model
from minigrid.sklearn.optimum import starting_points
from minigrid.sklearn.samples import Samples
from tests.benchmarks.estimators import CASES, Case, compared
from tests.problems import BUILT_IN
from tests.profile import examples, in_turn

TARGET = 0.01
QUICK = ("breast cancer", "diabetes")
ONE_DESCENT = Coordinate(block="parameter", restarts=1, seed=1)


# How good they are ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name, marks=[] if case.name in QUICK else pytest.mark.slow) for case in CASES],
)
def test_real_data_are_learned_as_well_as_by_a_linear_model(case: Case) -> None:
    for row in compared(case):
        assert row.score > row.linear - TARGET, row


@pytest.mark.parametrize("samples", ["xor", "moons"])
def test_hidden_neurons_learn_what_no_linear_model_can(samples: str) -> None:
    X, y = xor(300) if samples == "xor" else make_moons(300, noise=0.2, random_state=0)
    model = make_pipeline(StandardScaler(), GridSearchNetworkClassifier())
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    assert cross_val_score(model, X, y, cv=3).mean() > cross_val_score(plain, X, y, cv=3).mean() + 0.04


def test_the_result_claims_no_proof() -> None:
    X, y = load_iris(return_X_y=True)
    result = GridSearchNetworkClassifier().fit(X, y).result_
    assert not result.optimal
    assert result.strategy.startswith("Coordinate(block='parameter', restarts=2")
    assert result.n_scored < result.n_candidates
    assert result.index is not None  # it is a point of the grid


def test_it_is_never_worse_than_where_it_starts() -> None:
    X, y = load_iris(return_X_y=True)
    made = GridSearchNetworkClassifier().fit(X, y)
    started = made.result_.history[0].score
    assert made.result_.score <= started


# Grids ------------------------------------------------------------------------------------------


def grids_of(kind: Any, X: Any, y: Any, **settings: Any) -> dict[str, Grid]:
    """The grids that an estimator chooses, by the names of the parameters."""
    trainer, _ = (made := kind(**settings))._prepared(
        made._task(np.asarray(X, dtype=float), y, None), time.perf_counter()
    )
    return dict(trainer._overrides)


@pytest.mark.parametrize(("n_inputs", "largest"), [(1, 4.0), (2, 4.0), (4, 2.0), (13, 1.0), (30, 1.0), (64, 0.5)])
def test_the_more_features_there_are_the_smaller_are_the_weights(n_inputs: int, largest: float) -> None:
    network = Network.dense([n_inputs, 2, 1], bias=True)
    for many in (True, False):
        grids = suitable_grids(network, np.ones((2, network.n_inputs)), np.array([0.0, 1.0]), None, many=many)
        assert list(grids) == list(network.parameter_names)
        values = grids["layer0.neuron0.weight0"].values
        assert (values.min(), values.max()) == (-largest, largest)
        assert 0.0 in values
        assert grids["layer0.neuron1.bias"].values.max() == 4.0
        assert {len(grid) for grid in grids.values()} == ({33, 129} if many else {9})


@pytest.mark.parametrize("factor", [1.0, 1e-100, 3e5, 1e100])
@pytest.mark.parametrize("shift", [0.0, -7.0, 1e3])
def test_linear_outputs_have_weights_and_biases_of_the_targets_size(factor: float, shift: float) -> None:
    y = (np.random.default_rng(0).normal(size=200) + shift) * factor
    network = Network.dense([2, 1], output_activation=Identity(), bias=True)
    grids = suitable_grids(network, np.ones((len(y), network.n_inputs)), y, None, many=True)
    weights, biases = grids["layer0.neuron0.weight0"].values, grids["layer0.neuron0.bias"].values
    assert 2.0 * y.std() < weights.max() < 8.0 * y.std()
    assert abs((biases.min() + biases.max()) / 2.0 - y.mean()) <= y.std()
    # Values that are easy to read: whole multiples of a power of two.
    step = np.diff(biases)[0]
    assert np.log2(step) == round(np.log2(step))
    np.testing.assert_array_equal(biases / step, np.round(biases / step))


@pytest.mark.parametrize("y", [[0.0, 0.0, 0.0], [5.0, 5.0, 5.0], [1e-100, 0.0, 0.0], [1e300, -1e300, 0.0]])
def test_targets_of_any_kind_have_grids(y: list[float]) -> None:
    made = GridSearchNetworkRegressor(hidden=())
    for grid in grids_of(GridSearchNetworkRegressor, [[0.0], [1.0], [2.0]], y, hidden=()).values():
        assert np.isfinite(grid.values).all()
    if max(y) < 1e100:
        assert np.abs(made.fit([[0.0], [1.0], [2.0]], y).predict([[1.0]]) - y[1]) <= max(y)


def test_several_targets_have_grids_of_their_own() -> None:
    y = np.random.default_rng(0).normal(size=(50, 2)) * [1.0, 1000.0]
    grids = grids_of(GridSearchNetworkRegressor, np.ones((50, 1)), y, hidden=())
    assert grids["layer0.neuron1.bias"].values.max() > 100 * grids["layer0.neuron0.bias"].values.max()


def test_weights_have_the_size_that_their_feature_asks_for() -> None:
    X = np.random.default_rng(0).normal(size=(200, 4)) * [1.0, 1000.0, 1e-3, 0.0] + [0.0, 8000.0, 0.0, 5.0]
    network, y = Network.dense([4, 2, 1], bias=True), np.arange(200.0) % 2
    grids = suitable_grids(network, X, y, None, many=True)
    largest = [grids[f"layer0.neuron1.weight{k}"].values.max() for k in range(4)]
    assert largest == [2.0, 2.0 / 1024.0, 2.0 * 1024.0, 2.0]
    bias, step = grids["layer0.neuron1.bias"].values, 0.25
    assert bias.max() > largest[1] * 8000.0
    np.testing.assert_array_equal(np.diff(bias), step)
    plain = suitable_grids(network, (X - X.mean(axis=0)) / [1.0, 1000.0, 1e-3, 1.0], y, None, many=True)
    assert plain == suitable_grids(network, np.ones((2, 4)), y, None, many=True)
    assert {len(one) for one in suitable_grids(network, X, y, None, many=False).values()} == {9}
    weight = np.repeat([1.0, 0.0], 100)
    assert suitable_grids(network, X, y, weight, many=True) == suitable_grids(network, X[:100], y, None, many=True)


UNSCALED: dict[str, tuple[Any, float]] = {
    "wine": (load_wine, 0.95),
    "breast cancer": (load_breast_cancer, 0.96),
    "diabetes": (partial(load_diabetes, scaled=False), 0.47),
}


@pytest.mark.parametrize(("data", "hidden"), in_turn(list(UNSCALED), [(2,), ()]))
def test_features_need_no_scaling_with_the_defaults(data: str, hidden: tuple[int, ...]) -> None:
    load, least = UNSCALED[data]
    X, y = load(return_X_y=True)
    kind = GridSearchNetworkRegressor if data == "diabetes" else GridSearchNetworkClassifier
    assert cross_val_score(kind(hidden=hidden), X, y, cv=3).mean() > least


def test_grids_that_are_passed_are_searched_and_no_others() -> None:
    X, y = load_iris(return_X_y=True)
    values = [-1.5, 0.0, 1.5]
    made = GridSearchNetworkClassifier(grid=values, strategy=ONE_DESCENT).fit(X, y)
    assert set(made.result_.parameters) <= set(values)
    assert made.result_.n_candidates == 3**19
    own = GridSearchNetworkClassifier(
        bias_grid=[0.25], overrides={"layer0.neuron0.weight0": [7.0]}, strategy=ONE_DESCENT
    ).fit(X, y)
    assert [neuron.bias for neuron in own.network_.neurons] == [0.25] * 5
    assert own.network_[0][0].weights[0] == 7.0
    fixed = GridSearchNetworkClassifier(overrides={"layer0.neuron0.bias": [7.0]}, strategy=ONE_DESCENT).fit(X, y)
    assert fixed.network_[0][0].bias == 7.0


def test_a_strategy_that_is_passed_is_what_searches() -> None:
    X, y = xor(40)
    made = GridSearchNetworkClassifier(hidden=(1,), strategy="joint").fit(X, y)
    assert made.result_.strategy == "Joint()"
    assert made.result_.optimal
    assert made.result_.n_candidates == 9**5  # few values, as a proof takes longer the more there are


# Starts -----------------------------------------------------------------------------------------


@examples(60, quick=8)
@given(
    hidden=st.sampled_from([(), (1,), (3,), (2, 2)]),
    kind=st.sampled_from(BUILT_IN),
    output=st.sampled_from([None, *BUILT_IN]),
    bias=st.booleans(),
    scale=st.sampled_from([0.0, 1e-200, 1e-3, 1.0, 1e6, 1e200]),
    n_classes=st.integers(0, 4),
    seed=st.integers(0, 10**6),
)
def test_there_are_starts_for_whatever_can_be_fitted(
    hidden: tuple[int, ...], kind: Any, output: Any, bias: bool, scale: float, n_classes: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(20, 3)) * scale
    y = rng.normal(size=20) if n_classes < 2 else np.arange(20.0) % n_classes
    usual = Sigmoid() if n_classes >= 2 else Identity()
    sizes = [3, *hidden, n_classes if n_classes > 2 else 1]
    network = Network.dense(sizes, activation=kind, output_activation=output or usual, bias=bias)
    grids = suitable_grids(network, X, y, None, many=True)
    space = SearchSpace(network, Grid([0.0]), overrides=grids)
    points = starting_points(network, space, Samples(X, y, None, n_classes >= 2))
    assert points.shape[0] >= 1
    assert all(point in space for point in points)
    again = starting_points(network, space, Samples(X, y, None, n_classes >= 2))
    np.testing.assert_array_equal(points, again)


def test_wired_networks_of_mixed_neurons_have_starts() -> None:
    X, y = load_iris(return_X_y=True)
    hidden = Layer([Neuron([0.0, 0.0], 0.0, Tanh(), inputs=[2, 3]), Neuron([0.0], activation=Sigmoid(), inputs=[0])])
    outputs = Layer([Neuron([0.0], 0.0, inputs=[0]), Neuron([0.0, 0.0]), Neuron([0.0], 0.0, inputs=[0])])
    made = make_pipeline(StandardScaler(), GridSearchNetworkClassifier(network=Network([hidden, outputs])))
    assert made.fit(X, y).score(X, y) > 0.9


def test_the_output_layer_starts_at_the_optimum() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, -1.0]
    target = X @ [1.0, 0.2, -3.0] + 2.0
    labels = (target + rng.normal(size=200) > 2.0).astype(float)
    scaler = StandardScaler().fit(X)
    for y, are_classes, model in ((target, False, Ridge()), (labels, True, LogisticRegression(max_iter=200))):
        found = linear_model(X, Samples(X, y, None, are_classes), 1)
        expected = model.fit(scaler.transform(X), y)
        plain = expected.coef_.ravel() @ scaler.transform(X).T + np.ravel(expected.intercept_)
        np.testing.assert_allclose(X @ found.coefficients[0] + found.intercepts[0], plain, rtol=1e-6, atol=1e-6)


def test_a_class_that_no_sample_is_of_stays_low() -> None:
    X = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    found = linear_model(X, Samples(X, np.array([0.0, 2.0, 0.0, 2.0]), None, True), 4)
    outputs = X @ found.coefficients.T + found.intercepts
    assert outputs.argmax(axis=1).tolist() == [0, 2, 0, 2]


def test_starts_of_large_data_are_computed_from_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300_000, 8))
    y = (np.arange(300_000) >= 299_999).astype(float)  # one sample only is of the second class
    taken = Samples(X, y, np.ones(300_000), True).some()
    assert taken.X.size <= 200_000
    assert taken.sample_weight is not None
    assert len(taken.X) == len(taken.y) == len(taken.sample_weight)
    assert set(taken.y) == {0.0, 1.0}
    monkeypatch.setattr(minigrid.sklearn.samples, "_MOST_NUMBERS", 0)
    assert len(Samples(X, y, None, True).some().X) == 500


def test_where_time_is_short_the_first_starts_must_do() -> None:
    X, y = load_wine(return_X_y=True)
    network = Network.dense([13, 3, 3], bias=True)
    space, samples = SearchSpace(network, Grid.linspace(-4, 4, 33)), Samples(X, y.astype(float), None, True)
    points, few = starting_points(network, space, samples), starting_points(network, space, samples, lambda: True)
    assert len(points) > len(few) >= 1
    np.testing.assert_array_equal(few, points[: len(few)])


def test_the_time_limit_counts_the_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict[str, Any]()

    def slow(*arguments: Any) -> Any:
        time.sleep(0.5)
        told["late"] = arguments[-1]()
        return starting_points(*arguments)

    def create(*arguments: Any, **settings: Any) -> GridSearchTrainer:
        told.update(settings)
        return GridSearchTrainer(*arguments, **settings)

    monkeypatch.setattr(minigrid.sklearn.estimator, "starting_points", slow)
    monkeypatch.setattr(minigrid.sklearn.estimator, "GridSearchTrainer", create)
    for limit, most in [(0.4, 0.041), (600.0, 599.5)]:
        GridSearchNetworkClassifier(hidden=(), time_limit=limit).fit(*xor())
        assert told["late"] == (limit < 1.0)
        assert 0.09 * limit < told["time_limit"] <= most
    GridSearchNetworkClassifier(hidden=(), time_limit=0.4).plan(*xor())
    assert told["time_limit"] == 0.4


def test_the_hint_of_the_default_search_can_be_followed() -> None:
    X = np.random.default_rng(0).normal(size=(90, 2))
    y = 50.0 * X[:, 0] + 3.0
    regressor = GridSearchNetworkRegressor(hidden=()).fit(X, y)
    (hint,) = regressor.result_.hints
    assert hint == "not proven: with a grid of your own and strategy='joint', fit proves the best of that grid"
    own = GridSearchNetworkRegressor(hidden=(), strategy="joint", grid=Grid.linspace(-60, 60, 25)).fit(X, y)
    assert own.result_.optimal


def test_a_penalty_that_forbids_the_starts_is_heeded() -> None:
    X, y = load_iris(return_X_y=True)
    made = GridSearchNetworkClassifier(hidden=(), penalty=L0(at_most=4)).fit(X, y)
    assert sum(np.count_nonzero(neuron.weights) for neuron in made.network_.neurons) <= 4


# Plans and callbacks ----------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [None, "joint"])
def test_a_plan_says_what_fit_will_do_and_changes_nothing(strategy: Any) -> None:
    X, y = xor(60)
    weights = np.arange(1.0, 61.0)
    made = GridSearchNetworkClassifier(hidden=(), strategy=strategy)
    before = dict(vars(made))
    plan = made.plan(X, y, weights)
    assert vars(made) == before
    result = made.fit(X, y, weights).result_
    assert plan.n_candidates == result.n_candidates
    assert plan.strategy == result.strategy


def test_a_regressor_plans_too() -> None:
    plan = GridSearchNetworkRegressor(hidden=(), strategy="joint").plan([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    assert plan.n_candidates == 81


def test_a_plan_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="two classes"):
        GridSearchNetworkClassifier().plan([[0.0], [1.0]], ["a", "a"])


class Log:
    """A callback that writes into a file, which cannot be copied."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.n_events = 0

    def __call__(self, event: SearchEvent) -> None:
        self.n_events += 1
        self.file.write(event.stage)


def test_callbacks_are_told_of_the_fits_of_clones(tmp_path: Any) -> None:
    X, y = load_iris(return_X_y=True)
    events: list[SearchEvent] = []
    with open(tmp_path / "log.txt", "w", encoding="utf-8") as file:
        log = Log(file)
        made = GridSearchNetworkClassifier(hidden=(), strategy=ONE_DESCENT, callbacks=[events.append, log])
        cross_val_score(made, X, y, cv=2)
        told = log.n_events
        assert told == len(events) > 0
        GridSearchCV(make_pipeline(made), {"gridsearchnetworkclassifier__bias": [True, False]}, cv=2).fit(X, y)
        assert log.n_events == len(events) > told


def test_clones_have_everything_else_of_their_own() -> None:
    made = GridSearchNetworkClassifier(hidden=[3], callbacks=[print], overrides={"layer0.neuron0.bias": [1.0]})
    fitted = made.fit(*load_iris(return_X_y=True))
    copied = clone(fitted)
    assert copied.callbacks is made.callbacks
    assert copied.hidden == [3]
    assert copied.hidden is not made.hidden
    assert copied.overrides is not made.overrides
    assert not hasattr(copied, "network_")
    assert made.callbacks == [print]


def test_metadata_requests_are_cloned() -> None:
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        made = GridSearchNetworkRegressor(callbacks=[Log(io.StringIO())]).set_fit_request(sample_weight=True)
        requested = clone(made).get_metadata_routing().fit.requests
    assert requested == {"sample_weight": True}
