"""Every strategy keeps its promises: true scores, true indices, no false proofs, and what its own docstring says."""

import itertools
import pickle
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from minigrid import (
    Accuracy,
    Coordinate,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    Layer,
    LayerWise,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    Network,
    Neuron,
    NoScoreError,
    PlannedStage,
    RandomSample,
    ReLU,
    Scorer,
    Scoring,
    SearchEvent,
    SearchResult,
    SearchSpace,
    Sigmoid,
    Step,
    Strategy,
    Tanh,
    UnknownNameError,
    Zoom,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import sum_threshold, xor
from minigrid.scoring import call_scoring
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.plan import Stage
from minigrid.search.running.runner import Runner
from minigrid.strategies import Outcome
from minigrid.strategies.layerwise import _sample_losses
from tests.problems import loop, median_error, problems, signed

STRATEGIES: list[Strategy] = [
    Joint(),
    LayerWise(),
    Coordinate(),
    Coordinate(block="layer", restarts=2, max_rounds=2, seed=3),
    Coordinate(block="parameter", restarts=2, seed=1),
    Zoom(points=3, levels=3),
    Zoom(points=4, levels=2),
    RandomSample(),
    RandomSample(n=7, seed=1),
]

DEPTH = {"layer": 1, "neuron": 2, "parameter": 3}
"""Of a parameter's name, how many parts name its block."""


def some(max_examples: int) -> settings:
    return settings(max_examples=max_examples, deadline=None, suppress_health_check=list(HealthCheck))


# Helpers ----------------------------------------------------------------------------------------


def fit(problem: Problem, strategy: Strategy, **options: Any) -> SearchResult:
    """Search a problem through the front door."""
    grids = dict(zip(problem.space.names, problem.space.grids, strict=True))
    trainer = GridSearchTrainer(Grid([0.0]), overrides=grids, strategy=strategy, scoring=problem.scoring, **options)
    return trainer.fit(problem.network, problem.X, problem.targets, sample_weight=problem.sample_weight)


def score_of(problem: Problem, parameters: FloatArray) -> float:
    """Score one setting as the plain loop does."""
    outputs = problem.network.with_parameters(parameters)(problem.X)
    return call_scoring(problem.scoring, problem.targets, outputs, problem.sample_weight)


def problem_of(
    network: Network,
    grid: Grid,
    X: Any,
    y: Any,
    scoring: Scoring | None = None,
    overrides: dict[str, Grid] | None = None,
    sample_weight: Sequence[float] | None = None,
) -> Problem:
    space = SearchSpace(network, grid, overrides=overrides)
    return Problem.create(network, space, X, y, Accuracy() if scoring is None else scoring, sample_weight)


def check(problem: Problem, result: SearchResult, top: int) -> None:
    """Check what every strategy promises of its result."""
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    assert result.network == problem.network.with_parameters(result.parameters)
    assert result.n_candidates == problem.space.size
    assert result.stop_reason == "completed"
    assert result.gap == (0.0 if result.bound == result.score else abs(result.bound - result.score))
    # The first of the best is the result, and all of them are true.
    assert 1 <= len(result.top) <= top
    first = result.top[0]
    assert (first.index, first.score.hex()) == (result.index, result.score.hex())
    assert first.parameters.tobytes() == result.parameters.tobytes()
    for candidate in result.top:
        assert candidate.score.hex() == score_of(problem, candidate.parameters).hex()
        if candidate.index is not None:
            at_index = problem.space[candidate.index]
            assert np.array_equal(at_index, candidate.parameters)
            assert score_of(problem, at_index).hex() == candidate.score.hex()
    order = [(sign * c.score, c.index is None, c.index or 0) for c in result.top]
    assert order == sorted(order)
    assert len({(c.index, c.parameters.tobytes()) for c in result.top}) == len(result.top)
    # A proof counts everything.
    if result.optimal:
        assert result.n_scored + result.n_pruned == result.n_candidates
        assert result.bound == result.score
        assert (result.index, result.score) == loop(problem)
    else:
        assert result.bound == problem.scoring.best_possible
    # The history leads up to the result.
    assert result.history[-1].score == result.score
    for moment in result.history:
        if moment.index is not None:
            assert score_of(problem, problem.space[moment.index]).hex() == moment.score.hex()
    signs = [sign * moment.score for moment in result.history]
    assert all(later < earlier for earlier, later in itertools.pairwise(signs))
    for a, b in itertools.pairwise(result.history):
        assert a.seconds <= b.seconds
        assert a.n_scored <= b.n_scored
    assert result.history[-1].n_scored <= result.n_scored
    assert result.history[-1].seconds <= result.seconds


def may_be_optimal(strategy: Strategy, problem: Problem) -> bool:
    """Tell where a strategy has searched the whole space and says so."""
    free = [len(grid) > 1 for grid in problem.space.grids]
    names = [name.split(".") for name in problem.space.names]
    match strategy:
        case Joint():
            return True
        case LayerWise():
            return len(problem.network.neurons) == 1
        case Coordinate(block=block):
            blocks = {tuple(name[: DEPTH[block]]) for name, f in zip(names, free, strict=True) if f}
            return len(blocks) <= 1
        case RandomSample(n=n):
            return n >= problem.space.size
        case _:
            return False


class Recorder(Scorer):
    """An engine that remembers what it was asked to score."""

    name = "recorder"

    def __init__(self) -> None:
        self.seen: list[tuple[FloatArray, float]] = []

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores = BatchedEngine().score(problem, digits)
        self.seen += zip(problem.space.values_at(digits), scores.tolist(), strict=True)
        return scores

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 10**6

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return BatchedEngine().memory(problem, n_candidates)


# What all of them promise -----------------------------------------------------------------------


@pytest.mark.parametrize("strategy", [Joint(), LayerWise(), Coordinate(), Zoom(points=3, levels=2)], ids=repr)
def test_an_index_tells_the_two_zeros_apart_where_the_score_does(strategy: Strategy) -> None:
    overrides = {"layer1.neuron0.weight0": Grid([1.0, 2.0])}
    zeros = problem_of(Network.dense([1, 1, 1], activation=signed), Grid([-0.0, 0.0]), [[1.0]], [1], None, overrides)
    wider = problem_of(Network.dense([1, 1], activation=signed), Grid([-0.0, 1.0]), [[1.0]], [1])
    for problem in (zeros, wider):
        result = fit(problem, strategy)
        if result.index is not None:
            assert score_of(problem, problem.space[result.index]) == result.score


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@some(25)
@given(problem=problems(most_candidates=200), top=st.integers(1, 4))
def test_a_result_is_true_and_no_more_sure_than_it_may_be(strategy: Strategy, problem: Problem, top: int) -> None:
    try:
        result = fit(problem, strategy, top=top)
    except NoScoreError:
        every = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
        assert np.isnan(every).all() if may_be_optimal(strategy, problem) else np.isnan(every).any()
        return
    check(problem, result, top)
    assert result.optimal is may_be_optimal(strategy, problem)


@pytest.mark.parametrize("strategy", STRATEGIES[1:6], ids=repr)
@some(20)
@given(problem=problems(most_candidates=60))
def test_both_engines_find_the_same(strategy: Strategy, problem: Problem) -> None:
    found = []
    for engine in ("batched", "reference"):
        try:
            result = fit(problem, strategy, engine=engine, top=3)
        except NoScoreError:
            found.append("NaN")
        else:
            found.append(repr([(c.index, c.score.hex(), c.parameters.tobytes()) for c in result.top]))
    assert found[0] == found[1]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_strategy_is_a_value(strategy: Strategy) -> None:
    twin = pickle.loads(pickle.dumps(strategy))
    assert twin == strategy
    assert hash(twin) == hash(strategy)
    assert eval(repr(strategy)) == strategy
    with pytest.raises((AttributeError, TypeError)):  # a TypeError by an oversight of Python 3.11
        setattr(strategy, "n", 3)  # noqa: B010  # that it cannot be set is the point


@pytest.mark.parametrize("strategy", [*STRATEGIES, Coordinate(max_rounds=1)], ids=repr)
def test_the_plan_says_at_most_how_many_will_be_scored(strategy: Strategy) -> None:
    X, y = xor(n_samples=30)
    network = Network.dense([2, 2, 1])
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 3), strategy=strategy)
    plan, result = trainer.plan(network, X, y), trainer.fit(network, X, y)
    assert result.n_scored <= plan.n_to_score
    assert sum(count for _, count, _ in plan.stages) == plan.n_to_score
    if not isinstance(strategy, Coordinate):
        assert result.n_scored == plan.n_to_score


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_the_same_search_twice_finds_the_same(strategy: Strategy) -> None:
    X, y = xor(n_samples=50)
    # "auto" may leave a proof for scoring all, by the clock: the result is the same then, its way there is not.
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=strategy, engine="exact", top=3)
    first, second = (trainer.fit(Network.dense([2, 2, 1], activation=Tanh()), X, y) for _ in range(2))
    assert first.top == second.top
    assert first.n_scored == second.n_scored


