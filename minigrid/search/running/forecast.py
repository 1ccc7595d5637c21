"""How long a search takes: of scoring, from timing a little of it; of a proof, from the steps that it sees ahead.

How long a proof takes is not known before, so a search begins with one wherever candidates can be pruned. Where
hardly any can, as with labels that no network fits, a small space is scored sooner. That is looked at after a tenth of
a second and then each time that the proof has taken twice as long. Scoring takes its place only if it takes no more
than ten times as long as the proof has so far, so that little is lost if the estimate was wrong.
"""

import math
import time
from abc import ABC, abstractmethod
from typing import final

from minigrid._base.text import DAY, format_seconds
from minigrid._base.typing import override
from minigrid.search.engines.base import EnginePair, Search
from minigrid.search.engines.guard import steps_ahead
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import LocalThreads, n_scoring_threads
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best
from minigrid.search.running.stage import Stage, Tally
from minigrid.search.running.working import score_all

_HUGE = 10**20  # candidates: with hidden neurons, hardly any proof of more comes to an end
_JUDGES = 3  # estimates that must all be too long, as each is rough
_MOST = 10**15  # candidates, which no machine scores
_ENOUGH = 0.002  # seconds that are enough to time
_STEADY, _SOON_OVER = 3.0, 1.0  # times, and seconds, by which two looks may differ that agree
_SOONER = 3.0  # times: looks ahead once there is a better candidate


