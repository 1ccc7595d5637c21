"""Limits and callbacks end a search with a true result."""

import itertools
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minigrid import (
    Accuracy,
    Grid,
    GridSearchTrainer,
    LayerWise,
    MeanSquaredError,
    MinigridError,
    Network,
    RandomSample,
    Scoring,
    SearchEvent,
    SearchResult,
    SearchSpace,
    SearchTooLongError,
    Strategy,
    Zoom,
)
from minigrid.scoring import call_scoring
from tests.fits import SMALL, STRATEGIES, TWO_INTO_ONE, XOR, Chunked, own_threads, summary, use_threads


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_no_more_candidates_are_scored_than_allowed(strategy: Strategy) -> None:
    whole = GridSearchTrainer(SMALL, strategy=strategy).fit(TWO_INTO_ONE, *XOR)
    # A coordinate search ends a round at 10, 19 and 28 candidates, and the first start there.
    for most in [1, 2, 9, 10, 11, 19, *range(26, 31), whole.n_scored - 1, whole.n_scored, whole.n_scored + 1]:
        result = GridSearchTrainer(SMALL, strategy=strategy, max_candidates=most).fit(TWO_INTO_ONE, *XOR)
        assert result.n_scored == min(most, whole.n_scored)
        outputs = result.network(XOR[0])
        assert result.score == Accuracy()(XOR[1], outputs)
        if most < whole.n_scored:
            assert result.stop_reason == "max_candidates"
            assert not result.optimal
            assert result.bound == 1.0
        else:
            assert result.stop_reason == "completed"
            assert summary(result) == summary(whole)


@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize("most", [1, 2, 10, 63, 64, 65, 200, 728])
def test_a_limited_joint_search_scores_the_first_candidates_in_order(engine: Any, most: int) -> None:
    X, y = XOR
    result = GridSearchTrainer(SMALL, engine=engine, max_candidates=most, top=2).fit(TWO_INTO_ONE, X, y)
    space = SearchSpace(TWO_INTO_ONE, SMALL)
    scores = [Accuracy()(y, TWO_INTO_ONE.with_parameters(space[k])(X)) for k in range(most)]
    expected = sorted((-score, index) for index, score in enumerate(scores))[:2]
    assert [(-c.score, c.index) for c in result.top] == expected
    assert result.n_scored == most


@pytest.mark.parametrize("strategy", [*STRATEGIES[:3], Zoom(points=30), RandomSample(n=10**5)], ids=repr)
def test_a_time_limit_ends_a_search_with_the_best_so_far(strategy: Strategy) -> None:
    X, y = XOR
    trainer = GridSearchTrainer(
        Grid.linspace(-5, 5, 200), strategy=strategy, engine=Chunked(size=10, naps=True), time_limit=0.05
    )
    result = trainer.fit(TWO_INTO_ONE, X, y)
    assert result.stop_reason == "time_limit"
    assert 0 < result.n_scored < result.n_candidates
    assert result.seconds >= 0.05
    assert not result.optimal
    assert result.score == Accuracy()(y, result.network(X))
    assert own_threads() == []


@pytest.mark.parametrize("endless", [float("inf"), np.inf, np.float64("inf")])
def test_an_infinite_time_limit_is_no_limit(endless: float) -> None:
    trainer = GridSearchTrainer(SMALL, time_limit=endless)
    assert repr(trainer) == repr(GridSearchTrainer(SMALL))
    assert trainer.fit(TWO_INTO_ONE, *XOR).stop_reason == "completed"
    with pytest.raises(SearchTooLongError):  # as without a limit
        GridSearchTrainer(Grid.linspace(-1, 1, 1000), engine="reference", time_limit=endless).fit(TWO_INTO_ONE, *XOR)


def test_a_time_limit_that_is_not_met_changes_nothing() -> None:
    limited = GridSearchTrainer(SMALL, time_limit=1e6).fit(TWO_INTO_ONE, *XOR)
    assert summary(limited) == summary(GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, *XOR))
    assert limited.stop_reason == "completed"


