"""The compiled hot loops of the bounds, used if numba is installed and a search takes seconds.

Each function names the few lines of NumPy of which it is the mirror image. Both are sound for the same reason, which is
given there. A bound may differ in its last bits or by a rank that is in doubt, but the answer of a search cannot
differ. All functions count whole samples and release the GIL.

Import this module only through `fast.py`, because it needs numba.
"""

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.class_kernels import explore_classes
from minigrid.search.engines.exact.compiled import njit
from minigrid.search.engines.exact.counting.kernels import decide
from minigrid.search.engines.exact.group_kernels import most_hits_grouped
from minigrid.search.engines.exact.item_kernels import count_reaching, explore
from minigrid.search.engines.exact.nodes import Singles

__all__ = ["count_reaching", "decide", "explore", "explore_classes", "most_hits_grouped"]

_REAL, _WHOLE, _FLAG = numba.float64, numba.int64, numba.boolean
_TABLE = numba.types.Array(numba.float64, 2, "C", readonly=True)
_SINGLES = numba.types.Array(numba.float32, 2, "C", readonly=True)
_COUNTS = numba.types.Array(numba.int32, 1, "C", readonly=True)
_FLAGS = numba.types.Array(numba.boolean, 1, "C", readonly=True)
_NUMBERS = numba.types.Array(numba.int64, 1, "C", readonly=True)
_CELLS = numba.types.Tuple([numba.float64, numba.float64, _COUNTS, _COUNTS, numba.int64])
_RESULT = numba.int64[::1]
_PAIR = numba.types.UniTuple
_DOUBT = numba.types.Tuple([_REAL, _REAL, _REAL, _FLAG, _REAL, _FLAG, _FLAG, _PAIR(_FLAG, 2), _REAL, _REAL])

Pair: TypeAlias = tuple[Singles, Singles]
Counts: TypeAlias = NDArray[np.int32]
Doubts: TypeAlias = tuple[float, float, float, bool, float, bool, bool, tuple[bool, bool], float, float]
Cells: TypeAlias = tuple[float, float, Counts, Counts, int]

_BLOCK = 2048  # samples whose positions are held at a time
_COUNTS_AT_ONCE = 2**20  # of many boxes


@njit(nogil=True)
def _highest(changes: IntArray, hits: int) -> int:
    """The most hits that a running sum of changes comes to, from that many on, but for the start itself."""
    most = 0
    for change in changes:
        hits += change
        most = max(most, hits)
    return most


