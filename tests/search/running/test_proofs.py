"""A proof under way stops with a bound that holds, falls back where scoring is faster, and is refused if too long."""

import contextlib
import dataclasses
import itertools
import json
import math
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrid
from minigrid import Grid, GridSearchTrainer, Network, SearchEvent, SearchPlan, SearchSpace, Stage
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.exceptions import SearchTooLongError
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.names import pair_of
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running import plan as planning
from minigrid.search.running import runner as running
from minigrid.search.running.forecast import ProofForecast
from minigrid.search.running.runner import Runner
from minigrid.search.running.working import score_all
from tests.pacing import paced
from tests.problems import wave
from tests.search.engines.large import uniform, xor

ONE_NEURON = Network.dense([4, 1], bias=True)
CHANCE = np.random.default_rng(1).random((300, 4)), np.random.default_rng(0).integers(0, 2, 300)
"""Labels that have nothing to do with the data: the proof takes many steps."""


def test_a_time_limit_leaves_a_bound_that_holds() -> None:
    X, y = xor()
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 40), time_limit=0.3, callbacks=[lambda e: events.append(e)])
    result = trainer.fit(Network.dense([2, 2, 1], bias=True), X, y)
    assert result.stop_reason == "time_limit"
    assert not result.optimal
    assert result.score <= result.bound <= 1.0
    assert result.gap == result.bound - result.score
    assert result.n_scored + result.n_pruned < result.n_candidates
    bounds = [e.bound for e in events if e.kind == "progressed"]
    assert all(later <= earlier for earlier, later in itertools.pairwise(bounds))
    processed = [e.n_processed for e in events]
    assert processed == sorted(processed)


def test_a_target_score_ends_the_proof() -> None:
    X, y = uniform(3)
    result = GridSearchTrainer(Grid.linspace(-10, 10, 100), engine="exact", target_score=0.55).fit(
        Network.dense([3, 1]), X, y
    )
    assert result.stop_reason == "target_score"
    assert result.score >= 0.55


def test_what_is_no_proof_is_scored_and_says_so() -> None:
    X, y = uniform(2)
    limited = GridSearchTrainer(Grid.linspace(-1, 1, 9), engine="exact", max_candidates=5).fit(
        Network.dense([2, 1]), X, y
    )
    assert (limited.engine, limited.n_scored) == ("batched", 5)
    assert "max_candidates" in limited.engine_reason
    few = GridSearchTrainer(Grid.linspace(-1, 1, 3)).fit(Network.dense([2, 1]), X, y)
    assert (few.engine, few.engine_reason) == ("batched", "small space: scoring every candidate is faster than proving")
    own = Network.dense([2, 1], activation=wave)
    undeclared = GridSearchTrainer(Grid.linspace(-1, 1, 9), engine="exact").fit(own, X, y)
    assert undeclared.engine == "batched"
    assert "declares neither monotonic nor bounds" in undeclared.engine_reason
    both = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 90), scoring=lambda y_true, outputs: float(outputs[0, 0])).plan(
        Network.dense([2, 1], activation=minigrid.FunctionActivation(np.sin)), *minigrid.datasets.xor(200)
    )
    assert "declares no bound; FunctionActivation(sin) declares neither" in both.engine_reason
    assert undeclared.optimal


def test_a_proof_without_end_is_refused_once_it_shows(tmp_path: Path) -> None:
    X, y = np.random.default_rng(1).random((200, 9)), np.arange(200) % 2
    trainer, network = GridSearchTrainer(Grid.linspace(-10, 10, 100)), Network.dense([9, 1], bias=True)
    paced(trainer, judged_after=(0.2, 1.0, 5.0, 20.0))  # on a slow machine there is no estimate at first
    pattern = r"\(10 parameters, .* would most likely take .* on the exact engine.*=30 \* 86400 allows thirty days\.$"
    with pytest.raises(SearchTooLongError, match=pattern):
        trainer.fit(network, X, y)
    path = tmp_path / "search.json"
    with pytest.raises(SearchTooLongError, match=rf"The progress so far stays in {re.escape(str(path))}\.$"):
        trainer.fit(network, X, y, checkpoint=path)
    assert path.exists()


