"""A network as an ONNX model: inputs, sums in their order, activations, outputs and labels."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, final

import numpy as np

from minigrid._base.files import as_file_path, write_file
from minigrid._base.text import describe, message, shown
from minigrid._base.validation import as_instance, as_mapping
from minigrid._base.values import are_same
from minigrid._base.version import __version__
from minigrid.activations import Activation, BuiltinActivation
from minigrid.exceptions import ActivationError, InvalidTypeError, InvalidValueError
from minigrid.model.layer import Layer
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.onnx.activations import built_in_nodes
from minigrid.onnx.graph import ActivationNodes, Graph, load_onnx

if TYPE_CHECKING:
    from onnx import ModelProto

CustomNodes: TypeAlias = Mapping[type[Activation] | Activation, ActivationNodes[Any]]
"""Nodes of custom activations, by class or by the activation itself."""

_OPSET = 17
_IR_VERSION = 8  # of ONNX 1.12, which onnxruntime reads from 1.12 on
_NETWORK_FIX = "Pass a Network, such as result.network."
_FIX = 'Pass a path, such as "net.onnx".'


def save(network: Network, path: str | os.PathLike[str], *, nodes: CustomNodes | None = None) -> None:
    """Write a network to a file as an ONNX model; see `to_model`. minigrid writes the whole file or none of it.

    Args:
        network: the network.
        path: the path of the file, such as "net.onnx".
        nodes: as in `to_model`.

    Raises:
        InvalidTypeError: an argument has the wrong type.
        InvalidValueError: ONNX has no nodes for an activation, and ``nodes`` gives none.
        ActivationError: your own nodes do not form a valid model.
        MissingExtraError: onnx is not installed.
        OSError: the file could not be written. An earlier file stays as it was.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(Network.dense([2, 1]), f"{folder}/net.onnx")
        ...     [path.name for path in Path(folder).iterdir()]
        ['net.onnx']
    """
    where = as_file_path(path, "path", _FIX)
    write_file(where, to_model(network, nodes=nodes).SerializeToString())


def to_model(network: Network, *, nodes: CustomNodes | None = None) -> "ModelProto":
    """Make an ONNX model of a network (opset 17, IR version 8).

    Its input is 'X', float64 of shape (n_samples, n_inputs), for any number of samples. Its outputs are 'outputs',
    float64 of shape (n_samples, n_outputs), and 'labels', int64 of shape (n_samples,), as `Network.predict` gives them.

    Args:
        network: the network.
        nodes: a function for each custom activation, which writes it as nodes. The key is the activation or its class.

    Returns:
        The ONNX model.

    Raises:
        InvalidTypeError: an argument has the wrong type.
        InvalidValueError: ONNX has no nodes for an activation, and ``nodes`` gives none.
        ActivationError: your own nodes do not form a valid model.
        MissingExtraError: onnx is not installed.

    Example:
        >>> model = to_model(Network.dense([2, 2, 1]))
        >>> [output.name for output in model.graph.output]
        ['outputs', 'labels']
    """
    as_instance(network, Network, "network", _NETWORK_FIX)
    helper, checker, onnx = load_onnx("onnx.helper"), load_onnx("onnx.checker"), load_onnx()
    graph, custom = Graph(), _Custom(nodes)
    outputs = "X"
    for layer in network:
        places = [graph.constant(np.array([k])) for k in range(layer.n_inputs)]
        columns = [graph.node("Gather", outputs, place, axis=1) for place in places]
        outputs = _add_layer(graph, layer, columns, custom)
    graph.name(outputs, "outputs")
    graph.name(_add_labels(graph, outputs, network.n_outputs), "labels")
    value, double, whole = helper.make_tensor_value_info, onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64
    taken = [value("X", double, ["n_samples", network.n_inputs])]
    given = [value("outputs", double, ["n_samples", network.n_outputs]), value("labels", whole, ["n_samples"])]
    inside = helper.make_graph(graph.nodes, "minigrid", taken, given, graph.constants, doc_string=network.summary())
    versions = {"opset_imports": [helper.make_opsetid("", _OPSET)], "ir_version": _IR_VERSION}
    model: ModelProto = helper.make_model(inside, producer_name="minigrid", producer_version=__version__, **versions)
    helper.set_model_props(model, {"topology": "-".join(map(str, network.topology))})
    try:
        checker.check_model(model, full_check=True)
    except Exception as error:  # several types of errors, none of which names the activation
        if not custom.used:
            raise
        expected, fix = "nodes that make a model", "Use operators of opset 17 that take float64, in their order."
        raise ActivationError(message(f"nodes of {custom.used[-1]}", expected, f"{error}", fix)) from error
    return model


def _add_layer(graph: Graph, layer: Layer, columns: list[str], custom: "_Custom") -> str:
    """Add a layer, adjacent neurons of one kind together, and return its outputs, (n_samples, n_neurons)."""
    groups: list[list[Neuron]] = []
    for neuron in layer:
        if groups and _are_alike(groups[-1][0], neuron):
            groups[-1].append(neuron)
        else:
            groups.append([neuron])
    parts = [custom.nodes_of(same[0].activation, _add_sums(graph, same, columns), graph) for same in groups]
    return parts[0] if len(parts) == 1 else graph.node("Concat", *parts, axis=1)


def _are_alike(one: Neuron, other: Neuron) -> bool:
    """Tell whether neurons see the same inputs, in the same order, and compute the same from them."""
    inputs = tuple(one.input_columns()) == tuple(other.input_columns())
    return inputs and (one.bias is None) == (other.bias is None) and are_same(one.activation, other.activation)


def _add_sums(graph: Graph, neurons: list[Neuron], columns: list[str]) -> str:
    """Add the weighted sums of neurons that see the same inputs, product by product, as `weighted_sum` does."""
    weights = np.array([neuron.weights for neuron in neurons])
    total = ""
    for k, column in enumerate(neurons[0].input_columns()):
        product = graph.node("Mul", columns[column], graph.constant(weights[:, k]))
        total = graph.node("Add", total, product) if total else product
    if neurons[0].bias is None:
        return total
    biases = np.array([neuron.bias for neuron in neurons], dtype=np.float64)
    return graph.node("Add", total, graph.constant(biases))


def _add_labels(graph: Graph, outputs: str, n_outputs: int) -> str:
    """Add labels as `predicted_labels` computes them: above one half, or the first largest output, NaN above all."""
    if n_outputs == 1:
        column = graph.node("Squeeze", outputs, graph.constant(np.array([1])))
        return graph.node("Cast", graph.node("Greater", column, graph.constant(0.5)), to=7)
    largest = graph.node("ArgMax", outputs, axis=1, keepdims=0)
    missing = graph.node("Cast", graph.node("IsNaN", outputs), to=11)
    any_missing = graph.node("ReduceMax", missing, axes=[1], keepdims=0)
    is_missing = graph.node("Greater", any_missing, graph.constant(0.5))
    return graph.node("Where", is_missing, graph.node("ArgMax", missing, axis=1, keepdims=0), largest)


@final
class _Custom:
    """Finds the nodes of activations, including custom ones."""

    def __init__(self, nodes: CustomNodes | None) -> None:
        fix = "Pass a dict, such as {Swish: swish_nodes}."
        self._nodes = {} if nodes is None else as_mapping(nodes, "nodes", fix)
        for key, function in self._nodes.items():
            if not (isinstance(key, Activation) or (isinstance(key, type) and issubclass(key, Activation))):
                raise InvalidTypeError(message("nodes", "activations or classes of them", describe(key), fix))
            if not callable(function):
                expected = "a function of (activation, z, graph)"
                raise InvalidTypeError(message(f"nodes[{shown(key)}]", expected, describe(function), fix))
        self.used: list[str] = []

    def nodes_of(self, activation: Activation, z: str, graph: Graph) -> str:
        """Add the nodes of an activation to a graph.

        Raises:
            InvalidValueError: it has none.
            ActivationError: a custom function returned no value of the graph.
        """
        function: Any = next((found for key, found in self._nodes.items() if key is type(activation)), None)
        for key, found in self._nodes.items():
            if isinstance(key, Activation) and type(key) is type(activation) and are_same(key, activation):
                function = found
        if function is None:
            outputs = built_in_nodes(activation, z, graph)
            if outputs is not None:
                return outputs
            name = getattr(activation, "name", type(activation).__name__)
            fix = f"Pass a function that writes it: nodes={{{name}: function}}, see minigrid.onnx.ActivationNodes."
            expected = "one that is built in or has nodes of its own"
            if isinstance(activation, BuiltinActivation):
                expected = "one that minigrid.onnx knows how to write, or that is given nodes"
            raise InvalidValueError(message("activation", expected, shown(activation), fix))
        self.used.append(shown(activation))
        returned: object = function(activation, z, graph)
        values = {z, *(name for node in graph.nodes for name in node.output)}
        if not isinstance(returned, str) or returned not in values:
            fix = 'Return what graph.node(...) gave, such as graph.node("Tanh", z).'
            raise ActivationError(message(f"nodes of {self.used[-1]}", "the name of a value", describe(returned), fix))
        return returned
