"""The layerwise strategy does what its docstring says."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    Accuracy,
    FunctionActivation,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Identity,
    Joint,
    Layer,
    LayerWise,
    MeanAbsoluteError,
    MeanSquaredError,
    Network,
    Neuron,
    NoScoreError,
    ReLU,
    Scoring,
    SearchEvent,
    SearchResult,
    SearchSpace,
    Sigmoid,
    Step,
    Tanh,
)
from minigrid.datasets import sum_threshold, xor
from minigrid.search.problem import Problem
from minigrid.strategies.layerwise import _sample_losses
from tests.problems import loop, median_error, problems
from tests.profile import examples
from tests.strategies.promises import check, fit, problem_of


def setting(result: SearchResult, layer: int, neuron: int) -> list[float]:
    return [float(value) for value in result.network[layer][neuron].parameters]


@pytest.mark.parametrize("width", [2, 3, 5])
@pytest.mark.parametrize("scoring", ["accuracy", "log_loss", "mean_squared_error"])
def test_neurons_of_a_hidden_layer_come_out_different(width: int, scoring: Any) -> None:
    X, y = sum_threshold(n_samples=60, n_features=2, threshold=1.0)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 4), strategy="layerwise", scoring=scoring)
    result = trainer.fit(Network.dense([2, width, 1]), X, y)
    assert len({tuple(setting(result, 0, j)) for j in range(width)}) == width


@examples(40)
@given(
    values=st.lists(st.sampled_from([-2.0, -1.0, 0.5, 1.0, 3.0]), min_size=2, max_size=6).filter(
        lambda values: len(set(values)) > 1
    ),
    seed=st.integers(0, 1000),
)
def test_they_differ_also_where_a_grid_names_a_value_twice(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = Network.dense([1, 2, 1], activation=Tanh())
    X, y = rng.normal(size=(9, 1)), rng.integers(0, 2, 9)
    result = GridSearchTrainer(Grid(values), strategy="layerwise").fit(network, X, y)
    assert setting(result, 0, 0) != setting(result, 0, 1)


def test_neurons_come_out_alike_where_there_is_no_choice() -> None:
    X, y = sum_threshold(n_samples=20, n_features=2, threshold=1.0)
    overrides = {f"layer0.neuron{j}.weight{k}": Grid.fixed(1.5) for j in range(2) for k in range(2)}
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy="layerwise", overrides=overrides)
    result = trainer.fit(Network.dense([2, 2, 1]), X, y)
    assert setting(result, 0, 0) == setting(result, 0, 1) == [1.5, 1.5]
    assert result.n_scored == 1 + 1 + 4


def test_neurons_of_different_kinds_may_take_the_same_setting() -> None:
    X = np.array([[1.0], [-1.0]])
    hidden = Layer([Neuron([0.0], activation=Step()), Neuron([0.0], activation=Sigmoid())])
    network = Network([hidden, Layer([Neuron([0.0, 0.0])])])
    result = GridSearchTrainer(Grid([1.0, -1.0]), strategy="layerwise").fit(network, X, [1, 0])
    assert setting(result, 0, 0) == setting(result, 0, 1) == [1.0]


def test_the_first_hidden_neuron_is_searched_as_though_it_were_the_output() -> None:
    X, y = sum_threshold(n_samples=80, n_features=2, threshold=1.0)
    weights = np.random.default_rng(0).random(80)
    grid = Grid.linspace(-4, 4, 9)
    network = Network.dense([2, 3, 1], activation=Tanh(), output_activation=Sigmoid(), bias=True)
    whole = GridSearchTrainer(grid, strategy="layerwise").fit(network, X, y, sample_weight=weights)
    alone = GridSearchTrainer(grid).fit(
        Network.dense([2, 1], activation=Tanh(), bias=True), X, y, sample_weight=weights
    )
    assert setting(whole, 0, 0) == alone.parameters.tolist()


def test_the_second_hidden_neuron_is_searched_where_the_first_did_badly() -> None:
    X, y = xor(n_samples=90)
    own = np.random.default_rng(1).random(90)
    grid = Grid.linspace(-3, 3, 7)
    result = GridSearchTrainer(grid, strategy="layerwise").fit(
        Network.dense([2, 2, 1], bias=True), X, y, sample_weight=own
    )
    # AdaBoost, once more: samples that are right lose weight by the odds of the weighted error.
    neuron = Network.dense([2, 1], bias=True)
    wrong = neuron.with_parameters(setting(result, 0, 0)).predict(X) != y
    error = own[wrong].sum() / own.sum()
    assert 0.0 < error < 0.5
    boosted = np.where(wrong, own, own * error / (1.0 - error))
    best = GridSearchTrainer(grid).fit(neuron, X, y, sample_weight=boosted)
    assert best.parameters.tolist() != setting(result, 0, 0)
    outputs = neuron.with_parameters(setting(result, 0, 1))(X)
    assert Accuracy()(y, outputs, sample_weight=boosted) == pytest.approx(best.score, rel=1e-12)
    assert Accuracy()(y, outputs, sample_weight=own) < Accuracy()(
        y, neuron.with_parameters(setting(result, 0, 0))(X), own
    )


@examples(25)
@given(problem=problems(most_candidates=200), top=st.integers(1, 3))
def test_the_output_neuron_is_the_best_for_the_hidden_layers(problem: Problem, top: int) -> None:
    if problem.network.n_outputs > 1:
        problem = _with_one_output(problem)
    n_own = problem.network[-1].n_parameters
    try:
        result = fit(problem, LayerWise(), top=top)
    except NoScoreError:
        return
    held = {k: Grid.fixed(value) for k, value in enumerate(result.parameters[:-n_own].tolist())}
    part = problem.with_space(problem.space.with_grids(held))
    index, score = loop(part)
    assert result.score == score
    assert result.parameters.tobytes() == part.space[index].tobytes()


def _with_one_output(problem: Problem) -> Problem:
    """Put one more neuron behind several."""
    network = Network([*problem.network.layers, Layer([Neuron(np.zeros(problem.network.n_outputs))])])
    grids = [*problem.space.grids, *[Grid([-1.0, 2.0])] * problem.network.n_outputs]
    space = SearchSpace.from_grids(grids, network.parameter_names)
    return Problem.create(network, space, problem.X, np.arange(problem.n_samples) % 2, Accuracy())


@examples(25)
@given(problem=problems(most_candidates=150), top=st.integers(1, 4))
def test_layerwise_on_one_neuron_is_joint_and_a_proof(problem: Problem, top: int) -> None:
    layer = Layer([problem.network[0][0]], n_inputs=problem.network.n_inputs)
    network = Network([layer])
    space = SearchSpace.from_grids(problem.space.grids[: layer.n_parameters], network.parameter_names)
    alone = Problem.create(network, space, problem.X, np.arange(problem.n_samples) % 2, Accuracy())
    try:
        joint = fit(alone, Joint(), top=top)
    except NoScoreError:
        return
    result = fit(alone, LayerWise(), top=top)
    assert result.top == joint.top
    assert result.optimal


def test_several_outputs_are_each_searched_against_the_rest() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(70, 2))
    y = np.argmax(X @ [[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]] + 0.2 * rng.normal(size=(70, 3)), axis=1)
    grid = Grid.linspace(-2, 2, 9)
    result = GridSearchTrainer(grid, strategy="layerwise").fit(Network.dense([2, 3], bias=True), X, y)
    for k in range(3):
        alone = GridSearchTrainer(grid).fit(Network.dense([2, 1], bias=True), X, y == k)
        assert setting(result, 0, k) == alone.parameters.tolist()
    assert result.score == np.mean(result.network.predict(X) == y)
    assert result.score > 0.6
    assert not result.optimal
    assert result.history[-1].score == result.score


def test_hidden_neurons_before_several_outputs_take_turns() -> None:
    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 3, 60)
    grid = Grid.linspace(-2, 2, 5)
    result = GridSearchTrainer(grid, strategy="layerwise").fit(Network.dense([2, 4, 3]), X, y)
    for j in range(3):
        alone = GridSearchTrainer(grid, top=4).fit(Network.dense([2, 1]), X, y == j)
        best_free = next(c for c in alone.top if c.parameters.tolist() not in [setting(result, 0, i) for i in range(j)])
        assert setting(result, 0, j) == best_free.parameters.tolist()
    hidden = result.network[0](X)
    for k in range(3):
        alone = GridSearchTrainer(grid).fit(Network.dense([4, 1]), hidden, y == k)
        assert setting(result, 1, k) == alone.parameters.tolist()


@pytest.mark.parametrize("scoring", [MeanSquaredError(), MeanAbsoluteError()], ids=repr)
def test_each_output_of_a_regression_is_searched_for_its_own_column(scoring: Scoring) -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(40, 2))
    Y = X @ [[1.0, -0.5], [0.25, 2.0]] + 0.1 * rng.normal(size=(40, 2))
    grid = Grid.linspace(-2, 2, 5)
    network = Network.dense([2, 2], activation=Identity())
    result = GridSearchTrainer(grid, strategy="layerwise", scoring=scoring).fit(network, X, Y)
    for k in range(2):
        alone = GridSearchTrainer(grid, scoring=scoring).fit(Network.dense([2, 1], activation=Identity()), X, Y[:, k])
        assert setting(result, 0, k) == alone.parameters.tolist()
    # The outputs of one layer do not disturb each other, so here this is the best of all.
    joint = GridSearchTrainer(grid, scoring=scoring).fit(network, X, Y)
    assert (result.index, result.score) == (joint.index, joint.score)
    assert not result.optimal


def test_layerwise_works_with_a_scoring_that_takes_no_weights() -> None:
    X, y = sum_threshold(n_samples=40, n_features=2, threshold=1.0)
    scoring = FunctionScoring(median_error, greater_is_better=False)
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy="layerwise", scoring=scoring, top=3)
    problem = problem_of(Network.dense([2, 3, 1]), Grid.linspace(-2, 2, 5), X, y, scoring)
    result = trainer.fit(problem.network, X, y)
    check(problem, result, 3)
    assert len({tuple(setting(result, 0, j)) for j in range(3)}) == 3


def test_layerwise_heeds_fixed_grids_and_counts_its_stages() -> None:
    X, y = xor(n_samples=50)
    overrides = {
        "layer0.neuron0.weight1": Grid.fixed(0.3),
        "layer0.neuron1.bias": Grid([-0.5, 0.5]),
        "layer1.neuron0.weight1": Grid.fixed(-2.0),
    }
    problem = problem_of(Network.dense([2, 2, 1], bias=True), Grid.linspace(-3, 3, 7), X, y, None, overrides)
    result = fit(problem, LayerWise(), top=4)
    check(problem, result, 4)
    assert result.parameters[1] == 0.3
    assert result.parameters[5] in (-0.5, 0.5)
    assert result.parameters[7] == -2.0
    assert result.n_scored == 7 * 7 + 7 * 7 * 2 + 7 * 7


def test_the_history_of_layerwise_names_places_in_the_whole_space() -> None:
    X, y = xor(n_samples=40)
    problem = problem_of(Network.dense([2, 2, 1]), Grid([-1.0, 0.5, 2.0]), X, y)
    result = fit(problem, LayerWise())
    check(problem, result, 1)
    assert result.history[-1].index == result.index


def test_layerwise_names_its_stages() -> None:
    X, y = xor(n_samples=20)
    stages: list[str] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "started":
            stages.append(event.stage)

    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy="layerwise", callbacks=[listen])
    trainer.fit(Network.dense([2, 2, 1]), X, y)
    assert stages == ["layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]
    assert [name for name, _, _ in trainer.plan(Network.dense([2, 2, 1]), X, y).stages] == stages


def test_neurons_that_are_searched_alike_share_a_planned_problem() -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    network, grid = Network.dense([3, 5, 2]), Grid([-1.0, 1.0])
    overrides = {"layer0.neuron4.weight1": Grid([0.0, 1.0])}
    problem = Problem.create(network, SearchSpace(network, grid, overrides=overrides), X, y, Accuracy())
    parts = [planned.stage.problem for planned in LayerWise().stages(problem)]
    first = [parts.index(part) for part in parts]
    assert first == [0, 1, 0, 1, 4, 5, 6]  # each fits one of two outputs, and the fifth has another grid
    assert parts[5].columns.shape == (5, 20)


def test_functions_that_look_alike_are_planned_apart() -> None:
    own = [FunctionActivation(lambda z: np.tanh(z)), FunctionActivation(lambda z: 2.0 * np.tanh(z))]
    hidden = Layer([Neuron([0.0], activation=activation) for activation in own], n_inputs=1)
    network = Network([hidden, Layer([Neuron([0.0, 0.0])])])
    problem = Problem.create(network, SearchSpace(network, Grid([-1.0, 1.0])), [[0.0], [1.0]], [0, 1], Accuracy())
    parts = [planned.stage.problem for planned in LayerWise().stages(problem)]
    assert parts[0] is not parts[1]
    assert [part.network[0][0].activation for part in parts[:2]] == own


@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize("scoring", ["accuracy", "mean_squared_error", "mean_absolute_error", "hinge"])
def test_layerwise_bears_hidden_outputs_beyond_the_largest_float(engine: Any, scoring: Any) -> None:
    network = Network.dense([1, 2, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([1e200, -1e200]), strategy="layerwise", engine=engine, scoring=scoring)
    try:
        result = trainer.fit(network, [[1e200], [-1e200]], [1.0, 0.0])
    except NoScoreError:  # infinite minus infinite: no network of this space has a score
        result = trainer.fit(network, [[1e200], [0.0]], [1.0, 0.0])
    assert not np.isnan(result.score)


BIASED = Network.dense([1, 2, 1], activation=Identity(), bias=True)


RECTIFIED = Network.dense([2, 2, 1], activation=ReLU(), output_activation=Identity())


STEPPED = Network.dense([2, 2, 1], activation=ReLU(), output_activation=Step())


@pytest.mark.parametrize("top", [1, 3])
@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize(
    ("network", "values", "X", "y", "scoring"),
    [
        (BIASED, [0.0, 1e200], [[-1e200], [1.0], [-1e200]], [0, 0, 0], Accuracy()),
        (RECTIFIED, [-0.0, 1e300], [[0.0, 1e200], [1e300, -0.0], [-0.0, -1e200]], [0, 0, 1], MeanSquaredError()),
        (STEPPED, [-1e200, -0.0], [[-1.0, 1e300], [1e200, 1e300], [-1e200, -1e200]], [1, 0, 1], MeanSquaredError()),
    ],
    ids=["biased", "rectified", "stepped"],
)
def test_layerwise_scores_the_network_itself_where_hidden_outputs_are_infinite(
    network: Network, values: list[float], X: Any, y: Any, scoring: Scoring, engine: str, top: int
) -> None:
    problem = problem_of(network, Grid(values), X, y, scoring)
    result = fit(problem, LayerWise(), engine=engine, top=top)
    check(problem, result, top)
    n_hidden = network[0].n_parameters
    held = {k: Grid.fixed(value) for k, value in enumerate(result.parameters[:n_hidden].tolist())}
    assert loop(problem.with_space(problem.space.with_grids(held)))[1] == result.score


def test_layerwise_never_returns_a_network_without_a_score() -> None:
    # 1e200 * 1e200 - 1.7e308 * 1e200 is infinite minus infinite; the search ends before the output neuron's.
    network = Network.dense([2, 2, 1], activation=Identity())
    overrides = {"layer1.neuron0.weight1": Grid([-1e200, 0.0])}
    trainer = GridSearchTrainer(Grid([1e200]), strategy="layerwise", overrides=overrides, max_candidates=2)
    try:
        result = trainer.fit(network, [[1e200, 1e200]], [1])
    except NoScoreError:
        return
    assert not np.isnan(result.score)


@pytest.mark.parametrize("scoring", ["log_loss", "accuracy", "mean_squared_error"])
@pytest.mark.parametrize(
    "weights",
    [[1e-90, 1.0, 1.0, 1.0, 1.0, 1e90], [1e-100, 1.0, 1.0, 1.0, 1.0, 1e100], [0.0, 1.0, 1e-100, 1.0, 1.0, 1.0]],
)
def test_boosted_weights_stay_in_the_range_of_weights(scoring: Any, weights: list[float]) -> None:
    X = np.array([[0.1, 0.9], [0.8, 0.3], [0.4, 0.4], [0.9, 0.9], [0.2, 0.1], [0.6, 0.7]])
    y = [0, 1, 0, 1, 0, 1] if scoring != "mean_squared_error" else [0.5, 1.5, 0.25, 2.0, 0.0, 1.0]
    network = Network.dense([2, 4, 1], bias=True)
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for engine in ("batched", "reference"):
            trainer = GridSearchTrainer(Grid([-2.0, 0.0, 1.0]), strategy="layerwise", scoring=scoring, engine=engine)
            results.append(trainer.fit(network, X, y, sample_weight=weights))
    assert results[0].index == results[1].index
    assert results[0].score == results[1].score


def test_losses_beyond_all_floats_boost_all_the_same() -> None:
    targets = np.array([0.5, -1.7e308, 0.25, np.nan_to_num(-np.inf)])
    outputs = np.array([0.5, 1.7e308, 0.25, np.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses = _sample_losses(outputs, targets)
    assert losses.tolist() == [0.0, 1.0, 0.0, 1.0]
