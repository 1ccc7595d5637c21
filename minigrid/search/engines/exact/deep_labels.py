"""Labels of one output neuron behind several hidden layers: later layers are searched recursively.

A node is one node of the row tree for each neuron of the first layer. Over a node, every output of the first layer
lies between two known numbers. So does every output of each neuron of the second layer, for each of its settings;
these are rows that are known only as ranges. A search over trees of such ranges (`label_trees.py`, or this module
recursively) decides whether any setting of the later layers may be kept. If none may, the node is pruned. At a leaf
the rows of the second layer are known exactly, and the same search finishes the leaf.

Sound because no step of a sum falls when one of its terms rises (`intervals.py`), so the ends of the rows hold for
everything that the plain loop computes. If a node stands for several orders of its neurons, each order rounds its sums
differently, and the ends are moved outward by more than that. The trees over the settings of later layers are built
once, from the outputs of these settings for typical inputs. The quality of these trees changes how long a search
takes, nothing else.

Interchangeable neurons of the first layer share their nodes, together with their weights in every neuron that sees
them. Where other orders of their rows round differently, each order is resolved.
"""

import math
from collections.abc import Sequence
from copy import copy
from typing import NamedTuple, TypeAlias, final

import numpy as np

from minigrid._base.halting import Halted, is_halted, slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.descents import Descents
from minigrid.search.engines.exact.axes import after
from minigrid.search.engines.exact.explore import Explored, Known, Method
from minigrid.search.engines.exact.hidden import declares
from minigrid.search.engines.exact.hits import label_samples
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.intervals import Range, output_range, sum_range
from minigrid.search.engines.exact.label_trees import LabelTrees, make_label_trees
from minigrid.search.engines.exact.neuron_descent import pass_over_rows
from minigrid.search.engines.exact.orders import Order, orders_of
from minigrid.search.engines.exact.output_items import why_no_labels
from minigrid.search.engines.exact.rows import (
    RowTree,
    TooMuch,
    all_rows,
    all_settings,
    kinds_of,
    one_by_one,
    row_axes,
    row_trees,
    why_no_rows,
)
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.exact.trees import DIMENSIONS, Tree
from minigrid.search.engines.margins import BOUND_ROUNDING, LARGEST_SUM, UNDERFLOW
from minigrid.search.problem import Problem
from minigrid.search.space import Grid, SearchSpace

_BUDGET = 2.0**24  # samples to examine before giving up on pruning a node
_TYPICAL, _DRAWS = DIMENSIONS // 8, 8  # samples, and settings of the layers before, from which trees are built
_FEW = 64  # settings of a layer to resolve one by one: bounding them is no faster
_AT_START, _DESCENTS = 2.0**25, 32  # samples to examine for a good start, and from how many points
_PASS = 2.0**27  # the same in passes over rows
_PART = 512.0  # at most one in this many of all samples and candidates is examined for a good start
_AT_ONCE = 2.0**26  # samples to examine before nodes stay as they are
_TABULATED = 16  # tabulating one output takes as much work as this many samples
_LEAF_COST = 64.0  # the cost of a leaf, relative to examining all items
_OUTPUTS = 2**20  # outputs of the next layer to tabulate together
_LAST = np.iinfo(np.int32).max  # no setting comes later
_MOST_TUPLES = 2.0**17  # of settings of all later layers but the last: a leaf is resolved in one go

_Behind: TypeAlias = "LabelTrees | DeepLabels"


