"""What may end a search before its end."""

from dataclasses import dataclass
from typing import final

from minigrid._base.text import message
from minigrid._base.validation import as_float
from minigrid.exceptions import InvalidValueError
from minigrid.scoring import Scoring


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limits:
    """What may end a search before its end; None is no limit.

    Attributes:
        seconds: since the search began; looked at after each chunk of about a tenth of a second.
        target_score: a score that is good enough.
        max_candidates: how many candidates may be scored.
    """

    seconds: float | None = None
    target_score: float | None = None
    max_candidates: int | None = None


def as_positive(value: object, argument: str) -> float:
    """Check a number above 0.

    Raises:
        InvalidTypeError, InvalidValueError: it is none.
    """
    number = as_float(value, argument)
    if number <= 0.0:
        raise InvalidValueError(message(argument, "a number above 0", f"{number}", "Leave it out for no limit."))
    return number


def as_target(value: object, scoring: Scoring) -> float:
    """Check a target score, which must be within reach.

    Raises:
        InvalidTypeError, InvalidValueError: it is no number, or none that can be reached.
    """
    target, best = as_float(value, "target_score"), scoring.best_possible
    if target > best if scoring.greater_is_better else target < best:
        beyond = "at most" if scoring.greater_is_better else "at least"
        expected = f"{beyond} {best:g}, the best that {scoring!r} can be"
        mend = "Pass a score that can be reached, or leave it out."
        raise InvalidValueError(message("target_score", expected, f"{target:g}", mend))
    return target
