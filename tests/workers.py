"""Helpers of the tests of executors: activations that workers can import, and executors of every kind."""

import contextlib
import multiprocessing
import os
import pickle
import random
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from typing_extensions import override

from minigrid import Activation, ActivationError, FloatArray, activation


@activation
def wave(z: FloatArray) -> FloatArray:
    """A custom function that declares nothing."""
    return np.cos(z) * 0.5 + 0.5


@final
@dataclass(frozen=True)
class Deadly(Activation):
    """Tanh, but a worker that computes it is killed: by the first call that finds no mark, or by each.

    Attributes:
        survivor: the process that is spared.
        mark: a file that the first call leaves; None: every call kills.
    """

    monotonic = True
    survivor: int
    mark: Path | None = None

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        if os.getpid() != self.survivor and (self.mark is None or not self.mark.exists()):
            if self.mark is not None:
                self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        outputs: FloatArray = np.tanh(z)
        return outputs


@final
@dataclass(frozen=True)
class Failing(Activation):
    """Tanh, but it raises an error where it is not wanted.

    Attributes:
        home: the process in which it works.
        kind: of the error.
    """

    home: int
    kind: str = "ValueError"

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        if os.getpid() != self.home:
            if self.kind == "cannot be pickled":
                raise OwnError(1, 2)
            if self.kind == "ConnectionError":
                raise ConnectionError("mine")
            raise ValueError("mine")
        outputs: FloatArray = np.tanh(z)
        return outputs


class OwnError(ActivationError):
    """An error that pickle cannot make again."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__("two arguments")


@final
@dataclass(frozen=True)
class Slow(Activation):
    """Tanh, after a nap."""

    monotonic = True
    nap: float

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        time.sleep(self.nap)
        outputs: FloatArray = np.tanh(z)
        return outputs


@final
class RandomOrder:
    """An executor that pickles what it is given, and does it in random order, on one thread, a little late."""

    def __init__(self, seed: int = 0, *, together: int = 4) -> None:
        self.n_bytes: list[int] = []
        self._random = random.Random(seed)
        self._together = together
        self._waiting: list[tuple[Future[Any], bytes]] = []
        self._lock = threading.Lock()

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        request = pickle.dumps((function, arguments))
        self.n_bytes.append(len(request))
        with self._lock:
            self._waiting.append((future, request))
            if len(self._waiting) == 1:
                threading.Timer(0.001, self._work).start()
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                future, request = self._waiting[self._random.randrange(len(self._waiting))]
            if future.set_running_or_notify_cancel():
                function, arguments = pickle.loads(request)
                future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
            with self._lock:
                self._waiting.remove((future, request))


@contextlib.contextmanager
def executor(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the trainer's arguments for an executor of that kind, and end it afterwards."""
    if kind == "serial":
        yield {"workers": 1}
    elif kind == "processes":
        yield {"workers": 2}
    elif kind.endswith("threads"):
        with ThreadPoolExecutor(int(kind[0])) as pool:
            yield {"executor": pool}
    elif kind in ("fork", "spawn"):
        with warnings.catch_warnings():  # newer Pythons warn of a fork beside threads
            warnings.simplefilter("ignore", DeprecationWarning)
            with ProcessPoolExecutor(2, multiprocessing.get_context(kind)) as processes:
                yield {"executor": processes}
    elif kind == "loky":
        import loky  # here, and not by every process that a test starts

        with loky.ProcessPoolExecutor(2) as others:
            yield {"executor": others}
    elif kind == "dask":
        from distributed import Client, LocalCluster

        with warnings.catch_warnings():  # of its own, such as a port that is taken
            warnings.simplefilter("ignore")
            cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
            with cluster, Client(cluster) as client:
                yield {"executor": client}
    else:
        assert kind == "random order"
        yield {"executor": RandomOrder()}


KINDS = ["serial", "1 threads", "2 threads", "4 threads", "processes", "fork", "spawn", "loky", "dask", "random order"]
ABROAD = ["processes", "fork", "spawn", "loky", "dask"]
