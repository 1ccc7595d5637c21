"""The pool of workers: hands tasks to an executor, takes answers in, and has tasks done again whose worker was lost.

All that is asked of an executor is `submit`, with positional arguments, and futures that can be waited for. What is
not asked of it: how many workers it has. That is seen from the answers, which say who gave them; as many tasks are
under way as keep twice the workers busy that were seen, so that none waits for us, and no more, so that each begins
with the latest that is known.

Where no process can be started, or no thread is to be had, it gives up: then the process that searches works alone.
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
_MOST_LOSSES = 3  # of one task, after which it is not tried again
_SILENT = 10  # times as many answers of others as there are workers, after which one is taken to be gone
_UNGUARDED = message(
    "workers",
    "a script that a new process can load",
    "one whose search begins as it is loaded",
    'Put what it does into a function, and call that under if __name__ == "__main__": so that only you begin it.',
)
_PATIENCE = 0.1  # seconds between two looks at whether the user wants an end


class Submits(Protocol):
    """What there is to know of an executor."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Have a function called somewhere, sometime."""


@final
class Job:
    """A task that was handed out."""

    def __init__(self, name: str, task: Task, problem: "SentProblem") -> None:
        self.name: str = name
        self.task: Task = task
        self.problem: SentProblem = problem
        self.n_losses: int = 0
        self.future: Future[Any] = Future()
        self.answer: Answer | None = None


@final
class SentProblem:
    """A problem that jobs are about, and how workers are told of it."""

    def __init__(self, here: ProblemRef, shipped: Shipped | None, payload: bytes | None, n_payloads: int) -> None:
        self._in_process = here
        self._shipped = shipped
        self._payload = payload
        self._n_payloads = n_payloads

    def ref(self, *, is_unknown: bool) -> ProblemRef:
        """Return what to send along; the payload with the first few tasks, and where the problem is unknown."""
        if self._shipped is None:
            return self._in_process
        if not is_unknown and not self._n_payloads:
            return self._shipped
        self._n_payloads = max(self._n_payloads - 1, 0)
        return replace(self._shipped, payload=self._payload)


