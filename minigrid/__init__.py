"""Train tiny neural networks by exhaustive search, and prove that the weights are the best on your grid."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from minigrid._base.typing import FloatArray
from minigrid._base.version import __version__ as __version__
from minigrid.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    FunctionActivation,
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
    activation,
)
from minigrid.exceptions import (
    ActivationError,
    CheckpointError,
    EngineError,
    FileFormatError,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    MissingExtraError,
    NoScoreError,
    NotDrawnError,
    OutOfRangeError,
    PenaltyError,
    ScoringError,
    SearchTooLongError,
    ShapeError,
    StrategyError,
    TooManyError,
    UnknownAttributeError,
    UnknownNameError,
    WorkerError,
)
from minigrid.model import diagram
from minigrid.model.layer import Layer
from minigrid.model.network import Network
from minigrid.model.neuron import Neuron
from minigrid.search.space import Grid, SearchSpace

if TYPE_CHECKING:
    from minigrid._base.typing import RegisteredName
    from minigrid.activations.names import ActivationName, named_activation, register_activation
    from minigrid.model.diagram import Diagram
    from minigrid.scoring import (
        L0,
        L1,
        L2,
        Accuracy,
        BalancedAccuracy,
        FunctionScoring,
        Hinge,
        LogLoss,
        MeanAbsoluteError,
        MeanSquaredError,
        Penalty,
        Scoring,
    )
    from minigrid.scoring.names import ScoringName, register_penalty, register_scoring
    from minigrid.search.candidate import Candidate, Improvement
    from minigrid.search.engines.base import (
        DivisibleSearch,
        Engine,
        Prover,
        ResumableSearch,
        Scorer,
        Search,
        Unprovable,
    )
    from minigrid.search.engines.names import EngineName, register_engine
    from minigrid.search.events import Callback, SearchEvent
    from minigrid.search.near_best import NearBest, NearValues
    from minigrid.search.parallel.executors import ExecutorLike
    from minigrid.search.problem import Problem
    from minigrid.search.result import SearchResult
    from minigrid.search.running.plan import SearchPlan
    from minigrid.search.running.runner import Runner
    from minigrid.search.running.stage import Outcome, PlannedStage, Stage
    from minigrid.search.scorecard import Scorecard
    from minigrid.strategies import Coordinate, Joint, LayerWise, RandomSample, Strategy, Zoom, ranked
    from minigrid.strategies.names import StrategyName, register_strategy
    from minigrid.trainer import GridSearchTrainer

__all__ = [
    "ELU",
    "GELU",
    "L0",
    "L1",
    "L2",
    "SELU",
    "Accuracy",
    "Activation",
    "ActivationError",
    "ActivationName",
    "BalancedAccuracy",
    "Callback",
    "Candidate",
    "CheckpointError",
    "Coordinate",
    "Diagram",
    "DivisibleSearch",
    "Engine",
    "EngineError",
    "EngineName",
    "ExecutorLike",
    "FileFormatError",
    "FloatArray",
    "FunctionActivation",
    "FunctionScoring",
    "Gaussian",
    "Grid",
    "GridSearchTrainer",
    "HardSigmoid",
    "HardTanh",
    "Hinge",
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
    "NearBest",
    "NearValues",
    "Network",
    "Neuron",
    "NoScoreError",
    "NotDrawnError",
    "OutOfRangeError",
    "Outcome",
    "Penalty",
    "PenaltyError",
    "PlannedStage",
    "Problem",
    "Prover",
    "RandomSample",
    "ReLU",
    "RegisteredName",
    "ResumableSearch",
    "Runner",
    "Scorecard",
    "Scorer",
    "Scoring",
    "ScoringError",
    "ScoringName",
    "Search",
    "SearchEvent",
    "SearchPlan",
    "SearchResult",
    "SearchSpace",
    "SearchTooLongError",
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
    "StrategyName",
    "Tanh",
    "TooManyError",
    "UnknownAttributeError",
    "UnknownNameError",
    "Unprovable",
    "WorkerError",
    "Zoom",
    "activation",
    "named_activation",
    "ranked",
    "register_activation",
    "register_engine",
    "register_penalty",
    "register_scoring",
    "register_strategy",
]

# The searching half is loaded when one of its names is first used: `import minigrid` stays as light as NumPy. The
# lowest layers come first, so that a name loads no more than it is built on.
_LOADED_WHEN_USED = (
    "_base.typing",
    "activations.names",
    "model.diagram",
    "scoring",
    "scoring.names",
    "search.candidate",
    "search.events",
    "search.result",
    "search.scorecard",
    "search.near_best",
    "search.problem",
    "search.engines.base",
    "search.engines.names",
    "search.parallel.executors",
    "search.running.stage",
    "search.running.runner",
    "search.running.plan",
    "strategies",
    "strategies.names",
    "trainer",
)

sys.modules[f"{__name__}.diagram"] = diagram  # where documents showed `Diagram` before


def __getattr__(name: str) -> object:
    if name in __all__:
        for place in _LOADED_WHEN_USED:
            module = import_module(f"{__name__}.{place}")
            if hasattr(module, name):
                value: object = getattr(module, name)
                globals()[name] = value
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
