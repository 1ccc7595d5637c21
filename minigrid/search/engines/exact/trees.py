"""Trees over points: similar points lie close together, in whatever order they are numbered.

A point describes the effect of one setting of some parameters: a neuron's outputs for all samples, or the values
themselves. A tree splits the points in two, and each part in two again, down to single points. It is built level by
level, all nodes of a level at once. Each node is split across the direction in which its points differ most, at the
place that makes the two parts smallest together. The quality of the splits changes how long a search takes, nothing
else.

The settings stand in the order of the leaves. A node is therefore a range of ranks, both ends included, and all code
that works on ranges of ranks also works on nodes.
"""

from copy import copy
from typing import TypeVar, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import poll, slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray

_Number = TypeVar("_Number", np.float64, np.float32, np.int64, np.int32)

DIMENSIONS = 48
"""The dimensions of the points that are examined to separate them."""

_DIRECTIONS = 12  # directions in which points are separated
_ITERATIONS = 12
_TILE = 2**16  # numbers to process together
_ODD = 0x9E3779B97F4A7C15  # any odd number with well-mixed bits
_CUTS = (0.25, 0.4, 0.5, 0.6, 0.75)


@final
class Tree:
    """A tree over numbered settings; its nodes are numbered level by level, the root is 0.

    Attributes:
        settings: shape (n_settings,), the numbers of the settings in the order of the leaves.
        low: shape (n_nodes,), the rank of each node's first leaf.
        high: shape (n_nodes,), the rank of its last one.
        left: shape (n_nodes,), the lower half of each node; -1: it is a leaf.
        right: the upper half.
        first: the lowest setting in each node.
    """

    def __init__(self, points: FloatArray, *, merged: bool) -> None:
        """Build it.

        Args:
            points: shape (n_settings, n_dimensions).
            merged: whether points that are equal bit for bit make one leaf.
        """
        count = len(points)
        same = _first_equal(points) if merged else np.arange(count)
        self.settings: IntArray
        self.left: IntArray
        self.right: IntArray
        self.settings, starts, stops, self.left, self.right = _cut(_coordinates(points), same)
        self.low: IntArray = starts
        self.high: IntArray = stops - 1
        self._inner: list[IntArray] = _levels(self.left, self.right)
        self.first: IntArray = self.least(np.arange(count)[:, np.newaxis])[:, 0]
        self._number()

    def _number(self) -> None:
        self._leaves: IntArray | None = None
        keys = self.low * len(self.settings) + self.high
        self._by_key: IntArray = np.argsort(keys)
        self._sorted_keys: IntArray = keys[self._by_key]

    def __len__(self) -> int:
        return len(self.left)

    @property
    def are_leaves(self) -> BoolArray:
        """Tell which nodes are leaves."""
        leaves: BoolArray = self.left < 0
        return leaves

    def ranges(self, values: NDArray[_Number]) -> tuple[NDArray[_Number], NDArray[_Number]]:
        """Find the least and the greatest of what is known of each setting, over each node.

        Args:
            values: shape (n_settings, ...).

        Returns:
            Shape (n_nodes, ...) both.
        """
        return self.least(values), self.greatest(values)

    def least(self, values: NDArray[_Number], out: NDArray[_Number] | None = None) -> NDArray[_Number]:
        """The first half of `ranges`, put into `out` if that is given."""
        return self._over(values, np.minimum, out)

    def greatest(self, values: NDArray[_Number], out: NDArray[_Number] | None = None) -> NDArray[_Number]:
        """The second half of `ranges`, put into `out` if that is given."""
        return self._over(values, np.maximum, out)

    def _over(self, values: NDArray[_Number], pick: np.ufunc, out: NDArray[_Number] | None) -> NDArray[_Number]:
        found = np.empty((len(self), *values.shape[1:]), dtype=values.dtype) if out is None else out
        leaves = np.flatnonzero(self.are_leaves)
        for some in slices(len(leaves), _TILE // max(1, values[:1].size)):
            found[leaves[some]] = values[self.settings[self.low[leaves[some]]]]
        for nodes in reversed(self._inner):
            poll()
            halves = found[self.left[nodes[0]] : self.right[nodes[-1]] + 1]  # node after node
            found[nodes] = pick(halves[::2], halves[1::2])
        return found

    def leaves_of(self, settings: IntArray) -> IntArray:
        """Find the leaves of some settings, shape (n,) both."""
        if self._leaves is None:
            leaves = np.flatnonzero(self.are_leaves)
            leaves = leaves[np.argsort(self.low[leaves])]
            self._leaves = np.empty(len(self.settings), dtype=np.int64)
            self._leaves[self.settings] = np.repeat(leaves, (self.high - self.low + 1)[leaves])
        found: IntArray = self._leaves[settings]
        return found

    def repeated(self, count: int) -> "Tree":
        """Copies side by side, nodes and settings numbered through, to walk down from the root of any of them.

        What is known of the settings is to be spread over the nodes by `ranges` of the one tree.
        """
        other, each = copy(self), np.arange(count)[:, np.newaxis]
        other.left, other.right = (
            np.where(half < 0, -1, half + len(self) * each).ravel() for half in (self.left, self.right)
        )
        other.settings, other.low, other.high, other.first = (
            (own + len(self.settings) * each).ravel() for own in (self.settings, self.low, self.high, self.first)
        )
        other._number()
        return other

    def nodes(self, low: IntArray, high: IntArray) -> IntArray:
        """Find nodes by their ranges of ranks, shape (n,) all; -1 where there is none."""
        keys = low * len(self.settings) + high
        where = np.minimum(np.searchsorted(self._sorted_keys, keys), len(self) - 1)
        found: IntArray = np.where(self._sorted_keys[where] == keys, self._by_key[where], -1)
        return found


def _levels(left: IntArray, right: IntArray) -> list[IntArray]:
    """The inner nodes of each level, from the root down, in ascending order; so are all of their halves."""
    levels, nodes = [], np.zeros(1, dtype=np.int64)
    while len(nodes := nodes[left[nodes] >= 0]):
        levels.append(nodes)
        nodes = np.stack([left[nodes], right[nodes]], axis=1).ravel()
    return levels


def _first_equal(points: FloatArray) -> IntArray:
    """Find, for each point, the first one that equals it bit for bit."""
    bits = np.ascontiguousarray(points).view(np.uint64)
    odd = np.arange(1, 2 * bits.shape[1], 2, dtype=np.uint64) * np.uint64(_ODD)
    keys, step = np.empty(len(bits), dtype=np.uint64), _TILE // bits.shape[1]
    for some in slices(len(bits), step):
        keys[some] = np.add.reduce((bits[some] ^ (bits[some] >> np.uint64(29))) * odd, axis=1)
    found = _first_of(keys)
    later = np.flatnonzero(found != np.arange(len(found)))
    # Points have one key because they are equal: hardly ever by chance, and then they are compared themselves.
    if all((bits[own] == bits[found[own]]).all() for own in (later[some] for some in slices(len(later), step))):
        return found
    return _first_of(bits)


def _first_of(keys: NDArray[np.uint64]) -> IntArray:
    """Find, for each key, the first one that equals it."""
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    found: IntArray = first[inverse.ravel()]
    return found


def _coordinates(points: FloatArray) -> FloatArray:
    """Describe points by where they lie in the few directions in which they differ most (principal components).

    Sums are added up row by row, because a library might choose another order, and all workers must build the same
        tree.
    """
    chosen = points[:, np.linspace(0, points.shape[1] - 1, min(points.shape[1], DIMENSIONS)).astype(np.int64)]
    own = np.ascontiguousarray(chosen.T)  # shape (n_dimensions, n_settings)
    own -= (np.add.reduce(chosen, axis=0) / len(points))[:, np.newaxis]
    scale = float(np.abs(own).max(initial=0.0))
    if not 0.0 < scale < np.inf:
        return np.zeros((len(points), 1))
    own /= scale
    if len(own) <= _DIRECTIONS:
        return np.ascontiguousarray(own.T)
    columns = np.ascontiguousarray(own.T)
    covariance = np.stack([np.add.reduce(columns * columns[:, k : k + 1], axis=0) for k in range(len(own))])
    coordinates = np.empty((len(points), _DIRECTIONS))
    for k in range(_DIRECTIONS):
        direction = covariance[int(np.argmax(np.diagonal(covariance)))].copy()
        for _ in range(_ITERATIONS):
            size = float(np.sqrt(np.add.reduce(direction * direction)))
            if not size > 0.0:
                break
            direction = np.add.reduce(covariance * (direction / size)[:, np.newaxis], axis=0)
        size = float(np.sqrt(np.add.reduce(direction * direction)))
        direction = direction / size if size > 0.0 else direction
        coordinates[:, k] = np.add.reduce(own * direction[:, np.newaxis], axis=0)
        covariance -= size * direction[:, np.newaxis] * direction
    return coordinates


def _cut(points: FloatArray, same: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Split points until all points in a part are equal: the order of the leaves, starts, stops, left and right."""
    distinct, group, sizes = np.unique(same, return_inverse=True, return_counts=True)
    points, count = points[distinct], len(distinct)
    order = np.arange(count)
    starts, stops = np.zeros(2 * count, dtype=np.int64), np.zeros(2 * count, dtype=np.int64)
    left, right = np.full(2 * count, -1), np.full(2 * count, -1)
    stops[0], total = count, 1
    nodes = np.zeros(min(1, count - 1), dtype=np.int64)
    while len(nodes):
        lengths = stops[nodes] - starts[nodes]
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        part = np.repeat(np.arange(len(nodes)), lengths)
        where = np.arange(len(part)) - offsets[part] + starts[nodes][part]
        own = points[order[where]]
        spread = np.add.reduceat((own - (np.add.reduceat(own, offsets) / lengths[:, np.newaxis])[part]) ** 2, offsets)
        along = np.argmax(spread, axis=1)
        sorting = np.lexsort((own[np.arange(len(own)), along[part]], part))
        order[where] = order[where][sorting]
        cuts = _best_cuts(own[sorting], offsets, lengths)
        lower, upper = total + 2 * np.arange(len(nodes)), total + 2 * np.arange(len(nodes)) + 1
        total += 2 * len(nodes)
        left[nodes], right[nodes] = lower, upper
        starts[lower], stops[upper] = starts[nodes], stops[nodes]
        stops[lower] = starts[upper] = starts[nodes] + cuts
        nodes = np.stack([lower, upper], axis=1).ravel()
        nodes = nodes[stops[nodes] - starts[nodes] > 1]
    edges = np.concatenate([[0], np.cumsum(sizes[order])])
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    settings = np.argsort(place[group], kind="stable")
    return settings, edges[starts[:total]], edges[stops[:total]], left[:total], right[:total]


def _best_cuts(points: FloatArray, offsets: IntArray, lengths: IntArray) -> IntArray:
    """Return how many of each part's points, as sorted, are to go into its lower half."""
    best, cuts = np.full(len(offsets), np.inf), lengths // 2
    for share in _CUTS:
        count = np.clip((lengths * share).astype(np.int64), 1, lengths - 1)
        edges = np.stack([offsets, offsets + count], axis=1).ravel()
        extents = (np.maximum.reduceat(points, edges) - np.minimum.reduceat(points, edges)).sum(axis=1).reshape(-1, 2)
        cost = extents[:, 0] * count + extents[:, 1] * (lengths - count)
        better = cost < best
        best[better], cuts = cost[better], np.where(better, count, cuts)
    return cuts
