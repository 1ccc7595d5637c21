"""Choose the search and the bounds for a counting problem."""

import numpy as np

from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.bounders import find_reach, make_bounder, why_unbounded
from minigrid.search.engines.exact.counting.bounds import (
    NoSides,
    OutputSides,
    PenaltySides,
    ProofSides,
    SideBounds,
)
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
    """Build the bounds for a problem, penalty included.

    Raises:
        ActivationError: a declaration of an activation is false for sums that occur.
    """
    scores = None if why_unbounded(problem) is not None else _sides_of_scores(problem)
    if scores is None:
        return without_bounds(problem)
    sides = _penalized(problem, scores)
    if len(problem.network.neurons) == 1 and not (problem.penalty is None and isinstance(scores, LabelSides)):
        bounder = make_bounder(problem)
        return sides if bounder is None else ProofSides(bounder, sides)
    return sides


def without_bounds(problem: Problem) -> SideBounds:
    """Build bounds that let a search score every candidate, except those that a penalty certainly forbids."""
    return _penalized(problem, NoSides(problem))


def _penalized(problem: Problem, scores: SideBounds) -> SideBounds:
    return scores if problem.penalty is None else PenaltySides(problem, problem.penalty, scores)


def _sides_of_scores(problem: Problem) -> SideBounds | None:
    """Build the bounds of scores for a problem that `why_unbounded` accepts; None: sums may overflow."""
    counted = isinstance(problem.scoring, LabelScoring) and problem.network.n_outputs == 1
    columns = problem.counted.columns if counted else problem.columns
    hidden = HiddenRanges(problem, columns)
    reach = find_reach(problem, hidden)
    if reach is None:
        return None
    if counted and problem.network.layers[-1][0].activation.monotonic:
        labels = find_labels(problem, columns, reach)
        if labels is not None:
            return LabelSides(problem, labels, hidden)
    return OutputSides(problem, HiddenRanges(problem, problem.columns) if counted else hidden)
