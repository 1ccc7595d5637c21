"""What a search returns: frozen, comparable, and readable when printed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._typing import FloatArray, override
from minigrid._validation import format_count
from minigrid._values import Value
from minigrid.network import Network

StopReason: TypeAlias = Literal["completed", "time_limit", "target_score", "max_candidates", "callback", "interrupted"]

_SHOWN = 8  # of the best candidates, and of their parameters, when a result is printed


def _written(index: int | None, form: str = "") -> str:
    """Write an index in full, unless it has hundreds of digits."""
    if index is None:
        return "None"
    return format(index, form) if index < 10**100 else format_count(index)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Candidate(Value):
    """One setting of all parameters, with its score.

    Attributes:
        index: its place in the search space; None if it is not a point of the space.
        parameters: shape (n_parameters,), read-only.
        score: of the whole network.
    """

    index: int | None
    parameters: FloatArray
    score: float

    def __post_init__(self) -> None:
        own = np.array(self.parameters, dtype=np.float64)
        own.flags.writeable = False
        object.__setattr__(self, "parameters", own)

    @override
    def __repr__(self) -> str:
        return f"Candidate(index={_written(self.index)}, parameters={self.parameters.tolist()}, score={self.score!r})"


@final
@dataclass(frozen=True, slots=True, repr=False)
class Improvement:
    """A moment at which a search found something better.

    Attributes:
        seconds: since the search began, in all calls that had a part in it.
        n_scored: how many candidates had been scored by then.
        score: of the new best.
        index: of the new best, as in `Candidate`.
    """

    seconds: float
    n_scored: int
    score: float
    index: int | None

    @override
    def __repr__(self) -> str:
        where = f"score={self.score!r}, index={_written(self.index)}"
        return f"Improvement(seconds={self.seconds:.3g}, n_scored={_written(self.n_scored)}, {where})"


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SearchResult(Value):
    """The best network that a search found, and how sure that is.

    Attributes:
        network: the network with the best parameters.
        parameters: shape (n_parameters,), read-only.
        index: of the best in the search space; None where the parameters are not a point of the
            space, as after Zoom.
        score: of the best.
        optimal: True only if every candidate of the space was scored or proven to be no better.
        bound: the best score that is still possible: the score itself if `optimal`.
        n_candidates: the size of the search space.
        n_scored: how many scores were computed.
        n_pruned: how many candidates were proven to be no better without being scored.
        seconds: how long the search took, all calls together that went on from one checkpoint.
        stop_reason: 'completed', or what ended the search before its end: 'time_limit', 'target_score',
            'max_candidates', 'callback' (one returned True), 'interrupted' (Ctrl-C or SIGTERM, even if that came
            with the last candidate, so that a script of several searches can end too).
        top: the best candidates, best first, as many as were asked for.
        history: each improvement of the best score, in time.
        strategy: which strategy searched, as its repr.
        engine: the name of the engine that scored.
        engine_reason: why it was that one.
        scoring: what was scored by, as its repr.
        greater_is_better: whether more of it is better; False for a loss.
    """

    network: Network
    parameters: FloatArray
    index: int | None
    score: float
    optimal: bool
    bound: float
    n_candidates: int
    n_scored: int
    n_pruned: int
    seconds: float
    stop_reason: StopReason
    top: tuple[Candidate, ...]
    history: tuple[Improvement, ...]
    strategy: str
    engine: str
    engine_reason: str
    scoring: str = ""
    greater_is_better: bool = True

    def __post_init__(self) -> None:
        if self.optimal and self.n_scored + self.n_pruned != self.n_candidates:
            raise AssertionError("a result is optimal only if every candidate was scored or pruned")
        own = np.array(self.parameters, dtype=np.float64)
        own.flags.writeable = False
        object.__setattr__(self, "parameters", own)

    @property
    def gap(self) -> float:
        """How far the best is from the best score still possible; 0 means that none can be better."""
        return 0.0 if self.bound == self.score else abs(self.bound - self.score)

    @override
    def __repr__(self) -> str:
        where = "" if self.index is None else f", index={_written(self.index)}"
        return (
            f"<SearchResult score={self.score:.6g}{where}, optimal={self.optimal}, "
            f"{format_count(self.n_scored)} of {format_count(self.n_candidates)} scored, {self.seconds:.3g} s>"
        )

    @override
    def __str__(self) -> str:
        lines = [("score", f"{self.score:.10g}" + self._claim())]
        for name, value in zip(self.network.parameter_names, self.parameters, strict=True):
            lines.append((name, f"{value:.10g}"))
        pruned = f", {format_count(self.n_pruned)} pruned" if self.n_pruned else ""
        lines += [
            ("index", "none (not a point of the grid)" if self.index is None else _written(self.index, ",")),
            *self._runners_up(),
            *([("scoring", f"{self.scoring}, {self._direction()} is better")] if self.scoring else []),
            ("candidates", f"{format_count(self.n_candidates)}: {format_count(self.n_scored)} scored{pruned}"),
            ("search", f"{self.strategy} on the {self.engine} engine"),
            ("stopped", self.stop_reason),
            ("seconds", f"{self.seconds:.3f}"),
        ]
        width = max(len(label) for label, _ in lines)
        return "\n".join(f"{label.ljust(width)}  {text}" for label, text in lines)

    def _claim(self) -> str:
        if self.optimal:
            return ", proven best of the grid"
        if self.gap == 0.0:
            return ", as good as any score can be (another candidate of that score may come first)"
        if np.isfinite(self.bound):
            side = "above" if self.bound > self.score else "below"
            return f", not proven best (no score can be {side} {self.bound:g}: a gap of {self.gap:.3g})"
        return ", not proven best"

    def _direction(self) -> str:
        return "more" if self.greater_is_better else "less"

    def _runners_up(self) -> list[tuple[str, str]]:
        """The next best, a line each, the first few in full."""
        lines = []
        for place, candidate in enumerate(self.top[1:_SHOWN], start=2):
            values = ", ".join(f"{value:.6g}" for value in candidate.parameters[:_SHOWN])
            more = ", ..." if len(candidate.parameters) > _SHOWN else ""
            where = "" if candidate.index is None else f" (index {_written(candidate.index, ',')})"
            lines.append((f"best {place}", f"{candidate.score:.10g}: {values}{more}{where}"))
        if len(self.top) > _SHOWN:
            lines.append(("", f"and {len(self.top) - _SHOWN:,} more in result.top"))
        return lines
