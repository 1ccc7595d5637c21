"""Labels of one output neuron behind one hidden layer: nodes of rows, each with the items that may still win there.

Over a node, every hidden neuron's output for a sample lies between two known numbers. An item (`items.py`) can
therefore label a sample correctly only if it does so with the end that helps it most. An item that cannot win on a
node cannot win on the node's parts, so it is dropped on the way down, and deep nodes check only a handful of items. A
node of the item tree is split into its parts where it is wider than the rows are. Otherwise the neuron is split
whose outputs differ most, multiplied by the weights of the items that are left.

Counting uses single precision: rows are moved outward to the next number, and limits by all possible errors of the
sums. Whatever is left of a leaf, which is a setting of every hidden neuron with an item, is labelled once more as in
the plain loop, before the scorer computes its final score. Samples labelled 1 are always counted first: the others are
counted only if all of them together could still make up for the errors. Amounts that are whole numbers add up to less
than 2**24, so their sums are exact in single precision, in any order.

Interchangeable neurons share their nodes (`tree_axes.py`). Both orders of two neurons add up to the same bits, so only
the first order matters if you ask for one candidate. Other orders of three or more neurons round differently, and each
is scored.
"""

import math
from collections.abc import Sequence
from copy import copy
from types import ModuleType
from typing import final

import numpy as np

from minigrid._base.halting import is_halted, slices, unhalted
from minigrid._base.mixed_radix import split_digits
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.explore import Explored, Known, Method
from minigrid.search.engines.exact.fast import Kernels
from minigrid.search.engines.exact.hits import Hits, label_samples
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.nodes import Forest, Numbers, Room, RowNodes, Singles, Stack, Wanted, runs
from minigrid.search.engines.exact.orders import in_all_orders
from minigrid.search.engines.exact.output_items import OutputItems, why_no_labels
from minigrid.search.engines.exact.rows import RowTree, one_by_one, row_axes, row_trees, why_no_rows
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_TILE = 2**17  # samples that are labelled together
_AT_START, _COMPILED_AT_START = (2.0**25, 2.0**26), (2.0**24, 2.0**27)  # samples to examine for a good start
_OF_TABLE, _COMPILED_OF_TABLE = 2.0**4, 2.0**6  # or this many for each output of the tables, if these are more
_FOUND = 32  # leaves and items that are collected before they are labelled


@final
class _Listed(Known):
    """The items with which some nodes are to be explored: those of node k are items[starts[k] : starts[k + 1]]."""

    def __init__(self, starts: IntArray, items: IntArray) -> None:
        self.starts = starts
        self.items = items

    @override
    def take(self, rows: IntArray) -> "_Listed":
        """Select some of the nodes."""
        counts = (self.starts[1:] - self.starts[:-1])[rows]
        return _Listed(np.append(0, np.cumsum(counts)), self.items[joined_ranges(self.starts[rows], counts)])

    @override
    def can_join(self, other: Known) -> bool:
        return isinstance(other, _Listed)

    @override
    def joined(self, other: Known) -> "_Listed":
        assert isinstance(other, _Listed)
        starts = np.concatenate([self.starts, self.starts[-1] + other.starts[1:]])
        return _Listed(starts, np.concatenate([self.items, other.items]))

    @override
    def pieces(self) -> list[Numbers]:
        """The items of each node."""
        return np.split(self.items.astype(np.int32), self.starts[1:-1])


