"""Checks what a custom strategy returns before minigrid relies on it, and what only the joint strategy can do."""

import warnings
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from minigrid._base.text import describe, format_count, message, shown
from minigrid.exceptions import InvalidValueError, StrategyError
from minigrid.search.candidate import Candidate
from minigrid.search.engines.base import EnginePair
from minigrid.search.engines.guard import CheckedScorer, wrong_objective
from minigrid.search.limits import Limits
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.strategies.base import Strategy
from minigrid.strategies.joint import Joint

_PLACE = "Use problem.space.index_of(parameters, exact=True), which is None if the space does not hold it."


def check_near_best(strategy: Strategy, limits: Limits) -> None:
    """Check that a trainer's settings lead to the best of the whole grid.

    Raises:
        InvalidValueError: there is another strategy, or a limit other than that of time.
    """
    _check_joint(strategy, "near_best", "Use the joint strategy, which searches the whole grid.")
    for name in ("target_score", "max_candidates"):
        value = getattr(limits, name)
        if value is not None:
            fix = "Leave it out: near_best needs the best of the whole grid. A time_limit can be set."
            raise InvalidValueError(message(name, "None, as near_best asks", f"{value}", fix))


def check_keep_scores(strategy: Strategy, checkpoint: str | None, *, is_elsewhere: bool) -> None:
    """Check that the settings of a search allow it to keep every score.

    Args:
        strategy: the trainer's.
        checkpoint: the path of the checkpoint, if there is one.
        is_elsewhere: whether workers or an executor are to do the work.

    Raises:
        InvalidValueError: there is another strategy, workers or an executor, or a checkpoint.
    """
    fix = "Use the joint strategy, which searches the space itself, or leave out keep_scores."
    _check_joint(strategy, "keep_scores", fix)
    if is_elsewhere:
        fix = "Leave it out, so that threads of this process score."
        raise InvalidValueError(message("workers or executor", "none, as keep_scores asks", "one", fix))
    if checkpoint is not None:
        fix = "Leave one of them out."
        raise InvalidValueError(message("checkpoint and keep_scores", "one of the two", "both", fix))


def _check_joint(strategy: Strategy, asked: str, fix: str) -> None:
    if not isinstance(strategy, Joint):
        raise InvalidValueError(message("strategy", f"Joint(), as {asked} asks", f"{strategy!r}", fix))


def checked_stages(strategy: Strategy, problem: Problem) -> tuple[PlannedStage, ...]:
    """Ask a strategy for its stages.

    Raises:
        StrategyError: it returns anything but one or more planned stages.
    """
    what, stages = f"stages of strategy {shown(strategy)}", cast(object, strategy.stages(problem))
    fix = "Return a tuple, such as (PlannedStage(Stage('all', problem)),)."
    if not isinstance(stages, tuple | list) or not stages:
        raise StrategyError(message(what, "a tuple of one PlannedStage or more", describe(stages), fix))
    for planned in stages:
        if not isinstance(planned, PlannedStage):
            raise StrategyError(message(what, "a tuple of PlannedStages", f"one that holds {describe(planned)}", fix))
        for part, expected, got in _wrong_parts(planned):
            name = f"{part} of stage {_shown_name(planned)} of strategy {shown(strategy)}"
            fix = "Create it as minigrid.PlannedStage and minigrid.Stage describe."
            raise StrategyError(message(name, expected, describe(got), fix))
    return tuple(stages)


def _shown_name(planned: PlannedStage) -> str:
    return shown(planned.stage.name) if isinstance(cast(object, planned.stage), Stage) else "?"


def _wrong_parts(planned: PlannedStage) -> Iterator[tuple[str, str, object]]:
    """Name each part of a stage that has the wrong type: its name, what was expected, and the part itself."""
    stage, count, least = cast(object, planned.stage), cast(object, planned.n_candidates), cast(object, planned.n_least)
    if not isinstance(stage, Stage):
        yield "stage", "a Stage", stage
        return
    name, problem, indices = cast(object, stage.name), cast(object, stage.problem), cast(object, stage.indices)
    if not isinstance(name, str):
        yield "name", "text", name
    if not isinstance(problem, Problem):
        yield "problem", "a Problem", problem
    if not (count is None or _is_count(count, 1)):
        yield "n_candidates", "None, or a whole number of at least 1", count
    if not (least is None or _is_count(least, 0)):
        yield "n_least", "None, or a whole number", least
    if not (indices is None or (isinstance(indices, Sequence) and len(indices) > 0)):
        yield "indices", "None, or a sequence of indices, such as a range", indices


