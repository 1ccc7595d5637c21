"""The exact engine gives the plain loop's answer, and proves it."""

import contextlib
import gc
import itertools
import json
import re
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from minigrid.search.running.stage_run import StageRun
from typing_extensions import override

import minigrid
from minigrid import (
    Activation,
    ActivationError,
    Grid,
    GridSearchTrainer,
    Layer,
    Network,
    Neuron,
    Scoring,
    ScoringError,
    SearchEvent,
    SearchSpace,
    Stage,
    activation,
)
from minigrid._base.typing import FloatArray
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.exceptions import HopelessSearchError, NoScoreError
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact import hidden
from minigrid.search.engines.exact.axes import Axes, Boxes, at_or_after
from minigrid.search.engines.exact.bounders import make_bounder
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.cache import RowCache
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.engines.exact.outputs import OutputBounds
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from tests.problems import label_problems, loss_problems, positive_problems, problems, two_into_one_problems, wave

MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def assert_agrees(problem: Problem, top: int = 1, oracle: Engine | None = None) -> None:
    """Compare with all scores of an engine, unless told otherwise the plain loop."""
    oracle = ReferenceEngine() if oracle is None else oracle
    scores = oracle.score(problem, problem.space.digits(range(problem.space.size)))
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    expected = sorted((sign * score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    runner = Runner(problem, pair_of(ExactEngine()), top=top)
    if not expected:
        with pytest.raises(NoScoreError):
            runner.run(Stage("joint", problem))
        return
    found = runner.run(Stage("joint", problem))
    event(" and ".join(runner.engines_used))
    assert [((sign * c.score).hex(), c.index) for c in found.best] == [(score.hex(), i) for score, i in expected]
    assert found.optimal
    assert found.bound == found.best[0].score
    assert runner.n_scored + runner.n_pruned == problem.space.size


@MANY
@given(problems())
def test_the_best_is_the_plain_loops(problem: Problem) -> None:
    assert_agrees(problem)


@MANY
@given(label_problems())
def test_the_best_labels_are_the_plain_loops(problem: Problem) -> None:
    assert_agrees(problem)


@MANY
@given(problems(), st.integers(2, 6))
def test_the_best_few_are_the_plain_loops(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(two_into_one_problems(), st.sampled_from([1, 1, 4]))
def test_two_into_one_is_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top, BatchedEngine())


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(positive_problems(), st.sampled_from([1, 1, 4]))
def test_inputs_above_zero_are_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top, BatchedEngine())


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(loss_problems(), st.sampled_from([1, 1, 4]))
def test_losses_of_a_neuron_are_the_batched_engines(problem: Problem, top: int) -> None:
    assert_agrees(problem, top, BatchedEngine())


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(loss_problems(), st.data())
def test_tangents_lie_below_every_loss_in_a_box(problem: Problem, data: st.DataObject) -> None:
    bounder = make_bounder(problem)
    assert isinstance(bounder, OutputBounds)
    lengths = [len(grid) for grid in problem.space.grids]
    ends = [sorted(data.draw(st.tuples(*[st.integers(0, length - 1)] * 2))) for length in lengths]
    box = Boxes(np.array([[low for low, _ in ends]]), np.array([[high for _, high in ends]]))
    ranks = np.array(list(itertools.product(*[range(low, min(high, low + 8) + 1) for low, high in ends])))
    scores = BatchedEngine().score(problem, Axes(problem.space.grids).digits(ranks))
    with np.errstate(all="ignore"):
        assert -bounder.bound(box)[0] <= scores.min()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", "1")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=st.one_of(label_problems(), two_into_one_problems(), positive_problems()))
@pytest.mark.usefixtures("compiled")
def test_compiled_kernels_change_nothing(problem: Problem) -> None:
    assert_agrees(problem, oracle=BatchedEngine())


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=st.one_of(label_problems(), two_into_one_problems(), positive_problems()))
@pytest.mark.usefixtures("compiled")
def test_compiled_kernels_change_nothing_where_there_is_no_room_to_keep_rows(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hidden, "CACHE_BYTES", 1)
        patched.setattr(hidden, "CACHE_LOGS_BYTES", 1)
        assert_agrees(problem, oracle=BatchedEngine())


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(problems(), label_problems()), st.integers(1, 4))
def test_the_answers_are_the_plain_loops_at_length(problem: Problem, top: int) -> None:
    assert_agrees(problem, top)


