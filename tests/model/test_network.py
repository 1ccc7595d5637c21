"""Networks, layers and neurons: shapes, labels, parameters, summaries, and what does not fit."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    LeakyReLU,
    Network,
    Neuron,
    ReLU,
    ShapeError,
    Sigmoid,
    Step,
    Tanh,
)
from tests.model.models import NUMBERS, every_model, hand_wired, hexes, mixed
from tests.problems import networks
from tests.profile import examples


def test_a_neuron_returns_one_output_a_sample() -> None:
    neuron = Neuron([0.5, -1.0], bias=0.25, activation=Identity())
    assert neuron([[1.0, 2.0], [4.0, 0.0]]).tolist() == [-1.25, 2.25]
    assert neuron([[1.0, 2.0]]).shape == (1,)
    assert Neuron([0.0])([[3.0]]).tolist() == [0.5]


def test_a_wired_neuron_sees_its_columns_in_the_order_named() -> None:
    neuron = Neuron([1.0, 10.0], activation=Identity(), inputs=[2, 0])
    assert neuron([[1.0, 2.0, 3.0]]).tolist() == [13.0]
    assert neuron([[1.0, 2.0, 3.0, 4.0]]).tolist() == [13.0]
    assert neuron.inputs == (2, 0)
    assert neuron.n_inputs_needed == 3
    assert list(neuron.input_columns()) == [2, 0]
    assert list(Neuron([1.0, 2.0]).input_columns()) == [0, 1]
    assert Neuron([1.0, 2.0]).n_inputs_needed == 2


def test_wiring_may_be_any_sequence_of_whole_numbers() -> None:
    for inputs in ([1, 0], (1, 0), np.array([1, 0]), range(1, -1, -1)):
        neuron = Neuron([2.0, 3.0], inputs=inputs)
        assert neuron.inputs == (1, 0)
        assert all(type(column) is int for column in neuron.inputs)


def test_a_layer_puts_its_neurons_outputs_side_by_side() -> None:
    layer = hand_wired().layers[0]
    X = [[1.0, 2.0], [-1.0, 0.5], [0.0, -3.0]]
    outputs = layer(X)
    assert outputs.shape == (3, 3)
    for position, neuron in enumerate(layer):
        assert hexes(outputs[:, position]) == hexes(neuron(X))
    assert len(layer) == 3
    assert layer[1] is layer.neurons[1]
    assert layer[-1] is layer.neurons[2]
    assert list(layer) == list(layer.neurons)


def test_a_network_feeds_each_layer_with_the_one_before() -> None:
    network = mixed()
    X = np.random.default_rng(3).normal(size=(6, 3))
    values = X
    for layer in network:
        values = layer(values)
    assert network(X).tobytes() == values.tobytes()
    assert network(X).shape == (6, 3)
    assert len(network) == 3
    assert network[0] is network.layers[0]
    assert network[-1] is network.layers[2]
    assert network.neurons == tuple(neuron for layer in network for neuron in layer)


@pytest.mark.parametrize("depth", [1, 2, 5, 30])
def test_networks_may_be_of_any_depth(depth: int) -> None:
    network = Network.dense([2] * depth + [3], activation=Identity())
    assert network.topology == (*[2] * depth, 3)
    ones = network.with_parameters(np.ones(network.n_parameters))
    assert ones([[1.0, 2.0]]).tolist() == [[3.0 * 2.0 ** (depth - 1)] * 3]
    assert ones.predict([[1.0, 2.0]]).tolist() == [0]


def test_a_dense_network_has_the_activations_and_biases_asked_for() -> None:
    plain = Network.dense([2, 3, 1])
    assert {neuron.activation for neuron in plain.neurons} == {Sigmoid()}
    assert {neuron.bias for neuron in plain.neurons} == {None}
    assert plain.parameters.tolist() == [0.0] * 9
    assert plain([[5.0, -5.0]]).tolist() == [[0.5]]
    other = Network.dense((2, 3, 1), activation=Tanh(), output_activation=Step(), bias=True)
    assert [neuron.activation for neuron in other.neurons] == [Tanh()] * 3 + [Step()]
    assert [neuron.bias for neuron in other.neurons] == [0.0] * 4
    assert (other.n_inputs, other.n_outputs, other.n_parameters) == (2, 1, 13)
    only = Network.dense([1, 1], activation=Tanh(), output_activation=ReLU())
    assert only.neurons[0].activation == ReLU()


def test_a_dense_layer_has_the_neurons_asked_for() -> None:
    layer = Layer.dense(3, 2, activation=ReLU(), bias=True)
    assert layer == Layer([Neuron([0.0, 0.0, 0.0], 0.0, ReLU())] * 2)
    assert (layer.n_inputs, len(layer), layer.n_parameters) == (3, 2, 8)
    assert Layer.dense(np.int64(3), np.int64(1), activation=ReLU()).n_parameters == 3  # type: ignore[arg-type]  # a NumPy number will do


def test_layers_and_networks_take_any_iterable() -> None:
    neurons = [Neuron([1.0, 2.0]), Neuron([3.0, 4.0])]
    for members in (neurons, tuple(neurons), iter(neurons), (neuron for neuron in neurons)):
        assert Layer(members) == Layer(neurons)
    layers = [Layer(neurons), Layer([Neuron([1.0, 1.0])])]
    for made in (layers, tuple(layers), iter(layers), (layer for layer in layers)):
        assert Network(made) == Network(layers)


# Labels -----------------------------------------------------------------------------------------


def outputs_as_they_are(n: int) -> Network:
    """A network that hands its inputs on."""
    return Network([Layer([Neuron([1.0], activation=Identity(), inputs=[k]) for k in range(n)], n_inputs=n)])


def test_one_output_means_label_one_strictly_above_a_half() -> None:
    above, below = math.nextafter(0.5, 1.0), math.nextafter(0.5, 0.0)
    labels = outputs_as_they_are(1).predict([[0.5], [above], [below], [1.0], [0.0], [-7.0], [1e300]])
    assert labels.tolist() == [0, 1, 0, 1, 0, 0, 1]
    assert labels.dtype == np.int64
    assert labels.shape == (7,)
    assert Network.dense([2, 1]).predict([[3.0, 4.0]]).tolist() == [0]


def test_an_output_that_is_nan_has_a_label_all_the_same() -> None:
    with np.errstate(all="ignore"):
        one = Network.dense([2, 1], activation=Identity()).with_parameters([1e308, -1e308])
        several = Network.dense([2, 3], activation=Identity()).with_parameters([1, 1, 1e308, -1e308, 1, 1])
        assert np.isnan(one([[10.0, 10.0]])).all()
        assert one.predict([[10.0, 10.0]]).tolist() == [0]
        assert several.predict([[10.0, 10.0]]).tolist() == [1]


def test_several_outputs_mean_the_first_of_the_largest() -> None:
    X = [[1.0, 2.0, 3.0], [3.0, 3.0, 1.0], [0.0, 5.0, 5.0], [7.0, 7.0, 7.0], [-1.0, -2.0, -0.5], [-0.0, 0.0, -1.0]]
    labels = outputs_as_they_are(3).predict(X)
    assert labels.tolist() == [2, 0, 1, 0, 2, 0]
    assert labels.dtype == np.int64
    assert outputs_as_they_are(2).predict([[0.1, 0.2], [0.9, 0.8]]).tolist() == [1, 0]


# Parameters -------------------------------------------------------------------------------------


def test_parameters_are_in_the_order_layer_neuron_weights_bias() -> None:
    network = hand_wired()
    assert network.parameters.tolist() == [0.5, -1.0, 2.0, 0.1, -1.0, 3.0, -0.5, 1.0, 1.0, -2.0, 4.0, 2.0]
    assert network.parameter_names == (
        "layer0.neuron0.weight0",
        "layer0.neuron0.weight1",
        "layer0.neuron1.weight0",
        "layer0.neuron1.bias",
        "layer0.neuron2.weight0",
        "layer0.neuron2.weight1",
        "layer0.neuron2.bias",
        "layer1.neuron0.weight0",
        "layer1.neuron0.weight1",
        "layer1.neuron0.weight2",
        "layer1.neuron1.weight0",
        "layer1.neuron1.bias",
    )
    assert network.n_parameters == 12
    assert network.parameter_slices == (
        (slice(0, 2), slice(2, 4), slice(4, 7)),
        (slice(7, 10), slice(10, 12)),
    )
    assert [layer.n_parameters for layer in network] == [7, 5]
    assert [neuron.n_parameters for neuron in network.neurons] == [2, 2, 3, 3, 2]
    assert network.topology == (2, 3, 2)


@examples(100)
@given(st.data())
def test_with_parameters_sets_each_parameter_where_its_name_says(data: st.DataObject) -> None:
    network = data.draw(networks())
    vector = data.draw(st.lists(NUMBERS, min_size=network.n_parameters, max_size=network.n_parameters))
    before = network.parameters
    other = network.with_parameters(vector)
    assert hexes(other.parameters) == [value.hex() for value in vector]
    for name, value in zip(network.parameter_names, vector, strict=True):
        layer, neuron, which = name.split(".")
        owner = other.layers[int(layer.removeprefix("layer"))].neurons[int(neuron.removeprefix("neuron"))]
        if which == "bias":
            assert owner.bias is not None
            assert owner.bias.hex() == value.hex()
        else:
            assert float(owner.weights[int(which.removeprefix("weight"))]).hex() == value.hex()
    for layer_of, slices in zip(other.layers, other.parameter_slices, strict=True):
        for one, own in zip(layer_of, slices, strict=True):
            assert hexes(other.parameters[own]) == hexes(one.parameters)
    assert network.parameters.tobytes() == before.tobytes()
    assert other.parameter_names == network.parameter_names
    assert other.topology == network.topology
    assert [n.activation for n in other.neurons] == [n.activation for n in network.neurons]
    assert [n.inputs for n in other.neurons] == [n.inputs for n in network.neurons]
    assert other.with_parameters(before) == network


def test_a_neuron_takes_its_parameters_with_the_bias_last() -> None:
    neuron = Neuron([1.0, 2.0], bias=3.0, activation=Tanh(), inputs=[5, 2])
    assert neuron.parameters.tolist() == [1.0, 2.0, 3.0]
    assert neuron.with_parameters([4, 5, 6]) == Neuron([4.0, 5.0], bias=6.0, activation=Tanh(), inputs=[5, 2])
    assert type(neuron.with_parameters([4, 5, 6]).bias) is float
    plain = Neuron([1.0, 2.0])
    assert plain.parameters.tolist() == [1.0, 2.0]
    assert plain.with_parameters([4, 5]) == Neuron([4.0, 5.0])


@every_model
def test_parameters_are_not_a_way_into_the_model(model: Neuron | Layer | Network) -> None:
    if isinstance(model, Layer):
        model = Network([model])
    with pytest.raises(ValueError, match="read-only"):
        model.parameters[0] = 77.0
    vector = model.parameters + 1.0
    assert not (model.parameters == vector).all()
    other = model.with_parameters(vector)
    expected = vector.copy()
    vector[:] = 77.0
    assert other.parameters.tobytes() == expected.tobytes()


# The summary ------------------------------------------------------------------------------------


def test_the_summary_of_a_dense_network() -> None:
    network = Network.dense([2, 3, 2], activation=Tanh(), output_activation=Identity(), bias=True)
    assert network.summary() == (
        "Network 2-3-2, 17 parameters\n"
        "layer       neurons  inputs  activation  parameters\n"
        "----------  -------  ------  ----------  --------------------\n"
        "0           3        2       Tanh()      6 weights + 3 biases\n"
        "1 (output)  2        3       Identity()  6 weights + 2 biases"
    )


def test_the_summary_of_a_hand_wired_network() -> None:
    network = Network(
        [
            Layer(
                [
                    Neuron([0.5, -1.0], activation=Tanh()),
                    Neuron([2.0], bias=0.1, activation=LeakyReLU(slope=0.1), inputs=[1]),
                    Neuron([1.0], bias=0.0, activation=Tanh(), inputs=[0]),
                ]
            ),
            Layer([Neuron([1.0, 1.0, 1.0])]),
        ]
    )
    assert network.summary() == (
        "Network 2-3-1, 9 parameters\n"
        "layer       neurons  inputs                activation                    parameters\n"
        "----------  -------  --------------------  ----------------------------  --------------------\n"
        "0           3        2 (each sees 1 or 2)  Tanh(), LeakyReLU(slope=0.1)  4 weights + 2 biases\n"
        "1 (output)  1        3                     Sigmoid()                     3 weights"
    )


# Layer: how wide its input is -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("neurons", "n_inputs"),
    [
        ([Neuron([1.0, 2.0, 3.0])], 3),
        ([Neuron([1.0], inputs=[4])], 5),
        ([Neuron([1.0], inputs=[4]), Neuron([1.0, 1.0], inputs=[0, 6])], 7),
        ([Neuron([1.0], inputs=[0]), Neuron([1.0, 2.0, 3.0])], 3),
        ([Neuron([1.0, 2.0, 3.0]), Neuron([1.0], inputs=[2])], 3),
    ],
)
def test_a_layer_is_as_wide_as_its_neurons_need(neurons: list[Neuron], n_inputs: int) -> None:
    layer = Layer(neurons)
    assert layer.n_inputs == n_inputs
    assert Layer(neurons, n_inputs=n_inputs) == layer
    assert layer(np.ones((2, n_inputs))).shape == (2, len(neurons))
    for wrong in (n_inputs - 1, n_inputs + 1):
        with pytest.raises(ShapeError, match=rf"^X: expected {n_inputs} features"):
            layer(np.ones((2, wrong)))


def test_a_layer_of_wired_neurons_may_be_wider() -> None:
    layer = Layer([Neuron([1.0], activation=Identity(), inputs=[1])], n_inputs=4)
    assert layer.n_inputs == 4
    assert layer([[1.0, 2.0, 3.0, 4.0]]).tolist() == [[2.0]]
    assert layer != Layer([Neuron([1.0], activation=Identity(), inputs=[1])])
    assert repr(layer) == "Layer([Neuron([1.0], activation=Identity(), inputs=[1])], n_inputs=4)"


@pytest.mark.parametrize(
    ("neurons", "n_inputs", "pattern"),
    [
        ([Neuron([1.0, 2.0]), Neuron([1.0])], None, r"neuron 1: expected 2 weights, .*got 1\b"),
        ([Neuron([1.0, 2.0])], 3, r"neuron 0: expected 3 weights, .*got 2\b"),
        ([Neuron([1.0, 2.0])], 1, r"neuron 0: expected 1 weight, .*got 2\b"),
        ([Neuron([1.0, 2.0]), Neuron([1.0], inputs=[2])], None, r"neuron 1: expected inputs below 2.*inputs=\[2\]"),
        ([Neuron([1.0], inputs=[2])], 2, r"neuron 0: expected inputs below 2.*inputs=\[2\]"),
    ],
)
def test_neurons_that_do_not_fit_a_layer(neurons: list[Neuron], n_inputs: int | None, pattern: str) -> None:
    with pytest.raises(ShapeError, match=f"^{pattern}"):
        Layer(neurons, n_inputs=n_inputs)


def test_a_network_takes_each_later_layer_as_wide_as_the_layer_before_it() -> None:
    hidden = Layer.dense(2, 4, activation=Tanh())
    narrow = Layer([Neuron([1.0], inputs=[1])])
    assert narrow.n_inputs == 2
    network = Network([hidden, narrow])
    assert network.layers[1].n_inputs == 4
    assert network.topology == (2, 4, 1)
    assert narrow.n_inputs == 2
    assert network([[1.0, 2.0]]).tolist() == [[0.5]]
    assert Network([Layer([Neuron([1.0], inputs=[1])], n_inputs=6)]).n_inputs == 6


def test_a_layer_that_does_not_fit_the_one_before_it() -> None:
    hidden = Layer.dense(2, 3, activation=Tanh())
    with pytest.raises(ShapeError, match=r"^layer 1, fed by 3 neurons of layer 0: neuron 0: expected 3 weights.*got 2"):
        Network([hidden, Layer([Neuron([1.0, 1.0])])])
    with pytest.raises(ShapeError, match=r"^layer 2, fed by 1 neuron of layer 1: neuron 0: expected inputs below 1"):
        Network([hidden, Layer([Neuron([1.0, 1.0, 1.0])]), Layer([Neuron([1.0], inputs=[1])])])


# What does not fit ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Neuron([1.0, 2.0]), Layer([Neuron([1.0, 2.0])]), Network.dense([2, 1])], ids=repr)
@pytest.mark.parametrize(
    ("X", "error", "pattern"),
    [
        ([[1.0]], ShapeError, r"2 features \(columns\).*got 1\b"),
        ([[1.0, 2.0, 3.0]], ShapeError, r"2 features \(columns\).*got 3\b"),
        ([1.0, 2.0], ShapeError, r"got an array of shape \(2,\).*np\.reshape\(X, \(-1, 2\)\)"),
        (np.zeros((1, 2, 1)), ShapeError, r"got an array of shape \(1, 2, 1\)"),
        (np.zeros((0, 2)), ShapeError, "at least one sample.*got no rows"),
        ([[1.0, math.nan]], InvalidValueError, r"finite numbers, got nan at position \(0, 1\)"),
        ([[1.0, 2.0], [math.inf, 0.0]], InvalidValueError, r"finite numbers, got inf at position \(1, 0\)"),
        ([["a", "b"]], InvalidTypeError, "real numbers, got 'a' at position"),
        ([[1j, 0]], InvalidTypeError, "real numbers, got a list.*complex128"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_are_refused(
    model: Neuron | Layer | Network, X: Any, error: type[Exception], pattern: str
) -> None:
    with pytest.raises(error, match=f"^X: expected .*{pattern}"):
        model(X)
    if isinstance(model, Network):
        with pytest.raises(error, match=f"^X: expected .*{pattern}"):
            model.predict(X)


def test_data_too_narrow_for_a_wired_neuron_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"^X: expected at least 4 features \(columns\), got 3\. Pass all the columns"):
        Neuron([1.0], inputs=[3])([[1.0, 2.0, 3.0]])


@pytest.mark.parametrize(
    ("vector", "error", "pattern"),
    [
        ([1.0], ShapeError, r"3 parameters of the network, got 1\. Pass exactly 3"),
        ([1.0] * 4, ShapeError, "3 parameters of the network, got 4"),
        ([[1.0, 2.0, 3.0]], ShapeError, r"one-dimensional .*got an array of shape \(1, 3\)"),
        ([1.0, 2.0, math.nan], InvalidValueError, r"finite numbers, got nan at position \(2,\)"),
        (["a", "b", "c"], InvalidTypeError, "real numbers"),
    ],
)
def test_wrong_parameters_are_refused(vector: Any, error: type[Exception], pattern: str) -> None:
    with pytest.raises(error, match=f"^vector: expected .*{pattern}"):
        Network.dense([2, 1], bias=True).with_parameters(vector)
