"""The hot lines of `trees.py`, compiled: see there for what they do and why it is sound.

This module must be imported only through `fast.py`: it needs numba.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.nodes import Singles

_LOOSE = {"reassoc", "contract"}  # sums of single precision may be added up in any order: limits allow for it
_BLOCK = 128  # samples after which it is seen whether enough can still be right
_SINGLE, _WHOLE = numba.float32, numba.int64
_RESULT = numba.int8[::1]


@numba.njit(nogil=True, cache=True, fastmath=_LOOSE, forceinline=True)
def _count(
    ends: Singles, rows: IntArray, factors: Singles, limit: np.float32, start: int, stop: int, least: int, total: Singles
) -> int:
    """How many samples from `start` to `stop` reach a limit; some number below `least` if they are fewer than that."""
    n_axes, count = rows.size, 0
    one, no = np.float32(1.0), np.float32(0.0)
    for begin in range(start, stop, _BLOCK):
        end = min(begin + _BLOCK, stop)
        reached = no  # as a number in single precision, which keeps the loops below vector instructions
        if n_axes == 2:
            p, q = factors[0], factors[1]
            x, y = ends[rows[0], begin:end], ends[rows[1], begin:end]
            for s in range(end - begin):
                reached += one if p * x[s] + q * y[s] >= limit else no
        else:
            own = total[: end - begin]
            own[:] = np.float32(0.0)
            for k in range(n_axes):
                p, x = factors[k], ends[rows[k], begin:end]
                for s in range(end - begin):
                    own[s] += p * x[s]
            for s in range(end - begin):
                reached += one if own[s] >= limit else no
        count += int(reached)
        if count + (stop - end) < least:
            return count
    return count


@numba.njit(
    _RESULT(
        numba.float32[:, ::1],
        _WHOLE[:, ::1],
        _WHOLE[::1],
        numba.float32[:, :, ::1],
        numba.float32[:, ::1],
        numba.int8[:, :, ::1],
        _WHOLE,
        _WHOLE,
        _WHOLE[::1],
    ),
    nogil=True,
    cache=True,
    fastmath=_LOOSE,
)
def decide(
    ends: Singles,
    nodes: IntArray,
    items: IntArray,
    factors: NDArray[np.float32],
    limits: Singles,
    which: NDArray[np.int8],
    n_nodes: int,
    n_ones: int,
    same: IntArray,
) -> NDArray[np.int8]:
    """Decide for `TreeSearch`, where each sample counts one: 0 where nothing in a box counts, 2 where all does, else 1.

    Args:
        ends: shape (n_ends * n_nodes, n_samples), samples labelled 1 first.
        nodes: shape (n, n_axes), numbered through.
        items: shape (n,).
        factors: as in `ItemNodes`.
        limits: as there.
        which: as there the `ends`.
        n_nodes: of all trees.
        n_ones: how many samples are labelled 1.
        same: how many hits labelled 0 are needed, for each number of those labelled 1.
    """
    n, n_axes = nodes.shape
    n_samples = ends.shape[1]
    n_zeros = n_samples - n_ones
    least_ones = n_ones + 1
    for ones in range(n_ones, -1, -1):
        if same[ones] <= n_zeros:
            least_ones = ones
    verdicts = np.zeros(n, np.int8)
    rows = np.empty((2, n_axes), np.int64)
    total = np.empty(_BLOCK, np.float32)
    for i in range(n):
        item = items[i]
        for label in range(2):
            for k in range(n_axes):
                rows[label, k] = nodes[i, k] + n_nodes * which[label, item, k]
        of_zero, of_one = factors[0, item], factors[1, item]
        ones = _count(ends, rows[1], of_one, limits[1, item], 0, n_ones, least_ones, total)
        if ones < least_ones:
            continue
        needed = same[ones]
        if _count(ends, rows[0], of_zero, limits[0, item], n_ones, n_samples, needed, total) < needed:
            continue
        verdicts[i] = 1
        # What may be wrong, from the other label's side.
        wrong = _count(ends, rows[0], of_zero, limits[0, item], 0, n_ones, 0, total)
        if n_ones - wrong < least_ones:
            continue
        needed = same[n_ones - wrong]
        wrong = _count(ends, rows[1], of_one, limits[1, item], n_ones, n_samples, 0, total)
        if n_zeros - wrong >= needed:
            verdicts[i] = 2
    return verdicts
