"""Coordinate: search one block of parameters at a time, by the score of the whole network.

A strategy asks for the same stages whatever the clock says, so that a checkpoint can resume it. Blocks that are chosen
by size may take long. So all starts first descend by single parameters, which is quick, and only then by these blocks:
a search that is stopped early has what single parameters find.
"""

import contextlib
import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.typing import ArrayLike, IntArray, override
from minigrid._base.validation import as_int, unknown_name
from minigrid.exceptions import NoScoreError
from minigrid.search.candidate import Candidate
from minigrid.search.engines.descents import blocks_of
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.search.space import Grid, smallest_digits
from minigrid.strategies.allowed import thinned
from minigrid.strategies.base import Strategy, ranked
from minigrid.strategies.joint import Joint
from minigrid.strategies.starts import Starts

_FROM_BEST = -1  # instead of the number of a start
_BLOCKS = ("auto", "parameter", "neuron", "layer")
_START, _PARAMETER = "start", "parameter"  # what the names of some stages have in common
_LARGEST = 2**16  # settings of a block, with block="auto"
_ROUND_SUMS, _ROUND_OUTPUTS = 2**28, 2**24  # to examine for all blocks: of one neuron, which is bounded well; of others


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, repr=False)
class Coordinate(Strategy):
    """Search one block exactly while the others stay fixed, block after block until none improves.

    This is block coordinate descent (Wright 2015). Where it ends depends on where it starts, so it starts several
    times, at points of the space drawn at random. With a penalty, it starts once from the smallest weights, and
    otherwise from allowed candidates drawn at random. Finally, it starts once more from the best candidate that it has
    seen, unless it has already ended there. Use ``start`` to choose where to start, for example at weights that
    gradient descent has found.

    Args:
        block: what the strategy searches at once: a 'parameter', a 'neuron', a 'layer', or 'auto'. A neuron or layer of
            many parameters takes long. A single parameter is quick, but the search then stops sooner at a point that no
            single change improves. 'auto' first searches single parameters, from all starts. Then it searches neurons,
            or as many of their parameters as it can search quickly, from the best that it has found and from all starts
            again. Default 'auto'.
        restarts: how many points to start from, at least 1. Default 5.
        max_rounds: how many times to go through all blocks from one start at most, at least 1. Default 20.
        seed: the seed of the random starts, at least 0. Default 0.
        start: parameters to start from, shape (n_parameters,), or several, shape (n_points, n_parameters). Each is
            rounded to the nearest value of its grid. If there are more points than ``restarts``, the search scores all
            of them and starts from the best. If there are fewer, the other starts are drawn at random. Default None:
            all starts are drawn at random.

    Raises:
        InvalidTypeError: a number is not a whole number, or ``start`` does not hold real numbers.
        InvalidValueError: ``restarts`` or ``max_rounds`` is below 1, ``seed`` is below 0, or ``start`` holds NaN or
            infinity.
        ShapeError: ``start`` is neither a flat list nor a table of numbers.
        UnknownNameError: ``block`` is none of the four names.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), strategy=Coordinate(restarts=2))
        >>> result = trainer.fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (1.0, True)
    """

    block: Literal["auto", "parameter", "neuron", "layer"] = "auto"
    restarts: int = 5
    max_rounds: int = 20
    seed: int = 0
    start: ArrayLike | None = None

    def __post_init__(self) -> None:
        if self.block not in _BLOCKS:
            raise unknown_name("block", self.block, _BLOCKS, "the name of a block")
        endless = "Pass a large int, such as 10**6, and let time_limit end the search."
        for name in ("restarts", "max_rounds"):
            object.__setattr__(self, name, as_int(getattr(self, name), name, minimum=1, endless=endless))
        object.__setattr__(self, "seed", as_int(self.seed, "seed", minimum=0))
        if self.start is not None and not isinstance(self.start, Starts):
            object.__setattr__(self, "start", Starts(self.start))

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        levels, n_given = self._levels(problem), len(self._given(problem))
        if len(levels[-1]) == 1:
            return Joint().stages(problem)
        digits, held = np.zeros(len(problem.space.grids), dtype=np.int64), _Held(problem)
        n_begun = (n_given if n_given > self.restarts else 0) + self.restarts
        stages = [PlannedStage(Stage(_START, problem, [0]), n_begun + 2 * len(levels) - 1, n_begun)]
        for number, blocks in enumerate(levels, 1):
            sizes = [math.prod(len(problem.space.grids[k]) for k in block) for _, block in blocks]
            counted = [(name, block, size) for (name, block), size in zip(blocks, sizes, strict=True)]
            if _are_single(blocks):  # alike, so that one of them tells how long all take
                counted = [(_PARAMETER, blocks[sizes.index(max(sizes))][1], sum(sizes))]
            for name, block, n_candidates in counted:
                most = n_candidates * (self.restarts + number) * self.max_rounds
                part = Stage(name, held.but_for(block, digits))
                stages.append(PlannedStage(part, most, n_candidates * self.restarts))
        return tuple(stages)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        levels = self._levels(problem)
        if len(levels[-1]) == 1:  # nothing stays fixed, so this is the whole product
            return Joint().search(problem, runner)
        generator, descents = np.random.default_rng(self.seed), _Descents(problem, runner, self.max_rounds)
        given, descents.best = self._best_given(problem, runner)
        begun = list[_Point]()
        for level, blocks in enumerate(levels):
            ended, starts = set[int](), [_FROM_BEST] * bool(level) + list(range(self.restarts))
            # How long the next level will take is not known.
            for restart in runner.repeats.over(starts) if level == len(levels) - 1 else starts:
                if restart == _FROM_BEST:
                    ended |= {end.index for end in descents.from_best("best so far", blocks)}
                    continue
                if restart == len(begun):
                    digits = np.array([generator.integers(len(grid)) for grid in problem.space.grids])
                    if restart < len(given):
                        digits = given[restart]
                    else:
                        digits = thinned(problem, digits[np.newaxis], self.seed + restart)[0]
                    begun.append(descents.begin(f"{_START} {restart + 1} of {self.restarts}", digits))
                ended.add(descents.descend(begun[restart], blocks).index)
                if runner.stopped():
                    break
            descents.from_best("best", blocks, ended)
        best = descents.best
        if not best and problem.penalty is not None:
            raise NoScoreError(
                f"strategy coordinate: expected a candidate that penalty {problem.penalty!r} allows, got none at the "
                "points it visited. Allow more, give the grid small values and 0, or search all with strategy='joint'."
            )
        if not best:
            raise NoScoreError(
                "strategy coordinate: expected a number for at least one candidate, got NaN at every point it visited. "
                "The weighted sums overflow: use smaller grid values or scale X."
            )
        return Outcome(best, optimal=False)

    def _given(self, problem: Problem) -> list[IntArray]:
        """Return the starts that are not random; with a penalty, they include the smallest weights."""
        given = self.start.digits(problem.space) if isinstance(self.start, Starts) else []
        if problem.penalty is not None:  # the penalty may forbid all others
            smallest = smallest_digits(problem.space)
            given += [smallest] * (not any(np.array_equal(smallest, digits) for digits in given))
        return given

    def _best_given(self, problem: Problem, runner: Runner) -> tuple[list[IntArray], tuple[Candidate, ...]]:
        """Return at most ``restarts`` of the given points; if there are more, the best ones and their scores."""
        given = self._given(problem)
        if len(given) <= self.restarts:
            return given, ()
        indices = [problem.space.index_at(digits) for digits in given]
        top = max(self.restarts, runner.top)
        try:
            best = runner.run(Stage(f"{_START} points", problem.with_space(problem.space), indices, top)).best
        except NoScoreError:
            return given[: self.restarts], ()
        best = ranked(problem, best, top)
        if best:
            runner.note(best[0])
        chosen = [one.index for one in best[: self.restarts] if one.index is not None]
        return list(problem.space.digits(chosen)), best[: runner.top]

    def _levels(self, problem: Problem) -> list[list[tuple[str, list[int]]]]:
        """List the blocks to descend by from all starts, after single parameters if these blocks are larger."""
        blocks = self._blocks(problem)
        if _are_single(blocks):
            return [[_single(problem, block[0]) for _, block in blocks]]
        return [_singles(problem), blocks] if self.block == "auto" and len(blocks) > 1 else [blocks]

    def _blocks(self, problem: Problem) -> list[tuple[str, list[int]]]:
        """List the blocks that have anything to choose: the name of each, and the positions of its parameters."""
        grids = problem.space.grids
        if self.block == "parameter":
            return _singles(problem) or [_single(problem, 0)]
        blocks = []
        for i, slices in enumerate(problem.network.parameter_slices):
            if self.block == "layer":
                blocks.append((f"layer{i}", list(range(slices[0].start, slices[-1].stop))))
            else:
                blocks += [(f"layer{i}.neuron{j}", list(range(own.start, own.stop))) for j, own in enumerate(slices)]
        free = [(name, own) for name, own in blocks if any(len(grids[k]) > 1 for k in own)]
        return (_of_fair_size(problem, free) if self.block == "auto" else free) or blocks[:1]


