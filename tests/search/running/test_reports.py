"""Callbacks are called, and heeded, in the middle of a step that takes long."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchEvent
from minigrid._base.typing import FloatArray, IntArray
from tests.pacing import paced

SOON = 10.0  # seconds, far above what is promised; the steps below would take more
GRID = Grid.linspace(-3, 3, 30)
NETWORK = Network.dense([3, 1])


def samples() -> tuple[FloatArray, IntArray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(10, 3)), rng.integers(0, 2, 10)


class SlowLater:
    """A scoring that is quick at first, which makes chunks large, and then slow for a while."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.calls = 0
        self.seconds = seconds

    @property
    def is_slow(self) -> bool:
        return self.calls > 3000

    def __call__(self, targets: FloatArray, outputs: FloatArray) -> float:
        self.calls += 1
        time.sleep(self.seconds if 3000 < self.calls < 3400 else 0.0)
        return float(np.mean((outputs[:, 0] > 0.5) == targets))


@pytest.mark.parametrize("engine", ["reference", "batched", "auto"])
def test_a_callback_stops_a_search_in_the_middle_of_a_chunk(engine: Any) -> None:
    scoring, events = SlowLater(), list[SearchEvent]()

    def enough(event: SearchEvent) -> bool:
        events.append(event)
        return scoring.is_slow and len(events) > 1 and events[-2].n_processed == event.n_processed

    trainer = GridSearchTrainer(GRID, scoring=scoring, engine=engine, callbacks=[enough])
    began = time.perf_counter()
    result = trainer.fit(NETWORK, *samples())
    assert time.perf_counter() - began < SOON
    assert result.stop_reason == "callback"
    assert result.n_scored == events[-1].n_processed == events[-2].n_processed  # nothing of the chunk is kept
    assert events[-2].kind == "progressed"
    best = events[-1].best
    assert best is not None
    assert (best.index, best.score) == (result.index, result.score)


def test_a_callback_stops_a_proof_in_the_middle_of_a_step() -> None:
    X = np.random.default_rng(0).normal(size=(100_000, 16))
    y = np.random.default_rng(1).integers(0, 2, len(X))
    times = list[float]()

    def enough(event: SearchEvent) -> bool:
        times.append(event.seconds)
        return event.seconds > 1.0

    network = Network.dense([16, 1], bias=True)
    began = time.perf_counter()
    result = GridSearchTrainer(Grid.linspace(-3, 3, 9), scoring="log_loss", time_limit=60, callbacks=[enough]).fit(
        network, X, y
    )
    assert time.perf_counter() - began < SOON
    assert result.stop_reason == "callback"
    assert len(times) > 3  # also before and after the step


def test_an_exception_in_the_middle_of_a_step_is_raised_and_loses_nothing(tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def enough(event: SearchEvent) -> None:
        if scoring.is_slow:
            raise EnoughError

    scoring, path = SlowLater(), tmp_path / "search.json"
    trainer = GridSearchTrainer(GRID, scoring=_same, callbacks=[])
    expected = trainer.fit(NETWORK, *samples())
    before = GridSearchTrainer(GRID, scoring=scoring, callbacks=[enough])
    began = time.perf_counter()
    with pytest.raises(EnoughError):
        before.fit(NETWORK, *samples())
    assert time.perf_counter() - began < SOON

    events = list[SearchEvent]()

    def late(event: SearchEvent) -> None:
        events.append(event)
        if len(events) == 40:
            raise EnoughError

    with pytest.raises(EnoughError):
        paced(GridSearchTrainer(GRID, scoring=_same, callbacks=[late]), event_every=0.0).fit(
            NETWORK, *samples(), checkpoint=path
        )
    assert len(events) == 40  # none after the exception
    result = trainer.fit(NETWORK, *samples(), checkpoint=path)
    assert (result.index, result.score, result.n_scored) == (expected.index, expected.score, expected.n_scored)


def _same(targets: FloatArray, outputs: FloatArray) -> float:
    return float(np.mean((outputs[:, 0] > 0.5) == targets))


@pytest.mark.parametrize(
    ("engine", "scoring"),
    [
        *itertools.product(["reference", "batched", "auto"], ["accuracy", "log_loss", _same]),
        *itertools.product(["exact"], ["accuracy", "log_loss"]),  # nothing bounds a function
    ],
)
def test_events_at_every_moment_change_nothing_and_come_on_one_thread(scoring: Any, engine: Any) -> None:
    threads, sent = set[int](), list[SearchEvent]()

    def listen(event: SearchEvent) -> None:
        threads.add(threading.get_ident())
        sent.append(event)
        GridSearchTrainer(Grid([-1, 1])).fit(Network.dense([1, 1]), [[1.0], [-1.0]], [0, 1])  # a search inside

    X, y = samples()
    arguments: dict[str, Any] = {"scoring": scoring, "engine": engine}
    quiet = GridSearchTrainer(Grid.linspace(-3, 3, 6), **arguments).fit(NETWORK, X, y)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 6), callbacks=[listen], **arguments)
    result = paced(trainer, event_every=0.0).fit(NETWORK, X, y)
    assert (result.index, result.score, result.n_scored) == (quiet.index, quiet.score, quiet.n_scored)
    assert threads == {threading.get_ident()}
    assert [event.n_processed for event in sent] == sorted(event.n_processed for event in sent)
    assert [event.kind for event in sent].count("finished") == 1
    assert sent[-1].kind == "finished"


