"""Bounds of objectives: the bound of the score in a box, made worse by the least penalty of its parameters.

Sound because no candidate in a box scores better than the box's bound or costs less than the penalty's bound. The
plain loop subtracts or adds the two numbers, and rounding keeps their order. If every candidate of a box is forbidden,
the bound is NaN, because none of them can win.
"""

from collections.abc import Sequence
from typing import Literal, final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import L0, Penalty, bound_penalty
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import Bounder
from minigrid.search.engines.exact.indistinguishable import find_indistinguishable
from minigrid.search.problem import Problem
from minigrid.search.space import Grid, smallest_digits

_EXAMINED = 2**28  # samples and parameters that are multiplied for one change
_VALUES = 64  # of a grid that are tried at most
_SIDES: tuple[Literal["left"], Literal["right"]] = "left", "right"
_BIASES = 8  # values of a bias on either side that are tried with each change


@final
class LeastCosts:
    """The least that candidates cost.

    Args:
        problem: any.
        n_axes: how many of its first parameters boxes are made of.
        penalty: one that declares bounds; None: nothing costs anything.
    """

    def __init__(self, problem: Problem, n_axes: int, penalty: Penalty | None) -> None:
        self.penalty: Penalty | None = penalty
        grids = problem.space.grids
        self._axes, self._is_weight = Axes(grids[:n_axes]), problem.is_weight
        self._least = np.array([grid.values.min() for grid in grids[n_axes:]])
        self._most = np.array([grid.values.max() for grid in grids[n_axes:]])

    def of(self, boxes: Boxes) -> FloatArray:
        """Find the least cost in each box, shape (n_boxes,); infinity: all of it is forbidden."""
        if self.penalty is None or not len(boxes):
            return np.zeros(len(boxes))
        lower = np.concatenate([self._axes.values(boxes.low), np.tile(self._least, (len(boxes), 1))], axis=1)
        upper = np.concatenate([self._axes.values(boxes.high), np.tile(self._most, (len(boxes), 1))], axis=1)
        return bound_penalty(self.penalty, lower, upper, self._is_weight)

    def at(self, parameters: FloatArray) -> FloatArray:
        """Compute what settings of all parameters cost, shape (n_settings,)."""
        if self.penalty is None:
            return np.zeros(len(parameters))
        return self.penalty.batch(parameters, self._is_weight)


def ranks_at_zero(grids: Sequence[Grid]) -> tuple[IntArray, IntArray]:
    """Find the last rank below 0 and the last up to 0 on each axis, shape (n_axes,) both; -1: there is none."""
    values = [np.sort(grid.values) for grid in grids]
    below, up_to = (
        np.array([np.searchsorted(own, 0.0, side) - 1 for own in values], dtype=np.int64) for side in _SIDES
    )
    return below, up_to


