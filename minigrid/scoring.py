"""Scorings: the one number that says how well outputs fit targets.

A `Scoring` is called with the targets and the network's outputs and returns a float; whether more
is better, it says itself. `LabelScoring` is the family that looks at predicted labels only: their
score is a function of how many samples of each class were hit, which lets an engine count
instead of computing outputs.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from typing_extensions import override

from minigrid._numerics import predicted_labels, tree_sum, weighted_mean
from minigrid._typing import ArrayLike, BoolArray, FloatArray, IntArray
from minigrid._validation import as_float, as_floats, as_sample_weight, describe, message, read_only
from minigrid.exceptions import InvalidTypeError, InvalidValueError, ScoringError, ShapeError

__all__ = [
    "Accuracy",
    "BalancedAccuracy",
    "FunctionScoring",
    "Hinge",
    "LabelScoring",
    "LogLoss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Scoring",
]


class Scoring(ABC):
    """Base of all scorings. A subclass needs only `__call__`, and `greater_is_better` if it is a loss.

    Attributes:
        greater_is_better: True if the highest score is the best, False for a loss.

    Example:
        >>> class Misses(Scoring):
        ...     greater_is_better = False
        ...     def __call__(self, y_true, outputs, /, sample_weight=None):
        ...         return float(np.count_nonzero((outputs[:, 0] > 0.5) != y_true))
        >>> Misses()(np.array([0.0, 1.0]), np.array([[0.9], [0.8]]))
        1.0
    """

    __slots__ = ()

    greater_is_better: bool = True

    @property
    def best_possible(self) -> float:
        """A score that no network can beat; infinite if there is no such limit."""
        return np.inf if self.greater_is_better else -np.inf

    @property
    def takes_weights(self) -> bool:
        """Whether the scoring can be called with `sample_weight`."""
        return True

    @abstractmethod
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        """Score one network's outputs.

        Args:
            y_true: the targets as `check_targets` returned them.
            outputs: shape (n_samples, n_outputs).
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The score. NaN never wins a search.
        """

    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        """Check the targets once, before a search, and return them as a read-only float64 array.

        This one takes any finite numbers; a scoring that needs labels overrides it.

        Args:
            y: shape (n_samples,), or (n_samples, n_outputs).
            n_outputs: how many output neurons the network has.

        Raises:
            InvalidTypeError, InvalidValueError, ShapeError: no such targets.
        """
        targets = as_floats(y, "y")
        if targets.ndim not in (1, 2) or targets.shape[0] == 0:
            raise _target_shape(f"one target a sample, shape (n_samples,) or (n_samples, {n_outputs})", targets)
        return read_only(targets)

    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        """Score many networks' outputs; to the bit what `__call__` gives for each of them.

        Args:
            y_true: the targets as `check_targets` returned them.
            outputs: shape (n_candidates, n_samples, n_outputs).
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The scores, shape (n_candidates,).
        """
        # Each call gets an array of its own, laid out as a network returns it.
        scores = [call_scoring(self, y_true, one.copy(), sample_weight) for one in outputs]
        return np.array(scores, dtype=np.float64)


def call_scoring(
    scoring: Scoring, y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None
) -> float:
    """Call a scoring on one network's outputs and check that it returns a number.

    Raises:
        ScoringError: it raised, or returned something else.
    """
    outputs.flags.writeable = False
    try:
        if sample_weight is None:
            score: object = scoring(y_true, outputs)
        else:
            score = scoring(y_true, outputs, sample_weight=sample_weight)
    except ScoringError:
        raise
    except Exception as error:
        mend = "Let it work on (y_true, outputs) of these shapes, and take sample_weight if you pass one."
        shapes = f"outputs of shape {outputs.shape} and targets of shape {y_true.shape}"
        raise ScoringError(
            message(f"scoring {scoring!r}", f"a number for {shapes}", f"{type(error).__name__}: {error}", mend)
        ) from error
    if isinstance(score, np.ndarray) and score.shape == ():
        score = score.item()
    if isinstance(score, bool | int | float | np.bool_ | np.integer | np.floating):
        return float(score)
    raise ScoringError(
        message(f"scoring {scoring!r}", "one number", describe(score), "Reduce over samples and outputs to one float.")
    )


@final
class FunctionScoring(Scoring):
    """A function of (y_true, outputs), made into a Scoring. Two of the same function are equal.

    Args:
        function: takes the targets and outputs of shape (n_samples, n_outputs), returns a number;
            it must take `sample_weight` as a keyword too if weights are to be used with it.
        greater_is_better: False if the function is a loss.

    Raises:
        InvalidTypeError: `function` cannot be called.

    Example:
        >>> def worst_error(y_true, outputs):
        ...     return np.max(np.abs(outputs[:, 0] - y_true))
        >>> FunctionScoring(worst_error, greater_is_better=False)
        FunctionScoring(worst_error, greater_is_better=False)
    """

    __slots__ = ("_function", "greater_is_better")

    greater_is_better: bool

    def __init__(self, function: Callable[..., float], *, greater_is_better: bool = True) -> None:
        if isinstance(function, type | Scoring) or not callable(function):
            raise InvalidTypeError(
                message("function", "a function of (y_true, outputs)", describe(function), "Pass a function.")
            )
        object.__setattr__(self, "_function", function)
        object.__setattr__(self, "greater_is_better", bool(greater_is_better))

    @property
    @override
    def takes_weights(self) -> bool:
        try:
            parameters = inspect.signature(self._function).parameters
        except (TypeError, ValueError):  # some functions written in C tell nothing of themselves
            return False
        return "sample_weight" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        if sample_weight is None:
            return self._function(y_true, outputs)
        return self._function(y_true, outputs, sample_weight=sample_weight)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FunctionScoring):
            return NotImplemented
        return (self._function, self.greater_is_better) == (other._function, other.greater_is_better)

    @override
    def __hash__(self) -> int:
        return hash((self._function, self.greater_is_better))

    @override
    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", type(self._function).__name__)
        return f"FunctionScoring({name}{'' if self.greater_is_better else ', greater_is_better=False'})"

    @override
    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"FunctionScoring is immutable: make a new one instead of setting {name!r}")

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._function, self.greater_is_better))


def _rebuild(function: Callable[..., float], greater_is_better: bool) -> FunctionScoring:
    return FunctionScoring(function, greater_is_better=greater_is_better)


class BuiltinScoring(Scoring):
    """What the built-in scorings share: they check their arguments, and compute in batches of any size."""

    __slots__ = ()

    @override
    def __call__(self, y_true: ArrayLike, outputs: ArrayLike, /, sample_weight: ArrayLike | None = None) -> float:
        """Score one network's outputs.

        Args:
            y_true: targets, shape (n_samples,) or, for the regression losses, (n_samples, n_outputs).
            outputs: shape (n_samples, n_outputs); NaN and infinity are allowed.
            sample_weight: shape (n_samples,), or None for equal weights.

        Raises:
            InvalidTypeError, InvalidValueError, ShapeError: arguments that do not fit.
        """
        table = np.asarray(outputs)
        if table.dtype.kind not in "biuf" or table.ndim != 2:
            mend = "Pass network(X), or reshape one output a sample with outputs.reshape(-1, 1)."
            raise ShapeError(message("outputs", "numbers of shape (n_samples, n_outputs)", describe(table), mend))
        targets = self.check_targets(y_true, table.shape[1])
        if targets.shape[0] != table.shape[0]:
            raise unequal_lengths(targets.shape[0], "outputs", table.shape[0])
        weights = as_sample_weight(sample_weight, targets.shape[0])
        return float(self.batch(targets, table[np.newaxis].astype(np.float64), weights)[0])

    @override
    @abstractmethod
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        """Score many networks' outputs, see `Scoring.batch`."""


