"""Small neural networks, searched through: assemble one, try a whole grid of weights, know what is best."""

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
from minigrid.callbacks import Callback, SearchEvent
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
    UnknownNameError,
)
from minigrid.function_activation import FunctionActivation, activation
from minigrid.grid import Grid, SearchSpace
from minigrid.layer import Layer
from minigrid.network import Network
from minigrid.neuron import Neuron
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
    "UnknownNameError",
    "Zoom",
    "activation",
]
