"""Does a score compare each sample's outputs with its own target?

A function that forgets that outputs are columns, shape (n_samples, 1), compares each output with every target: NumPy
broadcasts both to a table of all pairs. It returns a number like any other, and every search for it goes astray.
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

UNPAIRED_MEND = (
    "With one neuron compare outputs[:, 0] with y_true: NumPy broadcasts a column beside a row to a table of all pairs."
)
_TRIES = 24  # a score of few samples may well be the same by chance
_RANGES = ((0.01, 0.99), (-1.0, 1.0))  # chances, which have logarithms, and outputs of either sign


def warn_if_unpaired(
    scoring: Scoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None, *, stacklevel: int
) -> bool | None:
    """Warn of a scoring whose scores never change when outputs are shuffled among targets that differ.

    Its scores must vary otherwise, or change when it is given a flat list of outputs: with balanced labels, a table of
    all pairs has the same score whatever the outputs. The scoring need not be wrong, as a score may be about all
    outputs as a whole: so this is no error.

    Args:
        scoring: a user's own.
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
        if time.perf_counter() - began > SECONDS:  # a slow one; what it did so far says too little
            return False
        low, high = _RANGES[number % len(_RANGES)]
        outputs = generator.uniform(low, high, size=(len(targets), n_outputs))
        order = generator.permutation(len(targets))
        try:
            score = call_scoring(scoring, targets, outputs.copy(), sample_weight)
            shuffled = call_scoring(scoring, targets, outputs[order], sample_weight)
        except ScoringError:  # generated outputs need not be such as it takes: the network's may be
            return False
        if np.isfinite([score, shuffled]).all():
            if not are_alike(score, shuffled):
                return None
            scores.append(score)
            wants_flat = wants_flat or (n_outputs == 1 and _tells_apart(scoring, targets, outputs[:, 0], order))
    if wants_flat or any(not are_alike(one, other) for one, other in pairwise(scores)):
        expected = "a score that compares each sample's outputs with its own target"
        text = message(f"scoring {shown(scoring)}", expected, "one that shuffled outputs do not change", UNPAIRED_MEND)
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)
        return True
    return False


def _tells_apart(scoring: Scoring, targets: FloatArray, outputs: FloatArray, order: IntArray) -> bool:
    """Whether the score of a flat list of outputs changes when these are shuffled."""
    try:
        score, shuffled = float(scoring(targets, outputs.copy())), float(scoring(targets, outputs[order]))
    except Exception:  # it takes columns, as it should
        return False
    return bool(np.isfinite([score, shuffled]).all()) and not are_alike(score, shuffled)


def are_alike(score: float, other: float) -> bool:
    """Tell whether two scores are the same but for rounding."""
    return abs(score - other) <= 1e-9 * max(1.0, abs(score), abs(other))