def unequal_lengths(n_targets: int, other: str, n_samples: int) -> ShapeError:
    """Build the error for targets that do not have one entry a sample."""
    mend = f"Pass {other} and y of the same samples."
    return ShapeError(message("y", f"{n_samples} targets, one for each row of {other}", f"{n_targets}", mend))


def _target_shape(expected: str, targets: FloatArray) -> ShapeError:
    return ShapeError(
        message("y", expected, f"an array of shape {targets.shape}", "Pass a flat list of the samples' targets.")
    )


def _check_labels(y: ArrayLike, n_outputs: int) -> FloatArray:
    labels = as_floats(y, "y")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0].copy()
    if labels.ndim != 1 or labels.size == 0:
        raise _target_shape("one label a sample, shape (n_samples,)", labels)
    n_classes = max(n_outputs, 2)
    if not np.isin(labels, np.arange(n_classes)).all():
        found = np.unique(labels)
        shown = ", ".join(f"{value:g}" for value in found[:6]) + (", ..." if found.size > 6 else "")
        allowed = "0 and 1" if n_classes == 2 else f"0 to {n_classes - 1}, one for each output neuron"
        raise InvalidValueError(
            message("y", f"the labels {allowed}", f"{shown}", "Recode the labels, or choose a scoring for numbers.")
        )
    return read_only(labels)


