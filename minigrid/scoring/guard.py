"""The guard around every scoring and penalty: it checks what custom ones return."""

import time

import numpy as np

from minigrid._base.arrays import is_float64, read_only
from minigrid._base.text import describe, message, said, shown
from minigrid._base.typing import ArrayLike, BoolArray, FloatArray
from minigrid._base.validation import as_flag, final_base
from minigrid.exceptions import MinigridError, PenaltyError, ScoringError
from minigrid.scoring.base import Scoring, call_each, keywords
from minigrid.scoring.penalty import BuiltinPenalty, Penalty

__all__ = [
    "BOUND_FIX",
    "PENALTY_BOUNDS_FIX",
    "SECONDS",
    "batch_scoring",
    "bound_penalty",
    "bound_scoring",
    "call_penalty",
    "call_scoring",
    "check_fit",
    "check_limits",
    "check_same",
    "probe_penalty",
    "probe_scoring",
    "scoring_targets",
]

SECONDS = 0.25
"""How long each check of a custom scoring may go on calling it."""

BOUND_FIX = "Let it return the best score possible in each box, or a better one, bit for bit."
PENALTY_BOUNDS_FIX = "Let them return the least penalty in each box, or less, bit for bit."
_A_COST = "a number of at least 0"
_PENALTY_FIX = "A penalty makes a candidate worse: return 0 or more."
_WORDS = ("greater_is_better", "best_possible", "takes_weights", "declares_bounds")


def call_scoring(scoring: Scoring, y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None) -> float:
    """Call a scoring on one network's outputs and check that it returns a number.

    Raises:
        ScoringError: it raised an error, or returned something else.
    """
    return call_each(scoring, y_true, iter([read_only(outputs)]), sample_weight)[0]


def batch_scoring(
    scoring: Scoring, y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None
) -> FloatArray:
    """Call a scoring's `batch` and check what it returns.

    Args:
        scoring: a built-in or custom scoring.
        y_true: the targets as `check_targets` returned them.
        outputs: shape (n_candidates, n_samples, n_outputs), passed read-only.
        sample_weight: shape (n_samples,), or None for equal weights.

    Raises:
        ScoringError: it raised an error, or did not return one float64 per candidate.
    """
    outputs.flags.writeable = False
    expected = f"a float64 array of shape ({len(outputs)},), one score a candidate"
    what = f"batch of scoring {shown(scoring)}"
    try:
        scores: object = scoring.batch(y_true, outputs, **keywords(sample_weight))
    except ScoringError:
        raise
    except Exception as error:
        fix = "Compute it with NumPy functions from outputs of shape (n_candidates, n_samples, n_outputs)."
        raise ScoringError(message(what, expected, said(error), fix)) from error
    if not is_float64(scores, (len(outputs),)):
        raise ScoringError(message(what, expected, describe(scores), "Reduce over samples and outputs only."))
    return scores


def scoring_targets(scoring: Scoring, y: ArrayLike, n_outputs: int) -> FloatArray:
    """Call a scoring's `check_targets` and check what it returns.

    Raises:
        ScoringError: it raised an error that is not minigrid's, or did not return a float64 array of one or two
            dimensions.
    """
    expected = "a float64 array of shape (n_samples,) or (n_samples, n_outputs)"
    what = f"check_targets of scoring {shown(scoring)}"
    try:
        targets: object = scoring.check_targets(y, n_outputs)
    except MinigridError:
        raise
    except Exception as error:
        fix = "Pass targets that the scoring takes."
        raise ScoringError(message(what, expected, said(error), fix)) from error
    if not is_float64(targets) or targets.ndim not in (1, 2):
        fix = "Return np.array(y, dtype=np.float64), or leave the method to the base class."
        raise ScoringError(message(what, expected, describe(targets), fix))
    return read_only(targets.copy()) if targets.flags.writeable else targets


