"""RandomSample: score some candidates of the space, drawn without repetition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.typing import override
from minigrid._base.validation import as_int
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.strategies.allowed import thinned
from minigrid.strategies.base import Strategy

_MOST = 10**7
_ENOUGH_TO_TIME = 2**14
_DRAWN_AT_ONCE = 2**14
_CHANGED_AT_ONCE = 2**8  # before the clock is checked, because each takes as many steps as it has parameters


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, repr=False)
class RandomSample(Strategy):
    """Score ``n`` different candidates drawn at random, or all of them if the space has no more.

    If a penalty forbids a drawn candidate, the search sets its weights to their smallest values, one by one in random
    order, until the penalty allows it.

    Args:
        n: how many candidates to draw, from 1 to 10^7. minigrid holds the draw in memory, about 130 bytes for each
            candidate, and more in spaces of more than 10^9. Default 10,000.
        seed: the seed of the draw, at least 0. The same seed draws the same candidates. Default 0.

    Raises:
        InvalidTypeError: ``n`` or ``seed`` is not a whole number.
        InvalidValueError: ``n`` is not from 1 to 10^7, or ``seed`` is below 0.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> result = GridSearchTrainer(Grid([-1, 0, 1]), strategy=RandomSample(5)).fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (0.5, False)
    """

    n: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        endless = "To search every candidate, use strategy='joint'."
        object.__setattr__(self, "n", as_int(self.n, "n", minimum=1, maximum=_MOST, endless=endless))
        object.__setattr__(self, "seed", as_int(self.seed, "seed", minimum=0))

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        some = RandomSample(min(self.n, _ENOUGH_TO_TIME), self.seed).draw(problem.space.size)
        return (PlannedStage(Stage("random", problem, some), min(self.n, problem.space.size)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        indices = self._allowed(problem, self.draw(problem.space.size, runner.stopped), runner.stopped)
        found = runner.run(Stage("random", problem, indices))
        return Outcome(found.best, found.optimal and len(indices) == problem.space.size)

    def _allowed(self, problem: Problem, indices: Sequence[int], stopped: Callable[[], bool]) -> Sequence[int]:
        """Change candidates so that the penalty allows as many as possible, see `thinned`, and drop duplicates."""
        if problem.penalty is None or len(indices) == problem.space.size:
            return indices
        drawn: dict[int, None] = {}
        for start in range(0, len(indices), _CHANGED_AT_ONCE):
            some = indices[start : start + _CHANGED_AT_ONCE]
            digits = thinned(problem, problem.space.digits(some), self.seed + start)
            drawn.update(dict.fromkeys(map(problem.space.index_at, digits)))
            if stopped():
                break
        return list(drawn)

    def draw(self, size: int, stopped: Callable[[], bool] = lambda: False) -> Sequence[int]:
        """Draw n different indices below ``size`` in random order (Floyd's algorithm), or all of them if n is larger.

        A draw of millions takes seconds. If ``stopped`` returns True in the meantime, there are fewer indices.

        Args:
            size: the size of the space.
            stopped: a function that returns True to end the draw early.

        Returns:
            The indices, in the order in which they were drawn.
        """
        if self.n >= size:
            return range(size)
        import random  # imported only where something is drawn

        generator = random.Random(self.seed)
        chosen: set[int] = set()
        for limit in range(size - self.n, size):
            index = generator.randrange(limit + 1)
            chosen.add(limit if index in chosen else index)
            if not len(chosen) % _DRAWN_AT_ONCE and stopped():
                return list(chosen)
        drawn = sorted(chosen)
        generator.shuffle(drawn)  # so that a search that stops early has also seen a random sample
        return drawn
