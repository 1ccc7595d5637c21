"""Bounds of objectives: what scores may be in a box, worse by the least that its parameters cost.

Sound because no candidate in a box scores better than the box's bound, nor costs less than the penalty's: the plain
loop subtracts, or adds, the two numbers, and rounding keeps their order. A box whose every candidate is forbidden has
the bound NaN, as none of its candidates can win.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import bound_penalty
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.batched.forward import slices
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import Bounder
from minigrid.search.problem import Problem
from minigrid.search.space import smallest_digits

_LOOKS = 2**25  # samples that are looked at for one change
_VALUES = 64  # of a grid that are tried at most
_BIASES = 8  # values of a bias on either side that are tried with each change


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
        self.whole: BoolArray = scores.whole
        grids = problem.space.grids
        self._scores, self._problem, self._is_weight = scores, problem, problem.is_weight
        self._axes = Axes(grids[: self.n_axes])
        swept = grids[self.n_axes :]
        self._least = np.array([grid.values.min() for grid in swept])
        self._most = np.array([grid.values.max() for grid in swept])

    def shrink_cache(self) -> None:
        """Keep little of what is computed from now on."""
        self._scores.shrink_cache()

    def halves(self, boxes: Boxes) -> Boxes:
        """Cut every box in two."""
        return self._scores.halves(boxes)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks."""
        return self._scores.middles(boxes)

    def bound(self, boxes: Boxes, enough: float = -np.inf) -> FloatArray:
        """Bound the objectives, shape (n_boxes,); NaN: all of a box is forbidden."""
        if not len(boxes):
            return np.empty(0)
        costs = self._least_costs(boxes)
        bounds = np.full(len(boxes), np.nan)
        some = np.flatnonzero(~np.isinf(costs))
        if some.size:
            bounds[some] = self._scores.bound(boxes[some], enough + float(costs[some].min())) - costs[some]
        return bounds

    def _least_costs(self, boxes: Boxes) -> FloatArray:
        assert self._problem.penalty is not None
        lower = np.concatenate([self._axes.values(boxes.low), np.tile(self._least, (len(boxes), 1))], axis=1)
        upper = np.concatenate([self._axes.values(boxes.high), np.tile(self._most, (len(boxes), 1))], axis=1)
        return bound_penalty(self._problem.penalty, lower, upper, self._is_weight)


@final
class SmallWeights:
    """Goes from the smallest weights on by the best change each time: to a good candidate of few and small weights.

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
        most = int(np.clip(_LOOKS // (problem.n_samples * len(grids)), 2, _VALUES))
        chosen = [np.unique(np.linspace(0, length - 1, most).astype(np.int64)) for length in self._lengths]
        self._axis = np.repeat(np.arange(len(grids)), [len(own) for own in chosen])
        self._value = np.concatenate(chosen)
        self._reach = 0 if problem.is_weight[-1] else min(_BIASES, _LOOKS // (2 * problem.n_samples * len(self._axis)))
        self._now: IntArray | None = None
        self._best = -np.inf
        self._ahead: list[int | None] = []  # which parameter gets its smallest value in the next steps, last one first

    def step(self, known: list[tuple[float, int]]) -> IntArray | None:
        """Take the next step; return the positions in the grids of what is better than all before, None if nothing is.

        Args:
            known: the best so far, as (objective, index), best first: from there a search goes on that is resumed.
        """
        if self._now is None and known:
            self._go_to(self._problem.space.digits([known[0][1]])[0], self._problem.sign * known[0][0])
        elif self._now is None:
            self._go_to(self._least, -np.inf)
        assert self._now is not None
        tried = np.tile(self._now, (len(self._axis) + 1, 1))
        moved = self._ahead.pop()
        if moved is not None:
            tried[:, moved] = self._least[moved]
        tried[np.arange(len(self._axis)), self._axis] = self._value
        found = self._best_of(self._with_biases(tried))
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

    def _best_of(self, tried: IntArray) -> IntArray | None:
        """Go to the best of some candidates, if it is better than the present one."""
        best, better = self._best, None
        for some in slices(len(tried), self._scorer.chunk_size(self._problem)):
            found = self._problem.sign * self._scorer.objective(self._problem, tried[some])
            found[np.isnan(found)] = -np.inf
            k = int(np.argmax(found))
            if found[k] > best:
                best, better = float(found[k]), tried[some][k]
        if better is not None:
            self._go_to(better, best)
        return better
