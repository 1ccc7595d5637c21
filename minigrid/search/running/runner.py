"""The runner: it works through the stages of a search, one after the other, as a strategy asks for them.

Only the runner handles the tallies of a search. It counts them, writes them into the journal, calls the callbacks, and
checks the limits between two tallies. To work through a stage, it calls `prove` or `score_all` (`working.py`).
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import final

import numpy as np

from minigrid._base.codec import damaged
from minigrid._base.halting import Halted, halting, poll, unhalted
from minigrid._base.memory import keep_freed_memory
from minigrid._base.text import message
from minigrid.exceptions import CheckpointError, NoScoreError
from minigrid.scoring import BuiltinScoring
from minigrid.search.candidate import Candidate, Improvement, StopReason, as_candidates
from minigrid.search.engines.base import EnginePair, GuidedSearch, ResumableSearch, Search, Unprovable
from minigrid.search.engines.guard import check_best, check_search
from minigrid.search.events import Callback, EventKind
from minigrid.search.limits import Limits, Stopper
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, LocalThreads
from minigrid.search.problem import Problem
from minigrid.search.running.descending import SideDescents
from minigrid.search.running.forecast import Forecast, ProofForecast, ScoringForecast
from minigrid.search.running.journal import Entry, Journal
from minigrid.search.running.repeats import Repeats
from minigrid.search.running.reports import Reports
from minigrid.search.running.stage import Outcome, Stage, Tally
from minigrid.search.running.totals import Totals
from minigrid.search.running.working import prove, score_all

_MOST_DESCENTS = 20  # between two steps, where the clock stands still


@final
class Runner:
    """Runs the stages of one search, and counts over all of them.

    Attributes:
        problem: the problem of the whole search.
        engines: the engines that search.
        top: how many of the best candidates the user asked for.
        stage_names: the names of the stages that the strategy has run, in order.
        searches_all: whether one of these was the search of the whole space.
        repeats: times the parts of a search that repeat, so that events estimate how long all of them still take.

    Example:
        >>> from minigrid import Accuracy, Grid, Network, Problem, SearchSpace
        >>> from minigrid.search.engines.batched.engine import BatchedEngine
        >>> network = Network.dense([1, 1])
        >>> space = SearchSpace(network, Grid([-1, 1]))
        >>> problem = Problem.create(network, space, [[1.0], [-1.0]], [1, 0], Accuracy())
        >>> outcome = Runner(problem, EnginePair(BatchedEngine())).run(Stage("all", problem))
        >>> outcome.best[0].index, outcome.best[0].score, outcome.optimal
        (1, 1.0, True)
    """

    def __init__(
        self,
        problem: Problem,
        engines: EnginePair,
        *,
        limits: Limits | None = None,
        callbacks: Sequence[Callback] = (),
        top: int = 1,
        refusal: Callable[[float, float | None], Exception] | None = None,
        interrupted: Callable[[], bool] | None = None,
        journal: Journal | None = None,
        backend: Backend | None = None,
        pace: Pace | None = None,
        began: float | None = None,
    ) -> None:
        """Start the clock.

        Args:
            problem: the problem of the whole search.
            engines: the engines that search.
            limits: the limits of the search. Default None: no limits.
            callbacks: functions to call with each event.
            top: how many of the best candidates to keep.
            refusal: a function that builds the error to raise once a proof turns out to take more than a day, from its
                seconds and its best objective. Default None: the proof continues.
            interrupted: a function that tells, after each step, whether the user interrupted. Default None: never.
            journal: the results of an earlier process, and the place to note new ones. Default None: neither.
            backend: the backend that does the work. Default None: this process.
            pace: the timing of the search. Default None: the usual one.
            began: what `time.perf_counter` said when the search began. Default None: it begins now.
        """
        self.problem: Problem = problem
        self.engines: EnginePair = engines
        self.top: int = top
        self.stage_names: list[str] = []
        self.searches_all: bool = False
        self._stopper = Stopper(limits, interrupted, began)
        self._refusal = refusal
        self._journal = Journal() if journal is None else journal
        self._backend: Backend = LocalThreads() if backend is None else backend
        self._pace = Pace() if pace is None else pace
        self._totals = Totals(list(self._journal.history))
        self._reports = Reports(problem, self._totals, self._journal, self._stopper, callbacks, self._pace)
        self.repeats: Repeats = self._reports.repeats
        self._side: SideDescents | None = None  # those of the current stage
        self._answered: tuple[Problem, int, Search | Unprovable] | None = None
        keep_freed_memory()

    @property
    def seconds(self) -> float:
        """The time since the search began, in all processes that took part in it."""
        return self._journal.seconds + self._stopper.seconds

    @property
    def n_scored(self) -> int:
        """How many candidates were scored, in all stages."""
        return self._totals.n_scored

    @property
    def n_pruned(self) -> int:
        """How many candidates were proven to be no better, in all stages."""
        return self._totals.n_pruned

    @property
    def stop_reason(self) -> StopReason:
        """Why the search stops; 'completed' while nothing stops it."""
        return self._stopper.reason

    @property
    def history(self) -> tuple[Improvement, ...]:
        """Each improvement of the best objective of the whole network."""
        return tuple(self._totals.history)

    @property
    def engines_used(self) -> dict[str, str]:
        """The engines that worked, by name, and why each of them did."""
        return dict(self._totals.engines)

    def stopped(self) -> bool:
        """Check the clock and Ctrl-C, and return whether a limit, a callback or the user stops the search.

        Returns:
            True if the strategy should return what it has.
        """
        return not self._journal.is_replaying and self._stopper.must_stop()

    def note(self, candidate: Candidate) -> None:
        """Note a candidate of the whole space: it may be the best so far, and may reach the target.

        If your strategy finds candidates in parts of the space, call this method with each new best of the whole
        network.

        Args:
            candidate: a candidate of the whole space, with its objective.
        """
        self._totals.improve(self.problem, candidate.objective, candidate.index, self.seconds)
        self._heed_target(candidate.objective)

    def count(self, n_scored: int) -> None:
        """Count candidates that a strategy scored by itself, with ``problem.objective(parameters)``.

        Args:
            n_scored: how many candidates were scored.
        """
        self._totals.add(n_scored)

    def run(self, stage: Stage) -> Outcome:
        """Work through a stage, and return its best candidates.

        The runner compares objectives of the whole problem, and of parts of it, with the target. Objectives of the
        whole problem also enter the history.

        Args:
            stage: the stage to search.

        Returns:
            The best candidates of the stage, whether they are proven best, and the bound.

        Raises:
            NoScoreError: every candidate scored NaN.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
            CheckpointError: an earlier process had another stage here.
        """
        self.stage_names.append(stage.name)
        self.searches_all |= stage.is_all_of(self.problem)
        n_candidates, most = stage.n_candidates, self._stopper.limits.max_candidates
        allowed = n_candidates if most is None else min(n_candidates, max(most - self.n_scored, 0))
        entry = self._journal.open(stage, self.top_of(stage))
        if entry.is_known:
            self._take_over(entry)
            if entry.is_finished:
                return self._outcome(entry)
        self._tell("started", entry, ScoringForecast())
        # What is begun when the search was told to stop is only there to round off its result, unless it is all.
        if entry.is_known or not self.stopped() or (n_candidates == 1 and not self.n_scored):
            self._journal.begin(entry)
        forecast = self._work(entry, allowed)
        if self.stopped() and not self.n_scored:
            self._have_one(entry)
        if allowed < n_candidates and not self.stopped():
            self._stop("max_candidates")
        self._journal.end(entry)
        self._tell("finished", entry, forecast)
        return self._outcome(entry)

    def ask(self, stage: Stage, *, keep: bool = False) -> Search | Unprovable:
        """Ask how to work through a stage: by a search, or by scoring all candidates.

        Args:
            stage: the stage.
            keep: whether to keep the answer until the stage runs, so that the prover is asked only once.

        Returns:
            A search, or the reason why there is none.
        """
        prover, top = self.engines.prover, self.top_of(stage)
        if prover is None:
            return Unprovable(self.engines.reason)
        if stage.indices is not None:
            return Unprovable("the candidates are chosen one by one")
        kept, self._answered = self._answered, None
        if kept is not None and kept[0] is stage.problem and kept[1] == top:
            answer = kept[2]
        else:
            answer = prover.search(stage.problem, top=top)
        # Asked nevertheless: if there is no proof, the prover's reason is the one to show.
        if self._stopper.limits.max_candidates is not None and not isinstance(answer, Unprovable):
            answer = Unprovable("max_candidates asks for the first ones in order")
        if keep:
            self._answered = (stage.problem, top, answer)
        return answer

    def top_of(self, stage: Stage) -> int:
        """Return how many of the best candidates of a stage to keep.

        Args:
            stage: the stage.

        Returns:
            The number that the stage asks for, or else that of the search.
        """
        return self.top if stage.top is None else stage.top

    def _work(self, entry: Entry, allowed: int) -> Forecast:
        """Prove a stage, or score its first `allowed` candidates, until the search must stop; return the last forecast.

        If it was stopped before it scored anything, one candidate is scored, so that there is a result, if a poor one.
        """
        least = 1 if entry.stage.problem.penalty is None else 0  # which may forbid the first
        if self.stopped():
            allowed = 0 if self.n_scored else least
        if not allowed:
            return ScoringForecast()
        search = None
        try:
            with halting(self._must_end):
                self._descend_first(entry)
                if allowed > 1:
                    poll()
                search = self._begin(entry)
        except Halted:
            self._totals.engines[self.engines.scorer.name] = "the search was stopped before the proof began"
            allowed = 0 if entry.tally.best else least
        if search is not None:
            forecast = ProofForecast(
                self.engines, search, entry.stage.problem, self._pace, top=entry.top, spent=entry.seconds
            )
            self._reports.forecast = forecast
            sooner = self._prove(entry, search, forecast)
            if sooner is None:
                return forecast
            # What was found stays the best, and what was proven stays proven.
            self._totals.engines.pop(entry.engine or "", None)
            entry.note(Tally(best=entry.tally.best, bound=entry.tally.bound))
            self._note_engine(entry, sooner)
        self._score(entry, allowed)
        return ScoringForecast()

    def _take_over(self, entry: Entry) -> None:
        """Take over the progress of an earlier process on a stage."""
        if entry.engine is not None:
            self._totals.engines[entry.engine] = entry.reason
        self._count_entry(entry)
        if self._totals.best_objective is not None:
            self._heed_target(self._totals.best_objective)

    def _begin(self, entry: Entry) -> Search | None:
        """Begin a stage, or resume it; return the search to advance, or None if candidates are to be scored.

        Raises:
            CheckpointError: an earlier process began this stage in the other way.
        """
        answer, prover = self.ask(entry.stage), self.engines.prover
        if entry.engine is not None and entry.state is None and prover is not None and prover.falls_back:
            answer = Unprovable(entry.reason)  # as it had before
        is_search = not isinstance(answer, Unprovable)
        if entry.engine is not None and is_search != (entry.state is not None):
            expected = f"to resume as the {entry.engine} engine began ({entry.reason})"
            got = prover.name if prover is not None and is_search else self.engines.scorer.name
            why = answer.reason if isinstance(answer, Unprovable) else "a proof"
            fix = "Pass the same max_candidates as when the checkpoint was created, or use another file."
            raise CheckpointError(message(f"stage {entry.stage.name}", expected, f"{got} ({why})", fix))
        tally, state = entry.tally, entry.state
        if isinstance(answer, Unprovable):
            if tally.n_processed != tally.n_scored:
                raise damaged(f"stage {entry.stage.name}", "as many processed as scored", tally.n_processed)
            self._note_engine(entry, answer)
            return None
        if state is not None and isinstance(answer, ResumableSearch):
            answer.restore(state)
            if Tally.of(answer, tally.bound) != tally:
                raise damaged(f"stage {entry.stage.name}", "a search that came as far as its stage", "another")
        self._note_engine(entry, answer)
        if not isinstance(answer, GuidedSearch):
            entry.found = ()
        elif entry.found:
            answer.offer(*entry.found)
        return answer

    def _note_engine(self, entry: Entry, answer: Search | Unprovable) -> None:
        """Note which engine works on a stage from now on."""
        prover = self.engines.prover
        if isinstance(answer, Unprovable):
            entry.note_engine(self.engines.scorer.name, answer.reason)
        else:
            assert prover is not None
            entry.note_engine(prover.name, prover.reason_of(answer), answer)
        self._totals.engines[entry.engine or ""] = entry.reason

    def _prove(self, entry: Entry, search: Search, forecast: ProofForecast) -> Unprovable | None:
        """Advance a search until it ends; return None, or the reason to score all candidates instead."""
        tallies = prove(
            entry.stage, self.engines, search, self._backend, top=entry.top, start=entry.tally, stopped=self._must_end
        )
        with contextlib.closing(entry.follow(tallies)) as followed:
            for _ in followed:
                forecast.advanced()
                self._note_step(entry, forecast)
                if search.finished or self.stop_reason != "completed":
                    continue
                with halting(self._must_end):
                    too_long = None if self._refusal is None else forecast.refused_seconds()
                    sooner = forecast.why_scoring_is_sooner()
                if self.stopped():  # what was halted says nothing
                    continue
                if too_long is not None and self._refusal is not None:
                    raise self._refusal(too_long, search.best[0][0] if search.best else None)
                if sooner is not None:
                    return sooner
                self._descend_besides(entry, forecast, search)
        # What was under way elsewhere was taken back, and some of it processed.
        check_search(self.engines, search, entry.stage.problem)
        entry.note(Tally.of(search, entry.tally.bound))
        self._count_entry(entry)
        check_best(self.engines, entry.tally.best, entry.stage.problem)
        return None

    def _score(self, entry: Entry, allowed: int) -> None:
        """Score the first `allowed` candidates of a stage."""
        tallies = score_all(
            entry.stage,
            self.engines,
            self._backend,
            top=entry.top,
            start=entry.tally,
            allowed=allowed,
            target=self._stopper.limits.target_score if entry.stage.is_of_network(self.problem) else None,
            stopped=self._must_end,
            pace=self._pace,
        )
        forecast = ScoringForecast()
        with contextlib.closing(entry.follow(tallies)) as followed:
            for _ in followed:
                self._note_step(entry, forecast)
                self._descend_besides(entry, forecast)

    def _have_one(self, entry: Entry) -> None:
        """Give a stage that was stopped before it scored anything one scored candidate: its best, or else its first."""
        problem, best = entry.stage.problem, entry.tally.best
        if not best:
            index = entry.stage.every_index[0]
            with unhalted():  # by the scorer, which may keep every score
                objective = float(self.engines.scorer.objective(problem, problem.space.digits([index]))[0])
            if np.isnan(objective) and index != entry.stage.first_index:
                index = entry.stage.first_index
                objective = problem.objective(problem.space[index])
            best = () if np.isnan(objective) else ((objective, index),)
        if not self._totals.engines:
            self._totals.engines[self.engines.scorer.name] = "the search was stopped before it began"
        entry.make_do(best)
        self._count_entry(entry)

    def _descend_first(self, entry: Entry) -> None:
        """Begin a stage with descents, if it may be stopped before anything else finds a good candidate."""
        problem, limits = entry.stage.problem, self._stopper.limits
        is_whole = entry.stage.is_all_of(self.problem)  # strategies that search parts already descend
        is_all = is_whole and self.engines.prover is not None and limits.max_candidates is None
        is_worth = is_all and not entry.tally.best and SideDescents.are_worth(problem, limits.seconds)
        self._side = None
        if is_worth:
            stopper = self._stopper  # not self: a cycle would keep the data until Python collects garbage
            self._side = SideDescents(problem, self.engines.scorer, limits.seconds, lambda: stopper.seconds_left)
            self._side.begin()
            self._take_side(entry)

    def _descend_besides(self, entry: Entry, forecast: Forecast, search: Search | None = None) -> None:
        """Descend for a while, if it is time to, and the time limit may end the search before its proof does."""
        side, left = self._side, self._stopper.seconds_left
        if side is None or (search is not None and not isinstance(search, GuidedSearch)):
            return
        with halting(self._must_end):
            forecast.update()
            is_hopeless = forecast.is_hopeless(left)
            for _ in range(_MOST_DESCENTS):
                is_due = side.is_due(entry.seconds, is_hopeless=is_hopeless)
                if not is_due or self.stopped() or forecast.is_likely_to_end(left):
                    return
                if side.descend():
                    self._take_side(entry, search)

    def _take_side(self, entry: Entry, search: GuidedSearch | None = None) -> None:
        """Count the candidate that a descent found."""
        if self._side is None or self._side.found is None:
            return
        entry.found = (self._side.found,)
        entry.note(entry.tally)
        if search is not None:
            search.offer(self._side.found)
        self._count_entry(entry)

    def _note_step(self, entry: Entry, forecast: Forecast) -> None:
        """Count a tally, save it if it is time, and call the callbacks."""
        self._count_entry(entry)
        self._journal.note(self._totals.history, self.seconds)
        self._tell("progressed", entry, forecast)

    def _count_entry(self, entry: Entry) -> None:
        self._totals.take(entry.tally)
        if not entry.tally.best or not entry.stage.is_of_network(self.problem):
            return
        objective, index = entry.tally.best[0]
        if entry.stage.problem is self.problem:
            self._totals.improve(self.problem, objective, index, self.seconds)
        self._heed_target(objective)

    def _heed_target(self, objective: float) -> None:
        if not self._journal.finished:
            self._stopper.heed_target(self.problem, objective)

    def _stop(self, reason: StopReason) -> None:
        if not self._journal.finished:
            self._stopper.stop(reason)

    def _tell(self, kind: EventKind, entry: Entry, forecast: Forecast) -> None:
        """Send the progress of a stage to the callbacks, and stop if one of them returns True."""
        if kind == "progressed" and self._reports and self.stop_reason == "completed":
            with halting(self.stopped):
                forecast.update()
        if self._reports.tell(kind, entry, forecast):
            self._stop("callback")

    def _must_end(self) -> bool:
        """Tell whether the work of a step must end; if not, send an event if there was none for a while."""
        if self.stopped():
            return True
        if self._reports.remind():
            self._stop("callback")
            return True
        return False

    def _outcome(self, entry: Entry) -> Outcome:
        self._totals.end_stage()
        stage, tally = entry.stage, entry.tally
        if not tally.best and (tally.n_scored or entry.is_finished):
            is_all = stage.is_of_network(self.problem) and tally.n_processed == self.problem.space.size
            raise _no_score(stage, tally, is_all=is_all)
        space = stage.problem.space
        values = space.values_at(space.digits([index for _, index in tally.best]))
        return Outcome(as_candidates(tally.best, values), entry.is_finished, entry.still_possible)


def _no_score(stage: Stage, tally: Tally, *, is_all: bool) -> NoScoreError:
    """Build the error for a stage in which no candidate has a score; `is_all`: it was the whole space."""
    scoring, penalty = stage.problem.scoring, stage.problem.penalty
    if penalty is not None:
        fix = "Allow more, or give the grid small values and 0."
        if not is_all:
            fix = f"{fix} Or search the whole space, as the joint strategy does without max_candidates."
        return NoScoreError(
            f"penalty {penalty!r}: expected at least one candidate that it allows and that has a score, got "
            f"none of {tally.n_processed:,} ({stage.name}). {fix}"
        )
    fix = "The weighted sums overflow: use smaller grid values or scale X."
    if not isinstance(scoring, BuiltinScoring):
        fix = "Fix the scoring; or the weighted sums overflow: use smaller grid values or scale X."
    return NoScoreError(
        f"scoring {scoring!r}: expected a number for at least one candidate, got NaN for all "
        f"{tally.n_scored:,} that were scored ({stage.name}). {fix}"
    )
