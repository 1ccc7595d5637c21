"""Estimates of the remaining work of a search, from samples of its open boxes."""

import time
import tracemalloc

import numpy as np
import pytest

import minigrid
from minigrid import Grid, Network, SearchSpace
from minigrid._base.typing import BoolArray, IntArray
from minigrid.search.engines.exact import estimate
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.exact.estimate import Opened, work_ahead
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.frontier import Frontier
from minigrid.search.engines.exact.tree_search import TreeSearch
from minigrid.search.problem import Problem

N_VALUES = 64


def near(boxes: Boxes) -> BoolArray:
    """Tell which boxes reach a band around the diagonal: the work below boxes of one size differs a lot."""
    alive: BoolArray = (boxes.low[:, 0] <= boxes.high[:, 1] + 2) & (boxes.high[:, 0] >= boxes.low[:, 1] - 2)
    return alive


def expand(opened: Opened) -> tuple[Opened, float]:
    """Halve boxes; those near the diagonal are left, and each of them is explored."""
    halves = opened.boxes[~opened.boxes.are_points()].halves(np.ones(2))
    halves = halves[near(halves)]
    return Opened(halves, -halves.low.sum(axis=1).astype(np.float64), opened.known), float(len(opened.boxes))


def frontier_of(n_open: int) -> Frontier:
    axes = Axes((Grid(range(N_VALUES)),) * 2)
    boxes = axes.root()
    while len(boxes) < n_open:
        halves = boxes.halves(np.ones(2))
        boxes = halves[near(halves)]
    frontier = Frontier(axes)
    frontier.push(boxes, -boxes.low.sum(axis=1).astype(np.float64), axes.first(boxes))
    return frontier


def truth(frontier: Frontier) -> float:
    opened = Opened(frontier.boxes(np.arange(len(frontier))), frontier.bounds, Known())
    total = 0.0
    while len(opened.boxes):
        opened, work = expand(opened)
        total += work
    return total


@pytest.mark.parametrize("n_open", [1, 8, 40, 300])
def test_estimates_are_right_on_average_and_seldom_far_off(n_open: int) -> None:
    frontier = frontier_of(n_open)
    found = [work_ahead(frontier, expand, seed, np.inf) / truth(frontier) for seed in range(200)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.05)
    assert min(found) > 0.5
    assert max(found) < 2.0


def test_where_little_is_open_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_DRAWN", 10**6)
    frontier = frontier_of(40)
    assert work_ahead(frontier, expand, 0, np.inf) == truth(frontier)
    assert work_ahead(Frontier(Axes((Grid([0.0]),))), expand, 0, np.inf) == 0.0


def test_of_very_many_open_boxes_some_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_MOST", 50)
    frontier = frontier_of(300)
    found = [work_ahead(frontier, expand, seed, np.inf) / truth(frontier) for seed in range(200)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.1)


def test_looking_ahead_is_little_work_however_much_is_ahead() -> None:
    looked = []

    def noted(opened: Opened) -> tuple[Opened, float]:
        looked.append(len(opened.boxes))
        halves = opened.boxes.halves(np.ones(60))
        return Opened(halves, np.zeros(len(halves)), opened.known), float(len(opened.boxes))

    axes = Axes((Grid(range(1000)),) * 60)
    frontier = Frontier(axes)
    frontier.push(axes.root(), np.array([np.inf]), axes.first(axes.root()))
    assert work_ahead(frontier, noted, 0, np.inf) >= 1e30
    assert sum(looked) < 3000


def test_what_takes_too_long_is_guessed_from_what_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    frontier, looked = frontier_of(1), list[int]()
    now = 0.0

    def slow(opened: Opened) -> tuple[Opened, float]:
        nonlocal now
        looked.append(len(opened.boxes))
        now += 0.01
        return expand(opened)

    monkeypatch.setattr(time, "perf_counter", lambda: now)

    found = work_ahead(frontier, slow, 0, 0.06)
    whole = len(looked)
    assert sum(looked) < found < 2.0 * truth(frontier)
    looked.clear()
    work_ahead(frontier, slow, 0, np.inf)
    assert whole < len(looked)


# Real searches -----------------------------------------------------------------------------------------------------


def problems() -> dict[str, Problem]:
    generator = np.random.default_rng(1)
    X, y = generator.normal(size=(60, 2)), generator.integers(0, 2, size=60)

    def problem(network: Network, grid: Grid, scoring: minigrid.Scoring, targets: IntArray = y) -> Problem:
        return Problem.create(network, SearchSpace(network, grid), X, targets, scoring)

    two, five = Network.dense([2, 2, 1], bias=True), Grid.linspace(-2, 2, 5)
    classes, few = Network.dense([2, 2, 3]), Grid.linspace(-2, 2, 5)
    three = generator.integers(0, 3, size=60)
    return {
        "labels": problem(two, five, minigrid.Accuracy()),
        "classes with a hidden layer": problem(classes, few, minigrid.Accuracy(), three),
        "classes": problem(Network.dense([2, 3], bias=True), Grid.linspace(-2, 2, 5), minigrid.Accuracy(), three),
        "a convex loss": problem(two, five, minigrid.LogLoss()),
        "a loss that is not convex": problem(two, five, minigrid.MeanSquaredError()),
        "boxes": problem(Network.dense([2, 2, 2, 1]), Grid([-2, 0, 2]), minigrid.Accuracy()),
    }


PROBLEMS = problems()


def done(search: TreeSearch | BranchAndBound) -> float:
    """Return how much work was done: boxes, or samples that were examined."""
    return float(search.steps if isinstance(search, BranchAndBound) else search._work)


def make_search(problem: Problem) -> TreeSearch | BranchAndBound:
    search = ExactEngine(smallest_batch=2).search(problem, top=1)
    assert isinstance(search, TreeSearch | BranchAndBound)
    return search


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_search_takes_no_more_memory_than_it_says(name: str) -> None:
    tracemalloc.start()
    try:
        search = make_search(PROBLEMS[name])
        for _ in range(3):
            if not search.finished:
                search.advance()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= search.memory < 2**30


@pytest.mark.usefixtures("own_clock")
@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_ahead_is_about_what_is_then_done(name: str) -> None:
    first, search = make_search(PROBLEMS[name]), make_search(PROBLEMS[name])
    while not first.finished:
        first.advance()
    search.offer(first.best[0])  # a better candidate on the way would leave less to do
    estimates: list[tuple[float, float]] = []
    while not search.finished:
        search.advance()
        if not search.steps:  # it looked for a good candidate first
            continue
        if estimates and done(search) < 1.2 * estimates[-1][0]:
            continue
        ahead = float(np.mean([search.steps_ahead() for _ in range(3)]))
        estimates.append((done(search), ahead * done(search) / search.steps))
    assert search.steps_ahead() == 0.0
    end = done(search)
    ratios = [ahead / (end - before) for before, ahead in estimates if before < 0.9 * end]
    assert ratios
    assert all(1 / 3 < ratio < 3.0 for ratio in ratios)
