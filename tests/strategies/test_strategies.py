"""Every strategy keeps its promises: true scores, true indices, no false proofs."""

import contextlib
import pickle
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

import minigrid
from minigrid import (
    Coordinate,
    Grid,
    GridSearchTrainer,
    Joint,
    LayerWise,
    Network,
    NoScoreError,
    PlannedStage,
    Strategy,
    Tanh,
    Zoom,
)
from minigrid.datasets import sum_threshold, xor
from minigrid.names import STRATEGIES as REGISTRY
from minigrid.search.engines.base import EnginePair
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from minigrid.search.running.stage import Outcome, Stage
from minigrid.strategies.guard import warn_if_unplanned
from tests.problems import problems, signed
from tests.profile import examples
from tests.strategies.promises import STRATEGIES, check, fit, may_be_optimal, problem_of, score_of


@pytest.mark.parametrize("strategy", [Joint(), LayerWise(), Coordinate(), Zoom(points=3, levels=2)], ids=repr)
def test_an_index_tells_the_two_zeros_apart_where_the_score_does(strategy: Strategy) -> None:
    overrides = {"layer1.neuron0.weight0": Grid([1.0, 2.0])}
    zeros = problem_of(Network.dense([1, 1, 1], activation=signed), Grid([-0.0, 0.0]), [[1.0]], [1], None, overrides)
    wider = problem_of(Network.dense([1, 1], activation=signed), Grid([-0.0, 1.0]), [[1.0]], [1])
    for problem in (zeros, wider):
        result = fit(problem, strategy)
        if result.index is not None:
            assert score_of(problem, problem.space[result.index]) == result.score


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@examples(25)
@given(problem=problems(most_candidates=200), top=st.integers(1, 4))
def test_a_result_is_true_and_no_more_sure_than_it_may_be(strategy: Strategy, problem: Problem, top: int) -> None:
    try:
        result = fit(problem, strategy, top=top)
    except NoScoreError:
        every = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
        assert np.isnan(every).all() if may_be_optimal(strategy, problem) else np.isnan(every).any()
        return
    check(problem, result, top)
    assert result.optimal is may_be_optimal(strategy, problem)


@pytest.mark.parametrize("strategy", STRATEGIES[1:], ids=repr)
@examples(20)
@given(problem=problems(most_candidates=60))
def test_both_engines_find_the_same(strategy: Strategy, problem: Problem) -> None:
    found = []
    for engine in ("batched", "reference"):
        try:
            result = fit(problem, strategy, engine=engine, top=3)
        except NoScoreError:
            found.append("NaN")
        else:
            found.append(repr([(c.index, c.score.hex(), c.parameters.tobytes()) for c in result.top]))
    assert found[0] == found[1]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_a_strategy_is_a_value(strategy: Strategy) -> None:
    copied = pickle.loads(pickle.dumps(strategy))
    assert copied == strategy
    assert hash(copied) == hash(strategy)
    assert eval(repr(strategy), {name: getattr(minigrid, name) for name in minigrid.__all__}) == strategy
    with pytest.raises((AttributeError, TypeError)):  # a TypeError by an oversight of Python 3.11
        setattr(strategy, "n", 3)  # noqa: B010  # that it cannot be set is the point


@pytest.mark.parametrize("strategy", [*STRATEGIES, Coordinate(max_rounds=1)], ids=repr)
def test_the_plan_says_at_most_how_many_will_be_scored(strategy: Strategy) -> None:
    X, y = xor(n_samples=30)
    network = Network.dense([2, 2, 1])
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 3), strategy=strategy)
    plan, result = trainer.plan(network, X, y), trainer.fit(network, X, y)
    assert result.n_scored <= plan.n_to_score
    assert sum(count for _, count, _ in plan.stages) == plan.n_to_score
    if not isinstance(strategy, Coordinate):
        assert result.n_scored == plan.n_to_score


@final
@dataclass(frozen=True)
class AsIfCustom(Strategy):
    """A built-in strategy that minigrid checks as it checks custom ones."""

    built_in: Strategy

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return self.built_in.stages(problem)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        return self.built_in.search(problem, runner)


def test_the_page_about_strategies_has_a_row_for_each() -> None:
    page = (Path(__file__).parents[2] / "docs" / "choosing_a_strategy.md").read_text(encoding="utf-8")
    rows = re.findall(r'^\| `"(\w+)"` \|', page, flags=re.MULTILINE)
    assert sorted(rows) == sorted(REGISTRY.built_in)


