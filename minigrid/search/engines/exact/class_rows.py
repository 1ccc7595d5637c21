"""Labels of several output neurons that see the data directly: nodes of rows of their outputs.

Every output neuron is an axis: a tree over the true outputs of all its settings. The label is the position of the
greatest output, or of the first one if several are equal, so only the comparisons between the outputs of a sample
matter. The outputs are therefore replaced by their ranks among all outputs that any neuron has for this sample. Ranks
are small whole numbers that compare exactly as the outputs do, bit for bit, for any activation and however many
outputs are saturated.

Sound because a sample can be correct only if the greatest output of its class over a node is above the least outputs
of the classes before it, and not below the least outputs of the classes after it. At a leaf, this condition is the
label itself.
"""

import itertools
from collections.abc import Sequence
from types import ModuleType
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.halting import is_halted, slices, unhalted
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.class_hits import ClassHits
from minigrid.search.engines.exact.explore import Explored, Known, Method
from minigrid.search.engines.exact.fast import Kernels
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.neuron_descent import begin
from minigrid.search.engines.exact.nodes import ClassNodes, ClassRoom, Forest
from minigrid.search.engines.exact.rows import RowTree, row_trees, why_no_rows
from minigrid.search.engines.exact.tree_axes import TreeAxes
from minigrid.search.problem import Problem

_TILE = 2**15  # samples that are compared together
_FOUND = 2**8  # leaves that are collected before they are scored
_DEPTH = 2**7  # nodes on a stack for each axis: a tree of 2**17 leaves is not as deep
_AT_START = 2.0**23  # samples to examine for a good start

Ranks: TypeAlias = NDArray[np.int16] | NDArray[np.int32]