@final
@dataclass(frozen=True)
class FirstAndLast(Strategy):
    """A user's own strategy: two candidates."""

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("ends", problem, [0, problem.space.size - 1])),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("ends", problem, [0, problem.space.size - 1]))
        return Outcome(found.best, found.optimal and problem.space.size == 2)


def test_a_strategy_of_a_users_own_can_be_passed_to_the_trainer() -> None:
    X, y = sum_threshold(n_samples=20)
    problem = problem_of(Network.dense([3, 1]), Grid([-1.0, 0.0, 1.0]), X, y)
    result = fit(problem, FirstAndLast(), top=5)
    check(problem, result, 5)
    assert {candidate.index for candidate in result.top} == {0, 26}
    assert (result.n_scored, result.optimal) == (2, False)
    assert result.strategy == "FirstAndLast()"


# Joint ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["auto", "batched", "reference"])
@some(25)
@given(problem=problems(most_candidates=150))
def test_joint_is_the_plain_loop(engine: str, problem: Problem) -> None:
    try:
        index, score = loop(problem)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(problem, Joint(), engine=engine)
        return
    result = fit(problem, Joint(), engine=engine)
    assert (result.index, result.score.hex()) == (index, score.hex())
    assert result.parameters.tobytes() == problem.space[index].tobytes()
    assert result.optimal
    assert result.gap == 0.0


