"""Neurons, layers and networks: the forward pass to the last bit, wiring, labels, and what makes a model a value."""

import copy
import math
import pickle
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import minigrid
from minigrid import (
    ELU,
    Activation,
    HardSigmoid,
    HardTanh,
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
    Softsign,
    Step,
    Tanh,
    activation,
)
from minigrid._base.typing import FloatArray
from tests.problems import ANY, BUILT_IN, DECIMAL, PLAIN, WILD, networks, signed, wave

Rows = Sequence[Sequence[float]]

NUMBERS = st.one_of(PLAIN, ANY, DECIMAL, WILD)

MASKED: Any = np.ma.array  # typed in NumPy's newer versions only


def hand_wired() -> Network:
    """The network of the design's example, a little wider."""
    hidden = Layer(
        [
            Neuron([0.5, -1.0], activation=Tanh()),
            Neuron([2.0], bias=0.1, activation=ReLU(), inputs=[1]),
            Neuron([-1.0, 3.0], bias=-0.5, activation=Identity(), inputs=[1, 0]),
        ]
    )
    return Network([hidden, Layer([Neuron([1.0, 1.0, -2.0]), Neuron([4.0], bias=2.0, inputs=[2])])])


def mixed() -> Network:
    """Three layers with several outputs and every kind of neuron."""
    return Network(
        [
            Layer(
                [
                    Neuron([0.1, 0.7, -0.3], bias=0.2),
                    Neuron([1 / 3, -0.0], activation=ELU(alpha=2.0), inputs=[2, 0]),
                    Neuron([1e300], activation=Softsign(), inputs=[1]),
                    Neuron([-7.0, 5e-324, 2.0], activation=LeakyReLU(slope=0.5)),
                ]
            ),
            Layer([Neuron([0.5], bias=1e-300, inputs=[3]), Neuron([0.1, -0.2, 0.3, -0.4], activation=Tanh())]),
            Layer([Neuron([1.0, -1.0], activation=Identity()), Neuron([0.3, 0.6], 0.9), Neuron([2.0], inputs=[1])]),
        ]
    )


MODELS: list[Neuron | Layer | Network] = [
    Neuron([1.0]),
    Neuron([0.1, -0.0, 5e-324, 1e308], bias=-0.0, activation=LeakyReLU(slope=0.3)),
    Neuron([2.0, 3.0], bias=0.1, activation=ReLU(), inputs=[4, 1]),
    Layer([Neuron([1.0, 2.0])]),
    Layer([Neuron([2.0], inputs=[1]), Neuron([0.5, 0.25], bias=1.0)]),
    Layer([Neuron([2.0], inputs=[1])], n_inputs=5),
    Layer.dense(3, 2, activation=Tanh(), bias=True),
    Network.dense([2, 2, 1]),
    Network.dense([4, 3, 2, 3], activation=Tanh(), output_activation=Identity(), bias=True),
    hand_wired(),
    mixed(),
]

every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def arrays_in(model: Neuron | Layer | Network) -> list[FloatArray]:
    """All arrays that a model holds."""
    if isinstance(model, Neuron):
        return [model.weights]
    if isinstance(model, Layer):
        return [neuron.weights for neuron in model]
    return [neuron.weights for layer in model for neuron in layer]


def hexes(values: FloatArray) -> list[str]:
    """Write numbers so that they can be compared to the bit; all NaN alike."""
    return [float(value).hex() for value in values.ravel()]


# The forward pass, written once more in plain Python ---------------------------------------------


def plain_sum(neuron: Neuron, row: Sequence[float]) -> float:
    """Add w[0] * x[0], then w[1] * x[1], and so on, and the bias last."""
    columns = list(range(len(neuron.weights))) if neuron.inputs is None else list(neuron.inputs)
    weights = neuron.weights.tolist()
    total: float = weights[0] * row[columns[0]]
    for weight, column in zip(weights[1:], columns[1:], strict=True):
        total = total + weight * row[column]
    return total if neuron.bias is None else total + neuron.bias


def plain_outputs(
    network: Network, row: Sequence[float], activate: Callable[[Activation, float], float]
) -> list[float]:
    """Feed one sample forward, one number at a time."""
    values = list(row)
    for layer in network.layers:
        values = [activate(neuron.activation, plain_sum(neuron, values)) for neuron in layer.neurons]
    return values


def activate_alone(kind: Activation, z: float) -> float:
    """Call the activation on a single number."""
    with np.errstate(all="ignore"):
        return float(kind(np.array([z]))[0])