def probe_scoring(
    scoring: Scoring,
    y_true: FloatArray,
    outputs: FloatArray,
    sample_weight: FloatArray | None,
    *,
    twice: bool = True,
) -> None:
    """Score the outputs of a few candidates, and check that `batch` agrees with single calls, and that bounds hold.

    A slow scoring is called on fewer of them, at least on the first.

    Args:
        scoring: a built-in or custom scoring.
        y_true: the targets as `check_targets` returned them.
        outputs: shape (n_candidates, n_samples, n_outputs).
        sample_weight: shape (n_samples,), or None for equal weights.
        twice: whether to check also that a second call returns the same, and that no score is better than its bound.

    Raises:
        ScoringError: as `call_scoring` and `batch_scoring`. Also if the two differ, or two calls differ, even in the
            last bit; or if a score is better than the bound of a box that contains its outputs.
    """
    began, scores = time.perf_counter(), list[float]()
    for one in outputs:
        if scores and _is_late(began, len(scores), SECONDS / 2.0):
            break
        scores.append(call_scoring(scoring, y_true, one.copy(), sample_weight))
    outputs, alone = outputs[: len(scores)], np.array(scores)
    if twice:
        for k in range(len(outputs) - 1, -1, -1):  # in reverse: it may keep results
            if _is_late(began, 2 * len(outputs) - 1 - k, SECONDS):
                break
            check_same(scoring, float(alone[k]), call_scoring(scoring, y_true, outputs[k].copy(), sample_weight))
        if scoring.declares_bounds and np.isfinite(outputs).all():
            _try_bounds(scoring, y_true, outputs, alone, sample_weight)
    if type(scoring).batch is Scoring.batch:
        return
    together = batch_scoring(scoring, y_true, outputs, sample_weight)
    wrong = ~((together == alone) | (np.isnan(together) & np.isnan(alone)))
    if wrong.any():
        k = int(np.argmax(wrong))
        expected = f"{float(alone[k])!r}, bit for bit what calling it gives for the same outputs"
        what, fix = f"batch of scoring {shown(scoring)}", "Compute both in the same way and order, or leave batch out."
        raise ScoringError(message(what, expected, f"{float(together[k])!r}", fix))


def _is_late(began: float, n_calls: int, seconds: float) -> bool:
    """Tell whether one more call, as long as those since `began`, would take longer in all than these seconds."""
    return (time.perf_counter() - began) * (n_calls + 1) > seconds * n_calls


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
                end = "at least" if scoring.greater_is_better else "at most"
                expected = f"{end} {score!r}, the score of outputs in the box"
                raise ScoringError(message(f"bound of scoring {shown(scoring)}", expected, f"{bound!r}", BOUND_FIX))


def check_same(scoring: Scoring, score: float, again: float) -> None:
    """Check that two scores of the same arguments are equal; NaN equals NaN.

    Raises:
        ScoringError: they are not.
    """
    if again != score and not (np.isnan(again) and np.isnan(score)):
        fix = "Let it depend on its arguments alone: no random numbers, nothing counted from call to call."
        what, got = f"scoring {shown(scoring)}", f"{score!r} and {again!r}"
        raise ScoringError(message(what, "the same score for the same outputs", got, fix))


def bound_scoring(
    scoring: Scoring, y_true: FloatArray, lower: FloatArray, upper: FloatArray, sample_weight: FloatArray | None
) -> FloatArray:
    """Call a scoring's `bound` and check what it returns.

    Raises:
        ScoringError: it raised an error, or did not return one number per box, none of them NaN.
    """
    expected = f"a float64 array of shape ({len(lower)},), the best score possible in each box"
    what = f"bound of scoring {shown(scoring)}"
    try:
        bounds: object = scoring.bound(y_true, lower, upper, **keywords(sample_weight))
    except Exception as error:
        fix = "Compute it with NumPy functions from arrays of shape (n_boxes, n_samples, n_outputs)."
        if not callable(getattr(scoring, "bound", None)):
            fix = "Let bound be a method, see minigrid.Scoring.bound, or leave it out."
        raise ScoringError(message(what, expected, said(error), fix)) from error
    if not is_float64(bounds, (len(lower),)):
        raise ScoringError(message(what, expected, describe(bounds), "Reduce over samples and outputs only."))
    if np.isnan(bounds).any():
        raise ScoringError(message(what, expected, "NaN", "Return best_possible where you know nothing."))
    return bounds


