"""The axes of a search space, which are the grids in the order of their values, and boxes of them.

A rank is an index into the sorted values of an axis. A box is a range of ranks on every axis, both ends included. An
interval of ranks is therefore an interval of values, in whatever order you wrote the grid. The plain loop compares
candidates by their positions in the grids as given; to do the same here, each range of ranks knows the lowest position
in it. Positions are plain integers and are compared exactly.
"""

import math
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.space import Grid


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Boxes:
    """Some boxes.

    Attributes:
        low: shape (n_boxes, n_axes), the lowest rank on each axis.
        high: of the same shape, the highest.
    """

    low: IntArray
    high: IntArray

    @classmethod
    def of_ranks(cls, ranks: NDArray[np.signedinteger[Any]]) -> "Boxes":
        """Split ranks of shape (n_boxes, 2 * n_axes), the lowest ones and then the highest."""
        wide, n_axes = ranks.astype(np.int64), ranks.shape[1] // 2
        return cls(wide[:, :n_axes], wide[:, n_axes:])

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, which: IntArray | BoolArray | slice) -> "Boxes":
        return Boxes(self.low[which], self.high[which])

    def columns(self, axes: slice) -> "Boxes":
        """Restrict the boxes to some of the axes."""
        return Boxes(self.low[:, axes], self.high[:, axes])

    def count(self) -> int:
        """Count the points of all boxes together, exactly."""
        widths = self.high - self.low + 1
        if widths.astype(np.float64).prod(axis=1).sum() < 2.0**62:
            return int(widths.prod(axis=1).sum())
        return sum(math.prod(row) for row in widths.tolist())

    def are_points(self) -> BoolArray:
        """Tell which boxes are single points."""
        points: BoolArray = (self.low == self.high).all(axis=1)
        return points

    def hold(self, point: IntArray) -> BoolArray:
        """Tell which boxes contain a point, of shape (n_axes,)."""
        held: BoolArray = np.all((self.low <= point) & (point <= self.high), axis=1)
        return held

    def halves(self, urgency: FloatArray) -> "Boxes":
        """Split every box in the middle of its longest side: all lower halves first, then all upper halves.

        Args:
            urgency: shape (n_axes,), a factor for the length of each side.
        """
        axis = self.longest(urgency)
        rows = np.arange(len(self))
        return self.cut(axis, (self.low[rows, axis] + self.high[rows, axis]) // 2)

    def longest(self, urgency: FloatArray) -> IntArray:
        """Find the longest side of every box, shape (n_boxes,)."""
        widths = self.high - self.low
        axis: IntArray = np.argmax(np.where(widths > 0, (widths + 1) * urgency, -1.0), axis=1)
        return axis

    def cut(self, axis: IntArray, rank: IntArray) -> "Boxes":
        """Split every box in two: all lower parts first, then all upper parts.

        Args:
            axis: across which, shape (n_boxes,).
            rank: the highest of the lower part, below the box's highest, shape (n_boxes,).
        """
        rows = np.arange(len(self))
        low, high = self.low.copy(), self.high.copy()
        high[rows, axis] = rank
        low[rows, axis] = rank + 1
        return Boxes(np.concatenate([self.low, low]), np.concatenate([high, self.high]))


class BoxAxes(Protocol):
    """The axes of boxes."""

    lengths: list[int]

    def root(self) -> Boxes:
        """The root box, which contains every candidate."""

    def first(self, boxes: Boxes) -> IntArray:
        """Find the first candidate of each box, as its settings on all axes, shape (n_boxes, n_axes)."""

    def settings(self, digits: IntArray) -> IntArray:
        """The settings on all axes of candidates that are given by their positions in all grids."""

    def count(self, boxes: Boxes) -> int:
        """Count the points of all boxes together, exactly."""

    def are_boxes(self, boxes: Boxes) -> bool:
        """Tell whether all of these, which lie within `lengths`, are boxes; those from a file may not be."""


@final
class Axes:
    """The axes of some grids, with sorted values."""

    def __init__(self, grids: tuple[Grid, ...]) -> None:
        self.lengths: list[int] = [len(grid) for grid in grids]
        longest = max(self.lengths, default=1)
        # Rows of unequal length, filled up with their last value.
        self._values = np.zeros((len(grids), longest))
        self._positions = np.zeros((len(grids), longest), dtype=np.int64)
        self._lowest: list[list[IntArray] | None] = []
        for k, grid in enumerate(grids):
            order = np.argsort(grid.values, kind="stable")
            self._values[k, : len(grid)] = grid.values[order]
            self._values[k, len(grid) :] = grid.values[order[-1]]
            self._positions[k, : len(grid)] = order
            ascending = bool((order == np.arange(len(grid))).all())
            self._lowest.append(None if ascending else _minima(order))
        self._numbers = np.arange(len(grids))

    def root(self) -> Boxes:
        """The root box, which contains every candidate."""
        high = np.array([self.lengths], dtype=np.int64) - 1
        return Boxes(np.zeros_like(high), high)

    def moves(self, whole: BoolArray) -> tuple[IntArray, IntArray]:
        """List the moves to any rank of one axis that is not `whole`: the axis and the rank of each, shape (n_moves,).

        If all axes are whole, there is one, which moves nothing.
        """
        axes = np.flatnonzero(~whole)
        if not axes.size:
            return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        lengths = [self.lengths[axis] for axis in axes]
        return np.repeat(axes, lengths), np.concatenate([np.arange(length) for length in lengths])

    def moved(self, point: IntArray, whole: BoolArray, axis: IntArray, rank: IntArray) -> Boxes:
        """List the boxes that a point comes to by some moves, in which axes that are `whole` stay whole."""
        low = np.tile(point, (len(axis), 1))
        low[np.arange(len(axis)), axis] = rank
        root = self.root()
        return Boxes(np.where(whole, root.low, low), np.where(whole, root.high, low))

    def values(self, ranks: IntArray, axes: slice = slice(None)) -> FloatArray:
        """Look up the values of all axes, or some, by rank, shape (n, n_chosen) both."""
        found: FloatArray = self._values[self._numbers[axes], ranks]
        return found

    def digits(self, ranks: IntArray) -> IntArray:
        """Look up positions in the grids by rank, shape (n, n_axes) both."""
        found: IntArray = self._positions[self._numbers, ranks]
        return found

    def settings(self, digits: IntArray) -> IntArray:
        """Take the positions on these axes from positions in all grids."""
        return digits[:, : len(self.lengths)]

    def count(self, boxes: Boxes) -> int:
        """Count the points of all boxes together, exactly."""
        return boxes.count()

    def are_boxes(self, boxes: Boxes) -> bool:
        """Every range of ranks within the grids is a box."""
        return True

    def ranks(self, digits: IntArray) -> IntArray:
        """Find the ranks of positions in the grids, shape (n, n_axes) both."""
        found = np.empty_like(digits)
        for k, length in enumerate(self.lengths):
            found[:, k] = np.argsort(self._positions[k, :length])[digits[:, k]]
        return found

    def are_ascending(self, axes: slice) -> bool:
        """Tell whether ranks and positions are the same on some of the axes."""
        return all(minima is None for minima in self._lowest[axes])

    def first(self, boxes: Boxes) -> IntArray:
        """Find the first candidate of each box: its positions in the grids, shape (n_boxes, n_axes)."""
        positions = boxes.low
        for k, minima in enumerate(self._lowest):
            if minima is not None:
                positions = boxes.low.copy() if positions is boxes.low else positions
                low, high = boxes.low[:, k], boxes.high[:, k]
                level = np.frexp((high - low + 1).astype(np.float64))[1] - 1
                table = np.stack(minima)
                positions[:, k] = np.minimum(table[level, low], table[level, high - (1 << level) + 1])
        return positions


def after(positions: IntArray, other: IntArray) -> BoolArray:
    """Tell which rows of positions come after `other` in the order of the plain loop.

    Args:
        positions: shape (n, n_axes).
        other: shape (n_axes,), or one row for each.
    """
    if not positions.shape[1]:
        return np.zeros(len(positions), dtype=np.bool_)
    where, rows = np.argmax(positions != other, axis=1), np.arange(len(positions))
    later: BoolArray = positions[rows, where] > (other[where] if other.ndim == 1 else other[rows, where])
    return later


def _minima(order: IntArray) -> list[IntArray]:
    """Minima over all ranges whose length is a power of two: level k holds those of length 2**k (a sparse table)."""
    levels = [order.astype(np.int64)]
    while 2 ** len(levels) <= len(order):
        last, half = levels[-1], 2 ** (len(levels) - 1)
        shifted = np.concatenate([last[half:], last[-1:].repeat(half)])
        levels.append(np.minimum(last, shifted))
    return levels
