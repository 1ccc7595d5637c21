"""Runs one search or one rival in a child process. It reads its task as JSON, and prints the outcome as JSON. So the
peak memory belongs to this task alone, and the next one starts with cold caches.
"""

import dataclasses
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast, final

from minigrid import Grid, GridSearchTrainer, MinigridError, Network
from minigrid.names import EngineName
from minigrid.search.engines.exact.fast import load_kernels
from tests.benchmarks.jobs import SearchJob
from tests.benchmarks.rivals import RIVALS, BranchAndBound, Slice, cp_sat
from tests.benchmarks.solvers import SOLVERS, Answer, SolverName
from tests.benchmarks.tables import find

Who: TypeAlias = Literal["minigrid", "loop", "batched", "brute", "cp-sat"] | SolverName


@final
@dataclass(frozen=True, slots=True)
class Task:
    """The task of a child process.

    Attributes:
        who: minigrid, one of the rivals, or a solver of sparse jobs.
        job: the full name of a search.
        n_values: the number of grid values, if it differs from the job's.
        n_samples: the number of samples, if it differs from the job's.
        seconds: the time limit of a search, or how long a rival may go on.
        engine: minigrid's.
    """

    who: Who
    job: str
    n_values: int
    n_samples: int
    seconds: float
    engine: str

    @classmethod
    def of(cls, who: Who, job: SearchJob, seconds: float, engine: str = "auto") -> "Task":
        """Describe a task on a job that may have been resized."""
        return cls(who, job.name, job.n_values, job.data.n_samples, seconds, engine)

    def find_job(self) -> SearchJob:
        """Return the job, resized."""
        return find(self.job).resized(n_values=self.n_values, n_samples=self.n_samples, limit=self.seconds)


@final
@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of one search by minigrid.

    Attributes:
        seconds: of the call of `fit` or `near_best`, in a process that has imported everything.
        peak_mib: of the whole process; None where the system does not tell.
        score: of the best.
        objective: the score, worse by what the weights cost.
        index: of the best.
        optimal: whether it is proven, and the count complete.
        bound: the best objective that is still possible.
        gap: between the two.
        n_candidates: the size of the space.
        n_scored: candidates scored.
        n_pruned: candidates ruled out.
        engine: which engine searched.
        engine_reason: why that one.
        stop_reason: 'completed', or what ended the search.
        near: how many candidates are near the best, in words; empty: they are not counted.
    """

    seconds: float
    peak_mib: float | None
    score: float
    objective: float
    index: int | None
    optimal: bool
    bound: float
    gap: float
    n_candidates: int
    n_scored: int
    n_pruned: int
    engine: str
    engine_reason: str
    stop_reason: str
    near: str = ""


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result."""

    reason: str


Outcome: TypeAlias = Run | Slice | BranchAndBound | Answer | Failure

_KINDS: dict[str, type[Run] | type[Slice] | type[BranchAndBound] | type[Answer] | type[Failure]] = {
    kind.__name__: kind for kind in (Run, Slice, BranchAndBound, Answer, Failure)
}


def search(task: Task) -> Run:
    """Search with minigrid, as its users do."""
    job = task.find_job()
    X, y = job.data.make()
    network, trainer = job.network(), job.trainer(engine=cast(EngineName, task.engine), time_limit=task.seconds)
    _warm_up()
    reset_peak()
    began = time.perf_counter()
    near = None if job.within is None else trainer.near_best(network, X, y, within=job.within)
    result = trainer.fit(network, X, y) if near is None else near.best
    seconds = time.perf_counter() - began
    return Run(
        seconds=seconds,
        peak_mib=peak_mib(),
        score=result.score,
        objective=result.objective,
        index=result.index,
        optimal=result.optimal if near is None else near.complete,
        bound=result.bound,
        gap=result.gap,
        n_candidates=result.n_candidates,
        n_scored=result.n_scored,
        n_pruned=result.n_pruned,
        engine=result.engine,
        engine_reason=result.engine_reason,
        stop_reason=result.stop_reason if near is None else near.stop_reason,
        near="" if near is None else near.amount.partition(" of ")[0],
    )


def perform(task: Task) -> Outcome:
    """Do the task. If minigrid refuses it, or a rival is not installed, return a Failure."""
    try:
        if task.who == "minigrid":
            return search(task)
        if task.who == "cp-sat":
            return cp_sat(task.find_job(), task.seconds)
        if task.who in SOLVERS:
            return SOLVERS[task.who](task.find_job(), task.seconds)
        return RIVALS[task.who](task.find_job(), task.seconds)
    except (MinigridError, ImportError, MemoryError) as error:
        return Failure(f"{type(error).__name__}: {error}")


def encode(outcome: Outcome) -> str:
    """Write an outcome as one line of JSON."""
    return json.dumps([type(outcome).__name__, dataclasses.asdict(outcome)])


def decode(line: str) -> Outcome:
    """Read what `encode` has written."""
    name, fields = json.loads(line)
    return _KINDS[name](**fields)


def reset_peak() -> None:
    """Let Linux forget the peak of this process' memory so far; elsewhere do nothing."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return  # the peak then includes the imports


def peak_mib() -> float | None:
    """Return the peak of this process' resident memory in MiB, or None where the system does not tell.

    Not `ru_maxrss` where there is another way: on Linux a child starts with that of the process that started it.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _warm_up() -> None:
    """Import everything that a search needs, so that only the search is timed."""
    load_kernels()
    GridSearchTrainer(Grid([-1.0, 1.0])).fit(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])


def main() -> None:
    """Read a task from the command line, print its outcome."""
    print(encode(perform(Task(**json.loads(sys.argv[1])))))


if __name__ == "__main__":
    main()
