"""Labels of several output neurons behind one hidden layer, as decisions between two of them (one against one).

A search over such labels needs this: `class_trees.py` bounds nodes with it, and `class_leaves.py` scores leaves.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.class_hits import ClassHits
from minigrid.search.engines.exact.class_pairs import Pairs, too_many
from minigrid.search.engines.exact.items import Scale
from minigrid.search.engines.exact.rows import RowTree, TooMuch, row_axes, row_trees, why_no_rows
from minigrid.search.engines.exact.separation import margin_of
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_LARGEST_REACH = 1e30  # of sums: their parts are kept in single precision
_MOST_TUPLES = 2.0**23  # combinations of rows, in any order


@final
@dataclass(frozen=True, slots=True, eq=False)
class PairwiseProblem:
    """A problem of several outputs, with the rows of its hidden neurons and the pairs of its output neurons.

    Attributes:
        problem: one hidden layer, several outputs, a label scoring.
        scorer: scores candidates.
        top: the number of best candidates asked for.
        hits: scores labels.
        trees: of the hidden neurons, with samples in the order of `hits`.
        axes: the axes of these trees.
        scale: maps rows to the range from 0 to 1.
        pairs: of the output neurons.
    """

    problem: Problem
    scorer: Scorer
    top: int
    hits: ClassHits
    trees: list[RowTree]
    axes: TreeAxes
    scale: Scale
    pairs: Pairs

    @classmethod
    def of(cls, problem: Problem, scorer: Scorer, top: int) -> "PairwiseProblem | Unprovable":
        """Prepare a problem, or return the reason why it cannot be searched so.

        Raises:
            ActivationError: a custom activation broke its contract.
        """
        network, scoring, grids = problem.network, problem.scoring, problem.space.grids
        if not isinstance(scoring, LabelScoring) or network.n_outputs == 1 or len(network.layers) != 2:
            return Unprovable("rows are searched for labels of several outputs and one hidden layer")
        neurons, own = network.layers[-1], network.parameter_slices[-1]
        if any(neuron.activation != neurons[0].activation for neuron in neurons):
            return Unprovable("the outputs have different activations")
        n_hidden = len(network.layers[0])
        columns = [[*neuron.input_columns(), *([n_hidden] if neuron.bias is not None else [])] for neuron in neurons]
        values: list[list[FloatArray]] = []
        for seen, some in zip(columns, own, strict=True):
            by_column = dict(zip(seen, grids[some], strict=True))
            values.append([by_column[k].values if k in by_column else np.zeros(1) for k in range(n_hidden + 1)])
        if too_many(values):
            return TooMuch("the output neurons have too many settings")
        reason = why_no_rows(problem, problem.counted.n_samples, _MOST_TUPLES)
        if reason is not None:
            return reason
        hits = ClassHits(problem, scoring)
        trees = row_trees(problem, hits.columns, top, _MOST_TUPLES)
        if isinstance(trees, Unprovable):
            return trees
        inputs = [*(float(np.abs(tree.rows).max()) for tree in trees), 1.0]
        reach = max(
            sum(float(np.abs(value).max()) * x for value, x in zip(some, inputs, strict=True)) for some in values
        )
        if not reach < _LARGEST_REACH:
            return Unprovable("weighted sums are too large for single precision")
        margin = margin_of(neurons[0].activation, reach)
        if margin is None:
            return Unprovable("the outputs' activation cannot separate large sums")
        scale = Scale.of([(float(tree.rows.min()), float(tree.rows.max())) for tree in trees])
        pairs = Pairs(columns, values, scale, margin)
        if not pairs.are_unique:
            return Unprovable("the output neurons' grids are too uneven")
        return cls(problem, scorer, top, hits, trees, row_axes(problem, trees), scale, pairs)
