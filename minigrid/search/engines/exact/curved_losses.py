"""Losses of one output that are not convex in its weights, behind one hidden layer: bounds from lines over ranges.

Even a loss that is not convex has straight lines below it if its weighted sum is known to lie in a range
(`wrong_squares.py`). For this reason the settings of the output neuron are an axis like those of the hidden neurons. A
node is a set of rows for each hidden neuron and a box of output parameters, so it determines the range of each
sample's sum. For the mean rows, minimising the loss that these lines define gives slopes. The slopes bound the node as
in `row_certificates.py`.

A node stands for all orders of interchangeable hidden neurons, with their output weights swapped as well. The first
setting of a node of the output's tree is therefore the first over all such orders.
"""

import math
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.mixed_radix import all_digits, join_digits
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.activations import Sigmoid, Tanh
from minigrid.scoring import MeanSquaredError
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.explore import Known, Method
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.intervals import Range, product_range
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.orders import in_all_orders, orders_of
from minigrid.search.engines.exact.row_certificates import RowLoss
from minigrid.search.engines.exact.rows import RowTree, TooMuch, all_settings, reach_of, row_axes, row_trees
from minigrid.search.engines.exact.sorted_rows import Points, SortedRows, samples_that_count, worth_of
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.engines.exact.wrong_squares import WrongSquares
from minigrid.search.problem import Problem

_TILE = 2**14  # samples that are processed together
_STEPS = 1  # Newton steps from the best point of a node to that of its part
_PER_NODE = 64.0  # the equivalent number of samples in a simpler bound
_URGENT = 2.0  # how much earlier output parameters are split than rows that vary as much
_MOST_SETTINGS, _MOST_OUTPUTS = 2**17, 2**22
_TOO_FAR = 1e6  # sums
_AT_START = 2.0**24  # samples to examine for a good start
_MOST_TUPLES = 2.0**23  # combinations of rows, in any order


