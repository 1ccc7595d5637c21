"""Compare sigmoid with ReLU and the other activations, in the same neuron.

The data and the grid are the same for all. Each search is exhaustive, so only the activation can cause a
difference in accuracy.

Run it with `python examples/other_activations.py`.
"""

import numpy as np

from minigrid import (
    ELU,
    GELU,
    SELU,
    Accuracy,
    Activation,
    Gaussian,
    Grid,
    GridSearchTrainer,
    HardSigmoid,
    HardTanh,
    Identity,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
)
from minigrid.datasets import sum_threshold

ACTIVATIONS: list[Activation] = [
    Sigmoid(),
    ReLU(),
    LeakyReLU(slope=0.01),
    ELU(),
    SELU(),
    SiLU(),
    GELU(),
    Softplus(),
    Identity(),
    Step(),
    HardSigmoid(),
    Tanh(),
    HardTanh(),
    Softsign(),
    Gaussian(),
    Sine(),
]


def where_label_is_one(activation: Activation) -> str:
    """Find the weighted sums, from -3 to 3, for which the output is above 0.5."""
    sums = np.linspace(-3, 3, 60_001)
    ones = sums[activation(sums) > 0.5]
    return f"above {ones[0]:5.2f}" if ones[-1] == sums[-1] else f"{ones[0]:.2f} to {ones[-1]:.2f}"


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    X_test, y_test = sum_threshold(n_samples=100, n_features=3, threshold=1.5, seed=123)
    trainer = GridSearchTrainer(Grid.linspace(-5, 5, 31))
    print("One neuron, three weights with 31 values from -5 to 5 each: 29,791 candidates for each activation\n")
    print("                         label is 1 where      accuracy")
    print("  activation             weighted sum is   training  test   best weights")
    for activation in ACTIVATIONS:
        result = trainer.fit(Network.dense([3, 1], activation=activation), X, y)
        test = Accuracy()(y_test, result.network(X_test))
        weights = "  ".join(f"{weight:6.3f}" for weight in result.parameters)
        print(f"  {activation!r:22} {where_label_is_one(activation):16} {result.score:8.3f}  {test:.2f}  {weights}")
    print()
    print("ReLU beats sigmoid by far, but not by its shape. A label is 1 where the output is above 0.5:")
    print("for sigmoid, where the weighted sum is above 0; for ReLU, where it is above 0.5. The data need")
    print("such a threshold above 0 (their numbers must add up to more than 1.5). ReLU reaches it with")
    print("three weights of 1/3; sigmoid could only do so with a bias, see another_parameter.py.")
    print("Gaussian and sine predict 1 within a band of sums (sine within many), not above a threshold.")


if __name__ == "__main__":
    main()
