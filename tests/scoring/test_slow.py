"""A custom scoring that takes long is called only a few times before a search begins, and still checked."""

import time
import warnings

import numpy as np
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchEvent
from minigrid._base.typing import FloatArray


class Slow:
    """A scoring of outputs that takes a while, and counts its calls."""

    def __init__(self, seconds: float, kind: str) -> None:
        self.seconds, self.kind = seconds, kind
        self.calls = self.before = 0

    def __call__(self, targets: FloatArray, outputs: FloatArray) -> float:
        self.calls += 1
        time.sleep(self.seconds)
        if self.kind == "constant":
            return 0.5
        error = float(np.mean((outputs[:, 0] - targets) ** 2))
        return error if self.kind == "loss" else -error

    def listen(self, event: SearchEvent) -> bool:
        self.before = self.before or self.calls
        return True


def search(scoring: Slow) -> list[str]:
    """Search until the first event; return the warnings."""
    X = np.random.default_rng(0).normal(size=(100, 2))
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 7), scoring=scoring, callbacks=[scoring.listen])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit(Network.dense([2, 1]), X, (X[:, 0] > 0.2).astype(int))
    return [str(one.message) for one in caught]


@pytest.mark.parametrize("kind", ["score", "loss", "constant"])
def test_a_slow_scoring_is_called_a_few_times_before_the_search(kind: str) -> None:
    scoring = Slow(0.2, kind)
    search(scoring)
    assert 2 <= scoring.before <= 5


@pytest.mark.parametrize(("seconds", "kind", "expected"), [(0.05, "score", 0), (0.0, "constant", 1), (0.05, "loss", 1)])
def test_a_score_that_rises_with_the_error_is_still_noticed(seconds: float, kind: str, expected: int) -> None:
    found = search(Slow(seconds, kind))
    assert len(found) == expected
    text = {"constant": "a score that depends on the outputs", "loss": "a higher score for better outputs"}
    assert all(text[kind] in one for one in found)


def test_a_quick_scoring_that_is_right_is_called_once_more_for_outputs_near_the_targets_and_shuffled_ones() -> None:
    scoring = Slow(0.0, "score")
    assert search(scoring) == []
    assert scoring.before <= 5 + 5 + 2
