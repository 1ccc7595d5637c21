"""Labels of one output: how many samples are surely correct or wrong, for all values of the last parameter.

Take a box of the other parameters. The values of the last parameter for which a sample has label 1 everywhere in the
box lie between two ranks. The same holds for label 0. Two histograms of these ranks and their running sums count the
samples that are surely correct, and those that are surely wrong, for all values at once.

Sound because a rank is only ever moved to the side on which fewer values are certain: by the band in which the
activation itself decides (`decision.py`), and by more than all rounding. A sum that contains only zeros is 0, bit for
bit. Counts that are whole numbers are exact; other sums are moved outward.
"""

from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.ragged import histogram
from minigrid._base.typing import FloatArray
from minigrid.scoring import LabelScoring
from minigrid.search.engines.batched.forward import TILE
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import MANY_TOGETHER
from minigrid.search.engines.exact.counting.bounds import Sides
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.hits import Hits
from minigrid.search.engines.exact.intervals import Range
from minigrid.search.engines.exact.labels import Labels
from minigrid.search.engines.margins import BOUND_ROUNDING, MEAN_ROUNDING, UNDERFLOW, sum_rounding
from minigrid.search.problem import Problem


@final
class HitSides:
    """Turns certain hits and certain misses into bounds of a label scoring."""

    def __init__(self, hits: Hits) -> None:
        self._hits = hits
        self._totals = np.array([hits.n_zeros, hits.n_ones_amount])
        self._slack = 0.0 if hits.is_exact else sum_rounding(4 * hits.amounts.size) + MEAN_ROUNDING

    def upper(self, wrong: FloatArray) -> FloatArray:
        """Bound the scores from above, shape (n, ...), from the certain misses of each class, shape (n, ..., 2)."""
        most = np.minimum(self._totals - wrong + self._slack * self._totals.sum(), self._totals)
        return self._hits.of(most[..., 0], most[..., 1]) + self._slack

    def lower(self, right: FloatArray) -> FloatArray:
        """Bound the scores from below, from the certain hits of each class."""
        least = np.maximum(right - self._slack * self._totals.sum(), 0.0)
        return self._hits.of(least[..., 0], least[..., 1]) - self._slack


@final
class LabelSides:
    """Bounds for labels of one output, for all values of the last parameter."""

    few: int = 1
    most_together: int = MANY_TOGETHER

    def __init__(self, problem: Problem, labels: Labels, hidden: HiddenRanges) -> None:
        assert isinstance(problem.scoring, LabelScoring)
        decision, last, positive = labels.decision, labels.last, labels.positive
        n_values = len(last.values)
        self._hidden, self._last = hidden, last
        self._urgency = np.append(np.ones(len(problem.space.grids) - 1), 0.0)
        self._positive = positive
        weights = problem.counted.counts
        self._hits = HitSides(Hits(problem.scoring, positive, weights))
        self._weights = weights
        # If a sum can only be 0, nothing is rounded.
        base, factor = hidden.parts_of_last(Axes(problem.space.grids).root())
        reaches = np.zeros(positive.size) if base is None else np.maximum(np.abs(base.low), np.abs(base.high))[0]
        reaches = reaches + (1.0 if factor is None else np.maximum(np.abs(factor.low), np.abs(factor.high))[0])
        rounding = 2.0 * BOUND_ROUNDING * (abs(decision.lower) + abs(decision.upper) + labels.reach) + UNDERFLOW
        error = np.where(reaches > 0.0, rounding, 0.0)
        # All signs of samples labelled 0 are reversed. Then a sum of at least `right` is correct, too, and one up to
        # `-wrong` is wrong.
        self._right = np.where(positive, decision.upper + error, error - decision.lower)
        self._wrong = np.where(positive, error - decision.lower, decision.upper + error)
        largest = float(np.abs(last.values).max())
        self._margin = BOUND_ROUNDING * (largest * last.per_value + (n_values if last.is_even else 0.0))
        self._height = max(1, TILE // positive.size)

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound the scores of some boxes, for all values of the last axis."""
        shape = (len(boxes), len(self._last.values))
        lower, upper = np.full(shape, -np.inf), np.empty(shape)
        for some in slices(len(boxes), self._height):
            base, factor = self._hidden.parts_of_last(boxes[some])
            upper[some] = self._hits.upper(self._count(base, factor, len(upper[some]), right=False))
            left = np.flatnonzero((upper[some] >= threshold).any(axis=1))
            if left.size:
                own, weighed = (None if ends is None else ends[left] for ends in (base, factor))
                right = self._count(own, weighed, len(left), right=True)
                lower[some.start + left] = self._hits.lower(right)
        return Sides(lower, upper)

    def _count(self, base: Range | None, factor: Range | None, n_boxes: int, *, right: bool) -> FloatArray:
        """Count the certain hits, or misses, of each class, for all values: shape (n_boxes, n_values, 2)."""
        shape, positive = (n_boxes, self._positive.size), self._positive
        zero, one = np.zeros((1, shape[1])), np.ones((1, shape[1]))
        own = Range(zero, zero) if base is None else base
        weighed = Range(one, one) if factor is None else factor
        # All signs of samples labelled 0 are reversed.
        low, high = np.where(positive, weighed.low, -weighed.high), np.where(positive, weighed.high, -weighed.low)
        if right:
            least = np.where(positive, own.low, -own.high)
            return self._between(np.broadcast_to(self._right - least, shape), low, high)
        most = np.where(positive, own.high, -own.low)
        return self._between(np.broadcast_to(self._wrong + most, shape), -high, -low)

    def _between(self, distance: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Count the samples whose product with the last parameter certainly reaches a distance, for each of its values.

        Args:
            distance: shape (n_boxes, n_samples).
            low: the least input of the last parameter, of the same shape, or one row.
            high: the greatest.

        Returns:
            Shape (n_boxes, n_values, 2), of each class.
        """
        by_low, by_high = distance / low, distance / high
        far, none, every = distance > 0.0, np.inf, -np.inf
        start = np.where(
            far,
            np.where(low > 0.0, by_low, np.where(high < 0.0, every, none)),
            np.where(high > 0.0, by_high, every),
        )
        stop = np.where(
            far,
            np.where(low > 0.0, none, np.where(high < 0.0, by_high, every)),
            np.where(low < 0.0, by_low, none),
        )
        last, n_values = self._last, len(self._last.values)
        first = last.ranks((start - last.start) * last.per_value + (last.one + self._margin))
        end = last.ranks((stop - last.start) * last.per_value + (last.one - self._margin))
        np.maximum(end, first, out=end)
        offsets = (n_values + 1) * (self._positive + 2 * np.arange(len(distance))[:, np.newaxis])
        n_slots = 2 * len(distance) * (n_values + 1)
        begun, ended = (histogram(ranks + offsets, self._weights, n_slots) for ranks in (first, end))
        counted = np.cumsum((begun - ended).reshape(len(distance), 2, n_values + 1)[..., :-1], axis=-1)
        found: FloatArray = np.moveaxis(counted, 1, -1).astype(np.float64)
        return found
