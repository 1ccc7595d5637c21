"""Watches whether workers are at work. While none answers, the process that searches works itself.

A worker may take long to start, or be busy with something else, or never come: the executor may be the very one whose
threads are all in searches that wait for it. So the search first sends the workers a task that does nothing, and does
not wait for them. Once one has answered, the search waits for the tasks that it submits, but not for ever. If no worker
has answered for several times as long as any task took, it treats them as away until one of them answers again. Each
absence doubles that time, up to a limit, because workers that came back may only have been slow.
"""

from collections.abc import Iterable
from typing import final

from minigrid.search.pace import Pace
from minigrid.search.parallel.pool import Job, SentProblem, WorkerPool

_LONG = 4.0  # times as long as the longest answered task
_MOST_DOUBLED = 4  # absences; workers that come and go again and again must not stop the search for minutes
_SHORT = 0.25  # seconds: before a longer step, workers get as much time to answer


@final
class Presence:
    """Watches the workers of one search.

    Args:
        pool: the workers.
        pace: how long workers may be silent.
    """

    def __init__(self, pool: WorkerPool, pace: Pace) -> None:
        self._pool = pool
        self._pace = pace
        self._greetings: list[Job] = []
        self._are_away = False
        self._n_absences = 0

    def are_at_work(self, problem: SentProblem, jobs: Iterable[Job], step: float) -> bool:
        """Tell whether to wait for workers. If not, collect the answers that there are.

        Args:
            problem: the problem of the jobs.
            jobs: the jobs that are submitted.
            step: how many seconds the next step would take in this process.

        Raises:
            WorkerError, MinigridError: as for `WorkerPool.submit` and `WorkerPool.wait`.
        """
        pool = self._pool
        if not self._are_away and pool.silence >= self._longest_silence(step):
            self._are_away = True
            self._n_absences += 1
        if self._are_away and not pool.is_given_up:
            if not self._greetings:
                self._greetings = pool.greet(problem)
            n_answers = pool.n_answers
            pool.wait([*self._greetings, *jobs], 0.0)
            self._greetings = [greeting for greeting in self._greetings if greeting.answer is None]
            self._are_away = pool.n_answers == n_answers
        return not self._are_away and not pool.is_given_up

    def close(self) -> None:
        """Cancel the jobs that no worker has begun."""
        self._pool.cancel(self._greetings)

    def _longest_silence(self, step: float) -> float:
        if not self._pool.n_answers:
            return max(self._pace.wait_first, step if step > _SHORT else 0.0)
        usual = max(self._pace.wait, _LONG * max(self._pool.longest, self._pace.sent, step))
        return usual * 2.0 ** min(self._n_absences, _MOST_DOUBLED)
