"""The base of all strategies: a strategy plans a search, runs it, and returns what it found."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable

from minigrid._base.typing import override
from minigrid._base.values import Frozen
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.ranking import best_candidates
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage


class Strategy(Frozen, ABC):
    """Base of all strategies. A strategy decides what to search and in which order; the runner scores.

    Write a subclass as a frozen dataclass whose fields are the strategy's settings.

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
        """Show the strategy's name and every setting that differs from its default."""
        strategy: object = self
        settings = dataclasses.fields(strategy) if dataclasses.is_dataclass(strategy) else ()
        changed = [f"{f.name}={getattr(self, f.name)!r}" for f in settings if getattr(self, f.name) != f.default]
        return f"{type(self).__name__}({', '.join(changed)})"

    @abstractmethod
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        """List the stages of the search, without searching.

        `GridSearchTrainer.plan` estimates what they cost. Before a long search, `GridSearchTrainer.fit` does, too.
        Give each stage the name that `search` gives it, or a part of that name which several stages have in common,
        such as 'level' for 'level 1 of 8'. If your strategy runs other stages than it lists, minigrid warns.

        Args:
            problem: the whole network on the whole space.

        Returns:
            The stages, in order.
        """

    @abstractmethod
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        """Search, and return the best candidates.

        Args:
            problem: the whole network on the whole space.
            runner: scores candidates, counts them and observes the limits. When ``runner.stopped()`` is true, return
                what you have found so far.

        Returns:
            The best candidates, and whether they are proven best.

        Raises:
            NoScoreError: every candidate scored NaN.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """


def ranked(problem: Problem, candidates: Iterable[Candidate], count: int) -> tuple[Candidate, ...]:
    """Sort candidates best first, and drop repeats of the same parameters.

    Of equal scores the lower index comes first; candidates without an index come last. If your strategy calls
    ``runner.run`` several times, merge the candidates with this function.

    Args:
        problem: the problem that is searched. It knows whether higher or lower is better.
        candidates: candidates with scores of the whole network. Those that scored NaN are left out.
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
