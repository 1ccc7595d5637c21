"""Plans: what a search will cost, in candidates, seconds and memory, before it runs."""

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TypeAlias, final

from minigrid._base.expected_names import KnowsOtherNames
from minigrid._base.halting import Halted, halting, poll
from minigrid._base.text import format_count, format_forecast, format_rough, format_seconds
from minigrid._base.typing import override
from minigrid.search.engines.base import EnginePair, Search, Unprovable
from minigrid.search.limits import Limits, Stopper
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running.forecast import (
    ROUGH,
    ProofForecast,
    seconds_of_all,
    seconds_of_scoring,
    seconds_with_fallback,
    why_sooner,
)
from minigrid.search.running.hints import hints_of_plan
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import PlannedStage

_MOST_LINES = 14  # of stages, so that all of a plan fits on one screen
_ENOUGH = 3  # estimates of a proof that say how much they differ
_MOST_STEPS = 16  # of a proof, where the clock stands still
_UNKNOWN = 0.0, math.inf
_KEPT = 500  # bytes for each candidate of a result
_LISTED = 100  # bytes for each index that a strategy lists, beside the number
_Kind: TypeAlias = tuple[int, int, int | None, int]  # what stages that search the same have in common
_MOST_PREPARED = 2**30  # bytes, for a proof that the plan had no time to prepare


@final
@dataclass(frozen=True, slots=True)
class SearchPlan(KnowsOtherNames):
    """What a search will cost.

    Attributes:
        strategy: the repr of the strategy.
        engine: the name of the engine that will score.
        engine_reason: why the search will use this engine.
        n_candidates: the size of the search space.
        n_to_score: how many candidates need a score; the largest number, if it depends on the search. If a proof did
            not end within a second, it counts all of its candidates.
        seconds: an estimate of the time for ``n_to_score`` candidates, from a short timing of the real work. A limit
            may stop the search earlier. Infinite if it is not known, because preparing a proof alone takes longer than
            a second.
        least_seconds: an estimate of the shortest time, if it depends on the search; most often the same.
        memory: an upper bound on the peak memory in bytes, in addition to the data and everything already loaded.
        stages: the stages of the search, each with its name, candidates and seconds.
        is_rough: True if the plan includes a proof that did not end within a second. minigrid then estimates
            ``seconds`` from samples of the open work. The estimate differs from call to call, and is most often right
            within a factor of three. It is too large if the search later finds a much better candidate.
        seconds_range: if the plan is rough, about the shortest and the longest time; infinite if it is not known.
        time_limit: the time limit of the search in seconds; None: no limit.
        hints: what to try first if the data, the grid or the time are a problem, one sentence each.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> plan = GridSearchTrainer(Grid([-1, 0, 1])).plan(Network.dense([2, 1]), X, y)
        >>> plan.n_candidates, plan.engine
        (9, 'batched')
    """

    strategy: str
    engine: str
    engine_reason: str
    n_candidates: int
    n_to_score: int
    seconds: float
    least_seconds: float
    memory: int
    stages: tuple[tuple[str, int, float], ...]
    is_rough: bool = False
    time_limit: float | None = None
    hints: tuple[str, ...] = ()
    seconds_range: tuple[float, float] = (0.0, math.inf)

    @override
    def __str__(self) -> str:
        if self.is_rough and math.isinf(self.seconds):
            return self._text("not known (preparing the proof takes longer than a second)")
        if self.is_rough:
            return self._text(f"{format_rough(*self.seconds_range)} (the time of a proof is hard to predict)")
        least, time = format_forecast(self.least_seconds), format_forecast(self.seconds)
        if least != time:
            time = f"from {least} to {time}, depending on what the search finds"
        return self._text(time)

    def _text(self, time: str) -> str:
        is_known = self.least_seconds == self.seconds and not self.is_rough
        if self.time_limit is not None and self.time_limit < self.seconds:
            time += f", but the time limit of {format_seconds(self.time_limit)} ends it earlier"
        lines = [
            ("candidates", format_count(self.n_candidates)),
            ("to score", f"{'' if is_known else 'at most '}{format_count(self.n_to_score)}"),
            ("strategy", self.strategy),
            ("engine", f"{self.engine}: {self.engine_reason}"),
            ("memory", f"at most {self.memory / 2**20:.0f} MiB"),
            ("expected", time),
        ]
        if len(self.stages) > 1:
            shown = self.stages if len(self.stages) <= _MOST_LINES else self.stages[: _MOST_LINES - 1]
            for name, count, seconds in shown:
                lines.append((f"  {name}", f"{format_count(count)} in {format_forecast(seconds)}"))
            if len(shown) < len(self.stages):
                lines.append(("  ...", f"and {len(self.stages) - len(shown):,} more in plan.stages"))
        lines += [("hint", text) for text in self.hints]
        width = max(len(label) for label, _ in lines)
        return "\n".join(f"{label.ljust(width)}  {text}" for label, text in lines)


