"""The five registries of names in one place; nothing is defined here."""

from minigrid.activations.names import ACTIVATIONS, ActivationName, named_activation, register_activation
from minigrid.scoring.names import PENALTIES, SCORINGS, ScoringName, register_penalty, register_scoring
from minigrid.search.engines.names import ENGINES, EngineName, register_engine
from minigrid.strategies.names import STRATEGIES, StrategyName, register_strategy

__all__ = [
    "ACTIVATIONS",
    "ENGINES",
    "PENALTIES",
    "SCORINGS",
    "STRATEGIES",
    "ActivationName",
    "EngineName",
    "ScoringName",
    "StrategyName",
    "named_activation",
    "register_activation",
    "register_engine",
    "register_penalty",
    "register_scoring",
    "register_strategy",
]
