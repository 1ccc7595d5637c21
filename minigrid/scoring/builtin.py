"""The base of the built-in scorings."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from minigrid._base.arrays import as_floats, as_sample_weight, read_only
from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.text import describe, message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray, override
from minigrid._base.validation import as_int
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.scoring.base import Scoring, target_shape_error, unequal_lengths

_MOST_LABELS = 30  # more are probably numbers


@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class BuiltinScoring(Scoring):
    """Base of the built-in scorings, which check their arguments and compute in batches of any size."""

    @override
    def __call__(self, y_true: ArrayLike, outputs: ArrayLike, /, sample_weight: ArrayLike | None = None) -> float:
        """Score one network's outputs.

        Args:
            y_true: targets, shape (n_samples,) or, for the regression losses, (n_samples, n_outputs).
            outputs: shape (n_samples, n_outputs); NaN and infinity are allowed.
            sample_weight: shape (n_samples,), or None for equal weights.

        Raises:
            InvalidTypeError: an argument holds something other than real numbers.
            InvalidValueError: an argument holds a number that cannot be used, such as a label without an output.
            ShapeError: the shapes do not fit each other.
        """
        table = as_floats(outputs, "outputs", finite=False)
        if table.ndim != 2 or table.shape[1] == 0:
            fix = "Pass network(X), or for one output neuron np.reshape(outputs, (-1, 1))."
            raise ShapeError(message("outputs", "numbers of shape (n_samples, n_outputs)", describe(table), fix))
        targets = self.check_targets(y_true, table.shape[1])
        if targets.shape[0] != table.shape[0]:
            raise unequal_lengths(targets.shape[0], "outputs", table.shape[0])
        weights = as_sample_weight(sample_weight, targets.shape[0])
        return float(self.batch(targets, table[np.newaxis], weights)[0])

    @override
    @abstractmethod
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        """Score many networks' outputs, see `Scoring.batch`."""

    @abstractmethod
    def pessimistic_bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Bound the scores of all outputs between `lower` and `upper` from below, or those of a loss from above.

        Args:
            y_true: the targets as `check_targets` returned them.
            lower: the least outputs, shape (n_boxes, n_samples, n_outputs), none of them NaN.
            upper: the greatest, of the same shape.
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            Shape (n_boxes,): no outputs in between score worse, bit for bit.
        """


def check_labels(y: ArrayLike, n_outputs: int) -> FloatArray:
    """Check labels: 0 and 1 for one output, one label for each of several.

    Raises:
        InvalidTypeError, InvalidValueError, ShapeError: anything else.
    """
    classes = max(as_int(n_outputs, "n_outputs", minimum=1), 2)
    labels = as_floats(y, "y", ragged="Pass a flat list of labels.")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0].copy()
    if labels.ndim != 1 or labels.size == 0:
        fix = "Pass a flat list of labels, or np.argmax(y, axis=1) if y has a column for each label."
        if labels.shape[:1] == (1,) and labels.ndim == 2:  # a row, as a matrix of NumPy or y[None] is
            fix = "Pass a flat list of labels: np.ravel(y)."
        raise target_shape_error("one label a sample, shape (n_samples,)", labels, fix)
    if not np.isin(labels, np.arange(classes)).all():
        found = np.unique(labels)
        shown = ", ".join(f"{value:g}" for value in found[:6]) + (", ..." if found.size > 6 else "")
        allowed = "0 and 1" if classes == 2 else f"0 to {classes - 1}, one for each output neuron"
        fix = (
            "Recode the labels with np.unique(y, return_inverse=True)[1] (three and more need as many output "
            "neurons), or choose a scoring for numbers."
        )
        if found.size > _MOST_LABELS:
            fix = "To predict numbers, pass scoring='mean_squared_error', and build the network with "
            fix += "output_activation='identity'."
        raise InvalidValueError(message("y", f"the labels {allowed}", f"{shown}", fix))
    return read_only(labels)


def own_positions(y_true: FloatArray, outputs: FloatArray) -> IntArray:
    """Return the position of the label's own output, as `np.take_along_axis` expects it: shape (n, n_samples, 1)."""
    return np.broadcast_to(y_true.astype(np.int64)[:, np.newaxis], (*outputs.shape[:-1], 1))


def of_label(y_true: FloatArray, outputs: FloatArray) -> FloatArray:
    """Return the label's own output, shape (n, n_samples)."""
    chosen: FloatArray = np.take_along_axis(outputs, own_positions(y_true, outputs), axis=-1)[..., 0]
    return chosen


def largest_other(y_true: FloatArray, outputs: FloatArray) -> FloatArray:
    """Find the largest of the other outputs, shape (n, n_samples)."""
    others = outputs.copy()
    np.put_along_axis(others, own_positions(y_true, outputs), -np.inf, axis=-1)
    largest: FloatArray = np.max(others, axis=-1)
    return largest
