"""The base of all scorings: the one number that says how well outputs fit targets."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from minigrid._base.text import describe, message, said, shown
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid._base.validation import as_flag, as_floats, read_only
from minigrid._base.values import Plain
from minigrid.exceptions import MinigridError, ScoringError, ShapeError

BOUND_MEND = "Let it return the best score possible in each box, or a better one, to the last bit."
_WORDS = ("greater_is_better", "best_possible", "takes_weights", "declares_bounds")


class Scoring(Plain, ABC):
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
            raise target_shape_error(f"one target a sample, shape (n_samples,) or (n_samples, {n_outputs})", targets)
        return read_only(targets)

    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        """Bound the scores of all outputs between `lower` and `upper`, so that a search can prove things.

        A scoring that overrides it promises that no outputs in between score better, to the last bit. This
        one declares nothing but `best_possible`.

        Args:
            y_true: the targets as `check_targets` returned them.
            lower: the least outputs, shape (n_boxes, n_samples, n_outputs), finite.
            upper: the greatest, of the same shape.
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The best score that is possible, shape (n_boxes,).
        """
        return np.full(len(lower), self.best_possible)

    @property
    def declares_bounds(self) -> bool:
        """Whether `bound` says more than `best_possible` does."""
        return type(self).bound is not Scoring.bound

    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        """Score many networks' outputs; to the bit what `__call__` gives for each of them.

        Args:
            y_true: the targets as `check_targets` returned them.
            outputs: shape (n_candidates, n_samples, n_outputs).
            sample_weight: shape (n_samples,), or None for equal weights.

        Returns:
            The scores, shape (n_candidates,).
        """
        # Each call gets an array that nobody writes to, laid out as a network returns it.
        kept = outputs.ndim == 3 and not outputs.flags.writeable and outputs[:1].flags.c_contiguous
        each = iter(outputs) if kept else (read_only(one.copy()) for one in outputs)
        return np.array(_call_for_each(self, y_true, each, sample_weight), dtype=np.float64)

    def _callee(self) -> Callable[..., object]:
        """What is called to score one network's outputs: itself, or what does nothing else than it does."""
        return self


def call_scoring(scoring: Scoring, y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None) -> float:
    """Call a scoring on one network's outputs and check that it returns a number.

    Raises:
        ScoringError: it raised, or returned something else.
    """
    return _call_for_each(scoring, y_true, iter([read_only(outputs)]), sample_weight)[0]


def _call_for_each(
    scoring: Scoring, y_true: FloatArray, each: Iterator[FloatArray], sample_weight: FloatArray | None
) -> list[float]:
    """Call a scoring on the outputs of one network after the other, with as little besides as can be."""
    function = scoring._callee()
    given = {} if sample_weight is None else {"sample_weight": sample_weight}
    scores = []
    try:
        for outputs in each:
            score = function(y_true, outputs, **given)
            scores.append(score if type(score) is float else _as_number(scoring, score))
    except ScoringError:
        raise
    except Exception as error:
        mend = "Let it work on (y_true, outputs) of these shapes, and take sample_weight if you pass one."
        if isinstance(error, ValueError) and "read-only" in str(error):
            mend = "Leave y_true and outputs as they are: compute new arrays from them, or write into a copy."
        elif outputs.shape[1:] == (1,) and y_true.ndim == 1 and isinstance(error, TypeError | ValueError):
            mend += " The outputs of a single neuron are outputs[:, 0]."
        shapes = f"outputs of shape {outputs.shape} and targets of shape {y_true.shape}"
        raise ScoringError(message(f"scoring {shown(scoring)}", f"a number for {shapes}", said(error), mend)) from error
    return scores


def _as_number(scoring: Scoring, score: object) -> float:
    if type(score) is np.ndarray and score.shape == ():
        score = score.item()
    if isinstance(score, bool | int | float | np.bool_ | np.integer | np.floating):
        with contextlib.suppress(OverflowError):  # an int beyond the largest float
            return float(score)
    mend = "Reduce over samples and outputs to one float."
    if isinstance(score, np.ndarray) and score.size > 1:
        mend += " With one neuron, compare outputs[:, 0] with y_true."
    raise ScoringError(message(f"scoring {shown(scoring)}", "one number", describe(score), mend))