@final
class LabelTrees(Method):
    """Bounds for all settings of an output neuron, over nodes of rows of what it sees."""

    def __init__(self, output: OutputItems, trees: Sequence[RowTree], axes: TreeAxes, scorer: Scorer) -> None:
        """Tabulate the ends of all nodes.

        Args:
            output: the output neuron.
            trees: of the neurons of the last hidden layer, with samples in the order of the output's hits.
            axes: the axes of these trees.
            scorer: scores candidates.
        """
        nodes, decision = output.nodes, output.decision
        self.axes: TreeAxes = axes
        self.node_work: float = float(len(output.items.starts) * output.hits.amounts.size)
        self._output, self._problem, self._scorer, self._hits = output, output.problem, scorer, output.hits
        self._fixed: IntArray = np.empty((1, 0), dtype=np.int64)
        lengths = [len(grid) for grid in output.grids]
        self.n_inner: int = math.prod(lengths)
        self._positions: IntArray = split_digits(output.items.settings, lengths)
        self._kernels, self._room, self._likely = Kernels(), Room(), decision.likely()
        self._chunk = scorer.chunk_size(output.problem)
        self._items = nodes
        self._terms: Singles = nodes.terms()
        self._codes: IntArray = nodes.ends @ 4 ** np.arange(nodes.ends.shape[2])
        self._n_codes = int(self._codes.max()) + 1
        self._tabulate(trees)
        self._bits: IntArray = 1 << np.arange(len(axes.trees))
        self._unused: IntArray = ~nodes.used @ self._bits
        self._weights: Singles = np.abs(nodes.factors).sum(axis=0)
        # An input of weight 0 changes no label, unless an activation distinguishes the two zeros.
        are_one = decision.labels(np.array([0.0])) == decision.labels(np.array([-0.0]))
        self._idle = output.top == 1 and bool(are_one)

    def _tabulate(self, trees: Sequence[RowTree]) -> None:
        """Store the ends of all rows; with several parts, those of one part after another's."""
        forest, n_samples = Forest(self.axes.trees), self._hits.amounts.size
        n_parts = trees[0].low.shape[1] // n_samples
        ends, widths = self._output.ends(forest, trees, n_parts)
        chosen = [trees[axis] for axis, _ in forest.places]
        rows = [one_by_one(tree.rows, n_parts) if tree.is_known else np.empty((0, n_samples)) for tree in chosen]
        begins = np.repeat(np.cumsum([0, *map(len, rows[:-1])]), [own.stop - own.start for _, own in forest.places])
        self._trees: Sequence[RowTree] = trees
        self._places: IntArray = len(forest) * self._items.ends.astype(np.int64)
        self.resolves_leaves: bool = trees[0].is_known
        self._table: list[FloatArray] = [rows[[own for own, _ in forest.places].index(k)] for k in forest.served]
        self._offsets: IntArray = forest.offsets
        self._rows = RowNodes(
            forest.left,
            forest.right,
            forest.first,
            np.concatenate([np.tile(tree.tree.first > 0, n_parts) for tree in chosen]),
            widths.astype(np.float32),
            ends,
            np.array(self.axes.groups, dtype=np.int32),
            (forest.first + begins).astype(np.int32),
            np.concatenate(rows) if len(rows) > 1 else rows[0],
        )

    def over(self, trees: Sequence[RowTree], axes: TreeAxes, fixed: IntArray) -> "LabelTrees":
        """Return the same bounds over other rows: the layers before are fixed, or known only as ranges.

        Args:
            trees: as before, with other rows. They may be those of several parts, the samples of one after another's.
            axes: as before, the trees as often as there are parts.
            fixed: shape (n_parts, n_fixed), the positions of the parameters of the layers before in their grids.
        """
        other = copy(self)
        other.axes, other._fixed = axes, fixed
        other._tabulate(trees)
        return other

    @override
    def join(self, pieces: Sequence[Numbers | None]) -> Known:
        """Join the items of some nodes; where nothing is known, all items (the root of the tree)."""
        root = np.zeros(1, dtype=np.int32)
        found = [root if own is None else own for own in pieces]
        return _Listed(np.cumsum([0, *map(len, found)]), np.concatenate([root[:0], *found]).astype(np.int64))

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        widths: FloatArray = self._rows.width[nodes + self._offsets].astype(np.float64)
        return widths

    @override
    def priorities(self, nodes: IntArray, known: Known) -> FloatArray:
        """Multiply widths by the factors of the items that are left."""
        widths = self.widths(nodes)
        if isinstance(known, _Listed) and len(known.items):  # no node is without items
            widths *= np.add.reduceat(self._weights[known.items], known.starts[:-1], axis=0)
        return widths

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound the scores over nodes, from each node's items.

        Returns:
            The bounds, NaN where nothing is left; which items are left; how many samples were examined.
        """
        if not isinstance(known, _Listed):  # all items, as the root of their tree
            known = _Listed(np.arange(len(nodes) + 1), np.zeros(len(nodes), dtype=np.int64))
        wanted = self._wanted(incumbents)
        leaves, wide = self.axes.are_leaves(nodes), self.widths(nodes).sum(axis=1)
        of_node = np.repeat(np.arange(len(nodes)), known.starts[1:] - known.starts[:-1])
        items, sums = known.items, np.full(len(nodes), -np.inf)
        left_nodes, left_items, n_counted = [], [], 0
        tree = self._output.items.tree
        moved = self._rows.moved[nodes + self._offsets] @ self._bits
        while len(items):
            if self._idle:
                busy = (moved[of_node] & self._unused[items]) == 0
                of_node, items = of_node[busy], items[busy]
            n_counted += len(items)
            ones = self._count(1, nodes, of_node, items)
            hopeful = wanted.may_be_met(ones)
            of_node, items, ones = of_node[hopeful], items[hopeful], ones[hopeful]
            zeros = self._count(0, nodes, of_node, items)
            good = np.flatnonzero(wanted.are_met(zeros, ones, late[of_node]))
            gained = self._hits.gains[0] * zeros[good] + self._hits.gains[1] * ones[good]
            of_node, items = of_node[good], items[good]
            opened = (tree.left[items] >= 0) & (leaves[of_node] | (self._items.spread[items] > wide[of_node]))
            np.maximum.at(sums, of_node[~opened], gained[~opened])
            left_nodes.append(of_node[~opened])
            left_items.append(items[~opened])
            inner = items[opened]
            of_node = np.repeat(of_node[opened], 2)
            items = np.stack([tree.left[inner], tree.right[inner]], axis=1).ravel()
        of_node, items = np.concatenate([*left_nodes, of_node]), np.concatenate([*left_items, items])
        order = np.lexsort((items, of_node * self._n_codes + self._codes[1][items]))  # by codes, for longer runs
        starts = np.concatenate([[0], np.cumsum(np.bincount(of_node, minlength=len(nodes)))])
        bounds = np.where(sums > -np.inf, self._hits.scores(sums), np.nan)
        return bounds, _Listed(starts, items[order]), float(n_counted * self._hits.amounts.size)

    def _wanted(self, incumbents: Incumbents) -> Wanted:
        hits, worst = self._hits, incumbents.worst_settings
        more, same = hits.needed(incumbents.threshold)
        return Wanted(
            hits.n_ones,
            hits.amounts,
            hits.gains,
            hits.is_unit,
            hits.is_exact,
            more,
            same,
            hits.least(incumbents.threshold),
            np.array([] if worst is None else worst, dtype=np.int32),
            self._output.decision.lower,
            self._output.decision.upper,
            self._likely,
            self._idle,
            hits.n_zeros,
        )

    def _count(self, label: int, nodes: IntArray, of_node: IntArray, items: IntArray) -> FloatArray:
        """The most hits among the samples of a label, of each pair of a node and an item."""
        begins, lengths = runs(of_node * self._n_codes + self._codes[label][items])
        rows = (nodes + self._offsets)[of_node[begins]] + self._places[label][items[begins]]
        terms, amounts = np.take(self._terms[label], items, axis=0), self._hits.addends[self._samples(label)]
        return self._room.amounts(self._rows.ends[label], rows, lengths, terms, amounts)

    @override
    def explore(
        self, nodes: IntArray, bounds: FloatArray, incumbents: Incumbents, budget: float, known: Known | None = None
    ) -> Explored:
        """Explore nodes, see `explore.py`; with the compiled kernels if they are there."""
        kernels = self._kernels.get()
        if kernels is None:
            return super().explore(nodes, bounds, incumbents, budget, known)
        return self._explore_compiled(kernels, nodes, bounds, incumbents, budget)

    def _explore_compiled(
        self, kernels: ModuleType, nodes: IntArray, bounds: FloatArray, incumbents: Incumbents, budget: float
    ) -> Explored:
        """The same depth first, a node at a time, stopped whenever something better may have been found."""
        n_axes, n_items, n_samples = nodes.shape[1], len(self._items.left), self._hits.amounts.size
        stack = Stack.of(nodes[::-1] + self._offsets, n_items, n_samples)  # the last one is explored first
        found_nodes = np.empty(((n_axes + 1) * n_items + _FOUND, n_axes), dtype=np.int32)
        found_items = np.empty(len(found_nodes), dtype=np.int32)
        explored, n_left, n_explored = Explored(n_axes), len(nodes), 1
        while n_left and n_explored and explored.work < budget and not is_halted():
            count = int(min((budget - explored.work) / n_samples + 1.0, 2.0**60))
            wanted = self._wanted(incumbents)
            n_left, n_found, n_explored, counted = kernels.explore(
                stack, n_left, self._rows, self._items, wanted, found_nodes, found_items, count
            )
            explored.work += float(counted * n_samples)
            explored.n_explored += n_explored
            leaves = found_nodes[:n_found].astype(np.int64) - self._offsets
            with unhalted():  # they are no longer on any list
                explored.n_scored += self._score_pairs(leaves, found_items[:n_found].astype(np.int64), incumbents)
            if n_found and not self.resolves_leaves:
                return explored
        gained, begun = stack.bounds[:n_left], np.append(bounds[::-1], np.zeros(n_left))[:n_left]
        left_bounds = np.where(np.isnan(gained), begun, self._hits.scores(gained))[::-1]
        explored.leave(stack.nodes[:n_left][::-1].astype(np.int64) - self._offsets, left_bounds, Known())
        return explored

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        tables = sum(ends.nbytes for ends in self._rows.ends) + 2 * self._rows.rows.nbytes
        return tables + 64 * self._items.left.nbytes + 2**28 + 2**26

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        is_compiled = self._kernels.get() is not None
        work, pass_work = _COMPILED_AT_START if is_compiled else _AT_START
        pass_work = max(pass_work, (_COMPILED_OF_TABLE if is_compiled else _OF_TABLE) * self._rows.rows.size)
        return begin(self, self._problem, self._scorer, self._trees, incumbents, work, pass_work)

    def _samples(self, label: int) -> slice:
        return slice(0, self._hits.n_ones) if label else slice(self._hits.n_ones, None)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Count hits, see `Method.judge`."""
        labels, (of_zeros, of_ones) = sums[0] >= self._output.decision.upper, (self._samples(0), self._samples(1))
        zeros = self._hits.amount(~labels[:, of_zeros], of_zeros)
        ones = self._hits.amount(labels[:, of_ones], of_ones)
        gained: FloatArray = self._hits.gains[0] * zeros + self._hits.gains[1] * ones
        return gained

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score the items that are left of some leaves, all orders and settings of each, and keep the best."""
        assert isinstance(known, _Listed)
        of_leaf = np.repeat(np.arange(len(leaves)), known.starts[1:] - known.starts[:-1])
        return self._score_pairs(leaves[of_leaf], known.items, incumbents)

    @override
    def work_of_leaves(self, leaves: IntArray, known: Known) -> float:
        """Estimate the work of labelling all candidates of some leaves."""
        assert isinstance(known, _Listed)
        starts, own, n_orders = self._items.starts, self._items.item[known.items], len(self._output.orders)
        return float(2 * n_orders * int((starts[own + 1] - starts[own]).sum()) * self._hits.amounts.size)

    def _score_pairs(self, leaves: IntArray, items: IntArray, incumbents: Incumbents) -> int:
        if not self.resolves_leaves:
            return len(items)
        n_scored = 0
        for some in slices(len(items), max(1, _TILE // self._hits.amounts.size)):
            n_scored += self._score_settings(self.axes.first_settings(leaves[some]), items[some], incumbents)
        return n_scored

    def _score_settings(self, settings: IntArray, items: IntArray, incumbents: Incumbents) -> int:
        """Label candidates as the plain loop does, and let the scorer score those that may be kept."""
        tree, starts, orders = self._output.items.tree, self._output.items.starts, self._output.orders
        own = tree.settings[tree.low[items]]
        counts = starts[own + 1] - starts[own]
        inner = joined_ranges(starts[own], counts)
        settings, weights = in_all_orders(orders, np.repeat(settings, counts, axis=0), self._positions[inner])
        n_scored, wanted = len(settings), self._wanted(incumbents)
        ones = self._exactly(1, settings, weights)
        hopeful = wanted.may_be_met(ones)
        settings, weights, ones = settings[hopeful], weights[hopeful], ones[hopeful]
        zeros = self._exactly(0, settings, weights)
        fixed = self._fixed[self.axes.parts(settings)]
        digits = np.concatenate([fixed, self.axes.digits(settings), weights], axis=1)
        chosen = wanted.are_met(zeros, ones, incumbents.are_later(digits))
        incumbents.score(self._scorer, digits[chosen], self._chunk)
        return n_scored

    def _exactly(self, label: int, settings: IntArray, weights: IntArray) -> FloatArray:
        """Count hits among the samples of a label as in the plain loop, from settings and positions of weights."""
        found, samples, output = np.empty(len(settings)), self._samples(label), self._output
        for some in slices(len(settings), _TILE // self._hits.amounts.size):
            ones = output.decision.labels(output.sums(self._table, settings[some], weights[some], samples))
            found[some] = self._hits.amount(ones if label else ~ones, samples)
        return found


def find_label_trees(problem: Problem, scorer: Scorer, top: int) -> LabelTrees | Unprovable:
    """Build the trees for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    if len(problem.network.layers) != 2:
        return Unprovable("there is not one hidden layer")
    reason = why_no_labels(problem) or why_no_rows(problem, problem.counted.n_samples)
    if reason is not None:
        return reason
    columns, hits = label_samples(problem)
    trees = row_trees(problem, columns, top)
    if isinstance(trees, Unprovable):
        return trees
    return make_label_trees(problem, hits, trees, row_axes(problem, trees), scorer, top)


def make_label_trees(
    problem: Problem, hits: Hits, trees: Sequence[RowTree], axes: TreeAxes, scorer: Scorer, top: int
) -> LabelTrees | Unprovable:
    """Build the trees for the last hidden layer, or return the reason why there are none."""
    output = OutputItems.of(problem, hits, trees, axes.groups, top)
    return output if isinstance(output, Unprovable) else LabelTrees(output, trees, axes, scorer)
