"""The trainer puts a network, a grid and data together, and searches for the best weights."""

import contextlib
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, final

import numpy as np

from minigrid._base.expected_names import KnowsOtherNames, creates_with_known_arguments
from minigrid._base.signals import Interrupt
from minigrid._base.threads import at_most, n_threads
from minigrid._base.typing import ArrayLike, RegisteredName, override
from minigrid._base.validation import as_flag, as_instance, check_first
from minigrid._base.values import Unchanging
from minigrid.exceptions import CheckpointError
from minigrid.model.network import Network
from minigrid.scoring import BuiltinScoring, Penalty, ScoreFunction, Scoring, warn_if_doubtful
from minigrid.scoring.names import ScoringName, as_any_scoring, as_penalty
from minigrid.search.candidate import StopReason
from minigrid.search.engines.base import Engine, EnginePair
from minigrid.search.engines.names import ENGINES, EngineName, as_engine, pair_of
from minigrid.search.events import Callback, as_callbacks
from minigrid.search.limits import Limits, as_max_candidates, as_target, as_time_limit, as_top
from minigrid.search.near_best import NearBest, as_distance
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend
from minigrid.search.parallel.executors import DaskClient, ExecutorLike, WorkerSettings
from minigrid.search.problem import Problem
from minigrid.search.result import SearchResult
from minigrid.search.running.feasibility import Feasibility
from minigrid.search.running.hints import with_hints
from minigrid.search.running.journal import Journal
from minigrid.search.running.log import SearchLog
from minigrid.search.running.near_best_count import NearBestCount, is_known
from minigrid.search.running.plan import SearchPlan, make_plan
from minigrid.search.running.progress_bar import ProgressBar
from minigrid.search.running.runner import Runner
from minigrid.search.running.score_file import as_score_path, open_score_file
from minigrid.search.running.stage import Outcome, PlannedStage
from minigrid.search.running.winner import confirmed, with_scores
from minigrid.search.space import GRID_FIX, Grid, SearchSpace, as_overrides
from minigrid.strategies import Coordinate, Strategy
from minigrid.strategies.guard import (
    check_keep_scores,
    check_near_best,
    check_winner,
    checked_outcome,
    checked_stages,
    warn_if_unplanned,
)
from minigrid.strategies.names import STRATEGIES, StrategyName, as_strategy

_network_first = check_first(Network, "network", "Pass the network first, such as Network.dense([2, 1]), then X and y.")
_TRYING = 0.25  # the share of the time limit that checks may take before optional ones are left out


class _Session(NamedTuple):
    """One call of `fit`: the problem, and the objects that listen and work until it ends."""

    problem: Problem
    interrupt: Interrupt
    began: float
    bar: ProgressBar
    backend: Backend
    log: SearchLog


