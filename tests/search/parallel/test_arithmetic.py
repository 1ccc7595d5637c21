"""Processes that compute differently: said as a worker connects, and never called proven."""

import ctypes
import math
import platform
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest

from minigrid import CheckpointError, Grid, GridSearchTrainer, Network, NoScoreError, SearchResult, WorkerError
from minigrid._base import arithmetic as module
from minigrid._base.arithmetic import arithmetic, difference
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.search.candidate import Candidate
from minigrid.search.parallel.chunk_scores import ChunkScores
from minigrid.search.parallel.tasks import Answer
from minigrid.search.running.stage import Outcome
from minigrid.search.running.winner import confirmed
from tests.pacing import IN_PIECES, paced
from tests.profile import in_turn
from tests.workers import executor

X, CLEAN = sum_threshold(100, 2, 1.0)
Y = flip_labels(CLEAN)
ENGINES = ["batched", "exact"]
CAN_FLUSH = platform.machine() == "x86_64" and sys.platform == "linux" and bool(platform.libc_ver()[0])


def fit(engine: Any = "batched", **arguments: Any) -> SearchResult:
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 6), engine=engine, **arguments)
    return paced(trainer, IN_PIECES).fit(Network.dense([2, 2, 1]), X, Y)


def flush_subnormals() -> None:
    """Let this thread take subnormal numbers for 0, as a library compiled with -ffast-math does when it is loaded."""
    library = ctypes.CDLL("libm.so.6")
    state = (ctypes.c_uint32 * 8)()
    library.fegetenv(state)
    state[7] |= 0x8040  # of MXCSR: results and arguments
    library.fesetenv(state)


@final
class Other:
    """An executor whose workers compute the values that are compared otherwise."""

    def __init__(self, pool: ThreadPoolExecutor, position: int) -> None:
        self._pool = pool
        self._position = position

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        ref, task = arguments
        bits = np.frombuffer(ref.arithmetic).copy()
        bits[self._position] = np.nextafter(bits[self._position], math.inf)
        return self._pool.submit(function, replace(ref, arithmetic=bits.tobytes()), task)