@pytest.mark.parametrize("engine", ["batched", "reference"])
@pytest.mark.parametrize("scoring", [Accuracy(), MeanSquaredError()], ids=repr)
def test_a_target_score_ends_the_search_at_the_first_that_reaches_it(engine: Any, scoring: Scoring) -> None:
    X, y = XOR
    grid = Grid([2.0, 0.5, -1.0])
    targets, sign = scoring.check_targets(y, 1), 1.0 if scoring.greater_is_better else -1.0
    space = SearchSpace(TWO_INTO_ONE, grid)
    scores = [call_scoring(scoring, targets, TWO_INTO_ONE.with_parameters(p)(X), None) for p in space]
    records = [k for k, score in enumerate(scores) if all(sign * score > sign * earlier for earlier in scores[:k])]
    before, first = records[-2:]
    assert first > 64  # beyond the first chunk
    target = (scores[before] + scores[first]) / 2.0
    result = GridSearchTrainer(grid, engine=engine, scoring=scoring, target_score=target).fit(TWO_INTO_ONE, X, y)
    assert (result.index, result.score, result.n_scored) == (first, scores[first], first + 1)
    assert result.stop_reason == "target_score"
    assert not result.optimal
    exact = GridSearchTrainer(grid, engine=engine, scoring=scoring, target_score=scores[first]).fit(TWO_INTO_ONE, X, y)
    assert exact.score == scores[first]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_every_strategy_stops_at_a_target_score(strategy: Strategy) -> None:
    result = GridSearchTrainer(SMALL, strategy=strategy, target_score=0.3).fit(TWO_INTO_ONE, *XOR)
    assert result.stop_reason == "target_score"
    assert result.score >= 0.3
    assert result.history[-1].score == result.score
    unreached = GridSearchTrainer(SMALL, strategy=strategy, target_score=1.0).fit(TWO_INTO_ONE, *XOR)
    assert unreached.stop_reason == "completed"
    assert summary(unreached) == summary(GridSearchTrainer(SMALL, strategy=strategy).fit(TWO_INTO_ONE, *XOR))


def test_a_target_beyond_the_last_candidate_is_no_early_stop() -> None:
    best = GridSearchTrainer(SMALL).fit(TWO_INTO_ONE, *XOR)
    network = best.network
    only = GridSearchTrainer(Grid([0.0]), overrides=dict(fixed(network)), target_score=best.score)
    result = only.fit(network, *XOR)
    assert result.optimal
    assert result.gap == 0.0


def fixed(network: Network) -> list[tuple[str, Grid]]:
    return [(n, Grid.fixed(float(v))) for n, v in zip(network.parameter_names, network.parameters, strict=True)]


# Callbacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("scoring", ["accuracy", "log_loss"])
def test_events_tell_a_consistent_story(
    strategy: Strategy, workers: int, scoring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_threads(monkeypatch, workers)
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(
        SMALL, strategy=strategy, scoring=scoring, engine=Chunked(size=20), callbacks=[events.append]
    )
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert (events[0].kind, events[-1].kind) == ("started", "finished")
    sign = 1.0 if scoring == "accuracy" else -1.0
    best_possible = 1.0 if scoring == "accuracy" else 0.0
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(events))
    assert events[-1].seconds <= result.seconds
    starts = [k for k, event in enumerate(events) if event.kind == "started"] + [len(events)]
    processed = 0
    for start, stop in itertools.pairwise(starts):
        stage = events[start:stop]
        assert [event.kind for event in stage] == ["started", *["progressed"] * (len(stage) - 2), "finished"]
        assert len(stage) > 2
        assert len({(event.stage, event.n_candidates) for event in stage}) == 1
        first, last = stage[0], stage[-1]
        assert (first.n_processed, first.best, first.rate, first.estimated_seconds_left) == (0, None, 0.0, math.inf)
        assert (first.fraction, first.gap, first.bound) == (0.0, math.inf, best_possible)
        assert all(a.n_processed < b.n_processed for a, b in itertools.pairwise(stage[:-1]))
        assert last.n_processed == stage[-2].n_processed == last.n_candidates
        for event in stage[1:]:
            assert event.fraction == event.n_processed / event.n_candidates
            assert event.rate > 0.0
            left = event.n_candidates - event.n_processed
            assert event.estimated_seconds_left == pytest.approx(left / event.rate)
            assert event.best is not None
            assert event.best.parameters.size == (
                2 if event.stage.startswith("layer0") and isinstance(strategy, LayerWise) else 6
            )
            assert event.gap == abs(event.bound - event.best.score)
            assert event.bound == (event.best.score if left == 0 else best_possible)
        scores = [sign * event.best.score for event in stage[1:] if event.best is not None]
        assert all(a <= b for a, b in itertools.pairwise(scores))
        assert (last.fraction, last.estimated_seconds_left, last.gap) == (1.0, 0.0, 0.0)
        processed += last.n_processed
    assert processed <= result.n_scored <= processed + 2  # a coordinate search scores its two starts, too


def test_the_events_of_a_joint_search_end_with_its_result() -> None:
    events: list[SearchEvent] = []
    result = GridSearchTrainer(SMALL, callbacks=[events.append]).fit(TWO_INTO_ONE, *XOR)
    last = events[-1]
    assert last.stage == "joint"
    assert last.best is not None
    assert (last.best, last.bound) == (result.top[0], result.bound)
    assert last.n_candidates == result.n_candidates


