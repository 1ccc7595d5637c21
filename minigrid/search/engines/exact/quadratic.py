"""Mean squared error of one output that is a weighted sum of hidden neurons: bounds for all output weights at once.

A leaf is a row of each hidden neuron. The least error of real output weights at the leaf (`forms.py`) bounds all
settings on the grid, so most leaves need no second bound. If a node has few leaves, one pass bounds all of its
combinations and computes their common parts once, which takes some nanoseconds per combination. A wider node is split
without bounding it. Bounds from the distance of rows from the middle of their node were measured: they prune nothing
until a node has only two or three leaves on each axis.

If a leaf may contain a better candidate, the form with eliminated weights is a sum of squares in which each square
involves one more weight. The search therefore chooses the weights one after the other, beginning with the last, and
abandons a choice as soon as the squares so far are too large (Fincke & Pohst 1985). The scorer scores the candidates
that are left, in all orders of interchangeable neurons (`orders.py`).
"""

import contextlib
import itertools
import math
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.halting import Halted, is_halted, slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.activations import Identity
from minigrid.scoring import MeanSquaredError
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.explore import Explored, Known, Method
from minigrid.search.engines.exact.forms import Forms
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.orders import orders_of
from minigrid.search.engines.exact.rows import RowTree, reach_of, row_axes, row_trees
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_PASS = 2**20  # combinations of leaves that are bounded in one pass
_WORK = 4.0  # samples: the cost of bounding a combination
_AT_ONCE = 128  # nodes that are split together
_CHOICES = 2**16  # of weights that are tried together
_BEST, _MOST = 2**6, 2**12  # leaves whose weights are chosen before others are examined: at first, and later on
_AT_START = 2.0**18  # samples to examine for a good start
_LEAST_REACH, _LARGEST_REACH = 1e-100, 1e100
_MOST_TUPLES = 2.0**28  # combinations of rows, in any order


