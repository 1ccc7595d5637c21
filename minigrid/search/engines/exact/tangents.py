"""Tangent planes of a loss that is not convex: bounds for one neuron, much tighter on small boxes than intervals.

Over a box, each sample's sum z lies within `reach` of m, its sum in the middle of the box. If the second derivative of
its loss l is at least -bend there, then l(z) >= l(m) + l'(m) * (z - m) - bend / 2 * reach**2. The mean of these bounds
over the samples is linear in the parameters, so its least value over the box is at a corner, where samples that pull
in different directions cancel. Intervals, in contrast, let every sample have its own best corner.

Sound because the second derivative is bounded as stated (the derivatives are given beside the curve), and because
`slack` is more than all rounding, here and in the plain loop.
"""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.halting import poll, slices
from minigrid._base.typing import BoolArray, FloatArray
from minigrid.activations import Sigmoid, Tanh
from minigrid.scoring import MeanSquaredError
from minigrid.search.engines.exact.single import SingleNeuron, by_sample
from minigrid.search.engines.margins import MEAN_ROUNDING
from minigrid.search.problem import Problem

_TILE = 2**14
_LOOSE = 0.3  # of the loss: where so much is lost by bending, intervals may be better


class _Tangents(NamedTuple):
    """Tangents of each sample's loss, shape (n_boxes, n_samples) all."""

    value: FloatArray
    slope: FloatArray
    bend: FloatArray


@final
class LossTangents:
    """Bounds the loss of a neuron that sees the data themselves."""

    def __init__(self, neuron: SingleNeuron, curve: "SquareOfSigmoid") -> None:
        self._neuron = neuron
        self._sizes = np.empty_like(neuron.inputs)
        for own, column in zip(self._sizes, neuron.inputs, strict=True):
            poll()
            np.abs(column, out=own)
        self._weighted_inputs = by_sample(neuron.inputs, neuron.mean_weights)
        self._curve = curve

    @property
    def urgency(self) -> FloatArray:
        """Return how much a step of each parameter weighs on average, shape (n_parameters,)."""
        return self._neuron.urgency

    def least(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Bound the loss from below over boxes, given by the least and greatest values of the parameters.

        Returns:
            The bounds, and where those of intervals may be better, shape (n_boxes,) both.
        """
        middle, half = 0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low
        weights, largest = self._neuron.mean_weights, self._neuron.largest
        least, loose = np.empty(len(low)), np.empty(len(low), dtype=np.bool_)
        for rows in slices(len(low), _TILE // len(weights)):
            reach = half[rows] @ self._sizes
            reach += MEAN_ROUNDING * largest
            value, slope, bend = self._curve.tangents(middle[rows] @ self._neuron.inputs, reach)
            mean = value @ weights
            falls = (np.abs(slope @ self._weighted_inputs) * half[rows]).sum(axis=1)
            bends = 0.5 * ((bend * reach * reach) @ weights)
            steep = np.abs(slope) @ weights
            slack = self._curve.slack + MEAN_ROUNDING * (mean + falls + bends + largest * steep)
            least[rows] = mean - falls - bends - slack
            loose[rows] = ~(bends + slack <= _LOOSE * mean) | ~np.isfinite(least[rows])
        return least, loose


def find_tangents(problem: Problem, neuron: SingleNeuron) -> LossTangents | None:
    """Find the curve of a problem's loss, if it is one that bends down."""
    targets = problem.targets.reshape(problem.n_samples)
    match problem.network.layers[0][0].activation, problem.scoring:
        case Sigmoid(), MeanSquaredError():
            return LossTangents(neuron, SquareOfSigmoid(targets, 1.0))
        case Tanh(), MeanSquaredError():  # tanh(z) is 2 * sigmoid(2 z) - 1
            return LossTangents(neuron, SquareOfSigmoid((targets + 1.0) / 2.0, 2.0))
        case _:
            return None


@final
class SquareOfSigmoid:
    """The square of scale * (s(scale * z) - t), s the sigmoid.

    With o = s(u), its second derivative by u is 2 o (1 - o) (o (1 - o) + (o - t) (1 - 2 o)). For t = 0 that is
    2 o^2 (1 - o) (2 - 3 o): not below -0.1203, and not below 0 until o = 2 / 3, u = log(2). For t = 1 it is the
    mirror image, and being linear in t at every o, in between no lower; outside, o (1 - o) |1 - 2 o| < 0.0963.

    Attributes:
        slack: what the computed loss may differ from the curve.
    """

    def __init__(self, targets: FloatArray, scale: float) -> None:
        self.slack: float = 2.0**-50 * scale**2
        self._targets = targets
        self._scale = scale
        beyond = np.maximum(np.maximum(-targets, targets - 1.0), 0.0)
        self._bend = scale**4 * (0.1203 + 2.0 * 0.0963 * beyond)
        # A label's loss is convex from where it has the other label's two thirds on.
        sign = np.where(targets == 1.0, 1.0, np.where(targets == 0.0, -1.0, 0.0))
        self._sign = scale * sign
        self._from = np.where(sign == 0.0, np.inf, -0.69)

    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        """Compute tangents at `sums` that are good for everything within `reach` of them."""
        outputs = 1.0 / (1.0 + np.exp(-self._scale * sums))
        errors = outputs - self._targets
        slope = (1.0 - outputs) * outputs
        slope *= errors
        slope *= 2.0 * self._scale**3
        convex = sums * self._sign - self._scale * reach >= self._from
        errors *= errors
        errors *= self._scale**2
        return _Tangents(errors, slope, np.where(convex, 0.0, self._bend))
