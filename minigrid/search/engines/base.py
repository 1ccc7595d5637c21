"""The bases of all engines: a `Scorer` scores candidates, a `Prover` searches a whole space without scoring all of it.

The runner decides which candidates, in what order and until when (`search/running/`), the backend on which threads or
workers (`search/parallel/`), and the strategy what to search next. A prover answers a problem with a `Search`, which
the runner advances step by step. One that says how far it is (`ResumableSearch`) resumes from a checkpoint; one that
can be divided (`DivisibleSearch`) is spread over workers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, TypeVar, final, runtime_checkable

from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid.search.problem import Problem


class Engine(ABC):  # noqa: B024  # scoring and proving have no method in common
    """Base of both kinds of engines: derive from `Scorer` or from `Prover`.

    Attributes:
        name: what results and plans call it.
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
    """An engine that scores candidates; its scores are those of the plain loop, bit for bit.

    Attributes:
        name: what results and plans call it.
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
        """Score some candidates, whatever they cost by a penalty.

        Args:
            problem: what is searched.
            digits: shape (n_candidates, n_parameters), each candidate's positions in the grids.

        Returns:
            Their scores, shape (n_candidates,).

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """

    def objective(self, problem: Problem, digits: IntArray) -> FloatArray:
        """Compute what is compared: the scores, worse by the penalty; NaN where that forbids a candidate.

        Args:
            problem: what is searched.
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
        """How many candidates one call of `score` may be given, so that its memory stays bounded; 1024 by default.

        Args:
            problem: what is searched.

        Returns:
            At least 1.
        """
        return 1024

    def memory(self, problem: Problem, n_candidates: int) -> int:
        """About how many bytes one call of `score` needs; by default, those of all neurons for all candidates.

        Args:
            problem: what is searched.
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
        """The best candidates so far as (score, index), best first, equal scores by index."""

    @property
    def n_processed(self) -> int:
        """How many candidates were scored or proven to be no better."""

    @property
    def n_scored(self) -> int:
        """How many candidates were scored, each counted once."""

    @property
    def bound(self) -> float:
        """The best score that is still possible."""

    @property
    def finished(self) -> bool:
        """Whether every candidate is processed."""

    @property
    def steps(self) -> int:
        """How many steps were taken, in the search's own unit."""

    def steps_ahead(self) -> float:
        """Estimate how many steps are left.

        Returns:
            Steps, in the unit of `steps`.
        """

    @property
    def memory(self) -> int:
        """About how many bytes it needs at most."""

    def advance(self) -> None:
        """Take some steps, of some milliseconds.

        Raises:
            ActivationError, ScoringError: what one declares turned out to be false.
        """


@runtime_checkable
class ResumableSearch(Search, Protocol):
    """A search that goes on in another process where this one left it.

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
        """Write down, between two steps, all that decides how the search continues, for `restore`.

        Returns:
            Plain data for JSON.
        """

    def restore(self, state: JSON) -> None:
        """Take over how far another search of the same problem was; called before the first step.

        Args:
            state: what `state` returned.

        Raises:
            CheckpointError: no state of such a search. It comes from a file, and is not to be trusted.
        """


@runtime_checkable
class GuidedSearch(Search, Protocol):
    """A search that accepts candidates from elsewhere, so that it prunes more.

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
        """Keep a candidate as if this search had found it, if it is good enough.

        Args:
            found: the score of the candidate, or its objective if there is a penalty, and its index.
        """


@runtime_checkable
class OpenWork(Protocol):
    """A subproblem, or what came of it: some work that is still open. It can be pickled."""

    @property
    def n_open(self) -> int:
        """How much work is in it, in the unit in which `DivisibleSearch.n_open` counts."""


SubproblemT = TypeVar("SubproblemT", bound=OpenWork)
SolvedT = TypeVar("SolvedT", bound=OpenWork)


@runtime_checkable
class DivisibleSearch(Search, Protocol[SubproblemT, SolvedT]):
    """A search of which parts can be searched elsewhere, by equal searches of the same problem.

    What is given away stays open here (in ``bound``, ``finished`` and a state) until it is merged or reopened. A
    subproblem is searched with no more than it says itself, so it does not matter where, when or how often that is
    done.

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
        """How many units of work are open here and not given away."""

    def split_off(self, count: int) -> SubproblemT:
        """Give this many units of open work away, the most promising ones, or all there are.

        Args:
            count: how many units, at least 1.

        Returns:
            The work that was given away.
        """

    def solve(self, subproblem: SubproblemT, seconds: float) -> SolvedT:
        """In a worker: forget everything else, search a subproblem for about so long, and say what came of it.

        Args:
            subproblem: what `split_off` returned.
            seconds: about how long to search.

        Returns:
            What was found, and what is left.
        """

    def merge(self, subproblem: SubproblemT, solved: SolvedT) -> None:
        """Take over what came of a subproblem; what is left of it is open here again.

        Args:
            subproblem: what was given away.
            solved: what `solve` returned for it.
        """

    def reopen(self, subproblem: SubproblemT) -> None:
        """Open a subproblem here again, as though it had not been given away.

        Args:
            subproblem: what was given away, and was lost.
        """


@final
@dataclass(frozen=True, slots=True)
class Unprovable:
    """Why a prover has no search for a problem: all candidates are to be scored.

    Args:
        reason: why, in a few words, for plans and results.

    Example:
        >>> Unprovable("nothing can be pruned").reason
        'nothing can be pruned'
    """

    reason: str


class Prover(Engine):
    """An engine that proves which candidate is the best; where it cannot, all are scored.

    Attributes:
        name: what results and plans call it.
        threads: whether several threads may advance its searches at once, each a search of its own.
        scorer: scores the candidates of a problem that cannot be proven; None: the batched engine.
        falls_back: whether scoring every candidate is to take a proof's place once that turns out to be sooner.
        reason: why a problem is proven, for plans and results.

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
        """Begin a search of the whole space of a problem, or say why there is none; asked once for a stage that runs.

        Args:
            problem: what is searched.
            top: how many of the best candidates to keep.

        Returns:
            A search, or the reason why there is none.

        Raises:
            ActivationError, ScoringError: what one declares is false.
        """

    def reason_of(self, search: Search) -> str:
        """Say why a problem is proven, and how, for plans and results; ``reason`` unless a subclass knows more.

        Args:
            search: that this prover began.

        Returns:
            The reason, as results show it.
        """
        return self.reason


@final
@dataclass(frozen=True, slots=True)
class EnginePair:
    """What works on a search: the scorer, and the prover that is asked first, if there is one.

    Attributes:
        scorer: scores candidates.
        prover: proves what it can; None: everything is scored.
        reason: why everything is scored, if it is.
    """

    scorer: Scorer
    prover: Prover | None = None
    reason: str = "asked for"

    @property
    def threads(self) -> bool:
        """Whether several threads may use them at once."""
        return self.scorer.threads and (self.prover is None or self.prover.threads)
