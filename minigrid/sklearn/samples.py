"""Samples as a search is to see them: each once, in an order that is theirs, with how much it counts.

Candidates often differ in score by a rounding error or not at all, and which of them wins is then a matter of how the
samples' losses are added up. So that a sample of weight 2 is the same as that sample twice, and one of weight 0 the
same as none, bit for bit, both are made into the same sums. The order of the samples makes no difference either.
"""

import numpy as np

from minigrid._base.typing import FloatArray


def gathered(
    X: FloatArray, y: FloatArray, sample_weight: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Put equal samples together, and sort them.

    Args:
        X: shape (n_samples, n_features).
        y: shape (n_samples,) or (n_samples, n_targets).
        sample_weight: shape (n_samples,), at least one above 0; None: all alike.

    Returns:
        The same of the distinct samples that count; no weights if those are all alike.
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
