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

_MOST_CHANGES = 2**16  # of a setting, that are tried in one round


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
        self._swept = [(float(grid.values.min()), float(grid.values.max())) for grid in grids[self.n_axes :]]

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
        swept = np.ones((len(boxes), 1)) * np.array(self._swept).reshape(1, -1, 2).transpose(2, 0, 1)[:, 0, np.newaxis]
        lower = np.concatenate([self._axes.values(boxes.low), swept[0]], axis=1)
        upper = np.concatenate([self._axes.values(boxes.high), swept[1]], axis=1)
        return bound_penalty(self._problem.penalty, lower, upper, self._is_weight)


def descend_from_least(problem: Problem, scorer: Scorer) -> tuple[float, int] | None:
    """Find a good candidate of few and small weights: from the smallest ones on, by the best change each time.

    A change is another value for one parameter, or that together with the smallest value for another one, so that a
    weight can take the place of another where no more are allowed.

    Returns:
        The objective and the index; None if there is no number to begin with.
    """
    grids = problem.space.grids
    least = np.array([int(np.argmin(np.abs(grid.values))) for grid in grids])
    lengths = np.array([len(grid) for grid in grids])
    axis = np.repeat(np.arange(len(grids)), lengths)
    value = np.concatenate([np.arange(length) for length in lengths])
    now, best = least, problem.sign * scorer.objective(problem, least[np.newaxis])[0].item()
    while True:
        singles = np.tile(now, (len(axis), 1))
        singles[np.arange(len(axis)), axis] = value
        moved = np.flatnonzero(now != least)
        moved = moved[: max(1, _MOST_CHANGES // len(axis))]
        swaps = np.tile(singles, (len(moved), 1))
        swaps[np.arange(len(swaps)), np.repeat(moved, len(axis))] = np.repeat(least[moved], len(axis))
        tried = np.concatenate([singles, swaps])
        found = np.concatenate(
            [
                problem.sign * scorer.objective(problem, tried[some])
                for some in slices(len(tried), scorer.chunk_size(problem))
            ]
        )
        found[np.isnan(found)] = -np.inf
        k = int(np.argmax(found))
        if not found[k] > (-np.inf if np.isnan(best) else best):
            break
        now, best = tried[k], float(found[k])
    return None if np.isnan(best) else (problem.sign * best, problem.space.index_at(now))