# LayerWise --------------------------------------------------------------------------------------


def setting(result: SearchResult, layer: int, neuron: int) -> list[float]:
    return [float(value) for value in result.network[layer][neuron].parameters]


@pytest.mark.parametrize("width", [2, 3, 5])
@pytest.mark.parametrize("scoring", ["accuracy", "log_loss", "mean_squared_error"])
def test_neurons_of_a_hidden_layer_come_out_different(width: int, scoring: Any) -> None:
    X, y = sum_threshold(n_samples=60, n_features=2, threshold=1.0)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 4), strategy="layerwise", scoring=scoring)
    result = trainer.fit(Network.dense([2, width, 1]), X, y)
    assert len({tuple(setting(result, 0, j)) for j in range(width)}) == width


@some(40)
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


@some(25)
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


@some(25)
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
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy="layerwise", scoring=median_error, top=3)
    problem = problem_of(Network.dense([2, 3, 1]), Grid.linspace(-2, 2, 5), X, y, FunctionScoring(median_error))
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


# Coordinate -------------------------------------------------------------------------------------


def blocks_of(network: Network, block: str) -> list[list[int]]:
    """The positions of the parameters of each block."""
    found: dict[str, list[int]] = {}
    for position, name in enumerate(network.parameter_names):
        found.setdefault(".".join(name.split(".")[: DEPTH[block]]), []).append(position)
    return list(found.values())


@pytest.mark.parametrize("block", ["parameter", "neuron", "layer"])
@some(40)
@given(problem=problems(most_candidates=200), seed=st.integers(0, 20))
def test_no_single_block_can_improve_where_coordinate_ends(block: Any, problem: Problem, seed: int) -> None:
    try:
        result = fit(problem, Coordinate(block=block, restarts=2, max_rounds=1000, seed=seed))
    except NoScoreError:
        return
    for members in blocks_of(problem.network, block):
        held = {k: Grid.fixed(v) for k, v in enumerate(result.parameters.tolist()) if k not in members}
        part = problem.with_space(problem.space.with_grids(held))
        assert not problem.better(loop(part)[1], result.score)


