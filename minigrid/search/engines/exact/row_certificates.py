"""Convex losses over rows of hidden neurons: planes that bound all output weights and all rows of a node at once.

A convex curve lies above each of its tangents. Choose a tangent for every sample, with a slope. The loss is then at
least a constant minus a sum of products, where each product is an output weight times the slope-weighted sum of a
hidden neuron's row. So one choice of slopes, a certificate, bounds every candidate. The products do not mix the
neurons, so the bound of a node is exactly the sum of the worst cases of the single neurons. If the slopes are taken
where the loss is least for the mean rows of a node, the slope-weighted sums of similar rows are nearly 0, and hardly
anything is lost.

Sound under rounding: `curves.py` explains why for the tangents. All terms of a bound are at most the steepest slopes
times the largest sum, and a proportional amount that covers their errors is subtracted.
"""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.box_quadratic import depth, least_in_box
from minigrid.search.engines.exact.curves import Curve
from minigrid.search.engines.exact.newton import SHORTEST, TOLERANCE
from minigrid.search.engines.margins import MEAN_ROUNDING, UNDERFLOW


class Touching(NamedTuple):
    """Planes at some points, each point with its own rows.

    Attributes:
        value: of a sound plane there, less what rounding can amount to, shape (n,).
        gradient: of that plane, shape (n, n_parameters).
        smooth: approximately the loss itself.
        slopes: the plane's slope for each sample, shape (n, n_samples).
        curvature: how fast its slopes grow, times what a sample counts, of the same shape.
    """

    value: FloatArray
    gradient: FloatArray
    smooth: FloatArray
    slopes: FloatArray
    curvature: FloatArray


@final
class RowLoss:
    """A mean over the samples of a convex curve of a weighted sum of rows.

    Attributes:
        ends: the least and the greatest values of the output neuron's parameters, shape (n_parameters,) both.
        rounding: the largest error of a bound, relative to the terms that it is a sum of.
        mean_weights: shape (n_samples,), 1 together.
    """

    def __init__(
        self, curve: Curve, mean_weights: FloatArray, ends: tuple[FloatArray, FloatArray], reach: FloatArray
    ) -> None:
        """Store the data for computing planes.

        Args:
            curve: of each sample.
            mean_weights: shape (n_samples,), 1 together.
            ends: see the attribute.
            reach: the least and the greatest sum of each sample, shape (2, n_samples).
        """
        self.ends: tuple[FloatArray, FloatArray] = ends
        self.mean_weights: FloatArray = mean_weights
        self.rounding: float = MEAN_ROUNDING + 2.0**-50 * len(mean_weights)
        self._curve = curve
        self._largest = float(np.abs(reach).max())
        self._reach = reach
        self._known: tuple[float, FloatArray | None] = np.nan, None

    def forms(self, worth: float) -> list[FloatArray | float]:
        """Name smooth curves ever nearer to the loss; the planes of the last are sound for losses up to `worth`."""
        known, form = self._known
        if worth != known:
            least, most = self._reach[:, np.newaxis]
            form = self._curve.sound_form(least, most, worth / self.mean_weights)
            self._known = worth, form
        return list(self._curve.forms) if form is None else [form]

    def finest(self, worth: float) -> FloatArray | float:
        """Name the curve that is nearest to the loss, with sound planes for losses up to `worth`."""
        return [*self.forms(worth), *self._curve.finer][-1]

    def at(self, sums: FloatArray) -> FloatArray:
        """Compute the loss approximately, shape (n,), where sums are known, shape (n, n_samples)."""
        form = [*self._curve.forms, *self._curve.finer][-1]
        losses: FloatArray = self._curve.lines(sums, form).smooth @ self.mean_weights
        return losses

    def touch(self, inputs: FloatArray, points: FloatArray, form: FloatArray | float) -> Touching:
        """Find planes that touch the loss at some points.

        Args:
            inputs: the input of each parameter, shape (n, n_parameters, n_samples), or (1, ...) for all.
            points: parameters, shape (n, n_parameters).
            form: of the curve.
        """
        lines = self._curve.lines((points[:, np.newaxis] @ inputs)[:, 0], form)
        slopes = lines.slope * self.mean_weights
        gradient = (inputs @ slopes[:, :, np.newaxis])[:, :, 0]
        value = lines.value @ self.mean_weights
        terms = np.abs(value) + 8.0 * self._largest * np.abs(slopes).sum(axis=1)
        value -= self._curve.slack + self.rounding * terms + UNDERFLOW
        return Touching(value, gradient, lines.smooth @ self.mean_weights, slopes, lines.curvature * self.mean_weights)

    def minimise(
        self,
        inputs: FloatArray,
        start: FloatArray,
        steps: int,
        form: FloatArray | float,
        ends: tuple[FloatArray, FloatArray],
    ) -> tuple[FloatArray, Touching]:
        """Minimise in boxes of the parameters by Newton's method.

        Args:
            inputs: shape (n, n_parameters, n_samples).
            start: shape (n, n_parameters).
            steps: the most that are tried.
            form: of the curve, one for all points, or one for each.
            ends: the least and the greatest values of the parameters, shape (n, n_parameters) both, or (n_parameters,).

        Returns:
            The best points, and planes there.
        """
        low, high = (np.broadcast_to(end, start.shape) for end in ends)
        points, best = start.copy(), self.touch(inputs, start, form)
        moves, share, live = np.zeros_like(start), np.ones(len(start)), np.arange(len(start))
        fresh = live  # points that moved, whose old direction is useless
        for _ in range(steps):
            if fresh.size:
                own = inputs[fresh]
                hessian = (own * best.curvature[fresh, np.newaxis]) @ own.transpose(0, 2, 1)
                moves[fresh] = least_in_box(hessian, best.gradient[fresh], points[fresh], low[fresh], high[fresh])
                moves[fresh] -= points[fresh]
            tried = np.clip(points[live] + share[live, np.newaxis] * moves[live], low[live], high[live])
            found = self.touch(inputs[live], tried, _of(form, live, len(start)))
            better = found.smooth < best.smooth[live]
            share[live] = np.where(better, 1.0, 0.25 * share[live])
            points[live[better]] = tried[better]
            for every, one in zip(best, found, strict=True):
                every[live[better]] = one[better]
            falls = depth(best.gradient[live], points[live], low[live], high[live])
            going = (falls > TOLERANCE * best.smooth[live]) & (share[live] > SHORTEST)
            live, fresh = live[going], live[going & better]
            if not live.size:
                break
        return points, best

    def least_product(self, products: FloatArray, parameter: int) -> FloatArray:
        """Multiply slope-weighted sums of rows by the end of a parameter that gives the smaller product."""
        least: FloatArray = np.minimum(*(products * end[parameter] for end in self.ends))
        return least


def _of(form: FloatArray | float, rows: IntArray, count: int) -> FloatArray | float:
    """The form of some of this many points."""
    return form if isinstance(form, float) or len(form) < count else form[rows]