def checked_outcome(strategy: Strategy, outcome: object, problem: Problem, runner: Runner) -> Outcome:
    """Check that a strategy returned an outcome, and that the outcome claims no more than the search has done.

    Raises:
        StrategyError: it is not an outcome; or it has no candidates, too many, or in the wrong order; or it claims to
            be optimal although some candidates were not processed, or a bound that its own best exceeds.
    """
    what = f"strategy {shown(strategy)}"
    if not isinstance(outcome, Outcome) or not outcome.best:
        got = describe(outcome) if not isinstance(outcome, Outcome) else "an Outcome without candidates"
        fix = "Return Outcome(found.best, optimal=False), where found is what runner.run returned."
        raise StrategyError(message(what, "an Outcome with at least one candidate", got, fix))
    best = cast(object, outcome.best)
    if not isinstance(best, tuple):
        fix = "Return Outcome(tuple(best), ...), best first."
        if isinstance(best, Outcome):
            fix = "Return Outcome(found.best, ...), where found is what runner.run returned."
        raise StrategyError(message(f"best of {what}", "a tuple of Candidates", describe(best), fix))
    for number, candidate in enumerate(outcome.best):
        _check_candidate(what, number, candidate, problem)
    _check_parameters(what, outcome.best, problem)
    for number, (one, other) in enumerate(zip(outcome.best, outcome.best[1:], strict=False)):
        if problem.better(other.objective, one.objective):
            expected, got = "the best candidates, best first", f"{one.objective!r} before {other.objective!r}"
            fix = "Sort them by score."
            raise StrategyError(message(f"best[{number}] of {what}", expected, got, fix))
    if len(outcome.best) > runner.top:
        expected, fix = f"at most {runner.top}, the top of the trainer", "Return best[: runner.top]."
        raise StrategyError(message(f"best of {what}", expected, f"{len(outcome.best)}", fix))
    _check_claims(what, outcome, problem, runner)
    return outcome


def warn_if_unplanned(strategy: Strategy, stages: Sequence[PlannedStage], runner: Runner, *, stacklevel: int) -> None:
    """Warn if a strategy ran other stages than it lists, because plans are then wrong.

    A stage is known by its name, or by a name that contains it, such as 'start 2, climb' where 'climb' is planned.

    Args:
        strategy: a custom strategy.
        stages: the stages that it lists.
        runner: the runner that ran its stages.
        stacklevel: the stack level of the warning, seen from here.
    """
    planned, ran = [one.stage.name for one in stages], list(dict.fromkeys(runner.stage_names))
    unknown = [name for name in ran if not any(one in name for one in planned)]
    sure = [one.stage.name for one in stages if one.n_least is None] if runner.stop_reason == "completed" else []
    left_out = [one for one in sure if not any(one in name for name in ran)]
    found = [f"it ran {unknown[0]!r}"] if unknown else []
    found += [f"it did not run {left_out[0]!r}"] if left_out else []
    if found:
        fix = "List each stage in stages() by the name that search() gives it: plan() estimates those alone."
        text = message(
            f"stages of strategy {shown(strategy)}", "all stages that it runs", _list_of(planned, found), fix
        )
        warnings.warn(text, UserWarning, stacklevel=stacklevel + 1)


def _list_of(planned: Sequence[str], found: Sequence[str]) -> str:
    """Describe the listed stages, and how the real ones differ."""
    return f"{', '.join(map(repr, planned[:4]))}{', ...' if len(planned) > 4 else ''}, while {' and '.join(found)}"


def _check_candidate(strategy: str, number: int, candidate: object, problem: Problem) -> None:
    if not isinstance(candidate, Candidate):
        fix = "Take candidates from runner.run(...).best, or create them: Candidate(index, parameters, score)."
        raise StrategyError(message(f"best[{number}] of {strategy}", "a Candidate", describe(candidate), fix))
    if candidate.parameters.shape != (len(problem.space.names),):
        raise _wrong_parameters(strategy, number, candidate, problem)
    objective, index = cast(object, candidate.objective), cast(object, candidate.index)
    if isinstance(objective, bool) or not isinstance(objective, int | float) or np.isnan(objective):
        fix = "Take the score from the candidate, or compute it with problem.objective(parameters)."
        what = f"score of best[{number}] of {strategy}"
        raise StrategyError(message(what, "a number, not NaN", describe(objective), fix))
    if problem.penalty is None and candidate.score != objective:
        fix = "Create a new one: Candidate(index, parameters, score)."
        what = f"objective of best[{number}] of {strategy}"
        expected = f"its score, {candidate.score!r}, as there is no penalty"
        raise StrategyError(message(what, expected, describe(objective), fix))
    if index is not None and (
        isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < problem.space.size
    ):
        raise _wrong_place(strategy, number, describe(index), problem)


