"""The correct predictions that a node must promise, to be worth keeping, among each label's samples.

A label scoring is a function of the correct predictions (hits) in both classes that never falls when one of them
rises. So for each number of hits among the samples labelled 1 there is a least number of hits among the samples
labelled 0 that makes the score better than the incumbent, and a least number that makes it as good. The scoring itself
finds both numbers, so scores that are equal except for rounding are treated as in the plain loop.

With sample weights that are not whole numbers, hits are rounded sums. The score is then compared as a number, moved up
by more than all rounding.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import Accuracy, LabelScoring
from minigrid.search.engines.exact.nodes import Singles
from minigrid.search.engines.exact.rows import in_order
from minigrid.search.engines.margins import MEAN_ROUNDING, sum_rounding
from minigrid.search.problem import Problem

_MOST = 2.0**22  # the most hits that are distinguished


@final
class Hits:
    """Counts hits in both classes, and compares them with the incumbents.

    Attributes:
        n_ones: how many samples are labelled 1; they come first in `order`.
        order: shape (n_samples,), of the samples.
        amounts: shape (n_samples,), the amount that each counts, in that order.
        is_unit: whether each counts one.
        is_exact: whether hits are whole numbers.
        addends: the amounts, in single precision if all sums of them are exact in it.
        gains: what a hit labelled 0, and one labelled 1, adds to a sum that rises with the score.
    """

    def __init__(self, scoring: LabelScoring, positive: BoolArray, amounts: FloatArray | None) -> None:
        """Set up the counting.

        Args:
            scoring: from hits to scores.
            positive: shape (n_samples,), the samples whose true label is 1.
            amounts: shape (n_samples,), the amount that each counts; None: one.
        """
        own = np.ones(positive.size) if amounts is None else amounts
        self.order: IntArray = np.argsort(~positive, kind="stable")
        self.n_ones: int = int(np.count_nonzero(positive))
        self.amounts: FloatArray = own[self.order]
        self.is_unit: bool = bool((own == 1.0).all())
        self._totals = np.array([own[~positive].sum(), own[positive].sum()])
        self.is_exact: bool = bool((own == np.rint(own)).all()) and self._totals.sum() <= _MOST
        self.addends: Singles | FloatArray = self.amounts.astype(np.float32) if self.is_exact else self.amounts
        self._scoring = scoring
        self._rounding = sum_rounding(own.size)
        self._needed: tuple[float, tuple[FloatArray, FloatArray]] | None = None
        if isinstance(scoring, Accuracy):
            self.gains: tuple[float, float] = (1.0, 1.0)
        else:
            zero, one = (1.0 / total if total > 0.0 else 0.0 for total in self._totals)
            self.gains = (zero, one)

    @property
    def n_zeros(self) -> float:
        """The total amount of all samples labelled 0."""
        return float(self._totals[0])

    @property
    def n_ones_amount(self) -> float:
        """The total amount of all samples labelled 1."""
        return float(self._totals[1])

    def amount(self, right: BoolArray, samples: slice) -> FloatArray:
        """Sum the amounts of the correct samples, shape (n,), of a slice of `order`: shape (n, n_samples)."""
        addends = self.addends[samples]
        amounts: FloatArray = np.matmul(right.astype(addends.dtype), addends).astype(np.float64)
        return amounts

    def scores(self, sums: FloatArray) -> FloatArray:
        """Turn the most that `gains` add up to into bounds of the score, shape (n,) both."""
        if isinstance(self._scoring, Accuracy):
            total = self._totals.sum()
            if not self.is_exact:
                sums = np.minimum(sums + self._rounding * total, total)
            bounds: FloatArray = sums / total
            return bounds if self.is_exact else np.minimum(bounds * (1.0 + MEAN_ROUNDING), 1.0)
        n_present = max(int((self._totals > 0.0).sum()), 1)
        return np.minimum(sums / n_present * (1.0 + self._rounding), 1.0)

    def of(self, zeros: FloatArray, ones: FloatArray) -> FloatArray:
        """The scores of hits in both classes, as the plain loop computes them where hits are whole numbers."""
        return self._scoring.from_hits(np.stack([zeros, ones], axis=-1), self._totals)

    def least(self, threshold: float) -> float:
        """The sum of gains below which no score reaches a threshold."""
        if threshold == -np.inf:
            return -np.inf
        scale = self._totals.sum() if isinstance(self._scoring, Accuracy) else max(int((self._totals > 0.0).sum()), 1)
        return float(threshold * scale * (1.0 - 4.0 * self._rounding) - MEAN_ROUNDING)

    def needed(self, threshold: float) -> tuple[FloatArray, FloatArray]:
        """Find how many hits among the samples labelled 0 are needed, for each number of those labelled 1.

        Args:
            threshold: a score.

        Returns:
            From how many on the score is better, and from how many on it is as good: shape (n_ones' total + 1,) both;
            one more than the total where no number is enough.
        """
        if not self.is_exact:
            return np.zeros(0), np.zeros(0)
        needed = self._needed  # as last asked for, by whichever thread
        if needed is None or needed[0] != threshold:
            zeros, ones = self._totals
            every = np.arange(ones + 1.0)
            more, same = (self._first(every, zeros, threshold, better=better) for better in (True, False))
            needed = self._needed = threshold, (more, same)
        return needed[1]

    def _first(self, ones: FloatArray, most: float, threshold: float, *, better: bool) -> FloatArray:
        low, high = np.full(ones.size, -1.0), np.full(ones.size, most + 1.0)  # too few, enough
        while (high - low > 1.0).any():
            middle = np.floor(0.5 * (low + high))
            scores = self.of(np.clip(middle, 0.0, most), ones)
            enough = (scores > threshold) if better else (scores >= threshold)
            apart = high - low > 1.0
            high = np.where(apart & enough, middle, high)
            low = np.where(apart & ~enough, middle, low)
        return high


def label_samples(problem: Problem) -> tuple[FloatArray, Hits]:
    """The columns of the samples, equal ones merged, in the order in which their labels are counted."""
    samples = problem.counted
    assert isinstance(problem.scoring, LabelScoring)
    hits = Hits(problem.scoring, samples.targets == 1.0, samples.counts)
    return in_order(samples.columns, hits.order), hits
