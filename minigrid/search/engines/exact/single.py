"""A network of a single neuron that sees the data directly, in the form that its bounds need."""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.search.problem import Problem

_TOO_FAR = 1e100  # sums
_TOO_NEAR = 1e-140  # inputs


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
        sizes = np.abs(problem.columns)
        if sizes.min(where=sizes > 0.0, initial=1.0) < _TOO_NEAR:  # products might underflow unseen
            return None
        neuron = network.layers[0][0]
        columns = [problem.columns[column] for column in neuron.input_columns()]
        if neuron.bias is not None:
            columns.append(np.ones(n_samples))
        inputs, weights = np.array(columns), problem.sample_weight
        mean_weights = np.full(n_samples, 1.0 / n_samples) if weights is None else weights / weights.sum()
        steps = [np.ptp(grid.values) / len(grid) for grid in problem.space.grids]
        return cls(inputs, mean_weights, largest, np.abs(inputs) @ mean_weights * steps)
