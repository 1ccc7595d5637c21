"""The account of a search: what it counts over all its stages, what may end it, and who is told of it."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.memory import keep_freed_memory
from minigrid.search.candidate import Candidate, Improvement, StopReason
from minigrid.search.engines.base import Engine
from minigrid.search.events import Callback, SearchEvent
from minigrid.search.limits import Limits
from minigrid.search.parallel.backend import Backend, LocalThreads
from minigrid.search.problem import Problem
from minigrid.search.running.journal import Journal

Role: TypeAlias = Literal["space", "part", "neuron"]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Found:
    """What one run found.

    Attributes:
        best: the best candidates, best first; empty only if the search was stopped before.
        n_scored: how many were scored.
        complete: whether all there were are scored, or proven to be no better.
        bound: the best score still possible.

    Example:
        >>> from minigrid import Candidate
        >>> best = Candidate(1, np.array([1.0]), 0.5)
        >>> Found((best,), n_scored=2, complete=True, bound=0.5).best[0].score
        0.5
    """

    best: tuple[Candidate, ...]
    n_scored: int
    complete: bool
    bound: float


class Account(ABC):
    """What one search counts over all its stages, what may end it, and who is told of it; a Runner runs them."""

    def __init__(
        self,
        engine: Engine,
        *,
        limits: Limits | None = None,
        callbacks: Sequence[Callback] = (),
        top: int = 1,
        refusal: Callable[[float], Exception] | None = None,
        interrupted: Callable[[], bool] | None = None,
        journal: Journal | None = None,
        backend: Backend | None = None,
    ) -> None:
        """Start the clock.

        Args:
            engine: scores the candidates.
            limits: what may end the search early.
            callbacks: told of every event.
            top: how many of the best candidates to keep.
            refusal: makes the error to raise once a search turns out to take so many seconds more than
                a day; None: it goes on.
            interrupted: tells whether the user wants an end, looked at after each chunk; None: never.
            journal: what an earlier process found, and where to note what is found now; None: nothing, nowhere.
            backend: who does the work; None: this process.
        """
        self.refusal = refusal
        self.backend: Backend = LocalThreads() if backend is None else backend
        self.engine: Engine = engine
        self.top: int = top
        self.n_scored: int = 0
        self.n_pruned: int = 0
        self.choices: dict[str, str] = {}
        self.stop_reason: StopReason = "completed"
        self.journal: Journal = Journal() if journal is None else journal
        self.history: list[Improvement] = list(self.journal.history)
        self.limits: Limits = Limits() if limits is None else limits
        self._callbacks = tuple(callbacks)
        self._began = time.perf_counter()
        keep_freed_memory()
        self._interrupted = interrupted
        self.best_score: float | None = self.history[-1].score if self.history else None

    @abstractmethod
    def run(
        self,
        problem: Problem,
        *,
        stage: str,
        indices: range | Sequence[int] | None = None,
        top: int | None = None,
        role: Role = "space",
        prove: bool = True,
    ) -> Found:
        """Score candidates and keep the best; see `Runner.run`."""

    @property
    def target_score(self) -> float | None:
        """A score that is good enough to stop at."""
        return self.limits.target_score

    @property
    def seconds(self) -> float:
        """Since the search began, in all processes that had a part in it."""
        return self.journal.seconds + time.perf_counter() - self._began

    @property
    def has_listeners(self) -> bool:
        """Whether there is any callback to tell of events."""
        return bool(self._callbacks)

    def stopped(self) -> bool:
        """Whether a limit, a callback or the user ended the search; the clock and Ctrl-C are looked at here."""
        if self.journal.is_replaying:
            return False
        if self._interrupted is not None and self._interrupted():
            self.stop("interrupted")
        elif self.limits.seconds is not None and time.perf_counter() - self._began >= self.limits.seconds:
            self.stop("time_limit")
        return self.stop_reason != "completed"

    def stop(self, reason: StopReason) -> None:
        """End the search after the present chunk; the first reason given is the one that is told."""
        if self.stop_reason == "completed" and not self.journal.finished:
            self.stop_reason = reason

    def heed_target(self, problem: Problem, score: float) -> None:
        """End the search if a score of the whole network is as good as the target."""
        if self.target_score is not None and not problem.better(self.target_score, score):
            self.stop("target_score")

    def note_improvement(self, problem: Problem, score: float, index: int | None) -> None:
        """Write down a score of the whole network if it is the best so far, and see if it is the target.

        Strategies call it for what they find besides, such as the network that their stages add up to.
        """
        if self.best_score is not None and not problem.better(score, self.best_score):
            return
        self.best_score = score
        self.history.append(Improvement(self.seconds, self.n_scored, score, index))
        self.heed_target(problem, score)

    def settle(self, n_scored: int, n_pruned: int = 0) -> None:
        """Count candidates as scored or pruned."""
        self.n_scored += n_scored
        self.n_pruned += n_pruned

    def tell(self, event: SearchEvent) -> None:
        """Hand an event to every callback; stop if one of them says so."""
        for callback in self._callbacks:
            answer: object = callback(event)
            if isinstance(answer, bool | np.bool_) and answer:
                self.stop("callback")
