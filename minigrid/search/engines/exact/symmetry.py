"""Symmetry: if two neurons are interchangeable, only one of their two orders needs to be searched.

Suppose that the first two neurons of a layer are of one kind (activation, connections, grids), and that every neuron
of the next layer weighs both of them first, with weights of one grid. Swapping the two neurons along with those
weights then gives a candidate with the same sums, because the order of two products that are added first changes no
bit. (With three neurons it would: other orders round differently.) So if all candidates of a box have the first
neuron's positions after the second's, each of them has the same score as an earlier candidate, which the plain loop
takes instead. This holds for the single best candidate. If you ask for several candidates, both of a pair count.

With a penalty, mirror images must also cost the same, bit for bit. Among the built-in penalties, only L0 guarantees
this, because it counts weights; the others add up in order.
"""

import itertools
from collections.abc import Iterable
from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, IntArray
from minigrid.model.neuron import Neuron, are_of_one_kind
from minigrid.scoring import L0
from minigrid.search.engines.exact.axes import Axes, Boxes, after
from minigrid.search.problem import Problem
from minigrid.search.space import Grid


@final
class InterchangeableNeurons:
    """The positions of the parameters of two interchangeable neurons.

    Attributes:
        swapped: shape (n_axes,), for each axis the one whose value it gets when they are swapped.
    """

    def __init__(self, first: slice, second: slice, swapped: IntArray) -> None:
        self.swapped: IntArray = swapped
        self._first = first
        self._second = second

    def are_repeated(self, boxes: Boxes) -> BoolArray:
        """Tell which boxes hold only candidates whose mirror image comes earlier."""
        first, second = boxes.columns(self._first), boxes.columns(self._second)
        return after(first.low, second.high)  # in the order of positions, which are the ranks

    def are_ordered(self, boxes: Boxes) -> BoolArray:
        """Tell which boxes hold only candidates whose mirror image is another one, and comes later."""
        first, second = boxes.columns(self._first), boxes.columns(self._second)
        return after(second.low, first.high)

    def are_closed(self, boxes: Boxes) -> BoolArray:
        """Tell which boxes, of all axes, hold the mirror image of each of their candidates."""
        low, high = boxes.low[:, self.swapped], boxes.high[:, self.swapped]
        closed: BoolArray = ((boxes.low == low) & (boxes.high == high)).all(axis=1)
        return closed


def find_interchangeable_neurons(problem: Problem, axes: Axes) -> InterchangeableNeurons | None:
    """Find the first layer that begins with interchangeable neurons. None: none does, or they may cost differently."""
    if not (problem.penalty is None or isinstance(problem.penalty, L0)):
        return None
    grids = problem.space.grids
    layers = zip(problem.network, problem.network.parameter_slices, strict=True)
    for (layer, slices), (following, following_slices) in itertools.pairwise(layers):
        if len(layer) >= 2:
            first, second = slices[:2]
            swappable = are_of_one_kind(layer[0], layer[1]) and _same(grids[first], grids[second])
            weighed = zip(following, following_slices, strict=True)
            if swappable and axes.are_ascending(first) and all(_weighs_first(one, grids[own]) for one, own in weighed):
                return InterchangeableNeurons(first, second, swap(len(grids), first, second, following_slices))
    return None


def swap(n_parameters: int, first: slice, second: slice, weighing: Iterable[slice]) -> IntArray:
    """For each parameter find the one whose value it gets where two neurons are swapped, shape (n_parameters,).

    Args:
        n_parameters: of the network.
        first: the parameters of one of the neurons.
        second: those of the other.
        weighing: the parameters of the neurons that weigh these two before all others.
    """
    swapped = np.arange(n_parameters)
    swapped[first], swapped[second] = swapped[second].copy(), swapped[first].copy()
    for own in weighing:
        swapped[own.start], swapped[own.start + 1] = own.start + 1, own.start
    return swapped


def _weighs_first(neuron: Neuron, grids: tuple[Grid, ...]) -> bool:
    """Tell whether a neuron weighs the first two inputs before all others, with weights of one grid."""
    return tuple(neuron.input_columns()[:2]) in ((0, 1), (1, 0)) and _same(grids[:1], grids[1:2])


def _same(some: tuple[Grid, ...], others: tuple[Grid, ...]) -> bool:
    """Compare bit for bit: the two zeros are equal, but not to every activation."""
    return [grid.values.tobytes() for grid in some] == [grid.values.tobytes() for grid in others]