def make_plan(
    *,
    strategy: str,
    runner: Runner,
    stages: Sequence[PlannedStage],
    time_limit: float | None,
    threads: int,
    pace: Pace,
    other: str,
    began: float,
) -> SearchPlan:
    """Time a little of each stage, and estimate the whole search from that.

    Args:
        strategy: the repr of the strategy.
        runner: a runner that tells which stages are proven; it does not run the search.
        stages: the stages of the search.
        time_limit: the time limit in seconds; None: no limit.
        threads: how many threads compute.
        pace: how long to time.
        other: the name of a strategy that searches less.
        began: what `time.perf_counter` said when the plan was asked for, before the data were checked.
    """
    ends, of_kind = max(began + pace.plan_most, time.perf_counter() + pace.plan_least), dict[_Kind, _Cost]()
    kinds = {_kind(planned): planned for planned in stages}
    for kind, planned in kinds.items():
        limit = max(ends - time.perf_counter(), 0.0) / (len(kinds) - len(of_kind))
        of_kind[kind] = _cost(runner, planned, threads, pace, limit)
    costs = [of_kind[_kind(planned)] for planned in stages]
    engines = {cost.engine: cost.reason for cost in costs}
    seconds = sum(cost.seconds for cost in costs)
    is_rough = any(cost.is_rough for cost in costs)
    low, high = (sum(cost.seconds_range[end] for cost in costs) for end in (0, 1))
    is_whole = any(planned.stage.is_all_of(runner.problem) for planned in stages)
    least = sum(_least(planned, cost.seconds) for planned, cost in zip(stages, costs, strict=True))
    return SearchPlan(
        strategy=strategy,
        engine=" and ".join(engines),
        engine_reason="; ".join(engines.values()),
        n_candidates=runner.problem.space.size,
        n_to_score=sum(cost.n_to_score for cost in costs),
        seconds=seconds,
        least_seconds=least,
        memory=max(cost.memory + _of_indices(planned) for cost, planned in zip(costs, stages, strict=True))
        + _KEPT * min(runner.top, runner.problem.space.size),
        stages=tuple(
            (planned.stage.name, cost.n_to_score, cost.seconds) for planned, cost in zip(stages, costs, strict=True)
        ),
        is_rough=is_rough,
        time_limit=time_limit,
        hints=hints_of_plan(runner.problem, least if not is_rough else low, time_limit, other, is_whole=is_whole),
        seconds_range=(low, high),
    )


@final
@dataclass(frozen=True, slots=True)
class _Cost:
    """The cost of one stage, and the engine that works on it, with the reason."""

    engine: str
    reason: str
    n_to_score: int
    seconds: float
    memory: int
    spread: tuple[float, float] = (1.0, 1.0)  # times the seconds, about the least and the most

    @property
    def is_rough(self) -> bool:
        """Whether it is a proof's that is not over."""
        return self.spread != (1.0, 1.0)

    @property
    def seconds_range(self) -> tuple[float, float]:
        """About the least and the most seconds."""
        return (
            (self.seconds * self.spread[0], self.seconds * self.spread[1]) if math.isfinite(self.seconds) else _UNKNOWN
        )


def _of_indices(planned: PlannedStage) -> int:
    """Return the bytes of a stage's indices, where a strategy lists them: those of the numbers, a set and two lists."""
    if planned.stage.indices is None or isinstance(planned.stage.indices, range):
        return 0
    return planned.n_most * (_LISTED + sys.getsizeof(planned.stage.problem.space.size))


def _kind(planned: PlannedStage) -> _Kind:
    """Return what stages that search the same have in common, so that one of them tells what each costs."""
    stage = planned.stage
    return id(stage.problem), id(stage.indices), stage.top, planned.n_most


def _least(planned: PlannedStage, seconds: float) -> float:
    return seconds if planned.n_least is None else seconds * (planned.n_least / planned.n_most)


