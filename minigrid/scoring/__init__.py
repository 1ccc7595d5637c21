"""Scorings: the one number that says how well outputs fit targets, and whether more of it is better."""

from minigrid.scoring.base import (
    BOUND_MEND,
    Scoring,
    batch_scoring,
    bound_scoring,
    call_scoring,
    check_limits,
    check_same,
    probe_scoring,
    scoring_targets,
    unequal_lengths,
)
from minigrid.scoring.builtin import BuiltinScoring
from minigrid.scoring.function import FunctionScoring, ScoreBounds, ScoreFunction, as_scoring
from minigrid.scoring.labels import Accuracy, BalancedAccuracy, LabelScoring
from minigrid.scoring.losses import Hinge, LogLoss, MeanAbsoluteError, MeanSquaredError
from minigrid.scoring.pairing import UNPAIRED_MEND, are_alike, warn_if_unpaired

__all__ = [
    "BOUND_MEND",
    "UNPAIRED_MEND",
    "Accuracy",
    "BalancedAccuracy",
    "BuiltinScoring",
    "FunctionScoring",
    "Hinge",
    "LabelScoring",
    "LogLoss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "ScoreBounds",
    "ScoreFunction",
    "Scoring",
    "are_alike",
    "as_scoring",
    "batch_scoring",
    "bound_scoring",
    "call_scoring",
    "check_limits",
    "check_same",
    "probe_scoring",
    "scoring_targets",
    "unequal_lengths",
    "warn_if_unpaired",
]
