"""Hints: what to try if the data, the grid or a limit keep a result from being better, one line each.

A plan has those that the data and the grid show, a result also those that its best candidate shows. Hints look at a
few thousand samples and some candidates at most, so that they take a moment; only the best constant answer is scored
on all samples, because it is compared with the result. Custom activations, scorings and penalties are not called for
them, but for a few candidates if the first of all candidates is the best.
"""

import math
import time
from dataclasses import replace

import numpy as np

from minigrid._base.text import DAY, format_count, format_seconds
from minigrid.activations import Sigmoid
from minigrid.scoring import Accuracy, BuiltinScoring, constant_score
from minigrid.search.problem import Problem
from minigrid.search.result import SearchResult
from minigrid.search.running.forecast import is_huge
from minigrid.search.running.hints_of_data import (
    SCALE_TARGETS,
    are_alike,
    hint_of_equal_targets,
    hint_of_range,
    hint_of_width,
    hints_of_data,
    hints_of_linear,
    hints_of_targets,
    is_linear,
    scale_features,
)
from minigrid.search.running.hints_of_grids import SOON, hints_of_grid

_ROUNDING = 1e-9  # of the way from a constant answer to a perfect one
_RARE = 0.8  # of the samples have the most frequent label
_GOOD = 0.9  # of the way from a constant answer to a perfect one: better needs no hint about the data or the grid
_OUTWEIGHED = 10.0  # times
_NEARLY_PERFECT = 0.999  # of the way: not worth any hint about the grid
_EQUALS, _LONGEST = 20, 0.1  # candidates that are compared with the first, and seconds for it
_MUCH = 10.0  # times the time limit, as estimates are rough
_SHORTEST = 10.0  # seconds, of a search that is to go further than another
_LESS = "use fewer values or fewer weights"
_RESUMABLE = 'to be able to resume a search, pass checkpoint="search.json" to GridSearchTrainer.fit'
_HUGE = 1e150  # the square of a larger number is infinite
_SCALE_HUGE = "y = np.asarray(y, dtype=float); y = y / np.abs(y).max()"
_SOONER = "Coordinate(block='parameter', restarts=10) proves nothing, but often finds as good a network sooner"


def ways_out(other: str) -> str:
    """Return hints for a search that takes too long.

    Args:
        other: the name of a strategy that searches less.
    """
    return f"strategy={other!r}, or time_limit=60 (seconds), which gives the best network found in that time"


def hints_of_plan(
    problem: Problem, least_seconds: float, time_limit: float | None, other: str, *, is_whole: bool
) -> tuple[str, ...]:
    """Return the hints that the data, the grid and the time give before a search.

    Args:
        problem: what is to be searched.
        least_seconds: that it is expected to take at least; infinite if that is not known.
        time_limit: seconds after which it will be ended; None: it will not.
        other: the name of a strategy that searches less.
        is_whole: whether the whole space is to be searched.
    """
    equal = hint_of_equal_targets(problem)
    hints = [equal] if equal else []
    if problem.is_builtin and not equal:
        hints += [*hints_of_data(problem), *hints_of_targets(problem)]
    if time_limit is None and DAY < least_seconds < math.inf:
        hints.append(f"fit refuses a search of more than a day: use fewer values, {ways_out(other)}")
    elif time_limit is not None and is_whole and _MUCH * time_limit < least_seconds < math.inf:
        hints.append(
            f"a proof in {format_seconds(time_limit)} is unlikely: {_for_a_proof(is_endless=least_seconds > DAY)}"
        )
    return tuple(hints)


