"""The engine uses the declarations of activations and scorings, and raises an error if one is false."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import Activation, ActivationError, Grid, GridSearchTrainer, Network, Scoring, ScoringError, activation
from minigrid._base.typing import FloatArray
from tests.search.engines.large import uniform


@activation(monotonic=True)
def falls_late(z: FloatArray) -> FloatArray:
    """Rises where it is probed, falls far out."""
    return np.where(np.abs(z) > 1e4, -z, z)


@activation(bounds=lambda low, high: (np.zeros_like(low), np.full_like(high, 0.5)))
def out_of_bounds(z: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-z))


@activation(bounds=lambda low, high: (np.minimum(np.sin(low), np.sin(high)), np.maximum(np.sin(low), np.sin(high))))
def ends_only(z: FloatArray) -> FloatArray:
    return np.sin(z)


@pytest.mark.parametrize("wrong", [falls_late, out_of_bounds, ends_only], ids=repr)
@pytest.mark.parametrize("place", ["hidden", "output"])
def test_a_false_declaration_is_an_error(wrong: Activation, place: str) -> None:
    X, y = uniform(2, 40)
    inner, outer = (wrong, minigrid.Sigmoid()) if place == "hidden" else (minigrid.Sigmoid(), wrong)
    network = Network.dense([2, 2, 1], activation=inner, output_activation=outer)
    trainer = GridSearchTrainer(Grid([-1e5, -10.0, -2.0, 2.0, 10.0, 1e5]), engine="exact", scoring="mean_squared_error")
    with pytest.raises(ActivationError, match=r"activation FunctionActivation\("):
        trainer.fit(network, X, y)


@pytest.mark.parametrize(
    "bounds",
    [
        lambda low, high: None,
        lambda low, high: (low,),
        lambda low, high: (low[:1], high[:1]),
        lambda low, high: (np.full_like(low, np.nan), high),
        lambda low, high: (high + 1.0, low),
        lambda low, high: 1 / 0,
    ],
)
def test_bounds_that_are_none_are_named(bounds: Callable[..., Any]) -> None:
    broken = minigrid.FunctionActivation(np.sin, bounds=bounds)
    X, y = uniform(2, 40)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 5), engine="exact")
    with pytest.raises(ActivationError, match=r"^bounds of activation FunctionActivation\(sin"):
        trainer.fit(Network.dense([2, 2, 1], activation=broken, output_activation=minigrid.Sigmoid()), X, y)


# Custom scorings --------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class WorstError(Scoring):
    """The largest error, with or without a bound that is true."""

    factor: float = 1.0
    greater_is_better = False

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(np.abs(outputs[:, 0] - y_true).max())

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        apart = np.maximum(lower[..., 0] - y_true, y_true - upper[..., 0])
        least: FloatArray = np.maximum(apart, 0.0).max(axis=-1) * self.factor
        return least


def test_a_scoring_that_bounds_itself_is_proven() -> None:
    X, y = uniform(2, 60)
    grid, network = Grid.linspace(-10, 10, 30), Network.dense([2, 1], bias=True)
    exact = GridSearchTrainer(grid, engine="exact", scoring=WorstError()).fit(network, X, y)
    batched = GridSearchTrainer(grid, engine="batched", scoring=WorstError()).fit(network, X, y)
    assert exact.engine == "exact"
    assert (exact.index, exact.score.hex()) == (batched.index, batched.score.hex())
    assert exact.n_scored < exact.n_candidates / 10


def test_a_scoring_whose_bound_is_false_is_an_error() -> None:
    X, y = uniform(2, 60)
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 30), engine="exact", scoring=WorstError(factor=3.0))
    with pytest.raises(ScoringError, match="bound of scoring WorstError"):
        trainer.fit(Network.dense([2, 1], bias=True), X, y)
