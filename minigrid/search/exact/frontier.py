"""The boxes that are still open: best bound first, and among equal bounds the one that comes first in the grid.

The order in which boxes are taken decides how long a search takes, never what it finds, so the tie-break
is an approximate number. The bounds are kept as they were computed.
"""

from typing import final

import numpy as np

from minigrid._typing import BoolArray, FloatArray, IntArray
from minigrid.search.exact.axes import Axes, Boxes


@final
class Frontier:
    """A priority queue of boxes in a few arrays, from which many are taken at once."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        # The place of a box's first candidate among all, from 0 to 1.
        self._radix = np.cumprod(1.0 / np.array(axes.lengths, dtype=np.float64))
        self._count = 0
        n_axes = len(axes.lengths)
        self._ranks = np.empty((64, 2 * n_axes), dtype=np.int64)
        self._keys = np.empty((64, 2))

    def __len__(self) -> int:
        return self._count

    @property
    def bound(self) -> float:
        """The best bound of all; minus infinity if nothing is open."""
        return float(self.bounds.max()) if self._count else -np.inf

    @property
    def bounds(self) -> FloatArray:
        """The bounds of all open boxes, in the order of `boxes()`."""
        return self._keys[: self._count, 0]

    def boxes(self) -> Boxes:
        """All boxes that are open."""
        n_axes = self._ranks.shape[1] // 2
        return Boxes(self._ranks[: self._count, :n_axes], self._ranks[: self._count, n_axes:])

    def push(self, boxes: Boxes, bounds: FloatArray, first: IntArray) -> None:
        """Add boxes.

        Args:
            boxes: any number.
            bounds: shape (n_boxes,), more is better.
            first: `Axes.first` of them.
        """
        count = self._count + len(boxes)
        if count > len(self._keys):
            size = max(count, 2 * len(self._keys))
            self._ranks = np.concatenate(
                [self._ranks[: self._count], np.empty((size - self._count, self._ranks.shape[1]), dtype=np.int64)]
            )
            self._keys = np.concatenate([self._keys[: self._count], np.empty((size - self._count, 2))])
        n_axes = self._ranks.shape[1] // 2
        self._ranks[self._count : count, :n_axes] = boxes.low
        self._ranks[self._count : count, n_axes:] = boxes.high
        self._keys[self._count : count, 0] = bounds
        self._keys[self._count : count, 1] = first @ self._radix
        self._count = count

    def take(self, count: int) -> tuple[Boxes, FloatArray]:
        """Remove the best boxes and return them, with their bounds."""
        chosen = self._best(count)
        ranks, bounds = self._ranks[chosen], self._keys[chosen, 0]
        self._remove(chosen)
        n_axes = ranks.shape[1] // 2
        return Boxes(ranks[:, :n_axes], ranks[:, n_axes:]), bounds

    def keep(self, which: BoolArray) -> None:
        """Remove all boxes but those marked in `which`, shape (n_boxes,) as `boxes()` lists them."""
        self._remove(np.flatnonzero(~which))

    def _best(self, count: int) -> IntArray:
        if count >= self._count:
            return np.arange(self._count)
        bounds = self.bounds
        least = np.partition(bounds, self._count - count)[self._count - count]
        above = np.flatnonzero(bounds > least)
        equal = np.flatnonzero(bounds == least)
        wanted = count - len(above)
        if wanted < len(equal):
            equal = equal[np.argpartition(self._keys[equal, 1], wanted)[:wanted]]
        return np.concatenate([above, equal])

    def _remove(self, chosen: IntArray) -> None:
        """Fill the holes with what stands last."""
        left = self._count - len(chosen)
        stays = np.ones(self._count, dtype=np.bool_)
        stays[chosen] = False
        movers = left + np.flatnonzero(stays[left:])
        holes = np.flatnonzero(~stays[:left])
        self._ranks[holes] = self._ranks[movers]
        self._keys[holes] = self._keys[movers]
        self._count = left