@pytest.mark.slow
@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(two_into_one_problems(), positive_problems(), loss_problems()), st.integers(1, 3))
def test_two_into_one_is_the_batched_engines_at_length(problem: Problem, top: int) -> None:
    assert_agrees(problem, top, BatchedEngine())


# Problems that are too large for the plain loop ------------------------------------------------


def uniform(n_features: int, n_samples: int = 300) -> tuple[FloatArray, FloatArray]:
    X = np.random.default_rng(7).random((n_samples, n_features))
    return X, (X.sum(axis=1) > n_features / 2.0).astype(np.float64)


def xor() -> tuple[FloatArray, FloatArray]:
    X = np.random.default_rng(8).random((200, 2))
    return X, ((X[:, 0] > 0.5) ^ (X[:, 1] > 0.5)).astype(np.float64)


HIDDEN_WAVE = Network([Layer.dense(2, 2, activation=wave), Layer.dense(2, 1, activation=minigrid.Sigmoid())])
LARGE: dict[str, tuple[Network, Grid, tuple[FloatArray, FloatArray], dict[str, Any]]] = {
    "one neuron": (Network.dense([3, 1]), Grid.linspace(-10, 10, 100), uniform(3), {}),
    "with a bias, the best three": (
        Network.dense([2, 1], bias=True),
        Grid.linspace(-5, 5, 101),
        uniform(2),
        {"top": 3},
    ),
    "uneven grid": (Network.dense([3, 1]), Grid(np.linspace(-2, 2, 101) ** 3), uniform(3), {}),
    "balanced accuracy": (
        Network.dense([3, 1]),
        Grid.linspace(-10, 10, 100),
        uniform(3),
        {"scoring": "balanced_accuracy"},
    ),
    "squared error": (
        Network.dense([2, 1], bias=True),
        Grid.linspace(-9, 9, 100),
        uniform(2),
        {"scoring": "mean_squared_error"},
    ),
    "log loss": (Network.dense([2, 1], bias=True), Grid.linspace(-9, 9, 100), uniform(2), {"scoring": "log_loss"}),
    "two into one": (Network.dense([2, 2, 1]), Grid.linspace(-10, 10, 10), xor(), {}),
    "two into one, a user's wave": (HIDDEN_WAVE, Grid.linspace(-3, 3, 10), xor(), {}),
    "two into one, ReLU": (Network.dense([2, 2, 1], activation=minigrid.ReLU()), Grid.linspace(-4, 4, 10), xor(), {}),
    "two into one, Tanh": (Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-4, 4, 10), xor(), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_million_candidates_have_the_same_best(name: str) -> None:
    network, grid, data, settings = LARGE[name]
    batched = GridSearchTrainer(grid, engine="batched", **settings).fit(network, *data)
    exact = GridSearchTrainer(grid, engine="exact", **settings).fit(network, *data)
    assert exact.engine == "exact"
    assert [(c.index, c.score.hex()) for c in exact.top] == [(c.index, c.score.hex()) for c in batched.top]
    assert exact.optimal
    assert exact.n_pruned > 0


def test_a_trillion_candidates_of_two_into_one() -> None:
    X, y = sum_threshold(n_samples=1000, n_features=2, threshold=1.0, seed=2024)
    result = GridSearchTrainer(Grid.linspace(-10, 10, 100)).fit(Network.dense([2, 2, 1]), X, y)
    assert result.optimal
    assert result.engine == "exact"
    assert result.score == 1.0
    assert result.n_scored + result.n_pruned == 10**12
    assert result.n_scored < 10**6
    assert result.network.predict(X).tolist() == y.tolist()


def test_a_weight_that_does_not_matter_on_an_uneven_grid() -> None:
    """Its product is 0 for every sample, whatever the size of its values."""
    trainer = GridSearchTrainer(
        Grid([0.0, 0.5]), overrides={"layer0.neuron0.weight1": Grid([1e9, 1e9])}, engine="exact"
    )
    result = trainer.fit(Network.dense([2, 1], activation=minigrid.Identity()), [[1.0, 0.0]], [0])
    assert (result.index, result.score, result.engine) == (0, 1.0, "exact")


# Anytime -----------------------------------------------------------------------------------------


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
    settled = [e.n_settled for e in events]
    assert settled == sorted(settled)


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
    assert (few.engine, few.engine_reason) == ("batched", "so few candidates are scored sooner than bounded")
    own = Network.dense([2, 1], activation=wave)
    undeclared = GridSearchTrainer(Grid.linspace(-1, 1, 9), engine="exact").fit(own, X, y)
    assert undeclared.engine == "batched"
    assert "declares neither monotonic nor bounds" in undeclared.engine_reason
    both = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 90), scoring=lambda y_true, outputs: float(outputs[0, 0])).plan(
        Network.dense([2, 1], activation=minigrid.FunctionActivation(np.sin)), *minigrid.datasets.xor(200)
    )
    assert "declares no bound; FunctionActivation(sin) declares neither" in both.engine_reason
    assert undeclared.optimal


