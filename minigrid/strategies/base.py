"""The base of all strategies: what one is asked before a search, and what it gives back after it."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable

from minigrid._base.typing import override
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.ranking import best_candidates
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage


class Strategy(ABC):
    """Base of all strategies: it decides what to search in which order, and leaves scoring to the runner.

    A subclass is a frozen dataclass; its settings are its fields.

    Example:
        >>> from dataclasses import dataclass
        >>> from minigrid import Grid, GridSearchTrainer, Network, Outcome, PlannedStage, Problem, Runner, Stage
        >>> @dataclass(frozen=True, repr=False)
        ... class FirstOnes(Strategy):
        ...     n: int = 10
        ...
        ...     def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        ...         return (PlannedStage(self._first(problem)),)
        ...
        ...     def search(self, problem: Problem, runner: Runner) -> Outcome:
        ...         return Outcome(runner.run(self._first(problem)).best, optimal=False)
        ...
        ...     def _first(self, problem: Problem) -> Stage:
        ...         return Stage("the first", problem, range(self.n))
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), strategy=FirstOnes(2))
        >>> trainer.fit(Network.dense([1, 1]), [[-1.0], [1.0]], [0, 1]).n_scored
        2
    """

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        """Name the strategy and those settings that are not its defaults."""
        strategy: object = self
        settings = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
        changed = [f"{f.name}={getattr(self, f.name)!r}" for f in settings if getattr(self, f.name) != f.default]
        return f"{type(self).__name__}({', '.join(changed)})"

    @abstractmethod
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        """List the parts of the search, for the plan, without searching.

        Args:
            problem: the whole network on the whole space.

        Returns:
            The stages, in order.
        """

    @abstractmethod
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        """Search.

        Args:
            problem: the whole network on the whole space.
            runner: scores candidates, keeps count and heeds limits; once `runner.stopped()` is true,
                what was found so far is to be returned.

        Returns:
            The best candidates, and whether they are proven best.

        Raises:
            NoScoreError: every candidate scored NaN.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """


def ranked(problem: Problem, candidates: Iterable[Candidate], count: int) -> tuple[Candidate, ...]:
    """Order candidates best first, the same parameters once; equal scores by index, those without one last.

    A strategy that calls `runner.run` several times merges what it has found by this.

    Args:
        problem: tells whether more or lower is better.
        candidates: with scores of the whole network; NaN is left out.
        count: how many to keep, such as ``runner.top``.

    Returns:
        At most ``count`` candidates, best first.

    Example:
        >>> import numpy as np
        >>> from minigrid import Accuracy, Candidate, Grid, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> problem = Problem.create(network, SearchSpace(network, Grid([-1, 1])), [[1.0]], [1], Accuracy())
        >>> pair = [Candidate(1, np.array([1.0]), 0.5), Candidate(0, np.array([-1.0]), 0.5)]
        >>> [one.index for one in ranked(problem, pair, 1)]
        [0]
    """
    return best_candidates(candidates, count, problem.sign)
