"""Losses: each is the mean of what the samples' outputs cost."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.arrays import as_floats, read_only
from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.numerics import sum_in_order, weighted_mean
from minigrid._base.text import message
from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid._base.validation import as_float
from minigrid.exceptions import InvalidValueError
from minigrid.scoring.base import FLAT_TARGETS, target_shape_error
from minigrid.scoring.builtin import BuiltinScoring, check_labels, largest_other, of_label, own_positions

__all__ = ["Hinge", "LogLoss", "MeanAbsoluteError", "MeanSquaredError"]

LossName: TypeAlias = Literal["mean_squared_error", "mean_absolute_error", "log_loss", "hinge"]

_LOG_ROUNDING = 2.0**-46


class _Loss(BuiltinScoring):
    """A mean, over the samples, of what each sample's outputs cost."""

    __slots__ = ()

    greater_is_better = False

    @property
    @override
    def best_possible(self) -> float:
        return 0.0

    @abstractmethod
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        """Compute what each sample costs, shape (n_candidates, n_samples)."""

    @abstractmethod
    def least_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        """Bound from below what each sample costs with outputs in between, shape (n_boxes, n_samples).

        With the two ends swapped, the result is an upper bound, see ``most_losses``.
        """

    def most_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        """Bound from above what each sample costs with outputs in between, shape (n_boxes, n_samples)."""
        return self.least_losses(y_true, upper, lower)

    @override
    def pessimistic_bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Average the greatest losses, in the same order and rounding, see `BuiltinScoring.pessimistic_bound`."""
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return weighted_mean(self.most_losses(y_true, lower, upper), sample_weight)

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Average the least losses, in the same order and with the same rounding, see `Scoring.bound`."""
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return weighted_mean(self.least_losses(y_true, lower, upper), sample_weight)

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return weighted_mean(self.sample_losses(y_true, outputs), sample_weight)


class _RegressionLoss(_Loss):
    """A loss of the differences between outputs and real targets, averaged over the outputs."""

    __slots__ = ()

    @abstractmethod
    def cost(self, errors: FloatArray, /) -> FloatArray:
        """Turn differences into costs, element by element.

        The sign of a difference does not matter, and a larger magnitude never costs less, rounding included: the bounds
        of ``least_losses`` rely on both. Derive a loss for which this is not true from ``_Loss``.
        """

    @override
    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        targets = as_floats(y, "y", ragged=FLAT_TARGETS if n_outputs == 1 else "Make all rows equally long.")
        if targets.ndim == 1 and n_outputs == 1:
            targets = targets.reshape(-1, 1)
        if targets.ndim != 2 or targets.shape[0] == 0 or targets.shape[1] != n_outputs:
            shapes = "(n_samples,) or " * (n_outputs == 1) + f"(n_samples, {n_outputs})"
            fix = f"Pass one row for each sample, and a column for each output: shape (n_samples, {n_outputs})."
            several = () if n_outputs == 1 else (fix,)
            raise target_shape_error(f"one target for each of the outputs, shape {shapes}", targets, *several)
        return read_only(targets)

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        n_outputs = outputs.shape[-1]
        return self._mean_cost(n_outputs, (outputs[..., k] - y_true[:, k] for k in range(n_outputs)))

    @override
    def least_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        n_outputs = lower.shape[-1]
        apart = (np.maximum(lower[..., k] - y_true[:, k], y_true[:, k] - upper[..., k]) for k in range(n_outputs))
        return self._mean_cost(n_outputs, (np.maximum(distance, 0.0) for distance in apart))

    def _mean_cost(self, n_outputs: int, errors: Iterator[FloatArray]) -> FloatArray:
        """Average what the errors of each output cost, added up from the first output to the last."""
        mean: FloatArray = reduce(np.add, map(self.cost, errors)) / n_outputs
        return mean


@final
class MeanSquaredError(_RegressionLoss):
    """The mean of (output - target) ** 2 over samples and outputs.

    Example:
        >>> MeanSquaredError()(np.array([0.0, 1.0]), np.array([[0.5], [1.0]]))
        0.125
    """

    __slots__ = ()

    @override
    def cost(self, errors: FloatArray, /) -> FloatArray:
        return errors * errors


