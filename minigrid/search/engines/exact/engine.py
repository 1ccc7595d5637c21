"""The exact engine: it proves the best candidate where possible, and gives the reason where it cannot.

Sound because every candidate that is not pruned is scored. If a problem cannot be bounded, the batched engine scores
all of its candidates.
"""

from typing import final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import override
from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Prover, Search, Unprovable
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.bounder import Bounder
from minigrid.search.engines.exact.bounders import make_bounder, why_unbounded
from minigrid.search.engines.exact.branch_and_bound import SMALL_BATCH, BranchAndBound
from minigrid.search.engines.exact.classes import find_class_method
from minigrid.search.engines.exact.curved_losses import find_curved_losses
from minigrid.search.engines.exact.deep_labels import find_deep_labels
from minigrid.search.engines.exact.hidden_losses import find_hidden_losses
from minigrid.search.engines.exact.label_trees import find_label_trees
from minigrid.search.engines.exact.labels import IntervalLabels
from minigrid.search.engines.exact.quadratic import find_quadratic
from minigrid.search.engines.exact.rows import MOST_OUTPUTS, TooMuch, count_outputs
from minigrid.search.engines.exact.tree_search import TreeSearch
from minigrid.search.problem import Problem

_FEW_SUMS = 2**19  # bounding the first boxes takes as long as computing this many sums
_HELD, _MOST_HELD = 8, 16  # parameters to each free one that make it more, and how many times as many at most
_SHORT_TRY, _WITHOUT_NOISE = 0.1, 0.99  # of the steps that a try may take, and of the bound: less shows noise
_FEWEST_KEPT, _MOST_OF_KEPT = 1_000, 4  # candidates, and times as many as are kept: so few cannot be pruned
_METHODS = find_label_trees, find_deep_labels, find_class_method, find_quadratic, find_hidden_losses, find_curved_losses


@final
class ExactEngine(Prover):
    """Searches a whole space by branch and bound.

    Args:
        eager: whether to do so even if scoring every candidate takes no longer, or turns out to be faster.
        smallest_batch: the number of boxes to split together at first.
    """

    name = "exact"
    threads = True

    def __init__(self, *, eager: bool = True, smallest_batch: int = SMALL_BATCH) -> None:
        self._smallest_batch = smallest_batch
        self.scorer: BatchedEngine = BatchedEngine()
        self.falls_back: bool = not eager
        self.reason: str = "asked for" if eager else "boxes of candidates can be bounded, so most need no score"

    @override
    def __repr__(self) -> str:
        return "ExactEngine(eager=False)" if self.falls_back else "ExactEngine()"

    @override
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        unbounded = why_unbounded(problem)
        if unbounded is not None:
            return unbounded
        if _FEWEST_KEPT <= problem.space.size <= _MOST_OF_KEPT * top:
            return Unprovable("top keeps a quarter of all candidates or more, so hardly any can be pruned")
        if self.falls_back and problem.space.size * problem.n_samples <= _few_sums(problem):
            return Unprovable("small space: scoring every candidate is faster than proving")
        with np.errstate(all="ignore"):
            begun = self._begin_by_ratio(problem, top) if _is_pair(problem) and problem.penalty is None else None
            if begun is not None and begun.finished:
                return begun
            why_no_trees = ""
            for find in () if _is_one_neuron(problem) or problem.penalty is not None else _METHODS:
                method = find(problem, self.scorer, top)
                if not isinstance(method, Unprovable):
                    search = TreeSearch(problem, method, top, nodes_at_once=max(1, self._smallest_batch // 2))
                    for found in () if begun is None else begun.best:
                        search.offer(found)
                    return search
                why_no_trees = method.reason if isinstance(method, TooMuch) else why_no_trees
            bounder = make_bounder(problem) if begun is None else None
        if begun is not None:
            begun.why_no_trees = why_no_trees
            return begun
        if bounder is None:
            return Unprovable("nothing can be pruned: weighted sums may overflow")
        return self._over_boxes(problem, bounder, top, why_no_trees)

    def _begin_by_ratio(self, problem: Problem, top: int) -> BranchAndBound | None:
        """Explore boxes where both output weights are bounded at once: data without noise need no trees.

        This takes no longer than building the trees would, and a tenth of that if the data seem to have noise.
        """
        bounder = make_bounder(problem)
        if not (isinstance(bounder, IntervalLabels) and bounder.by_ratio):
            return None
        search, n_outputs = self._over_boxes(problem, bounder, top), count_outputs(problem)
        while not search.finished and search.steps * problem.n_samples < n_outputs <= MOST_OUTPUTS:
            poll()
            search.advance()
            has_tried = search.steps * problem.n_samples > _SHORT_TRY * n_outputs
            if has_tried and search.best and search.best[0][0] < _WITHOUT_NOISE * search.bound:
                break
        return search

    def _over_boxes(self, problem: Problem, bounder: Bounder, top: int, why_no_trees: str = "") -> BranchAndBound:
        return BranchAndBound(
            problem, bounder, self.scorer, top, smallest_batch=self._smallest_batch, why_no_trees=why_no_trees
        )

    @override
    def reason_of(self, search: Search) -> str:
        why = search.why_no_trees if isinstance(search, BranchAndBound) else ""
        return f"{self.reason}; no search over trees: {why}" if why else self.reason


def _is_one_neuron(problem: Problem) -> bool:
    """Tell whether all neurons but one are fixed, and searching boxes of that one is faster than building trees.

    This holds for a neuron with layers after it, because its tree would have one leaf per candidate, and for
    one that decides on labels. Losses of the last layer have better bounds that cover all of its weights at once.
    """
    layers, grids = problem.network.parameter_slices, problem.space.grids
    free = [k for k, layer in enumerate(layers) for own in layer if any(len(grid) > 1 for grid in grids[own])]
    is_last = free == [len(layers) - 1]
    return len(layers) > 1 and len(free) == 1 and (not is_last or isinstance(problem.scoring, LabelScoring))


def _is_pair(problem: Problem) -> bool:
    """Tell whether the output is a weighted sum of two inputs without a bias."""
    neuron = problem.network.layers[-1][0]
    return len(problem.network.layers) > 1 and neuron.bias is None and neuron.weights.size == 2


def _few_sums(problem: Problem) -> float:
    """How many sums take as long as bounding the first boxes: more where most parameters are held.

    A bound sums up the terms of every parameter again, those of one value too; scoring shares these.
    """
    n_free = sum(len(grid) > 1 for grid in problem.space.grids)
    times = len(problem.space.grids) / max(n_free, 1) / _HELD
    return _FEW_SUMS * min(max(times, 1.0), _MOST_HELD)
