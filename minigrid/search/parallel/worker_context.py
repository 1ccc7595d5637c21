"""The context of a worker on a problem: the problem, the engines, and what it caches from job to job."""

import contextlib
import threading
from collections.abc import Iterator
from typing import final

from minigrid.search.engines.base import DivisibleSearch, EnginePair, OpenWork
from minigrid.search.engines.guard import as_divisible
from minigrid.search.problem import Problem


@final
class WorkerContext:
    """One problem in one process, for tasks that may run on several threads at once."""

    def __init__(self, engines: EnginePair, problem: Problem) -> None:
        self.engines: EnginePair = engines
        self.problem: Problem = problem
        self._one_at_a_time = threading.Lock()
        self._idle: dict[int, list[DivisibleSearch[OpenWork, OpenWork]]] = {}

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until the context is free, if custom code or the engine must not run on several threads."""
        if self.engines.threads and self.problem.is_builtin:
            yield
        else:
            with self._one_at_a_time:
                yield

    @contextlib.contextmanager
    def search(self, top: int) -> Iterator[DivisibleSearch[OpenWork, OpenWork]]:
        """Lend a search of this problem, with its cached bounds, to one thread at a time.

        Args:
            top: how many of the best candidates the search keeps.
        """
        idle = self._idle.setdefault(top, [])
        try:
            search = idle.pop()
        except IndexError:
            search = self._new_search(top)
        yield search
        idle.append(search)  # not after an error: nothing is known then of what it holds

    def _new_search(self, top: int) -> DivisibleSearch[OpenWork, OpenWork]:
        assert self.engines.prover is not None
        return as_divisible(self.engines, self.engines.prover.search(self.problem, top=top))
