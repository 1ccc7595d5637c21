"""Measuring: fresh processes, medians, turns, and how cost grows."""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias, final

import numpy as np

from tests.benchmarks.child import Failure, Outcome, Run, Task, Who, decode
from tests.benchmarks.jobs import PEAK_MIB, SearchJob
from tests.benchmarks.rivals import BranchAndBound, Slice
from tests.benchmarks.solvers import Answer, SolverName
from tests.benchmarks.tables import GROWTH_SAMPLES, GROWTH_VALUES, find

Mode: TypeAlias = Literal["plain", "fast"]

ROOT = Path(__file__).parents[2]
_LONG = 10.0  # a search of more seconds is repeated less often
_GRACE = 60.0  # beyond twice its time limit, for imports, data and compiling


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """How thoroughly to measure.

    Attributes:
        quick: short limits, small growth, no CP-SAT.
        repeat: how often to run each search at most.
        engine: minigrid's.
        modes: with NumPy only, and with numba where it is installed.
    """

    quick: bool
    repeat: int
    engine: str
    modes: tuple[Mode, ...]

    @property
    def slice_seconds(self) -> float:
        """How many seconds each rival runs."""
        return 0.15 if self.quick else 3.0

    @property
    def growth_values(self) -> tuple[int, ...]:
        """The numbers of grid values to compare."""
        return GROWTH_VALUES[:-1] if self.quick else GROWTH_VALUES

    @property
    def growth_samples(self) -> tuple[int, ...]:
        """The numbers of samples to compare."""
        return GROWTH_SAMPLES[:-1] if self.quick else GROWTH_SAMPLES

    @property
    def growth_limit(self) -> float:
        """The time limit of each search there."""
        return 1.0 if self.quick else 60.0


@final
@dataclass(frozen=True, slots=True)
class Series:
    """One search in several fresh processes.

    Attributes:
        runs: in the order they ran; all of them finished, or only one.
        rival_seconds: of batched NumPy over the whole grid just before each run; empty unless they took turns.
    """

    runs: tuple[Run, ...]
    rival_seconds: tuple[float, ...] = ()

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def ratio(self) -> float | None:
        """The median of each turn's time over the rival's; None if they did not take turns."""
        if not self.rival_seconds:
            return None
        turns = zip(self.runs, self.rival_seconds, strict=True)
        return statistics.median(run.seconds / seconds for run, seconds in turns)

    @property
    def peak_mib(self) -> float | None:
        """The highest peak of all runs."""
        peaks = [run.peak_mib for run in self.runs if run.peak_mib is not None]
        return max(peaks) if peaks else None

    @property
    def last(self) -> Run:
        """One of them, for what they have in common."""
        return self.runs[-1]

    @property
    def is_modest(self) -> bool:
        """Whether its memory stayed under the limit, as far as that could be measured."""
        return self.peak_mib is None or self.peak_mib < PEAK_MIB


@final
@dataclass(frozen=True, slots=True)
class Growth:
    """How the time of the first job grows with the size of something.

    Attributes:
        of: what is made larger.
        mode: with NumPy only or with numba.
        sizes: how large, those whose search finished.
        seconds: one for each.
        unfinished: sizes whose search did not finish.
    """

    of: Literal["grid values", "samples"]
    mode: Mode
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    unfinished: tuple[int, ...]

    @property
    def exponent(self) -> float | None:
        """The p of time ~ size^p; None of fewer than two points."""
        return fit_exponent(self.sizes, self.seconds) if len(self.sizes) > 1 else None


def fit_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Fit p of seconds = c * size^p: the slope of the least-squares line through the logarithms."""
    slope, _ = np.polyfit(np.log(sizes), np.log(seconds), 1)
    return float(slope)


def available_modes() -> tuple[Mode, ...]:
    """Return 'plain', and 'fast' where numba is installed."""
    return ("plain",) if find_spec("numba") is None else ("plain", "fast")


def environment(mode: Mode) -> dict[str, str]:
    """Return a child's environment: MINIGRID_FAST=0 makes minigrid do without numba."""
    kept = {name: value for name, value in os.environ.items() if name != "MINIGRID_FAST"}
    return {**kept, "MINIGRID_FAST": "0"} if mode == "plain" else kept