def test_a_proof_without_end_is_refused_once_it_shows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("minigrid.search.running.stage_run._JUDGED_AFTER", (0.2,))
    X, y = np.random.default_rng(1).random((50, 6)), np.arange(50) % 2
    trainer, network = GridSearchTrainer(Grid.linspace(-10, 10, 100)), Network.dense([6, 6, 6, 1], bias=True)
    pattern = (
        r"candidates to settle .* very roughly .* on the exact engine.*time_limit=30 \* 86400 allows thirty days\.$"
    )
    with pytest.raises(HopelessSearchError, match=pattern):
        trainer.fit(network, X, y)
    path = tmp_path / "search.json"
    with pytest.raises(HopelessSearchError, match=rf"What was found until now stays in {re.escape(str(path))}\.$"):
        trainer.fit(network, X, y, checkpoint=path)
    assert path.exists()


@pytest.mark.parametrize(("estimates", "is_refused"), [([1e30, 1e30, 1.0], False), ([1e30], True)])
def test_a_proof_is_refused_only_if_all_estimates_are_hopeless(
    estimates: list[float], is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minigrid.search.running.stage_run._JUDGED_AFTER", (0.0,))
    given = itertools.chain(estimates, itertools.repeat(estimates[-1]))
    monkeypatch.setattr(BranchAndBound, "steps_ahead", lambda _self: next(given))
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 60), engine="exact")
    X, y = sum_threshold(n_samples=300, n_features=2, threshold=1.0, seed=2024)
    if is_refused:
        with pytest.raises(HopelessSearchError, match="or more on the exact engine"):
            trainer.fit(Network.dense([2, 2, 1]), X, flip_labels(y))
    else:
        assert trainer.fit(Network.dense([2, 2, 1]), X, flip_labels(y)).optimal


def test_a_late_stage_is_judged_by_its_own_time() -> None:
    X, y = uniform(3)
    network = Network.dense([3, 1])
    space = SearchSpace(network, Grid.linspace(-10, 10, 20))
    problem = Problem.create(network, space, X, y, minigrid.Accuracy())
    runner = Runner(problem, pair_of(ExactEngine()), refusal=lambda seconds: AssertionError(f"refused for {seconds} s"))
    runner._began -= 1e6  # the stages before took so long
    assert runner.run(Stage("level 9", problem)).complete


HARD = np.random.default_rng(0)
HARD_X, HARD_Y = HARD.random((60, 2)), HARD.integers(0, 2, 60)


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigrid.search.running.fallback._FIRST_LOOK", 0.0)
    monkeypatch.setattr("minigrid.search.running.fallback._RISK", np.inf)
    monkeypatch.setattr("minigrid.search.running.fallback._WORTH", 1e-3)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("top", [1, 5])
