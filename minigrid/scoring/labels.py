"""Scorings of labels: accuracy and its balanced sister.

Their score is a function of how many samples of each class were hit, which lets an engine count
instead of computing outputs.
"""

from abc import abstractmethod
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.numerics import predicted_labels, sum_in_order, tree_sum
from minigrid._base.typing import ArrayLike, BoolArray, FloatArray, IntArray, override
from minigrid.scoring.builtin import BuiltinScoring, check_labels, largest_other, of_label

__all__ = ["Accuracy", "BalancedAccuracy", "LabelScoring"]

LabelScoringName: TypeAlias = Literal["accuracy", "balanced_accuracy"]


class LabelScoring(BuiltinScoring):
    """A scoring that depends on the predicted labels alone, through the hits in each class."""

    __slots__ = ()

    @property
    @override
    def best_possible(self) -> float:
        return 1.0

    @abstractmethod
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        """Score from the samples (or their summed weights) that were predicted correctly.

        Args:
            hits: shape (..., n_classes), the correct ones of each class.
            totals: shape (n_classes,), all of each class.

        Returns:
            The scores, shape (...).
        """

    @override
    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        return check_labels(y, n_outputs)

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        right: BoolArray = predicted_labels(outputs) == y_true
        scores = self._of_right(right, y_true, outputs.shape[-1], sample_weight)
        # A network whose sums overflowed to NaN has predicted nothing.
        unknown = np.isnan(outputs).any(axis=-1)
        if sample_weight is not None:
            unknown &= sample_weight > 0.0
        return np.where(unknown.any(axis=-1), np.nan, scores)

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Count every sample as right that can be, see `Scoring.bound`."""
        return self._of_right(_can_be_right(y_true, lower, upper), y_true, lower.shape[-1], sample_weight)

    @override
    def worst(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Count only those samples as right that must be, see `BuiltinScoring.worst`."""
        return self._of_right(_must_be_right(y_true, lower, upper), y_true, lower.shape[-1], sample_weight)

    def _of_right(
        self, right: BoolArray, y_true: FloatArray, n_outputs: int, sample_weight: FloatArray | None
    ) -> FloatArray:
        """Score from which samples are right, shape (n, n_samples)."""
        n_classes = max(n_outputs, 2)
        hits, totals = np.empty((len(right), n_classes)), np.empty(n_classes)
        for label in range(n_classes):
            members: BoolArray = y_true == label
            hits[:, label], totals[label] = _amount(right & members, sample_weight), _amount(members, sample_weight)
        return self.from_hits(hits, totals)


@final
class Accuracy(LabelScoring):
    """The share of samples (or of their weight) whose predicted label is right.

    Example:
        >>> Accuracy()(np.array([0, 1, 1]), np.array([[0.2], [0.9], [0.4]]))
        0.6666666666666666
    """

    __slots__ = ()

    @override
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        scores: FloatArray = sum_in_order(hits) / sum_in_order(totals)
        return scores


@final
class BalancedAccuracy(LabelScoring):
    """The mean over the classes of the share that is right; a class without samples does not count.

    Example:
        >>> BalancedAccuracy()(np.array([0, 1, 1]), np.array([[0.2], [0.9], [0.4]]))
        0.75
    """

    __slots__ = ()

    @override
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        present = totals > 0
        scores: FloatArray = sum_in_order(hits[..., present] / totals[present]) / np.count_nonzero(present)
        return scores


def _amount(chosen: BoolArray, sample_weight: FloatArray | None) -> FloatArray | IntArray:
    """How many samples are chosen, or their summed weight, along the last axis."""
    if sample_weight is None:
        return np.asarray(np.count_nonzero(chosen, axis=-1))
    return tree_sum(np.where(chosen, sample_weight, 0.0))


def _can_be_right(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Tell which samples' labels are possible with outputs in between, shape (n_boxes, n_samples)."""
    if lower.shape[-1] == 1:
        above: BoolArray = np.where(y_true == 1.0, upper[..., 0] > 0.5, ~(lower[..., 0] > 0.5))
        return above
    return of_label(y_true, upper) >= largest_other(y_true, lower)


def _must_be_right(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Tell which samples have their own labels whatever the outputs in between, shape (n_boxes, n_samples)."""
    if lower.shape[-1] == 1:
        return _can_be_right(y_true, upper, lower)
    above: BoolArray = of_label(y_true, lower) > largest_other(y_true, upper)  # of equal ones the first has the label
    return above