# Scorings of labels ----------------------------------------------------------------------------


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
        return _check_labels(y, n_outputs)

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        labels = predicted_labels(outputs)
        hits, totals = [], []
        for label in range(max(outputs.shape[-1], 2)):
            members: BoolArray = y_true == label
            correct = (labels == label) & members
            if sample_weight is None:
                hits.append(np.count_nonzero(correct, axis=-1))
                totals.append(np.count_nonzero(members))
            else:
                hits.append(tree_sum(np.where(correct, sample_weight, 0.0)))
                totals.append(tree_sum(np.where(members, sample_weight, 0.0)))
        scores = self.from_hits(np.stack(hits, axis=-1), np.array(totals))
        # A network whose sums overflowed to NaN has predicted nothing.
        return np.where(np.isnan(outputs).any(axis=(-2, -1)), np.nan, scores)


@final
@dataclass(frozen=True, slots=True)
class Accuracy(LabelScoring):
    """The share of samples (or of their weight) whose predicted label is right."""

    @override
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        scores: FloatArray = _sum_classes(hits) / _sum_classes(totals)
        return scores


@final
@dataclass(frozen=True, slots=True)
class BalancedAccuracy(LabelScoring):
    """The mean over the classes of the share that is right; a class without samples does not count."""

    @override
    def from_hits(self, hits: FloatArray | IntArray, totals: FloatArray | IntArray) -> FloatArray:
        present = totals > 0
        scores: FloatArray = _sum_classes(hits[..., present] / totals[present]) / np.count_nonzero(present)
        return scores


def _sum_classes(values: FloatArray | IntArray) -> FloatArray:
    total = values[..., 0].astype(np.float64)
    for label in range(1, values.shape[-1]):
        total = total + values[..., label]
    return total


# Losses ----------------------------------------------------------------------------------------


class _Loss(BuiltinScoring):
    """A mean over the samples of something that each sample's outputs cost."""

    __slots__ = ()

    greater_is_better = False

    @property
    @override
    def best_possible(self) -> float:
        return 0.0

    @abstractmethod
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        """Compute what each sample costs, shape (n_candidates, n_samples)."""

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return weighted_mean(self.sample_losses(y_true, outputs), sample_weight)


class _RegressionLoss(_Loss):
    """A loss of the differences between outputs and real targets, averaged over the outputs."""

    __slots__ = ()

    @abstractmethod
    def cost(self, errors: FloatArray, /) -> FloatArray:
        """Turn differences into costs, element by element."""

    @override
    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        targets = as_floats(y, "y")
        if targets.ndim == 1 and n_outputs == 1:
            targets = targets.reshape(-1, 1)
        if targets.ndim != 2 or targets.shape[0] == 0 or targets.shape[1] != n_outputs:
            flat = "(n_samples,) or " if n_outputs == 1 else ""
            raise _target_shape(f"one target for each of the outputs, shape {flat}(n_samples, {n_outputs})", targets)
        return read_only(targets)

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        total = self.cost(outputs[..., 0] - y_true[:, 0])
        for k in range(1, outputs.shape[-1]):
            total += self.cost(outputs[..., k] - y_true[:, k])
        return total / outputs.shape[-1]


