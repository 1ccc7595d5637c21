"""Worker processes: an executor that replaces lost processes, and whose processes never outlive the search.

Each process belongs to a thread here, which gives it one task at a time and waits for the answer. If a process is lost,
exactly one task is lost with it, and the thread knows which one. A process first reports that it is ready: one that
ends before that could not start.

The processes are spawned. A fork would copy a program whose other threads, of minigrid or of a library, may hold locks
that nobody would then release. A process receives its requests through a pipe. When this process dies, however it dies,
the system closes its end of the pipes; a thread in each worker watches for that, and ends the worker at once. While a
worker imports the script, which may take long, it has no pipe yet, and another thread watches the parent. SIGINT, which
Ctrl-C sends to the whole group, is blocked in workers before they begin, because this process receives it too.
"""

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from multiprocessing import current_process, get_all_start_methods, get_context, get_start_method, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar, final

from minigrid._base.typing import override

_T = TypeVar("_T")

_ATTEMPTS = 20  # more signals do not come in a moment
_NAP = 0.05  # seconds between two checks of whether another process is idle
_LAST_SECONDS = 1.0  # that a process which has closed its pipe may take to end by itself
_UNGUARDED = 77  # the exit code of one that comes to a search as it loads the script


class ProcessLostError(BrokenExecutor):
    """A process ended before it answered."""


class NotStartedError(BrokenExecutor):
    """There is no process, and none can be started."""


class UnguardedScriptError(NotStartedError):
    """A process reached the search that had started it while it imported the script."""


@final
class Processes:
    """Runs functions in a number of processes. Each starts when there is work for it.

    If a process cannot be started, the others do its work.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="minigrid-process", initializer=_block_ctrl_c)
        self._lock = threading.Lock()
        self._closed = False
        self._all: list[_Process] = []
        self._idle: list[_Process] = []

    def submit(self, function: Callable[..., _T], /, *arguments: Any) -> Future[_T]:
        """Run a function in one of the processes.

        If its process has ended, the future raises ProcessLostError, and another process takes its place. If there is
        no process, and none can be started, it raises NotStartedError.

        Raises:
            NotStartedError: the system has no thread left that could send the function to a process.
        """
        try:
            return self._threads.submit(self._run, function, arguments)
        except RuntimeError as error:
            raise NotStartedError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """End all processes, whatever they are doing, and wait the moment until they are gone.

        An exception from a signal, such as a KeyboardInterrupt, waits until then. It would leave processes behind.
        """
        raised: BaseException | None = None
        for _ in range(_ATTEMPTS):
            try:
                self._end_all()
                break
            except BaseException as error:
                raised = error
        if raised is not None:
            raise raised

    def _end_all(self) -> None:
        with self._lock:
            self._closed = True
        for process in self._all:
            process.kill()
        # What is left to do fails at once. It is not cancelled here: a signal might leave the lock of a future shut.
        self._threads.shutdown(wait=True)

    def _run(self, function: Callable[..., _T], arguments: tuple[Any, ...]) -> _T:
        request = pickle.dumps((function, arguments), protocol=pickle.HIGHEST_PROTOCOL)
        process = self._take()
        try:
            answer: _T = process.ask(request)
        finally:
            self._put_back(process)
        return answer

    def _take(self) -> "_Process":
        """Take an idle process, or start one. If that fails, wait until another one is idle."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        try:
            return self._start()
        except UnguardedScriptError:
            raise
        except NotStartedError:
            while True:
                with self._lock:
                    if self._idle:
                        return self._idle.pop()
                    if self._closed or not self._all:
                        raise
                time.sleep(_NAP)

    def _start(self) -> "_Process":
        with self._lock:  # one after the other: what starts them is not made for several threads
            if self._closed:
                raise NotStartedError("the search is over")
            process = _Process()
            self._all.append(process)
        try:
            process.wait_until_ready()
        except NotStartedError:
            self._put_back(process)
            raise
        return process

    def _put_back(self, process: "_Process") -> None:
        """Return a process that has done its work, or forget it if it is lost."""
        with self._lock:
            if not process.is_lost:
                self._idle.append(process)
            elif not self._closed:
                self._all.remove(process)


