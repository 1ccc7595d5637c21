"""Choose the method for labels of several output neurons, with or without a hidden layer."""

from minigrid.search.engines.base import Scorer, Unprovable
from minigrid.search.engines.exact.class_rows import ClassRows, find_class_rows
from minigrid.search.engines.exact.class_trees import ClassTrees, find_class_trees
from minigrid.search.problem import Problem


def find_class_method(problem: Problem, scorer: Scorer, top: int) -> ClassRows | ClassTrees | Unprovable:
    """Build the trees for a problem, or return the reason why it has none.

    Raises:
        ActivationError: a custom activation broke its contract.
    """
    if len(problem.network.layers) == 1:
        return find_class_rows(problem, scorer, top)
    return find_class_trees(problem, scorer, top)
