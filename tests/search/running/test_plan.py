"""A plan says what a fit would do, and spaces of any size are planned, searched or refused."""

import dataclasses
import math
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrid import (
    GELU,
    Accuracy,
    Coordinate,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    Hinge,
    LogLoss,
    MeanSquaredError,
    Network,
    Neuron,
    RandomSample,
    Scoring,
    SearchEvent,
    SearchSpace,
    SearchTooLongError,
    Step,
    Strategy,
    Tanh,
    activation,
)
from minigrid._base.halting import is_halted
from minigrid._base.text import format_forecast
from minigrid._base.typing import FloatArray
from minigrid.model.layer import Layer
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.forecast import ProofForecast
from tests.fits import SMALL, STRATEGIES, TWO_INTO_ONE, XOR, lesson
from tests.pacing import paced
from tests.patience import patient
from tests.problems import median_error


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_plan_counts_what_a_fit_does(strategy: Strategy) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, engine="batched")
    plan, result = trainer.plan(TWO_INTO_ONE, *XOR), trainer.fit(TWO_INTO_ONE, *XOR)
    assert plan.n_candidates == result.n_candidates == 729
    assert plan.n_to_score >= result.n_scored
    assert (plan.strategy, plan.engine, plan.engine_reason) == (result.strategy, result.engine, result.engine_reason)
    assert 0.0 < plan.least_seconds <= plan.seconds < math.inf
    assert plan.memory > 0
    assert sum(count for _, count, _ in plan.stages) == plan.n_to_score
    assert sum(seconds for _, _, seconds in plan.stages) == pytest.approx(plan.seconds)
    assert plan.strategy in str(plan)
    assert "729" in str(plan)


def test_a_plan_grows_with_the_space() -> None:
    X, y = lesson(200, seed=0)
    network = Network.dense([3, 1])
    small = GridSearchTrainer(Grid.linspace(-1, 1, 10), engine="batched").plan(network, X, y)
    large = GridSearchTrainer(Grid.linspace(-1, 1, 1000), engine="batched").plan(network, X, y)
    assert (small.n_to_score, large.n_to_score) == (10**3, 10**9)
    assert large.seconds > 100 * small.seconds
    assert small.engine_reason


def test_a_plan_can_be_read() -> None:
    plan = GridSearchTrainer(SMALL, engine="batched").plan(TWO_INTO_ONE, *XOR)
    frozen = dataclasses.replace(plan, seconds=2.5, least_seconds=2.5, memory=3 * 2**20, stages=(("joint", 729, 2.5),))
    assert str(frozen) == "\n".join(
        [
            "candidates  729",
            "to score    729",
            "strategy    Joint()",
            "engine      batched: asked for",
            "memory      at most 3 MiB",
            "expected    2.5 s",
        ]
    )
    stages = (("layer0", 10**6, 3600.0 * 50), ("layer1", 10**20, 86400.0 * 366 * 9))
    longer = dataclasses.replace(frozen, n_to_score=10**20 + 10**6, seconds=3.2e8, least_seconds=200.0, stages=stages)
    assert str(longer).splitlines()[-3:] == [
        "expected    from 3.33 min to more than a year, depending on what the search finds",
        "  layer0    1,000,000 in more than a day",
        "  layer1    10^20 in more than a year",
    ]
    assert "to score    at most about 1.0 x 10^20" in str(longer)
    limited = str(dataclasses.replace(frozen, time_limit=0.5))
    assert "expected    2.5 s, but the time limit of 0.5 s ends it earlier" in limited
    assert str(dataclasses.replace(frozen, time_limit=60.0)) == str(frozen)
    for ends, said in [
        ((0.81, 7.3), "roughly from 0.81 s to 7.3 s"),
        ((1200.0, 3.2e26), "roughly from 20 min to more than a day"),
        ((1200.0, math.inf), "roughly from 20 min to more than a day"),
        ((1e6, 3e27), "most likely more than a day"),
    ]:
        rough = str(dataclasses.replace(frozen, is_rough=True, seconds_range=ends))
        assert "to score    at most 729" in rough
        assert f"expected    {said} (the time of a proof is hard to predict)" in rough
    assert "expected    more than a million years" in str(dataclasses.replace(frozen, seconds=1e27, least_seconds=1e27))


