"""Simulates a system that allows no more threads, like a container with a limit on processes."""

import contextlib
import threading
from collections.abc import Iterator
from unittest.mock import patch


@contextlib.contextmanager
def no_threads(after: int = 0) -> Iterator[list[str]]:
    """Let at most n threads start, and list the names of those that were refused."""
    refused: list[str] = []
    started: list[str] = []
    start = threading.Thread.start

    def limited(self: threading.Thread) -> None:
        if len(started) >= after:
            refused.append(self.name)
            raise RuntimeError("can't start new thread")
        started.append(self.name)
        start(self)

    with patch.object(threading.Thread, "start", limited):
        yield refused