@pytest.mark.parametrize(("seed", "restarts"), [(0, 2), (1, 2), (2, 2), (6, 2), (25, 1), (31, 1), (41, 1), (50, 1)])
def test_nor_where_many_candidates_score_the_same(seed: int, restarts: int) -> None:
    rng = np.random.default_rng(seed)
    kind = [Tanh(), Step(), ReLU(), Sigmoid()][seed % 4]
    network = Network.dense([2, 2, 1], activation=kind, output_activation=Sigmoid(), bias=bool(seed % 2))
    X, y = rng.integers(-2, 3, (6, 2)).astype(float), rng.integers(0, 2, 6)
    problem = problem_of(network, Grid([-1.0, 0.0, 1.0] if seed % 3 else [1.0, -0.5, 2.0]), X, y)
    result = fit(problem, Coordinate(restarts=restarts, max_rounds=1000, seed=seed))
    for members in blocks_of(network, "neuron"):
        held = {k: Grid.fixed(v) for k, v in enumerate(result.parameters.tolist()) if k not in members}
        part = problem.with_space(problem.space.with_grids(held))
        assert loop(part)[1] <= result.score


@some(25)
@given(problem=problems(most_candidates=200), restarts=st.integers(1, 4))
def test_coordinate_is_never_worse_than_anything_it_came_to(problem: Problem, restarts: int) -> None:
    recorder = Recorder()
    try:
        result = fit(problem, Coordinate(restarts=restarts, max_rounds=2), engine=recorder)
    except NoScoreError:
        return
    assert 0 <= result.n_scored - len(recorder.seen) <= restarts  # each start is scored too
    assert not any(problem.better(score, result.score) for _, score in recorder.seen)
    first = recorder.seen[0][0]
    assert not problem.better(score_of(problem, first), result.score)


def hilly() -> Problem:
    """A problem on which coordinate descent ends in many places."""
    X, y = xor(n_samples=40, seed=7)
    network = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Identity(), bias=True)
    return problem_of(network, Grid.linspace(-3, 3, 4), X, y, MeanSquaredError())


def test_coordinate_is_seeded() -> None:
    problem = hilly()
    found = {seed: fit(problem, Coordinate(restarts=1, seed=seed)) for seed in range(6)}
    again = {seed: fit(problem, Coordinate(restarts=1, seed=seed)) for seed in range(6)}
    for seed, result in found.items():
        assert (result.index, result.n_scored) == (again[seed].index, again[seed].n_scored)
    assert len({result.index for result in found.values()}) > 1


@pytest.mark.parametrize("block", ["parameter", "neuron", "layer"])
def test_more_restarts_are_never_worse(block: Any) -> None:
    problem = hilly()
    results = [fit(problem, Coordinate(block=block, restarts=restarts)) for restarts in range(1, 7)]
    assert all(b.score <= a.score for a, b in itertools.pairwise(results))
    assert all(b.n_scored > a.n_scored for a, b in itertools.pairwise(results))
    assert results[-1].score < results[0].score or block == "layer"


def test_more_rounds_are_never_worse() -> None:
    problem = hilly()
    results = [fit(problem, Coordinate(restarts=3, max_rounds=rounds)) for rounds in (1, 2, 3, 10)]
    assert all(b.score <= a.score for a, b in itertools.pairwise(results))
    assert results[0].n_scored == 3 * (1 + 4**3 + 4**3 + 4**3)
    assert results[0].n_scored < results[-1].n_scored <= 3 * (1 + 10 * 3 * 4**3)


def test_a_larger_block_is_searched_at_once() -> None:
    problem = hilly()
    result = fit(problem, Coordinate(block="layer", restarts=2, max_rounds=1))
    check(problem, result, 1)
    assert result.n_scored == 2 * (1 + 4**6 + 4**3)


def test_single_parameters_are_searched_one_by_one() -> None:
    problem = hilly()
    part = problem.with_space(problem.space.with_grids({3: Grid.fixed(0.5)}))  # 8 of 9 parameters are free
    result = fit(part, Coordinate(block="parameter", restarts=1, max_rounds=1))
    check(part, result, 1)
    assert result.n_scored == 1 + 8 * 4


def test_single_parameters_end_soon_however_many_there_are() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 50))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    problem = problem_of(Network.dense([50, 2, 1], bias=True), Grid([-2.0, -1.0, 0.0, 1.0, 2.0]), X, y, LogLoss())
    result = fit(problem, Coordinate(block="parameter", restarts=1, max_rounds=2))
    assert result.n_candidates == 5**105
    assert result.n_scored <= 1 + 2 * 105 * 5
    assert np.mean(result.network.predict(X) == y) > 0.8


