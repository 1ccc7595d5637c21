"""Two non-negative inputs, no bias, by logarithms: ratios over a box are differences of cached numbers.

An output neuron with weights v and w for inputs a and b decides labels by log(b) - log(a) < log(v / -w) if v > 0 > w,
and by > if v < 0 < w (`ratio.py` does the same for networks of more layers). The thresholds log(v / -w) are sorted.
Cells of equal width say between which of the thresholds a difference may lie, and a histogram counts the correct
predictions for all thresholds. Weights of equal size, v = -w, are counted separately, from the sign of the difference,
because inputs that are nearly 1 differ by less than any cell's width. Weights of one sign are also counted separately,
and so are weights of 0, if inputs may be small.

Sound because a sample counts as correct for every threshold for which it may be correct. Differences are moved outward
by more than three effects together: the band of the activation (`slack`), the plain loop's rounding, and the rounding
of single-precision logarithms. The larger of a sample's two inputs determines how far. The larger of the two products
is at least that input times the smallest weight, and the sum leaves the band once the two products differ by the
band's share of it. If both inputs are so small that this share is no longer small, the differences are moved further,
or the sample counts as correct. If no weight can lift the inputs above what the activation cannot distinguish from 0,
the sample has one label and counts as that label. The number of cells changes how tight a bound is, nothing else.
"""

from typing import NamedTuple, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import slices
from minigrid._base.ragged import histogram
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import BuiltinActivation
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.batched.forward import TILE
from minigrid.search.engines.exact.fast import Kernels, in_parts
from minigrid.search.engines.exact.nodes import Singles
from minigrid.search.engines.margins import BOUND_ROUNDING, SINGLE_ROUNDING, UNDERFLOW

Pair: TypeAlias = tuple[Singles, Singles]

_CELLS = 2**13
_MANY = 2**12  # thresholds: above this number, neighbours are merged
_APART = 1e-9  # thresholds nearer than this are merged
_CLOSE = 1e-4  # the most by which a difference is moved,
_FAR = 0.05  # and for smaller inputs, which need more, this much, until that is too little, too
_NEAR = -1.0  # logarithms of inputs that are not small
_LEAST = -690.0  # logarithms from here on can be distinguished from that of 0


class LogRows(NamedTuple):
    """Logarithms of one input's range over some boxes.

    Attributes:
        low: a table of the least, shape (n_rows, n_samples).
        high: of the greatest.
        rows: which of their rows each box has, shape (n_boxes,).
    """

    low: Singles
    high: Singles
    rows: IntArray

    def part(self, boxes: slice) -> "LogRows":
        """Select some of the boxes."""
        return LogRows(self.low, self.high, self.rows[boxes])


class Cells(NamedTuple):
    """The positions of differences among the thresholds.

    Attributes:
        start: where the first cell begins; it holds all that is less, too.
        per_cell: one over the width of a cell.
        before: for each cell, how many thresholds certainly lie before every difference in it; one cell more has all.
        up_to: how many may lie up to one; one cell more has none.
        n_ranks: one more than there are thresholds.
    """

    start: float
    per_cell: float
    before: NDArray[np.int32]
    up_to: NDArray[np.int32]
    n_ranks: int


class Doubt(NamedTuple):
    """Limits for the larger of a sample's two inputs. All except the flags are logarithms, or their differences.

    Attributes:
        close: above it, differences are off by less than cells allow for; up to it, by less than `_FAR`.
        limit: up to it, any threshold is near enough.
        tiny: up to it, the sum is so near 0 that there is one label for all weights.
        label: that label.
        unsure: up to it, weights of one sign may give either label.
        alone: whether there are weights of 0, so that the other input is alone.
        equal: whether there are weights of equal size, whose threshold is 0.
        ones: whether weights of equal size may give the label 0 to two inputs that are 1, and whether the label 1.
        near: how far a difference must be from 0, where the larger input is not small.
        far: how far anywhere above `close`.
    """

    close: float
    limit: float
    tiny: float
    label: bool
    unsure: float
    alone: bool
    equal: bool
    ones: tuple[bool, bool]
    near: float
    far: float


class Scale(NamedTuple):
    """The thresholds and limits that follow from the weights and the activation.

    Attributes:
        ratios: log(v / -w) of all pairs of weights that are not 0.
        doubt: see there.
        slack: what differences are off, but where inputs are small.
        least: inputs may be taken to be no less: the logarithm of it.
    """

    ratios: FloatArray
    doubt: Doubt
    slack: float
    least: float


