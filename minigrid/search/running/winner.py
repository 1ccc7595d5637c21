"""The winner is scored once more, in the process that searched: a proof holds only for scores that are its own.

Most candidates may have been scored by workers. If one computed otherwise, as another processor may, another candidate
may be the best by the scores of this process.
"""

import math
import warnings

from minigrid._base.text import message
from minigrid.exceptions import NoScoreError
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.running.stage import Outcome


def confirmed(outcome: Outcome, problem: Problem) -> Outcome:
    """Score the best candidate once more, as the plain loop does; if its score is another one, nothing is proven.

    Args:
        outcome: of a strategy, with at least one candidate.
        problem: what was searched.

    Returns:
        The same outcome, or, after a warning, its candidates with the scores of this process, and neither bound nor
        proof.

    Raises:
        NoScoreError: all of them score NaN in this process.
    """
    best = outcome.best[0]
    score = problem.objective(best.parameters)
    if score == best.score:
        return outcome
    reason = "Another process or thread that had a part in the search computes otherwise"
    if not problem.is_builtin:
        reason += ", or your own function does not always return the same"
    got = f"{score!r} when scored once more in this process"
    fix = f"{reason}. So the result is not called proven. Search again in this process alone."
    text = message("score of the best candidate", f"{best.score!r}, as it was found", got, fix)
    rescored = [Candidate(one.index, one.parameters, problem.objective(one.parameters)) for one in outcome.best]
    valid = [one for one in rescored if not math.isnan(one.score)]
    if not valid:
        raise NoScoreError(text)
    warnings.warn(text, RuntimeWarning, stacklevel=2)
    return Outcome(tuple(sorted(valid, key=lambda one: -problem.sign * one.score)), optimal=False)
