"""Search one neuron on larger and larger grids, and measure the time.

The neuron has three weights. The grids get finer, and the last one is also wider. Before each search,
`trainer.plan` estimates how long it will take, and how long a plain loop over all candidates
(`engine="reference"`) would take for the same answer.

Run it with `python examples/expanded_grid.py`.
"""

from minigrid import Grid, GridSearchTrainer, Network
from minigrid.datasets import sum_threshold


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=3, threshold=1.5, seed=2024)
    network = Network.dense([3, 1])
    print("One neuron with three weights: how long does a larger grid take, and does it help?\n")
    print("  values for             number of   predicted seconds    measured")
    print("  each weight           candidates  plain loop  minigrid   seconds  accuracy")
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
    print("Twice as many values for each of three weights make 2 x 2 x 2 = 8 times as many candidates.")
    print("The accuracy hardly changes, and a wider range does not help: without a bias, weights twice as large")
    print("give the same labels, and the search of the last grid finds exactly twice the weights of the one")
    print("before. See another_parameter.py for a change that does help.")


if __name__ == "__main__":
    main()