@final
class Nudging:
    """An executor whose workers find a little more than the plain loop does."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        answer = function(*arguments)
        assert isinstance(answer, Answer)
        if isinstance(answer.value, list):
            answer = replace(answer, value=[self._nudged(scored) for scored in answer.value])
        future.set_result(answer)
        return future

    def _nudged(self, scored: ChunkScores) -> ChunkScores:
        best = [(score * (1.0 + 1e-15) if index % 2 else score, index) for score, index in scored.best]
        return replace(scored, best=sorted(best, key=lambda pair: (-pair[0], pair[1])))


# What is compared -------------------------------------------------------------------------------


def test_a_process_computes_as_itself() -> None:
    assert difference(arithmetic()) is None
    others: list[Any] = []
    thread = threading.Thread(target=lambda: others.append(difference(mine)))
    mine = arithmetic()
    thread.start()
    thread.join()
    assert others == [None]


@pytest.mark.parametrize("position", range(len(np.frombuffer(arithmetic()))))
def test_each_value_that_differs_in_a_bit_is_named(position: int) -> None:
    theirs = np.frombuffer(arithmetic()).copy()
    mine = theirs[position].item()
    theirs[position] = np.nextafter(mine, math.inf)
    found = difference(theirs.tobytes())
    assert found is not None
    name, other, own = found
    assert (other, own) == (theirs[position], mine)
    if position > 1:  # the name is the computation
        function, _, argument = name.rstrip(")").partition("(")
        assert getattr(np, function)(np.array([float(argument)]))[0] == own


def test_functions_are_compared_where_rounding_is_hard() -> None:
    """A result to one digit more than a float has would be nearly midway between two floats."""
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 40
        for argument in module._ARGUMENTS["exp"].tolist():
            exact = Decimal(argument).exp()
            near = float(exact)
            share = abs(exact - Decimal(near)) / Decimal(math.ulp(near))
            assert abs(float(share) - 0.5) < 0.01


@pytest.mark.parametrize("flushes", [False, True] if CAN_FLUSH else [False])
def test_flushed_subnormals_are_seen(flushes: bool) -> None:
    mine, found = arithmetic(), list[Any]()

    def work() -> None:
        if flushes:
            flush_subnormals()
        found.append(difference(mine))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [("5e-324 > 0", 1.0, 0.0) if flushes else None]


# Workers that differ ----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("position", [0, 1, 5, 40])
def test_a_worker_that_computes_differently_is_an_error_that_says_what_differs(position: int, engine: str) -> None:
    with ThreadPoolExecutor(2) as pool, pytest.raises(WorkerError) as caught:
        fit(engine, executor=Other(pool, position))
    text = str(caught.value)
    name = ["5e-324 > 0", "2.2250738585072014e-308 / 2"][position] if position < 2 else "("
    assert text.startswith("worker: expected ")
    for part in (name, " to be ", "as in the process that searches, got ", "Search without this worker", "bit for bit"):
        assert part in text


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("flushes", [False, True] if CAN_FLUSH else [False])
def test_threads_that_flush_subnormals_are_an_error(flushes: bool, engine: str) -> None:
    with ThreadPoolExecutor(2, initializer=flush_subnormals if flushes else None) as pool:
        if not flushes:
            assert fit(engine, executor=pool).optimal
            return
        with pytest.raises(WorkerError, match=r"worker: expected 5e-324 > 0 to be 1\.0, .* got 0\.0"):
            fit(engine, executor=pool)


@pytest.mark.parametrize(("kind", "engine"), in_turn(["processes", "spawn", "loky", "dask"], ENGINES))
def test_workers_of_this_machine_compute_as_it_does(kind: str, engine: str) -> None:
    with executor(kind) as arguments:
        assert fit(engine, **arguments).optimal


# The winner -------------------------------------------------------------------------------------


def test_a_winner_that_scores_otherwise_here_is_not_proven() -> None:
    expected = fit(top=5)
    words = "score of the best candidate: expected .*, as in the search, got .* when scored once more in this process"
    with pytest.warns(RuntimeWarning, match=words) as caught:
        result = fit(top=5, executor=Nudging())
    assert not result.optimal
    assert (result.score, result.bound, result.stop_reason) == (expected.score, 1.0, "completed")
    own = [float(np.mean((result.network.with_parameters(one.parameters)(X)[:, 0] > 0.5) == Y)) for one in result.top]
    assert [one.score for one in result.top] == own == sorted(own, reverse=True)
    assert "Another process or thread of the search computes differently. So" in str(caught[0].message)


def test_a_search_that_is_cut_short_tells_its_own_score() -> None:
    with pytest.warns(RuntimeWarning, match="score of the best candidate"):
        result = fit(executor=Nudging(), max_candidates=20_000)
    assert result.score == float(np.mean((result.network(X)[:, 0] > 0.5) == Y))


def test_a_checkpoint_of_a_search_whose_workers_computed_differently_is_refused(tmp_path: Path) -> None:
    network = Network.dense([2, 2, 1])
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 6), engine="batched")
    nudged = paced(GridSearchTrainer(Grid.linspace(-3, 3, 6), engine="batched", executor=Nudging()), IN_PIECES)
    with pytest.warns(RuntimeWarning, match="score of the best candidate"):
        nudged.fit(network, X, Y, checkpoint=tmp_path / "search.json")
    with pytest.raises(CheckpointError, match=r"expected the score .* got another score now"):
        trainer.fit(network, X, Y, checkpoint=tmp_path / "search.json")


def test_what_scores_nothing_here_is_an_error() -> None:
    class Nothing:
        is_builtin = False
        sign = 1.0

        def objective(self, parameters: Any) -> float:
            return math.nan

    outcome = Outcome((Candidate(0, np.zeros(1), 0.5),), optimal=True)
    problem: Any = Nothing()
    with pytest.raises(NoScoreError, match="or your function does not always return the same"):
        confirmed(outcome, problem)


def test_near_best_counts_nothing_near_a_best_that_is_not_proven() -> None:
    trainer = paced(GridSearchTrainer(Grid.linspace(-3, 3, 6), engine="batched", executor=Nudging()), IN_PIECES)
    with pytest.warns(RuntimeWarning, match="score of the best candidate"):
        near = trainer.near_best(Network.dense([2, 2, 1]), X, Y, within=0.0)
    assert (near.at_least, near.at_most) == (1, 6**6)
