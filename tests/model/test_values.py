"""Networks, layers and neurons are values: equal, copied, pickled, printed and never changed."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import minigrid
from minigrid import Activation, Identity, Layer, Network, Neuron, ReLU, Sigmoid, Tanh, activation
from minigrid._base.typing import FloatArray
from tests.model.models import arrays_in, every_model, fed_networks, hexes
from tests.problems import BUILT_IN, signed, wave
from tests.profile import examples


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


@examples(60)
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
        with pytest.raises(FrozenInstanceError, match=f"{name}: this object never changes"):
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
