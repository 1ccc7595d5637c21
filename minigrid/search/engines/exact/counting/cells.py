"""Cells: the settings of the last parameters that one look at a box tells apart.

A box is a range of ranks on each of the first axes, the *outer* ones, and a range of cells. Each setting of the other
axes, the *inner* ones, is in one cell.
"""

from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.typing import IntArray


@final
class Cells:
    """The settings of the inner axes, cell by cell.

    Attributes:
        ranks: shape (n_settings, n_inner_axes), those of one cell after those of another.
        starts: shape (n_cells + 1,), where each cell begins in `ranks`, and the end.
        sizes: shape (n_cells,), how many settings each has.
        lengths: of the inner axes.
    """

    def __init__(self, ranks: IntArray, starts: IntArray, lengths: Sequence[int]) -> None:
        self.ranks: IntArray = ranks
        self.starts: IntArray = starts
        self.sizes: IntArray = np.diff(starts)
        self.lengths: tuple[int, ...] = tuple(lengths)

    @classmethod
    def of_last(cls, length: int) -> "Cells":
        """Make a cell of each value of the last axis."""
        return cls(np.arange(length)[:, np.newaxis], np.arange(length + 1), [length])

    def __len__(self) -> int:
        return len(self.sizes)

    def settings_in(self, cells: IntArray) -> tuple[IntArray, IntArray]:
        """List the settings in some cells.

        Returns:
            For each setting which of `cells` it is in, and its ranks, shape (n, n_inner_axes).
        """
        sizes = self.sizes[cells]
        owners = np.repeat(np.arange(len(cells)), sizes)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return owners, self.ranks[self.starts[cells][owners] + within]

    def counts(self, cell_counts: IntArray) -> list[IntArray]:
        """Turn counts of cells, shape (n_cells,), into counts of the values of each inner axis, as Python's integers."""
        of_setting = np.repeat(cell_counts, self.sizes)
        found = []
        for k, length in enumerate(self.lengths):
            own = np.zeros(length, dtype=object)
            np.add.at(own, self.ranks[:, k], of_setting)
            found.append(own)
        return found
