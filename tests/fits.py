"""Data, engines and summaries for tests of whole fits."""

import os
import random
import threading
import time

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Coordinate,
    Grid,
    Identity,
    Network,
    RandomSample,
    Scorer,
    SearchResult,
    Sigmoid,
    Tanh,
    Zoom,
)
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import xor
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from tests.strategies.every import every

STRATEGIES = every(
    coordinate=[Coordinate(restarts=2, max_rounds=1)], zoom=[Zoom(points=3, levels=2)], random=[RandomSample(n=60)]
)


# Helpers ----------------------------------------------------------------------------------------


class Chunked(Scorer):
    """The batched engine in small chunks. It records which threads call it."""

    name = "chunked"
    threads = True

    def __init__(self, size: int = 8, naps: bool = False) -> None:
        self.size = size
        self.calls: list[tuple[str, int]] = []
        self._naps = random.Random(1) if naps else None

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        self.calls.append((threading.current_thread().name, len(digits)))
        if self._naps is not None:
            time.sleep(self._naps.random() * 0.001)
        return BatchedEngine().score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self.size

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return BatchedEngine().memory(problem, n_candidates)


def lesson(n_samples: int, seed: int) -> tuple[FloatArray, IntArray]:
    """Draw the data as the course's class does, without NumPy's global state."""
    X = np.random.RandomState(seed).rand(n_samples, 3)
    return X, (X[:, 0] + X[:, 1] + X[:, 2] > 1.5).astype(int)


def use_threads(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(count)), raising=False)


def own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("minigrid")]


def summary(result: SearchResult) -> tuple[object, ...]:
    """Everything of a result that must not depend on how it was computed."""
    top = [(c.index, c.score.hex(), c.parameters.tobytes()) for c in result.top]
    counts = (result.n_candidates, result.n_scored, result.n_pruned, result.optimal, result.bound, result.stop_reason)
    return (result.index, result.score.hex(), result.parameters.tobytes(), top, counts)


XOR = xor(n_samples=40)


TWO_INTO_ONE = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid())


SMALL = Grid([-1.0, 0.5, 2.0])  # 729 candidates of the network above


# A user's errors --------------------------------------------------------------------------------

ONE_WEIGHT = Network.dense([1, 1], activation=Identity())  # its output on ONE is its weight


ONE = ([[1.0]], [0.0])


LONG = Grid.linspace(0.0, 999.0, 1000)