def stopped_at(event: int, **arguments: Any) -> GridSearchTrainer:
    """Make a trainer of a search that a callback stops at an event, of as many events as possible."""
    n_events = itertools.count(1)
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 11), callbacks=[lambda _: next(n_events) == event], **arguments)
    return paced(trainer, event_every=0.0)


@pytest.mark.parametrize("scoring", ["accuracy", "mean_squared_error"])
def test_a_stop_before_a_resumed_proof_continues_leaves_a_file_to_resume(scoring: Any, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(5000, 2))
    data: Any = Network.dense([2, 1], bias=True), X, X[:, 0] > 0.0
    expected = stopped_at(0, scoring=scoring).fit(*data)
    for first in (10, 20):
        for second in (1, 10):
            path = tmp_path / f"{first} {second}.json"
            for event in (first, second):
                stopped_at(event, scoring=scoring).fit(*data, checkpoint=path)
            result = stopped_at(0, scoring=scoring).fit(*data, checkpoint=path)
            assert (result.index, result.score) == (expected.index, expected.score)


def _roughly(targets: FloatArray, outputs: FloatArray) -> float:
    return float(np.round(1.0 - np.abs(outputs[:, 0] - targets).mean()))


@pytest.mark.usefixtures("own_clock")
def test_a_stop_before_the_first_score_leaves_out_no_candidate_later(tmp_path: Path) -> None:
    X = np.abs(np.random.default_rng(0).normal(size=(5000, 2)))
    data: Any = Network.dense([2, 1], bias=True), X, X[:, 0] > 2.0
    found = set[int | None]()
    for event in (28, 35, 45):
        path = tmp_path / f"{event}.json"
        stopped = stopped_at(event, scoring=_roughly, time_limit=4.0).fit(*data, checkpoint=path)
        found.add(stopped.index)
        result = stopped_at(0, scoring=_roughly).fit(*data, checkpoint=path)
        assert (result.index, result.score, result.optimal) == (0, 1.0, True)  # the first of many
    assert found != {0}  # descents found another


@pytest.mark.usefixtures("own_clock")
def test_a_search_that_is_stopped_again_keeps_what_descents_found(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(5000, 5))
    data: Any = Network.dense([5, 2, 1], bias=True), X, X[:, 0] > 0.0
    path = tmp_path / "search.json"
    limits: dict[str, Any] = {"scoring": "log_loss", "time_limit": 4.0}

    def found(event: SearchEvent) -> bool:
        return event.incumbent is not None and event.incumbent < 0.6

    first = GridSearchTrainer(Grid.linspace(-3, 3, 13), callbacks=[found], **limits)
    loss = paced(first, event_every=0.0).fit(*data, checkpoint=path).score
    assert loss < 0.6
    kept = path.read_bytes()
    for event in (20, 100, 400):
        path.write_bytes(kept)
        n_events = itertools.count(1)

        def stop(_: SearchEvent, event: int = event, n_events: Iterator[int] = n_events) -> bool:
            return next(n_events) == event

        again = GridSearchTrainer(Grid.linspace(-3, 3, 13), callbacks=[stop], **limits)
        assert paced(again, event_every=0.0).fit(*data, checkpoint=path).score <= loss
