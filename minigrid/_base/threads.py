"""The number of threads that compute, and work that they share. Without more threads, this one does all of it."""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TypeVar

import numpy as np

from minigrid._base.halting import asked_here, halting
from minigrid._base.signals import Interrupt

_T = TypeVar("_T")

_most_threads: ContextVar[int | None] = ContextVar("_most_threads", default=None)


@contextlib.contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """Limit the number of threads that compute within this context; None sets no limit."""
    before = _most_threads.set(threads)
    try:
        yield
    finally:
        _most_threads.reset(before)


def n_threads() -> int:
    """Return how many threads compute: one for each CPU that this process may use, unless `at_most` limits them."""
    allowed = _most_threads.get()
    if allowed is not None:
        return allowed
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return os.cpu_count() or 1 if affinity is None else len(affinity(0))


def on_threads(function: Callable[[int], _T], count: int, threads: int, name: str) -> list[_T]:
    """Call a function with 0, 1, ... on this thread and others, and return what it returned, in order.

    With several threads, each call has one thread for its own work, so that no more threads compute than are allowed.
    If the system allows no more threads, the existing ones do the work, in the end this one alone.

    Args:
        function: the function to call, with floating-point errors ignored.
        count: how many calls to make.
        threads: how many threads to use at most, including this one.
        name: the name of the other threads.
    """
    left, answers = deque(range(count)), dict[int, _T]()
    caller, asked = threading.current_thread(), asked_here()

    def work() -> None:
        # A thread inherits neither the ignored floating-point errors nor the rule for ending early.
        own = None if threading.current_thread() is caller else asked
        with np.errstate(all="ignore"), halting(own), at_most(n_threads() if threads == 1 else 1):
            while True:
                try:
                    number = left.popleft()
                except IndexError:
                    return
                answers[number] = function(number)

    if threads == 1:
        work()
    else:
        _share(work, threads - 1, name)
    return [answers[number] for number in range(count)]


def _share(work: Callable[[], None], most: int, name: str) -> None:
    """Do some work on this thread and on others, at most this many in all, until none is left."""
    from concurrent.futures import Future, ThreadPoolExecutor  # costs as much as all of us to import

    others: list[Future[None]] = []
    with Interrupt.held_back(), ThreadPoolExecutor(most, thread_name_prefix=name) as pool:
        with contextlib.suppress(RuntimeError):  # the system allows no further thread
            while len(others) < most:
                others.append(pool.submit(work))
        work()
        for other in others:
            other.result()
