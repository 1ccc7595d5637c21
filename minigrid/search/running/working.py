"""The two ways to work through a stage: score its candidates, or prove which are the best. Each yields tallies.

Neither counts for anybody, tells anybody or keeps anything: the runner does, from the tallies, which come between two
steps, when all that they say belongs together.

The best is chosen by score and then by lowest index, and chunks are taken into account in the order of their
candidates: neither the size of a chunk nor who scores it, nor when, can change it.
"""

import contextlib
from collections.abc import Callable, Generator

from minigrid._base.halting import halting
from minigrid.search.engines.base import EnginePair, Search
from minigrid.search.engines.guard import check_search
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, ScoringWork
from minigrid.search.parallel.chunks import Chunks
from minigrid.search.ranking import merged
from minigrid.search.running.stage import Stage, Tally


def score_all(
    stage: Stage,
    engines: EnginePair,
    backend: Backend,
    *,
    top: int,
    start: Tally,
    allowed: int,
    target: float | None,
    stopped: Callable[[], bool],
    pace: Pace,
) -> Generator[Tally, None, None]:
    """Score the first `allowed` candidates of a stage, chunk by chunk, from where `start` says.

    What is not built in, or is slow, is begun with a single candidate, as that may take any time.

    Args:
        stage: what is searched.
        engines: of which the scorer scores.
        backend: who works.
        top: how many of the best to keep.
        start: how far the stage is.
        allowed: how many candidates may be scored in all.
        target: a score that ends a chunk early; None: there is none.
        stopped: whether to end before the next chunk.
        pace: how long a chunk is meant to take.
    """
    tally = start
    if tally.n_scored >= allowed:  # in an earlier process
        return
    problem = stage.problem
    first, step = 64 if engines.scorer.threads and problem.is_builtin else 1, len(problem.space.grids[-1])
    chunks = Chunks(engines.scorer.chunk_size(problem), step, allowed, first, start=tally.n_scored, pace=pace)
    job = ScoringWork(engines, problem, stage.every_index, top, target, stage.name)
    with contextlib.closing(backend.scores(job, chunks, stopped)) as all_scored:
        for scored in all_scored:
            chunks.learn(scored.n_candidates, scored.seconds)
            count = scored.n_candidates
            best = merged(tally.best, scored.best, top, problem.sign)
            tally = Tally(tally.n_scored + count, tally.n_processed + count, best, tally.bound)
            yield tally
            if stopped():
                return


def prove(
    stage: Stage,
    engines: EnginePair,
    search: Search,
    backend: Backend,
    *,
    top: int,
    start: Tally,
    stopped: Callable[[], bool],
) -> Generator[Tally, None, None]:
    """Advance a search of a stage until it ends or is stopped.

    Raises:
        WorkerError: workers were lost again and again; what the search found until then stands.
        EngineError: the search of a custom prover says something of another kind than it must.
    """
    problem, bound = stage.problem, start.bound
    with backend.advancing(search, engines, problem, top=top, name=stage.name) as advance:
        while not search.finished and not stopped():
            with halting(stopped):
                advance()
            check_search(engines, search, problem)
            if bound is None or problem.better(bound, search.bound):  # what was proven once stays proven
                bound = search.bound
            yield Tally.of(search, bound)
