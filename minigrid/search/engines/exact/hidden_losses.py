"""Losses of one output that are convex in its weights, behind one hidden layer: bounds from certificates.

A certificate (`row_certificates.py`) bounds all output weights and all rows of a node together. It is computed for the
mean rows of a node, and the minimisation starts where it ended for the parent node. Few nodes must be split down to
single rows, and at few of those leaves are the best real weights as good as the incumbent. There, planes decide which
weights on the grid may be kept. The loss is evaluated where the planes so far promise most, and each evaluation adds a
plane that also bounds all other weights. The scorer scores the candidates that are left, in all orders of
interchangeable neurons (`orders.py`).

Sound because every bound comes from such planes: each candidate is either scored or provably no better.
"""

import math
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.mixed_radix import all_digits
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.curves import Curve, curve_of
from minigrid.search.engines.exact.explore import Known, Method
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.orders import in_all_orders, orders_of
from minigrid.search.engines.exact.row_certificates import RowLoss, Touching
from minigrid.search.engines.exact.rows import RowTree, TooMuch, all_settings, reach_of, row_axes, row_trees
from minigrid.search.engines.exact.sorted_rows import Points, SortedRows, samples_that_count, worth_of
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.margins import MEAN_ROUNDING
from minigrid.search.problem import Problem

_STEPS = 3  # Newton steps from the best point of a node to that of its part
_TILE = 2**16  # samples that are processed together
_PLANES = 16  # of a leaf that are added together
_FIRST_SCORED = 16
_PER_NODE = 16.0  # the equivalent number of samples in a simpler bound
_MOST_SETTINGS = 2**18
_TOO_FAR, _TOO_LARGE = 1e100, 1e30  # sums and weights
_AT_START, _PASS_AT_START = 2.0**22, 2.0**25  # samples to examine for a good start
_MOST_TUPLES = 2.0**23  # combinations of rows, in any order


