"""Starts: the points from which a strategy starts, and their positions in a space."""

import zlib
from typing import Self, final

import numpy as np

from minigrid._base.arrays import as_floats
from minigrid._base.text import counted, describe, message
from minigrid._base.typing import ArrayLike, IntArray, override
from minigrid.exceptions import InvalidTypeError, ShapeError
from minigrid.model.network import Network
from minigrid.search.candidate import Candidate
from minigrid.search.result import SearchResult
from minigrid.search.space import SearchSpace

_SHOWN = 12
_EXPECTED = "parameters of a network, or several rows of them"


@final
class Starts(tuple[tuple[float, ...], ...]):
    """The points from which a strategy starts, at least one, each a tuple of parameters.

    Args:
        points: shape (n_points, n_parameters), or (n_parameters,) for a single point.

    Raises:
        InvalidTypeError: the points are not real numbers.
        InvalidValueError: a number is NaN or infinite.
        ShapeError: the points are neither a flat list nor a table of numbers.

    Example:
        >>> Starts([0.0, 1.5])
        [[0.0, 1.5]]
    """

    __slots__ = ()

    def __new__(cls, points: ArrayLike) -> Self:
        """Check the points, and convert them to tuples."""
        for one in points if isinstance(points, list | tuple) else [points]:
            if isinstance(one, Network | SearchResult | Candidate):
                fix = "Pass its parameters, such as start=network.parameters."
                raise InvalidTypeError(message("start", _EXPECTED, describe(one), fix))
        array = as_floats(points, "start")
        if array.ndim not in (1, 2) or not array.size:
            fix = "Pass network.parameters, or several of them in a list."
            raise ShapeError(message("start", _EXPECTED, f"an array of shape {array.shape}", fix))
        return super().__new__(cls, map(tuple, np.atleast_2d(array).tolist()))

    @override
    def __repr__(self) -> str:
        """Show the numbers if they are few, or else the number of points and a checksum."""
        if len(self) * len(self[0]) <= _SHOWN:
            return repr([list(point) for point in self])
        return f"<{counted(len(self), 'point')}, checksum {zlib.crc32(np.array(self, dtype='<f8').tobytes()):08x}>"

    def digits(self, space: SearchSpace) -> list[IntArray]:
        """Round every number to the nearest value of its grid, and return the positions, each point once, in order.

        Args:
            space: the space of the search.

        Returns:
            Arrays of shape (n_parameters,).

        Raises:
            ShapeError: the points have another number of parameters.
        """
        if len(self[0]) != len(space.grids):
            expected = f"{counted(len(space.grids), 'number')}, one for each parameter of the network"
            fix = "Pass parameters of this network, in the order of network.parameter_names."
            raise ShapeError(message("start", expected, f"{len(self[0])}", fix))
        nearest = [
            np.abs(grid.values[:, np.newaxis] - column).argmin(axis=0)
            for grid, column in zip(space.grids, np.array(self).T, strict=True)
        ]
        distinct = dict.fromkeys(map(tuple, np.column_stack(nearest).tolist()))
        return [np.array(point, dtype=np.int64) for point in distinct]
