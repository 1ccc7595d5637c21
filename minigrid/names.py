"""Strategies, scorings and engines by name: the strings that a trainer takes, and how to add to them."""

from typing import Literal, TypeAlias

from minigrid._registry import RegisteredName, Registry
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


def register_strategy(name: str, strategy: type[Strategy] | Strategy) -> RegisteredName:
    """Give a strategy a name, for `GridSearchTrainer(..., strategy=name)`.

    Args:
        name: letters, digits and underscores.
        strategy: a class whose settings all have defaults, or an object such as `Coordinate(restarts=20)`.

    Returns:
        The name, as type checkers accept it.

    Raises:
        InvalidTypeError: not a name, or no strategy.
        InvalidValueError: the name stands for something else already.

    Example:
        >>> thorough = register_strategy("thorough", Coordinate(restarts=50))
        >>> thorough
        'thorough'
    """
    return STRATEGIES.register(name, strategy)


def register_scoring(name: str, scoring: type[Scoring] | Scoring) -> RegisteredName:
    """Give a scoring a name, for `GridSearchTrainer(..., scoring=name)`; arguments and errors as `register_strategy`.

    A function is registered as `FunctionScoring(function)`.
    """
    return SCORINGS.register(name, scoring)


def register_engine(name: str, engine: type[Engine] | Engine) -> RegisteredName:
    """Give an engine a name, for `GridSearchTrainer(..., engine=name)`; arguments and errors as `register_strategy`."""
    return ENGINES.register(name, engine)
