"""The events of a running search, as its callbacks get them: between two steps, and now and then during a long one.

A step can take many seconds on large data. Work of that length asks again and again whether it must end
(`minigrid._base.halting`). When it does, and no event was sent for a while, the callbacks get one more, with the counts
that the last step left. So they can stop the search, or show that it is alive.
"""

import threading
import time
from collections.abc import Sequence
from typing import final

from minigrid._base.halting import unhalted
from minigrid.search.candidate import Candidate
from minigrid.search.events import Callback, EventKind, Listeners, SearchEvent
from minigrid.search.limits import Stopper
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running.forecast import Forecast, ratio
from minigrid.search.running.journal import Entry, Journal
from minigrid.search.running.repeats import Repeats
from minigrid.search.running.stage import Stage
from minigrid.search.running.totals import Totals


@final
class Reports:
    """Sends the events of one search to its callbacks.

    Attributes:
        forecast: the forecast of the current stage; None if there is no stage.
        repeats: times the parts of the search that repeat.
    """

    def __init__(
        self,
        problem: Problem,
        totals: Totals,
        journal: Journal,
        stopper: Stopper,
        callbacks: Sequence[Callback],
        pace: Pace,
    ) -> None:
        """Begin.

        Args:
            problem: the problem of the whole search.
            totals: the totals of the search.
            journal: knows how long earlier processes searched.
            stopper: knows how long this one has.
            callbacks: functions to call with each event.
            pace: after how many seconds without an event a long step sends one.
        """
        self.forecast: Forecast | None = None
        self.repeats: Repeats = Repeats(lambda: stopper.seconds, is_replaying=lambda: journal.is_replaying)
        self._problem, self._totals, self._every = problem, totals, pace.event_every
        self._journal, self._stopper = journal, stopper
        self._listeners = Listeners(callbacks)
        self._entry: Entry | None = None
        self._next = 0.0
        self._thread = threading.get_ident()
        self._error: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def tell(self, kind: EventKind, entry: Entry, forecast: Forecast) -> bool:
        """Send the progress of a stage, and tell whether a callback stops the search.

        Raises:
            Exception: a callback raised it, now or during the last step.
        """
        if self._error is not None:
            raise self._error
        if not self._listeners:
            return False
        self._entry, self.forecast = (None, None) if kind == "finished" else (entry, forecast)
        stops = self._listeners.tell(self._event(kind, entry, forecast))
        self._next = time.perf_counter() + self._every
        return stops

    def remind(self) -> bool:
        """In the middle of a step, send an event if it is time to, and tell whether a callback stops the search.

        If a callback raises an exception, the search stops, and `tell` raises it once the step has ended in order.
        """
        entry, forecast = self._entry, self.forecast
        if entry is None or forecast is None or time.perf_counter() < self._next:
            return False
        if threading.get_ident() != self._thread:  # callbacks are called on the thread that called `fit`
            return False
        try:
            with unhalted():
                return self._listeners.tell(self._event("progressed", entry, forecast))
        except Exception as error:
            self._entry, self._error = None, error
            return True
        finally:
            self._next = time.perf_counter() + self._every

    def _event(self, kind: EventKind, entry: Entry, forecast: Forecast) -> SearchEvent:
        stage, tally = entry.stage, entry.tally
        rate = ratio(tally.n_processed, max(entry.seconds, 1e-9))
        return SearchEvent(
            kind=kind,
            stage=stage.name,
            n_candidates=stage.n_candidates,
            n_processed=tally.n_processed,
            best=_candidate(stage, *tally.best[0]) if tally.best else None,
            bound=entry.still_possible,
            incumbent=self._incumbent(entry),
            seconds=self._journal.seconds + self._stopper.seconds,
            rate=rate,
            estimated_seconds_left=forecast.seconds_left(stage.n_candidates - tally.n_processed, rate),
            estimated_seconds_left_in_all=self.repeats.seconds_left,
        )

    def _incumbent(self, entry: Entry) -> float | None:
        known = self._totals.best_objective
        if not entry.tally.best or not entry.stage.is_of_network(self._problem):
            return known
        own = entry.tally.best[0][0]
        return own if known is None or self._problem.better(own, known) else known


def _candidate(stage: Stage, objective: float, index: int) -> Candidate:
    return Candidate(index, stage.problem.space[index], objective)
