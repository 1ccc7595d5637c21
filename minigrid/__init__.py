"""Small neural networks, searched through: assemble one, try a whole grid of weights, know what is best."""

from importlib import import_module
from typing import TYPE_CHECKING

from minigrid._typing import FloatArray
from minigrid.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    Gaussian,
    HardSigmoid,
    HardTanh,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
)
from minigrid.exceptions import (
    ActivationError,
    EngineError,
    HopelessSearchError,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    MissingExtraError,
    NoScoreError,
    OutOfRangeError,
    ScoringError,
    ShapeError,
    StrategyError,
    TooManyError,
    UnknownNameError,
)
from minigrid.function_activation import FunctionActivation, activation
from minigrid.grid import Grid, SearchSpace
from minigrid.layer import Layer
from minigrid.network import Network
from minigrid.neuron import Neuron

if TYPE_CHECKING:
    from minigrid._registry import RegisteredName
    from minigrid.activation_names import named_activation, register_activation
    from minigrid.callbacks import Callback, SearchEvent
    from minigrid.names import register_engine, register_scoring, register_strategy
    from minigrid.result import Candidate, Improvement, SearchResult
    from minigrid.scoring import (
        Accuracy,
        BalancedAccuracy,
        FunctionScoring,
        Hinge,
        LogLoss,
        MeanAbsoluteError,
        MeanSquaredError,
        Scoring,
    )
    from minigrid.search.engine import Engine, EngineChoice, Search
    from minigrid.search.plan import SearchPlan, Stage
    from minigrid.search.problem import Problem
    from minigrid.search.run import Found, Runner
    from minigrid.strategies import Coordinate, Joint, LayerWise, Outcome, RandomSample, Strategy, Zoom, ranked
    from minigrid.trainer import GridSearchTrainer

__version__ = "0.1.0"

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Accuracy",
    "Activation",
    "ActivationError",
    "BalancedAccuracy",
    "Callback",
    "Candidate",
    "Coordinate",
    "Engine",
    "EngineChoice",
    "EngineError",
    "FloatArray",
    "Found",
    "FunctionActivation",
    "FunctionScoring",
    "Gaussian",
    "Grid",
    "GridSearchTrainer",
    "HardSigmoid",
    "HardTanh",
    "Hinge",
    "HopelessSearchError",
    "Identity",
    "Improvement",
    "InvalidTypeError",
    "InvalidValueError",
    "Joint",
    "Layer",
    "LayerWise",
    "LeakyReLU",
    "LogLoss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MinigridError",
    "MissingExtraError",
    "Network",
    "Neuron",
    "NoScoreError",
    "OutOfRangeError",
    "Outcome",
    "Problem",
    "RandomSample",
    "ReLU",
    "RegisteredName",
    "Runner",
    "Scoring",
    "ScoringError",
    "Search",
    "SearchEvent",
    "SearchPlan",
    "SearchResult",
    "SearchSpace",
    "ShapeError",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Softplus",
    "Softsign",
    "Stage",
    "Step",
    "Strategy",
    "StrategyError",
    "Tanh",
    "TooManyError",
    "UnknownNameError",
    "Zoom",
    "activation",
    "named_activation",
    "ranked",
    "register_activation",
    "register_engine",
    "register_scoring",
    "register_strategy",
]

# The searching half is loaded when one of its names is first used: `import minigrid` stays as light as NumPy.
_LOADED_WHEN_USED = {
    "minigrid._registry": ("RegisteredName",),
    "minigrid.activation_names": ("named_activation", "register_activation"),
    "minigrid.callbacks": ("Callback", "SearchEvent"),
    "minigrid.names": ("register_engine", "register_scoring", "register_strategy"),
    "minigrid.result": ("Candidate", "Improvement", "SearchResult"),
    "minigrid.scoring": (
        "Accuracy",
        "BalancedAccuracy",
        "FunctionScoring",
        "Hinge",
        "LogLoss",
        "MeanAbsoluteError",
        "MeanSquaredError",
        "Scoring",
    ),
    "minigrid.search.engine": ("Engine", "EngineChoice", "Search"),
    "minigrid.search.plan": ("SearchPlan", "Stage"),
    "minigrid.search.problem": ("Problem",),
    "minigrid.search.run": ("Found", "Runner"),
    "minigrid.strategies": (
        "Coordinate",
        "Joint",
        "LayerWise",
        "Outcome",
        "RandomSample",
        "Strategy",
        "Zoom",
        "ranked",
    ),
    "minigrid.trainer": ("GridSearchTrainer",),
}


def __getattr__(name: str) -> object:
    for module, names in _LOADED_WHEN_USED.items():
        if name in names:
            value: object = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
