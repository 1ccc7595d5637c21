"""A stage of a search, its plan, its progress and its outcome, all of them values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from minigrid._base.mixed_radix import length
from minigrid._base.values import Frozen
from minigrid.search.candidate import Candidate
from minigrid.search.engines.base import Search
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best, best_of
from minigrid.search.space import smallest_digits


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stage(Frozen):
    """Candidates of one problem, among which the best are to be found.

    Args:
        name: what events, plans and checkpoints call the stage.
        problem: what to search: the problem of the whole search, a part of it (``problem.with_space(...)``), or another
            one, such as that of a single neuron, whose scores are not those of the whole network.
        indices: which candidates to score, in this order. Default None: all of them. An engine may then leave out
            those that it proves to be no better.
        top: how many of the best to keep. Default None: as many as the user of the trainer asked for.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> space = SearchSpace(network, Grid([-1, 1]))
        >>> problem = Problem.create(network, space, [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> Stage("all", problem).n_candidates, Stage("the first", problem, range(1)).n_candidates
        (2, 1)
    """

    name: str
    problem: Problem
    indices: range | Sequence[int] | None = None
    top: int | None = None

    @property
    def n_candidates(self) -> int:
        """How many candidates there are."""
        return self.problem.space.size if self.indices is None else length(self.indices)

    def is_all_of(self, problem: Problem) -> bool:
        """Tell whether the stage is the search of a whole problem, and not of a part of its space.

        Args:
            problem: the problem.

        Returns:
            Whether this stage searches all of it.
        """
        return self.problem is problem and self.indices is None

    def is_of_network(self, problem: Problem) -> bool:
        """Tell whether its objectives are those of the whole network.

        Args:
            problem: the problem of the whole network.

        Returns:
            Whether the stage searches this problem, or a part of it that predicts with the whole network.
        """
        return self.problem is problem or self.problem.whole is problem

    @property
    def every_index(self) -> range | Sequence[int]:
        """The indices of all its candidates."""
        return range(self.problem.space.size) if self.indices is None else self.indices

    @property
    def first_index(self) -> int:
        """The index of the candidate to score if there is time for no more.

        It is the first one. If a penalty may forbid that, it is the one with the smallest parameters.
        """
        if self.problem.penalty is None or self.indices is not None:
            return self.every_index[0]
        return self.problem.space.index_at(smallest_digits(self.problem.space))


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlannedStage(Frozen):
    """A stage that a strategy plans to run, for `GridSearchTrainer.plan`.

    Args:
        stage: the stage, or one like it with enough of its candidates to time them.
        n_candidates: how many candidates will be scored. If that depends on what the search finds, the largest number.
            Default None: those of the stage.
        n_least: the smallest number, if it depends on what the search finds. Default None: it does not.

    Example:
        >>> from minigrid import Accuracy, Grid, Joint, Network, Problem, SearchSpace
        >>> network = Network.dense([1, 1])
        >>> space = SearchSpace(network, Grid([-1, 1]))
        >>> problem = Problem.create(network, space, [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> [(planned.stage.name, planned.n_most) for planned in Joint().stages(problem)]
        [('joint', 2)]
    """

    stage: Stage
    n_candidates: int | None = None
    n_least: int | None = None

    @property
    def n_most(self) -> int:
        """How many candidates will be scored at most."""
        return self.stage.n_candidates if self.n_candidates is None else self.n_candidates


@final
@dataclass(frozen=True, slots=True, repr=False)
class Tally(Frozen):
    """The progress of a stage, which a checkpoint saves.

    Attributes:
        n_scored: how many candidates were scored: the first ones, unless a prover searches.
        n_processed: how many were scored or proven to be no better.
        best: the best candidates so far.
        bound: the best objective that is still possible, if anything was proven; else None.
    """

    n_scored: int = 0
    n_processed: int = 0
    best: Best = ()
    bound: float | None = None

    @classmethod
    def of(cls, search: Search, bound: float | None) -> "Tally":
        """Return the progress of a search, with a bound that its last tally, or an earlier one, has proven."""
        return cls(search.n_scored, search.n_processed, tuple(search.best), bound)

    def with_best(self, found: Best, top: int, sign: float) -> "Tally":
        """Add candidates that were found elsewhere, as (objective, index), to the best."""
        return replace(self, best=best_of([*self.best, *found], top, sign)) if found else self

    @property
    def n_pruned(self) -> int:
        """How many candidates are known to be no better without a score."""
        return max(self.n_processed - self.n_scored, 0)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outcome(Frozen):
    """The outcome of a stage, or of a whole strategy.

    Args:
        best: the best candidates, best first; empty only if a stage was stopped before its first score.
        optimal: whether every candidate was scored, or proven to be no better.
        bound: the best objective that is still possible. Default None: the best that the scoring allows.

    Example:
        >>> import numpy as np
        >>> from minigrid import Candidate
        >>> best = Candidate(1, np.array([1.0]), 0.5)
        >>> Outcome((best,), optimal=False).best[0].score
        0.5
    """

    best: tuple[Candidate, ...]
    optimal: bool
    bound: float | None = None
