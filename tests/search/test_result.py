"""A result prints itself, is a value, and claims nothing that is false."""

import dataclasses
import itertools
import math
import pickle
from typing import Any

import numpy as np
import pytest

import minigrid
from minigrid import Candidate, Grid, GridSearchTrainer, Improvement, Network, SearchResult
from tests.fits import LONG, ONE_WEIGHT, Chunked, use_threads


@pytest.fixture
def result() -> SearchResult:
    network = Network.dense([2, 1], bias=True)
    trainer = GridSearchTrainer(Grid([-1.0, 0.25, 1.0]), engine="batched", top=3)
    return trainer.fit(network, [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1, 0, 0])


def test_a_result_prints_as_a_table(result: SearchResult) -> None:
    assert str(dataclasses.replace(result, seconds=1.25)) == "\n".join(
        [
            "score                   1, proven best of the grid",
            "layer0.neuron0.weight0  -1",
            "layer0.neuron0.weight1  0.25",
            "layer0.neuron0.bias     0.25",
            "index                   4",
            "best 2                  0.6666666667: -1, -1, -1 (index 0)",
            "best 3                  0.6666666667: -1, -1, 0.25 (index 1)",
            "scoring                 Accuracy(), higher is better",
            "candidates              27: 27 scored",
            "strategy                Joint()",
            "engine                  batched: asked for",
            "stopped                 completed",
            "seconds                 1.250",
        ]
    )


def test_a_result_says_how_sure_it_is(result: SearchResult) -> None:
    def first_line(**changes: Any) -> str:
        return str(dataclasses.replace(result, **changes)).splitlines()[0]

    assert first_line().endswith("  1, proven best of the grid")
    unsure: dict[str, Any] = {"optimal": False, "score": 0.75}
    assert first_line(**unsure).endswith("  0.75, not proven best (no score can be above 1: a gap of 0.25)")
    loss = first_line(**unsure, greater_is_better=False, bound=0.5)
    assert loss.endswith("  0.75, not proven best (no score can be below 0.5: a gap of 0.25)")
    assert first_line(**unsure, bound=math.inf).endswith("  0.75, not proven best")
    assert first_line(optimal=False).split("1", 1)[1].startswith(", as good as any score can be")
    other = str(dataclasses.replace(result, index=None, n_scored=20, n_pruned=7))
    assert "index                   none (not a point of the grid)" in other
    assert "candidates              27: 20 scored, 7 pruned" in other


def test_of_many_best_the_first_are_printed() -> None:
    X, y = minigrid.datasets.sum_threshold(50, 2, 1.0)
    options: Any = {"scoring": "log_loss", "top": 12}
    result = GridSearchTrainer(Grid.linspace(-2.0, 2.0, 3), **options).fit(Network.dense([2, 2, 2], bias=True), X, y)
    lines = str(result).splitlines()
    shown = [line for line in lines if line.startswith("best ")]
    assert [line.split()[1] for line in shown] == ["2", "3", "4", "5", "6", "7", "8"]
    assert all(", ..." in line and f"(index {result.top[k].index:,})" in line for k, line in enumerate(shown, start=1))
    assert lines[lines.index(shown[-1]) + 1].strip() == "and 4 more in result.top"
    assert any(line.startswith("scoring") and line.endswith("), lower is better") for line in lines)


def test_a_value_that_stands_twice_is_tried_twice() -> None:
    options: Any = {"scoring": "log_loss", "top": 4}
    result = GridSearchTrainer(Grid([0.5, 1.0, 1.0]), **options).fit(Network.dense([1, 1]), [[1.0], [2.0]], [1, 1])
    assert [candidate.index for candidate in result.top] == [1, 2, 0]
    assert result.top[0].parameters == result.top[1].parameters
    assert (result.n_candidates, result.index) == (3, 1)


def test_log_loss_takes_what_is_no_probability_for_the_nearest_that_is() -> None:
    y = np.array([1.0, 0.0])
    assert minigrid.LogLoss()(y, [[7.0], [-3.0]]) == minigrid.LogLoss()(y, [[1.0], [0.0]])
    assert minigrid.LogLoss()(y, [[-7.0], [3.0]]) == minigrid.LogLoss()(y, [[0.0], [1.0]])


