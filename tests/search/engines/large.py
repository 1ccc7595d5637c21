"""Problems that are too large for the plain loop."""

from typing import Any

import numpy as np

import minigrid
from minigrid import Grid, Layer, Network
from minigrid._base.typing import FloatArray
from tests.problems import wave


def uniform(n_features: int, n_samples: int = 300) -> tuple[FloatArray, FloatArray]:
    X = np.random.default_rng(7).random((n_samples, n_features))
    return X, (X.sum(axis=1) > n_features / 2.0).astype(np.float64)


def xor() -> tuple[FloatArray, FloatArray]:
    X = np.random.default_rng(8).random((200, 2))
    return X, ((X[:, 0] > 0.5) ^ (X[:, 1] > 0.5)).astype(np.float64)


HIDDEN_WAVE = Network([Layer.dense(2, 2, activation=wave), Layer.dense(2, 1, activation=minigrid.Sigmoid())])


LARGE: dict[str, tuple[Network, Grid, tuple[FloatArray, FloatArray], dict[str, Any]]] = {
    "one neuron": (Network.dense([3, 1]), Grid.linspace(-10, 10, 100), uniform(3), {}),
    "with a bias, the best three": (
        Network.dense([2, 1], bias=True),
        Grid.linspace(-5, 5, 101),
        uniform(2),
        {"top": 3},
    ),
    "uneven grid": (Network.dense([3, 1]), Grid(np.linspace(-2, 2, 101) ** 3), uniform(3), {}),
    "balanced accuracy": (
        Network.dense([3, 1]),
        Grid.linspace(-10, 10, 100),
        uniform(3),
        {"scoring": "balanced_accuracy"},
    ),
    "squared error": (
        Network.dense([2, 1], bias=True),
        Grid.linspace(-9, 9, 100),
        uniform(2),
        {"scoring": "mean_squared_error"},
    ),
    "log loss": (Network.dense([2, 1], bias=True), Grid.linspace(-9, 9, 100), uniform(2), {"scoring": "log_loss"}),
    "two into one": (Network.dense([2, 2, 1]), Grid.linspace(-10, 10, 10), xor(), {}),
    "two into one, a user's wave": (HIDDEN_WAVE, Grid.linspace(-3, 3, 10), xor(), {}),
    "two into one, ReLU": (Network.dense([2, 2, 1], activation=minigrid.ReLU()), Grid.linspace(-4, 4, 10), xor(), {}),
    "two into one, Tanh": (Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-4, 4, 10), xor(), {}),
}