# Coordinate descent lists short stages together.
@pytest.mark.parametrize("strategy", [one for one in STRATEGIES if not isinstance(one, Coordinate)], ids=repr)
def test_a_built_in_strategy_returns_and_runs_what_a_custom_one_has_to(strategy: Strategy) -> None:
    X, y = xor(n_samples=30)
    network, grid = Network.dense([2, 2, 1]), Grid.linspace(-2, 2, 3)
    found = [GridSearchTrainer(grid, strategy=one).fit(network, X, y) for one in (strategy, AsIfCustom(strategy))]
    assert found[0].top == found[1].top


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_the_same_search_twice_finds_the_same(strategy: Strategy) -> None:
    X, y = xor(n_samples=50)
    # "auto" may leave a proof for scoring all, by the clock: the result is the same then, its way there is not.
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 5), strategy=strategy, engine="exact", top=3)
    first, second = (trainer.fit(Network.dense([2, 2, 1], activation=Tanh()), X, y) for _ in range(2))
    assert first.top == second.top
    assert first.n_scored == second.n_scored


@final
@dataclass(frozen=True)
class FirstAndLast(Strategy):
    """A custom strategy that scores two candidates."""

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return (PlannedStage(Stage("ends", problem, [0, problem.space.size - 1])),)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        found = runner.run(Stage("ends", problem, [0, problem.space.size - 1]))
        return Outcome(found.best, found.optimal and problem.space.size == 2)


def test_a_strategy_of_a_users_own_can_be_passed_to_the_trainer() -> None:
    X, y = sum_threshold(n_samples=20)
    problem = problem_of(Network.dense([3, 1]), Grid([-1.0, 0.0, 1.0]), X, y)
    result = fit(problem, FirstAndLast(), top=5)
    check(problem, result, 5)
    assert {candidate.index for candidate in result.top} == {0, 26}
    assert (result.n_scored, result.optimal) == (2, False)
    assert result.strategy == "FirstAndLast()"


@final
@dataclass(frozen=True)
class Planned(Strategy):
    """A custom strategy that lists some stages, and runs others."""

    listed: tuple[tuple[str, int | None], ...]
    ran: tuple[str, ...]

    @override
    def stages(self, problem: Problem) -> tuple[PlannedStage, ...]:
        return tuple(PlannedStage(Stage(name, problem, [0]), n_least=least) for name, least in self.listed)

    @override
    def search(self, problem: Problem, runner: Runner) -> Outcome:
        best = [candidate for name in self.ran for candidate in runner.run(Stage(name, problem, [0])).best]
        return Outcome(tuple(best[:1]), optimal=False)


TOLD = {
    "a stage that is not listed": ((("climb", None),), ("start", "climb"), "'climb', while it ran 'start'"),
    "one that is listed only": ((("start", None), ("climb", None)), ("start",), "while it did not run 'climb'"),
    "both": ((("all", None),), ("everything",), "'all', while it ran 'everything' and it did not run 'all'"),
}
UNTOLD = {
    "the same names": ((("start", None), ("climb", None)), ("start", "climb", "climb")),
    "more to a name": ((("start", None), ("climb", None)), ("start 1", "start 1, climb", "start 2, climb")),
    "one that may be left out": ((("start", None), ("climb", 0)), ("start",)),
}


@pytest.mark.parametrize(("listed", "ran", "got"), TOLD.values(), ids=TOLD)
def test_a_strategy_that_lists_other_stages_than_it_runs_is_told(listed: Any, ran: Any, got: str) -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Planned(listed, ran))
    with pytest.warns(
        UserWarning, match=r"^stages of strategy Planned\(.*: expected all stages that it runs"
    ) as caught:
        trainer.fit(Network.dense([2, 1]), *sum_threshold(20, 2))
    assert got in str(caught[0].message)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(("listed", "ran"), UNTOLD.values(), ids=UNTOLD)
def test_a_strategy_that_lists_what_it_runs_is_not_told_anything(listed: Any, ran: Any) -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Planned(listed, ran))
    assert trainer.fit(Network.dense([2, 1]), *sum_threshold(20, 2)).n_scored == len(ran)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("strategy", [*STRATEGIES, Coordinate("neuron", restarts=2, start=[0.0])], ids=repr)
@examples(25)
@given(problem=problems(most_candidates=200))
def test_built_in_strategies_list_what_they_run_as_custom_ones_must(strategy: Strategy, problem: Problem) -> None:
    if isinstance(strategy, Coordinate) and strategy.start is not None:
        strategy = replace(strategy, start=problem.space[: strategy.restarts + 1])
    runner = Runner(problem, EnginePair(BatchedEngine()))
    with contextlib.suppress(NoScoreError):
        strategy.search(problem, runner)
    warn_if_unplanned(strategy, strategy.stages(problem), runner, stacklevel=1)
    assert runner.stage_names


def test_a_strategy_that_is_stopped_need_not_run_all_that_it_lists() -> None:
    strategy = Planned((("start", None), ("climb", None)), ("start",))
    stopped = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=strategy, callbacks=[lambda event: True])
    assert stopped.fit(Network.dense([2, 1]), *sum_threshold(20, 2)).stop_reason == "callback"