def with_hints(
    result: SearchResult,
    problem: Problem,
    most_candidates: int | None,
    *,
    is_whole: bool,
    has_start: bool = False,
    checkpoint: str | None = None,
) -> SearchResult:
    """Add hints to a result, from its best candidate and from how the search ended.

    Args:
        result: of a search, without hints.
        problem: what was searched.
        most_candidates: how many it was allowed to score; None: all.
        is_whole: whether the whole space was to be searched.
        has_start: whether the search started from weights that the user gave.
        checkpoint: the file that the search can be resumed from; None: there is none.
    """
    equal, end = hint_of_equal_targets(problem), ""
    hints = [equal] if equal else []
    if not result.optimal and result.gap:
        resume = _RESUMABLE if checkpoint is None else f"to resume the search, call fit with checkpoint={checkpoint!r}"
        end = _of_end(problem, result, most_candidates, resume, is_whole=is_whole, has_start=has_start)
    perfect = problem.scoring.best_possible
    if not equal and result.score != perfect and isinstance(problem.scoring, BuiltinScoring) and problem.is_builtin:
        known = problem.targets, problem.network.n_outputs, problem.sample_weight
        constant = constant_score(problem.scoring, *known)
        skill = (result.score - constant) / (perfect - constant) if perfect != constant else 1.0
        hints += hints_of_data(problem) if skill < _GOOD else []
        is_learned = skill > _ROUNDING or not math.isfinite(constant)
        instead = "" if is_learned else _instead(problem, constant, is_unscaled=bool(hints))
        hints += hints_of_targets(problem) if skill < _GOOD else []
        narrow = hint_of_width(problem.network) if skill < _GOOD and problem.targets.ndim == 1 else None
        hints += [narrow] if narrow else []
        if instead:
            hints = []
        elif not hints and skill < _NEARLY_PERFECT:
            hints += hints_of_grid(problem, result.parameters, is_whole=is_whole, is_good=skill >= _GOOD)
        if not is_learned:
            instead = instead or ("see the next hint" if hints or end else _larger(problem))
            hints.insert(
                0, f"no better than the same answer for all samples ({constant:.6g}){': ' * bool(instead)}{instead}"
            )
    if not math.isfinite(result.score) and np.abs(problem.targets).max() > _HUGE:
        hints.append(f"the losses are too large for a float: scale the targets: {_SCALE_HUGE}")
    if not equal and not isinstance(problem.scoring, BuiltinScoring) and result.optimal and result.index == 0:
        hints += _of_equals(problem, result)
    hints += [end] if end else []
    return replace(result, hints=tuple(hints)) if hints else result


