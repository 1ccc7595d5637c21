"""A proof whose boxes are searched by several workers.

The proof itself stays here: the frontier, what is settled, and the best. A worker is given some of its boxes, with
the bounds they have and the best that is known, searches them for about half a second and sends back what is still
open of them. So at any time every candidate is in one of the boxes here, in one that is under way, or settled. What
a worker prunes, it prunes because of candidates that somebody has scored; the order in which that happens decides how
long a search takes and how many candidates it scores, but not what it finds: as for the proof on its own, nothing is
left out but what the plain loop would not take either.
"""

import time
from collections.abc import Callable
from typing import final

import numpy as np

from minigrid._base.typing import JSON
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.subproblem import SolvedSubproblem, Subproblem
from minigrid.search.parallel.pool import Job, JobTarget, WorkerPool
from minigrid.search.parallel.tasks import SearchSubproblem

_SECONDS = 0.5  # that a subproblem is searched for
_SHORT = 0.1  # that it is while there are too few boxes to go round
_FIRST_COUNT, _LEAST_COUNT, _LARGEST_COUNT = 2**12, 2**8, 2**15  # boxes in a subproblem: few are split slowly


@final
class DistributedSearch:
    """A search in steps, as `Search` has them, of which most are taken elsewhere."""

    def __init__(
        self,
        proof: BranchAndBound,
        pool: WorkerPool,
        target: Callable[[], JobTarget],
        *,
        top: int,
        name: str,
        alone: float,
    ) -> None:
        """Begin.

        Args:
            proof: a proof that has just begun.
            pool: the workers.
            target: makes ready what they are told of the problem.
            top: how many of the best candidates to keep.
            name: of the stage, for errors.
            alone: seconds that the proof goes on here first; many need no more.
        """
        self._proof = proof
        self._pool = pool
        self._make_target = target
        self._target: JobTarget | None = None
        self._top = top
        self._name = name
        self._alone = alone
        self._began = time.perf_counter()
        self._count = _FIRST_COUNT
        self._under_way: dict[Job, Subproblem] = {}
        self._ahead = float("inf")

    @property
    def best(self) -> list[tuple[float, int]]:
        """The best candidates so far."""
        return self._proof.best

    @property
    def n_settled(self) -> int:
        """How many candidates were scored or pruned, as far as is known here."""
        return self._proof.n_settled

    @property
    def n_scored(self) -> int:
        """How many candidates were scored, each counted once."""
        return self._proof.n_scored

    @property
    def bound(self) -> float:
        """The best score still possible, in boxes that are under way too."""
        return self._proof.bound_beside(max((s.part.bound for s in self._under_way.values()), default=-np.inf))

    @property
    def finished(self) -> bool:
        """Whether no box is open anywhere."""
        return self._proof.finished and not self._under_way

    @property
    def steps(self) -> int:
        """How many boxes were bounded so far."""
        return self._proof.steps

    def steps_ahead(self) -> float:
        """Estimate how many boxes are still to be bounded, as though those under way were like those here."""
        here, away = self._proof.n_open, sum(len(subproblem.part) for subproblem in self._under_way.values())
        if here:
            self._ahead = self._proof.steps_ahead() * ((here + away) / here)
        return self._ahead

    @property
    def memory(self) -> int:
        """About how many bytes are needed here."""
        return self._proof.memory

    def state(self) -> JSON:
        """Write down how far the search is; what is under way is still open."""
        return self._proof.state([subproblem.part for subproblem in self._under_way.values()])

    def advance(self) -> None:
        """Go on alone for a moment; then keep the workers busy, and take in what they have found.

        Raises:
            WorkerError: workers were lost with the same boxes again and again; what was found so far stands.
            ActivationError, ScoringError: what one declares turned out to be false.
        """
        if not self._under_way and (self._target is None and time.perf_counter() - self._began < self._alone):
            self._proof.advance()
            return
        self._hand_out()
        self._pool.wait(self._under_way)
        for job in [job for job in self._under_way if job.answer is not None]:
            subproblem = self._under_way.pop(job)
            assert job.answer is not None
            searched = job.answer.value
            assert isinstance(searched, SolvedSubproblem)
            with np.errstate(all="ignore"):
                self._take_in(subproblem, searched, job.answer.seconds)
            self._hand_out()

    def recall(self) -> None:
        """Open here again what is under way, as though it had not been handed out; what comes of it is not heard."""
        self._pool.cancel(self._under_way)
        for subproblem in self._under_way.values():
            self._proof.reopen(subproblem.part)
        self._under_way.clear()

    def _hand_out(self) -> None:
        window = self._pool.window
        while len(self._under_way) < window and not self._proof.finished:
            if self._target is None:
                self._target = self._make_target()
            fair = self._proof.n_open // (window - len(self._under_way))
            count = min(self._count, max(fair, _LEAST_COUNT))
            seconds = _SHORT if fair < _LEAST_COUNT else _SECONDS
            subproblem = self._proof.split_off(count)
            name = f"{len(subproblem.part):,} open {'box' if len(subproblem.part) == 1 else 'boxes'} of {self._name}"
            self._under_way[self._pool.submit(name, SearchSubproblem(subproblem, self._top, seconds), self._target)] = (
                subproblem
            )

    def _take_in(self, subproblem: Subproblem, searched: SolvedSubproblem, seconds: float) -> None:
        self._proof.take_in(searched)
        if not len(searched.left) and seconds < 0.5 * _SECONDS:
            self._count = min(2 * self._count, _LARGEST_COUNT)
        elif len(searched.left) > 4 * len(subproblem.part):
            self._count = max(self._count // 2, _LEAST_COUNT)
        if self.finished and self.n_settled != self._proof.n_candidates:
            raise AssertionError("subproblems of a finished search hold every candidate once")
