"""Prepares samples for a search: each distinct sample once, in sorted order, with a weight.

Candidates often have equal scores, or differ by a rounding error. Which of them wins then depends on how the losses of
the samples are summed. A sample of weight 2 must equal that sample twice, and one of weight 0 no sample, bit for bit.
This module therefore turns both into the same sums. The order of the samples makes no difference either.
"""

from typing import NamedTuple

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray

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
    order, is_new = _sorted_rows([*X.T, *y.reshape(len(y), -1).T][::-1])
    each = np.ones(len(order)) if sample_weight is None else sample_weight[order]
    totals: FloatArray = np.bincount(np.cumsum(is_new) - 1, weights=each).astype(np.float64)
    counts = totals > 0.0
    rows, totals = order[is_new][counts], totals[counts]
    return X[rows], y[rows], None if (totals == totals[0]).all() else totals


def _sorted_rows(keys: list[FloatArray]) -> tuple[IntArray, BoolArray]:
    """Sort samples.

    Two keys tell most samples apart, so only those that these leave equal are sorted by the others.

    Args:
        keys: one number of each sample in each, the most important first; at least two.

    Returns:
        The order, and for each sample in it whether it differs from the one before.
    """
    order = np.lexsort((keys[1], keys[0]))
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = False
    for values in (key[order] for key in keys[:2]):
        is_new[1:] |= values[1:] != values[:-1]
    tied = ~is_new
    tied[:-1] |= tied[1:]  # the first of each run of equal ones, too
    places = np.flatnonzero(tied)
    if places.size and len(keys) > 2:
        runs, rows = np.cumsum(is_new)[places], order[places]
        others = [key[rows] for key in keys[2:]]
        inner = np.lexsort((*others[::-1], runs))
        order[places] = rows[inner]
        for values in (own[inner] for own in others):
            is_new[places[1:]] |= values[1:] != values[:-1]
    return order, is_new
