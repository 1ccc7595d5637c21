"""The recorder keeps what a picture of a search needs."""

import numpy as np
import pytest

import minigrid
import minigrid.plotting.recorder
from minigrid import Grid, GridSearchTrainer, Network, Tanh
from minigrid.datasets import flip_labels
from minigrid.plotting import SearchRecorder
from tests.plotting.displays import X, Y, event


def test_the_recorder_keeps_what_is_new_and_the_last() -> None:
    recorder = SearchRecorder()
    given = [event(0.1 * k, 0.5 + (k >= 5) * 0.25, 1.0) for k in range(10)]
    for one in given:
        recorder(one)
    assert recorder.events == (given[0], given[5], given[9])
    assert repr(recorder) == "<SearchRecorder of 3 events>"
    assert SearchRecorder().events == ()


def test_the_recorder_does_not_grow_with_the_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minigrid.plotting.recorder, "_MOST", 100)
    recorder = SearchRecorder()
    improved = [k // 2500 for k in range(10_000)]
    for k in range(10_000):
        recorder(event(float(k), float(improved[k]), 10.0 + 1.0 / (k + 1)))
    assert 40 <= len(recorder.events) <= 102
    kept = [one.seconds for one in recorder.events]
    assert kept == sorted(kept)
    assert kept[-1] == 9999.0
    assert {0.0, 2500.0, 5000.0, 7500.0} <= set(kept)
    assert np.diff(kept).max() < 600.0
    for k in range(1000):  # improvements are all kept, however many there are
        recorder(event(10_000.0 + k, 10.0 + k, 2000.0))
    assert {10.0 + k for k in range(1000)} <= {one.incumbent for one in recorder.events}


def test_a_proof_that_gives_way_ends_with_the_best_as_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigrid.search.running.fallback._FIRST_LOOK", 0.0)
    monkeypatch.setattr("minigrid.search.running.fallback._RISK", np.inf)
    monkeypatch.setattr("minigrid.search.running.fallback._WORTH", 1e-3)
    recorder = SearchRecorder()
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 6), scoring="mean_squared_error", callbacks=[recorder])
    result = trainer.fit(Network.dense([2, 2, 1], activation=Tanh()), X, flip_labels(Y))
    assert "sooner than a proof" in result.engine_reason
    assert (recorder.events[-1].bound, recorder.events[-1].gap) == (result.score, 0.0)
