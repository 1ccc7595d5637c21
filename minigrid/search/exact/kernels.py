"""The few hot lines of the bounds, compiled: used where numba is installed and a search takes seconds.

Each function is the twin of a few lines of NumPy and says of which. Both are sound for the same reason, which
stands there; a bound may differ in its last bits or by a place that is in doubt, the answer of a search
cannot. All of them count whole samples and run without the interpreter's lock.

This module must be imported only through `fast.py`: it needs numba.
"""

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from minigrid._typing import BoolArray, FloatArray, IntArray

_TABLE = numba.types.Array(numba.float64, 2, "C", readonly=True)
_LOGS = numba.types.Array(numba.float32, 2, "C", readonly=True)
_COUNTS = numba.types.Array(numba.int32, 1, "C", readonly=True)
_FLAGS = numba.types.Array(numba.boolean, 1, "C", readonly=True)
_NUMBERS = numba.types.Array(numba.int64, 1, "C", readonly=True)
_DOUBT = numba.types.Tuple([numba.float64, numba.boolean, numba.float64, numba.float64])
_CELLS = numba.types.Tuple([numba.float64, numba.float64, _COUNTS, _COUNTS, numba.int64])
_RESULT = numba.int64[::1]
_PAIR = numba.types.UniTuple
_REAL, _WHOLE = numba.float64, numba.int64

Logs: TypeAlias = NDArray[np.float32]
Counts: TypeAlias = NDArray[np.int32]

_BLOCK = 2048  # samples whose positions are held at a time
_COUNTS_AT_ONCE = 2**20  # of many boxes


@numba.njit(nogil=True, cache=True)
def _highest(changes: IntArray, hits: int) -> int:
    """The most hits that a running sum of changes comes to, from that many on, but for the start itself."""
    most = 0
    for change in changes:
        hits += change
        most = max(most, hits)
    return most