@final
class ClassRows(Method):
    """Bounds over nodes of output rows."""

    n_inner: int = 1

    def __init__(self, problem: Problem, hits: ClassHits, trees: Sequence[RowTree], scorer: Scorer, top: int) -> None:
        """Rank the outputs.

        Args:
            problem: no hidden layer, several outputs, a label scoring.
            hits: scores labels.
            trees: of the output neurons, with samples in the order of `hits`; one for each kind.
            scorer: scores candidates.
            top: the number of best candidates asked for.
        """
        slices_of = problem.network.parameter_slices[0]
        self.node_work: float = float(problem.n_samples * problem.network.n_outputs)
        self.axes: TreeAxes = TreeAxes(
            [tree.tree for tree in trees], range(len(trees)), [problem.space.grids[own] for own in slices_of]
        )
        self._problem, self._hits, self._scorer, self._trees, self._top = problem, hits, scorer, trees, top
        self._chunk = scorer.chunk_size(problem)
        self._kernels, self._wanted = Kernels(), hits.wanted
        forest = Forest([tree.tree for tree in trees])
        self._offsets: IntArray = forest.offsets
        ranks = _ranks([trees[axis].rows for axis, _ in forest.places])
        small, shape = ranks[0].dtype == np.int16, (2, len(forest), hits.n_samples)
        ends: Ranks = np.empty(shape, dtype=np.int16) if small else np.empty(shape, dtype=np.int32)
        width = np.empty(len(forest), dtype=np.float32)
        for (axis, own), rank in zip(forest.places, ranks, strict=True):
            low, high = trees[axis].tree.ranges(rank.astype(np.int32))
            ends[1, own], ends[0, own] = low, high
            width[own] = (high - low).mean(axis=1) / (high.max() + 1.0)
        self._high, self._low = ends
        whole = ends.reshape(-1, hits.n_samples)
        self._nodes = ClassNodes(forest.left, forest.right, forest.first, width, whole)

    @property
    @override
    def memory(self) -> int:
        """Estimate the most memory that it needs, in bytes."""
        return 8 * self._nodes.ends.nbytes + 2**27

    @override
    def widths(self, nodes: IntArray) -> FloatArray:
        """Count, for each unresolved axis, the open comparisons in which it takes part, shape (n, n_axes).

        Samples that cannot be correct do not count. Among axes with equal counts, the wider one is split.
        """
        own = nodes + self._offsets
        widths: FloatArray = self._nodes.width[own].astype(np.float64)
        for some in slices(len(nodes), max(1, _TILE // self._hits.n_samples)):
            possible = self._can_be_right(own[some])
            for label, samples in enumerate(self._hits.classes):
                low, high = self._low[own[some, label], samples], self._high[own[some, label], samples]
                for other in range(own.shape[1]):
                    if other != label:
                        least, most = self._low[own[some, other], samples], self._high[own[some, other], samples]
                        is_open = (low <= most) & possible[label]
                        widths[some, label] += np.count_nonzero(is_open & (low < high), axis=1)
                        widths[some, other] += np.count_nonzero(is_open & (least < most), axis=1)
        return widths

    @override
    def bound(
        self, nodes: IntArray, known: Known, incumbents: Incumbents, late: BoolArray
    ) -> tuple[FloatArray, Known, float]:
        """Score the samples that can be correct, see `Method.bound`."""
        bounds = np.empty(len(nodes))
        for some in slices(len(nodes), max(1, _TILE // self._hits.n_samples)):
            right = self._can_be_right(nodes[some] + self._offsets)
            bounds[some] = self._hits.scores(self._hits.counts(right))
        return bounds, known, float(len(nodes) * self._hits.n_samples)

    def _can_be_right(self, nodes: IntArray) -> list[BoolArray]:
        """Tell which samples of each class can be correct, shape (n, n_members) each."""
        possible = []
        for label, own in enumerate(self._hits.classes):
            right: BoolArray = np.ones((len(nodes), own.stop - own.start), dtype=np.bool_)
            mine = self._high[nodes[:, label], own]
            for other in range(len(self._hits.classes)):
                if other != label:
                    least = self._low[nodes[:, other], own]
                    right &= mine > least if other < label else mine >= least
            possible.append(right)
        return possible

    @override
    def score_leaves(self, leaves: IntArray, known: Known, incumbents: Incumbents) -> int:
        """Score the best of some leaves, whose bounds are their scores, and keep them."""
        bounds, _, _ = self.bound(leaves, known, incumbents, np.zeros(len(leaves), dtype=np.bool_))
        digits = self.axes.digits(self.axes.first_settings(leaves))
        best = np.lexsort([*digits.T[::-1], -bounds])[: self._top]
        incumbents.score(self._scorer, digits[best], self._chunk)
        return len(leaves)

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
        """The same depth first, a node at a time."""
        n_left, n_axes = nodes.shape
        room = n_left + n_axes * _DEPTH
        stack, gained = np.empty((room, n_axes), dtype=np.int32), np.empty(room)
        stack[:n_left], gained[:n_left] = nodes[::-1] + self._offsets, bounds[::-1]  # the last one is explored first
        space = ClassRoom.of(self._nodes, n_axes)
        found = np.empty((1 if self._top == 1 else _FOUND, n_axes), dtype=np.int32)
        explored, n_explored, each = Explored(n_axes), 1, 2.0 * self._hits.n_samples
        while n_left and n_explored and explored.work <= budget and not is_halted():
            count = int(min((budget - explored.work) / each + 1.0, 2.0**60))
            kept = incumbents.worst_settings
            worst = np.full(n_axes, -1, dtype=np.int32) if kept is None else kept.astype(np.int32)
            n_left, n_found, n_explored = kernels.explore_classes(
                stack, gained, n_left, self._nodes, self._wanted, incumbents.threshold, worst, found, count, space
            )
            explored.n_explored += n_explored
            explored.work += n_explored * each
            if n_found:
                leaves = found[:n_found].astype(np.int64) - self._offsets
                with unhalted():  # they are no longer on any list
                    explored.n_scored += self.score_leaves(leaves, Known(), incumbents)
        explored.leave(stack[:n_left][::-1].astype(np.int64) - self._offsets, gained[:n_left][::-1], Known())
        return explored

    @override
    def start(self, incumbents: Incumbents) -> int:
        """Find good candidates by coordinate descent, see `neuron_descent.py`."""
        return begin(self, self._problem, self._scorer, self._trees, incumbents, _AT_START)

    @override
    def judge(self, sums: Sequence[FloatArray]) -> FloatArray:
        """Score labels, see `Method.judge`."""
        return self._hits.judge(sums)


def _ranks(rows: Sequence[FloatArray]) -> list[Ranks]:
    """Number the different outputs of each sample in their order, over the rows of several neurons together."""
    edges = np.cumsum([0, *(len(own) for own in rows)])
    shape = (int(edges[-1]), rows[0].shape[1])
    ranks: Ranks = np.empty(shape, dtype=np.int16) if edges[-1] < 2**15 else np.empty(shape, dtype=np.int32)
    for sample in range(ranks.shape[1]):
        outputs = np.concatenate([own[:, sample] for own in rows])
        ranks[:, sample] = np.unique(outputs, return_inverse=True)[1]
    return [ranks[a:b] for a, b in itertools.pairwise(edges)]


def find_class_rows(problem: Problem, scorer: Scorer, top: int) -> ClassRows | Unprovable:
    """Build the trees for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    network, scoring = problem.network, problem.scoring
    if not isinstance(scoring, LabelScoring) or network.n_outputs == 1 or len(network.layers) != 1:
        return Unprovable("rows of outputs are searched for labels of several outputs without a hidden layer")
    reason = why_no_rows(problem, problem.counted.n_samples)
    if reason is not None:
        return reason
    hits = ClassHits(problem, scoring)
    trees = row_trees(problem, hits.columns, top)
    return trees if isinstance(trees, Unprovable) else ClassRows(problem, hits, trees, scorer, top)