@final
class HiddenLosses(Method):
    """Bounds for all settings of an output neuron, over nodes of rows of what it sees."""

    def __init__(
        self, problem: Problem, trees: list[RowTree], axes: TreeAxes, scorer: Scorer, top: int, curve: Curve
    ) -> None:
        """Sort the rows by leaf.

        Args:
            problem: one hidden layer, and one output that sees all of it.
            trees: of the hidden neurons.
            axes: the axes of these trees.
            scorer: scores candidates.
            top: the number of best candidates asked for.
            curve: the loss of the samples that count.
        """
        self.axes: TreeAxes = axes
        self.leaf_work: float = 2.0**18
        self.node_work: float = 2.0**18
        self._problem, self._scorer = problem, scorer
        self._chunk = scorer.chunk_size(problem)
        neuron, own = problem.network.layers[-1][0], problem.network.parameter_slices[-1][0]
        grids = problem.space.grids[own]
        self._columns = list(neuron.input_columns())
        self._n_parameters = len(grids)
        lengths = [len(grid) for grid in grids]
        self.n_inner: int = math.prod(lengths)
        self._settings: IntArray = all_digits(lengths)
        self._values = all_settings(grids)
        self._orders = orders_of(axes.groups, self._columns, len(grids), top)
        self._trees = trees
        self._kept, mean_weights = samples_that_count(problem)
        kept = self._kept
        made = {id(tree): SortedRows(tree, kept) for tree in trees}
        self._rows = [made[id(tree)] for tree in trees]
        self._memory = sum(rows.memory for rows in made.values()) + 4 * self._values.nbytes
        ends = self._values.min(axis=0), self._values.max(axis=0)
        sizes = np.maximum(*np.abs(ends))
        self._sizes = np.array([sizes[self._columns.index(k)] for k in range(len(trees))])
        self._one = np.ones((1, len(kept)))
        least, most = np.zeros(len(kept)), np.zeros(len(kept))
        for k in range(len(grids)):
            rows = self._rows[self._columns[k]].rows if k < len(self._columns) else self._one
            corners = np.outer(np.array(ends)[:, k], np.stack([rows.min(axis=0), rows.max(axis=0)])).reshape(4, -1)
            least += corners.min(axis=0)
            most += corners.max(axis=0)
        margin = MEAN_ROUNDING * max(np.abs(least).max(), np.abs(most).max())
        self._loss = RowLoss(curve, mean_weights, ends, np.stack([least - margin, most + margin]))

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how wide nodes are on each axis, shape (n, n_axes)."""
        widths: FloatArray = np.stack([rows.widths[own] for rows, own in zip(self._rows, nodes.T, strict=True)], axis=1)
        widths *= self._sizes
        return widths

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound the losses of some nodes, see `Method`."""
        worth, n_samples = worth_of(incumbents), self._one.size
        points, forms = self._points(known, len(nodes)), self._loss.forms(worth)
        if isinstance(known, Points):  # the points are close: one curve is enough
            forms = [forms[len(forms) // 2]]
        least = np.empty(len(nodes))
        for some in slices(len(nodes), max(1, _TILE // n_samples)):
            inputs = self._inputs([rows.means(own) for rows, own in zip(self._rows, nodes[some].T, strict=True)])
            for form in forms:
                points[some], touching = self._loss.minimise(inputs, points[some], _STEPS, form, self._loss.ends)
            least[some] = self._least(nodes[some], points[some], touching)
        n_rows = sum(int((tree.high - tree.low)[own].sum()) for tree, own in zip(self.axes.trees, nodes.T, strict=True))
        work = n_samples * (_PER_NODE * (_STEPS + 1.0) * len(nodes) + n_rows)
        return -np.clip(least, 0.0, worth), Points(points), work

    def _points(self, known: Known, count: int) -> FloatArray:
        """Choose where to start the minimisation."""
        if isinstance(known, Points):
            return known.points.copy()
        return np.tile(np.clip(0.0, *self._loss.ends), (count, 1))

    def _inputs(self, rows: list[FloatArray]) -> FloatArray:
        """Return each parameter's inputs, shape (n, n_parameters, n_samples), from rows on each axis."""
        parts = [rows[column] for column in self._columns]
        parts += [np.broadcast_to(self._one, parts[0].shape)] * (self._n_parameters - len(parts))
        inputs: FloatArray = np.stack(parts, axis=1)
        return inputs

    def _least(self, nodes: IntArray, points: FloatArray, touching: Touching) -> FloatArray:
        """Bound the losses of nodes from below by planes that touch somewhere, shape (n,)."""
        least: FloatArray = touching.value - (points * touching.gradient).sum(axis=1)
        for k, column in enumerate(self._columns):
            least += self._loss.least_product(self._rows[column].ends(nodes[:, column], touching.slopes), k).min(axis=1)
        if self._n_parameters > len(self._columns):
            least += self._loss.least_product(touching.slopes.sum(axis=1), -1)
        return least

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score the candidates of some leaves that may be kept, and keep them; return how many were scored."""
        inputs = self._inputs([rows.of_leaves(own) for rows, own in zip(self._rows, leaves.T, strict=True)])
        points, n_scored = self._points(known, len(leaves)), 0
        for k, leaf in enumerate(leaves):
            chosen, bounds = self._choose(inputs[k : k + 1], points[k], incumbents)
            n_scored += self._score(leaf, chosen, bounds, incumbents)
        return n_scored

    def _choose(self, inputs: FloatArray, point: FloatArray, incumbents: Incumbents) -> tuple[IntArray, FloatArray]:
        """Find which settings of the output neuron may be kept with some rows.

        Args:
            inputs: shape (1, n_parameters, n_samples).
            point: about the best of all real parameters.
            incumbents: the best so far.

        Returns:
            The numbers of these settings, and bounds of their losses from below.
        """
        worth, points = worth_of(incumbents), point[np.newaxis]
        form = self._loss.finest(worth)
        open_, least = np.arange(self.n_inner), np.full(self.n_inner, -np.inf)
        found, bounds = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        while True:
            touching = self._loss.touch(inputs, points, form)
            constants = touching.value - (points * touching.gradient).sum(axis=1)
            for some in slices(len(open_), _TILE):
                planes = self._values[open_[some]] @ touching.gradient.T
                planes += constants
                np.maximum(least[some], planes.max(axis=1), out=least[some])
            good = np.flatnonzero(least <= worth)
            open_, least = open_[good], least[good]
            if not open_.size:
                return np.concatenate(found), np.concatenate(bounds)
            next_ = np.argpartition(least, _PLANES)[:_PLANES] if least.size > _PLANES else np.arange(least.size)
            points = self._values[open_[next_]]
            own = np.maximum(self._loss.touch(inputs, points, form).value, least[next_])
            found.append(open_[next_[own <= worth]])
            bounds.append(own[own <= worth])
            open_, least = np.delete(open_, next_), np.delete(least, next_)

    def _score(self, leaf: IntArray, chosen: IntArray, least: FloatArray, incumbents: Incumbents) -> int:
        """Score settings with the rows of a leaf, in all orders, the most promising first."""
        settings = np.repeat(self.axes.first_settings(leaf[np.newaxis]), len(chosen), axis=0)
        order, n_scored, start, count = np.argsort(least, kind="stable"), 0, 0, _FIRST_SCORED
        while start < len(order) and least[order[start]] <= worth_of(incumbents):
            some = order[start : start + count]
            turned, weights = in_all_orders(self._orders, settings[some], self._settings[chosen[some]])
            digits = np.concatenate([self.axes.digits(turned), weights], axis=1)
            digits = digits[np.lexsort(digits.T[::-1])]
            for own in slices(len(digits), self._chunk):
                incumbents.keep(self._problem.sign * self._scorer.objective(self._problem, digits[own]), digits[own])
            start, count, n_scored = start + count, min(4 * count, self._chunk), n_scored + len(digits)
        return n_scored

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        return begin(self, self._problem, self._scorer, self._trees, incumbents, _AT_START, _PASS_AT_START, self._kept)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Compute losses, see `Method.judge`."""
        return -self._loss.at(sums[0])

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return int(self._memory) + 2**27


def find_hidden_losses(problem: Problem, scorer: Scorer, top: int) -> HiddenLosses | Unprovable:
    """Build the bounds for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    network = problem.network
    if network.n_outputs > 1 or len(network.layers) != 2:
        return Unprovable("only one output with one hidden layer is bounded by rows")
    neuron, own = network.layers[-1][0], network.parameter_slices[-1][0]
    if len(neuron.input_columns()) < len(network.layers[0]):
        return Unprovable("the output does not see all of the hidden layer")
    targets = problem.targets.reshape(problem.n_samples, -1)[samples_that_count(problem)[0], 0]
    curve = curve_of(neuron.activation, problem.scoring, targets)
    if curve is None:
        return Unprovable("the loss is not known to be convex")
    grids = problem.space.grids[own]
    if math.prod(len(grid) for grid in grids) > _MOST_SETTINGS:
        return TooMuch("the output neuron has too many settings")
    trees = row_trees(problem, problem.columns, top, _MOST_TUPLES)
    if isinstance(trees, Unprovable):
        return trees
    reach, largest = reach_of(problem, trees), max(float(np.abs(grid.values).max()) for grid in grids)
    if not (max(reach, float(np.abs(problem.targets).max())) < _TOO_FAR and largest < _TOO_LARGE):
        return Unprovable("sums may overflow, or vanish")
    return HiddenLosses(problem, trees, row_axes(problem, trees), scorer, top, curve)
