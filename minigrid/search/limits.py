"""What may end a search before its end."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.text import message
from minigrid._base.validation import as_float
from minigrid.exceptions import InvalidValueError
from minigrid.scoring import Scoring
from minigrid.search.candidate import StopReason
from minigrid.search.problem import Problem


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limits:
    """What may end a search before its end; None is no limit.

    Attributes:
        seconds: since the search began; looked at after each chunk of about a tenth of a second.
        target_score: a score that is good enough.
        max_candidates: how many candidates may be scored.
    """

    seconds: float | None = None
    target_score: float | None = None
    max_candidates: int | None = None


@final
class Stopper:
    """Tells whether a search is to end, and why: the first reason is the one that counts.

    Attributes:
        limits: what may end it.
        reason: why it ends; 'completed' while nothing ends it.
    """

    def __init__(self, limits: Limits | None = None, interrupted: Callable[[], bool] | None = None) -> None:
        """Start the clock.

        Args:
            limits: what may end the search early; None: nothing.
            interrupted: tells whether the user wants an end; None: never.
        """
        self.limits: Limits = Limits() if limits is None else limits
        self.reason: StopReason = "completed"
        self._interrupted = interrupted
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the clock was started."""
        return time.perf_counter() - self._began

    def stop(self, reason: StopReason) -> None:
        """End the search after the present step."""
        if self.reason == "completed":
            self.reason = reason

    def look(self) -> bool:
        """Look at the clock and at what the user wants; tell whether the search is to end."""
        if self._interrupted is not None and self._interrupted():
            self.stop("interrupted")
        elif self.limits.seconds is not None and self.seconds >= self.limits.seconds:
            self.stop("time_limit")
        return self.reason != "completed"

    def heed_target(self, problem: Problem, score: float) -> None:
        """End the search if a score of the whole network is as good as the target."""
        target = self.limits.target_score
        if target is not None and not problem.better(target, score):
            self.stop("target_score")


def as_time_limit(value: object) -> float | None:
    """Check a number of seconds above 0; infinity is no limit, which is None.

    Raises:
        InvalidTypeError, InvalidValueError: it is none.
    """
    if value is None or (isinstance(value, float | np.floating) and value == math.inf):
        return None
    number = as_float(value, "time_limit")
    if number <= 0.0:
        raise InvalidValueError(message("time_limit", "a number above 0", f"{number}", "Leave it out for no limit."))
    return number


def as_target(value: object, scoring: Scoring) -> float:
    """Check a target score, which must be within reach.

    Raises:
        InvalidTypeError, InvalidValueError: it is no number, or none that can be reached.
    """
    target, best = as_float(value, "target_score"), scoring.best_possible
    if target > best if scoring.greater_is_better else target < best:
        beyond = "at most" if scoring.greater_is_better else "at least"
        expected = f"{beyond} {best:g}, the best that {scoring!r} can be"
        fix = "Pass a score that can be reached, or leave it out."
        raise InvalidValueError(message("target_score", expected, f"{target:g}", fix))
    return target
