"""Workers of an executor, as those who do the work of a search."""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import final

from minigrid._typing import override
from minigrid.search.chunk_scores import ChunkScores
from minigrid.search.chunks import Chunks
from minigrid.search.engine import Engine, Search
from minigrid.search.exact.proof import Proof
from minigrid.search.hands import Hands, Stretch
from minigrid.search.problem import Problem
from minigrid.search.spread.crew import Crew, Errand
from minigrid.search.spread.shared_proof import SharedProof
from minigrid.search.spread.tasks import ScoreChunks

ALONE = 0.5
"""Seconds that a stage runs here before workers are asked: many need no more."""

_SECONDS = 0.5  # that a worker is busy with what it is sent
_MOST_CHUNKS = 64  # that are sent at once


@final
class Helpers(Hands):
    """Workers of an executor; each stage begins here, and they are asked if it takes longer than a moment."""

    def __init__(self, crew: Crew, *, alone: float) -> None:
        self._crew = crew
        self._alone = alone

    @override
    def check(self, engine: Engine, problem: Problem) -> None:
        self._crew.goal(engine, problem)

    @override
    def scores(
        self, stretch: Stretch, chunks: Chunks, stopped: Callable[[], bool]
    ) -> Generator[ChunkScores, None, None]:
        began, seconds = time.perf_counter(), 0.0
        while not chunks.exhausted and (not seconds or (not stopped() and time.perf_counter() - began < self._alone)):
            scored = stretch.score(chunks.take())
            seconds = max(scored.seconds, 1e-6)
            yield scored
        if chunks.exhausted or stopped():
            return
        goal = self._crew.goal(stretch.engine, stretch.problem)
        errands: deque[Errand] = deque()
        try:
            while not stopped() and (errands or not chunks.exhausted):
                while len(errands) < self._crew.window and not chunks.exhausted:
                    task, name = _task(stretch, chunks, seconds)
                    errands.append(self._crew.hand_out(name, task, goal))
                self._crew.wait(errands)
                while errands and errands[0].answer is not None:
                    for scored in _scored(errands.popleft()):
                        seconds = max(scored.seconds, 1e-6)
                        yield scored
        finally:
            self._crew.abandon(errands)

    @override
    @contextlib.contextmanager
    def share(self, search: Search, engine: Engine, problem: Problem, *, top: int, name: str) -> Iterator[Search]:
        if not isinstance(search, Proof):  # of an engine of the user's own
            yield search
            return
        shared = SharedProof(
            search, self._crew, lambda: self._crew.goal(engine, problem), top=top, name=name, alone=self._alone
        )
        try:
            yield shared
        finally:
            shared.recall()

    @override
    def close(self) -> None:
        self._crew.close()


def _task(stretch: Stretch, chunks: Chunks, seconds: float) -> tuple[ScoreChunks, str]:
    """Put together as many chunks as keep a worker busy, if one takes so many seconds."""
    count = max(1, min(_MOST_CHUNKS, round(_SECONDS / seconds)))
    taken = [chunks.take()]
    while len(taken) < count and not chunks.exhausted:
        taken.append(chunks.take())
    name = f"candidates {taken[0][0]:,} to {taken[-1][1] - 1:,} of {stretch.name}"
    return ScoreChunks(tuple(map(stretch.chosen, taken)), stretch.top, stretch.target), name


def _scored(errand: Errand) -> list[ChunkScores]:
    assert errand.answer is not None
    value = errand.answer.value
    assert isinstance(value, list)
    return value