def test_coordinate_names_its_stages() -> None:
    stages: list[str] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "started":
            stages.append(event.stage)

    fit(hilly(), Coordinate(restarts=2, max_rounds=1), callbacks=[listen])
    blocks = ["layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]
    expected = [[f"start {start}", *(f"start {start}, {block}" for block in blocks)] for start in (1, 2)]
    assert stages == [*expected[0], *expected[1]]


@some(25)
@given(problem=problems(most_candidates=150), top=st.integers(1, 4))
def test_coordinate_with_one_block_is_joint_and_a_proof(problem: Problem, top: int) -> None:
    free = blocks_of(problem.network, "neuron")[0]
    held = {k: Grid.fixed(g[0]) for k, g in enumerate(problem.space.grids) if k not in free}
    part = problem.with_space(problem.space.with_grids(held))
    try:
        joint = fit(part, Joint(), top=top)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(part, Coordinate(), top=top)
        return
    result = fit(part, Coordinate(), top=top)
    assert result.top == joint.top
    assert result.optimal
    assert result.n_scored == part.space.size


def test_coordinate_leaves_fixed_parameters_and_skips_fixed_blocks() -> None:
    problem = hilly()
    held = {3: Grid.fixed(0.5), 4: Grid.fixed(-1.5), 5: Grid.fixed(2.5), 8: Grid.fixed(0.25)}
    part = problem.with_space(problem.space.with_grids(held))
    result = fit(part, Coordinate(restarts=2, max_rounds=1), top=3)
    check(part, result, 3)
    assert result.parameters[[3, 4, 5, 8]].tolist() == [0.5, -1.5, 2.5, 0.25]
    assert result.n_scored == 2 * (1 + 4**3 + 4**2)


def test_coordinate_where_nothing_is_free_is_one_candidate() -> None:
    problem = hilly()
    part = problem.with_space(problem.space.with_grids({k: Grid.fixed(0.5) for k in range(9)}))
    result = fit(part, Coordinate())
    assert (result.index, result.n_scored, result.optimal) == (0, 1, True)


def test_coordinate_gets_away_from_a_start_without_a_score() -> None:
    # Only where both weights are 1 is there a score at all; each block alone seldom finds one.
    def picky(y_true: FloatArray, outputs: FloatArray) -> float:
        return 1.0 if outputs[0, 0] == 1.0 else float("nan")

    network = Network.dense([1, 1, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([0.0, 1.0]), strategy=Coordinate(restarts=20), scoring=picky)
    result = trainer.fit(network, [[1.0]], [1.0])
    assert (result.score, result.parameters.tolist()) == (1.0, [1.0, 1.0])


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"block": "weight"}, UnknownNameError, "block"),
        ({"restarts": 0}, InvalidValueError, "restarts"),
        ({"restarts": 1.5}, InvalidTypeError, "restarts"),
        ({"max_rounds": 0}, InvalidValueError, "max_rounds"),
        ({"seed": -1}, InvalidValueError, "seed"),
        ({"seed": "x"}, InvalidTypeError, "seed"),
    ],
    ids=repr,
)
def test_settings_of_coordinate_that_are_none_are_named(
    settings_: dict[str, Any], kind: type[Exception], named: str
) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        Coordinate(**settings_)


# Zoom -------------------------------------------------------------------------------------------


def coarse(problem: Problem, points: int) -> Problem:
    """The first grid of Zoom, written down once more."""
    grids = []
    for grid in problem.space.grids:
        low, high = float(grid.values.min()), float(grid.values.max())
        grids.append(Grid.fixed(low) if low == high else Grid.linspace(low, high, points))
    return problem.with_space(SearchSpace.from_grids(grids, problem.space.names))


@pytest.mark.parametrize("zoom", [Zoom(points=3, levels=4), Zoom(points=4, levels=3)], ids=repr)
@some(25)
@given(problem=problems(most_candidates=16))
def test_zoom_stays_inside_its_bounds_and_is_never_worse_than_its_first_grid(zoom: Zoom, problem: Problem) -> None:
    first = coarse(problem, zoom.points)
    try:
        start = fit(first, Joint())
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(problem, zoom)
        return
    result = fit(problem, zoom)
    assert not problem.better(start.score, result.score)
    for value, grid in zip(result.parameters, problem.space.grids, strict=True):
        assert grid.values.min() <= value <= grid.values.max()
    assert result.n_scored <= first.space.size * zoom.levels
    once = fit(problem, replace(zoom, levels=1))
    assert once.score == start.score
    assert once.parameters.tobytes() == start.parameters.tobytes()
    assert not problem.better(once.score, result.score)


