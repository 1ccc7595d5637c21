"""Strategies, scorings and engines by name: the strings that a trainer takes, and how to add to them."""

from typing import Literal, TypeAlias

from minigrid._registry import Register, Registry
from minigrid.scoring import (
    Accuracy,
    BalancedAccuracy,
    Hinge,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    Scoring,
)
from minigrid.search.batched import BatchedEngine
from minigrid.search.engine import Engine
from minigrid.search.exact.engine import ExactEngine
from minigrid.search.reference import ReferenceEngine
from minigrid.strategies import Coordinate, Joint, LayerWise, RandomSample, Strategy, Zoom

__all__ = [
    "ENGINES",
    "SCORINGS",
    "STRATEGIES",
    "EngineName",
    "ScoringName",
    "StrategyName",
    "register_engine",
    "register_scoring",
    "register_strategy",
]

StrategyName: TypeAlias = Literal["joint", "layerwise", "coordinate", "zoom", "random"]
ScoringName: TypeAlias = Literal[
    "accuracy", "balanced_accuracy", "mean_squared_error", "mean_absolute_error", "log_loss", "hinge"
]
EngineName: TypeAlias = Literal["auto", "reference", "batched", "exact"]

STRATEGIES: Registry[Strategy] = Registry(
    Strategy,  # type: ignore[type-abstract]  # only used with isinstance
    {"joint": Joint, "layerwise": LayerWise, "coordinate": Coordinate, "zoom": Zoom, "random": RandomSample},
)
SCORINGS: Registry[Scoring] = Registry(
    Scoring,  # type: ignore[type-abstract]  # only used with isinstance
    {
        "accuracy": Accuracy,
        "balanced_accuracy": BalancedAccuracy,
        "mean_squared_error": MeanSquaredError,
        "mean_absolute_error": MeanAbsoluteError,
        "log_loss": LogLoss,
        "hinge": Hinge,
    },
    wrapper="FunctionScoring(function), or FunctionScoring(function, greater_is_better=False) if it is a loss",
)
ENGINES: Registry[Engine] = Registry(
    Engine,  # type: ignore[type-abstract]  # only used with isinstance
    {
        "auto": ExactEngine(eager=False),
        "reference": ReferenceEngine,
        "batched": BatchedEngine,
        "exact": ExactEngine,
    },
)


register_strategy: Register[Strategy] = STRATEGIES.register
"""Give a strategy a name, for `GridSearchTrainer(..., strategy=name)`."""

register_scoring: Register[Scoring] = SCORINGS.register
"""Give a scoring a name, for `GridSearchTrainer(..., scoring=name)`."""

register_engine: Register[Engine] = ENGINES.register
"""Give an engine a name, for `GridSearchTrainer(..., engine=name)`."""
