"""The errors that the search raises if a custom activation, scoring or penalty declares something false."""

import numpy as np

from minigrid._base.text import message
from minigrid._base.typing import FloatArray
from minigrid.activations import BuiltinActivation
from minigrid.exceptions import ActivationError, PenaltyError, ScoringError
from minigrid.scoring import (
    BOUND_FIX,
    PENALTY_BOUNDS_FIX,
    BuiltinScoring,
    Penalty,
    bound_penalty,
    call_penalty,
    is_own,
)
from minigrid.search.problem import Problem


def disproved(problem: Problem, parameters: FloatArray, low: FloatArray, high: FloatArray) -> Exception:
    """Return the error that names the custom parts, because built-in parts keep their promises.

    Args:
        problem: the problem that is searched.
        parameters: the parameters of a candidate that is better than the bound of its box, shape (n_parameters,).
        low: the smallest values in the box, of the same shape.
        high: the largest values in the box.
    """
    better = "a candidate that scores better"
    if problem.penalty is not None and is_own(problem.penalty):
        false = _false_bounds(problem, problem.penalty, parameters, low, high)
        if false is not None:
            return false
    if not isinstance(problem.scoring, BuiltinScoring):
        what, expected = f"bound of scoring {problem.scoring!r}", "a score that no candidate in the box beats"
        return ScoringError(
            message(what, expected, better, f"{BOUND_FIX} check_scoring of minigrid.testing shows where.")
        )
    activations = [neuron.activation for neuron in problem.network.neurons]
    own = dict.fromkeys(repr(a) for a in activations if not isinstance(a, BuiltinActivation))
    if own:
        what = f"activation {' or '.join(own)}"
        fix = "Drop monotonic = True, and fix or leave out its bounds."
        return ActivationError(message(what, "outputs as it declares them", better + " than that allows", fix))
    if is_own(problem.penalty):
        fix = "Let it and its bounds depend on their arguments alone."
        got = f"others for {parameters.tolist()} than a moment before"
        return PenaltyError(message(f"penalty {problem.penalty!r}", "the same numbers each time", got, fix))
    return AssertionError(f"a bound of minigrid itself is wrong for {problem!r}: please report it")


def _false_bounds(
    problem: Problem, penalty: Penalty, parameters: FloatArray, low: FloatArray, high: FloatArray
) -> PenaltyError | None:
    """Return the error that shows a penalty's false bound; None if the bound holds here."""
    cost = float(call_penalty(penalty, parameters[np.newaxis], problem.is_weight)[0])
    bound = float(bound_penalty(penalty, low[np.newaxis], high[np.newaxis], problem.is_weight)[0])
    if bound <= cost:
        return None
    expected = f"at most {cost!r}, the cost of {parameters.tolist()}"
    got = f"{bound!r} for the box from {low.tolist()} to {high.tolist()} that holds it"
    return PenaltyError(message(f"bounds of penalty {penalty!r}", expected, got, PENALTY_BOUNDS_FIX))
