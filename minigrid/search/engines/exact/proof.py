"""The parts that every proof shares: open boxes, incumbents, the count of processed candidates, and subproblems.

Invariant: every candidate either lies in exactly one open box or is processed, which means that it is scored or proven
to be no better. The number of processed candidates is the number that no open box contains, so the two always add up
to the whole space. A box is pruned only in two cases: its bound is below the worst incumbent, or equal to it while all
candidates of the box come later in the plain loop, which would not have taken them either.
"""

import time
from abc import ABC, abstractmethod

import numpy as np

from minigrid._base.codec import damaged, read_best, write_best, write_int
from minigrid._base.fields import Fields
from minigrid._base.typing import JSON, BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.axes import BoxAxes, Boxes
from minigrid.search.engines.exact.frontier import Frontier
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.open_boxes import OpenBoxes
from minigrid.search.engines.exact.subproblem import SolvedSubproblem, Subproblem
from minigrid.search.problem import Problem

_ESTIMATE, _ESTIMATE_SHARE = 0.4, 0.15  # seconds, and the fraction of the time since the search began


class Proof(ABC):
    """A search of a whole space, in steps.

    Attributes:
        n_processed: how many candidates were scored or proven to be no better.
        n_scored: how many were scored.
        steps: how many boxes were examined.
    """

    _STATE: tuple[str, ...]
    _UNIT: int = 1  # the work of one box, relative to boxes of other searches

    def __init__(self, problem: Problem, axes: BoxAxes, n_inner: int, top: int) -> None:
        """Open the root box.

        Args:
            problem: the problem to search.
            axes: what boxes are made of.
            n_inner: how many settings the parameters have that no axis stands for.
            top: the number of best candidates to keep.
        """
        self.n_processed: int = 0
        self.n_scored: int = 0
        self.steps: int = 0
        self._made = time.perf_counter()
        self._problem, self._axes, self._n_inner, self._top = problem, axes, n_inner, top
        self._sign = problem.sign
        self._to_process = problem.space.size
        self._away: dict[int, Subproblem] = {}  # given to a worker, by identity: still open
        self._incumbents = Incumbents(problem, axes, top)
        self._frontier = Frontier(axes)
        root = axes.root()
        self._frontier.push(root, np.array([np.inf]), axes.first(root))

    def state(self) -> JSON:
        """Return everything that decides how the search continues, as JSON; boxes given away count as open."""
        parts = [self._frontier.open_boxes(), *(away.boxes for away in self._away.values())]
        return {
            "best": write_best(self.best),
            "n_processed": write_int(self.n_processed),
            "n_scored": write_int(self.n_scored),
            "steps": write_int(self.steps),
            **self._own_state(),
            "open": OpenBoxes.together(parts).state(),
        }

    def restore(self, state: JSON) -> None:
        """Resume from the result of `state`, as if uninterrupted.

        Raises:
            CheckpointError: no state of such a search.
        """
        fields = Fields(state, "search").only(("best", "n_processed", "n_scored", "steps", *self._STATE, "open"))
        size = self._problem.space.size
        best = read_best(fields["best"], fields.where("best"), size=size, top=self._top, sign=self._sign)
        self.n_processed, self.n_scored = (fields.integer(name, size) for name in ("n_processed", "n_scored"))
        self.steps = fields.integer("steps")
        self._restore_own(fields)
        left = OpenBoxes.read(fields["open"], self._axes.lengths, fields.where("open"))
        if not self._axes.are_boxes(left.boxes) or self.n_processed + self._count(left.boxes) != size:
            raise damaged("search", "boxes that hold every candidate that is not processed", "others")
        if len(best) > self._most_examined():
            raise damaged("search", "no more candidates than were scored", best)
        self._incumbents.replace(best)
        self._frontier = Frontier(self._axes)
        self._frontier.push(left.boxes, left.bounds, self._axes.first(left.boxes))

    @abstractmethod
    def _own_state(self) -> dict[str, JSON]:
        """Return the other state that decides how the search continues, under the names in `_STATE`."""

    @abstractmethod
    def _restore_own(self, fields: Fields) -> None:
        """Restore the result of `_own_state`."""

    @abstractmethod
    def _most_examined(self) -> int:
        """The most candidates that may have been examined."""

    @property
    def best(self) -> list[tuple[float, int]]:
        """The best candidates so far as (objective, index), best first."""
        return list(self._incumbents.best)

    @property
    def bound(self) -> float:
        """The best objective still possible, signed as the scoring does."""
        open_bound = max(self._frontier.bound, *(away.boxes.bound for away in self._away.values()), -np.inf)
        open_bound = self._sign * min(open_bound, self._sign * self._problem.scoring.best_possible)
        best = self._incumbents.first
        if best is None:
            return open_bound
        return max(best[0], open_bound) if self._sign > 0 else min(best[0], open_bound)

    @property
    def finished(self) -> bool:
        """Tell whether no box is open."""
        return not len(self._frontier) and not self._away

    @property
    def _seconds_to_estimate(self) -> float:
        """Return how long an estimate may take: so little that you do not notice it while waiting for the end."""
        return _ESTIMATE + _ESTIMATE_SHARE * (time.perf_counter() - self._made)

    @property
    def n_open(self) -> int:
        """Return how much work is open here."""
        return len(self._frontier) * self._UNIT

    def offer(self, found: tuple[float, int]) -> None:
        """Accept a candidate that was scored elsewhere, as (objective, index)."""
        with np.errstate(all="ignore"):
            if self._incumbents.merge([found]):
                self._prune()

    def split_off(self, count: int) -> Subproblem:
        """Give away the best open boxes, up to this much work, to be searched separately."""
        subproblem = Subproblem(self._take(-(-count // self._UNIT)), self.best, self.steps, self._UNIT)
        self._away[id(subproblem)] = subproblem
        return subproblem

    def _take(self, count: int) -> OpenBoxes:
        return OpenBoxes.of(*self._frontier.take(min(count, len(self._frontier))))

    def reopen(self, subproblem: Subproblem) -> None:
        """Reopen boxes that were given away."""
        del self._away[id(subproblem)]
        with np.errstate(all="ignore"):
            self._open(subproblem.boxes.boxes, subproblem.boxes.bounds)

    def merge(self, subproblem: Subproblem, solved: SolvedSubproblem) -> None:
        """Merge the result of a subproblem."""
        del self._away[id(subproblem)]
        self.n_processed += solved.n_processed
        self.steps += solved.steps
        with np.errstate(all="ignore"):
            self._count_scored(solved)
            if self._incumbents.merge(solved.best):
                self._prune()
            self._open(solved.left.boxes, solved.left.bounds)
        self._check_balance()

    def solve(self, subproblem: Subproblem, seconds: float) -> SolvedSubproblem:
        """Search a subproblem alone, for about this many seconds, replacing all other state."""
        began = time.perf_counter()
        self._begin(subproblem)
        self.advance()
        while not self.finished and time.perf_counter() - began < seconds:
            self.advance()
        return self._solved(subproblem)

    def _begin(self, subproblem: Subproblem) -> None:
        self._frontier = Frontier(self._axes)
        self._incumbents.replace(subproblem.best)
        self.n_scored, self.n_processed, self.steps = 0, 0, subproblem.steps
        boxes = subproblem.boxes.boxes
        self._to_process = self._count(boxes)
        self._frontier.push(boxes, subproblem.boxes.bounds, self._axes.first(boxes))

    @abstractmethod
    def _solved(self, subproblem: Subproblem) -> SolvedSubproblem:
        """Return the result of a subproblem."""

    @abstractmethod
    def _count_scored(self, solved: SolvedSubproblem) -> None:
        """Count what was scored for a subproblem, each candidate once."""

    def advance(self) -> None:
        """Explore some boxes, and count the candidates that are processed."""
        with np.errstate(all="ignore"):
            self._advance()
        self._check_balance()

    @abstractmethod
    def _advance(self) -> None:
        """Take some boxes, and reopen their remaining parts."""

    def _check_balance(self) -> None:
        if self.finished and self.n_processed != self._to_process:
            raise AssertionError("the boxes of a finished search hold every candidate once")

    def _count(self, boxes: Boxes) -> int:
        return self._axes.count(boxes) * self._n_inner if len(boxes) else 0

    def _add(self, *, steps: int = 0, n_scored: int = 0, n_processed: int = 0) -> None:
        """Count what was done."""
        self.steps += steps
        self.n_scored += n_scored
        self.n_processed += n_processed

    def _mark_processed(self, boxes: Boxes) -> None:
        self.n_processed += self._count(boxes)

    def _open(self, boxes: Boxes, bounds: FloatArray) -> None:
        """Open the boxes that may still contain something better; count the others as processed."""
        first = self._axes.first(boxes)
        alive = self._alive(boxes, bounds, first)
        self._mark_processed(boxes[~alive])
        self._frontier.push(boxes[alive], bounds[alive], first[alive])

    def _alive(self, boxes: Boxes, bounds: FloatArray, first: IntArray) -> BoolArray:
        """Tell which boxes may hold a candidate that the plain loop would keep; `first` is `Axes.first` of them."""
        return self._incumbents.are_worth(bounds, lambda some: first[some])

    def _prune(self) -> None:
        """Prune the boxes that the new incumbent makes unnecessary."""
        which = self._incumbents.not_worth(self._frontier)
        if which.size:
            self._mark_processed(self._frontier.boxes(which))
            self._frontier.drop(which)
