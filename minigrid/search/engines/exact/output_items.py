"""The output neuron of a problem with labels: its settings as items, and what decides the label of a sum.

A search for the best (`label_trees.py`) and a count of the near-best (`counting/trees.py`) both need this.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.model.neuron import Neuron
from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.hits import Hits
from minigrid.search.engines.exact.items import MOST_SETTINGS, Items, Scale, make_items
from minigrid.search.engines.exact.nodes import Forest, ItemNodes, Singles
from minigrid.search.engines.exact.orders import Order, orders_of
from minigrid.search.engines.exact.rows import RowTree, TooMuch, few_values, fill_ends, reach_of, total_widths
from minigrid.search.engines.margins import LARGEST_SUM
from minigrid.search.problem import Problem
from minigrid.search.space import Grid


@final
@dataclass(frozen=True, slots=True, eq=False)
class OutputItems:
    """The output neuron, its items, and what decides its labels.

    Attributes:
        problem: one output whose activation is monotonic, a label scoring.
        neuron: its output neuron.
        grids: of the neuron's parameters.
        top: the number of best candidates asked for.
        hits: counts labels.
        decision: the output's, with finite limits.
        scale: maps rows of the last hidden layer to the range from 0 to 1.
        orders: in which the neurons of that layer can stand.
        items: of the output neuron.
        nodes: of the tree of items.
    """

    problem: Problem
    neuron: Neuron
    grids: Sequence[Grid]
    top: int
    hits: Hits
    decision: Decision
    scale: Scale
    orders: list[Order]
    items: Items
    nodes: ItemNodes

    @classmethod
    def of(
        cls, problem: Problem, hits: Hits, trees: Sequence[RowTree], groups: list[int], top: int
    ) -> "OutputItems | Unprovable":
        """List the items for some rows of the last hidden layer, or return the reason why there are none.

        Args:
            problem: one for which `why_no_labels` has no reason.
            hits: counts labels.
            trees: of the last hidden layer's neurons, with samples in the order of `hits`.
            groups: of these neurons, those that are interchangeable.
            top: the number of best candidates asked for.
        """
        neuron, own = problem.network.layers[-1][0], problem.network.parameter_slices[-1][0]
        grids, columns, reach = problem.space.grids[own], list(neuron.input_columns()), reach_of(problem, trees)
        if not reach < LARGEST_SUM:
            return Unprovable("weighted sums may overflow")
        decision = Decision.of(neuron.activation, reach)
        if not np.isfinite([decision.lower, decision.upper]).all():
            return Unprovable("every candidate gives one label")
        scale = Scale.of([(float(tree.low.min()), float(tree.high.max())) for tree in trees])
        orders = orders_of(groups, columns, len(grids), top)
        turned = [order.parameters[: len(columns)] for order in orders if not order.ascending]
        turned = turned or [list(range(len(columns)))]
        values = [few_values(tree.rows) if tree.is_known else np.empty(0) for tree in trees]
        items = make_items(grids, columns, decision, scale, values, turned)
        nodes = items.nodes(np.array(turned))
        return cls(problem, neuron, grids, top, hits, decision, scale, orders, items, nodes)

    def ends(
        self, forest: Forest, trees: Sequence[RowTree], n_parts: int = 1
    ) -> tuple[tuple[Singles, Singles], FloatArray]:
        """Compute the ends of all nodes of rows, scaled, for the samples of either label, and how wide the nodes are.

        Args:
            forest: of the trees; its nodes come once for each end of their range, and once more for 1 minus the inputs
                if items are stated for that.
            trees: of the last hidden layer's neurons.
            n_parts: whose samples they hold, those of one part after another's.

        Returns:
            Two tables of shape (n_ends * n_nodes, n_samples), and the widths of shape (n_nodes,).
        """
        n_samples, n_ones = self.hits.amounts.size, self.hits.n_ones
        n_ends, counts = 4 if self.items.flipped.any() else 2, (n_samples - n_ones, n_ones)
        samples, widths = (slice(n_ones, None), slice(0, n_ones)), np.empty(len(forest))
        tables = [np.empty((n_ends, len(forest), count), dtype=np.float32) for count in counts]
        for axis, own in forest.places:
            least, size = self.scale.least[axis], self.scale.size[axis]
            fill_ends(trees[axis], least, size, samples, [(table[1, own], table[0, own]) for table in tables], n_parts)
            if n_ends > 2:
                ends = [(table[3, own], table[2, own]) for table in tables]
                fill_ends(trees[axis], least + size, -size, samples, ends, n_parts)
            widths[own] = sum(total_widths(table[1, own], table[0, own]) for table in tables) / n_samples
        zeros, ones = (table.reshape(n_ends * len(forest), table.shape[2]) for table in tables)
        return (zeros, ones), widths

    def sums(self, rows: Sequence[FloatArray], settings: IntArray, weights: IntArray, samples: slice) -> FloatArray:
        """Compute weighted sums as the plain loop does, shape (n, n_samples).

        Args:
            rows: of each hidden neuron, shape (n_settings, n_samples).
            settings: of the hidden neurons, as rows, shape (n, n_hidden).
            weights: the positions of the parameters in their grids, shape (n, n_parameters).
            samples: of which to compute the sums.
        """
        values = [grid.values[own, np.newaxis] for grid, own in zip(self.grids, weights.T, strict=True)]
        total: FloatArray | None = None
        for value, column in zip(values, self.neuron.input_columns(), strict=False):
            term = rows[column][settings[:, column], samples]
            term *= value
            total = term if total is None else np.add(total, term, out=total)
        assert total is not None
        if self.neuron.bias is not None:
            total += values[-1]
        return total


def why_no_labels(problem: Problem) -> Unprovable | None:
    """Return why an output layer cannot be searched with trees of items, if it cannot."""
    if not isinstance(problem.scoring, LabelScoring) or problem.network.n_outputs > 1:
        return Unprovable("rows are searched for labels of one output")
    neuron, own = problem.network.layers[-1][0], problem.network.parameter_slices[-1][0]
    if not neuron.activation.monotonic:
        return Unprovable("the output's activation is not monotonic")
    if math.prod(len(grid) for grid in problem.space.grids[own]) > MOST_SETTINGS:
        return TooMuch("the output neuron has too many settings")
    return None
