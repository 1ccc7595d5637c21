"""What a strategy of a user's own gives back, looked at before it is believed."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from minigrid._base.text import describe, format_count, message, shown
from minigrid.exceptions import EngineError, StrategyError
from minigrid.search.candidate import Candidate
from minigrid.search.engines.base import Engine
from minigrid.search.problem import Problem
from minigrid.search.running.plan import Stage
from minigrid.search.running.runner import Runner
from minigrid.strategies.base import Outcome, Strategy


def checked_stages(strategy: Strategy, problem: Problem) -> tuple[Stage, ...]:
    """Ask a strategy for its stages.

    Raises:
        StrategyError: anything but one or more stages.
    """
    what, stages = f"stages of strategy {shown(strategy)}", cast(object, strategy.stages(problem))
    mend = "Return a tuple, such as (Stage('all', problem, problem.space.size),)."
    if not isinstance(stages, tuple | list) or not stages:
        raise StrategyError(message(what, "a tuple of one Stage or more", describe(stages), mend))
    for stage in stages:
        if not isinstance(stage, Stage):
            raise StrategyError(message(what, "a tuple of Stages", f"one that holds {describe(stage)}", mend))
        for part, expected in _wrong_parts(stage):
            name = f"{part} of stage {shown(stage.name)} of strategy {shown(strategy)}"
            raise StrategyError(message(name, expected, describe(getattr(stage, part)), "See minigrid.Stage."))
    return tuple(stages)


def _wrong_parts(stage: Stage) -> list[tuple[str, str]]:
    """Name what of a stage is of another kind than it must be, and what it must be."""
    least, indices = cast(object, stage.n_least), cast(object, stage.indices)
    fits = [
        ("name", "text", isinstance(cast(object, stage.name), str)),
        ("problem", "a Problem", isinstance(cast(object, stage.problem), Problem)),
        ("n_candidates", "a whole number of at least 1", _is_count(stage.n_candidates, 1)),
        ("n_least", "None, or a whole number", least is None or _is_count(least, 0)),
        (
            "indices",
            "None, or a sequence of indices, such as a range",
            indices is None or (isinstance(indices, Sequence) and len(indices) > 0),
        ),
    ]
    return [(part, expected) for part, expected, fit in fits if not fit]


def checked_outcome(strategy: Strategy, outcome: object, problem: Problem, runner: Runner) -> Outcome:
    """Check that what a strategy has returned is an outcome, that claims no more than was done.

    Raises:
        StrategyError: it is none; or it has no candidate, too many, or them in another order; or it claims to be
            exhaustive where not every candidate was settled, or a bound that its own best is beyond.
    """
    what = f"strategy {shown(strategy)}"
    if not isinstance(outcome, Outcome) or not outcome.best:
        got = describe(outcome) if not isinstance(outcome, Outcome) else "one without any"
        mend = "Return Outcome(found.best, exhaustive=False) with what runner.run has found."
        raise StrategyError(message(what, "an Outcome with at least one candidate", got, mend))
    if not isinstance(cast(object, outcome.best), tuple):
        mend = "Return Outcome(tuple(best), ...), best first."
        raise StrategyError(message(f"best of {what}", "a tuple of Candidates", describe(outcome.best), mend))
    for number, candidate in enumerate(outcome.best):
        _check_candidate(f"best[{number}] of {what}", candidate, problem)
    for number, (one, other) in enumerate(zip(outcome.best, outcome.best[1:], strict=False)):
        if problem.better(other.score, one.score):
            expected, got = "the best candidates, best first", f"{one.score!r} before {other.score!r}"
            mend = "Sort them by score."
            raise StrategyError(message(f"best[{number}] of {what}", expected, got, mend))
    if len(outcome.best) > runner.top:
        expected, mend = f"at most {runner.top}, as many as were asked for", "Return best[: runner.top]."
        raise StrategyError(message(f"best of {what}", expected, f"{len(outcome.best)}", mend))
    _check_claims(what, outcome, problem, runner)
    return outcome


def _check_candidate(what: str, candidate: object, problem: Problem) -> None:
    if not isinstance(candidate, Candidate):
        mend = "Take candidates from runner.run(...).best, or make them: Candidate(index, parameters, score)."
        raise StrategyError(message(what, "a Candidate", describe(candidate), mend))
    names, size = problem.space.names, problem.space.size
    if candidate.parameters.shape != (len(names),) or not np.isfinite(candidate.parameters).all():
        expected = f"{len(names)} finite parameters, one for each of the network's"
        mend = "Take them from the candidate of the whole network."
        raise StrategyError(message(f"parameters of {what}", expected, describe(candidate.parameters), mend))
    score, index = cast(object, candidate.score), cast(object, candidate.index)
    if isinstance(score, bool) or not isinstance(score, int | float) or np.isnan(score):
        mend = "Take it from the candidate, or from problem.score(parameters)."
        raise StrategyError(message(f"score of {what}", "a number, not NaN", describe(score), mend))
    if index is None:
        return
    expected = f"None, or a whole number below {format_count(size)}, its place in the space"
    mend = "Use problem.space.index_of(parameters, exact=True), which is None where it has no place."
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < size:
        raise StrategyError(message(f"index of {what}", expected, describe(index), mend))
    if not np.array_equal(problem.space[index], candidate.parameters):
        got = f"{format_count(index)}, where the space has {problem.space[index].tolist()}, and not "
        raise StrategyError(message(f"index of {what}", expected, f"{got}{candidate.parameters.tolist()}", mend))


def _check_claims(what: str, outcome: Outcome, problem: Problem, runner: Runner) -> None:
    exhaustive, bound = cast(object, outcome.exhaustive), cast(object, outcome.bound)
    if not isinstance(exhaustive, bool | np.bool_):
        mend = "Say True only where every candidate was settled."
        raise StrategyError(message(f"exhaustive of {what}", "True or False", describe(exhaustive), mend))
    settled = runner.n_scored + runner.n_pruned
    if exhaustive and settled != problem.space.size:
        expected = f"{format_count(problem.space.size)} candidates settled where it claims to be exhaustive"
        mend = "Claim it only where every candidate was scored or pruned once."
        raise StrategyError(message(what, expected, format_count(settled), mend))
    if bound is None:
        return
    is_number = isinstance(bound, int | float) and not isinstance(bound, bool) and not np.isnan(bound)
    if not is_number or problem.better(outcome.best[0].score, cast(float, bound)):
        expected = f"None, or a number that its own best, {outcome.best[0].score!r}, is not beyond"
        mend = "Take it from what runner.run has returned, or leave it out."
        raise StrategyError(message(f"bound of {what}", expected, describe(bound), mend))


def check_winner(best: Candidate, problem: Problem, strategy: Strategy | None, engine: Engine | None) -> None:
    """Score the winner once more, as the plain loop does.

    Args:
        best: what is claimed to be the best.
        problem: what was searched.
        strategy: a user's own that claims it; None: a built-in one.
        engine: a user's own that has scored; None: a built-in one.

    Raises:
        StrategyError, EngineError: its score is another one; the engine's fault if it scores it wrongly by itself.
    """
    score = problem.score(best.parameters)
    if score == best.score:
        return
    is_of_strategy = engine is None
    if engine is not None and strategy is not None and best.index is not None:
        is_of_strategy = float(engine.score(problem, problem.space.digits([best.index]))[0]) == score
    who = f"strategy {shown(strategy)}" if is_of_strategy else f"engine {shown(engine)}"
    expected = f"{score!r} for the parameters {best.parameters.tolist()}, as the plain loop scores them"
    mend = "Give the score of the whole network, to the last bit: problem.score(parameters)."
    text = message(f"score of the best of {who}", expected, f"{best.score!r}", mend)
    raise StrategyError(text) if is_of_strategy else EngineError(text)


def _is_count(value: object, minimum: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= minimum
