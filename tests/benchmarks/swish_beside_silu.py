"""A custom Swish that declares bounds, beside the built-in SiLU: the same searches, in turns.

Run it with `python tests/benchmarks/swish_beside_silu.py`. Both must find the same candidate. The ratio of each
turn counts, so that a noisy machine does not; it should stay below 1.2.
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from typing import final

import numpy as np

import minigrid
from minigrid import Activation, FloatArray, Grid, GridSearchTrainer, Identity, Network, SearchResult, Sigmoid, SiLU
from minigrid.datasets import flip_labels, sum_threshold, xor
from minigrid.names import EngineName, ScoringName

BOTTOM, LEAST = -1.2784645427610738, -0.2784645427610739


def swish_bounds(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds for a function that falls until its minimum and rises from there."""
    at_lower, at_upper = swish(lower), swish(upper)
    inside = (lower <= BOTTOM) & (upper >= BOTTOM)
    return np.where(inside, LEAST, np.minimum(at_lower, at_upper)), np.maximum(at_lower, at_upper)


@minigrid.activation(bounds=swish_bounds)
def swish(z: FloatArray) -> FloatArray:
    """z * sigmoid(z)."""
    bounded = np.maximum(z, -700.0)
    outputs: FloatArray = bounded / (1.0 + np.exp(-bounded))
    return outputs


@final
@dataclass(frozen=True, slots=True)
class Job:
    """One search: the activation in question in all neurons, or in the hidden ones only."""

    what: str
    sizes: tuple[int, ...]
    output: Activation | None
    data: tuple[FloatArray, FloatArray]
    n_values: int
    scoring: ScoringName
    bias: bool = False
    engine: EngineName = "auto"

    def search(self, activation: Activation) -> SearchResult:
        """Search with one of the two."""
        output = activation if self.output is None else self.output
        network = Network.dense(self.sizes, activation=activation, output_activation=output, bias=self.bias)
        trainer = GridSearchTrainer(Grid.linspace(-10, 10, self.n_values), scoring=self.scoring, engine=self.engine)
        return trainer.fit(network, *self.data)


def jobs() -> list[Job]:
    """Proofs of labels and of losses, small and large, and a search that scores everything."""

    def floats(data: tuple[FloatArray, object]) -> tuple[FloatArray, FloatArray]:
        return data[0], np.asarray(data[1], dtype=np.float64)

    three, two = floats(sum_threshold()), floats(sum_threshold(1000, 2, 1.0))
    few, labels = sum_threshold(200, 2, 1.0)
    noisy, either = floats((few, flip_labels(labels))), floats(xor(200))
    truth = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])
    return [
        Job("one neuron, accuracy", (3, 1), None, three, 100, "accuracy"),
        Job("one neuron, squares", (3, 1), None, three, 60, "mean_squared_error"),
        Job("one neuron, squares, all scored", (3, 1), None, three, 40, "mean_squared_error", engine="batched"),
        Job("two into one, accuracy", (2, 2, 1), Sigmoid(), two, 100, "accuracy"),
        Job("two into one, noise", (2, 2, 1), Sigmoid(), noisy, 20, "accuracy"),
        Job("two into one, xor", (2, 2, 1), Sigmoid(), either, 14, "accuracy"),
        Job("two into one, all Swish", (2, 2, 1), None, noisy, 14, "accuracy"),
        Job("two into one, log loss", (2, 2, 1), Sigmoid(), either, 12, "log_loss"),
        Job("two into one, squares", (2, 2, 1), Identity(), either, 12, "mean_squared_error"),
        Job("two into two, accuracy", (2, 2, 2), Sigmoid(), either, 4, "accuracy"),
        Job("a truth table with biases", (2, 2, 1), Sigmoid(), truth, 4, "log_loss", bias=True),
    ]


def timed(job: Job, activation: Activation) -> tuple[float, SearchResult]:
    """Time one search."""
    began = time.perf_counter()
    result = job.search(activation)
    return time.perf_counter() - began, result


def main() -> None:
    """Print a line for each job: the medians of the times and of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    turns = parser.parse_args().turns
    all_ratios = []
    for job in jobs():
        timed(job, SiLU()), timed(job, swish)
        rows = []
        for turn in range(turns):
            order: list[Activation] = [SiLU(), swish] if turn % 2 else [swish, SiLU()]
            found = {repr(activation): timed(job, activation) for activation in order}
            (built_in, expected), (own, result) = found[repr(SiLU())], found[repr(swish)]
            assert (result.index, result.optimal) == (expected.index, expected.optimal), job.what
            rows.append((built_in, own, own / built_in))
        built_in, own, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
        all_ratios.append(ratio)
        print(f"{job.what:32} SiLU {built_in:6.3f} s, Swish {own:6.3f} s, ratio {ratio:.2f}", flush=True)
    print(f"median of the jobs {statistics.median(all_ratios):.2f}, largest {max(all_ratios):.2f}")


if __name__ == "__main__":
    main()
