"""Two positive inputs, no bias, by logarithms: ratios over a box are differences of two numbers that are kept.

An output neuron that weighs a and b with v > 0 > w tells labels apart by log(b) - log(a) < log(v / -w), and by >
with v < 0 < w (see `ratio.py`, which does the same for inputs that may be 0). The thresholds log(v / -w) are
sorted; cells of equal width say which of them a difference may lie between; a histogram counts the hits for
all of them. Weights of equal size, v = -w, are counted by themselves, from the sign of the difference: inputs that
are nearly 1 differ by less than any cell is wide.

Sound because a sample is taken to be right for every threshold for which it may be: differences are moved outward by
more than the band of the activation (`slack`), the plain loop's rounding, and that of logarithms of single
precision amount to. The number of cells decides how tight a bound is, nothing else.
"""

from typing import NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from minigrid._typing import BoolArray, FloatArray, IntArray
from minigrid.search.exact.fast import Kernels, in_parts
from minigrid.search.forward import TILE, slices

Logs: TypeAlias = NDArray[np.float32]

_CELLS = 2**13
_MANY = 2**12  # thresholds: of more, neighbours are taken for one
_SAFE = 2.0**-44  # what sums of two products and logarithms of double precision are off
_APART = 1e-9  # thresholds that are nearer are taken for one
_ROUNDING = 2.0**-22  # relative, of a few operations in single precision
_CLOSE = 1e-4  # what a difference may be moved by at the most; inputs so small that more is needed are left in doubt
_NEAR = -1.0  # logarithms of inputs that are not small


class LogRows(NamedTuple):
    """Logarithms of one input's range over some boxes.

    Attributes:
        low: a table of the least, shape (n_rows, n_samples).
        high: of the greatest.
        rows: which of their rows each box has, shape (n_boxes,).
    """

    low: Logs
    high: Logs
    rows: IntArray

    def part(self, boxes: slice) -> "LogRows":
        """The same for some of the boxes."""
        return LogRows(self.low, self.high, self.rows[boxes])


class Cells(NamedTuple):
    """Where differences stand among the thresholds.

    Attributes:
        start: where the first cell begins; it holds all that is less, too.
        per_cell: one over the width of a cell.
        before: for each cell, how many thresholds certainly lie before every difference in it.
        up_to: how many may lie up to one.
        n_places: one more than there are thresholds.
    """

    start: float
    per_cell: float
    before: NDArray[np.int32]
    up_to: NDArray[np.int32]
    n_places: int


class Doubt(NamedTuple):
    """How near to a threshold a difference must be for its side to be in doubt.

    Attributes:
        limit: where an input's logarithm is not above it, any threshold is near enough.
        equal: whether there are weights of equal size, whose threshold is 0.
        near: from 0, where neither input is small.
        far: from 0, anywhere above the limit.
    """

    limit: float
    equal: bool
    near: float
    far: float


