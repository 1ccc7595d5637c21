"""Train two neurons that feed a third, the smallest real network.

Two hidden neurons see the data, and the output neuron sees their outputs. That makes six weights, with
100 values for each. The script searches them with three strategies: all six weights at once, with a
proof, and one neuron after the other, in two different ways.

Run it with `python examples/two_into_one.py`.
"""

from minigrid import Accuracy, Coordinate, Grid, GridSearchTrainer, Network, SearchResult, Sigmoid
from minigrid.datasets import sum_threshold

YEAR = 365.25 * 24 * 3600  # seconds


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=2, threshold=1.0, seed=2024)
    X_test, y_test = sum_threshold(n_samples=1000, n_features=2, threshold=1.0, seed=123)
    network = Network.dense([2, 2, 1], activation=Sigmoid())
    print(network.summary())

    grid = Grid.linspace(-10, 10, 100)
    plan = GridSearchTrainer(grid, engine="reference").plan(network, X, y)
    print(f"\nWith 100 values for each of six weights there are {plan.n_candidates:,} candidates:")
    print(f"a plain loop over all of them would take about {plan.seconds / YEAR:.1f} years on this computer.")

    results: dict[str, SearchResult] = {
        "joint": GridSearchTrainer(grid, strategy="joint").fit(network, X, y),
        "layerwise": GridSearchTrainer(grid, strategy="layerwise").fit(network, X, y),
        "coordinate": GridSearchTrainer(grid, strategy=Coordinate(restarts=3)).fit(network, X, y),
    }
    print("\nThree ways to search:")
    print("  joint       all six weights at once")
    print("  layerwise   one neuron at a time, as if it were the output")
    print("  coordinate  one neuron at a time, judged by the whole network, again and again until nothing")
    print("              improves, from 3 random starts\n")
    print("                     candidates                 accuracy           proven best")
    print("  strategy             there are   scored  training   test  seconds  of its grid")
    for name, result in results.items():
        test = Accuracy()(y_test, result.network(X_test))
        print(
            f"  {name:10}  {result.n_candidates:17,}  {result.n_scored:7,}  {result.score:8.3f}  {test:.3f}"
            f"  {result.seconds:7.2f}  {'yes' if result.optimal else 'no'}"
        )

    best = max(results.values(), key=lambda result: result.score)
    print("\nJoint finds the first of the best networks and proves it. It scores only a few of the candidates")
    print("and prunes the others. Layerwise is quick, but its neurons are only good together, and it searches")
    print("each one alone. Coordinate finds a good network, without a proof.")
    print(f"\nThe best of the three:\n{best}")

    print("\nThe outputs of its neurons, and its predictions:")
    print("  inputs     sum      first layer       output  predicted  true")
    points = [[0.1, 0.2], [0.9, 0.0], [0.3, 0.6], [0.6, 0.5], [0.2, 0.9], [0.9, 0.8]]
    hidden, outputs, labels = best.network[0](points), best.network(points), best.network.predict(points)
    for (a, b), (one, two), output, label in zip(points, hidden, outputs[:, 0], labels, strict=True):
        print(f"  {a:.1f}, {b:.1f}   {a + b:.1f}   {one:.1e}, {two:.1e}  {output:.7f}  {label:9}  {int(a + b > 1.0):4}")
    print()
    print("A label is 1 if the output is above 0.5, even by very little. The outputs of both hidden neurons are")
    print("nearly 0, but their ratio changes with the sum, and the third neuron compares them.")

    biased = GridSearchTrainer(grid, strategy="layerwise").fit(Network.dense([2, 2, 1], bias=True), X, y)
    test = Accuracy()(y_test, biased.network(X_test))
    print()
    print("With a bias in each neuron (bias=True), even layerwise does well:")
    print(f"training accuracy {biased.score:.3f}, test accuracy {test:.3f}.")


if __name__ == "__main__":
    main()
