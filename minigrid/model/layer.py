"""A layer: neurons side by side that receive the same inputs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.arrays import LARGEST_ARRAY, as_samples
from minigrid._base.expected_names import KnowsOtherNames, knows_other_arguments
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, RegisteredName, override
from minigrid._base.validation import as_flag, as_instances, as_int, as_position
from minigrid._base.values import Value
from minigrid.activations import Activation
from minigrid.activations.builtin import ActivationName
from minigrid.exceptions import ShapeError
from minigrid.model.neuron import Neuron


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layer(KnowsOtherNames, Value):
    """A sequence of neurons that may differ in activation, bias and connections.

    Args:
        neurons: at least one neuron.
        n_inputs: the number of columns that the layer's input has. Default None: as many as the neurons need. That is
            the number of weights of a neuron that sees all columns, or else the highest connected column plus one.

    Raises:
        InvalidTypeError: something among ``neurons`` is not a Neuron.
        InvalidValueError: ``n_inputs`` is below 1.
        ShapeError: there are no neurons, or they do not fit ``n_inputs`` or each other.

    Example:
        >>> layer = Layer([Neuron([1.0, 1.0]), Neuron([2.0], inputs=[1])])
        >>> layer.n_inputs, len(layer)
        (2, 2)
    """

    neurons: tuple[Neuron, ...]
    n_inputs: int

    def __init__(self, neurons: Iterable[Neuron], *, n_inputs: int | None = None) -> None:
        fix = "Pass a list of neurons, such as Layer([Neuron([1.0, 1.0])])."
        members = as_instances(neurons, Neuron, "neurons", fix)
        if not members:
            raise ShapeError(message("neurons", "at least one neuron", "none", fix))
        if n_inputs is None:
            unwired = [neuron.weights.size for neuron in members if neuron.inputs is None]
            n_inputs = unwired[0] if unwired else max(neuron.n_inputs_needed for neuron in members)
        width = as_int(n_inputs, "n_inputs", minimum=1, maximum=LARGEST_ARRAY)
        for position, neuron in enumerate(members):
            _check_fit(neuron, position, width)
        object.__setattr__(self, "neurons", members)
        object.__setattr__(self, "n_inputs", width)

    @classmethod
    @knows_other_arguments
    def dense(
        cls,
        n_inputs: int,
        n_neurons: int,
        *,
        activation: ActivationName | RegisteredName | Activation,
        bias: bool = False,
    ) -> "Layer":
        """Create a layer of equal neurons that see all inputs. All weights and biases are 0.

        Args:
            n_inputs: the number of inputs, at least 1.
            n_neurons: the number of neurons, at least 1.
            activation: the activation of every neuron, or its name, such as 'tanh'.
            bias: whether each neuron has a bias parameter. Default False.

        Returns:
            The layer.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            InvalidValueError: ``n_inputs`` or ``n_neurons`` is below 1.
            UnknownNameError: no activation has the name that you gave.
        """
        size = as_int(n_inputs, "n_inputs", minimum=1, maximum=LARGEST_ARRAY)
        neuron = Neuron(np.zeros(size), 0.0 if as_flag(bias, "bias") else None, activation)
        return cls([neuron] * as_int(n_neurons, "n_neurons", minimum=1, maximum=LARGEST_ARRAY))

    @override
    def __repr__(self) -> str:
        natural = Layer(self.neurons).n_inputs if any(n.inputs is not None for n in self.neurons) else self.n_inputs
        wider = "" if natural == self.n_inputs else f", n_inputs={self.n_inputs}"
        return f"Layer([{', '.join(map(repr, self.neurons))}]{wider})"

    def __len__(self) -> int:
        return len(self.neurons)

    def __iter__(self) -> Iterator[Neuron]:
        return iter(self.neurons)

    def __getitem__(self, position: int, /) -> Neuron:
        """Return one neuron.

        Raises:
            InvalidTypeError: ``position`` is not a whole number.
            OutOfRangeError: the layer has no such neuron.
        """
        return self.neurons[as_position(position, len(self), "position")]

    @property
    def n_parameters(self) -> int:
        """How many numbers a search may choose in this layer."""
        return sum(neuron.n_parameters for neuron in self.neurons)

    def __call__(self, X: ArrayLike, /) -> FloatArray:
        """Compute the outputs of the layer by itself.

        Args:
            X: shape (n_samples, n_inputs).

        Returns:
            Shape (n_samples, n_neurons).

        Raises:
            InvalidTypeError: ``X`` holds something other than real numbers.
            InvalidValueError: ``X`` holds NaN or infinity.
            ShapeError: ``X`` is no table, has no rows, or has the wrong number of columns.
            ActivationError: an activation broke its contract.
        """
        columns = np.ascontiguousarray(as_samples(X, self.n_inputs).T)
        return np.ascontiguousarray(self.forward(columns).T)

    def forward(self, columns: FloatArray) -> FloatArray:
        """Compute the outputs from inputs that minigrid has already checked.

        Args:
            columns: the inputs, shape (n_inputs, n_samples).

        Returns:
            The outputs, shape (n_neurons, n_samples).
        """
        outputs = np.empty((len(self), columns.shape[1]))
        for row, neuron in zip(outputs, self.neurons, strict=True):
            row[:] = neuron.forward(columns)  # a copy, as an activation may return an array that it fills again
        return outputs


def _check_fit(neuron: Neuron, position: int, n_inputs: int) -> None:
    if neuron.inputs is None and neuron.weights.size != n_inputs:
        fix = "Give it one weight for each input, or connect it to some of them with inputs=[...]."
        expected = f"{counted(n_inputs, 'weight')}, as its layer has {counted(n_inputs, 'input')}"
        raise ShapeError(message(f"neuron {position}", expected, f"{neuron.weights.size}", fix))
    if neuron.n_inputs_needed > n_inputs:
        fix = f"Connect it to columns 0 to {n_inputs - 1}, or give the layer {neuron.n_inputs_needed} inputs."
        expected = f"inputs below {n_inputs}, as its layer has {counted(n_inputs, 'input')}"
        raise ShapeError(message(f"neuron {position}", expected, f"inputs={list(neuron.input_columns())}", fix))