def test_a_proof_gives_way_where_scoring_all_is_sooner(top: int) -> None:
    network, grid = Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-10, 10, 6)
    stopped = GridSearchTrainer(grid, top=top).fit(network, HARD_X, HARD_Y)
    scored = GridSearchTrainer(grid, top=top, engine="batched").fit(network, HARD_X, HARD_Y)
    assert [(c.index, c.score) for c in stopped.top] == [(c.index, c.score) for c in scored.top]
    assert (stopped.engine, stopped.n_scored, stopped.n_pruned, stopped.optimal) == ("batched", 6**6, 0, True)
    assert "sooner than a proof" in stopped.engine_reason
    asked_for = GridSearchTrainer(grid, engine="exact").fit(network, HARD_X, HARD_Y)
    assert (asked_for.engine, asked_for.index) == ("exact", scored.index)


def test_a_plan_reckons_with_a_proof_that_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigrid.search.running.plan._PROOF_SECONDS", 0.1)
    network, grid = Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-10, 10, 8)
    X, y = np.random.default_rng(3).normal(size=(1000, 2)), np.random.default_rng(4).integers(0, 2, 1000)
    plan = GridSearchTrainer(grid).plan(network, X, y)
    assert (plan.engine, plan.n_to_score, plan.is_rough) == ("batched", 8**6, False)
    assert "sooner than a proof, which would take very roughly" in plan.engine_reason
    asked_for = GridSearchTrainer(grid, engine="exact").plan(network, X, y)
    assert (asked_for.engine, asked_for.is_rough) == ("exact", True)
    assert plan.seconds < asked_for.seconds


@pytest.mark.usefixtures("_at_once")
def test_a_search_that_gave_way_goes_on_from_its_file(tmp_path: Path) -> None:
    network, grid = Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-10, 10, 6)
    whole = GridSearchTrainer(grid).fit(network, HARD_X, HARD_Y)
    path = tmp_path / "search.json"
    stops: list[str] = []
    while not stops or stops[-1] != "completed":
        trainer = GridSearchTrainer(grid, callbacks=[lambda event: event.n_settled > 6**4 * len(stops)])
        result = trainer.fit(network, HARD_X, HARD_Y, checkpoint=path)
        stops.append(result.stop_reason)
    assert len(stops) > 2
    assert (result.index, result.score, result.n_scored, result.optimal) == (whole.index, whole.score, 6**6, True)


@pytest.mark.usefixtures("_at_once")
def test_a_search_that_gave_way_tells_no_gap_at_its_end() -> None:
    network, grid = Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-10, 10, 6)
    events: list[SearchEvent] = []
    result = GridSearchTrainer(grid, callbacks=[events.append]).fit(network, HARD_X, HARD_Y)
    assert (events[-1].kind, events[-1].share, events[-1].bound, events[-1].gap) == ("finished", 1.0, result.score, 0.0)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("how", ["error", "callback"])
