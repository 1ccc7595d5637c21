"""Nodes of trees as flat arrays, and the questions asked about them: the input of the hot loops, compiled or not."""

import threading
from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import slices
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.batched.decision import LikelySums
from minigrid.search.engines.exact.trees import Tree

Singles = NDArray[np.float32]
Numbers = NDArray[np.int32]

_ARENA = 2**22  # items of all nodes on a stack together
_TILE = 2**20  # sums to compute together: calls that take longer leave the interpreter to other threads
_MOST_SHIFT = 2  # blocks of sums have two to its power
_DEPTH = 2**10  # nodes on a stack, apart from those that it begins with: a tree of 2**17 leaves is not as deep


@final
class Forest:
    """The nodes of some trees, numbered through: each tree once, however many axes it serves.

    Attributes:
        served: for each axis the first one of its tree.
        offsets: shape (n_axes,), where the nodes of each axis begin.
        places: of each distinct tree: the first axis that it serves, and its nodes.
        left: shape (n_nodes,), the lower half of each node; -1: it is a leaf.
        right: the upper half.
        first: the lowest setting.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        """Number the nodes; `trees` are those of the axes."""
        self.served: list[int] = [next(k for k, tree in enumerate(trees) if tree is own) for own in trees]
        ends = 0
        self.places: list[tuple[int, slice]] = []
        for axis in dict.fromkeys(self.served):
            self.places.append((axis, slice(ends, ends + len(trees[axis]))))
            ends += len(trees[axis])
        begins = {axis: nodes.start for axis, nodes in self.places}
        self.offsets: IntArray = np.array([begins[axis] for axis in self.served])
        halves = (
            [np.where(half < 0, -1, half + begin) for half in (trees[k].left, trees[k].right)]
            for k, begin in begins.items()
        )
        left, right = zip(*halves, strict=True)
        self.left: Numbers = np.concatenate(left).astype(np.int32)
        self.right: Numbers = np.concatenate(right).astype(np.int32)
        self.first: Numbers = np.concatenate([trees[axis].first for axis, _ in self.places]).astype(np.int32)

    def __len__(self) -> int:
        return len(self.left)


class RowNodes(NamedTuple):
    """All nodes of all trees of rows, numbered through; samples labelled 1 come first.

    Attributes:
        left: shape (n_nodes,), the lower half of each node; -1: it is a leaf.
        right: the upper half.
        first: the lowest setting.
        moved: whether that is not the first of all.
        width: how far apart the ends are, on average.
        ends: the samples labelled 0, and those labelled 1, each of shape (4 * n_nodes, n_samples): the greatest output
            of each for all nodes, the least, and the greatest and the least of what outputs lack to 1; or only the
            first half, if no item needs the other.
        groups: shape (n_axes,), which axes are interchangeable.
        row: shape (n_nodes,), the row of that setting.
        rows: shape (n_rows, n_samples), all outputs, bit for bit.
    """

    left: Numbers
    right: Numbers
    first: Numbers
    moved: NDArray[np.bool_]
    width: Singles
    ends: tuple[Singles, Singles]
    groups: Numbers
    row: Numbers
    rows: FloatArray


class ItemNodes(NamedTuple):
    """All nodes of a tree of items; see `items.py`.

    Attributes:
        left: shape (n_nodes,), the lower half of each node; -1: it is a leaf.
        right: the upper half.
        factors: shape (2, n_nodes, n_inputs): a sample labelled 0, or 1, counts where its products with them
        limits: shape (2, n_nodes): reach this.
        ends: shape (2, n_nodes, n_inputs), which ends of a node of rows they are multiplied with, see `RowNodes`.
        spread: a node of items is split into its parts where this is more than the rows are wide.
        used: shape (n_nodes, n_inputs): inputs that are not are as good at their first setting as at any other.
        item: shape (n_nodes,), the item of a leaf.
        starts: shape (n_items + 1,), where the settings of each item begin.
        values: shape (n_settings, n_parameters), the settings of all items, one item's after another.
        columns: the input that each of the weights belongs to.
        orders: shape (n_orders, n_weights), all orders in which the products may be added up.
    """

    left: Numbers
    right: Numbers
    factors: NDArray[np.float32]
    limits: Singles
    ends: NDArray[np.int8]
    spread: Singles
    used: BoolArray
    item: Numbers
    starts: IntArray
    values: FloatArray
    columns: Numbers
    orders: Numbers

    def terms(self) -> Singles:
        """Put the limits behind the factors, with their signs reversed: shape (2, n_nodes, n_inputs + 1)."""
        terms: Singles = np.concatenate([self.factors, -self.limits[:, :, np.newaxis]], axis=2)
        return terms


class Wanted(NamedTuple):
    """The hits that a node must promise to be kept; see `hits.py`.

    Attributes:
        n_ones: how many samples are labelled 1.
        amounts: the amount that each sample counts.
        gains: what a hit labelled 0, and one labelled 1, adds to a sum that rises with the score.
        is_unit: whether each sample counts one.
        is_exact: whether hits are whole numbers.
        more: for each number of hits labelled 1, how many of the others make the score better than it is.
        same: the same for one as good.
        least: the sum of gains that is wanted where hits are no whole numbers.
        worst_settings: the settings of the worst candidate that is kept, on all axes; empty: there is none.
        lower: every sum below it has label 0.
        upper: every sum from it on has label 1.
        likely: the labels of some sums between, see there.
        idle: whether an input of weight 0 makes no difference, and the best one candidate is asked for.
        most_zeros: what all samples labelled 0 count.
    """

    n_ones: int
    amounts: FloatArray
    gains: tuple[float, float]
    is_unit: bool
    is_exact: bool
    more: FloatArray
    same: FloatArray
    least: float
    worst_settings: Numbers
    lower: float
    upper: float
    likely: LikelySums
    idle: bool
    most_zeros: float

    def may_be_met(self, ones: FloatArray) -> BoolArray:
        """Tell where hits labelled 1 may match the best so far, if all other samples are correct."""
        if not self.is_exact:
            return np.ones(len(ones), dtype=np.bool_)
        hopeful: BoolArray = self.same[ones.astype(np.int64)] <= self.most_zeros
        return hopeful

    def are_met(self, zeros: FloatArray, ones: FloatArray, late: BoolArray) -> BoolArray:
        """Tell where hits may beat the best so far, or match it and come first."""
        if not self.is_exact:
            met: BoolArray = self.gains[0] * zeros + self.gains[1] * ones >= self.least
            return met
        which = ones.astype(np.int64)
        enough: BoolArray = zeros >= np.where(late, self.more[which], self.same[which])
        return enough


class ClassNodes(NamedTuple):
    """All nodes of all trees of output neurons, numbered through; see `class_rows.py`.

    Attributes:
        left: shape (n_nodes,), the lower half of each node; -1: it is a leaf.
        right: the upper half.
        first: the lowest setting.
        width: how far apart the ends are, on average, as a part of the most possible: below 1.
        ends: shape (2 * n_nodes, n_samples), the greatest rank of each sample for all nodes, and then the least.
    """

    left: Numbers
    right: Numbers
    first: Numbers
    width: Singles
    ends: NDArray[np.int16] | NDArray[np.int32]


class ClassWanted(NamedTuple):
    """The scoring of correct samples; see `class_hits.py`.

    Attributes:
        edges: shape (n_classes + 1,), where the samples of each class begin.
        amounts: the amount that each sample counts.
        order: where each sample stands in the order in which amounts are added up.
        divisors: shape (n_classes,), what hits of each class are divided by; 0: they do not count.
        divisor: what their sum is divided by.
        is_unit: whether each sample counts one.
        is_exact: whether all sums of amounts are exact.
    """

    edges: IntArray
    amounts: FloatArray
    order: IntArray
    divisors: FloatArray
    divisor: float
    is_unit: bool
    is_exact: bool


class ClassRoom(NamedTuple):
    """Room to work in, for exploring nodes of classes.

    Attributes:
        reach: shape (n_samples,), what ranks are needed.
        own: the same once one axis is split.
        terms: shape (n_samples,), what is added up.
        numbers: shape (2, n_axes), nodes.
        reals: shape (n_axes + 2,), widths and scores.
    """

    reach: NDArray[np.int16] | NDArray[np.int32]
    own: NDArray[np.int16] | NDArray[np.int32]
    terms: FloatArray
    numbers: Numbers
    reals: FloatArray

    @staticmethod
    def of(nodes: ClassNodes, n_axes: int) -> "ClassRoom":
        """Make it."""
        n_samples = nodes.ends.shape[1]
        return ClassRoom(
            np.empty_like(nodes.ends[0]),
            np.empty_like(nodes.ends[0]),
            np.empty(n_samples),
            np.empty((2, n_axes), dtype=np.int32),
            np.empty(n_axes + 2),
        )


class Stack(NamedTuple):
    """Nodes that are still to be explored, and the items of each.

    Attributes:
        nodes: shape (n, n_axes).
        begins: shape (n,), where the items of each begin.
        ends: where they end.
        bounds: the sum of gains that is still possible; NaN: not known.
        items: those of all nodes.
        singles: shape (n_samples,), room for sums in single precision.
        doubles: shape (n_samples,), room for exact ones.
        numbers: shape (4, 256), room for nodes, settings, and items of one branch of their tree.
    """

    nodes: Numbers
    begins: IntArray
    ends: IntArray
    bounds: FloatArray
    items: Numbers
    singles: Singles
    doubles: FloatArray
    numbers: Numbers

    @staticmethod
    def of(nodes: IntArray, n_items: int, n_samples: int) -> "Stack":
        """Begin with some nodes, each with all items of a tree of this many nodes."""
        count, n_axes = nodes.shape
        room = count + _DEPTH * (n_axes + 1)
        stack = Stack(
            np.empty((room, n_axes), dtype=np.int32),
            np.zeros(room, dtype=np.int64),
            np.zeros(room, dtype=np.int64),
            np.full(room, np.nan),
            np.empty(max(_ARENA, 8 * (n_axes + 1) * n_items), dtype=np.int32),
            np.empty(n_samples, dtype=np.float32),
            np.empty(n_samples),
            np.empty((4, 256), dtype=np.int32),
        )
        stack.nodes[:count] = nodes
        stack.ends[:count] = 1
        stack.items[0] = 0  # the root of the tree
        return stack


def runs(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Find where runs of equal keys begin, and how long they are, shape (n_runs,) both; keys have shape (n,)."""
    begins = np.concatenate([np.zeros(min(1, keys.size), dtype=np.int64), np.flatnonzero(keys[1:] != keys[:-1]) + 1])
    return begins, np.concatenate([begins[1:], [keys.size]])[: begins.size] - begins


