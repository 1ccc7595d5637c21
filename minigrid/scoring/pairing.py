"""Does a score compare each sample's outputs with its own target?

Outputs are columns, shape (n_samples, 1). A function that forgets this compares each output with every target, because
NumPy broadcasts both to a table of all pairs. It still returns a number, but every search for the best one is in vain.
"""

import time
import warnings
from itertools import pairwise

import numpy as np

from minigrid._base.text import message, shown
from minigrid._base.typing import FloatArray, IntArray
from minigrid.exceptions import ScoringError
from minigrid.scoring.base import Scoring
from minigrid.scoring.guard import SECONDS, call_scoring

UNPAIRED_FIX = (
    "With one neuron compare outputs[:, 0] with y_true: NumPy broadcasts a column beside a row to a table of all pairs."
)
_TRIES = 24  # with few samples, scores may be equal by chance
_RANGES = ((0.01, 0.99), (-1.0, 1.0))  # probabilities, which have logarithms, and outputs of either sign


def warn_if_unpaired(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None, *, stacklevel: int
) -> bool | None:
    """Warn about a scoring whose scores never change when outputs are shuffled among different targets.

    Its scores must vary otherwise, or change when it is given a flat list of outputs: with balanced labels, a table of
    all pairs has the same score whatever the outputs. The scoring need not be wrong, because a score may describe all
    outputs as a whole. So this is a warning and not an error.

    Args:
        scoring: a custom scoring.
        targets: as its `check_targets` returned them.
        n_outputs: how many outputs a sample has.
        sample_weight: shape (n_samples,), or None for equal weights.
        stacklevel: of the warning, seen from here.

    Returns:
        Whether it warned; None if its scores change, so that there is nothing to warn of.
    """
    if len(targets) < 2 or (targets == targets[0]).all():
        return False
    generator, scores, wants_flat = np.random.default_rng(0), [], False
    began = time.perf_counter()
    for number in range(_TRIES):
        if time.perf_counter() - began > SECONDS:  # a slow scoring; these few calls show too little
            return False
        low, high = _RANGES[number % len(_RANGES)]
        outputs = generator.uniform(low, high, size=(len(targets), n_outputs))
        order = generator.permutation(len(targets))
        try:
            score = call_scoring(scoring, targets, outputs.copy(), sample_weight)
            shuffled = call_scoring(scoring, targets, outputs[order], sample_weight)
        except ScoringError:  # it need not accept generated outputs, but perhaps those of the network
            return False
        if np.isfinite([score, shuffled]).all():
            if not are_alike(score, shuffled):
                return None
            scores.append(score)
            wants_flat = wants_flat or (n_outputs == 1 and _tells_apart(scoring, targets, outputs[:, 0], order))
    if wants_flat or any(not are_alike(one, other) for one, other in pairwise(scores)):
        expected = "a score that compares each sample's outputs with its own target"
        text = message(f"scoring {shown(scoring)}", expected, "one that shuffled outputs do not change", UNPAIRED_FIX)
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
        return True
    return False


def _tells_apart(scoring: Scoring, targets: FloatArray, outputs: FloatArray, order: IntArray) -> bool:
    """Whether the score of a flat list of outputs changes when these are shuffled."""
    try:
        score, shuffled = float(scoring(targets, outputs.copy())), float(scoring(targets, outputs[order]))
    except Exception:  # it accepts only columns, as it should
        return False
    return bool(np.isfinite([score, shuffled]).all()) and not are_alike(score, shuffled)


def are_alike(score: float, other: float) -> bool:
    """Tell whether two scores are equal except for rounding."""
    return abs(score - other) <= 1e-9 * max(1.0, abs(score), abs(other))