@njit(_RESULT(_TABLE, _TABLE, _FLAGS, _WHOLE), nogil=True)
def most_hits_linear(ends: FloatArray, matrix: FloatArray, falling: BoolArray, n_values: int) -> IntArray:
    """Count for `LinearSweep._most_hits`: the hits of each box's best value.

    The samples at hand are examined for every box before the next are fetched; loops over them are kept so plain
    that they are vectorised.

    Args:
        ends: shape (n_boxes, depth).
        matrix: shape (depth, n_samples).
        falling: shape (n_samples,).
        n_values: of the last axis.
    """
    n_boxes, depth = ends.shape
    n_samples = matrix.shape[1]
    n_ranks = n_values + 1
    group = max(1, min(n_boxes, _COUNTS_AT_ONCE // (2 * n_ranks)))
    change = np.empty((group, 2 * n_ranks), np.int64)
    position = np.empty(_BLOCK)
    slot = np.empty(_BLOCK, np.int32)
    kind = np.empty(_BLOCK, np.int32)
    highest = float(n_values)
    most = np.empty(n_boxes, np.int64)
    for begin in range(0, n_boxes, group):
        n_own = min(group, n_boxes - begin)
        change[:] = 0
        for start in range(0, n_samples, _BLOCK):
            size = min(_BLOCK, n_samples - start)
            for i in range(size):
                kind[i] = n_ranks * falling[start + i]
            for box in range(n_own):
                own, end, row = change[box], ends[begin + box, 0], matrix[0, start : start + size]
                for i in range(size):
                    position[i] = end * row[i]
                for k in range(1, depth):
                    end, row = ends[begin + box, k], matrix[k, start : start + size]
                    for i in range(size):
                        position[i] += end * row[i]
                for i in range(size):
                    slot[i] = np.int32(min(max(position[i], 0.0), highest)) + kind[i]
                for i in range(size):
                    own[slot[i]] += 1
        for box in range(n_own):
            n_falling = change[box, n_ranks:].sum()
            for value in range(n_values):
                change[box, value] -= change[box, n_ranks + value]
            most[begin + box] = _highest(change[box, :n_values], n_falling)
    return most


@njit(nogil=True)
def _hits_at_zero(
    low: Pair, high: Pair, n_positive: int, scales: tuple[float, float, float], has_small: bool, doubts: Doubts
) -> int:
    """Count for `most_hits_ratio`, for weights of equal size: which differences may be below 0, and which above."""
    n_samples = low[0].size
    not_small, off, moved = np.float32(scales[0]), np.float32(scales[1]), np.float32(scales[2])
    close, limit, tiny = np.float32(doubts[0]), np.float32(doubts[1]), np.float32(doubts[2])
    label, doubt_near, doubt_far, zero = doubts[3], np.float32(doubts[8]), np.float32(doubts[9]), np.float32(0.0)
    of_rising, of_falling, as_zero, as_one = 0, 0, 0, 0
    for i in range(n_samples):
        low_one, low_other, high_one, high_other = low[0][i], low[1][i], high[0][i], high[1][i]
        larger = max(low_one, low_other)
        doubt = doubt_near if larger > not_small else doubt_far
        sizes = abs(low_one) + abs(low_other) + abs(high_one) + abs(high_other)
        doubt += off * sizes
        ones = sizes == zero
        right = not ones
        if has_small:
            doubt += moved if larger <= close else zero
            near_zero = max(high_one, high_other) <= tiny
            doubt = np.float32(np.inf) if larger <= limit or near_zero else doubt
            right = right and not (near_zero and (i < n_positive) != label)
        below = int(right and low_other - high_one <= doubt)
        above = int(right and high_other - low_one >= -doubt)
        of_rising += below if i < n_positive else above
        of_falling += above if i < n_positive else below
        as_one += int(ones and i < n_positive)
        as_zero += int(ones and i >= n_positive)
    return max(of_rising, of_falling) + max(as_zero * doubts[7][0], as_one * doubts[7][1])


@njit(nogil=True)
def _hits_of_one_sign(low: Pair, high: Pair, n_positive: int, doubts: Doubts) -> int:
    """Count for `most_hits_ratio`, for weights of one sign; the larger input is the larger of both that are given."""
    tiny, label, unsure = np.float32(doubts[2]), doubts[3], np.float32(doubts[4])
    for_one, for_zero = 0, 0
    for i in range(low[0].size):
        certain = max(high[0][i], high[1][i]) <= tiny and (i < n_positive) != label
        either = max(low[0][i], low[1][i]) <= unsure
        for_one += int(not certain and (i < n_positive or either))
        for_zero += int(not certain and (i >= n_positive or either))
    return max(for_one, for_zero)


@njit(nogil=True)
def _first_and_last(
    low: Pair,
    high: Pair,
    n_positive: int,
    moved: float,
    has_small: bool,
    doubts: Doubts,
    cells: Cells,
    first: Counts,
    final: Counts,
) -> None:
    """Find for `most_hits_ratio` the cells of each sample's least and greatest difference.

    One cell more stands for samples that are wrong for all thresholds.
    """
    start, scale = np.float32(cells[0]), np.float32(cells[1])
    last = np.float32(cells[2].size - 2)
    last_cell = np.int32(cells[2].size - 2)
    n_samples = first.size
    (low_one, low_other), (high_one, high_other) = low, high
    if not has_small:
        for i in range(n_samples):
            first[i] = np.int32(min(max((low_other[i] - high_one[i] - start) * scale, np.float32(0.0)), last))
            final[i] = np.int32(min(max((high_other[i] - low_one[i] - start) * scale, np.float32(0.0)), last))
        return
    close, limit, tiny, label = np.float32(doubts[0]), np.float32(doubts[1]), np.float32(doubts[2]), doubts[3]
    for i in range(n_samples):
        larger = max(low_one[i], low_other[i])
        near_zero = max(high_one[i], high_other[i]) <= tiny
        apart = np.float32(moved) if larger <= close else np.float32(0.0)
        any_side = near_zero or larger <= limit
        wrong = near_zero and (i < n_positive) != label
        cell = np.int32(min(max((low_other[i] - high_one[i] - apart - start) * scale, np.float32(0.0)), last))
        cell = np.int32(0) if any_side else cell
        first[i] = last_cell + np.int32(1) if wrong else cell
        cell = np.int32(min(max((high_other[i] - low_one[i] + apart - start) * scale, np.float32(0.0)), last))
        cell = last_cell if any_side else cell
        final[i] = last_cell + np.int32(1) if wrong else cell


@njit(
    _RESULT(_PAIR(_SINGLES, 2), _PAIR(_SINGLES, 2), _PAIR(_NUMBERS, 2), _WHOLE, _PAIR(_REAL, 3), _FLAG, _DOUBT, _CELLS),
    nogil=True,
)
def most_hits_ratio(
    low: Pair,
    high: Pair,
    rows: tuple[IntArray, IntArray],
    n_positive: int,
    scales: tuple[float, float, float],
    has_small: bool,
    doubts: Doubts,
    cells: Cells,
) -> IntArray:
    """Count for `LogRatioSweep.most_hits`: the hits of each box's best pair of weights.

    Args:
        low: the least logarithms of the two inputs, tables of shape (n_rows, n_samples).
        high: the greatest.
        rows: which row of the tables each box has.
        n_positive: how many samples, the first ones, are labelled 1.
        scales: what is not small, the rounding, and how far differences of small inputs are moved, as there.
        has_small: whether any input may be small.
        doubts: as there.
        cells: as there.
    """
    before, up_to, n_ranks = cells[2], cells[3], cells[4]
    n_boxes, n_samples = len(rows[0]), low[0].shape[1]
    most = np.empty(n_boxes, np.int64)
    first, final = np.empty(n_samples, np.int32), np.empty(n_samples, np.int32)
    change = np.empty((2, n_ranks), np.int32)
    for box in range(n_boxes):
        low_ends, high_ends = (
            (low[0][rows[0][box]], low[1][rows[1][box]]),
            (high[0][rows[0][box]], high[1][rows[1][box]]),
        )
        _first_and_last(low_ends, high_ends, n_positive, scales[2], has_small, doubts, cells, first, final)
        change[:] = 0
        rising, falling = change[0], change[1]
        for i in range(n_positive):
            rising[before[first[i]]] += 1
            falling[up_to[final[i]]] -= 1
        for i in range(n_positive, n_samples):
            rising[up_to[final[i]]] -= 1
            falling[before[first[i]]] += 1
        best = max(_highest(rising[:-1], n_samples - n_positive), _highest(falling[:-1], n_positive))
        if doubts[6]:
            best = max(best, _hits_at_zero(low_ends, high_ends, n_positive, scales, has_small, doubts))
        if has_small:
            best = max(best, _hits_of_one_sign(low_ends, high_ends, n_positive, doubts))
            if doubts[5]:
                for k in range(2):
                    low_end, high_end = (low_ends[k], low_ends[k]), (high_ends[k], high_ends[k])
                    best = max(best, _hits_of_one_sign(low_end, high_end, n_positive, doubts))
        most[box] = best
    return most


@njit(_RESULT(_TABLE, _TABLE, _TABLE, _FLAGS, _REAL, _REAL, _REAL, _WHOLE), nogil=True, error_model="numpy")
def most_hits_interval(
    distance: FloatArray,
    low: FloatArray,
    high: FloatArray,
    positive: BoolArray,
    start: float,
    per_value: float,
    margin: float,
    n_values: int,
) -> IntArray:
    """Count for `IntervalSweep._two_sided`: the hits of each box's best value.

    Args:
        distance: shape (n_boxes, n_samples).
        low: the least of what the last parameter weighs, of the same shape.
        high: the greatest.
        positive: shape (n_samples,).
        start: the first value of an even axis.
        per_value: one over its step.
        margin: as there.
        n_values: of the axis.
    """
    n_boxes, n_samples = distance.shape
    most = np.empty(n_boxes, np.int64)
    change = np.empty(n_values + 1, np.int64)
    for box in range(n_boxes):
        change[:] = 0
        for i in range(n_samples):
            apart, least, greatest = distance[box, i], low[box, i], high[box, i]
            if not positive[i]:
                apart, least, greatest = -apart, -greatest, -least
            begin, end = -np.inf, np.inf  # between them the sample is wrong
            if apart > 0.0:
                end = apart / greatest if greatest > 0.0 else np.inf
                begin = apart / least if least < 0.0 else -np.inf
            elif least > 0.0:
                end = apart / least
            elif greatest < 0.0:
                begin = apart / greatest
            else:
                continue
            until = (end - start) * per_value - margin + 1.0
            since = min((begin - start) * per_value + margin + 1.0, until)
            rank = 0
            if since >= n_values:
                rank = n_values
            elif since > 0.0:
                rank = int(since)
            change[rank] -= 1
            rank = 0
            if until >= n_values:
                rank = n_values
            elif until > 0.0:
                rank = int(until)
            change[rank] += 1
        most[box] = _highest(change[:n_values], n_samples)
    return most
