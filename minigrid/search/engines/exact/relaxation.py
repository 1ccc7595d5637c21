"""The relaxation of boxes, in which parameters may lie between the grid's values: its best points and bounds."""

from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import FloatArray
from minigrid.search.engines.exact.box_quadratic import are_fixed, scaled
from minigrid.search.engines.exact.newton import ConvexLoss, minimise
from minigrid.search.engines.exact.regions import MakeRegion, Region, Unpenalized

_MANY_STEPS = 50
_NEARLY = 1e-4
_MORE = 8  # times as many boxes at once with a penalty, because steps then take longer than the samples


@final
class Relaxation:
    """Finds the best points of boxes, and bounds the loss in them.

    Attributes:
        loss: of one neuron.
        region: makes regions of boxes.
        start: about the best point of all, shape (n_parameters,).
    """

    def __init__(self, loss: ConvexLoss, make_region: MakeRegion, low: FloatArray, high: FloatArray) -> None:
        """Find the best point of all.

        Args:
            loss: of one neuron.
            make_region: says what parameters cost in boxes.
            low: the least values of its parameters, shape (n_parameters,).
            high: the greatest.
        """
        self.loss: ConvexLoss = loss
        self._n_at_once = loss.n_at_once * (1 if make_region is Unpenalized else _MORE)
        self.region: MakeRegion = make_region
        self._forms = loss.forms[1:] or loss.forms  # of boxes within the root, whose best point is near
        root = make_region(low[np.newaxis], high[np.newaxis])
        start = np.clip(0.0, root.low, root.high)
        for form in loss.forms:
            start = minimise(loss, start, root, form, tolerance=_NEARLY, steps=_MANY_STEPS).points
        self.start: FloatArray = start[0]

    def best(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Find about the best points of boxes, shape (n_boxes, n_parameters) all."""
        points = np.empty_like(low)
        for rows in slices(len(low), self._n_at_once):
            region = self.region(low[rows], high[rows])
            points[rows] = region.allowed(self.start[np.newaxis])
            for form in self._forms:
                points[rows] = minimise(self.loss, points[rows], region, form).points
        return points

    def least(
        self, low: FloatArray, high: FloatArray, starts: FloatArray, worth: float = np.inf
    ) -> tuple[FloatArray, FloatArray]:
        """Bound the loss from below over boxes, by no more than `worth`, and find about where it is least.

        Args:
            low: the least values of the parameters, shape (n_boxes, n_parameters).
            high: the greatest.
            starts: points from where to begin, inside the boxes or not, of the same shape.
            worth: a bound that is above it is good enough.

        Returns:
            The bounds, shape (n_boxes,), and points, shape (n_boxes, n_parameters).
        """
        least, points = np.empty(len(low)), np.empty_like(low)
        for rows in slices(len(low), self._n_at_once):
            least[rows], points[rows] = self._least(self.region(low[rows], high[rows]), starts[rows], worth)
        return np.minimum(least, worth), points

    def _least(self, region: Region, starts: FloatArray, worth: float) -> tuple[FloatArray, FloatArray]:
        form = self.loss.sound_form(region.low, region.high, worth)
        points = region.allowed(starts)
        if form is not None:
            for own in self._forms:
                points = minimise(self.loss, points, region, own).points
            found = minimise(self.loss, points, region, form, worth)
            return found.bounds, found.points
        open_, least = np.arange(len(points)), np.full(len(points), -np.inf)
        for own in (*self._forms, *self.loss.finer):
            found = minimise(self.loss, points[open_], region[open_], own, worth)
            points[open_], least[open_] = found.points, np.fmax(least[open_], found.bounds)
            # A point whose smoothed loss is below `worth` has no bound above it.
            open_ = open_[(found.smooth >= worth) & ~(least[open_] > worth)]
        return least, points

    def loss_at(self, points: FloatArray) -> FloatArray:
        """Compute the loss at some points of parameters, roughly."""
        losses = np.empty(len(points))
        for rows in slices(len(points), self.loss.n_at_once):
            losses[rows] = self.loss.plane(points[rows], points[rows], points[rows], self.loss.forms[-1]).smooth
        return losses

    def stiffness(self, points: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
        """Tell how fast the loss grows with the square of each parameter's way from the best points of boxes.

        The other parameters compensate as far as possible. It is 0 for parameters fixed at an end.

        Returns:
            Shape (n_boxes, n_parameters).
        """
        plane = self.loss.plane(points, low, high, self.loss.forms[-1])
        fixed = are_fixed(plane.gradient, points, low, high)
        matrix, factor = scaled(self.loss.hessian(plane.curvature), fixed)
        inverse = np.einsum("nii->ni", np.linalg.inv(matrix)) * factor * factor
        stiffness: FloatArray = np.where(inverse > 0.0, 1.0 / inverse, 0.0)
        return stiffness
