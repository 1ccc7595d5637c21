"""A search whose parts are searched by several workers.

The search itself stays in this process: the open parts, the processed ones, and the best. A worker gets some of the
open parts and the best so far, searches for about half a second, and sends back the parts that are still open. So at
any time, every candidate is in an open part here, in a part at a worker, or processed. A worker prunes only because of
candidates that some worker has scored. The order in which that happens decides how long a search takes and how many
candidates it scores, but not what it finds: as in a search without workers, it leaves out only candidates that the
plain loop would not return either.
"""

import time
from collections.abc import Callable
from typing import final

from minigrid.search.engines.base import DivisibleSearch, OpenWork
from minigrid.search.engines.guard import as_open_work
from minigrid.search.pace import Pace
from minigrid.search.parallel.pool import Job, SentProblem, WorkerPool
from minigrid.search.parallel.presence import Presence
from minigrid.search.parallel.tasks import SolveSubproblem

_LARGEST_COUNT = 2**15  # units of work in a subproblem


@final
class DistributedSearch:
    """Advances a search with the help of workers."""

    def __init__(
        self,
        search: DivisibleSearch[OpenWork, OpenWork],
        pool: WorkerPool,
        presence: Presence,
        prepare: Callable[[], SentProblem],
        *,
        top: int,
        name: str,
        pace: Pace,
    ) -> None:
        """Begin.

        Args:
            search: a search that has just begun, or was restored.
            pool: the workers.
            presence: knows whether the workers are there.
            prepare: a function that prepares the problem to be sent.
            top: how many of the best candidates to keep.
            name: the name of the stage, for errors.
            pace: how long the search advances in this process first, and how much work it sends.
        """
        self._search = search
        self._pool = pool
        self._presence = presence
        self._prepare = prepare
        self._problem: SentProblem | None = None
        self._top = top
        self._name = name
        self._pace = pace
        self._began = time.perf_counter()
        self._seconds = 0.0  # how long the last step in this process took
        self._count = pace.first_units
        self._under_way: dict[Job, OpenWork] = {}

    def advance(self) -> None:
        """Search in this process at first and while workers are away; else keep them busy, and collect their results.

        Raises:
            WorkerError: workers were lost with the same subproblem again and again. The results so far remain valid.
            ActivationError, ScoringError: a declaration of a custom activation or scoring turned out to be false.
        """
        if self._problem is None and time.perf_counter() - self._began < self._pace.alone:
            self._step()
        elif self._are_at_work():
            self._submit()
            self._pool.wait(self._under_way)
            self._merge_answered()
            self._submit()
        else:
            self._merge_answered()
            self._advance_here()

    def _are_at_work(self) -> bool:
        if self._pool.is_given_up:
            return False
        if self._problem is None:
            self._problem = self._prepare()
        return self._presence.are_at_work(self._problem, self._under_way, self._seconds)

    def _advance_here(self) -> None:
        """Search parts in this process that no worker has begun; at last, also those that a worker may never finish."""
        for job in self._pool.cancel(self._under_way):
            self._search.reopen(self._under_way.pop(job))
        if self._pool.is_given_up or not self._search.n_open:
            self.take_back()
        if not self._search.finished:
            self._step()

    def _step(self) -> None:
        began = time.perf_counter()
        self._search.advance()
        self._seconds = time.perf_counter() - began

    def take_back(self) -> None:
        """Reopen the parts that workers have not finished, and ignore what they still send."""
        self._pool.cancel(self._under_way)
        for subproblem in self._under_way.values():
            self._search.reopen(subproblem)
        self._under_way.clear()

    def _submit(self) -> None:
        assert self._problem is not None
        window = self._pool.window
        while len(self._under_way) < window and self._search.n_open:
            fair = self._search.n_open // (window - len(self._under_way))
            seconds = self._pace.sent_of_little if fair < self._pace.least_units else self._pace.sent
            subproblem = self._search.split_off(min(self._count, max(fair, self._pace.least_units)))
            name = f"a part of {self._name}"
            try:
                job = self._pool.submit(name, SolveSubproblem(subproblem, self._top, seconds), self._problem)
            except BaseException:
                self._search.reopen(subproblem)
                raise
            self._under_way[job] = subproblem

    def _merge_answered(self) -> None:
        for job in [job for job in self._under_way if job.answer is not None]:
            self._merge(job, self._under_way.pop(job))

    def _merge(self, job: Job, subproblem: OpenWork) -> None:
        assert job.answer is not None
        solved = as_open_work(self._name, job.answer.value)
        self._search.merge(subproblem, solved)
        if not solved.n_open and job.answer.seconds < 0.5 * self._pace.sent:
            self._count = min(2 * self._count, _LARGEST_COUNT)
        elif solved.n_open > 4 * subproblem.n_open:
            self._count = max(self._count // 2, self._pace.least_units)
