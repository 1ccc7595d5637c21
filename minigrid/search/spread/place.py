"""A place where a problem is searched: the problem, the engine, and what is kept of them from one task to the next."""

import contextlib
import threading
from collections.abc import Iterator
from typing import final

from minigrid.search.engine import Engine
from minigrid.search.exact.proof import Proof
from minigrid.search.problem import Problem


@final
class Place:
    """One problem in one process, for tasks that may come on several threads at once."""

    def __init__(self, engine: Engine, problem: Problem) -> None:
        self.engine: Engine = engine
        self.problem: Problem = problem
        self._one_at_a_time = threading.Lock()
        self._idle: dict[int, list[Proof]] = {}

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn: functions of a user's own, and an engine that says so, do not bear several threads."""
        if self.engine.threads and self.problem.is_builtin:
            yield
        else:
            with self._one_at_a_time:
                yield

    @contextlib.contextmanager
    def proof(self, top: int) -> Iterator[Proof]:
        """Lend a proof of this problem, with the bounds that it has kept, to one thread at a time.

        Args:
            top: how many of the best candidates it keeps.
        """
        idle = self._idle.setdefault(top, [])
        try:
            proof = idle.pop()
        except IndexError:
            search = self._choice_search(top)
            assert isinstance(search, Proof)
            proof = search
        yield proof
        idle.append(proof)  # not after an error: nothing is known then of what it holds

    def _choice_search(self, top: int) -> object:
        search = self.engine.choose(self.problem).search
        assert search is not None
        return search(top)
