"""The counting search over boxes: drop or count whole boxes where possible, split the rest.

A candidate counts if its objective is at least as good as a threshold. Every candidate is processed once, according to
the bounds of its box:

| bounds of the objectives in a box | what happens to its candidates |
|---|---|
| even the best is below the threshold | none counts |
| even the worst reaches it | all count |
| neither, and some axis other than the last has several values | the box is split in two |
| neither, and every axis except the last has one value | the scoring engine scores each, bit for bit |

Bounds may cover all values of the last axis at once. The values are then processed one by one, and a box that is split
keeps the range of those that are still open.

If two neurons are interchangeable (`symmetry.py`), a candidate and its mirror image have the same objective. The
search then visits only boxes in which the first of the two neurons may have the lower setting. If it surely has the
lower setting, each counted candidate also counts for its mirror image. A box that contains its own mirror images is
counted once. Every other box is split.
"""

from typing import Protocol, final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.counting.bounds import SideBounds
from minigrid.search.engines.exact.counting.counts import Found, PairedCounts
from minigrid.search.engines.exact.symmetry import find_interchangeable_neurons
from minigrid.search.problem import Problem

_BATCH_SUMS = 2**21  # samples to examine per batch, so that a batch takes a fraction of a second


class CountingSearch(Protocol):
    """Counts the candidates whose objective is as good as a threshold, step by step."""

    @property
    def finished(self) -> bool:
        """Tell whether every candidate is processed."""

    @property
    def n_processed(self) -> int:
        """Return how many candidates are processed."""

    def found(self) -> Found:
        """Tell how many candidates count, as far as is known now."""

    def advance(self) -> None:
        """Process some candidates.

        Raises:
            ActivationError, ScoringError, PenaltyError: a custom one broke its contract.
        """


