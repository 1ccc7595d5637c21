"""The search: drop boxes in which nothing counts, count boxes in which everything does, split or score the rest.

What counts is an objective that is as good as a threshold. Every candidate is settled once, by what is sure to hold:

| bounds of the objectives in a box | what becomes of its candidates |
|---|---|
| even the best is below the threshold | none counts |
| even the worst reaches it | all count |
| neither, and some outer axis is no point | the box is cut in two, with the cells that are still open |
| neither, and all outer axes are points | each is scored by the engine that scores, to the bit |

Where two neurons can be swapped (`symmetry.py`), a candidate and its twin have the same objective. Only boxes are searched in
which the first of the two has the lower setting; what is counted there is counted once more with the axes swapped.
"""

from typing import NamedTuple, final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.batched.forward import slices
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.counting.bounds import PenaltySides, SideBounds, Sides
from minigrid.search.engines.exact.counting.cells import Cells
from minigrid.search.engines.exact.counting.counts import Counts
from minigrid.search.engines.exact.symmetry import find_twins
from minigrid.search.problem import Problem

_BATCH_SUMS = 2**22  # samples that are looked at in a batch, so that it takes a fraction of a second
_MOST_BOXES = 4096  # that are looked at together
_MOST_CELLS = 2**20  # of boxes that are looked at together


class Found(NamedTuple):
    """How many candidates count, as far as is known.

    Attributes:
        at_least: that many are known to count.
        at_most: all others are known not to.
        by_value: for each parameter, how many with each value of its grid count: at least, and at most.
    """

    at_least: int
    at_most: int
    by_value: list[tuple[list[int], list[int]]]