@final
class CurvedLosses(Method):
    """Bounds over nodes of rows and boxes of output parameters."""

    def __init__(
        self, problem: Problem, trees: list[RowTree], hidden: TreeAxes, scorer: Scorer, top: int, curve: WrongSquares
    ) -> None:
        """Sort the rows, and build the tree of the output neuron's settings.

        Args:
            problem: one hidden layer, and one output that sees all of it.
            trees: of the hidden neurons.
            hidden: the axes of these trees.
            scorer: scores candidates.
            top: the number of best candidates asked for.
            curve: the loss of the samples that count.
        """
        self._problem, self._scorer = problem, scorer
        self._chunk = scorer.chunk_size(problem)
        network = problem.network
        neuron, own = network.layers[-1][0], network.parameter_slices[-1][0]
        grids = problem.space.grids[own]
        self._columns = list(neuron.input_columns())
        self._has_bias = neuron.bias is not None
        self.n_inner: int = 1
        lengths = [len(grid) for grid in grids]
        self._settings: IntArray = all_digits(lengths)
        self._values = all_settings(grids)
        self._trees = trees
        self._kept, mean_weights = samples_that_count(problem)
        kept = self._kept
        made = {id(tree): (SortedRows(tree, kept), tree.tree.ranges(tree.rows[:, kept])) for tree in trees}
        self._rows = [made[id(tree)][0] for tree in trees]
        self._ranges = [made[id(tree)][1] for tree in trees]
        self._largest = np.array([np.abs(self._rows[column].rows).max() for column in self._columns] + [1.0])
        self._largest = self._largest[: len(grids)]
        self._orders = orders_of(hidden.groups, self._columns, len(grids), top)
        self._tree = Tree(self._values * self._largest, merged=False)
        self._low, self._high = self._tree.ranges(self._values)
        turned = [join_digits(self._settings[:, order.parameters], lengths) for order in self._orders]
        self._tree.first = self._tree.least(np.min(turned, axis=0)[:, np.newaxis])[:, 0]
        n_axes, own_grids = len(trees), [problem.space.grids[some] for some in network.parameter_slices[0]]
        every = [*(tree.tree for tree in trees), self._tree]
        self.node_work: float = 2.0**18
        self.axes: TreeAxes = TreeAxes(every, [*hidden.groups, n_axes], [*own_grids, grids])
        self._hidden = hidden
        self._one = np.ones((1, len(kept)))
        self._curve = curve
        reach = np.full((2, len(kept)), reach_of(problem, trees))
        self._loss = RowLoss(self._curve, mean_weights, (self._low[0], self._high[0]), reach)
        self._memory = 2 * sum(rows.memory for rows, _ in made.values()) + 8 * self._values.nbytes
        self._memory += sum(2 * low.nbytes for _, (low, _) in made.values())

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Compute how much each node varies on each axis, shape (n, n_axes)."""
        low, high = self._low[nodes[:, -1]], self._high[nodes[:, -1]]
        sizes = np.maximum(np.abs(low), np.abs(high))
        widths = np.empty(nodes.shape)
        widths[:, -1] = _URGENT * ((high - low) * self._largest).max(axis=1)
        for k, column in enumerate(self._columns):
            widths[:, column] = self._rows[column].widths[nodes[:, column]] * sizes[:, k]
        return widths

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Bound the losses of some nodes, see `Method`."""
        low, high = self._low[nodes[:, -1]], self._high[nodes[:, -1]]
        points = np.clip(known.points if isinstance(known, Points) else 0.0, low, high)
        least = np.empty(len(nodes))
        for some in slices(len(nodes), max(1, _TILE // self._one.size)):
            points[some], least[some] = self._least(nodes[some], points[some], low[some], high[some])
        n_rows = sum(
            int((tree.high - tree.low)[own].sum()) for tree, own in zip(self._hidden.trees, nodes.T, strict=False)
        )
        work = self._one.size * (_PER_NODE * len(nodes) + n_rows)
        return -np.clip(least, 0.0, worth_of(incumbents)), Points(points), work

    def _least(
        self, nodes: IntArray, points: FloatArray, low: FloatArray, high: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Find good points of nodes, and lower bounds of their losses."""
        sums = Range(np.zeros(self._one.shape), np.zeros(self._one.shape))
        parts, n_parameters = [], low.shape[1]
        for k in range(n_parameters):
            ends, rows = (low[:, k : k + 1], high[:, k : k + 1]), Range(self._one, self._one)
            parts.append(np.broadcast_to(self._one, (len(nodes), self._one.size)))
            if k < len(self._columns):
                column = self._columns[k]
                own = nodes[:, column]
                rows = Range(*(side[own] for side in self._ranges[column]))
                parts[k] = self._rows[column].means(own)
            term = product_range(*ends, rows)
            sums = Range(sums.low + term.low, sums.high + term.high)
        form = self._curve.form(sums.low, sums.high)
        points, touching = self._loss.minimise(np.stack(parts, axis=1), points, _STEPS, form, (low, high))
        least = touching.value - (points * touching.gradient).sum(axis=1)
        for k, column in enumerate(self._columns):
            products = self._rows[column].ends(nodes[:, column], touching.slopes)
            least += np.minimum(low[:, k, np.newaxis] * products, high[:, k, np.newaxis] * products).min(axis=1)
        if self._has_bias:
            products = touching.slopes.sum(axis=1)
            least += np.minimum(low[:, -1] * products, high[:, -1] * products)
        return points, least

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score some leaves, and keep the best candidates; return how many candidates were scored."""
        numbers = self._tree.settings[self._tree.low[leaves[:, -1]]]
        return self._score(self._hidden.first_settings(leaves[:, :-1]), self._settings[numbers], incumbents)

    def _score(self, settings: IntArray, weights: IntArray, incumbents: Incumbents) -> int:
        """Score settings of the hidden neurons with positions of the output's parameters, in all orders."""
        settings, weights = in_all_orders(self._orders, settings, weights)
        digits = np.concatenate([self._hidden.digits(settings), weights], axis=1)
        digits = digits[np.lexsort(digits.T[::-1])]
        incumbents.score(self._scorer, digits, self._chunk)
        return len(digits)

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        return begin(self, self._problem, self._scorer, self._trees, incumbents, _AT_START, kept=self._kept)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Compute losses, see `Method.judge`."""
        losses: FloatArray = self._curve.losses(sums[0]) @ self._loss.mean_weights
        return -losses

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return int(self._memory) + 2**27


def find_curved_losses(problem: Problem, scorer: Scorer, top: int) -> CurvedLosses | Unprovable:
    """Build the bounds for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    network = problem.network
    if network.n_outputs > 1 or len(network.layers) != 2 or not isinstance(problem.scoring, MeanSquaredError):
        return Unprovable("only the mean squared error of one output with one hidden layer is bounded by ranges")
    neuron, own = network.layers[-1][0], network.parameter_slices[-1][0]
    if len(neuron.input_columns()) < len(network.layers[0]):
        return Unprovable("the output does not see all of the hidden layer")
    targets = problem.targets[samples_that_count(problem)[0], 0]
    match neuron.activation:
        case Sigmoid():
            labels, size, steep = targets, 1.0, 1.0
        case Tanh():
            labels, size, steep = (targets + 1.0) / 2.0, 4.0, 2.0
        case _:
            return Unprovable("the output is neither a sigmoid nor a hyperbolic tangent")
    if not np.isin(labels, (0.0, 1.0)).all():
        return Unprovable("the targets are not the ends of the output's range")
    grids = problem.space.grids[own]
    if math.prod(len(grid) for grid in grids) > _MOST_SETTINGS:
        return TooMuch("the output neuron has too many settings")
    trees = row_trees(problem, problem.columns, top, _MOST_TUPLES, _MOST_OUTPUTS)
    if isinstance(trees, Unprovable):
        return trees
    reach, largest = reach_of(problem, trees), max(float(np.abs(grid.values).max()) for grid in grids)
    if not (reach < _TOO_FAR and largest < _TOO_FAR):
        return Unprovable("sums are too large")
    return CurvedLosses(problem, trees, row_axes(problem, trees), scorer, top, WrongSquares(labels, size, steep, reach))
