"""Counts of near-best candidates equal those of a plain loop, and bounds hold if a count is stopped."""

import copy
import json
import os
import pickle
import signal
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    L0,
    L1,
    L2,
    Accuracy,
    BalancedAccuracy,
    FloatArray,
    Grid,
    GridSearchTrainer,
    Hinge,
    Identity,
    InvalidValueError,
    Layer,
    LogLoss,
    MeanSquaredError,
    NearBest,
    NearValues,
    Network,
    Neuron,
    NoScoreError,
    Penalty,
    ReLU,
    SearchEvent,
    SearchSpace,
    SearchTooLongError,
    Sigmoid,
    Step,
    Tanh,
)
from minigrid._base.typing import BoolArray, override
from minigrid.datasets import flip_labels, sum_threshold, xor
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.axes import Axes
from minigrid.search.engines.exact.counting.search import BoxSearch
from minigrid.search.engines.exact.counting.sides import find_count
from minigrid.search.engines.exact.counting.trees import TreeCount
from minigrid.search.engines.exact.symmetry import find_interchangeable_neurons
from minigrid.search.problem import Problem
from tests.pacing import paced
from tests.problems import (
    label_problems,
    loss_problems,
    positive_problems,
    problems,
    two_into_one_problems,
)
from tests.profile import examples, in_turn

X, Y = xor(n_samples=40)
TWO_INTO_ONE = Network.dense([2, 2, 1])
NOISY = flip_labels(Y, fraction=0.1)
TRUTH = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
WITHIN = st.sampled_from([0.0, 0.0, 0.01, 0.1, 0.3, 1.0])


class Largest(Penalty):
    """A custom penalty that declares nothing."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return 0.01 * float(np.abs(parameters[is_weight]).max())


PENALTIES = st.sampled_from([None, None, None, L0(0.01), L1(0.01), L2(0.003), L0(at_most=1), Largest()])
SMALL = st.one_of(problems(), label_problems(), loss_problems(), two_into_one_problems(), positive_problems())


def one_by_one(problem: Problem, within: float) -> tuple[float, int, list[list[int]]]:
    """Count with the plain loop: the threshold, how many reach it, and how many with each value of each parameter."""
    return counted(problem, objectives_of(problem), within)


@lru_cache(maxsize=1)  # for the same problem within other distances
def objectives_of(problem: Problem) -> FloatArray:
    """Compute the objectives of all candidates with the plain loop."""
    return np.array([problem.objective(parameters) for parameters in problem.space])


def counted(problem: Problem, objectives: FloatArray, within: float) -> tuple[float, int, list[list[int]]]:
    if np.isnan(objectives).all():
        raise NoScoreError("all NaN")
    more = problem.scoring.greater_is_better
    threshold = np.nanmax(objectives) - within if more else np.nanmin(objectives) + within
    near = np.flatnonzero(objectives >= threshold if more else objectives <= threshold)
    shape = [len(grid) for grid in problem.space.grids]
    places = np.unravel_index(near, shape)
    by_value = [np.bincount(own, minlength=length).tolist() for own, length in zip(places, shape, strict=True)]
    return float(threshold), len(near), by_value


def searched(problem: Problem, within: float, **settings: Any) -> NearBest:
    """Let a trainer do the same."""
    grids = dict(zip(problem.space.names, problem.space.grids, strict=True))
    own: dict[str, Any] = {"overrides": grids, "scoring": problem.scoring, "penalty": problem.penalty, **settings}
    trainer = GridSearchTrainer(Grid([0.0]), **own)
    y, weights = problem.targets, problem.sample_weight
    return trainer.near_best(problem.network, problem.X, y, within=within, sample_weight=weights)


def made(network: Network, X: Any, y: Any, grid: Grid, scoring: Any = None, **others: Any) -> Problem:
    return Problem.create(network, SearchSpace(network, grid), X, y, scoring or Accuracy(), **others)


def check(problem: Problem, within: float) -> None:
    """Compare a trainer's count with one by one, and the bounds on the way with both."""
    try:
        threshold, count, by_value = one_by_one(problem, within)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            searched(problem, within)
        return
    near = searched(problem, within)
    assert (near.complete, near.count, near.threshold, near.n_candidates) == (
        True,
        count,
        threshold,
        problem.space.size,
    )
    assert [list(own.at_least) for own in near.parameters] == by_value
    assert [list(own.at_most) for own in near.parameters] == by_value
    for own in near.parameters:
        zeros = [k for k, value in enumerate(own.values.tolist()) if value == 0.0]
        assert own.can_be_zero is any(own.at_least[k] for k in zeros)
    with np.errstate(all="ignore"):
        search = find_count(problem, BatchedEngine(), threshold)
        processed = -1
        while not search.finished:
            assert processed <= search.n_processed <= problem.space.size
            processed, found = search.n_processed, search.found()
            assert found.at_least <= count <= found.at_most
            for (least, most), exact in zip(found.by_value, by_value, strict=True):
                assert all(a <= b <= c for a, b, c in zip(least, exact, most, strict=True))
            search.advance()
    assert search.n_processed == problem.space.size
    assert search.found().by_value == [(exact, exact) for exact in by_value]


