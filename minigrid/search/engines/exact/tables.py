"""Output ranges of a neuron whose activation declares nothing, from a table of its true outputs.

A neuron of the first layer has one row of outputs for each setting of its own parameters. If the settings are few
enough, all rows are computed once. The range over a box is then the least and the greatest value over its rows. Sound
because these are the true outputs, computed as in the plain loop; they are also tighter than any declaration.
"""

from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.model.neuron import Neuron
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.intervals import Range
from minigrid.search.engines.exact.rows import all_rows

LARGEST_TABLE = 2**25
"""The most outputs in a table: 256 megabytes."""


@final
class TableRanges:
    """A first-layer neuron with all its outputs."""

    def __init__(self, neuron: Neuron, axes: Axes, columns: FloatArray) -> None:
        lengths = axes.lengths
        settings: IntArray = np.indices(lengths).reshape(len(lengths), -1).T
        self._table = all_rows(neuron, axes.values(settings), columns).reshape(*lengths, columns.shape[1])
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
