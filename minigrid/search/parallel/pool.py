"""The pool of workers: it submits tasks to an executor, collects answers, and retries tasks whose worker was lost.

An executor needs only `submit`, with positional arguments, and futures to wait for. It need not tell how many workers
it has: the pool learns that from the answers, which name their workers. It keeps enough tasks submitted for twice the
workers that it has seen, so that no worker waits, and not more, so that each task starts from the latest best.

If no process or thread can be started, the pool gives up, and the process that searches works alone.
"""

import logging
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import replace
from typing import Any, Protocol, final

from minigrid._base.arithmetic import arithmetic
from minigrid._base.signals import Interrupt
from minigrid._base.text import counted, describe, message
from minigrid._base.threads import n_threads
from minigrid.exceptions import InvalidTypeError, WorkerError
from minigrid.search.engines.base import EnginePair
from minigrid.search.parallel.payload import (
    InProcess,
    ProblemRef,
    Shipped,
    check_main,
    payload_name,
    pickle_problem,
    pickle_space,
    this_process,
)
from minigrid.search.parallel.processes import NotStartedError, Processes, UnguardedScriptError, obstacle
from minigrid.search.parallel.tasks import Answer, Greet, Task, perform
from minigrid.search.parallel.worker_context import WorkerContext
from minigrid.search.problem import Problem

_LOGGER = logging.getLogger("minigrid")
_MOST_LOSSES = 3  # how often a task may lose its worker before it is not retried
_SILENT = 10  # a worker counts as gone after this many answers of others per worker
_UNGUARDED = message(
    "workers",
    "a script that new processes can import",
    "one that starts a search when it is imported",
    'Put the call of fit under if __name__ == "__main__": so that only your own process starts the search.',
)
_PATIENCE = 0.1  # seconds between two checks whether the user interrupts

OPEN_EXECUTOR = "Pass one that is open and stays open until the search ends."
NEW_EXECUTOR = "Pass a new one, and let its initializer, if it has one, raise no error."


class Submits(Protocol):
    """The only thing that the pool knows of an executor."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Call a function somewhere, at some time."""


@final
class Job:
    """A task that was submitted."""

    def __init__(self, name: str, task: Task, problem: "SentProblem") -> None:
        self.name: str = name
        self.task: Task = task
        self.problem: SentProblem = problem
        self.n_losses: int = 0
        self.future: Future[Any] = Future()
        self.answer: Answer | None = None


@final
class SentProblem:
    """The problem of some jobs, and how to send it to workers."""

    def __init__(self, here: ProblemRef, shipped: Shipped | None, payload: bytes | None, n_payloads: int) -> None:
        self._in_process = here
        self._shipped = shipped
        self._payload = payload
        self._n_payloads = n_payloads

    def ref(self, *, is_unknown: bool) -> ProblemRef:
        """Return the reference to send: with the payload for the first few tasks, and if a worker lacks the problem."""
        if self._shipped is None:
            return self._in_process
        if not is_unknown and not self._n_payloads:
            return self._shipped
        self._n_payloads = max(self._n_payloads - 1, 0)
        return replace(self._shipped, payload=self._payload)


