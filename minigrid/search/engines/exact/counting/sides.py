"""Choose the search and the bounds for a counting problem."""

import numpy as np

from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.bounders import find_reach, why_unbounded
from minigrid.search.engines.exact.counting.bounds import NoSides, OutputSides, SideBounds
from minigrid.search.engines.exact.counting.labels import LabelSides
from minigrid.search.engines.exact.counting.search import BoxSearch, CountingSearch
from minigrid.search.engines.exact.counting.trees import find_trees
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.labels import find_labels
from minigrid.search.problem import Problem


def find_count(problem: Problem, scorer: Scorer, threshold: float) -> CountingSearch:
    """Begin the search that serves a problem.

    Args:
        problem: the problem to search.
        scorer: scores candidates.
        threshold: the objective that counts.

    Raises:
        ActivationError: a declaration of an activation is false for sums that occur.
    """
    with np.errstate(all="ignore"):
        return find_trees(problem, scorer, threshold) or BoxSearch(problem, find_sides(problem), scorer, threshold)


def find_sides(problem: Problem) -> SideBounds:
    """Build the bounds for a problem.

    Raises:
        ActivationError: a declaration of an activation is false for sums that occur.
    """
    if why_unbounded(problem) is not None:
        return NoSides(problem)
    counted = isinstance(problem.scoring, LabelScoring) and problem.network.n_outputs == 1
    merged = counted and problem.sample_weight is None
    columns = problem.distinct.columns if merged else problem.columns
    with np.errstate(all="ignore"):
        hidden = HiddenRanges(problem, columns)
        reach = find_reach(problem, hidden)
        if reach is None:
            return NoSides(problem)  # sums may overflow
        if counted and problem.network.layers[-1][0].activation.monotonic:
            labels = find_labels(problem, columns, reach)
            if labels is not None:
                return LabelSides(problem, labels, hidden)
        return OutputSides(problem, HiddenRanges(problem, problem.columns) if merged else hidden)
