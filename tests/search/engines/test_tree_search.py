"""The search over trees: its steps, what it saves and forgets, and what others search for it."""

import json
import math
from collections.abc import Container
from typing import Any

import numpy as np
import pytest

import minigrid
from minigrid import Grid, Network, SearchSpace
from minigrid._base.typing import JSON, FloatArray
from minigrid.scoring import Accuracy
from minigrid.search.engines.base import Search, Unprovable
from minigrid.search.engines.exact import tree_search
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.label_trees import LabelTrees
from minigrid.search.engines.exact.tree_search import TreeSearch
from minigrid.search.problem import Problem


def make_search(problem: Problem, top: int) -> TreeSearch:
    search: Search | Unprovable = ExactEngine(smallest_batch=2).search(problem, top=top)
    assert isinstance(search, TreeSearch)
    return search


def noise(n_hidden: int, values: list[float], scoring: minigrid.Scoring | None = None) -> Problem:
    """Labels, or targets, that nothing fits."""
    generator = np.random.default_rng(1)
    X, y = generator.normal(size=(30, 2)), generator.integers(0, 2, size=30)
    output = minigrid.Sigmoid() if scoring is None else minigrid.Identity()
    network = Network.dense([2, n_hidden, 1], activation=minigrid.Tanh(), output_activation=output, bias=n_hidden == 2)
    space = SearchSpace(network, Grid(values))
    return Problem.create(network, space, X, y, Accuracy() if scoring is None else scoring)


@pytest.mark.parametrize("fast", ["0", "1"])
@pytest.mark.parametrize("top", [1, 4])
@pytest.mark.parametrize("n_hidden", [2, 3])
@pytest.mark.usefixtures("small_steps")
def test_a_search_that_is_resumed_after_every_step_goes_the_same_way(
    fast: str, top: int, n_hidden: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    problem = noise(n_hidden, [-2.0, 0.3, 1.7] if n_hidden == 2 else [-1.0, 0.7])
    whole, parts, n_steps = make_search(problem, top), make_search(problem, top), 0
    bounds, scores = [np.inf], [-np.inf]
    while not whole.finished:
        whole.advance()
        parts.advance()
        state = json.loads(json.dumps(parts.state()))
        parts = make_search(problem, top)
        parts.restore(state)
        assert parts.state() == whole.state()
        assert (parts.best, parts.bound, parts.finished) == (whole.best, whole.bound, whole.finished)
        assert 0 < whole.n_scored <= max(whole.n_processed, 1)
        assert whole.bound <= bounds[-1]
        assert whole.best[0][0] >= scores[-1]
        bounds.append(whole.bound)
        scores.append(whole.best[0][0])
        n_steps += 1
    assert n_steps > 5
    assert whole.n_processed == problem.space.size


@pytest.mark.parametrize("top", [1, 4])
@pytest.mark.parametrize(("n_hidden", "values"), [(2, [-2.0, 0.3, 1.7]), (2, [-1.0, 0.0, 1.0]), (3, [-1.0, 0.7])])
@pytest.mark.usefixtures("small_steps", "not_compiled")
def test_what_is_known_of_open_nodes_saves_work_and_changes_nothing_else(
    top: int, n_hidden: int, values: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving forgets none of it, and a search that has lost it, as a resumed one has, goes the same way."""
    problem, work, bound = noise(n_hidden, values), [0.0], LabelTrees.bound

    def counted(method: LabelTrees, *arguments: Any) -> tuple[FloatArray, Known, float]:
        found = bound(method, *arguments)
        work[0] += found[2]
        return found

    def course(*, lost: Container[int] = (), saved: bool = True) -> tuple[list[JSON], float]:
        search, states, work[0] = make_search(problem, top), list[JSON](), 0.0
        while not search.finished:
            search.advance()
            if len(states) in lost:
                search._forget()
            states.append(search.state() if saved else None)
        return states, work[0]

    monkeypatch.setattr(LabelTrees, "bound", counted)
    states, least = course()
    assert course(saved=False)[1] == least
    assert all(course(lost=[k])[0] == states for k in range(0, len(states), 3))
    again, most = course(lost=range(len(states)))
    assert again == states
    assert most > least


@pytest.mark.parametrize("top", [1, 4])
@pytest.mark.usefixtures("small_steps", "not_compiled")
def test_nodes_that_are_taken_up_too_late_are_dropped(top: int) -> None:
    """Once the best candidates are known, nothing is left of the nodes that were open before."""
    problem = noise(2, [-2.0, 0.3, 1.7])
    whole, begun = make_search(problem, top), make_search(problem, top)
    while not whole.finished:
        whole.advance()
    for _ in range(4):
        begun.advance()
    boxes, bounds = begun._frontier.take(begun.n_open)
    incumbents = begun._incumbents.copy()
    incumbents.merge(whole.best)
    nodes, method = begun._trees.nodes(boxes), begun.method
    explored = method.explore(nodes, bounds, incumbents, math.inf, method.join([None] * len(nodes)))
    assert not any(map(len, explored.nodes))
    assert list(incumbents.best) == whole.best


@pytest.mark.parametrize("fast", ["0", "1"])
@pytest.mark.parametrize("top", [1, 4])
@pytest.mark.parametrize("scoring", [None, minigrid.MeanSquaredError()], ids=repr)
@pytest.mark.usefixtures("small_steps")
def test_what_is_searched_elsewhere_comes_back(
    fast: str, top: int, scoring: minigrid.Scoring | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    problem = noise(3, [-1.0, 0.7], scoring)
    whole, search, generator = make_search(problem, top), make_search(problem, top), np.random.default_rng(0)
    while not whole.finished:
        whole.advance()
    while not search.finished:
        search.advance()
        given_away = [search.split_off(int(generator.integers(1, 5))) for _ in range(3) if search.n_open]
        restored = make_search(problem, top)
        restored.restore(json.loads(json.dumps(search.state())))  # boxes given away are still open
        assert restored.n_open >= sum(part.n_open for part in given_away)
        assert restored.n_processed == search.n_processed
        for part in reversed(given_away):
            if generator.random() < 0.3:
                search.reopen(part)
            else:
                search.merge(part, make_search(problem, top).solve(part, 0.0))
        assert 0 < search.n_scored <= max(search.n_processed, 1)
    assert search.best == whole.best
    assert search.n_processed == problem.space.size
    assert search.bound == search.best[0][0]


@pytest.mark.parametrize("fast", ["0", "1"])
def test_a_limit_ends_a_search_that_has_processed_nothing(fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    monkeypatch.setattr(tree_search, "_MOST_WORK", 1.0)
    problem = noise(3, np.linspace(-2.0, 2.0, 9).tolist())
    events: list[minigrid.SearchEvent] = []
    trainer = minigrid.GridSearchTrainer(
        problem.space.grids[0],
        engine=ExactEngine(smallest_batch=1),
        time_limit=1e-9,
        callbacks=[events.append],
    )
    result = trainer.fit(problem.network, problem.X, problem.targets)
    assert (result.stop_reason, result.optimal) == ("time_limit", False)
    assert len([event for event in events if event.kind == "progressed"]) == 1
    assert result.n_scored == 1
    assert result.score <= result.bound


@pytest.mark.usefixtures("compiled")
def test_the_work_of_compiled_kernels_lets_steps_grow() -> None:
    problem = noise(2, np.linspace(-2.0, 2.0, 9).tolist())
    search, before = make_search(problem, 1), 0
    search.advance()  # a good candidate to begin with
    while not search.finished:
        search.advance()
        assert search._work > before
        before = search._work
