"""Strategies by name: the strings that a trainer takes, and how to add to them."""

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
"""Give a strategy a name, for `GridSearchTrainer(..., strategy=name)`."""


def as_strategy(strategy: object) -> Strategy:
    """Make a strategy of a name, or check one.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: it cannot be used.
    """
    if isinstance(strategy, str):
        return STRATEGIES.make(strategy)
    fix = "Pass a name, such as 'joint', or a strategy, such as Coordinate(restarts=10)."
    return as_instance(strategy, Strategy, "strategy", fix)
