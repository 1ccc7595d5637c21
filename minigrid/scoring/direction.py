"""Does a score get better when the outputs do?

A loss that is passed as a bare function is maximised: the search then finds the worst network, and proves that it
is the best. A score that never changes makes every candidate the best.
"""

import time
import warnings
from collections.abc import Callable
from typing import final

import numpy as np

from minigrid._base.text import message, shown
from minigrid._base.typing import FloatArray
from minigrid.exceptions import ScoringError
from minigrid.scoring.base import Scoring
from minigrid.scoring.guard import SECONDS, call_scoring
from minigrid.scoring.pairing import are_alike, warn_if_unpaired

_SHUFFLES = 8
_SURE = 0.98  # the output for a label, as the logarithm of 1 - 1 is infinite
_SPREADS = (0.5, 1.0, 100.0)
_OF_LOSSES = ("loss", "error", "deviance")  # the ends of the names of losses


def warn_if_doubtful(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None, *, stacklevel: int
) -> None:
    """Warn if scores do not depend on the outputs or their pairing with targets, or get worse as outputs get better.

    Outputs near the targets that score better than shuffled ones show that none of this is so. A slow scoring is called
    only a few times. There is no warning about what is then not known.

    Args:
        scoring: a custom scoring.
        targets: as its `check_targets` returned them.
        n_outputs: how many outputs each sample has.
        sample_weight: shape (n_samples,), or None for equal weights.
        stacklevel: of the warning, seen from here.
    """
    if len(targets) < 2 or (targets == targets[0]).all():
        return
    began = time.perf_counter()
    compared = _compared(scoring, targets, n_outputs, sample_weight)
    if compared is not None and compared.is_in_order:
        return
    is_slow, is_warned = time.perf_counter() - began > SECONDS, None
    if not is_slow:
        is_warned = warn_if_unpaired(scoring, targets, n_outputs, sample_weight, stacklevel=stacklevel + 1)
        if is_warned:
            return
    what = f"scoring {shown(scoring)}"
    if is_warned is False and _is_constant(scoring, targets, n_outputs, sample_weight):
        expected, got = "a score that depends on the outputs", "the same score for all outputs that were tried"
        text = message(what, expected, got, "Compute it from outputs and y_true, or every candidate is the best.")
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
        return
    sign, name = (1.0 if scoring.greater_is_better else -1.0), _name(scoring)
    if compared is not None and targets.ndim == 1 and n_outputs > 1:
        compared = compared if _treats_labels_alike(scoring, targets, n_outputs, sample_weight) else None
    scores = None if compared is None else compared.right_and_wrong()
    is_reversed = scores is not None and scores[0] < scores[1]
    is_called_a_loss = scoring.greater_is_better and name.endswith(_OF_LOSSES) and not name.startswith(("neg", "minus"))
    is_undecided = scores is None or scores[0] == scores[1]
    if not is_reversed and not (is_called_a_loss and is_undecided):
        return
    better, worse = ("higher", "lower") if scoring.greater_is_better else ("lower", "higher")
    got = f"one that is called {name}"
    if scores is not None and is_reversed:
        near, others = (f"{sign * score:.6g}" for score in scores)
        side = "least" if scoring.greater_is_better else "most"
        got = f"{near} for outputs near the targets, and at {side} {others} for shuffled ones"
    fix = f"If {worse} is better, pass FunctionScoring(f, greater_is_better={not scoring.greater_is_better})."
    text = message(what, f"a {better} score for better outputs", got, fix)
    warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)


def _name(scoring: Scoring) -> str:
    """Return the name of a function, or of the class of a scoring, in lower case."""
    function = getattr(scoring, "_function", None)
    return str(getattr(function, "__name__", type(scoring).__name__)).lower()


def _is_constant(scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None) -> bool:
    generator, first, began = np.random.default_rng(1), None, time.perf_counter()
    for spread in _SPREADS * _SHUFFLES:
        outputs = 0.5 + spread * generator.uniform(-1.0, 1.0, size=(len(targets), n_outputs))
        try:
            score = call_scoring(scoring, targets, outputs, sample_weight)
        except ScoringError:  # it does not accept all outputs
            return False
        if first is not None and not are_alike(score, first):
            return False
        if time.perf_counter() - began > SECONDS:
            return False
        first = score
    return True


@final
class _Compared:
    """The scores of outputs near the targets, and of the same outputs shuffled and constant. Higher is better."""

    def __init__(self, score: Callable[[FloatArray], float], right: FloatArray) -> None:
        """Score outputs near the targets, and the first of the others."""
        generator = np.random.default_rng(2)
        orders = [generator.permutation(len(right)) for _ in range(_SHUFFLES)]
        self._wrong = [right[order] for order in orders if not np.array_equal(right[order], right)]
        self._wrong.append(np.broadcast_to(right.mean(axis=0), right.shape).copy())
        self._score, began = score, time.perf_counter()
        self._own, self._others = score(right.copy()), list[float]()
        if time.perf_counter() - began < 2.0 * SECONDS:
            self._others.append(score(self._wrong[0]))

    @property
    def is_in_order(self) -> bool:
        """Whether those near the targets score better than the first of the others, if there was time for that."""
        own = self._own
        return any(np.isfinite([own, other]).all() and own > other for other in self._others[:1]) and not self._is_tie

    @property
    def _is_tie(self) -> bool:
        return any(are_alike(self._own, other) for other in self._others)

    def right_and_wrong(self) -> tuple[float, float] | None:
        """Return the score near the targets, and the lowest of the others; None if the two cannot be compared."""
        if not self._others:
            return None
        began = time.perf_counter()
        try:
            for outputs in () if self._is_tie else self._wrong[1:]:  # others can only be worse than a tie
                self._others.append(self._score(outputs))
                if time.perf_counter() - began > SECONDS:
                    break
        except ScoringError:
            return None
        own, wrong = self._own, min(self._others)
        if not np.isfinite([own, wrong]).all():
            return None
        return (wrong, wrong) if are_alike(own, wrong) else (own, wrong)


def _compared(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None
) -> _Compared | None:
    """Compare outputs near the targets with others; None if the scoring does not take generated outputs."""
    right, sign = _near(targets, n_outputs), 1.0 if scoring.greater_is_better else -1.0
    if right is None:
        return None
    try:
        return _Compared(lambda outputs: sign * call_scoring(scoring, targets, outputs, sample_weight), right)
    except ScoringError:  # the network's outputs may be others
        return None


def _treats_labels_alike(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None
) -> bool:
    """Tell whether a score stays the same if labels and outputs get other numbers: then, each output is for a label.

    What else a custom scoring may do with several outputs is not known.
    """
    drawn = np.random.default_rng(3).random((len(targets), n_outputs)) + 0.01
    chances = drawn / drawn.sum(axis=1, keepdims=True)  # which no coincidence makes alike
    for outputs in (_near(targets, n_outputs), chances):
        assert outputs is not None
        others = (targets + 1.0) % n_outputs, np.roll(outputs, 1, axis=1)
        try:
            score = call_scoring(scoring, targets, outputs.copy(), sample_weight)
            if not are_alike(score, call_scoring(scoring, *others, sample_weight)):
                return False
        except ScoringError:
            return False
    return True


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