@final
@creates_with_known_arguments
class GridSearchTrainer(KnowsOtherNames, Unchanging):
    """Finds the best weights of a network among all combinations of given values.

    Args:
        grid: the values that every weight may take, and every bias too unless you give ``bias_grid``.
        bias_grid: the values that every bias may take. Default None: those of ``grid``. `fit` raises an error if you
            give one and the network has no bias.
        overrides: other values for single parameters, by their names in `network.parameter_names`. Default None: none.
        strategy: which candidates to search, and in which order: the name of a built-in strategy (`StrategyName`), such
            as 'joint' (default) or 'coordinate', a name that you registered, or a Strategy with your own settings.
        scoring: how to compare networks: the name of a built-in scoring (`ScoringName`), such as 'accuracy' (default),
            'log_loss' or 'mean_squared_error', a name that you registered, a Scoring, or a function of
            (y_true, outputs) whose higher values are better.
        penalty: what the weights themselves cost, to keep them few or small, such as L1(0.01): a Penalty, or a name
            that you registered. minigrid adds it to a loss, or subtracts it from a score, and compares the results;
            ``result.score`` stays the scoring's number. Default None: no penalty.
        engine: how to score the candidates: 'auto' (default; the fastest engine that can), 'exact' (proves the best
            and scores few candidates), 'batched' (scores all) or 'reference' (the plain loop). All find the same
            best candidate. You can also pass a name that you registered, or an Engine.
        top: how many of the best candidates to keep in the result, at least 1. Default 1.
        time_limit: how many seconds the search may take; it ends with the best so far. Default None, or inf: no limit.
        target_score: a score that is good enough: the search stops when it finds one. With a penalty, it is an
            objective. Default None: no target.
        max_candidates: how many candidates to score at most: the first ones, in order. In a large space, these differ
            little; ``strategy=RandomSample(n)`` draws n from the whole grid. Default None: no limit.
        callbacks: functions that minigrid calls with a SearchEvent before, during and after each stage of the search.
            If one returns True, the search stops. If one raises an exception, `fit` raises it. Default (): none.
        progress: whether to show a progress bar. True shows it everywhere, and needs tqdm. False never shows it.
            Default None: after about a second, in a terminal or a notebook; without tqdm, as a plain line every few
            seconds.
        workers: how many processes share the work. minigrid starts them for each search that takes longer than about
            half a second, and ends them with it. Your script then needs ``if __name__ == "__main__":``. If none can be
            started, this process searches alone, after a RuntimeWarning. 1: this process alone, on one thread.
            Default None: this process, with one thread per CPU, or a single one if the search calls your functions.
        executor: an executor as in ``concurrent.futures`` (threads, processes, loky, mpi4py, ...) or a Dask client
            that does the work instead; while its workers are busy, this process does it. minigrid uses only its
            ``submit``, and never shuts it down. Every backend gives the same answer; only the number of candidates
            that a proof scores may differ. Default None: no executor.

    Raises:
        InvalidTypeError: an argument has the wrong type.
        InvalidValueError: an argument has the right type, but a value that cannot be used.
        UnknownNameError: no strategy, scoring, penalty or engine has the name that you gave.

    Example:
        >>> trainer = GridSearchTrainer(Grid.linspace(-10, 10, 21))
        >>> result = trainer.fit(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
        >>> result.score
        1.0
    """

    def __init__(
        self,
        grid: Grid,
        *,
        bias_grid: Grid | None = None,
        overrides: Mapping[str, Grid] | None = None,
        strategy: StrategyName | RegisteredName | Strategy = "joint",
        scoring: ScoringName | RegisteredName | Scoring | ScoreFunction = "accuracy",
        penalty: Penalty | RegisteredName | None = None,
        engine: EngineName | RegisteredName | Engine = "auto",
        top: int = 1,
        time_limit: float | None = None,
        target_score: float | None = None,
        max_candidates: int | None = None,
        callbacks: Sequence[Callback] = (),
        progress: bool | None = None,
        workers: int | None = None,
        executor: ExecutorLike | DaskClient | None = None,
    ) -> None:
        self._grid = as_instance(grid, Grid, "grid", GRID_FIX)
        self._bias_grid = None if bias_grid is None else as_instance(bias_grid, Grid, "bias_grid", GRID_FIX)
        self._overrides = None if overrides is None else as_overrides(overrides)
        self._strategy = as_strategy(strategy)
        self._scoring = as_any_scoring(scoring)
        self._penalty = None if penalty is None else as_penalty(penalty)
        self._engine = as_engine(engine)
        self._engines = pair_of(self._engine)
        self._given_engine: str | Engine = engine
        self._top = as_top(top)
        self._limits = Limits(
            seconds=as_time_limit(time_limit),
            target_score=None if target_score is None else as_target(target_score, self._scoring),
            max_candidates=as_max_candidates(max_candidates),
        )
        self._callbacks = as_callbacks(callbacks)
        fix = "Pass True (always), False (never) or None (only in a terminal or notebook)."
        self._progress = None if progress is None else as_flag(progress, "progress", fix)
        self._worker_settings = WorkerSettings(workers, executor)
        self._pace = Pace()

    @override
    def __repr__(self) -> str:
        parts = [repr(self._grid)]
        if self._bias_grid is not None:
            parts.append(f"bias_grid={self._bias_grid!r}")
        if self._overrides:
            parts.append(f"overrides={self._overrides!r}")
        parts += [f"strategy={self._strategy!r}", f"scoring={self._scoring!r}"]
        parts += [] if self._penalty is None else [f"penalty={self._penalty!r}"]
        parts += [] if self._given_engine == "auto" else [f"engine={self._given_engine!r}"]
        limits = self._limits
        changed = {"time_limit": limits.seconds, "target_score": limits.target_score}
        changed["max_candidates"] = limits.max_candidates
        parts += [f"{name}={value!r}" for name, value in changed.items() if value is not None]
        parts += [f"top={self._top}"] if self._top > 1 else []
        parts += [f"callbacks={list(self._callbacks)!r}"] if self._callbacks else []
        parts += [] if self._progress is None else [f"progress={self._progress}"]
        parts += [repr(self._worker_settings)] if repr(self._worker_settings) else []
        return f"GridSearchTrainer({', '.join(parts)})"

    @_network_first
    def fit(
        self,
        network: Network,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        keep_scores: bool | str | os.PathLike[str] = False,
    ) -> SearchResult:
        """Search for the best parameters of a network on data.

        The joint strategy returns the same result as a plain loop over the whole space: the candidate with the best
        score. If several have that score, it returns the first.

        On the main thread the first Ctrl-C (SIGINT) ends the search after the current batch of candidates. `fit` then
        returns the best so far, with ``stop_reason`` 'interrupted'. The second raises KeyboardInterrupt. SIGTERM also
        ends the search, then the process, unless you handle it. At the end, minigrid restores the earlier handlers, and
        calls your own for a signal that has come.

        Args:
            network: the architecture. Its weights do not matter, and `fit` does not change them.
            X: shape (n_samples, n_inputs).
            y: shape (n_samples,): labels 0 and 1, or 0, 1, 2, ... for several outputs; real targets
                for the regression losses, there of shape (n_samples, n_outputs) for several.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.
            checkpoint: the path of a file in which `fit` saves the search, every few seconds and at its end. To resume
                a search, call `fit` with the same file, in this process or another. The result is that of an
                uninterrupted search; ``seconds`` and ``history`` include all calls, a time limit counts from this call,
                and ``max_candidates`` counts over all calls. If the search in the file has finished, `fit` returns its
                result at once. Only one search at a time can use the file. Default None: no checkpoint.
            keep_scores: the path of a file for every score, in the order of the candidates; `SearchResult.scores` reads
                it. True: "scores.npy". Threads of this process then score all candidates, or the first
                ``max_candidates``. This needs the joint strategy. Default False.

        Returns:
            The best network that the search found, with its score and whether it is proven best.

        Raises:
            InvalidTypeError: ``X``, ``y`` or ``sample_weight`` holds something other than real numbers.
            InvalidValueError: they hold NaN or infinity, or ``y`` holds labels that the scoring does not take.
            ShapeError: their shapes do not fit the network or each other.
            UnknownNameError: ``overrides`` names a parameter that the network does not have.
            ActivationError, ScoringError, PenaltyError: a custom activation, scoring or penalty broke its contract.
            CheckpointError: the file is damaged, too new, of another search, or in use. `fit` leaves it as it is.
            StrategyError, EngineError: a custom strategy or engine broke its contract.
            SearchTooLongError: the search would take this process more than a day, and you set neither ``time_limit``
                nor ``max_candidates``.
            NoScoreError: every candidate scored NaN, or the penalty forbids every candidate that the search visited.
            MissingExtraError: ``progress=True``, but tqdm is not installed.
            WorkerError: workers were lost with the same task three times, take no more work, or compute differently.
        """
        path = None
        if checkpoint is not None:
            from minigrid.search.running.checkpoint import as_path  # only where there is a file to keep

            path = as_path(checkpoint)
        scores_path = as_score_path(keep_scores)
        if scores_path is not None:
            check_keep_scores(self._strategy, path, is_elsewhere=self._worker_settings.is_elsewhere)
        began = time.perf_counter()
        with self._undisturbed() as interrupt:
            problem = self._problem(network, X, y, sample_weight)
            return self._fit(problem, interrupt, began, path, scores_path)

    @_network_first
    def near_best(
        self, network: Network, X: ArrayLike, y: ArrayLike, *, within: float, sample_weight: ArrayLike | None = None
    ) -> NearBest:
        """Count all candidates that are nearly as good as the best, and the values that their parameters have.

        This method first finds and proves the best, as `fit` does. A candidate counts if its objective is at least that
        of the best minus ``within``, or for a loss at most that plus ``within``; NaN never counts. The objective is the
        score, made worse by the penalty if there is one. The count is exact, however large it is.

        A time limit holds for the search and the count together. If it, Ctrl-C or a callback stops the count, the
        result has bounds instead. If the search stops before the best is proven, the bounds only say that at least one
        candidate counts, and at most all. ``workers`` and an ``executor`` search for the best; this process counts.

        A prover of your own only finds the best. minigrid then counts with its own bounds, and with the scorer of your
        prover. If your engine is a scorer, it scores every candidate.

        Args:
            network: the architecture. Its weights do not matter, and this method does not change them.
            X: shape (n_samples, n_inputs).
            y: the targets, as for `fit`.
            within: how much worse than the best a candidate may be, at least 0; 0 counts ties with the best.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.

        Returns:
            The count, and the values of each parameter.

        Raises:
            InvalidTypeError: as for `fit`; or ``within`` is not a number.
            InvalidValueError: as for `fit`; or ``within`` is negative; or the trainer has another strategy than
                'joint', a ``target_score`` or ``max_candidates``, which may end the search before the best is found.
            ShapeError: as for `fit`.
            ActivationError, ScoringError, PenaltyError, EngineError, SearchTooLongError, NoScoreError,
                MissingExtraError, WorkerError, UnknownNameError: as for `fit`.

        Example:
            >>> trainer = GridSearchTrainer(Grid.linspace(-10, 10, 21))
            >>> near = trainer.near_best(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1], within=0)
            >>> near.count, [own.can_be_zero for own in near.parameters]
            (110, [False, True])
        """
        distance = as_distance(within)
        check_near_best(self._strategy, self._limits)
        began = time.perf_counter()
        with self._undisturbed() as interrupt:
            problem = self._problem(network, X, y, sample_weight)
            best = self._fit(problem, interrupt, began)
            with ProgressBar(self._progress if is_known(best) else False, self._pace) as bar:
                count = NearBestCount(
                    problem,
                    self._engines,
                    best,
                    distance,
                    limits=self._limits,
                    callbacks=[*self._callbacks, *([bar] if bar.is_possible else [])],
                    interrupted=lambda: interrupt.requested,
                )
                return count.run()

    @contextlib.contextmanager
    def _undisturbed(self) -> Iterator[Interrupt]:
        """Run with settings for floats, threads and signals of minigrid's own."""
        threads = at_most(1 if self._worker_settings.workers == 1 else None)
        with np.errstate(all="ignore"), threads, Interrupt() as interrupt:
            yield interrupt

    def _fit(
        self,
        problem: Problem,
        interrupt: Interrupt,
        began: float,
        path: str | None = None,
        scores_path: str | None = None,
    ) -> SearchResult:
        with (
            ProgressBar(self._progress, self._pace) as bar,
            contextlib.closing(self._worker_settings.backend(self._pace)) as backend,
        ):
            session = _Session(problem, interrupt, began, bar, backend, SearchLog(self._pace))
            runner, outcome = self._run_session(session, path, scores_path)
        # The result reports a signal even if it came with the last candidate, so that a script can stop too.
        found = self._result(problem, runner, outcome, scores_path, interrupted=interrupt.requested)
        strategy, most = self._strategy, self._limits.max_candidates
        has_start = isinstance(strategy, Coordinate) and strategy.start is not None
        is_whole = runner.searches_all
        result = with_hints(found, problem, most, is_whole=is_whole, has_start=has_start, checkpoint=path)
        session.log.end(result)
        return result

    def _run_session(self, session: _Session, path: str | None, scores_path: str | None) -> tuple[Runner, Outcome]:
        """Search, and save the checkpoint and the scores if the user asked for them."""
        problem, log = session.problem, session.log
        session.backend.check(self._engines, problem)
        log.begin(repr(self._strategy), problem)
        keeps = open_score_file(scores_path, self._engines, problem, self._limits.max_candidates)
        with self._journal(path, problem) as journal, keeps as scores:
            if path is not None and journal.seconds:
                log.resume(path, journal.seconds)
            engines = self._engines if scores is None else scores.recorded(self._engines)
            runner, outcome = self._search(session, engines, journal, path)
            finished = outcome.optimal or runner.stop_reason == "completed"
            if finished:
                session.bar.complete()
            journal.close(runner.history, runner.seconds, finished=finished)
            if scores is not None:
                scores.finish(runner.n_scored)
        return runner, outcome

    @property
    def _other(self) -> str:
        """The name of a strategy that searches less than this one."""
        return "random" if isinstance(self._strategy, Coordinate) else "coordinate"

    def _journal(self, path: str | None, problem: Problem) -> contextlib.AbstractContextManager[Journal]:
        if path is None:
            return contextlib.nullcontext(Journal(pace=self._pace))
        from minigrid.search.running.checkpoint import open_journal, settings_of  # only where there is a file to keep

        return open_journal(path, problem, settings_of(self._strategy, self._engine, self._top), self._pace)

    def _search(
        self, session: _Session, engines: EnginePair, journal: Journal, path: str | None
    ) -> tuple[Runner, Outcome]:
        problem, interrupt = session.problem, session.interrupt
        unlimited = self._limits.seconds is None and self._limits.max_candidates is None
        is_judged = unlimited and not (interrupt.requested or journal.finished or self._worker_settings.is_elsewhere)
        is_planned = is_judged or not STRATEGIES.is_built_in(self._strategy)
        stages = checked_stages(self._strategy, problem) if is_planned else ()
        feasibility = Feasibility(problem, self._engine.name, self._other, path, self._pace)
        bars: list[Callback] = [session.bar] if session.bar.is_possible else []
        logs: list[Callback] = [session.log] if session.log.is_heard else []
        runner = Runner(
            problem,
            engines,
            limits=self._limits,
            callbacks=[*self._callbacks, *bars, *logs],
            top=self._top,
            refusal=feasibility.refusal_of_proof if is_judged else None,
            interrupted=lambda: interrupt.requested,
            journal=journal,
            backend=session.backend,
            pace=self._pace,
            began=session.began,
        )
        if is_judged:
            feasibility.refuse(stages, runner, partial(self._plan, runner, session.began))
        try:
            outcome = self._checked(self._strategy.search(problem, runner), stages, runner)
            is_claimed = outcome.optimal or self._worker_settings.is_elsewhere
            return runner, confirmed(outcome, problem) if is_claimed else outcome
        except CheckpointError:  # the file is to stay as it is
            raise
        except (Exception, SystemExit):  # a callback may end the program
            journal.rescue()
            raise

    def _result(
        self, problem: Problem, runner: Runner, outcome: Outcome, scores_path: str | None, *, interrupted: bool
    ) -> SearchResult:
        top = with_scores(problem, outcome.best)
        best = top[0]
        stop_reason: StopReason = "completed" if outcome.optimal else runner.stop_reason
        bound = problem.scoring.best_possible if outcome.bound is None else outcome.bound
        return SearchResult(
            network=problem.network.with_parameters(best.parameters),
            parameters=best.parameters,
            index=best.index,
            score=best.score,
            cost=float(problem.penalties(best.parameters[np.newaxis])[0]),
            optimal=outcome.optimal,
            bound=best.objective if outcome.optimal else bound,
            n_candidates=problem.space.size,
            n_scored=runner.n_scored,
            n_pruned=runner.n_pruned,
            seconds=runner.seconds,
            stop_reason="interrupted" if interrupted else stop_reason,
            top=top,
            history=runner.history,
            strategy=repr(self._strategy),
            engine=" and ".join(runner.engines_used),
            engine_reason="; ".join(runner.engines_used.values()),
            scoring=repr(problem.scoring),
            greater_is_better=problem.scoring.greater_is_better,
            scores_path=scores_path,
            penalty="" if problem.penalty is None else repr(problem.penalty),
        )

    def _checked(self, outcome: Outcome, stages: Sequence[PlannedStage], runner: Runner) -> Outcome:
        """Check what a strategy and an engine, which may be custom, have found."""
        problem, checked = runner.problem, outcome
        strategy = None if STRATEGIES.is_built_in(self._strategy) else self._strategy
        if strategy is not None:
            checked = checked_outcome(strategy, outcome, problem, runner)
            warn_if_unplanned(strategy, stages, runner, stacklevel=7)
        if strategy is not None or not ENGINES.is_built_in(self._engine):
            check_winner(checked.best[0], problem, strategy, self._engines)
        return checked

    @_network_first
    def plan(
        self, network: Network, X: ArrayLike, y: ArrayLike, *, sample_weight: ArrayLike | None = None
    ) -> SearchPlan:
        """Estimate how long `fit` would take in this process, by timing a small part of the real work.

        The estimate ignores ``workers`` and ``executor``.

        Args:
            network: the architecture.
            X: shape (n_samples, n_inputs).
            y: the targets, as for `fit`.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.

        Returns:
            The estimate.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            InvalidValueError: the data hold values that the network or the scoring cannot use.
            ShapeError: the shapes of ``X``, ``y``, ``sample_weight`` and the network do not match.
            UnknownNameError: ``overrides`` names a parameter that the network does not have.
            ActivationError, ScoringError, PenaltyError: a custom activation, scoring or penalty broke its contract.
            StrategyError: a custom strategy broke its contract.
        """
        began = time.perf_counter()
        with np.errstate(all="ignore"):
            problem = self._problem(network, X, y, sample_weight)
            runner = Runner(problem, self._engines, limits=self._limits, top=self._top, pace=self._pace)
            return self._plan(runner, began, checked_stages(self._strategy, problem))

    def _problem(self, network: Network, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Problem:
        space = SearchSpace(network, self._grid, self._bias_grid, self._overrides)
        began = time.perf_counter()
        problem = Problem.create(network, space, X, y, self._scoring, sample_weight, self._penalty)
        has_time = time.perf_counter() - began <= _TRYING * (self._limits.seconds or math.inf)  # for more calls
        if has_time and not isinstance(self._scoring, BuiltinScoring):
            asked = (self._scoring, problem.targets, network.n_outputs, problem.sample_weight)
            warn_if_doubtful(*asked, stacklevel=4)
        return problem

    def _plan(self, runner: Runner, began: float, stages: Sequence[PlannedStage]) -> SearchPlan:
        return make_plan(
            strategy=repr(self._strategy),
            runner=runner,
            stages=stages,
            time_limit=self._limits.seconds,
            threads=n_threads(),
            pace=self._pace,
            other=self._other,
            began=began,
        )
