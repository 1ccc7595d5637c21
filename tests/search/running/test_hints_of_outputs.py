"""Hints about outputs and weights that cannot come where they would have to."""

import re
from typing import Any

import numpy as np
import pytest

from minigrid import Grid, GridSearchTrainer, Network
from tests.search.running.test_hints import fitted, only, scaled


@pytest.mark.parametrize(
    ("scoring", "output", "says"),
    [
        ("mean_squared_error", "sigmoid", r"y goes from -?[\d.]+ to [\d.]+, outputs of Sigmoid\(\) from 0 to 1: "),
        ("mean_absolute_error", "tanh", r"y goes from -?[\d.]+ to [\d.]+, outputs of Tanh\(\) from -1 to 1: "),
        ("mean_squared_error", "relu", r"outputs of ReLU\(\) from 0 up: "),
        ("hinge", "sigmoid", r"hinge compares outputs with -1 and 1, outputs of Sigmoid\(\) from 0 to 1: "),
    ],
)
def test_outputs_that_cannot_come_near_the_targets(scoring: Any, output: Any, says: str) -> None:
    X = scaled(np.random.default_rng(0).normal(size=(90, 2)))
    y = X[:, 0] > 0.1 if scoring == "hinge" else 3.0 * X[:, 0]
    grid = Grid.linspace(-3, 3, 7)
    result = fitted(Network.dense([2, 1], bias=True, output_activation=output), X, y, grid, scoring=scoring)
    assert any(re.search(says + r"pass output_activation=Identity\(\)", hint) for hint in result.hints), result.hints
    linear = fitted(Network.dense([2, 1], bias=True, output_activation="identity"), X, y, grid, scoring=scoring)
    assert linear.score < result.score
    assert not any("output_activation" in hint for hint in linear.hints)
    labels = fitted(Network.dense([2, 1], bias=True, output_activation=output), X, X[:, 0] > 0.1, grid)
    assert not any("output_activation" in hint for hint in labels.hints)


@pytest.mark.parametrize(("sign", "missing"), [(1.0, "negative"), (-1.0, "positive")])
def test_weights_of_one_sign(sign: float, missing: str) -> None:
    X = np.random.default_rng(0).normal(size=(90, 2))
    y, network = sign * (X[:, 0] + 0.3 * X[:, 1]) < 0.0, Network.dense([2, 1], bias=True)
    hint = only(fitted(network, X, y, Grid(sign * np.arange(1.0, 6.0))))
    assert hint.endswith(f": no weight may be {missing}: use both signs, such as Grid.linspace(-5, 5, 9)")
    assert fitted(network, X, y, Grid.linspace(-5, 5, 9)).score > 0.95


@pytest.mark.parametrize(
    ("scoring", "y", "said"),
    [
        ("accuracy", [True] * 20, "1"),
        ("hinge", [0] * 20, "0"),
        (lambda y, outputs: float(-np.mean(np.square(outputs[:, 0] - y))), [1] * 20, "1"),
        ("mean_squared_error", [2.5] * 20, "2.5"),
        ("mean_squared_error", [[1.0, 1e9]] * 20, "1, 1e+09"),
    ],
)
def test_targets_that_are_all_the_same(scoring: Any, y: Any, said: str) -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 3), scoring=scoring)
    network = Network.dense([2, np.size(y[0])])
    told = f"all targets are {said}: there is nothing to learn from them, so check y"
    assert trainer.fit(network, X, y).hints == trainer.plan(network, X, y).hints == (told,)
    other = [*y[:-1], [2.0, 3.0] if np.ndim(y) == 2 else 1 - y[-1]]
    for hints in (trainer.fit(network, X, other).hints, trainer.plan(network, X, other).hints):
        assert not any("nothing to learn" in hint for hint in hints)
    assert not trainer.fit(network, X[:1], y[:1]).hints
