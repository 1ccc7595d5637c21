"""Which executors there are: processes of our own, Dask's client, or whatever has `submit`.

Nothing of them is loaded until a search begins, and Dask is recognised without being imported.
"""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, final, runtime_checkable

from minigrid._base.text import describe, message
from minigrid._base.typing import override
from minigrid._base.validation import as_int
from minigrid.exceptions import InvalidTypeError, InvalidValueError
from minigrid.search.pace import Pace
from minigrid.search.parallel.backend import Backend, LocalThreads

if TYPE_CHECKING:  # costs as much as all of us to import
    from concurrent.futures import Future

    from minigrid.search.parallel.pool import WorkerPool

_MEND = "Pass an executor, such as concurrent.futures.ProcessPoolExecutor(4), or a Dask client."
_MOST_WORKERS = 1000
_SEND_FUNCTIONS = {
    "distributed",
    "loky",
}  # packages whose workers take functions that are in no module, by cloudpickle


@runtime_checkable
class ExecutorLike(Protocol):
    """Anything that has functions called: an executor of ``concurrent.futures``, or what behaves like one.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> isinstance(ThreadPoolExecutor(2), ExecutorLike)
        True
    """

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> "Future[Any]":
        """Have a function called with positional arguments, and return a future of what it returns.

        Args:
            function: what to call.
            args: its arguments.

        Returns:
            A future.
        """


class DaskClient(Protocol):
    """A `Client` of Dask's distributed, as far as it is used."""

    def get_executor(self, *, pure: bool) -> Any:
        """Return an executor that has functions called by the cluster's workers."""


@final
class WorkerSettings:
    """What a user said about who is to do the work: checked, and not begun.

    Args:
        workers: how many processes of our own; 1: this process alone, on one thread; None: not said.
        executor: who has the work done; None: not said.

    Raises:
        InvalidTypeError, InvalidValueError: neither can be made use of, or both were said.
    """

    def __init__(self, workers: object, executor: object) -> None:
        if workers is not None and executor is not None:
            fix = "Leave out workers: the executor has its own."
            raise InvalidValueError(message("workers and executor", "one of the two", "both", fix))
        self.workers: int | None = None
        if workers is not None:
            if isinstance(workers, int) and workers < 0:
                fix = "To use one per CPU, pass os.cpu_count()."
                raise InvalidValueError(message("workers", "a whole number of at least 1", f"{workers}", fix))
            self.workers = as_int(workers, "workers", minimum=1, maximum=_MOST_WORKERS)
        if executor is not None and (isinstance(executor, type) or not callable(getattr(executor, "submit", None))):
            raise InvalidTypeError(message("executor", "something with a method submit", describe(executor), _MEND))
        self._executor: Any = executor

    @override
    def __repr__(self) -> str:
        if self.workers is not None:
            return f"workers={self.workers}"
        return "" if self._executor is None else f"executor={self._executor!r}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether anybody but this process is to work."""
        return self._executor is not None or (self.workers is not None and self.workers > 1)

    def backend(self, pace: Pace) -> Backend:
        """Get ready for a search.

        Args:
            pace: how long each of its stages runs here before others are asked, and how much is sent to them.

        Raises:
            InvalidTypeError: a Dask client that does not wait for what it is asked.
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
    """Dask's executor, without its warning that a task is large: data that are large travel once a worker."""

    def __init__(self, executor: ExecutorLike) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> "Future[Any]":
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._executor.submit(function, *arguments)


def _pool(executor: Any) -> "WorkerPool":
    from concurrent.futures import ThreadPoolExecutor

    from minigrid.search.parallel.pool import WorkerPool

    origins = {(base.__module__.partition(".")[0], base.__name__) for base in type(executor).__mro__}
    if ("distributed", "Client") in origins:
        if executor.asynchronous:
            fix = "Pass one made with asynchronous=False."
            raise InvalidTypeError(message("executor", "a Dask client that waits", "an asynchronous one", fix))
        return WorkerPool(_Dask(executor.get_executor(pure=False)), functions=True)
    packages = {package for package, _ in origins}
    stays = isinstance(executor, ThreadPoolExecutor)
    return WorkerPool(executor, stays=stays, functions=bool(packages & _SEND_FUNCTIONS))
