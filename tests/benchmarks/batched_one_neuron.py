"""The batched engine beside hand-written batched NumPy: one neuron of three weights, 10^6 candidates.

Run it with `python tests/benchmarks/batched_one_neuron.py`. Both search the course's data and must find the same
candidate. They take turns, and the ratio of each turn counts, so that a noisy machine does not matter.
"""

import argparse
import itertools
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from minigrid import Grid, GridSearchTrainer, Network
from minigrid.datasets import sum_threshold

CHUNK = 1000  # candidates a matrix product, the fastest of 100, 1000 and 10000 for the hand-written search


def by_hand() -> tuple[int, float]:
    """The search as you would write it by hand: X @ W in chunks, compare, count."""
    X, y = sum_threshold()
    values = np.linspace(-10, 10, 100)
    W = np.array(list(itertools.product(values, repeat=3)))
    best_index, best_score = -1, -1.0
    for start in range(0, len(W), CHUNK):
        labels = X @ W[start : start + CHUNK].T > 0  # sigmoid(z) > 0.5 where z > 0
        scores = np.count_nonzero(labels == (y == 1)[:, np.newaxis], axis=0) / len(y)
        position = int(np.argmax(scores))
        if scores[position] > best_score:
            best_index, best_score = start + position, float(scores[position])
    return best_index, best_score


def by_minigrid() -> tuple[int, float]:
    """The same through the trainer."""
    X, y = sum_threshold()
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100), engine="batched")
    result = trainer.fit(Network.dense([3, 1]), X, y)
    assert result.index is not None
    return result.index, result.score


def timed(search: Callable[[], tuple[int, float]]) -> tuple[float, tuple[int, float]]:
    """Time one search."""
    began = time.perf_counter()
    found = search()
    return time.perf_counter() - began, found


def peak_memory(search: Callable[[], tuple[int, float]]) -> float:
    """Peak resident memory of a process that does one search and nothing else, in MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (search,))


def _peak(search: Callable[[], tuple[int, float]]) -> float:
    search()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line for each turn, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    turns = parser.parse_args().turns
    rows = []
    for turn in range(turns):
        hand_seconds, hand_found = timed(by_hand)
        own_seconds, own_found = timed(by_minigrid)
        assert own_found == hand_found, (own_found, hand_found)
        rows.append((hand_seconds, own_seconds, own_seconds / hand_seconds))
        print(f"turn {turn + 1}: by hand {hand_seconds:.2f} s, batched {own_seconds:.2f} s, ratio {rows[-1][2]:.2f}")
    hand, own, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"median: by hand {hand:.2f} s, batched {own:.2f} s, ratio {ratio:.2f}")
    print(f"peak memory: by hand {peak_memory(by_hand):.0f} MiB, batched {peak_memory(by_minigrid):.0f} MiB")


if __name__ == "__main__":
    main()
