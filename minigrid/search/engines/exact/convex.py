"""Bounds for one neuron whose loss is convex: log loss of a sigmoid, and losses of a weighted sum.

Each box is bounded from its best point between the grid's values (`relaxation.py`) and split where that point lies off
the grid. Neither half then contains the point that determined the bound of the whole, so both bounds get tighter. The
grid point nearest to the best point, improved by single-parameter steps, is a good candidate.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import Identity
from minigrid.scoring import MeanSquaredError
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.curves import curve_of
from minigrid.search.engines.exact.newton import ConvexLoss
from minigrid.search.engines.exact.outputs import OutputBounds
from minigrid.search.engines.exact.penalized import LeastCosts, ranks_at_zero
from minigrid.search.engines.exact.regions import Unpenalized, regions_of
from minigrid.search.engines.exact.relaxation import Relaxation
from minigrid.search.engines.exact.sampled import SampledLoss
from minigrid.search.engines.exact.single import SingleNeuron
from minigrid.search.engines.exact.squared import SquaredLoss
from minigrid.search.engines.margins import UNDERFLOW
from minigrid.search.problem import Problem

_EXAMINED = 2**23  # samples to examine per batch, so that a batch takes a fraction of a second
_MOST_TOGETHER = 32  # boxes
_ROUNDS = 2**24  # of samples and parameters
_WORSE = 1.0 + 1e-9


@final
class ConvexBounds:
    """A single neuron with a convex loss."""

    def __init__(
        self, problem: Problem, neuron: SingleNeuron, relaxation: Relaxation, ranges: OutputBounds, costs: LeastCosts
    ) -> None:
        self.n_axes: int = len(problem.space.grids)
        self.whole: BoolArray = np.zeros(self.n_axes, dtype=np.bool_)
        self.heeds_penalty: bool = costs.penalty is not None
        self.improves: bool = True
        self.most_together: int = max(1, min(_MOST_TOGETHER, int(_EXAMINED / relaxation.loss.n_examined)))
        self._n_rounds = max(1, _ROUNDS // (2 * self.n_axes * problem.n_samples))
        self._starts: dict[bytes, FloatArray] = {}  # the best points of what was cut last, for the halves
        self._promising: tuple[float, IntArray] | None = None
        self._urgency = neuron.urgency
        self._axes = Axes(problem.space.grids)
        self._values = [np.sort(grid.values) for grid in problem.space.grids]
        self._steps = np.concatenate([np.eye(self.n_axes, dtype=np.int64), -np.eye(self.n_axes, dtype=np.int64)])
        self._relaxation, self._ranges, self._costs = relaxation, ranges, costs
        self._below, self._up_to = ranks_at_zero(problem.space.grids)

    def promising(self) -> IntArray | None:
        """See `Bounder`."""
        found, self._promising = self._promising, None
        return None if found is None else found[1]

    def shrink_cache(self) -> None:
        """This bounder caches nothing."""

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the objectives, shape (n_boxes,); NaN: all of a box is forbidden.

        Losses that are only slightly worse than `threshold` are not distinguished from it.
        """
        costs = self._costs.of(boxes)
        bounds, some = np.full(len(boxes), np.nan), np.flatnonzero(~np.isinf(costs))
        if some.size:
            bounds[some] = self._bound(boxes[some], costs[some], threshold)
        return bounds

    def _bound(self, boxes: Boxes, costs: FloatArray, threshold: float) -> FloatArray:
        low, high = self._ends(boxes)
        starts = np.array([self._starts.get(key, self._relaxation.start) for key in _keys(boxes)])
        least, points = self._relaxation.least(low, high, starts, -threshold * _WORSE + UNDERFLOW)
        bounds = -least
        if self.heeds_penalty:
            self._find_promising(boxes, points, -threshold)
        # The ranges of outputs give the better bound near a loss of 0, and the exact score where nothing varies.
        varies = ((high > low) & (self._urgency > 0.0)).any(axis=1)
        loose = ~(bounds <= threshold) & ~(varies & (bounds < 0.0))
        bounds[loose] = np.fmin(bounds[loose], self._ranges.bound(boxes[loose]) - costs[loose])
        return bounds

    def _find_promising(self, boxes: Boxes, points: FloatArray, worth: float) -> None:
        """Round the best points of boxes, which is cheap compared with finding them, and keep the best result."""
        ranks = self._rounded(boxes, points)
        values = self._axes.values(ranks)
        losses = self._relaxation.loss_at(values) + self._costs.at(values)
        best = int(np.argmin(losses))
        if losses[best] < (worth if self._promising is None else self._promising[0]):
            self._promising = float(losses[best]), ranks[[best]]

    def _rounded(self, boxes: Boxes, points: FloatArray) -> IntArray:
        """Find the nearest grid points, with at most the allowed number of weights."""
        low, high = self._ends(boxes)
        ranks, down, up = self._between(boxes, self._relaxation.region(low, high).few(points))
        nearest: IntArray = np.minimum(ranks + (up < down), boxes.high)
        return nearest

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box where its best point lies between two values and moving it to either costs most.

        A parameter that counts as part of a weight is split at 0 first.
        """
        low, high = self._ends(boxes)
        points = self._relaxation.best(low, high)
        ranks, down, up = self._between(boxes, points)
        gains = np.nan_to_num(down * up * self._relaxation.stiffness(points, low, high))
        rows, axis = np.arange(len(boxes)), np.argmax(gains, axis=1)
        rank = ranks[rows, axis]
        level = np.flatnonzero(gains[rows, axis] <= 0.0)
        axis[level] = boxes[level].longest(self._urgency)
        rank[level] = (boxes.low[level, axis[level]] + boxes.high[level, axis[level]]) // 2
        loose = self._relaxation.region(low, high).loose(points)
        parts = np.flatnonzero(loose.any(axis=1))
        axis[parts] = np.argmax(loose[parts], axis=1)
        above = points[parts, axis[parts]] > 0.0
        rank[parts] = np.where(above, self._up_to[axis[parts]], self._below[axis[parts]])
        halves = boxes.cut(axis, rank)
        self._starts = dict(zip(_keys(halves), [*points, *points], strict=True))
        return halves

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks."""
        middles = boxes.low.copy()
        some = np.flatnonzero(~boxes.are_points())
        if some.size:
            chosen = boxes[some]
            low, high = self._ends(chosen)
            nearest = self._rounded(chosen, self._relaxation.best(low, high))
            middles[some] = [self._improved(*rows) for rows in zip(nearest, chosen.low, chosen.high, strict=True)]
        return middles

    def _ends(self, boxes: Boxes) -> tuple[FloatArray, FloatArray]:
        return self._axes.values(boxes.low), self._axes.values(boxes.high)

    def _between(self, boxes: Boxes, points: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Find the ranks, not the highest of a side, below points in boxes, and how far these and the next are off."""
        ranks = np.empty_like(boxes.low)
        for axis, values in enumerate(self._values):
            ranks[:, axis] = np.searchsorted(values, points[:, axis], side="right") - 1
        ranks = np.clip(ranks, boxes.low, np.maximum(boxes.high - 1, boxes.low))
        down = points - self._axes.values(ranks)
        up = self._axes.values(np.minimum(ranks + 1, boxes.high)) - points
        return ranks, np.maximum(down, 0.0), np.maximum(up, 0.0)

    def _improved(self, point: IntArray, low: IntArray, high: IntArray) -> IntArray:
        """Change one parameter by one rank at a time, choosing the best change, while that improves the point."""
        best, steps = np.inf, np.concatenate([np.zeros_like(point[np.newaxis]), self._steps])
        for _ in range(self._n_rounds):
            tried = point + steps
            tried = tried[((tried >= low) & (tried <= high)).all(axis=1)]
            values = self._axes.values(tried)
            losses = self._relaxation.loss_at(values) + self._costs.at(values)
            if not losses.min() < best:
                return point
            point, best, steps = tried[np.argmin(losses)], float(losses.min()), self._steps
        return point


def _keys(boxes: Boxes) -> list[bytes]:
    return [row.tobytes() for row in np.concatenate([boxes.low, boxes.high], axis=1)]


def find_convex(problem: Problem, neuron: SingleNeuron, ranges: OutputBounds) -> ConvexBounds | None:
    """Find the curve of a problem's loss, if it is convex."""
    targets = problem.targets.reshape(problem.n_samples)
    low, high = (np.array([pick(grid.values) for grid in problem.space.grids]) for pick in (np.min, np.max))
    reach = float(max(np.abs(low).max(), np.abs(high).max()))
    make_region = regions_of(problem.penalty, problem.is_weight, reach)
    costs = LeastCosts(problem, len(low), None if make_region is None else problem.penalty)
    make_region = make_region or Unpenalized
    activation = problem.network.layers[0][0].activation
    loss: ConvexLoss
    if isinstance(activation, Identity) and isinstance(problem.scoring, MeanSquaredError):
        loss = SquaredLoss(neuron, targets, low, high)
    else:
        curve = curve_of(activation, problem.scoring, targets)
        if curve is None:
            return None
        loss = SampledLoss(neuron, curve, make_region(low[np.newaxis], high[np.newaxis]))
    return ConvexBounds(problem, neuron, Relaxation(loss, make_region, low, high), ranges, costs)
