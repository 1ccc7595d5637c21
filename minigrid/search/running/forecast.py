"""Forecasts how long a search takes: scoring, by timing a little of it; a proof, from the steps that it sees ahead.

Nobody knows beforehand how long a proof takes, so a search begins with one wherever candidates can be pruned. If hardly
any can be pruned, as with labels that no network fits, scoring a small space is faster. The search compares the two
after a tenth of a second, and then each time the proof has taken twice as long. It switches to scoring only if that
takes at most ten times as long as the proof has so far, so that a wrong estimate costs little; at most three times
while the proof has taken few steps, as its estimate is then rough. A proof that has not yet
found as many candidates as it keeps looks endless, so then only the time until it has counts.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import final

import numpy as np

from minigrid._base.text import DAY, format_forecast
from minigrid._base.typing import override
from minigrid.search.engines.base import EnginePair, Search, Unprovable
from minigrid.search.engines.descents import on_few_samples
from minigrid.search.engines.guard import CheckedProver, steps_ahead
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import LocalThreads
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best
from minigrid.search.running.stage import Stage, Tally
from minigrid.search.running.working import prove, score_all

ROUGH = 3.0
"""How many times as long or as short as its estimate a proof may be."""

_HUGE = 10**20  # candidates: with hidden neurons, hardly any proof of a larger space completes
_JUDGES = 3  # estimates that must all be too long, as each is rough
_FASTEST = 1e9  # candidates per second, which no machine scores
_MOMENT, _MOST_MOMENTS = 0.03, 12  # seconds that are enough to time, and chunks if the clock stands still
_TIMED_SUMS = 2**26  # samples times parameters, of a candidate that takes less than a tenth of a second
_FEW_SAMPLES = 2**10
_PER_HALVING, _EXPONENT = 1e3, 0.25  # a proof with hidden neurons takes more steps than either says
_HOPELESS = 1e4  # times as long as there is time for
_STEADY, _SOON_OVER = 3.0, 1.0  # times, and seconds, by which two estimates may differ that agree
_FAR = 100.0  # times as long, so that it is far longer even if an early estimate is ten times too large
_FEW_STEPS, _WARY = 2**10, 3.0  # after fewer steps, an estimate may be far too large, so the risk is this much smaller
_SOONER = 3.0  # times: updates the estimate once there is a better candidate


def seconds_of_scoring(
    engines: EnginePair, stage: Stage, n_candidates: int, *, top: int, limit: float, pace: Pace
) -> float:
    """Estimate how long it takes to score this many candidates of a stage, by scoring some of them here.

    It assumes that the rate stays as it is once the chunks have found their size, and if a candidate takes long, that
    the time grows with the number of samples. It is infinite if it is not known, because the work was halted.

    Args:
        engines: the engines; their scorer scores.
        stage: the stage whose candidates it times.
        n_candidates: how many candidates there are to score.
        top: how many of the best to keep.
        limit: how many seconds to time.
        pace: how long a chunk should take.
    """
    timed = on_some_samples(stage.problem)
    each = stage.problem.n_samples / timed.n_samples
    began = time.perf_counter()
    moments, is_begun = [(0.0, 0)], False
    size = min(n_candidates, stage.n_candidates)
    tallies = score_all(
        replace(stage, problem=timed),
        engines,
        LocalThreads(),
        top=top,
        start=Tally(),
        allowed=size,
        target=None,
        stopped=lambda: is_begun and (time.perf_counter() - began >= limit or len(moments) > _MOST_MOMENTS),
        pace=pace,
    )
    for tally in tallies:
        is_begun = True
        moments.append((max(time.perf_counter() - began, 0.0), tally.n_scored))
    seconds, scored = moments[-1]
    if not scored:
        return math.inf
    if scored >= size:
        return each * seconds * (n_candidates / size)
    try:
        return each * (seconds + _slope(moments[1:] if len(moments) > 2 else moments) * (n_candidates - scored))
    except OverflowError:
        return math.inf


def _slope(moments: Sequence[tuple[float, int]]) -> float:
    """Return the seconds per candidate, by least squares, as the chunks of several threads end in bursts."""
    seconds, scored = np.array(moments, dtype=np.float64).T
    away = scored - scored.mean()
    return max(float(away @ seconds / (away @ away)), 0.0)


def on_some_samples(problem: Problem) -> Problem:
    """Return the problem on so few of its samples that a candidate takes a moment, to time it; or on all if they do."""
    few = max(_TIMED_SUMS // problem.network.n_parameters, 1)
    is_slow = problem.n_samples > 4 * few  # so that it is quicker to copy them
    are_distinct = problem.distinct.n_samples == problem.n_samples  # among fewer, another share may be equal
    return on_few_samples(problem, few) if is_slow and are_distinct else problem


def seconds_of_all(engines: EnginePair, problem: Problem, top: int, pace: Pace) -> float:
    """Estimate how long the threads of this process take to score a whole space, from a moment of it."""
    size, pace = problem.space.size, replace(pace, chunk=_MOMENT / 4.0)
    return seconds_of_scoring(engines, Stage("all", problem), size, top=top, limit=_MOMENT, pace=pace)


def refused_seconds_on_few(
    engines: EnginePair, problem: Problem, *, top: int, pace: Pace, stopped: Callable[[], bool]
) -> float | None:
    """Judge a proof of a huge space by its first moment on some of the samples, as a step on all may take minutes.

    Args:
        engines: the engines; their prover searches.
        problem: the problem on all samples.
        top: how many of the best candidates the search keeps.
        pace: when to judge.
        stopped: a function that tells when the moment is over.

    Returns:
        How long the proof takes, at least, if that is more than a day; else None.
    """
    if engines.prover is None or not is_huge(problem):
        return None
    began = time.perf_counter()
    few = on_few_samples(problem, _FEW_SAMPLES)
    search = engines.prover.search(few, top=top)
    if isinstance(search, Unprovable):
        return None
    forecast = ProofForecast(engines, search, few, pace, top=top)
    stage, start = Stage("some samples", few), Tally()
    for _ in prove(stage, engines, search, LocalThreads(), top=top, start=start, stopped=stopped):
        forecast.advanced()
        seconds = None if search.finished else forecast.refused_seconds()
        if seconds is not None:
            return seconds
    has_steps_of_its_own = isinstance(engines.prover, CheckedProver)
    if search.finished or has_steps_of_its_own or (search.best and search.best[0][0] == search.bound):
        return None
    per_step = (time.perf_counter() - began) / (search.steps + 2) * (problem.n_samples / few.n_samples)
    halvings = sum(math.log2(len(grid)) for grid in few.space.grids)  # that lead to one candidate
    exponent = min(_EXPONENT * halvings, 1000.0) if search.steps else 0.0  # before a step, there may be tables to fill
    least = per_step * max(_PER_HALVING * halvings, 2.0**exponent)
    return least if least > DAY else None


def is_huge(problem: Problem) -> bool:
    """Whether a proof is most unlikely to complete: one of so large a space, with hidden neurons."""
    return problem.space.size > _HUGE and len(problem.network.layers) > 1


class Forecast(ABC):
    """Estimates how long a stage still takes."""

    def update(self) -> None:  # noqa: B027  # nothing to update, unless a subclass has it
        """Update the estimate, if it is time to."""

    @abstractmethod
    def seconds_left(self, n_left: int, rate: float) -> float:
        """Estimate the seconds that are left.

        Args:
            n_left: how many candidates are not processed yet.
            rate: how many were processed per second so far.
        """

    def is_likely_to_end(self, within: float) -> bool:
        """Tell whether the stage ends within some seconds even if it takes much longer than it seems to."""
        return False

    def is_hopeless(self, within: float) -> bool:
        """Tell whether the stage does not end within some seconds even if it takes far less time than it seems to."""
        return False


@final
class ScoringForecast(Forecast):
    """Assumes that the rate so far stays the same."""

    @override
    def seconds_left(self, n_left: int, rate: float) -> float:
        return math.inf if rate == 0.0 else ratio(n_left, rate)


@final
class _Speed:
    """Measures how long a step of a search takes, from the later part of the time since the first step.

    Attributes:
        seconds_per_step: the result; 0 while it is not known.
        began: the seconds before the first step.
    """

    def __init__(self, seconds: float, steps: int) -> None:
        """Start with a search that has already taken this many seconds and steps, in other processes."""
        self.seconds_per_step: float = 0.0
        self.began: float = seconds
        self._base = self._middle = seconds, steps
        self._left_out = 0.0

    def take(self, seconds: float, steps: int) -> None:
        """Note how many steps the search has taken until now."""
        now = seconds - self._left_out, steps
        if steps == self._base[1]:
            self._base = self._middle = now
            self.began = self.began if self.seconds_per_step else now[0]
            return
        self.seconds_per_step = (now[0] - self._base[0]) / (steps - self._base[1])
        if now[0] - self._middle[0] >= (self._middle[0] - self._base[0]) / 2.0:
            self._base, self._middle = self._middle, now

    def leave_out(self, seconds: float) -> None:
        """Leave out some time in which the search took no steps."""
        self._left_out += seconds


@final
class ProofForecast(Forecast):
    """Estimates from the steps that a search sees ahead, because the processed fraction of a proof jumps."""

    def __init__(
        self, engines: EnginePair, search: Search, problem: Problem, pace: Pace, *, top: int = 1, spent: float = 0.0
    ) -> None:
        """Start when the search starts or resumes.

        Args:
            engines: the engines; their prover searches.
            search: the search that runs.
            problem: the problem that is searched.
            pace: how often to update the estimate.
            top: how many of the best candidates the search keeps.
            spent: how many seconds earlier processes searched.
        """
        self._engines, self._search, self._problem, self._pace = engines, search, problem, pace
        self._top = min(top, problem.space.size)
        self._began = time.perf_counter() - spent
        self._speed = _Speed(spent, search.steps)
        self._best: Best = ()  # as it was at the last update
        self._updated, self._end = 0.0, math.inf  # seconds after it began: of the last update, and its estimate
        self._is_steady = False  # whether the last two estimates are about the same
        self._next_update = self.spent + pace.estimate_every
        self._often = 0.0  # seconds between updates that take up their share of the time
        self._next_comparison = spent + pace.fallback_after
        self._began_with = spent
        judged = sorted(pace.judged_after + pace.judged_if_huge * is_huge(problem))
        self._judgements = [spent + after for after in judged]  # in each process, from its own estimates

    @property
    def spent(self) -> float:
        """Seconds since the search began."""
        return max(time.perf_counter() - self._began, 0.0)  # some clocks jump back

    @property
    def is_grounded(self) -> bool:
        """Whether the duration of a step is known."""
        return self._speed.seconds_per_step > 0.0

    def advanced(self) -> None:
        """Note the progress of the search, after each of its advances."""
        self._speed.take(self.spent, self._search.steps)

    def ahead(self) -> float:
        """Estimate roughly how many seconds are left, at the recent speed."""
        before = self.spent
        ahead = self._speed.seconds_per_step * steps_ahead(self._engines, self._search)
        self._speed.leave_out(self.spent - before)
        return ahead

    def until_found(self) -> float:
        """Estimate in how many seconds the search has found as many candidates as it keeps; infinite if it has.

        Until then it can leave nothing out, so that what it sees ahead says little about when it ends.
        """
        n_found, since_first = len(self._search.best), self.spent - self._speed.began
        return since_first / n_found * (self._top - n_found) if 0 < n_found < self._top else math.inf

    @cached_property
    def seconds_of_all(self) -> float:
        """How long it takes to score every candidate instead."""
        return seconds_of_all(self._engines, self._problem, self._top, self._pace)

    @override
    def update(self) -> None:
        before, best = self.spent, tuple(self._search.best)
        sooner = (self._next_update - self._updated) / _SOONER if best != self._best else math.inf
        due = min(self._next_update, self._updated + max(sooner, self._often / 2.0, self._pace.estimate_every))
        if before < due or not self.is_grounded or self._search.finished:
            return
        ahead = self.ahead()
        expected = self._end - before  # by the last update
        self._is_steady = ahead < expected * _STEADY + _SOON_OVER and expected < ahead * _STEADY + _SOON_OVER
        self._best, self._updated, self._end = best, before, before + ahead
        self._often = often = (self.spent - before) / self._pace.estimate_share
        self._next_update = before + max(self._pace.estimate_every, min(max(ahead / 2.0, often / 2.0), often))

    @override
    def seconds_left(self, n_left: int, rate: float) -> float:
        if n_left and not self._is_steady:
            return math.inf
        return self._seconds_to_end if n_left else 0.0

    @property
    def _seconds_to_end(self) -> float:
        """By the last update; infinite before the first."""
        overdue = (self.spent - self._updated) / 4.0  # a search that takes longer than expected will not end at once
        return max(self._end - self.spent, overdue)

    @override
    def is_likely_to_end(self, within: float) -> bool:
        return ROUGH * self._seconds_to_end < within

    @override
    def is_hopeless(self, within: float) -> bool:
        return self._seconds_to_end > _HOPELESS * within if self._updated else is_huge(self._problem)

    def refused_seconds(self) -> float | None:
        """If it is time to judge, and the search takes more than a day in all, return how long; else None.

        Several estimates must agree, because any one of them may be far too large.
        """
        if not self._judgements or self.spent <= self._judgements[0]:
            return None
        early = self._judgements.pop(0) < self._began_with + min(self._pace.judged_after, default=0.0)
        if early and self._search.best and self._search.best[0][0] == self._search.bound:
            return None  # nothing can be better; finding the first of equals often takes a moment
        least = math.inf
        for _ in range(_JUDGES):
            least = min(least, self.spent + self.ahead())
            if least <= DAY:
                return None
        return least if least < math.inf else None

    def why_scoring_is_sooner(self) -> Unprovable | None:
        """If it is time to, compare with scoring every candidate; return why that is faster, or None if it is not."""
        spent = self.spent
        falls_back = self._engines.prover is not None and self._engines.prover.falls_back
        if not falls_back or spent < self._next_comparison:
            return None
        self._next_comparison = 2.0 * spent
        worth, longest = self._pace.fallback_worth, self._pace.fallback_risk * spent
        longest /= _WARY if self._search.steps < _FEW_STEPS else 1.0
        if self._problem.space.size / _FASTEST >= longest or self.seconds_of_all >= longest:
            return None
        ahead = self.until_found()
        if self.seconds_of_all < ahead / worth:
            ahead = min(self.ahead(), ahead)
        if self.seconds_of_all >= ahead / worth:
            return None
        return Unprovable(why_sooner(self.seconds_of_all, ahead))


def why_sooner(scoring: float, proof: float) -> str:
    """Say why scoring every candidate replaces a proof, with no more than is known of a proof that has just begun.

    Args:
        scoring: how many seconds scoring every candidate takes.
        proof: how many the proof seems to take still; it may take ten times as many, or a tenth.
    """
    longer = "far longer" if proof > _FAR * scoring else "longer"
    return (
        f"scoring all is sooner than a proof: it takes {format_forecast(scoring)}, and a proof seems to take {longer}"
    )


def seconds_with_fallback(proof: float, scoring: float, pace: Pace, *, steps: int) -> float:
    """Estimate how long a search takes that may switch from its proof to scoring every candidate.

    Args:
        proof: how many seconds the proof would take in all.
        scoring: how many seconds scoring every candidate takes.
        pace: when the search may switch.
        steps: how many the proof has taken so far.
    """
    wary = _WARY if steps < _FEW_STEPS else 1.0
    leaves = max(wary * scoring / pace.fallback_risk, pace.fallback_after)
    return leaves + scoring if scoring < (proof - leaves) / pace.fallback_worth else proof


def ratio(count: int, rate: float) -> float:
    """Divide a count of any size; infinite if the result overflows."""
    try:
        return count / rate
    except OverflowError:
        return math.inf
