"""What the hidden layers put out over boxes of all parameters, layer after layer.

Sound because each layer's ranges hold whatever the parameters of the layers before it are within the box.
"""

from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._typing import FloatArray, IntArray
from minigrid.activation_guard import bound_activation
from minigrid.activations import Activation
from minigrid.network import Network
from minigrid.neuron import Neuron
from minigrid.search.exact.axes import Axes, Boxes
from minigrid.search.exact.intervals import (
    DeclaredRanges,
    KeptRanges,
    NeuronRanges,
    Range,
    output_range,
    sum_range,
)
from minigrid.search.exact.tables import TableRanges
from minigrid.search.problem import Problem


@final
class HiddenRanges:
    """Bounds the outputs of all layers but the last, over boxes of their parameters."""

    def __init__(self, problem: Problem, columns: FloatArray) -> None:
        self.network: Network = problem.network
        self._grids = problem.space.grids
        self._axes = Axes(self._grids)
        self._inputs = [Range(column[np.newaxis], column[np.newaxis]) for column in columns]
        self._first: list[tuple[slice, KeptRanges]] = []
        kinds: list[tuple[object, ...]] = []  # a list, as an activation of a user's own may not be hashable
        for neuron, own in zip(self.network.layers[0], own_slices(self.network, 0), strict=True):
            values = [grid.values.tobytes() for grid in self._grids[own]]
            kinds.append((neuron.activation, neuron.inputs, neuron.bias is None, values))
        first_alike = [kinds.index(kind) for kind in kinds]
        for k, own in enumerate(own_slices(self.network, 0)):
            if first_alike[k] < k:
                ranges = self._first[first_alike[k]][1]
            else:
                ranges = self._ranges_of(self.network.layers[0][k], own, columns, len(set(first_alike)))
            self._first.append((own, ranges))

    def _ranges_of(self, neuron: Neuron, own: slice, columns: FloatArray, n_kinds: int) -> KeptRanges:
        axes = Axes(self._grids[own])
        source: NeuronRanges
        if declares(neuron.activation):
            source = DeclaredRanges(neuron, axes, self._inputs)
        else:
            source = TableRanges(neuron, axes, columns)
        return KeptRanges(source, axes.lengths, columns.shape[1], n_kinds)

    def tables(self, boxes: Boxes, neurons: Sequence[int]) -> tuple[list[Range], list[IntArray]]:
        """Bound the outputs of some neurons of the first layer, as tables and the rows of the boxes in them."""
        found = [self._first[k][1].rows(boxes.columns(self._first[k][0])) for k in neurons]
        return [table for table, _ in found], [rows for _, rows in found]

    def inputs_of_last(self, boxes: Boxes) -> list[Range]:
        """Bound what the last layer is fed with; boxes may leave out parameters of that layer."""
        if len(self.network.layers) == 1:
            return self._inputs
        outputs = [ranges.ranges(boxes.columns(own)) for own, ranges in self._first]
        for number, layer in enumerate(self.network.layers[1:-1], start=1):
            below = outputs
            outputs = []
            for neuron, own in zip(layer, own_slices(self.network, number), strict=True):
                low, high = self.values(boxes, own)
                outputs.append(output_range(neuron.activation, sum_range(neuron, low, high, below)))
        return outputs

    def range_of_first(self, k: int) -> Range:
        """Bound the outputs of a neuron of the first layer over all its parameters."""
        own, ranges = self._first[k]
        return ranges.ranges(self._axes.root().columns(own))

    def values(self, boxes: Boxes, own: slice) -> tuple[FloatArray, FloatArray]:
        """The least and the greatest values of some parameters."""
        return self._axes.values_on(own, boxes.low[:, own]), self._axes.values_on(own, boxes.high[:, own])


def declares(activation: Activation) -> bool:
    """Tell whether an activation says anything about its outputs over an interval."""
    low, high = bound_activation(activation, np.array([-1.0]), np.array([1.0]))
    return bool(np.isfinite(low[0]) or np.isfinite(high[0]))


def own_slices(network: Network, number: int) -> list[slice]:
    """Where the parameters of one layer's neurons stand among all."""
    position = sum(layer.n_parameters for layer in network.layers[:number])
    own = []
    for neuron in network.layers[number]:
        own.append(slice(position, position + neuron.n_parameters))
        position += neuron.n_parameters
    return own
