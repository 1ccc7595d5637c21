"""Exact counts of candidates, added up box by box: the total, and the count for each rank of each axis.

A box of any size is added in one step. On each axis it changes a running sum in two places. Numbers that fit into 62
bits are added as machine integers. All other numbers, and all sums, are Python integers.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, final

import numpy as np

from minigrid._base.typing import BoolArray, IntArray
from minigrid.search.engines.exact.axes import Boxes

_MOST = 2.0**62


class Found(NamedTuple):
    """The counts of candidates, as far as they are known.

    Attributes:
        at_least: how many are known to count.
        at_most: how many may count; the others are known not to.
        by_value: for each parameter and each value of its grid, how many candidates count: at least, and at most.
    """

    at_least: int
    at_most: int
    by_value: list[tuple[list[int], list[int]]]


@final
class Counts:
    """The number of added candidates, in total and for each rank.

    Attributes:
        total: all of them.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        """Begin at 0; `lengths` are those of the axes."""
        self.total: int = 0
        self._changes: list[IntArray] = [np.zeros(length + 1, dtype=object) for length in lengths]

    def add(self, boxes: Boxes) -> None:
        """Add boxes."""
        if not len(boxes):
            return
        widths = boxes.high - boxes.low + 1
        if widths.astype(np.float64).prod(axis=1).sum() >= _MOST:
            widths = widths.astype(object)
        amounts = widths.prod(axis=1)
        self.total += int(amounts.sum())
        for k, changes in enumerate(self._changes):
            each, own = amounts // widths[:, k], np.zeros(len(changes), dtype=amounts.dtype)
            np.add.at(own, boxes.low[:, k], each)
            np.subtract.at(own, boxes.high[:, k] + 1, each)
            changes += own

    def by_rank(self) -> list[IntArray]:
        """Return how many candidates have each rank of each axis, as arrays of Python's integers."""
        return [np.cumsum(changes)[:-1] for changes in self._changes]


@final
class PairedCounts:
    """Counts of candidates, some of which also stand for their mirror images, in which two neurons are swapped.

    Args:
        lengths: of the axes.
        by_value: turns counts of ranks into counts of the values of each parameter.
        swapped: for each parameter, the parameter whose value it gets in the mirror image; None: there are no mirror
            images.
    """

    def __init__(
        self, lengths: Sequence[int], by_value: Callable[[list[IntArray]], list[IntArray]], swapped: IntArray | None
    ) -> None:
        self._lengths = lengths
        self._by_value = by_value
        self._swapped = swapped
        self._once, self._twice = Counts(lengths), Counts(lengths)

    def add(self, boxes: Boxes, twice: BoolArray) -> None:
        """Add boxes; `twice` tells which of them stand for their mirror images, too."""
        self._once.add(boxes[~twice])
        self._twice.add(boxes[twice])

    @property
    def total(self) -> int:
        """All candidates, mirror images included."""
        return self._once.total + 2 * self._twice.total

    def values(self) -> list[IntArray]:
        """Return how many candidates have each value of each parameter."""
        once, twice = (self._by_value(counts.by_rank()) for counts in (self._once, self._twice))
        turned = twice if self._swapped is None else [twice[k] for k in self._swapped]
        return [one + other + own for one, other, own in zip(once, twice, turned, strict=True)]

    def emptied(self) -> "PairedCounts":
        """Begin at 0 with the same axes."""
        return PairedCounts(self._lengths, self._by_value, self._swapped)

    def found(self, unknown: "PairedCounts", size: int) -> Found:
        """Return the counts if these candidates count and unprocessed ones may.

        Args:
            unknown: the candidates that are not processed.
            size: of the space.
        """
        by_value = []
        for least, more in zip(self.values(), unknown.values(), strict=True):
            most = np.minimum(least + more, size // len(least))
            by_value.append(([int(count) for count in least], [int(count) for count in most]))
        return Found(self.total, min(self.total + unknown.total, size), by_value)
