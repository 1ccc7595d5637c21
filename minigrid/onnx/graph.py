"""The graph of an ONNX model under construction: nodes in the order in which they are computed, constants once."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, TypeVar, final

import numpy as np

from minigrid._base.text import missing
from minigrid._base.typing import FloatArray, IntArray
from minigrid.activations import Activation
from minigrid.exceptions import MissingExtraError

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

_NEUTRAL = {"Add": 0.0, "Sub": 0.0, "Mul": 1.0, "Div": 1.0}
"""What changes nothing as an operator's second input."""

A = TypeVar("A", bound=Activation, contravariant=True)


def load_onnx(module: str = "onnx") -> ModuleType:
    """Import the package onnx, or a module of it.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(missing("minigrid.onnx", "onnx", "onnx")) from error


@final
class Graph:
    """Collects nodes. Values have strings as names, as in ONNX, and are float64 unless an operator says otherwise.

    Example:
        >>> graph = Graph()
        >>> shifted = graph.node("Add", "x", graph.constant(1.0))
        >>> [node.op_type for node in graph.nodes]
        ['Add']
    """

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}
        self._numbers: dict[str, float] = {}  # of the constants that are one number
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._n_values = 0

    @property
    def constants(self) -> "list[TensorProto]":
        """The constants that nodes take."""
        taken = {name for node in self.nodes for name in node.input}
        return [tensor for name, tensor in self._constants.items() if name in taken]

    def node(self, operator: str, *inputs: str, **attributes: int | list[int]) -> str:
        """Add a node with one output.

        Args:
            operator: an ONNX operator, such as "Mul", of opset 17 and implemented for float64.
            inputs: the values that it takes.
            attributes: the attributes of the operator.

        Returns:
            The name of its output.
        """
        if operator in _NEUTRAL and len(inputs) == 2:
            for value, number in (inputs, inputs[::-1] if operator in ("Add", "Mul") else inputs):
                if self._seems_neutral(operator, number):
                    return self._neutral(operator, value, self._numbers[number])
        self._n_values += 1
        output = f"v{self._n_values}"
        self.nodes.append(load_onnx("onnx.helper").make_node(operator, list(inputs), [output], **attributes))
        return output

    def _seems_neutral(self, operator: str, constant: str) -> bool:
        """Whether onnxruntime would leave the node out: it compares a number with 0 or 1 in single precision."""
        number, neutral = self._numbers.get(constant), _NEUTRAL[operator]
        with np.errstate(all="ignore"):
            return number is not None and number != neutral and float(np.float32(number)) == neutral

    def _neutral(self, operator: str, value: str, number: float) -> str:
        """Add nodes that compute the same bit for bit, and are not left out."""
        if operator in ("Add", "Sub"):
            return self.node("Sum", value, self.constant(number if operator == "Add" else -number))
        doubled = self.node(operator, value, self.constant(2.0 * number))
        return self.node("Mul", doubled, self.constant(0.5 if operator == "Mul" else 2.0))

    def name(self, value: str, name: str) -> None:
        """Give a value another name, such as that of an output of the model.

        Args:
            value: its current name.
            name: its new name.
        """
        self.nodes.append(load_onnx("onnx.helper").make_node("Identity", [value], [name]))

    def constant(self, value: float | FloatArray | IntArray) -> str:
        """Add a constant, unless it is there already.

        Args:
            value: a number or an array.

        Returns:
            Its name.
        """
        array = np.asarray(value)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = f"c{len(self._known)}"
            self._constants[self._known[key]] = load_onnx("onnx.numpy_helper").from_array(array, self._known[key])
            if array.size == 1 and array.dtype == np.float64:
                self._numbers[self._known[key]] = float(array.item())
        return self._known[key]


class ActivationNodes(Protocol[A]):
    """A function that writes an activation as nodes; see `to_model`.

    Example:
        >>> from minigrid import ReLU
        >>> from minigrid.onnx import Graph
        >>> def relu(activation: ReLU, z: str, graph: Graph) -> str:
        ...     return graph.node("Max", z, graph.constant(0.0))
        >>> nodes: dict[type[ReLU], ActivationNodes[ReLU]] = {ReLU: relu}
    """

    def __call__(self, activation: A, z: str, graph: Graph, /) -> str:
        """Add nodes that compute the activation.

        Args:
            activation: the activation, with its parameters.
            z: the value that holds the weighted sums, float64, of any shape.
            graph: the graph to add the nodes to.

        Returns:
            The value that holds the outputs, float64, of the shape of z.
        """
