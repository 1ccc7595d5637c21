"""Scorings by name: the strings that a trainer takes, and how to add to them."""

from typing import TypeAlias

from minigrid._base.registry import Register, Registry, classes_in
from minigrid.scoring import labels, losses
from minigrid.scoring.base import Scoring
from minigrid.scoring.function import as_scoring

__all__ = ["SCORINGS", "ScoringName", "as_any_scoring", "register_scoring"]

ScoringName: TypeAlias = labels.LabelScoringName | losses.LossName

SCORINGS: Registry[Scoring] = Registry(
    Scoring,
    {**classes_in(labels, Scoring), **classes_in(losses, Scoring)},
    wrapper="FunctionScoring(function), or FunctionScoring(function, greater_is_better=False) if it is a loss",
)

register_scoring: Register[Scoring] = SCORINGS.register
"""Give a scoring a name, for `GridSearchTrainer(..., scoring=name)`."""


def as_any_scoring(scoring: object) -> Scoring:
    """Make a scoring of a name or a function, or check one.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: it cannot be used.
    """
    if isinstance(scoring, str):
        return SCORINGS.make(scoring)
    mend = "Pass a name, such as 'accuracy', a scoring, such as LogLoss(), or a function of (y_true, outputs)."
    return as_scoring(scoring, mend)
