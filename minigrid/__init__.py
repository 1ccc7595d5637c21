"""Small neural networks, searched through: assemble one, try a whole grid of weights, know what is best."""

from importlib import import_module
from typing import TYPE_CHECKING

from minigrid._typing import FloatArray
from minigrid._version import __version__ as __version__
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
    CheckpointError,
    EngineError,
    FileFormatError,
    HopelessSearchError,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    MissingExtraError,
    NoScoreError,
    NotDrawnError,
    OutOfRangeError,
    ScoringError,
    ShapeError,
    StrategyError,
    TooManyError,
    UnknownNameError,
    WorkerError,
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
    from minigrid.candidate import Candidate, Improvement
    from minigrid.names import register_engine, register_scoring, register_strategy
    from minigrid.result import SearchResult
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
    from minigrid.search.account import Found
    from minigrid.search.engine import Engine, EngineChoice, Search
    from minigrid.search.executors import ExecutorLike
    from minigrid.search.plan import SearchPlan, Stage
    from minigrid.search.problem import Problem
    from minigrid.search.run import Runner
    from minigrid.strategies import Coordinate, Joint, LayerWise, Outcome, RandomSample, Strategy, Zoom, ranked
    from minigrid.trainer import GridSearchTrainer

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
    "CheckpointError",
    "Coordinate",
    "Engine",
    "EngineChoice",
    "EngineError",
    "ExecutorLike",
    "FileFormatError",
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
    "NotDrawnError",
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
    "WorkerError",
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
    "minigrid.candidate": ("Candidate", "Improvement"),
    "minigrid.result": ("SearchResult",),
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
    "minigrid.search.executors": ("ExecutorLike",),
    "minigrid.search.plan": ("SearchPlan", "Stage"),
    "minigrid.search.problem": ("Problem",),
    "minigrid.search.run": ("Runner",),
    "minigrid.search.account": ("Found",),
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