def test_the_first_so_many_are_told_apart_from_some_of_all() -> None:
    assert "RandomSample(n)" in str(GridSearchTrainer.__doc__)
    slow = Network.dense([3, 3, 1], activation=minigrid.FunctionActivation(np.sin), bias=True)
    trainer = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 50), engine="batched")
    with pytest.raises(minigrid.SearchTooLongError, match="strategy='coordinate', or time_limit=60"):
        trainer.fit(slow, *minigrid.datasets.sum_threshold(20, 3, 1.5))


def test_a_result_has_a_short_form(result: SearchResult) -> None:
    assert repr(dataclasses.replace(result, seconds=0.125)) == (
        "<SearchResult score=1, index=4, optimal=True, 27 of 27 scored, 0.125 s>"
    )
    assert "index" not in repr(dataclasses.replace(result, index=None))


def test_results_are_equal_by_value(result: SearchResult) -> None:
    copied = dataclasses.replace(result, parameters=result.parameters.copy())
    assert copied == result
    assert hash(copied) == hash(result)
    assert result != dataclasses.replace(result, seconds=result.seconds + 1.0)
    assert result != dataclasses.replace(result, parameters=result.parameters + 1.0)
    assert result != dataclasses.replace(result, top=result.top[:1])
    assert result != "a result"
    assert result.top[0] == Candidate(result.index, result.parameters.copy(), result.score)
    assert result.top[0] != Candidate(None, result.parameters, result.score)
    assert result.top[0] != result.top[1]


def test_a_result_survives_pickling(result: SearchResult) -> None:
    copied = pickle.loads(pickle.dumps(result))
    assert copied == result
    assert str(copied) == str(result)
    assert not copied.parameters.flags.writeable
    assert not copied.top[0].parameters.flags.writeable


def test_a_result_is_immutable(result: SearchResult) -> None:
    for name in ("score", "parameters", "index", "optimal"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, name, 0)
    for array in (result.parameters, result.top[0].parameters, result.network[0][0].weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0
    own = np.array([1.0, 2.0, 3.0])
    changed = dataclasses.replace(result, parameters=own)
    candidate = Candidate(0, own, 1.0)
    own[0] = 9.0
    assert changed.parameters[0] == candidate.parameters[0] == 1.0


def test_a_false_proof_cannot_be_written_down(result: SearchResult) -> None:
    with pytest.raises(AssertionError, match="every candidate"):
        dataclasses.replace(result, n_scored=26)
    assert dataclasses.replace(result, n_scored=20, n_pruned=7).optimal


def test_the_gap_is_the_way_to_the_bound(result: SearchResult) -> None:
    assert result.gap == 0.0
    assert dataclasses.replace(result, optimal=False, score=0.25).gap == 0.75
    assert dataclasses.replace(result, optimal=False, score=3.0, bound=0.5).gap == 2.5
    assert dataclasses.replace(result, optimal=False, bound=math.inf).gap == math.inf


def test_the_gap_of_a_proven_infinite_loss_is_zero() -> None:
    result = GridSearchTrainer(Grid([1.0, 2.0]), scoring="mean_squared_error").fit(ONE_WEIGHT, [[1e300]], [0.0])
    assert (result.score, result.optimal) == (math.inf, True)
    assert result.gap == 0.0
    assert "proven best" in str(result)


def test_more_scored_than_there_are_candidates_is_explained() -> None:
    result = GridSearchTrainer(Grid([-1, 0, 1]), strategy="zoom").fit(Network.dense([2, 1]), [[0.0, 1.0]], [0])
    assert result.n_scored > result.n_candidates == 9
    line = f"9: {result.n_scored} scored, including some between the values of the grid or scored again"
    assert line in str(result)


def test_the_history_leads_up_to_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    use_threads(monkeypatch, 3)
    trainer = GridSearchTrainer(LONG, scoring="mean_squared_error", engine=Chunked(naps=True))
    result = trainer.fit(ONE_WEIGHT, [[1.0]], [640.0])
    assert len(result.history) >= 2
    for a, b in itertools.pairwise(result.history):
        assert b.score < a.score
        assert b.n_scored > a.n_scored
        assert b.seconds >= a.seconds
    last = result.history[-1]
    assert last == Improvement(last.seconds, last.n_scored, result.score, result.index)
    assert last.n_scored <= result.n_scored
    assert last.seconds <= result.seconds
    for moment in result.history:
        assert moment.index is not None
        assert moment.score == (moment.index - 640.0) ** 2
        assert moment.index < moment.n_scored
