"""Forecasts of when a proof ends, with a simulated search and clock."""

import math
from typing import Any

import pytest

from minigrid import Accuracy, Grid, Network, Problem, SearchSpace
from minigrid._base.halting import halting
from minigrid.names import ENGINES
from minigrid.search.engines.base import EnginePair
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.names import pair_of
from minigrid.search.pace import Pace
from minigrid.search.running import forecast as module
from minigrid.search.running.forecast import ProofForecast


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


class Made:
    """A simulated search of n steps, where looking ahead takes a second. It has only what forecasts use."""

    def __init__(self, clock: Clock, n_steps: int) -> None:
        self._clock, self._n_steps = clock, n_steps
        self.steps, self.best, self.bound, self.n_estimates = 0, [(0.5, 0)], 1.0, 0

    @property
    def finished(self) -> bool:
        return self.steps >= self._n_steps

    def steps_ahead(self) -> float:
        self._clock.now += 1.0
        self.n_estimates += 1
        return float(self._n_steps - self.steps)

    def advance(self, seconds: float, steps: int) -> None:
        self._clock.now += seconds
        self.steps += steps


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


NETWORK = Network.dense([1, 1])
PROBLEM = Problem.create(NETWORK, SearchSpace(NETWORK, Grid([0.0, 1.0, 2.0, 3.0])), [[1.0], [2.0]], [0, 1], Accuracy())


def forecast_of(search: Any, *, spent: float = 0.0, **pace: float) -> ProofForecast:
    return ProofForecast(EnginePair(BatchedEngine()), search, PROBLEM, Pace(**pace), spent=spent)  # type: ignore[arg-type]


def test_what_comes_before_any_step_and_estimates_say_nothing_of_the_pace(clock: Clock) -> None:
    search = Made(clock, 1000)
    forecast = forecast_of(search, estimate_every=0.0)
    search.advance(50.0, 0)  # it looks for a good start
    forecast.advanced()
    forecast.update()
    assert (search.n_estimates, forecast.is_grounded, forecast.seconds_left(1, 0.0)) == (0, False, math.inf)
    for _ in range(5):
        search.advance(2.0, 20)
        forecast.advanced()
        assert forecast.ahead() == pytest.approx(0.1 * (1000 - search.steps))


def test_the_pace_is_that_of_the_later_part(clock: Clock) -> None:
    search = Made(clock, 10**6)
    forecast = forecast_of(search)
    for pace in (1.0, 0.1):  # seconds a step
        for _ in range(100):
            search.advance(10 * pace, 10)
            forecast.advanced()
        for _ in range(300 if pace < 1.0 else 0):
            search.advance(10.0, 100)
            forecast.advanced()
        assert forecast.ahead() == pytest.approx(pace * (10**6 - search.steps), rel=0.01)


def test_a_better_candidate_is_a_reason_to_estimate_again(clock: Clock) -> None:
    for is_better in (False, True):
        search = Made(clock, 1000)
        forecast = forecast_of(search, estimate_every=0.5, estimate_share=0.02)
        for second in range(45):
            search.advance(1.0, 2)
            forecast.advanced()
            if second == 20 and is_better:
                search.best = [(0.6, 1)]
            forecast.update()
        assert search.n_estimates == (2 if is_better else 1)


def test_what_takes_longer_than_expected_is_not_over_at_once(clock: Clock) -> None:
    search = Made(clock, 100)
    forecast = forecast_of(search)
    for _ in range(2):  # a single estimate is not believed
        search.advance(20.0, 45)
        forecast.advanced()
        forecast.update()
    left = []
    for _ in range(6):
        clock.now += 1.0
        left.append(forecast.seconds_left(1, 0.0))
    assert min(left) > 0.0
    assert left[-1] > left[-2]
    assert forecast.seconds_left(0, 0.0) == 0.0


def test_estimates_that_differ_say_nothing(clock: Clock) -> None:
    search = Made(clock, 10**6)
    forecast = forecast_of(search)
    left = []
    for total in (10**6, 10**4, 10**4, 10**6, 10**6):
        search._n_steps = search.steps + total
        search.advance(100.0, 100)
        forecast.advanced()
        forecast.update()
        left.append(forecast.seconds_left(1, 0.0))
    assert [math.isinf(one) for one in left] == [True, True, False, True, False]


def test_a_proof_that_resumes_is_judged_by_the_steps_of_this_process_alone(clock: Clock) -> None:
    search = Made(clock, 10**6)
    search.steps = 1000
    forecast = forecast_of(search, spent=3600.0)
    for _ in range(4):
        search.advance(1.0, 100)
        forecast.advanced()
        assert forecast.refused_seconds() is None
    assert search.n_estimates == 0  # each process has a few seconds before it estimates
    assert forecast.ahead() == pytest.approx(0.01 * (10**6 - 1400))
    search.advance(1.5, 150)
    forecast.advanced()
    assert forecast.refused_seconds() is None
    assert search.n_estimates == 2