def test_a_plan_is_rough_where_a_proof_is_not_over_in_a_second() -> None:
    X, y = lesson(1000, seed=0)
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 100))
    assert trainer.plan(Network.dense([3, 5, 1], bias=True), X, y).is_rough
    small = GridSearchTrainer(Grid.linspace(-1, 1, 20))
    assert not small.plan(Network.dense([3, 1]), X, y).is_rough


def test_a_plan_scores_nothing_for_good() -> None:
    """What a plan times must not reach the callbacks, nor heed a fit's limits."""
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(SMALL, callbacks=[events.append], max_candidates=1, target_score=0.0, time_limit=1e-6)
    plan = trainer.plan(TWO_INTO_ONE, *XOR)
    assert plan.n_to_score == 729
    assert events == []


def test_a_plan_bears_scores_that_are_all_nan() -> None:
    trainer = GridSearchTrainer(SMALL, scoring=lambda y, outputs: math.nan)
    assert 0.0 < trainer.plan(TWO_INTO_ONE, *XOR).seconds < math.inf


@activation
def cosine(z: FloatArray) -> FloatArray:
    return 0.5 + 0.5 * np.cos(z)


class Case:
    """A network and data for a look at memory."""

    def __init__(
        self,
        network: Network,
        n_values: int,
        n_samples: int,
        scoring: Scoring,
        y: Callable[[Any, int], Any] | None = None,
    ) -> None:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(n_samples, network.n_inputs))
        targets = rng.integers(0, max(2, network.n_outputs), n_samples) if y is None else y(rng, n_samples)
        space = SearchSpace(network, Grid(rng.normal(size=n_values)))
        self.problem = Problem.create(network, space, X, targets, scoring)


CONNECTED = Network([Layer([Neuron([0.0, 0.0], 0.0), Neuron([0.0], None, Tanh(), [1])]), Layer([Neuron([0.0, 0.0])])])


