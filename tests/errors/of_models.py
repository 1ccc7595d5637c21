"""Wrong neurons, layers and networks."""

from typing import Any

import numpy as np

from minigrid import Identity, Layer, Neuron, OutOfRangeError, Sigmoid
from tests.errors.cases import (
    LAYER,
    NETWORK,
    NEURON,
    SPARSE,
    case,
    mg,
    returned,
    shape_error,
    type_error,
    value_error,
)
from tests.errors.kinds import (
    activation_cases,
    count_cases,
    number_cases,
    samples_cases,
    vector_cases,
)


def dense(**changes: Any) -> Any:
    return mg.Layer.dense(**{"n_inputs": 2, "n_neurons": 1, "activation": Sigmoid(), **changes})


PARAMETERS = "3 parameters of the "


BIASED: Any = Neuron([1.0, 2.0], bias=3.0)


NEURON_CASES = [
    *vector_cases("Neuron", "weights", lambda value: mg.Neuron(value), [1, 2]),
    *number_cases("Neuron", "bias", lambda value: mg.Neuron([1.0], bias=value)),
    *activation_cases("Neuron", "activation", lambda value: mg.Neuron([1.0], activation=value)),
    type_error(
        "Neuron, inputs is a number",
        lambda: mg.Neuron([1.0], inputs=3),
        "^inputs: expected a seq",
        "got 3",
        r"\[0, 2\]",
    ).then("Pass a list such as [0, 2]", lambda: mg.Neuron([1.0, 2.0], inputs=[0, 2])),
    type_error(
        "Neuron, inputs is text", lambda: mg.Neuron([1.0], inputs="0"), "^inputs: expected a sequence", "got '0'"
    ).then("Pass a list such as [0, 2]", lambda: mg.Neuron([1.0, 2.0], inputs=[0, 2])),
    type_error(
        "Neuron, inputs holds a float", lambda: mg.Neuron([1.0], inputs=[1.0]), "^inputs: .*whole number, got 1.0"
    ).then("Pass an int: 1.", lambda: mg.Neuron([1.0], inputs=[1])),
    type_error("Neuron, inputs holds a boolean", lambda: mg.Neuron([1.0], inputs=[True]), "^inputs: .*got True").then(
        "Pass an int", lambda: mg.Neuron([1.0], inputs=[1])
    ),
    type_error("Neuron, inputs holds text", lambda: mg.Neuron([1.0], inputs=["a"]), "^inputs: .*got 'a'").then(
        "Pass an int", lambda: mg.Neuron([1.0], inputs=[1])
    ),
    type_error(
        "Neuron, inputs is a table", lambda: mg.Neuron([1.0], inputs=[[0]]), "^inputs: .*got a list of length 1"
    ).then("Pass an int", lambda: mg.Neuron([1.0], inputs=[1])),
    value_error(
        "Neuron, inputs holds a negative", lambda: mg.Neuron([1.0], inputs=[-1]), "^inputs: .*at least 0, got -1"
    ).then("Pass 0 or more", lambda: mg.Neuron([1.0], inputs=[0])),
    value_error(
        "Neuron, inputs names a column twice",
        lambda: mg.Neuron([1.0, 1.0], inputs=[2, 2]),
        r"^inputs: expected different column numbers, got \[2, 2\]",
        "List each column once",
    ).then("List each column once", lambda: mg.Neuron([1.0, 1.0], inputs=[2, 3])),
    shape_error(
        "Neuron, more inputs than weights",
        lambda: mg.Neuron([1.0], inputs=[0, 1]),
        r"^inputs: expected 1 column, one for each weight, got 2\b",
        "one column for each weight",
    ).then("List one column for each weight", lambda: mg.Neuron([1.0], inputs=[0])),
    shape_error(
        "Neuron, fewer inputs than weights", lambda: mg.Neuron([1.0, 2.0], inputs=[0]), "2 columns", r"got 1\b"
    ).then("List one column for each weight", lambda: mg.Neuron([1.0, 2.0], inputs=[0, 1])),
    shape_error(
        "Neuron, no inputs", lambda: mg.Neuron([1.0], inputs=[]), "^inputs: expected 1 column", r"got 0\b"
    ).then("List one column for each weight", lambda: mg.Neuron([1.0], inputs=[0])),
    *vector_cases("Neuron.with_parameters", "vector", lambda value: BIASED.with_parameters(value), [1, 2, 3]),
    shape_error(
        "Neuron.with_parameters, too few", lambda: BIASED.with_parameters([1.0] * 2), PARAMETERS + "neuron, got 2"
    ).then("Pass exactly 3", lambda: BIASED.with_parameters([1.0] * 3)),
    shape_error(
        "Neuron.with_parameters, too many", lambda: BIASED.with_parameters([1.0] * 4), PARAMETERS, "Pass exactly 3"
    ).then("Pass exactly 3", lambda: BIASED.with_parameters([1.0] * 3)),
    *samples_cases("Neuron()", lambda value: NEURON(value), lambda width: mg.Neuron(np.ones(width))),
    shape_error(
        "Neuron(), X too narrow for its connections",
        lambda: SPARSE(np.zeros((2, 3))),
        r"^X: expected at least 4 features \(columns\), got 3\.",
        "all the columns that the neuron is connected to",
    ).then("all the columns that the neuron is connected to", lambda: SPARSE(np.zeros((2, 4)))),
]


