"""Tangent planes: bounds for a smooth loss of a single neuron, far better on small boxes than the outputs' ranges.

Over a box each sample's sum z lies within `reach` of m, its sum in the middle of the box. If its loss l never bends
down by more than l'' >= -bend there, then l(z) >= l(m) + l'(m) * (z - m) - bend / 2 * reach**2. The mean of
these over the samples is linear in the parameters: its least over the box stands in a corner, where samples that
pull in different directions cancel. Intervals let every sample have its own best corner.

Sound because the curves below bend as they say (derivatives beside each), and because `slack` is more than all
rounding, here and in the plain loop, amounts to.
"""

from typing import NamedTuple, Protocol, final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, override
from minigrid.activations import Identity, Sigmoid, Tanh
from minigrid.scoring import Hinge, LogLoss, MeanAbsoluteError, MeanSquaredError
from minigrid.search.engines.batched.forward import slices
from minigrid.search.engines.margins import MEAN_ROUNDING
from minigrid.search.problem import Problem

_TILE = 2**14
_TOO_FAR = 1e100  # sums
_TOO_NEAR = 1e-200  # inputs
_LOOSE = 0.3  # of the loss: where so much is lost by bending, intervals may be better
_WRONG = 16.0  # beyond it, 1 minus an output near 1 has too few digits left for its logarithm to be smooth


class _Tangents(NamedTuple):
    """Tangents of each sample's loss, shape (n_boxes, n_samples) all; None: it never bends down."""

    value: FloatArray
    slope: FloatArray
    bend: FloatArray | None


class _Curve(Protocol):
    """The loss of each sample as a function of its sum.

    Attributes:
        slack: what the computed loss may differ from the curve.
    """

    slack: float

    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        """Compute tangents at `sums` that are good for everything within `reach` of them."""