@final
class PenalizedBounds:
    """Bounds of objectives, from those of scores."""

    def __init__(self, problem: Problem, scores: Bounder) -> None:
        """Set up the bounds.

        Args:
            problem: with a penalty that declares bounds.
            scores: bounds the scores of the same problem.
        """
        self.n_axes: int = scores.n_axes
        self.most_together: int = scores.most_together
        self.heeds_penalty: bool = False
        self.improves: bool = False  # its middles know of no penalty
        self.whole: BoolArray = scores.whole
        self._scores, self._costs = scores, LeastCosts(problem, scores.n_axes, problem.penalty)
        self._axes, self._is_weight = Axes(problem.space.grids[: self.n_axes]), problem.is_weight
        self._counts = isinstance(problem.penalty, L0)
        self._alike = find_indistinguishable(problem) if self._counts else None
        self._below, self._up_to = ranks_at_zero(problem.space.grids[: self.n_axes])

    def promising(self) -> IntArray | None:
        """See `Bounder`."""
        return self._scores.promising()

    def shrink_cache(self) -> None:
        """Cache little from now on."""
        self._scores.shrink_cache()

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two; where weights are counted, at 0 if that lies in between."""
        halves = self._scores.halves(boxes)
        if not self._counts:
            return halves
        lower = halves[: len(boxes)]
        axis = np.argmax(lower.high != boxes.high, axis=1)
        rows = np.arange(len(boxes))
        rank, low, high = lower.high[rows, axis], boxes.low[rows, axis], boxes.high[rows, axis]
        for zero in (self._below[axis], self._up_to[axis]):
            rank = np.where(self._is_weight[axis] & (low <= zero) & (zero < high), zero, rank)
        return boxes.cut(axis, rank)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks."""
        return self._scores.middles(boxes)

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the objectives, shape (n_boxes,); NaN: all of a box is forbidden."""
        costs = self._costs.of(boxes)
        bounds, some = np.full(len(boxes), np.nan), np.flatnonzero(~np.isinf(costs))
        best = np.full(some.size, np.inf)
        if self._alike is not None:
            best = self._alike.bound(self._seen(boxes[some])) - costs[some]
            bounds[some] = best
            some, best = some[best > threshold], best[best > threshold]
        if some.size:
            found = self._scores.bound(boxes[some], threshold + float(costs[some].min())) - costs[some]
            bounds[some] = np.fmin(found, best)
        return bounds

    def _seen(self, boxes: Boxes) -> BoolArray:
        """Tell which weights of a single neuron may differ from 0, shape (n_boxes, n_weights)."""
        seen = np.ones((len(boxes), np.count_nonzero(self._is_weight)), dtype=np.bool_)
        ends = self._axes.values(boxes.low), self._axes.values(boxes.high)
        held = slice(0, min(self.n_axes, seen.shape[1]))
        seen[:, held] = (ends[0][:, held] != 0.0) | (ends[1][:, held] != 0.0)
        return seen


@final
class SmallWeights:
    """Greedy search from the smallest weights, by the best change each time, for few and small weights.

    A change is another value for one parameter; where none is better, that together with the smallest value for another
    one, so that a weight takes the place of another where no more are allowed. Each is tried with some values of a bias
    of the output, as most changes ask for another one.

    Attributes:
        finished: whether no change is better.
    """

    def __init__(self, problem: Problem, scorer: Scorer) -> None:
        self.finished: bool = False
        grids = problem.space.grids
        self._problem, self._scorer = problem, scorer
        self._lengths = np.array([len(grid) for grid in grids])
        self._least = smallest_digits(problem.space)
        # Of a grid of many values, or where there are many samples, some evenly spaced ones.
        each = problem.n_samples * len(grids)
        most = int(np.clip(_EXAMINED // (each * len(grids)), 2, _VALUES))
        chosen = [np.unique(np.linspace(0, length - 1, most).astype(np.int64)) for length in self._lengths]
        self._axis = np.repeat(np.arange(len(grids)), [len(own) for own in chosen])
        self._value = np.concatenate(chosen)
        self._reach = 0 if problem.is_weight[-1] else min(_BIASES, _EXAMINED // (2 * each * len(self._axis)))
        self._now: IntArray | None = None
        self._best = -np.inf
        self._ahead: list[int | None] = []  # which parameter gets its smallest value in the next steps, last one first

    def step(self, known: list[tuple[float, int]]) -> IntArray | None:
        """Take the next step; return the positions in the grids of what is better than all before, None if nothing is.

        Args:
            known: the best so far, as (objective, index), best first: from there a search continues that is resumed.
        """
        if self._now is None and known:
            self._go_to(self._problem.space.digits([known[0][1]])[0], self._problem.sign * known[0][0])
        elif self._now is None:
            self._go_to(self._least, -np.inf)
        assert self._now is not None
        tried = np.tile(self._now, (len(self._axis) + 1, 1))
        moved = self._ahead[-1]
        if moved is not None:
            tried[:, moved] = self._least[moved]
        tried[np.arange(len(self._axis)), self._axis] = self._value
        found, signed = self._best_of(self._with_biases(tried))
        self._ahead.pop()  # not before: scoring may be halted
        if found is not None:
            self._go_to(found, signed)
        self.finished = found is None and not self._ahead
        return found

    def _go_to(self, digits: IntArray, signed: float) -> None:
        self._now, self._best = digits, signed
        self._ahead = [*np.flatnonzero(digits != self._least).tolist(), None]

    def _with_biases(self, tried: IntArray) -> IntArray:
        """The same candidates, each with some values of the output's bias around the present one."""
        if not self._reach:
            return tried
        shifts = np.arange(-self._reach, self._reach + 1)
        digits = np.repeat(tried, len(shifts), axis=0)
        digits[:, -1] += np.tile(shifts, len(tried))
        inside: IntArray = digits[(digits[:, -1] >= 0) & (digits[:, -1] < self._lengths[-1])]
        return inside

    def _best_of(self, tried: IntArray) -> tuple[IntArray | None, float]:
        """Return the best of some candidates and its objective, or None if it is not better than the current one."""
        best, better = self._best, None
        for some in slices(len(tried), self._scorer.chunk_size(self._problem)):
            found = self._problem.sign * self._scorer.objective(self._problem, tried[some])
            found[np.isnan(found)] = -np.inf
            k = int(np.argmax(found))
            if found[k] > best:
                best, better = float(found[k]), tried[some][k]
        return better, best