def find_scale(weights: tuple[FloatArray, FloatArray], decision: Decision, least: float) -> Scale | None:
    """Find the limits for small inputs; None if the numbers overflow.

    Args:
        weights: the values of both weights.
        decision: of the output neuron, its threshold near 0.
        least: no input is smaller.
    """
    sizes = [np.abs(values[values != 0.0]) for values in weights]
    if not all(size.size for size in sizes):
        return None
    ratios = np.log(sizes[0])[:, np.newaxis] - np.log(sizes[1])
    band = (max(abs(decision.lower), abs(decision.upper)) + UNDERFLOW) / min(float(size.min()) for size in sizes)
    largest = sum(float(size.max()) for size in sizes)
    tiny = float(np.log(decision.zero_reach / largest)) - _FAR if decision.zero_reach > 0.0 else -np.inf
    unsure, close, limit = (float(np.log(band)) - float(np.log(part)) for part in (0.5, _CLOSE / 2.0, _FAR / 2.0))
    # An input matters only if the weights can make up for how much nearer to 0 it is than the other one.
    floor = (tiny if tiny > -np.inf else unsure) - float(np.abs(ratios).max()) - 1.0
    if not _LEAST <= floor <= -_LEAST or not np.isfinite(band):
        return None
    known = float(np.log(least)) if least > 0.0 else -np.inf
    equal = np.abs(ratios) <= _APART
    off = float(np.abs(ratios[equal]).max(initial=0.0)) + BOUND_ROUNDING
    alone = any(size.size < values.size for size, values in zip(sizes, weights, strict=True))
    if alone and not least > 0.0 and not isinstance(decision.activation, BuiltinActivation):
        return None  # products of zeros have signs, and a custom function may distinguish these
    near = 2.0 * band * float(np.exp(-_NEAR)) + off
    slack = _CLOSE if known < close else _CLOSE * float(np.exp(close - known))
    sums = (weights[0][:, np.newaxis] + weights[1])[_opposed_and_equal(*weights)]
    labels = decision.labels(sums)
    ones = (not labels.all(), bool(labels.any()))
    doubt = Doubt(close, limit, tiny, decision.zero_label, unsure, alone, bool(equal.any()), ones, near, slack + off)
    return Scale(ratios, doubt, slack, max(floor, known))


def _opposed_and_equal(first: FloatArray, second: FloatArray) -> BoolArray:
    one, other = first[:, np.newaxis], second
    opposed = np.sign(one) * np.sign(other) < 0.0  # the product of both may be 0
    nearly: BoolArray = opposed & (np.abs(one + other) <= 2.0 * _APART * np.abs(one))
    return nearly