LAYER_CASES = [
    type_error(
        "Layer, a neuron instead of a list",
        lambda: mg.Layer(NEURON),
        "^neurons: expected a seq.*got .*Neuron",
        r"Layer\(\[",
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    type_error(
        "Layer, neurons is text", lambda: mg.Layer("ab"), "^neurons: expected a sequence of Neuron, got 'ab'"
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    type_error(
        "Layer, neurons is None", lambda: mg.Layer(None), "^neurons: expected a sequence of Neuron, got None"
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    type_error("Layer, a list of numbers", lambda: mg.Layer([1.0]), r"^neurons: expected a Neuron, got 1\.0").runs(
        "Layer([Neuron([1.0, 1.0])])", returned
    ),
    type_error(
        "Layer, the class Neuron", lambda: mg.Layer([Neuron]), "^neurons: expected a Neuron, got the class Neuron"
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    type_error(
        "Layer, a layer in the list", lambda: mg.Layer([LAYER]), "^neurons: expected a Neuron, got .* Layer"
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    shape_error(
        "Layer, no neurons", lambda: mg.Layer([]), "^neurons: expected at least one neuron, got none", r"Layer\(\["
    ).runs("Layer([Neuron([1.0, 1.0])])", returned),
    shape_error(
        "Layer, neurons of unequal width", lambda: mg.Layer([NEURON, Neuron([1.0])]), "^neuron 1: expected 2 weights"
    )
    .then("one weight for each input", lambda: mg.Layer([NEURON, Neuron([1.0, 2.0])]))
    .then("connect it to some of them with inputs=[...]", lambda: mg.Layer([NEURON, Neuron([1.0], inputs=[0])])),
    shape_error(
        "Layer, neurons narrower than n_inputs", lambda: mg.Layer([NEURON], n_inputs=3), "^neuron 0: .*3 weights.*got 2"
    )
    .then("one weight for each input", lambda: mg.Layer([Neuron([1.0] * 3)], n_inputs=3))
    .then(
        "connect it to some of them with inputs=[...]",
        lambda: mg.Layer([Neuron([1.0, 2.0], inputs=[0, 2])], n_inputs=3),
    ),
    shape_error(
        "Layer, inputs too far",
        lambda: mg.Layer([SPARSE], n_inputs=3),
        r"inputs below 3.*inputs=\[3\]",
        "0 to 2",
    )
    .then("Connect it to columns 0 to 2", lambda: mg.Layer([Neuron([1.0], inputs=[2])], n_inputs=3))
    .then("give the layer 4 inputs", lambda: mg.Layer([SPARSE], n_inputs=4)),
    *count_cases("Layer", "n_inputs", 1, lambda value: mg.Layer([NEURON], n_inputs=value)),
    *count_cases("Layer.dense", "n_inputs", 1, lambda value: dense(n_inputs=value)),
    *count_cases("Layer.dense", "n_neurons", 1, lambda value: dense(n_neurons=value)),
    *activation_cases("Layer.dense", "activation", lambda value: dense(activation=value)),
    value_error("Layer.dense, more inputs than memory", lambda: dense(n_inputs=10**18), "^n_inputs: ").then(
        "Pass a smaller one", lambda: dense(n_inputs=100)
    ),
    value_error("Layer.dense, more inputs than an array may have", lambda: dense(n_inputs=10**30), "^n_inputs: ").then(
        "Pass a smaller one", lambda: dense(n_inputs=100)
    ),
    *samples_cases("Layer()", lambda value: LAYER(value), lambda width: dense(n_inputs=width)),
    case("Layer[], beyond the end", lambda: LAYER[1], OutOfRangeError, IndexError, "1").then(
        "Pass a whole number, from 0", lambda: LAYER[0]
    ),
    case("Layer[], before the beginning", lambda: LAYER[-2], OutOfRangeError, IndexError, "-2").then(
        "Pass a whole number, from 0", lambda: LAYER[0]
    ),
    type_error("Layer[], text", lambda: LAYER["a"], "'a'").then("Pass a whole number, from 0", lambda: LAYER[0]),
    type_error("Layer[], a float", lambda: LAYER[0.0], r"0\.0").then("Pass a whole number, from 0", lambda: LAYER[0]),
]


def dense_network(**changes: Any) -> Any:
    return mg.Network.dense(**{"sizes": [2, 1], **changes})


def wide(width: int) -> Any:
    return dense_network(sizes=[width, 1])


THREE_WIDE: Any = Layer.dense(2, 3, activation=Identity())


NETWORK_CASES = [
    type_error(
        "Network, a layer instead of a list",
        lambda: mg.Network(LAYER),
        "^layers: expected a Layer, got .*Neuron",
        r"\[Layer\(\[",
    )
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    type_error("Network, a list of neurons", lambda: mg.Network([NEURON]), "^layers: expected a Layer, got .*Neuron")
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    type_error("Network, a list of sizes", lambda: mg.Network([2, 1]), "^layers: expected a Layer, got 2")
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    type_error("Network, layers is text", lambda: mg.Network("21"), "^layers: expected a sequence of Layer, got '21'")
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    type_error("Network, layers is None", lambda: mg.Network(None), "^layers: expected a sequence of Layer, got None")
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    type_error("Network, the class Layer", lambda: mg.Network([Layer]), "^layers: .*got the class Layer itself")
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    shape_error(
        "Network, no layers", lambda: mg.Network([]), "^layers: expected at least one layer, got none", r"\[Layer\(\["
    )
    .runs("[Layer([Neuron([1.0, 1.0])])]", mg.Network)
    .runs("Network.dense([2, 1])", returned),
    shape_error(
        "Network, a layer that does not fit",
        lambda: mg.Network([THREE_WIDE, LAYER]),
        "^layer 1, fed by 3 neurons of layer 0: neuron 0: expected 3 weights",
        r"got 2\b",
        "one weight for each input",
    )
    .then("one weight for each input", lambda: mg.Network([THREE_WIDE, Layer([Neuron([1.0] * 3)])]))
    .then(
        "connect it to some of them with inputs=[...]",
        lambda: mg.Network([THREE_WIDE, Layer([Neuron([1.0, 2.0], inputs=[0, 2])])]),
    ),
    shape_error(
        "Network, inputs too far", lambda: mg.Network([THREE_WIDE, Layer([SPARSE])]), r"^layer 1.*below 3.*\[3\]"
    )
    .then("Connect it to columns 0 to 2", lambda: mg.Network([THREE_WIDE, Layer([Neuron([1.0], inputs=[2])])]))
    .then("give the layer 4 inputs", lambda: mg.Network([Layer.dense(2, 4, activation=Identity()), Layer([SPARSE])])),
    type_error(
        "Network.dense, sizes is a number", lambda: dense_network(sizes=5), "^sizes: expected .*got 5", r"\[2, 2, 1\]"
    ).runs("[2, 2, 1]", mg.Network.dense),
    type_error("Network.dense, sizes is text", lambda: dense_network(sizes="21"), "^sizes: expected .*got '21'").runs(
        "[2, 2, 1]", mg.Network.dense
    ),
    type_error("Network.dense, sizes holds a float", lambda: dense_network(sizes=[2, 1.0]), r"^sizes: .*got 1\.0").then(
        "Pass an int: 1.", lambda: dense_network(sizes=[2, 1])
    ),
    type_error("Network.dense, sizes holds text", lambda: dense_network(sizes=[2, "1"]), "^sizes: .*got '1'").then(
        "Pass an int: 1.", lambda: dense_network(sizes=[2, 1])
    ),
    type_error(
        "Network.dense, sizes holds a boolean", lambda: dense_network(sizes=[True, 1]), "^sizes: .*got True"
    ).then("Pass an int", lambda: dense_network(sizes=[1, 1])),
    value_error(
        "Network.dense, sizes holds a zero", lambda: dense_network(sizes=[2, 0, 1]), "^sizes: .*at least 1, got 0"
    ).then("Pass 1 or more", lambda: dense_network(sizes=[2, 1, 1])),
    shape_error(
        "Network.dense, one size",
        lambda: dense_network(sizes=[2]),
        r"^sizes: expected at least two.*got \[2\]",
        "such as",
    ).runs("[2, 2, 1]", mg.Network.dense),
    shape_error(
        "Network.dense, no sizes", lambda: dense_network(sizes=[]), r"^sizes: expected at least two.*got \[\]"
    ).runs("[2, 2, 1]", mg.Network.dense),
    *activation_cases("Network.dense", "activation", lambda value: dense_network(sizes=[2, 2, 1], activation=value)),
    *activation_cases("Network.dense", "output_activation", lambda value: dense_network(output_activation=value)),
    *vector_cases("Network.with_parameters", "vector", lambda value: NETWORK.with_parameters(value), [1, 2]),
    shape_error(
        "Network.with_parameters, too many",
        lambda: NETWORK.with_parameters([1.0] * 3),
        "2 parameters of the network, got 3",
    ).then("Pass exactly 2", lambda: NETWORK.with_parameters([1.0] * 2)),
    shape_error(
        "Network.with_parameters, too few", lambda: NETWORK.with_parameters([1.0]), "^vector: .*got 1", "exactly 2"
    ).then("Pass exactly 2", lambda: NETWORK.with_parameters([1.0] * 2)),
    *samples_cases("Network()", lambda value: NETWORK(value), wide),
    *samples_cases("Network.predict", lambda value: NETWORK.predict(value), lambda width: wide(width).predict),
    case("Network[], beyond the end", lambda: NETWORK[1], OutOfRangeError, IndexError, "1").then(
        "Pass a whole number, from 0", lambda: NETWORK[0]
    ),
    type_error("Network[], text", lambda: NETWORK["a"], "'a'").then("Pass a whole number, from 0", lambda: NETWORK[0]),
]
