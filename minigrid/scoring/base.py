"""The base of all scorings: the one number that says how well outputs fit targets."""

import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np

from minigrid._base.arrays import as_floats, read_only
from minigrid._base.function import fix_of_deferred
from minigrid._base.halting import poll
from minigrid._base.tables import NUMBERS
from minigrid._base.text import describe, message, said, shown
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid._base.values import Plain
from minigrid.exceptions import ScoringError, ShapeError

FLAT_TARGETS = "Pass a flat list of the samples' targets."


class Scoring(Plain, ABC):
    """Base of all scorings. Write `__call__`; for a loss, also set ``greater_is_better`` to False.

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
        """Whether the scoring can be called with ``sample_weight``."""
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

        By default, any finite numbers are accepted. A scoring that needs labels overrides this method.

        Args:
            y: shape (n_samples,), or (n_samples, n_outputs). A single column, shape (n_samples, 1), is flattened.
            n_outputs: how many output neurons the network has.

        Returns:
            Shape (n_samples,), or (n_samples, n_targets) if there are several targets per sample.

        Raises:
            InvalidTypeError: ``y`` holds something other than real numbers.
            InvalidValueError: ``y`` holds NaN or infinity, or labels that the scoring does not take.
            ShapeError: ``y`` has the wrong shape for this many outputs.
        """
        targets = as_floats(y, "y", ragged=FLAT_TARGETS if n_outputs == 1 else "Make all rows equally long.")
        if targets.ndim not in (1, 2) or targets.shape[0] == 0:
            raise target_shape_error(f"one target a sample, shape (n_samples,) or (n_samples, {n_outputs})", targets)
        return read_only(targets.ravel() if targets.shape[1:] == (1,) else targets)

    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Bound the scores of all outputs between ``lower`` and ``upper``, so that a search can prune.

        If you override it, you promise that no outputs in between score better, bit for bit. By default, it returns
        ``best_possible``.

        Args:
            y_true: the targets as ``check_targets`` returned them.
            lower: the least outputs, shape (n_boxes, n_samples, n_outputs), finite.
            upper: the greatest, of the same shape.
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The best score that is possible, shape (n_boxes,).
        """
        return np.full(len(lower), self.best_possible)

    @property
    def declares_bounds(self) -> bool:
        """Whether the class overrides `bound`."""
        return type(self).bound is not Scoring.bound

    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        """Score the outputs of many networks. Each score equals that of `__call__`, bit for bit.

        Args:
            y_true: the targets as `check_targets` returned them.
            outputs: shape (n_candidates, n_samples, n_outputs).
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The scores, shape (n_candidates,).
        """
        # Each call gets a read-only array, laid out as a network returns it.
        kept = outputs.ndim == 3 and not outputs.flags.writeable and outputs[:1].flags.c_contiguous
        each = iter(outputs) if kept else (read_only(one.copy()) for one in outputs)
        return np.array(call_each(self, y_true, each, sample_weight), dtype=np.float64)

    def _callee(self) -> Callable[..., object]:
        """The callable that scores one network's outputs: the scoring itself, or an equivalent with less overhead."""
        return self


def keywords(sample_weight: FloatArray | None) -> dict[str, FloatArray]:
    """Return the keyword arguments of a call: the sample weights, if there are any."""
    return {} if sample_weight is None else {"sample_weight": sample_weight}


def call_each(
    scoring: Scoring, y_true: FloatArray, each: Iterator[FloatArray], sample_weight: FloatArray | None
) -> list[float]:
    """Call a scoring on the outputs of one network after the other, with as little overhead as possible.

    Raises:
        ScoringError: it raised an error, or did not return a number.
        Halted: the search was stopped between two of them.
    """
    function = scoring._callee()
    given = keywords(sample_weight)
    scores = []
    try:
        for outputs in each:
            poll()
            score = function(y_true, outputs, **given)
            scores.append(score if type(score) is float else _as_number(scoring, score))
    except ScoringError:
        raise
    except Exception as error:
        fix = "Let it work on (y_true, outputs) of these shapes, and take sample_weight if you pass one."
        if isinstance(error, ValueError) and "read-only" in str(error):
            fix = "Leave y_true and outputs as they are: compute new arrays from them, or write into a copy."
        elif outputs.shape[1:] == (1,) and y_true.ndim == 1 and isinstance(error, TypeError | ValueError):
            labels = ", and its labels outputs[:, 0] > 0.5" * bool(np.isin(y_true, (0.0, 1.0)).all())
            fix += f" The outputs of a single neuron are outputs[:, 0]{labels}."
        shapes = f"outputs of shape {outputs.shape} and targets of shape {y_true.shape}"
        raise ScoringError(message(f"scoring {shown(scoring)}", f"a number for {shapes}", said(error), fix)) from error
    return scores


def _as_number(scoring: Scoring, score: object) -> float:
    if type(score) is np.ndarray and score.shape == ():
        score = score.item()
    if isinstance(score, NUMBERS):
        with contextlib.suppress(OverflowError):  # an int beyond the largest float
            number = float(score)
            if math.isfinite(number) or not (isinstance(score, Decimal) and score.is_finite()):
                return number
    fix = fix_of_deferred(score) or "Reduce over samples and outputs to one float."
    if score is None:
        fix = "Let it return its result: a return is missing."
    elif isinstance(score, NUMBERS):
        fix = "Return a smaller one: the largest float is about 1.8 x 10^308."
    elif isinstance(score, complex | np.complexfloating):
        fix = "Return its real part (.real) or its magnitude (abs)."
    elif isinstance(score, np.ma.MaskedArray):
        fix = "Fill or drop the masked entries first, then reduce to one float."
    elif isinstance(score, np.ndarray) and score.size > 1:
        fix += " With one neuron, compare outputs[:, 0] with y_true."
    raise ScoringError(message(f"scoring {shown(scoring)}", "one number", describe(score), fix))


def target_shape_error(expected: str, targets: FloatArray, fix: str = FLAT_TARGETS) -> ShapeError:
    """Build the error for targets of another shape."""
    return ShapeError(message("y", expected, f"an array of shape {targets.shape}", fix))


def unequal_lengths(n_targets: int, other: str, n_samples: int, or_else: str = "") -> ShapeError:
    """Build the error for targets that do not have one entry per sample; `or_else` is another fix, if there is one."""
    fix = f"Pass {other} and y of the same samples. {or_else}".rstrip()
    return ShapeError(message("y", f"{n_samples} targets, one for each row of {other}", f"{n_targets}", fix))
