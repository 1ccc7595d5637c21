"""The bounder of a single neuron whose loss is convex in its parameters: log loss of a sigmoid, and losses of a sum.

Boxes are bounded from their best points between the grid's values (`relaxation.py`), and cut where these lie off the
grid: neither half holds the point that made the bound of the whole, so both bounds rise. What is nearest to it on the
grid, improved one step at a time, is a good candidate.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import Identity
from minigrid.scoring import MeanSquaredError
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.curves import curve_of
from minigrid.search.engines.exact.downhill import ConvexLoss
from minigrid.search.engines.exact.outputs import OutputBounds
from minigrid.search.engines.exact.relaxation import Relaxation
from minigrid.search.engines.exact.sampled import SampledLoss
from minigrid.search.engines.exact.single import SingleNeuron
from minigrid.search.engines.exact.squared import SquaredLoss
from minigrid.search.engines.margins import UNDERFLOW
from minigrid.search.problem import Problem

_LOOKS = 2**23  # samples that are looked at for a batch, so that it takes a fraction of a second
_MOST_TOGETHER = 32  # boxes
_WORSE = 1.0 + 1e-9


@final
class ConvexBounds:
    """A single neuron with a convex loss."""

    def __init__(self, problem: Problem, neuron: SingleNeuron, relaxation: Relaxation, ranges: OutputBounds) -> None:
        self.n_axes: int = len(problem.space.grids)
        self.whole: BoolArray = np.zeros(self.n_axes, dtype=np.bool_)
        self.most_together: int = max(1, min(_MOST_TOGETHER, int(_LOOKS / relaxation.loss.n_looks)))
        self._urgency = neuron.urgency
        self._axes = Axes(problem.space.grids)
        self._values = [np.sort(grid.values) for grid in problem.space.grids]
        self._steps = np.concatenate([np.eye(self.n_axes, dtype=np.int64), -np.eye(self.n_axes, dtype=np.int64)])
        self._relaxation = relaxation
        self._ranges = ranges

    def shrink_cache(self) -> None:
        """Nothing is kept."""

    def bound(self, boxes: Boxes, enough: float = -np.inf) -> FloatArray:
        """Bound the scores, shape (n_boxes,).

        Losses that are worse than `enough`, if only just, are not told apart.
        """
        low, high = self._ends(boxes)
        bounds = -self._relaxation.least(low, high, -enough * _WORSE + UNDERFLOW)
        # The ranges of outputs are the better bound near a loss of 0, and the score itself where nothing varies.
        varies = ((high > low) & (self._urgency > 0.0)).any(axis=1)
        loose = ~(bounds <= enough) & ~(varies & (bounds < 0.0))
        bounds[loose] = np.fmin(bounds[loose], self._ranges.bound(boxes[loose]))
        return bounds

    def halves(self, boxes: Boxes) -> Boxes:
        """Cut every box in two where its best point lies between two values and resists most to be moved to either."""
        points = self._relaxation.best(*self._ends(boxes))
        ranks, down, up = self._between(boxes, points)
        gains = np.nan_to_num(down * up * self._relaxation.stiffness(points, *self._ends(boxes)))
        rows, axis = np.arange(len(boxes)), np.argmax(gains, axis=1)
        rank = ranks[rows, axis]
        level = np.flatnonzero(gains[rows, axis] <= 0.0)
        axis[level] = boxes[level].longest(self._urgency)
        rank[level] = (boxes.low[level, axis[level]] + boxes.high[level, axis[level]]) // 2
        return boxes.cut(axis, rank)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks."""
        middles = boxes.low.copy()
        some = np.flatnonzero(~boxes.are_points())
        if some.size:
            chosen = boxes[some]
            ranks, down, up = self._between(chosen, self._relaxation.best(*self._ends(chosen)))
            nearest = np.minimum(ranks + (up < down), chosen.high)
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
        """Change one parameter of a point by one rank, as is best, while that is better."""
        best, steps = np.inf, np.concatenate([np.zeros_like(point[np.newaxis]), self._steps])
        while True:
            tried = point + steps
            tried = tried[((tried >= low) & (tried <= high)).all(axis=1)]
            losses = self._relaxation.loss_at(self._axes.values(tried))
            if not losses.min() < best:
                return point
            point, best, steps = tried[np.argmin(losses)], float(losses.min()), self._steps


def find_convex(problem: Problem, neuron: SingleNeuron, ranges: OutputBounds) -> ConvexBounds | None:
    """Find the curve of a problem's loss, if it is convex."""
    targets = problem.targets.reshape(problem.n_samples)
    low, high = (np.array([pick(grid.values) for grid in problem.space.grids]) for pick in (np.min, np.max))
    activation = problem.network.layers[0][0].activation
    loss: ConvexLoss
    if isinstance(activation, Identity) and isinstance(problem.scoring, MeanSquaredError):
        loss = SquaredLoss(neuron, targets, low, high)
    else:
        curve = curve_of(activation, problem.scoring, targets)
        if curve is None:
            return None
        loss = SampledLoss(neuron, curve, low, high)
    return ConvexBounds(problem, neuron, Relaxation(loss, low, high), ranges)
