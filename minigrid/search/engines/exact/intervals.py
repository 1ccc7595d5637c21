"""The ranges of neurons' outputs over a box of parameters: one interval per box, neuron and sample.

Sound bit for bit, without widening. The plain loop adds rounded products in a fixed order, and no step of that (a
product with one factor fixed, a sum, rounding itself) falls when one of its terms rises. So the same steps on the ends
of intervals give ends that contain the sum of every candidate. The activation's own `bounds`, or a table of its true
outputs (`tables.py`), turn ranges of sums into ranges of outputs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import FloatArray, IntArray
from minigrid.activations import Activation, BuiltinActivation
from minigrid.activations.guard import bound_activation, slack
from minigrid.model.neuron import Neuron
from minigrid.search.engines.exact.axes import Axes, Boxes


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Range:
    """Intervals of one quantity.

    Attributes:
        low: shape (n_boxes, n_samples), or (1, n_samples) if it is the same for all boxes.
        high: of the same shape.
    """

    low: FloatArray
    high: FloatArray

    def __getitem__(self, rows: IntArray | slice) -> "Range":
        return self if len(self.low) == 1 else Range(self.low[rows], self.high[rows])


def product_range(low: FloatArray, high: FloatArray, factor: Range) -> Range:
    """Multiply intervals of a weight, shape (n_boxes, 1), with those of an input."""
    if factor.low is factor.high:
        one, other = low * factor.low, high * factor.low
        if factor.low.min() >= 0.0:
            return Range(one, other)
        return Range(np.minimum(one, other), np.maximum(one, other))
    if factor.low.min() >= 0.0:
        least = low * np.where(low >= 0.0, factor.low, factor.high)
        return Range(least, high * np.where(high >= 0.0, factor.high, factor.low))
    corners = [low * factor.low, low * factor.high, high * factor.low, high * factor.high]
    least = np.minimum(np.minimum(corners[0], corners[1]), np.minimum(corners[2], corners[3]))
    return Range(least, np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3])))


def sum_range(neuron: Neuron, low: FloatArray, high: FloatArray, inputs: Sequence[Range]) -> Range:
    """Bound the first terms of a neuron's sum.

    Args:
        neuron: says which inputs it sees.
        low: the least values of its first n parameters, shape (n_boxes, n).
        high: the greatest.
        inputs: of its layer.
    """
    columns = neuron.input_columns()
    total: Range | None = None
    for k in range(low.shape[1]):
        poll()
        own_low, own_high = low[:, k : k + 1], high[:, k : k + 1]
        term = product_range(own_low, own_high, inputs[columns[k]]) if k < len(columns) else Range(own_low, own_high)
        total = term if total is None else Range(total.low + term.low, total.high + term.high)
    assert total is not None
    return total


def output_range(activation: Activation, sums: Range) -> Range:
    """Bound the outputs from the sums."""
    if isinstance(activation, BuiltinActivation):
        return Range(*bound_activation(activation, sums.low, sums.high))
    # A custom activation may distinguish the two zeros, and its last bits need not keep its promises.
    least, greatest = np.where(sums.low == 0.0, -0.0, sums.low), np.where(sums.high == 0.0, 0.0, sums.high)
    low, high = bound_activation(activation, least, greatest)
    return Range(low - slack(low), high + slack(high))


class NeuronRanges(Protocol):
    """Bounds one neuron's outputs over boxes of its own parameters."""

    def ranges(self, boxes: Boxes) -> Range:
        """Bound the outputs, shape (n_boxes, n_samples)."""


@final
class DeclaredRanges:
    """A first-layer neuron whose activation declares bounds."""

    def __init__(self, neuron: Neuron, axes: Axes, inputs: Sequence[Range]) -> None:
        self._neuron = neuron
        self._axes = axes
        self._inputs = inputs

    def ranges(self, boxes: Boxes) -> Range:
        """Bound the outputs, shape (n_boxes, n_samples)."""
        low, high = self._axes.values(boxes.low), self._axes.values(boxes.high)
        return output_range(self._neuron.activation, sum_range(self._neuron, low, high, self._inputs))
