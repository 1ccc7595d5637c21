"""Scorings of labels: accuracy and balanced accuracy.

Their score depends only on the number of correct predictions in each class. So an engine can count samples instead of
computing outputs.
"""

from abc import abstractmethod
from typing import Any, Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.arrays import as_floats, as_sample_weight
from minigrid._base.numerics import predicted_labels, sum_in_order, tree_sum
from minigrid._base.text import message
from minigrid._base.typing import ArrayLike, BoolArray, FloatArray, IntArray, override
from minigrid.exceptions import ShapeError
from minigrid.scoring.base import unequal_lengths
from minigrid.scoring.builtin import BuiltinScoring, check_labels, largest_other, of_label

__all__ = ["Accuracy", "BalancedAccuracy", "LabelScoring"]

_MOST_LABELS = 10**5  # a table with a sum for each of them is still small

LabelScoringName: TypeAlias = Literal["accuracy", "balanced_accuracy"]


class LabelScoring(BuiltinScoring):
    """A scoring that depends only on the number of correct predictions in each class."""

    __slots__ = ()

    @override
    def __call__(self, y_true: ArrayLike, outputs: ArrayLike, /, sample_weight: ArrayLike | None = None) -> float:
        """Score one network's outputs, or the labels that it predicts.

        Args:
            y_true: labels, shape (n_samples,).
            outputs: shape (n_samples, n_outputs), or predicted labels 0, 1, 2, ... of shape (n_samples,).
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The score.

        Raises:
            InvalidTypeError: an argument does not hold real numbers.
            InvalidValueError: an argument holds NaN or infinity, or ``y_true`` holds other labels.
            ShapeError: the shapes do not fit each other.
        """
        table = outputs if isinstance(outputs, np.ndarray) else as_floats(outputs, "outputs", finite=False)
        if table.ndim != 1 or not table.size:
            return super().__call__(y_true, table, sample_weight)
        labels = _as_predicted(table)
        n_labels = int(max(labels.max(), as_floats(y_true, "y").max(initial=1.0))) + 1
        targets = check_labels(y_true, min(n_labels, _MOST_LABELS))
        if len(targets) != len(labels):
            raise unequal_lengths(len(targets), "outputs", len(labels))
        right: BoolArray = targets == labels
        weights = as_sample_weight(sample_weight, len(labels))
        return float(self._of_right(right[np.newaxis], targets, n_labels, weights)[0])

    @property
    @override
    def best_possible(self) -> float:
        return 1.0

    @abstractmethod
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        """Score from the samples (or their summed weights) that were predicted correctly.

        Args:
            hits: shape (..., n_classes), the correct predictions in each class.
            totals: shape (n_classes,), the samples of each class.

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
        # If sums overflowed to NaN, the network has predicted nothing.
        unknown = np.isnan(outputs).any(axis=-1)
        if sample_weight is not None:
            unknown &= sample_weight > 0.0
        return np.where(unknown.any(axis=-1), np.nan, scores)

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Count every sample that can be correct, see `Scoring.bound`."""
        return self._of_right(_can_be_right(y_true, lower, upper), y_true, lower.shape[-1], sample_weight)

    @override
    def pessimistic_bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Count only the samples that must be correct, see `BuiltinScoring.pessimistic_bound`."""
        return self._of_right(_must_be_right(y_true, lower, upper), y_true, lower.shape[-1], sample_weight)

    def _of_right(
        self, right: BoolArray, y_true: FloatArray, n_outputs: int, sample_weight: FloatArray | None
    ) -> FloatArray:
        """Score from which samples are correct, shape (n, n_samples)."""
        n_classes = max(n_outputs, 2)
        hits, totals = np.empty((len(right), n_classes)), np.empty(n_classes)
        for label in range(n_classes):
            members: BoolArray = y_true == label
            hits[:, label], totals[label] = _amount(right & members, sample_weight), _amount(members, sample_weight)
        return self.from_hits(hits, totals)


@final
class Accuracy(LabelScoring):
    """The fraction of samples (or of their weight) whose predicted label is correct.

    Example:
        >>> Accuracy()(np.array([0, 1, 1]), np.array([[0.2], [0.9], [0.4]]))
        0.6666666666666666
        >>> Accuracy()([0, 1, 1], [0, 1, 0])  # predicted labels
        0.6666666666666666
    """

    __slots__ = ()

    @override
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        scores: FloatArray = sum_in_order(hits) / sum_in_order(totals)
        return scores


@final
class BalancedAccuracy(LabelScoring):
    """The mean, over the classes, of the fraction of correct predictions. A class without samples does not count.

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


def _as_predicted(table: NDArray[Any]) -> FloatArray:
    """Check that numbers of shape (n_samples,) are labels that a network may predict.

    Raises:
        InvalidTypeError: they are not real numbers.
        InvalidValueError: they hold NaN or infinity.
        ShapeError: they are other numbers, which must be outputs.
    """
    labels = as_floats(table, "outputs")
    if ((labels < 0.0) | (labels != np.floor(labels)) | (labels >= _MOST_LABELS)).any():
        expected = "outputs of shape (n_samples, n_outputs), or predicted labels 0, 1, 2, ... of shape (n_samples,)"
        fix = "Pass network(X) or network.predict(X), or for one output neuron np.reshape(outputs, (-1, 1))."
        raise ShapeError(
            message(
                "outputs",
                expected,
                f"an array of shape {labels.shape} of numbers from {labels.min():g} to {labels.max():g}",
                fix,
            )
        )
    return labels


def _amount(chosen: BoolArray, sample_weight: FloatArray | None) -> FloatArray | IntArray:
    """Count the chosen samples, or add up their weights, along the last axis."""
    if sample_weight is None:
        return np.asarray(np.count_nonzero(chosen, axis=-1))
    return tree_sum(np.where(chosen, sample_weight, 0.0))


def _can_be_right(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Tell for which samples the correct label is possible with outputs in between, shape (n_boxes, n_samples)."""
    if lower.shape[-1] == 1:
        above: BoolArray = np.where(y_true == 1.0, upper[..., 0] > 0.5, ~(lower[..., 0] > 0.5))
        return above
    return of_label(y_true, upper) >= largest_other(y_true, lower)


def _must_be_right(y_true: FloatArray, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Tell which samples are labelled correctly for all outputs in between, shape (n_boxes, n_samples)."""
    if lower.shape[-1] == 1:
        return _can_be_right(y_true, upper, lower)
    above: BoolArray = of_label(y_true, lower) > largest_other(y_true, upper)  # of equals, the first wins
    return above
