"""The values that a search tries, and the space of all their combinations: from an index to weights and back.

A `SearchSpace` never stores its candidates. It knows the number of values of each parameter. An
index is a number in a mixed radix with these bases, in which the digit of the last parameter runs
fastest, as in `itertools.product`. Indices are Python integers of any size.
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Never, final

import numpy as np

from minigrid._base.arrays import LARGEST_ARRAY, as_vector
from minigrid._base.expected_names import ClassKnowsOtherNames, KnowsOtherNames, knows_other_arguments
from minigrid._base.mixed_radix import digits_of, length, numbers_of
from minigrid._base.text import describe, format_count, message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray, override
from minigrid._base.validation import as_float, as_instance, as_int, as_items, as_mapping, as_position, unknown_name
from minigrid._base.values import Value
from minigrid.exceptions import (
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    OutOfRangeError,
    ShapeError,
    TooManyError,
)
from minigrid.model.network import Network

GRID_FIX = "Pass a Grid, such as Grid([-1, 0, 1]) or Grid.linspace(-10, 10, 100)."
_OVERRIDES_FIX = "Pass a dict of parameter names and grids."
_MOST_ROWS = 50_000_000  # of a slice that is handed out as one array


def _are_ends(*given: object) -> bool:
    """Tell whether three numbers may be meant as the start, the stop and the number of even values."""
    if len(given) != 3 or not all(isinstance(one, int | float) for one in given):
        return False
    start, stop, num = given
    assert isinstance(start, int | float) and isinstance(stop, int | float)  # noqa: PT018
    return isinstance(num, int) and num >= 2 and start < stop


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid(KnowsOtherNames, Value, metaclass=ClassKnowsOtherNames):
    """The values that one parameter may take, in the order in which a search tries them.

    A search tries a repeated value again, as a loop over the values would. This makes two candidates of equal score, of
    which the first wins, and ``result.top`` may hold the same network twice. To drop repeats, use
    ``Grid(list(dict.fromkeys(values)))``.

    Args:
        values: the values, shape (n_values,): at least one, all finite. The grid keeps a read-only copy.

    Raises:
        InvalidTypeError: ``values`` holds something other than real numbers.
        InvalidValueError: ``values`` holds NaN or infinity.
        ShapeError: ``values`` is empty, or not flat.

    Example:
        >>> Grid([-1, 0, 1])
        Grid([-1.0, 0.0, 1.0])
        >>> len(Grid.linspace(-10, 10, 100))
        100
    """

    values: FloatArray

    def __init__(self, values: ArrayLike, *others: Never) -> None:
        if others:
            given = ", ".join(map(describe, (values, *others)))
            even = f", or Grid.linspace({given}) for even values" if _are_ends(values, *others) else ""
            fix = f"Pass them in one list: Grid([{given}]){even}."
            raise InvalidTypeError(message("values", "one sequence of numbers", f"{given} one by one", fix))
        object.__setattr__(self, "values", as_vector(values, "values", what="values of the grid"))

    @classmethod
    @knows_other_arguments
    def linspace(cls, start: float, stop: float, num: int) -> "Grid":
        """Create a grid of ``num`` evenly spaced values from ``start`` to ``stop``, as `numpy.linspace` does.

        Args:
            start: the first value.
            stop: the last value.
            num: how many values, at least 1.

        Returns:
            The grid.

        Raises:
            InvalidTypeError: ``start`` or ``stop`` is not a number, or ``num`` is not a whole number.
            InvalidValueError: ``start`` or ``stop`` is not finite, or ``num`` is below 1.
        """
        first, last = as_float(start, "start"), as_float(stop, "stop")
        count = as_int(num, "num", minimum=1, maximum=LARGEST_ARRAY)
        if np.isinf(last / 2.0 - first / 2.0 + last / 2.0 - first / 2.0):
            return cls(2.0 * np.linspace(first / 2.0, last / 2.0, count))  # their distance overflows
        with np.errstate(under="ignore"):
            return cls(np.linspace(first, last, count))

    @classmethod
    def fixed(cls, value: float) -> "Grid":
        """Create a grid of one value, to keep a parameter fixed in a search.

        Args:
            value: the value.

        Returns:
            The grid.

        Raises:
            InvalidTypeError: ``value`` is not a number.
            InvalidValueError: ``value`` is NaN or infinite.
        """
        return cls([as_float(value, "value")])

    def __len__(self) -> int:
        return self.values.size

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def __getitem__(self, position: int, /) -> float:
        """Return one value.

        Raises:
            InvalidTypeError: ``position`` is not a whole number.
            OutOfRangeError: the grid has no such position.
        """
        return float(self.values[as_position(position, len(self), "position")])

    @override
    def __repr__(self) -> str:
        if len(self) <= 12:
            return f"Grid({self.values.tolist()!r})"
        shown = ", ".join(f"{value:.6g}" for value in self.values[:2])
        return f"<Grid of {len(self)} values: {shown}, ..., {self.values[-1]:.6g}>"


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SearchSpace(KnowsOtherNames, Value):
    """The product of one grid for each parameter of a network, in `itertools.product` order.

    Attributes:
        grids: the grid of each parameter.
        names: the names of the parameters.
        size: the number of candidates, an exact integer of any magnitude.

    Args:
        network: the network whose parameters are searched.
        weights: the grid of every weight.
        biases: the grid of every bias. Default None: the same as the weights'.
        overrides: other grids for single parameters, by the names in `network.parameter_names`. Default None: none.

    Raises:
        InvalidTypeError: an argument is of the wrong kind.
        InvalidValueError: ``biases`` for a network that has none.
        UnknownNameError: ``overrides`` names a parameter that does not exist.

    Example:
        >>> space = SearchSpace(Network.dense([2, 1]), Grid([-1, 0, 1]))
        >>> space.size, space[5]
        (9, array([0., 1.]))
    """

    grids: tuple[Grid, ...]
    names: tuple[str, ...]
    size: int

    def __init__(
        self, network: Network, weights: Grid, biases: Grid | None = None, overrides: Mapping[str, Grid] | None = None
    ) -> None:
        as_instance(network, Network, "network", "Build one, such as Network.dense([2, 1]).")
        as_instance(weights, Grid, "weights", GRID_FIX)
        bias_grid = weights if biases is None else as_instance(biases, Grid, "biases", GRID_FIX)
        names = network.parameter_names
        own: dict[str, Grid] = {}
        known = set(names)
        given = {} if overrides is None else as_mapping(overrides, "overrides", _OVERRIDES_FIX)
        for name, grid in given.items():
            if not isinstance(name, str) or name not in known:
                raise unknown_name("overrides", name, names, "names of the network's parameters")
            own[name] = as_instance(grid, Grid, f"overrides[{name!r}]", GRID_FIX)
        if biases is not None and not any(name.endswith(".bias") for name in names):
            fix = "Give its neurons biases, as Network.dense(..., bias=True) does, or leave the grid out."
            expected = "None, as no neuron of the network has a bias"
            raise InvalidValueError(message("bias_grid (biases of a SearchSpace)", expected, f"{biases!r}", fix))
        grids = [own.get(name, bias_grid if name.endswith(".bias") else weights) for name in names]
        _filled(self, tuple(grids), names, math.prod(map(len, grids)))

    def with_grids(self, changes: Mapping[int, Grid]) -> "SearchSpace":
        """Return a copy of this space with other grids for some parameters.

        Args:
            changes: a dict of the positions of these parameters and their new grids.

        Returns:
            A new space.

        Raises:
            InvalidTypeError: ``changes`` is not a dict of positions and grids.
            OutOfRangeError: the space has no such position.
        """
        grids, size = list(self.grids), self.size  # not multiplied again: a strategy changes a few grids of many
        for position, grid in as_mapping(changes, "changes", "Pass a dict of positions and grids.").items():
            k = as_position(position, len(grids), "changes")
            size //= len(grids[k])
            grids[k] = as_instance(grid, Grid, f"changes[{position!r}]", GRID_FIX)
            size *= len(grids[k])
        return _filled(object.__new__(SearchSpace), tuple(grids), self.names, size)

    @classmethod
    def from_grids(cls, grids: Sequence[Grid], names: Sequence[str]) -> "SearchSpace":
        """Create a space from grids and names, without a network.

        Args:
            grids: a grid for each parameter.
            names: the names of the parameters.

        Returns:
            The space.

        Raises:
            InvalidTypeError: something among ``grids`` is not a Grid, or a name is not a string.
            ShapeError: there is not one grid for each name, or there are none.
        """
        fix = "Pass at least one grid, and as many names as grids."
        listed = "Pass a list of grids, such as [Grid([-1, 0, 1])]."
        given = as_items(grids, "grids", "a sequence of Grid", listed)
        called = as_items(names, "names", "a sequence of names", fix)
        if not given or len(given) != len(called):
            expected = f"one for each of {len(called)} names, at least one"
            raise ShapeError(message("grids", expected, f"{len(given)}", fix))
        checked = tuple(as_instance(grid, Grid, "grids", listed) for grid in given)
        checked_names = tuple(as_instance(name, str, "names", fix) for name in called)
        return _filled(object.__new__(cls), checked, checked_names, math.prod(map(len, checked)))

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return (SearchSpace.from_grids, (self.grids, self.names))

    @override
    def __repr__(self) -> str:
        radices = " x ".join(str(len(grid)) for grid in self.grids[:8]) + (" x ..." if len(self.grids) > 8 else "")
        return f"<SearchSpace of {format_count(self.size)} candidates: {radices}>"

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        if self.size > sys.maxsize:
            expected = f"at most {format_count(sys.maxsize)} candidates, as Python allows no more"
            fix = "Use space.size, which is exact for any number."
            raise TooManyError(message("len()", expected, format_count(self.size), fix))
        return self.size

    def __getitem__(self, index: int | slice, /) -> FloatArray:
        """Return one candidate, shape (n_parameters,), or a slice of them, shape (n, n_parameters).

        Raises:
            OutOfRangeError: the space has no such index.
            InvalidTypeError: ``index`` is neither an int nor a slice of ints.
            InvalidValueError: the slice is too long for one array.
        """
        if isinstance(index, slice):
            try:
                if any(isinstance(part, bool | np.bool_) for part in (index.start, index.stop, index.step)):
                    raise TypeError("True and False are no positions")
                chosen = range(*index.indices(self.size))
            except (TypeError, ValueError) as error:
                fix = "Use whole numbers, such as space[0:1000], and no step of 0."
                raise InvalidTypeError(message("index", "a slice of whole numbers", repr(index), fix)) from error
            if length(chosen) > _MOST_ROWS:
                expected = f"a slice of at most {format_count(_MOST_ROWS)} candidates"
                fix = "Take a shorter slice, or iterate over the space."
                raise InvalidValueError(message("index", expected, format_count(length(chosen)), fix))
            return self.values_at(self.digits(chosen))
        kind, fix = (
            "a whole number or a slice",
            "Pass a whole number, such as space[0], or a slice, such as space[0:10].",
        )
        candidate: FloatArray = self.values_at(self.digits([as_position(index, self.size, "index", kind, fix)]))[0]
        return candidate

    def __iter__(self) -> Iterator[FloatArray]:
        for start in range(0, self.size, 1024):
            yield from self.values_at(self.digits(range(start, min(start + 1024, self.size))))

    def __contains__(self, parameters: object, /) -> bool:
        """Tell whether the space holds a candidate, shape (n_parameters,); False for anything else."""
        try:
            return self.index_of(parameters) is not None  # type: ignore[arg-type]  # what does not fit is refused there
        except MinigridError:
            return False

    def index_of(self, parameters: ArrayLike, *, exact: bool = False) -> int | None:
        """Find the lowest index of a candidate; None if the space does not hold it.

        Args:
            parameters: the parameters of the candidate, shape (n_parameters,).
            exact: whether 0.0 and -0.0 differ. Default False.

        Returns:
            The index, or None.

        Raises:
            InvalidTypeError: ``parameters`` holds something other than real numbers.
            InvalidValueError: ``parameters`` holds NaN or infinity.
            ShapeError: ``parameters`` is not flat, or not one number for each grid.
        """
        vector = as_vector(parameters, "parameters", length=len(self.grids), what="parameters")
        index = 0
        for value, grid in zip(vector, self.grids, strict=True):
            same = grid.values == value
            if exact:
                same &= np.signbit(grid.values) == np.signbit(value)
            found = np.flatnonzero(same)
            if not found.size:
                return None
            index = index * len(grid) + int(found[0])
        return index

    def digits(self, indices: range | Sequence[int]) -> IntArray:
        """Convert indices to positions in the grids.

        Args:
            indices: indices below ``size``, of any magnitude.

        Returns:
            The positions, shape (n_indices, n_parameters).

        Raises:
            OutOfRangeError: the space does not have one of the indices.
        """
        if not length(indices):
            return np.zeros((0, len(self.grids)), dtype=np.int64)
        ends = (indices[0], indices[-1]) if isinstance(indices, range) else indices
        if min(ends) < 0 or max(ends) >= self.size:
            outside = min(ends) if min(ends) < 0 else max(ends)
            expected = f"whole numbers from 0 to below {format_count(self.size)}, the size"
            raise OutOfRangeError(message("indices", expected, describe(outside), "Indices start at 0."))
        return digits_of(indices, [len(grid) for grid in self.grids])

    def index_at(self, digits: Sequence[int] | IntArray) -> int:
        """Return the index of the candidate at these positions; the inverse of `digits`.

        Args:
            digits: shape (n_parameters,), the position of each value in its grid.

        Returns:
            The index.

        Raises:
            ShapeError: there is not one position for each grid.
            OutOfRangeError: a grid does not have one of the positions.
        """
        positions = np.asarray(digits).tolist()
        if len(positions) != len(self.grids):
            fix = "Pass one position for each parameter."
            raise ShapeError(message("digits", f"{len(self.grids)} positions", f"{len(positions)}", fix))
        index = 0
        for position, grid in zip(positions, self.grids, strict=True):
            if not 0 <= position < len(grid):
                fix = "Positions start at 0."
                expected = f"positions below {len(grid)}, the length of the grid"
                raise OutOfRangeError(message("digits", expected, describe(position), fix))
            index = index * len(grid) + position
        return index

    def indices_at(self, digits: IntArray) -> list[int]:
        """Convert positions in the grids to indices; the inverse of `digits`.

        Args:
            digits: shape (n, n_parameters), the position of each value in its grid, which is not checked.

        Returns:
            The n indices.
        """
        return numbers_of(digits, [len(grid) for grid in self.grids])

    def values_at(self, digits: IntArray) -> FloatArray:
        """Look up the candidates at these positions.

        Args:
            digits: shape (n, n_parameters), the position of each value in its grid.

        Returns:
            The values, shape (n, n_parameters).
        """
        values = np.empty(digits.shape, dtype=np.float64)
        if len(digits) == 1:  # several times as fast
            pairs = zip(self.grids, digits[0].tolist(), strict=True)
            values[0] = [grid.values.item(position) for grid, position in pairs]
            return values
        for k, grid in enumerate(self.grids):
            values[:, k] = grid.values[digits[:, k]]
        return values


def _filled(space: SearchSpace, grids: tuple[Grid, ...], names: tuple[str, ...], size: int) -> SearchSpace:
    for name, value in (("grids", grids), ("names", names), ("size", size)):
        object.__setattr__(space, name, value)
    return space


def as_overrides(overrides: object) -> dict[str, Grid]:
    """Check that ``overrides`` is a dict of parameter names and grids."""
    fix = "Use the names in network.parameter_names."
    checked: dict[str, Grid] = {}
    for name, grid in as_mapping(overrides, "overrides", _OVERRIDES_FIX).items():
        if not isinstance(name, str):
            raise InvalidTypeError(message("overrides", "names of parameters", describe(name), fix))
        checked[name] = as_instance(grid, Grid, f"overrides[{name!r}]", "Pass a Grid, such as Grid.fixed(0.5).")
    return checked


def smallest_digits(space: SearchSpace) -> IntArray:
    """Find the positions of the values that are nearest to 0, shape (n_parameters,)."""
    return np.array([int(np.argmin(np.abs(grid.values))) for grid in space.grids], dtype=np.int64)
