"""Two inputs, no bias: bounds for all pairs of output weights at once, from the ratio of the inputs.

Take an output neuron with two inputs a and b that are never negative, whose label changes where its weighted sum is 0.
The label of a sample is the sign of v * a + w * b. If v and w have the same sign, the label is that sign (unless a and
b are so near 0 that rounding, or the activation's behaviour near 0, decides). If their signs differ, the label depends
on which is larger, b / a or |v| / |w|. The pairs of weights are therefore thresholds for the ratio, the samples lie
between the thresholds, and a histogram scores all pairs at once, as in `hit_counts.py`.

Sound for two reasons. Over a box of the hidden parameters, a sample's ratio lies in an interval, and each threshold is
compared with the end that makes the sample correct. Samples are then moved to the correct side by more than the total
effect of the activation's threshold, the plain loop's rounding and the rounding here. The fraction b / (a + b) stands
for the ratio: it rises with the ratio and is never infinite.
"""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.ragged import histogram
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import Accuracy, LabelScoring
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.intervals import Range
from minigrid.search.engines.margins import BOUND_ROUNDING, UNDERFLOW

_CELLS = 2**15  # cells of the fractions from 0 to 1, each with the number of thresholds before it
_COARSE = 256  # groups of thresholds, for boxes whose fractions are intervals
_MANY = 2**13  # thresholds: above this number, neighbours are merged
_APART = 1e-10  # thresholds nearer to each other than this are merged
_TILE = 2**15


class _Ranks(NamedTuple):
    """The positions of fractions among thresholds, or groups of thresholds.

    Attributes:
        before: for each cell of fractions, how many thresholds certainly lie before every fraction in it.
        up_to: for each cell, how many may lie up to its lower edge.
        n_ranks: one more than there are thresholds.
    """

    before: IntArray
    up_to: IntArray
    n_ranks: int


