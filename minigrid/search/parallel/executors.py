"""Executors: worker processes of minigrid's own, Dask's client, or any object with a `submit` method.

None of them is imported until a search begins, and minigrid recognises Dask without importing it.
"""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, final, runtime_checkable

from minigrid._base.text import describe, message
from minigrid._base.typing import override
from minigrid._base.validation import as_int
from minigrid.exceptions import InvalidTypeError, InvalidValueError, WorkerError
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, LocalThreads

if TYPE_CHECKING:  # costs as much as all of us to import
    from concurrent.futures import Future

    from minigrid.search.parallel.pool import WorkerPool

_FIX = "Pass an executor, such as concurrent.futures.ProcessPoolExecutor(4), or a Dask client."
_MOST_WORKERS = 1000
# Packages whose workers take functions that are in no module, by cloudpickle.
_SEND_FUNCTIONS = {
    "distributed",
    "loky",
}


@runtime_checkable
class ExecutorLike(Protocol):
    """An executor of ``concurrent.futures``, or any object with such a ``submit`` method.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> isinstance(ThreadPoolExecutor(2), ExecutorLike)
        True
    """

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> "Future[Any]":
        """Call a function somewhere with positional arguments, and return a future of its result.

        Args:
            function: the function to call.
            args: its arguments.

        Returns:
            A future.
        """


class DaskClient(Protocol):
    """The part of Dask's `Client` that minigrid uses."""

    def get_executor(self, *, pure: bool) -> Any:
        """Return an executor whose functions run on the workers of the cluster."""


@final
class WorkerSettings:
    """The checked arguments ``workers`` and ``executor``. It starts no worker.

    Args:
        workers: how many processes minigrid starts; 1: this process alone, on one thread; None: not given.
        executor: the executor that does the work; None: not given.

    Raises:
        InvalidTypeError: one of them has the wrong type.
        InvalidValueError: ``workers`` is below 1, or both are given.
    """

    def __init__(self, workers: object, executor: object) -> None:
        if workers is not None and executor is not None:
            fix = "Leave out workers, as the executor has its own."
            raise InvalidValueError(message("workers and executor", "one of the two", "both", fix))
        self.workers: int | None = None
        if workers is not None:
            fix = "To use one per CPU, pass os.cpu_count()."
            if isinstance(workers, int) and workers < 0:
                raise InvalidValueError(message("workers", "a whole number of at least 1", f"{workers}", fix))
            self.workers = as_int(workers, "workers", minimum=1, maximum=_MOST_WORKERS, endless=fix)
        if executor is not None and (isinstance(executor, type) or not callable(getattr(executor, "submit", None))):
            raise InvalidTypeError(message("executor", "something with a method submit", describe(executor), _FIX))
        self._executor: Any = executor

    @override
    def __repr__(self) -> str:
        if self.workers is not None:
            return f"workers={self.workers}"
        return "" if self._executor is None else f"executor={self._executor!r}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether workers outside this process do the work."""
        return self._executor is not None or (self.workers is not None and self.workers > 1)

    def backend(self, pace: Pace) -> Backend:
        """Create the backend for a search.

        Args:
            pace: how long each stage runs in this process before workers are used, and how much work they get.

        Raises:
            InvalidTypeError: the executor is an asynchronous Dask client.
            WorkerError: the executor was shut down before, or its threads cannot start.
        """
        if not self.is_elsewhere:
            return LocalThreads()
        from minigrid.search.parallel.pool import WorkerPool
        from minigrid.search.parallel.remote import RemoteWorkers

        if self._executor is None:
            from minigrid.search.parallel.processes import Processes, end_if_loading

            end_if_loading()
            assert self.workers is not None
            processes = Processes(self.workers)
            return RemoteWorkers(WorkerPool(processes, size=self.workers, owned=processes), pace)
        return RemoteWorkers(_pool(self._executor), pace)


@final
class _Dask:
    """Dask's executor, without its warning that a task is large, because large data travel only once per worker."""

    def __init__(self, executor: ExecutorLike) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> "Future[Any]":
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._executor.submit(function, *arguments)


def _pool(executor: Any) -> "WorkerPool":
    from concurrent.futures import ThreadPoolExecutor

    from minigrid.search.parallel.pool import NEW_EXECUTOR, OPEN_EXECUTOR, WorkerPool

    origins = {(base.__module__.partition(".")[0], base.__name__) for base in type(executor).__mro__}
    is_dask = ("distributed", "Client") in origins
    if is_dask and executor.asynchronous:
        fix = "Pass one made with asynchronous=False."
        raise InvalidTypeError(message("executor", "a Dask client that waits", "an asynchronous one", fix))
    is_closed, broken = _state(executor)
    stays = isinstance(executor, ThreadPoolExecutor)
    if broken and stays:
        raise WorkerError(
            message("executor", "one that takes work", f"one that says: {broken.rstrip('.')}", NEW_EXECUTOR)
        )
    if is_closed and not broken:
        raise WorkerError(message("executor", "one that is open", "one that was shut down", OPEN_EXECUTOR))
    if is_dask:
        return WorkerPool(_Dask(executor.get_executor(pure=False)), functions=True)
    functions = any(package in _SEND_FUNCTIONS for package, _ in origins)
    pool = WorkerPool(executor, stays=stays, functions=functions)
    if broken:
        pool.take_own_processes(broken)
    return pool


def _state(executor: Any) -> tuple[bool, str]:
    """Whether an executor is closed, and why it is broken, or "", as far as it tells without a task.

    A short search submits no task, so that it would not notice, and a long one would only after a while. Where an
    executor does not tell, nothing is lost: `submit` fails once it is needed.
    """
    flags = getattr(executor, "_flags", None)  # of loky
    marks = [
        getattr(executor, "_shutdown", None),  # of threads of the standard library, and executors of Dask
        getattr(executor, "_shutdown_thread", None),  # of its processes
        getattr(flags, "shutdown", None),
        getattr(executor, "status", None) in ("closing", "closed"),  # of Dask's client
    ]
    broken = getattr(executor, "_broken", None) or getattr(flags, "broken", None)
    is_told = isinstance(broken, str | Exception)
    return any(mark is True for mark in marks), f"{broken}" if is_told else ""
