"""One neuron, three weights: exercises 1 to 6 of the lesson.

A neuron multiplies each of its inputs by a weight, adds up the products, and passes the sum through
an activation. Its weights are found here by trying every combination of 100 values for each of the
three weights, a million neurons in all. The best one is then tested on data it has not seen.

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

    print("\nExercise 1: an activation. Sigmoid squeezes any sum into the range from 0 to 1")
    sums = np.array([-10.0, -1.0, 0.0, 1.0, 10.0])
    print("  sum     " + "".join(f"{value:9.1f}" for value in sums))
    print("  output  " + "".join(f"{value:9.5f}" for value in Sigmoid()(sums)))

    print("\nExercise 2: a prediction. The label is 1 where the output is above 0.5")
    guess = Network([Layer([Neuron([1.0, 1.0, 1.0], activation=Sigmoid())])])
    outputs = ", ".join(f"{output:.3f}" for output in guess(X[:3])[:, 0])
    print(f"  weights 1, 1, 1 give the outputs {outputs}, so the labels {guess.predict(X[:3])}")

    print("\nExercise 3: the accuracy, which is the share of labels that are right")
    accuracy = Accuracy()
    print(f"  weights 1, 1, 1 have an accuracy of {accuracy(y, guess(X))}: they say 1 to every sample")

    print("\nExercises 4 and 5: the grid search, with 100 values from -10 to 10 for each weight")
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100))
    result = trainer.fit(Network.dense([3, 1], activation=Sigmoid()), X, y)
    print(f"  Best weights: {result.parameters}")
    print(f"  Best accuracy: {result.score}")
    print(f"  Combinations: {result.n_candidates:,}, done in {result.seconds:.2f} s")
    print(f"  Proven to be the best of them all: {'yes' if result.optimal else 'no'}")

    print("\nExercise 6: the test, on 100 new samples")
    X_test, y_test = sum_threshold(n_samples=100, n_features=3, threshold=1.5, seed=123)
    print(f"  Accuracy on the test data: {accuracy(y_test, result.network(X_test))}")


if __name__ == "__main__":
    main()
