"""The limits that may stop a search early."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import final

import numpy as np

from minigrid._base.text import message
from minigrid._base.validation import as_float, as_int
from minigrid.exceptions import InvalidTypeError, InvalidValueError
from minigrid.scoring import Scoring
from minigrid.search.candidate import StopReason
from minigrid.search.problem import Problem


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limits:
    """The limits of a search. None is no limit.

    Attributes:
        seconds: the time limit. The search checks it between steps, and in the middle of long ones.
        target_score: an objective that is good enough to stop.
        max_candidates: how many candidates may be scored.
    """

    seconds: float | None = None
    target_score: float | None = None
    max_candidates: int | None = None


@final
class Stopper:
    """Decides whether a search must stop, and remains with the first reason that it finds.

    Attributes:
        limits: the limits of the search.
        reason: why the search stops; 'completed' while nothing stops it.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        interrupted: Callable[[], bool] | None = None,
        began: float | None = None,
    ) -> None:
        """Start the clock.

        Args:
            limits: the limits of the search; None: no limits.
            interrupted: a function that tells whether the user interrupted the search; None: never.
            began: what `time.perf_counter` said when the search began; None: it begins now.
        """
        self.limits: Limits = Limits() if limits is None else limits
        self.reason: StopReason = "completed"
        self._interrupted = interrupted
        self._began = time.perf_counter() if began is None else began

    @property
    def seconds(self) -> float:
        """The time since the clock started."""
        return max(time.perf_counter() - self._began, 0.0)  # some clocks jump back

    @property
    def seconds_left(self) -> float:
        """The time until the time limit; infinite without one."""
        return math.inf if self.limits.seconds is None else self.limits.seconds - self.seconds

    def stop(self, reason: StopReason) -> None:
        """Stop the search after the current step."""
        if self.reason == "completed":
            self.reason = reason

    def must_stop(self) -> bool:
        """Check the clock and whether the user interrupted; return whether the search must stop."""
        if self._interrupted is not None and self._interrupted():
            self.stop("interrupted")
        elif self.limits.seconds is not None and self.seconds >= self.limits.seconds:
            self.stop("time_limit")
        return self.reason != "completed"

    def heed_target(self, problem: Problem, objective: float) -> None:
        """Stop the search if an objective of the whole network reaches the target."""
        target = self.limits.target_score
        if target is not None and not problem.better(target, objective):
            self.stop("target_score")


def as_max_candidates(value: object) -> int | None:
    """Return the largest number of candidates to score; None: no limit.

    Raises:
        InvalidTypeError: it is not a whole number.
        InvalidValueError: it is below 1.
    """
    endless = "Leave it out, or pass None, for no limit."
    return None if value is None else as_int(value, "max_candidates", minimum=1, endless=endless)


def as_top(value: object) -> int:
    """Return how many of the best candidates to keep.

    Raises:
        InvalidTypeError: it is not a whole number.
        InvalidValueError: it is below 1.
    """
    endless = "To keep all, pass SearchSpace(network, grid).size; they must all fit in memory."
    return as_int(value, "top", minimum=1, endless=endless)


def as_time_limit(value: object) -> float | None:
    """Check that `value` is a number of seconds above 0. Infinity is no limit, and becomes None.

    Raises:
        InvalidTypeError: it is not a number.
        InvalidValueError: it is not finite, or not above 0.
    """
    if value is None or (isinstance(value, float | np.floating) and value == math.inf):
        return None
    if isinstance(value, timedelta | np.timedelta64):
        in_seconds = (
            "time_limit.total_seconds()" if isinstance(value, timedelta) else "time_limit / np.timedelta64(1, 's')"
        )
        raise InvalidTypeError(message("time_limit", "a number of seconds", repr(value), f"Pass {in_seconds}."))
    number = as_float(value, "time_limit")
    if number <= 0.0:
        raise InvalidValueError(message("time_limit", "a number above 0", f"{number}", "Leave it out for no limit."))
    return number


def as_target(value: object, scoring: Scoring) -> float:
    """Check a target score, which the scoring must be able to reach.

    Raises:
        InvalidTypeError: it is not a number.
        InvalidValueError: it is not finite, or no network can reach it.
    """
    target, best = as_float(value, "target_score"), scoring.best_possible
    if target > best if scoring.greater_is_better else target < best:
        beyond = "at most" if scoring.greater_is_better else "at least"
        expected = f"{beyond} {best:g}, the best that {scoring!r} can be"
        fix = "Pass a score that a network can reach, or leave it out."
        raise InvalidValueError(message("target_score", expected, f"{target:g}", fix))
    return target
