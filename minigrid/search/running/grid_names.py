"""How a hint names other values for some parameters: with the argument of the trainer that gives them their grid."""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray
from minigrid.search.problem import Problem
from minigrid.search.space import Grid

_MOST_LISTED = 12  # values
_MOST_GROUPS = 3


class _Group(NamedTuple):
    """Parameters that have the same grid.

    Attributes:
        grid: their grid.
        where: shape (n_parameters,), which they are.
        argument: what the trainer calls their grid; "" if the argument gives other parameters another one.
    """

    grid: Grid
    where: BoolArray
    argument: str


@final
class GridNames:
    """The grids of a problem, and the parameters of each.

    Args:
        problem: any problem.
    """

    def __init__(self, problem: Problem) -> None:
        grids, weights = problem.space.grids, problem.is_weight
        found: dict[Grid, BoolArray] = {}
        for one in dict(zip(map(id, grids), grids, strict=True)).values():  # most parameters share one object
            where = np.array([grid is one for grid in grids])
            found[one] = found[one] | where if one in found else where
        self._names = problem.space.names
        self._groups = [_Group(grid, where, _argument(where, weights)) for grid, where in found.items()]

    @property
    def noun(self) -> str:
        """How to speak of all grids."""
        return "the grid" if len(self._groups) == 1 else "their grids"

    def scaled(self, some: BoolArray, factor: float) -> str:
        """Name values this many times as large for all parameters that share a grid with some; see `scaled`."""
        return self._changed(some, [scaled(own.grid, factor) for own in self._groups])

    def halved(self, some: BoolArray) -> str:
        """Name grids that also have the values halfway between the present ones."""
        return self._changed(some, [halved(own.grid) for own in self._groups])

    def _changed(self, some: BoolArray, grids: list[str]) -> str:
        changed = [(own, text) for own, text in zip(self._groups, grids, strict=True) if (own.where & some).any()]
        if len(self._groups) == 1:
            return grids[0]
        if all(own.argument for own in self._groups):
            return " and ".join(f"{own.argument}={text}" for own, text in changed)
        listed = " and ".join(f"{text} for {self._listed(own.where)}" for own, text in changed[:_MOST_GROUPS])
        return listed + (", and so on" if len(changed) > _MOST_GROUPS else "")

    def _listed(self, where: BoolArray) -> str:
        named = [name for name, found in zip(self._names, where, strict=True) if found]
        others = len(named) - 1
        return named[0] + (f" and {others} more" if others else "")


def _argument(where: BoolArray, weights: BoolArray) -> str:
    if where.all():
        return "grid"
    return "grid" if np.array_equal(where, weights) else "bias_grid" if np.array_equal(where, ~weights) else ""


def scaled(grid: Grid, factor: float) -> str:
    """Write a grid with values this many times as large; a wider one has the present ones, too."""
    low, high, n_steps = float(grid.values[0]), float(grid.values[-1]), len(grid) - 1
    is_even = _is_even(grid)
    if factor < 1.0 and is_even:
        return _even(low * factor, high * factor, n_steps)
    if factor < 1.0:
        return _written(grid.values * factor, f"Grid({factor:g} * grid.values)")
    start = low / (high - low) * n_steps if is_even else 0.5
    if abs(start - round(start)) < 1e-9:  # the present values are steps of the wider grid
        return _even(low * factor, high * factor, round(n_steps * factor))
    return _written(np.union1d(grid.values, grid.values * factor), f"np.union1d(grid.values, {factor:g} * grid.values)")


def halved(grid: Grid) -> str:
    """Write a grid that also has the values halfway between the present ones."""
    if _is_even(grid):
        return _even(float(grid.values[0]), float(grid.values[-1]), 2 * (len(grid) - 1))
    own = np.unique(grid.values)
    between = "np.union1d(grid.values, (np.unique(grid.values)[1:] + np.unique(grid.values)[:-1]) / 2)"
    return _written(np.union1d(own, (own[1:] + own[:-1]) / 2.0), between)


def _is_even(grid: Grid) -> bool:
    steps = np.diff(grid.values)
    return len(grid) > 1 and bool(steps[0] > 0.0) and np.allclose(steps, steps.mean())


def _even(low: float, high: float, n_steps: int) -> str:
    return f"Grid.linspace({low:.12g}, {high:.12g}, {n_steps + 1})"


def _written(values: FloatArray, code: str) -> str:
    if len(values) > _MOST_LISTED:
        return f"Grid({code})"
    return f"Grid([{', '.join(f'{value:.12g}' for value in values.tolist())}])"
