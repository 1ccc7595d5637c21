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

from minigrid._typing import JSON
from minigrid.search.exact.proof import Proof
from minigrid.search.exact.shares import SearchedShare, Share
from minigrid.search.spread.crew import Crew, Errand, Goal
from minigrid.search.spread.tasks import SearchBoxes

_SECONDS = 0.5  # that a share is searched for
_SHORT = 0.1  # that it is while there are too few boxes to go round
_FIRST_COUNT, _LEAST_COUNT, _LARGEST_COUNT = 2**12, 2**8, 2**15  # boxes in a share: few are split slowly


@final
class SharedProof:
    """A search in steps, as `Search` has them, of which most are taken elsewhere."""

    def __init__(
        self, proof: Proof, crew: Crew, goal: Callable[[], Goal], *, top: int, name: str, alone: float
    ) -> None:
        """Begin.

        Args:
            proof: a proof that has just begun.
            crew: the workers.
            goal: makes ready what they are told of the problem.
            top: how many of the best candidates to keep.
            name: of the stage, for errors.
            alone: seconds that the proof goes on here first; many need no more.
        """
        self._proof = proof
        self._crew = crew
        self._make_goal = goal
        self._goal: Goal | None = None
        self._top = top
        self._name = name
        self._alone = alone
        self._began = time.perf_counter()
        self._count = _FIRST_COUNT
        self._under_way: dict[Errand, Share] = {}
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
        here, away = self._proof.n_open, sum(len(share.part) for share in self._under_way.values())
        if here:
            self._ahead = self._proof.steps_ahead() * ((here + away) / here)
        return self._ahead

    @property
    def memory(self) -> int:
        """About how many bytes are needed here."""
        return self._proof.memory

    def state(self) -> JSON:
        """Write down how far the search is; what is under way is still open."""
        return self._proof.state([share.part for share in self._under_way.values()])

    def advance(self) -> None:
        """Go on alone for a moment; then keep the workers busy, and take in what they have found.

        Raises:
            WorkerError: workers were lost with the same boxes again and again; what was found so far stands.
            ActivationError, ScoringError: what one declares turned out to be false.
        """
        if not self._under_way and (self._goal is None and time.perf_counter() - self._began < self._alone):
            self._proof.advance()
            return
        self._hand_out()
        self._crew.wait(self._under_way)
        for errand in [errand for errand in self._under_way if errand.answer is not None]:
            share = self._under_way.pop(errand)
            assert errand.answer is not None
            searched = errand.answer.value
            assert isinstance(searched, SearchedShare)
            with np.errstate(all="ignore"):
                self._take_in(share, searched, errand.answer.seconds)
            self._hand_out()

    def recall(self) -> None:
        """Open here again what is under way, as though it had not been handed out; what comes of it is not heard."""
        self._crew.abandon(self._under_way)
        for share in self._under_way.values():
            self._proof.take_back(share.part)
        self._under_way.clear()

    def _hand_out(self) -> None:
        window = self._crew.window
        while len(self._under_way) < window and not self._proof.finished:
            if self._goal is None:
                self._goal = self._make_goal()
            fair = self._proof.n_open // (window - len(self._under_way))
            count = min(self._count, max(fair, _LEAST_COUNT))
            seconds = _SHORT if fair < _LEAST_COUNT else _SECONDS
            share = self._proof.hand_over(count)
            name = f"{len(share.part):,} open {'box' if len(share.part) == 1 else 'boxes'} of {self._name}"
            self._under_way[self._crew.hand_out(name, SearchBoxes(share, self._top, seconds), self._goal)] = share

    def _take_in(self, share: Share, searched: SearchedShare, seconds: float) -> None:
        self._proof.take_in(searched)
        if not len(searched.left) and seconds < 0.5 * _SECONDS:
            self._count = min(2 * self._count, _LARGEST_COUNT)
        elif len(searched.left) > 4 * len(share.part):
            self._count = max(self._count // 2, _LEAST_COUNT)
        if self.finished and self.n_settled != self._proof.n_candidates:
            raise AssertionError("shares of a finished search hold every candidate once")