@final
class _Layer:
    """The settings of all neurons of a later layer, with a tree over each kind's."""

    def __init__(self, rest: Problem, typical: Sequence[FloatArray], n_before: int, *, in_any_order: bool) -> None:
        """Build the trees.

        Args:
            rest: the network from this layer on.
            typical: typical inputs of the layer, each of shape (n_inputs, n_samples).
            n_before: how many parameters the layers before have.
            in_any_order: whether ranges are to hold whatever the order of the interchangeable inputs.
        """
        self.n_before: int = n_before
        self._rounding = BOUND_ROUNDING if in_any_order else 0.0
        self.grids: list[Sequence[Grid]] = [rest.space.grids[own] for own in rest.network.parameter_slices[0]]
        self._neurons = rest.network.layers[0].neurons
        self._kinds = kinds_of(rest)
        self._repeated: dict[int, list[Tree]] = {}
        self._values = {k: all_settings(self.grids[k]) for k in sorted(set(self._kinds))}
        self._trees = {
            k: Tree(
                np.concatenate([all_rows(self._neurons[k], own, inputs) for inputs in typical], axis=1), merged=False
            )
            for k, own in self._values.items()
        }

    def over(self, inputs: Sequence[Range]) -> list[RowTree]:
        """Compute the neurons' output ranges for each of their settings, from input ranges of shape (1, n)."""
        made = {k: RowTree(self._trees[k], *self._outputs(k, inputs)) for k in self._trees}
        return [made[kind] for kind in self._kinds]

    def repeated(self, count: int) -> list[Tree]:
        """The trees of all neurons, this many times side by side."""
        if count not in self._repeated:
            made = {k: tree.repeated(count) for k, tree in self._trees.items()}
            self._repeated[count] = [made[kind] for kind in self._kinds]
        return self._repeated[count]

    def _outputs(self, k: int, inputs: Sequence[Range]) -> tuple[FloatArray, FloatArray]:
        neuron, values = self._neurons[k], self._values[k]
        if all(own.low is own.high for own in inputs):
            rows = all_rows(neuron, values, np.concatenate([own.low for own in inputs]))
            return rows, rows
        sums = sum_range(neuron, values, values, inputs)
        if self._rounding:
            error = self._rounding * _magnitude(neuron, np.abs(values), inputs)
            sums = Range(sums.low - error, sums.high + error)
        outputs = output_range(neuron.activation, sums)
        return outputs.low, outputs.high

    @property
    def n_settings(self) -> int:
        """Return how many settings all kinds of its neurons have together."""
        return sum(map(len, self._values.values()))


def _magnitude(neuron: Neuron, sizes: FloatArray, inputs: Sequence[Range]) -> FloatArray:
    """Bound a neuron's sum and all partial sums in magnitude, from the sizes of its parameters.

    Args:
        neuron: says which inputs it sees.
        sizes: shape (n, n_parameters).
        inputs: of its layer, of shape (1, n_samples) each.

    Returns:
        Shape (n, n_samples).
    """
    total = sizes[:, -1:] if neuron.bias is not None else np.zeros((len(sizes), 1))
    for k, column in enumerate(neuron.input_columns()):
        total = total + sizes[:, k : k + 1] * np.maximum(np.abs(inputs[column].low), np.abs(inputs[column].high))
    return total


@final
class _AxesBehind(TreeAxes):
    """The axes behind some layers, for parts of these layers' settings: each part has its own copy of the trees.

    A part is one setting of these layers, or all settings at a node of them. Parts that are settings stand in their
    order, so what comes first in the plain loop is numbered first. The worst candidate that is kept stands before or
    after all that is in a part, if it is not in it.
    """

    def __init__(self, axes: TreeAxes, layer: _Layer, fixed: IntArray | None = None, *, late: bool = False) -> None:
        """Combine them.

        Args:
            axes: of one part.
            layer: theirs.
            fixed: shape (n_parts, n_before), the positions in their grids of all parameters of the layers before, for
                each part; None: it is a node.
            late: of a node, whether all of its settings come after the worst candidate that is kept.
        """
        super().__init__(layer.repeated(1 if fixed is None else len(fixed)), axes.groups, layer.grids)
        self._each = np.array(axes.lengths)
        self._n_before, self._fixed, self._late = layer.n_before, fixed, late

    @override
    def settings(self, digits: IntArray) -> IntArray:
        """Find the ranks of candidates on these axes, from their positions in all grids."""
        own, before = super().settings(digits[:, self._n_before :]), digits[:, : self._n_before]
        if self._fixed is None:
            return np.full_like(own, -1 if self._late else _LAST)
        for k, one in enumerate(before):
            part = int(np.count_nonzero(~after(self._fixed, one)))  # this many come no later
            if part and (self._fixed[part - 1] == one).all():
                own[k] += (part - 1) * self._each
            else:
                own[k, 0], own[k, 1:] = part * self._each[0] - 1, _LAST
        return own

    @override
    def parts(self, settings: IntArray) -> IntArray:
        """Find the part to which settings on all axes belong, shape (n,)."""
        parts: IntArray = settings[:, 0] // self._each[0]
        return parts

    @override
    def digits(self, settings: IntArray) -> IntArray:
        """Find the positions in the grids from the settings on all axes, shape (n, n_parameters)."""
        return super().digits(settings % self._each)


