"""The frontier, which holds the open boxes: best bound first, and among equal bounds the first one in the grid.

The order in which boxes are taken changes how long a search takes, never its result. So the tie-break may be an
approximate number. If the boxes no longer fit into their memory, the last ones are taken instead of the best, which
makes their number shrink. The bounds are stored as they were computed. The order depends only on the boxes, their
bounds and the order in which they stand here, so a frontier that is filled with them again continues in the same
order.
"""

from typing import final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.axes import BoxAxes, Boxes
from minigrid.search.engines.exact.open_boxes import OpenBoxes

OPEN_BYTES = 2**25
"""From this many open boxes on, the search reduces their number."""


@final
class Frontier:
    """A priority queue of boxes in a few arrays, from which many are taken at once."""

    def __init__(self, axes: BoxAxes) -> None:
        self._axes = axes
        # Where a box's first candidate stands among all, from 0 to 1.
        self._radix = np.cumprod(1.0 / np.array(axes.lengths, dtype=np.float64))
        self._count = 0
        n_axes = len(axes.lengths)
        small = max(axes.lengths, default=0) < 2**15
        self._ranks: NDArray[np.int16] | NDArray[np.int32] = (
            np.empty((64, 2 * n_axes), dtype=np.int16) if small else np.empty((64, 2 * n_axes), dtype=np.int32)
        )
        self._keys = np.empty((64, 2))
        self._most = OPEN_BYTES // (self._ranks[0].nbytes + self._keys[0].nbytes)

    def __len__(self) -> int:
        return self._count

    @property
    def bound(self) -> float:
        """The best bound of all; minus infinity if nothing is open."""
        return float(self.bounds.max()) if self._count else -np.inf

    @property
    def bounds(self) -> FloatArray:
        """The bounds of all open boxes."""
        return self._keys[: self._count, 0]

    def boxes(self, which: IntArray) -> Boxes:
        """Some of the boxes that are open, by their positions in `bounds`."""
        return Boxes.of_ranks(self._ranks[which])

    def holds(self, point: IntArray) -> bool:
        """Tell whether a point, as ranks of shape (n_axes,), lies in an open box."""
        ranks, n_axes = self._ranks[: self._count], self._ranks.shape[1] // 2
        inside = np.ones(self._count, dtype=np.bool_)
        for axis, rank in enumerate(point.tolist()):
            inside &= (ranks[:, axis] <= rank) & (ranks[:, n_axes + axis] >= rank)
        return bool(inside.any())

    def push(self, boxes: Boxes, bounds: FloatArray, first: IntArray) -> None:
        """Add boxes.

        Args:
            boxes: any number.
            bounds: shape (n_boxes,), higher is better.
            first: `Axes.first` of them.
        """
        count = self._count + len(boxes)
        if count > len(self._keys):
            size, n_ranks = max(count, 2 * len(self._keys)), self._ranks.shape[1]
            self._ranks = np.concatenate(
                [self._ranks[: self._count], np.empty((size - self._count, n_ranks), dtype=self._ranks.dtype)]
            )
            self._keys = np.concatenate([self._keys[: self._count], np.empty((size - self._count, 2))])
        n_axes = self._ranks.shape[1] // 2
        self._ranks[self._count : count, :n_axes] = boxes.low
        self._ranks[self._count : count, n_axes:] = boxes.high
        self._keys[self._count : count, 0] = bounds
        self._keys[self._count : count, 1] = self._order(first)
        self._count = count

    def _order(self, first: IntArray) -> FloatArray:
        """Compute positions among all candidates, from 0 to 1: each separately, unlike a matrix product."""
        order = np.zeros(len(first))
        for positions, weight in zip(first.T, self._radix, strict=True):
            order += positions * weight
        return order

    def open_boxes(self) -> OpenBoxes:
        """All open boxes, in the order in which they stand here."""
        return OpenBoxes(self._ranks[: self._count].copy(), self.bounds.copy())

    def take(self, count: int) -> tuple[Boxes, FloatArray]:
        """Remove the best boxes, or the last ones if there are too many, and return them with their bounds."""
        crowded = self._count > max(self._most, count)
        chosen = np.arange(self._count - count, self._count) if crowded else self._best(count)
        boxes, bounds = self.boxes(chosen), self._keys[chosen, 0]
        self.drop(chosen)
        return boxes, bounds

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

    def drop(self, which: IntArray) -> None:
        """Remove boxes, by their positions in `bounds`; the holes are filled with what stands last."""
        left = self._count - len(which)
        stays = np.ones(self._count, dtype=np.bool_)
        stays[which] = False
        movers = left + np.flatnonzero(stays[left:])
        holes = np.flatnonzero(~stays[:left])
        self._ranks[holes] = self._ranks[movers]
        self._keys[holes] = self._keys[movers]
        self._count = left