def test_what_a_proof_found_that_gave_way_is_no_damage(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, grid = Network.dense([2, 2, 1], activation=minigrid.Tanh()), Grid.linspace(-10, 10, 6)
    path, top = tmp_path / "search.json", 1000
    whole = GridSearchTrainer(grid, top=top).fit(network, HARD_X, HARD_Y)
    fell_back: list[float] = []
    give_way = StageRun._fall_back

    def noted(self: StageRun, ahead: float) -> None:
        give_way(self, ahead)
        fell_back.append(ahead)
        if how == "error":
            raise MemoryError

    def stop(event: SearchEvent) -> bool:
        return bool(fell_back)

    with monkeypatch.context() as patch, contextlib.suppress(MemoryError):
        patch.setattr(StageRun, "_fall_back", noted)
        GridSearchTrainer(grid, top=top, callbacks=[stop]).fit(network, HARD_X, HARD_Y, checkpoint=path)
    assert fell_back
    kept = json.loads(path.read_bytes())["content"]["journal"]["running"]
    assert len(kept["best"]) > kept["n_scored"]
    result = GridSearchTrainer(grid, top=top).fit(network, HARD_X, HARD_Y, checkpoint=path)
    assert [(c.index, c.score) for c in result.top] == [(c.index, c.score) for c in whole.top]
    assert (result.optimal, result.n_scored) == (True, 6**6)


def test_more_candidates_are_kept_than_were_scored_where_descents_came_across_some(tmp_path: Path) -> None:
    path, (data, labels) = tmp_path / "search.json", sum_threshold(300, 2, 1.0)
    noisy, n_known = flip_labels(labels), 0
    while n_known == 0:
        events: list[SearchEvent] = []

        def stop(event: SearchEvent, events: list[SearchEvent] = events) -> bool:
            events.append(event)
            return len(events) == 3

        trainer = GridSearchTrainer(
            Grid.linspace(-10, 10, 40), engine="exact", top=3000, time_limit=60, callbacks=[stop]
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
    began = time.perf_counter()
    huge = GridSearchTrainer(Grid.linspace(-10, 10, 100)).plan(Network.dense([3, 5, 1], bias=True), X, y)
    assert time.perf_counter() - began < 30.0
    assert huge.seconds > 3600.0


# False declarations ------------------------------------------------------------------------------


@activation(monotonic=True)
def falls_late(z: FloatArray) -> FloatArray:
    """Rises where it is probed, falls far out."""
    return np.where(np.abs(z) > 1e4, -z, z)


@activation(bounds=lambda low, high: (np.zeros_like(low), np.full_like(high, 0.5)))
def out_of_bounds(z: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-z))


@activation(bounds=lambda low, high: (np.minimum(np.sin(low), np.sin(high)), np.maximum(np.sin(low), np.sin(high))))
def ends_only(z: FloatArray) -> FloatArray:
    return np.sin(z)


@pytest.mark.parametrize("wrong", [falls_late, out_of_bounds, ends_only], ids=repr)
@pytest.mark.parametrize("place", ["hidden", "output"])
def test_a_false_declaration_is_an_error(wrong: Activation, place: str) -> None:
    X, y = uniform(2, 40)
    inner, outer = (wrong, minigrid.Sigmoid()) if place == "hidden" else (minigrid.Sigmoid(), wrong)
    network = Network.dense([2, 2, 1], activation=inner, output_activation=outer)
    trainer = GridSearchTrainer(Grid([-1e5, -10.0, -2.0, 2.0, 10.0, 1e5]), engine="exact", scoring="mean_squared_error")
    with pytest.raises(ActivationError, match=r"activation FunctionActivation\("):
        trainer.fit(network, X, y)


@pytest.mark.parametrize(
    "bounds",
    [
        lambda low, high: None,
        lambda low, high: (low,),
        lambda low, high: (low[:1], high[:1]),
        lambda low, high: (np.full_like(low, np.nan), high),
        lambda low, high: (high + 1.0, low),
        lambda low, high: 1 / 0,
    ],
)
def test_bounds_that_are_none_are_named(bounds: Callable[..., Any]) -> None:
    broken = minigrid.FunctionActivation(np.sin, bounds=bounds)
    X, y = uniform(2, 40)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 5), engine="exact")
    with pytest.raises(ActivationError, match=r"^bounds of activation FunctionActivation\(sin"):
        trainer.fit(Network.dense([2, 2, 1], activation=broken, output_activation=minigrid.Sigmoid()), X, y)


# Scorings of a user's own --------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class WorstError(Scoring):
    """The largest error, with or without a bound that is true."""

    factor: float = 1.0
    greater_is_better = False

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(np.abs(outputs[:, 0] - y_true).max())

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        apart = np.maximum(lower[..., 0] - y_true, y_true - upper[..., 0])
        least: FloatArray = np.maximum(apart, 0.0).max(axis=-1) * self.factor
        return least


def test_a_scoring_that_bounds_itself_is_proven() -> None:
    X, y = uniform(2, 60)
    grid, network = Grid.linspace(-10, 10, 30), Network.dense([2, 1], bias=True)
    exact = GridSearchTrainer(grid, engine="exact", scoring=WorstError()).fit(network, X, y)
    batched = GridSearchTrainer(grid, engine="batched", scoring=WorstError()).fit(network, X, y)
    assert exact.engine == "exact"
    assert (exact.index, exact.score.hex()) == (batched.index, batched.score.hex())
    assert exact.n_scored < exact.n_candidates / 10


