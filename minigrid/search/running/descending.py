"""Descents beside a proof. If time is short, or the data are large, they find the answer.

A proof finds no good candidates before it has built its bounds, which takes seconds on large data. So a search with a
time limit, or of large data, begins with descents by single parameters, which compare candidates on some of the
samples, for a second at most. If it has a time limit, it then continues the descents from time to time, at first for a
quarter of the time, and less the longer they find nothing better. Once some have found nothing better, the best of them
continues by larger blocks of parameters, on all samples. Descents pause while the proof seems to end long before the
limit, and take most of the time if it would take far longer. If the data are small and the limit is a few seconds, the
proof runs alone for the first half of a second, because many proofs take less. A short search without a time limit does
none of this, so that the candidates that it scores do not depend on the clock.
"""

import time
from collections.abc import Callable
from typing import final

from minigrid._base.halting import halting, is_halted
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.descents import Descents
from minigrid.search.problem import Problem

_LARGE_SPACE = 2**22  # samples times candidates: a smaller space is scored in a moment
_LARGE_DATA = 2**17  # samples times parameters: building bounds takes longer than a moment
_SHORT, _HEAD_START = 5.0, 0.5  # seconds: shorter limits need descents first; how long a proof runs alone
_SAMPLES = 2**10
_AT_ONCE = 6  # descents at the beginning, until one is better than the one from the smallest weights
_FIRST, _CONSTANT = 0.02, 0.5  # fractions of the time limit: at first, and until one beats the smallest weights
_MOST_FIRST, _MOST_CONSTANT = 0.1, 1.0  # seconds at most for each, because many proofs take no longer
_LONGEST = 1.0  # seconds, for the first descents: until they end, callbacks get no event and nothing is refused
_SHARE, _LEAST_SHARE, _IDLE = 0.25, 0.05, 10.0
_HOPELESS_SHARE = 0.75
_BEFORE_LARGER = 3  # descents that found nothing better


@final
class SideDescents:
    """Descents from random points, beside the other work of a search.

    Attributes:
        problem: the problem that they search.
        found: the best candidate that they found, as (objective, index), or None.
    """

    def __init__(
        self,
        problem: Problem,
        scorer: Scorer,
        seconds: float | None,
        seconds_left: Callable[[], float] | None = None,
    ) -> None:
        """Begin.

        Args:
            problem: the problem to search.
            scorer: the engine that scores the candidates.
            seconds: the time limit; None: no limit.
            seconds_left: returns how much of it is left. Default None: always enough.
        """
        self.found: tuple[float, int] | None = None
        self.problem: Problem = problem
        self._seconds = seconds
        self._descents = Descents(
            problem,
            scorer,
            largest_block=1,
            most_samples=_SAMPLES,
            from_smallest=True,
            seconds_left=seconds_left,
        )
        self._spent, self._n_idle = 0.0, 0
        self._exhausted: tuple[float, int] | None = None  # where a descent by larger blocks began
        self._waits = seconds is not None and seconds >= _SHORT and not _is_large(problem)

    @staticmethod
    def are_worth(problem: Problem, seconds: float | None) -> bool:
        """Tell whether a search of this problem may end before its proof has found anything."""
        if problem.space.size * problem.n_samples < _LARGE_SPACE:
            return False
        return seconds is not None or _is_large(problem)

    def begin(self) -> None:
        """Run the first descents, unless there is time for bounds before them."""
        if self._waits:
            return
        ends = time.perf_counter() + _LONGEST
        with halting(lambda: time.perf_counter() >= ends):
            self._descend_first()

    def _descend_first(self) -> None:
        self.descend()
        constant = self.found
        for _ in range(_AT_ONCE - 1):
            if self.found != constant or self._is_at_end:
                break
            self.descend()
        if self._seconds is not None:
            first, more = min(_FIRST * self._seconds, _MOST_FIRST), min(_CONSTANT * self._seconds, _MOST_CONSTANT)
            while self._spent < (first if self.found != constant else more) and not self._is_at_end:
                self.descend()

    def is_due(self, seconds: float, *, is_hopeless: bool) -> bool:
        """Tell whether it is time to descend once more.

        Args:
            seconds: how long the search has run.
            is_hopeless: whether the proof would take far longer than there is time for.
        """
        share = _HOPELESS_SHARE if is_hopeless else max(_SHARE / (1.0 + self._n_idle / _IDLE), _LEAST_SHARE)
        is_early = self._spent > share * seconds or (self._waits and seconds < _HEAD_START)
        return self._seconds is not None and not (is_early or self._is_perfect or self._descents.is_last_moment)

    def descend(self) -> bool:
        """Descend once more, and tell whether that found a better candidate.

        Where many descents found nothing better, the best end of them is the start of one by larger blocks.
        """
        began = time.perf_counter()
        if self.found is not None and self.found != self._exhausted and self._n_idle >= _BEFORE_LARGER:
            self._exhausted = self.found
            found: tuple[float, int] | None = self._descents.descend_further(*self.found)
        else:
            found = self._descents.descend()
        self._spent += time.perf_counter() - began
        self._n_idle += 1
        if found is None or (self.found is not None and not self.problem.better(found[0], self.found[0])):
            return False
        self.found, self._n_idle = found, 0
        return True

    @property
    def _is_at_end(self) -> bool:
        return self._is_perfect or self._descents.is_last_moment or is_halted()

    @property
    def _is_perfect(self) -> bool:
        return self.found is not None and self.found[0] == self.problem.scoring.best_possible


def _is_large(problem: Problem) -> bool:
    return problem.n_samples * problem.network.n_parameters >= _LARGE_DATA
