"""Zoom: search a coarse grid over the given bounds, then finer and finer ones around the best."""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_int
from minigrid.exceptions import NoScoreError
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.search.space import Grid, SearchSpace
from minigrid.strategies.base import Strategy, ranked


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, repr=False)
class Zoom(Strategy):
    """Search a coarse grid, then a finer one around its best, level after level.

    Only the smallest and the largest value of each grid matter. The first level tries ``points`` evenly spaced values
    between them. Each further level covers one step of the level before on either side of the best so far, within the
    same bounds. Zoom returns the best of all levels, so the result is never worse than that of the first level. Its
    parameters are seldom values of your grids; if one is not, ``result.index`` is None.

    With a penalty, each level also tries 0 if it lies between the bounds.

    Args:
        points: how many values each parameter takes on each level, at least 3. Default 5.
        levels: how many levels to search, at least 1. Default 8.

    Raises:
        InvalidTypeError: ``points`` or ``levels`` is not a whole number.
        InvalidValueError: ``points`` is below 3, or ``levels`` below 1.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> result = GridSearchTrainer(Grid([-1, 0, 1]), strategy=Zoom(levels=4)).fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (1.0, False)
    """

    points: int = 5
    levels: int = 8

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", as_int(self.points, "points", minimum=3))
        object.__setattr__(self, "levels", as_int(self.levels, "levels", minimum=1))

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        coarse = problem.with_space(self._space(problem, *_bounds(problem)))
        return (PlannedStage(Stage("level", coarse), coarse.space.size * self.levels),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        lowest, highest = _bounds(problem)
        lower, upper = lowest, highest
        best: tuple[Candidate, ...] = ()
        for level in range(self.levels):
            finer = problem.with_space(self._space(problem, lower, upper))
            try:
                found = runner.run(Stage(f"level {level + 1} of {self.levels}", finer))
            except NoScoreError:
                if not best:
                    raise
                break
            if not found.best:
                break
            best = ranked(problem, [*best, *map(finer.lift, found.best)], runner.top)
            runner.note(best[0])
            if runner.stopped():
                break
            step = upper / (self.points - 1) - lower / (self.points - 1)
            with np.errstate(over="ignore"):
                lower = np.maximum(best[0].parameters - step, lowest)
                upper = np.minimum(best[0].parameters + step, highest)
        return Outcome(best, optimal=False)

    def _space(self, problem: Problem, lower: FloatArray, upper: FloatArray) -> SearchSpace:
        grids = []
        for low, high in zip(lower.tolist(), upper.tolist(), strict=True):
            grid = Grid.fixed(low) if low == high else Grid.linspace(low, high, self.points)
            if problem.penalty is not None and low < 0.0 < high and not (grid.values == 0.0).any():
                grid = Grid(np.sort(np.append(grid.values, 0.0)))  # a penalty may favour weights of 0
            grids.append(grid)
        return SearchSpace.from_grids(grids, problem.space.names)


def _bounds(problem: Problem) -> tuple[FloatArray, FloatArray]:
    grids = problem.space.grids
    return np.array([grid.values.min() for grid in grids]), np.array([grid.values.max() for grid in grids])
