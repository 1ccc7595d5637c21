"""The incumbents, which are the best candidates so far, and what a box must promise to be worth splitting.

Sound because a box is pruned only in two cases: its bound is below the worst incumbent, or equal to it while all
candidates of the box come later in the plain loop, which would not have taken them either. No box is pruned before
there are as many incumbents as you asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.exact.axes import BoxAxes, after
from minigrid.search.engines.exact.frontier import Frontier
from minigrid.search.problem import Problem
from minigrid.search.ranking import Best, Ranking, best_positions


@final
class Incumbents:
    """The best candidates so far.

    Attributes:
        threshold: what a signed objective (higher is better) must reach to be kept.
    """

    def __init__(self, problem: Problem, axes: BoxAxes, top: int) -> None:
        """Begin with none.

        Args:
            problem: the problem to search.
            axes: what boxes are made of, the first of its parameters.
            top: how many to keep.
        """
        self.threshold: float = -np.inf
        self._problem = problem
        self._space = problem.space
        self._axes = axes
        self._top = top
        self._sign = problem.sign
        self._ranking = Ranking((), top, problem.sign)
        self._worst_settings: IntArray | None = None  # positions of the worst kept candidate, on the axes

    @property
    def best(self) -> Best:
        """The candidates, as (objective, index), best first, equal ones by index."""
        return self._ranking.best

    @property
    def first(self) -> tuple[float, int] | None:
        """The best of them, if there is any."""
        return self._ranking.first

    def replace(self, best: Sequence[tuple[float, int]]) -> None:
        """Replace the kept candidates by others, in their order."""
        self._ranking = Ranking(best, self._top, self._sign)
        self.threshold, self._worst_settings = -np.inf, None
        self._note_worst()

    def keep(self, signed: FloatArray, digits: IntArray) -> bool:
        """Merge candidates into the best; tell whether these changed.

        Args:
            signed: their objectives, higher is better.
            digits: their positions in all grids, shape (n_candidates, n_parameters).
        """
        good = np.flatnonzero(signed >= self.threshold)
        good = good[(signed[good] > self.threshold) | ~self.are_later(digits[good])]
        if not good.size:
            return False
        by_index = good[np.lexsort(digits[good].T[::-1])]
        chosen = by_index[best_positions(signed[by_index], self._top, 1.0)]
        return self.merge(
            zip((self._sign * signed[chosen]).tolist(), self._space.indices_at(digits[chosen]), strict=True)
        )

    def score(self, scorer: Scorer, digits: IntArray, at_once: int) -> None:
        """Score candidates, and merge them into the best.

        Args:
            scorer: scores them.
            digits: as for `keep`.
            at_once: how many to score together, the scorer's `chunk_size`.
        """
        for some in slices(len(digits), at_once):
            self.keep(self._sign * scorer.objective(self._problem, digits[some]), digits[some])

    def merge(self, found: Iterable[tuple[float, int]]) -> bool:
        """Merge candidates, as (objective, index), into the best; tell whether these changed."""
        changed = self._ranking.add(found)
        if changed:
            self._note_worst()
        return changed

    def are_late(self, first: IntArray) -> BoolArray:
        """Tell which boxes have only candidates after the worst kept one; `first` is `Axes.first` of them."""
        return (
            np.zeros(len(first), dtype=np.bool_) if self._worst_settings is None else after(first, self._worst_settings)
        )

    @property
    def worst_settings(self) -> IntArray | None:
        """Return the ranks of the worst kept candidate on the axes; None while fewer are kept than asked for."""
        return self._worst_settings

    def are_later(self, digits: IntArray) -> BoolArray:
        """Tell which candidates, by their positions in all grids, come after the worst kept candidate."""
        worst = self._ranking.worst
        if worst is None:
            return np.zeros(len(digits), dtype=np.bool_)
        return after(digits, self._space.digits([worst[1]])[0])

    def are_alive(self, bounds: FloatArray, late: BoolArray) -> BoolArray:
        """Tell which boxes may hold a candidate that the plain loop would keep; boxes of bound NaN do not."""
        if self._worst_settings is None:
            return ~np.isnan(bounds)
        alive: BoolArray = (bounds > self.threshold) | ((bounds == self.threshold) & ~late)
        return alive

    def copy(self) -> "Incumbents":
        """Copy the candidates, so that others can be added separately."""
        other = Incumbents(self._problem, self._axes, self._top)
        other.take_over(self)
        return other

    def take_over(self, other: "Incumbents") -> None:
        """Keep the same candidates as another does, which may be of other axes."""
        self._ranking, self.threshold, self._worst_settings = other._ranking.copy(), -np.inf, None
        self._note_worst()

    def are_worth(self, bounds: FloatArray, first_of: Callable[[IntArray], IntArray]) -> BoolArray:
        """The same for boxes of which `Axes.first` matters only where bounds equal the threshold.

        Args:
            bounds: shape (n_boxes,).
            first_of: returns `Axes.first` of some of the boxes, by their positions among the bounds.
        """
        if self._worst_settings is None:  # every candidate is kept, even with an infinite objective
            return ~np.isnan(bounds)
        worth = bounds > self.threshold
        equal = np.flatnonzero(bounds == self.threshold)
        if equal.size:
            worth[equal] = ~after(first_of(equal), self._worst_settings)
        return worth

    def not_worth(self, frontier: Frontier) -> IntArray:
        """Find the open boxes that hold no such candidate, by their positions in `frontier.bounds`."""
        return np.flatnonzero(~self.are_worth(frontier.bounds, lambda some: self._axes.first(frontier.boxes(some))))

    def _note_worst(self) -> None:
        worst = self._ranking.worst
        if worst is not None:
            objective, index = worst
            self.threshold = self._sign * objective
            self._worst_settings = self._axes.settings(self._space.digits([index]))[0]
