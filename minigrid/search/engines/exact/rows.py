"""The rows of first-layer neurons (their outputs for all samples), and a tree over the rows of all settings.

Each setting of a neuron's own parameters gives one row: one output for each sample. The rows are computed as in the
plain loop, so they work for any activation, whatever it declares, and the least and the greatest output over a node of
the tree are exact. A node of such a tree is far tighter than a box of neighbouring settings, because saturated neurons
have similar outputs however far apart their weights are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import poll, slices
from minigrid._base.mixed_radix import all_digits
from minigrid._base.threads import n_threads, on_threads
from minigrid._base.typing import FloatArray, IntArray
from minigrid.activations.guard import apply_activation
from minigrid.model.neuron import Neuron, are_of_one_kind
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.forward import TILE, Wire, neuron_sums
from minigrid.search.engines.exact.nodes import Singles
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.engines.margins import LARGEST_SUM
from minigrid.search.problem import Problem
from minigrid.search.space import Grid

_Float = TypeVar("_Float", np.float64, np.float32)

MOST_OUTPUTS = 2 * 10**7
"""The most outputs to tabulate, for all kinds of neurons; trees over them take about three times as much memory."""

_MOST_SETTINGS = 2**17
_SMALL = np.float32(1e-30)  # scaled outputs: of less, products might underflow
_DOWN, _UP = np.float32(1.0 - 2.0**-23), np.float32(1.0 + 2.0**-23)  # times these, a number is moved by 1 or 2 units
_MOST_NEURONS = 7
_WORTH_THREADS = 2**21  # outputs
_FEW_VALUES = 8  # of a neuron's outputs


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowTree:
    """All rows of a neuron, or their ranges if the layers before it are not resolved.

    Attributes:
        tree: over the settings.
        low: shape (n_settings, n_samples), the least outputs.
        high: the greatest; the same array where the outputs are known.
    """

    tree: Tree
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, neuron: Neuron, grids: Sequence[Grid], columns: FloatArray, *, merged: bool) -> "RowTree":
        """Compute the rows, and build the tree.

        Args:
            neuron: any.
            grids: of its parameters.
            columns: its inputs, shape (n_inputs, n_samples).
            merged: whether settings with equal rows make one leaf.

        Raises:
            ActivationError: a custom activation broke its contract.
        """
        rows = all_rows(neuron, all_settings(grids), columns)
        return cls(Tree(rows, merged=merged), rows, rows)

    @property
    def is_known(self) -> bool:
        """Tell whether the outputs are known."""
        return self.low is self.high

    @property
    def rows(self) -> FloatArray:
        """The outputs, where they are known."""
        return self.low


def all_settings(grids: Sequence[Grid]) -> FloatArray:
    """List the values of all settings of some parameters, the first slowest, shape (n_settings, n_parameters)."""
    positions = all_digits([len(grid) for grid in grids])
    return np.stack([grid.values[own] for grid, own in zip(grids, positions.T, strict=True)], axis=1)


def all_rows(neuron: Neuron, parameters: FloatArray, columns: FloatArray) -> FloatArray:
    """Compute a neuron's outputs bit for bit.

    Args:
        neuron: any.
        parameters: its settings, shape (n_settings, n_parameters).
        columns: its inputs, shape (n_inputs, n_samples).

    Returns:
        Shape (n_settings, n_samples).

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    nothing = np.zeros(1, dtype=np.int64)
    wires = [Wire(column[np.newaxis], nothing) for column in columns]
    rows = np.empty((len(parameters), columns.shape[1]))
    for some in slices(len(parameters), TILE // columns.shape[1]):
        rows[some] = apply_activation(neuron.activation, neuron_sums(neuron, parameters[some], wires))
    return rows


@final
@dataclass(frozen=True, slots=True)
class TooMuch(Unprovable):
    """The reason why trees, which are possible, would take too much memory or time. Results show it."""


def why_no_rows(
    problem: Problem, n_samples: int, most_tuples: float = np.inf, most_outputs: int = MOST_OUTPUTS
) -> TooMuch | None:
    """Return the reason if the rows of a first layer are too many; arguments as for `row_trees`."""
    if len(problem.network.layers[0]) > _MOST_NEURONS:
        return TooMuch("the first-layer neurons can stand in too many orders")
    own = problem.network.parameter_slices[0]
    if math.prod(len(grid) for some in own for grid in problem.space.grids[some]) > most_tuples:
        return TooMuch("the first layer has too many settings")
    sizes = _sizes_of_tables(problem)
    if max(sizes) > _MOST_SETTINGS or sum(sizes) * n_samples > most_outputs:
        return TooMuch("a table of outputs would be too large")
    return None


def in_order(columns: FloatArray, order: IntArray) -> FloatArray:
    """Copy samples in another order; columns has shape (n_inputs, n_samples).

    Raises:
        Halted: the work must end.
    """
    copied = np.empty((len(columns), len(order)))
    for own, column in zip(copied, columns, strict=True):
        poll()
        own[:] = column[order]
    return copied


def count_outputs(problem: Problem) -> int:
    """Count the outputs of the first layer that would be tabulated."""
    return sum(_sizes_of_tables(problem)) * problem.n_samples


def _sizes_of_tables(problem: Problem) -> list[int]:
    own, grids = problem.network.parameter_slices[0], problem.space.grids
    return [math.prod(len(grid) for grid in grids[own[kind]]) for kind in set(kinds_of(problem))]


def kinds_of(problem: Problem) -> list[int]:
    """For each first-layer neuron, find the first one that computes the same from equal settings."""
    layer, own = problem.network.layers[0], problem.network.parameter_slices[0]
    values = [[grid.values.tobytes() for grid in problem.space.grids[some]] for some in own]

    def alike(k: int, other: int) -> bool:
        return k == other or (are_of_one_kind(layer[k], layer[other]) and values[k] == values[other])

    return [next(other for other in range(k + 1) if alike(k, other)) for k in range(len(own))]


def swappable(problem: Problem, kinds: Sequence[int]) -> list[int]:
    """For each first-layer neuron, find the first one that is interchangeable with it, weights included.

    Every neuron of the next layer must see both of them, with weights of one grid.
    """
    following = zip(problem.network.layers[1], problem.network.parameter_slices[1], strict=True)
    weighed: list[dict[int, bytes]] = []
    for neuron, own in following:
        grids = problem.space.grids[own]
        columns = neuron.input_columns()
        weighed.append({column: grid.values.tobytes() for column, grid in zip(columns, grids, strict=False)})

    def alike(k: int, other: int) -> bool:
        return kinds[k] == kinds[other] and all(seen.get(k) == seen.get(other) for seen in weighed)

    return [next(other for other in range(k + 1) if alike(k, other)) for k in range(len(kinds))]


def row_trees(
    problem: Problem,
    columns: FloatArray,
    top: int,
    most_tuples: float = np.inf,
    most_outputs: int = MOST_OUTPUTS,
) -> list[RowTree] | Unprovable:
    """Build the trees for all kinds of first-layer neurons, or return the reason why there are none.

    Args:
        problem: any.
        columns: the data, shape (n_inputs, n_samples).
        top: the number of best candidates asked for: settings with equal rows make one leaf where it is one.
        most_tuples: how many combinations of rows are worth it, in any order.
        most_outputs: of all kinds of neurons together.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    reason = why_no_rows(problem, columns.shape[1], most_tuples, most_outputs)
    if reason is not None:
        return reason
    kinds, own = kinds_of(problem), problem.network.parameter_slices[0]
    made = {
        k: RowTree.of(problem.network.layers[0][k], problem.space.grids[own[k]], columns, merged=top == 1)
        for k in sorted(set(kinds))
    }
    if not all(-LARGEST_SUM < tree.rows.min() <= tree.rows.max() < LARGEST_SUM for tree in made.values()):
        return Unprovable("outputs of the first layer are not finite, or too large")
    return [made[kind] for kind in kinds]


def row_axes(problem: Problem, trees: Sequence[RowTree]) -> TreeAxes:
    """The axes that the trees of the hidden neurons make, where there is a layer behind them."""
    grids = [problem.space.grids[some] for some in problem.network.parameter_slices[0]]
    return TreeAxes([row_tree.tree for row_tree in trees], swappable(problem, kinds_of(problem)), grids)


def reach_of(problem: Problem, trees: Sequence[RowTree]) -> float:
    """Bound the sums of the one output neuron, and all parts of them, in magnitude."""
    neuron, own = problem.network.layers[-1][0], problem.network.parameter_slices[-1][0]
    largest = {id(tree): max(-float(tree.low.min()), float(tree.high.max())) for tree in trees}
    inputs = [max(largest[id(trees[k])], 0.0) for k in neuron.input_columns()]
    sizes = [float(np.abs(grid.values).max()) for grid in problem.space.grids[own]]
    return sum(size * other for size, other in zip(sizes, [*inputs, 1.0], strict=False))


def fill_ends(
    row_tree: RowTree,
    least: float,
    size: float,
    samples: Sequence[slice],
    ends: Sequence[tuple[Singles, Singles]],
    n_parts: int = 1,
) -> None:
    """Compute the least and the greatest scaled outputs over all nodes, moved outward.

    Args:
        row_tree: of a neuron, or of several parts whose samples are one part's after another's.
        least: subtracted from the outputs.
        size: then they are divided by it; if negative, the two ends change sides.
        samples: of each part, for each table.
        ends: the tables to be filled, for least and greatest, shape (n_parts * n_nodes, n_samples of it) all.
        n_parts: how many there are.
    """
    if row_tree.is_known:
        sides = _outward(row_tree.rows, least, size)
    else:
        rows = (row_tree.low, row_tree.high) if size > 0.0 else (row_tree.high, row_tree.low)
        sides = _outward(rows[0], least, size)[0], _outward(rows[1], least, size)[1]

    def fill(number: int) -> None:
        k, number = divmod(number, len(samples))
        pick = row_tree.tree.greatest if k else row_tree.tree.least
        values, table = sides[k].reshape(len(sides[k]), n_parts, -1), ends[number][k]
        pick(values[..., samples[number]], table.reshape(n_parts, len(row_tree.tree), table.shape[1]).swapaxes(0, 1))

    threads = n_threads() if row_tree.low.size >= _WORTH_THREADS else 1
    on_threads(fill, 2 * len(samples), threads, "minigrid-ends")


def _outward(rows: FloatArray, least: float, size: float) -> tuple[Singles, Singles]:
    """Scale outputs, and move them down, and up, to the next number in single precision."""
    low, high = (np.empty(rows.shape, dtype=np.float32) for _ in range(2))
    tiles = list(slices(len(rows), TILE // rows.shape[1]))

    def move(number: int) -> None:
        some = tiles[number]
        scaled = (rows[some] - least) / size
        single = scaled.astype(np.float32)
        below, above = low[some], high[some]
        np.multiply(single, _DOWN, out=below)
        below[below < _SMALL] = 0.0
        np.maximum(single * _UP, _SMALL, out=above)
        # What is exact stays: the division is off by less than single precision can tell, and leaves 0 and 1 as they
        # are. (1 minus an input may be rounded to 1. The limits of flipped items allow for that error, see
        # `items.py`.)
        np.copyto(above, 0.0, where=scaled == 0.0)
        one = scaled == 1.0
        np.copyto(below, 1.0, where=one)
        np.copyto(above, 1.0, where=one)

    on_threads(move, len(tiles), n_threads() if rows.size >= _WORTH_THREADS else 1, "minigrid-rows")
    return low, high


def one_by_one(table: NDArray[_Float], n_parts: int) -> NDArray[_Float]:
    """Turn a table of several parts, shape (n, n_parts * n_samples), into one below the other: one sample a column."""
    if n_parts == 1:
        return table
    own = table.reshape(len(table), n_parts, -1)
    return np.ascontiguousarray(own.transpose(1, 0, 2)).reshape(n_parts * len(table), -1)


def total_widths(low: Singles, high: Singles) -> FloatArray:
    """Sum the widths between the least and the greatest, shape (n_nodes,), from shape (n_nodes, n_samples)."""
    widths = np.empty(len(low))
    for some in slices(len(widths), max(1, 2**16 // max(1, low.shape[1]))):
        widths[some] = (high[some] - low[some]).sum(axis=1)
    return widths


def few_values(rows: FloatArray) -> FloatArray:
    """The distinct values of some outputs, told apart bit for bit, as two zeros may be; none if they are many.

    Raises:
        Halted: the work must end.
    """
    bits: IntArray = rows.view(np.int64).reshape(-1)
    found = np.unique(bits[:: max(1, len(bits) // 2**12)])
    for some in slices(len(bits), 2**16):
        if len(found) > _FEW_VALUES:
            return np.empty(0)
        found = np.unique(np.concatenate([found, np.unique(bits[some])]))
    values: FloatArray = found.view(np.float64)
    return values if len(values) <= _FEW_VALUES else values[:0]
