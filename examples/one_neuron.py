"""Train one neuron with three weights, step by step, and test it.

A neuron multiplies each of its inputs by a weight, adds up the products, and passes the sum through
an activation. This script searches all combinations of 100 values for each of the three weights, a
million candidates, and tests the best one on new data. The first pages of the course (docs/course)
explain each step.

Run it with `python examples/one_neuron.py`.
"""

import numpy as np

from minigrid import Accuracy, Grid, GridSearchTrainer, Layer, Network, Neuron, Sigmoid
from minigrid.datasets import sum_threshold


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    print("Data: 1000 samples of three numbers from 0 to 1, labelled 1 if they add up to more than 1.5")
    for sample, label in zip(X[:3], y[:3], strict=True):
        print(f"  {' + '.join(f'{number:.3f}' for number in sample)} = {sample.sum():.3f}  label {label}")

    print("\n1. The activation: sigmoid squeezes any weighted sum into the range from 0 to 1")
    sums = np.array([-10.0, -1.0, 0.0, 1.0, 10.0])
    print("  sum     " + "".join(f"{value:9.1f}" for value in sums))
    print("  output  " + "".join(f"{value:9.5f}" for value in Sigmoid()(sums)))

    print("\n2. The prediction: the label is 1 if the output is above 0.5")
    guess = Network([Layer([Neuron([1.0, 1.0, 1.0], activation=Sigmoid())])])
    outputs = ", ".join(f"{output:.3f}" for output in guess(X[:3])[:, 0])
    print(f"  weights 1, 1, 1 give the outputs {outputs}, so the labels {guess.predict(X[:3])}")

    print("\n3. The accuracy: the fraction of labels that are predicted correctly")
    accuracy = Accuracy()
    print(f"  weights 1, 1, 1 have an accuracy of {accuracy(y, guess(X))}: they predict 1 for every sample")

    print("\n4. The grid search: 100 values from -10 to 10 for each weight")
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100))
    result = trainer.fit(Network.dense([3, 1], activation=Sigmoid()), X, y)
    print(f"  Best weights: {result.parameters}")
    print(f"  Best accuracy: {result.score}")
    print(f"  Candidates: {result.n_candidates:,}, done in {result.seconds:.2f} s")
    print(f"  Proven to be the best on the grid: {'yes' if result.optimal else 'no'}")

    print("\n5. The test: 100 new samples")
    X_test, y_test = sum_threshold(n_samples=100, n_features=3, threshold=1.5, seed=123)
    print(f"  Accuracy on the test data: {accuracy(y_test, result.network(X_test))}")


if __name__ == "__main__":
    main()
