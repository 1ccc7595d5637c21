"""Giving way: whether scoring every candidate would be sooner than what is left of a proof.

How long a proof takes is not known before, so a search begins with one wherever candidates can be pruned. Where
hardly any can, as with labels that no network fits, a small space is scored sooner. That is looked at after a tenth of
a second and then each time that the proof has taken twice as long. It gives way only to what takes no more than ten
times as long as it has taken so far, so that little is lost if the estimate was wrong.
"""

import time
from typing import final

from minigrid.search.engines.base import Engine, n_threads
from minigrid.search.problem import Problem

_FIRST_LOOK = 0.1  # seconds
_WORTH = 2.0  # how many times sooner scoring must be, as estimates are rough
_RISK = 10.0  # times the time that was spent
_MOST = 10**15  # candidates, which no machine scores
_ENOUGH = 0.002  # seconds that are enough to time


@final
class Fallback:
    """Compares a proof with scoring every candidate."""

    def __init__(self, engine: Engine, problem: Problem) -> None:
        self._engine = engine
        self._problem = problem
        self._next_look = _FIRST_LOOK

    def is_due(self, spent: float) -> bool:
        """Whether to look now, so many seconds after the proof began."""
        if spent < self._next_look:
            return False
        self._next_look = 2.0 * spent
        return True

    def is_sooner(self, spent: float, ahead: float) -> bool:
        """Whether scoring all is sooner.

        Args:
            spent: seconds since the proof began.
            ahead: seconds that it is expected to take still.
        """
        return self.seconds() < min(_RISK * spent, ahead / _WORTH)

    def planned(self, proof: float) -> float:
        """Estimate how long a search takes that leaves its proof when it may; as long as the proof if it does not.

        Args:
            proof: seconds that the proof is expected to take in all.
        """
        scoring = self.seconds()
        leaves = max(scoring / _RISK, _FIRST_LOOK)
        return leaves + scoring if scoring < (proof - leaves) / _WORTH else proof

    def seconds(self) -> float:
        """Estimate how long scoring all takes, from timing a little of it."""
        engine, problem = self._engine, self._problem
        if problem.space.size > _MOST:
            return float("inf")
        workers = n_threads() if engine.threads and problem.is_builtin else 1
        largest, size = min(engine.chunk_size(problem), problem.space.size), len(problem.space.grids[-1])
        while True:
            size = min(size, largest)
            began = time.perf_counter()
            engine.score(problem, problem.space.digits(range(size)))
            spent = time.perf_counter() - began
            if spent >= _ENOUGH or size == largest:
                return spent / size * problem.space.size / workers
            size *= 4