def test_zoom_comes_near_what_no_grid_names() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 2))
    y = X @ [0.3217, -7.7071]
    problem = problem_of(
        Network.dense([2, 1], activation=Identity()), Grid.linspace(-10, 10, 3), X, y, MeanSquaredError()
    )
    for points, levels in [(5, 8), (9, 5), (4, 10)]:
        result = fit(problem, Zoom(points=points, levels=levels))
        step = 20.0 / (points - 1) * (2.0 / (points - 1)) ** (levels - 1)
        assert np.abs(result.parameters - [0.3217, -7.7071]).max() <= 2 * step
        assert result.index is None
        assert result.n_scored == levels * points**2
        assert not result.optimal


def test_zoom_says_the_index_where_it_ends_on_the_grid() -> None:
    problem = problem_of(
        Network.dense([1, 1], activation=Identity()),
        Grid([2.0, -2.0, 1.0, 0.0, 1.0]),
        [[1.0], [2.0]],
        [1.0, 2.0],
        MeanSquaredError(),
    )
    result = fit(problem, Zoom(points=5, levels=2))
    assert (result.parameters.tolist(), result.score, result.index) == ([1.0], 0.0, 2)


def test_zoom_leaves_fixed_parameters() -> None:
    problem = hilly()
    held = {k: Grid.fixed(0.1 * k) for k in range(1, 8)}
    part = problem.with_space(problem.space.with_grids(held))
    result = fit(part, Zoom(points=4, levels=3), top=3)
    check(part, result, 3)
    assert result.parameters[1:8].tolist() == [0.1 * k for k in range(1, 8)]
    assert result.n_scored == 3 * 4**2


def test_zoom_names_its_levels() -> None:
    stages: list[tuple[str, int]] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "finished":
            stages.append((event.stage, event.n_candidates))

    X, y = sum_threshold(n_samples=20)
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Zoom(points=4, levels=3), callbacks=[listen])
    trainer.fit(Network.dense([3, 1]), X, y)
    assert stages == [(f"level {level} of 3", 64) for level in (1, 2, 3)]


def test_zoom_returns_its_best_though_a_finer_grid_has_no_score() -> None:
    def picky(y_true: FloatArray, outputs: FloatArray) -> float:
        return 1.0 if abs(outputs[0, 0] - 1 / 3) < 1e-9 else float("nan")

    network = Network.dense([1, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Zoom(points=4, levels=3), scoring=picky)
    result = trainer.fit(network, [[1.0]], [1.0])
    assert result.score == 1.0
    assert result.parameters == pytest.approx([1 / 3])


def test_zoom_bears_bounds_as_wide_as_floats_go() -> None:
    X, y = sum_threshold(n_samples=20, n_features=2, threshold=1.0)
    trainer = GridSearchTrainer(Grid([-1.7e308, 0.0, 1.7e308]), strategy=Zoom(points=5, levels=3))
    result = trainer.fit(Network.dense([2, 1]), X * 1e-3, y)
    assert result.score == np.mean(result.network.predict(X * 1e-3) == y)
    assert np.abs(result.parameters).max() <= 1.7e308


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"points": 2}, InvalidValueError, "points"),
        ({"points": 4.0}, InvalidTypeError, "points"),
        ({"levels": 0}, InvalidValueError, "levels"),
        ({"levels": True}, InvalidTypeError, "levels"),
    ],
    ids=repr,
)
def test_settings_of_zoom_that_are_none_are_named(settings_: dict[str, Any], kind: type[Exception], named: str) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        Zoom(**settings_)


# RandomSample -----------------------------------------------------------------------------------


@some(100)
@given(n=st.integers(1, 60), size=st.one_of(st.integers(1, 80), st.sampled_from([2**63, 10**100])), seed=st.integers(0))
def test_a_draw_is_distinct_in_range_and_seeded(n: int, size: int, seed: int) -> None:
    drawn = list(RandomSample(n=n, seed=seed).draw(size))
    assert len(drawn) == len(set(drawn)) == min(n, size)
    assert all(0 <= index < size for index in drawn)
    assert list(RandomSample(n=n, seed=seed).draw(size)) == drawn


