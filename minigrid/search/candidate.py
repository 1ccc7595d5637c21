"""Candidates with their scores, and the moments at which a search improved its best."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.expected_names import KnowsOtherNames
from minigrid._base.text import format_count
from minigrid._base.typing import FloatArray, override
from minigrid._base.values import Frozen, Value

StopReason: TypeAlias = Literal["completed", "time_limit", "target_score", "max_candidates", "callback", "interrupted"]


def written(index: int | None, form: str = "") -> str:
    """Write an index in full, unless it has hundreds of digits."""
    if index is None:
        return "None"
    return format(index, form) if index < 10**100 else format_count(index)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Candidate(KnowsOtherNames, Value):
    """One setting of all parameters, with its score.

    Attributes:
        index: its index in the search space; None if it is not a point of the space.
        parameters: its parameters, shape (n_parameters,), read-only.
        score: the score of the whole network. While a search with a penalty runs, it knows no scores: its candidates
            have the objective here, too. Compare objectives.
        objective: the number that a search compares: the score, made worse by the penalty if there is one. Leave it out
            to create a candidate from its objective alone.

    Example:
        >>> Candidate(index=3, parameters=np.array([1.0, -1.0]), score=0.5)
        Candidate(index=3, parameters=[1.0, -1.0], score=0.5)
    """

    index: int | None
    parameters: FloatArray
    score: float
    objective: float = np.nan  # NaN stands for the score

    def __post_init__(self) -> None:
        if math.isnan(self.objective):
            object.__setattr__(self, "objective", self.score)
        object.__setattr__(self, "parameters", read_only(np.array(self.parameters, dtype=np.float64)))

    @override
    def __repr__(self) -> str:
        more = "" if self.objective == self.score else f", objective={self.objective!r}"
        return (
            f"Candidate(index={written(self.index)}, parameters={self.parameters.tolist()}, score={self.score!r}{more})"
        )


def as_candidates(found: Iterable[tuple[float, int]], values: FloatArray) -> tuple[Candidate, ...]:
    """Create many candidates, each with a row of one array, in a quarter of the time that copies of the rows take.

    Args:
        found: their objectives and indices.
        values: their parameters, shape (n_candidates, n_parameters), which nobody else has. It becomes read-only.
    """
    created = list[Candidate]()
    for (objective, index), own in zip(found, read_only(values), strict=True):
        candidate = object.__new__(Candidate)
        object.__setattr__(candidate, "index", index)
        object.__setattr__(candidate, "parameters", own)
        object.__setattr__(candidate, "score", objective)
        object.__setattr__(candidate, "objective", objective)
        created.append(candidate)
    return tuple(created)


@final
@dataclass(frozen=True, slots=True, repr=False)
class Improvement(Frozen):
    """A moment at which a search found a better candidate.

    Attributes:
        seconds: the time since the search began, in all calls that took part in it.
        n_scored: how many candidates had been scored by then.
        score: the score of the new best; with a penalty, its objective.
        index: the index of the new best, as in `Candidate`.

    Example:
        >>> Improvement(seconds=0.25, n_scored=100, score=0.9, index=7)
        Improvement(seconds=0.25, n_scored=100, score=0.9, index=7)
    """

    seconds: float
    n_scored: int
    score: float
    index: int | None

    @override
    def __repr__(self) -> str:
        where = f"score={self.score!r}, index={written(self.index)}"
        return f"Improvement(seconds={self.seconds:.3g}, n_scored={written(self.n_scored)}, {where})"