def activate_plainly(kind: Activation, z: float) -> float:
    """The activations that a few exact operations are enough for."""
    if isinstance(kind, Step):
        return 1.0 if z >= 0.0 else 0.0
    if isinstance(kind, ReLU):
        return max(z, 0.0)
    if isinstance(kind, HardTanh):
        return min(max(z, -1.0), 1.0)
    if isinstance(kind, HardSigmoid):
        return min(max(z / 6.0 + 0.5, 0.0), 1.0)
    if isinstance(kind, Softsign):
        return z / (1.0 + abs(z))
    assert isinstance(kind, Identity)
    return z


@st.composite
def fed_networks(draw: st.DrawFn) -> tuple[Network, list[list[float]]]:
    """A network of any wiring with any parameters, and some rows for it."""
    network = draw(networks(most_parameters=14))
    kind = draw(st.sampled_from([PLAIN, ANY, DECIMAL, NUMBERS]))
    vector = draw(st.lists(kind, min_size=network.n_parameters, max_size=network.n_parameters))
    rows = st.lists(kind, min_size=network.n_inputs, max_size=network.n_inputs)
    return network.with_parameters(vector), draw(st.lists(rows, min_size=1, max_size=9))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(fed_networks())
@example((mixed(), [[0.1, 0.2, 0.3], [1e300, -1e300, 1e300], [0.0, -0.0, 5e-324]]))
def test_outputs_are_those_of_plain_python_to_the_bit(case: tuple[Network, list[list[float]]]) -> None:
    network, rows = case
    outputs = network(rows)
    assert outputs.shape == (len(rows), network.n_outputs)
    assert outputs.dtype == np.float64
    expected = [plain_outputs(network, row, activate_alone) for row in rows]
    assert hexes(outputs) == hexes(np.array(expected))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_outputs_are_those_of_plain_python_without_numpy_at_all(data: st.DataObject) -> None:
    exact = st.sampled_from([Identity(), Step(), ReLU(), HardTanh(), HardSigmoid(), Softsign()])
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    inner, last = data.draw(exact), data.draw(exact)
    network = Network.dense(sizes, activation=inner, output_activation=last, bias=data.draw(st.booleans()))
    values = st.one_of(ANY, DECIMAL)
    network = network.with_parameters(
        data.draw(st.lists(values, min_size=network.n_parameters, max_size=network.n_parameters))
    )
    rows = data.draw(st.lists(st.lists(values, min_size=sizes[0], max_size=sizes[0]), min_size=1, max_size=5))
    assert network(rows).tolist() == [plain_outputs(network, row, activate_plainly) for row in rows]


def test_the_order_of_summation_is_left_to_right_with_the_bias_last() -> None:
    weights = [1e16, 1.0, -1e16, 1.0, 1.0]
    assert Neuron(weights, activation=Identity())([[1.0] * 5]).tolist() == [2.0]
    assert Neuron(weights, bias=1e16, activation=Identity())([[1.0] * 5]).tolist() == [1e16 + 2.0]
    assert Neuron([1.0, 1.0], bias=-1e16, activation=Identity())([[1e16, 1.0]]).tolist() == [0.0]
    assert Neuron([1.0, 1.0, 1e16], activation=Identity(), inputs=[2, 0, 1])([[1.0, -1.0, 1.0]]).tolist() == [
        -1e16 + 2.0
    ]


def test_many_inputs_are_summed_in_order_too() -> None:
    generator = np.random.default_rng(5)
    weights, rows = generator.normal(size=97), generator.normal(size=(33, 97))
    neuron = Neuron(weights, bias=0.1, activation=Identity())
    assert hexes(neuron(rows)) == [plain_sum(neuron, row).hex() for row in rows.tolist()]


def test_sums_beyond_the_largest_float_are_infinite_and_silent() -> None:
    network = Network([Layer([Neuron([1e308, 1e308], activation=Identity())])])
    np.testing.assert_array_equal(network([[10.0, 10.0], [-10.0, 0.0], [10.0, -10.0]]), [[np.inf], [-np.inf], [np.nan]])


# Batches ----------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(fed_networks())
def test_rows_computed_alone_equal_rows_computed_together(case: tuple[Network, list[list[float]]]) -> None:
    network, rows = case
    together = network(rows)
    alone = np.concatenate([network([row]) for row in rows])
    backwards = network(rows[::-1])[::-1]
    many = network(rows * 40)
    assert hexes(together) == hexes(alone) == hexes(backwards)
    assert hexes(many) == hexes(together) * 40


@pytest.mark.parametrize("n_samples", [1, 2, 3, 7, 8, 9, 63, 64, 65, 1000])
def test_outputs_do_not_depend_on_the_number_of_rows(n_samples: int) -> None:
    network = mixed()
    X = np.random.default_rng(1).normal(size=(1000, 3))
    assert hexes(network(X[:n_samples])) == hexes(network(X)[:n_samples])
    assert network(X[-n_samples:]).tobytes() == network(X)[-n_samples:].tobytes()


