"""The pool of workers: hands tasks to an executor, takes answers in, and has tasks done again whose worker was lost.

All that is asked of an executor is `submit`, with positional arguments, and futures that can be waited for. What is
not asked of it: how many workers it has. That is seen from the answers, which say who gave them; as many tasks are
under way as keep twice the workers busy that were seen, so that none waits for us, and no more, so that each begins
with the latest that is known.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from typing import Any, Protocol, final

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
from minigrid.search.parallel.processes import Processes, UnguardedScriptError
from minigrid.search.parallel.tasks import Answer, Task, perform
from minigrid.search.parallel.worker_context import WorkerContext
from minigrid.search.problem import Problem

_LOGGER = logging.getLogger("minigrid")
_MOST_LOSSES = 3  # of one task, after which it is not tried again
_SILENT = 10  # times as many answers of others as there are workers, after which one is taken to be gone
_UNGUARDED = message(
    "workers",
    "a script that new processes can import",
    "one that starts a search when it is imported",
    'Put the call of fit under if __name__ == "__main__": so that only your own process starts the search.',
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
        return Shipped(self._shipped.name, self._shipped.space, self._payload, self._shipped.sender)


@final
class WorkerPool:
    """Some workers, known or not, for one search."""

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
        self._n_answers = 0
        self._seen: dict[tuple[str, int, int], int] = {}  # who, and when last, in answers

    @property
    def window(self) -> int:
        """How many jobs are to be under way."""
        return 2 * (self._size or max(n_threads(), len(self._seen) + 1))

    def prepare(self, engines: EnginePair, problem: Problem) -> SentProblem:
        """Get ready to hand out jobs about a problem.

        Raises:
            InvalidTypeError: it cannot be sent to another process.
        """
        here = InProcess(WorkerContext(engines, problem))
        if self._stays:
            return SentProblem(here, None, None, 0)
        payload = pickle_problem(engines, problem, functions=self._functions)
        if self._owned is not None:
            check_main(payload)
        shipped = Shipped(payload_name(payload), pickle_space(problem.space), None, this_process())
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

    def wait(self, jobs: Iterable[Job], patience: float = _PATIENCE) -> None:
        """Wait until one of the jobs is done, but not for long; lost ones are handed out again.

        Raises:
            WorkerError: workers were lost with the same job again and again, or the executor takes no more work.
            MinigridError: what the user's own code raised in a worker.
        """
        waiting = [job for job in jobs if job.answer is None]
        with Interrupt.held_back():
            done, _ = wait([job.future for job in waiting], timeout=patience, return_when=FIRST_COMPLETED)
            for job in waiting:
                if job.future in done:
                    self._take_in(job)

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Cancel what has not begun; what has is not waited for."""
        with Interrupt.held_back():
            for job in jobs:
                job.future.cancel()

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
        self._note(answer.who)
        if answer.is_unknown:
            self._submit(job, is_unknown=True)
        elif answer.error is not None:
            raise answer.error
        else:
            job.answer = answer

    def _note(self, who: tuple[str, int, int]) -> None:
        """Note who has answered, and forget who has not for long: workers come and go."""
        self._n_answers += 1
        self._seen.pop(who, None)
        self._seen[who] = self._n_answers
        longest = next(iter(self._seen))
        if self._n_answers - self._seen[longest] > _SILENT * len(self._seen):
            del self._seen[longest]

    def _lost(self, job: Job, error: BaseException) -> None:
        """Have a job done again whose worker, or the way to it, was lost."""
        if isinstance(error, UnguardedScriptError):
            raise WorkerError(_UNGUARDED) from None
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
        ref = job.problem.ref(is_unknown=is_unknown)
        try:
            future: object = self._executor.submit(perform, ref, job.task)
        except BrokenExecutor as error:
            if self._stays or self._owned is not None:
                raise _refused(job, error) from error
            self._go_on_alone(error)
            self._submit(job, is_unknown=True)
            return
        except Exception as error:
            raise _refused(job, error) from error
        if not isinstance(future, Future):
            fix = "Pass an executor of concurrent.futures, one that behaves like it, or a Dask client."
            raise InvalidTypeError(
                message("executor", "submit to return a concurrent.futures.Future", describe(future), fix)
            )
        job.future = future

    def _go_on_alone(self, error: BrokenExecutor) -> None:
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


def _refused(job: Job, error: Exception) -> WorkerError:
    return WorkerError(
        f"{job.name}: expected the executor to take it, got {type(error).__name__}: {error}. Pass one that is "
        "open and stays so until the search is over."
    )