def _of_equals(problem: Problem, result: SearchResult) -> list[str]:
    """Return a hint for a first candidate that is best because others, from all over the grid, are as good."""
    began, last = time.perf_counter(), problem.space.size - 1
    others = {last * k // _EQUALS for k in range(1, _EQUALS + 1)} - {0}
    for index in others:
        is_late = time.perf_counter() - began > _LONGEST
        if is_late or problem.objective(problem.space[index]) != result.objective:
            return []
    same = f"{len(others)} others from all over the grid have the same score"
    return [f"the first candidate is the best because {same}: check the scoring, such as its threshold"] * bool(others)


def _of_end(
    problem: Problem, result: SearchResult, most: int | None, resume: str, *, is_whole: bool, has_start: bool
) -> str:
    """Return hints for a result that is not proven, if something can be done."""
    match result.stop_reason:
        case "time_limit" if is_whole:
            return f"not proven in time: {_for_a_proof(is_endless=is_huge(problem))}; {_SOONER}; {resume}"
        case "time_limit":
            return f"the time limit ended the search: allow more time; {resume}"
        case "callback":
            return "a callback ended the search" + f": {resume}" * (resume != _RESUMABLE)
        case "interrupted":
            return f"the search was interrupted: {resume}"
        case "max_candidates" if most is not None and is_whole:
            first = f"only the first {format_count(most)} candidates were scored, and these differ little"
            return f"{first}: strategy=RandomSample({most}) draws as many from the whole grid"
        case "max_candidates":
            return "max_candidates ended the search: allow more"
        case "completed":
            return _of_heuristic(problem, result, has_start=has_start)
        case _:
            return ""


def _of_heuristic(problem: Problem, result: SearchResult, *, has_start: bool) -> str:
    """Return a hint for the result of a strategy that proves nothing."""
    size = problem.space.size
    is_soon = size * problem.n_samples * len(problem.space.grids) <= SOON
    if is_soon and result.index is None:
        between = "not proven, with weights between the values of the grid"
        return f"{between}: strategy='joint' proves the best of its {format_count(size)} candidates, which may be worse"
    if is_soon:
        return f"not proven: strategy='joint' searches all {format_count(size)} candidates"
    if has_start or result.index is None:  # which a search of the grid may not reach
        return ""
    longer = _longer(result.seconds)
    return f"not proven: strategy='joint' with time_limit={longer} looks further, and proves the best if it can"


def _for_a_proof(*, is_endless: bool) -> str:
    """Say how to get a proof; more time is no way if it would have to be days or years."""
    return _LESS if is_endless else f"{_LESS}, or allow more time"


def _longer(seconds: float) -> str:
    """Write a round number of seconds, ten times as long as a search or more."""
    least = max(_SHORTEST, 10.0 * seconds)
    power = 10.0 ** math.floor(math.log10(least))
    return f"{next(digit * power for digit in (1.0, 2.0, 5.0, 10.0) if digit * power >= least):.0f}"


def _instead(problem: Problem, constant: float, *, is_unscaled: bool) -> str:
    """Return a hint for a network that has learned nothing, if its penalty and the data show why."""
    if problem.penalty is not None:
        return "" if is_unscaled else "try a weaker penalty"
    one_sign = _of_signs(problem)
    if one_sign:
        return one_sign
    if problem.targets.ndim > 1:
        return _of_targets(problem, is_unscaled=is_unscaled)
    if is_unscaled:
        return ""
    if are_alike(problem):
        return "all samples have the same feature values"
    if isinstance(problem.scoring, Accuracy) and constant > _RARE:
        return "with scoring='balanced_accuracy', samples of the rarer label count more"
    return ""


def _of_signs(problem: Problem) -> str:
    """Return a hint for weights of which none may be negative, or none positive."""
    weights = zip(problem.space.grids, problem.is_weight.tolist(), strict=True)
    ends = [(grid.values.min(), grid.values.max()) for grid, is_weight in weights if is_weight]
    least, most = min(low for low, _ in ends), max(high for _, high in ends)
    if least < 0.0 < most or least == most:
        return ""
    missing, size = ("negative" if least >= 0.0 else "positive"), max(-least, most)
    return f"no weight may be {missing}: use both signs, such as Grid.linspace({-size:g}, {size:g}, 9)"


def _of_targets(problem: Problem, *, is_unscaled: bool) -> str:
    """Return a hint for real targets that no output comes near."""
    out_of_range = hint_of_range(problem)
    if out_of_range is not None:
        return out_of_range
    targets = problem.targets
    center, spread = np.abs(targets.mean(axis=0)).max(), targets.std(axis=0)
    if center <= spread.max() and 1.0 / _OUTWEIGHED < spread.min() <= spread.max() < _OUTWEIGHED:
        return ""
    if any(hints_of_linear(problem, spread=1.0)) if is_linear(problem) else is_unscaled:
        return f"scale the features and the targets: {scale_features(problem)}; {SCALE_TARGETS}"
    return f"scale the targets: {SCALE_TARGETS}"


def _larger(problem: Problem) -> str:
    """Name a larger network, if there is a simple one; or other values, if all weights are 0."""
    weights = zip(problem.space.grids, problem.is_weight.tolist(), strict=True)
    if not any(grid.values.any() for grid, is_weight in weights if is_weight):
        return "all weights are 0: use other values, such as Grid.linspace(-2, 2, 9)"
    if not any(neuron.bias is not None for neuron in problem.network.neurons):
        return "give the neurons biases, with bias=True"
    if len(problem.network.layers) == 1:
        sizes = f"{problem.network.n_inputs}, 3, {problem.network.n_outputs}"
        activation = problem.network.layers[-1][0].activation
        own = "" if activation == Sigmoid() else f", output_activation={activation!r}"
        return f"try hidden neurons, such as Network.dense([{sizes}], bias=True{own})"
    return ""