def test_outputs_do_not_depend_on_the_memory_layout_or_kind_of_the_data() -> None:
    network = hand_wired()
    X = np.random.default_rng(2).integers(-4, 5, (50, 2)).astype(np.float64)
    expected = network(X).tobytes()
    wide = np.zeros((100, 7))
    wide[::2, ::3][:, :2] = X
    layouts: list[Any] = [
        np.asfortranarray(X),
        wide[::2, ::3][:, :2],
        X[::-1][::-1],
        X.astype(np.float32),
        X.astype(np.int8),
        X.astype(">f8"),
        X.tolist(),
        tuple(map(tuple, X.tolist())),
        MASKED(X),
    ]
    for layout in layouts:
        outputs = network(layout)
        assert outputs.tobytes() == expected
        assert outputs.flags.c_contiguous


# Shapes and parts -------------------------------------------------------------------------------


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


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
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


# Values -----------------------------------------------------------------------------------------


@every_model
def test_the_repr_makes_an_equal_one(model: Neuron | Layer | Network) -> None:
    again = eval(repr(model), vars(minigrid).copy())
    assert type(again) is type(model)
    assert again == model
    assert hash(again) == hash(model)
    assert [hexes(array) for array in arrays_in(again)] == [hexes(array) for array in arrays_in(model)]


def test_the_repr_is_readable() -> None:
    assert repr(Neuron([0.5, -1.0])) == "Neuron([0.5, -1.0], activation=Sigmoid())"
    assert repr(Neuron([2], 0.1, ReLU(), [1])) == "Neuron([2.0], bias=0.1, activation=ReLU(), inputs=[1])"
    layer = Layer([Neuron([1, 2])])
    assert repr(layer) == "Layer([Neuron([1.0, 2.0], activation=Sigmoid())])"
    assert repr(Network([layer])) == f"Network([{layer!r}])"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(fed_networks())
def test_any_network_can_be_copied_pickled_and_read_back(case: tuple[Network, list[list[float]]]) -> None:
    network, rows = case
    others = [copy.copy(network), copy.deepcopy(network)]
    if all(neuron.activation in BUILT_IN for neuron in network.neurons):
        others += [eval(repr(network), vars(minigrid).copy()), pickle.loads(pickle.dumps(network))]
    for other in others:
        assert other == network
        assert hash(other) == hash(network)
        assert hexes(other.parameters) == hexes(network.parameters)
        assert hexes(other(rows)) == hexes(network(rows))


