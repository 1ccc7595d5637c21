"""Axes that are trees: boxes of nodes, and interchangeable neurons.

An axis stands for all parameters of one neuron: a rank is one setting of them. A box is one node on each axis.

Two neurons are interchangeable, along with their weights, if they are of one kind and every neuron that sees them
weighs them alike. A box of such axes stands for the boxes of all orders of its nodes, each once; the tuple has no
order. If a box has the same node on several axes of one group, these axes are split together: into both lower halves,
one of each, and both upper halves. The first candidate of a box has the lowest settings in ascending order.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from minigrid._base.mixed_radix import join_digits, split_digits
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.space import Grid


class TreeAxes:
    """Some trees, and which of them are interchangeable.

    Attributes:
        trees: one for each axis.
        groups: for each axis the first axis that it is interchangeable with; interchangeable axes share one tree.
        lengths: how many settings each axis has.
    """

    def __init__(self, trees: Sequence[Tree], groups: Sequence[int], grids: Sequence[Sequence[Grid]]) -> None:
        """Combine the trees; `grids` are the grids of each axis's parameters."""
        self.trees: list[Tree] = list(trees)
        self.groups: list[int] = list(groups)
        self.lengths: list[int] = [len(tree.settings) for tree in trees]
        self._shapes = [tuple(len(grid) for grid in own) for own in grids]
        self._members = [[k for k, group in enumerate(groups) if group == own] for own in dict.fromkeys(groups)]

    def root(self) -> Boxes:
        """The root box, which contains every candidate."""
        return self.boxes(np.zeros((1, len(self.trees)), dtype=np.int64))

    def boxes(self, nodes: IntArray) -> Boxes:
        """The boxes of some nodes, shape (n_boxes, n_axes)."""
        low, high = np.empty_like(nodes), np.empty_like(nodes)
        for k, tree in enumerate(self.trees):
            low[:, k], high[:, k] = tree.low[nodes[:, k]], tree.high[nodes[:, k]]
        return Boxes(low, high)

    def nodes(self, boxes: Boxes) -> IntArray:
        """The nodes of some boxes, -1 where one is no node, shape (n_boxes, n_axes)."""
        found = [tree.nodes(boxes.low[:, k], boxes.high[:, k]) for k, tree in enumerate(self.trees)]
        return np.stack(found, axis=1).astype(np.int64)

    def first(self, boxes: Boxes) -> IntArray:
        """Find the first candidate of each box: its setting on each axis, shape (n_boxes, n_axes)."""
        return self.first_of(self.nodes(boxes))

    def first_of(self, nodes: IntArray) -> IntArray:
        """Find the first candidate of some tuples of nodes."""
        return self.ascending(self.first_settings(nodes))

    def ascending(self, tuples: IntArray) -> IntArray:
        """Sort the entries of interchangeable axes, shape (n, n_axes) both."""
        found = tuples.copy()
        for members in self._members:
            if len(members) > 1:
                found[:, members] = np.sort(found[:, members], axis=1)
        return found

    def first_settings(self, nodes: IntArray) -> IntArray:
        """The lowest setting of each node, shape (n, n_axes) both."""
        first: IntArray = np.stack([tree.first[nodes[:, k]] for k, tree in enumerate(self.trees)], axis=1)
        return first.astype(np.int64)

    def settings(self, digits: IntArray) -> IntArray:
        """Number the settings of candidates, given by their positions in the grids of these parameters, at least."""
        settings, start = np.empty((len(digits), len(self._shapes)), dtype=np.int64), 0
        for k, shape in enumerate(self._shapes):
            settings[:, k] = join_digits(digits[:, start : start + len(shape)], shape)
            start += len(shape)
        return settings

    def parts(self, settings: IntArray) -> IntArray:
        """Find the part to which settings on all axes belong, where there are several side by side, shape (n,)."""
        return np.zeros(len(settings), dtype=np.int64)

    def digits(self, settings: IntArray) -> IntArray:
        """Find the positions in the grids from the settings on all axes, shape (n, n_parameters)."""
        return np.concatenate([split_digits(settings[:, k], shape) for k, shape in enumerate(self._shapes)], axis=1)

    def count(self, boxes: Boxes) -> int:
        """Count the points that all boxes stand for, in each order, exactly."""
        if all(len(members) == 1 for members in self._members):
            return boxes.count()
        sizes, total = boxes.high - boxes.low + 1, 0
        factors = np.ones(len(boxes), dtype=np.int64)
        for members in self._members:
            factors *= self._orders(boxes.low[:, members], boxes.high[:, members])
        if (sizes.astype(np.float64).prod(axis=1) * factors).sum() < 2.0**62:
            return int((sizes.prod(axis=1) * factors).sum())
        for row, factor in zip(sizes.tolist(), factors.tolist(), strict=True):
            total += math.prod(row) * factor
        return total

    @staticmethod
    def _orders(low: IntArray, high: IntArray) -> IntArray:
        """Count the orders of each tuple, shape (n,)."""
        width = low.shape[1]
        if width == 2:
            return np.where((low[:, 0] == low[:, 1]) & (high[:, 0] == high[:, 1]), 1, 2)
        orders = []
        for row in np.stack([low, high], axis=2).tolist():
            counts = Counter(map(tuple, row)).values()
            orders.append(math.factorial(width) // math.prod(math.factorial(count) for count in counts))
        return np.array(orders, dtype=np.int64)

    def are_boxes(self, boxes: Boxes) -> bool:
        """Tell whether all of these are boxes of nodes; those from a file may not be."""
        return bool((self.nodes(boxes) >= 0).all())

    def are_leaves(self, nodes: IntArray) -> BoolArray:
        """Tell which tuples of nodes are leaves on every axis, shape (n,)."""
        leaves = np.ones(len(nodes), dtype=np.bool_)
        for k, tree in enumerate(self.trees):
            leaves &= tree.left[nodes[:, k]] < 0
        return leaves

    def split(self, nodes: IntArray, widths: FloatArray) -> tuple[IntArray, IntArray]:
        """Split tuples that are no leaves across the axis that is widest.

        Args:
            nodes: shape (n, n_axes).
            widths: of the same shape.

        Returns:
            The parts, each tuple's one after another, and from which tuple each comes.
        """
        rows = np.arange(len(nodes))
        inner = np.stack([tree.left[nodes[:, k]] >= 0 for k, tree in enumerate(self.trees)], axis=1)
        axis = np.argmax(np.where(inner, widths, -1.0), axis=1)
        node = nodes[rows, axis]
        groups = np.array(self.groups)
        together = (nodes == node[:, np.newaxis]) & (groups == groups[axis][:, np.newaxis])
        n_parts = together.sum(axis=1) + 1
        origin = np.repeat(rows, n_parts)
        part = joined_ranges(0, n_parts)
        left = np.empty(len(nodes), dtype=np.int64)
        right = np.empty(len(nodes), dtype=np.int64)
        for k, tree in enumerate(self.trees):
            own = axis == k
            left[own], right[own] = tree.left[node[own]], tree.right[node[own]]
        turn = np.cumsum(together, axis=1)[origin]  # the rank among those that are split together
        lower = turn <= (n_parts[origin] - 1 - part)[:, np.newaxis]
        halves = np.where(lower, left[origin][:, np.newaxis], right[origin][:, np.newaxis])
        return np.where(together[origin], halves, nodes[origin]), origin
