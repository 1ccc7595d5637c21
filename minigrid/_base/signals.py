"""Ctrl-C and SIGTERM: the first ends a search with the best so far, the second at once. SIGTERM then ends the process.

While a search runs on the main thread, minigrid handles SIGINT and SIGTERM. Its handler only counts, and the search
checks the count between its chunks. The earlier handlers are always restored:

- A search restores them whenever and however it ends.
- The second signal is the first that raises an exception. It restores the handlers before it raises, so it does not
  matter which code it interrupts, not even if that is this module. But while locks are held for a moment, those of
  futures above all, it waits until they are released (`held_back`). Otherwise they would stay locked, and a thread that
  waits for them would wait for ever.
- Restoring them twice does no harm.

Both may ask for more than the end of a search: a server wants to shut down, asyncio to cancel a task, and SIGTERM is to
end the process. So after the search has ended and written its file, minigrid calls the earlier handlers, as Python
would have. It does not raise the signals again, because asyncio would notice both. Where there is no handler, as for
SIGTERM by default, the process ends. A KeyboardInterrupt of the handler for SIGINT, such as Python's own, is no news
then, so it does not discard the result.

A signal that was ignored stays ignored. A signal whose handler was not set by Python is left alone, because it could
not be restored. Python sets handlers only on the main thread, so there is nothing to do on others. A search inside
another one, in a callback or a scoring, ends with the same signal as the outer search. A process that is forked during
a search, such as a worker, is not in a search: it restores the earlier handlers.
"""

import contextlib
import inspect
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import ClassVar, TypeAlias, final

_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int

_MOST_SECONDS = 1.0  # the longest time to hold a KeyboardInterrupt back


@final
class Interrupt:
    """A context in which the first SIGINT or SIGTERM is a request, and the second a KeyboardInterrupt.

    At its end, the outermost context passes the signals on to the earlier handlers.

    Attributes:
        is_answered: whether there were signals for the context that ended last on the main thread, and the earlier
            handlers took them without a KeyboardInterrupt.
    """

    is_answered: ClassVar[bool] = False

    _innermost: ClassVar["Interrupt | None"] = None  # the innermost search on the main thread
    _is_held: ClassVar[bool] = False
    _held_since: ClassVar[float | None] = None  # the time at which a KeyboardInterrupt was due

    def __init__(self) -> None:
        self._outer: Interrupt | None = None
        self._previous: dict[int, _Handler] = {}
        self._count = 0
        self._to_pass_on: list[int] = []

    @property
    def requested(self) -> bool:
        """Whether the user has asked the search to end."""
        return self._outermost._count > 0

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is not threading.main_thread():
            return self
        try:
            self._listen()
        except BaseException:  # an earlier handler may raise until the last of them is replaced
            self._put_back()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._put_back()
        if self._previous:  # not on other threads, which know of no signals
            Interrupt.is_answered = bool(self._to_pass_on)
        self._pass_on()

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
        finally:  # a signal may come between the two, and its handler may raise
            self._put_back_one(signal.SIGINT)

    def _put_back_one(self, number: signal.Signals) -> None:
        if number in self._previous:
            signal.signal(number, self._previous[number])

    def _pass_on(self) -> None:
        if not self._to_pass_on:
            return
        number = self._to_pass_on.pop(0)
        previous = self._previous[number]
        try:
            if callable(previous):
                previous(number, inspect.currentframe())
            else:
                signal.raise_signal(number)
        except KeyboardInterrupt:
            Interrupt.is_answered = False
            if number != signal.SIGINT:
                raise
        finally:  # also the other one, if the handler of the first raises an exception
            self._pass_on()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        outermost = self._outermost
        outermost._count += 1
        if number not in outermost._to_pass_on:
            outermost._to_pass_on.append(number)
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
        """Hold the KeyboardInterrupt of a search back until this context ends, unless that takes long."""
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
        """Restore all handlers in a process that was just forked."""
        cls._is_held = False
        while cls._innermost is not None:
            with contextlib.suppress(ValueError, OSError):
                cls._innermost._put_back()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Interrupt._leave_all)
