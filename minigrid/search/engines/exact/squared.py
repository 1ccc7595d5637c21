"""The mean squared error of a weighted sum, computed from the products of the inputs with each other."""

from typing import final

import numpy as np

from minigrid._base.halting import poll, slices
from minigrid._base.typing import FloatArray, override
from minigrid.search.engines.exact.box_quadratic import least_in_box
from minigrid.search.engines.exact.newton import ConvexLoss, Plane
from minigrid.search.engines.exact.single import SingleNeuron
from minigrid.search.engines.margins import MEAN_ROUNDING, UNDERFLOW

_TILE = 2**16  # entries of the matrices of boxes that are worked on at a time
_CENTERINGS = 3
_AT_ONCE = 2**22  # inputs to multiply with each other


@final
class SquaredLoss(ConvexLoss):
    """The mean of (z - y)^2, from products of the inputs with each other: its cost does not grow with the samples.

    It is expanded around its best point, so that its rounding errors are small near that point.
    """

    forms: tuple[float, ...] = (0.0,)
    finer: tuple[float, ...] = ()

    def __init__(self, neuron: SingleNeuron, targets: FloatArray, low: FloatArray, high: FloatArray) -> None:
        """Multiply.

        Args:
            neuron: whose output is its sum.
            targets: shape (n_samples,).
            low: the least values of the parameters, shape (n_parameters,).
            high: the greatest.
        """
        inputs, mean_weights = neuron.inputs, neuron.mean_weights
        weighted = inputs * mean_weights
        self.n_at_once: int = max(1, _TILE // len(inputs) ** 2)
        self.n_examined: float = len(inputs) ** 3.0
        self._hessian, self._sizes = np.zeros((2, len(inputs), len(inputs)))
        for some in slices(inputs.shape[1], _AT_ONCE // len(inputs)):
            part, own = weighted[:, some], inputs[:, some].T
            self._hessian += 2.0 * part @ own
            self._sizes += 2.0 * np.abs(part) @ np.abs(own)
        self._largest = neuron.largest
        self._center = np.clip(0.0, low, high)
        for _ in range(_CENTERINGS):
            poll()
            gradient = 2.0 * weighted @ (self._center @ inputs - targets)
            parts = self._hessian, gradient, self._center, low, high
            self._center = least_in_box(*(part[np.newaxis] for part in parts))[0]
        errors = self._center @ inputs - targets
        self._gradient = 2.0 * weighted @ errors
        self._value = float((errors * errors) @ mean_weights)

    @override
    def plane(self, points: FloatArray, low: FloatArray, high: FloatArray, form: FloatArray | float) -> Plane:
        moved = points - self._center
        rises = moved @ self._hessian
        value = self._value + ((self._gradient + 0.5 * rises) * moved).sum(axis=1)
        far = np.abs(moved) + (high - low)
        steep = np.sqrt(self._value) + np.sqrt(np.maximum(value, 0.0))  # a mean of errors is no more than its root
        slack = self._value + ((far @ self._sizes) * far).sum(axis=1) + self._largest * steep
        slack = UNDERFLOW + MEAN_ROUNDING * slack
        return Plane(value, self._gradient + rises, value, slack, np.empty((len(points), 0)))

    @override
    def hessian(self, curvature: FloatArray) -> FloatArray:
        return np.repeat(self._hessian[np.newaxis], len(curvature), axis=0)

    @override
    def sound_form(self, low: FloatArray, high: FloatArray, worth: float) -> None:
        return None
