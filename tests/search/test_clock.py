"""A clock that stands still, for a while or always, or that runs back, changes no answer."""

import itertools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchEvent, Zoom
from minigrid.datasets import sum_threshold
from tests.pacing import paced
from tests.profile import in_turn
from tests.strategies.every import every

X, Y = sum_threshold(60, 2, 1.0)
NETWORK = Network.dense([2, 1, 1], bias=True)
GRID = Grid.linspace(-3, 3, 4)
ENGINES = ["reference", "batched", "exact", "auto"]
STRATEGIES = every(zoom=[Zoom(points=3, levels=2)])


REAL = time.perf_counter
CLOCKS: dict[str, Callable[[], float]] = {
    "still": lambda: 5.0,
    "every half second": lambda: math.floor(2.0 * REAL()) / 2.0,
    "back": lambda: 1e9 - REAL(),
}


@pytest.fixture(params=CLOCKS)
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "perf_counter", CLOCKS[request.param])


def share(y_true: Any, outputs: Any) -> float:
    return float(np.mean((outputs[:, 0] > 0.5) == y_true))


@pytest.mark.parametrize(
    ("search", "scoring", "clock"),
    in_turn(list(itertools.product(ENGINES, STRATEGIES)), ["accuracy", share], list(CLOCKS)),
    ids=lambda part: part.__name__ if part is share else str(part),
)
def test_a_search_gives_its_answer(
    search: tuple[Any, Any], scoring: Any, clock: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine, strategy = search
    arguments: dict[str, Any] = {"engine": engine, "strategy": strategy, "scoring": scoring}
    expected = GridSearchTrainer(GRID, **arguments).fit(NETWORK, X, Y)
    monkeypatch.setattr(time, "perf_counter", CLOCKS[clock])
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(GRID, callbacks=[events.append], **arguments)
    found = paced(trainer, save_first=0.0).fit(NETWORK, X, Y, checkpoint=tmp_path / "search.json")
    assert (found.index, found.score, found.optimal) == (expected.index, expected.score, expected.optimal)
    assert found.seconds >= 0.0
    assert all(str(event) for event in events)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.usefixtures("clock")
def test_a_plan_and_a_count_can_be_made(engine: Any) -> None:
    trainer = GridSearchTrainer(GRID, engine=engine)
    plan = trainer.plan(NETWORK, X, Y)
    assert 0.0 <= plan.seconds < math.inf
    assert str(plan)
    assert trainer.near_best(NETWORK, X, Y, within=0.1).count > 0


@pytest.mark.parametrize(("clock", "scoring"), in_turn(list(CLOCKS), ["accuracy", share]), indirect=["clock"])
@pytest.mark.usefixtures("clock")
def test_a_search_that_might_take_more_than_a_day_is_judged(scoring: Any) -> None:
    wide = Grid.linspace(-3, 3, 60)
    trainer = GridSearchTrainer(wide, engine="reference", scoring=scoring, callbacks=[lambda event: True])
    assert trainer.fit(Network.dense([2, 1, 1]), X, Y).stop_reason == "callback"


@pytest.mark.usefixtures("clock")
def test_workers_share_a_search() -> None:
    trainer = paced(GridSearchTrainer(GRID, engine="batched", workers=2), alone=0.0, chunk=0.001)
    assert trainer.fit(NETWORK, X, Y).n_scored == len(GRID) ** 5


def test_a_plan_ends_where_the_clock_does_not_move(monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.random.default_rng(0).normal(size=(100, 10))
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 9))
    monkeypatch.setattr(time, "perf_counter", CLOCKS["still"])
    began = time.monotonic()
    plan = trainer.plan(Network.dense([10, 2, 1], bias=True), X, (X.sum(axis=1) > 0).astype(int))
    assert time.monotonic() - began < 10.0
    assert plan.seconds == math.inf
    assert "not known" in str(plan)