def test_the_refusal_of_a_proof_says_how_to_take_a_perfect_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProofForecast, "ahead", lambda _self: 1e30)
    X = np.random.default_rng(0).normal(size=(50, 2))
    grid, network, y = Grid.linspace(-1, 1, 9), Network.dense([2, 2, 1], bias=True), X[:, 0] > 0.0
    trainer = paced(GridSearchTrainer(grid), judged_after=(0.0,))
    with pytest.raises(SearchTooLongError, match=r"best possible score was found.*target_score=1\.0 and a time limit"):
        trainer.fit(network, X, y)
    found = GridSearchTrainer(grid, target_score=1.0, time_limit=60.0).fit(network, X, y)
    assert (found.score, found.stop_reason) == (1.0, "target_score")


@pytest.mark.parametrize("n_samples", [50, 50_000])
def test_a_proof_of_a_huge_space_is_refused_before_its_first_step(n_samples: int, tmp_path: Path) -> None:
    X, y = np.random.default_rng(1).random((n_samples, 30)), np.arange(n_samples) % 2
    trainer, network = GridSearchTrainer(Grid.linspace(-10, 10, 100)), Network.dense([30, 30, 1], bias=True)
    path, events = tmp_path / "search.json", list[SearchEvent]()
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 100), callbacks=[events.append])
    with pytest.raises(SearchTooLongError, match=r"would most likely take .* on the exact engine.* thirty days\.$"):
        trainer.fit(network, X, y, checkpoint=path)  # no word of progress, as there is none
    assert not path.exists()
    assert not events


@pytest.mark.parametrize(("estimates", "is_refused"), [([1e30, 1e30, 1.0], False), ([1e30], True)])
def test_a_proof_is_refused_only_if_all_estimates_are_too_long(
    estimates: list[float], is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = itertools.chain(estimates, itertools.repeat(estimates[-1]))
    monkeypatch.setattr(BranchAndBound, "steps_ahead", lambda _self: next(given))
    trainer = paced(GridSearchTrainer(Grid.linspace(-10, 10, 30), engine="exact"), judged_after=(0.0,))
    if is_refused:
        with pytest.raises(SearchTooLongError, match="on the exact engine"):
            trainer.fit(ONE_NEURON, *CHANCE)
    else:
        assert trainer.fit(ONE_NEURON, *CHANCE).optimal


def test_a_search_that_its_callback_stops_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[SearchEvent] = []

    def stop(event: SearchEvent) -> bool:
        events.append(event)
        return event.kind == "progressed"

    monkeypatch.setattr(BranchAndBound, "steps_ahead", lambda _self: 1e30)
    trainer = paced(GridSearchTrainer(Grid.linspace(-10, 10, 30), callbacks=[stop]), judged_after=(0.0,))
    assert trainer.fit(ONE_NEURON, *CHANCE).stop_reason == "callback"
    assert [event.kind for event in events] == ["started", "progressed", "finished"]


def _refused(seconds: float, best: float | None) -> AssertionError:
    return AssertionError(f"refused for {seconds} s, at {best}")


def test_a_late_stage_is_judged_by_its_own_time() -> None:
    X, y = uniform(3)
    network = Network.dense([3, 1])
    space = SearchSpace(network, Grid.linspace(-10, 10, 20))
    problem = Problem.create(network, space, X, y, minigrid.Accuracy())
    began = time.perf_counter() - 1e6  # the stages before took so long
    runner = Runner(problem, pair_of(ExactEngine()), refusal=_refused, began=began)
    assert runner.run(Stage("level 9", problem)).optimal


HARD = np.random.default_rng(0)


HARD_X, HARD_Y = HARD.random((60, 2)), HARD.integers(0, 2, 60)


# Two hidden layers and an output that is not monotonic: bounds from ranges of ranges take longer than scoring.
SLOW = Network.dense([2, 2, 1, 1], activation=minigrid.Tanh(), output_activation=minigrid.Gaussian())
SLOW_GRID = Grid.linspace(-10, 10, 5)
SLOW_SIZE = 5**7


AT_ONCE = Pace(fallback_after=0.0, fallback_risk=np.inf, fallback_worth=1e-3)
"""Leaves a proof for scoring every candidate as soon as it can."""


def falling_back(grid: Grid, **arguments: Any) -> GridSearchTrainer:
    return paced(GridSearchTrainer(grid, **arguments), AT_ONCE)


@pytest.mark.parametrize("top", [1, 5])
def test_a_proof_gives_way_where_scoring_all_is_sooner(top: int) -> None:
    network, grid = SLOW, SLOW_GRID
    stopped = falling_back(grid, top=top).fit(network, HARD_X, HARD_Y)
    scored = GridSearchTrainer(grid, top=top, engine="batched").fit(network, HARD_X, HARD_Y)
    assert [(c.index, c.score) for c in stopped.top] == [(c.index, c.score) for c in scored.top]
    assert (stopped.engine, stopped.n_scored, stopped.n_pruned, stopped.optimal) == ("batched", SLOW_SIZE, 0, True)
    assert "sooner than a proof" in stopped.engine_reason
    asked_for = GridSearchTrainer(grid, engine="exact").fit(network, HARD_X, HARD_Y)
    assert (asked_for.engine, asked_for.index) == ("exact", scored.index)


@pytest.mark.parametrize(
    ("ahead", "longer"),
    [(1e8, "far longer"), (math.inf, "far longer"), (0.0, "longer")],
    ids=["years", "ever", "little"],
)
def test_the_reason_for_scoring_all_tells_no_time_of_a_proof_that_has_just_begun(
    ahead: float, longer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProofForecast, "ahead", lambda forecast: ahead or 3.0 * forecast.seconds_of_all)
    pace = dataclasses.replace(AT_ONCE, fallback_worth=2.0)
    result = paced(GridSearchTrainer(SLOW_GRID), pace).fit(SLOW, HARD_X, HARD_Y)
    assert result.engine == "batched"
    says = rf"scoring all is sooner than a proof: it takes (under )?[\d.]+ (s|min), and a proof seems to take {longer}$"
    assert re.search(says, result.engine_reason), result.engine_reason


def short_plan(engine: Any, top: int = 1, **pace: Any) -> SearchPlan:
    """Plan the search of a space whose proof is far from its end after a moment."""
    network = Network.dense([2, 2, 2, 1], activation=minigrid.Tanh(), output_activation=minigrid.Gaussian())
    X, y = np.random.default_rng(3).normal(size=(1_000, 2)), np.random.default_rng(4).integers(0, 2, 1_000)
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 4), engine=engine, top=top)
    return paced(trainer, plan_proof=0.2, **pace).plan(network, X, y)


