"""The names of strategies that a trainer accepts, and how to register more."""

from typing import Literal, TypeAlias

from minigrid._base.registry import Register, Registry
from minigrid._base.validation import as_instance
from minigrid.strategies.base import Strategy
from minigrid.strategies.coordinate import Coordinate
from minigrid.strategies.joint import Joint
from minigrid.strategies.layerwise import LayerWise
from minigrid.strategies.random_sample import RandomSample
from minigrid.strategies.zoom import Zoom

__all__ = ["STRATEGIES", "StrategyName", "as_strategy", "register_strategy"]

StrategyName: TypeAlias = Literal["joint", "layerwise", "coordinate", "zoom", "random"]

STRATEGIES: Registry[Strategy] = Registry(
    Strategy,
    {"joint": Joint, "layerwise": LayerWise, "coordinate": Coordinate, "zoom": Zoom, "random": RandomSample},
)

register_strategy: Register[Strategy] = STRATEGIES.register
"""Register a name for your own strategy, to pass it as `GridSearchTrainer(..., strategy=name)`."""


def as_strategy(strategy: object) -> Strategy:
    """Create the strategy of a name, or check that `strategy` is one.

    Raises:
        InvalidTypeError: it is neither a name nor a strategy.
        UnknownNameError: no strategy has this name.
    """
    if isinstance(strategy, str):
        return STRATEGIES.make(strategy)
    fix = "Pass a name, such as 'joint', or a strategy, such as Coordinate(restarts=10)."
    return as_instance(strategy, Strategy, "strategy", fix)