def seconds_of_scoring(engines: EnginePair, stage: Stage, n_candidates: int, *, enough: float, pace: Pace) -> float:
    """Estimate how long it takes to score this many candidates like those of a stage, from scoring some of them here.

    The rate when the chunks have found their size is the rate of all.

    Args:
        engines: of which the scorer scores.
        stage: whose candidates are timed.
        n_candidates: how many there are to score.
        enough: seconds that are enough to time.
        pace: how long a chunk is meant to take.
    """
    began = time.perf_counter()
    moments = [(0.0, 0)]
    size = min(n_candidates, stage.n_candidates)
    tallies = score_all(
        stage,
        engines,
        LocalThreads(),
        top=1,
        start=Tally(),
        allowed=size,
        target=None,
        stopped=lambda: time.perf_counter() - began >= enough,
        pace=pace,
    )
    moments += [(time.perf_counter() - began, tally.n_scored) for tally in tallies]
    seconds, scored = moments[-1]
    if scored >= size:
        return seconds * (n_candidates / size)
    begun, before = moments[max(1, len(moments) // 2) if len(moments) > 2 else 0]
    try:
        return seconds + (seconds - begun) / (scored - before) * (n_candidates - scored)
    except OverflowError:
        return math.inf


def seconds_of_all(engines: EnginePair, problem: Problem) -> float:
    """Estimate, from a moment, how long scoring a whole space takes on the threads of this process.

    Infinite if it cannot be told.
    """
    if problem.space.size > _MOST:
        return math.inf
    scorer = engines.scorer
    largest, size = min(scorer.chunk_size(problem), problem.space.size), len(problem.space.grids[-1])
    while True:
        size = min(size, largest)
        began = time.perf_counter()
        scorer.objective(problem, problem.space.digits(range(size)))
        spent = time.perf_counter() - began
        if size == largest and not spent:  # the clock stands still
            return math.inf
        if spent >= _ENOUGH or size == largest:
            return spent / size * problem.space.size / n_scoring_threads(engines, problem)
        size *= 4


class Forecast(ABC):
    """Tells how long a stage still takes."""

    def look(self) -> None:  # noqa: B027  # nothing to look at, unless a subclass has it
        """Look at what there is to see, if it is time to."""

    @abstractmethod
    def seconds_left(self, n_left: int, rate: float) -> float:
        """Estimate it.

        Args:
            n_left: how many candidates are not processed.
            rate: how many were processed per second so far.
        """


@final
class ScoringForecast(Forecast):
    """Goes by the rate so far."""

    @override
    def seconds_left(self, n_left: int, rate: float) -> float:
        return math.inf if rate == 0.0 else ratio(n_left, rate)


@final
class _Speed:
    """How long a step of a search takes, of late: from the later part of the time, without what came before any step.

    Attributes:
        seconds_per_step: 0 as long as it is not known.
    """

    def __init__(self, seconds: float, steps: int) -> None:
        """Begin with a search that took so long and this many steps before, in other processes."""
        self.seconds_per_step: float = 0.0
        self._base = self._middle = seconds, steps
        self._left_out = 0.0

    def take(self, seconds: float, steps: int) -> None:
        """Note how many steps were taken until now."""
        now = seconds - self._left_out, steps
        if steps == self._base[1]:
            self._base = self._middle = now
            return
        self.seconds_per_step = (now[0] - self._base[0]) / (steps - self._base[1])
        if now[0] - self._middle[0] >= (self._middle[0] - self._base[0]) / 2.0:
            self._base, self._middle = self._middle, now

    def leave_out(self, seconds: float) -> None:
        """Count that no step was taken in some time."""
        self._left_out += seconds


@final
class ProofForecast(Forecast):
    """Goes by the steps that a search sees ahead: the processed fraction of a proof jumps, and says little."""

    def __init__(
        self, engines: EnginePair, search: Search, problem: Problem, pace: Pace, *, spent: float = 0.0
    ) -> None:
        """Begin as the search begins, or goes on.

        Args:
            engines: of which the prover searches.
            search: what is under way.
            problem: what is searched.
            pace: how often to look.
            spent: seconds that earlier processes searched.
        """
        self._engines, self._search, self._problem, self._pace = engines, search, problem, pace
        self._began = time.perf_counter() - spent
        self._speed = _Speed(spent, search.steps)
        self._best: Best = ()  # as it was at the last look
        self._looked, self._end = 0.0, math.inf  # seconds after it began: of the last look, and what it said
        self._is_steady = False  # whether the last two looks said about the same
        self._next_look = self.spent + pace.look_every
        self._next_comparison = spent + pace.fallback_after
        self._began_with = spent
        is_huge = problem.space.size > _HUGE and len(problem.network.layers) > 1
        judged = sorted(pace.judged_after + pace.judged_if_huge * is_huge)
        self._judgements = [spent + after for after in judged]  # in each process, from what it saw itself

    @property
    def spent(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self._began

    @property
    def is_grounded(self) -> bool:
        """Whether it is known how long a step takes."""
        return self._speed.seconds_per_step > 0.0

    def advanced(self) -> None:
        """Note how far the search is, after each piece of it."""
        self._speed.take(self.spent, self._search.steps)

    def ahead(self) -> float:
        """Estimate how many seconds are left, if it continues as fast as of late; each estimate is rough."""
        before = self.spent
        ahead = self._speed.seconds_per_step * steps_ahead(self._engines, self._search)
        self._speed.leave_out(self.spent - before)
        return ahead

    @override
    def look(self) -> None:
        before, best = self.spent, tuple(self._search.best)
        sooner = (self._next_look - self._looked) / _SOONER if best != self._best else math.inf
        due = min(self._next_look, self._looked + max(sooner, self._pace.look_every))
        if before < due or not self.is_grounded or self._search.finished:
            return
        ahead = self.ahead()
        expected = self._end - before  # by the last look
        self._is_steady = ahead < expected * _STEADY + _SOON_OVER and expected < ahead * _STEADY + _SOON_OVER
        self._best, self._looked, self._end = best, before, before + ahead
        often = (self.spent - before) / self._pace.look_share
        self._next_look = before + max(self._pace.look_every, min(max(ahead / 2.0, often / 2.0), often))

    @override
    def seconds_left(self, n_left: int, rate: float) -> float:
        if n_left and not self._is_steady:
            return math.inf
        overdue = (self.spent - self._looked) / 4.0  # what takes longer than expected is not over at once
        return max(self._end - self.spent, overdue) if n_left else 0.0

    def refused_seconds(self) -> float | None:
        """Judge, when it is time to, whether it takes more than a day in all; return how long, or None if it does not.

        All of some estimates must say so, as any of them may be far too large.
        """
        if not self._judgements or self.spent <= self._judgements[0]:
            return None
        early = self._judgements.pop(0) < self._began_with + min(self._pace.judged_after, default=0.0)
        if early and self._search.best and self._search.best[0][0] == self._search.bound:
            return None  # nothing can be better: what is left is to find the first of equals, often in a moment
        least = math.inf
        for _ in range(_JUDGES):
            least = min(least, self.spent + self.ahead())
            if least <= DAY:
                return None
        return least if least < math.inf else None

    def why_scoring_is_sooner(self) -> str | None:
        """Compare with scoring every candidate, if it is time to and may be; None: the proof continues."""
        spent = self.spent
        falls_back = self._engines.prover is not None and self._engines.prover.falls_back
        if not falls_back or spent < self._next_comparison:
            return None
        self._next_comparison = 2.0 * spent
        scoring = seconds_of_all(self._engines, self._problem)
        if scoring >= self._pace.fallback_risk * spent:
            return None
        ahead = self.ahead()
        if scoring >= ahead / self._pace.fallback_worth:
            return None
        return f"scoring all is sooner than a proof, which would take {format_seconds(ahead)} more"


def seconds_with_fallback(proof: float, scoring: float, pace: Pace) -> float:
    """Estimate how long a search takes that leaves its proof when it may; as long as the proof if it does not.

    Args:
        proof: seconds that the proof is expected to take in all.
        scoring: seconds that scoring every candidate takes.
        pace: when a proof is left.
    """
    leaves = max(scoring / pace.fallback_risk, pace.fallback_after)
    return leaves + scoring if scoring < (proof - leaves) / pace.fallback_worth else proof


def ratio(count: int, rate: float) -> float:
    """Divide a count of any size; infinite where the result is too large."""
    try:
        return count / rate
    except OverflowError:
        return math.inf
