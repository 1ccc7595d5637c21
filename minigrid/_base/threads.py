"""The number of threads that compute."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_most_threads: ContextVar[int | None] = ContextVar("_most_threads", default=None)


@contextmanager
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
