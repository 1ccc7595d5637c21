"""Two bounds per box: every candidate in the box has an objective between them.

The bounds that work for any problem come from the ranges of the outputs, as in `outputs.py`. They are sound for the
same reason: the ranges contain the outputs of every candidate, and the scoring gives the best and the worst score over
a range. A penalty lowers both, and where a proof has better bounds, these replace the upper ones.
"""

from typing import NamedTuple, Protocol, final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import FloatArray
from minigrid.scoring import BuiltinPenalty, BuiltinScoring, Penalty, bound_penalty
from minigrid.search.engines.batched.forward import TILE
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import MANY_TOGETHER, Bounder
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.outputs import bound_outputs, output_ranges
from minigrid.search.problem import Problem

_BATCHES = 8  # batches of a proof that one step bounds


class Sides(NamedTuple):
    """Bounds of some boxes, for all values of the last axis, or one for all: shape (n_boxes, n_values) or (n_boxes, 1).

    Of losses they have a minus sign, so that higher is better.

    Attributes:
        lower: no candidate is worse.
        upper: none is better.
    """

    lower: FloatArray
    upper: FloatArray


class SideBounds(Protocol):
    """Bounds boxes from both sides."""

    few: int
    """Boxes of so few settings of all axes but the last are not worth cutting: each setting is bounded by itself."""

    most_together: int
    """The largest number of boxes that is worth bounding together."""

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound some boxes. If no upper bound of a box reaches `threshold`, the lower may be anything below it."""

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two; none of them has `few` settings."""


@final
class OutputSides:
    """Bounds for anything, from the ranges of the outputs."""

    few: int = 4  # scoring all values of the last axis is faster than bounding them
    most_together: int = MANY_TOGETHER

    def __init__(self, problem: Problem, hidden: HiddenRanges) -> None:
        self._problem = problem
        self._hidden = hidden
        self._urgency = np.ones(len(problem.space.grids))
        self._height = max(1, TILE // (problem.n_samples * problem.network.n_outputs))

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound the scores of some boxes, see `SideBounds`."""
        sign, lower, upper = self._problem.sign, np.full(len(boxes), -np.inf), np.empty(len(boxes))
        for some in slices(len(boxes), self._height):
            low, high = output_ranges(self._hidden, boxes[some], self._problem.n_samples)
            upper[some] = sign * bound_outputs(self._problem, low, high)
            left = np.flatnonzero(upper[some] >= threshold)
            if left.size:
                lower[some.start + left] = sign * self._pessimistic(low[left], high[left])
        return Sides(lower[:, np.newaxis], upper[:, np.newaxis])

    def _pessimistic(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Bound the scores from the other side than `bound_outputs`; a custom scoring has no such bound."""
        problem, scoring = self._problem, self._problem.scoring
        if isinstance(scoring, BuiltinScoring):
            return scoring.pessimistic_bound(problem.targets, low, high, problem.sample_weight)
        return np.full(len(low), -problem.sign * np.inf)


@final
class PenaltySides:
    """Bounds of objectives: the bounds of scores, lowered by the largest and the smallest penalty in the box.

    Sound because the cost of the built-in penalties never falls when a magnitude rises, rounding included. For a custom
    penalty the greatest cost is unknown. A box whose candidates are all forbidden has the bounds NaN, which reach
    nothing.
    """

    def __init__(self, problem: Problem, penalty: Penalty, scores: SideBounds) -> None:
        self.few: int = scores.few
        self.most_together: int = scores.most_together
        self._penalty, self._scores = penalty, scores
        self._axes = Axes(problem.space.grids)
        self._is_weight = problem.is_weight

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return self._scores.halves(boxes)

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound the objectives of some boxes, see `SideBounds`."""
        scores, penalty = self._scores.bound(boxes, threshold), self._penalty
        low, high = self._axes.values(boxes.low), self._axes.values(boxes.high)
        least = bound_penalty(penalty, low, high, self._is_weight)
        most = np.full(len(boxes), np.inf)
        if isinstance(penalty, BuiltinPenalty):
            most = penalty.batch(np.maximum(np.abs(low), np.abs(high)), self._is_weight)
        least, most = (np.where(np.isinf(cost), np.nan, cost)[:, np.newaxis] for cost in (least, most))
        return Sides(scores.lower - most, scores.upper - least)


@final
class ProofSides:
    """Bounds of objectives of which the upper come from the proof, for boxes that the other bounds leave in doubt.

    Sound because a proof's bounds hold for every candidate of a box. Boxes are split as in the proof, so that few of
    them stay in doubt.
    """

    def __init__(self, bounder: Bounder, sides: SideBounds) -> None:
        self.few: int = sides.few
        self.most_together: int = min(sides.most_together, _BATCHES * bounder.most_together)
        self._bounder, self._sides = bounder, sides
        self._held = slice(0, bounder.n_axes)

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two, as in the proof."""
        halves, rest = self._bounder.halves(boxes.columns(self._held)), slice(self._held.stop, None)
        low, high = (np.tile(ends[:, rest], (2, 1)) for ends in (boxes.low, boxes.high))
        return Boxes(np.hstack([halves.low, low]), np.hstack([halves.high, high]))

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound the objectives of some boxes, see `SideBounds`."""
        sides = self._sides.bound(boxes, threshold)
        in_doubt = ((sides.upper >= threshold) & ~(sides.lower >= threshold)).any(axis=1)
        large = (boxes.high - boxes.low + 1)[:, :-1].astype(np.float64).prod(axis=1) > self.few
        some = np.flatnonzero(in_doubt & large)
        if some.size:
            bounds = self._bounder.bound(boxes[some].columns(self._held), threshold)
            bounds[np.isnan(bounds)] = -np.inf  # the penalty forbids the whole box
            sides.upper[some] = np.minimum(sides.upper[some], bounds[:, np.newaxis])
        return sides


@final
class NoSides:
    """Bounds for problems without bounds: the search splits boxes until every candidate is scored."""

    few: int = 16
    most_together: int = MANY_TOGETHER

    def __init__(self, problem: Problem) -> None:
        n_axes = len(problem.space.grids)
        # The first axes are cut first, so that what is scored together has the first layers in common.
        self._urgency = np.append(2.0 ** (-40.0 * np.arange(n_axes - 1)), 0.0)

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def bound(self, boxes: Boxes, threshold: float) -> Sides:
        """Bound nothing."""
        unknown = np.full((len(boxes), 1), np.inf)
        return Sides(-unknown, unknown)
