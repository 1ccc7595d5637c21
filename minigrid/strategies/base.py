"""The base of all strategies: what one is asked before a search, and what it gives back after it."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import override
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.running.plan import Stage
from minigrid.search.running.runner import Runner


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outcome:
    """What a strategy found.

    Attributes:
        best: the best candidates of the whole network, best first; never empty.
        exhaustive: whether every candidate of the whole space was scored once, or proven to be no better.
        bound: the best score still possible; None: all that the scoring allows.

    Example:
        >>> from minigrid import Candidate
        >>> best = Candidate(1, np.array([1.0]), 0.5)
        >>> Outcome((best,), exhaustive=False).best[0].score
        0.5
    """

    best: tuple[Candidate, ...]
    exhaustive: bool
    bound: float | None = None


class Strategy(ABC):
    """Base of all strategies: it decides what to search in which order, and leaves scoring to the runner.

    A subclass is a frozen dataclass; its settings are its fields.

    Example:
        >>> from dataclasses import dataclass
        >>> from minigrid import Grid, GridSearchTrainer, Network, Outcome, Problem, Runner, Stage
        >>> @dataclass(frozen=True, repr=False)
        ... class FirstOnes(Strategy):
        ...     n: int = 10
        ...
        ...     def stages(self, problem: Problem) -> tuple[Stage, ...]:
        ...         return (Stage("the first", problem, self.n),)
        ...
        ...     def search(self, problem: Problem, runner: Runner) -> Outcome:
        ...         found = runner.run(problem, stage="the first", indices=range(self.n))
        ...         return Outcome(found.best, exhaustive=False)
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
    def stages(self, problem: Problem) -> tuple[Stage, ...]:
        """List the parts of the search, for the plan, without searching."""

    @abstractmethod
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        """Search.

        Args:
            problem: the whole network on the whole space.
            runner: scores candidates, keeps count and heeds limits; once `runner.stopped()` is true,
                what was found so far is to be returned.

        Raises:
            NoScoreError: every candidate scored NaN.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """


def ranked(problem: Problem, candidates: Iterable[Candidate], count: int) -> tuple[Candidate, ...]:
    """Order candidates best first, the same parameters once; equal scores by index, those without one last.

    A strategy that calls `runner.run` several times merges what it has found by this.

    Args:
        problem: tells whether more or less is better.
        candidates: with scores of the whole network; NaN is left out.
        count: how many to keep, such as `runner.top`.

    Example:
        >>> from minigrid import Accuracy, Candidate, Grid, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> problem = Problem.create(network, SearchSpace(network, Grid([-1, 1])), [[1.0]], [1], Accuracy())
        >>> pair = [Candidate(1, np.array([1.0]), 0.5), Candidate(0, np.array([-1.0]), 0.5)]
        >>> [one.index for one in ranked(problem, pair, 1)]
        [0]
    """
    distinct = {candidate.parameters.tobytes(): candidate for candidate in candidates if not np.isnan(candidate.score)}
    sign = -1.0 if problem.scoring.greater_is_better else 1.0

    def key(candidate: Candidate) -> tuple[float, bool, int]:
        return (sign * candidate.score, candidate.index is None, candidate.index or 0)

    return tuple(sorted(distinct.values(), key=key)[:count])