def batch_scoring(
    scoring: Scoring, y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None
) -> FloatArray:
    """Call a scoring's `batch` and check what it returns.

    Args:
        scoring: built in or a user's own.
        y_true: the targets as `check_targets` returned them.
        outputs: shape (n_candidates, n_samples, n_outputs), handed over read-only.
        sample_weight: shape (n_samples,), or None for equal weights.

    Raises:
        ScoringError: it raised, or returned anything but one float64 a candidate.
    """
    outputs.flags.writeable = False
    expected = f"a float64 array of shape ({len(outputs)},), one score a candidate"
    what = f"batch of scoring {shown(scoring)}"
    try:
        if sample_weight is None:
            scores: object = scoring.batch(y_true, outputs)
        else:
            scores = scoring.batch(y_true, outputs, sample_weight=sample_weight)
    except ScoringError:
        raise
    except Exception as error:
        mend = "Compute it with NumPy functions from outputs of shape (n_candidates, n_samples, n_outputs)."
        raise ScoringError(message(what, expected, said(error), mend)) from error
    if type(scores) is not np.ndarray or scores.dtype != np.float64 or scores.shape != (len(outputs),):
        raise ScoringError(message(what, expected, describe(scores), "Reduce over samples and outputs only."))
    checked: FloatArray = scores
    return checked


def scoring_targets(scoring: Scoring, y: ArrayLike, n_outputs: int) -> FloatArray:
    """Call a scoring's `check_targets` and check what it returns.

    Raises:
        ScoringError: it raised something else than an error of ours, or returned anything but a float64
            array of one or two dimensions.
    """
    expected = "a float64 array of shape (n_samples,) or (n_samples, n_outputs)"
    what = f"check_targets of scoring {shown(scoring)}"
    try:
        targets: object = scoring.check_targets(y, n_outputs)
    except MinigridError:
        raise
    except Exception as error:
        mend = "Pass targets that the scoring takes."
        raise ScoringError(message(what, expected, said(error), mend)) from error
    if type(targets) is not np.ndarray or targets.dtype != np.float64 or targets.ndim not in (1, 2):
        mend = "Return np.array(y, dtype=np.float64), or leave the method to the base class."
        raise ScoringError(message(what, expected, describe(targets), mend))
    checked: FloatArray = targets
    return read_only(checked.copy()) if checked.flags.writeable else checked


def probe_scoring(
    scoring: Scoring,
    y_true: FloatArray,
    outputs: FloatArray,
    sample_weight: FloatArray | None,
    *,
    twice: bool = True,
) -> None:
    """Call a scoring on the outputs of a few candidates, and see that `batch` scores them as calls do, and bounds hold.

    Args:
        scoring: built in or a user's own.
        y_true: the targets as `check_targets` returned them.
        outputs: shape (n_candidates, n_samples, n_outputs).
        sample_weight: shape (n_samples,), or None for equal weights.
        twice: whether to see, too, that it gives the same when it is called again, and no better than its bounds.

    Raises:
        ScoringError: as `call_scoring` and `batch_scoring`, or the two differ, or two calls do, be it in the last bit;
            or a score is better than the bound of a box that holds its outputs.
    """
    alone = np.array([call_scoring(scoring, y_true, one.copy(), sample_weight) for one in outputs])
    if twice:
        for k in range(len(outputs) - 1, -1, -1):  # in another order, as what it has kept may be of the call before
            check_same(scoring, float(alone[k]), call_scoring(scoring, y_true, outputs[k].copy(), sample_weight))
        if scoring.declares_bounds and np.isfinite(outputs).all():
            _try_bounds(scoring, y_true, outputs, alone, sample_weight)
    if type(scoring).batch is Scoring.batch:
        return
    together = batch_scoring(scoring, y_true, outputs, sample_weight)
    wrong = ~((together == alone) | (np.isnan(together) & np.isnan(alone)))
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ScoringError(
            message(
                f"batch of scoring {shown(scoring)}",
                f"{float(alone[k])!r}, to the bit what calling it gives for the same outputs",
                f"{float(together[k])!r}",
                "Compute both in the same way and order, or leave batch out.",
            )
        )


