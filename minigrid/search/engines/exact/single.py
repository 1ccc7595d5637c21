"""A network of a single neuron that sees the data directly, in the form that its bounds need."""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.halting import poll, slices
from minigrid._base.typing import FloatArray
from minigrid.model.neuron import Neuron
from minigrid.search.problem import Problem

_TOO_FAR = 1e100  # sums
_TOO_NEAR = 1e-140  # inputs
_AT_ONCE, _CACHED = 2**22, 2**16  # numbers


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SingleNeuron:
    """A neuron's inputs and the weights of the samples.

    Attributes:
        inputs: shape (n_parameters, n_samples), ones for a bias.
        mean_weights: shape (n_samples,), 1 together.
        largest: no sum is larger in magnitude.
        urgency: how much a step of each parameter weighs on average, shape (n_parameters,).
    """

    inputs: FloatArray
    mean_weights: FloatArray
    largest: float
    urgency: FloatArray

    @classmethod
    def of(cls, problem: Problem, largest: float) -> "SingleNeuron | None":
        """Build it; None if there are more neurons, or squares of its sums or inputs might leave the floats.

        Args:
            problem: any.
            largest: no sum of the network is larger in magnitude.
        """
        network, n_samples = problem.network, problem.n_samples
        if len(network.layers) > 1 or network.n_outputs > 1 or not largest < _TOO_FAR:
            return None
        for column in problem.columns:
            poll()
            size = np.abs(column)
            if size.min(where=size > 0.0, initial=1.0) < _TOO_NEAR:  # products might underflow unseen
                return None
        neuron, weights = network.layers[0][0], problem.sample_weight
        inputs = inputs_of(problem.columns, neuron)
        mean_weights = np.full(n_samples, 1.0 / n_samples) if weights is None else weights / weights.sum()
        steps = [np.ptp(grid.values) / len(grid) for grid in problem.space.grids]
        some = slices(len(inputs), _AT_ONCE // n_samples)
        sizes = np.concatenate([np.abs(inputs[rows]) @ mean_weights for rows in some])
        return cls(inputs, mean_weights, largest, sizes * steps)


def inputs_of(columns: FloatArray, neuron: Neuron) -> FloatArray:
    """Copy what a neuron sees, shape (n_parameters, n_samples), with ones for a bias.

    Raises:
        Halted: the work must end.
    """
    inputs = np.empty((neuron.n_parameters, columns.shape[1]))
    inputs[len(neuron.weights) :] = 1.0
    for own, k in zip(inputs, neuron.input_columns(), strict=False):
        poll()
        own[:] = columns[k]
    return inputs


def by_sample(inputs: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Copy inputs, times the weights of the samples if there are any, with a contiguous row for each sample.

    Raises:
        Halted: the work must end.
    """
    copied = np.empty(inputs.shape[::-1])
    for some in slices(len(copied), _CACHED // len(inputs)):
        part = inputs[:, some]
        copied[some] = (part if weights is None else part * weights[some]).T
    return copied
