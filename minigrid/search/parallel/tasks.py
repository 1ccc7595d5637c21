"""The tasks of workers. The answer to a task depends only on what was sent.

If a task raises an error, that is an answer too. So if a future itself fails, the worker or the connection to it was
lost, and the user's code is not to blame.

A task computes on one thread, because there are as many workers as CPUs, or more. Ctrl-C reaches a whole group of
processes at once. A task ignores it, because the process that searches receives it too, and decides.
"""

import contextlib
import pickle
import signal
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.arithmetic import difference
from minigrid._base.memory import keep_freed_memory
from minigrid._base.text import message
from minigrid._base.threads import at_most
from minigrid._base.typing import override
from minigrid.exceptions import WorkerError
from minigrid.search.engines.base import OpenWork
from minigrid.search.parallel.chunk_scores import ChunkScores, score_chunk
from minigrid.search.parallel.payload import ProblemRef, this_process
from minigrid.search.parallel.worker_context import WorkerContext


class Task(ABC):
    """A task for a worker."""

    @abstractmethod
    def run(self, context: WorkerContext) -> object:
        """Do the task, and return its result."""


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Greet(Task):
    """Do nothing. The answer shows that a worker is there, and knows the problem."""

    @override
    def run(self, context: WorkerContext) -> None:
        pass


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoreChunks(Task):
    """Score chunks one after the other, until one of them reaches the target.

    Attributes:
        chunks: the indices of the candidates of each chunk.
        top: how many of the best of each chunk to keep.
        target: an objective that ends the task.
    """

    chunks: tuple[range | Sequence[int], ...]
    top: int
    target: float | None

    @override
    def run(self, context: WorkerContext) -> list[ChunkScores]:
        scored = []
        for chosen in self.chunks:
            scored.append(
                score_chunk(context.engines.scorer, context.problem, chosen, top=self.top, target=self.target)
            )
            if scored[-1].reached:
                break
        return scored


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SolveSubproblem(Task):
    """Search a subproblem for a while.

    Attributes:
        subproblem: the part to search, and the best so far.
        top: how many of the best candidates to keep.
        seconds: about how long to search.
    """

    subproblem: OpenWork
    top: int
    seconds: float

    @override
    def run(self, context: WorkerContext) -> OpenWork:
        with context.search(self.top) as search:
            return search.solve(self.subproblem, self.seconds)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answer:
    """The answer to a task.

    Attributes:
        value: the result.
        error: the error that the task raised.
        is_unknown: whether the worker does not know the problem, and has done nothing.
        seconds: how long the task took.
        who: the worker: machine, process, thread.
    """

    value: object
    error: Exception | None
    is_unknown: bool
    seconds: float
    who: tuple[str, int, int]


def perform(ref: ProblemRef, task: Task) -> Answer:
    """Do a task; called in the worker."""
    began = time.perf_counter()
    value, error, is_unknown = None, None, False
    with _deaf_to_ctrl_c(ref), at_most(1), np.errstate(all="ignore"):
        try:
            keep_freed_memory()
            _check_arithmetic(ref)
            context = ref.context()
            if context is None:
                is_unknown = True
            else:
                with context.turn():
                    value = task.run(context)
        except Exception as raised:
            error = _sendable(raised) if ref.is_remote else raised
    return Answer(value, error, is_unknown, time.perf_counter() - began, (*this_process(), threading.get_ident()))


def _check_arithmetic(ref: ProblemRef) -> None:
    """Raise an error if this worker computes differently from the process that searches.

    Raises:
        WorkerError: it computes differently.
    """
    found = difference(ref.arithmetic)
    if found is None:
        return
    computation, expected, got = found
    fix = (
        "Search without this worker, or use processors of one kind and import the same libraries everywhere, because "
        "scores must be equal bit for bit."
    )
    worker = "worker" if not ref.is_remote else f"worker on {this_process()[0]}"
    text = f"{computation} to be {expected!r}, as in the process that searches"
    raise WorkerError(message(worker, text, f"{got!r}", fix))


def _sendable(error: Exception) -> Exception:
    """Turn an error into one that can be pickled, and that still tells where it was raised."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = WorkerError(f"worker: expected an answer, got {type(error).__name__}: {error}. It cannot be pickled.")
    error.add_note("In a worker:\n" + "".join(traceback.format_exception(error)))
    return error


@contextlib.contextmanager
def _deaf_to_ctrl_c(ref: ProblemRef) -> Iterator[None]:
    if not ref.is_remote or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        if previous is not None:
            signal.signal(signal.SIGINT, previous)
