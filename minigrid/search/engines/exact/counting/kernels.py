"""The compiled hot loops of `trees.py`, which explains what they do and why they are sound.

Import this module only through `fast.py`, because it needs numba.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import IntArray
from minigrid.search.engines.exact.compiled import njit
from minigrid.search.engines.exact.nodes import Singles

_LOOSE = {"reassoc", "contract"}  # sums of single precision may be added up in any order: limits allow for it
_BLOCK = 128  # samples, after which to check whether enough can still be correct
_WHOLE = numba.int64
_RESULT = numba.int8[::1]


@njit(nogil=True, fastmath=_LOOSE, forceinline=True)
def _count(
    ends: Singles, rows: IntArray, factors: Singles, limit: np.float32, least: int, most: int, total: Singles
) -> int:
    """Return how many samples reach a limit; any number below `least`, or above `most`, if they are fewer, or more."""
    n_axes, count, n_samples = rows.size, 0, ends.shape[1]
    one, no = np.float32(1.0), np.float32(0.0)
    for begin in range(0, n_samples, _BLOCK):
        end = min(begin + _BLOCK, n_samples)
        reached = no  # in single precision, so that the loops below become vector instructions
        if n_axes == 2:
            p, q = factors[0], factors[1]
            x, y = ends[rows[0], begin:end], ends[rows[1], begin:end]
            for s in range(end - begin):
                reached += one if p * x[s] + q * y[s] >= limit else no
        else:
            own = total[: end - begin]
            own[:] = no
            for k in range(n_axes):
                p, x = factors[k], ends[rows[k], begin:end]
                for s in range(end - begin):
                    own[s] += p * x[s]
            for s in range(end - begin):
                reached += one if own[s] >= limit else no
        count += int(reached)
        if count + (n_samples - end) < least or count > most:
            return count
    return count


@njit(
    _RESULT(
        numba.types.UniTuple(numba.float32[:, ::1], 2),
        _WHOLE[:, ::1],
        _WHOLE[::1],
        numba.float32[:, :, ::1],
        numba.float32[:, ::1],
        numba.int8[:, :, ::1],
        _WHOLE,
        _WHOLE[::1],
    ),
    nogil=True,
    fastmath=_LOOSE,
)
def decide(
    ends: tuple[Singles, Singles],
    nodes: IntArray,
    items: IntArray,
    factors: NDArray[np.float32],
    limits: Singles,
    which: NDArray[np.int8],
    n_nodes: int,
    same: IntArray,
) -> NDArray[np.int8]:
    """Decide for `TreeCount`, where each sample counts one: 0 if nothing in a box counts, 2 if all of it does, else 1.

    Args:
        ends: of samples labelled 0, and of those labelled 1, shape (n_ends * n_nodes, n_samples of it).
        nodes: shape (n, n_axes), numbered through.
        items: shape (n,).
        factors: as in `ItemNodes`.
        limits: as there.
        which: as there the `ends`.
        n_nodes: of all trees.
        same: how many hits labelled 0 are needed, for each number of those labelled 1.
    """
    n, n_axes = nodes.shape
    n_zeros, n_ones = ends[0].shape[1], ends[1].shape[1]
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
        ones = _count(ends[1], rows[1], of_one, limits[1, item], least_ones, n_ones, total)
        if ones < least_ones:
            continue
        needed = same[ones]
        if _count(ends[0], rows[0], of_zero, limits[0, item], needed, n_zeros, total) < needed:
            continue
        verdicts[i] = 1
        # The samples that may be wrong, from the side of the other label.
        wrong = _count(ends[1], rows[0], of_zero, limits[0, item], 0, n_ones - least_ones, total)
        if n_ones - wrong < least_ones:
            continue
        most = n_zeros - same[n_ones - wrong]
        if _count(ends[0], rows[1], of_one, limits[1, item], 0, most, total) <= most:
            verdicts[i] = 2
    return verdicts