@every_model
def test_copies_are_equal_and_read_only(model: Neuron | Layer | Network) -> None:
    copies = [copy.copy(model), copy.deepcopy(model)]
    copies += [pickle.loads(pickle.dumps(model, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in copies:
        assert type(other) is type(model)
        assert other == model
        assert hash(other) == hash(model)
        for array in arrays_in(other):
            assert not array.flags.writeable
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0


def test_models_are_equal_by_value() -> None:
    neuron = Neuron([1.0, 2.0], bias=0.5, activation=Tanh(), inputs=[0, 1])
    assert neuron == Neuron(np.array([1, 2]), 0.5, Tanh(), (0, 1))
    different = [
        Neuron([1.0, 2.5], bias=0.5, activation=Tanh(), inputs=[0, 1]),
        Neuron([1.0, 2.0], bias=0.25, activation=Tanh(), inputs=[0, 1]),
        Neuron([1.0, 2.0], activation=Tanh(), inputs=[0, 1]),
        Neuron([1.0, 2.0], bias=0.5, activation=ReLU(), inputs=[0, 1]),
        Neuron([1.0, 2.0], bias=0.5, activation=Tanh(), inputs=[1, 0]),
        Neuron([1.0, 2.0], bias=0.5, activation=Tanh()),
        Neuron([1.0, 2.0, 0.0], bias=0.5, activation=Tanh(), inputs=[0, 1, 2]),
    ]
    assert all(neuron != other for other in different)
    assert len({neuron, *different}) == 8
    layers = [Layer([other]) for other in [neuron, *different]]
    assert len(set(layers)) == 8
    assert len({Network([layer]) for layer in layers}) == 8
    assert Layer([neuron, different[0]]) != Layer([different[0], neuron])
    assert hash(neuron) == hash(Neuron(np.array([1, 2]), 0.5, Tanh(), (0, 1)))
    others: list[object] = [neuron, layers[0], Network(layers[:1]), "Neuron", None]
    assert all((a == b) is (i == j) for i, a in enumerate(others) for j, b in enumerate(others))


def test_both_zeros_are_equal_and_hash_alike() -> None:
    assert Neuron([0.0], bias=-0.0) == Neuron([-0.0], bias=0.0)
    assert hash(Neuron([0.0], bias=-0.0)) == hash(Neuron([-0.0], bias=0.0))


@every_model
def test_models_cannot_be_changed(model: Neuron | Layer | Network) -> None:
    target: Any = model
    before = repr(model)
    for name in ["weights", "bias", "activation", "inputs", "neurons", "n_inputs", "layers"]:
        if name in getattr(type(model), "__slots__", ()):
            with pytest.raises(FrozenInstanceError, match=name):
                setattr(target, name, None)
            with pytest.raises(FrozenInstanceError, match=name):
                delattr(target, name)
    for name in ["parameters", "topology", "anything"]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(target, name, 1)
    with pytest.raises(TypeError, match="item assignment"):
        target[0] = None
    assert not hasattr(target, "__dict__")
    for array in arrays_in(model):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    assert repr(model) == before


def test_the_callers_arrays_are_neither_changed_nor_kept() -> None:
    weights, inputs, X = np.array([1.0, 2.0]), np.array([1, 0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    neuron = Neuron(weights, activation=Identity(), inputs=inputs)
    layer_list = [neuron]
    layer = Layer(layer_list)
    network_list = [layer]
    network = Network(network_list)
    outputs = network(X)
    assert all(array.flags.writeable for array in (weights, inputs, X, outputs))
    assert (weights.tolist(), inputs.tolist(), X.tolist()) == ([1.0, 2.0], [1, 0], [[1.0, 2.0], [3.0, 4.0]])
    assert not np.shares_memory(outputs, X)
    assert not np.shares_memory(neuron.weights, weights)
    weights[:] = 9.0
    inputs[:] = 5
    layer_list.clear()
    network_list.clear()
    outputs[:] = 0.0
    assert network(X).tolist() == [[4.0], [10.0]]
    assert neuron.weights.tolist() == [1.0, 2.0]
    assert len(network) == len(layer) == 1


@activation
def the_argument_itself(z: FloatArray) -> FloatArray:
    return z


@pytest.mark.parametrize("kind", [Identity(), signed, wave, Sigmoid(), the_argument_itself], ids=repr)
def test_outputs_are_the_callers_own(kind: Activation) -> None:
    X = np.array([[1.0], [-1.0]])
    X.flags.writeable = False
    neuron = Neuron([1.0], activation=kind)
    for model in (Layer([neuron]), Network([Layer([neuron])])):
        outputs = model(X)
        expected = outputs.copy()
        outputs += 1.0
        assert model(X).tobytes() == expected.tobytes()
    alone = neuron(X)
    alone += 1.0
    assert neuron(X).tobytes() == expected.ravel().tobytes()


def test_numbers_of_many_kinds_become_float64() -> None:
    wanted = Neuron([1.0, 2.0], bias=3.0)
    kinds: list[Any] = [[1, 2], (1, 2), np.array([1, 2], dtype=np.int8), np.array([1, 2], dtype=np.float32)]
    for weights in kinds:
        neuron = Neuron(weights, bias=3)
        assert neuron == wanted
        assert neuron.weights.dtype == np.float64
        assert neuron.weights.flags.c_contiguous
        assert type(neuron.bias) is float
    assert Neuron(np.arange(6.0)[::2], bias=np.float32(3)).weights.tolist() == [0.0, 2.0, 4.0]  # type: ignore[arg-type]  # a NumPy number will do


# What does not fit ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Neuron([1.0, 2.0]), Layer([Neuron([1.0, 2.0])]), Network.dense([2, 1])], ids=repr)
@pytest.mark.parametrize(
    ("X", "error", "pattern"),
    [
        ([[1.0]], ShapeError, r"2 features \(columns\).*got 1\b"),
        ([[1.0, 2.0, 3.0]], ShapeError, r"2 features \(columns\).*got 3\b"),
        ([1.0, 2.0], ShapeError, r"got an array of shape \(2,\).*X\.reshape\(1, -1\)"),
        (np.zeros((1, 2, 1)), ShapeError, r"got an array of shape \(1, 2, 1\)"),
        (np.zeros((0, 2)), ShapeError, "at least one sample.*got no rows"),
        ([[1.0, math.nan]], InvalidValueError, r"finite numbers, got nan at position \(0, 1\)"),
        ([[1.0, 2.0], [math.inf, 0.0]], InvalidValueError, r"finite numbers, got inf at position \(1, 0\)"),
        ([["a", "b"]], InvalidTypeError, "real numbers, got a list"),
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