@final
class WorkerPool:
    """The workers of one search, whether the pool has seen them yet or not.

    Attributes:
        is_given_up: True if there are no workers to be had: the pool submits nothing more, and expects no answers.
        n_answers: how many tasks were answered.
        longest: how many seconds the longest task took.
        silence: how many seconds the search has waited since a worker answered, or was lost.
    """

    def __init__(
        self,
        executor: Submits,
        *,
        size: int | None = None,
        stays: bool = False,
        functions: bool = False,
        owned: Processes | None = None,
    ) -> None:
        """Start without any jobs.

        Args:
            executor: the executor that does the work.
            size: the number of workers, if it is known.
            stays: whether the workers are threads of this process, to which nothing must be sent.
            functions: whether to send functions that are in no module.
            owned: the executor, if minigrid started it and must end it after the search.
        """
        self._executor = executor
        self._size = size
        self._stays = stays
        self._functions = functions
        self._owned = owned
        self._has_taken = False  # any job
        self.is_given_up: bool = False
        self.n_answers: int = 0
        self.longest: float = 0.0
        self.silence: float = 0.0
        self._seen: dict[tuple[str, int, int], int] = {}  # who, and when last, in answers

    @property
    def window(self) -> int:
        """How many jobs should be submitted at a time."""
        return 2 * (self._size or max(n_threads(), len(self._seen) + 1))

    def check(self, engines: EnginePair, problem: Problem) -> None:
        """Check before a search that jobs of its problem can be submitted, or give up.

        Raises:
            InvalidTypeError: the problem cannot be sent to another process.
        """
        reason = None if self._owned is None else obstacle()
        if reason is not None:
            self._give_up(reason)
        else:
            self.prepare(engines, problem)

    def prepare(self, engines: EnginePair, problem: Problem) -> SentProblem:
        """Prepare to submit jobs of a problem.

        Raises:
            InvalidTypeError: the problem cannot be sent to another process.
        """
        here = InProcess(WorkerContext(engines, problem), arithmetic())
        if self._stays:
            return SentProblem(here, None, None, 0)
        payload = pickle_problem(engines, problem, functions=self._functions)
        if self._owned is not None:
            check_main(payload)
        shipped = Shipped(payload_name(payload), pickle_space(problem.space), None, this_process(), arithmetic())
        return SentProblem(here, shipped, payload, self._size or n_threads())

    def submit(self, name: str, task: Task, problem: SentProblem) -> Job:
        """Submit a task; `name` is its name in errors.

        Raises:
            WorkerError: the executor takes no more work.
            InvalidTypeError: the executor does not return futures.
        """
        job = Job(name, task, problem)
        with Interrupt.held_back():
            self._submit(job)
        return job

    def greet(self, problem: SentProblem) -> list[Job]:
        """Ask all possible workers whether they are there, and send them the problem.

        Raises:
            WorkerError, InvalidTypeError: as for `submit`.
        """
        count = self._size or n_threads()
        return [self.submit("a first task", Greet(), problem) for _ in range(count) if not self.is_given_up]

    def wait(self, jobs: Iterable[Job], patience: float = _PATIENCE) -> None:
        """Wait a short time until one of the jobs is done, and retry lost ones.

        Raises:
            WorkerError: workers were lost with the same job again and again, or the executor takes no more work.
            MinigridError: custom code raised an error in a worker.
        """
        waiting = [job for job in jobs if job.answer is None]
        began = time.perf_counter()
        with Interrupt.held_back():
            done, _ = wait([job.future for job in waiting], timeout=patience, return_when=FIRST_COMPLETED)
            self.silence += time.perf_counter() - began
            for job in waiting:
                if job.future in done:
                    self._take_in(job)

    def cancel(self, jobs: Iterable[Job]) -> list[Job]:
        """Cancel jobs that have not begun, and return them. Do not wait for the others."""
        with Interrupt.held_back():
            return [job for job in jobs if job.future.cancel()]

    def take_own_processes(self, reason: str) -> None:
        """Start processes if the executor is broken for good, as those of the standard library are after a kill.

        Warn why, because they may be fewer than those of the executor, and because the next search needs a new one.
        """
        count, said = n_threads(), reason.partition("\n")[0].rstrip(".")
        self._executor = self._owned = Processes(count)
        self._size = count
        note = (
            f"The search continues in {'one process' if count == 1 else f'{count} processes'} of its own, and finds "
            f"the same. {NEW_EXECUTOR} If its workers end without an error, check the free memory."
        )
        warnings.warn(message("executor", "one that takes work", said, note), RuntimeWarning, stacklevel=2)

    def close(self) -> None:
        """End the processes that minigrid started."""
        if self._owned is not None:
            self._owned.close()

    def _take_in(self, job: Job) -> None:
        try:
            error = job.future.exception()
        except CancelledError as cancelled:
            error = cancelled
        answer: object = None if error is not None else job.future.result()
        if not isinstance(answer, Answer):
            self._lost(job, error or TypeError(f"got {describe(answer)} for an answer"))
            return
        self._note(answer)
        if answer.is_unknown:
            self._submit(job, is_unknown=True)
        elif answer.error is not None:
            raise answer.error
        else:
            job.answer = answer

    def _note(self, answer: Answer) -> None:
        """Note which worker has answered, and forget those that have been silent for long, as workers come and go."""
        self.n_answers += 1
        self.longest = max(self.longest, answer.seconds)
        self.silence = 0.0
        self._seen.pop(answer.who, None)
        self._seen[answer.who] = self.n_answers
        longest = next(iter(self._seen))
        if self.n_answers - self._seen[longest] > _SILENT * len(self._seen):
            del self._seen[longest]

    def _lost(self, job: Job, error: BaseException) -> None:
        """Retry a job whose worker, or the connection to it, was lost."""
        if isinstance(error, UnguardedScriptError):
            raise WorkerError(_UNGUARDED) from None
        if isinstance(error, NotStartedError):
            self._give_up(str(error))
            return
        self.silence = 0.0
        job.n_losses += _losses(error)
        if job.n_losses >= _MOST_LOSSES:
            raise WorkerError(
                f"{job.name}: expected an answer, got none: {counted(job.n_losses, 'worker')} in a row "
                f"ended or could not be reached while working on it ({type(error).__name__}: {error}). If it always "
                "ends its worker, check your own activation or scoring, and the free memory."
            ) from error
        _LOGGER.info("a worker was lost (%s: %s); retrying %s", type(error).__name__, error, job.name)
        self._submit(job)

    def _submit(self, job: Job, *, is_unknown: bool = False) -> None:
        if self.is_given_up:
            return
        ref = job.problem.ref(is_unknown=is_unknown)
        try:
            future: object = self._executor.submit(perform, ref, job.task)
        except NotStartedError as error:
            self._give_up(str(error))
            return
        except Exception as error:
            got = f"{type(error).__name__}: {error}".rstrip(".: ")
            if isinstance(error, BrokenExecutor) and not self._stays:
                self.take_own_processes(got)
                self._submit(job, is_unknown=True)
            elif _is_shortage(error):
                self._give_up(got)
            elif self._has_taken:  # it was shut down, or lost its cluster, since
                self._give_up(got, "one that takes work until the search ends", "Keep it open until fit returns")
            else:
                raise _refused(job, error) from error
            return
        if not isinstance(future, Future):
            fix = "Pass an executor of concurrent.futures, one that behaves like it, or a Dask client."
            raise InvalidTypeError(
                message("executor", "submit to return a concurrent.futures.Future", describe(future), fix)
            )
        job.future = future
        self._has_taken = True

    def _give_up(self, reason: str, expected: str = "one that can start its workers", fix: str = "Pass none") -> None:
        """Submit nothing more, and warn why."""
        if self.is_given_up:
            return
        self.is_given_up = True
        what = "executor"
        if self._owned is not None:
            what, expected, fix = "workers", "processes that can be started", "Leave workers out"
        note = f"This process searches alone, and finds the same. {fix} to search so without this warning."
        warnings.warn(message(what, expected, reason, note), RuntimeWarning, stacklevel=2)


def _losses(error: BaseException) -> int:
    """Return how many workers were lost. Dask retries by itself, and tells how often (distributed's KilledWorker)."""
    more: object = getattr(error, "allowed_failures", 0)
    return 1 + more if type(error).__name__ == "KilledWorker" and isinstance(more, int) else 1


def _is_shortage(error: Exception) -> bool:
    """Whether the system, not the executor, refused to start a thread or a process."""
    return isinstance(error, OSError) or (isinstance(error, RuntimeError) and "new thread" in str(error))


def _refused(job: Job, error: Exception) -> WorkerError:
    fix = NEW_EXECUTOR if isinstance(error, BrokenExecutor) else OPEN_EXECUTOR
    return WorkerError(f"{job.name}: expected the executor to take it, got {type(error).__name__}: {error}. {fix}")
