"""The bases of all engines: a `Scorer` scores candidates, a `Prover` searches a whole space without scoring all of it.

The runner decides which candidates, in what order and until when (`search/running/`), the backend on which threads or
workers (`search/parallel/`), and the strategy what to search next. A prover answers a problem with a `Search`, which
the runner advances step by step. A search that can save its state (`ResumableSearch`) resumes from a checkpoint. One
that can be divided (`DivisibleSearch`) is shared by workers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, TypeVar, final, runtime_checkable

from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid._base.values import Frozen
from minigrid.search.problem import Problem


class Engine(ABC):  # noqa: B024  # scoring and proving have no method in common
    """Base of both kinds of engines. Derive from `Scorer` or from `Prover`.

    Attributes:
        name: the name of the engine in results and plans.
        threads: whether several threads may use it at once.

    Example:
        >>> from minigrid import Prover, Scorer
        >>> issubclass(Scorer, Engine), issubclass(Prover, Engine)
        (True, True)
    """

    name: str = "engine"
    threads: bool = False

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Scorer(Engine):
    """An engine that scores candidates. Its scores equal those of the plain loop, bit for bit.

    Attributes:
        name: the name of the engine in results and plans.
        threads: whether `score` may be called on several threads at once.

    Example:
        >>> import numpy as np
        >>> from numpy.typing import NDArray
        >>> from minigrid import FloatArray, Grid, GridSearchTrainer, Network, Problem
        >>> class Loop(Scorer):
        ...     name = "loop"
        ...
        ...     def score(self, problem: Problem, digits: NDArray[np.int64]) -> FloatArray:
        ...         return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), engine=Loop())
        >>> trainer.fit(Network.dense([1, 1]), [[-1.0], [1.0]], [0, 1]).score
        1.0
    """

    name: str = "scorer"

    @abstractmethod
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        """Score some candidates, without the penalty.

        Args:
            problem: the problem to search.
            digits: shape (n_candidates, n_parameters), each candidate's positions in the grids.

        Returns:
            Their scores, shape (n_candidates,).

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """

    def objective(self, problem: Problem, digits: IntArray) -> FloatArray:
        """Compute the objectives: the scores, made worse by the penalty; NaN if it forbids a candidate.

        Args:
            problem: the problem to search.
            digits: as for `score`.

        Returns:
            The objectives, shape (n_candidates,).

        Raises:
            ActivationError, ScoringError, PenaltyError: a custom activation, scoring or penalty broke its contract.
        """
        scores = self.score(problem, digits)
        if problem.penalty is None:
            return scores
        return scores - problem.sign * problem.penalties(problem.space.values_at(digits))

    def chunk_size(self, problem: Problem) -> int:
        """Return how many candidates one call of `score` may get, so that its memory stays bounded. Default 1024.

        Args:
            problem: the problem to search.

        Returns:
            At least 1.
        """
        return 1024

    def memory(self, problem: Problem, n_candidates: int) -> int:
        """Estimate how many bytes one call of `score` needs. By default, those for all neurons and all candidates.

        Args:
            problem: the problem to search.
            n_candidates: how many candidates the call gets.

        Returns:
            Bytes.
        """
        return 8 * n_candidates * (problem.n_samples * sum(problem.network.topology) + len(problem.space.grids))


class Search(Protocol):
    """A search of a whole space, in steps.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> from minigrid.datasets import sum_threshold
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> network = Network.dense([2, 1])
        >>> space = SearchSpace(network, Grid.linspace(-10, 10, 100))
        >>> problem = Problem.create(network, space, *sum_threshold(1000, n_features=2), Accuracy())
        >>> search = ExactEngine().search(problem, top=1)
        >>> if not isinstance(search, Unprovable):  # else all candidates are to be scored
        ...     while not search.finished:
        ...         search.advance()
        ...     print(search.best, search.bound, search.n_processed)
        [(0.876, 0)] 0.876 10000
    """

    @property
    def best(self) -> list[tuple[float, int]]:
        """The best candidates so far as (objective, index), best first, equal ones by index.

        The objective is the score, made worse by the penalty if there is one, as ``problem.objective`` computes it.
        """

    @property
    def n_processed(self) -> int:
        """How many candidates were scored or proven to be no better."""

    @property
    def n_scored(self) -> int:
        """How many candidates were scored, each counted once."""

    @property
    def bound(self) -> float:
        """The best objective that is still possible."""

    @property
    def finished(self) -> bool:
        """Whether every candidate is processed."""

    @property
    def steps(self) -> int:
        """How many steps were taken, in a unit that the search chooses."""

    def steps_ahead(self) -> float:
        """Estimate how many steps are left.

        Returns:
            Steps, in the unit of `steps`.
        """

    @property
    def memory(self) -> int:
        """Estimate how many bytes it needs at most."""

    def advance(self) -> None:
        """Take some steps, for some milliseconds.

        Raises:
            ActivationError, ScoringError: a declaration turned out to be false.
        """


@runtime_checkable
class ResumableSearch(Search, Protocol):
    """A search that another process can resume where this one stopped.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> from minigrid.datasets import xor
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> network = Network.dense([2, 2, 1])
        >>> space = SearchSpace(network, Grid.linspace(-10, 10, 9))
        >>> problem = Problem.create(network, space, *xor(100), Accuracy())
        >>> first, second = (ExactEngine().search(problem, top=1) for _ in range(2))
        >>> if isinstance(first, ResumableSearch) and isinstance(second, ResumableSearch):
        ...     first.advance()
        ...     second.restore(first.state())
        ...     print(first.n_processed == second.n_processed, first.bound == second.bound)
        True True
    """

    def state(self) -> JSON:
        """Return everything that decides how the search continues, for `restore`. It is called between two steps.

        Returns:
            Plain data for JSON.
        """

    def restore(self, state: JSON) -> None:
        """Restore the state of another search of the same problem. It is called before the first step.

        Args:
            state: what `state` returned.

        Raises:
            CheckpointError: it is not a state of such a search. Check all of it, because it comes from a file.
        """


@runtime_checkable
class GuidedSearch(Search, Protocol):
    """A search that accepts candidates that were found elsewhere, so that it prunes more.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> from minigrid.datasets import xor
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> network = Network.dense([2, 1], bias=True)
        >>> space = SearchSpace(network, Grid.linspace(-10, 10, 100))
        >>> problem = Problem.create(network, space, *xor(100), Accuracy())
        >>> search = ExactEngine().search(problem, top=1)
        >>> if isinstance(search, GuidedSearch):
        ...     search.offer((problem.score(problem.space[5]), 5))
        ...     print(search.best == [(problem.score(problem.space[5]), 5)])
        True
    """

    def offer(self, found: tuple[float, int]) -> None:
        """Keep a candidate, if it is good enough, as if this search had found it.

        Args:
            found: the objective of the candidate, and its index.
        """


@runtime_checkable
class OpenWork(Protocol):
    """A subproblem, or its result: some work that is still open. It can be pickled."""

    @property
    def n_open(self) -> int:
        """How much work it contains, in the unit of `DivisibleSearch.n_open`."""


SubproblemT = TypeVar("SubproblemT", bound=OpenWork)
SolvedT = TypeVar("SolvedT", bound=OpenWork)


@runtime_checkable
class DivisibleSearch(Search, Protocol[SubproblemT, SolvedT]):
    """A search that can give parts of its work to equal searches of the same problem elsewhere.

    The search counts such a part as open (in ``bound``, ``finished`` and its state) until the part is merged or
    reopened. A subproblem contains all that its search needs, so it does not matter where, when or how often it is
    searched.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> from minigrid.datasets import xor
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> network = Network.dense([2, 1], bias=True)
        >>> space = SearchSpace(network, Grid.linspace(-10, 10, 100))
        >>> problem = Problem.create(network, space, *xor(100), Accuracy())
        >>> search, worker = (ExactEngine().search(problem, top=1) for _ in range(2))
        >>> if isinstance(search, DivisibleSearch) and isinstance(worker, DivisibleSearch):
        ...     for _ in range(3):
        ...         search.advance()
        ...     part = search.split_off(5)
        ...     search.merge(part, worker.solve(part, seconds=0.01))
        ...     print(part.n_open, search.finished)
        5 False
    """

    @property
    def n_open(self) -> int:
        """How many units of work are open here, without those that were given away."""

    def split_off(self, count: int) -> SubproblemT:
        """Give away this many units of open work, the most promising ones, or all if there are fewer.

        Args:
            count: how many units, at least 1.

        Returns:
            The work that was given away.
        """

    def solve(self, subproblem: SubproblemT, seconds: float) -> SolvedT:
        """In a worker: forget everything else, search a subproblem for a while, and return the result.

        Args:
            subproblem: what `split_off` returned.
            seconds: about how long to search.

        Returns:
            What the search found, and the work that is left.
        """

    def merge(self, subproblem: SubproblemT, solved: SolvedT) -> None:
        """Merge the result of a subproblem. The work that is left is open here again.

        Args:
            subproblem: the subproblem that was given away.
            solved: what `solve` returned for it.
        """

    def reopen(self, subproblem: SubproblemT) -> None:
        """Reopen a subproblem here, as if it had not been given away.

        Args:
            subproblem: a subproblem that was given away and lost.
        """


@dataclass(frozen=True, slots=True)
class Unprovable(Frozen):
    """The reason why a prover has no search for a problem. All candidates are then scored.

    Args:
        reason: the reason in a few words, for plans and results.

    Example:
        >>> Unprovable("nothing can be pruned").reason
        'nothing can be pruned'
    """

    reason: str


class Prover(Engine):
    """An engine that proves which candidate is the best. If it cannot, all candidates are scored.

    Attributes:
        name: the name of the engine in results and plans.
        threads: whether several threads may advance its searches at once, each a search of its own.
        scorer: scores the candidates if the prover has no search for a problem; None: the batched engine.
        falls_back: whether scoring every candidate may replace a proof that turns out to be slower.
        reason: why the prover searches a problem, for plans and results.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> class OfSmallSpaces(Prover):
        ...     name = "of_small_spaces"
        ...
        ...     def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        ...         if problem.space.size > 100:
        ...             return Unprovable("the space is large")
        ...         return ExactEngine().search(problem, top=top)
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), engine=OfSmallSpaces())
        >>> trainer.fit(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1]).engine
        'of_small_spaces'
    """

    name: str = "prover"
    scorer: Scorer | None = None
    falls_back: bool = False
    reason: str = "asked for"

    @abstractmethod
    def search(self, problem: Problem, *, top: int) -> Search | Unprovable:
        """Begin a search of the whole space of a problem, or return why there is none.

        It may be called several times for a stage: also before the search, to plan it, again after a call that was
        halted, and in each worker that shares the search. All answers must be alike.

        Args:
            problem: the problem to search.
            top: how many of the best candidates to keep.

        Returns:
            A search, or the reason why there is none.

        Raises:
            ActivationError, ScoringError: a declaration is false.
        """

    def reason_of(self, search: Search) -> str:
        """Return why and how this search proves its problem, for plans and results. Default: ``reason``.

        Args:
            search: a search that this prover began.

        Returns:
            The reason, as results show it.
        """
        return self.reason


@final
@dataclass(frozen=True, slots=True)
class EnginePair:
    """The engines of a search: a scorer, and perhaps a prover, which is asked first.

    Attributes:
        scorer: scores candidates.
        prover: proves what it can; None: all candidates are scored.
        reason: why all candidates are scored, if they are.
    """

    scorer: Scorer
    prover: Prover | None = None
    reason: str = "asked for"

    @property
    def threads(self) -> bool:
        """Whether several threads may use them at once."""
        return self.scorer.threads and (self.prover is None or self.prover.threads)
