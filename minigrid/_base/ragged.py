"""Arrays that hold groups of different sizes one after the other, and counts of things by group."""

import numpy as np

from minigrid._base.typing import FloatArray, IntArray


def joined_ranges(starts: IntArray | int, counts: IntArray) -> IntArray:
    """Concatenate ranges of whole numbers.

    Args:
        starts: where each range starts, shape (n,), or one number for all.
        counts: how long it is, shape (n,).

    Returns:
        Shape (sum of counts,).
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    joined: IntArray = np.arange(total) + np.repeat(starts - ends + counts, counts)
    return joined


def histogram(slots: IntArray, amounts: FloatArray | None, n_slots: int) -> FloatArray | IntArray:
    """Count how often each slot occurs, or sum the amounts there.

    Args:
        slots: numbers below `n_slots`, shape (n_rows, n).
        amounts: shape (n,), the same for every row; None: each counts 1.
        n_slots: how many slots there are.

    Returns:
        Shape (n_slots,).
    """
    if amounts is None:
        return np.bincount(slots.ravel(), minlength=n_slots)
    return np.bincount(slots.ravel(), np.broadcast_to(amounts, slots.shape).ravel(), n_slots)
