"""Parts of a search that repeat, such as the starts of `Coordinate`: the time of some tells that of the others."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, final

_T = TypeVar("_T")

_OVERDUE = 0.25  # a part that takes longer than the ones before takes about this fraction of its time so far still


@final
class Repeats:
    """Times the similar parts of a search, to estimate how long all of them still take.

    Example:
        >>> clock = iter([0.0, 4.0, 4.0, 5.0, 8.0, 8.0, 12.0])
        >>> repeats = Repeats(lambda: next(clock), is_replaying=lambda: False)
        >>> for start in repeats.over(["start 1", "start 2", "start 3"]):
        ...     if start == "start 2":
        ...         print(repeats.seconds_left)
        7.0
    """

    def __init__(self, seconds: Callable[[], float], *, is_replaying: Callable[[], bool]) -> None:
        """Begin with no parts.

        Args:
            seconds: returns how long this process has searched.
            is_replaying: tells whether it still takes over what an earlier process did, which takes no time.
        """
        self._seconds, self._is_replaying = seconds, is_replaying
        self._began = 0.0
        self._n_left = 0  # after the present part
        self._each: float | None = None

    def over(self, parts: Sequence[_T]) -> Iterator[_T]:
        """Go through the parts of a search that take about the same time each.

        Until the last one has ended, events estimate how long all of them still take. Use it for the last such parts
        of a search.

        Args:
            parts: whatever your strategy needs to search each part.
        """
        n_timed, spent, self._each = 0, 0.0, None
        for number, part in enumerate(parts, 1):
            is_timed, self._began, self._n_left = not self._is_replaying(), self._seconds(), len(parts) - number
            yield part
            if is_timed:
                n_timed, spent = n_timed + 1, spent + max(self._seconds() - self._began, 0.0)
                self._each = spent / n_timed
        self._each = None

    @property
    def seconds_left(self) -> float | None:
        """An estimate of how long the parts still take; None before the first has ended, and after the last."""
        if self._each is None:
            return None
        present = max(self._seconds() - self._began, 0.0)
        return max(self._each - present, _OVERDUE * present) + self._n_left * self._each