def test_a_scoring_whose_bound_is_false_is_an_error() -> None:
    X, y = uniform(2, 60)
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 30), engine="exact", scoring=WorstError(factor=3.0))
    with pytest.raises(ScoringError, match="bound of scoring WorstError"):
        trainer.fit(Network.dense([2, 1], bias=True), X, y)


# Boxes -----------------------------------------------------------------------------------------------


@given(
    st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=1, max_size=5), min_size=1, max_size=4),
    st.data(),
)
def test_the_first_of_a_box_is_the_first(values: list[list[float]], data: st.DataObject) -> None:
    axes = Axes(tuple(Grid(v) for v in values))
    low = np.array([[data.draw(st.integers(0, len(v) - 1)) for v in values]])
    high = np.array([[data.draw(st.integers(int(a), len(v) - 1)) for a, v in zip(low[0], values, strict=True)]])
    box = Boxes(low, high)
    points = np.stack(
        np.meshgrid(*[np.arange(a, b + 1) for a, b in zip(low[0], high[0], strict=True)], indexing="ij"), -1
    )
    digits = axes.digits(points.reshape(-1, len(values)))
    assert axes.first(box)[0].tolist() == digits.min(axis=0).tolist()
    assert box.count() == len(digits)
    np.testing.assert_array_equal(axes.ranks(digits), points.reshape(-1, len(values)))
    chosen = digits[data.draw(st.integers(0, len(digits) - 1))]
    assert at_or_after(digits, chosen).tolist() == [tuple(row) >= tuple(chosen) for row in digits.tolist()]
    halves = box.halves(np.ones(len(values)))
    if not box.are_points()[0]:
        assert halves.count() == box.count()