@numba.njit(_RESULT(_TABLE, _TABLE, _FLAGS, _WHOLE), nogil=True, cache=True)
def most_hits_linear(ends: FloatArray, matrix: FloatArray, falling: BoolArray, n_values: int) -> IntArray:
    """Count for `LinearSweep.best`: the hits of each box's best value.

    The samples at hand are looked at for every box before the next are fetched; loops over them are kept so plain
    that they are vectorised.

    Args:
        ends: shape (n_boxes, depth).
        matrix: shape (depth, n_samples).
        falling: shape (n_samples,).
        n_values: of the last axis.
    """
    n_boxes, depth = ends.shape
    n_samples = matrix.shape[1]
    n_places = n_values + 1
    group = max(1, min(n_boxes, _COUNTS_AT_ONCE // (2 * n_places)))
    change = np.empty((group, 2 * n_places), np.int64)
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
                kind[i] = n_places * falling[start + i]
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
            n_falling = change[box, n_places:].sum()
            for value in range(n_values):
                change[box, value] -= change[box, n_places + value]
            most[begin + box] = _highest(change[box, :n_values], n_falling)
    return most


@numba.njit(
    _RESULT(_PAIR(_TABLE, 2), _PAIR(_TABLE, 2), _PAIR(_NUMBERS, 2), _FLAGS, _REAL, _REAL, _NUMBERS, _NUMBERS, _WHOLE),
    nogil=True,
    cache=True,
    error_model="numpy",
)
def most_hits_ratio(
    low: tuple[FloatArray, FloatArray],
    high: tuple[FloatArray, FloatArray],
    rows: tuple[IntArray, IntArray],
    positive: BoolArray,
    error: float,
    rounding: float,
    before: IntArray,
    up_to: IntArray,
    n_places: int,
) -> IntArray:
    """Count for `RatioSweep.best`: the hits of each box's best threshold.

    Args:
        low: the least values of the two inputs, tables of shape (n_rows, n_samples).
        high: the greatest.
        rows: which row of the tables each box has.
        positive: shape (n_samples,).
        error: as there.
        rounding: as there.
        before: for each cell of shares.
        up_to: for each cell.
        n_places: one more than there are thresholds.
    """
    n_boxes, n_samples = len(rows[0]), positive.size
    cells = before.size - 2
    most = np.empty(n_boxes, np.int64)
    change = np.empty((2, n_places), np.int64)
    n_positive = 0
    for i in range(n_samples):
        n_positive += positive[i]
    for box in range(n_boxes):
        change[:] = 0
        one, other = rows[0][box], rows[1][box]
        for i in range(n_samples):
            first_low, first_high = low[0][one, i], high[0][one, i]
            second_low, second_high = low[1][other, i], high[1][other, i]
            least, greatest = 0.0, 1.0
            if first_low + second_low > 0.0:
                slack = error / (first_low + second_low) + rounding
                least = max(second_low / (second_low + first_high) - slack, 0.0)
                greatest = min(second_high / (second_high + first_low) + slack, 1.0)
            lower = before[int(least * (cells * (1.0 - 2.0**-50)))]
            upper = up_to[min(int(greatest * (cells * (1.0 + 2.0**-50))), cells) + 1]
            turned = 1 - positive[i]
            change[turned, lower] += 1
            change[1 - turned, upper] -= 1
        of_rising = _highest(change[0, : n_places - 1], n_samples - n_positive)
        most[box] = max(of_rising, _highest(change[1, : n_places - 1], n_positive))
    return most


@numba.njit(nogil=True, cache=True)
def _hits_at_zero(
    low: tuple[Logs, Logs],
    high: tuple[Logs, Logs],
    n_positive: int,
    near: float,
    rounding: float,
    doubts: tuple[float, bool, float, float],
) -> int:
    """Count for `most_hits_logs`, for weights of equal size: which differences may be below 0, and which above."""
    n_samples = low[0].size
    limit, doubt_near, doubt_far = np.float32(doubts[0]), np.float32(doubts[2]), np.float32(doubts[3])
    not_small, off = np.float32(near), np.float32(rounding)
    of_rising, of_falling = 0, 0
    for i in range(n_samples):
        smaller = min(low[0][i], low[1][i])
        doubt = doubt_near if smaller > not_small else doubt_far
        doubt += off * (abs(low[0][i]) + abs(low[1][i]) + abs(high[0][i]) + abs(high[1][i]))
        doubt = doubt if smaller > limit else np.float32(np.inf)
        below = int(low[1][i] - high[0][i] <= doubt)
        above = int(high[1][i] - low[0][i] >= -doubt)
        of_rising += below if i < n_positive else above
        of_falling += above if i < n_positive else below
    return max(of_rising, of_falling)


@numba.njit(
    _RESULT(_PAIR(_LOGS, 2), _PAIR(_LOGS, 2), _PAIR(_NUMBERS, 2), _WHOLE, _REAL, _REAL, _DOUBT, _CELLS),
    nogil=True,
    cache=True,
)
def most_hits_logs(
    low: tuple[Logs, Logs],
    high: tuple[Logs, Logs],
    rows: tuple[IntArray, IntArray],
    n_positive: int,
    near: float,
    rounding: float,
    doubts: tuple[float, bool, float, float],
    cells: tuple[float, float, Counts, Counts, int],
) -> IntArray:
    """Count for `LogSweep.most_hits`: the hits of each box's best pair of weights.

    Args:
        low: the least logarithms of the two inputs, tables of shape (n_rows, n_samples).
        high: the greatest.
        rows: which row of the tables each box has.
        n_positive: how many samples, the first ones, are labelled 1.
        near: as there.
        rounding: as there.
        doubts: as there.
        cells: as there.
    """
    begin, per_cell, before, up_to, n_places = cells
    n_boxes, n_samples = len(rows[0]), low[0].shape[1]
    start, scale, last = np.float32(begin), np.float32(per_cell), np.float32(before.size - 1)
    limit, exists = np.float32(doubts[0]), doubts[1]
    last_cell = np.int32(before.size - 1)
    most = np.empty(n_boxes, np.int64)
    first, final = np.empty(n_samples, np.int32), np.empty(n_samples, np.int32)
    change = np.empty((2, n_places), np.int32)
    for box in range(n_boxes):
        one, other = rows[0][box], rows[1][box]
        low_one, high_one, low_other, high_other = low[0][one], high[0][one], low[1][other], high[1][other]
        for i in range(n_samples):
            small = min(low_one[i], low_other[i]) <= limit
            place = np.int32(min(max((low_other[i] - high_one[i] - start) * scale, np.float32(0.0)), last))
            first[i] = np.int32(0) if small else place
            place = np.int32(min(max((high_other[i] - low_one[i] - start) * scale, np.float32(0.0)), last))
            final[i] = last_cell if small else place
        change[:] = 0
        rising, falling = change[0], change[1]
        for i in range(n_positive):
            rising[before[first[i]]] += 1
            falling[up_to[final[i]]] -= 1
        for i in range(n_positive, n_samples):
            rising[up_to[final[i]]] -= 1
            falling[before[first[i]]] += 1
        best = max(_highest(rising[:-1], n_samples - n_positive), _highest(falling[:-1], n_positive))
        if exists:
            low_ends, high_ends = (low_one, low_other), (high_one, high_other)
            best = max(best, _hits_at_zero(low_ends, high_ends, n_positive, near, rounding, doubts))
        most[box] = best
    return most


@numba.njit(
    _RESULT(_TABLE, _TABLE, _TABLE, _FLAGS, _REAL, _REAL, _REAL, _WHOLE), nogil=True, cache=True, error_model="numpy"
)
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
    """Count for `IntervalSweep.best`, by its two-sided way: the hits of each box's best value.

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
            place = 0
            if since >= n_values:
                place = n_values
            elif since > 0.0:
                place = int(since)
            change[place] -= 1
            place = 0
            if until >= n_values:
                place = n_values
            elif until > 0.0:
                place = int(until)
            change[place] += 1
        most[box] = _highest(change[:n_values], n_samples)
    return most