CASES = {
    "swept": Case(Network.dense([3, 1]), 30, 300, Accuracy()),
    "swept with many samples": Case(Network.dense([2, 1]), 40, 20_000, Accuracy()),
    "log loss": Case(Network.dense([3, 1], bias=True), 12, 300, LogLoss()),
    "one weight": Case(Network.dense([1, 1]), 3000, 200, LogLoss()),
    "hidden": Case(Network.dense([2, 2, 1], activation=Tanh()), 6, 400, MeanSquaredError()),
    "hidden and swept": Case(Network.dense([2, 2, 1], activation=Tanh()), 7, 100, Accuracy()),
    "deep": Case(Network.dense([1, 2, 2, 1], activation=Step()), 4, 50, Accuracy()),
    "several outputs": Case(Network.dense([2, 3]), 6, 100, Accuracy()),
    "connected": Case(CONNECTED, 7, 150, LogLoss()),
    "several outputs and many samples": Case(Network.dense([2, 3]), 5, 20_000, LogLoss()),
    "many outputs": Case(Network.dense([3, 64]), 3, 200, Hinge()),
    "an activation of many steps": Case(Network.dense([2, 1], activation=GELU()), 12, 20_000, LogLoss()),
    "hidden and swept with many samples": Case(Network.dense([2, 2, 1]), 6, 20_000, Accuracy()),
    "own activation": Case(Network.dense([2, 1], activation=cosine), 12, 500, FunctionScoring(median_error)),
    "own scoring": Case(Network.dense([2, 1]), 40, 100, FunctionScoring(median_error)),
}
LONG = "many outputs", "hidden and swept with many samples"  # tracing their memory takes seconds


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in CASES]
)
@pytest.mark.parametrize("engine", [BatchedEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
def test_the_memory_estimate_is_above_the_peak_of_a_real_call(engine: Scorer, name: str) -> None:
    problem = CASES[name].problem
    most = min(engine.chunk_size(problem), problem.space.size, 6_000 if engine.name == "batched" else 40)
    for count in (1, most // 3 + 1, most):
        digits = problem.space.digits(range(count))
        engine.score(problem, digits[:2])  # what is made once does not count
        tracemalloc.start()
        try:
            engine.score(problem, digits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak <= engine.memory(problem, count) + 2**16
    assert engine.memory(problem, most) <= 200 * peak


@pytest.mark.parametrize("sizes", [(2, 1), (2, 300, 1)])
def test_the_plan_of_a_draw_counts_the_memory_of_its_indices(sizes: tuple[int, ...]) -> None:
    n, network, X, y = 20_000, Network.dense(sizes), np.eye(2), np.array([0, 1])
    grid = Grid.linspace(-3, 3, 1_000)
    few, many = (GridSearchTrainer(grid, strategy=RandomSample(each)).plan(network, X, y) for each in (1, n))
    tracemalloc.start()
    try:
        indices = RandomSample(n).draw(SearchSpace(network, grid).size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(indices) == n
    assert peak < many.memory - few.memory


@pytest.mark.parametrize(
    ("sizes", "n_values", "n_samples", "least"),
    [([3, 64], 10, 1000, 100), ([2, 64], 10, 20_000, 10), ([3, 1], 100, 1_100_000, 1000), ([2, 2, 1], 50, 10**6, 50)],
)
def test_chunks_are_whole_runs_and_their_memory_is_bounded(
    sizes: list[int], n_values: int, n_samples: int, least: int
) -> None:
    network = Network.dense(sizes)
    X, y = np.zeros((n_samples, sizes[0])), np.zeros(n_samples)
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-1, 1, n_values)), X, y, Accuracy())
    chunk = BatchedEngine().chunk_size(problem)
    assert chunk >= least
    assert chunk % n_values == 0
    assert BatchedEngine().memory(problem, chunk) < 2**29


@pytest.mark.parametrize("engine", [BatchedEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
@pytest.mark.parametrize("n_values", [2, 100, 10_000, 4_000_000])
@pytest.mark.parametrize("n_inputs", [1, 2])
def test_the_memory_of_a_chunk_does_not_grow_with_the_grid(engine: Scorer, n_values: int, n_inputs: int) -> None:
    network = Network.dense([n_inputs, 1])
    space = SearchSpace(network, Grid.linspace(-1, 1, n_values))
    problem = Problem.create(network, space, np.ones((3, n_inputs)), [0, 1, 0], Accuracy())
    assert engine.chunk_size(problem) >= 1
    assert engine.memory(problem, min(engine.chunk_size(problem), space.size)) <= 2**27


# Spaces beyond all machine numbers --------------------------------------------------------------

RNG = np.random.default_rng(9)


WIDE = (RNG.normal(size=(20, 99)), RNG.integers(0, 2, 20))


WIDE_NETWORK = Network.dense([99, 1], bias=True)


TEN = Grid.linspace(-1, 1, 10)


@pytest.mark.parametrize("engine", ["batched", "reference"])
def test_a_huge_space_is_planned(engine: Any) -> None:
    plan = GridSearchTrainer(TEN, engine=engine).plan(WIDE_NETWORK, *WIDE)
    assert plan.n_candidates == plan.n_to_score == 10**100
    assert 1e80 < plan.seconds < math.inf
    assert 0 < plan.memory < 2**30
    assert "10^100" in str(plan)
    assert "years" in str(plan)


def test_a_space_beyond_all_floats_is_planned_and_printed() -> None:
    network = Network.dense([500, 1])
    X = np.random.default_rng(0).normal(size=(4, 500))
    plan = GridSearchTrainer(TEN, engine="batched").plan(network, X, [0, 1, 1, 0])
    assert plan.seconds == plan.least_seconds == math.inf
    assert "10^500" in str(plan)
    result = GridSearchTrainer(TEN, engine="batched", max_candidates=50).fit(network, X, [0, 1, 1, 0])
    assert "10^500" in str(result)


def test_an_index_of_thousands_of_digits_can_be_printed() -> None:
    network = Network.dense([5000, 1])
    X = np.random.default_rng(0).normal(size=(4, 5000))
    result = GridSearchTrainer(TEN, strategy=RandomSample(n=3)).fit(network, X, [0, 1, 1, 0])
    assert result.index is not None
    assert result.index > 10**4400
    assert SearchSpace(network, TEN)[result.index].tolist() == result.parameters.tolist()
    assert "10^5000" in str(result)
    for value in (result, result.top[0], result.history[0]):
        assert repr(value)


def test_estimates_beyond_a_day_say_only_what_two_of_them_have_in_common() -> None:
    said = {seconds: format_forecast(seconds) for seconds in [3600.0, *(86400.0 * 1.3**k for k in range(1, 100))]}
    assert said.pop(3600.0) == "60 min"
    days = {"a day": 1.0, "a year": 365.25, "a thousand years": 365250.0, "a million years": 365.25e6}
    assert {text.removeprefix("more than ") for text in said.values()} == set(days)
    for seconds, text in said.items():
        least = 86400.0 * days[text.removeprefix("more than ")]
        assert least < seconds * 0.5001 or text == "more than a day"
    assert format_forecast(math.inf) == "more than a million years"


@pytest.mark.usefixtures("own_clock")
@pytest.mark.parametrize(
    ("n_inputs", "said"), [(10, "more than a day"), (13, "more than a year"), (26, "more than a million years")]
)
def test_a_plan_and_a_refusal_say_the_same(n_inputs: int, said: str) -> None:
    """The plain loop takes 20 to 500 microseconds a candidate: 10^10 take days, 10^13 years or decades."""
    X = np.random.default_rng(0).normal(size=(20, n_inputs))
    trainer = GridSearchTrainer(TEN, engine="reference")
    plan = trainer.plan(Network.dense([n_inputs, 1]), X, [0, 1] * 10)
    assert f"expected    {said}" in str(plan)
    with pytest.raises(SearchTooLongError, match=f"which would take {said} on the reference engine"):
        trainer.fit(Network.dense([n_inputs, 1]), X, [0, 1] * 10)


def test_a_plan_and_the_refusal_of_a_proof_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProofForecast, "ahead", lambda _self: 1e30)  # as estimates vary
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(500, 20)), rng.integers(0, 2, 500)
    network = Network.dense([20, 3, 1], bias=True)
    trainer = paced(GridSearchTrainer(TEN, scoring="log_loss"), plan_proof=3.0, plan_most=6.0)
    said = "most likely more than a million years"
    assert f"expected    {said} " in str(trainer.plan(network, X, y))
    takes = said.replace("likely", "likely take")
    with pytest.raises(SearchTooLongError, match=f"which would {takes} on the exact engine"):
        trainer.fit(network, X, y)


def test_a_too_long_search_is_refused_with_numbers_and_ways_out() -> None:
    with pytest.raises(SearchTooLongError) as caught:
        GridSearchTrainer(TEN, engine="batched").fit(WIDE_NETWORK, *WIDE)
    assert isinstance(caught.value, RuntimeError)
    said = str(caught.value)
    for part in ("10^100", "100 parameters, 10 values for each", "years", "batched", "time_limit=", "'coordinate'"):
        assert part in said
    with pytest.raises(SearchTooLongError, match="years"):
        GridSearchTrainer(TEN, engine="reference", target_score=1.0).fit(WIDE_NETWORK, *WIDE)
    X = np.random.default_rng(0).normal(size=(4, 500))
    with pytest.raises(SearchTooLongError, match=r"10\^500"):
        GridSearchTrainer(TEN, engine="batched").fit(Network.dense([500, 1]), X, [0, 1, 1, 0])


def test_no_estimate_of_a_too_long_proof_outlasts_the_time_limit() -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    network = Network.dense([2, 20, 8, 1])  # 10^416 combinations: walks down their boxes have thousands of steps
    spent = []
    for callbacks in ([], [lambda event: None]):  # estimates are made for those who listen
        began = time.thread_time()  # what others take of the machine is not counted
        trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100), time_limit=0.1, callbacks=callbacks)
        assert trainer.fit(network, X, X.sum(axis=1) > 0.0).stop_reason == "time_limit"
        spent.append(time.thread_time() - began)
    assert spent[1] < 3.0 * spent[0]