def in_child(task: Task, mode: Mode = "plain") -> Outcome:
    """Run a task in a fresh process. If it fails, or runs long after its limit, return a Failure."""
    command = [sys.executable, "-m", "tests.benchmarks.child", json.dumps(dataclasses.asdict(task))]
    patience = 2.0 * task.seconds + _GRACE
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(mode), capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return Failure(f"stopped from outside after {patience:.0f} s; its limit was {task.seconds:g} s")
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return Failure(lines[-1] if lines else f"ended with {done.returncode}")
    return decode(done.stdout.splitlines()[-1])


def rival(who: Who, job: SearchJob, seconds: float) -> Slice | Failure:
    """Let a rival work on a job for some seconds."""
    outcome = in_child(Task.of(who, job, seconds))
    assert isinstance(outcome, Slice | Failure)
    return outcome


def answer(who: SolverName, job: SearchJob) -> Answer | Failure:
    """Let a solver do a sparse job within the job's limit."""
    outcome = in_child(Task.of(who, job, job.limit))
    assert isinstance(outcome, Answer | Failure)
    return outcome


def series(job: SearchJob, mode: Mode, settings: Settings) -> Series | Failure:
    """Run a search several times, a long one less often, one that does not finish once."""
    task = Task.of("minigrid", job, job.limit, settings.engine)
    in_turns = job.goal.of == "times batched NumPy"
    if mode == "fast":  # compile everything; numba caches it for later processes
        in_child(Task.of("minigrid", job, 0.3 if settings.quick else 2.0, settings.engine), mode)
    runs: list[Run] = []
    rival_seconds: list[float] = []
    while len(runs) < settings.repeat:
        if in_turns:
            whole = rival("batched", job, job.limit)
            if isinstance(whole, Failure):
                return whole
            rival_seconds.append(whole.whole_seconds)
        outcome = in_child(task, mode)
        if isinstance(outcome, Failure):
            return outcome
        assert isinstance(outcome, Run)
        runs.append(outcome)
        if not outcome.optimal or (outcome.seconds > _LONG and len(runs) >= 3):
            break
    kept = runs[-1:] if not runs[-1].optimal else runs
    return Series(tuple(kept), tuple(rival_seconds[-len(kept) :]))


def growth(of: Literal["grid values", "samples"], mode: Mode, settings: Settings) -> Growth | Failure:
    """Time the first job at several sizes."""
    first = find("P1").resized(limit=settings.growth_limit)
    finished: dict[int, float] = {}
    sizes = settings.growth_values if of == "grid values" else settings.growth_samples
    for size in sizes:
        job = first.resized(n_values=size) if of == "grid values" else first.resized(n_samples=size)
        measured = series(job, mode, dataclasses.replace(settings, repeat=min(3, settings.repeat)))
        if isinstance(measured, Failure):
            return measured
        if measured.last.optimal:
            finished[size] = measured.seconds
    unfinished = tuple(size for size in sizes if size not in finished)
    return Growth(of, mode, tuple(finished), tuple(finished.values()), unfinished)


def proof(n_samples: int, seconds: float) -> BranchAndBound | Failure:
    """Let CP-SAT solve the first job with its first n samples."""
    outcome = in_child(Task.of("cp-sat", find("P1").resized(n_samples=n_samples), seconds))
    assert isinstance(outcome, BranchAndBound | Failure)
    return outcome


def import_seconds(turns: int) -> tuple[float, float]:
    """Return the medians of importing numpy and minigrid, in fresh processes that take turns."""
    times: dict[str, list[float]] = {"numpy": [], "minigrid": []}
    for turn in range(turns + 1):
        for name, seconds in times.items():
            spent = _import(name)
            if turn > 0:  # the first one writes the bytecode
                seconds.append(spent)
    return statistics.median(times["numpy"]), statistics.median(times["minigrid"])


def _import(name: str) -> float:
    code = f"import time; began = time.perf_counter(); import {name}; print(time.perf_counter() - began)"
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, text=True, check=True)
    return float(done.stdout)
