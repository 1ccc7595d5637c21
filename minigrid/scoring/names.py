"""The names of scorings and penalties that a trainer accepts, and how to register more."""

from typing import TypeAlias

from minigrid._base.registry import Register, Registry, classes_in
from minigrid._base.text import describe, message
from minigrid.exceptions import InvalidTypeError
from minigrid.scoring import labels, losses
from minigrid.scoring.base import Scoring
from minigrid.scoring.function import as_scoring
from minigrid.scoring.penalty import Penalty
from minigrid.scoring.scorers import advice_for_name, refuse_scorer

__all__ = [
    "PENALTIES",
    "SCORINGS",
    "ScoringName",
    "as_any_scoring",
    "as_penalty",
    "register_penalty",
    "register_scoring",
]

ScoringName: TypeAlias = labels.LabelScoringName | losses.LossName

SCORINGS: Registry[Scoring] = Registry(
    Scoring,
    {**classes_in(labels, Scoring), **classes_in(losses, Scoring)},
    wrapper="FunctionScoring(function), or FunctionScoring(function, greater_is_better=False) if it is a loss",
    elsewhere=advice_for_name,
)

register_scoring: Register[Scoring] = SCORINGS.register
"""Give a scoring a name, for `GridSearchTrainer(..., scoring=name)`."""


PENALTIES: Registry[Penalty] = Registry(
    Penalty, {}, nameless="Pass a built-in one with its numbers: L0(at_most=5), L1(0.01) or L2(0.01)."
)

register_penalty: Register[Penalty] = PENALTIES.register
"""Give a penalty a name, for `GridSearchTrainer(..., penalty=name)`."""


def as_penalty(penalty: object) -> Penalty:
    """Create the penalty of a name, or check that a value is a penalty.

    Raises:
        InvalidTypeError, UnknownNameError: it cannot be used.
    """
    if isinstance(penalty, str):
        return PENALTIES.make(penalty)
    if isinstance(penalty, Penalty):
        return penalty
    got = f"the class {penalty.__name__} itself" if isinstance(penalty, type) else describe(penalty)
    fix = "Pass a penalty, such as L1(0.01), an object of a subclass of Penalty, or None."
    raise InvalidTypeError(message("penalty", "a Penalty", got, fix))


def as_any_scoring(scoring: object) -> Scoring:
    """Create the scoring of a name or a function, or check that a value is a scoring.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: it cannot be used.
    """
    if isinstance(scoring, str):
        return SCORINGS.make(scoring)
    refuse_scorer(scoring, "scoring", SCORINGS.built_in)
    fix = "Pass a name, such as 'accuracy', a scoring, such as LogLoss(), or a function of (y_true, outputs)."
    return as_scoring(scoring, fix)
