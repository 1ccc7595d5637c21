"""LayerWise: search layer after layer, each neuron as if it were the output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.arrays import HEAVIEST
from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.numerics import predicted_labels
from minigrid._base.text import message
from minigrid._base.typing import BoolArray, FloatArray, override
from minigrid.exceptions import NoScoreError, ScoringError
from minigrid.model.layer import Layer
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron, are_of_one_kind
from minigrid.scoring import PartPenalty, scoring_targets
from minigrid.search.candidate import Candidate
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, PlannedStage, Stage
from minigrid.search.space import Grid, SearchSpace, smallest_digits
from minigrid.strategies.base import Strategy, ranked
from minigrid.strategies.joint import Joint

_LARGEST = float(np.finfo(np.float64).max)


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, repr=False)
class LayerWise(Strategy):
    """Search one neuron at a time, as if it were the output, on the fixed outputs of the earlier layers.

    This is greedy layer-wise training. With several outputs, the search fits neuron k of a layer to output k, starting
    again with output 0 after the last one: to label k against the rest, or to column k of real targets.

    Neurons of a hidden layer that are fitted to the same output would all be equal. LayerWise makes them differ in
    two ways. Each search weighs the samples by how badly the neurons before it did on them, as boosting does
    (AdaBoost.R2, Drucker 1997, which for labels is AdaBoost, Freund & Schapire 1997); if your own scoring takes no
    ``sample_weight``, the weights stay equal. And a neuron never takes the parameters of an earlier neuron of the same
    kind.

    If a penalty limits how many weights may differ from 0, earlier neurons take most of them. Later neurons
    get only as many as connect the earlier ones to the output.

    LayerWise misses hidden neurons that are useful only in combination. If the network has no biases and no feature is
    negative, this applies to every neuron. Give the network biases, or use another strategy. The result is therefore
    heuristic, unless the network is a single neuron.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> result = GridSearchTrainer(Grid([-1, 0, 1]), strategy=LayerWise()).fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal
        (1.0, True)
    """

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        if len(problem.network.neurons) == 1:
            return Joint().stages(problem)
        stages, columns = [], problem.columns
        for i, layer in enumerate(problem.network):
            seen = list[tuple[Neuron, tuple[object, ...], Problem]]()
            for j, (neuron, own) in enumerate(zip(layer, problem.network.parameter_slices[i], strict=True)):
                place = own.start if problem.penalty is not None else j % problem.network.n_outputs
                searched = problem.space.grids[own], place
                alike = (part for other, what, part in seen if what == searched and are_of_one_kind(other, neuron))
                part = next(alike, None)
                if part is None:
                    part = _neuron_problem(problem, i, j, columns, problem.sample_weight, ())
                    seen.append((neuron, searched, part))
                stages.append(PlannedStage(Stage(f"layer{i}.neuron{j}", part)))
            # As though the layer passed its inputs on. To time the next one, its outputs need not be computed.
            n_outputs, n_inputs = len(layer), len(columns)
            columns = columns[:n_outputs] if n_outputs <= n_inputs else columns[np.arange(n_outputs) % n_inputs]
        return tuple(stages)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        if len(problem.network.neurons) == 1:
            return Joint().search(problem, runner)
        columns = problem.columns
        chosen: list[float] = []
        n_outputs = problem.network.n_outputs
        for i, layer in enumerate(problem.network.layers[: None if n_outputs > 1 else -1]):
            neurons: list[Neuron] = []
            for j, neuron in enumerate(layer):
                if runner.stopped() and runner.n_scored:
                    return self._outcome(runner, self._as_it_stands(problem, chosen))
                is_hidden = i < len(problem.network) - 1
                weights = _boosted(problem, neurons, columns, j) if is_hidden else problem.sample_weight
                part = _neuron_problem(problem, i, j, columns, weights, chosen)
                alike = [n for n in neurons if is_hidden and _kind(n) == _kind(neuron)]
                found = runner.run(Stage(f"layer{i}.neuron{j}", part, top=len(alike) + 1))
                taken = {n.parameters.tobytes() for n in alike}
                left = found.best or (Candidate(0, part.space[0], np.nan),)  # the search stopped before this neuron
                free = [c for c in left if c.parameters.tobytes() not in taken] or list(left)
                neurons.append(neuron.with_parameters(free[0].parameters))
                chosen += free[0].parameters.tolist()
            columns = np.nan_to_num(Layer(neurons, n_inputs=layer.n_inputs).forward(columns))
        best = self._with_output_neuron(problem, runner, chosen) if n_outputs == 1 else ()
        return self._outcome(runner, best or self._as_it_stands(problem, chosen))

    def _outcome(self, runner: Runner, best: tuple[Candidate, ...]) -> Outcome:
        runner.note(best[0])
        return Outcome(best, optimal=False)

    def _with_output_neuron(self, problem: Problem, runner: Runner, chosen: list[float]) -> tuple[Candidate, ...]:
        """Search the only output neuron by the score of the whole network, with the hidden neurons fixed."""
        held = problem.with_space(problem.space.with_grids({k: Grid.fixed(v) for k, v in enumerate(chosen)}))
        found = runner.run(Stage(f"layer{len(problem.network) - 1}.neuron0", held))
        return ranked(problem, map(held.lift, found.best), runner.top)

    def _as_it_stands(self, problem: Problem, chosen: list[float]) -> tuple[Candidate, ...]:
        """Score the network of the neurons chosen so far.

        The other parameters take their grids' first values, or the smallest, if a penalty may forbid the first.
        """
        parameters = problem.space[0]
        if problem.penalty is not None:
            parameters = problem.space.values_at(smallest_digits(problem.space)[np.newaxis])[0]
        parameters[: len(chosen)] = chosen
        objective = problem.objective(parameters)
        if np.isnan(objective):
            raise NoScoreError(
                "strategy layerwise: expected a number for the network of the chosen neurons, got NaN. The weighted "
                "sums overflow: use smaller grid values or scale X."
            )
        return (Candidate(problem.space.index_of(parameters, exact=True), parameters, objective),)


def _kind(neuron: Neuron) -> tuple[object, ...]:
    return (repr(neuron.activation), neuron.inputs, neuron.bias is None)


def _neuron_problem(
    problem: Problem,
    i: int,
    j: int,
    columns: FloatArray,
    sample_weight: FloatArray | None,
    chosen: Sequence[float],
) -> Problem:
    """Make the problem of neuron j of layer i alone, on the outputs of the layer before."""
    network = Network([Layer([problem.network[i][j]], n_inputs=len(columns))])
    own = problem.network.parameter_slices[i][j]
    distinct = [Grid(list(dict.fromkeys(grid))) for grid in problem.space.grids[own]]
    space = SearchSpace.from_grids(distinct, network.parameter_names)
    targets = scoring_targets(problem.scoring, _targets_of_output(problem, j), 1)
    penalty = None
    if problem.penalty is not None:
        after = _least_after(problem, i, j, chosen)
        penalty = PartPenalty(problem.penalty, tuple(problem.is_weight.tolist()), own.start, tuple(chosen), after)
    return Problem.from_arrays(network, space, columns.T, targets, problem.scoring, sample_weight, penalty)


def _least_after(problem: Problem, i: int, j: int, chosen: Sequence[float]) -> tuple[float, ...]:
    """Choose the values of the parameters after neuron j of layer i while the neuron is searched.

    They are the smallest, except for one weight in each later hidden layer and one of each later output. If the neuron
    took all weights that a penalty allows, none would connect it to the output. The function keeps as many of these
    weights as the penalty allows when the neuron has its smallest values.
    """
    space, slices = problem.space, problem.network.parameter_slices
    least = space.values_at(smallest_digits(space)[np.newaxis])[0]
    least[: len(chosen)] = chosen
    outputs = slices[-1][j + 1 :] if i == len(slices) - 1 else slices[-1]
    tried = [least]
    for own in (*(layer[0] for layer in slices[i + 1 : -1]), *outputs):
        first = space.grids[own.start].values
        other = first[first != 0.0]
        more = tried[-1].copy()
        more[own.start] = other[np.argmin(np.abs(other))] if other.size else more[own.start]
        tried.append(more)
    allowed = np.flatnonzero(~np.isnan(problem.penalties(np.array(tried))))
    most = tried[allowed[-1]] if allowed.size else least
    return tuple(most[slices[i][j].stop :].tolist())


def _targets_of_output(problem: Problem, k: int) -> FloatArray:
    """Return the targets of output k, modulo the number of outputs: 1 where the label is k, else column k."""
    targets, n_outputs = problem.targets, problem.network.n_outputs
    if targets.ndim == 2:
        column: FloatArray = targets[:, k % targets.shape[1]]
        return column
    if n_outputs == 1:
        return targets
    if not np.isin(targets, np.arange(n_outputs)).all():
        expected = f"labels 0 to {n_outputs - 1}, or a column of targets for each output"
        fix = f"Pass y of shape (n_samples, {n_outputs}), or use another strategy."
        raise ScoringError(message("y", expected, "other numbers, one per sample", fix))
    members: BoolArray = targets == k % n_outputs
    return members.astype(np.float64)


def _boosted(problem: Problem, neurons: list[Neuron], columns: FloatArray, j: int) -> FloatArray | None:
    """Weigh the samples for neuron j by how well the neurons before it, for the same output, did on them."""
    if not problem.scoring.takes_weights:
        return problem.sample_weight
    targets, n_outputs = _targets_of_output(problem, j), problem.network.n_outputs
    own = problem.sample_weight
    weights = np.ones(problem.n_samples) if own is None else own.copy()
    for neuron in neurons[j % n_outputs :: n_outputs]:
        losses = _sample_losses(neuron.forward(columns), targets)
        # Scaled to at most 1, so that neither the sum nor the division overflows.
        scaled = weights / weights.max()
        loss = float(np.sum(scaled * losses) / np.sum(scaled))
        if 0.0 < loss < 0.5:
            boosted = scaled * (loss / (1.0 - loss)) ** (1.0 - losses)
            # Kept in the range that sample weights must have; a weight of 0 stays 0.
            weights = np.where(weights > 0.0, np.clip(boosted / boosted.mean(), 1.0 / HEAVIEST, HEAVIEST), 0.0)
    return own if (weights == 1.0).all() else weights


def _sample_losses(outputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Return how badly each sample is fitted, from 0 to 1: whether its label is wrong, else its relative error."""
    if np.isin(targets, (0.0, 1.0)).all():
        wrong: BoolArray = predicted_labels(outputs[:, np.newaxis]) != targets
        return wrong.astype(np.float64)
    with np.errstate(over="ignore"):
        errors = np.abs(outputs - targets)
    # An error too large for a float counts as the worst.
    errors = np.nan_to_num(errors, nan=_LARGEST, posinf=_LARGEST)
    losses: FloatArray = errors / max(float(errors.max()), 1e-300)
    return losses
