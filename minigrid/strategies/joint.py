"""Joint: search all parameters at once, the whole product of their grids."""

from dataclasses import dataclass
from typing import final

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.typing import override
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.strategies.base import Strategy


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, repr=False)
class Joint(Strategy):
    """Search all parameters at once, for the global optimum of the whole product.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> result = GridSearchTrainer(Grid([-1, 0, 1]), strategy=Joint()).fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (1.0, True)
    """

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("joint", problem)),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return runner.run(Stage("joint", problem))
