"""The compiled hot loops of the sweep over groups of samples.

They are the mirror images of `_best` and `_bound_one` in `group_sweep.py`, and are sound for the reason given there.
Import this module only through `fast.py`, because it needs numba.
"""

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.compiled import njit
from minigrid.search.engines.exact.nodes import Singles

_REAL, _WHOLE = numba.float64, numba.int64
_ENDS = numba.types.Array(numba.float32, 3, "C", readonly=True)
_TERMS = numba.types.Array(numba.float64, 3, "C", readonly=True)
_TABLE = numba.types.Array(numba.float64, 2, "C", readonly=True)
_NUMBERS = numba.types.Array(numba.int64, 1, "C", readonly=True)

Ranks: TypeAlias = NDArray[np.int32]

_BLOCKS = 128  # of groups, whose positions are fixed at a time


@njit(nogil=True)
def _find_ranks(ends: Singles, table: FloatArray, blocks: IntArray, n_values: int, ranks: Ranks) -> None:
    """Find the ranks of all groups of some blocks, a row for each row of `ends`; loops are plain, to be vectorised."""
    highest, zero = np.float32(n_values), np.float32(0.0)
    pairs = np.empty((_BLOCKS, 4))  # singles are fetched two at a time
    values = pairs.reshape(-1).view(np.float32)
    sums = np.empty((len(ends), values.size), np.float32)
    for start in range(0, len(blocks), _BLOCKS):
        size = min(_BLOCKS, len(blocks) - start)
        sums[:] = zero
        for term in range(ends.shape[1]):
            own = table[term]
            for i in range(size):
                block, row = np.uint64(blocks[start + i]), np.uint64(i)
                pairs[row, 0] = own[block, 0]
                pairs[row, 1] = own[block, 1]
                pairs[row, 2] = own[block, 2]
                pairs[row, 3] = own[block, 3]
            for which in range(len(ends)):
                end, into = ends[which, term], sums[which]
                for i in range(8 * size):
                    into[i] += end * values[i]
        for which in range(len(ends)):
            own_sums, own_ranks = sums[which], ranks[which, 8 * start :]
            for i in range(8 * size):
                own_ranks[i] = np.int32(min(max(own_sums[i], zero), highest))


@njit(
    _REAL[::1](
        _ENDS, _TERMS, _TERMS, _TABLE, _TABLE, _NUMBERS, _NUMBERS, _NUMBERS, _WHOLE, numba.types.UniTuple(_REAL, 3)
    ),
    nogil=True,
)
def most_hits_grouped(
    ends: Singles,
    groups: FloatArray,
    samples: FloatArray,
    amounts_of_groups: FloatArray,
    amounts_of_samples: FloatArray,
    offsets_of_groups: IntArray,
    offsets_of_samples: IntArray,
    starts: IntArray,
    n_values: int,
    numbers: tuple[float, float, float],
) -> FloatArray:
    """Count for `GroupSweep._best` and `_bound_one`: the hits of each box's best value.

    Args:
        ends: for first and for final positions, shape (n_boxes, 2, n_terms).
        groups: the terms of all groups, as there, but two singles in each number.
        samples: those of the samples, also.
        amounts_of_groups: as there, like all that follow.
        amounts_of_samples: what each counts.
        offsets_of_groups: where the histogram of each block begins.
        offsets_of_samples: the same for samples.
        starts: where each level begins among the blocks of groups.
        n_values: of the last axis.
        numbers: what all that are falling count, what is needed, and how far bounds fall ahead.
    """
    n_falling, needed, ahead = numbers
    n_levels, n_ranks, n_fixed = len(starts), n_values + 1, (ends.shape[2] - 2) // 3
    most_blocks = 1 + max(8 * (len(groups[0]) - starts[-2]), starts[1])
    blocks, parts, owners = np.empty((3, most_blocks), np.int64)
    ranks = np.empty((2, 8 * most_blocks), np.int32)
    kept, change, curve = np.empty(2 * n_ranks), np.empty((2, 2 * n_ranks)), np.empty(n_values)
    best = np.empty(len(ends))
    for box in range(len(ends)):
        is_point = not ends[box, 0, 2 * n_fixed + 2 :].any()
        n_blocks = starts[1]
        blocks[:n_blocks] = np.arange(n_blocks)
        kept[:] = 0.0
        before = np.inf
        for number in range(n_levels):
            are_samples = number == n_levels - 1
            amounts = amounts_of_samples if are_samples else amounts_of_groups
            offsets = offsets_of_samples if are_samples else offsets_of_groups
            if are_samples:
                of_samples = np.concatenate((ends[box, :1, : n_fixed + 1], ends[box, :1, 2 * n_fixed + 2 :]), axis=1)
                _find_ranks(of_samples, samples, blocks[:n_blocks], n_values, ranks)
            else:
                n_terms = 2 * n_fixed + 2 + (0 if is_point else n_fixed)
                _find_ranks(ends[box, :, :n_terms], groups, blocks[:n_blocks], n_values, ranks)
            change[0], change[1] = kept, 0.0
            for i in range(n_blocks):
                block = blocks[i]
                for group in range(8):  # in turns, as one that waits for the one before takes longer
                    change[group & 1, offsets[block] + ranks[0, 8 * i + group]] += amounts[block, group]
            hits, bound = n_falling, 0.0
            for value in range(n_values):
                for turn in range(2):
                    hits += change[turn, value] - change[turn, n_ranks + value]
                curve[value] = hits
                bound = max(bound, hits)
            best[box] = bound
            if bound < needed or are_samples:
                break
            if number > 0 and not is_point and bound - ahead * (before - bound) >= needed:
                break
            before = bound
            good = np.flatnonzero(curve >= needed)
            begin, end = np.int32(good[0]), np.int32(good[-1] + 1)
            base = (0 if number == n_levels - 2 else starts[number + 1]) - 8 * starts[number]
            n_parts = 0
            for i in range(n_blocks):
                block = blocks[i]
                for group in range(8):
                    first, final = ranks[0, 8 * i + group], ranks[1, 8 * i + group]
                    parts[n_parts], owners[n_parts] = base + 8 * block + group, 8 * i + group
                    is_open = min(max(first, begin), end) != min(max(final, begin), end)
                    n_parts += int(is_open and amounts[block, group] > 0.0)
            kept[:] = change[0] + change[1]
            for owner in owners[:n_parts]:
                block = blocks[owner >> 3]
                kept[offsets[block] + ranks[0, owner]] -= amounts[block, owner & 7]
            blocks, parts = parts, blocks
            n_blocks = n_parts
    return best
