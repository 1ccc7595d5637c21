"""Count labels by ranks: how many samples can be labelled correctly, for each value of a sorted axis.

Take a box of the other parameters. The values of one parameter for which a sample can be labelled correctly lie on one
side of a rank: from it on (rising), or before it (falling). A histogram of the ranks and its running sum count the
samples for all values at once. This takes n_samples + n_values steps instead of n_samples x n_values.

Sound because a rank may only be moved to the side that allows more values, so the count is never below the count of
any candidate in the box. Counts of whole numbers are exact. With sample weights that are not whole numbers, sums are
moved up by more than all rounding.
"""

from typing import final

import numpy as np

from minigrid._base.ragged import histogram
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import Accuracy, LabelScoring
from minigrid.search.engines.margins import MEAN_ROUNDING, sum_rounding

_SLOTS = 2**20


@final
class HitCounter:
    """Computes bounds of a label scoring from ranks."""

    def __init__(self, scoring: LabelScoring, positive: BoolArray, weights: FloatArray | None, n_values: int) -> None:
        """Set up the counting.

        Args:
            scoring: from hits to scores.
            positive: shape (n_samples,), the samples whose true label is 1.
            weights: shape (n_samples,), the amount that each counts; None: one.
            n_values: of the axis; ranks go from 0 to n_values.
        """
        self.n_values: int = n_values
        self._scoring = scoring
        self._positive = positive
        self._weights = weights
        by_class = not isinstance(scoring, Accuracy)
        self._class = positive.astype(np.int64) if by_class else np.zeros(positive.size, dtype=np.int64)
        self.n_classes: int = 2 if by_class else 1
        own = self.amounts
        totals = np.array([own[~positive].sum(), own[positive].sum()])
        self._slack = (
            0.0 if bool((own == np.rint(own)).all()) and totals.sum() < 2.0**52 else sum_rounding(4 * own.size)
        )
        self._totals = totals if by_class else totals.sum(keepdims=True)
        self.stride: int = 2 * self.n_classes * (n_values + 1)

    def rows_at_once(self, wanted: int) -> int:
        """Choose how many boxes to count together, so that their histograms stay small."""
        return max(1, min(wanted, _SLOTS // self.stride))

    def offsets(self, falling: BoolArray, n_rows: int, samples: slice = slice(None)) -> IntArray:
        """Compute where each sample's histogram begins, shape (n_rows, n_samples); `falling` has shape (n_samples,)."""
        kind = 2 * self._class[samples] + falling
        return kind * (self.n_values + 1) + self.stride * np.arange(n_rows)[:, np.newaxis]

    @property
    def amounts(self) -> FloatArray:
        """The amount that each sample counts, shape (n_samples,)."""
        return np.ones(self._positive.size) if self._weights is None else self._weights

    def falling_totals(self, falling: BoolArray) -> FloatArray:
        """Sum the amounts of all falling samples of each class, shape (n_classes,)."""
        return np.bincount(self._class[falling], self.amounts[falling], self.n_classes).astype(np.float64)

    @property
    def is_plain(self) -> bool:
        """Tell whether every sample counts the same, whatever its label; the kernels require this."""
        return self._weights is None and self.n_classes == 1

    def scores(self, best: FloatArray | IntArray) -> FloatArray:
        """Turn the result of `bound` into bounds of the score, shape (n_rows,)."""
        if self.n_classes > 1:
            return best.astype(np.float64)
        if self._slack:
            best = np.minimum(best + self._slack * self._totals[0], self._totals[0])
        both = np.stack([best, np.zeros_like(best)], axis=-1).astype(np.float64)
        return self._moved_up(self._scoring.from_hits(both, np.array([self._totals[0], 0.0])))

    def bound(self, histogram: FloatArray | IntArray, falling_totals: FloatArray) -> FloatArray:
        """Find the best value of each row.

        Args:
            histogram: the sum of what `count` gave for the samples.
            falling_totals: as that method gave them.

        Returns:
            Shape (n_rows,): its hits if the score depends only on their number, else its score.
        """
        most: FloatArray = self.curves(histogram, falling_totals).max(axis=-1)
        return most

    def curves(self, histogram: FloatArray | IntArray, falling_totals: FloatArray) -> FloatArray:
        """Compute the counts or scores for each value; `bound` takes their maximum, shape (n_rows, n_values)."""
        n_rows = len(histogram) // self.stride
        ranks = histogram.reshape(n_rows, self.n_classes, 2, self.n_values + 1)[..., :-1]
        hits = np.cumsum(ranks[:, :, 0] - ranks[:, :, 1], axis=-1)
        if self.n_classes == 1:
            of_one: FloatArray = hits[:, 0] + falling_totals[0]
            return of_one
        hits = hits + falling_totals[:, np.newaxis]
        if self._slack:
            hits = np.minimum(hits + self._slack * self._totals.sum(), self._totals[:, np.newaxis])
        return self._moved_up(self._scoring.from_hits(np.moveaxis(hits, 1, -1), self._totals))

    def needed(self, score: float) -> float:
        """Compute the value that `curves` must reach for a score, except for rounding."""
        return score if self.n_classes > 1 else score * float(self._totals[0]) * (1.0 - MEAN_ROUNDING)

    def count(self, slots: IntArray, samples: slice = slice(None)) -> FloatArray | IntArray:
        """Count ranks, shape (n_rows, n_samples), added to their `offsets`; all histograms in one row."""
        amounts = None if self._weights is None else self._weights[samples]
        return histogram(slots, amounts, len(slots) * self.stride)

    def _moved_up(self, scores: FloatArray) -> FloatArray:
        return scores + self._slack * np.abs(scores) if self._slack else scores
