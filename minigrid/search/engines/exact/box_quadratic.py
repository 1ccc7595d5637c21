"""Minimise convex quadratic functions over boxes, many at once: the step of Newton's method.

The method is projected Newton. Parameters that are at an end of their range and are pushed outside it stay fixed, and
a linear system gives the best values of the others. Among some points on the way there, clipped to the box, the method
takes the best. It also tries short steps of each parameter alone, so every step improves the value until no
improvement is left.
"""

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray

_ROUNDS = 12
_ENOUGH = 0.01  # of what was gained: as much may be left to gain, for a step of Newton's method that is to be repeated
_RIDGE = 1e-9  # relative: makes systems regular where columns are alike
_SHARES = np.array([1.0, 0.6, 0.35, 0.2, 0.1, 0.05, 0.02, 0.005])[:, np.newaxis]  # of the way to where a system leads
_SHORT = np.array([1.0, 0.3, 0.1, 0.03])[:, np.newaxis]  # of the way to where each parameter would go alone
_FAR = 1e300  # beyond any end


def least_in_box(
    hessian: FloatArray, gradient: FloatArray, start: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Find about the best points of boxes.

    Args:
        hessian: positive semidefinite, shape (n_boxes, n_parameters, n_parameters).
        gradient: at `start`, shape (n_boxes, n_parameters).
        start: within the boxes, shape (n_boxes, n_parameters).
        low: the least values of the parameters, of the same shape.
        high: the greatest.
    """
    points, slopes, gained = start.copy(), gradient.copy(), np.zeros(len(start))
    live = np.arange(len(start))
    for _ in range(_ROUNDS):
        point, slope = points[live], slopes[live]
        held = are_held(slope, point, low[live], high[live])
        going = (depth(slope, point, low[live], high[live]) > _ENOUGH * gained[live]) & ~held.all(axis=1)
        live, point, slope, held = live[going], point[going], slope[going], held[going]
        if not len(live):
            break
        ends = low[live], high[live]
        step = _step(hessian[live], slope, held)
        # A parameter at an end of its range may be led beyond it all the same, for the sake of others: hold it, too.
        blocked = ~held & (((point <= ends[0]) & (step < 0.0)) | ((point >= ends[1]) & (step > 0.0)))
        again = np.flatnonzero(blocked.any(axis=1))
        if again.size:
            step[again] = _step(hessian[live[again]], slope[again], (held | blocked)[again])
        diagonal = np.einsum("nii->ni", hessian[live])
        alone = -np.where(diagonal > 0.0, slope / diagonal, np.sign(slope) * _FAR)
        tried = np.concatenate([_SHARES * step[:, np.newaxis], _SHORT * alone[:, np.newaxis]], axis=1)
        tried = np.clip(point[:, np.newaxis] + tried, ends[0][:, np.newaxis], ends[1][:, np.newaxis])
        moved = tried - start[live][:, np.newaxis]
        rises = moved @ hessian[live]
        gains = -((gradient[live][:, np.newaxis] + 0.5 * rises) * moved).sum(axis=2)
        gains[np.isnan(gains)] = -np.inf
        rows, best = np.arange(len(live)), np.argmax(gains, axis=1)
        better = gains[rows, best] > gained[live]
        live, rows, best = live[better], rows[better], best[better]
        points[live], gained[live] = tried[rows, best], gains[rows, best]
        slopes[live] = gradient[live] + rises[rows, best]
    return points


def depth(gradient: FloatArray, point: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Tell how far planes fall from points to the lowest corners of boxes, shape (n_boxes,)."""
    falls: FloatArray = np.maximum(gradient * (point - low), gradient * (point - high)).sum(axis=1)
    return falls


def are_held(gradient: FloatArray, point: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    """Tell which parameters stand at an end of their range and would only get better beyond it."""
    held: BoolArray = ((point <= low) & (gradient >= 0.0)) | ((point >= high) & (gradient <= 0.0))
    return held


def scaled(hessian: FloatArray, held: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Bring the diagonal of a Hessian to ones, and leave out parameters that are held, or that it does not depend on.

    Returns:
        The matrix, with rows of the unit matrix for what is left out, and the factors of rows and columns, 0 for that.
    """
    diagonal = np.einsum("nii->ni", hessian)
    factor = np.where((diagonal > 0.0) & ~held, 1.0 / np.sqrt(diagonal), 0.0)
    matrix = hessian * factor[:, :, np.newaxis] * factor[:, np.newaxis, :]
    np.einsum("nii->ni", matrix)[:] = 1.0 + _RIDGE
    return matrix, factor


def _step(hessian: FloatArray, gradient: FloatArray, held: BoolArray) -> FloatArray:
    """Solve for the best of what is not held, as though it had no ends."""
    matrix, factor = scaled(hessian, held)
    step: FloatArray = -factor * np.linalg.solve(matrix, (factor * gradient)[:, :, np.newaxis])[:, :, 0]
    return step
