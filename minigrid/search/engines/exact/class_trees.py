"""Labels of several output neurons behind one hidden layer: nodes of rows with the items that may win there.

A node is a range of rows for each hidden neuron. For each pair of output neurons, a node keeps the differences of
their settings (`class_pairs.py`) that may still win there. On the way down, an item is dropped if it loses too many
samples of its two classes, even if all other classes win as many samples as their own pairs allow.

At a leaf, which is one row for each hidden neuron, the remaining items are joined and scored (`class_leaves.py`).

Sound because a sample is correct only if its class wins against each other class, and wins are never undercounted. The
score is computed from rounded sums that never fall when a correct prediction is added (`class_hits.py`).

Interchangeable neurons share their nodes, and every candidate in every order is listed (`orders.py`).
"""

import math
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.class_leaves import ClassLeaves
from minigrid.search.engines.exact.explore import Known, Method
from minigrid.search.engines.exact.fast import Kernels
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.nodes import Forest, Room, Singles, runs
from minigrid.search.engines.exact.pairwise import PairwiseProblem
from minigrid.search.engines.exact.rows import fill_ends, total_widths
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_AT_START = 2.0**24  # samples to examine for a good start


@final
class _Listed(Known):
    """The items with which some nodes are to be explored, for each pair of outputs, sorted by node."""

    def __init__(self, of_node: list[IntArray], items: list[IntArray]) -> None:
        self.of_node = of_node
        self.items = items

    @override
    def take(self, rows: IntArray) -> "_Listed":
        """Select some of the nodes."""
        nodes, items = [], []
        for of_node, own in zip(self.of_node, self.items, strict=True):
            starts, stops = np.searchsorted(of_node, rows), np.searchsorted(of_node, rows, side="right")
            counts = stops - starts
            nodes.append(np.repeat(np.arange(len(rows)), counts))
            items.append(own[joined_ranges(starts, counts)])
        return _Listed(nodes, items)


