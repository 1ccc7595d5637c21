"""The picture of a score landscape shows the scores of a search."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D

from minigrid import (
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    Network,
    NoScoreError,
    OutOfRangeError,
    ShapeError,
    Sigmoid,
    Tanh,
    UnknownNameError,
)
from minigrid.names import SCORINGS
from minigrid.plotting import ScoreLandscapeDisplay
from tests.plotting.displays import GRID, HALVES, X, Y, artists, legend_of, pixel, wave


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "log_loss", "mean_squared_error", "hinge"])
@pytest.mark.parametrize("parameters", [(0, 5), (4, 1), ("layer0.neuron1.weight0", -1)])
@pytest.mark.parametrize("inner", [Sigmoid(), Tanh(), wave], ids=repr)
def test_every_score_and_the_best_are_those_of_a_search(scoring: Any, parameters: Any, inner: Any) -> None:
    network = Network.dense([2, 2, 1], activation=inner, output_activation=Sigmoid())
    network = network.with_parameters([0.3, -1.7, 2.2, 0.1, -3.3, 4.1])
    weights = np.linspace(0.0, 2.0, 60)
    first, second = Grid([3.0, -1.0, -1.0, 0.2]), Grid.linspace(-6, 6, 9)
    display = ScoreLandscapeDisplay.from_search(
        network, X, Y, (first, second), parameters=parameters, scoring=scoring, sample_weight=weights
    )
    named = dict(zip(display.parameter_names, (first, second), strict=True))
    held = dict(zip(network.parameter_names, network.parameters.tolist(), strict=True))
    grids = {name: named.get(name, Grid.fixed(value)) for name, value in held.items()}
    trainer = GridSearchTrainer(first, overrides=grids, scoring=scoring, engine="reference")
    result = trainer.fit(network, X, Y, sample_weight=weights)
    assert (display.best.index, display.best.score) == (result.index, result.score)
    assert np.array_equal(display.best.parameters, result.parameters)
    assert display.scores[display.best_position] == result.score
    scorer = SCORINGS.make(scoring)
    for i, j in np.ndindex(display.scores.shape):
        changed = held | dict(zip(display.parameter_names, (first[i], second[j]), strict=True))
        outputs = network.with_parameters(list(changed.values()))(X)
        assert display.scores[i, j] == scorer(Y.astype(float), outputs, sample_weight=weights)  # bit for bit


def test_a_landscape_is_scored_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network.dense([2, 1])
    whole = ScoreLandscapeDisplay.from_search(network, X, Y, Grid.linspace(-3, 3, 13), scoring="log_loss")
    monkeypatch.setattr("minigrid.search.engines.batched.engine.BatchedEngine.chunk_size", lambda self, problem: 5)
    parts = ScoreLandscapeDisplay.from_search(network, X, Y, Grid.linspace(-3, 3, 13), scoring="log_loss")
    assert np.array_equal(whole.scores, parts.scores)


def test_of_equal_scores_the_first_is_marked() -> None:
    display = ScoreLandscapeDisplay.from_search(Network.dense([2, 1]), X, np.ones(60), Grid([-1.0, 2.0, 3.0])).plot()
    assert np.argwhere(display.scores == 1.0).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]
    assert display.best_position == (1, 1)
    (star,) = [line for line in artists(display, Line2D) if line.get_marker() == "*"]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (2.0, 2.0)
    assert legend_of(display) == ["best: 1 at (2, 2)", "the network"]


def test_cells_are_where_their_values_are_and_the_best_is_bright() -> None:
    network = Network.dense([2, 1], activation=Identity()).with_parameters([0.5, 1.0])
    display = ScoreLandscapeDisplay.from_search(
        network, X, X[:, 0], [Grid([2.0, 1.0, -1.0, 1.0]), Grid([0.0, 1.0])], scoring="mean_squared_error"
    ).plot(title="mean squared error")
    assert display.best.parameters.tolist() == [1.0, 0.0]
    assert display.ax_.get_xlim() == (-2.0, 2.5)  # -1, 1 and 2, edges half-way
    assert display.ax_.get_ylim() == (-0.5, 1.5)
    assert sum(pixel(display, 1.3, -0.3)) > sum(pixel(display, -1.0, 0.8)) + 100
    assert legend_of(display) == ["best: 0 at (1, 0)", "the network"]
    (bar,) = [axes for axes in display.figure_.axes if axes is not display.ax_]
    assert bar.get_ylabel() == "MeanSquaredError, lower is better"
    mesh: Any = display.surface_
    expected = [display.scores[[2, 1, 0], row].tolist() for row in range(2)]
    assert np.asarray(mesh.get_array()).tolist() == expected


def test_losses_of_many_magnitudes_are_drawn_by_their_logarithm() -> None:
    network = Network.dense([2, 1], activation=Identity())
    wide = ScoreLandscapeDisplay.from_search(network, X, Y, Grid.linspace(-1e60, 1e60, 9), scoring="mean_squared_error")
    assert isinstance(wide.plot().surface_.norm, LogNorm)
    near = ScoreLandscapeDisplay.from_search(network, X, Y, Grid.linspace(-1, 1, 8), scoring="mean_squared_error")
    assert not isinstance(near.plot().surface_.norm, LogNorm)


def test_pairs_without_a_score_are_hatched() -> None:
    network = Network.dense([2, 2, 1], activation=Identity(), output_activation=Sigmoid())
    network = network.with_parameters([1e308, 1e308, 1e308, 1e308, 5, -5])
    display = ScoreLandscapeDisplay.from_search(network, 3 * X, Y, Grid.linspace(-2, 2, 5), parameters=(4, 5)).plot()
    assert np.isnan(display.scores).any()
    assert not np.isnan(display.best.score)
    assert legend_of(display)[-1] == "NaN"
    with pytest.raises(NoScoreError, match="NaN for all 2"):
        ScoreLandscapeDisplay.from_search(network, 3 * X, Y, [Grid([1.0]), Grid([-1.0, -2.0])], parameters=(4, 5))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f("network", X, Y, GRID), InvalidTypeError, "expected a Network"),
        (lambda f: f(HALVES, X, Y, [GRID]), ShapeError, "a Grid for each of the two parameters, got 1 item"),
        (lambda f: f(HALVES, X, Y, [-1, 1]), InvalidTypeError, "grid: expected a Grid"),
        (lambda f: f(HALVES, X, Y, 5), InvalidTypeError, "a Grid, or two"),
        (lambda f: f(HALVES, X, Y, Grid([1e200])), InvalidValueError, "can be drawn"),
        (lambda f: f(HALVES, X, Y, Grid.linspace(0, 1, 3000)), InvalidValueError, "at most 4,000,000 pairs"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, 0)), InvalidValueError, "two different ones"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, 2)), OutOfRangeError, "below 2"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=[0]), ShapeError, "parameters: expected two, got 1"),
        (lambda f: f(HALVES, X, Y, GRID, parameters="ab"), InvalidTypeError, "two parameters"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, 1.5)), InvalidTypeError, "names or positions"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, "layer0.neuron0.bias")), UnknownNameError, "Did you mean"),
        (lambda f: f(Network.dense([1, 1]), [[1.0]], [1], GRID), ShapeError, "at least 2 parameters"),
        (lambda f: f(HALVES, X, Y, GRID, scoring="acuracy"), UnknownNameError, "accuracy"),
        (lambda f: f(HALVES, X, Y[:3], GRID), ShapeError, "60"),
    ],
)
def test_what_has_no_landscape_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(ScoreLandscapeDisplay.from_search)
    assert isinstance(caught.value, MinigridError)


def test_a_landscape_of_nearly_one_score_says_so() -> None:
    """A dark square would not show the one pair that is better."""
    network, values = Network.dense([2, 1]).with_parameters([1.0, 1.0]), Grid.linspace(1.0, 10.0, 10)
    points, labels = [[1.0, 1.0], [-1.0, 0.5]], [1, 0]
    display = ScoreLandscapeDisplay.from_search(network, points, labels, [Grid([1.0]), values]).plot()
    assert not any("pairs" in entry for entry in legend_of(display))  # half of the scores are others
    worst = ScoreLandscapeDisplay.from_search(network, [[1.0, 1.0]], [0], values).plot()
    assert "0 for 100 of 100 pairs" in legend_of(worst)
