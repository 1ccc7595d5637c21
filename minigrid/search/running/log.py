"""The log of a search, written with Python's own `logging` to the logger "minigrid" at the level INFO.

A search writes a line at the start, one if it resumes from a checkpoint, one for each improvement, one every few
seconds, and one at the end. At the level DEBUG, it also writes one when each stage begins and ends. To see the log,
call `logging.basicConfig(level=logging.INFO)`. Without that, it costs nothing.
"""

import contextlib
import logging
from typing import final

from minigrid._base.text import counted, format_count, format_seconds
from minigrid.search.events import SearchEvent
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.result import SearchResult

LOGGER = logging.getLogger("minigrid")
LOGGER.addHandler(logging.NullHandler())


def _write(level: int, line: str, *values: object) -> None:
    """Write a line, or none: the log is a display, and where it fails the search is not to end."""
    with contextlib.suppress(Exception):
        LOGGER.log(level, line, *values, stacklevel=2)


@final
class SearchLog:
    """A callback that writes the log of one search.

    Args:
        pace: how often to write a line when there is no news.
    """

    def __init__(self, pace: Pace) -> None:
        self._incumbent: float | None = None
        self._every = self._next = pace.log_every
        self._goes_on = False  # with a best that is not new

    @property
    def is_heard(self) -> bool:
        """Whether the log is switched on."""
        return LOGGER.isEnabledFor(logging.INFO)

    def begin(self, strategy: str, problem: Problem) -> None:
        """Write the line at the start."""
        if self.is_heard:
            candidates, samples = format_count(problem.space.size), counted(problem.n_samples, "sample")
            topology = "-".join(map(str, problem.network.topology))
            _write(
                logging.INFO, "search: %s, %s candidates of network %s on %s", strategy, candidates, topology, samples
            )

    def resume(self, path: str, seconds: float) -> None:
        """Write the line of a search that resumes from a file, with the time that earlier calls took."""
        self._goes_on = True
        if self.is_heard:
            _write(logging.INFO, "resuming from %s (%s already spent)", path, format_seconds(seconds))

    def __call__(self, event: SearchEvent, /) -> None:
        """Write a line if there is news, or if the last line was some time ago."""
        if event.incumbent != self._incumbent:
            _write(logging.INFO, "%s: %s", "so far" if self._goes_on else "improved", event)
            self._goes_on = False
        elif event.seconds >= self._next:
            _write(logging.INFO, "%s", event)
        elif event.kind != "progressed":
            _write(logging.DEBUG, "%s: %s", event.kind, event)
            return
        else:
            return
        self._incumbent, self._next = event.incumbent, event.seconds + self._every

    def end(self, result: SearchResult) -> None:
        """Write the line at the end."""
        if self.is_heard:
            proven = "proven best" if result.optimal else f"bound {result.bound:.6g}, gap {result.gap:.3g}"
            counts = f"{format_count(result.n_scored)} scored, {format_count(result.n_pruned)} pruned"
            seconds = format_seconds(result.seconds)
            _write(
                logging.INFO, "%s: best %.6g, %s, %s, %s", result.stop_reason, result.objective, proven, counts, seconds
            )
