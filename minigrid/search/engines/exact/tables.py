"""Output ranges of a neuron whose activation declares nothing, from a table of its true outputs.

A neuron of the first layer has one row of outputs for each setting of its own parameters. If the settings are few
enough, all rows are computed once. The range over a box is then the least and the greatest value over its rows. Sound
because these are the true outputs, computed as in the plain loop; they are also tighter than any declaration.
"""

from typing import final

import numpy as np

from minigrid._base.mixed_radix import all_digits
from minigrid._base.typing import FloatArray
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
        self._free = [k for k, length in enumerate(axes.lengths) if length > 1]
        rows = all_rows(neuron, axes.values(all_digits(axes.lengths)), columns)
        self._table = rows.reshape(*(axes.lengths[k] for k in self._free), columns.shape[1])

    def ranges(self, boxes: Boxes) -> Range:
        """Look up the outputs, shape (n_boxes, n_samples)."""
        n_samples = self._table.shape[-1]
        low_ranks, high_ranks = boxes.low[:, self._free].tolist(), boxes.high[:, self._free].tolist()
        low, high = np.empty((len(boxes), n_samples)), np.empty((len(boxes), n_samples))
        for k, (first, last) in enumerate(zip(low_ranks, high_ranks, strict=True)):
            part = self._table[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))]
            flat = part.reshape(-1, n_samples)
            flat.min(axis=0, out=low[k])
            flat.max(axis=0, out=high[k])
        return Range(low, high)
