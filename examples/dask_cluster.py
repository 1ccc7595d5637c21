"""Run a search on a Dask cluster, with the same trainer.

The network has two neurons that feed a third. One label in twenty is wrong, so that nothing fits perfectly and the
proof takes a while. The script searches in this process first, and then with the workers of a Dask cluster. The
cluster is small and runs on this computer, but it is a real one: a scheduler, and a process for each worker.

To use a cluster of many machines, start Dask there (`dask scheduler`, and `dask worker tcp://...:8786 --nthreads 1`
for each processor, see https://docs.dask.org/en/stable/deploying.html), and write the scheduler's address below. This
is the only line that you edit.

Run it with `python examples/dask_cluster.py`; it needs `pip install ".[dask]"`.
"""

import logging
from contextlib import ExitStack

from distributed import Client, LocalCluster

from minigrid import Grid, GridSearchTrainer, Network, Sigmoid
from minigrid.datasets import flip_labels, sum_threshold

SCHEDULER = ""  # such as "tcp://10.0.0.1:8786"; empty: a cluster on this computer


def main() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=2, threshold=1.0, seed=2024)
    noisy = flip_labels(y)
    network = Network.dense([2, 2, 1], activation=Sigmoid())
    grid = Grid.linspace(-10, 10, 40)

    here = GridSearchTrainer(grid).fit(network, X, noisy)
    print(f"Here:       accuracy {here.score:.3f}, candidate {here.index:,}, {here.seconds:.1f} s")
    with ExitStack() as stack:
        # Without logs: when a cluster ends, its workers may log that the scheduler is gone.
        cluster = SCHEDULER or stack.enter_context(
            LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL)
        )
        client = stack.enter_context(Client(cluster))
        there = GridSearchTrainer(grid, executor=client).fit(network, X, noisy)
    print(f"By workers: accuracy {there.score:.3f}, candidate {there.index:,}, {there.seconds:.1f} s")

    print(f"Proven best of {there.n_candidates:,} candidates: {'yes' if there.optimal else 'no'}.")
    print(f"Both searches found the same network: {'yes' if there.index == here.index else 'no'}.")


if __name__ == "__main__":
    main()
