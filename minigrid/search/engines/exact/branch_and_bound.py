"""The search over boxes: split the most promising boxes, bound the halves, prune where possible.

The scoring engine computes every score, bit for bit as the plain loop does. `proof.py` says what is proven when no box
is left. If a candidate scores better than the bound of a box that contains it, a declaration of an activation or a
scoring is false. The search then raises an error instead of returning an answer.
"""

import math
from collections.abc import Callable
from typing import final

import numpy as np

from minigrid._base.codec import pack, unpack, write_int
from minigrid._base.fields import Fields
from minigrid._base.halting import Halted, slices, unhalted
from minigrid._base.mixed_radix import all_digits
from minigrid._base.typing import JSON, BoolArray, FloatArray, IntArray, override
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.descents import Descents
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounder import MANY_SAMPLES, Bounder
from minigrid.search.engines.exact.cache import CACHE_BYTES, CACHE_LOGS_BYTES
from minigrid.search.engines.exact.declared import disproved
from minigrid.search.engines.exact.estimate import Opened, work_ahead
from minigrid.search.engines.exact.frontier import OPEN_BYTES
from minigrid.search.engines.exact.open_boxes import OpenBoxes
from minigrid.search.engines.exact.penalized import SmallWeights
from minigrid.search.engines.exact.proof import Proof
from minigrid.search.engines.exact.subproblem import SolvedSubproblem, Subproblem
from minigrid.search.engines.exact.symmetry import find_interchangeable_neurons
from minigrid.search.problem import Problem

SMALL_BATCH = 32  # boxes that are split together at first
_BATCH_SUMS = 2**22  # samples to examine per batch, so that a batch takes a fraction of a second
_FEW_PARAMETERS = 8  # a search with more parameters takes longer
_TILES_BYTES = 2**25
_GROUP_BYTES = 200  # per sample, while groups are built
_TRIED = 16  # candidates to compare with the bounds before a search, if custom code computes the bounds
_COUNTS = ("n_climbed", "n_batches", "n_begun", "n_tried")
_DESCENDS_FROM = 2**13  # boxes: many searches need fewer, and no descent
_PROBES = 2  # boxes per batch whose middle is scored, to find a good candidate early


