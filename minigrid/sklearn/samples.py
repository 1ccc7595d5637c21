"""Prepares samples for a search: each distinct sample once, in sorted order, with a weight.

Candidates often have equal scores, or differ by a rounding error. Which of them wins then depends on how the losses of
the samples are summed. A sample of weight 2 must equal that sample twice, and one of weight 0 no sample, bit for bit.
This module therefore turns both into the same sums. The order of the samples makes no difference either.
"""

from typing import NamedTuple

import numpy as np

from minigrid._base.typing import FloatArray

_MOST_NUMBERS = 200_000  # models are fitted to a part of larger data, so that it never takes long
_FEWEST_SAMPLES = 500


class Samples(NamedTuple):
    """The samples of a search, or of a model.

    Attributes:
        X: shape (n_samples, n_features).
        y: labels 0, 1, ..., shape (n_samples,); or numbers, shape (n_samples,) or (n_samples, n_outputs).
        sample_weight: shape (n_samples,), not all 0; None: all count the same.
        are_classes: whether the targets are labels.
    """

    X: FloatArray
    y: FloatArray
    sample_weight: FloatArray | None
    are_classes: bool

    def gathered(self) -> "Samples":
        """Merge equal samples, drop those with a weight of 0, and sort the rest."""
        return Samples(*gathered(self.X, self.y, self.sample_weight), self.are_classes)

    def some(self) -> "Samples":
        """Take samples at even distances, in the order of their targets, if there are too many."""
        most = max(_MOST_NUMBERS // self.X.shape[1], _FEWEST_SAMPLES)
        if len(self.X) <= most:
            return self
        order = np.argsort(self.y.reshape(len(self.y), -1)[:, 0], kind="stable")
        rows = order[np.linspace(0, len(self.X) - 1, most).astype(np.int64)]  # both ends, so at least two classes
        weights = None if self.sample_weight is None else self.sample_weight[rows]
        return Samples(self.X[rows], self.y[rows], weights, self.are_classes)

    def columns(self, n_outputs: int) -> FloatArray:
        """Return the targets with a column for each output: 0 and 1 for each class, if there are several outputs."""
        if self.are_classes and n_outputs > 1:
            return np.eye(n_outputs)[self.y.astype(np.int64)]
        return self.y.reshape(len(self.y), n_outputs)


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
