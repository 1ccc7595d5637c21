"""Exact counts of candidates, added up box by box: all of them, and those with each value of each parameter.

A box of any size is added at once. On each axis it changes a running sum in two places. Numbers that fit into 62 bits
are added as such; all others, and all sums, are Python's integers.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, IntArray
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.counting.cells import Cells

_MOST = 2.0**62


@final
class Counts:
    """How many candidates were added, and with which values.

    Attributes:
        total: all of them.
    """

    def __init__(self, lengths: list[int], cells: Cells) -> None:
        """Begin at 0.

        Args:
            lengths: of the outer axes.
            cells: the settings of the inner ones.
        """
        self.total: int = 0
        self._cells = cells
        self._changes: list[IntArray] = [np.zeros(length + 1, dtype=object) for length in lengths]
        self._of_cells: IntArray = np.zeros(len(cells), dtype=object)
        self._inner: list[IntArray] = [np.zeros(length, dtype=object) for length in cells.lengths]

    def add(self, boxes: Boxes, cells: BoolArray) -> None:
        """Add boxes.

        Args:
            boxes: of the outer axes.
            cells: which cells of each count, shape (n_boxes, n_cells).
        """
        if not len(boxes):
            return
        widths, inner = boxes.high - boxes.low + 1, cells @ self._cells.sizes
        small = float((widths.astype(np.float64).prod(axis=1) * np.maximum(inner, 1)).sum()) < _MOST
        kind = np.int64 if small else object
        widths, inner = widths.astype(kind), inner.astype(kind)
        volumes = widths.prod(axis=1) if widths.shape[1] else np.ones(len(boxes), dtype=kind)
        amounts = volumes * inner
        self.total += int(amounts.sum())
        self._of_cells = self._of_cells + volumes @ cells.astype(kind)
        for k, changes in enumerate(self._changes):
            each, own = amounts // widths[:, k], np.zeros(len(changes), dtype=kind)
            np.add.at(own, boxes.low[:, k], each)
            np.subtract.at(own, boxes.high[:, k] + 1, each)
            changes += own

    def add_candidates(self, ranks: IntArray) -> None:
        """Add candidates one by one, given by their ranks on all axes, shape (n, n_axes)."""
        self.total += len(ranks)
        n_outer = len(self._changes)
        for k, changes in enumerate(self._changes):
            own = np.bincount(ranks[:, k], minlength=len(changes) - 1)
            changes[:-1] += own
            changes[1:] -= own
        for k, inner in enumerate(self._inner):
            inner += np.bincount(ranks[:, n_outer + k], minlength=len(inner))

    def by_value(self) -> list[IntArray]:
        """How many candidates have each rank of each axis, as arrays of Python's integers."""
        outer = [np.cumsum(changes)[:-1] for changes in self._changes]
        inner = [own + more for own, more in zip(self._inner, self._cells.counts(self._of_cells), strict=True)]
        return [*outer, *inner]
