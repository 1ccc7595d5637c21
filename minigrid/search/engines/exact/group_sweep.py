"""The sweep over groups of samples (`groups.py`): most samples are bounded in groups, and only a few one by one.

As in `sweep.py`, the values of the last parameter for which a sample can be correct lie on one side of a position, and
this position is linear in the ends of the box. A group knows the range of each term over its samples. So it has a
*first* position, which is the earliest that any of its samples can have, and a *final* position, which is the latest.
The group counts from its first position on.

The parts of a group give the same result as the group if both positions have the same rank, or if both lie on the same
side of all values that still matter: the values for which the groups at hand promise enough. The group is then
resolved, and only the parts of the other groups are examined. A box is pruned as soon as no value promises enough. The
sweep also stops if the bound falls so slowly from level to level that even the single samples will not bring it down;
the box must then be split.

With all signs reversed, label 0 behaves like label 1: a sample is correct where the sum reaches a threshold.

Sound for any choice of resolved groups and any stopping level: the groups that count together contain each sample
once, and each counts from its first position on. The threshold includes the amount by which rounding can move a
sample's own position, as in `sweep.py`. Terms are added in single precision where possible, and those of a group
differ in size. So every first position is moved outward by more than the rounding of these sums, for the largest
values of the grids and the largest terms of the group.
"""

from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.fast import Kernels, in_parts
from minigrid.search.engines.exact.groups import BRANCHES, Level, group_samples
from minigrid.search.engines.exact.hit_counts import HitCounter
from minigrid.search.engines.exact.sweep import LastAxis
from minigrid.search.engines.margins import BOUND_ROUNDING, SINGLE_ROUNDING, UNDERFLOW

_SOME_SAMPLES = 2**13  # samples from which to estimate distances
_SAMPLES_AT_FIRST = 2**8  # samples in a group of the first level, if there are only just many
_PAIRS = 2**18  # of boxes and groups to process together
_FARTHEST_SINGLE, _MOST_VALUES_SINGLE = 1e30, 2**20  # terms, and values of the last parameter, in single precision
_UNDERFLOW_SINGLE = 1e-12  # ranks: more than what underflows, times any such term


