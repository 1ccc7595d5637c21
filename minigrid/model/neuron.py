"""A neuron: weights, an optional bias, and an activation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.arrays import LARGEST_ARRAY, as_samples, as_vector, read_only
from minigrid._base.expected_names import KnowsOtherNames, creates_with_known_arguments
from minigrid._base.numerics import weighted_sum
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, IntSequence, RegisteredName, override
from minigrid._base.validation import as_float, as_instance, as_int, as_items
from minigrid._base.values import Value, are_same
from minigrid.activations import Activation, Sigmoid
from minigrid.activations.builtin import ActivationName
from minigrid.activations.guard import apply_activation
from minigrid.exceptions import InvalidValueError, ShapeError

_ACTIVATION_FIX = (
    "Pass an activation such as Sigmoid(), or its name, 'sigmoid'. "
    "For your own function, use the decorator @activation."
)


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Neuron(KnowsOtherNames, Value):
    """activation(w[0] * x[0] + w[1] * x[1] + ... + bias), for each sample x.

    Args:
        weights: shape (n_weights,), one for each input that the neuron sees. The neuron keeps a read-only copy.
        bias: a number that the neuron adds to the weighted sum. Default None: it has no bias parameter.
        activation: the function that turns the weighted sum into the output, or its name, such as 'tanh'. Default
            ``Sigmoid()``.
        inputs: the columns of the layer's input that the neuron sees, in the order of its weights. Default None: all
            columns.

    Raises:
        InvalidTypeError: an argument has the wrong type.
        InvalidValueError: a weight or the bias is not finite, or ``inputs`` cannot be used.
        ShapeError: there are no weights, or their number is not that of ``inputs``.
        UnknownNameError: no activation has the name that you gave.

    Example:
        >>> from minigrid import Identity
        >>> neuron = Neuron([0.5, -1.0], bias=0.25, activation=Identity())
        >>> neuron([[1.0, 2.0], [4.0, 0.0]])
        array([-1.25,  2.25])
    """

    weights: FloatArray
    bias: float | None
    activation: Activation
    inputs: tuple[int, ...] | None

    def __init__(
        self,
        weights: ArrayLike,
        bias: float | None = None,
        activation: ActivationName | RegisteredName | Activation = Sigmoid(),  # noqa: B008  # an immutable value
        inputs: IntSequence | None = None,
    ) -> None:
        vector = as_vector(weights, "weights", what="weights")
        object.__setattr__(self, "weights", vector)
        object.__setattr__(self, "bias", None if bias is None else as_float(bias, "bias"))
        object.__setattr__(self, "activation", as_activation(activation, "activation"))
        object.__setattr__(self, "inputs", None if inputs is None else _check_inputs(inputs, vector.size))

    @override
    def __repr__(self) -> str:
        parts = [repr(self.weights.tolist())]
        if self.bias is not None:
            parts.append(f"bias={self.bias!r}")
        parts.append(f"activation={self.activation!r}")
        if self.inputs is not None:
            parts.append(f"inputs={list(self.inputs)!r}")
        return f"Neuron({', '.join(parts)})"

    @property
    def n_parameters(self) -> int:
        """How many numbers a search chooses: the weights, and the bias if there is one."""
        return self.weights.size + (self.bias is not None)

    @property
    def parameters(self) -> FloatArray:
        """The weights, then the bias if there is one, as a read-only vector of shape (n_parameters,)."""
        return self.weights if self.bias is None else read_only(np.append(self.weights, self.bias))

    @property
    def n_inputs_needed(self) -> int:
        """How many columns the input needs: exactly this many, or at least this many if you set ``inputs``."""
        return self.weights.size if self.inputs is None else max(self.inputs) + 1

    def input_columns(self) -> Sequence[int]:
        """List the columns that the neuron sees.

        Returns:
            The column of each weight, even if the neuron sees all columns.
        """
        return range(self.weights.size) if self.inputs is None else self.inputs

    def with_parameters(self, vector: ArrayLike) -> "Neuron":
        """Return a copy of this neuron with other weights and bias.

        Args:
            vector: shape (n_parameters,), the weights and then the bias, if there is one.

        Returns:
            A new neuron.

        Raises:
            InvalidTypeError: ``vector`` holds something other than real numbers.
            InvalidValueError: ``vector`` holds NaN or infinity.
            ShapeError: ``vector`` is not flat, or not of length ``n_parameters``.
        """
        numbers = as_vector(vector, "vector", length=self.n_parameters, what="parameters of the neuron")
        if self.bias is None:
            return Neuron(numbers, None, self.activation, self.inputs)
        return Neuron(numbers[:-1], float(numbers[-1]), self.activation, self.inputs)

    def __call__(self, X: ArrayLike, /) -> FloatArray:
        """Compute the outputs of the neuron by itself.

        Args:
            X: shape (n_samples, n_features), with a column for each weight. If you set ``inputs``, X may have more.

        Returns:
            Shape (n_samples,).

        Raises:
            InvalidTypeError: ``X`` holds something other than real numbers.
            InvalidValueError: ``X`` holds NaN or infinity.
            ShapeError: ``X`` is no table, has no rows, or has the wrong number of columns.
            ActivationError: the activation broke its contract.
        """
        samples = as_samples(X, self.n_inputs_needed if self.inputs is None else None)
        if samples.shape[1] < self.n_inputs_needed:
            fix = "Pass all the columns that the neuron is connected to."
            expected = f"at least {counted(self.n_inputs_needed, 'feature')} (columns)"
            raise ShapeError(message("X", expected, f"{samples.shape[1]}", fix))
        return self.forward(np.ascontiguousarray(samples.T)).copy()  # the activation may reuse its array later

    def forward(self, columns: FloatArray) -> FloatArray:
        """Compute the outputs from inputs that minigrid has already checked, one contiguous row for each column.

        Args:
            columns: shape (n_inputs, n_samples).

        Returns:
            Shape (n_samples,).
        """
        seen = [columns[i] for i in self.input_columns()]
        return apply_activation(self.activation, weighted_sum(seen, self.weights, self.bias))


def as_activation(value: object, argument: str, fix: str = _ACTIVATION_FIX) -> Activation:
    """Return `value` if it is an activation, or the activation of that name.

    Raises:
        InvalidTypeError: it is not an activation.
        UnknownNameError: no activation has that name.
    """
    if isinstance(value, str):
        from minigrid.activations.names import ACTIVATIONS  # only where there is a name

        return ACTIVATIONS.make(value)
    return as_instance(value, Activation, argument, fix)


def _check_inputs(inputs: IntSequence, n_weights: int) -> tuple[int, ...]:
    members = as_items(inputs, "inputs", "a sequence of column numbers", "Pass a list such as [0, 2].")
    columns = tuple(as_int(column, "inputs", minimum=0, maximum=LARGEST_ARRAY - 1) for column in members)
    if len(set(columns)) != len(columns):
        fix = "List each column once."
        raise InvalidValueError(message("inputs", "different column numbers", f"{list(columns)}", fix))
    if len(columns) != n_weights:
        expected = f"{counted(n_weights, 'column')}, one for each weight"
        raise ShapeError(message("inputs", expected, f"{len(columns)}", "List one column for each weight."))
    return columns


def are_of_one_kind(one: Neuron, other: Neuron) -> bool:
    """Tell whether two neurons of a layer compute the same from equal parameters."""
    connections = (one.inputs, one.bias is None) == (other.inputs, other.bias is None)
    return connections and are_same(one.activation, other.activation)
