"""ONNX models give the outputs of the networks, computed by onnxruntime."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

import minigrid.onnx
from minigrid import (
    ELU,
    Activation,
    ActivationError,
    FloatArray,
    FunctionActivation,
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
    Sigmoid,
    Softsign,
    Step,
    Tanh,
)
from minigrid._base.typing import IntArray
from minigrid.onnx import Graph, save, to_model
from minigrid.onnx.activations import built_in_nodes
from tests.problems import BUILT_IN, networks, numbers
from tests.profile import examples

EXPORTED = [own for own in BUILT_IN if built_in_nodes(own, "z", Graph()) is not None]
EXACT = (Identity, Step, HardSigmoid, HardTanh, Softsign, ReLU, LeakyReLU)
"""Activations of plain arithmetic: what onnxruntime gives is ours bit for bit."""


def test_which_activations_can_be_exported() -> None:
    assert len(EXPORTED) >= 19  # none loses its nodes
    for own in BUILT_IN:
        if own not in EXPORTED:
            with pytest.raises(InvalidValueError, match=r"^activation: expected one that minigrid\.onnx knows.*nodes="):
                to_model(Network.dense([1, 1], activation=own))


def run(network: Network, X: FloatArray, **settings: Any) -> tuple[FloatArray, IntArray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    content = to_model(network, **settings).SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    outputs, labels = session.run(None, {"X": np.asarray(X, dtype=np.float64)})
    assert outputs.dtype == np.float64
    assert labels.dtype == np.int64
    return outputs, labels


def are_sure(outputs: FloatArray) -> Any:
    """Tell where labels do not depend on the last bits of outputs."""
    if outputs.shape[1] == 1:
        return np.abs(outputs[:, 0] - 0.5) > 1e-12
    ordered = np.sort(outputs, axis=1)
    return ordered[:, -1] - ordered[:, -2] > 1e-12 * np.abs(ordered[:, -1])


def assert_equal_outputs(network: Network, X: FloatArray) -> None:
    outputs, labels = run(network, X)
    with np.errstate(all="ignore"):
        ours = network(X)
    assert outputs.shape == ours.shape
    if all(isinstance(neuron.activation, EXACT) for neuron in network.neurons):
        np.testing.assert_array_equal(outputs, ours)
        np.testing.assert_array_equal(labels, network.predict(X))
        return
    np.testing.assert_allclose(outputs, ours, rtol=1e-9, atol=1e-300)
    sure = are_sure(ours)
    assert sure.mean() > 0.5
    np.testing.assert_array_equal(labels[sure], network.predict(X)[sure])


@pytest.mark.parametrize("own", EXPORTED, ids=repr)
@pytest.mark.parametrize("sizes", [(1, 1), (3, 1), (2, 2, 1), (4, 5, 3), (3, 4, 4, 2)], ids=str)
def test_random_networks_of_every_activation(own: Activation, sizes: tuple[int, ...]) -> None:
    for seed in range(4):
        draw = np.random.default_rng(seed)
        last = [None, Sigmoid(), own, Identity()][seed]
        network = Network.dense(sizes, activation=own, output_activation=last, bias=seed % 2 == 0)
        network = network.with_parameters(draw.normal(size=network.n_parameters))
        assert_equal_outputs(network, draw.normal(size=(300, sizes[0])) * 2.0)


@pytest.mark.parametrize("own", EXPORTED, ids=repr)
def test_each_activation_is_right_everywhere(own: Activation) -> None:
    ends = np.concatenate([np.geomspace(1e-320, 1e308, 2000), np.linspace(0.0, 45.0, 4001), [0.0, np.finfo(float).max]])
    network = Network([Layer([Neuron([1.0], activation=own)])])
    X = np.concatenate([ends, -ends])[:, np.newaxis]
    if repr(own) == "Sine()":
        X = X[np.abs(X[:, 0]) < 1e6]  # beyond, its rounding is not the same everywhere
    outputs, labels = run(network, X)
    ours = network(X)
    # Results below the smallest normal float have few digits.
    np.testing.assert_allclose(outputs, ours, rtol=1e-9, atol=1e-300)
    sure = are_sure(ours)
    np.testing.assert_array_equal(labels[sure], network.predict(X)[sure])
    if isinstance(own, EXACT):
        np.testing.assert_array_equal(outputs, ours)


@examples(150)
@given(networks(most_parameters=40), st.data())
def test_networks_of_any_wiring(shape: Network, data: st.DataObject) -> None:
    kinds = data.draw(numbers())

    def draw_many(size: int) -> list[float]:
        return data.draw(st.lists(kinds, min_size=size, max_size=size))

    network = shape.with_parameters(draw_many(shape.n_parameters))
    X = np.array([draw_many(network.n_inputs) for _ in range(5)])
    given_nodes = {
        neuron.activation: plain_nodes
        for neuron in network.neurons
        if isinstance(neuron.activation, FunctionActivation) or type(neuron.activation).__module__ == "tests.problems"
    }
    if given_nodes:
        with pytest.raises(InvalidValueError, match="activation: expected one that is built in or has nodes"):
            to_model(network)
        return
    with np.errstate(all="ignore"):
        ours = network(X)
        outputs, labels = run(network, X)
    if all(isinstance(neuron.activation, EXACT) for neuron in network.neurons):
        np.testing.assert_array_equal(outputs, ours)
        np.testing.assert_array_equal(labels, network.predict(X))
    else:
        assert outputs.shape == ours.shape
        assert labels.shape == (5,)


def plain_nodes(activation: Activation, z: str, graph: Graph) -> str:
    return graph.node("Identity", z)


@pytest.mark.parametrize("own", [own for own in EXPORTED if isinstance(own, EXACT)], ids=repr)
def test_ties_and_wild_numbers_to_the_bit(own: Activation) -> None:
    draw = np.random.default_rng(5)
    wild = np.array([1e300, -1e300, 1e-300, 5e-324, 1e155, -1e18, 1e-17, 0.1, 0.7, 1 / 3, 0.0, -0.0])
    for seed in range(12):
        network = Network.dense([2, 3, 1 + seed % 3], activation=own, output_activation=Identity(), bias=seed % 2 == 0)
        pool = wild if seed % 4 == 3 else np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0])
        network = network.with_parameters(draw.choice(pool, network.n_parameters))
        assert_equal_outputs(network, draw.choice(pool, (64, 2)))


def test_numbers_that_are_0_or_1_in_single_precision_are_not_left_out() -> None:
    X = np.random.default_rng(5).normal(size=(200, 2))
    near = [1.0 + 1e-9, 1.0 - 1e-9, np.nextafter(1.0, 2.0), -1.0 - 1e-9, 1.0, 1e-60, -1e-60]
    neurons = [Neuron([w, 1e-60], bias=b, activation=Identity()) for w in near for b in (None, 1e-60, -1e-60, 1e-300)]
    assert run(Network([Layer(neurons)]), X)[0].tobytes() == Network([Layer(neurons)])(X).tobytes()
    steps = [Neuron([1.5e-100, -2.1e-101], bias=-3.9e-101, activation=Step())]
    assert run(Network([Layer(steps)]), X)[0].tobytes() == Network([Layer(steps)])(X).tobytes()
    for own in (LeakyReLU(1.0 - 1e-9), LeakyReLU(1e-60), ELU(1.0 + 1e-9)):
        layer = Layer([Neuron([1.0, 2.0], activation=own)])
        np.testing.assert_allclose(run(Network([layer]), X)[0], Network([layer])(X), rtol=1e-14)


def test_equal_sums_cancel_to_the_bit() -> None:
    """Two equal hidden neurons with opposite weights: the sum is 0, bit for bit, for any activation."""
    X = np.random.default_rng(2).normal(size=(1001, 2))
    for own in EXPORTED:
        hidden = Layer.dense(2, 2, activation=own)
        network = Network([hidden, Layer([Neuron([1.0, -1.0], activation=Identity())])])
        outputs, _ = run(network.with_parameters([0.3, -0.7, 0.3, -0.7, 1.0, -1.0]), X)
        assert not outputs.any()


def test_wiring_biases_and_mixed_layers() -> None:
    hidden = [
        Neuron([0.5, -1.0], activation=Tanh(), inputs=[2, 0]),
        Neuron([0.25, 2.0], activation=Tanh(), inputs=[0, 2]),
        Neuron([2.0], bias=0.1, activation=ReLU(), inputs=[1]),
        Neuron([1.0, 2.0, 3.0], bias=-0.2, activation=LeakyReLU(0.3)),
        Neuron([1.0, 2.0, -3.0], bias=0.2, activation=LeakyReLU(0.2)),
    ]
    last = [Neuron([1.0, 1.0, 1.0, 1.0, 1.0]), Neuron([-1.0, 2.0], 0.5, Softsign(), inputs=[4, 1])]
    assert_equal_outputs(Network([Layer(hidden), Layer(last)]), np.random.default_rng(0).normal(size=(200, 3)))


def test_labels_of_outputs_that_are_missing() -> None:
    """As in `predict`: NaN is not above one half, and of several outputs the first NaN counts as the largest."""
    one = Network([Layer([Neuron([1e308, 1e308], activation=Identity())])])
    several = Network([Layer([Neuron(w, activation=Identity()) for w in ([1.0, 0.0], [1e308, 1e308], [1e308, 1e308])])])
    X = np.array([[10.0, -10.0], [1.0, 1.0], [10.0, 10.0]])
    for network in (one, several):
        outputs, labels = run(network, X)
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(outputs, network(X))
        np.testing.assert_array_equal(labels, network.predict(X))


def test_any_number_of_samples() -> None:
    network = Network.dense([2, 2, 1]).with_parameters([1, -1, 0.5, 2, 3, -4])
    for n_samples in (1, 2, 1000):
        outputs, labels = run(network, np.ones((n_samples, 2)))
        assert outputs.shape == (n_samples, 1)
        assert labels.shape == (n_samples,)


def test_the_model_tells_what_it_is() -> None:
    network = Network.dense([2, 2, 1], bias=True)
    model = to_model(network)
    assert model.opset_import[0].version == 17
    assert model.ir_version == 8
    assert model.producer_name == "minigrid"
    assert model.producer_version == minigrid.__version__
    assert {prop.key: prop.value for prop in model.metadata_props} == {"topology": "2-2-1"}
    assert model.graph.doc_string == network.summary()
    assert to_model(network).SerializeToString() == model.SerializeToString()


def test_large_networks_stay_small() -> None:
    network = Network.dense([16, 16, 16, 3], activation=Tanh(), bias=True)
    draw = np.random.default_rng(1)
    network = network.with_parameters(draw.normal(size=network.n_parameters) * 0.5)
    assert len(to_model(network).SerializeToString()) < 50_000
    assert_equal_outputs(network, draw.normal(size=(500, 16)))


def test_saved_whole(tmp_path: Path) -> None:
    network = Network.dense([2, 1]).with_parameters([1.0, -1.0])
    save(network, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    (labels,) = session.run(["labels"], {"X": np.array([[1.0, 0.0], [0.0, 1.0]])})
    assert labels.tolist() == [1, 0]
    assert onnx.load(tmp_path / "net.onnx") == to_model(network)
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]
    with pytest.raises(
        InvalidTypeError, match=r'path: expected the path of a file, got 3\. Pass a path, such as "net.onnx"'
    ):
        save(network, 3)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(InvalidTypeError, match=r"network: expected .*result\.network"):
        save("net", tmp_path / "net.onnx")  # type: ignore[arg-type]  # what is tested


@final
@dataclass(frozen=True)
class Power(Activation):
    """A custom activation with a parameter."""

    exponent: float = 3.0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        outputs: FloatArray = np.abs(z) ** self.exponent
        return outputs


def power_nodes(power: Power, z: str, graph: Graph) -> str:
    return graph.node("Pow", graph.node("Abs", z), graph.constant(power.exponent))


def test_nodes_of_ones_own() -> None:
    arctan = FunctionActivation(np.arctan, monotonic=True)
    network = Network(
        [
            Layer([Neuron([1.0, 2.0], activation=Power(2.0)), Neuron([0.5, -1.0], activation=Power(3.0))]),
            Layer([Neuron([1.0, -1.0], activation=arctan)]),
        ]
    )
    X = np.random.default_rng(4).normal(size=(50, 2))
    nodes: dict[Any, Any] = {Power: power_nodes, arctan: lambda activation, z, graph: graph.node("Identity", z)}
    outputs, _ = run(network, X, nodes=nodes)
    np.testing.assert_allclose(np.arctan(outputs), network(X), rtol=1e-12)
    own: dict[Any, Any] = {Sigmoid: plain_nodes}  # of a built-in one, too
    np.testing.assert_allclose(run(Network.dense([2, 1]).with_parameters([1, 1]), X, nodes=own)[0][:, 0], X.sum(axis=1))


def test_an_activation_without_nodes_says_how_to_supply_them() -> None:
    with pytest.raises(InvalidValueError, match=r"got Power\(exponent=3\.0\)\. .*nodes=\{Power: function\}"):
        to_model(Network.dense([1, 1], activation=Power()))
    with pytest.raises(InvalidValueError, match=r"nodes=\{arctan: function\}"):
        to_model(Network.dense([1, 1], activation=FunctionActivation(np.arctan)))


@pytest.mark.parametrize(
    ("nodes", "error", "expected"),
    [
        ({"Power": power_nodes}, InvalidTypeError, "nodes: expected activations or classes of them, got 'Power'"),
        ({Power: "Pow"}, InvalidTypeError, "expected a function of"),
        ([power_nodes], InvalidTypeError, "nodes: expected"),
        ({Power: lambda power, z, graph: None}, ActivationError, "expected the name of a value, got None"),
        ({Power: lambda power, z, graph: "elsewhere"}, ActivationError, "got 'elsewhere'"),
        ({Power: lambda power, z, graph: graph.node("Pow", z)}, ActivationError, "expected nodes that make a model"),
        ({Power: lambda power, z, graph: graph.node("Nonsense", z)}, ActivationError, "nodes of Power"),
    ],
)
def test_wrong_nodes(nodes: Any, error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=expected):
        to_model(Network.dense([1, 1], activation=Power()), nodes=nodes)


def test_without_onnx_the_error_names_the_command() -> None:
    code = """
import sys
sys.modules["onnx"] = None
import minigrid.onnx
from minigrid import Network
try:
    minigrid.onnx.to_model(Network.dense([2, 1]))
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install onnx." in done.stdout


def test_importing_it_does_not_load_onnx() -> None:
    code = "import sys, minigrid.onnx; print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
