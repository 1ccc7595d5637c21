"""The zoom strategy does what its docstring says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minigrid import (
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    MeanSquaredError,
    Network,
    NoScoreError,
    SearchEvent,
    SearchSpace,
    Zoom,
)
from minigrid._base.typing import FloatArray
from minigrid.datasets import sum_threshold
from minigrid.search.problem import Problem
from tests.problems import problems
from tests.profile import examples
from tests.strategies.promises import check, fit, hilly, problem_of


def coarse(problem: Problem, points: int) -> Problem:
    """The first grid of Zoom, written down once more."""
    grids = []
    for grid in problem.space.grids:
        low, high = float(grid.values.min()), float(grid.values.max())
        grids.append(Grid.fixed(low) if low == high else Grid.linspace(low, high, points))
    return problem.with_space(SearchSpace.from_grids(grids, problem.space.names))


@pytest.mark.parametrize("zoom", [Zoom(points=3, levels=4), Zoom(points=4, levels=3)], ids=repr)
@examples(25)
@given(problem=problems(most_candidates=16))
def test_zoom_stays_inside_its_bounds_and_is_never_worse_than_its_first_grid(zoom: Zoom, problem: Problem) -> None:
    first = coarse(problem, zoom.points)
    try:
        start = fit(first, Joint())
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(problem, zoom)
        return
    result = fit(problem, zoom)
    assert not problem.better(start.score, result.score)
    for value, grid in zip(result.parameters, problem.space.grids, strict=True):
        assert grid.values.min() <= value <= grid.values.max()
    assert result.n_scored <= first.space.size * zoom.levels
    once = fit(problem, replace(zoom, levels=1))
    assert once.score == start.score
    assert once.parameters.tobytes() == start.parameters.tobytes()
    assert not problem.better(once.score, result.score)


def test_zoom_comes_near_what_no_grid_names() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 2))
    y = X @ [0.3217, -7.7071]
    problem = problem_of(
        Network.dense([2, 1], activation=Identity()), Grid.linspace(-10, 10, 3), X, y, MeanSquaredError()
    )
    for points, levels in [(5, 8), (9, 5), (4, 10)]:
        result = fit(problem, Zoom(points=points, levels=levels))
        step = 20.0 / (points - 1) * (2.0 / (points - 1)) ** (levels - 1)
        assert np.abs(result.parameters - [0.3217, -7.7071]).max() <= 2 * step
        assert result.index is None
        assert result.n_scored == levels * points**2
        assert not result.optimal


def test_zoom_says_the_index_where_it_ends_on_the_grid() -> None:
    problem = problem_of(
        Network.dense([1, 1], activation=Identity()),
        Grid([2.0, -2.0, 1.0, 0.0, 1.0]),
        [[1.0], [2.0]],
        [1.0, 2.0],
        MeanSquaredError(),
    )
    result = fit(problem, Zoom(points=5, levels=2))
    assert (result.parameters.tolist(), result.score, result.index) == ([1.0], 0.0, 2)


def test_zoom_leaves_fixed_parameters() -> None:
    problem = hilly()
    held = {k: Grid.fixed(0.1 * k) for k in range(1, 8)}
    part = problem.with_space(problem.space.with_grids(held))
    result = fit(part, Zoom(points=4, levels=3), top=3)
    check(part, result, 3)
    assert result.parameters[1:8].tolist() == [0.1 * k for k in range(1, 8)]
    assert result.n_scored == 3 * 4**2


def test_zoom_names_its_levels() -> None:
    stages: list[tuple[str, int]] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "finished":
            stages.append((event.stage, event.n_candidates))

    X, y = sum_threshold(n_samples=20)
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Zoom(points=4, levels=3), callbacks=[listen])
    trainer.fit(Network.dense([3, 1]), X, y)
    assert stages == [(f"level {level} of 3", 64) for level in (1, 2, 3)]


def test_zoom_returns_its_best_though_a_finer_grid_has_no_score() -> None:
    def picky(y_true: FloatArray, outputs: FloatArray) -> float:
        return 1.0 if abs(outputs[0, 0] - 1 / 3) < 1e-9 else float("nan")

    network = Network.dense([1, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), strategy=Zoom(points=4, levels=3), scoring=picky)
    result = trainer.fit(network, [[1.0]], [1.0])
    assert result.score == 1.0
    assert result.parameters == pytest.approx([1 / 3])


def test_zoom_bears_bounds_as_wide_as_floats_go() -> None:
    X, y = sum_threshold(n_samples=20, n_features=2, threshold=1.0)
    trainer = GridSearchTrainer(Grid([-1.7e308, 0.0, 1.7e308]), strategy=Zoom(points=5, levels=3))
    result = trainer.fit(Network.dense([2, 1]), X * 1e-3, y)
    assert result.score == np.mean(result.network.predict(X * 1e-3) == y)
    assert np.abs(result.parameters).max() <= 1.7e308


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"points": 2}, InvalidValueError, "points"),
        ({"points": 4.0}, InvalidTypeError, "points"),
        ({"levels": 0}, InvalidValueError, "levels"),
        ({"levels": True}, InvalidTypeError, "levels"),
    ],
    ids=repr,
)
def test_settings_of_zoom_that_are_none_are_named(settings_: dict[str, Any], kind: type[Exception], named: str) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        Zoom(**settings_)
