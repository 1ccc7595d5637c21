"""The events that a search sends to callbacks while it runs."""

import inspect
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, final

import numpy as np

from minigrid._base.expected_names import KnowsOtherNames
from minigrid._base.function import check_it_runs
from minigrid._base.text import DAY, describe, format_seconds, message, shown
from minigrid._base.typing import override
from minigrid.exceptions import InvalidTypeError
from minigrid.search.candidate import Candidate

EventKind: TypeAlias = Literal["started", "progressed", "finished"]

_LONGEST = 60  # characters of an answer to show


@final
@dataclass(frozen=True, slots=True, repr=False)
class SearchEvent(KnowsOtherNames):
    """A moment in a search. Printed, it is one line, as in the log of a solver.

    With a penalty, all scores here are objectives.

    Attributes:
        kind: 'started', 'progressed' (the search finished a step, or half a second of a long one) or 'finished'.
        stage: the name of the stage: 'joint', 'layer0.neuron1', 'level 2 of 8', ...
        n_candidates: how many candidates this stage searches.
        n_processed: how many of them were scored or proven to be no better.
        best: the best candidate of this stage so far; None before the first score.
        bound: the best score that is still possible in this stage.
        incumbent: the score of the incumbent, which is the best candidate for the whole network so far, in all stages.
            None before the first score, and while a layer-wise search fits hidden neurons.
        seconds: the time since the whole search began, without pauses between calls that resume from a checkpoint.
        rate: how many candidates this stage processes per second; 0 before the first.
        estimated_seconds_left: an estimate of how long this stage still takes. If all candidates are scored, minigrid
            estimates it from the rate so far. The processed fraction of a proof jumps, so there minigrid estimates it
            from samples of the open work. Infinite while nothing is known.
        estimated_seconds_left_in_all: an estimate of how long all stages still take, if the strategy starts several
            times, as `Coordinate` does, and has ended once. None while nothing is known.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> events: list[SearchEvent] = []
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]), callbacks=[events.append])
        >>> result = trainer.fit(Network.dense([2, 1]), X, y)
        >>> events[-1].kind, events[-1].fraction, events[-1].bound
        ('finished', 1.0, 1.0)
    """

    kind: EventKind
    stage: str
    n_candidates: int
    n_processed: int
    best: Candidate | None
    bound: float
    incumbent: float | None
    seconds: float
    rate: float
    estimated_seconds_left: float
    estimated_seconds_left_in_all: float | None = None

    @property
    def fraction(self) -> float:
        """The processed fraction of this stage, from 0 to 1."""
        return self.n_processed / self.n_candidates

    @property
    def gap(self) -> float:
        """The distance from the best to the bound; infinite before the first score."""
        if self.best is None:
            return math.inf
        return 0.0 if self.bound == self.best.objective else abs(self.bound - self.best.objective)

    @override
    def __repr__(self) -> str:
        return f"<SearchEvent {self.kind}, {self}>"

    @override
    def __str__(self) -> str:
        return f"{self.stage}: {percent(self):.1f}% processed, {standing(self)}, {speed(self)}"


class Callback(Protocol):
    """A function, or another callable, that receives events. To stop the search, return True.

    minigrid calls it on the thread that called ``fit``, between two steps and about twice a second during a long one,
    and waits until it returns. If it raises an exception, the search ends, and ``fit`` raises the same exception. To
    keep the search running, catch the exception in the callback.

    Example:
        >>> def report(event: SearchEvent) -> None:
        ...     print(f"{event.fraction:.0%} of {event.stage}")
    """

    def __call__(self, event: SearchEvent, /) -> bool | None:
        """Handle an event; return True to stop the search."""