def _try_bounds(
    scoring: Scoring, y_true: FloatArray, outputs: FloatArray, scores: FloatArray, sample_weight: FloatArray | None
) -> None:
    """Compare scores with the bounds of their outputs alone, and of the box around all of them."""
    lower = np.concatenate([outputs, outputs.min(axis=0, keepdims=True)])
    upper = np.concatenate([outputs, outputs.max(axis=0, keepdims=True)])
    bounds = bound_scoring(scoring, y_true, lower, upper, sample_weight)
    around = float(bounds[-1])
    for score, alone in zip(scores.tolist(), bounds[:-1].tolist(), strict=True):
        for bound in (alone, around):
            if score > bound if scoring.greater_is_better else score < bound:
                expected = f"{score!r} or better, which outputs in the box score"
                raise ScoringError(message(f"bound of scoring {shown(scoring)}", expected, f"{bound!r}", BOUND_MEND))


def check_same(scoring: Scoring, score: float, again: float) -> None:
    """Check that two scores of the same arguments are the same, NaN included.

    Raises:
        ScoringError: they are not.
    """
    if again != score and not (np.isnan(again) and np.isnan(score)):
        mend = "Let it depend on its arguments alone: no random numbers, nothing counted from call to call."
        what, got = f"scoring {shown(scoring)}", f"{score!r} and {again!r}"
        raise ScoringError(message(what, "the same score for the same outputs", got, mend))


def bound_scoring(
    scoring: Scoring, y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None
) -> FloatArray:
    """Call a scoring's `bound` and check what it returns.

    Raises:
        ScoringError: it raised, or returned anything but one number a box, none of them NaN.
    """
    expected = f"a float64 array of shape ({len(lower)},), the best score possible in each box"
    what = f"bound of scoring {shown(scoring)}"
    try:
        if sample_weight is None:
            bounds: object = scoring.bound(y_true, lower, upper)
        else:
            bounds = scoring.bound(y_true, lower, upper, sample_weight=sample_weight)
    except Exception as error:
        mend = "Compute it with NumPy functions from arrays of shape (n_boxes, n_samples, n_outputs)."
        if not callable(getattr(scoring, "bound", None)):
            mend = "Let bound be a method, see minigrid.Scoring.bound, or leave it out."
        raise ScoringError(message(what, expected, said(error), mend)) from error
    if type(bounds) is not np.ndarray or bounds.dtype != np.float64 or bounds.shape != (len(lower),):
        raise ScoringError(message(what, expected, describe(bounds), "Reduce over samples and outputs only."))
    if np.isnan(bounds).any():
        raise ScoringError(message(what, expected, "NaN", "Return best_possible where you know nothing."))
    checked: FloatArray = bounds
    return checked


def check_limits(scoring: Scoring) -> None:
    """Check what a scoring says of itself besides its scores.

    Raises:
        ScoringError: `best_possible` is no number, or NaN; its repr or one of these raises.
        InvalidTypeError: `greater_is_better` or `takes_weights` is neither True nor False.
    """
    for name in ("repr", *_WORDS):
        try:
            repr(scoring) if name == "repr" else getattr(scoring, name)
        except Exception as error:
            what, expected = f"scoring of class {type(scoring).__name__}", f"a scoring whose {name} can be asked for"
            raise ScoringError(message(what, expected, said(error), f"Mend its {name}.")) from error
    as_flag(scoring.greater_is_better, f"greater_is_better of scoring {scoring!r}")
    best: object = scoring.best_possible
    if isinstance(best, bool) or not isinstance(best, int | float | np.integer | np.floating) or np.isnan(best):
        expected = "a number, infinite if there is no limit"
        mend = "Define it as a property (@property) that returns one."
        raise ScoringError(message(f"best_possible of scoring {shown(scoring)}", expected, describe(best), mend))
    as_flag(scoring.takes_weights, f"takes_weights of scoring {shown(scoring)}")


def target_shape_error(
    expected: str, targets: FloatArray, mend: str = "Pass a flat list of the samples' targets."
) -> ShapeError:
    """Build the error for targets of another shape."""
    return ShapeError(message("y", expected, f"an array of shape {targets.shape}", mend))


def unequal_lengths(n_targets: int, other: str, n_samples: int) -> ShapeError:
    """Build the error for targets that do not have one entry a sample."""
    mend = f"Pass {other} and y of the same samples."
    return ShapeError(message("y", f"{n_samples} targets, one for each row of {other}", f"{n_targets}", mend))
