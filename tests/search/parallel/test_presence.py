"""If workers come late, leave or never come, the process that searches continues and finds the same."""

import contextlib
import math
import os
import pickle
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import Accuracy, Grid, GridSearchTrainer, Network, SearchEvent, SearchResult, SearchSpace
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.names import ENGINES as NAMED
from minigrid.search.engines.names import pair_of
from minigrid.search.parallel import presence
from minigrid.search.parallel.pool import WorkerPool
from minigrid.search.parallel.presence import Presence
from minigrid.search.parallel.remote import RemoteWorkers
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from tests.pacing import AT_ONCE, IN_PIECES, paced
from tests.patience import patient
from tests.problems import label_problems, problems, two_into_one_problems
from tests.profile import examples, in_turn
from tests.workers import Slow

X, CLEAN = sum_threshold(100, 2, 1.0)
Y = flip_labels(CLEAN)
TWO = Network.dense([2, 2, 1])
ENGINES = ["batched", "exact"]
IMPATIENT = replace(IN_PIECES, wait_first=0.02, wait=0.0, sent=1e-4, least_units=1, first_units=1)
"""Takes workers to be away that are silent for a moment."""


def fit(engine: Any, pace: Any = None, network: Network = TWO, **arguments: Any) -> SearchResult:
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 7), engine=engine, **arguments)
    return paced(trainer, pace, **({} if pace is not None else {"alone": 0.0})).fit(network, X, Y)


def facts(result: SearchResult) -> tuple[Any, ...]:
    return result.index, result.score.hex(), result.optimal, result.n_scored + result.n_pruned, result.stop_reason


def is_there(path: Path) -> None:
    """Return once a file is there."""
    while not path.exists():
        time.sleep(0.01)