class _LayerRows(NamedTuple):
    """The rows of a layer's neurons.

    Attributes:
        trees: of the neurons.
        axes: the axes of these trees.
        orders: in which the neurons can stand.
    """

    trees: Sequence[RowTree]
    axes: TreeAxes
    orders: Sequence[Order]


@final
class DeepLabels(Method):
    """Bounds for everything behind a layer, over nodes of rows of its neurons."""

    def __init__(
        self,
        problem: Problem,
        rows: _LayerRows,
        layer: _Layer,
        behind: _Behind,
        scorer: Scorer,
        top: int,
        few: int,
    ) -> None:
        """Tabulate the ends of all nodes.

        Args:
            problem: the whole one.
            rows: of this layer.
            layer: the next one.
            behind: searches everything behind this layer.
            scorer: scores candidates.
            top: the number of best candidates to keep.
            few: how many settings of this layer are resolved one by one.
        """
        self.axes: TreeAxes = rows.axes
        self.n_inner: int = behind.n_inner * math.prod(behind.axes.lengths)
        self._n_samples = rows.trees[0].low.shape[1]
        n_outputs = layer.n_settings * self._n_samples
        self._table_work = float(_TABULATED * n_outputs)
        self.node_work: float = _LEAF_COST * behind.node_work + self._table_work
        self.leaf_work: float = self.node_work
        self._at_once = max(1, _OUTPUTS // n_outputs)
        self._problem, self._scorer, self._top = problem, scorer, top
        self._orders, self._layer, self._behind, self._few = rows.orders, layer, behind, few
        self._fixed: IntArray = np.empty((1, 0), dtype=np.int64)
        self._tabulate(rows.trees)

    def _tabulate(self, trees: Sequence[RowTree]) -> None:
        """Store the ends of all rows; with several parts, those of one part after another's."""
        n_parts = trees[0].low.shape[1] // self._n_samples
        ends, widths, rows = {}, {}, {}
        for tree in {id(tree): tree for tree in trees}.values():
            low, high = (
                one_by_one(tree.tree.least(tree.low), n_parts),
                one_by_one(tree.tree.greatest(tree.high), n_parts),
            )
            ends[id(tree)] = low, high
            widths[id(tree)] = (high - low).mean(axis=1) / max(float(high.max() - low.min()), UNDERFLOW)
            rows[id(tree)] = one_by_one(tree.low, n_parts)
        self.resolves_leaves: bool = trees[0].is_known
        self._ends: list[tuple[FloatArray, FloatArray]] = [ends[id(tree)] for tree in trees]
        self._widths: list[FloatArray] = [widths[id(tree)] for tree in trees]
        self._rows: list[FloatArray] = [rows[id(tree)] for tree in trees]

    def over(self, trees: Sequence[RowTree], axes: TreeAxes, fixed: IntArray) -> "DeepLabels":
        """Return the same bounds over other rows, see `LabelTrees.over`."""
        other = copy(self)
        other.axes, other._fixed = axes, fixed
        other._tabulate(trees)
        return other

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        return np.stack([widths[own] for widths, own in zip(self._widths, nodes.T, strict=True)], axis=1)

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Find the nodes that contain no candidate to keep; the others, and small ones, get no bound."""
        bounds, work = np.full(len(nodes), self._problem.scoring.best_possible), float(len(nodes))
        unknown = np.arange(len(nodes))
        if self.resolves_leaves:
            sizes = [(tree.high - tree.low + 1.0)[own] for tree, own in zip(self.axes.trees, nodes.T, strict=True)]
            unknown = unknown[np.prod(sizes, axis=0) > self._few]
        for k in unknown.tolist():
            if work > _AT_ONCE:
                break
            ends = zip(self._ends, nodes[k].tolist(), strict=True)
            inputs = [Range(low[own : own + 1], high[own : own + 1]) for (low, high), own in ends]
            axes = _AxesBehind(self._behind.axes, self._layer, late=bool(late[k]))
            explored = self._explore_behind(inputs, axes, self._fixed[:1], incumbents, _BUDGET)
            work += explored.work + self._table_work
            if not explored.n_scored and not any(map(len, explored.nodes)):
                bounds[k] = np.nan
        return bounds, known, work

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Search everything behind some leaves, in all orders of each, and keep the best."""
        if not self.resolves_leaves:
            return len(leaves)
        leaf = self.axes.first_settings(leaves)
        turned = [leaf[:, order.axes] for order in self._orders]
        settings = np.concatenate([own[order.is_new(own)] for own, order in zip(turned, self._orders, strict=True)])
        fixed = np.concatenate([self._fixed[self.axes.parts(settings)], self.axes.digits(settings)], axis=1)
        n_scored = 0
        settings, fixed = settings[order := np.lexsort(fixed.T[::-1])], fixed[order]
        for some in slices(len(settings), self._at_once):
            rows = [table[own].reshape(1, -1) for table, own in zip(self._rows, settings[some].T, strict=True)]
            axes = _AxesBehind(self._behind.axes, self._layer, fixed[some])
            inputs = [Range(own, own) for own in rows]
            explored = self._explore_behind(inputs, axes, fixed[some], incumbents, np.inf)
            n_scored += explored.n_scored
            if any(map(len, explored.nodes)):
                raise Halted
        return n_scored

    def _explore_behind(
        self, inputs: list[Range], axes: _AxesBehind, fixed: IntArray, incumbents: Incumbents, budget: float
    ) -> Explored:
        """Explore everything behind this layer, given the ranges of its outputs."""
        behind, own = (
            self._behind.over(self._layer.over(inputs), axes, fixed),
            Incumbents(self._problem, axes, self._top),
        )
        own.take_over(incumbents)
        roots = np.stack([np.arange(0, len(tree.left), len(tree.left) // len(fixed)) for tree in axes.trees], axis=1)
        explored = behind.explore(roots, np.full(len(fixed), np.inf), own, budget)
        incumbents.merge(own.best)
        return explored

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Run descents from random points, and passes over the rows of the end points, see `neuron_descent.py`."""
        descents, ends, problem = Descents(self._problem, self._scorer), [], self._problem
        n_outputs, everything = problem.n_samples * len(problem.network.neurons), problem.space.size * problem.n_samples
        most = min(_AT_START, everything / _PART)
        while not descents.n_begun or (
            descents.n_begun < _DESCENTS and descents.n_tried * n_outputs < most and not is_halted()
        ):
            found = descents.descend()
            if found is not None:
                incumbents.merge([found])
                ends.append(found[1])
        rows = self.axes.settings(problem.space.digits(ends))
        return descents.n_tried + pass_over_rows(self, problem, incumbents, rows, min(_PASS, everything / _PART))

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Count hits, see `Method.judge`."""
        return self._behind.judge(sums)

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return 4 * sum(low.nbytes for low, _ in self._ends) + 2 * self._behind.memory


def find_deep_labels(problem: Problem, scorer: Scorer, top: int, *, few: int = _FEW) -> DeepLabels | Unprovable:
    """Build the trees for a problem, or return the reason why it has none; `few` as for `DeepLabels`.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    network = problem.network
    if len(network.layers) < 3:
        return Unprovable("there are not several hidden layers")
    reason = why_no_labels(problem)
    if reason is not None:
        return reason
    if not all(declares(neuron.activation) for layer in network.layers[1:-1] for neuron in layer):
        return Unprovable("an activation of a later layer declares no bounds")
    rests = [_rest_of(problem, number) for number in range(1, len(network.layers) - 1)]
    own = network.parameter_slices
    behind_first = problem.space.grids[own[1][0].start : own[-1][0].start]
    if math.prod(len(grid) for grid in behind_first) > _MOST_TUPLES:
        return TooMuch("the layers behind the first have too many settings")
    for rest in rests:
        reason = why_no_rows(rest, problem.counted.n_samples) or why_no_rows(problem, problem.counted.n_samples)
        if reason is not None:
            return reason
    columns, hits = label_samples(problem)
    trees = row_trees(problem, columns, top)
    if isinstance(trees, Unprovable):
        return trees
    some = columns[:, np.linspace(0, columns.shape[1] - 1, min(columns.shape[1], _TYPICAL)).astype(np.int64)]
    made, typical, before = [], [some] * _DRAWS, problem
    for rest in rests:
        typical = _typical_of(before, typical)
        axes = row_axes(before, trees)
        orders = _orders_of(before, axes, top)
        in_any_order = len(orders) > 1 and not orders[0].ascending
        n_before = len(problem.space.grids) - len(rest.space.grids)
        layer = _Layer(rest, typical, n_before, in_any_order=in_any_order)
        made.append((_LayerRows(trees, axes, orders), layer))
        ranges = [_whole_range(tree) for tree in trees]
        if not _largest_sum(rest, ranges) < LARGEST_SUM:
            return Unprovable("weighted sums may overflow")
        trees, before = layer.over(ranges), rest
        if not all(max(np.abs(tree.low).max(), np.abs(tree.high).max()) < LARGEST_SUM for tree in trees):
            return Unprovable("outputs of a hidden layer may not be finite, or too large")
    behind: _Behind | Unprovable = make_label_trees(problem, hits, trees, row_axes(before, trees), scorer, top)
    for rows, layer in reversed(made):
        if isinstance(behind, Unprovable):
            return behind
        behind = DeepLabels(problem, rows, layer, behind, scorer, top, few)
    assert isinstance(behind, DeepLabels)
    return behind


def _largest_sum(rest: Problem, inputs: Sequence[Range]) -> float:
    """Bound the sums of all neurons of a layer, and all parts of them, in magnitude."""
    own = rest.network.parameter_slices[0]
    sizes = [np.array([[np.abs(grid.values).max() for grid in rest.space.grids[some]]]) for some in own]
    neurons = zip(rest.network.layers[0], sizes, strict=True)
    return max(float(_magnitude(neuron, size, inputs).max()) for neuron, size in neurons)


def _rest_of(problem: Problem, number: int) -> Problem:
    """The network from a layer on, by itself; what it sees is not known."""
    network = Network(problem.network.layers[number:])
    grids = problem.space.grids[problem.network.parameter_slices[number][0].start :]
    X = np.zeros((problem.n_samples, network.n_inputs))
    space = SearchSpace.from_grids(grids, network.parameter_names)
    return Problem.from_arrays(network, space, X, problem.targets, problem.scoring, problem.sample_weight)


def _orders_of(rest: Problem, axes: TreeAxes, top: int) -> list[Order]:
    """All orders of a layer's neurons that may make a difference to any neuron of the next one."""
    seeing = rest.network.layers[1].neurons
    made = [orders_of(axes.groups, list(neuron.input_columns()), neuron.n_parameters, top) for neuron in seeing]
    return next((orders for orders in made if not orders[0].ascending), made[0])


def _typical_of(rest: Problem, inputs: Sequence[FloatArray]) -> list[FloatArray]:
    """Compute a layer's outputs at some random settings, different ones for each of the inputs."""
    generator, own = np.random.default_rng(0), rest.network.parameter_slices[0]
    made = []
    for columns in inputs:
        values = np.array([[grid.values[generator.integers(len(grid))] for grid in rest.space.grids[: own[-1].stop]]])
        rows = [
            all_rows(neuron, values[:, some], columns) for neuron, some in zip(rest.network.layers[0], own, strict=True)
        ]
        made.append(np.concatenate(rows))
    return made


def _whole_range(tree: RowTree) -> Range:
    """Return the range of a neuron's outputs over all of its settings."""
    return Range(tree.low.min(axis=0, keepdims=True), tree.high.max(axis=0, keepdims=True))
