"""Starts: points from which a strategy sets out, and where they are in a space."""

import zlib
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray, override
from minigrid._base.validation import as_floats, read_only
from minigrid._base.values import Value
from minigrid.exceptions import ShapeError
from minigrid.search.space import SearchSpace

_SHOWN = 12


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Starts(Value):
    """Points from which a strategy sets out.

    Attributes:
        points: shape (n_points, n_parameters), at least one; read-only. A single point may be of shape (n_parameters,).

    Raises:
        InvalidTypeError, InvalidValueError, ShapeError: no such points.

    Example:
        >>> Starts([0.0, 1.5])
        [[0.0, 1.5]]
    """

    points: FloatArray

    def __init__(self, points: ArrayLike) -> None:
        array = as_floats(points, "start")
        if array.ndim not in (1, 2) or not array.size:
            fix = "Pass network.parameters, or several of them in a list."
            raise ShapeError(
                message("start", "parameters of a network, or several rows of them", f"shape {array.shape}", fix)
            )
        object.__setattr__(self, "points", read_only(np.atleast_2d(array)))

    def __len__(self) -> int:
        return len(self.points)

    @override
    def __repr__(self) -> str:
        """Show the numbers if they are few; else how many points there are, and a checksum that tells them apart."""
        if self.points.size <= _SHOWN:
            return repr(self.points.tolist())
        return f"<{counted(len(self), 'point')}, checksum {zlib.crc32(self.points.astype('<f8').tobytes()):08x}>"

    def digits(self, space: SearchSpace) -> list[IntArray]:
        """Round every number to the nearest value of its grid: the positions of those, each point once, in order.

        Args:
            space: what is searched.

        Returns:
            Arrays of shape (n_parameters,).

        Raises:
            ShapeError: the points are of another number of parameters.
        """
        if self.points.shape[1] != len(space.grids):
            expected = f"{counted(len(space.grids), 'number')}, one for each parameter of the network"
            fix = "Pass parameters of this network, in the order of network.parameter_names."
            raise ShapeError(message("start", expected, f"{self.points.shape[1]}", fix))
        nearest = [
            np.abs(grid.values[:, np.newaxis] - column).argmin(axis=0)
            for grid, column in zip(space.grids, self.points.T, strict=True)
        ]
        distinct = dict.fromkeys(map(tuple, np.column_stack(nearest).tolist()))
        return [np.array(point, dtype=np.int64) for point in distinct]
