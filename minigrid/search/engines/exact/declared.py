"""The errors that the search raises if a custom activation, scoring or penalty declares something false."""

from minigrid._base.text import message
from minigrid.activations import BuiltinActivation
from minigrid.exceptions import ActivationError, PenaltyError, ScoringError
from minigrid.scoring import BOUND_MEND, PENALTY_BOUNDS_MEND, BuiltinScoring, is_own
from minigrid.search.problem import Problem


def disproved(problem: Problem) -> Exception:
    """Return the error that names the custom parts, because built-in parts keep their promises."""
    better = "a candidate that scores better"
    if is_own(problem.penalty):
        what, expected = f"bounds of penalty {problem.penalty!r}", "no more than any candidate in the box costs"
        got = "more than one does, or another bound is false"
        return PenaltyError(message(what, expected, got, PENALTY_BOUNDS_MEND))
    if not isinstance(problem.scoring, BuiltinScoring):
        what, expected = f"bound of scoring {problem.scoring!r}", "a score that no candidate in the box beats"
        return ScoringError(
            message(what, expected, better, f"{BOUND_MEND} check_scoring of minigrid.testing shows where.")
        )
    activations = [neuron.activation for neuron in problem.network.neurons]
    own = dict.fromkeys(repr(a) for a in activations if not isinstance(a, BuiltinActivation))
    if not own:
        return AssertionError(f"a bound of minigrid's own is wrong for {problem!r}: please report it")
    what = f"activation {' or '.join(own)}"
    fix = "Drop monotonic = True, and fix or leave out its bounds."
    return ActivationError(message(what, "outputs as it declares them", better + " than that allows", fix))