@final
class MeanAbsoluteError(_RegressionLoss):
    """The mean of ``|output - target|`` over samples and outputs.

    Example:
        >>> MeanAbsoluteError()(np.array([0.0, 1.0]), np.array([[0.5], [1.0]]))
        0.25
    """

    __slots__ = ()

    @override
    def cost(self, errors: FloatArray, /) -> FloatArray:
        return np.abs(errors)


class _LabelLoss(_Loss):
    """A loss whose targets are labels."""

    __slots__ = ()

    @override
    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        return check_labels(y, n_outputs)


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class LogLoss(_LabelLoss):
    """Minus the mean logarithm of the probability given to the true label, also called cross-entropy.

    One output is the probability of label 1. Several are divided by their sum, so that they are the probabilities of
    the labels. Before that, outputs are clipped to epsilon and 1 - epsilon. So with one output, a sample costs at most
    -log(epsilon), about 36, and an output that is not a probability counts as the nearest probability.

    Args:
        epsilon: outputs are clipped to [epsilon, 1 - epsilon]; above 0 and below one half. Default 2**-52.

    Raises:
        InvalidTypeError: ``epsilon`` is not a number.
        InvalidValueError: ``epsilon`` is not between 0 and one half.

    Example:
        >>> round(LogLoss()(np.array([0, 1]), np.array([[0.2], [0.9]])), 4)
        0.1643
    """

    epsilon: float = 2.0**-52

    def __post_init__(self) -> None:
        epsilon = as_float(self.epsilon, "epsilon")
        if not 0.0 < epsilon < 0.5:
            fix = "Pass a small one, such as 1e-15."
            raise InvalidValueError(message("epsilon", "a number between 0 and 0.5", f"{epsilon}", fix))
        object.__setattr__(self, "epsilon", epsilon)

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        if outputs.shape[-1] == 1:
            chance = np.where(y_true == 1.0, outputs[..., 0], 1.0 - outputs[..., 0])
            losses: FloatArray = -np.log(np.clip(chance, self.epsilon, 1.0 - self.epsilon))
            return losses
        chances = np.clip(outputs, self.epsilon, 1.0 - self.epsilon)
        costs: FloatArray = np.log(sum_in_order(chances)) - np.log(of_label(y_true, chances))
        return costs

    @override
    def least_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        # The last bits of a computed logarithm need not be monotonic.
        if lower.shape[-1] == 1:
            chance = np.where(y_true == 1.0, upper[..., 0], 1.0 - lower[..., 0])
            least: FloatArray = -np.log(np.clip(chance, self.epsilon, 1.0 - self.epsilon))
            return least * (1.0 - _LOG_ROUNDING)
        low, high = (np.clip(end, self.epsilon, 1.0 - self.epsilon) for end in (lower, upper))
        own = own_positions(y_true, lower)
        np.put_along_axis(low, own, np.take_along_axis(high, own, axis=-1), axis=-1)
        of_total, of_given = np.log(sum_in_order(low)), np.log(of_label(y_true, high))
        margin = _LOG_ROUNDING * (1.0 + np.abs(of_total) + np.abs(of_given))
        below: FloatArray = of_total - of_given - margin
        return below

    @override
    def most_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        # With the ends swapped, the margins above point to the wrong side. Twice the margin points to the right one.
        most = self.least_losses(y_true, upper, lower)
        largest = -np.log(self.epsilon) + np.log(lower.shape[-1])  # no logarithm here is larger
        margin = _LOG_ROUNDING * (2.0 * np.abs(most) + 4.0 + 4.0 * largest)
        above: FloatArray = most + margin
        return above


@final
class Hinge(_LabelLoss):
    """The mean of max(0, 1 - margin), the loss of support vector machines.

    With one output, the margin is the output for label 1, and minus the output for label 0. So outputs should lie
    around 0, as those of Identity and Tanh do. With several, the margin is how far the true label's output is above the
    largest of the others (Crammer & Singer 2001).

    Example:
        >>> Hinge()(np.array([0, 1]), np.array([[-2.0], [0.5]]))
        0.25
    """

    __slots__ = ()

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        return self.least_losses(y_true, outputs, outputs)  # an output has no margin to itself

    @override
    def least_losses(self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /) -> FloatArray:
        if lower.shape[-1] == 1:
            margin = np.where(y_true == 1.0, upper[..., 0], -lower[..., 0])
        else:
            margin = of_label(y_true, upper) - largest_other(y_true, lower)
        return np.maximum(0.0, 1.0 - margin)
