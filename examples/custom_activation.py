"""Solve XOR with a custom activation, a custom scoring, and a network that you connect by hand.

XOR, "exactly one of two inputs is 1", is the classic problem that one sigmoid neuron cannot solve. One
neuron with a more suitable activation can. The second part asks a similar question about three inputs,
in a network where each neuron only sees the inputs that it needs.

Run it with `python examples/custom_activation.py`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from minigrid import Activation, Grid, GridSearchTrainer, Layer, Network, Neuron, SearchResult, Sigmoid, activation
from minigrid.datasets import truth_table


@activation
def bump(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 at z = 0, falling to 0 on both sides."""
    return np.maximum(0.0, 1.0 - np.abs(z))


@dataclass(frozen=True)
class Switch(Activation):
    """A sigmoid that changes from 0 to 1 as sharply as you choose."""

    steepness: float = 1.0
    monotonic = True  # a larger z never gives a smaller output, so searches can prune

    @override
    def __call__(self, z: NDArray[np.float64], /) -> NDArray[np.float64]:
        outputs: NDArray[np.float64] = 0.5 + 0.5 * np.tanh(0.5 * self.steepness * z)
        return outputs


def margin(y_true: NDArray[np.float64], outputs: NDArray[np.float64]) -> float:
    """Score a network by its least convincing answer: how far it is on the right side of 0.5."""
    right_side = np.where(y_true == 1.0, outputs[:, 0] - 0.5, 0.5 - outputs[:, 0])
    return float(right_side.min())


def report(result: SearchResult, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    """Print the best network, whether it is proven, and its truth table."""
    print(f"  margin {result.score:.3f}; proven best of {result.n_candidates:,}: {'yes' if result.optimal else 'no'}\n")
    for name, value in zip(result.network.parameter_names, result.parameters, strict=True):
        print(f"  {name:23} {value:4.1f}")
    print("\n  inputs  output  label  true")
    for sample, output, label, true in zip(X, result.network(X)[:, 0], result.network.predict(X), y, strict=True):
        print(f"  {' '.join(f'{number:.0f}' for number in sample):6}  {output:6.3f}  {label:5}  {true:4}")


def main() -> None:
    trainer = GridSearchTrainer(Grid([-1, 0, 1]), bias_grid=Grid([-1, -0.5, 0, 0.5, 1]), scoring=margin)
    print("The margin of a network is how far its least convincing answer is on the right side of 0.5.")
    print("If it is above 0, every answer is right.\n")

    print("1. Is exactly one of two inputs 1? A single neuron with two weights and a bias")
    X, y = truth_table(lambda a, b: a != b, n_inputs=2)
    print("\nWith sigmoid, the best candidate on the grid outputs 0.5 for every sample:")
    report(trainer.fit(Network.dense([2, 1], activation=Sigmoid(), bias=True), X, y), X, y)
    print("\nWith bump, every answer is right:")
    report(trainer.fit(Network.dense([2, 1], activation=bump, bias=True), X, y), X, y)

    print("\n2. Is an odd number of three inputs 1? Three neurons, connected by hand")
    X, y = truth_table(lambda a, b, c: (a + b + c) % 2 == 1, n_inputs=3)
    first = Layer(
        [
            Neuron([0, 0], bias=0, activation=bump, inputs=[0, 1]),  # sees the first two inputs
            Neuron([0], bias=0, activation=Switch(steepness=8.0), inputs=[2]),  # sees the third
        ]
    )
    last = Layer([Neuron([0, 0], bias=0, activation=bump)])  # sees both neurons of the first layer
    network = Network([first, last])
    for name, neuron in zip(("first layer", "           ", "last layer "), network.neurons, strict=True):
        print(f"  {name}  {neuron!r}")
    print("\nWith the best weights and biases:")
    report(trainer.fit(network, X, y), X, y)


if __name__ == "__main__":
    main()
