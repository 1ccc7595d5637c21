"""A grid keeps its values."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from minigrid import Grid, OutOfRangeError


def test_a_grid_keeps_its_values_in_order() -> None:
    grid = Grid([3, -1.5, 3, -0.0])
    assert grid.values.tolist() == [3.0, -1.5, 3.0, -0.0]
    assert grid.values.dtype == np.float64
    assert list(grid) == [3.0, -1.5, 3.0, -0.0]
    assert all(type(value) is float for value in grid)
    assert len(grid) == 4
    assert (grid[0], grid[1], grid[-1]) == (3.0, -1.5, 0.0)
    assert type(grid[1]) is float
    assert bool(Grid([0.0]))


@pytest.mark.parametrize(
    ("start", "stop", "num"), [(-10, 10, 100), (0.0, 1.0, 1), (3.0, -3.0, 7), (0.1, 0.1, 3), (-1e300, 1e300, 5)]
)
def test_linspace_gives_numpys_values(start: float, stop: float, num: int) -> None:
    grid = Grid.linspace(start, stop, num)
    assert grid.values.tobytes() == np.linspace(start, stop, num).tobytes()
    assert grid == Grid(np.linspace(start, stop, num))


def test_a_fixed_grid_has_one_value() -> None:
    assert Grid.fixed(2) == Grid([2.0])
    assert list(Grid.fixed(-0.5)) == [-0.5]


def test_the_callers_values_are_neither_changed_nor_kept() -> None:
    values = np.array([1.0, 2.0])
    grid = Grid(values)
    values[0] = 9.0
    assert grid.values.tolist() == [1.0, 2.0]
    assert values.flags.writeable


def test_grids_are_read_only_values() -> None:
    grid: Any = Grid([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        grid.values[0] = 3.0
    with pytest.raises(FrozenInstanceError, match="values"):
        grid.values = np.zeros(3)
    with pytest.raises(TypeError, match="item assignment"):
        grid[0] = 3.0
    assert Grid([1.0, 2.0]) == Grid((1, 2)) == Grid(np.array([1, 2], dtype=np.int8))
    assert hash(Grid([1.0, 2.0])) == hash(Grid((1, 2)))
    assert Grid([1.0, 2.0]) != Grid([2.0, 1.0])
    assert Grid([1.0]) != Grid([1.0, 1.0])
    assert len({Grid([1]), Grid([1.0]), Grid([2.0])}) == 2
    for other in (copy.copy(grid), copy.deepcopy(grid), pickle.loads(pickle.dumps(grid))):
        assert other == grid
        assert not other.values.flags.writeable


def test_the_repr_of_a_grid() -> None:
    assert repr(Grid([-1, 0, 0.1])) == "Grid([-1.0, 0.0, 0.1])"
    assert eval(repr(Grid.linspace(0, 1, 12))) == Grid.linspace(0, 1, 12)
    assert repr(Grid.linspace(-10, 10, 100)) == "<Grid of 100 values: -10, -9.79798, ..., 10>"


@pytest.mark.parametrize("position", [2, -3, 10**30])
def test_a_position_outside_a_grid(position: int) -> None:
    with pytest.raises(OutOfRangeError):
        Grid([1.0, 2.0])[position]
