"""End long work early: the caller says when the work is to end, and the work asks now and then.

A search looks at its clock between two steps. What is built before the first step, and the largest steps, can take
seconds on large data. Such work calls `poll` in its loops: once it is to end, `poll` raises `Halted`, and the
caller continues without it. Where something can be kept, work asks `is_halted` instead and returns early.

Each thread has its own answer: a thread that helps gets it from `asked_here`.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias, final

Asked: TypeAlias = Callable[[], bool]


@final
class Halted(BaseException):
    """Work was ended early. No custom function may catch it, so it is no Exception."""


class _OfThread(threading.local):
    asked: Asked | None = None


_of_thread = _OfThread()


@contextlib.contextmanager
def halting(asked: Asked | None) -> Iterator[None]:
    """Let the work inside end early once a function says so; None: as before."""
    before = _of_thread.asked
    if asked is not None:
        _of_thread.asked = asked if before is None else lambda: before() or asked()
    try:
        yield
    finally:
        _of_thread.asked = before


@contextlib.contextmanager
def unhalted() -> Iterator[None]:
    """Let the work inside come to its end, whatever was said around it."""
    before, _of_thread.asked = _of_thread.asked, None
    try:
        yield
    finally:
        _of_thread.asked = before


def asked_here() -> Asked | None:
    """Return what says when the work of this thread is to end, for `halting` in a thread that helps."""
    return _of_thread.asked


def is_halted() -> bool:
    """Tell whether the work of this thread is to end."""
    asked = _of_thread.asked
    return asked is not None and asked()


def poll() -> None:
    """End the work of this thread if it is to end.

    Raises:
        Halted: it is.
    """
    if is_halted():
        raise Halted
