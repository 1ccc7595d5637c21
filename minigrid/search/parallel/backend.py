"""Backends do the work of a search: the threads of this process, or workers elsewhere.

Every backend returns chunks in the order of their candidates. The result, and the candidates scored when a search stops
early, therefore do not depend on the backend.
"""

import contextlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.halting import Halted, halting
from minigrid._base.signals import Interrupt
from minigrid._base.threads import at_most, n_threads
from minigrid._base.typing import override
from minigrid.search.engines.base import EnginePair, Search
from minigrid.search.parallel.chunk_scores import ChunkScores, score_chunk
from minigrid.search.parallel.chunks import Chunks
from minigrid.search.problem import Problem
from minigrid.search.ranking import Ranking

_PATIENCE = 0.1  # seconds that a second Ctrl-C waits for a chunk


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoringWork:
    """Candidates to score.

    Attributes:
        engines: the engines; their scorer scores.
        problem: the problem that is searched.
        indices: the indices of the candidates, in the order to score them.
        target: an objective that ends the search.
        name: the name of the stage, for errors.
        stopped: a function that tells whether the search is stopped. A chunk is then given up in the middle.
        ranking: the best candidates so far; a chunk needs no others than those that are among the best.
    """

    engines: EnginePair
    problem: Problem
    indices: range | Sequence[int]
    target: float | None
    name: str
    stopped: Callable[[], bool]
    ranking: Ranking

    def score(self, chunk: tuple[int, int]) -> ChunkScores:
        """Score one chunk in this process.

        Raises:
            Halted: the search was stopped before the end of the chunk.
        """
        return self.score_chosen(self.chosen(chunk))

    def score_chosen(self, chosen: range | Sequence[int]) -> ChunkScores:
        """Score the candidates of a chunk in this process.

        Raises:
            Halted: the search was stopped before the end of the chunk.
        """
        with halting(self.stopped):
            scorer, top, worst = self.engines.scorer, self.ranking.count, self.ranking.worst
            return score_chunk(scorer, self.problem, chosen, top=top, target=self.target, worst=worst)

    def chosen(self, chunk: tuple[int, int]) -> range | Sequence[int]:
        """Return the indices of a chunk's candidates."""
        start, stop = chunk
        return self.indices[start:stop]


class Backend(ABC):
    """Scores candidates, and advances searches."""

    @abstractmethod
    def check(self, engines: EnginePair, problem: Problem) -> None:
        """Raise an error before a search if the problem cannot be sent to the workers.

        Raises:
            InvalidTypeError: a part of the problem cannot be pickled.
        """

    @abstractmethod
    def scores(self, work: ScoringWork, chunks: Chunks) -> Generator[ChunkScores, None, None]:
        """Score chunk after chunk, and yield their scores in order, until all are scored or the search is stopped.

        The caller lets `chunks` learn from each result before it asks for the next.

        Raises:
            Halted: the search was stopped in the middle of a chunk, of which nothing is kept.
        """

    @abstractmethod
    def advancing(
        self, search: Search, engines: EnginePair, problem: Problem, *, top: int, name: str
    ) -> contextlib.AbstractContextManager[Callable[[], None]]:
        """Return an object that advances a search, which has just begun, with all workers.

        At the end, the search reopens whatever the workers have not finished.
        """

    @abstractmethod
    def close(self) -> None:
        """Release everything that was started for this search."""


@final
class LocalThreads(Backend):
    """This process: one thread per CPU, or a single thread if custom code is called."""

    @override
    def check(self, engines: EnginePair, problem: Problem) -> None:
        pass

    @override
    def scores(self, work: ScoringWork, chunks: Chunks) -> Generator[ChunkScores, None, None]:
        workers = n_scoring_threads(work.engines, work.problem)
        yield work.score(chunks.take())
        while workers == 1 and not chunks.exhausted and not work.stopped():
            yield work.score(chunks.take())
        if chunks.exhausted or work.stopped():
            return
        yield from _scored_on_threads(work, chunks, workers)

    @override
    def advancing(
        self, search: Search, engines: EnginePair, problem: Problem, *, top: int, name: str
    ) -> contextlib.AbstractContextManager[Callable[[], None]]:
        return contextlib.nullcontext(search.advance)

    @override
    def close(self) -> None:
        pass


def _scored_on_threads(work: ScoringWork, chunks: Chunks, n_workers: int) -> Generator[ChunkScores, None, None]:
    """Score the rest on threads. If the system allows no more of them, this one scores chunks that wait."""
    from concurrent.futures import Future, ThreadPoolExecutor, wait  # costs as much as all of us to import

    def fill(chunk: tuple[int, int], future: Future[ChunkScores]) -> None:
        if future.set_running_or_notify_cancel():
            try:
                with at_most(1):  # the other threads score chunks of their own
                    future.set_result(work.score(chunk))
            except Halted:  # without the traceback, whose frames would keep the data until Python collects garbage
                future.set_exception(Halted())
            except BaseException as error:
                future.set_exception(error)

    waiting: deque[tuple[tuple[int, int], Future[ChunkScores]]] = deque()
    has_any, is_short = False, False
    pool = ThreadPoolExecutor(n_workers, thread_name_prefix="minigrid")
    try:
        while not work.stopped() and (waiting or not chunks.exhausted):
            while len(waiting) <= n_workers and not chunks.exhausted and (has_any or not is_short):
                waiting.append((chunks.take(), Future()))
                try:
                    pool.submit(fill, *waiting[-1])
                    has_any = True
                except RuntimeError:  # no thread is available; the existing ones may still score it
                    is_short = True
            if not waiting:
                yield work.score(chunks.take())
                continue
            chunk, future = waiting.popleft()
            if is_short and future.cancel():
                yield work.score(chunk)
                continue
            while not future.done():
                with Interrupt.held_back():
                    wait([future], timeout=_PATIENCE)
                work.stopped()  # if so, the chunk is given up; if not, the callbacks may get an event
            if isinstance(future.exception(), Halted):
                raise Halted
            yield future.result()
    finally:
        with Interrupt.held_back():
            pool.shutdown(wait=True, cancel_futures=True)


def n_scoring_threads(engines: EnginePair, problem: Problem) -> int:
    """Return how many threads of this process score: one if custom code is called, or if the scorer asks for it."""
    return n_threads() if engines.scorer.threads and problem.is_builtin else 1