@pytest.mark.parametrize("strategy", ["joint", "layerwise", "coordinate", "zoom", "random"])
def test_a_huge_space_is_searched_within_a_limit(strategy: Any) -> None:
    trainer = GridSearchTrainer(TEN, strategy=strategy, engine="batched", max_candidates=200, top=3)
    result = trainer.fit(WIDE_NETWORK, *WIDE)
    assert (result.n_scored, result.n_candidates, result.stop_reason) == (200, 10**100, "max_candidates")
    assert result.score == Accuracy()(WIDE[1], result.network(WIDE[0]))
    assert not result.optimal
    if result.index is not None:
        assert SearchSpace(WIDE_NETWORK, TEN)[result.index].tolist() == result.parameters.tolist()
    assert "10^100: 200 scored" in str(result)


def test_a_huge_space_is_not_too_long_with_a_time_limit() -> None:
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(TEN, engine="batched", time_limit=0.05, callbacks=[events.append])
    result = trainer.fit(WIDE_NETWORK, *WIDE)
    assert result.stop_reason == "time_limit"
    assert result.n_scored > 0
    assert all(0.0 <= event.fraction < 1e-80 for event in events)
    assert events[-1].estimated_seconds_left > 1e80


def test_a_search_that_many_stages_make_small_is_not_too_long() -> None:
    X, y = XOR
    network, grid = Network.dense([2, 2, 1]), Grid.linspace(-10, 10, 100)  # 10^12 at once, 3 * 10^4 in turn
    result = GridSearchTrainer(grid, strategy="layerwise").fit(network, X, y)
    assert (result.n_candidates, result.n_scored) == (10**12, 3 * 10**4)


