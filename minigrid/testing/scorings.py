"""Does a scoring do what it declares? Tried on outputs of all kinds, and on boxes around them."""

import gc
import weakref
from typing import NoReturn

import numpy as np

from minigrid._base.text import message, shown
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid._base.validation import as_flag, as_int
from minigrid.exceptions import ScoringError
from minigrid.scoring import (
    BOUND_FIX,
    UNPAIRED_FIX,
    ScoreFunction,
    Scoring,
    are_alike,
    as_scoring,
    bound_scoring,
    call_scoring,
    check_limits,
    check_same,
    probe_scoring,
    scoring_targets,
    warn_if_doubtful,
)
from minigrid.testing.values import check_value

_SPREADS = (0.0, 1e-300, 1e-12, 0.01, 0.3, 2.0, 1e6)


def check_scoring(
    scoring: Scoring | ScoreFunction,
    y: ArrayLike | None = None,
    *,
    n_outputs: int = 1,
    picklable: bool = True,
    pairwise: bool = True,
) -> None:
    """Check that a scoring keeps all promises that minigrid relies on.

    It must return one finite number for finite outputs, and the same for the same outputs. It must not change its
    arguments. It must compare each sample's outputs with its own target, whatever the order of the samples. No score
    may be better than ``best_possible`` or its own bounds. A batch must give the same as single calls. It must equal
    its copies, be hashable and picklable, and have a repr that recreates it.

    Args:
        scoring: a built-in or custom scoring, or a function of (y_true, outputs).
        y: targets that it accepts, a dozen or more. Default None: labels 0 and 1 (and 2, ... for several outputs).
        n_outputs: how many outputs a sample has. Default 1.
        picklable: False skips the check that it can be pickled. Pass it if you define it inside a function.
        pairwise: False skips the check that it compares outputs with targets sample by sample. Pass it for a score that
            depends on the order of the samples, or on all of them together.

    Raises:
        InvalidTypeError: it is not a scoring.
        InvalidValueError: it does not accept such targets.
        ScoringError: it breaks its contract; the message says how, and how to fix it.

    Warns:
        UserWarning: better outputs get a worse score, as with a loss that is passed as a bare function.

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
    check_limits(checked)
    width = as_int(n_outputs, "n_outputs", minimum=1)
    targets = scoring_targets(checked, np.arange(24) % max(width, 2) if y is None else y, width)
    weights: list[FloatArray | None] = [None]
    if checked.takes_weights:
        weights += [np.ones(len(targets)), np.linspace(0.25, 2.0, len(targets))]
    with np.errstate(all="ignore"):
        outputs = _outputs(targets, width)
        for weight in weights:
            _check_scores(checked, targets, outputs, weight)
            for size in (len(targets), 4):
                _check_lets_go(checked, targets[:size], outputs[0][:size])
            if as_flag(pairwise, "pairwise"):
                _check_pairs(checked, targets, outputs, weight)
            _check_bounds(checked, targets, outputs, weight)
            probe_scoring(checked, targets, outputs.copy(), weight)
        if pairwise:
            warn_if_doubtful(checked, targets, width, None, stacklevel=2)
    check_value(checked, f"scoring {shown(checked)}", ScoringError, picklable=as_flag(picklable, "picklable"))


def _outputs(targets: FloatArray, n_outputs: int) -> FloatArray:
    """Outputs of all kinds, shape (n_candidates, n_samples, n_outputs): probabilities, thresholds, zeros, extremes."""
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
    """Score each three times: finite, equal, and no better than the best possible; weights of 1 change nothing."""
    what, best = f"scoring {shown(scoring)}", scoring.best_possible
    scores = [call_scoring(scoring, targets, one.copy(), weight) for one in outputs]
    for one, score in zip(outputs, scores, strict=True):
        if not np.isfinite(score):
            expected = f"a finite score for outputs from {float(one.min())!r} to {float(one.max())!r}"
            raise ScoringError(message(what, expected, f"{score}", "Return the worst score there is instead."))
        check_same(scoring, score, call_scoring(scoring, targets, one.copy(), weight))
        if _better(scoring, score, best):
            fix = "Let best_possible return a score that nothing can beat."
            raise ScoringError(message(f"best_possible of {what}", f"at best {score!r}, a score", f"{best!r}", fix))
        if weight is not None and (weight == 1.0).all():
            plain = call_scoring(scoring, targets, one.copy(), None)
            if not are_alike(score, plain):
                expected = f"{plain!r} where all weights are 1, as without weights"
                fix = "Divide by the sum of the weights, if at all."
                raise ScoringError(message(what, expected, f"{score!r}", fix))
    for k in range(len(outputs) - 1, -1, -1):  # after a different call, and sometimes after many
        check_same(scoring, scores[k], call_scoring(scoring, targets, outputs[k].copy(), weight))


def _check_pairs(scoring: Scoring, targets: FloatArray, outputs: FloatArray, weight: FloatArray | None) -> None:
    """Shuffle samples with their targets, which must not change the score, and only one of them, which must."""
    generator, what = np.random.default_rng(4), f"scoring {shown(scoring)}"
    pairing_counts, columns_count = False, np.zeros(outputs.shape[-1], dtype=bool)
    for one in outputs:
        score = call_scoring(scoring, targets, one.copy(), weight)
        order = generator.permutation(len(targets))
        together = call_scoring(
            scoring, targets[order], one[order].copy(), None if weight is None else weight[order].copy()
        )
        if not are_alike(score, together):
            expected = f"{score!r} for the same samples and targets in another order"
            fix = (
                "Treat all samples alike: no first or last one, no cutting by position. If the order of the samples "
                "in time is what it is about, pass pairwise=False."
            )
            raise ScoringError(message(what, expected, f"{together!r}", fix))
        pairing_counts |= not are_alike(score, call_scoring(scoring, targets, one[order].copy(), weight))
        for k in range(one.shape[-1]):
            moved = one.copy()
            moved[:, k] = moved[order, k] + 0.5
            columns_count[k] |= not are_alike(score, call_scoring(scoring, targets, moved, weight))
    if not pairing_counts:
        expected = "a score that compares the outputs of each sample with its own target"
        got = f"the same score when outputs of shape {outputs.shape[1:]} are shuffled among targets of shape "
        fix = f"{UNPAIRED_FIX} If it is about all samples as a whole, pass pairwise=False."
        raise ScoringError(message(what, expected, f"{got}{targets.shape}", fix))
    if not columns_count.all():
        column = int(np.argmin(columns_count))
        expected = f"a score that depends on all outputs of shape {outputs.shape[1:]}"
        got = f"one that is the same whatever outputs[:, {column}] holds"
        fix = "Look at each output neuron's column; or check it for the n_outputs that it is meant for."
        raise ScoringError(message(what, expected, got, fix))


def _check_lets_go(scoring: Scoring, targets: FloatArray, one: FloatArray) -> None:
    """Check that a call does not change its arguments or keep references to them."""
    own_targets, outputs = targets.copy(), one.copy()
    own_targets.flags.writeable = False
    kept = [weakref.ref(own_targets), weakref.ref(outputs)]
    call_scoring(scoring, own_targets, outputs, None)
    expected, what = "one that leaves its arguments alone", f"scoring {shown(scoring)}"
    if not (np.array_equal(own_targets, targets) and np.array_equal(outputs, one)):
        fix = "Compute new arrays from them."
        raise ScoringError(message(what, expected, "one that writes into them", fix))
    del own_targets, outputs
    if any(reference() is not None for reference in kept):
        gc.collect()  # they may be in reference cycles; collecting these may take long
    if any(reference() is not None for reference in kept):
        fix = "Keep a copy, or better nothing: what they hold is known only during the call."
        raise ScoringError(message(what, expected, "one that keeps a reference to one", fix))


def _check_bounds(scoring: Scoring, targets: FloatArray, outputs: FloatArray, weight: FloatArray | None) -> None:
    """Compare scores with the bounds of boxes of several sizes around their outputs, bit for bit.

    Boxes are equally wide for all samples, wide for one sample only, or of different widths. A call gets few, many, or
    a single one.
    """
    generator = np.random.default_rng(3)
    widths = [np.full(outputs.shape, spread) for spread in _SPREADS]
    single = np.zeros((3, *outputs.shape))
    samples = generator.integers(0, outputs.shape[1], size=(3, len(outputs)))
    for number, wide in enumerate((0.3, 2.0, 1e6)):
        single[number, np.arange(len(outputs)), samples[number]] = wide
    mixed = generator.choice(_SPREADS, size=(2, *outputs.shape))
    lowers, uppers, others = [], [], []
    for width in (*widths, *single, *mixed):
        lower = outputs - width * generator.uniform(size=outputs.shape)
        upper = outputs + width * generator.uniform(size=outputs.shape)
        lowers.append(lower)
        uppers.append(upper)
        ends = np.where(generator.uniform(size=outputs.shape) < 0.5, lower, upper)
        others.append(np.stack([outputs, lower, upper, ends], axis=1))
    low, high, inside = np.concatenate(lowers), np.concatenate(uppers), np.concatenate(others)
    best = np.array([_best_of(scoring, targets, some, weight) for some in inside])
    n_boxes = len(low)
    for size in (1, 5, len(outputs), 300, n_boxes):
        starts = range(0, n_boxes, size) if size > 1 else range(0, n_boxes, 7)
        for start in starts:
            some = slice(start, min(start + size, n_boxes))
            bounds = bound_scoring(scoring, targets, low[some].copy(), high[some].copy(), weight)
            wrong = best[some] > bounds if scoring.greater_is_better else best[some] < bounds
            if wrong.any():
                k = int(np.argmax(wrong))
                box = low[some][k], high[some][k]
                _refuse_bound(scoring, float(best[some][k]), float(bounds[k]), box, len(bounds))


def _best_of(scoring: Scoring, targets: FloatArray, some: FloatArray, weight: FloatArray | None) -> float:
    """The best score among outputs of shape (n, n_samples, n_outputs), none of which is NaN."""
    scores = [call_scoring(scoring, targets, one.copy(), weight) for one in some]
    return max(scores) if scoring.greater_is_better else min(scores)


def _refuse_bound(
    scoring: Scoring, score: float, bound: float, box: tuple[FloatArray, FloatArray], n_boxes: int
) -> NoReturn:
    widths = box[1] - box[0]
    n_wide = int(np.count_nonzero(widths.max(axis=-1)))
    box_is = (
        f"where {n_wide} of {len(widths)} samples have a range, up to {widths.max():g} wide" if n_wide else "a point"
    )
    expected = (
        f"the best score in a box, {box_is}, some outputs of which score {score!r}, in a call with {n_boxes} "
        f"box{'' if n_boxes == 1 else 'es'}"
    )
    raise ScoringError(message(f"bound of scoring {shown(scoring)}", expected, f"{bound!r}", BOUND_FIX))


def _better(scoring: Scoring, score: float, other: float) -> bool:
    return score > other if scoring.greater_is_better else score < other
