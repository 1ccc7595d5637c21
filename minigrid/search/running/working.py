"""The two ways to work through a stage: score its candidates, or prove which are the best. Each yields tallies.

Neither counts, reports or saves anything. The runner does so, from the tallies, which come between two steps, when all
their numbers are consistent.

The best is chosen by objective and then by lowest index, and chunks are evaluated in the order of their candidates.
Therefore neither the size of a chunk, nor who scores it, nor when, can change the best.
"""

import contextlib
from collections.abc import Callable, Generator

from minigrid._base.halting import Halted, halting
from minigrid.search.engines.base import EnginePair, Search
from minigrid.search.engines.guard import check_search
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, ScoringWork
from minigrid.search.parallel.chunks import Chunks
from minigrid.search.ranking import Ranking
from minigrid.search.running.stage import Stage, Tally

_FIRST_SUMS = 2**26  # samples times parameters times candidates of the first chunk, about a tenth of a second


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
    """Score the first `allowed` candidates of a stage, chunk by chunk, and continue from `start`.

    If code is custom or slow, the first chunk is a single candidate, because that may take any time.

    Args:
        stage: the stage to search.
        engines: the engines; their scorer scores.
        backend: the backend that does the work.
        top: how many of the best to keep.
        start: the progress of the stage so far.
        allowed: how many candidates may be scored in all.
        target: an objective that ends a chunk early; None: no target.
        stopped: a function that tells whether to stop before the next chunk.
        pace: how long a chunk should take.
    """
    tally = start
    if tally.n_scored >= allowed:  # in an earlier process
        return
    problem = stage.problem
    is_quick, step = engines.scorer.threads and problem.is_builtin, len(problem.space.grids[-1])
    sums = problem.n_samples * problem.network.n_parameters
    first = max(1, min(64, _FIRST_SUMS // sums)) if is_quick else 1
    chunks = Chunks(engines.scorer.chunk_size(problem), step, allowed, first, start=tally.n_scored, pace=pace)
    is_one = allowed - tally.n_scored == 1  # asked for even if the search was stopped, so that there is a result
    asked = (lambda: False) if is_one else stopped
    ranking = Ranking(start.best, top, problem.sign)
    work = ScoringWork(engines, problem, stage.every_index, target, stage.name, asked, ranking)
    with contextlib.closing(backend.scores(work, chunks)) as all_scored, contextlib.suppress(Halted):
        for scored in all_scored:
            chunks.learn(scored.n_candidates, scored.seconds)
            count = scored.n_candidates
            best = ranking.best if ranking.add(scored.best) else tally.best
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
        WorkerError: workers were lost again and again. The results of the search until then remain valid.
        EngineError: an attribute of a custom prover's search has the wrong type.
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
