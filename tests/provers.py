"""A prover for tests: the exact engine, which counts how often it is asked for a search."""

import time

from minigrid import Problem, Prover, Scorer, Search, Unprovable
from minigrid._base.halting import poll
from minigrid._base.typing import override
from minigrid.search.engines.exact.engine import ExactEngine


class CountingProver(Prover):
    """Proves as the exact engine does.

    Attributes:
        n_begun: how many searches it has begun, after the time that it waits.
    """

    name = "counting"

    def __init__(self, *, waits: float = 0.0, scorer: Scorer | None = None) -> None:
        """Begin; it waits some seconds before each search, unless it is halted."""
        self.n_begun = 0
        self.scorer = ExactEngine().scorer if scorer is None else scorer
        self._waits = waits

    @override
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        ends = time.perf_counter() + self._waits
        while time.perf_counter() < ends:
            poll()
            time.sleep(0.01)
        self.n_begun += 1
        return ExactEngine().search(problem, top=top)
