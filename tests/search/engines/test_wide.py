"""Neurons of more than 64 parameters, of which most are fixed: NumPy's arrays have no more than 64 axes."""

from typing import Any

import numpy as np
import pytest

from minigrid import Activation, FloatArray, Grid, GridSearchTrainer, Network, ReLU, Tanh, activation

X = np.random.default_rng(0).normal(size=(40, 70))
TWO, THREE = (X[:, 0] + X[:, 1] > 0).astype(np.int64), np.arange(40) % 3


@activation
def _wave(z: FloatArray) -> FloatArray:
    return np.asarray(np.sin(z))


@pytest.mark.parametrize("free", [slice(3), slice(-4, None), slice(None, None, 71)], ids=["first", "last", "some"])
@pytest.mark.parametrize("hidden", [Tanh(), ReLU(), _wave])
@pytest.mark.parametrize(
    ("sizes", "y", "scoring"),
    [
        ([70, 2, 1], TWO, "accuracy"),
        ([70, 2, 1], TWO, "log_loss"),
        ([70, 2, 1], TWO, "mean_squared_error"),
        ([70, 2, 3], THREE, "accuracy"),
        ([70, 2, 2, 1], TWO, "accuracy"),
    ],
)
def test_engines_agree_where_most_of_many_parameters_are_fixed(
    sizes: list[int], y: Any, scoring: Any, hidden: Activation, free: slice
) -> None:
    network = Network.dense(sizes, bias=True, activation=hidden)
    names = network.parameter_names
    overrides = {name: Grid.fixed(0.5) for name in names if name not in names[free]}
    found = []
    for engine in ("exact", "batched", "reference"):
        trainer = GridSearchTrainer(Grid([-1.0, 0.5, 1.0]), overrides=overrides, scoring=scoring, engine=engine, top=5)
        result = trainer.fit(network, X, y)
        assert result.optimal
        found.append([(one.index, one.score) for one in result.top])
    assert found[0] == found[1] == found[2]
    near = GridSearchTrainer(Grid([-1.0, 0.5, 1.0]), overrides=overrides, scoring=scoring).near_best
    assert near(network, X, y, within=0.0).complete
