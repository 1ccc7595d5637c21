"""Turns random candidates into ones that a penalty allows, which few are if most weights must be 0."""

import numpy as np

from minigrid._base.typing import IntArray
from minigrid.search.problem import Problem
from minigrid.search.space import smallest_digits

_AT_ONCE = 2**22  # parameters at a time


def thinned(problem: Problem, digits: IntArray, seed: int) -> IntArray:
    """Give parameters of forbidden candidates their smallest values, in random order, until the penalty allows them.

    Weights come before biases. A candidate that stays forbidden with the smallest values of all stays as it is.

    Args:
        problem: the problem, whose penalty counts; without one, nothing changes.
        digits: positions in the grids, shape (n_candidates, n_parameters).
        seed: the seed of the random order.

    Returns:
        Positions of the same shape.
    """
    if problem.penalty is None:
        return digits
    forbidden = np.flatnonzero(np.isnan(problem.penalties(problem.space.values_at(digits))))
    least, n_parameters = smallest_digits(problem.space), digits.shape[1]
    generator, found = np.random.default_rng(seed), digits.copy()
    steps = np.arange(n_parameters + 1)[:, np.newaxis]
    height = max(1, _AT_ONCE // (steps.size * n_parameters))
    for start in range(0, forbidden.size, height):
        rows = forbidden[start : start + height]
        order = np.argsort(generator.random((rows.size, n_parameters)) + ~problem.is_weight, axis=1)
        places = np.argsort(order, axis=1)[:, np.newaxis]
        tried = np.where(places < steps, least, digits[rows, np.newaxis])
        costs = problem.penalties(problem.space.values_at(tried.reshape(-1, n_parameters))).reshape(rows.size, -1)
        first = np.argmax(~np.isnan(costs), axis=1)  # 0, the unchanged candidate, if there is none
        found[rows] = tried[np.arange(rows.size), first]
    return found
