"""The base of all engines: what one is asked, and what it answers.

An engine scores candidates. Which ones, in what order, on which thread and until when is the
run's business (`run.py`); what to search next is the strategy's. An engine that can search a whole
space without scoring all of it offers a `Search`, which the run advances step by step.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, final

from minigrid._base.typing import JSON, FloatArray, IntArray, override
from minigrid.search.problem import Problem

_most_threads: ContextVar[int | None] = ContextVar("_most_threads", default=None)


@contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """Let no more than so many threads compute in what is called within; None: as many as `n_threads` says."""
    before = _most_threads.set(threads)
    try:
        yield
    finally:
        _most_threads.reset(before)


def n_threads() -> int:
    """How many threads compute: one for each processor that this process may use, unless fewer are allowed."""
    allowed = _most_threads.get()
    if allowed is not None:
        return allowed
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return os.cpu_count() or 1 if affinity is None else len(affinity(0))


class Search(Protocol):
    """A search of a whole space, in steps.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, SearchSpace
        >>> from minigrid.datasets import sum_threshold
        >>> from minigrid.search.engines.exact.engine import ExactEngine
        >>> network = Network.dense([2, 1])
        >>> space = SearchSpace(network, Grid.linspace(-10, 10, 100))
        >>> problem = Problem.create(network, space, *sum_threshold(1000, n_features=2), Accuracy())
        >>> choice = ExactEngine().choose(problem)
        >>> if choice.search is not None:  # else all candidates are to be scored
        ...     search = choice.search(1)
        ...     while not search.finished:
        ...         search.advance()
        ...     print(search.best, search.bound, search.n_settled)
        [(0.876, 0)] 0.876 10000
    """

    @property
    def best(self) -> list[tuple[float, int]]:
        """The best candidates so far as (score, index), best first, equal scores by index."""

    @property
    def n_settled(self) -> int:
        """How many candidates were scored or proven to be no better."""

    @property
    def n_scored(self) -> int:
        """How many candidates were scored, each counted once."""

    @property
    def bound(self) -> float:
        """The best score that is still possible."""

    @property
    def finished(self) -> bool:
        """Whether every candidate is settled."""

    @property
    def steps(self) -> int:
        """How many steps were taken, in the search's own unit."""

    def steps_ahead(self) -> float:
        """Estimate how many steps are left."""

    @property
    def memory(self) -> int:
        """About how many bytes it needs at the most."""

    def advance(self) -> None:
        """Take some steps, of some milliseconds.

        Raises:
            ActivationError, ScoringError: what one declares turned out to be false.
        """

    def state(self) -> JSON:
        """Write down, between two steps, all that decides how the search goes on, for `EngineChoice.resume`."""


def seconds_ahead(search: Search, spent: float) -> float:
    """Estimate how long a search takes still, which has taken so many seconds, from the steps that it sees ahead."""
    return spent * search.steps_ahead() / max(search.steps, 1)


@final
@dataclass(frozen=True, slots=True)
class EngineChoice:
    """How an engine goes about a problem.

    Attributes:
        name: of the engine that does the work.
        reason: why that one.
        search: starts a search for so many best candidates; None: candidates are scored, all of them.
        resume: makes the search that went as far as a state, which comes from a file and is not to be trusted, and
            raises a CheckpointError if it is none; None: a search that was broken off is begun again.
        falls_back: whether scoring all candidates is to take its place once that turns out to be sooner.

    Example:
        >>> EngineChoice('batched', 'asked for').search is None
        True
    """

    name: str
    reason: str
    search: Callable[[int], Search] | None = None
    resume: Callable[[int, JSON], Search] | None = None
    falls_back: bool = False


class Engine(ABC):
    """Base of all engines. Its scores are those of the plain loop, to the bit.

    Attributes:
        name: what a user calls it.
        threads: whether `score` may be called on several threads at once.

    Example:
        >>> import numpy as np
        >>> from numpy.typing import NDArray
        >>> from minigrid import FloatArray, Grid, GridSearchTrainer, Network, Problem
        >>> class Loop(Engine):
        ...     name = "loop"
        ...
        ...     def score(self, problem: Problem, digits: NDArray[np.int64]) -> FloatArray:
        ...         return np.array([problem.score(parameters) for parameters in problem.space.values_at(digits)])
        ...
        ...     def chunk_size(self, problem: Problem) -> int:
        ...         return 100
        ...
        ...     def memory(self, problem: Problem, n_candidates: int) -> int:
        ...         return 8 * n_candidates * problem.n_samples
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), engine=Loop())
        >>> trainer.fit(Network.dense([1, 1]), [[-1.0], [1.0]], [0, 1]).score
        1.0
    """

    name: str = "engine"
    threads: bool = False

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def choose(self, problem: Problem, *, whole: bool = True) -> EngineChoice:
        """Say how a problem is searched; unless an engine knows better, by scoring all candidates.

        Args:
            problem: what is searched.
            whole: whether that is the whole space, and not candidates of somebody's choice.

        Raises:
            ActivationError, ScoringError: what one declares is false.
        """
        return EngineChoice(self.name, "asked for")

    @abstractmethod
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        """Score some candidates.

        Args:
            problem: what is searched.
            digits: shape (n_candidates, n_parameters), each candidate's positions in the grids.

        Returns:
            Their scores, shape (n_candidates,).

        Raises:
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
        """

    @abstractmethod
    def chunk_size(self, problem: Problem) -> int:
        """How many candidates one call of `score` may be given, so that its memory stays bounded."""

    @abstractmethod
    def memory(self, problem: Problem, n_candidates: int) -> int:
        """About how many bytes one call of `score` needs for that many candidates."""
