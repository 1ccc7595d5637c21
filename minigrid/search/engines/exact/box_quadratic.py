"""Minimise convex quadratic functions over boxes, many at once: the step of Newton's method.

The method is projected Newton. Parameters that are at an end of their range and are pushed outside it stay fixed, and
a linear system gives the best values of the others. Among some points on the way there, clipped to the box, the method
takes the best. It also tries short steps of each parameter alone, so every step improves the value until no
improvement is left.
"""

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray

ROUNDS = 12
_ENOUGH = 0.01  # stop when the possible gain is this part of the gain so far: Newton's step is repeated anyway
RIDGE = 1e-9  # relative: makes systems regular if columns are equal
SHARES = np.array([1.0, 0.6, 0.35, 0.2, 0.1, 0.05, 0.02, 0.005])[:, np.newaxis]  # of the way to the solution
SHORT = np.array([1.0, 0.3, 0.1, 0.03])[:, np.newaxis]  # of the way to each parameter's own best value
_FAR = 1e300  # beyond any end


def least_in_box(
    hessian: FloatArray, gradient: FloatArray, start: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Find approximately the best points of boxes.

    Args:
        hessian: positive semidefinite, shape (n_boxes, n_parameters, n_parameters).
        gradient: at `start`, shape (n_boxes, n_parameters).
        start: within the boxes, shape (n_boxes, n_parameters).
        low: the least values of the parameters, of the same shape.
        high: the greatest.
    """
    points, slopes, gained = start.copy(), gradient.copy(), np.zeros(len(start))
    live = np.arange(len(start))
    for _ in range(ROUNDS):
        point, slope = points[live], slopes[live]
        fixed = are_fixed(slope, point, low[live], high[live])
        going = (depth(slope, point, low[live], high[live]) > _ENOUGH * gained[live]) & ~fixed.all(axis=1)
        live, point, slope, fixed = live[going], point[going], slope[going], fixed[going]
        if not len(live):
            break
        ends = low[live], high[live]
        step = _step(hessian[live], slope, fixed)
        # The step may still lead a parameter outside its range for the sake of others: fix that one, too.
        blocked = ~fixed & (((point <= ends[0]) & (step < 0.0)) | ((point >= ends[1]) & (step > 0.0)))
        again = np.flatnonzero(blocked.any(axis=1))
        if again.size:
            step[again] = _step(hessian[live[again]], slope[again], (fixed | blocked)[again])
        diagonal = np.einsum("nii->ni", hessian[live])
        alone = -np.where(diagonal > 0.0, slope / diagonal, np.sign(slope) * _FAR)
        tried = np.concatenate([SHARES * step[:, np.newaxis], SHORT * alone[:, np.newaxis]], axis=1)
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
    """Compute how far planes fall from points to the lowest corners of boxes, shape (n_boxes,)."""
    falls: FloatArray = np.maximum(gradient * (point - low), gradient * (point - high)).sum(axis=1)
    return falls


def are_fixed(gradient: FloatArray, point: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    """Tell which parameters are at an end of their range and would improve only outside it."""
    fixed: BoolArray = ((point <= low) & (gradient >= 0.0)) | ((point >= high) & (gradient <= 0.0))
    return fixed


def scaled(hessian: FloatArray, fixed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Scale a Hessian's diagonal to ones, and leave out parameters that are fixed or have no effect.

    Returns:
        The matrix with rows of the unit matrix for omitted parameters, and the factors of rows and columns, or 0.
    """
    diagonal = np.einsum("nii->ni", hessian)
    factor = np.where((diagonal > 0.0) & ~fixed, 1.0 / np.sqrt(diagonal), 0.0)
    matrix = hessian * factor[:, :, np.newaxis] * factor[:, np.newaxis, :]
    np.einsum("nii->ni", matrix)[:] = 1.0 + RIDGE
    return matrix, factor


def _step(hessian: FloatArray, gradient: FloatArray, fixed: BoolArray) -> FloatArray:
    """Solve for the best values of the parameters that are not fixed, ignoring their ranges."""
    matrix, factor = scaled(hessian, fixed)
    step: FloatArray = -factor * np.linalg.solve(matrix, (factor * gradient)[:, :, np.newaxis])[:, :, 0]
    return step
