"""Refuses a search that would take more than a day, unless it has a time limit or a limit of candidates."""

import contextlib
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from minigrid._base.halting import Halted, halting, poll
from minigrid._base.text import DAY, counted, format_count, format_forecast, format_rough, message
from minigrid.exceptions import SearchTooLongError
from minigrid.scoring import BuiltinScoring
from minigrid.search.engines.base import EnginePair, Unprovable
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running.forecast import ROUGH, on_some_samples, refused_seconds_on_few
from minigrid.search.running.hints import ways_out
from minigrid.search.running.plan import SearchPlan
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import PlannedStage, Stage

_FEW = 10**5  # candidates: so few take no day, whatever a score costs
_MOMENT = 0.3  # seconds, in which callbacks get no event
_FOR_PROOFS = 0.75  # seconds for proofs on some of many samples, of all stages together
_FEW_SUMS = 10**10  # so few take no day, whatever the activation costs, where many are computed together


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feasibility:
    """Judges a search without limits.

    Attributes:
        problem: the problem that is searched.
        prover: the name of the engine that proves, if there is one.
        other: the name of a strategy that searches less.
        checkpoint: the checkpoint of the search, if it has one.
        pace: when to judge a proof.
    """

    problem: Problem
    prover: str
    other: str
    checkpoint: str | None
    pace: Pace

    def refuse(
        self,
        stages: Sequence[PlannedStage],
        runner: Runner,
        plan_of: Callable[[Sequence[PlannedStage]], SearchPlan],
    ) -> None:
        """Raise an error if scoring all candidates would take more than a day, or a proof on some of many samples.

        How long a proof takes shows only while it runs, so the runner judges any other proof then. If the prover needs
        more than a moment to answer, the runner asks it again during the search, and callbacks get events meanwhile.

        Args:
            stages: the stages of the search.
            runner: the runner that will run them.
            plan_of: a function that estimates the cost of stages.

        Raises:
            SearchTooLongError: it would take more than a day.
        """
        n_most = sum(planned.n_most for planned in stages)
        if self._is_harmless(n_most, runner.engines):
            return
        few = on_some_samples(self.problem)
        began = time.perf_counter()
        few.score(few.space[0])
        spent = (time.perf_counter() - began) * (self.problem.n_samples / few.n_samples)
        harmless = 0.1 * DAY / spent if spent else math.inf  # scoring one by one takes longer than in chunks
        if n_most < harmless:
            return  # without asking the prover, which would prepare bounds
        scored: list[PlannedStage] = []
        ends = time.perf_counter() + _MOMENT
        with contextlib.suppress(Halted), halting(lambda: runner.stopped() or time.perf_counter() >= ends):
            for planned in stages:
                poll()
                if isinstance(runner.ask(planned.stage, keep=True), Unprovable):
                    scored.append(planned)  # one by one: asking for the next may be halted
        self._refuse_proofs([planned.stage for planned in stages if planned not in scored], runner)
        n_to_score = sum(planned.n_most for planned in scored)
        if runner.stop_reason != "completed" or n_to_score < harmless or self._is_harmless(n_to_score, runner.engines):
            return
        plan = plan_of(scored)
        if plan.least_seconds > DAY:
            raise self._refusal(n_to_score, f"take {format_forecast(plan.least_seconds)}", plan.engine)

    def _refuse_proofs(self, stages: Sequence[Stage], runner: Runner) -> None:
        """Raise an error if the proof of a stage would take more than a day even on some of the samples."""
        ends = time.perf_counter() + _FOR_PROOFS

        def stopped() -> bool:
            return runner.stopped() or time.perf_counter() >= ends

        with contextlib.suppress(Halted), halting(stopped):
            for stage in stages:
                poll()
                seconds = refused_seconds_on_few(
                    runner.engines, stage.problem, top=runner.top_of(stage), pace=self.pace, stopped=stopped
                )
                if seconds is not None:
                    raise self.refusal_of_proof(seconds, is_begun=False)

    def _is_harmless(self, n_to_score: int, engines: EnginePair) -> bool:
        is_quick = engines.scorer.threads and isinstance(self.problem.scoring, BuiltinScoring)
        return n_to_score <= _FEW or (is_quick and n_to_score * self.problem.n_samples <= _FEW_SUMS)

    def refusal_of_proof(
        self, seconds: float, best: float | None = None, *, is_begun: bool = True
    ) -> SearchTooLongError:
        """Build the error for a proof that would take about this many more seconds; `best`: the best objective."""
        low = seconds / ROUGH
        takes = f"most likely take {format_forecast(low)}" if low > DAY else f"take {format_rough(low, math.inf)}"
        perfect = self.problem.scoring.best_possible
        known = ""
        if best == perfect and self.problem.penalty is None:
            known = (
                " A candidate with the best possible score was found; what takes so long is to prove that no earlier "
                f"one has it, too. With target_score={perfect!r} and a time limit, the search ends at the first found."
            )
        return self._refusal(self.problem.space.size, takes, self.prover, known, is_begun=is_begun)

    def _refusal(
        self, n_candidates: int, takes: str, engine: str, known: str = "", *, is_begun: bool = False
    ) -> SearchTooLongError:
        """Build the error, in the words of a plan; `takes`: the verb and how long the search would take."""
        grids = self.problem.space.grids
        sizes = {len(grid) for grid in grids}
        each = f"{min(sizes)} values for each" if len(sizes) == 1 else f"up to {max(sizes)} values for each"
        is_kept = self.checkpoint is not None and (is_begun or os.path.exists(self.checkpoint))
        kept = f" The progress so far stays in {self.checkpoint}." if is_kept else ""
        fix = f"Use fewer values, {ways_out(self.other)}. If you mean it, time_limit=30 * 86400 allows thirty days."
        got = (
            f"{format_count(n_candidates)} candidates ({counted(len(grids), 'parameter')}, {each}), which would "
            f"{takes} on the {engine} engine"
        )
        return SearchTooLongError(message("fit", "a search of at most a day", got, fix + known + kept))