@final
class BranchAndBound(Proof):
    """A search over boxes of the grids, batch by batch."""

    _STATE = (*_COUNTS, "n_probed", "probed")

    def __init__(
        self,
        problem: Problem,
        bounder: Bounder,
        scorer: Scorer,
        top: int,
        *,
        smallest_batch: int = SMALL_BATCH,
        why_no_trees: str = "",
    ) -> None:
        """Open the root box.

        Args:
            problem: the problem to search.
            bounder: bounds boxes.
            scorer: scores candidates.
            top: the number of best candidates to keep.
            smallest_batch: the number of boxes to split together at first.
            why_no_trees: the reason why trees of outputs cannot be used although the problem allows them; "": none.
        """
        self.why_no_trees: str = why_no_trees
        grids = problem.space.grids
        swept = [len(grid) for grid in grids[bounder.n_axes :]]
        self._axes: Axes = Axes(grids[: bounder.n_axes])
        super().__init__(problem, self._axes, math.prod(swept), top)
        self._n_estimates = 0  # estimates made so far, each with its own random choices
        self._bounder = bounder
        self._scorer = scorer
        self._interchangeable = find_interchangeable_neurons(problem, self._axes) if top == 1 else None
        self._rows_at_once = max(1, scorer.chunk_size(problem) // self._n_inner)
        self._swept_digits = all_digits(swept)
        self._ahead = np.inf  # steps, when they were last estimated
        self._probed: set[bytes] = set()  # settings that were scored while a box around them was open
        self._points: list[IntArray] | None = None  # settings that were scored otherwise, if they are asked for
        self._n_climbed = 0
        self._descents = Descents(problem, scorer)
        self._descends = len(problem.network.layers) > 1  # the bounds of a single neuron are good guides
        self._n_batches = 0
        self._n_taken = 0  # processed candidates in the boxes that were taken
        needs_start = problem.penalty is not None and not bounder.heeds_penalty
        self._small = SmallWeights(problem, scorer) if needs_start else None
        most = _BATCH_SUMS // (problem.n_samples * max(1, len(grids) // _FEW_PARAMETERS))
        most = min(bounder.most_together, max(most, 1))
        self._smallest = min(smallest_batch, most)
        self._largest = max(self._smallest, most)
        if not problem.is_builtin:
            with np.errstate(all="ignore"):
                self._try_bounds(self._axes.root())

    def _try_bounds(self, root: Boxes) -> None:
        """Compare some candidates with the bounds of boxes around them, because custom declarations may be false."""
        generator = np.random.default_rng(0)
        points = generator.integers(root.low[0], root.high[0] + 1, size=(_TRIED, self._bounder.n_axes))
        digits, objectives = self._objectives(points)
        for share in (0.0, 0.02, 0.1, 0.5):
            reach = np.ceil(share * root.high).astype(np.int64)
            around = Boxes(np.maximum(points - reach, 0), np.minimum(points + reach, root.high))
            self._check(digits, objectives, around, self._bounder.bound(around))

    @override
    def _own_state(self) -> dict[str, JSON]:
        probed = np.frombuffer(b"".join(sorted(self._probed)), dtype=np.int64)
        return {
            "n_climbed": write_int(self._n_climbed),
            "n_batches": write_int(self._n_batches),
            "n_begun": write_int(self._descents.n_begun),
            "n_tried": write_int(self._descents.n_tried),
            "n_probed": len(self._probed),
            "probed": pack(probed.reshape(len(self._probed), self._bounder.n_axes)),
        }

    @override
    def _restore_own(self, fields: Fields) -> None:
        self._n_climbed, self._n_batches, self._descents.n_begun, self._descents.n_tried = (
            fields.integer(name) for name in _COUNTS
        )
        shape = (fields.integer("n_probed", 2**31), self._bounder.n_axes)
        self._probed = {ranks.tobytes() for ranks in unpack(fields["probed"], fields.where("probed"), shape)}

    @override
    def _most_examined(self) -> int:
        return self.n_scored + self._descents.n_begun + self._top

    @override
    def _take(self, count: int) -> OpenBoxes:
        self._bounder.shrink_cache()
        return super()._take(count)

    @override
    def _count_scored(self, solved: SolvedSubproblem) -> None:
        """Count scored candidates; a setting probed in one subproblem and scored again in another counts once."""
        for rows in (solved.probed, solved.points):
            self._add(n_scored=len(self._not_yet_probed(rows, np.arange(len(rows)))) * self._n_inner)
        self._probed.update(row.tobytes() for row in solved.probed)

    @override
    def _begin(self, subproblem: Subproblem) -> None:
        super()._begin(subproblem)
        # Scores from other subproblems are not known here: their answers may have been lost.
        self._probed, self._points = set(), []
        self._n_climbed = subproblem.steps // 8
        self._descends = False
        self._small = None

    @override
    def _solved(self, subproblem: Subproblem) -> SolvedSubproblem:
        probed = np.frombuffer(b"".join(self._probed), dtype=np.int64).reshape(len(self._probed), self._bounder.n_axes)
        points = np.concatenate(self._points) if self._points else probed[:0]
        left = self._take(len(self._frontier))
        return SolvedSubproblem(left, self.best, self.n_processed, 0, self.steps - subproblem.steps, 1, probed, points)

    @override
    def _advance(self) -> None:
        if self._small is not None and not self.steps:  # a search that is resumed may be further
            try:
                found = self._small.step(self.best)
                if found is not None:
                    self._try(self._axes.ranks(found[np.newaxis, : self._bounder.n_axes]))
            except Halted:
                return
            if not self._small.finished:
                return
        self._small = None
        size = min(max(self._smallest, self.steps // 16), self._largest)
        boxes, bounds = self._frontier.take(size)
        points = boxes.are_points()
        self._work_on(boxes[points], bounds[points], self._score)
        self._work_on(boxes[~points], bounds[~points], self._split)
        if self._descends and self.steps >= _DESCENDS_FROM and self._descents.n_tried <= self.steps // 16:
            self._descend()

    def _work_on(self, boxes: Boxes, bounds: FloatArray, work: Callable[[Boxes, FloatArray], None]) -> None:
        """Work on boxes that were taken. If the work is halted, open them again as though nobody had taken them."""
        if not len(boxes):
            return
        self._n_taken, n_scored = 0, self.n_scored
        try:
            work(boxes, bounds)
        except Halted:
            left_out = self.n_scored - max(n_scored, min(self.n_scored, len(self.best)))  # they will be scored again
            self._add(n_processed=-self._n_taken, n_scored=-left_out)
            self._open(boxes, bounds)

    def _mark_taken(self, boxes: Boxes) -> None:
        """Mark parts of the boxes that were taken as processed."""
        before = self.n_processed
        self._mark_processed(boxes)
        self._n_taken += self.n_processed - before

    def steps_ahead(self) -> float:
        """Estimate how many boxes are still to be bounded, assuming that those given away are like those here."""
        if self.finished:
            return 0.0
        if self.n_open:
            self._n_estimates += 1
            away = sum(subproblem.n_open for subproblem in self._away.values())
            with np.errstate(all="ignore"):
                ahead = work_ahead(self._frontier, self._expand, self._n_estimates, self._seconds_to_estimate)
            self._ahead = ahead * ((self.n_open + away) / self.n_open)
        return self._ahead

    def _expand(self, opened: Opened) -> tuple[Opened, float]:
        """Expand boxes, see `estimate.py`."""
        open_boxes = opened.boxes[~opened.boxes.are_points()]
        if not len(open_boxes):
            return Opened(open_boxes, opened.bounds[:0], opened.known), 0.0
        halves = self._bounder.halves(open_boxes)
        bounds = self._bounds(halves)
        left = np.flatnonzero(self._alive(halves, bounds, self._axes.first(halves)) & ~halves.are_points())
        return Opened(halves[left], bounds[left], opened.known), float(len(halves))

    @property
    def memory(self) -> int:
        """About how many bytes are needed at most: ranges of hidden neurons or groups, and the tiles of a batch."""
        n_samples = self._problem.n_samples
        if len(self._problem.network.layers) > 1:
            kept = CACHE_BYTES + CACHE_LOGS_BYTES
        else:
            kept = _GROUP_BYTES * n_samples if n_samples >= MANY_SAMPLES else 0
        return kept + 2 * OPEN_BYTES + _TILES_BYTES + 8 * n_samples * self._problem.network.n_parameters

    def _split(self, boxes: Boxes, bounds: FloatArray) -> None:
        """Split boxes, and open the halves that are not pruned."""
        halves = self._bounder.halves(boxes)
        self._bounder.promising()  # discard a point found elsewhere: it may be processed already
        bounds = self._bounds(halves)
        promising = self._bounder.promising()
        if promising is not None:
            self._try(promising)
        self._add(steps=len(halves))
        first = self._axes.first(halves)
        alive = self._alive(halves, bounds, first)
        self._mark_taken(halves[~alive])
        halves, bounds, first = halves[alive], bounds[alive], first[alive]
        self._n_batches += 1
        due = self._n_batches <= 8 or self._n_batches % 3 == 0
        if due and len(halves) and bounds.max() > self._incumbents.threshold:
            order = np.argsort(-bounds, kind="stable")[:_PROBES]
            if self._probe(halves[order], bounds[order]):
                self._climb(halves)
                alive = self._alive(halves, bounds, first)
                self._mark_taken(halves[~alive])
                halves, bounds, first = halves[alive], bounds[alive], first[alive]
        self._frontier.push(halves, bounds, first)

    def _bounds(self, boxes: Boxes) -> FloatArray:
        """Bound any number of boxes, one batch of halves at a time."""
        parts = [
            self._bounder.bound(boxes[part], self._incumbents.threshold)
            for part in slices(len(boxes), 2 * self._largest)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def _climb(self, halves: Boxes) -> None:
        """Improve the incumbent: set one parameter at a time to its value with the best bound.

        If the bounder improves its middles itself, there is nothing to improve here.

        Candidates in no open box (those `halves` count as open) are processed: they need no second score.
        """
        if self._bounder.improves:
            return
        point, whole = self._ranks_of_best(), self._bounder.whole
        axis, rank = self._axes.moves(whole)
        while self._n_climbed <= self.steps // 8:
            bounds = np.concatenate(
                [
                    self._bounder.bound(
                        self._axes.moved(point, whole, axis[part], rank[part]), self._incumbents.threshold
                    )
                    for part in slices(len(axis), 2 * self._largest)  # all boxes at once may need a gigabyte
                ]
            )
            self._n_climbed += len(bounds)
            best = int(np.argmax(np.nan_to_num(bounds, nan=-np.inf)))
            if not bounds[best] > self._sign * self.best[0][0]:
                return
            chosen = self._axes.moved(point, whole, axis[[best]], rank[[best]])
            middle = self._bounder.middles(chosen)[0]
            if not (halves.hold(middle).any() or self._frontier.holds(middle)):
                return
            if not self._probe(chosen, bounds[[best]]):
                return
            point = self._ranks_of_best()

    def _ranks_of_best(self) -> IntArray:
        digits = self._problem.space.digits([self.best[0][1]])
        ranks: IntArray = self._axes.ranks(self._axes.settings(digits))[0]
        return ranks

    def _descend(self) -> None:
        """Search for a better candidate from a random point; keep its objective only if it is the best."""
        found = self._descents.descend()
        if found is not None:
            self.offer(found)

    @override
    def offer(self, found: tuple[float, int]) -> None:
        super().offer(found)
        if found in self.best and not self._problem.is_builtin:  # custom declarations may be false
            digits = self._problem.space.digits([found[1]])
            ranks = self._axes.ranks(digits[:, : self._bounder.n_axes])
            point = Boxes(ranks, ranks)
            with np.errstate(all="ignore"), unhalted():
                self._check(digits, np.array([[found[0]]]), point, self._bounder.bound(point))

    @override
    def _alive(self, boxes: Boxes, bounds: FloatArray, first: IntArray) -> BoolArray:
        alive = super()._alive(boxes, bounds, first)
        if self._interchangeable is not None:
            alive &= ~self._interchangeable.are_repeated(boxes)
        return alive

    def _probe(self, boxes: Boxes, bounds: FloatArray) -> bool:
        """Score the middles of some boxes; return whether a better candidate was found."""
        middles = self._bounder.middles(boxes)
        among = np.arange(len(middles))
        if self._n_inner > 1 and self._problem.n_samples >= MANY_SAMPLES:  # bounding is much faster than scoring
            boxes = Boxes(middles, middles)
            bounds = self._bounds(boxes)
            among = np.flatnonzero(bounds > self._incumbents.threshold)
        new = self._not_yet_probed(middles, among)
        improved = bool(new) and self._score_rows(middles[new], boxes[np.array(new)], bounds[new])
        self._probed.update(middles[k].tobytes() for k in new)  # not before: scoring may be halted
        return improved

    def _try(self, ranks: IntArray) -> None:
        """Score a point, of shape (1, n_axes)."""
        if self._not_yet_probed(ranks, np.arange(1)):
            point = Boxes(ranks, ranks)
            self._score_rows(ranks, point, self._bounder.bound(point))
            self._probed.add(ranks[0].tobytes())

    def _score(self, points: Boxes, bounds: FloatArray) -> None:
        """Score boxes that are points, except those that were probed before."""
        alive = self._alive(points, bounds, self._axes.first(points))
        self._mark_taken(points)
        new = np.array(self._not_yet_probed(points.low, np.flatnonzero(alive)), dtype=np.int64)
        new = new[np.argsort(-bounds[new], kind="stable")]
        for part in slices(len(new), min(self._rows_at_once, _BATCH_SUMS // self._problem.n_samples)):
            some = new[part]
            some = some[bounds[some] >= self._incumbents.threshold]  # the previous part may have raised the threshold
            if some.size:
                self._score_rows(points.low[some], points[some], bounds[some])
                if self._points is not None:
                    self._points.append(points.low[some])

    def _not_yet_probed(self, ranks: IntArray, among: IntArray) -> list[int]:
        return [k for k in among.tolist() if ranks[k].tobytes() not in self._probed]

    def _score_rows(self, ranks: IntArray, boxes: Boxes, bounds: FloatArray) -> bool:
        """Score all values of the swept parameters for some settings of the others; return whether any is better.

        Args:
            ranks: the settings, shape (n_settings, n_axes).
            boxes: the boxes that hold the settings.
            bounds: the bounds of these boxes, shape (n_settings,).
        """
        improved = False
        for start in range(0, len(ranks), self._rows_at_once):
            some = slice(start, start + self._rows_at_once)
            digits, objectives = self._objectives(ranks[some])
            self._add(n_scored=len(digits))
            self._check(digits, objectives, boxes[some], bounds[some])
            improved |= self._incumbents.keep(self._sign * objectives.ravel(), digits)
        if improved:
            self._prune()
        return improved

    def _objectives(self, ranks: IntArray) -> tuple[IntArray, FloatArray]:
        """Score some settings: the positions of all candidates, and objectives of shape (n_settings, n_swept)."""
        held = self._axes.digits(ranks)
        swept = np.tile(self._swept_digits, (len(held), 1))
        digits = np.concatenate([held.repeat(self._n_inner, axis=0), swept], axis=1)
        return digits, self._scorer.objective(self._problem, digits).reshape(len(held), -1)

    def _check(self, digits: IntArray, objectives: FloatArray, boxes: Boxes, bounds: FloatArray) -> None:
        """Raise an error if a candidate is better than the bound of the box that holds it.

        Args:
            digits: the positions of the candidates, shape (n_settings * n_swept, n_parameters).
            objectives: the objectives of the candidates, shape (n_settings, n_swept).
            boxes: one box for each setting.
            bounds: the bounds of these boxes, shape (n_settings,).
        """
        signed = self._sign * objectives
        best = np.fmax.reduce(signed, axis=1)
        wrong = np.flatnonzero((best > bounds) | (np.isnan(bounds) & ~np.isnan(best)))
        if wrong.size:
            k = int(wrong[0])
            place = k * objectives.shape[1] + int(np.nanargmax(signed[k]))
            parameters = self._problem.space.values_at(digits[[place]])[0]
            swept = [grid.values for grid in self._problem.space.grids[self._bounder.n_axes :]]
            low = [*self._axes.values(boxes.low[[k]])[0].tolist(), *(float(values.min()) for values in swept)]
            high = [*self._axes.values(boxes.high[[k]])[0].tolist(), *(float(values.max()) for values in swept)]
            raise disproved(self._problem, parameters, np.array(low), np.array(high))