@pytest.mark.parametrize(("strategy", "other"), [("joint", "coordinate"), (Coordinate(block="layer"), "random")])
def test_a_plan_and_a_refusal_recommend_the_same_strategy(strategy: Any, other: str) -> None:
    X = np.random.default_rng(0).normal(size=(20, 14))
    trainer, network = GridSearchTrainer(TEN, engine="reference", strategy=strategy), Network.dense([14, 2, 1])
    assert any(f"strategy={other!r}" in hint for hint in trainer.plan(network, X, [0, 1] * 10).hints)
    with pytest.raises(SearchTooLongError, match=f"strategy={other!r}"):
        trainer.fit(network, X, [0, 1] * 10)


def test_an_estimate_that_was_cut_short_does_not_count_beside_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def ahead(forecast: ProofForecast) -> float:
        ends = time.perf_counter() + 0.15
        while time.perf_counter() < ends and not is_halted():
            time.sleep(0.001)
        seen.append(1e9 if is_halted() else 5.0)
        return seen[-1]

    monkeypatch.setattr(ProofForecast, "ahead", ahead)
    X, y = np.random.default_rng(0).normal(size=(200, 2)), np.random.default_rng(1).integers(0, 2, 200)
    trainer, network = GridSearchTrainer(Grid.linspace(-5, 5, 21), engine="exact"), Network.dense([2, 2, 1], bias=True)
    for most in (2.0, patient(2.0)):  # a busy machine needs longer for more than one estimate
        paced(trainer, plan_proof=0.1 * most, plan_most=most, plan_estimates=most)
        plan = trainer.plan(network, X, y)
        if len(seen) > 1:
            break
        seen.clear()
    assert plan.seconds < most + 8.0  # the plan itself takes some of it