def _singles(problem: Problem) -> list[tuple[str, list[int]]]:
    """List the parameters that have anything to choose, each as a block."""
    return [_single(problem, k) for k, grid in enumerate(problem.space.grids) if len(grid) > 1]


def _single(problem: Problem, position: int) -> tuple[str, list[int]]:
    """Make a block of a single parameter: its name, and its position."""
    return f"{_PARAMETER} {problem.space.names[position]}", [position]


def _are_single(blocks: list[tuple[str, list[int]]]) -> bool:
    """Tell whether each block is a single parameter."""
    return all(len(block) == 1 for _, block in blocks)


def _of_fair_size(problem: Problem, neurons: list[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    """Split neurons into the fewest blocks such that none is too large, and all together can be searched quickly."""
    space, largest, n_outputs = problem.space, _LARGEST, problem.network.n_outputs
    is_one = len(problem.network.neurons) == 1
    most = (_ROUND_SUMS if is_one else _ROUND_OUTPUTS / n_outputs) / problem.n_samples
    while True:
        blocks = [blocks_of(space, own, largest) for _, own in neurons]
        total = sum(math.prod(len(space.grids[k]) for k in block) for own in blocks for block in own)
        if largest == 1 or total <= most:
            break
        largest //= 4
    named = []
    for (name, _), own in zip(neurons, blocks, strict=True):
        names = [name] if len(own) == 1 else [f"{name}, part {number}" for number in range(1, len(own) + 1)]
        named += list(zip(names, own, strict=True))
    return named


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Point:
    """A point of the space that a descent has come to.

    Attributes:
        start: the name of the start that led to it.
        index: its index.
        objective: its objective; NaN if it has none, or was not scored.
    """

    start: str
    index: int
    objective: float


@final
class _Descents:
    """Descends from points, and keeps the best that it comes across.

    Attributes:
        best: the best candidates of the whole space, best first.
    """

    def __init__(self, problem: Problem, runner: Runner, max_rounds: int) -> None:
        self.best: tuple[Candidate, ...] = ()
        self._problem = problem
        self._runner = runner
        self._max_rounds = max_rounds
        self._held = _Held(problem)

    def begin(self, start: str, digits: IntArray) -> _Point:
        """Score a point to start from."""
        problem, objective, index = self._problem, np.nan, self._problem.space.index_at(digits)
        with contextlib.suppress(NoScoreError):
            first = self._runner.run(Stage(start, problem.with_space(problem.space), [index])).best
            objective = first[0].objective if first else objective
            self._add(first)
        return _Point(start, index, objective)

    def descend(self, point: _Point, blocks: list[tuple[str, list[int]]], *, ties: bool = False) -> _Point:
        """Descend from a point, and return where it ends; with `ties`, also move to earlier ones that are as good."""
        problem, start, index, objective = self._problem, point.start, point.index, point.objective
        digits = problem.space.digits([index])[0]
        unchanged = 0
        for turn in range(self._max_rounds * len(blocks)):
            name, block = blocks[turn % len(blocks)]
            part = self._held.but_for(block, digits)
            try:
                found = self._runner.run(Stage(f"{start}, {name}", part))
            except NoScoreError:
                unchanged += 1
            else:
                if not found.best:
                    break
                seen = tuple(_lift_by_position(problem, part, candidate, block, digits) for candidate in found.best)
                self._add(seen)
                assert seen[0].index is not None
                first_of_equals = ties and seen[0].objective == objective and seen[0].index < index
                if problem.better(seen[0].objective, objective) or first_of_equals or np.isnan(objective):
                    index, objective, unchanged = seen[0].index, seen[0].objective, 1
                    digits = problem.space.digits([index])[0]
                else:
                    unchanged += 1
            if self._runner.stopped() or unchanged == len(blocks):
                break
        return _Point(start, index, objective)

    def from_best(self, which: str, blocks: list[tuple[str, list[int]]], ended: Collection[int] = ()) -> list[_Point]:
        """Descend from the best candidate, unless a descent has ended there; return where that ends, if it does."""
        if not self.best or self.best[0].index is None or self.best[0].index in ended or self._runner.stopped():
            return []
        digits = self._problem.space.digits([self.best[0].index])[0]  # often an equally good one that comes first
        return [self.descend(self.begin(f"{_START} at the {which}", digits), blocks, ties=True)]

    def _add(self, seen: tuple[Candidate, ...]) -> None:
        self.best = ranked(self._problem, [*self.best, *seen], self._runner.top)
        if self.best:
            self._runner.note(self.best[0])


@final
class _Held:
    """Makes problems in which only the parameters of one block vary; all at one point share their fixed grids."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._fixed: dict[tuple[int, int], Grid] = {}
        self._digits = np.full(len(problem.space.grids), -1, dtype=np.int64)
        self._point = problem.space  # in which every parameter is fixed at these positions

    def but_for(self, block: list[int], digits: IntArray) -> Problem:
        """Fix every parameter outside the block at its position."""
        moved = np.flatnonzero(digits != self._digits).tolist()
        if moved:
            self._digits = digits.copy()
            self._point = self._point.with_grids({k: self._at(k, int(digits[k])) for k in moved})
        grids = self._problem.space.grids
        return self._problem.with_space(self._point.with_grids({k: grids[k] for k in block}))

    def _at(self, position: int, digit: int) -> Grid:
        grid = self._fixed.get((position, digit))
        if grid is None:
            grid = self._fixed[position, digit] = Grid.fixed(self._problem.space.grids[position][digit])
        return grid


def _lift_by_position(
    problem: Problem, part: Problem, candidate: Candidate, block: list[int], digits: IntArray
) -> Candidate:
    """Find a candidate of a part in the whole space: by position, because a grid may have a value twice."""
    assert candidate.index is not None
    own = part.space.digits([candidate.index])[0]
    whole = digits.copy()
    whole[block] = own[block]
    return replace(candidate, index=problem.space.index_at(whole))
