"""Hints about weights and targets of the wrong size: if you follow one, the network is better and the hint is gone."""

from typing import Any

import numpy as np
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchResult

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(100, 2))
X = (X - X.mean(axis=0)) / X.std(axis=0)
Y = X[:, 0] - 0.3 * X[:, 1]
LINEAR = Network.dense([2, 1], bias=True, output_activation="identity")


def fitted(grid: Grid, y: Any, scoring: Any = "mean_squared_error", network: Network = LINEAR) -> SearchResult:
    return GridSearchTrainer(grid, scoring=scoring).fit(network, X, y)


@pytest.mark.parametrize(
    ("grid", "size"),
    [
        (Grid.linspace(-10, 10, 5), 1.0),
        (Grid.linspace(-3, 3, 7), 0.1),
        (Grid([-2.0, -1.0, 0.0, 1.0, 2.0]), 0.1),
    ],
    ids=repr,
)
def test_weights_that_are_too_large_for_scaled_features(grid: Grid, size: float) -> None:
    first = fitted(grid, size * Y)
    hint = next(hint for hint in first.hints if hint.startswith("y varies by about"))
    assert "too little for weights of" in hint
    assert not any("scale the features" in hint for hint in first.hints)
    followed = fitted(eval(hint.rpartition(": try ")[2], {"Grid": Grid}), size * Y)
    assert followed.score < 0.25 * first.score
    assert not any("y varies by about" in hint for hint in followed.hints)


def test_targets_far_from_0_are_to_be_scaled_instead() -> None:
    hints = fitted(Grid.linspace(-3, 3, 7), 9.0 + 0.1 * Y).hints
    (hint,) = (hint for hint in hints if "scale the targets" in hint)
    names = {"np": np, "y": 9.0 + 0.1 * Y}
    exec(hint.rpartition("targets: ")[2], names)
    assert fitted(Grid.linspace(-3, 3, 7), names["y"]).score < 0.2


def test_weights_that_overflow_get_no_factor() -> None:
    wide = X * 2.0
    trainer = GridSearchTrainer(Grid([-1e308, 0.0, 1e308]), scoring="mean_squared_error")
    assert trainer.fit(LINEAR, wide, Y).index is not None


@pytest.mark.parametrize(
    ("scoring", "size"), [("mean_squared_error", 1e160), ("mean_absolute_error", 1.7e308)], ids=str
)
def test_targets_whose_losses_overflow(scoring: str, size: float) -> None:
    y = size * np.clip(Y, -1.0, 1.0)
    first = fitted(Grid.linspace(-1, 1, 3), y, scoring)
    assert first.score == np.inf
    (hint,) = (hint for hint in first.hints if "too large for a float" in hint)
    names = {"np": np, "y": y}
    exec(hint.rpartition("targets: ")[2], names)
    followed = fitted(Grid.linspace(-1, 1, 5), names["y"], scoring)
    assert followed.score < 0.35
    assert not any("too large for a float" in hint for hint in followed.hints)


def test_weights_that_are_all_0() -> None:
    labels = (X[:, 0] > 0.3).astype(int)
    (hint,) = fitted(Grid.fixed(0.0), labels, "hinge").hints
    assert hint.endswith("all weights are 0: use other values, such as Grid.linspace(-2, 2, 9)")
    assert fitted(Grid.linspace(-2, 2, 9), labels, "hinge").score < 0.5


def test_a_larger_network_keeps_the_activation_of_the_output() -> None:
    labels = (X[:, 0] * X[:, 1] > 0.0).astype(int)
    network = Network.dense([2, 1], bias=True, output_activation="identity")
    hints = fitted(Grid.linspace(-1, 1, 3), labels, "hinge", network).hints
    (hint,) = (hint for hint in hints if "try hidden neurons" in hint)
    assert hint.endswith("such as Network.dense([2, 3, 1], bias=True, output_activation=Identity())")
