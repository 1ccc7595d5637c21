"""Rows of hidden neurons in the order of their trees, and other parts that the losses over such rows share."""

from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.rows import RowTree
from minigrid.search.engines.margins import UNDERFLOW
from minigrid.search.problem import Problem

_WORSE = 1.0 + 1e-9
_WIDE = 64  # samples that tell how wide nodes are


@final
class Points(Known):
    """The best output parameters for the mean rows of some nodes, shape (n, n_parameters)."""

    def __init__(self, points: FloatArray) -> None:
        self.points = points

    @override
    def take(self, rows: IntArray) -> "Points":
        return Points(self.points[rows])


@final
class SortedRows:
    """The rows of a neuron, in the order of its tree's leaves."""

    def __init__(self, row_tree: RowTree, kept: IntArray) -> None:
        """Sort them; `kept` are the samples that count."""
        self._tree = row_tree.tree
        self.rows: FloatArray = row_tree.rows[np.ix_(row_tree.tree.settings, kept)]
        self._sums = np.cumsum(self.rows, axis=0)
        some = row_tree.rows[:, kept[:: -(-len(kept) // _WIDE)]]
        low, high = row_tree.tree.ranges(some)
        self.widths: FloatArray = (high - low).max(axis=1)

    def means(self, nodes: IntArray) -> FloatArray:
        """About the mean rows of some nodes, shape (n, n_samples)."""
        low, high = self._tree.low[nodes], self._tree.high[nodes]
        means: FloatArray = self._sums[high] - self._sums[low] + self.rows[low]
        means /= (high - low + 1)[:, np.newaxis]
        return means

    def of_leaves(self, leaves: IntArray) -> FloatArray:
        """The rows of some leaves, shape (n, n_samples)."""
        rows: FloatArray = self.rows[self._tree.low[leaves]]
        return rows

    def ends(self, nodes: IntArray, slopes: FloatArray) -> FloatArray:
        """Weigh all rows of each node with slopes, shape (n, n_samples): the least and the greatest, shape (n, 2)."""
        ends = np.empty((len(nodes), 2))
        for own, low, high, slope in zip(ends, self._tree.low[nodes], self._tree.high[nodes], slopes, strict=True):
            products = self.rows[low : high + 1] @ slope
            own[:] = products.min(), products.max()
        return ends

    @property
    def memory(self) -> int:
        """About how many bytes they take, together with the table that they come from."""
        return 5 * self.rows.nbytes


def worth_of(incumbents: Incumbents) -> float:
    """Return the largest loss that can be kept, or slightly more."""
    return -incumbents.threshold * _WORSE + UNDERFLOW


def samples_that_count(problem: Problem) -> tuple[IntArray, FloatArray]:
    """Find the samples whose weights are not 0, and the fraction of each in the mean."""
    weights = np.ones(problem.n_samples) if problem.sample_weight is None else problem.sample_weight
    kept = np.flatnonzero(weights > 0.0)
    return kept, weights[kept] / weights.sum()
