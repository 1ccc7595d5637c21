"""The sweep over boxes: the best score for all values of the last parameter, with the other parameters in a box.

If the other parameters are in a box, their part of the weighted sum lies in an interval. A sample labelled 1 can be
labelled correctly where the high end of the interval plus the last product reaches the threshold, and a sample
labelled 0 where the low end plus the last product stays below it. Each sample gives a rank on the sorted last axis
(`hit_counts.py`).

Sound because three quantities that are not exact are all moved to the side of more values. The threshold is the outer
end of the band in which the activation itself decides (`decision.py`). The sum that the plain loop computes is within
`error` of the real one. The rank computed here is also within `error`, which is why matrix products may be used.
"""

from collections.abc import Callable
from typing import final

import numpy as np

from minigrid._base.halting import poll, slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.batched.forward import TILE
from minigrid.search.engines.batched.label_sweep import even_step
from minigrid.search.engines.exact.fast import Kernels, in_parts
from minigrid.search.engines.exact.hit_counts import HitCounter
from minigrid.search.engines.exact.intervals import Range
from minigrid.search.engines.margins import BOUND_ROUNDING, UNDERFLOW

_TILE = 2**16  # ranks of a linear sweep to process together
_ROWS = 32  # boxes at the least
_WORTH_THREADS = 2**20  # ranks


@final
class LastAxis:
    """The sorted values of the last parameter.

    Attributes:
        values: ascending, shape (n_values,).
        one: what a position is counted from, 1 where the values are even, else 0.
        start: the first one, or 0 where the values are not even.
        per_value: 1 over the step between them, or 1 where they are not even.
    """

    def __init__(self, values: FloatArray) -> None:
        self.values: FloatArray = values
        step = even_step(values)
        self.is_even: bool = step is not None
        self.one: float = 0.0 if step is None else 1.0
        self.start: float = 0.0 if step is None else float(values[0])
        self.per_value: float = 1.0 if step is None else 1.0 / step

    def ranks(
        self, position: FloatArray, offsets: IntArray | int = 0, kind: type[np.int32 | np.int64] = np.int64
    ) -> IntArray:
        """Count the values before each position, and add offsets; overwrites `position`.

        Args:
            position: (value - start) * per_value, plus 1 where values are even; not NaN.
            offsets: whole numbers, added to the ranks.
            kind: of whole numbers that the ranks are.

        Returns:
            floor(position) within 0 and n_values where values are even: all values from that rank on lie above.
        """
        if self.is_even:
            most = position.dtype.type(len(self.values))
            ranks: IntArray = np.clip(position, position.dtype.type(0.0), most, out=position).astype(kind)
        else:
            ranks = np.searchsorted(self.values, position, side="right").astype(kind, copy=False)
        ranks += offsets
        return ranks


