"""The best of boxes where parameters are free to lie between the grid's values, and bounds from what is found there."""

from typing import final

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.search.engines.batched.forward import slices
from minigrid.search.engines.exact.box_quadratic import are_held, scaled
from minigrid.search.engines.exact.downhill import ConvexLoss, descend

_MANY_STEPS = 50
_NEARLY = 1e-4


@final
class Relaxation:
    """Finds the best points of boxes, and bounds the loss in them."""

    def __init__(self, loss: ConvexLoss, low: FloatArray, high: FloatArray) -> None:
        """Find the best point of all.

        Args:
            loss: of one neuron.
            low: the least values of its parameters, shape (n_parameters,).
            high: the greatest.
        """
        self.loss: ConvexLoss = loss
        self._forms = loss.forms[1:] or loss.forms  # of boxes within the root, whose best point is near
        low, high = low[np.newaxis], high[np.newaxis]
        self._start = np.clip(0.0, low, high)
        for form in loss.forms:
            self._start = descend(loss, self._start, low, high, form, enough=_NEARLY, steps=_MANY_STEPS).points

    def best(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Find about the best points of boxes, shape (n_boxes, n_parameters) all."""
        points: FloatArray = np.clip(self._start, low, high)
        for rows in slices(len(low), self.loss.n_at_once):
            for form in self._forms:
                points[rows] = descend(self.loss, points[rows], low[rows], high[rows], form).points
        return points

    def least(self, low: FloatArray, high: FloatArray, worth: float = np.inf) -> FloatArray:
        """Bound the loss from below over boxes, shape (n_boxes,), by no more than `worth`."""
        least = np.empty(len(low))
        for rows in slices(len(low), self.loss.n_at_once):
            least[rows] = self._least(low[rows], high[rows], worth)
        return np.minimum(least, worth)

    def _least(self, low: FloatArray, high: FloatArray, worth: float) -> FloatArray:
        form = self.loss.sound_form(low, high, worth)
        points, least = np.clip(self._start, low, high), np.full(len(low), -np.inf)
        if form is not None:
            for own in self._forms:
                points = descend(self.loss, points, low, high, own).points
            return descend(self.loss, points, low, high, form, worth).bounds
        open_ = np.arange(len(low))
        for own in (*self._forms, *self.loss.finer):
            found = descend(self.loss, points[open_], low[open_], high[open_], own, worth)
            points[open_], least[open_] = found.points, np.fmax(least[open_], found.bounds)
            # What is better than `worth` even as rounded off has no bound above it.
            open_ = open_[(found.smooth >= worth) & ~(least[open_] > worth)]
        return least

    def loss_at(self, points: FloatArray) -> FloatArray:
        """Compute the loss at some points of parameters, roughly."""
        losses = np.empty(len(points))
        for rows in slices(len(points), self.loss.n_at_once):
            losses[rows] = self.loss.plane(points[rows], points[rows], points[rows], self.loss.forms[-1]).smooth
        return losses

    def stiffness(self, points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Tell how fast the loss grows with the square of each parameter's way from the best points of boxes.

        The other parameters make up for as much as they can. For what an end of its range holds it is 0.

        Returns:
            Shape (n_boxes, n_parameters).
        """
        plane = self.loss.plane(points, low, high, self.loss.forms[-1])
        held = are_held(plane.gradient, points, low, high)
        matrix, factor = scaled(self.loss.hessian(plane.curvature), held)
        inverse = np.einsum("nii->ni", np.linalg.inv(matrix)) * factor * factor
        stiffness: FloatArray = np.where(inverse > 0.0, 1.0 / inverse, 0.0)
        return stiffness