def _check_parameters(strategy: str, best: Sequence[Candidate], problem: Problem) -> None:
    """Check that all candidates are finite, and where their indices say, all at once, as there may be many."""
    parameters = np.stack([one.parameters for one in best])
    finite = np.isfinite(parameters).all(axis=1)
    if not finite.all():
        number = int(np.argmin(finite))
        raise _wrong_parameters(strategy, number, best[number], problem)
    placed = [number for number, one in enumerate(best) if one.index is not None]
    points = problem.space.values_at(problem.space.digits([best[number].index or 0 for number in placed]))
    same = (points == parameters[placed]).all(axis=1)
    if not same.all():
        first = int(np.argmin(same))
        own = best[placed[first]]
        there = f"where the space has {points[first].tolist()}, and not {own.parameters.tolist()}"
        raise _wrong_place(strategy, placed[first], f"{format_count(own.index or 0)}, {there}", problem)


def _wrong_parameters(strategy: str, number: int, one: Candidate, problem: Problem) -> StrategyError:
    expected = f"{len(problem.space.names)} finite parameters, one for each of the network's"
    fix = "Pass the parameters of the whole network, in the order of problem.space.names."
    what = f"parameters of best[{number}] of {strategy}"
    return StrategyError(message(what, expected, describe(one.parameters), fix))


def _wrong_place(strategy: str, number: int, got: str, problem: Problem) -> StrategyError:
    expected = f"None, or a whole number below {format_count(problem.space.size)}, its index in the space"
    return StrategyError(message(f"index of best[{number}] of {strategy}", expected, got, _PLACE))


def _check_claims(what: str, outcome: Outcome, problem: Problem, runner: Runner) -> None:
    optimal, bound = cast(object, outcome.optimal), cast(object, outcome.bound)
    if not isinstance(optimal, bool | np.bool_):
        fix = "Pass True only if every candidate was processed, else False."
        raise StrategyError(message(f"optimal of {what}", "True or False", describe(optimal), fix))
    processed = runner.n_scored + runner.n_pruned
    if optimal and processed != problem.space.size:
        expected = f"{format_count(problem.space.size)} candidates processed, as it claims to be optimal"
        fix = "Pass optimal=True only if every candidate was scored or pruned once."
        raise StrategyError(message(what, expected, format_count(processed), fix))
    if bound is None:
        return
    is_number = isinstance(bound, int | float) and not isinstance(bound, bool) and not np.isnan(bound)
    if not is_number or problem.better(outcome.best[0].objective, cast(float, bound)):
        expected = f"None, or a number at least as good as its own best, {outcome.best[0].objective!r}"
        fix = "Take it from the outcome that runner.run returned, or leave it out."
        raise StrategyError(message(f"bound of {what}", expected, describe(bound), fix))


def check_winner(best: Candidate, problem: Problem, strategy: Strategy | None, engines: EnginePair) -> None:
    """Score the winner once more, as the plain loop does, and compare.

    Args:
        best: the candidate that the strategy returned as the best.
        problem: the problem that was searched.
        strategy: the custom strategy that returned it; None: a built-in one.
        engines: the engines that searched.

    Raises:
        EngineError: the objective differs, and the engine alone gives the wrong score too.
        StrategyError: the objective differs, and the strategy is to blame.
    """
    objective = problem.objective(best.parameters)
    if objective == best.objective:
        return
    is_of_strategy = not isinstance(engines.scorer, CheckedScorer)  # the best of a custom prover was checked already
    if not is_of_strategy and strategy is not None and best.index is not None:
        is_of_strategy = float(engines.scorer.objective(problem, problem.space.digits([best.index]))[0]) == objective
    if is_of_strategy:
        error = wrong_objective(f"strategy {shown(strategy)}", best.objective, objective, best.parameters)
        raise StrategyError(str(error))
    raise wrong_objective(f"engine {engines.scorer!r}", best.objective, objective, best.parameters, is_of_scorer=True)


def _is_count(value: object, minimum: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= minimum
