"""The crew: hands tasks to an executor, takes answers in, and has tasks done again whose worker was lost.

All that is asked of an executor is `submit`, with positional arguments, and futures that can be waited for. What is
not asked of it: how many workers it has. That is seen from the answers, which say who gave them; as many tasks are
under way as keep twice the workers busy that were seen, so that none waits for us, and no more, so that each begins
with the latest that is known.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from typing import Any, Protocol, final

from minigrid._validation import counted, describe, message
from minigrid.exceptions import InvalidTypeError, WorkerError
from minigrid.search.engine import Engine, n_threads
from minigrid.search.interrupt import Interrupt
from minigrid.search.problem import Problem
from minigrid.search.spread.place import Place
from minigrid.search.spread.processes import Processes, UnguardedScriptError
from minigrid.search.spread.tasks import Answer, Task, perform
from minigrid.search.spread.travel import (
    Address,
    Here,
    Parcel,
    check_main,
    name_of,
    pack_problem,
    pack_space,
    this_process,
)

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
class Errand:
    """A task that was handed out."""

    def __init__(self, name: str, task: Task, goal: "Goal") -> None:
        self.name: str = name
        self.task: Task = task
        self.goal: Goal = goal
        self.n_losses: int = 0
        self.future: Future[Any] = Future()
        self.answer: Answer | None = None


@final
class Goal:
    """A problem that errands are about, and how workers are told of it."""

    def __init__(self, here: Address, parcel: Parcel | None, pack: bytes | None, n_packs: int) -> None:
        self._here = here
        self._parcel = parcel
        self._pack = pack
        self._n_packs = n_packs

    def address(self, *, is_unknown: bool) -> Address:
        """Return what to send along; the pack with the first few tasks, and where the problem is unknown."""
        if self._parcel is None:
            return self._here
        if not is_unknown and not self._n_packs:
            return self._parcel
        self._n_packs = max(self._n_packs - 1, 0)
        return Parcel(self._parcel.name, self._parcel.space, self._pack, self._parcel.sender)


@final
class Crew:
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
        """How many errands are to be under way."""
        return 2 * (self._size or max(n_threads(), len(self._seen) + 1))

    def goal(self, engine: Engine, problem: Problem) -> Goal:
        """Get ready to hand out errands about a problem.

        Raises:
            InvalidTypeError: it cannot be sent to another process.
        """
        here = Here(Place(engine, problem))
        if self._stays:
            return Goal(here, None, None, 0)
        pack = pack_problem(engine, problem, functions=self._functions)
        if self._owned is not None:
            check_main(pack)
        parcel = Parcel(name_of(pack), pack_space(problem.space), None, this_process())
        return Goal(here, parcel, pack, self._size or n_threads())

    def hand_out(self, name: str, task: Task, goal: Goal) -> Errand:
        """Have a task done; `name` is what to call it in an error.

        Raises:
            WorkerError: the executor takes no more work.
            InvalidTypeError: it does not return futures.
        """
        errand = Errand(name, task, goal)
        with Interrupt.held_back():
            self._submit(errand)
        return errand

    def wait(self, errands: Iterable[Errand], patience: float = _PATIENCE) -> None:
        """Wait until one of the errands is done, but not for long; lost ones are handed out again.

        Raises:
            WorkerError: workers were lost with the same errand again and again, or the executor takes no more work.
            MinigridError: what the user's own code raised in a worker.
        """
        waiting = [errand for errand in errands if errand.answer is None]
        with Interrupt.held_back():
            done, _ = wait([errand.future for errand in waiting], timeout=patience, return_when=FIRST_COMPLETED)
            for errand in waiting:
                if errand.future in done:
                    self._take_in(errand)

    def abandon(self, errands: Iterable[Errand]) -> None:
        """Cancel what has not begun; what has is not waited for."""
        with Interrupt.held_back():
            for errand in errands:
                errand.future.cancel()

    def close(self) -> None:
        """End the processes that are ours."""
        if self._owned is not None:
            self._owned.close()

    def _take_in(self, errand: Errand) -> None:
        try:
            error = errand.future.exception()
        except CancelledError as cancelled:
            error = cancelled
        answer: object = None if error is not None else errand.future.result()
        if not isinstance(answer, Answer):
            self._lost(errand, error or TypeError(f"got {describe(answer)} for an answer"))
            return
        self._note(answer.who)
        if answer.is_unknown:
            self._submit(errand, is_unknown=True)
        elif answer.error is not None:
            raise answer.error
        else:
            errand.answer = answer

    def _note(self, who: tuple[str, int, int]) -> None:
        """Note who has answered, and forget who has not for long: workers come and go."""
        self._n_answers += 1
        self._seen.pop(who, None)
        self._seen[who] = self._n_answers
        longest = next(iter(self._seen))
        if self._n_answers - self._seen[longest] > _SILENT * len(self._seen):
            del self._seen[longest]

    def _lost(self, errand: Errand, error: BaseException) -> None:
        """Have an errand done again whose worker was lost, or the way to it."""
        if isinstance(error, UnguardedScriptError):
            raise WorkerError(_UNGUARDED) from None
        errand.n_losses += _losses(error)
        if errand.n_losses >= _MOST_LOSSES:
            raise WorkerError(
                f"{errand.name}: expected an answer, got none: {counted(errand.n_losses, 'worker')} in a row "
                f"ended or could not be reached while working on it ({type(error).__name__}: {error}). If it always "
                "ends its worker, look at your own activation or scoring, and at the memory that is left."
            ) from error
        _LOGGER.info("a worker was lost (%s: %s); %s is done again", type(error).__name__, error, errand.name)
        self._submit(errand)

    def _submit(self, errand: Errand, *, is_unknown: bool = False) -> None:
        address = errand.goal.address(is_unknown=is_unknown)
        try:
            future: object = self._executor.submit(perform, address, errand.task)
        except BrokenExecutor as error:
            if self._stays or self._owned is not None:
                raise _refused(errand, error) from error
            self._go_on_alone(error)
            self._submit(errand, is_unknown=True)
            return
        except Exception as error:
            raise _refused(errand, error) from error
        if not isinstance(future, Future):
            mend = "Pass an executor of concurrent.futures, one that behaves like it, or a Dask client."
            raise InvalidTypeError(
                message("executor", "submit to return a concurrent.futures.Future", describe(future), mend)
            )
        errand.future = future

    def _go_on_alone(self, error: BrokenExecutor) -> None:
        """Take processes of our own where a pool is broken for good, as those of the standard library are by a kill."""
        count = n_threads()
        _LOGGER.warning(
            "the executor takes no more work (%s: %s); the search goes on in %s of its own",
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


def _refused(errand: Errand, error: Exception) -> WorkerError:
    return WorkerError(
        f"{errand.name}: expected the executor to take it, got {type(error).__name__}: {error}. Pass one that is "
        "open and stays so until the search is over."
    )