def test_a_plan_reckons_with_a_proof_that_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProofForecast, "ahead", lambda forecast: 1e6)
    plan = short_plan("auto")
    assert (plan.engine, plan.n_to_score, plan.is_rough) == ("batched", 4**10, False)
    assert re.search(
        r"sooner than a proof: it takes .* (s|min), and a proof seems to take far longer$", plan.engine_reason
    )
    asked_for = short_plan("exact")
    assert (asked_for.engine, asked_for.is_rough) == ("exact", True)
    assert plan.seconds < 1e6 < asked_for.seconds


@pytest.mark.parametrize(("top", "name"), [(1, "exact"), (50_000, "batched")])
def test_a_plan_knows_how_many_candidates_the_search_keeps(
    top: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a proof has found as many as it keeps, it is compared by when it will have."""
    monkeypatch.setattr(
        planning, "seconds_of_all", lambda engines, problem, asked, pace: 1.0 if asked == top else math.inf
    )
    monkeypatch.setattr(ProofForecast, "until_found", lambda forecast: 1e5 if forecast._top == 50_000 else 1.0)
    monkeypatch.setattr(ProofForecast, "ahead", lambda forecast: 1e6)
    plan = short_plan("auto", top=top)
    assert plan.engine == name


@pytest.mark.parametrize(("risk", "engine"), [(10.0, "exact"), (1e6, "batched")])
def test_a_plan_whose_proof_is_of_unknown_length_scores_all_only_where_that_is_soon_over(
    risk: float, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProofForecast, "ahead", lambda forecast: math.inf)
    monkeypatch.setattr(planning, "seconds_of_all", lambda *arguments: 1e5)
    plan = short_plan("auto", fallback_risk=risk)
    assert (plan.engine, math.isinf(plan.seconds)) == (engine, engine == "exact")


def test_a_search_that_gave_way_goes_on_from_its_file(tmp_path: Path) -> None:
    network, grid = SLOW, SLOW_GRID
    whole = falling_back(grid).fit(network, HARD_X, HARD_Y)
    path = tmp_path / "search.json"
    stops: list[str] = []
    while not stops or stops[-1] != "completed":
        trainer = falling_back(grid, callbacks=[lambda event: event.n_processed > SLOW_SIZE // 36 * len(stops)])
        result = trainer.fit(network, HARD_X, HARD_Y, checkpoint=path)
        stops.append(result.stop_reason)
    assert len(stops) > 2
    assert (result.index, result.score, result.n_scored, result.optimal) == (whole.index, whole.score, SLOW_SIZE, True)


def test_a_search_that_gave_way_tells_no_gap_at_its_end() -> None:
    network, grid = SLOW, SLOW_GRID
    events: list[SearchEvent] = []
    result = falling_back(grid, callbacks=[events.append]).fit(network, HARD_X, HARD_Y)
    assert (events[-1].kind, events[-1].fraction, events[-1].bound, events[-1].gap) == (
        "finished",
        1.0,
        result.score,
        0.0,
    )


@pytest.mark.parametrize("how", ["error", "callback"])
def test_what_a_proof_found_that_gave_way_is_no_damage(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, grid = SLOW, SLOW_GRID
    path, top = tmp_path / "search.json", 1000
    whole = falling_back(grid, top=top).fit(network, HARD_X, HARD_Y)
    fell_back: list[int] = []

    def noted(*arguments: Any, allowed: int, **settings: Any) -> Any:
        fell_back.append(allowed)
        if how == "error":
            raise MemoryError
        return score_all(*arguments, allowed=allowed, **settings)

    def stop(event: SearchEvent) -> bool:
        return bool(fell_back)

    with monkeypatch.context() as patch, contextlib.suppress(MemoryError):
        patch.setattr(running, "score_all", noted)
        falling_back(grid, top=top, callbacks=[stop]).fit(network, HARD_X, HARD_Y, checkpoint=path)
    assert fell_back
    kept = json.loads(path.read_bytes())["content"]["journal"]["running"]
    assert len(kept["best"]) > kept["n_scored"]
    result = falling_back(grid, top=top).fit(network, HARD_X, HARD_Y, checkpoint=path)
    assert [(c.index, c.score) for c in result.top] == [(c.index, c.score) for c in whole.top]
    assert (result.optimal, result.n_scored) == (True, SLOW_SIZE)


def test_more_candidates_are_kept_than_were_scored_where_descents_came_across_some(tmp_path: Path) -> None:
    path, (data, labels) = tmp_path / "search.json", sum_threshold(300, 2, 1.0)
    noisy, n_known = flip_labels(labels), 0
    while n_known == 0:
        events: list[SearchEvent] = []

        def stop(event: SearchEvent, events: list[SearchEvent] = events) -> bool:
            events.append(event)
            return len(events) == 3

        trainer = GridSearchTrainer(
            Grid.linspace(-10, 10, 20), engine="exact", top=1000, time_limit=60, callbacks=[stop]
        )
        result = trainer.fit(Network.dense([2, 2, 1]), data, noisy, checkpoint=path)
        assert result.stop_reason == "callback"
        n_known = max(len(result.top) - result.n_scored, 0)
    again = trainer.fit(Network.dense([2, 2, 1]), data, noisy, checkpoint=path)
    assert again.top[0].score >= result.top[0].score


def test_the_plan_of_a_proof() -> None:
    X, y = uniform(3)
    plan = GridSearchTrainer(Grid.linspace(-10, 10, 100)).plan(Network.dense([3, 1]), X, y)
    assert plan.engine == "exact"
    assert plan.n_candidates == 10**6
    assert 0.0 < plan.seconds < 60.0
    began = time.thread_time()
    huge = GridSearchTrainer(Grid.linspace(-10, 10, 100)).plan(Network.dense([3, 5, 1], bias=True), X, y)
    assert time.thread_time() - began < 30.0
    assert huge.seconds > 3600.0
