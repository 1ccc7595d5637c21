"""Add a fourth parameter to a neuron, and compare a fourth weight with a bias.

First the data get a fourth feature, and the neuron gets a fourth weight. Then the fourth parameter is a
bias instead, a number that the neuron adds to the weighted sum, with the original three features.

Run it with `python examples/another_parameter.py`.
"""

from minigrid import Accuracy, Grid, GridSearchTrainer, Network
from minigrid.datasets import sum_threshold


def report(name: str, n_features: int, threshold: float, n_values: int, *, bias: bool) -> None:
    """Search one neuron and print a line of the table."""
    X, y = sum_threshold(n_samples=1000, n_features=n_features, threshold=threshold, seed=2024)
    X_test, y_test = sum_threshold(n_samples=100, n_features=n_features, threshold=threshold, seed=123)
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, n_values))
    result = trainer.fit(Network.dense([n_features, 1], bias=bias), X, y)
    always_one = y.mean()
    test = Accuracy()(y_test, result.network(X_test))
    print(
        f"  {name:28} {n_values:6}  {result.n_candidates:12,}  {always_one:8.3f}  {result.score:8.3f}  {test:.2f}"
        f"  {result.seconds:7.2f}"
    )
    named = zip(result.network.parameter_names, result.parameters, strict=True)
    print("    best:  " + "   ".join(f"{parameter.split('.')[-1]} {value:.3f}" for parameter, value in named))


def main() -> None:
    print("Data: 1000 samples of numbers from 0 to 1, labelled 1 if three of them add up to more than 1.5,")
    print("or four of them to more than 1.75. 'Always 1' is the accuracy if you always predict 1.\n")
    print("                              values,                             accuracy")
    print("  parameters               -10 to 10    candidates  always 1  training  test  seconds")
    report("3 features: 3 weights", 3, 1.5, 100, bias=False)
    report("4 features: 4 weights", 4, 1.75, 100, bias=False)
    report("3 features: 3 weights, bias", 3, 1.5, 100, bias=True)
    print()
    print("A fourth weight alone helps little: 'always 1' is nearly as good. A bias helps a lot: only")
    print("with a bias can the neuron express 'more than 1.5'.")

    X, y = sum_threshold(n_samples=1000, n_features=4, threshold=1.75, seed=2024)
    plan = GridSearchTrainer(Grid.linspace(-10, 10, 100), engine="reference").plan(Network.dense([4, 1]), X, y)
    print()
    print(f"For each of the last two searches, a plain loop over all {plan.n_candidates:,} candidates would take")
    print(f"{plan.seconds / 3600:.1f} hours on this computer.")


if __name__ == "__main__":
    main()