def assert_same(network: Network, grid: Grid, X: Any, y: Any, **settings: Any) -> None:
    """Compare the exact engine with the plain loop, all candidates that are kept."""
    found = [
        [(c.index, c.score) for c in GridSearchTrainer(grid, engine=engine, **settings).fit(network, X, y).top]
        for engine in ("reference", "exact")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("output", [minigrid.Identity(), minigrid.Sigmoid()], ids=repr)
def test_infinite_losses_are_candidates_too(output: Activation) -> None:
    X = [[1.0, 2.0], [0.5, -1.0], [3.0, 1.0]]
    network = Network.dense([2, 1], activation=output)
    assert_same(network, Grid.linspace(-2, 2, 9), X, [1e200, -1e200, 1e160], scoring="mean_squared_error")
    assert_same(network, Grid([-1, 0, 1e155]), X, [1.0, 0.0, 2.0], scoring="mean_squared_error", top=6)


def test_inputs_whose_products_underflow() -> None:
    X, y = [[5e-324], [1e-323], [1.5e-323], [5e-324]], np.array([1.0, 2.0, 1.2, 3.0]) * 1e-22
    network = Network.dense([1, 1], activation=minigrid.Identity())
    assert_same(network, Grid(np.linspace(0.0, 1e302, 41)), X, y, scoring="mean_squared_error")


@activation(monotonic=True)
def steps_late(z: FloatArray) -> FloatArray:
    return np.where(z > 5e-10, 1.0, 0.0)


def test_a_weight_of_0_beside_inputs_near_0() -> None:
    small, smaller = np.log(1e-9), np.log(3e-10)
    X = np.array([[5.0, -5.0], [-5.0, 5.0], [smaller, smaller], [smaller, small]])
    hidden = Layer([Neuron([1.0], inputs=[0]), Neuron([1.0], inputs=[1])], n_inputs=2)
    network = Network([hidden, Layer([Neuron([1.0, 1.0], activation=steps_late)])])
    fixed = {name: Grid.fixed(1.0) for name in network.parameter_names[:2]}
    assert_same(network, Grid([-1.0, 0.0, 1.0]), X, [1, 1, 0, 1], overrides=fixed)


@activation(monotonic=True)
def wavers(z: FloatArray) -> FloatArray:
    return np.logaddexp(0.0, z)


def test_a_monotonic_function_may_fall_by_its_last_bit() -> None:
    low = np.nextafter(np.random.default_rng(0).normal(size=20000), 0.0)
    high = np.nextafter(low, 10.0)
    falls = np.flatnonzero(wavers(low) > wavers(high))
    assert falls.size
    network = Network([Layer([Neuron([1.0], activation=wavers)] * 2), Layer([Neuron([1.0, 1.0])])])
    assert_same(network, Grid([low[falls[0]], high[falls[0]]]), [[1.0]], [1.0], scoring="mean_squared_error")


@final
@dataclass(frozen=True)
class Distance(Scoring):
    """A loss whose bound works with the middle of a range, which an infinite one has not."""

    greater_is_better = False

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return float(np.mean(np.abs(outputs[:, 0] - y_true)))

    @override
    def bound(
        self, y_true: FloatArray, lower: FloatArray, upper: FloatArray, /, sample_weight: FloatArray | None = None
    ) -> FloatArray:
        middle, half = (lower + upper)[..., 0] / 2.0, (upper - lower)[..., 0] / 2.0
        least: FloatArray = np.maximum(np.abs(middle - y_true) - half, 0.0).mean(axis=-1) * (1.0 - 1e-9)
        return least


def test_a_scoring_is_asked_about_finite_outputs_only() -> None:
    @activation(bounds=lambda low, high: (np.zeros_like(low), np.full_like(high, np.inf)))
    def square(z: FloatArray) -> FloatArray:
        return z * z

    network = Network.dense([2, 1], activation=square)
    assert_same(network, Grid.linspace(-2, 2, 5), [[1.0, 2.0], [0.5, -1.0]], [1.0, 0.0], scoring=Distance())


@pytest.mark.parametrize("n_values", [1000, 3000, 20000])
def test_memory_does_not_grow_with_the_grid(n_values: int) -> None:
    X, y = uniform(2, 50)
    tracemalloc.start()
    for sizes in ([2, 1], [2, 2, 1]):
        GridSearchTrainer(Grid.linspace(-10, 10, n_values), engine="exact", time_limit=0.5).fit(
            Network.dense(sizes), X, y
        )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**29


@dataclass(frozen=True)
class Table(Activation):
    """A user's class that holds an array, so that two of them cannot be compared by ==."""

    places: FloatArray

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.interp(z, self.places, np.linspace(0.0, 1.0, len(self.places)))


def test_activations_that_cannot_be_compared() -> None:
    two = [Neuron([0.0, 0.0], activation=Table(np.array([-1.0, 0.0, 2.0]))) for _ in range(2)]
    X, y = uniform(2, 40)
    assert_same(Network([Layer(two), Layer([Neuron([1.0, 1.0])])]), Grid.linspace(-2, 2, 3), X, y)


@pytest.mark.parametrize("best", [lambda: 1.0, "0", np.nan, True], ids=repr)
def test_a_best_possible_score_that_is_no_number(best: Any) -> None:
    class Wrong(Scoring):
        best_possible = best

        @override
        def __call__(
            self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None
        ) -> float:
            return 0.0

    with pytest.raises(ScoringError, match="best_possible"):
        GridSearchTrainer(Grid([0.0, 1.0]), scoring=Wrong()).fit(Network.dense([2, 1]), [[0.0, 1.0]], [1])


def test_what_a_proof_keeps_is_freed_with_it_and_not_at_some_later_time() -> None:
    X, y = sum_threshold(60, 2, 1.0)
    gc.collect()
    gc.disable()
    try:
        assert GridSearchTrainer(Grid.linspace(-3, 3, 7), engine="exact").fit(Network.dense([2, 2, 1]), X, y).optimal
        assert not [one for one in gc.get_objects() if isinstance(one, HiddenRanges | RowCache)]
    finally:
        gc.enable()
