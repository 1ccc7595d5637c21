"""Ends long work early: the caller decides when the work must end, and the work asks now and then.

A search checks its clock between two steps. On large data, the preparations before the first step and the largest
steps can take seconds. Such work calls `poll` in its loops, or loops over `slices`. When it must end, `poll` raises
`Halted`, and the caller continues without its result. Work that can return a part of its result asks `is_halted`
instead and returns early.

Each thread has its own answer, which a helping thread gets from `asked_here`.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias, final

Asked: TypeAlias = Callable[[], bool]


@final
class Halted(BaseException):
    """Work was ended early. It is not an Exception, so that no custom function catches it."""


@final
class _OfThread(threading.local):
    asked: Asked | None = None


_of_thread = _OfThread()


def _forget() -> None:
    _of_thread.asked = None


if hasattr(os, "register_at_fork"):  # a worker does not call the callbacks of the process that it was forked from
    os.register_at_fork(after_in_child=_forget)


@contextlib.contextmanager
def halting(asked: Asked | None) -> Iterator[None]:
    """Let the work inside end early when a function returns True; None changes nothing."""
    before = _of_thread.asked
    if asked is not None:
        _of_thread.asked = asked if before is None else lambda: before() or asked()
    try:
        yield
    finally:
        _of_thread.asked = before


@contextlib.contextmanager
def unhalted() -> Iterator[None]:
    """Let the work inside run to its end, whatever the contexts around it ask for."""
    before, _of_thread.asked = _of_thread.asked, None
    try:
        yield
    finally:
        _of_thread.asked = before


def asked_here() -> Asked | None:
    """Return the function that decides when the work of this thread ends, for `halting` in a helping thread."""
    return _of_thread.asked


def is_halted() -> bool:
    """Tell whether the work of this thread must end."""
    asked = _of_thread.asked
    return asked is not None and asked()


def poll() -> None:
    """End the work of this thread if it must end.

    Raises:
        Halted: it must end.
    """
    if is_halted():
        raise Halted


def slices(count: int, step: int) -> Iterator[slice]:
    """Cut `count` things into slices of at most `step`, or of 1 if `step` is smaller; poll before each.

    Raises:
        Halted: the work must end.
    """
    for start in range(0, count, max(step, 1)):
        poll()
        yield slice(start, min(start + max(step, 1), count))
