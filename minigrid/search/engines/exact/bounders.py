"""Choose the bounds for a problem, or explain why there are none.

This module assembles a bounder for a problem that has been validated. The bounder bounds the scores of all candidates
in a box from above, where higher is better (a loss is negated). It is sound if its parts are; each part's own module
says why that part is sound.
"""

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.activations.base import BuiltinActivation
from minigrid.activations.guard import check_bounds
from minigrid.scoring import LabelScoring
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.exact.bounder import MANY_SAMPLES, Bounder
from minigrid.search.engines.exact.convex import find_convex
from minigrid.search.engines.exact.hidden import HiddenRanges, declares
from minigrid.search.engines.exact.intervals import Range, output_range
from minigrid.search.engines.exact.labels import IntervalLabels, LinearLabels, find_labels
from minigrid.search.engines.exact.outputs import OutputBounds
from minigrid.search.engines.exact.penalized import PenalizedBounds
from minigrid.search.engines.exact.single import SingleNeuron
from minigrid.search.engines.exact.tables import LARGEST_TABLE
from minigrid.search.engines.exact.tangents import find_tangents
from minigrid.search.engines.margins import LARGEST_SUM
from minigrid.search.problem import Problem


def why_unbounded(problem: Problem) -> Unprovable | None:
    """Return all reasons why nothing can be proven about boxes of this problem; None if it can."""
    network, scoring = problem.network, problem.scoring
    reasons = [] if scoring.declares_bounds else [f"{scoring!r} declares no bound"]
    if problem.penalty is not None and not problem.penalty.declares_bounds:
        reasons.append(f"{problem.penalty!r} declares no bounds")
    for number, (layer, slices) in enumerate(zip(network, network.parameter_slices, strict=True)):
        for neuron, own in zip(layer, slices, strict=True):
            if declares(neuron.activation):
                continue
            reason = f"{neuron.activation!r} declares neither monotonic nor bounds"
            if not number and len(network.layers) > 1:  # a table of the neuron's outputs can replace its bounds
                size = problem.n_samples
                for grid in problem.space.grids[own]:
                    size *= len(grid)
                if size <= LARGEST_TABLE:
                    continue
                reason += ", and a table of a neuron's outputs would be too large"
            reasons.append(reason)
    return Unprovable(f"nothing can be pruned: {'; '.join(dict.fromkeys(reasons))}") if reasons else None


def make_bounder(problem: Problem, many: int = MANY_SAMPLES) -> Bounder | None:
    """Build the bounds, penalty included, for a problem that `why_unbounded` accepts.

    Args:
        problem: the problem to bound.
        many: the number of samples from which on they are grouped if a neuron has two parameters; 0: always.

    Returns:
        None if sums may overflow.

    Raises:
        ActivationError: a declaration of an activation is false for sums that occur.
    """
    bounder = _bounder_of_scores(problem, many)
    return (
        bounder
        if bounder is None or problem.penalty is None or bounder.heeds_penalty
        else PenalizedBounds(problem, bounder)
    )


def _bounder_of_scores(problem: Problem, many: int) -> Bounder | None:
    """Build bounds of scores, or of objectives if the bounder can include the penalty itself."""
    counted = isinstance(problem.scoring, LabelScoring) and problem.network.n_outputs == 1
    if counted and problem.network.layers[-1][0].activation.monotonic:
        columns = problem.counted.columns
        hidden = HiddenRanges(problem, columns)
        reach = find_reach(problem, hidden)
        if reach is None:
            return None
        labels = find_labels(problem, columns, reach)
        if labels is not None and len(problem.network.layers) > 1:
            return IntervalLabels(problem, labels, hidden)
        linear = None if labels is None else LinearLabels(problem, labels, many)
        if linear is not None and linear.is_finite:
            return linear
    hidden = HiddenRanges(problem, problem.columns)
    reach = find_reach(problem, hidden)
    if reach is None:
        return None
    neuron = SingleNeuron.of(problem, reach)
    if neuron is None:
        return OutputBounds(problem, hidden, None)
    ranges = OutputBounds(problem, hidden, find_tangents(problem, neuron))
    return find_convex(problem, neuron, ranges) or ranges


def find_reach(problem: Problem, hidden: HiddenRanges) -> float | None:
    """Bound the sums of the last layer in magnitude; None if those of any layer may overflow.

    Raises:
        ActivationError: a declaration of an activation is false for sums that occur.
    """
    network, grids = problem.network, problem.space.grids
    inputs, reach = [float(np.abs(column).max()) for column in problem.columns], 0.0
    for layer, slices in zip(network, network.parameter_slices, strict=True):
        outputs, reach = [], 0.0
        for k, (neuron, own) in enumerate(zip(layer, slices, strict=True)):
            sizes = [float(np.abs(grid.values).max()) for grid in grids[own]]
            seen = [*(inputs[column] for column in neuron.input_columns()), 1.0]
            total = sum(size * other for size, other in zip(sizes, seen, strict=False))
            if not total < LARGEST_SUM:
                return None
            reach = max(reach, total)
            if declares(neuron.activation):
                if not isinstance(neuron.activation, BuiltinActivation):
                    check_bounds(neuron.activation, _sums_to_try(total))
                ends = output_range(neuron.activation, Range(np.array([-total]), np.array([total])))
            else:
                ends = hidden.range_of_first(k)
            outputs.append(float(max(np.abs(ends.low).max(), np.abs(ends.high).max())))
        inputs = outputs
    return reach


def _sums_to_try(reach: float) -> FloatArray:
    near = np.linspace(-30.0, 30.0, 601)
    return np.concatenate([np.linspace(-reach, reach, 1025), near[np.abs(near) <= reach]])
