"""The ranges of the hidden layers' outputs over boxes of all parameters, layer by layer.

Sound because each layer's ranges hold for all parameters of the earlier layers within the box.

A neuron of the first layer sees the data, and splitting boxes produces the same few ranges of its own parameters again
and again. Its output ranges are therefore cached.
"""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import Activation
from minigrid.activations.guard import apply_activation, bound_activation
from minigrid.model.network import Network
from minigrid.search.engines.batched.forward import Wire, neuron_sums
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.cache import CACHE_BYTES, CACHE_LOGS_BYTES, RowCache
from minigrid.search.engines.exact.intervals import DeclaredRanges, NeuronRanges, Range, output_range, sum_range
from minigrid.search.engines.exact.log_ratio import LogRows
from minigrid.search.engines.exact.nodes import Singles
from minigrid.search.engines.exact.rows import kinds_of
from minigrid.search.engines.exact.tables import TableRanges
from minigrid.search.problem import Problem


@final
class HiddenRanges:
    """Bounds the outputs of all layers but the last, over boxes of their parameters."""

    def __init__(self, problem: Problem, columns: FloatArray) -> None:
        self.network: Network = problem.network
        self._grids = problem.space.grids
        self._axes = Axes(self._grids)
        self._inputs = [Range(column[np.newaxis], column[np.newaxis]) for column in columns]
        self._own = self.network.parameter_slices[0]
        self._kinds: list[int] = kinds_of(problem)
        self._sources = {k: self._source_of(k, columns) for k in set(self._kinds)}
        self._caches = {
            k: RowCache(
                self._floats_of(k),
                [len(grid) for grid in self._grids[self._own[k]]],
                columns.shape[1],
                np.float64,
                CACHE_BYTES // len(self._sources),
            )
            for k in self._sources
        }

    def _source_of(self, k: int, columns: FloatArray) -> NeuronRanges:
        neuron, axes = self.network.layers[0][k], Axes(self._grids[self._own[k]])
        if declares(neuron.activation):
            return DeclaredRanges(neuron, axes, self._inputs)
        return TableRanges(neuron, axes, columns)

    def _floats_of(self, k: int) -> Callable[[Boxes], tuple[FloatArray, FloatArray]]:
        source = self._sources[k]  # and not `self`, which holds the rows: they must be freed when the search ends

        def compute(boxes: Boxes) -> tuple[FloatArray, FloatArray]:
            ranges = source.ranges(boxes)
            return ranges.low, ranges.high

        return compute

    def shrink_cache(self) -> None:
        """Cache little from now on."""
        for cache in self._caches.values():
            cache.shrink_cache()

    def tables(self, boxes: Boxes, neurons: Sequence[int]) -> tuple[list[Range], list[IntArray]]:
        """Bound the outputs of some neurons of the first layer, as tables and the rows of the boxes in them."""
        tables, rows = [], []
        for k in neurons:
            low, high, own = self._caches[self._kinds[k]].rows(boxes.columns(self._own[k]))
            tables.append(Range(low, high))
            rows.append(own)
        return tables, rows

    def log_neurons(self, neurons: Sequence[int], order: IntArray, least: float) -> list["LogNeuron"]:
        """Cache the logarithms of the outputs of some neurons of the first layer.

        Args:
            neurons: which.
            order: of the samples in the rows.
            least: outputs whose logarithm is less may be taken to have that one.
        """
        kinds = {self._kinds[k] for k in neurons}
        made = {kind: self._log_cache(kind, order, least, CACHE_LOGS_BYTES // len(kinds)) for kind in kinds}
        return [LogNeuron(made[self._kinds[k]], self._own[k]) for k in neurons]

    def _log_cache(self, kind: int, order: IntArray, least: float, room: int) -> RowCache[np.float32]:
        floor = np.exp(least)
        source = self._sources[kind]

        def compute(boxes: Boxes) -> tuple[Singles, Singles]:
            ranges = source.ranges(boxes)
            # Selecting columns gives an array in column order, which the kernels do not accept.
            low, high = (
                np.log(np.maximum(end[:, order], floor)).astype(np.float32, order="C")
                for end in (ranges.low, ranges.high)
            )
            return low, high

        return RowCache(compute, [len(grid) for grid in self._grids[self._own[kind]]], order.size, np.float32, room)

    def outputs(self, k: int, points: Boxes) -> FloatArray:
        """Compute the outputs of a neuron of the first layer as the plain loop does, shape (n_points, n_samples)."""
        neuron, nothing = self.network.layers[0][k], np.zeros(1, dtype=np.int64)
        wires = [Wire(column.low, nothing) for column in self._inputs]
        low, _ = self.values(points, self._own[k])
        return apply_activation(neuron.activation, neuron_sums(neuron, low, wires))

    def are_equal(self, points: Boxes, first: int, second: int) -> BoolArray:
        """Tell where two first-layer neurons of one kind have equal settings."""
        if self._kinds[first] != self._kinds[second]:
            return np.zeros(len(points), dtype=np.bool_)
        one, other = points.columns(self._own[first]), points.columns(self._own[second])
        equal: BoolArray = ((one.low == other.low) & (one.high == other.high)).all(axis=1)
        return equal

    def inputs_of_last(self, boxes: Boxes) -> list[Range]:
        """Bound the inputs of the last layer; boxes may leave out parameters of that layer."""
        if len(self.network.layers) == 1:
            return self._inputs
        tables, rows = self.tables(boxes, range(len(self._own)))
        outputs = [_looked_up(table, own) for table, own in zip(tables, rows, strict=True)]
        for number, layer in enumerate(self.network.layers[1:-1], start=1):
            below = outputs
            outputs = []
            for neuron, own in zip(layer, self.network.parameter_slices[number], strict=True):
                low, high = self.values(boxes, own)
                outputs.append(output_range(neuron.activation, sum_range(neuron, low, high, below)))
        return outputs

    def parts_of_last(self, boxes: Boxes) -> tuple[Range | None, Range | None]:
        """Bound a single output's sum without its last term, and the input of its last parameter.

        None: there are no other terms; the last parameter is the bias, whose input is 1.
        """
        neuron, own = self.network.layers[-1][0], self.network.parameter_slices[-1][0]
        inputs = self.inputs_of_last(boxes)
        low, high = self.values(boxes, slice(own.start, own.stop - 1))
        base = sum_range(neuron, low, high, inputs) if low.shape[1] else None
        return base, None if neuron.bias is not None else inputs[neuron.input_columns()[-1]]

    def range_of_first(self, k: int) -> Range:
        """Bound the outputs of a neuron of the first layer over all its parameters."""
        tables, rows = self.tables(self._axes.root(), [k])
        return tables[0][rows[0]]

    def values(self, boxes: Boxes, own: slice) -> tuple[FloatArray, FloatArray]:
        """The least and the greatest values of some parameters."""
        return self._axes.values(boxes.low[:, own], own), self._axes.values(boxes.high[:, own], own)


def _looked_up(table: Range, rows: IntArray) -> Range:
    """Look up the row of each box; if all have the same, as most neurons do while a wide layer is split, that alone."""
    poll()
    if len(rows) and bool((rows == rows[0]).all()):
        return table[slice(int(rows[0]), int(rows[0]) + 1)]
    return table[rows]


@final
class LogNeuron:
    """A neuron of the first layer with the logarithms of its outputs, cached."""

    def __init__(self, cache: RowCache[np.float32], own: slice) -> None:
        self._cache = cache
        self._own = own

    def shrink_cache(self) -> None:
        """Cache little from now on."""
        self._cache.shrink_cache()

    def rows(self, boxes: Boxes) -> LogRows:
        """Find the logarithms of its outputs over boxes of all parameters."""
        return LogRows(*self._cache.rows(boxes.columns(self._own)))


def declares(activation: Activation) -> bool:
    """Tell whether an activation declares anything about its outputs over an interval."""
    low, high = bound_activation(activation, np.array([-1.0]), np.array([1.0]))
    return bool(np.isfinite(low[0]) or np.isfinite(high[0]))