@final
class LinearSweep:
    """Bounds for a single neuron, whose sum is linear in the data: one matrix product a batch."""

    def __init__(
        self,
        inputs: FloatArray,
        positive: BoolArray,
        decision: Decision,
        reach: float,
        last: LastAxis,
        counter: HitCounter,
    ) -> None:
        """Build the matrix.

        Args:
            inputs: the input of each parameter, shape (n_parameters, n_samples); ones for a bias.
            positive: shape (n_samples,), the samples whose true label is 1.
            decision: the activation's, with finite limits.
            reach: no sum, nor any part of it, is larger in magnitude.
            last: the last parameter's values.
            counter: from ranks to scores.
        """
        weighed, fixed = inputs[-1], inputs[:-1]
        error = BOUND_ROUNDING * (abs(decision.lower) + abs(decision.upper) + reach) + UNDERFLOW
        largest = float(np.abs(last.values).max())
        flat = np.abs(weighed) * largest <= error  # whatever the last parameter is, it does not matter
        error = 2.0 * error
        beyond = 1e6 * ((len(last.values) if last.is_even else largest) + 1.0)  # off either end of the axis
        threshold = np.where(positive, decision.lower - error, decision.upper + error)
        with np.errstate(all="ignore"):
            scale = np.where(flat, beyond / error, last.per_value / np.where(flat, 1.0, weighed))
        falling = np.where(flat, ~positive, positive != (weighed > 0.0))
        margin = np.where(flat, 0.0, np.where(falling, 1.0, -1.0) * (np.abs(scale) * error))
        constant = last.one + np.where(flat, -1.0, -last.start * last.per_value) + threshold * scale + margin
        self._matrix = np.empty((2 * len(fixed) + 1, positive.size))
        for k, own in enumerate(fixed):
            poll()
            up, down = np.maximum(own, 0.0), np.minimum(own, 0.0)
            np.multiply(np.where(positive, up, down), -scale, out=self._matrix[k])
            np.multiply(np.where(positive, down, up), -scale, out=self._matrix[len(fixed) + k])
        self._matrix[-1] = constant
        self._last = last
        self._counter = counter
        # Where there are many samples, those at hand are examined for many boxes before the next are.
        self._height = counter.rows_at_once(max(_ROWS, _TILE // positive.size))
        self._kinds = counter.offsets(falling, 1)[0]
        self._row_offsets = counter.offsets(falling[:1], self._height, slice(1)) - self._kinds[0]
        self._is_falling = falling
        self._falling = counter.falling_totals(falling)
        self._kernels = Kernels() if last.is_even and counter.is_plain else None

    def largest(self, sizes: FloatArray) -> float:
        """Bound the magnitude of positions, from that of the fixed parameters; NaN if there is no known bound."""
        with np.errstate(all="ignore"):
            return float((np.abs(self._matrix).max(axis=1) * np.concatenate([sizes, sizes, [1.0]])).sum())

    def bound(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Bound the score over boxes of all parameters but the last, given by their least and greatest values.

        Args:
            low: shape (n_boxes, n_parameters - 1).
            high: of the same shape.
        """
        ends = np.ascontiguousarray(np.concatenate([high, low, np.ones((len(low), 1))], axis=1))
        kernels = None if self._kernels is None else self._kernels.get()
        if kernels is not None:
            count = kernels.most_hits_linear
            n_values = len(self._last.values)
            most = in_parts(lambda rows: count(ends[rows], self._matrix, self._is_falling, n_values), len(ends))
            return self._counter.scores(most)
        if len(ends) * self._is_falling.size < _WORTH_THREADS:
            return self._counter.scores(self._most_hits(ends))
        return self._counter.scores(in_parts(lambda rows: self._most_hits(ends[rows]), len(ends)))

    def _most_hits(self, ends: FloatArray) -> FloatArray:
        bounds = np.empty(len(ends))
        for rows in slices(len(ends), self._height):
            histogram: FloatArray | IntArray = np.zeros(0)
            for samples in slices(self._is_falling.size, _TILE // self._height):
                with np.errstate(all="ignore"):  # a thread of its own has its own error state
                    position = ends[rows] @ self._matrix[:, samples]
                slots = self._last.ranks(position, self._kinds[samples])
                slots += self._row_offsets[: len(slots)]
                counted = self._counter.count(slots, samples)
                histogram = histogram + counted if histogram.size else counted
            bounds[rows] = self._counter.bound(histogram, self._falling)
        return bounds


@final
class IntervalSweep:
    """Bounds for a neuron whose inputs are intervals: they come from neurons that are in the box as well."""

    def __init__(
        self, positive: BoolArray, decision: Decision, reach: float, last: LastAxis, counter: HitCounter
    ) -> None:
        """Prepare the thresholds; arguments as for `LinearSweep`."""
        error = 2.0 * BOUND_ROUNDING * (abs(decision.lower) + abs(decision.upper) + reach) + UNDERFLOW
        largest = float(np.abs(last.values).max())
        # Of a rank, what a quotient's rounding can amount to within the axis.
        self._margin = BOUND_ROUNDING * (largest * last.per_value + (len(last.values) if last.is_even else 0.0))
        self._positive = positive
        self._threshold = np.where(positive, decision.lower - error, decision.upper + error)
        self._last = last
        self._counter = counter
        self._height = counter.rows_at_once(max(1, TILE // positive.size))
        every = np.ones(positive.size, dtype=np.bool_)
        self._offsets = counter.offsets(~positive, self._height)
        self._falling = counter.falling_totals(~positive)
        self._both_offsets = counter.offsets(every, self._height), counter.offsets(~every, self._height)
        self._total = counter.falling_totals(every)
        self._kernels = Kernels() if last.is_even and counter.is_plain else None
        self._outward = np.where(positive, -self._margin, self._margin)

    def bound(self, base: Range | None, factor: Range | None, n_boxes: int) -> FloatArray:
        """Bound the score over boxes.

        Args:
            base: the sum without the last product; None: there is nothing else.
            factor: the input of the last parameter; None: 1, because it is a bias.
            n_boxes: how many.
        """
        kernels = None if self._kernels is None or factor is None else self._kernels.get()
        if kernels is not None and factor is not None:
            return self._counter.scores(self._by_kernel(kernels.most_hits_interval, base, factor, n_boxes))
        bounds = np.empty(n_boxes)
        for rows in slices(n_boxes, self._height):
            height = rows.stop - rows.start
            distance = np.broadcast_to(self._threshold, (height, self._threshold.size))
            if base is not None:
                own = base[rows]
                distance = self._threshold - np.where(self._positive, own.high, own.low)
            bounds[rows] = self._tile(distance, None if factor is None else factor[rows])
        return self._counter.scores(bounds)

    def _by_kernel(self, count: Callable[..., IntArray], base: Range | None, factor: Range, n_boxes: int) -> IntArray:
        shape = (n_boxes, self._threshold.size)
        low, high = (np.ascontiguousarray(np.broadcast_to(end, shape)) for end in (factor.low, factor.high))
        if base is None:
            distance = np.broadcast_to(self._threshold, shape).copy()
        else:
            distance = np.ascontiguousarray(self._threshold - np.where(self._positive, base.high, base.low))
        axis = (self._last.start, self._last.per_value, self._margin, len(self._last.values))
        return in_parts(lambda rows: count(distance[rows], low[rows], high[rows], self._positive, *axis), n_boxes)

    def _tile(self, distance: FloatArray, factor: Range | None) -> FloatArray:
        """Bound a few boxes from how far their sums are from the threshold without the last product."""
        if factor is None:
            return self._one_sided(distance + 0.0)
        if factor.low.min() >= 0.0:
            # What moves the sum most while the product helps, least while it hurts.
            far = (distance > 0.0) == self._positive
            return self._one_sided(distance / (np.where(far, factor.high, factor.low) + 0.0))  # -0.0 becomes 0.0
        return self._two_sided(distance, factor)

    def _one_sided(self, crossing: FloatArray) -> FloatArray:
        """Bound where the product rises with the last parameter: samples labelled 1 are right from a rank on."""
        crossing -= self._last.start
        crossing *= self._last.per_value
        crossing += self._outward + self._last.one
        np.fmax(crossing, -np.inf, out=crossing)  # 0 / 0 is nowhere
        slots = self._last.ranks(crossing, self._offsets[: len(crossing)])
        return self._counter.bound(self._counter.count(slots), self._falling)

    def _two_sided(self, distance: FloatArray, factor: Range) -> FloatArray:
        """Bound where the input may be negative: samples cannot be right between two ranks."""
        # For label 1 wrong is max(v * low, v * high) < distance; for label 0, with all signs turned, the same.
        positive = self._positive
        distance = np.where(positive, distance, -distance)
        low, high = np.where(positive, factor.low, -factor.high), np.where(positive, factor.high, -factor.low)
        by_low, by_high = distance / low, distance / high
        zero_is_wrong, always, never = distance > 0.0, np.inf, -np.inf
        stop = np.where(
            zero_is_wrong,
            np.where(high > 0.0, by_high, always),
            np.where(low > 0.0, by_low, np.where(high < 0.0, always, never)),
        )
        start = np.where(
            zero_is_wrong,
            np.where(low < 0.0, by_low, -np.inf),
            np.where(low > 0.0, -np.inf, np.where(high < 0.0, by_high, np.inf)),
        )
        stop = np.fmax((stop - self._last.start) * self._last.per_value + (self._last.one - self._margin), -np.inf)
        start = np.fmax((start - self._last.start) * self._last.per_value + (self._last.one + self._margin), -np.inf)
        np.minimum(start, stop, out=start)
        n_rows = len(distance)
        falling, rising = self._both_offsets
        begun = self._counter.count(self._last.ranks(start, falling[:n_rows]))
        ended = self._counter.count(self._last.ranks(stop, rising[:n_rows]))
        return self._counter.bound(begun + ended, self._total)
