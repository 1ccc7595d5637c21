"""Twins: two neurons that can change places, so that only one of their two orders need be searched.

If the first two neurons of a layer are of one kind (activation, wiring, grids), and every neuron of the
next layer weighs both of them first, with weights of one grid, then swapping them along with those
weights gives a candidate with the same sums: of two products, added first, the order does not matter to
any bit. (With three neurons it would: other orders round differently.) So whenever all candidates of a
box have the first twin's positions after the second's, each of them has the same score as one that
comes earlier, and the plain loop takes that one. That is so for the single best candidate; where several
are asked for, both of a pair count.
"""

from typing import final

import numpy as np

from minigrid._base.typing import BoolArray
from minigrid.model.neuron import are_of_one_kind
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.problem import Problem
from minigrid.search.space import Grid


@final
class Twins:
    """The places of two neurons that can be swapped."""

    def __init__(self, first: slice, second: slice) -> None:
        self._first = first
        self._second = second

    def are_repeated(self, boxes: Boxes) -> BoolArray:
        """Tell which boxes hold only candidates whose twin comes earlier."""
        first, second = boxes.columns(self._first), boxes.columns(self._second)
        # In the order of positions, which are the ranks: the lowest of the one after the highest of the other.
        differs = first.low != second.high
        where = np.argmax(differs, axis=1)
        rows = np.arange(len(boxes))
        repeated: BoolArray = first.low[rows, where] > second.high[rows, where]
        return repeated


def find_twins(problem: Problem, axes: Axes) -> Twins | None:
    """Find the first layer that begins with twins."""
    network, grids = problem.network, problem.space.grids
    position = 0
    for layer, following in zip(network.layers[:-1], network.layers[1:], strict=True):
        end = position + layer.n_parameters
        if len(layer) >= 2:
            one, other = layer[0], layer[1]
            first = slice(position, position + one.n_parameters)
            second = slice(first.stop, first.stop + other.n_parameters)
            if are_of_one_kind(one, other) and _same(grids[first], grids[second]) and axes.are_ascending(first):
                place = end
                for neuron in following:
                    swappable = tuple(neuron.input_columns()[:2]) in ((0, 1), (1, 0))
                    if not swappable or not _same(grids[place : place + 1], grids[place + 1 : place + 2]):
                        break
                    place += neuron.n_parameters
                else:
                    return Twins(first, second)
        position = end
    return None


def _same(some: tuple[Grid, ...], others: tuple[Grid, ...]) -> bool:
    """Compare to the bit: the two zeros are equal, but not to every activation."""
    return [grid.values.tobytes() for grid in some] == [grid.values.tobytes() for grid in others]