def check_limits(scoring: Scoring) -> None:
    """Check what a scoring declares, apart from its scores.

    Raises:
        ScoringError: `best_possible` is not a number, or NaN; or its repr or one of these attributes raises an error.
        InvalidTypeError: `greater_is_better` or `takes_weights` is neither True nor False.
    """
    for name in ("repr", *_WORDS):
        try:
            repr(scoring) if name == "repr" else getattr(scoring, name)
        except Exception as error:
            what, expected = f"scoring of class {type(scoring).__name__}", f"a scoring whose {name} can be asked for"
            raise ScoringError(message(what, expected, said(error), f"Fix its {name}.")) from error
    as_flag(scoring.greater_is_better, f"greater_is_better of scoring {scoring!r}")
    best: object = scoring.best_possible
    if isinstance(best, bool) or not isinstance(best, int | float | np.integer | np.floating) or np.isnan(best):
        expected = "a number, infinite if there is no limit"
        fix = "Define it as a property (@property) that returns one."
        raise ScoringError(message(f"best_possible of scoring {shown(scoring)}", expected, describe(best), fix))
    as_flag(scoring.takes_weights, f"takes_weights of scoring {shown(scoring)}")


def check_fit(penalty: Penalty, is_weight: BoolArray) -> None:
    """Check that a penalty fits a network, and is not derived from a built-in one.

    Args:
        penalty: a built-in or custom penalty.
        is_weight: shape (n_parameters,).

    Raises:
        PenaltyError: it is derived from a built-in one, so that facts that engines rely on may not hold.
        InvalidValueError: it does not work with this many weights.
    """
    base = final_base(type(penalty)) if isinstance(penalty, BuiltinPenalty) else None
    if base is not None:
        fix = f"Derive from Penalty, and hold a {base.__name__} inside if you need one."
        raise PenaltyError(message(f"penalty {shown(penalty)}", "a built-in penalty as it is", "a subclass", fix))
    penalty.check_network(int(np.count_nonzero(is_weight)))


def call_penalty(penalty: Penalty, parameters: FloatArray, is_weight: BoolArray) -> FloatArray:
    """Call a penalty on many settings and check what it returns.

    Args:
        penalty: a built-in or custom penalty.
        parameters: shape (n_candidates, n_parameters), passed read-only.
        is_weight: shape (n_parameters,).

    Returns:
        Shape (n_candidates,): 0 or more, infinite where a candidate is forbidden.

    Raises:
        PenaltyError: it raised an error, or did not return a number of at least 0 for each.
    """
    if isinstance(penalty, BuiltinPenalty):
        return penalty.batch(parameters, is_weight)
    what, rows = f"penalty {shown(penalty)}", read_only(parameters.view())
    if type(penalty).batch is not Penalty.batch:
        expected = f"a float64 array of shape ({len(rows)},), one number of at least 0 a candidate"
        try:
            costs: object = penalty.batch(rows, is_weight)
        except Exception as error:
            fix = "Compute it with NumPy functions from parameters of shape (n_candidates, n_parameters)."
            raise PenaltyError(message(f"batch of {what}", expected, said(error), fix)) from error
        if not is_float64(costs, (len(rows),)):
            raise PenaltyError(message(f"batch of {what}", expected, describe(costs), "Sum over parameters only."))
        wrong = ~(costs >= 0.0)
        if wrong.any():
            got = repr(float(costs[int(np.argmax(wrong))]))
            raise PenaltyError(message(f"batch of {what}", expected, got, _PENALTY_FIX))
        return costs
    return np.array([_cost_of(penalty, row, is_weight) for row in rows])