@final
class CountingSearch:
    """Counts the candidates whose objective is as good as a threshold, one batch of boxes after another."""

    def __init__(self, problem: Problem, bounds: SideBounds, scorer: Scorer, threshold: float) -> None:
        """Open the box of everything.

        Args:
            problem: what is searched.
            bounds: bounds boxes from both sides.
            scorer: scores candidates.
            threshold: an objective.
        """
        self._problem = problem
        self._bounds = bounds
        self._scorer = scorer
        self._threshold = problem.sign * threshold
        self._axes = Axes(problem.space.grids)
        self._penalty = PenaltySides(problem)
        # Twins cost the same but for rounding, so with a penalty none stands for the other.
        self._twins = find_twins(problem, self._axes) if problem.penalty is None else None
        cells = bounds.cells
        self._n_outer = len(self._axes.lengths) - len(cells.lengths)
        self._once, self._twice = (Counts(self._axes.lengths[: self._n_outer], cells) for _ in range(2))
        root = self._axes.root().high[:, : self._n_outer]
        high = np.concatenate([root, [[len(cells) - 1]]], axis=1)
        self._open: list[Boxes] = [Boxes(np.zeros_like(high), high)]  # those that are next come last
        self._at_once = int(np.clip(_BATCH_SUMS // problem.n_samples, 1, _MOST_BOXES))

    @property
    def finished(self) -> bool:
        """Whether every candidate is settled."""
        return not self._open

    @property
    def n_settled(self) -> int:
        """How many candidates are settled."""
        return self._problem.space.size - sum(self._volume(boxes) for boxes in self._open)

    def found(self) -> Found:
        """Tell how many candidates count, as far as is known now."""
        unknown = Counts(self._axes.lengths[: self._n_outer], self._bounds.cells)
        for boxes in self._open:
            for some in slices(len(boxes), max(1, _MOST_CELLS // len(self._bounds.cells))):
                unknown.add(self._outer(boxes[some]), self._in_range(boxes[some]))
        both = 1 if self._twins is None else 2
        at_least = self._once.total + both * self._twice.total
        size = self._problem.space.size
        known, ahead, once = self._swapped_too(self._twice), self._swapped_too(unknown), self._once.by_value()
        by_value = []
        for k, length in enumerate(self._axes.lengths):
            least = once[k] + known[k]
            most = np.minimum(least + ahead[k], size // length)
            by_value.append((self._by_position(k, least), self._by_position(k, most)))
        return Found(at_least, min(at_least + both * unknown.total, size), by_value)

    def advance(self) -> None:
        """Settle some boxes, or split them.

        Raises:
            ActivationError, ScoringError, PenaltyError: a custom one broke its contract.
        """
        boxes = self._take()
        if self._twins is not None:
            boxes = boxes[~self._twins.are_repeated(boxes)]
        points = (boxes.low == boxes.high)[:, : self._n_outer].all(axis=1)
        self._look_at_points(boxes[points])
        self._look(boxes[~points])

    def _take(self) -> Boxes:
        boxes = self._open.pop()
        if len(boxes) > self._at_once:
            self._open.append(boxes[: -self._at_once])
            boxes = boxes[-self._at_once :]
        return boxes

    def _look(self, boxes: Boxes) -> None:
        """Settle what is sure of some boxes, and split the rest."""
        if not len(boxes):
            return
        sides = self._objectives(boxes)
        shape = (len(boxes), len(self._bounds.cells))
        within = self._in_range(boxes)
        all_count = np.broadcast_to(sides.worst >= self._threshold, shape) & within
        if self._twins is not None:
            all_count &= self._twins.are_ordered(boxes)[:, np.newaxis]
        unsettled = np.broadcast_to(sides.best >= self._threshold, shape) & within & ~all_count
        # Cells between two that are open stay open, too: boxes hold ranges of cells.
        is_open = unsettled.any(axis=1)
        first, last = unsettled.argmax(axis=1), shape[1] - 1 - unsettled[:, ::-1].argmax(axis=1)
        numbers = np.arange(shape[1])
        between = is_open[:, np.newaxis] & (first[:, np.newaxis] <= numbers) & (numbers <= last[:, np.newaxis])
        self._count(boxes, all_count & ~between)
        if is_open.any():
            low, high = boxes.low[is_open], boxes.high[is_open]  # copies, as chosen by a mask
            low[:, -1], high[:, -1] = first[is_open], last[is_open]
            self._open.append(self._bounds.halves(Boxes(low, high)))

    def _look_at_points(self, boxes: Boxes) -> None:
        """Settle boxes whose outer axes are points."""
        for some in slices(len(boxes), max(1, _MOST_CELLS // len(self._bounds.cells))):
            own = boxes[some]
            sides, within = self._objectives(own), self._in_range(own)
            all_count = (sides.worst >= self._threshold) & within
            self._count(own, all_count)
            unsettled = (sides.best >= self._threshold) & within & ~all_count
            chosen = np.flatnonzero(unsettled.any(axis=1))
            self._score(own[chosen], unsettled[chosen])

    def _objectives(self, boxes: Boxes) -> Sides:
        scores = self._bounds.bound(boxes)
        return scores if self._problem.penalty is None else self._penalty.apply(boxes, scores)

    def _count(self, boxes: Boxes, cells: BoolArray) -> None:
        """Count cells of boxes, shape (n_boxes, n_cells), in which everything counts."""
        some = cells.any(axis=1)
        boxes, cells = boxes[some], cells[some]
        if not len(boxes):
            return
        twice = np.zeros(len(boxes), dtype=np.bool_) if self._twins is None else self._twins.are_ordered(boxes)
        for counts, which in (self._once, ~twice), (self._twice, twice):
            counts.add(self._outer(boxes[which]), cells[which])

    def _score(self, points: Boxes, cells: BoolArray) -> None:
        """Score cells of settings of the outer axes, and count those candidates that reach the threshold."""
        if not len(points):
            return
        own = self._bounds.cells
        if len(own.lengths) == 1:  # all values of the last axis together are scored fastest
            step = max(1, self._scorer.chunk_size(self._problem) // len(own))
            order = np.lexsort(points.low.T[::-1])
            for some in slices(len(points), step):
                rows = order[some]
                ranks = np.repeat(points.low[rows], len(own), axis=0)
                ranks[:, -1] = np.tile(np.arange(len(own)), len(rows))
                self._count_scored(ranks, self._scores(ranks) & cells[rows].ravel())
            return
        for k in range(len(points)):
            _, inner = own.settings_in(np.flatnonzero(cells[k]))
            for some in slices(len(inner), self._scorer.chunk_size(self._problem)):
                held = np.tile(points.low[k, : self._n_outer], (len(inner[some]), 1))
                ranks = np.concatenate([held, inner[some]], axis=1)
                self._count_scored(ranks, self._scores(ranks))

    def _scores(self, ranks: IntArray) -> BoolArray:
        """Tell which candidates reach the threshold; NaN reaches nothing."""
        objectives: FloatArray = self._scorer.objective(self._problem, self._axes.digits(ranks))
        reached: BoolArray = self._problem.sign * objectives >= self._threshold
        return reached

    def _count_scored(self, ranks: IntArray, which: BoolArray) -> None:
        ranks = ranks[which]
        twice = np.zeros(len(ranks), dtype=np.bool_)
        if self._twins is not None:
            twice = self._twins.are_ordered(Boxes(ranks, ranks))
        self._once.add_candidates(ranks[~twice])
        self._twice.add_candidates(ranks[twice])

    def _outer(self, boxes: Boxes) -> Boxes:
        return boxes.columns(slice(0, self._n_outer))

    def _in_range(self, boxes: Boxes) -> BoolArray:
        """Which cells are in each box, shape (n_boxes, n_cells)."""
        numbers = np.arange(len(self._bounds.cells))
        inside: BoolArray = (boxes.low[:, -1:] <= numbers) & (numbers <= boxes.high[:, -1:])
        return inside

    def _volume(self, boxes: Boxes) -> int:
        """How many candidates some boxes hold, exactly."""
        starts = self._bounds.cells.starts
        sizes = starts[boxes.high[:, -1] + 1] - starts[boxes.low[:, -1]]
        outer = self._outer(boxes)
        return Boxes(
            np.concatenate([outer.low, np.ones((len(boxes), 1), dtype=np.int64)], axis=1),
            np.concatenate([outer.high, sizes[:, np.newaxis]], axis=1),
        ).count()

    def _swapped_too(self, counts: Counts) -> list[IntArray]:
        """Counts of each rank, with those of the twins of what was counted."""
        own = counts.by_value()
        return own if self._twins is None else [own[k] + own[other] for k, other in enumerate(self._twins.swapped)]

    def _by_position(self, k: int, of_ranks: IntArray) -> list[int]:
        """Put counts in the order of a grid."""
        order = np.argsort(self._problem.space.grids[k].values, kind="stable")
        found = np.empty_like(of_ranks)
        found[order] = of_ranks
        return [int(count) for count in found]