@contextlib.contextmanager
def busy(kind: str, folder: Path) -> Iterator[Any]:
    """Yield an executor that comes to nothing before all is over."""
    pool: Any = ThreadPoolExecutor(1) if kind == "threads" else ProcessPoolExecutor(1, get_context("spawn"))
    with pool:
        pool.submit(is_there, folder / "end")
        try:
            yield pool
        finally:
            (folder / "end").touch()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_a_search_does_not_wait_for_a_pool_that_is_busy(kind: str, engine: str, tmp_path: Path) -> None:
    with busy(kind, tmp_path) as pool:
        result = fit(engine, executor=pool)
    assert facts(result) == facts(fit(engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_of_slow_steps_waits_as_long_as_one_and_no_longer(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_SHORT", 0.0)  # every step is slow
    with busy("threads", tmp_path) as pool:
        result = fit(engine, executor=pool)
    assert facts(result) == facts(fit(engine))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n_searches", [2, 5])
def test_searches_on_the_threads_of_the_executor_that_they_use_come_to_an_end(n_searches: int, engine: str) -> None:
    pool = ThreadPoolExecutor(2)
    searches = [pool.submit(fit, engine, executor=pool) for _ in range(n_searches)]
    done, waiting = wait(searches, timeout=patient(30.0))
    pool.shutdown(wait=not waiting, cancel_futures=True)
    assert not waiting
    assert {facts(search.result()) for search in done} == {facts(fit(engine))}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_does_not_wait_for_a_worker_that_waits_for_it(engine: Any) -> None:
    """A worker that has worked before, so that it is not for want of a first answer."""
    network = Network.dense([2, 2, 1], bias=engine == "exact")
    grid = Grid.linspace(-10, 10, 15 if engine == "exact" else 7)
    over = threading.Event()
    seen: list[int] = []

    def occupy(event: SearchEvent) -> None:
        seen.append(event.n_processed)
        if len(seen) == 4:  # what came after the first candidates came from the worker
            pool.submit(over.wait)

    with ThreadPoolExecutor(1) as pool:
        trainer = GridSearchTrainer(grid, engine=engine, executor=pool, callbacks=[occupy])
        result = paced(trainer, replace(IN_PIECES, wait=0.05)).fit(network, X, Y)
        over.set()
    assert len(seen) > 4
    assert facts(result) == facts(GridSearchTrainer(grid, engine=engine).fit(network, X, Y))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_nobody_came_to_is_cancelled(engine: str, tmp_path: Path) -> None:
    futures: list[Future[Any]] = []

    class Never:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            futures.append(Future())
            return futures[-1]

    result = fit(engine, executor=Never())
    assert facts(result) == facts(fit(engine))
    assert 0 < len(futures) < 100
    assert all(future.cancelled() for future in futures)


@pytest.mark.parametrize("engine", ENGINES)
def test_workers_that_come_late_are_given_work(engine: Any) -> None:
    """The search works alone until then, and hands out what is left."""
    performed: list[str] = []

    class Late:
        def __init__(self) -> None:
            self.began = time.perf_counter()

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            def call() -> Any:
                time.sleep(max(0.3 - (time.perf_counter() - self.began), 0.0))
                performed.append(type(arguments[1]).__name__)
                return function(*arguments)

            return threads.submit(call)

    task = {"batched": "ScoreChunks", "exact": "SolveSubproblem"}[engine]
    network, grid = Network.dense([2, 2, 1], bias=True), Grid.linspace(-10, 10, 30)
    with ThreadPoolExecutor(2) as threads:
        trainer = GridSearchTrainer(
            grid, engine=engine, executor=Late(), time_limit=patient(30.0), callbacks=[lambda _: task in performed]
        )
        paced(trainer, alone=0.0, sent=0.01, sent_of_little=0.01).fit(network, X, Y)
    assert performed[0] == "Greet"
    assert task in performed


class Moody:
    """Pickles what it is given, does some of it on a thread, some late, and some never; says of some that it began."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._late: list[Callable[[], None]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        request = pickle.dumps((function, arguments))

        def work() -> None:
            if future.running() or future.set_running_or_notify_cancel():
                called, given = pickle.loads(request)
                future.set_result(pickle.loads(pickle.dumps(called(*given))))

        mood = self._random.random()
        if mood < 0.3:
            future.set_running_or_notify_cancel()
        if mood < 0.1:
            return future
        if mood < 0.6:
            self._late.append(work)
            return future
        now = [work, *self._late]
        self._late.clear()
        threading.Timer(0.001, lambda: [each() for each in now]).start()
        return future


@examples(100, quick=8)
@given(
    st.one_of(problems(), label_problems(), two_into_one_problems()),
    st.sampled_from(["exact", "exact", "batched"]),
    st.sampled_from([1, 1, 2, 7]),
    st.integers(0, 2**32),
)
def test_workers_that_come_and_go_change_nothing(problem: Problem, engine: str, top: int, seed: int) -> None:
    def found(**arguments: Any) -> Any:
        from minigrid import NoScoreError, Stage

        runner = Runner(problem, pair_of(NAMED.make(engine)), top=top, **arguments)
        try:
            outcome = runner.run(Stage("joint", problem))
        except NoScoreError:
            return "no score"
        assert runner.n_scored + runner.n_pruned == problem.space.size
        return [(one.index, one.score.hex()) for one in outcome.best], outcome.optimal, outcome.bound

    expected = found()  # which loads the compiled loops: a first task that loads them would make the search patient
    backend = RemoteWorkers(WorkerPool(Moody(seed), size=3), IMPATIENT)
    assert found(backend=backend) == expected


class AtOnce:
    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future


def test_workers_that_were_away_again_and_again_are_not_waited_for_much_longer() -> None:
    engines, pool = pair_of(NAMED.make("batched")), WorkerPool(AtOnce(), size=1, stays=True)
    problem = Problem.create(TWO, SearchSpace(TWO, Grid([-1, 1])), X, Y, Accuracy())
    sent, watched = pool.prepare(engines, problem), Presence(pool, replace(IMPATIENT, sent=1.0))

    def are_taken_to_be_away(silence: float) -> bool:
        """Tell whether they are asked if they are there, which they answer at once."""
        before, pool.silence = pool.n_answers, silence
        assert watched.are_at_work(sent, [], 0.0)
        return pool.n_answers > before

    for _ in range(20):
        assert are_taken_to_be_away(1e9)
    assert not are_taken_to_be_away(40.0)
    assert are_taken_to_be_away(80.0)


@pytest.mark.parametrize(("seed", "engine"), in_turn(range(4), ENGINES))
def test_a_longer_search_with_workers_that_come_and_go(seed: int, engine: Any) -> None:
    network = Network.dense([2, 2, 1], bias=engine == "exact")
    grid = Grid.linspace(-10, 10, 7 if engine == "exact" else 6)
    pace = replace(IMPATIENT, chunk=1e-3, least_units=8, first_units=8)
    trainer = paced(GridSearchTrainer(grid, engine=engine, executor=Moody(seed), top=3), pace)
    result = trainer.fit(network, X, Y)
    expected = GridSearchTrainer(grid, engine=engine, top=3).fit(network, X, Y)
    assert facts(result) == facts(expected)
    assert [(one.index, one.score) for one in result.top] == [(one.index, one.score) for one in expected.top]


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_is_answered_where_no_worker_ever_comes(engine: str, tmp_path: Path) -> None:
    code = f"""
import os, signal, threading
from concurrent.futures import Future
from minigrid import *
from minigrid.datasets import xor
from tests.pacing import paced
class Never:
    def submit(self, function, /, *arguments):
        return Future()
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
network = Network.dense([2, 2, 2, 1], bias=True)
trainer = GridSearchTrainer(Grid.linspace(-10, 10, 30), engine={engine!r}, executor=Never())
print(paced(trainer, alone=0.0).fit(network, *xor(200)).stop_reason)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", code]
    run = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=patient(30.0), check=False, cwd=tmp_path
    )
    assert (run.stdout, run.stderr) == ("interrupted\n", "")


def test_a_worker_is_waited_for_as_long_as_its_work_may_take() -> None:
    """Only one that is silent for much longer than any of its tasks took is taken to be away."""
    network = Network.dense([2, 1], activation=Slow(0.05))
    calls: list[int] = []

    class Counting:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            calls.append(1)
            return pool.submit(function, *arguments)

    with ThreadPoolExecutor(2) as pool:
        pace = replace(AT_ONCE, wait_first=math.inf, wait=0.0)
        trainer = GridSearchTrainer(Grid.linspace(-1, 1, 5), engine="reference", executor=Counting())
        result = paced(trainer, pace, most_chunks=1, sent=0.3).fit(network, X, Y)
    assert result.optimal
    assert result.n_scored == 25
    assert len(calls) <= 25  # none was given out twice
