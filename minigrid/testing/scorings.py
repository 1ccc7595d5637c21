"""Is a scoring what it says it is? Tried on outputs of all kinds, and on boxes around them."""

import gc
import weakref

import numpy as np

from minigrid._typing import ArrayLike, FloatArray
from minigrid._validation import as_flag, as_int, message
from minigrid.exceptions import ScoringError
from minigrid.scoring import (
    ScoreFunction,
    Scoring,
    as_scoring,
    bound_scoring,
    call_scoring,
    probe_scoring,
    scoring_targets,
)
from minigrid.testing.values import check_value

_SPREADS = (0.0, 1e-300, 1e-12, 0.01, 0.3, 2.0, 1e6)


def check_scoring(
    scoring: Scoring | ScoreFunction, y: ArrayLike | None = None, *, n_outputs: int = 1, picklable: bool = True
) -> None:
    """Check that a scoring keeps all that minigrid relies on.

    It must return one finite number for finite outputs, the same for the same outputs, and leave its arguments
    alone; be no better than its `best_possible`, nor than its own bounds; give in a batch what calls give; be equal to
    its copies, hashable, picklable, and have a repr that makes it again.

    Args:
        scoring: built in or your own, or a function of (y_true, outputs).
        y: targets that it takes, a dozen or more; labels 0 and 1 (and 2, ... for several outputs) by default.
        n_outputs: how many outputs to try it on.
        picklable: False leaves out that it can be pickled, which one that is made inside a function cannot.

    Raises:
        InvalidTypeError, InvalidValueError: it is no scoring, or does not take such targets.
        ScoringError: it breaks its contract; the message says how, and how to mend it.

    Example:
        >>> from minigrid import Accuracy
        >>> check_scoring(Accuracy())
        >>> check_scoring(lambda y_true, outputs: np.nan)
        Traceback (most recent call last):
        ...
        minigrid.exceptions.ScoringError: scoring FunctionScoring(<lambda>): expected a finite score for outputs from
        -2.3250307746388343 to 1.3664634705496859, got nan. Return the worst score there is instead.
    """
    checked = as_scoring(
        scoring, "Pass an object such as Accuracy(), not its class, or a function of (y_true, outputs)."
    )
    as_flag(checked.greater_is_better, f"greater_is_better of scoring {checked!r}")
    width = as_int(n_outputs, "n_outputs", minimum=1)
    targets = scoring_targets(checked, np.arange(24) % max(width, 2) if y is None else y, width)
    weights: list[FloatArray | None] = [None]
    if checked.takes_weights:
        weights += [np.ones(len(targets)), np.linspace(0.25, 2.0, len(targets))]
    with np.errstate(all="ignore"):
        outputs = _outputs(targets, width)
        for weight in weights:
            _check_scores(checked, targets, outputs, weight)
            probe_scoring(checked, targets, outputs.copy(), weight)
            _check_bounds(checked, targets, outputs, weight)
        _check_lets_go(checked, targets, outputs[0])
    check_value(checked, f"scoring {checked!r}", ScoringError, picklable=as_flag(picklable, "picklable"))


def _outputs(targets: FloatArray, n_outputs: int) -> FloatArray:
    """Outputs of all kinds, shape (n_candidates, n_samples, n_outputs): chances, thresholds, zeros, far out."""
    generator = np.random.default_rng(0)
    shape = (len(targets), n_outputs)
    edges = np.array([0.5, np.nextafter(0.5, 1.0), np.nextafter(0.5, 0.0), 0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.0])
    right = np.empty(shape)
    right[:] = targets if targets.ndim == 2 else targets[:, np.newaxis]
    kinds = [
        generator.normal(size=shape),
        *(generator.uniform(size=(4, *shape))),
        *(edges[generator.integers(0, len(edges), size=(6, *shape))]),
        *(np.full(shape, edge) for edge in edges),
        *(right, 1.0 - right, np.eye(n_outputs)[targets.ravel()[: shape[0]].astype(np.int64) % n_outputs]),
        *(generator.normal(scale=scale, size=shape) for scale in (1e-310, 1e-8, 1e3, 1e50)),
        generator.choice([-1e100, 1e100], size=shape),
    ]
    return np.array(kinds)


