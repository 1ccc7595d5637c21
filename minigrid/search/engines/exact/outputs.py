"""The general bounder: any network, and any scoring that declares bounds, from the ranges of the outputs.

Sound because the ranges contain the outputs of every candidate, and the scoring gives the best score over a range. If
a loss has tangents (`tangents.py`), there are two sound bounds, and the better of the two is also sound.
"""

from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import BuiltinScoring, bound_scoring
from minigrid.search.engines.batched.forward import TILE
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.bounder import MANY_TOGETHER
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.intervals import output_range, sum_range
from minigrid.search.engines.exact.tangents import LossTangents
from minigrid.search.problem import Problem


@final
class OutputBounds:
    """Any network and any scoring that bounds itself: from the range of the outputs."""

    def __init__(self, problem: Problem, hidden: HiddenRanges, tangents: LossTangents | None) -> None:
        self.n_axes: int = len(problem.space.grids)
        self.whole: BoolArray = np.zeros(self.n_axes, dtype=np.bool_)
        self.most_together: int = MANY_TOGETHER
        self.heeds_penalty: bool = False
        self.improves: bool = False
        self._urgency = np.ones(self.n_axes) if tangents is None else tangents.urgency
        self._problem = problem
        self._hidden = hidden
        self._tangents = tangents
        self._sign = problem.sign

    def promising(self) -> IntArray | None:
        """See `Bounder`."""
        return None

    def shrink_cache(self) -> None:
        """Cache little from now on."""
        self._hidden.shrink_cache()

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two."""
        return boxes.halves(self._urgency)

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks."""
        return (boxes.low + boxes.high) // 2

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the scores, shape (n_boxes,)."""
        if self._tangents is None:
            return self._by_range(boxes)
        every = slice(0, self.n_axes)
        least, loose = self._tangents.least(*self._hidden.values(boxes, every))
        bounds = -least
        loose &= ~(bounds <= threshold)
        bounds[loose] = np.fmin(bounds[loose], self._by_range(boxes[loose]))
        return bounds

    def _by_range(self, boxes: Boxes) -> FloatArray:
        problem, bounds = self._problem, np.empty(len(boxes))
        for some in slices(len(boxes), TILE // (problem.n_samples * problem.network.n_outputs)):
            bounds[some] = bound_outputs(problem, *output_ranges(self._hidden, boxes[some], problem.n_samples))
        return self._sign * bounds


def output_ranges(hidden: HiddenRanges, boxes: Boxes, n_samples: int) -> tuple[FloatArray, FloatArray]:
    """Compute the least and the greatest outputs of a network, shape (n_boxes, n_samples, n_outputs)."""
    network, inputs = hidden.network, hidden.inputs_of_last(boxes)
    shape = (len(boxes), n_samples, network.n_outputs)
    low, high = np.empty(shape), np.empty(shape)
    for k, (neuron, own) in enumerate(zip(network.layers[-1], network.parameter_slices[-1], strict=True)):
        outputs = output_range(neuron.activation, sum_range(neuron, *hidden.values(boxes, own), inputs))
        low[:, :, k], high[:, :, k] = outputs.low, outputs.high
    return low, high


def bound_outputs(problem: Problem, low: FloatArray, high: FloatArray) -> FloatArray:
    """Let the scoring bound itself; a custom scoring is asked about finite outputs only.

    Args:
        problem: says what is scored.
        low: the least outputs, shape (n_boxes, n_samples, n_outputs).
        high: the greatest.
    """
    scoring, targets, weights = problem.scoring, problem.targets, problem.sample_weight
    if isinstance(scoring, BuiltinScoring):
        return bound_scoring(scoring, targets, low, high, weights)
    bounds = np.full(len(low), scoring.best_possible)
    finite = (np.isfinite(low) & np.isfinite(high)).all(axis=(1, 2))
    if finite.any():
        bounds[finite] = bound_scoring(scoring, targets, low[finite], high[finite], weights)
    return bounds