def test_every_callback_hears_every_event() -> None:
    first: list[SearchEvent] = []
    second: list[SearchEvent] = []

    class Listener:
        """A callback that is an object, and says that the search may go on."""

        def __call__(self, event: SearchEvent, /) -> bool:
            second.append(event)
            return False

    GridSearchTrainer(SMALL, callbacks=(first.append, Listener())).fit(TWO_INTO_ONE, *XOR)
    assert first == second
    assert len(first) > 2


ANSWERS = [
    1,
    1.0,
    np.int64(1),
    np.array(True),
    np.array([True]),
    np.array([True, True]),
    np.array("stop"),
    "stop",
    [1],
    b"no",
    ("x" * 10,),
    {0: 1},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_a_callback_whose_answer_may_mean_true_warns_once_and_does_not_stop(answer: Any) -> None:
    heard: list[SearchEvent] = []
    trainer = GridSearchTrainer(SMALL, callbacks=[lambda event: answer, heard.append])
    told = rf"^callback: expected True, .* got {re.escape(repr(answer))}\. .* The search continues\.$"
    with pytest.warns(UserWarning, match=told) as caught:
        result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert (result.stop_reason, len(caught)) == ("completed", 1)
    assert len(heard) > 1
    with pytest.warns(UserWarning, match=told) as caught:
        trainer.near_best(TWO_INTO_ONE, *XOR, within=0.1)
    assert len(caught) == 2  # of the search, and of the count


def test_a_callback_whose_answer_is_neither_true_nor_false_or_is_long_is_told_in_a_line() -> None:
    table: Any = pd.DataFrame({"a": range(100)})
    with pytest.warns(UserWarning, match=r"^callback: expected True, .* got an object of type DataFrame. Return bool"):
        GridSearchTrainer(SMALL, callbacks=[lambda event: table]).fit(TWO_INTO_ONE, *XOR)


@pytest.mark.parametrize("answer", [None, False, np.False_, 0, 0.0, 7, "", [], {}, np.zeros(3), np.ones(2)], ids=repr)
def test_other_answers_of_a_callback_do_not_matter(answer: Any) -> None:
    result = GridSearchTrainer(SMALL, callbacks=[lambda event: answer]).fit(TWO_INTO_ONE, *XOR)
    assert result.stop_reason == "completed"


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_callback_that_returns_true_stops_the_search(strategy: Strategy) -> None:
    events: list[SearchEvent] = []

    def stop_at_the_second_piece(event: SearchEvent) -> bool:
        events.append(event)
        return sum(e.kind == "progressed" for e in events) >= 2

    trainer = GridSearchTrainer(
        Grid.linspace(-2, 2, 9), strategy=strategy, engine=Chunked(size=4), callbacks=[stop_at_the_second_piece]
    )
    result = trainer.fit(TWO_INTO_ONE, *XOR)
    assert result.stop_reason == "callback"
    assert 0 < result.n_scored <= 9
    assert result.score == Accuracy()(XOR[1], result.network(XOR[0]))
    assert not result.optimal
    assert sum(event.kind == "progressed" for event in events) == 2
    assert events[-1].kind == "finished"
    assert own_threads() == []


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_stopping_before_anything_is_scored_gives_a_true_result_or_says_so(strategy: Strategy) -> None:
    trainer = GridSearchTrainer(SMALL, strategy=strategy, callbacks=[lambda event: True])
    outcome: SearchResult | MinigridError
    try:
        outcome = trainer.fit(TWO_INTO_ONE, *XOR)
    except MinigridError as error:
        outcome = error
    if isinstance(outcome, MinigridError):
        assert "NaN" not in str(outcome)
    else:
        assert outcome.stop_reason == "callback"
        assert outcome.score == Accuracy()(XOR[1], outcome.network(XOR[0]))
        assert outcome.n_scored > 0


@pytest.mark.parametrize("kind", ["started", "progressed", "finished"])
@pytest.mark.parametrize("error", [KeyError("mine"), KeyboardInterrupt()], ids=repr)
def test_an_exception_in_a_callback_comes_out_and_leaves_no_threads(
    kind: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_threads(monkeypatch, 4)
    seen = 0

    def fail(event: SearchEvent) -> None:
        nonlocal seen
        seen += event.kind == kind
        if seen == (3 if kind == "progressed" else 1):
            raise error

    trainer = GridSearchTrainer(SMALL, engine=Chunked(naps=True), callbacks=[fail])
    with pytest.raises(type(error)) as caught:
        trainer.fit(TWO_INTO_ONE, *XOR)
    assert caught.value is error
    assert own_threads() == []