@final
class _WatchedName(str):
    """A name that, when a new process reads it, starts a thread that ends the process together with its parent.

    The name is the first thing that a new process receives, before it imports the script. It cannot import anything
    yet, so the thread uses only built-in functions.
    """

    __slots__ = ()

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        code = f"import os, time\nwhile os.getppid() == {os.getpid()}: time.sleep(0.2)\nos._exit(1)"
        thread = f"__import__('threading').Thread(target=exec, args=({code!r}, {{}}), daemon=True)"
        return eval, (f"{thread}.start() or {str(self)!r}",)


_serving = False  # whether this process has loaded all it needs, and answers
_CALLED = "minigrid-worker"
_NAME = _CALLED if sys.platform == "win32" else _WatchedName(_CALLED)  # there a parent's number stays


@final
class _Process:
    """A process, and this end of the pipe to it.

    Attributes:
        is_lost: whether the process has ended.
    """

    def __init__(self) -> None:
        """Start the process.

        Raises:
            NotStartedError: it cannot be started.
        """
        self.is_lost: bool = False
        context = get_context("spawn")
        try:
            if sys.platform != "win32":
                from multiprocessing import resource_tracker

                resource_tracker.ensure_running()  # it would let Ctrl-C through again while it starts
                _block_ctrl_c()
            self._pipe, theirs = context.Pipe()
            with contextlib.closing(theirs), contextlib.ExitStack() as on_error:
                on_error.callback(self._pipe.close)
                self._process: SpawnProcess = context.Process(target=_serve, args=(theirs,), name=_NAME, daemon=True)
                self._process.start()
                on_error.pop_all()
        except Exception as error:  # an error of the system, or of multiprocessing
            raise NotStartedError(f"{type(error).__name__}: {error}") from error

    def wait_until_ready(self) -> None:
        """Wait until the process has imported everything that it needs.

        Raises:
            NotStartedError: the process has ended.
        """
        try:
            self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            code = self._end()
            if code == _UNGUARDED:
                raise UnguardedScriptError("it reached the search that had started it") from error
            text = f"one that ended with exit code {code} before it was ready"
            if code == 1:  # as Python exits after an exception
                text += "; the error in your script is printed above"
            raise NotStartedError(text) from error

    def ask(self, request: bytes) -> Any:
        """Send a request and wait for the answer.

        Raises:
            ProcessLostError: the process has ended.
        """
        try:
            self._pipe.send_bytes(request)
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            code = self._end()
            raise ProcessLostError(f"process {self._process.pid} ended with exit code {code}") from error
        value, failure = pickle.loads(answer)
        if failure is not None:
            raise failure
        return value

    def kill(self) -> None:
        """End the process at once, and wait until it is gone."""
        self._process.kill()
        self._process.join()

    def _end(self) -> int | None:
        """End the process if it does not end by itself, and return its exit code."""
        self.is_lost = True
        self._pipe.close()
        self._process.join(_LAST_SECONDS)
        self.kill()
        return self._process.exitcode


def obstacle() -> str | None:
    """Return why this process cannot start others, if that is known before it tries."""
    if current_process().daemon:
        return "a daemonic process, such as one of a multiprocessing.Pool, which may not start others"
    if not hasattr(sys.modules.get("__main__"), "__spec__"):
        return "a program under a debugger such as pdb, which other processes cannot import"
    if (get_start_method(allow_none=True) or "spawn") not in get_all_start_methods():  # they would begin with an error
        return f"a process that was started by {get_start_method()!r}, such as one of joblib, which cannot start others"
    return None


def end_if_loading() -> None:
    """End this process if it is a worker that is still importing the script, and the script is about to search.

    That search would start processes too, which would import the script too. This process ends silently; the process
    that started it raises the error.
    """
    if current_process().name == _CALLED and not _serving:
        sys.exit(_UNGUARDED)


def _block_ctrl_c() -> None:
    """Block SIGINT on this thread, and on the threads and processes that it starts."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(pipe: Connection) -> None:
    """Answer requests until the pipe is closed; the main function of each process."""
    global _serving
    _serving = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with contextlib.suppress(RuntimeError):  # without another thread, it ends after its task, with the pipe
        threading.Thread(target=_end_with_parent, name="minigrid-watch", daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(b"ready")
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes()))


def _answer(request: bytes) -> bytes:
    try:
        function, arguments = pickle.loads(request)
        return pickle.dumps((function(*arguments), None), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