def _cost(runner: Runner, planned: PlannedStage, threads: int, pace: Pace, limit: float) -> _Cost:
    """Estimate the cost of one stage; this takes about `limit` seconds."""
    stage, engines, n_most, watch = planned.stage, runner.engines, planned.n_most, Stopper(Limits(limit))
    problem, scorer, prover, top = stage.problem, engines.scorer, engines.prover, runner.top_of(stage)
    memory = scorer.memory(problem, min(scorer.chunk_size(problem), n_most))
    try:
        with halting(watch.must_stop):
            if prover is not None and stage.indices is None:
                poll()
            search = runner.ask(stage)
    except Halted:
        assert prover is not None
        memory += _MOST_PREPARED + 16 * problem.n_samples * problem.network.n_parameters
        return _Cost(prover.name, prover.reason, n_most, math.inf, memory, _UNKNOWN)
    if isinstance(search, Unprovable):
        seconds = seconds_of_scoring(engines, stage, n_most, top=top, limit=min(pace.plan_scoring, limit), pace=pace)
        return _Cost(scorer.name, search.reason, n_most, seconds, memory * threads)
    runs = min(pace.plan_proof, pace.plan_proof / pace.plan_most * limit)
    cost = _cost_of_proof(engines, search, problem, top, pace, runs, watch)
    repeats = n_most / problem.space.size
    n_to_score = cost.n_to_score * round(repeats) if search.finished else n_most
    memory += cost.memory
    return replace(cost, n_to_score=n_to_score, seconds=cost.seconds * repeats, memory=memory)


def _cost_of_proof(
    engines: EnginePair, search: Search, problem: Problem, top: int, pace: Pace, runs: float, watch: Stopper
) -> _Cost:
    """Estimate the cost of one proof, or of what replaces it: advance it for `runs` seconds and estimate the rest."""
    prover, forecast = engines.prover, ProofForecast(engines, search, problem, pace, top=top)
    assert prover is not None  # it began the search
    _advance(search, forecast, runs, watch)
    spent, reason = watch.seconds, prover.reason_of(search)
    if search.finished:
        return _Cost(prover.name, reason, search.n_scored, spent, search.memory)
    ahead = _estimates_ahead(forecast, runs / pace.plan_proof * pace.plan_estimates, watch)
    seconds = spent + (fmean(ahead) if ahead else math.inf)
    if prover.falls_back:
        with halting(watch.must_stop):
            of_all = seconds_of_all(engines, problem, top, pace)
        at_least = min(seconds, spent + forecast.until_found())
        shorter = seconds_with_fallback(at_least, of_all, pace, steps=search.steps)
        # If the proof's time is not known, the search switches only where scoring all is soon over.
        if shorter < at_least and (seconds < math.inf or of_all < pace.fallback_risk * spent):
            reason = why_sooner(of_all, at_least)
            return _Cost(engines.scorer.name, reason, search.n_scored, shorter, search.memory)
    is_known = math.isfinite(seconds)
    spread = (
        (spent + min(*ahead, forecast.until_found()) / ROUGH) / seconds if ahead and is_known else 0.0,
        (spent + max(ahead) * ROUGH) / seconds if len(ahead) >= _ENOUGH and is_known else math.inf,
    )
    return _Cost(prover.name, reason, search.n_scored, seconds, search.memory, spread)


def _advance(search: Search, forecast: ProofForecast, runs: float, watch: Stopper) -> None:
    """Advance a proof for this many seconds, and until the duration of a step is known."""
    n_advanced = 0
    halfway = watch.seconds + watch.seconds_left / 2.0  # for the search for good first candidates, the first step
    while not search.finished and (forecast.spent < runs or not forecast.is_grounded):
        with halting(watch.must_stop if n_advanced else lambda: watch.seconds > halfway):
            search.advance()
        forecast.advanced()
        n_advanced += 1
        if watch.must_stop() or (not watch.seconds and n_advanced == _MOST_STEPS):  # the clock stands still
            break


def _estimates_ahead(forecast: ProofForecast, seconds: float, watch: Stopper) -> list[float]:
    """Estimate for some seconds, again and again, how many a proof still takes; the first time even beyond them.

    The last estimate does not count if it was cut short, unless it is the only one.
    """
    ahead, own, was_cut = list[float](), Stopper(Limits(seconds)), False

    def is_over() -> bool:
        nonlocal was_cut
        was_cut = own.must_stop() and watch.must_stop()
        return was_cut

    with halting(is_over):
        while forecast.is_grounded and not was_cut and not (ahead and own.must_stop()):
            ahead.append(forecast.ahead())
    return ahead[:-1] if was_cut and len(ahead) > 1 else ahead