@final
class ClassTrees(Method):
    """Bounds for all settings of several output neurons, over nodes of rows of what they see."""

    def __init__(self, pairwise: PairwiseProblem) -> None:
        """Tabulate the ends of all nodes."""
        problem, hits, trees, axes = pairwise.problem, pairwise.hits, pairwise.trees, pairwise.axes
        self.axes: TreeAxes = axes
        self.leaf_work: float = 2.0**23
        self.node_work: float = 2.0**22
        self._problem, self._hits, self._scorer, self._pairs = problem, hits, pairwise.scorer, pairwise.pairs
        self._leaves = ClassLeaves(pairwise)
        own = problem.network.parameter_slices[-1]
        self.n_inner: int = math.prod(len(grid) for some in own for grid in problem.space.grids[some])
        forest = Forest([tree.tree for tree in trees])
        self._offsets: IntArray = forest.offsets
        self._n_nodes, self._n_signs = len(forest), 2 ** len(axes.trees)
        tables = [np.empty((2, len(forest), own.stop - own.start), dtype=np.float32) for own in hits.classes]
        for axis, nodes in forest.places:
            ends = [(table[1, nodes], table[0, nodes]) for table in tables]
            fill_ends(trees[axis], pairwise.scale.least[axis], pairwise.scale.size[axis], hits.classes, ends)
        totals = np.array([total_widths(table[1], table[0]) for table in tables])
        self._width: FloatArray = totals.sum(axis=0) / hits.n_samples
        self._ends: list[Singles] = [table.reshape(2 * len(forest), table.shape[2]) for table in tables]
        self._trees, self._kernels, self._room = trees, Kernels(), Room()

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return 4 * sum(ends.nbytes for ends in self._ends) + 2**28

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        widths: FloatArray = self._width[nodes + self._offsets]
        return widths

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound the scores over nodes, see `Method.bound`."""
        n_pairs = len(self._pairs.items)
        if not isinstance(known, _Listed):  # all items, as the roots of their trees
            known = _Listed([np.arange(len(nodes))] * n_pairs, [np.zeros(len(nodes), dtype=np.int64)] * n_pairs)
        leaves, wide = self.axes.are_leaves(nodes), self.widths(nodes).sum(axis=1)
        caps, work = np.tile(self._hits.totals, (len(nodes), 1)), 0.0
        of_node, items, hits = list(known.of_node), list(known.items), []
        for pair in range(n_pairs):
            hits.append(self._count(pair, nodes, of_node[pair], items[pair]))
            work += len(items[pair])
            self._lower(caps, pair, of_node[pair], hits[pair])
        for pair, own in enumerate(self._pairs.items):
            left: list[tuple[IntArray, IntArray, FloatArray]] = []
            now, open_items, counted = of_node[pair], items[pair], hits[pair]
            while len(now):
                alive = self._alive(caps, pair, now, counted, incumbents, late)
                now, open_items, counted = now[alive], open_items[alive], counted[alive]
                opened = own.tree.left[open_items] >= 0
                opened &= leaves[now] | (own.spread[open_items] > 0.5 * wide[now] * own.reach)
                left.append((now[~opened], open_items[~opened], counted[~opened]))
                inner, now = open_items[opened], np.repeat(now[opened], 2)
                open_items = np.stack([own.tree.left[inner], own.tree.right[inner]], axis=1).ravel()
                counted = self._count(pair, nodes, now, open_items)
                work += len(now)
            if left:
                now, open_items, counted = (np.concatenate(parts) for parts in zip(*left, strict=True))
            order = np.argsort(now, kind="stable")
            of_node[pair], items[pair], hits[pair] = now[order], open_items[order], counted[order]
            self._lower(caps, pair, of_node[pair], hits[pair])
        bounds = np.full(len(nodes), np.inf)
        for pair in range(n_pairs):
            scores = self._scores(caps, pair, of_node[pair], hits[pair])
            alive = incumbents.are_alive(scores, late[of_node[pair]])
            of_node[pair], items[pair] = of_node[pair][alive], items[pair][alive]
            best = np.full(len(nodes), -np.inf)
            np.maximum.at(best, of_node[pair], scores[alive])
            np.minimum(bounds, best, out=bounds)
        bounds[bounds == -np.inf] = np.nan
        return bounds, _Listed(of_node, items), work * self._hits.n_samples

    def _lower(self, caps: FloatArray, pair: int, of_node: IntArray, hits: FloatArray) -> None:
        """Lower the most hits in each class at each node, shape (n_nodes, n_classes), to what a pair allows."""
        for label, own in zip(self._pairs.classes[pair], hits.T, strict=True):
            most = np.zeros(len(caps))
            np.maximum.at(most, of_node, own)
            np.minimum(caps[:, label], most, out=caps[:, label])

    def _scores(self, caps: FloatArray, pair: int, of_node: IntArray, hits: FloatArray) -> FloatArray:
        every = caps[of_node]
        for label, own in zip(self._pairs.classes[pair], hits.T, strict=True):
            np.minimum(every[:, label], own, out=every[:, label])
        return self._hits.scores(every)

    def _alive(
        self,
        caps: FloatArray,
        pair: int,
        of_node: IntArray,
        hits: FloatArray,
        incumbents: Incumbents,
        late: BoolArray,
    ) -> BoolArray:
        return incumbents.are_alive(self._scores(caps, pair, of_node, hits), late[of_node])

    def _count(self, pair: int, nodes: IntArray, of_node: IntArray, items: IntArray) -> FloatArray:
        """The most hits in both classes of each pair of a node and an item, shape (n, 2)."""
        kernels = self._kernels.get() if self._hits.amounts is None else None
        counts, room = np.empty((len(items), 2)), np.empty(self._hits.n_samples, dtype=np.float32)
        for k, label in enumerate(self._pairs.classes[pair]):
            # The sums that samples of the first class of a pair, or the second, must reach to be won.
            terms, signs = self._pairs.items[pair].terms[1 - k], self._pairs.items[pair].signs[1 - k]
            begins, lengths = runs(of_node * self._n_signs + signs[items])
            some = items[begins]
            rows = (nodes + self._offsets)[of_node[begins]] + self._n_nodes * (terms[some, :-1] < 0.0)
            if kernels is None:
                amounts = self._hits.addends[self._hits.classes[label]]
                hits = self._room.amounts(self._ends[label], rows, lengths, terms[items], amounts)
                counts[:, k] = self._hits.generous(hits, label)
            else:
                kernels.count_reaching(self._ends[label], rows, lengths, terms[items], room, counts[:, k])
        return counts

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        return begin(self, self._problem, self._scorer, self._trees, incumbents, _AT_START)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Score labels, see `Method.judge`."""
        return self._hits.judge(sums)

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Join the remaining items of some leaves, and score the candidates that may be kept."""
        assert isinstance(known, _Listed)
        n_scored = 0
        for k, leaf in enumerate(leaves):
            own = known.take(np.array([k]))
            n_scored += self._leaves.score(leaf, own.items, incumbents)
        return n_scored


def find_class_trees(problem: Problem, scorer: Scorer, top: int) -> ClassTrees | Unprovable:
    """Build the trees for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    pairwise = PairwiseProblem.of(problem, scorer, top)
    return pairwise if isinstance(pairwise, Unprovable) else ClassTrees(pairwise)
