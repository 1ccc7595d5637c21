"""Ranges of a neuron that declares nothing, from a table of its true outputs.

A neuron of the first layer has one row of outputs for each setting of its own parameters. Where these are
few enough all rows are computed once; the range over a box is then the least and the greatest over
its rows. Sound because they are the outputs themselves, computed as the plain loop does, and tighter
than any declaration.
"""

from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.activations.guard import apply_activation
from minigrid.model.neuron import Neuron
from minigrid.search.engines.batched.forward import TILE, Wire, neuron_sums, slices
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.intervals import Range

LARGEST_TABLE = 2**25
"""Outputs: 256 megabytes."""


@final
class TableRanges:
    """A first-layer neuron with all its outputs."""

    def __init__(self, neuron: Neuron, axes: Axes, columns: FloatArray) -> None:
        n_samples = columns.shape[1]
        lengths = axes.lengths
        settings: IntArray = np.indices(lengths).reshape(len(lengths), -1).T
        parameters = axes.values(settings)
        nothing = np.zeros(1, dtype=np.int64)
        wires = [Wire(column[np.newaxis], nothing) for column in columns]
        table = np.empty((len(parameters), n_samples))
        for rows in slices(len(parameters), TILE // n_samples):
            table[rows] = apply_activation(neuron.activation, neuron_sums(neuron, parameters[rows], wires))
        self._table = table.reshape(*lengths, n_samples)
        self._axes: Sequence[int] = range(len(lengths))

    def ranges(self, boxes: Boxes) -> Range:
        """Look up the outputs, shape (n_boxes, n_samples)."""
        n_samples = self._table.shape[-1]
        low, high = np.empty((len(boxes), n_samples)), np.empty((len(boxes), n_samples))
        for k, (first, last) in enumerate(zip(boxes.low.tolist(), boxes.high.tolist(), strict=True)):
            part = self._table[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))]
            flat = part.reshape(-1, n_samples)
            flat.min(axis=0, out=low[k])
            flat.max(axis=0, out=high[k])
        return Range(low, high)