def _check_scores(scoring: Scoring, targets: FloatArray, outputs: FloatArray, weight: FloatArray | None) -> None:
    """Score each, twice: finite, the same again, no better than the best possible, and weights of 1 change nothing."""
    what, best = f"scoring {scoring!r}", scoring.best_possible
    for one in outputs:
        score = call_scoring(scoring, targets, one.copy(), weight)
        if not np.isfinite(score):
            expected = f"a finite score for outputs from {float(one.min())!r} to {float(one.max())!r}"
            raise ScoringError(message(what, expected, f"{score}", "Return the worst score there is instead."))
        again = call_scoring(scoring, targets, one.copy(), weight)
        if again != score:
            mend = "Let it depend on its arguments alone: no random numbers, nothing counted from call to call."
            raise ScoringError(message(what, "the same score for the same outputs", f"{score!r} and {again!r}", mend))
        if _better(scoring, score, best):
            mend = "Let best_possible return a score that nothing can beat."
            raise ScoringError(message(f"best_possible of {what}", f"at best {score!r}, a score", f"{best!r}", mend))
        if weight is not None and (weight == 1.0).all():
            plain = call_scoring(scoring, targets, one.copy(), None)
            if abs(score - plain) > 1e-9 * max(1.0, abs(plain)):
                expected = f"{plain!r} where all weights are 1, as without weights"
                raise ScoringError(
                    message(what, expected, f"{score!r}", "Divide by the sum of the weights, if at all.")
                )


def _check_lets_go(scoring: Scoring, targets: FloatArray, one: FloatArray) -> None:
    """See that a call leaves its arguments alone, and keeps none of them."""
    own_targets, outputs = targets.copy(), one.copy()
    own_targets.flags.writeable = False
    kept = [weakref.ref(own_targets), weakref.ref(outputs)]
    call_scoring(scoring, own_targets, outputs, None)
    expected, what = "one that leaves its arguments alone", f"scoring {scoring!r}"
    if not (np.array_equal(own_targets, targets) and np.array_equal(outputs, one)):
        mend = "Compute new arrays from them."
        raise ScoringError(message(what, expected, "one that writes into them", mend))
    del own_targets, outputs
    gc.collect()
    if any(reference() is not None for reference in kept):
        mend = "Keep a copy, or better nothing: what they hold is known only during the call."
        raise ScoringError(message(what, expected, "one that keeps a reference to one", mend))


def _check_bounds(scoring: Scoring, targets: FloatArray, outputs: FloatArray, weight: FloatArray | None) -> None:
    """Compare scores with the bounds of boxes that hold their outputs, of no width and more, to the last bit."""
    generator = np.random.default_rng(3)
    for spread in _SPREADS:
        lower = outputs - spread * generator.uniform(size=outputs.shape)
        upper = outputs + spread * generator.uniform(size=outputs.shape)
        bounds = bound_scoring(scoring, targets, lower.copy(), upper.copy(), weight)
        few = slice(None, None, 5)
        fewer = bound_scoring(scoring, targets, lower[few].copy(), upper[few].copy(), weight)
        ends = np.where(generator.uniform(size=outputs.shape) < 0.5, lower, upper)
        for inside in (outputs, lower, upper, ends):
            for k, one in enumerate(inside):
                score = call_scoring(scoring, targets, one.copy(), weight)
                for bound in [bounds[k], *([fewer[k // 5]] if k % 5 == 0 else [])]:
                    if _better(scoring, score, float(bound)):
                        expected = f"the best score of outputs within {spread:g} of some, one of which scores {score!r}"
                        mend = "Let it return the best score possible in each box, or a better one, to the last bit."
                        got = f"{float(bound)!r}"
                        raise ScoringError(message(f"bound of scoring {scoring!r}", expected, got, mend))


def _better(scoring: Scoring, score: float, other: float) -> bool:
    return score > other if scoring.greater_is_better else score < other
