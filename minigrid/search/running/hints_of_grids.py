"""Hints about the grid: whether narrower, finer or wider values would be better, as trials with the best weights show.

No rule foretells from the data alone that a grid is too coarse for the number of features, such as *its step times
the root of their number is above 2*. Nine data sets of 5 to 64 features, with and without a hidden layer, got weights
of the first layer that are as much smaller as such a rule asks for. Without a hidden layer, the loss of 7 of 20
searches became better, and that of 11 worse; with one, 6 of 22 and 16. The accuracy of 16 of 42 became better, and
that of 18 worse; of several classes with sums so large that outputs are flat, 6 of 11 and 5. Data that a line nearly
separates want large weights, an accuracy of one neuron only sees the signs of its sums, and a descent ends elsewhere
on each grid. So minigrid tries: it recommends a grid that holds weights which it has found to be better. An accuracy
seldom changes when one weight moves by half a step, so only a loss gets a finer grid.
"""

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np

from minigrid._base.text import counted
from minigrid._base.typing import BoolArray, FloatArray
from minigrid.search.engines.descents import on_few_samples
from minigrid.search.problem import Problem
from minigrid.search.running.grid_names import GridNames

_MOST_SUMS = 2**21  # terms to add up for one candidate
_MOST_PARAMETERS = 128  # to try one by one
_GAIN = 0.01, 0.05  # of a score, or in relation to a loss, that makes another grid worth it
_GAIN_OF_STEPS = 0.2  # of a loss, as a finer grid has many more candidates
_FEWEST_VALUES = 5  # of a grid whose edge was not meant to be reached
_AT_EDGE = 1 / 3  # of the parameters
SOON = 10**9
"""Terms that any machine adds up in a moment."""


class _Other(NamedTuple):
    """Weights that were tried.

    Attributes:
        objective: theirs.
        hint: what to say if they are the best that were tried.
    """

    objective: float
    hint: str


def hints_of_grid(problem: Problem, parameters: FloatArray, *, is_whole: bool, is_good: bool) -> Iterator[str]:
    """Name the grid that helps most, if one does.

    Args:
        problem: what was searched.
        parameters: the best of it.
        is_whole: whether the whole space was to be searched.
        is_good: whether the best is so good that a finer grid, of many more candidates, is not worth it.
    """
    grids, names = problem.space.grids, GridNames(problem)
    free = np.array([len(grid) >= _FEWEST_VALUES for grid in grids])
    if not free.any():
        return
    trial = _Trial(problem, parameters)
    others = [*_narrower(trial, free, names), *_wider(trial, free, names)]
    if not others and not is_good and not problem.scoring.greater_is_better:
        others = _finer(trial, free, names, is_whole=is_whole)
    if others:
        yield max(others, key=lambda other: problem.sign * other.objective).hint


def _narrower(trial: "_Trial", free: BoolArray, names: GridNames) -> Iterator[_Other]:
    for factor in (0.5, 0.25):
        better = trial.better(np.where(free, factor * trial.parameters, trial.parameters))
        if better is not None:
            about = f"the same weights, {factor:g} times as large, would score better ({trial.compared(better)})"
            yield _Other(better, f"{about}: try {names.scaled(free, factor)}")


def _wider(trial: "_Trial", free: BoolArray, names: GridNames) -> Iterator[_Other]:
    parameters, grids = trial.parameters, trial.problem.space.grids
    ends = np.array([(grid.values.min(), grid.values.max()) for grid in grids])
    is_end = (parameters == ends[:, 0]) | (parameters == ends[:, 1])
    at_edge = free & is_end & (np.abs(parameters) == np.abs(ends).max(axis=1)) & (parameters != 0.0)
    n_edge = int(at_edge.sum())
    if n_edge < max(1.0, _AT_EDGE * free.sum()):
        return
    which = f"{n_edge} of {counted(len(grids), 'parameter')} are at the edge of {names.noun}"
    for some in (at_edge, free):
        better = trial.better(np.where(some, 2.0 * parameters, parameters))
        if better is not None:
            about = f"{which}, and values twice as large would score better ({trial.compared(better)})"
            yield _Other(better, f"{about}: try {names.scaled(some, 2.0)}")
            return


def _finer(trial: "_Trial", free: BoolArray, names: GridNames, *, is_whole: bool) -> list[_Other]:
    """Move one weight after the other by half a step, as long as that helps."""
    problem, moved = trial.problem, trial.parameters.copy()
    size = problem.space.size * 2 ** int(free.sum())
    if free.sum() > _MOST_PARAMETERS or (is_whole and size * problem.n_samples * len(free) > SOON):
        return []
    best = trial.own
    for k in np.flatnonzero(free):
        for other in _halfway(problem.space.grids[k].values, moved[k]):
            tried = moved.copy()
            tried[k] = other
            objective = trial.objective(tried)
            if problem.sign * objective > problem.sign * best:
                moved, best = tried, objective
    if not 0.0 < _GAIN_OF_STEPS * abs(trial.own) <= problem.sign * (best - trial.own):
        return []
    about = f"weights halfway between the values of {names.noun} would score better ({trial.compared(best)})"
    again = "" if is_whole else " with strategy=Coordinate(block='parameter', start=result.parameters)"
    return [_Other(best, f"{about}: try {names.halved(free)}{again}")]


def _halfway(values: FloatArray, value: float) -> list[float]:
    own = np.unique(values)
    place = int(np.searchsorted(own, value))
    near = [own[k] for k in (place - 1, place + 1) if 0 <= k < len(own)]
    return [float((one + value) / 2.0) for one in near]


@final
class _Trial:
    """Scores candidates, which need not be in the grid, on some of the samples.

    Attributes:
        problem: what was searched.
        parameters: the best of it.
        own: its objective on those samples.
    """

    def __init__(self, problem: Problem, parameters: FloatArray) -> None:
        self.problem: Problem = problem
        self.parameters: FloatArray = parameters
        self._few = on_few_samples(problem, max(_MOST_SUMS // len(problem.space.grids) // _repeats(problem), 1))
        self.own: float = self._few.objective(parameters)

    def objective(self, parameters: FloatArray) -> float:
        """The objective of one candidate, shape (n_parameters,)."""
        return self._few.objective(parameters)

    def better(self, parameters: FloatArray) -> float | None:
        """The objective, if it is so much better than the best's own that another grid is worth it."""
        objective, is_score = self.objective(parameters), self.problem.scoring.greater_is_better
        least = _GAIN[0] if is_score else _GAIN[1] * abs(self.own)
        return objective if self.problem.sign * (objective - self.own) >= least > 0.0 else None

    def compared(self, better: float) -> str:
        """Show the two objectives."""
        return f"{better:.4g} instead of {self.own:.4g}"


def _repeats(problem: Problem) -> int:
    """A loss is computed for each weight, so on fewer samples."""
    return 1 if problem.scoring.greater_is_better else max(len(problem.space.grids) // 16, 1)
