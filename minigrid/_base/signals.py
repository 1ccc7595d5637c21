"""Ctrl-C and SIGTERM: the first ends a search with the best so far, the second at once. SIGTERM then ends the process.

While a search runs on the main thread, SIGINT and SIGTERM have handlers of ours. The handler only counts; the
search looks at the count between its chunks. What makes sure that the handlers from before are put back:

- leaving the search puts them back, by whatever way it is left;
- the second signal, the first that raises anything, puts them back before it raises, so it does not matter
  what it breaks into, not even if that is this module; but where locks are held for a moment, of futures above all,
  it waits for the end of that (`held_back`), as they would stay shut, and a thread that waits for them would wait for
  ever;
- putting them back twice does no harm.

SIGTERM asks for the end of the process, not only of a search. So once the search is over, and its file is written, the
signal is raised again for the handler from before: by default, it ends the process. To continue instead, a script sets
a handler of its own that returns.

A signal that was ignored stays ignored, and one whose handler was not set by Python is left alone, as it could not
be put back. Off the main thread Python sets no handlers, so there is nothing to do. A search inside another, in
a callback or a scoring, is ended by the same signal as that one. A process that is forked off during a search, as a
worker may be, is in no search: the handlers from before are put back in it.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import ClassVar, TypeAlias, final

_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int

_MOST_SECONDS = 1.0  # that a KeyboardInterrupt is held back


@final
class Interrupt:
    """A context in which the first SIGINT or SIGTERM is a request and the second a KeyboardInterrupt.

    A SIGTERM is passed on to the handler from before at the end of the outermost context.
    """

    _innermost: ClassVar["Interrupt | None"] = None  # of the searches that the main thread is in
    _is_held: ClassVar[bool] = False
    _held_since: ClassVar[float | None] = None  # when a KeyboardInterrupt was due

    def __init__(self) -> None:
        self._outer: Interrupt | None = None
        self._previous: dict[signal.Signals, _Handler] = {}
        self._count = 0
        self._is_terminated = False

    @property
    def requested(self) -> bool:
        """Whether the search is to end."""
        return self._outermost._count > 0

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is not threading.main_thread():
            return self
        try:
            self._listen()
        except BaseException:  # a handler from before may raise until the last of them is replaced
            self._put_back()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._put_back()
        if self._is_terminated:
            signal.raise_signal(signal.SIGTERM)

    @property
    def _outermost(self) -> "Interrupt":
        return self if self._outer is None else self._outer._outermost

    def _listen(self) -> None:
        self._outer, Interrupt._innermost = Interrupt._innermost, self
        for number in (signal.SIGINT, signal.SIGTERM):
            previous = signal.getsignal(number)
            if previous is None or previous == signal.SIG_IGN:
                continue
            self._previous[number] = previous
            try:
                signal.signal(number, self._handle)
            except ValueError:  # the main thread of an interpreter that is not the main one
                del self._previous[number]

    def _put_back(self) -> None:
        if Interrupt._innermost is self:
            Interrupt._innermost = self._outer
        try:
            self._put_back_one(signal.SIGTERM)
        finally:  # a signal may come between the two, and what is called then may raise
            self._put_back_one(signal.SIGINT)

    def _put_back_one(self, number: signal.Signals) -> None:
        if number in self._previous:
            signal.signal(number, self._previous[number])

    def _handle(self, number: int, frame: FrameType | None) -> None:
        outermost = self._outermost
        outermost._count += 1
        outermost._is_terminated |= number == signal.SIGTERM
        if outermost._count < 2:
            return
        if Interrupt._is_held:
            now = time.monotonic()
            Interrupt._held_since = Interrupt._held_since or now
            if now - Interrupt._held_since < _MOST_SECONDS:
                return
        self._break_off()

    def _break_off(self) -> None:
        Interrupt._held_since = None
        self._put_back()
        raise KeyboardInterrupt

    @classmethod
    @contextlib.contextmanager
    def held_back(cls) -> Iterator[None]:
        """Raise the KeyboardInterrupt of a search only at the end of what is done within, unless that takes long."""
        if cls._is_held or threading.current_thread() is not threading.main_thread():
            yield
            return
        cls._is_held = True
        try:
            yield
        finally:
            cls._is_held = False
            if cls._held_since is not None and cls._innermost is not None:
                cls._innermost._break_off()

    @classmethod
    def _leave_all(cls) -> None:
        """Put back all handlers in a process that was just forked off."""
        cls._is_held = False
        while cls._innermost is not None:
            with contextlib.suppress(ValueError, OSError):
                cls._innermost._put_back()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Interrupt._leave_all)
