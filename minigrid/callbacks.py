"""What a search tells while it runs, and how to listen."""

from dataclasses import dataclass
from typing import Literal, Protocol, final

from minigrid.result import Candidate


@final
@dataclass(frozen=True, slots=True)
class SearchEvent:
    """A moment in a search.

    Attributes:
        kind: 'started', 'progressed' (a piece of work was done) or 'finished'.
        stage: what is being searched: 'joint', 'layer0.neuron1', 'level 2 of 8', ...
        n_candidates: how many candidates this stage searches.
        n_settled: how many of them are scored or proven to be no better.
        best: the best of this stage so far; None before the first score.
        bound: the best score still possible in this stage.
        seconds: since the whole search began.
        rate: candidates settled a second in this stage; 0 before the first.
        remaining_seconds: an estimate of what this stage still takes, from its rate so far; infinite
            before the first score.
    """

    kind: Literal["started", "progressed", "finished"]
    stage: str
    n_candidates: int
    n_settled: int
    best: Candidate | None
    bound: float
    seconds: float
    rate: float
    remaining_seconds: float

    @property
    def share(self) -> float:
        """The settled share of this stage, from 0 to 1."""
        return self.n_settled / self.n_candidates

    @property
    def gap(self) -> float:
        """How far the best is from the bound; infinite before the first score."""
        return float("inf") if self.best is None else abs(self.bound - self.best.score)


class Callback(Protocol):
    """Anything that can be called with an event. Returning True stops the search.

    Example:
        >>> def report(event: SearchEvent) -> None:
        ...     print(f"{event.share:.0%} of {event.stage}")
    """

    def __call__(self, event: SearchEvent, /) -> bool | None:
        """Hear of an event; return True to stop the search."""
