"""The picture of the score over one parameter shows the scores of a search, and pictures name inputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D

from minigrid import (
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    MinigridError,
    Network,
    Neuron,
    NoScoreError,
    OutOfRangeError,
    ShapeError,
    Sigmoid,
    UnknownNameError,
)
from minigrid.names import SCORINGS
from minigrid.plotting import NearBestDisplay, ScoreCurveDisplay, ScoreLandscapeDisplay
from tests.plotting.displays import GRID, HALVES, X, Y, artists, legend_of, wave


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "log_loss", "mean_squared_error", "hinge"])
@pytest.mark.parametrize("parameter", [0, 4, -1, "layer0.neuron1.weight0"])
@pytest.mark.parametrize("inner", [Sigmoid(), wave], ids=repr)
def test_every_score_and_the_best_are_those_of_a_search(scoring: Any, parameter: Any, inner: Any) -> None:
    network = Network.dense([2, 2, 1], activation=inner, output_activation=Sigmoid())
    network = network.with_parameters([0.3, -1.7, 2.2, 0.1, -3.3, 4.1])
    weights, grid = np.linspace(0.0, 2.0, 60), Grid([3.0, -1.0, -1.0, 0.2, 6.0])
    display = ScoreCurveDisplay.from_search(
        network, X, Y, grid, parameter=parameter, scoring=scoring, sample_weight=weights
    )
    held = dict(zip(network.parameter_names, network.parameters.tolist(), strict=True))
    grids = {name: grid if name == display.parameter_name else Grid.fixed(value) for name, value in held.items()}
    trainer = GridSearchTrainer(grid, overrides=grids, scoring=scoring, engine="reference")
    result = trainer.fit(network, X, Y, sample_weight=weights)
    assert (display.best.index, display.best.score) == (result.index, result.score)
    assert np.array_equal(display.best.parameters, result.parameters)
    scorer = SCORINGS.make(scoring)
    for value, score in zip(grid, display.scores, strict=True):
        changed = held | {display.parameter_name: value}
        outputs = network.with_parameters(list(changed.values()))(X)
        assert score == scorer(Y.astype(float), outputs, sample_weight=weights)  # bit for bit
    assert display.held == held[display.parameter_name]
    assert display.held_score == network.score(X, Y, scoring=scoring, sample_weight=weights)


def test_the_line_goes_through_the_scores_and_the_best_and_the_network_are_marked() -> None:
    network = Network.dense([1, 1], activation=Identity()).with_parameters([0.5])  # a network of one parameter
    x, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])
    display = ScoreCurveDisplay.from_search(network, x, y, Grid([2.0, 1.0, -1.0, 1.0]), scoring="mean_squared_error")
    display.plot(title="one weight")
    line: Any = display.line_
    assert line.get_xdata().tolist() == [-1.0, 1.0, 2.0]
    assert line.get_ydata().tolist() == [10.0, 0.0, 2.5]
    (star,) = [one for one in artists(display, Line2D) if one.get_marker() == "*"]
    (circle,) = [one for one in artists(display, Line2D) if one.get_marker() == "o" and one is not line]
    assert (star.get_xdata()[0], star.get_ydata()[0]) == (1.0, 0.0)
    assert (circle.get_xdata()[0], circle.get_ydata()[0]) == (0.5, 0.625)
    assert legend_of(display) == ["best: 0 at 1", "the network"]
    assert display.ax_.get_xlabel() == "layer0.neuron0.weight0"
    assert display.ax_.get_ylabel() == "MeanSquaredError, lower is better"
    assert display.ax_.get_title() == "one weight"
    own = display.plot(xlabel="a", ylabel="b")
    assert (own.ax_.get_xlabel(), own.ax_.get_ylabel()) == ("a", "b")


def test_values_without_a_score_are_grey_and_losses_of_many_magnitudes_on_a_logarithmic_scale() -> None:
    network = Network.dense([2, 2, 1], activation=Identity(), output_activation=Sigmoid())
    network = network.with_parameters([1e308, 1e308, 1e308, 1e308, 5, -5])
    display = ScoreCurveDisplay.from_search(network, 3 * X, Y, Grid([-1.0, 0.0, 1.0]), parameter=4).plot()
    assert np.isnan(display.scores).any()
    assert legend_of(display)[-1] == "NaN"
    with pytest.raises(NoScoreError, match="NaN for all 2"):
        ScoreCurveDisplay.from_search(network, 3 * X, Y, Grid([1.0, 2.0]), parameter=4)
    line = Network.dense([2, 1], activation=Identity())
    wide = ScoreCurveDisplay.from_search(line, X, Y, Grid([1.0, 1e30, 1e60]), scoring="mean_squared_error")
    assert wide.plot().ax_.get_yscale() == "log"
    near = ScoreCurveDisplay.from_search(line, X, Y, Grid.linspace(-1, 1, 8), scoring="mean_squared_error")
    assert near.plot().ax_.get_yscale() == "linear"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f("network", X, Y, GRID), InvalidTypeError, "expected a Network"),
        (lambda f: f(HALVES, X, Y, [GRID]), InvalidTypeError, "grid: expected a Grid"),
        (lambda f: f(HALVES, X, Y, Grid([1e200])), InvalidValueError, "can be drawn"),
        (lambda f: f(HALVES, X, Y, Grid.linspace(0, 1, 4_000_001)), InvalidValueError, "at most 4,000,000 values"),
        (lambda f: f(HALVES, X, Y, GRID, parameter=2), OutOfRangeError, "below 2"),
        (lambda f: f(HALVES, X, Y, GRID, parameter=1.5), InvalidTypeError, "names or positions"),
        (lambda f: f(HALVES, X, Y, GRID, parameter="layer0.neuron0.bias"), UnknownNameError, "Did you mean"),
        (lambda f: f(HALVES, X, Y, GRID, scoring="acuracy"), UnknownNameError, "accuracy"),
        (lambda f: f(HALVES, X, Y[:3], GRID), ShapeError, "60"),
        (lambda f: f(HALVES, X, Y, GRID, feature_names=["a"]), ShapeError, "2 names, one for each input, got 1"),
        (lambda f: f(HALVES, X, Y, GRID, feature_names=[1, 2]), InvalidTypeError, "feature_names: expected strings"),
    ],
)
def test_what_has_no_curve_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(ScoreCurveDisplay.from_search)
    assert isinstance(caught.value, MinigridError)


# Names of inputs --------------------------------------------------------------------------------

SPARSE = Network(
    [Layer([Neuron([1.0, 2.0], bias=0.5), Neuron([3.0], inputs=[1])]), Layer([Neuron([1.0, -1.0], bias=0.0)])]
)
NAMED = (
    "layer0.neuron0.weight0 (height)",
    "layer0.neuron0.weight1 (width)",
    "layer0.neuron0.bias",
    "layer0.neuron1.weight0 (width)",
    "layer1.neuron0.weight0",
    "layer1.neuron0.weight1",
    "layer1.neuron0.bias",
)


@pytest.mark.parametrize(
    "given",
    [{"X": X, "feature_names": ["height", "width"]}, {"X": pd.DataFrame(X, columns=["height", "width"])}],
    ids=["names", "data frame"],
)
def test_pictures_name_the_inputs_of_weights(given: Any) -> None:
    for position, label in enumerate(NAMED):
        curve = ScoreCurveDisplay.from_search(SPARSE, y=Y, grid=GRID, parameter=position, **given).plot()
        assert curve.ax_.get_xlabel() == label
        assert curve.parameter_name == SPARSE.parameter_names[position]
        if position:
            both = ScoreLandscapeDisplay.from_search(SPARSE, y=Y, grid=GRID, parameters=(position, 0), **given).plot()
            assert (both.ax_.get_xlabel(), both.ax_.get_ylabel()) == (label, NAMED[0])
            assert both.parameter_names == (SPARSE.parameter_names[position], SPARSE.parameter_names[0])


def test_a_picture_of_near_best_candidates_names_the_inputs_of_weights() -> None:
    near = GridSearchTrainer(Grid([-1.0, 1.0])).near_best(SPARSE, X, Y, within=0.1)
    plain, named = (
        NearBestDisplay.from_result(near),
        NearBestDisplay.from_result(near, feature_names=["height", "width"]),
    )
    assert tuple(tick.get_text() for tick in plain.plot().ax_.get_yticklabels()) == SPARSE.parameter_names
    assert tuple(tick.get_text() for tick in named.plot().ax_.get_yticklabels()) == NAMED
    with pytest.raises(ShapeError, match="feature_names: expected 2 names"):
        NearBestDisplay.from_result(near, feature_names=["height"])
