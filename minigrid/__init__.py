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
    HopelessSearchError,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    NoScoreError,
    OutOfRangeError,
    ScoringError,
    ShapeError,
    TooManyError,
    UnknownNameError,
)
from minigrid.function_activation import FunctionActivation, activation
from minigrid.grid import Grid, SearchSpace
from minigrid.layer import Layer
from minigrid.network import Network
from minigrid.neuron import Neuron

if TYPE_CHECKING:
    from minigrid.callbacks import Callback, SearchEvent
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
    from minigrid.search.plan import SearchPlan
    from minigrid.strategies import Coordinate, Joint, LayerWise, RandomSample, Strategy, Zoom
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
    "FloatArray",
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
    "Network",
    "Neuron",
    "NoScoreError",
    "OutOfRangeError",
    "RandomSample",
    "ReLU",
    "Scoring",
    "ScoringError",
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
    "Step",
    "Strategy",
    "Tanh",
    "TooManyError",
    "UnknownNameError",
    "Zoom",
    "activation",
]

# The searching half is loaded when one of its names is first used: `import minigrid` stays as light as NumPy.
_LOADED_WHEN_USED = {
    "minigrid.callbacks": ("Callback", "SearchEvent"),
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
    "minigrid.search.plan": ("SearchPlan",),
    "minigrid.strategies": ("Coordinate", "Joint", "LayerWise", "RandomSample", "Strategy", "Zoom"),
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
