"""Joint: all parameters at once, the whole product."""

from dataclasses import dataclass
from typing import final

from minigrid._typing import override
from minigrid.search.plan import Stage
from minigrid.search.problem import Problem
from minigrid.search.run import Runner
from minigrid.strategies.base import Outcome, Strategy


@final
@dataclass(frozen=True, slots=True, repr=False)
class Joint(Strategy):
    """Search all parameters at once: the global optimum of the whole product."""

    @override
    def stages(self, problem: Problem) -> tuple[Stage, ...]:
        return (Stage("joint", problem, problem.space.size),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(problem, stage="joint")
        return Outcome(found.best, found.complete, found.bound)