@final
class LogRatioSweep:
    """Counts hits for all pairs of output weights."""

    def __init__(self, positive: BoolArray, scale: Scale, farthest: float) -> None:
        """Sort the thresholds.

        Args:
            positive: shape (n_samples,), the samples whose true label is 1.
            scale: of the weights.
            farthest: no logarithm of an input is larger in magnitude.
        """
        others = scale.ratios[np.abs(scale.ratios) > _APART]
        self._doubt = scale.doubt
        self._has_small = scale.least <= max(scale.doubt.close, scale.doubt.unsure)
        self._cells = _make_cells(others if others.size else np.ones(1), scale.slack + BOUND_ROUNDING, farthest)
        self._n_positive = int(np.count_nonzero(positive))
        self._kernels = Kernels()
        self._height = max(1, TILE // positive.size)

    def most_hits(self, first: LogRows, second: LogRows, *, equal: bool = True) -> IntArray:
        """Bound the hits of each box for the best pair of weights, shape (n_boxes,).

        Args:
            first: of the first input, samples labelled 1 first.
            second: of the second.
            equal: whether to count weights of opposite signs and equal sizes.
        """
        doubt = self._doubt if equal else self._doubt._replace(equal=False)
        kernels = self._kernels.get()
        if kernels is None:
            return in_parts(lambda part: self._count(first.part(part), second.part(part), doubt), len(first.rows))
        low, high = (first.low, second.low), (first.high, second.high)
        scales = (_NEAR, SINGLE_ROUNDING, _FAR)
        layout = (self._n_positive, scales, self._has_small, tuple(doubt), tuple(self._cells))

        def count(part: slice) -> IntArray:
            most: IntArray = kernels.most_hits_ratio(low, high, (first.rows[part], second.rows[part]), *layout)
            return most

        return in_parts(count, len(first.rows))

    def _count(self, first: LogRows, second: LogRows, doubt: Doubt) -> IntArray:
        n_boxes, n_samples = len(first.rows), first.low.shape[1]
        most = np.empty(n_boxes, dtype=np.int64)
        positive = np.arange(n_samples) < self._n_positive
        for boxes in slices(n_boxes, self._height):
            one, other = first.rows[boxes], second.rows[boxes]
            low, high = (first.low[one], second.low[other]), (first.high[one], second.high[other])
            least, greatest = low[1] - high[0], high[1] - low[0]
            larger = np.maximum(*low)
            near_zero = None
            if self._has_small:
                near_zero = np.maximum(*high) <= doubt.tiny
                self._widen(least, greatest, larger, near_zero)
            wrong = None if near_zero is None else near_zero & (positive != doubt.label)
            counted = self._in_cells(least, greatest, wrong)
            if doubt.equal:
                np.maximum(counted, self._at_zero(low, high, (least, greatest), wrong), out=counted)
            if self._has_small:
                pairs = [(larger, np.maximum(*high)), *(zip(low, high, strict=True) if doubt.alone else ())]
                for least_of, greatest_of in pairs:
                    np.maximum(counted, self._of_one_sign(least_of, greatest_of, positive), out=counted)
            most[boxes] = counted
        return most

    def _widen(self, least: Singles, greatest: Singles, larger: Singles, near_zero: BoolArray) -> None:
        """Move differences outward where both inputs are small."""
        far = larger <= self._doubt.close
        least[far] -= np.float32(_FAR)
        greatest[far] += np.float32(_FAR)
        any_side = near_zero | (larger <= self._doubt.limit)
        least[any_side], greatest[any_side] = -np.inf, np.inf

    def _at_zero(self, low: Pair, high: Pair, differences: Pair, wrong: BoolArray | None) -> IntArray:
        """Count for weights of equal size: which differences may be below 0, and which above."""
        larger = np.maximum(*low)
        doubt = np.where(larger > _NEAR, self._doubt.near, self._doubt.far).astype(np.float32)
        doubt += SINGLE_ROUNDING * (np.abs(low[0]) + np.abs(low[1]) + np.abs(high[0]) + np.abs(high[1]))
        # All inputs that are exactly 1 have the same label for each pair of weights.
        ones = (low[0] == 0.0) & (low[1] == 0.0) & (high[0] == 0.0) & (high[1] == 0.0)
        counts = ~ones if wrong is None else ~(ones | wrong)
        below, above = (differences[0] <= doubt) & counts, (differences[1] >= -doubt) & counts
        k = self._n_positive
        sides = [
            np.count_nonzero(one[:, :k], axis=1) + np.count_nonzero(other[:, k:], axis=1)
            for one, other in ((below, above), (above, below))
        ]
        as_zero, as_one = (
            np.count_nonzero(some, axis=1) if may else np.zeros(len(ones), dtype=np.int64)
            for some, may in zip((ones[:, k:], ones[:, :k]), self._doubt.ones, strict=True)
        )
        most: IntArray = np.maximum(*sides) + np.maximum(as_zero, as_one)
        return most

    def _of_one_sign(self, low: Singles, high: Singles, positive: BoolArray) -> IntArray:
        """Count the samples that weights of one sign can label correctly; `low` and `high` are of the larger input."""
        certain = (high <= self._doubt.tiny) & (positive != self._doubt.label)
        either = low <= self._doubt.unsure
        for_one = ~certain & (positive | either)
        for_zero = ~certain & (~positive | either)
        most: IntArray = np.maximum(np.count_nonzero(for_one, axis=1), np.count_nonzero(for_zero, axis=1))
        return most

    def _in_cells(self, least: Singles, greatest: Singles, wrong: BoolArray | None) -> IntArray:
        """Count for weights of different sizes, from the least and greatest differences, but nothing where `wrong`."""
        start, per_cell, before, up_to, n_ranks = self._cells
        n_boxes, n_samples = least.shape
        cells = []
        for ends in (least, greatest):
            position = (ends - np.float32(start)) * np.float32(per_cell)
            cells.append(np.clip(position, np.float32(0.0), np.float32(_CELLS), out=position).astype(np.int64))
        # With v > 0 > w samples labelled 1 are right from a threshold on, others up to one; else the other way round.
        kinds = np.where(np.arange(n_samples) < self._n_positive, 0, n_ranks)
        offsets = 2 * n_ranks * np.arange(n_boxes)[:, np.newaxis]
        if wrong is not None:
            cells[0][wrong] = cells[1][wrong] = _CELLS + 1
        begin, end = before[cells[0]] + (offsets + kinds), up_to[cells[1]] + (offsets + (n_ranks - kinds))
        n_slots = 2 * n_ranks * n_boxes
        change = histogram(begin, None, n_slots) - histogram(end, None, n_slots)
        hits = np.cumsum(change.reshape(n_boxes, 2, n_ranks)[..., :-1], axis=-1).max(axis=-1)
        hits += np.array([n_samples - self._n_positive, self._n_positive])
        most: IntArray = hits.max(axis=-1)
        return most


def _make_cells(thresholds: FloatArray, slack: float, farthest: float) -> Cells:
    start = float(thresholds.min()) - 0.01
    width = float(thresholds.max()) + 0.01 - start
    apart = _APART
    distinct = np.unique(np.round((thresholds - start) / apart)) * apart
    if len(distinct) > _MANY:
        apart = width / _MANY
        distinct = np.unique(np.round(distinct / apart)) * apart
    edges = np.arange(_CELLS + 1) * (width / _CELLS)
    wide = slack + 2.0 * apart + SINGLE_ROUNDING * (2.0 * farthest + abs(start) + width)
    before = np.searchsorted(distinct, edges - wide, side="left").astype(np.int32)
    before[0] = 0
    up_to = np.searchsorted(distinct, np.append(edges[1:] + wide, np.inf), side="right").astype(np.int32)
    before, up_to = np.append(before, before.dtype.type(len(distinct))), np.append(up_to, up_to.dtype.type(0))
    return Cells(start, _CELLS / width, before, up_to, len(distinct) + 1)
