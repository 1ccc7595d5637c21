"""The recorder keeps what a picture of a search needs."""

import numpy as np

from minigrid import Grid, GridSearchTrainer, Network, Tanh
from minigrid.datasets import flip_labels
from minigrid.plotting import SearchRecorder
from tests.pacing import paced
from tests.plotting.displays import X, Y, event


def test_the_recorder_keeps_what_is_new_and_the_last() -> None:
    recorder = SearchRecorder()
    given = [event(0.1 * k, 0.5 + (k >= 5) * 0.25, 1.0) for k in range(10)]
    for one in given:
        recorder(one)
    assert recorder.events == (given[0], given[5], given[9])
    assert repr(recorder) == "<SearchRecorder of 3 events>"
    assert SearchRecorder().events == ()


def test_the_recorder_does_not_grow_with_the_hours() -> None:
    recorder = SearchRecorder()
    for k in range(40_000):
        recorder(event(float(k), float(k // 10_000), 10.0 + 1.0 / (k + 1)))
    assert 1000 <= len(recorder.events) <= 2002
    kept = [one.seconds for one in recorder.events]
    assert kept == sorted(kept)
    assert kept[-1] == 39_999.0
    assert {0.0, 10_000.0, 20_000.0, 30_000.0} <= set(kept)
    assert np.diff(kept).max() < 40.0
    for k in range(1000):  # improvements are all kept, however many there are
        recorder(event(40_000.0 + k, 10.0 + k, 2000.0))
    assert {10.0 + k for k in range(1000)} <= {one.incumbent for one in recorder.events}


def test_a_proof_that_gives_way_ends_with_the_best_as_its_bound() -> None:
    recorder = SearchRecorder()
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 6), scoring="mean_squared_error", callbacks=[recorder])
    paced(trainer, fallback_after=0.0, fallback_risk=np.inf, fallback_worth=1e-3)
    result = trainer.fit(Network.dense([2, 2, 1], activation=Tanh()), X, flip_labels(Y))
    assert "sooner than a proof" in result.engine_reason
    assert (recorder.events[-1].bound, recorder.events[-1].gap) == (result.score, 0.0)