@final
class LossTangents:
    """Bounds the loss of a neuron that sees the data themselves."""

    def __init__(self, problem: Problem, curve: _Curve, largest: float) -> None:
        """Put the matrices together.

        Args:
            problem: a single neuron.
            curve: its loss.
            largest: no sum is larger in magnitude.
        """
        neuron = problem.network.layers[0][0]
        columns = [problem.columns[column] for column in neuron.input_columns()]
        if neuron.bias is not None:
            columns.append(np.ones(problem.n_samples))
        weights, n_samples = problem.sample_weight, problem.n_samples
        self._mean_weights = np.full(n_samples, 1.0 / n_samples) if weights is None else weights / weights.sum()
        self._inputs = np.array(columns)
        self._sizes = np.abs(self._inputs)
        self._weighted_inputs = np.ascontiguousarray((self._inputs * self._mean_weights).T)
        self._curve = curve
        self._largest = largest

    @property
    def sizes(self) -> FloatArray:
        """How much each parameter weighs on average, shape (n_parameters,)."""
        sizes: FloatArray = self._sizes @ self._mean_weights
        return sizes

    def least(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Bound the loss from below over boxes, given by the least and greatest values of the parameters.

        Returns:
            The bounds, and where those of intervals may be better, shape (n_boxes,) both.
        """
        middle, half = 0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low
        least, loose = np.empty(len(low)), np.empty(len(low), dtype=np.bool_)
        for rows in slices(len(low), _TILE // len(self._mean_weights)):
            reach = half[rows] @ self._sizes
            reach += MEAN_ROUNDING * self._largest
            value, slope, bend = self._curve.tangents(middle[rows] @ self._inputs, reach)
            mean = value @ self._mean_weights
            falls = (np.abs(slope @ self._weighted_inputs) * half[rows]).sum(axis=1)
            bends = np.zeros(len(mean)) if bend is None else 0.5 * ((bend * reach * reach) @ self._mean_weights)
            steep = np.abs(slope) @ self._mean_weights
            slack = self._curve.slack + MEAN_ROUNDING * (mean + falls + bends + self._largest * steep)
            least[rows] = mean - falls - bends - slack
            loose[rows] = ~(bends + slack <= _LOOSE * mean) | ~np.isfinite(least[rows])
        return least, loose


def find_tangents(problem: Problem, largest: float) -> LossTangents | None:
    """Find the curve of a problem's loss; None: there is none, or more than one neuron.

    Args:
        problem: any.
        largest: no sum of the network is larger in magnitude.
    """
    network, scoring = problem.network, problem.scoring
    if len(network.layers) > 1 or network.n_outputs > 1 or not largest < _TOO_FAR:
        return None
    sizes = np.abs(problem.columns)
    if sizes.min(where=sizes > 0.0, initial=1.0) < _TOO_NEAR:  # products might underflow unseen
        return None
    activation, targets = network.layers[0][0].activation, problem.targets.reshape(problem.n_samples)
    curve: _Curve | None = None
    match activation, scoring:
        case Sigmoid(), LogLoss():
            curve = _LogOfSigmoid(targets, scoring.epsilon)
        case Sigmoid(), MeanSquaredError():
            curve = _SquareOfSigmoid(targets, 1.0)
        case Tanh(), MeanSquaredError():  # tanh(z) is 2 * sigmoid(2 z) - 1
            curve = _SquareOfSigmoid((targets + 1.0) / 2.0, 2.0)
        case Identity(), MeanSquaredError():
            curve = _Square(targets)
        case Identity(), MeanAbsoluteError():
            curve = _Distance(targets)
        case Identity(), Hinge():
            curve = _HingeLine(targets)
        case _:
            pass
    return None if curve is None else LossTangents(problem, curve, largest)


@final
class _LogOfSigmoid(_Curve):
    """Convex: with q = z for label 1 and -z for label 0 it is log(1 + e^-q), cut off where q is very wrong."""

    def __init__(self, labels: FloatArray, epsilon: float) -> None:
        self.slack: float = 2.0**-50 * np.exp(_WRONG)
        self._sign = 2.0 * labels - 1.0
        self._wrong = min(_WRONG, -np.log(epsilon)) - 1.0

    @override
    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        """Where the box holds what is beyond the cut, take the least loss up to there, and no slope."""
        right = sums * self._sign
        beyond = right - reach < -self._wrong
        right = np.where(beyond, np.maximum(right + reach, -self._wrong), right)
        decay = np.exp(-np.abs(right))
        value = np.log1p(decay) - np.minimum(right, 0.0)
        slope = np.where(right > 0.0, decay, 1.0)
        slope /= 1.0 + decay
        slope *= -self._sign
        slope[beyond] = 0.0
        return _Tangents(value, slope, None)


@final
class _SquareOfSigmoid(_Curve):
    """The square of scale * (s(scale * z) - t), s the sigmoid.

    With o = s(u), its second derivative by u is 2 o (1 - o) (o (1 - o) + (o - t) (1 - 2 o)). For t = 0 that is
    2 o^2 (1 - o) (2 - 3 o): not below -0.1203, and not below 0 until o = 2 / 3, u = log(2). For t = 1 it is the
    mirror image, and being linear in t at every o, in between no lower; outside, o (1 - o) |1 - 2 o| < 0.0963.
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

    @override
    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        outputs = 1.0 / (1.0 + np.exp(-self._scale * sums))
        errors = outputs - self._targets
        slope = (1.0 - outputs) * outputs
        slope *= errors
        slope *= 2.0 * self._scale**3
        convex = sums * self._sign - self._scale * reach >= self._from
        errors *= errors
        errors *= self._scale**2
        return _Tangents(errors, slope, np.where(convex, 0.0, self._bend))


@final
class _Square(_Curve):
    """Convex: (z - y)^2."""

    def __init__(self, targets: FloatArray) -> None:
        self.slack: float = 0.0
        self._targets = targets

    @override
    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        errors = sums - self._targets
        return _Tangents(errors * errors, 2.0 * errors, None)


@final
class _Distance(_Curve):
    """Convex: |z - y|."""

    def __init__(self, targets: FloatArray) -> None:
        self.slack: float = MEAN_ROUNDING * float(np.abs(targets).max())
        self._targets = targets

    @override
    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        errors = sums - self._targets
        return _Tangents(np.abs(errors), np.sign(errors), None)


@final
class _HingeLine(_Curve):
    """Convex: max(0, 1 - z) for label 1, max(0, 1 + z) for label 0."""

    def __init__(self, labels: FloatArray) -> None:
        self.slack: float = MEAN_ROUNDING
        self._sign = 2.0 * labels - 1.0

    @override
    def tangents(self, sums: FloatArray, reach: FloatArray) -> _Tangents:
        margin = 1.0 - sums * self._sign
        return _Tangents(np.maximum(margin, 0.0), np.where(margin > 0.0, -self._sign, 0.0), None)