@final
class RatioSweep:
    """Bounds an output neuron with two inputs for all of its weights."""

    def __init__(
        self,
        weights: tuple[FloatArray, FloatArray],
        positive: BoolArray,
        counts: FloatArray | None,
        decision: Decision,
        least: float,
        scoring: LabelScoring,
    ) -> None:
        """Sort the thresholds.

        Args:
            weights: the sorted values of the two weights.
            positive: shape (n_samples,), the samples whose true label is 1.
            counts: shape (n_samples,), whole numbers, how often each sample counts; None: once.
            decision: the activation's.
            least: no input is smaller.
            scoring: from hits to scores.
        """
        first, second = (np.abs(values)[:, np.newaxis] for values in weights)
        sizes = first + second.T
        with np.errstate(invalid="ignore"):
            fractions = first / sizes
        opposite = (np.sign(weights[0])[:, np.newaxis] * np.sign(weights[1]) <= 0.0) & (sizes > 0.0)
        apart = _APART
        thresholds = np.unique(np.round(fractions[opposite] / apart)) * apart
        if len(thresholds) > _MANY:
            apart = 1.0 / _MANY
            thresholds = np.unique(np.round(thresholds / apart)) * apart
        error = max(abs(decision.lower), abs(decision.upper)) + UNDERFLOW
        self._band = error
        self._error = error / float(sizes[opposite].min(initial=np.inf))
        edges = np.arange(_CELLS + 2) / _CELLS
        coarse = np.minimum(np.arange(_CELLS + 2) * _COARSE // _CELLS, _COARSE)
        self._fine = _Ranks(
            np.searchsorted(thresholds, edges - 2.0 * apart, side="left"),
            np.searchsorted(thresholds, edges + 2.0 * apart, side="right"),
            len(thresholds) + 1,
        )
        self._coarse = _Ranks(coarse, np.minimum(coarse + 1, _COARSE), _COARSE + 1)
        self._positive = positive
        self._counts = counts
        self._scoring = scoring
        own = np.ones(positive.size) if counts is None else counts
        self._totals = np.array([own[~positive].sum(), own[positive].sum()])
        self._by_class = not isinstance(scoring, Accuracy)
        sizes_of_one = np.concatenate([np.abs(values[values != 0.0]) for values in weights])
        self._smallest = float(sizes_of_one.min(initial=1.0))
        self._never_zero = least * self._smallest > self._band  # one weight may be 0
        # Whether every sample counts the same.
        self.is_plain: bool = counts is None and not self._by_class
        constant = [scoring.from_hits(self._totals * which, self._totals) for which in ([1.0, 0.0], [0.0, 1.0])]
        self.of_one_label: float = max(float(score) for score in constant)
        self._height = max(1, _TILE // positive.size)
        self._pairs = _first_pairs(weights, thresholds, apart)

    def bound(self, first: Range, second: Range, points: bool, n_boxes: int) -> FloatArray:
        """Bound the score over boxes of everything but the two weights.

        Args:
            first: the first input, nowhere below 0.
            second: the second one.
            points: whether both are single numbers.
            n_boxes: how many.
        """
        bounds = np.empty(n_boxes)
        for rows in slices(n_boxes, self._height):
            bounds[rows] = self._scores(first[rows], second[rows], self._fine if points else self._coarse).max(axis=1)
        zero = np.zeros(n_boxes) if self._never_zero else self._of_zeros(first, second)
        return np.maximum(bounds, np.maximum(zero, self.of_one_label))

    def _of_zeros(self, first: Range, second: Range) -> FloatArray:
        """Bound the scores of weights of one sign, where a sum may be too near 0 for its sign to be the label's."""
        unsure = (first.low + second.low) * self._smallest <= self._band
        best = np.full(len(unsure), -np.inf)
        counts = np.ones(self._positive.size) if self._counts is None else self._counts
        for right in (self._positive | unsure, ~self._positive | unsure):
            amounts = right * counts
            of_one = amounts[:, self._positive].sum(axis=1)
            hits = np.stack([amounts.sum(axis=1) - of_one, of_one], axis=-1)
            np.maximum(best, self._scoring.from_hits(hits, self._totals), out=best)
        return best

    def scores(self, hits: IntArray) -> FloatArray:
        """Turn hits of all pairs into bounds, if samples count equally; pairs of one sign may be omitted."""
        total = np.array([self._totals.sum(), 0.0])
        bounds = self._scoring.from_hits(np.stack([hits, np.zeros_like(hits)], axis=-1), total)
        return np.maximum(bounds, self.of_one_label)

    def suggest(self, first: Range, second: Range, n_boxes: int) -> IntArray:
        """Find the pair of weights that seems best for each box, as the rank of the first of them."""
        ranks = np.empty(n_boxes, dtype=np.int64)
        for rows in slices(n_boxes, self._height):
            scores = self._scores(first[rows], second[rows], self._fine)
            ranks[rows] = self._pairs.ravel()[scores.argmax(axis=1)]
        return ranks

    def _scores(self, first: Range, second: Range, ranks: "_Ranks") -> FloatArray:
        """Bound the scores of all thresholds, first those of v > 0 > w: shape (n_boxes, 2 * n_thresholds)."""
        slack = self._error / (first.low + second.low) + BOUND_ROUNDING
        least = second.low / (second.low + first.high) - slack
        most = second.high / (second.high + first.low) + slack
        # NaN is 0 / 0: the sum is 0 for all weights, and it may have either label.
        np.fmax(least, 0.0, out=least)
        np.fmin(most, 1.0, out=most)
        least *= _CELLS * (1.0 - 2.0**-50)
        most *= _CELLS * (1.0 + 2.0**-50)
        lower = ranks.before[np.minimum(least, _CELLS).astype(np.int64)]
        upper = ranks.up_to[np.maximum(most, 0.0).astype(np.int64) + 1]
        n_boxes, n_ranks = len(least), ranks.n_ranks
        # From its lower rank on a sample labelled 1 can be right where v > 0 > w, and up to its upper one where
        # v < 0 < w; the other way round for one labelled 0. For accuracy both labels have one histogram.
        n_labels = 2 if self._by_class else 1
        row = 2 * n_labels * n_ranks * np.arange(n_boxes)[:, np.newaxis]
        label = n_ranks * self._positive if self._by_class else 0
        turned = n_labels * n_ranks * ~self._positive
        lower += row + (label + turned)
        upper += row + (label + n_labels * n_ranks - turned)
        n_slots = 2 * n_labels * n_ranks * n_boxes
        changes = histogram(lower, self._counts, n_slots) - histogram(upper, self._counts, n_slots)
        hits = np.cumsum(changes.reshape(n_boxes, 2, n_labels, n_ranks)[..., :-1], axis=-1)
        if not self._by_class:
            both = hits[:, :, 0] + self._totals[[0, 1], np.newaxis]
            return self._scoring.from_hits(
                np.stack([both, np.zeros_like(both)], axis=-1).reshape(n_boxes, -1, 2),
                np.array([self._totals.sum(), 0.0]),
            )
        hits = hits + np.diag(self._totals)[:, :, np.newaxis]
        return self._scoring.from_hits(np.moveaxis(hits, 2, -1).reshape(n_boxes, -1, 2), self._totals)


def _first_pairs(weights: tuple[FloatArray, FloatArray], thresholds: FloatArray, apart: float) -> IntArray:
    """Find the lowest rank of the first weight for each direction and threshold, shape (2, n_thresholds)."""
    pairs = np.zeros((2, len(thresholds)), dtype=np.int64)
    for direction, sign in enumerate((1.0, -1.0)):
        for rank in range(len(weights[0]) - 1, -1, -1):
            v, w = sign * weights[0][rank], -sign * weights[1]
            others = w[w >= 0.0]
            if v >= 0.0 and others.size:
                with np.errstate(invalid="ignore"):
                    fractions = v / (v + others)
                pairs[direction, np.searchsorted(thresholds, fractions[fractions == fractions] - apart)] = rank
    return pairs
