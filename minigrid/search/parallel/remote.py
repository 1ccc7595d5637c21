"""The backend that uses the workers of an executor. While they are away, this process does the work."""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import final

from minigrid._base.typing import override
from minigrid.search.engines.base import DivisibleSearch, EnginePair, Search
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, LocalThreads, ScoringWork
from minigrid.search.parallel.chunk_scores import ChunkScores
from minigrid.search.parallel.chunks import Chunks
from minigrid.search.parallel.distributed_search import DistributedSearch
from minigrid.search.parallel.pool import Job, WorkerPool
from minigrid.search.parallel.presence import Presence
from minigrid.search.parallel.tasks import ScoreChunks
from minigrid.search.problem import Problem


@final
class RemoteWorkers(Backend):
    """Workers of an executor. Each stage begins in this process, and uses the workers if it takes more than a moment.

    Args:
        pool: the workers.
        pace: how long a stage runs in this process before it uses the workers, and how much work they get.
    """

    def __init__(self, pool: WorkerPool, pace: Pace) -> None:
        self._pool = pool
        self._pace = pace
        self._presence = Presence(pool, pace)

    @override
    def check(self, engines: EnginePair, problem: Problem) -> None:
        self._pool.check(engines, problem)

    @override
    def scores(self, work: ScoringWork, chunks: Chunks) -> Generator[ChunkScores, None, None]:
        began, seconds = time.perf_counter(), 0.0
        while not chunks.exhausted and (
            not seconds or (not work.stopped() and time.perf_counter() - began < self._pace.alone)
        ):
            scored = work.score(chunks.take())
            seconds = max(scored.seconds, 1e-6)
            yield scored
        if chunks.exhausted or work.stopped():
            return
        problem = None if self._pool.is_given_up else self._pool.prepare(work.engines, work.problem)
        jobs: deque[Job] = deque()
        try:
            while not work.stopped() and (jobs or not chunks.exhausted):
                if jobs and jobs[0].answer is not None:
                    for scored in _scored(jobs.popleft()):
                        seconds = max(scored.seconds, 1e-6)
                        yield scored
                elif problem is not None and self._presence.are_at_work(problem, jobs, seconds):
                    while len(jobs) < self._pool.window and not chunks.exhausted:
                        task, name = self._task(work, chunks, seconds)
                        jobs.append(self._pool.submit(name, task, problem))
                    self._pool.wait(jobs)
                elif jobs:
                    yield from self._score_here(work, jobs.popleft())
                elif self._pool.is_given_up:
                    yield from LocalThreads().scores(work, chunks)
                else:
                    scored = work.score(chunks.take())
                    seconds = max(scored.seconds, 1e-6)
                    yield scored
        finally:
            self._pool.cancel(jobs)

    def _score_here(self, work: ScoringWork, job: Job) -> Generator[ChunkScores, None, None]:
        """Score in this process chunks that were submitted, but that no worker may be working on."""
        assert isinstance(job.task, ScoreChunks)
        self._pool.cancel([job])
        for chosen in job.task.chunks:
            if work.stopped():
                return
            yield work.score_chosen(chosen)

    @override
    @contextlib.contextmanager
    def advancing(
        self, search: Search, engines: EnginePair, problem: Problem, *, top: int, name: str
    ) -> Iterator[Callable[[], None]]:
        if not isinstance(search, DivisibleSearch):
            yield search.advance
            return
        shared = DistributedSearch(
            search,
            self._pool,
            self._presence,
            lambda: self._pool.prepare(engines, problem),
            top=top,
            name=name,
            pace=self._pace,
        )
        try:
            yield shared.advance
        finally:
            shared.take_back()

    def _task(self, work: ScoringWork, chunks: Chunks, seconds: float) -> tuple[ScoreChunks, str]:
        """Combine as many chunks as keep a worker busy, if one takes this many seconds."""
        count = max(1, min(self._pace.most_chunks, round(self._pace.sent / seconds)))
        taken = [chunks.take()]
        while len(taken) < count and not chunks.exhausted:
            taken.append(chunks.take())
        name = f"candidates {taken[0][0]:,} to {taken[-1][1] - 1:,} of {work.name}"
        return ScoreChunks(tuple(map(work.chosen, taken)), work.ranking.count, work.target), name

    @override
    def close(self) -> None:
        self._presence.close()
        self._pool.close()


def _scored(job: Job) -> list[ChunkScores]:
    assert job.answer is not None
    value = job.answer.value
    assert isinstance(value, list)
    return value
