"""Candidates as runs over the last parameter: the sums of the output neuron, one cache-sized tile at a time.

All parameters of the last neuron except its last one give a *base* of sums, which is computed once for each of their
settings. The last parameter then only adds a product to the base; if it is a bias, it adds itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.search.engines.batched.forward import TILE, Feed, Wire, neuron_sums, rows_up_to

_WIDE = 8  # values: fewer side by side are not worth another layout


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tile:
    """The sums of some candidates.

    Attributes:
        rows: which runs.
        values: which values of the last parameter in each.
        sums: shape (n_rows * n_values, n_samples); they or their transpose are contiguous.
    """

    rows: slice
    values: slice
    sums: FloatArray


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Runs:
    """The candidates of one call, in runs that differ in the last parameter only.

    Attributes:
        neuron: the last one.
        n_samples: of the data.
        base: its parameters before the last, one row for each run.
        wires: the last layer's inputs, for the same rows.
        last: the last parameter's values in each run, shape (n_rows, n_values) or (1, n_values) if
            all runs have the same.
    """

    neuron: Neuron
    n_samples: int
    base: FloatArray
    wires: list[Wire]
    last: FloatArray

    @classmethod
    def of(cls, network: Network, digits: IntArray, values: FloatArray, changed: BoolArray, feed: Feed) -> "Runs":
        """Arrange candidates in runs; where not all have the same values, in runs of one."""
        neuron = network.layers[-1][-1]
        rows = rows_up_to(changed, digits.shape[1] - 1)
        n_rows = len(rows.starts)
        if len(digits) % n_rows == 0 and _are_equal(digits[:, -1].reshape(n_rows, -1), rows.starts):
            starts, last = rows.starts, values[np.newaxis, : len(digits) // n_rows, -1]
        else:
            starts, last = np.arange(len(digits)), values[:, -1:]
        of_row = feed.rows.of_candidate[starts]
        base = values[starts, digits.shape[1] - neuron.n_parameters : -1]
        n_samples = feed.wires[0].table.shape[1]
        return cls(neuron, n_samples, base, [wire.take(of_row) for wire in feed.wires], last)

    @property
    def shape(self) -> tuple[int, int]:
        """Return how many runs, and how many values in each."""
        return len(self.base), self.last.shape[1]

    def base_sums(self, rows: slice) -> FloatArray | None:
        """Sum all terms but the last, shape (n_rows, n_samples); None if there is but one."""
        if not self.base.shape[1]:
            return None
        return neuron_sums(self.neuron, self.base[rows], [wire.take(rows) for wire in self.wires])

    def last_inputs(self, rows: slice) -> FloatArray:
        """Return the inputs of the last parameter, shape (n_rows, n_samples), or one row if all agree; 1 for a bias."""
        if self.neuron.bias is not None:
            return np.ones((1, self.n_samples))
        return self.wires[self.neuron.input_columns()[-1]].take(rows).values()

    def reach(self) -> float:
        """Bound the magnitude of every sum, and of every part of it."""
        total = 0.0
        for k, parameter in enumerate([*self.base.T, self.last]):
            size = float(np.abs(parameter).max())
            if k < self.neuron.weights.size:
                size *= float(np.abs(self.wires[self.neuron.input_columns()[k]].table).max())
            total += size
        return total

    def tiles(self, size: int = TILE, *, across: bool = False) -> Iterator[Tile]:
        """Compute the sums of all candidates.

        Args:
            size: how many sums a tile may have, but for those of one candidate, which are never parted.
            across: whether tiles may be laid out with the sums of one sample side by side.
        """
        n_rows, n_values = self.shape
        for batch in slices(n_rows, TILE // self.n_samples):
            base, inputs = self.base_sums(batch), self.last_inputs(batch)
            for part in slices(n_values, size // self.n_samples):
                width = part.stop - part.start
                height = max(size // (width * self.n_samples), 1)
                is_common = len(inputs) == 1 and len(self.last) == 1
                products = _products(inputs, self.last[:, part]) if across and is_common and width >= _WIDE else None
                for own in slices(batch.stop - batch.start, height):
                    rows = slice(batch.start + own.start, batch.start + own.stop)
                    sums: FloatArray
                    weights = self.last[:, part] if len(self.last) == 1 else self.last[rows, part]
                    weighed = inputs if len(inputs) == 1 else inputs[own]
                    if across and width >= _WIDE:
                        some = _products(weighed, weights) if products is None else products
                        sums = _sums_across(some, None if base is None else base[own], own.stop - own.start)
                        yield Tile(rows, part, sums.T)
                        continue
                    sums = np.empty((own.stop - own.start, width, self.n_samples))
                    np.multiply(weights[:, :, np.newaxis], weighed[:, np.newaxis], out=sums)
                    if base is not None:
                        sums += base[own, np.newaxis]
                    yield Tile(rows, part, sums.reshape(-1, self.n_samples))


def _products(inputs: FloatArray, weights: FloatArray) -> FloatArray:
    """Multiply inputs, shape (n_rows, n_samples), with weights, shape (n_rows, n_values), those of a sample together.

    Returns:
        Shape (n_samples, n_rows, n_values); either may have one row, for all of the other's.
    """
    products: FloatArray = inputs.T[:, :, np.newaxis] * weights
    return products


def _sums_across(products: FloatArray, base: FloatArray | None, n_rows: int) -> FloatArray:
    """Add the last products to every row's base, shape (n_rows, n_samples): shape (n_samples, n_rows * n_values)."""
    n_samples, _, n_values = products.shape
    if base is None:
        return np.broadcast_to(products, (n_samples, n_rows, n_values)).reshape(n_samples, -1)
    sums = np.repeat(base.T, n_values, axis=1).reshape(n_samples, n_rows, n_values)
    sums += products
    return sums.reshape(n_samples, -1)


def _are_equal(digits: IntArray, starts: IntArray) -> bool:
    """Tell whether runs that begin at `starts` all have the same values, given the last digits cut into equal rows."""
    return bool((starts == np.arange(len(digits)) * digits.shape[1]).all() and (digits == digits[0]).all())
