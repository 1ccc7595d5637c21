"""Means over the samples of a convex curve of their sums."""

from dataclasses import replace
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, override
from minigrid.search.engines.batched.forward import slices
from minigrid.search.engines.exact.box_quadratic import depth
from minigrid.search.engines.exact.curves import Curve
from minigrid.search.engines.exact.downhill import ConvexLoss, Plane, descend
from minigrid.search.engines.exact.single import SingleNeuron
from minigrid.search.engines.margins import MEAN_ROUNDING

_TILE = 2**13  # samples, of all boxes that are worked on at a time
_PRODUCTS = 2**18  # of a matrix product: larger ones wait for other threads, which may have more to do
_SMALLEST_PIECE = 2**8  # samples
_FEW_SAMPLES = 2**13  # one of more adds next to nothing
_FEW_HARD = 64
_GOOD = 1.25  # times the least loss: candidates that matter are better


@final
class SampledLoss(ConvexLoss):
    """A mean over the samples of a curve of their sums."""

    def __init__(self, neuron: SingleNeuron, curve: Curve, low: FloatArray, high: FloatArray) -> None:
        """Keep what planes are computed from.

        Args:
            neuron: what is summed up.
            curve: of each sample.
            low: the least values of the parameters, shape (n_parameters,).
            high: the greatest.
        """
        n_parameters, n_samples = neuron.inputs.shape
        self.forms: tuple[float, ...] = curve.forms
        self.finer: tuple[float, ...] = curve.finer
        self.n_at_once: int = max(1, min(_TILE, _PRODUCTS // n_parameters) // n_samples)
        self.n_looks: float = len(curve.forms) * (n_samples * (32.0 + n_parameters**2 / 4.0) + n_parameters**3)
        self._pieces = list(slices(n_samples, max(_SMALLEST_PIECE, _PRODUCTS // n_parameters**2)))
        self._turned = np.ascontiguousarray(neuron.inputs.T)
        self._sizes = np.abs(neuron.inputs)
        self._curve = curve
        self._neuron = neuron
        self._root = low[np.newaxis], high[np.newaxis]
        self._least_beyond: FloatArray | None = None

    @override
    def plane(self, points: FloatArray, low: FloatArray, high: FloatArray, form: FloatArray | float) -> Plane:
        lines = self._curve.lines(points @ self._neuron.inputs, form)
        value, smooth = lines.value @ self._neuron.mean_weights, lines.smooth @ self._neuron.mean_weights
        steep = np.abs(lines.slope) @ self._neuron.mean_weights
        gradient = (lines.slope * self._neuron.mean_weights) @ self._turned
        slack = self._curve.slack + MEAN_ROUNDING * self._neuron.largest * steep
        return Plane(value, gradient, smooth, slack, lines.curvature)

    @override
    def hessian(self, curvature: FloatArray) -> FloatArray:
        inputs, turned, weights = self._neuron.inputs, self._turned, curvature * self._neuron.mean_weights
        hessian = np.zeros((len(weights), len(inputs), len(inputs)))
        for own, row in zip(hessian, weights, strict=True):
            for some in self._pieces:
                own += (inputs[:, some] * row[some]) @ turned[some]
        return hessian

    @override
    def sound_form(self, low: FloatArray, high: FloatArray, worth: float) -> FloatArray | None:
        form = self._form(low, high, worth / self._neuron.mean_weights)
        if form is None or worth == np.inf:
            return form
        if self._least_beyond is None:
            self._least_beyond = self._bound_beyond()
        return self._form(low, high, np.where(self._least_beyond > worth, 0.0, worth / self._neuron.mean_weights))

    def _form(self, low: FloatArray, high: FloatArray, worth: FloatArray) -> FloatArray | None:
        middle = (0.5 * low + 0.5 * high) @ self._neuron.inputs
        reach = (0.5 * high - 0.5 * low) @ self._sizes + MEAN_ROUNDING * self._neuron.largest
        return self._curve.sound_form(middle - reach, middle + reach, worth)

    def _bound_beyond(self) -> FloatArray:
        """Bound, for each sample, the loss of all candidates whose loss for it is `Curve.most` or more.

        That is at least what this sample adds, and the least of the others' lines together. The lines at the best point
        of all give a first bound; where that is no good, those at the others' best point a better one.
        """
        weights, ends = self._neuron.mean_weights, self._root
        if len(weights) > _FEW_SAMPLES:
            return np.zeros(len(weights))
        form = self._form(*ends, np.full(len(weights), np.inf))
        assert form is not None
        best = descend(self, np.clip(0.0, *ends), *ends, form).points
        lines, plane = self._curve.lines(best @ self._neuron.inputs, form), self.plane(best, *ends, form)
        gradients = plane.gradient - (weights * lines.slope[0])[:, np.newaxis] * self._turned
        falls, added = depth(gradients, best, *ends), weights * (self._curve.most - lines.value[0])
        bounds: FloatArray = plane.value + added - falls
        bounds -= plane.slack + MEAN_ROUNDING * (plane.value + np.abs(added) + falls)
        good = _GOOD * float(plane.value[0])
        hard = np.flatnonzero(bounds < good)
        for sample in hard[np.argsort(bounds[hard])[:_FEW_HARD]]:
            others = np.where(np.arange(len(weights)) == sample, 0.0, weights)
            rest = SampledLoss(replace(self._neuron, mean_weights=others), self._curve, ends[0][0], ends[1][0])
            own = float(weights[sample]) * self._curve.most
            bounds[sample] = max(bounds[sample], own + float(descend(rest, best, *ends, form, good - own).bounds[0]))
        return bounds * (1.0 - MEAN_ROUNDING)
