"""Does a score get better when the outputs do?

A loss that is passed as a bare function is maximised: the search then finds the worst network, and proves that it
is the best. A score that never changes makes every candidate the best.
"""

import time
import warnings

import numpy as np

from minigrid._base.text import message, shown
from minigrid._base.typing import FloatArray
from minigrid.exceptions import ScoringError
from minigrid.scoring.base import Scoring
from minigrid.scoring.guard import call_scoring
from minigrid.scoring.pairing import SECONDS, are_alike

_SHUFFLES = 8
_SURE = 0.98  # the output for a label, as the logarithm of 1 - 1 is infinite
_SPREADS = (0.5, 1.0, 100.0)
_OF_LOSSES = ("loss", "error", "deviance")  # how their names end


def warn_if_pointless(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None, *, stacklevel: int
) -> None:
    """Warn if outputs near the targets score worse than shuffled ones, or if all outputs score the same.

    A slow scoring is called only a few times: whether it is constant is then not known, and not said.

    Args:
        scoring: a custom scoring.
        targets: as its `check_targets` returned them.
        n_outputs: how many outputs each sample has.
        sample_weight: shape (n_samples,), or None for equal weights.
        stacklevel: of the warning, seen from here.
    """
    if len(targets) < 2 or (targets == targets[0]).all():
        return
    what = f"scoring {shown(scoring)}"
    if _is_constant(scoring, targets, n_outputs, sample_weight):
        expected, got = "a score that depends on the outputs", "the same score for all outputs that were tried"
        text = message(what, expected, got, "Compute it from outputs and y_true, or every candidate is the best.")
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
        return
    try:
        scores = _right_and_wrong(scoring, targets, n_outputs, sample_weight)
    except ScoringError:  # it does not take generated outputs: the network's may be others
        scores = None
    sign, name = (1.0 if scoring.greater_is_better else -1.0), _name(scoring)
    is_reversed = scores is not None and scores[0] < scores[1]
    is_called_a_loss = scoring.greater_is_better and name.endswith(_OF_LOSSES) and not name.startswith(("neg", "minus"))
    if not is_reversed and not (is_called_a_loss and scores is None):
        return
    better, worse = ("higher", "lower") if scoring.greater_is_better else ("lower", "higher")
    got = f"one that is called {name}"
    if scores is not None:
        near, others = (f"{sign * score:.6g}" for score in scores)
        side = "least" if scoring.greater_is_better else "most"
        got = f"{near} for outputs near the targets, and at {side} {others} for shuffled ones"
    fix = f"If {worse} is better, pass FunctionScoring(f, greater_is_better={not scoring.greater_is_better})."
    text = message(what, f"a {better} score for better outputs", got, fix)
    warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)


def _name(scoring: Scoring) -> str:
    """What a function is called, or the class of a scoring, in lower case."""
    function = getattr(scoring, "_function", None)
    return str(getattr(function, "__name__", type(scoring).__name__)).lower()


def _is_constant(scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None) -> bool:
    generator, first, began = np.random.default_rng(1), None, time.perf_counter()
    for spread in _SPREADS * _SHUFFLES:
        outputs = 0.5 + spread * generator.uniform(-1.0, 1.0, size=(len(targets), n_outputs))
        try:
            score = call_scoring(scoring, targets, outputs, sample_weight)
        except ScoringError:  # it does not take all outputs
            return False
        if first is not None and not are_alike(score, first):
            return False
        if time.perf_counter() - began > SECONDS:
            return False
        first = score
    return True


def _right_and_wrong(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None
) -> tuple[float, float] | None:
    """Score outputs near the targets, and the same outputs shuffled and constant: the worst of these. Higher is better.

    None if the two cannot be compared.
    """
    right = _near(targets, n_outputs)
    if right is None:
        return None
    generator, sign = np.random.default_rng(2), 1.0 if scoring.greater_is_better else -1.0
    orders = [generator.permutation(len(right)) for _ in range(_SHUFFLES)]
    wrong = [right[order] for order in orders if not np.array_equal(right[order], right)]
    wrong.append(np.broadcast_to(right.mean(axis=0), right.shape).copy())
    if targets.ndim == 1 and n_outputs > 1:
        drawn = generator.random(right.shape) + 0.01
        chances = drawn / drawn.sum(axis=1, keepdims=True)  # which no coincidence makes alike
        if not all(_treats_labels_alike(scoring, targets, one, sample_weight) for one in (right, chances)):
            return None
    own = sign * call_scoring(scoring, targets, right.copy(), sample_weight)
    others, began = list[float](), time.perf_counter()
    for outputs in wrong:
        others.append(sign * call_scoring(scoring, targets, outputs, sample_weight))
        if time.perf_counter() - began > SECONDS:
            break
    worst = min(others)
    if not np.isfinite([own, worst]).all():
        return None
    return (worst, worst) if are_alike(own, worst) else (own, worst)


def _treats_labels_alike(
    scoring: Scoring, targets: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None
) -> bool:
    """Whether a score stays the same if labels and outputs get other numbers: only then, an output is for each label.

    What else a custom scoring may do with several outputs is not known.
    """
    others = (targets + 1.0) % outputs.shape[1], np.roll(outputs, 1, axis=1)
    score = call_scoring(scoring, targets, outputs.copy(), sample_weight)
    return are_alike(score, call_scoring(scoring, *others, sample_weight))


def _near(targets: FloatArray, n_outputs: int) -> FloatArray | None:
    """Outputs near the targets, shape (n_samples, n_outputs); None if it is not known which these are."""
    if targets.ndim == 2:
        return targets if targets.shape[1] == n_outputs else None
    if n_outputs == 2:  # the first may be for label 1, and the second its opposite
        return None
    if n_outputs > 2:
        members = np.equal.outer(targets, np.arange(n_outputs))
        return np.where(members, _SURE, (1.0 - _SURE) / (n_outputs - 1)) if members.any(axis=1).all() else None
    is_label = np.isin(targets, [0.0, 1.0]).all()
    return (_SURE * targets + (1.0 - _SURE) * (1.0 - targets) if is_label else targets)[:, np.newaxis]
