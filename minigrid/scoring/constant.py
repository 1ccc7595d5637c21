"""The score of the best constant answer, such as the most frequent label or the mean target."""

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.scoring.builtin import BuiltinScoring
from minigrid.scoring.labels import LabelScoring


def constant_score(
    scoring: BuiltinScoring, targets: FloatArray, n_outputs: int, sample_weight: FloatArray | None
) -> float:
    """Find a good score of outputs that are the same for all samples.

    It tries a few answers, such as the mean and the median of numbers. They include the best one for the built-in
    losses, except that the median does not heed sample weights.

    Args:
        scoring: a built-in scoring.
        targets: as its `check_targets` returned them.
        n_outputs: how many outputs a sample has.
        sample_weight: shape (n_samples,), or None for equal weights.
    """
    if targets.ndim == 1:  # they are labels
        counts = np.bincount(targets.astype(np.int64), sample_weight, minlength=max(n_outputs, 2))
        if isinstance(scoring, LabelScoring):
            return float(scoring.from_hits(np.diag(counts), counts).max())
        most = np.eye(len(counts))[int(np.argmax(counts))]
        tried = [most, counts / counts.sum(), 2.0 * most - 1.0, np.zeros(len(counts))]
        answers = [answer[1:] if n_outputs == 1 else answer for answer in tried]
    else:
        answers = [np.average(targets, axis=0, weights=sample_weight), np.median(targets, axis=0)]
    shape = len(targets), n_outputs
    sign = 1.0 if scoring.greater_is_better else -1.0
    scores = []
    for answer in answers:
        outputs = np.ascontiguousarray(np.broadcast_to(answer, shape))
        scores.append(sign * float(scoring.batch(targets, outputs[np.newaxis], sample_weight)[0]))
    return sign * max(scores)
