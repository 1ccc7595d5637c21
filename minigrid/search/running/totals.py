"""The totals of a search over all its stages: counts, improvements, and the engines that worked."""

from dataclasses import replace
from typing import final

from minigrid.search.candidate import Improvement
from minigrid.search.problem import Problem
from minigrid.search.running.stage import Tally


@final
class Totals:
    """Adds up the tallies of a search.

    Attributes:
        history: each improvement of the best objective of the whole network.
        engines: the engines that worked, by name, and why each of them did.
    """

    def __init__(self, history: list[Improvement]) -> None:
        self.history: list[Improvement] = history
        self.engines: dict[str, str] = {}
        self._ended = Tally()  # of the stages that have ended, together
        self._present = Tally()

    @property
    def n_scored(self) -> int:
        """How many candidates were scored."""
        return self._ended.n_scored + self._present.n_scored

    @property
    def n_pruned(self) -> int:
        """How many candidates were proven to be no better."""
        return self._ended.n_pruned + self._present.n_pruned

    @property
    def best_objective(self) -> float | None:
        """The best objective of the whole network so far, or None."""
        return self.history[-1].score if self.history else None

    def take(self, tally: Tally) -> None:
        """Count the current stage as it is now."""
        self._present = tally

    def end_stage(self) -> None:
        """Add the current stage to those that have ended."""
        self.add(self._present.n_scored, self._present.n_pruned)
        self._present = Tally()

    def add(self, n_scored: int, n_pruned: int = 0) -> None:
        """Count candidates that were scored or pruned elsewhere."""
        ended = self._ended
        n_processed = ended.n_processed + n_scored + n_pruned
        self._ended = replace(ended, n_scored=ended.n_scored + n_scored, n_processed=n_processed)

    def improve(self, problem: Problem, objective: float, index: int | None, seconds: float) -> None:
        """Note an objective of the whole network if it is the best so far."""
        if self.best_objective is None or problem.better(objective, self.best_objective):
            self.history.append(Improvement(seconds, self.n_scored, objective, index))
