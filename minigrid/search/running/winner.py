"""Scores the winner once more in the process that searched, because a proof holds only for the scores of one process.

Workers may have scored most candidates. If one of them computes differently, as another processor may, then another
candidate may be the best by the scores of this process.
"""

import math
import warnings
from collections.abc import Sequence

from minigrid._base.halting import slices
from minigrid._base.text import message
from minigrid.exceptions import NoScoreError
from minigrid.search.candidate import Candidate
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from minigrid.search.running.stage import Outcome


def confirmed(outcome: Outcome, problem: Problem) -> Outcome:
    """Score the best candidate once more, as the plain loop does. If its objective differs, nothing is proven.

    Args:
        outcome: the outcome of a strategy, with at least one candidate.
        problem: the problem of the search.

    Returns:
        The same outcome. If the objective differs: a warning, and its candidates with the objectives of this process,
        without a bound or a proof.

    Raises:
        NoScoreError: all candidates score NaN in this process.
    """
    best = outcome.best[0]
    objective = problem.objective(best.parameters)
    if objective == best.objective:
        return outcome
    reason = "Another process or thread of the search computes differently"
    if not problem.is_builtin:
        reason += ", or your function does not always return the same"
    got = f"{objective!r} when scored once more in this process"
    fix = f"{reason}. So minigrid does not call the result proven. Search again in this process alone."
    text = message("score of the best candidate", f"{best.objective!r}, as in the search", got, fix)
    rescored = [Candidate(one.index, one.parameters, problem.objective(one.parameters)) for one in outcome.best]
    valid = [one for one in rescored if not math.isnan(one.objective)]
    if not valid:
        raise NoScoreError(text)
    warnings.warn(text, RuntimeWarning, stacklevel=2)
    return Outcome(tuple(sorted(valid, key=lambda one: -problem.sign * one.objective)), optimal=False)


def with_scores(problem: Problem, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return candidates with their scores and objectives, of which the search compared only the objectives.

    Args:
        problem: the problem of the search.
        found: candidates of a search, whose ``score`` may be their objective.
    """
    scores = [one.objective for one in found]
    if problem.penalty is not None:
        engine = BatchedEngine()
        of_grid = [(k, one.index) for k, one in enumerate(found) if one.index is not None]
        for some in slices(len(of_grid), engine.chunk_size(problem)):
            places, indices = zip(*of_grid[some], strict=True)
            for k, score in zip(places, engine.score(problem, problem.space.digits(indices)).tolist(), strict=True):
                scores[k] = score
        for k, one in enumerate(found):
            scores[k] = problem.score(one.parameters) if one.index is None else scores[k]
    return tuple(
        one if score == one.score else Candidate(one.index, one.parameters, score, one.objective)
        for one, score in zip(found, scores, strict=True)
    )
