"""The scores of a chunk of candidates. They depend only on the arguments, so it does not matter who computes them."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid.search.engines.base import Scorer
from minigrid.search.problem import Problem
from minigrid.search.ranking import best_positions


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChunkScores:
    """The result of one chunk.

    Attributes:
        n_candidates: how many candidates count as scored: all of them, or those up to the first that reached the
            target.
        best: the best as (objective, index), best first.
        reached: whether the last candidate that counts reached the target.
        seconds: how long the chunk took.
    """

    n_candidates: int
    best: list[tuple[float, int]]
    reached: bool
    seconds: float


def score_chunk(
    scorer: Scorer,
    problem: Problem,
    chosen: range | Sequence[int],
    *,
    top: int,
    target: float | None,
    worst: tuple[float, int] | None = None,
) -> ChunkScores:
    """Score a chunk and keep its best.

    Args:
        scorer: the scorer.
        problem: the problem that is searched.
        chosen: the indices of the candidates, in the order to score them.
        top: how many of the best to keep.
        target: an objective after which no candidate counts, because a plain loop would stop there.
        worst: the objective and the index of the worst that is kept so far, which the best must beat. Default None: as
            many as there are.

    Raises:
        EngineError: the engine did not return one score for each candidate.
        ActivationError, ScoringError: a custom activation or scoring broke its contract.
    """
    began = time.perf_counter()
    objectives = scorer.objective(problem, problem.space.digits(chosen))
    reached = False
    if target is not None:
        met = problem.sign * objectives >= problem.sign * target
        reached = bool(met.any())
        if reached:
            objectives = objectives[: int(np.argmax(met)) + 1]
    if not isinstance(chosen, range):  # the first of equal objectives is to be that of the lowest index
        by_index = sorted(range(len(objectives)), key=chosen.__getitem__)
        objectives, chosen = objectives[by_index], [chosen[k] for k in by_index]
    positions = best_positions(objectives, top, problem.sign)
    if worst is not None:
        signed, least = problem.sign * objectives[positions], problem.sign * worst[0]
        are_sooner = positions < bisect_left(chosen, worst[1])
        positions = positions[(signed > least) | ((signed == least) & are_sooner)]
    best = list(zip(objectives[positions].tolist(), (int(chosen[p]) for p in positions.tolist()), strict=True))
    return ChunkScores(len(objectives), best, reached, time.perf_counter() - began)
