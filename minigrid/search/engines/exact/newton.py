"""Newton's method in boxes: minimise a convex loss, and bound it from below on the way.

A convex loss lies above each of its tangent planes, wherever they touch it. So the minimisation may be as rough as it
likes: each point on its way gives a plane, and the least value of the plane over the box is at a corner and bounds all
candidates in the box. A plane near the best point of the box is nearly level in every direction that leads further
into the box. Its least value is nearly the best loss in the box, however large the box is.

The losses over rows of hidden neurons (`row_certificates.py`) have a loop of their own, which keeps the plane at
the best point with all of its slopes. This loop keeps the best bound instead. To do both would be slower for both.
"""

from typing import NamedTuple, Protocol

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import FloatArray
from minigrid.search.engines.exact.regions import Region
from minigrid.search.engines.margins import MEAN_ROUNDING

SHORTEST = 1e-3
"""The shortest step to try, as a fraction of the one that would be best if the loss were quadratic."""

TOLERANCE = 1e-3
"""How far below the loss found its bound may stay, as a fraction of that loss."""

_STEPS = 12


class Plane(NamedTuple):
    """Tangent planes of the loss at some points.

    Attributes:
        value: of a tangent plane there, shape (n_boxes,).
        gradient: of that plane, and of the smooth loss that is minimised, shape (n_boxes, n_parameters).
        smooth: the value of the smooth loss, shape (n_boxes,).
        slack: what computed losses in the box may be below the plane for rounding, apart from what is relative to
            the plane itself, shape (n_boxes,).
        curvature: the data for the Hessian, one row per box.
    """

    value: FloatArray
    gradient: FloatArray
    smooth: FloatArray
    slack: FloatArray
    curvature: FloatArray


class ConvexLoss(Protocol):
    """A convex function of the parameters of one neuron.

    Attributes:
        forms: see `Curve`.
        finer: see there.
        n_at_once: how many boxes are bounded at a time.
        n_examined: about how many samples are examined to bound a box.
    """

    forms: tuple[float, ...]
    finer: tuple[float, ...]
    n_at_once: int
    n_examined: float

    def plane(self, points: FloatArray, low: FloatArray, high: FloatArray, form: FloatArray | float) -> Plane:
        """Find tangent planes at some points of boxes, shape (n_boxes, n_parameters) each."""

    def hessian(self, curvature: FloatArray) -> FloatArray:
        """Compute the Hessians at the points of planes, shape (n_boxes, n_parameters, n_parameters)."""

    def sound_form(self, low: FloatArray, high: FloatArray, worth: float) -> FloatArray | None:
        """Find a form, one row a box, that is sound for all candidates of no more loss than `worth`; see `Curve`."""


class Minimum(NamedTuple):
    """The result of a minimisation.

    Attributes:
        points: the best that were found, shape (n_boxes, n_parameters).
        bounds: the best that were found, shape (n_boxes,).
        smooth: the smooth loss at the points, which is no less than the loss itself, and what they cost.
    """

    points: FloatArray
    bounds: FloatArray
    smooth: FloatArray


def minimise(
    loss: ConvexLoss,
    start: FloatArray,
    region: Region,
    form: FloatArray | float,
    worth: float = np.inf,
    tolerance: float = TOLERANCE,
    steps: int = _STEPS,
) -> Minimum:
    """Minimise a loss in boxes by Newton's method.

    Args:
        loss: the loss to minimise.
        start: where to begin, shape (n_boxes, n_parameters).
        region: the boxes, and what parameters cost in them, which is added to the loss.
        form: of the loss, one for all or one row a box.
        worth: a bound that is above it is good enough.
        tolerance: so is one that is below the loss found by at most this fraction of it.
        steps: the most points to try.

    Raises:
        Halted: the work must end.
    """
    points, bounds, smooth = start.copy(), np.full(len(start), -np.inf), np.full(len(start), np.inf)
    moves, share, live = np.zeros_like(start), np.ones(len(start)), np.arange(len(start))
    for _ in range(steps):
        poll()
        own = region[live]
        tried = own.allowed(points[live] + share[live, np.newaxis] * moves[live])
        plane = loss.plane(tried, own.low, own.high, form if isinstance(form, float) else form[live])
        costs, falls = own.cost(tried), own.depth(plane.gradient, tried)
        value, found = plane.value + costs, plane.smooth + costs
        slack = plane.slack + MEAN_ROUNDING * (np.abs(plane.value) + costs + falls)
        bounds[live] = np.fmax(bounds[live], value - falls - slack)
        better = found < smooth[live]
        points[live[better]], smooth[live[better]] = tried[better], found[better]
        share[live] = np.where(better, 1.0, 0.25 * share[live])
        done = (bounds[live] > worth) | (better & (falls <= tolerance * value)) | (share[live] < SHORTEST)
        onward = np.flatnonzero(better & ~done)
        if onward.size:
            hessian = loss.hessian(plane.curvature[onward])
            to = own[onward].least(hessian, plane.gradient[onward], tried[onward])
            moves[live[onward]] = to - tried[onward]
        live = live[~done]
        if not live.size:
            break
    return Minimum(points, bounds, smooth)
