"""A system that gives no more threads, as under a limit on a container's processes."""

import contextlib
import threading
from collections.abc import Iterator
from unittest.mock import patch


@contextlib.contextmanager
def no_threads(after: int = 0) -> Iterator[list[str]]:
    """Let no more than so many threads start; the names of those that were refused are listed."""
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
