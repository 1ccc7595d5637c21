"""Coordinate: search one block of parameters at a time, by the score of the whole network."""

import contextlib
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from minigrid._base.typing import IntArray, override
from minigrid._base.validation import as_int, unknown_name
from minigrid.exceptions import NoScoreError
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.search.space import Grid, smallest_digits
from minigrid.strategies.base import Strategy, ranked
from minigrid.strategies.joint import Joint

_BLOCKS = ("parameter", "neuron", "layer")


@final
@dataclass(frozen=True, slots=True, repr=False)
class Coordinate(Strategy):
    """Search one block exactly while the others stay fixed, block after block until none improves.

    This is block coordinate descent (Wright 2015). Where it ends depends on where it starts, so it starts several
    times, at points of the space drawn at random. At last it starts once more from the best candidate that it has
    seen, unless it has already ended there. With a penalty, the first start has the smallest weights.

    Args:
        block: what the strategy searches at once: a 'parameter', a 'neuron' (default) or a 'layer'. A neuron or layer
            of many parameters takes long. A single parameter is quick, but the search then stops sooner at a point
            that no single change improves.
        restarts: how many random points to start from, at least 1. Default 5.
        max_rounds: how many times to go through all blocks from one start at most, at least 1. Default 20.
        seed: the seed of the random starts, at least 0. Default 0.

    Raises:
        InvalidTypeError: a number is not a whole number.
        InvalidValueError: ``restarts`` or ``max_rounds`` is below 1, or ``seed`` is below 0.
        UnknownNameError: ``block`` is none of the three names.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), strategy=Coordinate(restarts=2))
        >>> result = trainer.fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (1.0, True)
    """

    block: Literal["parameter", "neuron", "layer"] = "neuron"
    restarts: int = 5
    max_rounds: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.block not in _BLOCKS:
            raise unknown_name("block", self.block, _BLOCKS, "the name of a block")
        for name, minimum in (("restarts", 1), ("max_rounds", 1), ("seed", 0)):
            object.__setattr__(self, name, as_int(getattr(self, name), name, minimum=minimum))

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        blocks = self._blocks(problem)
        if len(blocks) == 1:
            return Joint().stages(problem)
        digits, held = np.zeros(len(problem.space.grids), dtype=np.int64), _Held(problem)
        problems = [(name, held.but_for(block, digits)) for name, block in blocks]
        stages = [PlannedStage(Stage("starts", problem, [0]), self.restarts + 1, self.restarts)]
        for name, part in problems:
            most = part.space.size * (self.restarts + 1) * self.max_rounds
            stages.append(PlannedStage(Stage(name, part), most, part.space.size * self.restarts))
        return tuple(stages)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        blocks = self._blocks(problem)
        if len(blocks) == 1:  # nothing stays fixed, so this is the whole product
            return Joint().search(problem, runner)
        generator = np.random.default_rng(self.seed)
        best: tuple[Candidate, ...] = ()
        ended: set[int] = set()
        held = _Held(problem)
        for restart in range(self.restarts):
            digits = np.array([generator.integers(len(grid)) for grid in problem.space.grids])
            if problem.penalty is not None and not restart:  # the penalty may forbid all points drawn at random
                digits = smallest_digits(problem.space)
            best = self._descend(problem, runner, blocks, held, digits, f"start {restart + 1}", best, ended)
            if runner.stopped():
                break
        if best and best[0].index is not None and best[0].index not in ended and not runner.stopped():
            digits = problem.space.digits([best[0].index])[0]  # an equal score that comes first, not yet started from
            best = self._descend(problem, runner, blocks, held, digits, "from the best", best, ended, ties=True)
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

    def _descend(
        self,
        problem: Problem,
        runner: Runner,
        blocks: list[tuple[str, list[int]]],
        held: "_Held",
        digits: IntArray,
        start: str,
        best: tuple[Candidate, ...],
        ended: set[int],
        ties: bool = False,
    ) -> tuple[Candidate, ...]:
        """Descend from one point; with `ties`, also move to an earlier candidate of equal score."""
        score, index = np.nan, problem.space.index_at(digits)
        ended.add(index)
        with contextlib.suppress(NoScoreError):
            first = runner.run(Stage(start, problem.with_space(problem.space), [index])).best
            score = first[0].score if first else score
            best = ranked(problem, [*best, *first], runner.top)
        if best:
            runner.note(best[0])
        unchanged = 0
        for turn in range(self.max_rounds * len(blocks)):
            name, block = blocks[turn % len(blocks)]
            part = held.but_for(block, digits)
            try:
                found = runner.run(Stage(f"{start}, {name}", part))
            except NoScoreError:
                unchanged += 1
            else:
                if not found.best:
                    break
                seen = [_lift_by_position(problem, part, candidate, block, digits) for candidate in found.best]
                best = ranked(problem, [*best, *seen], runner.top)
                runner.note(best[0])
                assert seen[0].index is not None
                first_of_equals = ties and seen[0].score == score and seen[0].index < index
                if problem.better(seen[0].score, score) or first_of_equals or np.isnan(score):
                    index, score, unchanged = seen[0].index, seen[0].score, 1
                    digits = problem.space.digits([index])[0]
                else:
                    unchanged += 1
            if runner.stopped() or unchanged == len(blocks):
                break
        ended.add(index)
        return best

    def _blocks(self, problem: Problem) -> list[tuple[str, list[int]]]:
        """List the blocks that have anything to choose: the name of each, and the positions of its parameters."""
        grids, names = problem.space.grids, problem.space.names
        if self.block == "parameter":
            return [(name, [k]) for k, name in enumerate(names) if len(grids[k]) > 1] or [(names[0], [0])]
        blocks = []
        for i, slices in enumerate(problem.network.parameter_slices):
            if self.block == "layer":
                blocks.append((f"layer{i}", list(range(slices[0].start, slices[-1].stop))))
            else:
                blocks += [(f"layer{i}.neuron{j}", list(range(own.start, own.stop))) for j, own in enumerate(slices)]
        free = [(name, own) for name, own in blocks if any(len(grids[k]) > 1 for k in own)]
        return free or blocks[:1]


@final
class _Held:
    """Makes problems in which only the parameters of one block vary, and reuses the grids of the fixed ones."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._fixed: dict[tuple[int, int], Grid] = {}

    def but_for(self, block: list[int], digits: IntArray) -> Problem:
        """Fix every parameter outside the block at its position."""
        free, space = set(block), self._problem.space
        held = {k: self._at(k, digit) for k, digit in enumerate(digits.tolist()) if k not in free}
        return self._problem.with_space(space.with_grids(held))

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
    return Candidate(problem.space.index_at(whole), candidate.parameters, candidate.score)
