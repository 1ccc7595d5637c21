"""Convex losses that are means over the samples of a curve of their weighted sums."""

from copy import copy
from dataclasses import replace
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import FloatArray, override
from minigrid.search.engines.exact.curves import Curve
from minigrid.search.engines.exact.newton import ConvexLoss, Plane, minimise
from minigrid.search.engines.exact.regions import Region, Unpenalized
from minigrid.search.engines.exact.single import SingleNeuron, by_sample
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

    def __init__(self, neuron: SingleNeuron, curve: Curve, root: Region) -> None:
        """Store the data for computing planes.

        Args:
            neuron: what is summed up.
            curve: of each sample.
            root: one box, of everything.
        """
        n_parameters, n_samples = neuron.inputs.shape
        self.forms: tuple[float, ...] = curve.forms
        self.finer: tuple[float, ...] = curve.finer
        self.n_at_once: int = max(1, min(_TILE, _PRODUCTS // n_parameters) // n_samples)
        self.n_examined: float = len(curve.forms) * (n_samples * (32.0 + n_parameters**2 / 4.0) + n_parameters**3)
        self._piece = max(_SMALLEST_PIECE, _PRODUCTS // n_parameters**2)
        self._turned = by_sample(neuron.inputs)
        self._curve = curve
        self._neuron = neuron
        self._root = root
        self._root_sums = root.sums(neuron.inputs)
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
            for some in slices(len(row), self._piece):
                own += (inputs[:, some] * row[some]) @ turned[some]
        return hessian

    @override
    def sound_form(self, low: FloatArray, high: FloatArray, worth: float) -> FloatArray | None:
        sums = Unpenalized(low, high).sums(self._neuron.inputs)
        form = self._form(*sums, worth / self._neuron.mean_weights)
        if form is None or worth == np.inf:
            return form
        if self._least_beyond is None:
            self._least_beyond = self._bound_beyond()
        return self._form(*sums, np.where(self._least_beyond > worth, 0.0, worth / self._neuron.mean_weights))

    def _form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> FloatArray | None:
        margin = MEAN_ROUNDING * self._neuron.largest
        least, most = np.maximum(least, self._root_sums[0]), np.minimum(most, self._root_sums[1])
        return self._curve.sound_form(least - margin, most + margin, worth)

    def _bound_beyond(self) -> FloatArray:
        """Bound, for each sample, the loss of all candidates whose loss for it is `Curve.capped_at` or more.

        That is at least what this sample adds, and the least of the others' lines together. The lines at the best point
        of all give a first bound; where that is no good, those at the others' best point a better one.
        """
        weights, root = self._neuron.mean_weights, self._root
        if len(weights) > _FEW_SAMPLES:
            return np.zeros(len(weights))
        form = self._form(*self._root_sums, np.full(len(weights), np.inf))
        assert form is not None
        best = minimise(self, root.allowed(np.zeros_like(root.low)), root, form).points
        lines = self._curve.lines(best @ self._neuron.inputs, form)
        plane, cost = self.plane(best, root.low, root.high, form), float(root.cost(best)[0])
        gradients = plane.gradient - (weights * lines.slope[0])[:, np.newaxis] * self._turned
        falls = root[np.zeros(len(weights), dtype=np.int64)].depth(gradients, np.repeat(best, len(weights), axis=0))
        added = weights * (self._curve.capped_at - lines.value[0])
        bounds: FloatArray = plane.value + cost + added - falls
        bounds -= plane.slack + MEAN_ROUNDING * (plane.value + cost + np.abs(added) + falls)
        good = _GOOD * (float(plane.value[0]) + cost)
        hard = np.flatnonzero(bounds < good)
        for sample in hard[np.argsort(bounds[hard])[:_FEW_HARD]]:
            others = np.where(np.arange(len(weights)) == sample, 0.0, weights)
            rest = copy(self)
            rest._neuron = replace(self._neuron, mean_weights=others)
            own = float(weights[sample]) * self._curve.capped_at
            bounds[sample] = max(bounds[sample], own + float(minimise(rest, best, root, form, good - own).bounds[0]))
        return bounds * (1.0 - MEAN_ROUNDING)
