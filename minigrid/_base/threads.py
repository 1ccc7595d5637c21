"""How many threads compute."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_most_threads: ContextVar[int | None] = ContextVar("_most_threads", default=None)


@contextmanager
def at_most(threads: int | None) -> Iterator[None]:
    """Let no more than this many threads compute in what is called within; None: as many as `n_threads` says."""
    before = _most_threads.set(threads)
    try:
        yield
    finally:
        _most_threads.reset(before)


def n_threads() -> int:
    """How many threads compute: one for each processor that this process may use, unless fewer are allowed."""
    allowed = _most_threads.get()
    if allowed is not None:
        return allowed
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return os.cpu_count() or 1 if affinity is None else len(affinity(0))