@final
class Quadratic(Method):
    """Bounds for all settings of an output neuron, over nodes of rows of what it sees."""

    def __init__(self, problem: Problem, trees: list[RowTree], axes: TreeAxes, scorer: Scorer, top: int) -> None:
        """Build the forms.

        Args:
            problem: one hidden layer, one output with Identity that sees all of it, and mean squared error.
            trees: of the hidden neurons.
            axes: the axes of these trees.
            scorer: scores candidates.
            top: the number of best candidates asked for.
        """
        self.axes: TreeAxes = axes
        self.node_work: float = float(problem.n_samples)
        self._problem, self._scorer, self._top = problem, scorer, top
        self._chunk = scorer.chunk_size(problem)
        neuron, grids = problem.network.layers[-1][0], problem.space.grids[problem.network.parameter_slices[-1][0]]
        columns = list(neuron.input_columns())
        self.n_inner: int = math.prod(len(grid) for grid in grids)
        place = [columns.index(k) for k in range(len(columns))]
        sizes = [float(np.abs(grid.values).max()) for grid in grids]
        bias = None if neuron.bias is None else sizes[-1]
        share = np.ones(problem.n_samples) if problem.sample_weight is None else problem.sample_weight
        self._trees, self._share = trees, share / share.sum()
        y = problem.targets[:, 0]
        self._forms = Forms(trees, [sizes[k] for k in place], bias, y, share / share.sum())
        self._orders = orders_of(axes.groups, columns, len(grids), top)
        self._columns = [*columns, len(columns)][: len(grids)]  # where each parameter's value stands below
        self._values = [grids[k].values * scale for k, scale in zip(place, self._forms.scales, strict=True)]
        self._biases: FloatArray = np.zeros(1) if bias is None else grids[-1].values / self._forms.reach
        self._bias_factor = float(bias is not None)
        self._leaves: list[IntArray] = []
        for tree in axes.trees:
            leaves = np.flatnonzero(tree.are_leaves)
            self._leaves.append(leaves[np.argsort(tree.low[leaves])])
        ranges = [self._range(k) for k in range(len(trees))]
        self._first, self._last = [first for first, _ in ranges], [last for _, last in ranges]

    def _range(self, axis: int) -> tuple[IntArray, IntArray]:
        """Tell which leaves each node of an axis has: the first, and the one after the last."""
        tree, leaves = self.axes.trees[axis], self._leaves[axis]
        low = tree.low[leaves]
        first, last = (np.searchsorted(low, ends, side="right") for ends in (tree.low, tree.high))
        return first - 1, last

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        return self._sizes(nodes)

    def _sizes(self, nodes: IntArray) -> FloatArray:
        """Return how many leaves each node has on each axis, shape (n, n_axes)."""
        sizes = [self._last[k][own] - self._first[k][own] for k, own in enumerate(nodes.T)]
        counts: FloatArray = np.stack(sizes, axis=1).astype(np.float64)
        return counts

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound the errors of some nodes, see `Method`: leaves closely, others by 0."""
        leaves, errors = self.axes.are_leaves(nodes), np.zeros(len(nodes))
        errors[leaves] = self._forms.least(self._numbers(nodes[leaves]))
        return self._signed(errors), known, float(len(nodes) + np.count_nonzero(leaves) * self._problem.n_samples)

    def _numbers(self, leaves: IntArray) -> IntArray:
        """The numbers of the vectors of some leaves, shape (n, n_axes) both."""
        own = [self._first[k][nodes] for k, nodes in enumerate(leaves.T)]
        numbers: IntArray = np.stack(own, axis=1) + self._forms.offsets
        return numbers

    def _signed(self, errors: FloatArray) -> FloatArray:
        """Scaled errors as signed scores."""
        return -(errors * self._forms.reach) * self._forms.reach

    def _limit(self, incumbents: Incumbents) -> float:
        """Return how large a scaled error may be at most."""
        return -incumbents.threshold / self._forms.reach / self._forms.reach

    @override
    def explore(
        self, nodes: IntArray, bounds: FloatArray, incumbents: Incumbents, budget: float, known: Known | None = None
    ) -> Explored:
        """Explore nodes, see `explore.py`: those of few leaves in one pass, others are split."""
        explored = Explored(nodes.shape[1])
        stack = [(nodes, bounds)]
        while stack:
            nodes, bounds = stack.pop()
            if explored.work > budget or is_halted():
                explored.leave(nodes, bounds, Known())
                continue
            if len(nodes) > _AT_ONCE:
                stack.append((nodes[_AT_ONCE:], bounds[_AT_ONCE:]))
                nodes, bounds = nodes[:_AT_ONCE], bounds[:_AT_ONCE]
            alive = incumbents.are_alive(bounds, incumbents.are_late(self.axes.first_of(nodes)))
            nodes, bounds = nodes[alive], bounds[alive]
            counts = self._sizes(nodes).prod(axis=1)
            small = np.flatnonzero(counts <= _PASS)
            for k, node in enumerate(small):
                n_scored: int | None = None
                if explored.work <= budget:
                    with contextlib.suppress(Halted):
                        n_scored = self._pass_node(nodes[node], incumbents)
                if n_scored is None:
                    explored.leave(nodes[small[k:]], bounds[small[k:]], Known())
                    break
                explored.n_explored += int(counts[node])
                explored.n_scored += n_scored
                explored.work += _WORK * counts[node]
            large = nodes[counts > _PASS]
            if len(large):
                parts, origin = self.axes.split(large, self._sizes(large))
                explored.n_explored += len(parts)
                stack.append((parts, bounds[counts > _PASS][origin]))
        return explored

    def _pass_node(self, node: IntArray, incumbents: Incumbents) -> int:
        """Explore all combinations of a node's leaves; tuples have no order on interchangeable axes."""
        lists = [np.arange(self._first[k][own], self._last[k][own]) for k, own in enumerate(node)]
        pairs = itertools.combinations(range(len(node)), 2)
        groups = self.axes.groups
        alike = [(i, j) for i, j in pairs if groups[i] == groups[j] and node[i] == node[j]]
        return self._pass(lists, alike, incumbents)

    def _pass(self, lists: list[IntArray], alike: list[tuple[int, int]], incumbents: Incumbents) -> int:
        """Bound all combinations of leaves in some lists, and explore the remaining ones, the best first.

        Args:
            lists: for each axis some of its leaves, by their places.
            alike: axes on which a combination counts in ascending order only.
            incumbents: the best so far.
        """
        forms = self._forms
        limit = self._limit(incumbents) + 2.0 * (forms.ridge + forms.slack)
        found, bounds = [np.empty((0, len(lists)), dtype=np.int64)], [np.empty(0)]
        for positions, pivots in forms.below([own + k for own, k in zip(lists, forms.offsets, strict=True)], limit):
            once = np.ones(len(positions), dtype=np.bool_)
            for i, j in alike:
                once &= positions[:, i] <= positions[:, j]
            found.append(positions[once])
            bounds.append(self._signed(forms.without_margin(pivots[once])))
        positions = np.concatenate(found)
        leaves = [self._leaves[k][own[positions[:, k]]] for k, own in enumerate(lists)]
        return self._score_by_bound(np.stack(leaves, axis=1), np.concatenate(bounds), incumbents)

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score the candidates of some leaves that may be kept, and keep them; return how many were scored."""
        return self._score_by_bound(leaves, self._signed(self._forms.least(self._numbers(leaves))), incumbents)

    def _score_by_bound(self, leaves: IntArray, bounds: FloatArray, incumbents: Incumbents) -> int:
        """Choose weights for leaves, those of the best bounds first."""
        order = np.argsort(-bounds, kind="stable")
        n_scored, start, count = 0, 0, 1  # a first one that is good spares most of the others
        while start < len(order):
            best = order[start : start + count]
            alive = incumbents.are_alive(bounds[best], incumbents.are_late(self.axes.first_of(leaves[best])))
            n_scored += self._choose(leaves[best[alive]], incumbents)
            if bounds[best[-1]] < incumbents.threshold:
                break
            start, count = start + count, min(max(2 * count, _BEST), _MOST)
        return n_scored

    def _choose(self, leaves: IntArray, incumbents: Incumbents) -> int:
        """Choose the output weights of some leaves, one after the other; score those of which nothing is too large."""
        forms, n_axes = self._forms, leaves.shape[1]
        if not len(leaves):
            return 0
        numbers, n_scored = self._numbers(leaves), 0
        form, means = forms.eliminated(numbers), forms.means[numbers]
        start = np.arange(len(leaves)), np.zeros((len(leaves), n_axes + 1), dtype=np.int64), form[:, -1, -1]
        stack, tried = [(n_axes - 1, *start)], [*self._values, self._biases]
        while stack:
            axis, of, chosen, sums = stack.pop()
            count = _CHOICES if axis == -2 else max(1, _CHOICES // len(tried[axis]))
            if len(of) > count:
                stack.append((axis, of[count:], chosen[count:], sums[count:]))
                of, chosen, sums = of[:count], chosen[:count], sums[:count]
            margin = forms.slack + (forms.ridge if axis > -2 else 0.0)
            good = sums <= self._limit(incumbents) + margin  # which may have become less meanwhile
            of, chosen, sums = of[good], chosen[good], sums[good]
            if axis == -2:
                n_scored += self._score(leaves[of], chosen, sums, incumbents)
                continue
            if axis >= 0:
                factor, best = form[of, axis, axis], form[of, -1, axis]
                for other in range(axis + 1, n_axes):
                    best = best - form[of, other, axis] * self._values[other][chosen[:, other]]
            else:  # all weights are chosen: the ridge is known, and so is the best bias
                factor, best = np.full(len(of), self._bias_factor), np.full(len(of), forms.target_mean)
                for k, own in enumerate(self._values):
                    weights = own[chosen[:, k]]
                    best -= weights * means[of, k]
                    sums = sums - forms.ridge * weights * weights
            longer = sums[:, np.newaxis] + factor[:, np.newaxis] * (tried[axis] - best[:, np.newaxis]) ** 2
            margin = forms.slack + (forms.ridge if axis >= 0 else 0.0)
            which, turn = np.nonzero(longer <= self._limit(incumbents) + margin)
            sums = longer[which, turn]
            order = np.argsort(sums, kind="stable")
            chosen = chosen[which[order]]
            chosen[:, axis] = turn[order]
            if len(order):
                stack.append((axis - 1, of[which[order]], chosen, sums[order]))
        return n_scored

    def _score(self, leaves: IntArray, chosen: IntArray, errors: FloatArray, incumbents: Incumbents) -> int:
        """Score candidates, by their leaves, weights and errors, unless enough others are better for certain."""
        slack, n_scored = self._forms.slack, 0
        if len(errors) > self._top:
            good = errors <= np.partition(errors, self._top - 1)[self._top - 1] + 2.0 * slack
            leaves, chosen, errors = leaves[good], chosen[good], errors[good]
        settings, bounds = self.axes.first_settings(leaves), self._signed(np.maximum(errors - slack, 0.0))
        weights = chosen[:, self._columns]
        found, promised = [], []
        for order in self._orders:
            turned = settings[:, order.axes]
            fits = order.is_new(turned)
            digits = np.concatenate([self.axes.digits(turned[fits]), weights[fits][:, order.parameters]], axis=1)
            found.append(digits)
            promised.append(bounds[fits])
        digits, bounds = np.concatenate(found), np.concatenate(promised)
        order_of = np.lexsort(digits.T[::-1])
        digits, bounds = digits[order_of], bounds[order_of]
        for some in slices(len(digits), self._chunk):
            own = digits[some][incumbents.are_alive(bounds[some], incumbents.are_later(digits[some]))]
            if len(own):
                incumbents.keep(self._problem.sign * self._scorer.objective(self._problem, own), own)
                n_scored += len(own)
        return n_scored

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        return begin(self, self._problem, self._scorer, self._trees, incumbents, _AT_START)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Compute errors, see `Method.judge`."""
        errors = sums[0] - self._problem.targets[:, 0]
        losses: FloatArray = (errors * errors) @ self._share
        return -losses

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return self._forms.memory + 2**27


def find_quadratic(problem: Problem, scorer: Scorer, top: int) -> Quadratic | Unprovable:
    """Build the forms for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    network = problem.network
    if not isinstance(problem.scoring, MeanSquaredError) or network.n_outputs > 1 or len(network.layers) != 2:
        return Unprovable("only the mean squared error of one output and one hidden layer is a quadratic form")
    neuron = network.layers[-1][0]
    if not isinstance(neuron.activation, Identity):
        return Unprovable("the output is not a weighted sum")
    if len(neuron.input_columns()) < len(network.layers[0]):
        return Unprovable("the output does not see all of the hidden layer")
    trees = row_trees(problem, problem.columns, top, _MOST_TUPLES)
    if isinstance(trees, Unprovable):
        return trees
    reach = reach_of(problem, trees)
    if not _LEAST_REACH < reach + float(np.abs(problem.targets).max()) < _LARGEST_REACH:
        return Unprovable("squares may overflow, or vanish")
    return Quadratic(problem, trees, row_axes(problem, trees), scorer, top)
