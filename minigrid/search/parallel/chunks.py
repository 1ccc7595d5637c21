"""Chunks: how many candidates to score at once, so that limits are checked often and little time is wasted.

Limits and callbacks apply between chunks, so a chunk should take about a tenth of a second. If a chunk
costs nearly the same whatever its size, as with a wide hidden layer, so short a chunk would waste most of
the time. Chunks are then as long as they must be to make each candidate cheap.

Engines are fastest on whole runs over the last parameter, so a chunk consists of whole runs, unless one run
takes so long that a user who stops the search would have to wait for it.
"""

from typing import final

from minigrid.search.pace import Pace

_DEARER = 1.5  # times the cost of another size: noise is less
_LITTLE = 0.25  # of a chunk's time beside that of its candidates
_LONG_RUN = 1.0  # seconds, more than which a run is cut


@final
class Chunks:
    """Divides candidates into chunks that take about equally long."""

    def __init__(
        self, largest: int, step: int, n_candidates: int, first: int = 64, start: int = 0, pace: Pace | None = None
    ) -> None:
        """Begin at the first candidate, or a later one.

        Args:
            largest: the largest number of candidates in a chunk.
            step: the number of values of the last parameter. Chunks are whole runs over it, if that is allowed.
            n_candidates: the number of candidates.
            first: about how many to take first, while their cost is unknown; less than a run only if it is 1.
            start: how many were taken before.
            pace: how long a chunk should take, and how fast chunks may grow. Default None: as in a search.
        """
        self._pace = Pace() if pace is None else pace
        self._largest = largest
        self._step = step if step <= largest else 1
        self._cut = first == 1  # whether a run may be cut
        self._size = self._round(first)
        self._next = start
        self._n_candidates = n_candidates
        self._known: dict[int, tuple[float, int]] = {}  # for each number of bits of a size: least cost, and where

    @property
    def exhausted(self) -> bool:
        """Whether all candidates were taken."""
        return self._next >= self._n_candidates

    def take(self) -> tuple[int, int]:
        """Return where the next chunk starts and stops."""
        start, stop = self._next, self._next + self._size
        if stop // self._step > start // self._step:  # end with a run, so that the next chunk begins with one
            stop -= stop % self._step
        self._next = min(stop, self._n_candidates)
        return start, self._next

    def learn(self, n_candidates: int, seconds: float) -> None:
        """Choose the size of the next chunks from the time of the last one."""
        seconds = max(seconds, 1e-6)
        found = (seconds / n_candidates, n_candidates)
        bits = n_candidates.bit_length()
        self._cut = seconds / n_candidates * self._step > _LONG_RUN
        self._known[bits] = min(self._known.get(bits, found), found)
        wished = self._round(
            int(min(n_candidates * min(self._pace.chunk / seconds, self._pace.most_growth), self._largest))
        )
        if seconds > 0.9 * self._pace.chunk:
            wished = self._round(self._worthwhile(n_candidates, wished))
        self._size = wished

    def _worthwhile(self, size: int, shorter: int) -> int:
        """Choose the size after a slow chunk: a smaller one, unless that makes each candidate more expensive."""
        cost, _ = self._known[size.bit_length()]
        larger = min((known for known in self._known.values() if known[1] > size), default=None)
        if larger is not None and larger[0] * _DEARER < cost:
            return larger[1]
        below = [known for known in self._known.values() if 2 * known[1] <= size]
        if not below:  # what a chunk costs apart from its candidates is not known yet
            return 2 * size if shorter >= size and (2 * size).bit_length() not in self._known else shorter
        other_cost, other = max(below, key=lambda known: known[1])
        fixed = max((other_cost - cost) / (1.0 / other - 1.0 / size), 0.0)
        each = cost - fixed / size
        enough = 2 * size if _LITTLE * 2 * size * each <= fixed else int(fixed / (_LITTLE * each))
        return max(enough, shorter)

    def _round(self, size: int) -> int:
        """Round to the nearest number of whole runs, so that a size between one run and two does not stay at one."""
        if self._cut and size < self._step:
            return max(size, 1)
        runs = min(max(size, 1) + self._step // 2, self._largest) // self._step
        return max(runs, 1) * self._step
