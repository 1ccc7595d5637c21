"""Networks to test with, and the forward pass written once more in plain Python."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from minigrid import (
    ELU,
    Activation,
    HardSigmoid,
    HardTanh,
    Identity,
    Layer,
    LeakyReLU,
    Network,
    Neuron,
    ReLU,
    Softsign,
    Step,
    Tanh,
)
from minigrid._base.typing import FloatArray
from tests.problems import ANY, DECIMAL, PLAIN, WILD, networks

Rows = Sequence[Sequence[float]]


NUMBERS = st.one_of(PLAIN, ANY, DECIMAL, WILD)


MASKED: Any = np.ma.array  # typed in NumPy's newer versions only


def hand_wired() -> Network:
    """A small network with partly connected neurons."""
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
    """Write numbers so that they can be compared bit for bit; all NaN alike."""
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
    """A network with any connections and parameters, and some rows of data for it."""
    network = draw(networks(most_parameters=14))
    kind = draw(st.sampled_from([PLAIN, ANY, DECIMAL, NUMBERS]))
    vector = draw(st.lists(kind, min_size=network.n_parameters, max_size=network.n_parameters))
    rows = st.lists(kind, min_size=network.n_inputs, max_size=network.n_inputs)
    return network.with_parameters(vector), draw(st.lists(rows, min_size=1, max_size=9))
