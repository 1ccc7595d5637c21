"""More values for each weight: exercise 2.1 of the lesson, and its bonus about time.

One neuron with three weights is searched on finer and finer grids, and on a wider one. Before each
search `trainer.plan` says how long it will take, and what the plain loop of the lesson, which is
in the package as the engine "reference", would need for the same answer.

Run it with `python examples/expanded_grid.py`.
"""

from minigrid import Grid, GridSearchTrainer, Network
from minigrid.datasets import sum_threshold


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    network = Network.dense([3, 1])
    print("One neuron with three weights: what does a bigger grid cost, and what does it bring?\n")
    print("  values for             number of   predicted seconds    measured")
    print("  each weight         combinations  plain loop  minigrid   seconds  accuracy")
    for limit, n_values in [(10, 25), (10, 50), (10, 100), (10, 200), (20, 200)]:
        grid = Grid.linspace(-limit, limit, n_values)
        loop_plan = GridSearchTrainer(grid, engine="reference").plan(network, X, y)
        trainer = GridSearchTrainer(grid)
        plan = trainer.plan(network, X, y)
        result = trainer.fit(network, X, y)
        print(
            f"  {n_values:3} from {-limit} to {limit}  {plan.n_candidates:13,}  {loop_plan.seconds:10,.1f}"
            f"  {plan.seconds:8.2f}  {result.seconds:8.2f}  {result.score:8.3f}"
        )
        print(f"      best weights: {', '.join(f'{weight:.3f}' for weight in result.parameters)}")
    print()
    print("Twice as many values for each of three weights are 2 x 2 x 2 = 8 times as many combinations.")
    print("The accuracy hardly moves, and a wider range brings nothing: without a bias, weights twice as large")
    print("give the same labels, and the last grid finds exactly twice the weights of the one before. What")
    print("does help is shown in another_parameter.py.")


if __name__ == "__main__":
    main()