def _cost_of(penalty: Penalty, row: FloatArray, is_weight: BoolArray) -> float:
    """Call a penalty on one setting, shape (n_parameters,), and check what it returns."""
    what = f"penalty {shown(penalty)}"
    try:
        cost: object = penalty(row, is_weight)
    except Exception as error:
        fix = "Compute it from parameters of shape (n_parameters,), and leave them as they are."
        raise PenaltyError(message(what, _A_COST, said(error), fix)) from error
    if isinstance(cost, bool) or not isinstance(cost, int | float | np.integer | np.floating):
        raise PenaltyError(message(what, _A_COST, describe(cost), "Reduce over the parameters to one float."))
    if not cost >= 0.0:
        raise PenaltyError(message(what, _A_COST, describe(cost), _PENALTY_FIX))
    try:
        return float(cost)
    except OverflowError as error:  # an int beyond the largest float
        fix = "Return math.inf to forbid a candidate."
        raise PenaltyError(message(what, _A_COST, "an int beyond the largest float", fix)) from error


def bound_penalty(penalty: Penalty, lower: FloatArray, upper: FloatArray, is_weight: BoolArray) -> FloatArray:
    """Call a penalty's `bounds` and check what it returns.

    Raises:
        PenaltyError: it raised an error, or did not return one number per box, none of them NaN.
    """
    if isinstance(penalty, BuiltinPenalty):
        return penalty.bounds(lower, upper, is_weight)
    expected, what = f"a float64 array of shape ({len(lower)},), the least penalty in each box", shown(penalty)
    try:
        bounds: object = penalty.bounds(lower, upper, is_weight)
    except Exception as error:
        fix = "Compute it with NumPy functions from arrays of shape (n_boxes, n_parameters)."
        raise PenaltyError(message(f"bounds of penalty {what}", expected, said(error), fix)) from error
    if not is_float64(bounds, (len(lower),)):
        fix = "Sum over parameters only."
        raise PenaltyError(message(f"bounds of penalty {what}", expected, describe(bounds), fix))
    if np.isnan(bounds).any():
        fix = "Return 0 where you know nothing."
        raise PenaltyError(message(f"bounds of penalty {what}", expected, "NaN", fix))
    return np.maximum(bounds, 0.0)  # no penalty is lower


def probe_penalty(penalty: Penalty, parameters: FloatArray, is_weight: BoolArray) -> None:
    """Call a penalty on a few candidates, and check that single calls agree, and that bounds hold.

    Args:
        penalty: a custom penalty; a built-in one needs no check.
        parameters: shape (n_candidates, n_parameters), at least one.
        is_weight: shape (n_parameters,).

    Raises:
        PenaltyError: as `call_penalty` and `bound_penalty`. Also if two calls, or `batch` and a call, differ, even in
            the last bit; or if a penalty is below the bound of a box that contains its parameters.
    """
    if isinstance(penalty, BuiltinPenalty):
        return
    costs, what = call_penalty(penalty, parameters, is_weight), shown(penalty)
    for row, cost in zip(parameters[::-1], costs[::-1].tolist(), strict=True):
        alone = _cost_of(penalty, read_only(row.copy()), is_weight)
        if alone != cost:
            fix = "Let it depend on its arguments alone; compute one and many in the same order, or leave batch out."
            got = f"{cost!r} and {alone!r}"
            raise PenaltyError(message(f"penalty {what}", "the same number for the same parameters", got, fix))
    if penalty.declares_bounds:
        lower = np.concatenate([parameters, parameters.min(axis=0, keepdims=True)])
        upper = np.concatenate([parameters, parameters.max(axis=0, keepdims=True)])
        bounds = bound_penalty(penalty, lower, upper, is_weight)
        largest = np.maximum(bounds[:-1], bounds[-1])
        wrong = largest > costs
        if wrong.any():
            k = int(np.argmax(wrong))
            expected = f"at most {float(costs[k])!r}, the cost of a setting in the box"
            raise PenaltyError(
                message(f"bounds of penalty {what}", expected, repr(float(largest[k])), PENALTY_BOUNDS_FIX)
            )
