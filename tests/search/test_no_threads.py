"""If the system allows no more threads, a search continues with those that it has, and finds the same."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchResult
from minigrid._base.threads import at_most, n_threads, on_threads
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import fast, tree_search
from minigrid.testing import check_engine
from tests.pacing import SMALL_CHUNKS, paced
from tests.shortage import no_threads

X, CLEAN = sum_threshold(200, 2, 1.0)
Y = flip_labels(CLEAN)
PROCESSORS = 4


@pytest.fixture(autouse=True)
def processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as make threads worth it, whatever this machine has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(PROCESSORS)), raising=False)


def fit(engine: Any, num: int, **arguments: Any) -> SearchResult:
    trainer = GridSearchTrainer(Grid.linspace(-9, 9, num), engine=engine, **arguments)
    return paced(trainer, SMALL_CHUNKS).fit(Network.dense([2, 2, 1]), X, Y)


def facts(result: SearchResult) -> tuple[Any, ...]:
    return result.index, result.score.hex(), result.optimal, result.n_scored + result.n_pruned, result.stop_reason


@pytest.mark.parametrize("after", range(PROCESSORS + 1))
def test_scoring_goes_on_with_the_threads_there_are(after: int) -> None:
    expected = fit("batched", 8, top=3)
    with no_threads(after) as refused:
        result = fit("batched", 8, top=3)
    assert any(name.startswith("minigrid_") for name in refused) == (after < PROCESSORS)
    assert facts(result) == facts(expected)
    assert result.n_scored == expected.n_scored
    assert [(one.index, one.score) for one in result.top] == [(one.index, one.score) for one in expected.top]


@pytest.mark.parametrize("after", range(PROCESSORS))
@pytest.mark.parametrize("kernels", ["0", "1"])
def test_a_proof_goes_on_with_the_threads_there_are(kernels: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_search, "_WORTH_THREADS", 0.0)
    monkeypatch.setenv("MINIGRID_FAST", kernels)
    expected = fit("exact", 20)
    with no_threads(after) as refused:
        result = fit("exact", 20)
    assert any(name.startswith(("minigrid-tree", "minigrid-fast")) for name in refused)
    assert facts(result) == facts(expected)
    assert result.n_scored == expected.n_scored


def test_scoring_goes_on_where_the_threads_there_were_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the last moments of a program, when the interpreter ends those that wait for work."""
    expected = facts(fit("batched", 8))
    submitted: list[int] = []
    submit = ThreadPoolExecutor.submit

    def ending(self: ThreadPoolExecutor, /, *arguments: Any) -> Any:
        submitted.append(1)
        if len(submitted) > 3:
            raise RuntimeError("cannot schedule new futures after interpreter shutdown")
        return submit(self, *arguments)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", ending)
    assert facts(fit("batched", 8)) == expected
    assert len(submitted) > 4


def test_each_number_is_taken_once_whatever_threads_there_are() -> None:
    for after in range(4):
        taken: list[int] = []

        def double(number: int, taken: list[int] = taken) -> int:
            taken.append(number)
            return 2 * number

        with no_threads(after):
            assert on_threads(double, 9, 4, "minigrid-test") == list(range(0, 18, 2))
        assert sorted(taken) == list(range(9))


def test_an_error_on_another_thread_is_raised_here() -> None:
    def fail(number: int) -> int:
        if threading.current_thread() is not threading.main_thread():
            raise KeyError(number)
        other.wait(10.0)
        return number

    other = threading.Event()
    threading.Timer(0.2, other.set).start()
    with pytest.raises(KeyError):
        on_threads(fail, 2, 2, "minigrid-test")


@pytest.mark.parametrize("waits", [False, True])
def test_kernels_are_loaded_here_or_later_where_no_thread_loads_them(
    waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "_loading", None)
    monkeypatch.setattr(fast, "_SECONDS_BEFORE", 0.0)
    monkeypatch.setenv("MINIGRID_FAST", "1" if waits else "2")
    kernels = fast.Kernels()
    with no_threads() as refused:
        assert (kernels.get() is not None) == waits
    assert refused == ["minigrid-fast"]
    if not waits:
        kernels.get()
        assert fast.load_kernels() is not None


def test_an_engine_is_checked_without_threads() -> None:
    with no_threads() as refused:
        check_engine(BatchedEngine())
    assert any(name.startswith("minigrid-testing") for name in refused)


def test_work_that_is_shared_among_threads_has_one_for_each_part() -> None:
    assert on_threads(lambda number: n_threads(), 4, 2, "nested") == [1, 1, 1, 1]
    assert n_threads() == PROCESSORS
    with at_most(3):
        assert on_threads(lambda number: n_threads(), 2, 1, "nested") == [3, 3]
