"""Prepares samples for a search: each distinct sample once, in sorted order, with a weight.

Candidates often have equal scores, or differ by a rounding error. Which of them wins then depends on how the losses of
the samples are summed. A sample of weight 2 must equal that sample twice, and one of weight 0 no sample, bit for bit.
This module therefore turns both into the same sums. The order of the samples makes no difference either.
"""

import numpy as np

from minigrid._base.typing import FloatArray


def gathered(
    X: FloatArray, y: FloatArray, sample_weight: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Merge equal samples, and sort them.

    Args:
        X: shape (n_samples, n_features).
        y: shape (n_samples,) or (n_samples, n_targets).
        sample_weight: shape (n_samples,), at least one above 0; None: all count the same.

    Returns:
        The same for the distinct samples of a weight above 0. The weights are None if all are equal.
    """
    table = np.column_stack([X, y]) + 0.0  # -0.0 becomes 0.0
    order = np.lexsort(table.T)
    table = table[order]
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (table[1:] != table[:-1]).any(axis=1)
    each = np.ones(len(order)) if sample_weight is None else sample_weight[order]
    totals: FloatArray = np.bincount(np.cumsum(is_new) - 1, weights=each).astype(np.float64)
    counts = totals > 0.0
    rows, totals = order[is_new][counts], totals[counts]
    return X[rows], y[rows], None if (totals == totals[0]).all() else totals