@final
@dataclass(frozen=True, slots=True)
class MeanSquaredError(_RegressionLoss):
    """The mean of (output - target) ** 2 over samples and outputs."""

    @override
    def cost(self, errors: FloatArray, /) -> FloatArray:
        return errors * errors


@final
@dataclass(frozen=True, slots=True)
class MeanAbsoluteError(_RegressionLoss):
    """The mean of |output - target| over samples and outputs."""

    @override
    def cost(self, errors: FloatArray, /) -> FloatArray:
        return np.abs(errors)


class _LabelLoss(_Loss):
    """A loss whose targets are labels."""

    __slots__ = ()

    @override
    def check_targets(self, y: ArrayLike, n_outputs: int, /) -> FloatArray:
        return _check_labels(y, n_outputs)


@final
@dataclass(frozen=True, slots=True)
class LogLoss(_LabelLoss):
    """Minus the mean logarithm of the probability given to the true label, also called cross-entropy.

    One output is the probability of label 1. Several are divided by their sum, so that they are
    the labels' probabilities. Before that, outputs are cut off at epsilon and 1 - epsilon, so
    that a sample costs at most -log(epsilon), about 36, and an output that is no probability
    counts as the nearest one that is.

    Attributes:
        epsilon: above 0 and below one half.

    Raises:
        InvalidTypeError, InvalidValueError: epsilon is no such number.
    """

    epsilon: float = 2.0**-52

    def __post_init__(self) -> None:
        epsilon = as_float(self.epsilon, "epsilon")
        if not 0.0 < epsilon < 0.5:
            raise InvalidValueError(
                message("epsilon", "a number between 0 and 0.5", f"{epsilon}", "Pass a small one, such as 1e-15.")
            )
        object.__setattr__(self, "epsilon", epsilon)

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        chances = np.clip(outputs, self.epsilon, 1.0 - self.epsilon)
        if chances.shape[-1] == 1:
            chance = chances[..., 0]
            return -np.log(np.where(y_true == 1.0, chance, 1.0 - chance))
        given, total = _of_label(y_true, chances), chances[..., 0]
        for k in range(1, chances.shape[-1]):
            total = total + chances[..., k]
        return np.log(total) - np.log(given)


@final
@dataclass(frozen=True, slots=True)
class Hinge(_LabelLoss):
    """The mean of max(0, 1 - margin), the loss of support vector machines.

    One output: the margin is the output itself for label 1 and minus it for label 0, so outputs
    are meant to lie around 0 (Identity, Tanh). Several: the margin is how far the true label's
    output is above the largest of the others (Crammer & Singer 2001).
    """

    @override
    def sample_losses(self, y_true: FloatArray, outputs: FloatArray, /) -> FloatArray:
        if outputs.shape[-1] == 1:
            margin = outputs[..., 0] * (2.0 * y_true - 1.0)
        else:
            others = outputs.copy()
            positions = np.broadcast_to(y_true.astype(np.int64)[:, np.newaxis], (*outputs.shape[:-1], 1))
            np.put_along_axis(others, positions, -np.inf, axis=-1)
            margin = _of_label(y_true, outputs) - np.max(others, axis=-1)
        return np.maximum(0.0, 1.0 - margin)


def _of_label(y_true: FloatArray, outputs: FloatArray) -> FloatArray:
    positions = np.broadcast_to(y_true.astype(np.int64)[:, np.newaxis], (*outputs.shape[:-1], 1))
    chosen: FloatArray = np.take_along_axis(outputs, positions, axis=-1)[..., 0]
    return chosen