def test_a_proof_is_likely_to_end_in_time_if_three_times_as_long_is_not_too_long(clock: Clock) -> None:
    search = Made(clock, 1000)
    forecast = forecast_of(search, estimate_every=5.0, estimate_share=1.0)
    search.advance(1.0, 10)
    forecast.advanced()
    assert not forecast.is_likely_to_end(1e9)  # there is no estimate yet
    assert not forecast.is_hopeless(0.0)
    search.advance(10.0, 100)
    forecast.advanced()
    forecast.update()  # which takes a second, and sees 890 steps ahead, of a tenth of a second each
    assert not forecast.is_likely_to_end(3.0 * 88.0 - 1.0)
    assert forecast.is_likely_to_end(3.0 * 88.0 + 1.0)
    assert not forecast.is_hopeless(0.01)
    assert forecast.is_hopeless(0.008)
    clock.now += 1000.0  # far behind the forecast, the search will not end at once
    assert not forecast.is_likely_to_end(300.0)


def test_a_better_candidate_is_no_reason_to_estimate_all_the_time(clock: Clock) -> None:
    search = Made(clock, 10**6)
    forecast = forecast_of(search, estimate_every=0.5, estimate_share=0.05)
    for number in range(600):
        search.best = [(0.5 + number / 1000, 0)]
        search.advance(0.5, 5)
        forecast.advanced()
        forecast.update()
    assert 20 <= search.n_estimates <= 40  # a tenth of the time


@pytest.mark.parametrize(("n_found", "falls_back"), [(0, True), (1, True), (2, False), (3, False), (4, True)])
def test_a_proof_that_has_not_found_enough_is_judged_by_when_it_will_have(
    n_found: int, falls_back: bool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 10 s of steps: it is far from its end, and has found some of 4; scoring all would take 6 s."""
    monkeypatch.setattr(module, "seconds_of_all", lambda *arguments: 6.0)
    search: Any = Made(clock, 10**6)
    forecast = ProofForecast(pair_of(ExactEngine(eager=False)), search, PROBLEM, Pace(), top=10)
    for seconds, steps in ((7.0, 0), (5.0, 5), (5.0, 5)):  # the time before the first step does not count
        search.advance(seconds, steps)
        forecast.advanced()
    search.best = [(0.5, index) for index in range(n_found)]
    assert (forecast.why_scoring_is_sooner() is not None) == falls_back


@pytest.mark.parametrize(("steps", "falls_back"), [(10, False), (5000, True)])
def test_a_proof_of_few_steps_is_given_up_later(
    steps: int, falls_back: bool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 10 s, scoring all would take 50 s: ten times as long would be allowed, but not of an estimate so rough."""
    monkeypatch.setattr(module, "seconds_of_all", lambda *arguments: 50.0)
    search: Any = Made(clock, 10**8)
    forecast = ProofForecast(pair_of(ExactEngine(eager=False)), search, PROBLEM, Pace())
    search.best = [(0.5, 0)]
    for _ in range(2):
        search.advance(5.0, steps // 2)
        forecast.advanced()
    assert (forecast.why_scoring_is_sooner() is not None) == falls_back


@pytest.mark.parametrize(("steps", "seconds"), [(10, 65.0), (5000, 55.0)])
def test_a_plan_knows_that_a_proof_of_few_steps_is_given_up_later(steps: int, seconds: float) -> None:
    assert module.seconds_with_fallback(1e6, 50.0, Pace(fallback_risk=10.0), steps=steps) == seconds


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [3, 4, 5, 6, 7, 12])
def test_chunks_that_end_in_bursts_tell_the_rate(threads: int, count: int) -> None:
    """Each thread scores 100 candidates in 10 ms, and all end at about the same time."""
    ends = [(0.01 * (1 + k // threads) + 1e-5 * (k % threads), 100 * (k + 1)) for k in range(threads * count)]
    assert module._slope(ends) == pytest.approx(1e-4 / threads, rel=0.2)
    assert module._slope([(0.0, 0), (0.5, 100)]) == 0.005
    assert module._slope([(0.5, 100), (0.5, 200)]) == 0.0


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_the_time_of_scoring_all_is_not_known_where_it_is_halted_or_the_clock_stands_still(
    engine: Any, clock: Clock
) -> None:
    grid = Grid.linspace(-1, 1, 10_000)
    network = Network.dense([3, 1])
    problem = Problem.create(network, SearchSpace(network, grid), [[1.0, 2.0, 3.0]], [0], Accuracy())
    engines = pair_of(ENGINES.make(engine))
    assert module.seconds_of_all(engines, problem, 1, Pace()) in (0.0, math.inf)
    with halting(lambda: True):
        assert module.seconds_of_all(engines, problem, 1, Pace()) == math.inf