@final
class WorkerPool:
    """Some workers, known or not, for one search.

    Attributes:
        is_given_up: whether none can be had: nothing is to be handed out any more, and what was will not be answered.
        n_answers: how many tasks were answered.
        longest: how many seconds the longest of them took.
        silence: how many seconds were waited since a worker has last answered, or was lost.
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
        """Begin with nothing under way.

        Args:
            executor: has the work done.
            size: how many workers there are, if that is known.
            stays: whether they are threads of this process, to which nothing need be sent.
            functions: whether functions that are in no module are sent along.
            owned: the executor, if it is ours: to be ended when the search is over.
        """
        self._executor = executor
        self._size = size
        self._stays = stays
        self._functions = functions
        self._owned = owned
        self.is_given_up: bool = False
        self.n_answers: int = 0
        self.longest: float = 0.0
        self.silence: float = 0.0
        self._seen: dict[tuple[str, int, int], int] = {}  # who, and when last, in answers

    @property
    def window(self) -> int:
        """How many jobs are to be under way."""
        return 2 * (self._size or max(n_threads(), len(self._seen) + 1))

    def check(self, engines: EnginePair, problem: Problem) -> None:
        """Make sure before a search that jobs about its problem can be handed out, or give up.

        Raises:
            InvalidTypeError: it cannot be sent to another process.
        """
        reason = None if self._owned is None else obstacle()
        if reason is not None:
            self._give_up(reason)
        else:
            self.prepare(engines, problem)

    def prepare(self, engines: EnginePair, problem: Problem) -> SentProblem:
        """Get ready to hand out jobs about a problem.

        Raises:
            InvalidTypeError: it cannot be sent to another process.
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
        """Have a task done; `name` is what to call it in an error.

        Raises:
            WorkerError: the executor takes no more work.
            InvalidTypeError: it does not return futures.
        """
        job = Job(name, task, problem)
        with Interrupt.held_back():
            self._submit(job)
        return job

    def greet(self, problem: SentProblem) -> list[Job]:
        """Ask as many workers as there may be whether they are there, and let them take the problem in.

        Raises:
            WorkerError, InvalidTypeError: as for `submit`.
        """
        count = self._size or n_threads()
        return [self.submit("a first task", Greet(), problem) for _ in range(count) if not self.is_given_up]

    def wait(self, jobs: Iterable[Job], patience: float = _PATIENCE) -> None:
        """Wait until one of the jobs is done, but not for long; lost ones are handed out again.

        Raises:
            WorkerError: workers were lost with the same job again and again, or the executor takes no more work.
            MinigridError: what the user's own code raised in a worker.
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
        """Cancel what has not begun, and return it; what has is not waited for."""
        with Interrupt.held_back():
            return [job for job in jobs if job.future.cancel()]

    def close(self) -> None:
        """End the processes that are ours."""
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
        """Note who has answered, and forget who has not for long: workers come and go."""
        self.n_answers += 1
        self.longest = max(self.longest, answer.seconds)
        self.silence = 0.0
        self._seen.pop(answer.who, None)
        self._seen[answer.who] = self.n_answers
        longest = next(iter(self._seen))
        if self.n_answers - self._seen[longest] > _SILENT * len(self._seen):
            del self._seen[longest]

    def _lost(self, job: Job, error: BaseException) -> None:
        """Have a job done again whose worker, or the way to it, was lost."""
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
                "ends its worker, look at your own activation or scoring, and at the memory that is left."
            ) from error
        _LOGGER.info("a worker was lost (%s: %s); %s is done again", type(error).__name__, error, job.name)
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
        except BrokenExecutor as error:
            if self._stays:
                raise _refused(job, error) from error
            self._take_own_processes(error)
            self._submit(job, is_unknown=True)
            return
        except Exception as error:
            if not _is_shortage(error):
                raise _refused(job, error) from error
            self._give_up(f"{type(error).__name__}: {error}")
            return
        if not isinstance(future, Future):
            fix = "Pass an executor of concurrent.futures, one that behaves like it, or a Dask client."
            raise InvalidTypeError(
                message("executor", "submit to return a concurrent.futures.Future", describe(future), fix)
            )
        job.future = future

    def _give_up(self, reason: str) -> None:
        """Hand out nothing more, and say why."""
        if self.is_given_up:
            return
        self.is_given_up = True
        if self._owned is None:
            what, expected, fix = "executor", "one that can start what does the work", "Pass none"
        else:
            what, expected, fix = "workers", "processes that can be started", "Leave workers out"
        note = f"This process searches alone, and finds the same. {fix} to search so without this warning."
        warnings.warn(message(what, expected, reason, note), RuntimeWarning, stacklevel=2)

    def _take_own_processes(self, error: BrokenExecutor) -> None:
        """Take processes of our own where a pool is broken for good, as those of the standard library are by a kill."""
        count = n_threads()
        _LOGGER.warning(
            "the executor takes no more work (%s: %s); the search continues in %s of its own",
            type(error).__name__,
            error,
            "one process" if count == 1 else f"{count} processes",
        )
        self._executor = self._owned = Processes(count)
        self._size = count


def _losses(error: BaseException) -> int:
    """How many workers were lost: Dask tries again by itself, and says how often (distributed's KilledWorker)."""
    more: object = getattr(error, "allowed_failures", 0)
    return 1 + more if type(error).__name__ == "KilledWorker" and isinstance(more, int) else 1


def _is_shortage(error: Exception) -> bool:
    """Whether the system, and not the executor, has refused: a thread, or a process."""
    return isinstance(error, OSError) or (isinstance(error, RuntimeError) and "new thread" in str(error))


def _refused(job: Job, error: Exception) -> WorkerError:
    return WorkerError(
        f"{job.name}: expected the executor to take it, got {type(error).__name__}: {error}. Pass one that is "
        "open and stays so until the search is over."
    )
