"""Count labels of one output behind one hidden layer: trees of hidden rows and of output items.

A box is one node of rows for each hidden neuron (`rows.py`) and one node of items, which are the settings of the
output neuron that label alike (`items.py`). Over a box, this search counts the samples that may be labelled correctly
and those that may be labelled wrongly; samples that cannot be wrong are surely correct. If even the samples that may
be correct are too few, nothing in the box counts. If the surely correct samples alone are enough, everything in the
box counts.

Sound because an item says for both labels where they are possible, and its limits and the rows are moved outward by
more than all rounding. At a leaf, all rows are equal bit for bit, and samples still in doubt are labelled as in the
plain loop. If the counts are no whole numbers, the leaf is scored.

Two interchangeable neurons share their nodes (`tree_axes.py`). A box of two different nodes stands for both orders,
each with its own weights, because both orders add up to the same bits. A box that contains one node twice is counted
as a whole only if it is a leaf: part of the same box with the weights swapped may have been counted already. Where
swapping neurons could change the order of a sum of more than two products, no order stands for another.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import slices
from minigrid._base.mixed_radix import split_digits
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.counting.counts import Found, PairedCounts
from minigrid.search.engines.exact.fast import Kernels
from minigrid.search.engines.exact.hits import Hits, label_samples
from minigrid.search.engines.exact.nodes import Forest, ItemNodes, Room, Singles
from minigrid.search.engines.exact.output_items import OutputItems, why_no_labels
from minigrid.search.engines.exact.rows import RowTree, kinds_of, row_trees, swappable, why_no_rows
from minigrid.search.engines.exact.symmetry import swap
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.margins import sum_rounding
from minigrid.search.problem import Problem

_TILE = 2**18  # samples that are processed together
_BATCH_SUMS = 2**23  # samples to examine per batch
_MOST_BOXES = 2**15
_FEW = 64  # samples that are labelled first
_STRIDE = 8  # of this many samples, one is examined first


@final
class NodeCounter:
    """Counts, for boxes of nodes, the samples that may have each label."""

    def __init__(self, output: OutputItems, trees: Sequence[RowTree], axes: TreeAxes) -> None:
        """Tabulate the ends of all nodes; `items.py` says what they are multiplied with."""
        forest = Forest(axes.trees)
        self._hits, self._n_nodes = output.hits, len(forest)
        self._nodes: ItemNodes = output.nodes
        self._terms: Singles = self._nodes.terms()
        self._ends, self._widths = output.ends(forest, trees)
        few_zeros, few_ones = (np.ascontiguousarray(table[:, ::_STRIDE]) for table in self._ends)
        self._few_ends: tuple[Singles, Singles] = few_zeros, few_ones
        self._offsets: IntArray = forest.offsets
        self._room = Room()

    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        widths: FloatArray = self._widths[nodes + self._offsets]
        return widths

    def decide(self, kernels: ModuleType, nodes: IntArray, items: IntArray, same: FloatArray) -> NDArray[np.int8]:
        """Decide as `TreeCount` does, compiled: 0 where nothing in a box counts, 2 where all does, else 1."""
        own, needed = self._nodes, same.astype(np.int64)
        trees = (self._ends, nodes + self._offsets, items, own.factors, own.limits, own.ends, self._n_nodes)
        verdicts: NDArray[np.int8] = kernels.decide(*trees, needed)
        return verdicts

    def hits(self, nodes: IntArray, items: IntArray, *, turned: bool, few: bool) -> tuple[FloatArray, FloatArray]:
        """Count the most samples of both classes that may be correct; or, with labels swapped, that may be wrong.

        Args:
            nodes: shape (n, n_axes).
            items: shape (n,).
            turned: whether to search for samples that may be wrong.
            few: whether to examine only a few samples, and assume that the others are correct.
        """
        found = np.empty((2, len(items)))
        ends, step = (self._few_ends, _STRIDE) if few else (self._ends, 1)
        rows, own = nodes + self._offsets, self._nodes
        for of, samples in ((0, slice(self._hits.n_ones, None, step)), (1, slice(0, self._hits.n_ones, step))):
            label, amounts = 1 - of if turned else of, self._hits.addends[samples]
            places = rows + self._n_nodes * own.ends[label, items].astype(np.int64)
            may_be = self._room.amounts(ends[of], places, np.ones_like(items), self._terms[label, items], amounts)
            found[of] = may_be if turned else float(amounts.sum()) - may_be
        return self._hits.n_zeros - found[0], self._hits.n_ones_amount - found[1]


@final
class Enough:
    """Tells which numbers of hits reach a threshold.

    Attributes:
        same: how many hits labelled 0 are needed, for each number of those labelled 1, where hits are whole numbers.
    """

    def __init__(self, hits: Hits, threshold: float) -> None:
        self._hits = hits
        self.same: FloatArray = hits.needed(threshold)[1]
        # Where hits are no whole numbers, sums are compared that rise with the score: from `least` on it may be enough,
        # from `most` on it is.
        scale = hits.gains[0] * hits.n_zeros + hits.gains[1] * hits.n_ones_amount
        slack = 4.0 * sum_rounding(4 * hits.amounts.size)
        self._least, self._most = (threshold - slack) * scale, (threshold + slack) * scale

    def may_be(self, zeros: FloatArray, ones: FloatArray) -> BoolArray:
        """Tell which numbers of hits may be enough."""
        if self._hits.is_exact:
            enough: BoolArray = zeros >= self.same[ones.astype(np.int64)]
            return enough
        return self._gained(zeros, ones) >= self._least

    def are(self, zeros: FloatArray, ones: FloatArray) -> BoolArray:
        """Tell which numbers of hits are certainly enough."""
        return self.may_be(zeros, ones) if self._hits.is_exact else self._gained(zeros, ones) >= self._most

    def _gained(self, zeros: FloatArray, ones: FloatArray) -> FloatArray:
        return self._hits.gains[0] * zeros + self._hits.gains[1] * ones


@final
class TreeCount:
    """Counts over boxes of nodes."""

    def __init__(
        self, output: OutputItems, trees: Sequence[RowTree], axes: TreeAxes, scorer: Scorer, threshold: float
    ) -> None:
        """Open the root box; arguments as for `LabelTrees`, and a score."""
        problem, hits = output.problem, output.hits
        self._problem, self._hits, self._trees, self._axes, self._scorer = problem, hits, trees, axes, scorer
        self._threshold, self._output, self._items = threshold, output, output.items
        self._enough, self._kernels = Enough(hits, threshold), Kernels()
        self._counter = NodeCounter(output, trees, axes)
        self._is_one: BoolArray = np.arange(hits.amounts.size) < hits.n_ones
        self._few = slice(None, None, max(1, hits.amounts.size // _FEW))
        self._list_settings()
        lengths, swapped = [*axes.lengths, len(self._settings)], _swapped(problem, axes)
        self._has_twins = swapped is not None
        self._counts = PairedCounts(lengths, self._by_value, swapped)
        self._open: list[tuple[IntArray, IntArray]] = [
            (np.zeros((1, len(trees)), dtype=np.int64), np.zeros(1, dtype=np.int64))
        ]
        self._at_once = int(np.clip(_BATCH_SUMS // hits.amounts.size, 1, _MOST_BOXES))

    def _list_settings(self) -> None:
        """Number the settings of the output neuron in the order of the items' leaves."""
        items, order = self._items, self._items.tree.settings
        sizes = np.diff(items.starts)[order]
        self._settings: IntArray = items.settings[joined_ranges(items.starts[order], sizes)]
        self._starts: IntArray = np.append(0, np.cumsum(sizes))

    @property
    def finished(self) -> bool:
        """Tell whether every candidate is processed."""
        return not self._open

    @property
    def n_processed(self) -> int:
        """Return how many candidates are processed."""
        in_doubt = self._counts.emptied()
        for nodes, items in self._open:
            in_doubt.add(self._boxes(nodes, items), self._stand_for_two(nodes))
        return self._problem.space.size - in_doubt.total

    def found(self) -> Found:
        """Tell how many candidates count, as far as is known now."""
        unknown = self._counts.emptied()
        for nodes, items in self._open:
            unknown.add(self._boxes(nodes, items), np.full(len(items), self._has_twins))
        return self._counts.found(unknown, self._problem.space.size)

    def advance(self) -> None:
        """Process some boxes, or split them."""
        nodes, items = self._open.pop()
        if len(items) > self._at_once:
            self._open.append((nodes[: -self._at_once], items[: -self._at_once]))
            nodes, items = nodes[-self._at_once :], items[-self._at_once :]
        all_count, in_doubt = self._decide(nodes, items)
        leaves = self._axes.are_leaves(nodes)
        if self._has_twins:
            mixed = all_count & ~leaves & ~self._stand_for_two(nodes)
            all_count &= ~mixed
            in_doubt |= mixed
        self._count(self._boxes(nodes[all_count], items[all_count]), nodes[all_count])
        nodes, items, leaves = nodes[in_doubt], items[in_doubt], leaves[in_doubt]
        tree, widths = self._items.tree, self._counter.widths(nodes)
        inner = tree.left[items] >= 0
        self._label_leaves(nodes[leaves & ~inner], items[leaves & ~inner])
        opened = inner & (leaves | (self._items.spread[items] > widths.sum(axis=1)))
        split = ~opened & ~leaves
        parts, origin = self._axes.split(nodes[split], widths[split])
        own = items[opened]
        halves = np.concatenate([tree.left[own], tree.right[own], items[split][origin]])
        if len(halves):
            self._open.append((np.concatenate([nodes[opened], nodes[opened], parts]), halves))

    def _decide(self, nodes: IntArray, items: IntArray) -> tuple[BoolArray, BoolArray]:
        """Tell in which boxes all candidates count, and in which some may, shape (n,) both."""
        kernels = self._kernels.get() if self._hits.is_unit and self._hits.is_exact else None
        if kernels is not None:
            verdicts = self._counter.decide(kernels, nodes, items, self._enough.same)
            return verdicts == 2, verdicts == 1
        all_count, in_doubt = (np.zeros(len(items), dtype=np.bool_) for _ in range(2))
        left = np.arange(len(items))
        for few in (True, False):  # a few samples decide many boxes
            left = left[self._enough.may_be(*self._counter.hits(nodes[left], items[left], turned=False, few=few))]
        in_doubt[left] = True
        for few in (True, False):
            left = left[self._enough.are(*self._counter.hits(nodes[left], items[left], turned=True, few=few))]
        all_count[left], in_doubt[left] = True, False
        return all_count, in_doubt

    def _label_leaves(self, nodes: IntArray, items: IntArray) -> None:
        """Label all candidates of some leaves as the plain loop does, and count those that reach the threshold."""
        ranks = self._items.tree.low[items]
        sizes = self._starts[ranks + 1] - self._starts[ranks]
        of_leaf = np.repeat(np.arange(len(items)), sizes)
        places = np.arange(len(of_leaf)) + (self._starts[ranks] - np.cumsum(sizes) + sizes)[of_leaf]
        for some in slices(len(places), max(1, _TILE // self._hits.amounts.size)):
            own, place = nodes[of_leaf[some]], places[some]
            reached = self._reached(self._axes.first_settings(own), self._settings[place])
            boxes = self._axes.boxes(own[reached])
            point = place[reached][:, np.newaxis]
            self._count(
                Boxes(np.concatenate([boxes.low, point], axis=1), np.concatenate([boxes.high, point], axis=1)),
                own[reached],
            )

    def _reached(self, settings: IntArray, inner: IntArray) -> BoolArray:
        """Tell which candidates reach the threshold, from the settings of the hidden neurons and of the output."""
        weights = split_digits(inner, [len(grid) for grid in self._output.grids])
        reached = np.zeros(len(settings), dtype=np.bool_)
        if not self._hits.is_exact:
            digits = np.concatenate([self._axes.digits(settings), weights], axis=1)
            for some in slices(len(digits), self._scorer.chunk_size(self._problem)):
                reached[some] = self._scorer.objective(self._problem, digits[some]) >= self._threshold
            return reached
        # A few samples show that most are far from the threshold.
        few = np.flatnonzero(self._reach_exactly(settings, weights, self._few))
        reached[few] = self._reach_exactly(settings[few], weights[few], slice(None))
        return reached

    def _reach_exactly(self, settings: IntArray, weights: IntArray, samples: slice) -> BoolArray:
        """Tell which candidates reach the threshold if the omitted samples are correct, shape (n,)."""
        rows = [tree.rows for tree in self._trees]
        labels = self._output.decision.labels(self._output.sums(rows, settings, weights, samples))
        wrong = (labels != self._is_one[samples]) * self._hits.amounts[samples]
        of_one = self._is_one[samples]
        zeros, ones = self._hits.n_zeros - wrong[:, ~of_one].sum(axis=1), wrong[:, of_one].sum(axis=1)
        return self._enough.are(zeros, self._hits.n_ones_amount - ones)

    def _boxes(self, nodes: IntArray, items: IntArray) -> Boxes:
        """Boxes of settings, of all hidden neurons and of the output."""
        boxes, tree = self._axes.boxes(nodes), self._items.tree
        low, high = self._starts[tree.low[items]], self._starts[tree.high[items] + 1] - 1
        return Boxes(np.column_stack([boxes.low, low]), np.column_stack([boxes.high, high]))

    def _stand_for_two(self, nodes: IntArray) -> BoolArray:
        """Tell which boxes also stand for their mirror images: two interchangeable neurons differ in them."""
        groups = self._axes.groups
        two: BoolArray = np.zeros(len(nodes), dtype=np.bool_)
        for k, group in enumerate(groups):
            if group != k:
                two |= nodes[:, k] != nodes[:, group]
        return two

    def _count(self, boxes: Boxes, nodes: IntArray) -> None:
        self._counts.add(boxes, self._stand_for_two(nodes))

    def _by_value(self, by_rank: list[IntArray]) -> list[IntArray]:
        """Turn counts of settings into counts of the values of each parameter."""
        slices_of = [*self._problem.network.parameter_slices[0], self._problem.network.parameter_slices[-1][0]]
        orders = [*(tree.tree.settings for tree in self._trees), self._settings]
        found = []
        for own, order, counts in zip(slices_of, orders, by_rank, strict=True):
            shape = [len(grid) for grid in self._problem.space.grids[own]]
            for k, positions in enumerate(split_digits(order, shape).T):
                of_values = np.zeros(shape[k], dtype=object)
                np.add.at(of_values, positions, counts)
                found.append(of_values)
        return found


def find_trees(problem: Problem, scorer: Scorer, threshold: float) -> TreeCount | None:
    """Build a search over trees for labels of one output behind one hidden layer; None if there is none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    if len(problem.network.layers) != 2 or problem.penalty is not None or why_no_labels(problem) is not None:
        return None
    if why_no_rows(problem, problem.counted.n_samples) is not None:
        return None
    columns, hits = label_samples(problem)
    trees = row_trees(problem, columns, top=1)
    if isinstance(trees, Unprovable):
        return None
    groups = swappable(problem, kinds_of(problem))
    turned = [k for k, group in enumerate(groups) if groups.count(group) > 1]
    # The order of the first two products in a sum changes no bit.
    if len(turned) != 2 or sorted(problem.network.layers[-1][0].input_columns()[:2]) != turned:
        groups = list(range(len(groups)))
    grids = [problem.space.grids[own] for own in problem.network.parameter_slices[0]]
    axes = TreeAxes([tree.tree for tree in trees], groups, grids)
    output = OutputItems.of(problem, hits, trees, groups, top=1)
    return None if isinstance(output, Unprovable) else TreeCount(output, trees, axes, scorer, threshold)


def _swapped(problem: Problem, axes: TreeAxes) -> IntArray | None:
    """Return, for each parameter, the one whose value it gets if two neurons are swapped; None if none can be."""
    counterpart = next((k for k, group in enumerate(axes.groups) if group != k), None)
    if counterpart is None:
        return None
    hidden, output = problem.network.parameter_slices
    return swap(len(problem.space.grids), hidden[axes.groups[counterpart]], hidden[counterpart], output)
