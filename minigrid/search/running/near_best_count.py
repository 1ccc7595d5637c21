"""Counts near-best candidates: it advances the search for them, calls the callbacks, and checks the limits."""

import math
from collections.abc import Callable, Sequence
from typing import final

import numpy as np

from minigrid._base.halting import Halted, halting, poll
from minigrid.search.candidate import Candidate, StopReason
from minigrid.search.engines.base import EnginePair
from minigrid.search.engines.exact.counting.counts import Found
from minigrid.search.engines.exact.counting.search import BoxSearch, CountingSearch
from minigrid.search.engines.exact.counting.sides import find_count, without_bounds
from minigrid.search.events import Callback, EventKind, Listeners, SearchEvent
from minigrid.search.limits import Limits, Stopper
from minigrid.search.near_best import NearBest, NearValues
from minigrid.search.problem import Problem
from minigrid.search.result import SearchResult

_STAGE = "near best"


def is_known(best: SearchResult) -> bool:
    """Whether it is proven that no candidate has a better objective, even if another one with the same comes first."""
    return best.optimal or best.objective == best.bound


@final
class NearBestCount:
    """Counts the candidates that are nearly as good as a known best one."""

    def __init__(
        self,
        problem: Problem,
        engines: EnginePair,
        best: SearchResult,
        within: float,
        *,
        limits: Limits,
        callbacks: Sequence[Callback],
        interrupted: Callable[[], bool],
    ) -> None:
        """Compute the threshold.

        Args:
            problem: the problem that was searched.
            engines: the engines; their scorer scores. Without a prover, it scores every candidate.
            best: the result of the search for the best.
            within: how much worse than the best a candidate may be.
            limits: the limits. A time limit counts from the start of the search for the best.
            callbacks: functions to call with each event.
            interrupted: a function that tells whether the user interrupted.
        """
        self._problem, self._engines, self._best, self._within = problem, engines, best, within
        self._listeners = Listeners(callbacks)
        self._threshold = best.objective - within if best.greater_is_better else best.objective + within
        left = None if limits.seconds is None else limits.seconds - best.seconds
        self._stopper = Stopper(Limits(seconds=left), interrupted)

    def run(self) -> NearBest:
        """Count until everything is processed, or something stops the count.

        If the best is not proven, a better candidate may exist. Then the count only knows that the best of all
        candidates reaches the threshold.
        """
        best, space = self._best, self._problem.space
        nothing = [([0] * len(grid), [space.size // len(grid)] * len(grid)) for grid in space.grids]
        if best.index is None or not is_known(best):
            return self._result(1, space.size, nothing, best.stop_reason)
        try:
            with np.errstate(all="ignore"), halting(self._stopper.must_stop):
                poll()
                search = self._begin()
        except Halted:
            return self._result(*self._with_best(Found(0, space.size, nothing)), self._stopper.reason)
        with np.errstate(all="ignore"):
            self._tell("started", search)
            while not search.finished and not self._stopper.must_stop():
                search.advance()
                self._tell("progressed", search)
            self._tell("finished", search)
            found = search.found()
        reason: StopReason = "completed" if search.finished else self._stopper.reason
        return self._result(*self._with_best(found), reason)

    def _with_best(self, found: Found) -> Found:
        """Count the best itself, if the count certainly does not include it."""
        assert self._best.index is not None
        of_best = self._problem.space.digits([self._best.index])[0].tolist()
        least = [own for own, _ in found.by_value]
        if all(own[position] for own, position in zip(least, of_best, strict=True)):
            return found
        for own, position in zip(least, of_best, strict=True):
            own[position] += 1
        return found._replace(at_least=found.at_least + 1)

    def _begin(self) -> CountingSearch:
        """Begin the search for candidates, or score every candidate if the engine is a scorer.

        A prover finds the best alone, so its own bounds are of no use here, and minigrid's serve any prover.
        """
        problem, scorer = self._problem, self._engines.scorer
        if self._engines.prover is None:
            return BoxSearch(problem, without_bounds(problem), scorer, self._threshold)
        return find_count(problem, scorer, self._threshold)

    def _result(
        self, at_least: int, at_most: int, by_value: list[tuple[list[int], list[int]]], reason: StopReason
    ) -> NearBest:
        space = self._problem.space
        parameters = [
            NearValues(name, grid.values, tuple(least), tuple(most))
            for name, grid, (least, most) in zip(space.names, space.grids, by_value, strict=True)
        ]
        return NearBest(
            best=self._best,
            within=self._within,
            threshold=self._threshold,
            n_candidates=space.size,
            at_least=at_least,
            at_most=at_most,
            parameters=tuple(parameters),
            seconds=self._best.seconds + self._stopper.seconds,
            stop_reason=reason,
        )

    def _tell(self, kind: EventKind, search: CountingSearch) -> None:
        """Send the progress to the callbacks, and stop if one of them returns True."""
        if not self._listeners:
            return
        best, n_candidates, n_processed = self._best, self._problem.space.size, search.n_processed
        seconds, share = self._stopper.seconds, n_processed / n_candidates
        event = SearchEvent(
            kind=kind,
            stage=_STAGE,
            n_candidates=n_candidates,
            n_processed=n_processed,
            best=Candidate(best.index, best.parameters, best.score, best.objective),
            bound=best.objective,
            incumbent=best.objective,
            seconds=best.seconds + seconds,
            rate=n_processed / max(seconds, 1e-9),
            estimated_seconds_left=seconds * (1.0 - share) / share if share else math.inf,
        )
        if self._listeners.tell(event):
            self._stopper.stop("callback")