def test_other_seeds_draw_other_candidates() -> None:
    draws = {tuple(RandomSample(n=5, seed=seed).draw(10**9)) for seed in range(20)}
    assert len(draws) == 20


def test_every_candidate_is_drawn_about_equally_often() -> None:
    counts = np.zeros(10)
    for seed in range(2000):
        counts[list(RandomSample(n=3, seed=seed).draw(10))] += 1
    assert np.abs(counts - 600).max() < 5 * np.sqrt(2000 * 0.3 * 0.7)


@some(25)
@given(problem=problems(most_candidates=200), n=st.integers(1, 50), seed=st.integers(0, 9))
def test_the_best_of_the_draw_is_returned(problem: Problem, n: int, seed: int) -> None:
    strategy = RandomSample(n=n, seed=seed)
    drawn = strategy.draw(problem.space.size)
    scores = ReferenceEngine().score(problem, problem.space.digits(list(drawn)))
    valid = [(s, i) for s, i in zip(scores.tolist(), drawn, strict=True) if not np.isnan(s)]
    if not valid:
        with pytest.raises(NoScoreError):
            fit(problem, strategy)
        return
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    best = min(valid, key=lambda pair: (sign * pair[0], pair[1]))
    result = fit(problem, strategy)
    assert (result.score, result.index) == best
    assert result.n_scored == len(drawn)
    assert result.optimal is (len(drawn) == problem.space.size)


def test_as_many_as_there_are_is_the_plain_loop_and_a_proof() -> None:
    X, y = sum_threshold(n_samples=30)
    problem = problem_of(Network.dense([3, 1]), Grid.linspace(-2, 2, 5), X, y)
    for n in (125, 126, 10_000):
        result = fit(problem, RandomSample(n=n), top=125)
        assert (result.index, result.score) == loop(problem)
        assert result.optimal
        assert result.top == fit(problem, Joint(), top=125).top
    assert not fit(problem, RandomSample(n=124)).optimal


def test_a_sample_of_a_space_beyond_all_machine_numbers() -> None:
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(20, 99)), rng.integers(0, 2, 20)
    problem = problem_of(Network.dense([99, 1], bias=True), Grid.linspace(-1, 1, 10), X, y, LogLoss())
    assert problem.space.size == 10**100
    result = fit(problem, RandomSample(n=300, seed=2), top=5)
    check(problem, result, 5)
    assert result.n_scored == 300
    assert result.index is not None
    assert result.index > 10**90
    assert len({candidate.index for candidate in result.top}) == 5


def test_a_sample_is_drawn_once_and_a_plan_draws_few(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = RandomSample.draw

    def noted(self: RandomSample, size: int, *stopped: Callable[[], bool]) -> Sequence[int]:
        indices = draw(self, size, *stopped)
        drawn.append(len(indices))
        return indices

    monkeypatch.setattr(RandomSample, "draw", noted)
    trainer = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 100), strategy=RandomSample(n=60_000))
    network, X = Network.dense([3, 1]), np.random.default_rng(0).random((20, 3))
    y = (X.sum(axis=1) > 1.5).astype(int)
    plan = trainer.plan(network, X, y)
    assert plan.n_to_score == 60_000
    assert max(drawn) < 20_000
    drawn.clear()
    assert trainer.fit(network, X, y).n_scored == 60_000
    assert sorted(drawn)[-1] == 60_000
    assert sum(drawn) < 80_000


def test_a_sample_too_large_to_be_held_is_refused() -> None:
    assert RandomSample(n=10**7).n == 10**7
    with pytest.raises(InvalidValueError, match=r"^n: expected a whole number of at most 10,000,000"):
        RandomSample(n=10**7 + 1)


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"n": 0}, InvalidValueError, "n"),
        ({"n": 1e3}, InvalidTypeError, "n"),
        ({"seed": -1}, InvalidValueError, "seed"),
    ],
    ids=repr,
)
def test_settings_of_a_sample_that_are_none_are_named(
    settings_: dict[str, Any], kind: type[Exception], named: str
) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        RandomSample(**settings_)