@final
class Listeners:
    """The callbacks of one search, and their answers.

    Args:
        callbacks: the functions to call with each event.
    """

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self._callbacks = tuple(callbacks)
        self._is_warned = False

    def __bool__(self) -> bool:
        return bool(self._callbacks)

    def tell(self, event: SearchEvent) -> bool:
        """Call each with an event, and tell whether one of them stops the search."""
        stops = False
        for callback in self._callbacks:
            answer: object = callback(event)
            if isinstance(answer, bool | np.bool_):
                stops |= bool(answer)
            elif not self._is_warned and _may_mean_true(answer):
                self._is_warned = True
                got, fix = shown(answer), "Return bool(...) of it to stop the search, else None."
                got = got if len(got) <= _LONGEST and got.isprintable() else describe(answer)
                text = message("callback", "True, to stop the search, or None", got, fix)
                warnings.warn(f"{text} The search continues.", UserWarning, stacklevel=2)
        return stops


def _may_mean_true(answer: object) -> bool:
    """Tell whether an answer is a 1 of another type, or another true object but a number, such as of ``file.write``."""
    if isinstance(answer, np.ndarray) and answer.dtype.kind not in "iufc":
        return any(map(bool, answer.flat))
    if isinstance(answer, int | float | np.number | np.ndarray):
        return np.size(answer) == 1 and bool(answer == 1)
    try:
        return bool(answer)
    except Exception:  # an object may refuse, as a table does
        return True


def percent(event: SearchEvent) -> float:
    """Return the processed fraction in percent, rounded down to one decimal place, so that 100 means done."""
    return math.floor(event.fraction * 1000.0) / 10.0 if event.n_processed < event.n_candidates else 100.0


def standing(event: SearchEvent) -> str:
    """Describe how good the best is, as solvers do: by incumbent, bound and gap, as long as there is a gap."""
    if event.best is None:
        return "nothing scored yet" if event.incumbent is None else f"{event.incumbent:.6g} in all"
    parts = [f"best {event.best.objective:.6g}"]
    if math.isfinite(event.bound) and event.n_processed < event.n_candidates:
        parts += [f"bound {event.bound:.6g}", f"gap {event.gap:.3g}"]
    if event.incumbent is not None and event.incumbent != event.best.objective:
        parts.append(f"{event.incumbent:.6g} in all")
    return ", ".join(parts)


def speed(event: SearchEvent) -> str:
    """Describe the speed: the rate, the elapsed time, and an estimate of the time left."""
    parts = [f"{event.rate:,.0f}/s" if event.rate < 1e6 else f"{event.rate:.1e}/s"]
    parts.append(f"{format_seconds(event.seconds)} elapsed")
    left, in_all = event.estimated_seconds_left, ""
    if event.estimated_seconds_left_in_all is not None:
        left, in_all = event.estimated_seconds_left_in_all, " in all"
    elif event.kind == "finished" or event.n_processed == event.n_candidates:
        left = math.inf
    if math.isfinite(left):
        parts.append(f"estimated {'more than a day' if left > DAY else format_seconds(left)} left{in_all}")
    return ", ".join(parts)


def as_callbacks(callbacks: object) -> tuple[Callback, ...]:
    """Check that callbacks are a sequence of functions."""
    if isinstance(callbacks, str) or not isinstance(callbacks, Sequence):
        fix = f"Pass a list, such as [report]{', or leave it out' * (callbacks is None)}."
        raise InvalidTypeError(message("callbacks", "a sequence of functions", describe(callbacks), fix))
    for callback in callbacks:
        if not callable(callback):
            fix = "Pass functions that take one SearchEvent."
            raise InvalidTypeError(message("callbacks", "functions", describe(callback), fix))
        _check_signature(callback)
        check_it_runs(callback, "callbacks", "functions that run when they are called")
    return tuple(callbacks)


def _check_signature(callback: Callable[..., object]) -> None:
    """Check before a search that a callback takes one argument, which those of other libraries may not."""
    try:
        signature = inspect.signature(callback)
    except (TypeError, ValueError):  # some functions written in C have no signature
        return
    try:
        signature.bind(None)
    except TypeError as error:
        what, fix = "functions of one SearchEvent", "Let it take the event: def report(event): ..."
        raise InvalidTypeError(message("callbacks", what, f"one of {signature}", fix)) from error