@final
class LogSweep:
    """Counts hits for all pairs of output weights of opposite signs."""

    def __init__(
        self, positive: BoolArray, first: FloatArray, second: FloatArray, band: float, least: float, farthest: float
    ) -> None:
        """Sort the thresholds.

        Args:
            positive: shape (n_samples,), the samples whose true label is 1.
            first: the sizes of the first weight, none of them 0.
            second: of the second.
            band: of two inputs that are 1, how much the logarithm of their ratio may be off where labels change.
            least: no input is smaller; above 0.
            farthest: no logarithm of an input is larger in magnitude.
        """
        ratios = np.log(first)[:, np.newaxis] - np.log(second)
        equal = np.abs(ratios) <= _APART
        others = ratios[~equal]
        slack = min(band / least, _CLOSE)
        limit = float(np.log(band / slack)) if band / least > slack else -np.inf
        off = float(np.abs(ratios[equal]).max(initial=0.0)) + _SAFE
        self._doubt = Doubt(limit, bool(equal.any()), band * float(np.exp(-_NEAR)) + off, slack + off)
        self._cells = _make_cells(others if others.size else np.ones(1), slack + _SAFE, farthest)
        self._n_positive = int(np.count_nonzero(positive))
        self._kernels = Kernels()
        self._height = max(1, TILE // positive.size)

    def most_hits(self, first: LogRows, second: LogRows) -> IntArray:
        """Bound the hits of each box for the best pair of weights, shape (n_boxes,).

        Args:
            first: of the first input, samples labelled 1 first.
            second: of the second.
        """
        kernels = self._kernels.get()
        if kernels is None:
            return in_parts(lambda part: self._count(first.part(part), second.part(part)), len(first.rows))
        low, high = (first.low, second.low), (first.high, second.high)
        layout = (self._n_positive, _NEAR, _ROUNDING, tuple(self._doubt), tuple(self._cells))

        def count(part: slice) -> IntArray:
            most: IntArray = kernels.most_hits_logs(low, high, (first.rows[part], second.rows[part]), *layout)
            return most

        return in_parts(count, len(first.rows))

    def _count(self, first: LogRows, second: LogRows) -> IntArray:
        n_boxes = len(first.rows)
        most = np.empty(n_boxes, dtype=np.int64)
        for boxes in slices(n_boxes, self._height):
            one, other = first.rows[boxes], second.rows[boxes]
            low, high = (first.low[one], second.low[other]), (first.high[one], second.high[other])
            least, greatest = low[1] - high[0], high[1] - low[0]
            smaller = np.minimum(*low)
            if self._doubt.limit > -np.inf:
                small = smaller <= self._doubt.limit
                least[small], greatest[small] = -np.inf, np.inf
            counted = self._in_cells(least, greatest)
            if self._doubt.equal:
                doubt = np.where(smaller > _NEAR, self._doubt.near, self._doubt.far).astype(np.float32)
                doubt += _ROUNDING * (np.abs(low[0]) + np.abs(low[1]) + np.abs(high[0]) + np.abs(high[1]))
                below, above = least <= doubt, greatest >= -doubt
                k = self._n_positive
                for some, others in ((below, above), (above, below)):
                    hits = np.count_nonzero(some[:, :k], axis=1) + np.count_nonzero(others[:, k:], axis=1)
                    np.maximum(counted, hits, out=counted)
            most[boxes] = counted
        return most

    def _in_cells(self, least: Logs, greatest: Logs) -> IntArray:
        """Count for weights of different sizes, from the least and greatest differences."""
        start, per_cell, before, up_to, n_places = self._cells
        n_boxes, n_samples = least.shape
        cells = []
        for ends in (least, greatest):
            position = (ends - np.float32(start)) * np.float32(per_cell)
            cells.append(np.clip(position, np.float32(0.0), np.float32(_CELLS), out=position).astype(np.int64))
        # With v > 0 > w samples labelled 1 are right from a place on, the others up to one; else the other way round.
        kinds = np.where(np.arange(n_samples) < self._n_positive, 0, n_places)
        offsets = 2 * n_places * np.arange(n_boxes)[:, np.newaxis]
        begin, end = before[cells[0]] + (offsets + kinds), up_to[cells[1]] + (offsets + (n_places - kinds))
        n_slots = 2 * n_places * n_boxes
        change = np.bincount(begin.ravel(), minlength=n_slots) - np.bincount(end.ravel(), minlength=n_slots)
        hits = np.cumsum(change.reshape(n_boxes, 2, n_places)[..., :-1], axis=-1).max(axis=-1)
        hits += np.array([n_samples - self._n_positive, self._n_positive])
        most: IntArray = hits.max(axis=-1)
        return most


def _make_cells(thresholds: FloatArray, slack: float, farthest: float) -> Cells:
    start = float(thresholds.min()) - 0.01
    width = float(thresholds.max()) + 0.01 - start
    apart = _APART
    places = np.unique(np.round((thresholds - start) / apart)) * apart
    if len(places) > _MANY:
        apart = width / _MANY
        places = np.unique(np.round(places / apart)) * apart
    edges = np.arange(_CELLS + 1) * (width / _CELLS)
    wide = slack + 2.0 * apart + _ROUNDING * (2.0 * farthest + abs(start) + width)
    before = np.searchsorted(places, edges - wide, side="left").astype(np.int32)
    before[0] = 0
    up_to = np.searchsorted(places, np.append(edges[1:] + wide, np.inf), side="right").astype(np.int32)
    return Cells(start, _CELLS / width, before, up_to, len(places) + 1)