@final
class GroupSweep:
    """Bounds for a single neuron and very many samples."""

    def __init__(
        self,
        inputs: FloatArray,
        positive: BoolArray,
        decision: Decision,
        reach: float,
        last: LastAxis,
        counter: HitCounter,
        fixed: list[FloatArray],
        many: int,
    ) -> None:
        """Group the samples.

        Args:
            inputs: the input of each parameter, shape (n_parameters, n_samples); ones for a bias.
            positive: shape (n_samples,), the samples whose true label is 1.
            decision: the activation's, with finite limits.
            reach: no sum, nor any part of it, is larger in magnitude.
            last: the last parameter's values.
            counter: from ranks to scores.
            fixed: the values of the other parameters.
            many: as many samples begin with 64 groups, more with more.
        """
        largest = float(np.abs(last.values).max())
        error = BOUND_ROUNDING * (abs(decision.lower) + abs(decision.upper) + reach) + UNDERFLOW
        signs = np.where(positive, 1.0, -1.0)
        weighed = inputs[-1] * signs
        flat = np.abs(weighed) * largest <= error  # the last parameter has no effect
        falling = ~flat & (weighed < 0.0)
        beyond = 1e6 * (len(last.values) + largest + 1.0)  # off either end of the axis
        scale = np.where(flat, beyond / error, last.per_value / np.where(flat, 1.0, np.abs(weighed)))
        threshold = np.where(positive, decision.lower, -decision.upper) - 5.0 * error
        terms = np.concatenate([inputs[:-1] * signs, threshold[np.newaxis]]) * scale
        some = np.quantile(terms[:, :: -(-positive.size // _SOME_SAMPLES)], [0.1, 0.9], axis=1)
        spreads = (some[1] - some[0]) * np.array([*(np.abs(values).mean() for values in fixed), 1.0])
        most = np.array([*(np.abs(values).max() for values in fixed), 1.0])
        size = np.abs(terms).max(axis=1)
        farthest = float(np.concatenate([size, most, size * most]).max())
        if last.is_even and farthest < _FARTHEST_SINGLE and len(last.values) < _MOST_VALUES_SINGLE:
            terms = terms.astype(np.float32)
        kinds = positive + 2 * falling + 4 * flat
        levels = group_samples(terms, kinds, counter.amounts, spreads, max(1, many // _SAMPLES_AT_FIRST))
        nowhere = 0.0 if last.is_even else float(last.values[0]) - 1.0
        constants = np.where(np.arange(8) < 4, last.one - last.start * last.per_value, nowhere)
        tables = [_table(level, most, constants[level.kinds]) for level in levels]
        offsets = np.zeros(8, dtype=np.int64)
        offsets[kinds] = counter.offsets(falling, 1)[0]
        numbers = [offsets[level.kinds] for level in levels]
        amounts = [level.amounts for level in levels]
        self._n_fixed = len(fixed)
        self._coarse = [np.ascontiguousarray(table.reshape(len(table), -1)) for table in tables[:2]]
        self._starts = np.cumsum([0, *map(len, numbers[:-1])])  # where the blocks of each level begin among all groups
        self._tables = np.concatenate(tables[:-1], axis=1), tables[-1]
        self._amounts = np.concatenate(amounts[:-1]), amounts[-1]
        self._offsets = np.concatenate(numbers[:-1]), numbers[-1]
        self._last = last
        self._counter = counter
        self._falling = counter.falling_totals(falling)
        rate = BRANCHES ** (-1.0 / max(1, int(np.count_nonzero(spreads > 1e-3 * spreads.max()))))
        self._ahead = rate / (1.0 - rate)  # further falls of a bound, relative to its last one
        self._kernels = Kernels() if terms.dtype == np.float32 and counter.n_classes == 1 else None

    def bound(self, low: FloatArray, high: FloatArray, threshold: float) -> FloatArray:
        """Bound the score over boxes of all parameters but the last, given by their least and greatest values.

        Args:
            low: shape (n_boxes, n_parameters - 1).
            high: of the same shape.
            threshold: bounds that are lower need not be as low as can be.
        """
        ends, needed = self._ends(low, high), self._counter.needed(threshold)
        kernels = None if self._kernels is None else self._kernels.get()
        if kernels is None:
            return self._counter.scores(self._best(ends, needed))  # calls are short: threads would wait for each other
        count = kernels.most_hits_grouped
        two_at_a_time = (table.view(np.float64) for table in self._tables)
        arrays = (*two_at_a_time, *self._amounts, *self._offsets, self._starts, len(self._last.values))
        numbers = (float(self._falling[0]), needed, self._ahead)
        return self._counter.scores(in_parts(lambda some: count(ends[some], *arrays, numbers), len(low)))

    def _ends(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Compute the factors of the terms, for the first and for the last positions: shape (n_boxes, 2, n_terms)."""
        middle, apart = (low + high) / 2.0, (high - low) / 2.0
        one, size = np.ones((len(low), 1)), np.abs(middle) + apart
        first = np.concatenate([-middle, one, -size, -one, -apart], axis=1)
        final = np.concatenate([-middle, one, size, one, -apart], axis=1)
        ends: FloatArray = np.stack([first, final], axis=1).astype(self._tables[0].dtype)
        return ends

    def _of_samples(self, ends: FloatArray) -> FloatArray:
        """Leave out the factors for ranges of terms."""
        return np.delete(ends, slice(self._n_fixed + 1, 2 * self._n_fixed + 2), axis=1)

    def _best(self, ends: FloatArray, needed: float) -> FloatArray:
        """Bound boxes from all groups of two levels, and from smaller groups if it is worth it."""
        first = ends[:, 0]
        before, best = self._whole(0, first), self._whole(1, first)
        if len(self._starts) > 2:
            are_points = ~first[:, -self._n_fixed :].any(axis=1)
            for k in np.flatnonzero((best >= needed) & (are_points | (self._expected(before, best) < needed))):
                best[k] = self._bound_one(ends[k], needed)
        return best

    def _expected(self, before: FloatArray, bound: FloatArray) -> FloatArray:
        """Extrapolate the bounds for ever smaller groups, from the previous and the present bounds."""
        expected: FloatArray = bound - self._ahead * (before - bound)
        return expected

    def _whole(self, number: int, first: FloatArray) -> FloatArray:
        """Bound boxes from all groups of a level."""
        counter, table = self._counter, self._coarse[number]
        are_samples = number == len(self._starts) - 1
        part = slice(None) if are_samples else slice(*self._starts[number : number + 2])
        amounts = self._amounts[are_samples][part].ravel()
        offsets = self._offsets[are_samples][part].repeat(BRANCHES)
        ends = self._of_samples(first) if are_samples else first
        best = np.empty(len(first))
        for some in slices(len(first), counter.rows_at_once(max(1, _PAIRS // amounts.size))):
            slots = self._last.ranks(ends[some] @ table, offsets)
            slots += counter.stride * np.arange(len(slots))[:, np.newaxis]
            histogram = np.bincount(slots.ravel(), np.tile(amounts, len(slots)), len(slots) * counter.stride)
            best[some] = counter.bound(histogram, self._falling)
        return best

    def _bound_one(self, both: FloatArray, needed: float) -> float:
        """Bound one box from groups that are split as far as it is worth it."""
        counter, starts = self._counter, self._starts
        is_point, before = not both[0, -self._n_fixed :].any(), np.inf
        blocks = np.arange(starts[1], starts[2])
        kept = np.zeros(counter.stride)
        for number in range(1, len(starts)):
            are_samples = number == len(starts) - 1
            ends = self._of_samples(both[:1]) if are_samples else both
            n_terms = ends.shape[1] - self._n_fixed * is_point
            data = self._tables[are_samples][:n_terms].take(blocks, axis=1).reshape(n_terms, -1)
            amounts = self._amounts[are_samples].take(blocks, axis=0).ravel()
            ranks = self._last.ranks(ends[:, :n_terms] @ data, kind=np.int32)
            slots = ranks[0] + self._offsets[are_samples].take(blocks).repeat(BRANCHES)
            histogram = kept + np.bincount(slots, amounts, counter.stride)
            curve = counter.curves(histogram, self._falling)[0]
            bound = float(curve.max())
            if bound < needed or are_samples or not (is_point or bound - self._ahead * (before - bound) < needed):
                break
            good = np.flatnonzero(curve >= needed).astype(np.int32)
            np.clip(ranks, good[0], good[-1] + np.int32(1), out=ranks)
            which = np.flatnonzero((ranks[0] != ranks[1]) & (amounts > 0.0))
            kept = histogram - np.bincount(slots[which], amounts[which], counter.stride)
            base = BRANCHES * starts[number] - (0 if number == len(starts) - 2 else starts[number + 1])
            blocks = which + (BRANCHES * (blocks - np.arange(len(blocks))) - base).take(which // BRANCHES)
            before = bound
        return bound


def _table(level: Level, most: FloatArray, constants: FloatArray) -> FloatArray:
    """The terms of each group's positions, in the order in which `GroupSweep` multiplies them.

    Args:
        level: the groups.
        most: the largest value that each term is multiplied by, shape (n_rows,).
        constants: added to every position, shape (n_blocks,).
    """
    dtype, shape = level.low.dtype, level.low.shape[1:]
    rounding, least = (SINGLE_ROUNDING, _UNDERFLOW_SINGLE) if dtype == np.float32 else (2.0**-51, UNDERFLOW)
    own_constants = np.broadcast_to(constants.astype(dtype)[:, np.newaxis], shape)
    error = np.abs(own_constants)
    for low, high, largest in zip(level.low, level.high, most.tolist(), strict=True):
        error = error + np.maximum(np.abs(low), np.abs(high)) * dtype.type(largest)
    error = error * dtype.type(4 * len(most) * rounding) + dtype.type(least)
    falling = (level.kinds & 2).astype(np.bool_)
    n_fixed = len(most) - 1
    are_samples = level.low is level.high
    table = np.empty((len(most) + n_fixed + (0 if are_samples else len(most)), *shape), dtype)
    middle, of_reach = table[: n_fixed + 1], table[-n_fixed:]
    if are_samples:
        middle[:] = level.low
        middle[-1] -= error
    else:
        np.add(level.low, level.high, out=middle)
        middle /= dtype.type(2.0)
        apart = table[n_fixed + 1 : -n_fixed]
        np.subtract(level.high, level.low, out=apart)
        apart /= dtype.type(2.0)
        apart[-1] += error
    np.abs(middle[:-1], out=of_reach)
    table[:, falling] *= dtype.type(-1.0)
    middle[-1] += own_constants
    return table