@final
class Room(threading.local):
    """Room for sums in single precision, of each thread its own."""

    def __init__(self) -> None:
        super().__init__()
        self._read, self._sums, self._reached = (np.empty(0, dtype=kind) for kind in ("f4", "f4", "?"))

    def amounts(
        self, table: Singles, rows: IntArray, lengths: IntArray, terms: Singles, amounts: Singles | FloatArray
    ) -> FloatArray:
        """Sum the amounts of the samples whose sums of products reach a limit, shape (n,).

        A limit is one more term of a sum, which then reaches 0. Blocks of a few sums of the same rows are computed
        together, as one small product of matrices, and its terms are added in any order.

        Args:
            table: shape (n_rows, n_samples).
            rows: shape (n_runs, n_inputs), the rows of the table that the sums of each run add up.
            lengths: shape (n_runs,), how many sums each run has, at least one.
            terms: shape (n, n_inputs + 1), what the rows are multiplied with in each sum. The last one is the limit,
                with its sign reversed.
            amounts: shape (n_samples,), in single precision if their sums are whole numbers below 2**24.
        """
        n_samples, n_terms = table.shape[1], terms.shape[1]
        shift = min((len(terms) // max(len(rows), 1)).bit_length() - 1, _MOST_SHIFT) if len(terms) else 0
        height = 1 << shift
        counts = (lengths + (height - 1)) >> shift
        slots = joined_ranges(height * (np.cumsum(counts) - counts), lengths)
        blocks = np.zeros((int(counts.sum()), height, n_terms), dtype=np.float32)
        blocks.reshape(-1, n_terms)[slots] = terms
        which, found = np.repeat(rows, counts, axis=0).T.copy(), np.empty(len(blocks) * height)
        at_once = min(max(_TILE // max(height * n_samples, 1), 1), len(blocks))
        self._make(n_terms * at_once * n_samples, height * at_once * n_samples)
        for some in slices(len(blocks), at_once):
            n = some.stop - some.start
            read = self._read[: n_terms * n * n_samples].reshape(n_terms, n, n_samples)
            total, reached = (own[: height * n * n_samples] for own in (self._sums, self._reached))
            for own, into in zip(which, read, strict=False):
                np.take(table, own[some], axis=0, out=into, mode="clip")
            read[-1] = 1.0
            np.matmul(blocks[some], read.swapaxes(0, 1), out=total.reshape(n, height, n_samples))
            np.greater_equal(total, np.float32(0.0), out=reached)
            np.copyto(total, reached)
            found[height * some.start : height * some.stop] = np.matmul(
                total.reshape(n, height, n_samples), amounts
            ).ravel()
        counted: FloatArray = found[slots]
        return counted

    def _make(self, n_read: int, n_sums: int) -> None:
        """Make room for this many numbers."""
        if n_read > self._read.size:
            self._read = np.empty(n_read, dtype=np.float32)
        if n_sums > self._sums.size:
            self._sums, self._reached = np.empty(n_sums, dtype=np.float32), np.empty(n_sums, dtype=np.bool_)
