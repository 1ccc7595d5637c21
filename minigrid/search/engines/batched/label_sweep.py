"""The sweep: labels for all values of the last parameter at once, with one step per sample.

If all parameters but the last are fixed, a sum is `base + value * x`. For a monotonic activation, the label of a
sample changes at most once along the sorted values: at the rank where the sum crosses the threshold. So the sweep
finds that rank for each sample, counts the ranks in a histogram, and accumulates the histogram. This takes n_samples +
n_values steps instead of n_samples x n_values.

The result is exact for this reason. The rank and every sum are computed in floating point, each with a known error
bound. If the nearest value is further from the crossing than those errors and the band of undecided sums together
(`decision.py`), the labels are certain. Otherwise the sweep tries all values for that sample, as the plain loop would.
In most cases only one value is too near, and its label decides the rank.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.ragged import histogram
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.margins import SWEEP_ROUNDING, UNDERFLOW

_UNSURE_AT_ONCE = 2**17  # sums
_MANY_UNSURE = 1 / 32  # of the samples: above this, it is faster to try the nearest value for all of them


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Crossing:
    """The ranks at which each sample's label changes.

    Attributes:
        rank: the number of sorted values before it, shape (n_rows, n_samples).
        sure: whether that is certain, of the same shape.
    """

    rank: IntArray
    sure: BoolArray


def even_step(values: FloatArray) -> float | None:
    """Find the step between ascending values that are evenly spaced, but for rounding; None if they are not."""
    step = float((values[-1] - values[0]) / max(len(values) - 1, 1))
    even = values[0] + step * np.arange(len(values))
    return step if step > 0.0 and np.abs(even - values).max() <= 2.0**-50 * np.abs(values).max() else None


@final
class LabelSweep:
    """Counts right labels for every value of the last parameter."""

    def __init__(
        self, values: FloatArray, decision: Decision, positive: BoolArray, counts: FloatArray | None, reach: float
    ) -> None:
        """Sort the values.

        Args:
            values: of the last parameter's grid, shape (n_values,), at least two of them distinct.
            decision: the output activation's, with finite limits.
            positive: shape (n_samples,), the samples whose true label is 1.
            counts: shape (n_samples,), how many equal samples each stands for; None: one.
            reach: no base, product or sum is larger in magnitude.
        """
        self._order = np.argsort(values, kind="stable")
        self._values = values[self._order]
        self._decision = decision
        self._positive = positive
        self._counts = counts
        total = positive.size if counts is None else int(counts.sum())
        self._n_positive = int(np.count_nonzero(positive) if counts is None else counts[positive].sum())
        self._n_negative = total - self._n_positive
        self._threshold = decision.lower + (decision.upper - decision.lower) / 2.0
        rounding = SWEEP_ROUNDING * (abs(self._threshold) + reach)
        self._clearance = (decision.upper - decision.lower) + rounding + UNDERFLOW
        self._largest = float(np.abs(self._values).max())
        self._step = even_step(self._values)

    def hits(self, base: FloatArray, inputs: FloatArray) -> IntArray:
        """Count the samples labelled correctly.

        Args:
            base: shape (n_rows, n_samples), the sums without the last parameter's product.
            inputs: the inputs of the last parameter, shape (n_rows, n_samples) or (1, n_samples).

        Returns:
            Shape (n_rows, n_values, 2): the hits among labels 0 and labels 1, values in the grid's order.
        """
        n_rows, n_values = len(base), len(self._values)
        crossing = self._even(base, inputs) if self._step is not None else self._uneven(base, inputs)
        self._resolve_zeros(base, inputs, crossing)
        counted = crossing.rank
        extra = self._resolve(base, inputs, crossing) if not crossing.sure.all() else None
        # One histogram for each row, true label and direction of the change.
        kind = 2 * self._positive + (inputs < 0.0)
        slot = counted + (n_values + 1) * kind
        slot += 4 * (n_values + 1) * np.arange(n_rows)[:, np.newaxis]
        changes = histogram(slot, self._counts, 4 * (n_values + 1) * n_rows).astype(np.int64, copy=False)
        ranks = changes.reshape(n_rows, 2, 2, n_values + 1)
        begun = np.cumsum(ranks[:, :, 0, :-1], axis=-1)  # labelled 1 from the crossing on
        falling = ranks[:, :, 1]
        ended = falling.sum(axis=-1, keepdims=True) - np.cumsum(falling[:, :, :-1], axis=-1)  # ... up to it
        ones = begun + ended
        if extra is not None:
            ones += extra
        hits = np.empty((n_rows, n_values, 2), dtype=np.int64)
        hits[:, self._order, 0] = self._n_negative - ones[:, 0]
        hits[:, self._order, 1] = ones[:, 1]
        return hits

    def _even(self, base: FloatArray, inputs: FloatArray) -> Crossing:
        """Evenly spaced values: the rank is a quotient."""
        assert self._step is not None
        scale = 1.0 / (self._step * inputs)
        quotient = (self._threshold - self._values[0] * inputs) - base
        quotient *= scale
        np.clip(quotient, -0.5, len(self._values) - 0.5, out=quotient)
        rank = np.ceil(quotient)
        apart = rank - quotient  # how far up to the next rank, from 0 to 1
        apart -= 0.5
        np.abs(apart, out=apart)
        clearance = self._clearance * np.abs(scale)
        sure = apart < 0.5 - clearance
        n_unsure = sure.size - np.count_nonzero(sure)
        if n_unsure > _MANY_UNSURE * sure.size:
            return self._try_nearest(base, inputs, quotient, clearance)
        if n_unsure:
            rank[~sure] = 0.0  # may be NaN where an input is 0
        return Crossing(rank.astype(np.int64), sure)

    def _try_nearest(
        self, base: FloatArray, inputs: FloatArray, quotient: FloatArray, clearance: FloatArray
    ) -> Crossing:
        """Decide every rank by the label of the value nearest to it; all others are half a step away at least."""
        np.rint(quotient, out=quotient)
        np.clip(quotient, 0.0, len(self._values) - 1.0, out=quotient)
        sure = np.broadcast_to(clearance < 0.49, quotient.shape)
        nearest = np.where(sure, quotient, 0.0).astype(np.int64)
        labels = self._decision.labels(base + self._values[nearest] * inputs)
        nearest += labels == (inputs < 0.0)
        return Crossing(nearest, sure.copy())

    def _uneven(self, base: FloatArray, inputs: FloatArray) -> Crossing:
        """Any values: the rank is searched."""
        crossing = (self._threshold - base) / inputs
        rank = np.searchsorted(self._values, crossing)
        fenced = np.concatenate([[-np.inf], self._values, [np.inf]])
        nearest = np.minimum(crossing - fenced[rank], fenced[rank + 1] - crossing)
        return Crossing(rank, nearest * np.abs(inputs) > self._clearance)

    def _resolve_zeros(self, base: FloatArray, inputs: FloatArray, crossing: Crossing) -> None:
        """Set the ranks where the input is 0 and the base is outside the band: one label for all values."""
        zero = inputs == 0.0
        if not zero.any():
            return
        above = zero & (base >= self._decision.upper)
        below = zero & (base < self._decision.lower)
        crossing.rank[above] = 0
        crossing.rank[below] = len(self._values)
        np.logical_or(crossing.sure, above | below, out=crossing.sure)

    def _resolve(self, base: FloatArray, inputs: FloatArray, crossing: Crossing) -> IntArray:
        """Decide the uncertain labels as the plain loop would.

        Nearly always one value alone is too near the crossing: its label decides the rank. Where the
        input is 0 all values give one label. Else every value is tried, and the sample is taken out of
        the histogram by a rank from which it counts nowhere.

        Returns:
            How many samples taken out are labelled 1, shape (n_rows, 2, n_values), by true label.
        """
        n_values = len(self._values)
        rows, columns = np.nonzero(~crossing.sure)
        sums, weighed = base[rows, columns], inputs[rows if len(inputs) > 1 else 0, columns]
        nearest, alone = self._nearest(sums, weighed)
        labels = self._decision.labels(sums[alone] + self._values[nearest[alone]] * weighed[alone])
        crossing.rank[rows[alone], columns[alone]] = nearest[alone] + (labels == (weighed[alone] < 0.0))
        flat = (weighed == 0.0) & (sums != 0.0)  # a sum of 0 has a sign, which the product's sign can change
        flat |= self._are_constant(sums, weighed)
        crossing.rank[rows[flat], columns[flat]] = np.where(
            self._decision.labels(sums[flat]) ^ (weighed[flat] < 0.0), 0, n_values
        )
        rest = np.flatnonzero(~alone & ~flat)
        crossing.rank[rows[rest], columns[rest]] = np.where(weighed[rest] < 0.0, 0, n_values)
        ones = np.zeros((len(base), 2, n_values), dtype=np.int64)
        at_once = max(1, _UNSURE_AT_ONCE // n_values)
        for start in range(0, len(rest), at_once):
            some = rest[start : start + at_once]
            above = self._decision.labels(sums[some, np.newaxis] + weighed[some, np.newaxis] * self._values)
            counted = (
                above if self._counts is None else above * self._counts[columns[some], np.newaxis].astype(np.int64)
            )
            np.add.at(ones, (rows[some], self._positive[columns[some]].astype(np.int64)), counted)
        return ones

    def _are_constant(self, sums: FloatArray, weighed: FloatArray) -> BoolArray:
        """Tell where no value can change the label: all sums lie far on one side, or all are as good as 0."""
        reach = self._largest * np.abs(weighed) * (1.0 + SWEEP_ROUNDING)
        far = np.abs(sums - self._threshold) > reach + self._clearance
        constant: BoolArray = far | (np.abs(sums) + reach <= self._decision.zero_reach)
        return constant

    def _nearest(self, sums: FloatArray, weighed: FloatArray) -> tuple[IntArray, BoolArray]:
        """Find the value nearest to each crossing, and whether the labels of all others are certain."""
        crossing = (self._threshold - sums) / weighed
        fenced = np.concatenate([[-np.inf], self._values, [np.inf]])
        rank = np.searchsorted(self._values, crossing)
        nearest = np.where(crossing - fenced[rank] < fenced[rank + 1] - crossing, rank - 1, rank)
        nearest = np.clip(nearest, 0, len(self._values) - 1)
        apart = np.minimum(crossing - fenced[nearest], fenced[nearest + 2] - crossing)
        return nearest, apart * np.abs(weighed) > self._clearance
