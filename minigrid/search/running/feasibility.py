"""Searches that would take more than a day are refused before they begin, unless something limits them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.text import DAY, format_count, format_seconds
from minigrid.exceptions import HopelessSearchError
from minigrid.scoring import BuiltinScoring
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.problem import Problem
from minigrid.search.running.plan import SearchPlan, Stage

# Below so many sums no search takes a day, whatever the activation costs; a plan is not worth its time.
_HARMLESS_SUMS = 10**10
_HARMLESS_CALLS = 10**5


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feasibility:
    """Judges a search without limits.

    Attributes:
        problem: what is searched.
        engine: scores.
        others: the names of strategies that search less.
    """

    problem: Problem
    engine: Engine
    others: Sequence[str]

    def refuse(
        self, stages: Sequence[Stage], plan_of: Callable[[Problem, Sequence[Stage], Engine], SearchPlan]
    ) -> None:
        """Raise an error where all candidates are to be scored and that takes more than a day.

        A proof shows only once it is under way how long it takes: the runner asks then.

        Args:
            stages: the parts of the search.
            plan_of: reckons what some of them cost.

        Raises:
            HopelessSearchError: it does.
        """
        if self._is_harmless(sum(stage.n_candidates for stage in stages)):
            return  # without asking how: that puts bounds together, which the search does again
        scored = [
            stage for stage in stages if self.engine.choose(stage.problem, whole=not stage.indices).search is None
        ]
        n_to_score = sum(stage.n_candidates for stage in scored)
        if self._is_harmless(n_to_score):
            return
        began = time.perf_counter()
        self.problem.score(self.problem.space[0])
        if n_to_score < 0.1 * DAY / (time.perf_counter() - began):  # one by one it takes longer than in chunks
            return
        plan = plan_of(self.problem, scored, self.engine)
        if plan.least_seconds > DAY:
            raise self.refusal(f"{format_count(n_to_score)} candidates to score", plan.engine, plan.least_seconds)

    def _is_harmless(self, n_to_score: int) -> bool:
        is_built_in = isinstance(self.problem.scoring, BuiltinScoring)
        quick = isinstance(self.engine, BatchedEngine | ExactEngine) and is_built_in
        return n_to_score <= _HARMLESS_CALLS or (quick and n_to_score * self.problem.n_samples <= _HARMLESS_SUMS)

    def refusal(self, what: str, engine: str, seconds: float, *, checkpoint: str | None = None) -> HopelessSearchError:
        """Build the error.

        Args:
            what: there is to do.
            engine: the name of the one that would do it.
            seconds: that it would take.
            checkpoint: the file in which what was found is kept, if it is.
        """
        grids = self.problem.space.grids
        about, more = ("very roughly", " or more") if engine == "exact" else ("about", "")
        kept = "" if checkpoint is None else f" What was found until now stays in {checkpoint}."
        counts = " x ".join(str(len(grid)) for grid in grids[:12])
        return HopelessSearchError(
            f"fit: expected a search of at most a day, got {what} "
            f"({counts}{' x ...' if len(grids) > 12 else ''} values), {about} "
            f"{format_seconds(seconds)}{more} on the {engine} engine. Use fewer grid values, "
            f"another strategy ({self._other_strategies()}), or set a limit (time_limit=... in "
            "seconds, or max_candidates=... for the first so many) and take the best found until then; "
            "strategy=RandomSample(n) takes n from everywhere. If you mean it, "
            f"time_limit=30 * 86400 allows thirty days.{kept}"
        )

    def _other_strategies(self) -> str:
        return f"{', '.join(self.others[:-1])} or {self.others[-1]}"
