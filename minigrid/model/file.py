"""Networks as files: JSON that a person can read, compare and even write. minigrid never runs code from a file.

Each neuron has a line of its own, so that a comparison of two files shows which neurons differ. Numbers are read back
bit for bit. An activation is written as its registered name (`activations/names.py`) and its settings. For a custom
activation, the file also notes where it was defined, so that an error can tell the reader what to import.
"""

import math
import os
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from minigrid._base.document import read_document, write_document
from minigrid._base.fields import Fields
from minigrid._base.text import message, shown
from minigrid._base.typing import Data
from minigrid.activations import Activation
from minigrid.activations.names import ACTIVATIONS
from minigrid.exceptions import InvalidValueError, MinigridError, UnknownNameError
from minigrid.model.layer import Layer
from minigrid.model.neuron import Neuron

FilePath: TypeAlias = str | os.PathLike[str]

_KIND = "minigrid network"
_VERSION = 1


def save_layers(layers: Sequence[Layer], path: FilePath) -> None:
    """Write the layers of a network to a file, all of it or nothing.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file, or an activation has no name.
        OSError: the file could not be written. An earlier file stays as it was.
    """
    write_document(path, _KIND, _VERSION, network_data(layers))


def load_layers(path: FilePath) -> list[Layer]:
    """Read what `save_layers` wrote.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file.
        FileFormatError: the file is damaged, comes from a newer version, or does not hold a network.
        UnknownNameError: a custom activation is not registered.
        OSError: the file could not be read, for example because it does not exist (FileNotFoundError).
    """
    return read_layers(read_document(path, _KIND, _VERSION))


def network_data(layers: Sequence[Layer]) -> dict[str, Data]:
    """Turn layers into plain data.

    Raises:
        InvalidValueError: an activation has no name.
    """
    return {"layers": [{"n_inputs": layer.n_inputs, "neurons": list(map(_neuron_data, layer))} for layer in layers]}


def _neuron_data(neuron: Neuron) -> Data:
    data: dict[str, Data] = {"weights": neuron.weights.tolist()}
    if neuron.bias is not None:
        data["bias"] = neuron.bias
    if neuron.inputs is not None:
        data["inputs"] = list(neuron.inputs)
    data["activation"] = activation_data(neuron.activation)
    return data


def activation_data(activation: Activation) -> Data:
    """Turn an activation into its name, with its settings and its origin if it has any.

    Raises:
        InvalidValueError: it has no name, or settings that a file cannot hold.
    """
    found = ACTIVATIONS.find(activation)
    if found is None:
        label = str(getattr(activation, "name", type(activation).__name__))
        name = label.lower() if label.isidentifier() else "some_name"
        fix = f'Give it a name where it is defined: register_activation("{name}", {label}).'
        expected = "one with a name, as files hold no code"
        raise InvalidValueError(message("activation", expected, shown(activation), fix))
    name, settings = found
    data: dict[str, Data] = {}
    for key, value in settings.items():
        plain = value.item() if isinstance(value, np.generic) else value
        is_endless = isinstance(plain, float) and not math.isfinite(plain)
        if is_endless or not isinstance(plain, bool | int | float | str | None):
            fix = f'Register the activation itself under a name: register_activation("...", {shown(activation)}).'
            expected = "settings that are finite numbers, strings, True, False or None"
            raise InvalidValueError(message("activation", expected, f"{key}={shown(value)}", fix))
        data[key] = plain
    whole: dict[str, Data] = {"name": name}
    if data:
        whole["settings"] = data
    if not ACTIVATIONS.is_built_in(activation):
        whole["from"] = _origin(activation)
    return name if len(whole) == 1 else whole


def _origin(activation: Activation) -> str:
    """Return where an activation is defined: the module and name of its function or its class."""
    thing = getattr(activation, "__wrapped__", type(activation))
    return f"{getattr(thing, '__module__', None)}.{getattr(thing, '__qualname__', type(thing).__name__)}"


def read_layers(fields: Fields) -> list[Layer]:
    """Read what `network_data` wrote.

    Raises:
        FileFormatError: the data are damaged.
        UnknownNameError: a custom activation is not registered.
    """
    layers = fields.only(["layers"]).parts("layers")
    if not layers:
        raise fields.error("layers", "at least one layer", "none")
    return [_layer(layer) for layer in layers]


def _layer(fields: Fields) -> Layer:
    fields.only(["n_inputs", "neurons"])
    neurons = [_neuron(neuron) for neuron in fields.parts("neurons")]
    n_inputs = fields.integer("n_inputs")
    try:
        return Layer(neurons, n_inputs=n_inputs)
    except MinigridError as error:
        raise fields.error("", "neurons that fit into one layer", f"an error from Layer: {_unended(error)}") from None


def _neuron(fields: Fields) -> Neuron:
    fields.only(["weights", "activation"], ["bias", "inputs"])
    weights = fields.decimals("weights")
    bias = fields.decimal("bias") if "bias" in fields else None
    inputs = fields.integers("inputs") if "inputs" in fields else None
    activation = _activation(fields)
    try:
        return Neuron(weights, bias, activation, inputs)
    except MinigridError as error:
        raise fields.error("", "the numbers of a neuron", f"an error from Neuron: {_unended(error)}") from None


def _activation(neuron: Fields) -> Activation:
    name, settings, origin = neuron["activation"], dict[str, object](), ""
    if not isinstance(name, str):
        fields = neuron.part("activation").only(["name"], ["settings", "from"])
        name = fields.text("name")
        origin = fields.text("from") if "from" in fields else ""
        names = origin.split(".")
        if len(names) < 2 or not all(one.isidentifier() or one == "<locals>" for one in names):
            origin = ""
        if "settings" in fields:
            settings = fields.part("settings").scalars()
    try:
        return ACTIVATIONS.make(name, settings)
    except UnknownNameError as error:
        if not origin or not name.isidentifier():
            raise neuron.error("activation", "the name of an activation", _unended(error)) from None
        raise _missing(neuron.where("activation"), name, origin) from None
    except MinigridError as error:
        raise neuron.error("activation", f"settings of {name!r}", _unended(error)) from None


def _unended(error: MinigridError) -> str:
    """Return the message of an error without its full stop, so that a sentence can continue after it."""
    return str(error).removesuffix(".")


def _missing(where: str, name: str, origin: str) -> UnknownNameError:
    """Build the error for a custom activation that is not registered: say what to import."""
    module, _, defined = origin.rpartition(".")
    call, name = f'register_activation("{name}", {defined})', repr(name)
    if "<locals>" in origin:
        got = f"{name}, which was defined as {defined} inside of {module.removesuffix('.<locals>')}"
        fix = f"Call {call} where it is defined, before you load the network."
    elif module == "__main__":
        got = f"{name}, which is {defined} of the script that saved it"
        fix = f"Define {defined} in this script too, and call {call} before you load the network."
    else:
        got = f"{name}, which is {defined} of the module {module}"
        fix = f"Import {module} before you load the network, and call {call} there or in your script."
    return UnknownNameError(message(where, "the name of an activation that is registered", got, fix))