# The count is that of the plain loop -------------------------------------------------------------


@examples(500)
@given(SMALL, WITHIN, PENALTIES)
def test_a_count_is_that_of_one_by_one(problem: Problem, within: float, penalty: Penalty | None) -> None:
    if problem.space.size > 700:
        most = 3 if len(problem.space.names) < 7 else 2
        problem = problem.with_space(
            SearchSpace.from_grids([Grid(g.values[:most]) for g in problem.space.grids], problem.space.names)
        )
        problem = replace(problem, whole=None)
    check(replace(problem, penalty=penalty), within)


@pytest.mark.parametrize(
    ("inner", "scoring", "fast"),
    in_turn([Sigmoid(), Tanh(), ReLU(), Step(), Identity()], [Accuracy(), BalancedAccuracy()], ["0", "1"]),
)
def test_a_hidden_layer_is_counted_exactly_compiled_or_not(
    inner: Any, scoring: Any, fast: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    weights = np.linspace(0.0, 2.0, 40)
    for bias in (False, True):
        network = Network.dense([2, 2, 1], activation=inner, output_activation=Sigmoid(), bias=bias)
        grid = Grid([-3.0, 0.0, 2.0])
        hidden = [name for name in network.parameter_names if bias and name.startswith("layer0")]  # fewer with a bias
        grids = {name: Grid([0.5]) if name.endswith("bias") else Grid([-3.0, 2.0]) for name in hidden}
        space = SearchSpace(network, grid, overrides=grids)
        for weight in (None, weights, np.arange(40) % 3):
            check(Problem.create(network, space, X, NOISY, scoring, weight), 0.05)


@pytest.mark.parametrize(
    ("scoring", "seed"),
    in_turn(["log_loss", "mean_squared_error", "mean_absolute_error", "hinge", "accuracy"], range(4)),
)
def test_several_outputs_and_layers_are_counted_exactly(scoring: Any, seed: int) -> None:
    generator = np.random.default_rng(seed)
    data, labels = generator.normal(size=(20, 2)), generator.integers(0, 3, 20)
    is_numbers = scoring.startswith("mean")
    classes = Network.dense([2, 3], activation=Identity() if scoring == "hinge" else Sigmoid())
    deep = Network.dense([2, 2, 1, 1], activation=Tanh(), output_activation=Sigmoid())
    for network, y, grid in ((classes, labels, Grid([-1.5, 0.0, 1.0])), (deep, labels > 0, Grid([-1.5, 1.0]))):
        targets = generator.normal(size=(20, network.n_outputs)) if is_numbers else y
        near = GridSearchTrainer(grid, scoring=scoring).near_best(network, data, targets, within=0.05)
        loop = GridSearchTrainer(grid, scoring=scoring, engine="reference")
        other = loop.near_best(network, data, targets, within=0.05)
        assert (near.count, near.threshold, near.parameters) == (other.count, other.threshold, other.parameters)


SWAPPED = {
    "turned": Network([Layer.dense(2, 2, activation=Tanh()), Layer([Neuron([0.0, 0.0], inputs=[1, 0])])]),
    "three": Network([Layer.dense(2, 3, activation=Step()), Layer.dense(3, 1, activation=Sigmoid())]),
    "one unseen": Network(
        [Layer.dense(1, 3, activation=ReLU()), Layer([Neuron([0.0, 0.0], 0.0, inputs=[2, 0])], n_inputs=3)]
    ),
    "connected": Network(
        [
            Layer([Neuron([0.0], inputs=[0]), Neuron([0.0], inputs=[1])], n_inputs=2),
            Layer.dense(2, 1, activation=Step()),
        ]
    ),
}


@pytest.mark.parametrize(
    ("network", "values"), in_turn(list(SWAPPED), [[-1.0, 0.0, 1.0], [-1.0, 0.5], [1.0, -2.0, 1.0]])
)
def test_neurons_that_can_be_swapped_are_counted_exactly(network: str, values: list[float]) -> None:
    swapped = SWAPPED[network]
    if swapped.n_parameters > 8:
        values = values[:2]
    columns = np.array(TRUTH)[:, : swapped.n_inputs]
    problem = made(swapped, columns, [0, 1, 1, 0], Grid(values))
    for within in (0.0, 0.25, 0.5):
        check(problem, within)
    for penalty in (L0(0.06), L0(0.01, at_most=4), L1(0.01)):
        check(replace(problem, penalty=penalty), 0.25)


def test_both_orders_of_two_neurons_are_looked_at_only_where_they_may_cost_differently() -> None:
    space = SearchSpace(TWO_INTO_ONE, Grid([-1, 0, 1]))
    axes = Axes(space.grids)
    for penalty, is_one in ((None, True), (L0(0.1), True), (L0(at_most=3), True), (L1(0.1), False), (L2(0.1), False)):
        problem = Problem.create(TWO_INTO_ONE, space, TRUTH, [0, 1, 1, 0], Accuracy(), penalty=penalty)
        assert (find_interchangeable_neurons(problem, axes) is not None) is is_one


def test_a_count_of_any_size_is_exact() -> None:
    network = Network.dense([3, 3, 1], activation=Sigmoid(), bias=True)
    trainer = GridSearchTrainer(Grid.linspace(1, 10, 100))
    trainer = paced(trainer, judged_after=(), judged_if_huge=())  # a busy machine takes long
    near = trainer.near_best(network, [[1.0, 2.0, 0.5]], [1], within=0)
    assert near.count == 100**16
    assert near.fraction == 1.0
    assert {count for own in near.parameters for count in own.at_least} == {100**15}
    assert "10^32 of 10^32 candidates (100.0%)" in str(near)
    assert [own.can_be_zero for own in near.parameters] == [False] * 16


def test_values_that_stand_twice_and_both_zeros_are_counted_where_they_stand() -> None:
    near = GridSearchTrainer(Grid([0.0, 1.0, -0.0, 1.0])).near_best(Network.dense([1, 1]), [[1.0]], [0], within=0)
    assert near.parameters[0].at_least == (1, 0, 1, 0)
    assert near.parameters[0].can_be_zero is True
    assert near.parameters[0].taken.tolist() == [0.0]
    assert near.parameters[0].counts == {0.0: 2, 1.0: 0}


def test_a_value_that_stands_twice_may_be_the_most_frequent() -> None:
    values = NearValues("w", np.array([0.0, 0.0, 1.0]), (2, 2, 3), (2, 2, 3))
    assert values.most_often == 0.0
    assert repr(values) == "<NearValues of w: 2 of 2 values taken>"


class KnowsSomeBounds(Penalty):
    """Says nothing of most boxes, with minus infinity."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return 0.001 * float(np.abs(parameters[is_weight]).sum())

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return np.where((lower[:, is_weight] > 0.0).all(axis=1), 0.0, -np.inf)


def test_bounds_of_minus_infinity_say_nothing() -> None:
    X, y, network = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1], Network.dense([2, 1], bias=True)
    exact, loop = (
        GridSearchTrainer(Grid(range(-3, 4)), penalty=KnowsSomeBounds(), engine=engine, scoring="log_loss")
        for engine in ("exact", "reference")
    )
    assert exact.fit(network, X, y).index == loop.fit(network, X, y).index
    best = loop.fit(network, X, y).objective
    problem = Problem.create(
        network, SearchSpace(network, Grid(range(-3, 4))), X, y, LogLoss(), penalty=KnowsSomeBounds()
    )
    expected = sum(problem.objective(problem.space[index]) <= best + 0.1 for index in range(problem.space.size))
    assert exact.near_best(network, X, y, within=0.1).count == expected > 1


def test_what_has_no_bounds_is_counted_too() -> None:
    def own(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.abs(np.cos(outputs[:, 0]) - y_true).sum())

    for penalty in (None, L1(0.01), Largest()):
        trainers = [
            GridSearchTrainer(Grid([-1, 0, 2]), scoring=own, penalty=penalty, engine=e) for e in ("auto", "reference")
        ]
        one, other = (trainer.near_best(Network.dense([2, 2, 1]), X, Y, within=0.5) for trainer in trainers)
        assert (one.count, one.parameters, one.threshold) == (other.count, other.parameters, other.threshold)


def test_data_as_large_as_floats_are_counted_too() -> None:
    network = Network.dense([1, 1], activation=Identity())
    problem = made(network, [[1e300], [-1e300]], [0.0, 1e308], Grid([-1e10, -1.0, 0.0, 1.0, 1e10]), MeanSquaredError())
    check(problem, 0.0)


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_candidates_without_a_score_do_not_count_where_the_threshold_is_infinite(engine: Any) -> None:
    network = Network.dense([2, 1], activation=Identity(), output_activation=Identity())
    trainer = GridSearchTrainer(Grid([-1e308, 1e308]), scoring="mean_squared_error", engine=engine)
    near = trainer.near_best(network, [[10.0, -10.0]], [0.0], within=0)
    assert (near.threshold, near.count) == (np.inf, 2)
    assert [own.at_least for own in near.parameters] == [(1, 1), (1, 1)]


def test_a_best_that_cannot_be_beaten_is_known_before_it_is_proven_the_first() -> None:
    trainer = GridSearchTrainer(Grid.linspace(-4, 4, 9), time_limit=1e-3)
    near = trainer.near_best(Network.dense([2, 2, 1], bias=True), TRUTH, [0, 1, 1, 0], within=0)
    if near.best.objective == 1.0:  # found at once, on any but a very slow machine
        assert "score           1, proven best of the grid" in str(near)
    assert (near.stop_reason, near.complete) == ("time_limit", False)
    assert near.parameters[0].most_often in (None, *near.parameters[0].values)
    with pytest.raises(InvalidValueError, match="fraction: expected a complete count"):
        _ = near.fraction


def test_a_grid_without_0_says_nothing_of_parameters_that_are_left_out() -> None:
    near = GridSearchTrainer(Grid([-1, 1])).near_best(Network.dense([1, 1]), [[1.0]], [1], within=0)
    assert str(near).endswith("not in grid")
    assert near.parameters[0].can_be_zero is False


# Risk scores --------------------------------------------------------------------------------------


def risk_score(n_features: int, points: Grid, biases: Grid, penalty: Penalty | None, scoring: Any) -> Problem:
    """Features of 0 and 1, and labels that depend on three of them, with noise."""
    generator = np.random.default_rng(n_features)
    features = generator.integers(0, 2, size=(150, n_features)) * 1.0
    chances = 1.0 / (1.0 + np.exp(2.0 - features[:, :3] @ [2.0, 1.0, 1.0]))
    labels = (generator.random(150) < chances).astype(np.float64)
    network = Network.dense([n_features, 1], bias=True)
    space = SearchSpace(network, points, biases)
    return Problem.create(network, space, features, labels, scoring, penalty=penalty)


@pytest.mark.parametrize(
    ("penalty", "scoring"),
    in_turn([None, L0(0.01), L0(at_most=2), L1(0.01), L2(0.005)], [LogLoss(), Accuracy()]),
)
def test_a_risk_score_is_counted_exactly(penalty: Penalty | None, scoring: Any) -> None:
    problem = risk_score(4, Grid([2, 0, 1, -1, -2, 3]), Grid(range(-5, 6)), penalty, scoring)
    objectives = all_objectives(problem)
    for within in (0.0, 0.003, 0.05, 0.4):
        threshold, count, by_value = counted(problem, objectives, within)
        near = searched(problem, within)
        assert (near.count, near.threshold) == (count, threshold)
        assert [list(own.at_least) for own in near.parameters] == by_value


@pytest.mark.parametrize("penalty", [L0(at_most=3), pytest.param(L1(0.002), marks=pytest.mark.slow)], ids=repr)
def test_the_bounds_of_the_proof_leave_few_boxes_of_a_risk_score_open(penalty: Penalty) -> None:
    problem = risk_score(20, Grid(range(-5, 6)), Grid(range(-20, 21)), penalty, LogLoss())
    best = searched(problem, 0.001).best
    with np.errstate(all="ignore"):
        search = find_count(problem, BatchedEngine(), best.objective + 0.001)
        steps = 0
        while not search.finished and steps < 300:
            search.advance()
            steps += 1
    assert search.finished
    assert search.found().at_least == search.found().at_most < 1000


# Large ones ---------------------------------------------------------------------------------------


def all_objectives(problem: Problem) -> FloatArray:
    engine, objectives = BatchedEngine(), np.empty(problem.space.size)
    step = engine.chunk_size(problem)
    with np.errstate(all="ignore"):
        for start in range(0, problem.space.size, step):
            stop = min(start + step, problem.space.size)
            objectives[start:stop] = engine.objective(problem, problem.space.digits(range(start, stop)))
    return objectives


def of_two_into_one(size: int, bias: bool, grid: Grid, X: Any = TRUTH, y: Any = (0, 1, 1, 0)) -> Problem:
    return made(Network.dense([2, size, 1], bias=bias), X, y, grid)


TWO = Network.dense([2, 1], bias=True)
CURVE = Network.dense([1, 2, 1], activation=Tanh(), output_activation=Identity())
LARGE: dict[str, Any] = {
    "two into one, 16 values": lambda: of_two_into_one(2, False, Grid.linspace(-10, 10, 16), X, NOISY),
    "two into one with biases, 6 values": lambda: of_two_into_one(2, True, Grid.linspace(-5, 5, 6)),
    "two into one with biases, 7 values": lambda: of_two_into_one(2, True, Grid(range(-3, 4))),
    "one neuron, 100 values": lambda: made(TWO, *sum_threshold(300, n_features=2), Grid.linspace(-10, 10, 100)),
    "three weights and a bias, 40 values": lambda: made(
        Network.dense([3, 1], bias=True), *sum_threshold(50, n_features=3), Grid.linspace(-10, 10, 40)
    ),
    "log loss, 100 values": lambda: made(TWO, X, NOISY, Grid.linspace(-10, 10, 100), LogLoss()),
    "squared error, 32 values": lambda: made(CURVE, X[:, :1], X[:, 1], Grid.linspace(-3, 3, 32), MeanSquaredError()),
    "penalty, 100 values": lambda: made(TWO, X, NOISY, Grid.linspace(-10, 10, 100), penalty=L0(0.05)),
    "risk score, 7 values": lambda: risk_score(5, Grid(range(-3, 4)), Grid(range(-30, 31)), L0(at_most=2), LogLoss()),
    "hinge of three classes, 11 values": lambda: made(
        Network.dense([2, 3], activation=Identity()), X, np.arange(40) % 3, Grid(range(-5, 6)), Hinge()
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_count_is_that_of_one_by_one(name: str) -> None:
    problem = LARGE[name]()
    assert 10**6 <= problem.space.size <= 10**8
    objectives = all_objectives(problem)
    for within in (0.0, 0.02):
        threshold, count, by_value = counted(problem, objectives, within)
        near = searched(problem, within)
        assert (near.count, near.threshold) == (count, threshold)
        assert [list(own.at_least) for own in near.parameters] == by_value


# Where it is stopped ------------------------------------------------------------------------------


@pytest.mark.parametrize("scoring", ["accuracy", "log_loss"])
def test_a_count_that_is_stopped_has_honest_bounds(scoring: Any) -> None:
    network, grid = Network.dense([2, 2, 1]), Grid.linspace(-4, 4, 4)
    full = GridSearchTrainer(grid, scoring=scoring).near_best(network, X, NOISY, within=0.05)
    problem = made(network, X, NOISY, grid, None if scoring == "accuracy" else LogLoss())
    kind = TreeCount if scoring == "accuracy" else BoxSearch
    assert isinstance(find_count(problem, BatchedEngine(), full.threshold), kind)
    heard: list[SearchEvent] = []

    def stop(event: SearchEvent) -> bool:
        heard.append(event)
        return event.stage == "near best" and sum(one.stage == "near best" for one in heard) >= 4

    near = GridSearchTrainer(grid, scoring=scoring, callbacks=[stop]).near_best(network, X, NOISY, within=0.05)
    assert (near.stop_reason, near.complete) == ("callback", False)
    assert near.at_least <= full.count <= near.at_most
    assert 1 <= near.at_least < near.at_most <= near.n_candidates
    for own, exact in zip(near.parameters, full.parameters, strict=True):
        assert all(a <= b <= c for a, b, c in zip(own.at_least, exact.at_least, own.at_most, strict=True))
        assert own.can_be_zero is not True or exact.can_be_zero
    for use in (lambda: near.count, lambda: near.fraction):
        with pytest.raises(
            InvalidValueError, match=r"(count|fraction): expected a complete count, got one that was stopped \(callb"
        ):
            use()
    assert "from " in repr(near)
    assert "stopped " in str(near)
    told = [event for event in heard if event.stage == "near best"]
    assert (told[0].kind, told[-1].kind) == ("started", "finished")
    assert told[0].n_processed <= told[-1].n_processed < near.n_candidates
    assert told[-1].best is not None
    assert told[-1].best.score == told[-1].bound == near.best.objective


def test_a_best_that_is_not_proven_leaves_everything_open() -> None:
    network, grid = Network.dense([2, 3, 1], bias=True), Grid.linspace(-10, 10, 50)
    near = GridSearchTrainer(grid, time_limit=0.05).near_best(network, X, NOISY, within=0.01)
    assert (near.best.optimal, near.stop_reason, near.complete) == (False, "time_limit", False)
    assert (near.at_least, near.at_most) == (1, 50**13)
    assert {own.can_be_zero for own in near.parameters} == {False}  # no grid of 50 values has 0
    assert all(own.at_least == (0,) * 50 and own.at_most == (50**12,) * 50 for own in near.parameters)
    assert "not proven best" in str(near)


def test_a_time_limit_holds_for_both_together() -> None:
    network, grid = Network.dense([2, 2, 1], bias=True), Grid.linspace(-10, 10, 21)
    near = GridSearchTrainer(grid, time_limit=3.0).near_best(network, TRUTH, [0, 1, 1, 0], within=0.5)
    assert near.at_least <= near.at_most
    assert near.stop_reason == ("completed" if near.complete else "time_limit")
    assert near.seconds >= near.best.seconds


def test_ctrl_c_stops_a_count() -> None:
    before = signal.getsignal(signal.SIGINT)

    def interrupt(event: SearchEvent) -> None:
        if event.stage == "near best" and event.kind == "started":
            os.kill(os.getpid(), signal.SIGINT)

    near = GridSearchTrainer(Grid.linspace(-4, 4, 9), callbacks=[interrupt]).near_best(
        Network.dense([2, 2, 1]), X, NOISY, within=0.05
    )
    assert (near.stop_reason, near.best.optimal, near.complete) == ("interrupted", True, False)
    assert signal.getsignal(signal.SIGINT) == before


def test_a_too_long_search_is_refused_as_by_fit() -> None:
    def own(y_true: FloatArray, outputs: FloatArray) -> float:
        return float((outputs[:, 0] - y_true).sum())

    with pytest.raises(SearchTooLongError):
        GridSearchTrainer(Grid.linspace(0, 1, 100), scoring=own).near_best(
            Network.dense([9, 1]), [[1.0] * 9], [1], within=0
        )


# What it says -------------------------------------------------------------------------------------


def near_best(**settings: Any) -> NearBest:
    return GridSearchTrainer(Grid([-1, 0, 1]), **settings).near_best(
        Network.dense([2, 1]), TRUTH[1:], [0, 1, 1], within=0.5
    )


def test_the_best_is_that_of_fit() -> None:
    near = near_best()
    best = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([2, 1]), TRUTH[1:], [0, 1, 1])
    assert (near.best.index, near.best.score, near.best.optimal) == (best.index, best.score, True)


def test_with_a_penalty_objectives_are_compared() -> None:
    events: list[SearchEvent] = []
    near = near_best(penalty=L1(0.25), callbacks=[events.append])
    assert near.threshold == near.best.objective - 0.5
    assert near.best.objective < near.best.score
    last = events[-1].best
    assert last is not None
    assert (last.score, last.objective, events[-1].gap) == (near.best.score, near.best.objective, 0.0)
    assert "objective       " in str(near)


def test_records_and_dicts_say_all_and_are_plain() -> None:
    near = near_best()
    table = pd.DataFrame(near.to_records())
    assert list(table) == ["parameter", "value", "at_least", "at_most"]
    assert table.groupby("parameter")["at_least"].sum().tolist() == [near.count] * 2
    data = near.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert (data["at_least"], data["at_most"], data["complete"]) == (near.count, near.count, True)
    assert data["can_be_zero"] == {own.name: own.can_be_zero for own in near.parameters}
    assert isinstance(data["best"], dict)
    assert data["best"]["score"] == near.best.score


def test_it_is_a_value() -> None:
    near = near_best()
    for other in (copy.copy(near), copy.deepcopy(near), pickle.loads(pickle.dumps(near))):
        assert other == near
        assert hash(other) == hash(near)
        assert not other.parameters[0].values.flags.writeable
    assert near != replace(near, within=0.25)
    own = near.parameters[0]
    assert own != replace(own, at_least=(0, 0, 0))
    assert repr(own) == f"<NearValues of layer0.neuron0.weight0: {own.taken.size} of 3 values taken>"


def test_a_table_has_a_line_for_each_parameter() -> None:
    near = near_best()
    lines = str(near).splitlines()
    assert lines[0].startswith(f"near best       {near.count} of 9 candidates (")
    assert [line.split()[0] for line in lines[-2:]] == ["layer0.neuron0.weight0", "layer0.neuron0.weight1"]
    page = near._repr_html_()
    assert page.count("<tr>") == 3
    assert "near best: " in page


def test_a_share_is_only_written_as_all_or_nothing_where_it_is() -> None:
    near = near_best()
    many, huge = (
        replace(near, at_least=10**20 - 1, at_most=10**20 - 1, n_candidates=10**20),
        replace(near, n_candidates=10**400),
    )
    assert ">99.9%" in str(many)
    assert f"{near.count} of 10^400 candidates (" in str(huge)
    assert "(0.0%)" not in str(huge)


def test_what_is_not_known_is_said_to_be() -> None:
    own = NearValues("w", np.array([0.0, 1.0]), (0, 1), (2, 3))
    assert own.can_be_zero is None
    assert replace(own, at_most=(0, 3)).can_be_zero is False
    assert replace(own, at_least=(1, 1)).can_be_zero is True
    nothing = replace(
        near_best(), parameters=(replace(own, at_least=(0, 0)),), at_least=1, at_most=5, stop_reason="time_limit"
    )
    assert str(nothing).splitlines()[-1].split() == ["w", "0", "of", "2", "not", "known"]
