"""Nested groups of samples that lie close together, and the limits of each group.

Every level splits each group of the level above into eight groups of equal size, across the directions in which the
samples differ most. The samples themselves are the last level. A group knows the least and the greatest value of each
row over its samples, and their total count. Samples of different kinds are never in one group. If the samples of a
kind do not fill its groups, some of them appear twice but count once.

Sound for any split: each sample lies in one group of every level, within its limits, and counts there.
"""

import itertools
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray

BRANCHES = 8
"""The number of groups into which a group is split."""


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Level:
    """Groups, in blocks of those that are parts of one group of the level above.

    Attributes:
        low: shape (n_rows, n_blocks, BRANCHES), the least value of each row in each group.
        high: of the same shape, the greatest; the same array where groups are single samples.
        amounts: shape (n_blocks, BRANCHES), what the samples of each count together.
        kinds: shape (n_blocks,), which samples they are.
    """

    low: FloatArray
    high: FloatArray
    amounts: FloatArray
    kinds: IntArray

    def above(self) -> "Level":
        """Make one group of each block; the blocks of a kind are a multiple of BRANCHES."""
        low, high = self.low, self.high
        while low.shape[2] > 1:
            low = np.minimum(low[:, :, ::2], low[:, :, 1::2])
            high = np.maximum(high[:, :, ::2], high[:, :, 1::2])
        shape = (len(low), -1, BRANCHES)
        amounts = self.amounts.sum(axis=1).reshape(shape[1:])
        return Level(low.reshape(shape), high.reshape(shape), amounts, self.kinds[::BRANCHES])


def group_samples(
    rows: FloatArray, kinds: IntArray, amounts: FloatArray, spreads: FloatArray, first: int
) -> list[Level]:
    """Group samples; the first level is the coarsest, the last are the samples.

    Args:
        rows: shape (n_rows, n_samples), what groups have limits of.
        kinds: shape (n_samples,), which samples may be together.
        amounts: shape (n_samples,), the amount that each counts.
        spreads: shape (n_rows,), how far samples are apart in each row, as far as that matters.
        first: how many groups of the largest kind the first level has, or up to eight times as many.
    """
    most_cuts = _cuts(int(np.bincount(kinds).max()))
    n_levels = max(1, (most_cuts - (first - 1).bit_length()) // 3 + 1)  # above the samples
    chosen, counted = [], []
    for kind in np.unique(kinds).tolist():
        own = np.flatnonzero(kinds == kind)
        n_cuts = max(_cuts(own.size), 3 * n_levels)
        size = BRANCHES << n_cuts
        repeated = np.arange(size) * own.size // size
        order = _order(rows[:, own[repeated]], spreads, n_cuts)
        chosen.append(own[repeated[order]])
        counted.append((np.diff(repeated, prepend=-1) > 0)[order])
    order = np.concatenate(chosen)
    samples = rows[:, order].reshape(len(rows), -1, BRANCHES)
    own_amounts = (amounts[order] * np.concatenate(counted)).reshape(-1, BRANCHES)
    levels = [Level(samples, samples, own_amounts, kinds[order[::BRANCHES]])]
    for _ in range(n_levels):
        levels.append(levels[-1].above())
    return levels[::-1]


def _cuts(n_samples: int) -> int:
    """Return how often samples are halved until no more than BRANCHES are left in a part."""
    return (-(-n_samples // BRANCHES) - 1).bit_length()


def _order(points: FloatArray, spreads: FloatArray, n_cuts: int) -> IntArray:
    """Order points so that each half, each half of a half, and so on, lies together.

    All cuts across one direction are made at once: the points are sorted by the first row and cut, each part is sorted
    by the second row and cut, and so on. Then the parts are put in the order of a tree whose cuts take turns.
    """
    spreads, turns = spreads.copy(), np.empty(n_cuts, dtype=np.int64)
    for turn in range(n_cuts):
        turns[turn] = np.argmax(spreads)
        spreads[turns[turn]] /= 2.0
    order = np.arange(points.shape[1])[np.newaxis]
    for row, n_parts in zip(points, 1 << np.bincount(turns, minlength=len(points)), strict=True):
        if n_parts > 1:
            within = np.argsort(row[order], axis=1)
            order = np.take_along_axis(order, within, axis=1).reshape(len(order) * n_parts, -1)
    axes = np.argsort(np.argsort(turns, kind="stable"), kind="stable")
    return order.reshape(*itertools.repeat(2, n_cuts), -1).transpose(*axes, n_cuts).ravel()