@final
class BoxSearch:
    """Counts over boxes of the grids."""

    def __init__(self, problem: Problem, bounds: SideBounds, scorer: Scorer, threshold: float) -> None:
        """Open the root box.

        Args:
            problem: the problem to search.
            bounds: the bounds of the objectives in boxes, from both sides.
            scorer: scores candidates.
            threshold: an objective.
        """
        self._problem = problem
        self._bounds = bounds
        self._scorer = scorer
        self._threshold = problem.sign * threshold
        self._axes = Axes(problem.space.grids)
        self._interchangeable = find_interchangeable_neurons(problem, self._axes)
        swapped = None if self._interchangeable is None else self._interchangeable.swapped
        self._counts = PairedCounts(self._axes.lengths, self._by_value, swapped)
        self._open: list[Boxes] = [self._axes.root()]  # those that are next come last
        each = bounds.few * self._axes.lengths[-1] if bounds.few > 1 else 1  # candidates of a small box, all scored
        self._at_once = int(np.clip(_BATCH_SUMS // (problem.n_samples * each), 1, bounds.most_together))

    @property
    def finished(self) -> bool:
        """Tell whether every candidate is processed."""
        return not self._open

    @property
    def n_processed(self) -> int:
        """Return how many candidates are processed."""
        return self._problem.space.size - sum(boxes.count() for boxes in self._open)

    def found(self) -> Found:
        """Tell how many candidates count, as far as is known now."""
        unknown = self._counts.emptied()
        for boxes in self._open:
            unknown.add(boxes, np.full(len(boxes), self._interchangeable is not None))
        return self._counts.found(unknown, self._problem.space.size)

    def advance(self) -> None:
        """Process some boxes, or split them."""
        boxes = self._open.pop()
        if len(boxes) > self._at_once:
            self._open.append(boxes[: -self._at_once])
            boxes = boxes[-self._at_once :]
        if self._interchangeable is not None:
            boxes = boxes[~self._interchangeable.are_repeated(boxes)]
        few = (boxes.high - boxes.low + 1)[:, :-1].astype(np.float64).prod(axis=1) <= self._bounds.few
        if few.any():
            self._process_points(self._points_of(boxes[few]))
        if not few.all():
            self._process(boxes[~few])

    def _process(self, boxes: Boxes) -> None:
        """Process the decided parts of some boxes, and split the rest."""
        all_count, in_doubt = self._decide(boxes)
        if self._interchangeable is not None:
            whole = (all_count == _in_range(boxes, all_count.shape[1])).all(axis=1)
            mixed = ~self._interchangeable.are_ordered(boxes) & ~(whole & self._interchangeable.are_closed(boxes))
            in_doubt[mixed] |= all_count[mixed]
            all_count[mixed] = False
        opened = np.flatnonzero(in_doubt.any(axis=1))
        own = in_doubt[opened]
        low, high = boxes.low[opened], boxes.high[opened]
        low[:, -1], high[:, -1] = own.argmax(axis=1), own.shape[1] - 1 - own[:, ::-1].argmax(axis=1)
        left = Boxes(low, high)
        all_count[opened] &= ~_in_range(left, own.shape[1])
        self._count(_with_last(boxes, all_count))
        if len(left):
            self._open.append(self._bounds.halves(left))

    def _points_of(self, boxes: Boxes) -> Boxes:
        """Split boxes until all axes but the last are points; omit mirror images that count elsewhere."""
        widths = (boxes.high - boxes.low + 1)[:, :-1]
        sizes = widths.prod(axis=1)
        own = np.repeat(np.arange(len(boxes)), sizes)
        number = joined_ranges(0, sizes)
        low, high = boxes.low[own], boxes.high[own]
        for k in range(widths.shape[1] - 1, -1, -1):
            number, rank = np.divmod(number, widths[own, k])
            low[:, k] += rank
        high[:, :-1] = low[:, :-1]
        points = Boxes(low, high)
        return points if self._interchangeable is None else points[~self._interchangeable.are_repeated(points)]

    def _process_points(self, boxes: Boxes) -> None:
        """Process boxes in which every axis but the last has one value."""
        all_count, in_doubt = self._decide(boxes)
        self._count(_with_last(boxes, all_count))
        chosen = np.flatnonzero(in_doubt.any(axis=1))
        if len(chosen):
            self._score(boxes[chosen], in_doubt[chosen])

    def _decide(self, boxes: Boxes) -> tuple[BoolArray, BoolArray]:
        """Tell for which values of the last axis all of a box counts, and for which some may: shape (n, n_values)."""
        sides, inside = self._bounds.bound(boxes, self._threshold), _in_range(boxes, self._axes.lengths[-1])
        # Minus infinity says nothing, not even that a candidate has a score.
        all_count = (sides.lower >= self._threshold) & (sides.lower > -np.inf) & inside
        return all_count, (sides.upper >= self._threshold) & inside & ~all_count

    def _count(self, boxes: Boxes) -> None:
        """Count boxes in which everything counts."""
        none = np.zeros(len(boxes), dtype=np.bool_)
        self._counts.add(boxes, none if self._interchangeable is None else self._interchangeable.are_ordered(boxes))

    def _score(self, points: Boxes, chosen: BoolArray) -> None:
        """Score points with all values of the last axis, and count the chosen ones that reach the threshold."""
        n_values = chosen.shape[1]
        order = np.lexsort(points.low.T[::-1])  # what has the first layers in common is scored together
        for some in slices(len(points), self._scorer.chunk_size(self._problem) // n_values):
            rows = order[some]
            ranks = np.repeat(points.low[rows], n_values, axis=0)
            ranks[:, -1] = np.tile(np.arange(n_values), len(rows))
            objectives: FloatArray = self._scorer.objective(self._problem, self._axes.digits(ranks))
            reached = self._problem.sign * objectives >= self._threshold  # which NaN never does
            ranks = ranks[reached & chosen[rows].ravel()]
            self._count(Boxes(ranks, ranks))

    def _by_value(self, by_rank: list[IntArray]) -> list[IntArray]:
        """Reorder counts of ranks to the order of the grids."""
        found = []
        for grid, of_ranks in zip(self._problem.space.grids, by_rank, strict=True):
            own = np.empty_like(of_ranks)
            own[np.argsort(grid.values, kind="stable")] = of_ranks
            found.append(own)
        return found


def _in_range(boxes: Boxes, n_values: int) -> BoolArray:
    """Tell which values of the last axis are in each box, shape (n_boxes, n_values)."""
    numbers = np.arange(n_values)
    inside: BoolArray = (boxes.low[:, -1:] <= numbers) & (numbers <= boxes.high[:, -1:])
    return inside


def _with_last(boxes: Boxes, chosen: BoolArray) -> Boxes:
    """Make boxes of only some values of the last axis, shape (n_boxes, n_values): one for each run of them."""
    edges = np.diff(chosen.astype(np.int8), axis=1, prepend=np.int8(0), append=np.int8(0))
    rows, first = np.nonzero(edges == 1)
    low, high = boxes.low[rows], boxes.high[rows]
    low[:, -1], high[:, -1] = first, np.nonzero(edges == -1)[1] - 1
    return Boxes(low, high)
