"""The progress bar: one line in the terminal or notebook, with incumbent, bound and gap as in a solver's log.

The bar is tqdm's, which is imported only when there is something to show. One line serves all stages of a search,
because there may be hundreds that take a millisecond each; it names the current one. The bar shows the fraction of the
time, because the processed fraction of a proof jumps. Without tqdm, there is a plain line every few seconds instead.

What writing raises depends on what stands for stderr: a pipe that nobody reads, a full disk, a closed file or a window
that is gone. Whatever it is, the bar then ends, and the search does not.
"""

import contextlib
import math
import sys
import warnings
from dataclasses import replace
from typing import Protocol, final

from minigrid._base.text import message
from minigrid.exceptions import MissingExtraError
from minigrid.search.events import SearchEvent, speed, standing
from minigrid.search.pace import Pace

_FORMAT = "{desc}: {percentage:.1f}%|{bar}| {postfix[0]}"


class _Bar(Protocol):
    """The part of tqdm's bars that is used here."""

    n: float
    disable: bool
    postfix: list[str]

    def set_description_str(self, desc: str, refresh: bool) -> None: ...

    def refresh(self) -> object: ...

    def close(self) -> None: ...


@final
class ProgressBar:
    """A callback that shows the progress of one search, and a context in which the bar stays open.

    Args:
        wanted: True shows the bar from the first event, wherever it is written. None shows it once a search has run for
            a second, in a terminal or a notebook, or as plain lines if tqdm is not installed. False never shows it.
        pace: when to show the bar, and how often to update it.
    """

    def __init__(self, wanted: bool | None, pace: Pace) -> None:
        self._every, self._line_every = pace.bar_every, pace.log_every
        self._wanted = wanted
        self._bar: _Bar | None = None
        self._latest: SearchEvent | None = None
        self._progress = Progress()
        self._next = 0.0 if wanted else pace.bar_after
        self._is_possible = bool(wanted) or (wanted is None and _may_be_seen())

    def __enter__(self) -> "ProgressBar":
        """Import tqdm if the bar is wanted.

        Raises:
            MissingExtraError: the bar is wanted, but tqdm is not installed.
        """
        if self._wanted:
            try:
                self._open()
            except MissingExtraError:
                raise
            except Exception:
                self._put_away()
        return self

    def __exit__(self, *_: object) -> None:
        bar, self._bar = self._bar, None
        if bar is None:
            return
        with contextlib.suppress(Exception):
            try:
                if self._latest is not None:
                    _draw(bar, self._latest, self._progress)
            finally:
                bar.close()

    def complete(self) -> None:
        """Show that nothing is left of the search."""
        if self._latest is not None:
            self._latest = replace(self._latest, estimated_seconds_left_in_all=None)
            self._progress.fraction = 1.0

    @property
    def is_possible(self) -> bool:
        """Whether the bar may be shown, so that it needs events."""
        return self._is_possible

    def __call__(self, event: SearchEvent, /) -> None:
        """Show an event, if it is time to update the bar."""
        self._latest = event
        self._progress.take(event)
        if event.seconds < self._next or not self._is_possible:
            return
        try:
            if self._bar is None:
                self._open()
            if self._bar is not None:
                _draw(self._bar, event, self._progress)
        except Exception:  # a search of hours is not to end because nobody can see its bar
            self._put_away()
        self._next = event.seconds + self._every

    def _put_away(self) -> None:
        """Stop showing the bar."""
        bar, self._bar, self._is_possible = self._bar, None, False
        if bar is not None:
            with contextlib.suppress(Exception):
                bar.close()

    def _open(self) -> None:
        if not hasattr(sys.stderr, "write"):  # None in a program without a console
            self._is_possible = False
            return
        try:
            bar = _tqdm_bar(None if self._wanted is None else False)
        except ImportError:
            if self._wanted:
                fix = "Run pip install tqdm, or leave progress out."
                text = message("progress=True", "tqdm to be installed", "an environment without it", fix)
                raise MissingExtraError(text) from None
            bar = _PlainLines() if _is_terminal() or "ipykernel" in sys.modules else None
            self._every = self._line_every
        self._bar, self._is_possible = bar, bar is not None


@final
class _PlainLines:
    """A progress bar without tqdm: it prints a line at each update."""

    def __init__(self) -> None:
        self.n: float = 0.0
        self.disable: bool = False
        self.postfix: list[str] = [""]
        self._stage = ""
        self._shown = ""

    def set_description_str(self, desc: str, refresh: bool) -> None:
        del refresh  # the next line shows the description
        self._stage = desc

    def refresh(self) -> None:
        line = f"{self._stage}: {self.n:.1f}%, {self.postfix[0]}"
        if line != self._shown:
            self._shown = line
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the bar; every line is already complete."""


@final
class Progress:
    """Estimates which fraction of the time of a stage has passed, or that of the search once that can be estimated.

    The fraction never goes back. It covers as large a part of the remaining bar as has passed of the remaining time. So
    it grows evenly if the estimates are right, and faster or slower if they change.

    Attributes:
        fraction: from 0 to 1; 1 only if every candidate is processed.
    """

    def __init__(self) -> None:
        self.fraction: float = 0.0
        self._moment = 0.0  # seconds after the search began when it resumed
        self._is_of_all = False

    def take(self, event: SearchEvent) -> None:
        """Advance to the time of an event."""
        left, passed, was_of_all = event.estimated_seconds_left, event.seconds - self._moment, self._is_of_all
        self._is_of_all = event.estimated_seconds_left_in_all is not None
        if event.estimated_seconds_left_in_all is not None:
            left = event.estimated_seconds_left_in_all
            if not was_of_all:
                self.fraction, passed = 0.0, event.seconds
        elif event.kind == "started":
            self.fraction = 0.0
        if event.n_processed == event.n_candidates and not self._is_of_all:
            self.fraction = 1.0
        elif left == math.inf:
            return
        elif passed > 0.0:
            self.fraction += (1.0 - self.fraction) * passed / (passed + left)
        self._moment = event.seconds


def _draw(bar: _Bar, event: SearchEvent, progress: Progress) -> None:
    bar.n = math.floor(progress.fraction * 1000.0) / 10.0
    bar.postfix[0] = f"{standing(event)}, {speed(event)}"
    bar.set_description_str(event.stage, refresh=False)
    bar.refresh()


def _may_be_seen() -> bool:
    """Tell whether stderr is a terminal, or this may be a notebook; tqdm looks more closely once it is imported."""
    return "IPython" in sys.modules or _is_terminal()


def _is_terminal() -> bool:
    try:
        return bool(sys.stderr.isatty())
    except Exception:  # it is closed, or something that is no stream
        return False


def _tqdm_bar(disable: bool | None) -> _Bar | None:
    """Open one of tqdm's bars; None if tqdm finds no place to show it.

    Raises:
        ImportError: tqdm is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a notebook without widgets: there is then no bar, or one of text
        from tqdm.auto import tqdm
    kind = type("Bar", (tqdm,), {"monitor_interval": 0})  # without a thread of its own, which a fork would not bear
    bar: _Bar = kind(
        total=100.0, disable=disable, bar_format=_FORMAT, postfix=[""], dynamic_ncols=True, desc="search", leave=True
    )
    return None if bar.disable else bar
