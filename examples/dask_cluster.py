"""A search on a cluster: the same trainer, and Dask's workers.

Two neurons into one, on data of which one label in twenty is wrong, so that nothing fits perfectly and
the proof takes a while. It is searched here first, and then by the workers of a Dask cluster. The cluster is a
small one on this computer, but a real one: a scheduler, and workers that are processes of their own.

On a cluster of many machines, start Dask there (`dask scheduler`, and `dask worker tcp://...:8786 --nthreads 1`
for each processor, see https://docs.dask.org/en/stable/deploying.html), and write the scheduler's address below. That
is the one line to edit.

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
        # Without logs: as a cluster ends, its workers may complain that the scheduler is gone.
        cluster = SCHEDULER or stack.enter_context(
            LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL)
        )
        client = stack.enter_context(Client(cluster))
        there = GridSearchTrainer(grid, executor=client).fit(network, X, noisy)
    print(f"By workers: accuracy {there.score:.3f}, candidate {there.index:,}, {there.seconds:.1f} s")

    print(f"Of {there.n_candidates:,} candidates it is the best, {'proven' if there.optimal else 'perhaps'},")
    print(f"and {'the same' if there.index == here.index else 'another'} network on either.")


if __name__ == "__main__":
    main()
