"""RandomSample: some candidates of the space, drawn without repetition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

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


@final
@dataclass(frozen=True, slots=True, repr=False)
class RandomSample(Strategy):
    """Score distinct candidates drawn at random; all of them if there are no more.

    If a penalty forbids a candidate that is drawn, its weights are set to their smallest values, one by one in random
    order, until the penalty allows it.

    Attributes:
        n: how many, from 1 to 10^7: the draw is held in memory, about 100 bytes for each.
        seed: of the draw, at least 0; the same seed draws the same candidates.

    Raises:
        InvalidTypeError, InvalidValueError: no such numbers.

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
        object.__setattr__(self, "n", as_int(self.n, "n", minimum=1, maximum=_MOST))
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
        """Let a penalty allow as many of the drawn candidates as possible, see `thinned`; each is drawn once."""
        if problem.penalty is None or len(indices) == problem.space.size:
            return indices
        drawn: dict[int, None] = {}
        for start in range(0, len(indices), _DRAWN_AT_ONCE):
            some = indices[start : start + _DRAWN_AT_ONCE]
            digits = thinned(problem, problem.space.digits(some), self.seed + start)
            drawn.update(dict.fromkeys(map(problem.space.index_at, digits)))
            if stopped():
                break
        return list(drawn)

    def draw(self, size: int, stopped: Callable[[], bool] = lambda: False) -> Sequence[int]:
        """Draw distinct indices below ``size``, in random order (Floyd's algorithm); all of them if n is as large.

        Fewer if ``stopped`` says so on the way: a draw of millions takes seconds.

        Args:
            size: the size of the space.
            stopped: says whether to end early.

        Returns:
            The indices, in the order in which they were drawn.
        """
        if self.n >= size:
            return range(size)
        import random  # not needed by those who never draw

        generator = random.Random(self.seed)
        chosen: set[int] = set()
        for limit in range(size - self.n, size):
            index = generator.randrange(limit + 1)
            chosen.add(limit if index in chosen else index)
            if not len(chosen) % _DRAWN_AT_ONCE and stopped():
                return list(chosen)
        drawn = sorted(chosen)
        generator.shuffle(drawn)  # so that a search that is stopped early has seen a random sample too
        return drawn
