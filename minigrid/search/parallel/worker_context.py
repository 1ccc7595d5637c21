"""What a worker needs to work on a problem: the problem, the engine, and what is cached from job to job."""

import contextlib
import threading
from collections.abc import Iterator
from typing import final

from minigrid.search.engines.base import Engine
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.problem import Problem


@final
class WorkerContext:
    """One problem in one process, for tasks that may come on several threads at once."""

    def __init__(self, engine: Engine, problem: Problem) -> None:
        self.engine: Engine = engine
        self.problem: Problem = problem
        self._one_at_a_time = threading.Lock()
        self._idle: dict[int, list[BranchAndBound]] = {}

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn: functions of a user's own, and an engine that says so, do not bear several threads."""
        if self.engine.threads and self.problem.is_builtin:
            yield
        else:
            with self._one_at_a_time:
                yield

    @contextlib.contextmanager
    def proof(self, top: int) -> Iterator[BranchAndBound]:
        """Lend a proof of this problem, with the bounds that it has cached, to one thread at a time.

        Args:
            top: how many of the best candidates it keeps.
        """
        idle = self._idle.setdefault(top, [])
        try:
            proof = idle.pop()
        except IndexError:
            search = self._choice_search(top)
            assert isinstance(search, BranchAndBound)
            proof = search
        yield proof
        idle.append(proof)  # not after an error: nothing is known then of what it holds

    def _choice_search(self, top: int) -> object:
        search = self.engine.choose(self.problem).search
        assert search is not None
        return search(top)
