"""Pictures: what is computed, what stands in them, where they are drawn, and what is refused."""

import sys
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.contour import QuadContourSet
from matplotlib.lines import Line2D

import minigrid
import minigrid.plotting.recorder
from minigrid import (
    Candidate,
    FloatArray,
    Gaussian,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    LeakyReLU,
    MinigridError,
    MissingExtraError,
    Network,
    NoScoreError,
    NotDrawnError,
    OutOfRangeError,
    SearchEvent,
    SearchResult,
    ShapeError,
    Sigmoid,
    Step,
    Tanh,
    UnknownNameError,
    activation,
)
from minigrid.datasets import flip_labels, sum_threshold, xor
from minigrid.names import SCORINGS
from minigrid.plotting import (
    ActivationsDisplay,
    DecisionBoundaryDisplay,
    Display,
    ScoreLandscapeDisplay,
    SearchHistoryDisplay,
    SearchRecorder,
    StrategiesDisplay,
)
from minigrid.plotting.drawing import BLUE, ORANGE
from tests.project.test_light import loaded_by

X, Y = xor(n_samples=60)
HALVES = Network.dense([2, 1]).with_parameters([8.0, -8.0])  # 1 where the first feature is the larger
THREE = Network.dense([2, 3], activation=Identity(), bias=True).with_parameters([-2, -1, 2, 2, -1, -2, 0, 2, -1.5])
LABELS = np.arange(60) % 3
GRID = Grid([-1.0, 0.5, 2.0])


@activation
def wave(z: FloatArray) -> FloatArray:
    outputs: FloatArray = np.sin(3 * z)
    return outputs


def a_result(strategy: Any = "joint", **settings: Any) -> SearchResult:
    return GridSearchTrainer(GRID, strategy=strategy, **settings).fit(Network.dense([2, 2, 1]), X, Y)


def event(seconds: float, best: float | None, bound: float, **changes: Any) -> SearchEvent:
    fields: dict[str, Any] = {"kind": "progressed", "stage": "joint", "n_candidates": 100, "n_settled": 10}
    candidate = None if best is None else Candidate(0, np.array([1.0]), best)
    fields |= {"best": candidate, "bound": bound, "incumbent": best, "seconds": seconds, "rate": 1.0}
    return SearchEvent(**(fields | {"estimated_seconds_left": 1.0} | changes))


def drawn_displays() -> list[Display]:
    return [
        DecisionBoundaryDisplay.from_network(HALVES, X, Y),
        ScoreLandscapeDisplay.from_search(HALVES, X, Y, GRID),
        SearchHistoryDisplay.from_result(a_result()),
        SearchHistoryDisplay.from_events([event(0.0, 0.5, 1.0), event(1.0, 0.7, 0.7)]),
        ActivationsDisplay.from_activations([Sigmoid(), wave]),
        StrategiesDisplay.from_results({"joint": a_result(), "zoom": a_result("zoom")}),
    ]


def pixel(display: Display, x: float, y: float) -> tuple[int, int, int]:
    """The colour at a place of the data, as it comes out."""
    canvas: Any = display.figure_.canvas
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())
    column, row = display.ax_.transData.transform((x, y))
    red, green, blue, _ = picture[picture.shape[0] - 1 - int(row), int(column)].tolist()
    return red, green, blue


def legend_of(display: Display) -> list[str]:
    legend = display.ax_.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def artists(display: Display, kind: type[Any]) -> list[Any]:
    return [artist for artist in display.ax_.get_children() if isinstance(artist, kind)]


# All of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", range(6))
def test_a_display_makes_its_own_figure_or_draws_where_it_is_told(k: int) -> None:
    display = drawn_displays()[k]
    assert plt.get_fignums() == []  # nothing is drawn before
    for name in ("ax_", "figure_"):
        with pytest.raises(NotDrawnError, match="Call its plot"):
            getattr(display, name)
    assert not hasattr(display, "ax_")  # an AttributeError, too
    assert display.plot(title="A title") is display
    assert display.ax_.get_title() == "A title"
    assert display.figure_ is plt.figure(1)
    width, height = display.figure_.get_size_inches()
    assert 4.0 <= width <= 10.0
    assert 1.9 <= height <= 6.0

    figure, (left, right) = plt.subplots(1, 2)
    assert display.plot(ax=right) is display
    assert (display.ax_, display.figure_) == (right, figure)
    assert not left.has_data()
    assert plt.get_fignums() == [1, 2]
    part: Any = figure.subfigures(1, 2)
    assert display.plot(ax=part[0].subplots()).figure_ is figure


@pytest.mark.parametrize("k", range(6))
def test_nothing_is_cut_off_and_no_text_lies_over_another(k: int) -> None:
    display = drawn_displays()[k]
    display.plot(title="A title")
    figure = display.figure_
    figure.canvas.draw()
    inside = figure.bbox.padded(1.0)
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert inside.x0 <= box.x0
    assert inside.y0 <= box.y0
    assert box.x1 <= inside.x1
    assert box.y1 <= inside.y1
    legend = display.ax_.get_legend()
    if legend is not None:
        assert legend.get_window_extent().y1 <= display.ax_.title.get_window_extent().y0 + 1.0
        assert legend.get_window_extent().y0 >= display.ax_.get_window_extent().y1 - 1.0


@pytest.mark.parametrize("k", range(6))
def test_no_setting_is_changed_and_any_style_will_do(k: int) -> None:
    display = drawn_displays()[k]
    with matplotlib.rc_context():
        plt.style.use("dark_background")
        before = dict(matplotlib.rcParams)
        display.plot()
        display.figure_.canvas.draw()
        assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("k", range(6))
def test_axes_that_are_none_are_refused(k: int) -> None:
    display: Any = drawn_displays()[k]
    for wrong in (plt.subplots(1, 2)[1], plt.figure(), "left"):
        with pytest.raises(InvalidTypeError, match=r"ax: expected an Axes, got .* axes\[0\]"):
            display.plot(ax=wrong)


@pytest.mark.parametrize("k", range(6))
def test_without_matplotlib_drawing_is_an_error_that_says_what_to_do(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    display = drawn_displays()[k]
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    with pytest.raises(ImportError, match=r'pip install "minigrid-nn\[plot\]"') as caught:
        display.plot()
    assert isinstance(caught.value, MissingExtraError)


def test_matplotlib_is_loaded_once_something_is_drawn() -> None:
    assert loaded_by("import minigrid.plotting") - {"typing_extensions"} == loaded_by("import numpy") | {"minigrid"}
    code = """
from minigrid import Grid, Network, Tanh
from minigrid.plotting import *
X, y, network = [[0.0, 1.0], [1.0, 0.0]], [0, 1], Network.dense([2, 1])
DecisionBoundaryDisplay.from_network(network, X, y)
ScoreLandscapeDisplay.from_search(network, X, y, Grid([0, 1]))
display = ActivationsDisplay.from_activations([Tanh()])
"""
    assert "matplotlib" not in loaded_by(code)
    assert "matplotlib" in loaded_by(code + "display.plot()")


# The decision boundary --------------------------------------------------------------------------


def test_the_surface_is_what_the_network_gives() -> None:
    display = DecisionBoundaryDisplay.from_network(HALVES, X, Y, grid_resolution=30, eps=0.25)
    points = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    assert np.array_equal(display.response.ravel(), HALVES(points)[:, 0])
    assert (display.grid_resolution, display.eps, display.xx0.shape) == (30, (0.25, 0.25), (30, 30))
    assert display.xx0[0, 0] == X[:, 0].min() - 0.25
    assert display.xx1[-1, 0] == X[:, 1].max() + 0.25
    assert np.array_equal(display.predicted, HALVES.predict(X))
    labels = DecisionBoundaryDisplay.from_network(THREE, X, LABELS, grid_resolution=30, eps=0.25)
    assert np.array_equal(labels.response.ravel(), THREE.predict(points))
    second = DecisionBoundaryDisplay.from_network(THREE, X, LABELS, grid_resolution=30, eps=0.25, output=1)
    assert np.array_equal(second.response.ravel(), THREE(points)[:, 1])


@pytest.mark.parametrize("method", ["pcolormesh", "contourf"])
def test_regions_have_the_colours_of_their_classes(method: Any) -> None:
    for response in ("outputs", "labels"):
        display = DecisionBoundaryDisplay.from_network(HALVES, [[0.0, 0.0], [1.0, 1.0]], response_method=response)
        display.plot(plot_method=method)
        assert display.plot_method == method
        red, _, blue = pixel(display, 0.9, 0.1)  # class 1 is orange
        assert red > blue + 50
        red, _, blue = pixel(display, 0.1, 0.9)
        assert blue > red + 50
        assert isinstance(display.surface_, QuadMesh if method == "pcolormesh" else QuadContourSet)
    for x, y in ((0.25, 0.25), (0.75, 0.75)):  # the line between
        assert max(pixel(display, x, y)) < 150


def test_each_of_three_labels_has_its_region() -> None:
    display = DecisionBoundaryDisplay.from_network(THREE, [[-1.0, -1.0], [3.0, 3.0]]).plot()
    seen = {int(THREE.predict([place])[0]): pixel(display, *place) for place in ((0.0, 0.0), (2.5, 0.0), (1.0, 2.5))}
    assert len(seen) == len(set(seen.values())) == 3
    assert seen[0][2] == max(seen[0])
    assert seen[1][0] == max(seen[1])
    assert seen[2][1] == max(seen[2])


@pytest.mark.parametrize("network", [HALVES, THREE, Network.dense([2, 3], activation=Step()).with_parameters(range(6))])
def test_the_line_is_where_the_label_changes(network: Network) -> None:
    display = DecisionBoundaryDisplay.from_network(network, X, grid_resolution=80).plot()
    step = display.xx0[0, 1] - display.xx0[0, 0]
    lines = [a for a in artists(display, QuadContourSet) if a is not display.surface_]
    vertices = np.concatenate([path.vertices for contour in lines for path in contour.get_paths()])
    assert len(vertices) > 50
    around = np.array([[dx, dy] for dx in (-step, 0.0, step) for dy in (-step, 0.0, step)])
    for vertex in vertices:
        assert len(set(network.predict(vertex + around).tolist())) > 1
    cells = display.response if network.n_outputs > 1 else display.response > 0.5
    changes = np.argwhere(cells[:, 1:] != cells[:, :-1])
    for row, column in changes:
        middle = [display.xx0[0, column] + step / 2, display.xx1[row, 0]]
        assert np.abs(vertices - middle).max(axis=1).min() < 1.5 * step


def test_the_data_are_on_top_by_class_and_the_wrong_ones_crossed() -> None:
    wrong = HALVES.predict(X) != Y
    assert 0 < wrong.sum() < len(Y)
    display = DecisionBoundaryDisplay.from_network(HALVES, X, Y, class_names=["same", "different"]).plot()
    assert legend_of(display) == ["same", "different", f"wrong ({wrong.sum()} of 60)"]
    points = [np.asarray(a.get_offsets()) for a in artists(display, PathCollection) if type(a) is PathCollection]
    assert [some.tolist() for some in points] == [
        X[Y == 0].tolist(),
        X[Y == 1].tolist(),
        X[wrong].tolist(),
        X[wrong].tolist(),
    ]
    right = DecisionBoundaryDisplay.from_network(HALVES, X, HALVES.predict(X)).plot()
    assert legend_of(right) == ["class 0", "class 1"]
    assert legend_of(DecisionBoundaryDisplay.from_network(HALVES, X, np.ones(60)).plot())[0] == "class 1"
    assert legend_of(DecisionBoundaryDisplay.from_network(HALVES, X).plot()) == ["samples"]


def test_many_classes_can_be_told_apart_and_their_legend_fits() -> None:
    angles = np.arange(12) * np.pi / 6
    centres = np.column_stack([np.cos(angles), np.sin(angles)])
    network = Network.dense([2, 12], activation=Identity()).with_parameters(centres.ravel())
    display = DecisionBoundaryDisplay.from_network(network, np.repeat(centres, 99, axis=0), np.arange(12 * 99) % 12)
    display.plot(title="Twelve classes")
    display.figure_.canvas.draw()
    points: list[Any] = [a for a in artists(display, PathCollection) if type(a) is PathCollection][:12]
    looks = {(a.get_facecolor().tobytes(), a.get_paths()[0].vertices.tobytes()) for a in points}
    assert len(looks) == 12
    legend = display.ax_.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 13
    box, figure = legend.get_window_extent(), display.figure_.bbox
    assert figure.x0 <= box.x0 <= box.x1 <= figure.x1
    assert box.y1 <= display.ax_.title.get_window_extent().y0 + 1.0


def test_axes_are_named_after_the_features() -> None:
    def names(display: DecisionBoundaryDisplay) -> tuple[str, str]:
        return display.ax_.get_xlabel(), display.ax_.get_ylabel()

    assert names(DecisionBoundaryDisplay.from_network(HALVES, X).plot()) == ("feature 0", "feature 1")
    frame = pd.DataFrame(X, columns=["width", "height"])
    assert names(DecisionBoundaryDisplay.from_network(HALVES, frame).plot()) == ("width", "height")
    named = DecisionBoundaryDisplay.from_network(HALVES, frame, feature_names=("a", "b"))
    assert names(named.plot()) == ("a", "b")
    assert names(named.plot(xlabel="c", ylabel="d")) == ("c", "d")


def test_the_colour_bar_says_which_output_it_is() -> None:
    def bars(display: Display) -> list[str]:
        return [axes.get_ylabel() for axes in display.figure_.axes if axes is not display.ax_]

    assert bars(DecisionBoundaryDisplay.from_network(HALVES, X).plot()) == ["output"]
    assert bars(DecisionBoundaryDisplay.from_network(THREE, X, output=2).plot()) == ["output 2"]
    assert bars(DecisionBoundaryDisplay.from_network(THREE, X, output=-1).plot()) == ["output 2"]
    assert bars(DecisionBoundaryDisplay.from_network(THREE, X).plot()) == []


def test_where_an_output_is_nan_the_picture_is_hatched() -> None:
    network = Network.dense([2, 2, 1], activation=Identity(), output_activation=Sigmoid())
    network = network.with_parameters([1e308, 1e308, 1e308, 1e308, 5, -5])  # infinity minus infinity far from 0
    for response in ("outputs", "labels"):
        display = DecisionBoundaryDisplay.from_network(network, 3 * X, Y, response_method=response).plot()
        assert np.isnan(display.response).any()
        assert "NaN" in legend_of(display)
        assert display.ax_.patch.get_hatch()
        red, green, blue = pixel(display, 3.1, 3.0)
        assert red == green == blue < 255
    lost = np.isnan(network(3 * X)).any(axis=1)
    assert np.array_equal(display.predicted == -1, lost)
    assert lost.any()
    assert f"wrong ({np.count_nonzero(lost | (network.predict(3 * X) != Y))} of 60)" in legend_of(display)
    everywhere = DecisionBoundaryDisplay.from_network(network, 3 * X + 1, Y).plot()
    assert np.isnan(everywhere.response).all()


@pytest.mark.parametrize(
    "samples", [X * 1e99, X * 1e-300, np.full((4, 2), 1e16), [[0.0, 0.0]], [[-3.0, 7.0], [-3.0, 7.0]]]
)
@pytest.mark.parametrize("scale", [1.0, 1e300])
def test_data_of_any_size_are_drawn(samples: Any, scale: float) -> None:
    network = Network.dense([2, 1], activation=Identity()).with_parameters([scale, -scale])
    for method in ("pcolormesh", "contourf", "contour"):
        display = DecisionBoundaryDisplay.from_network(network, samples).plot(plot_method=method)
        display.figure_.canvas.draw()
        assert display.ax_.get_xlim()[0] < np.min(samples)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(Network.dense([3, 1]), np.ones((2, 3))), ShapeError, "one of 2 inputs, got one of 3"),
        (lambda f: f("network", X), InvalidTypeError, "expected a Network"),
        (lambda f: f(HALVES, []), ShapeError, "at least one sample"),
        (lambda f: f(HALVES, np.ones((2, 3))), ShapeError, "2 features"),
        (lambda f: f(HALVES, [[np.nan, 0.0]]), InvalidValueError, "finite"),
        (lambda f: f(HALVES, [[1e200, 0.0]]), InvalidValueError, "can be drawn, to 1e.100"),
        (lambda f: f(HALVES, X, Y[:5]), ShapeError, "60 labels"),
        (lambda f: f(HALVES, X, Y + 0.5), InvalidValueError, "the labels 0 to 1, got 0.5, 1.5"),
        (lambda f: f(HALVES, X, response_method="probability"), UnknownNameError, "'auto', 'outputs', 'labels'"),
        (lambda f: f(THREE, X, response_method="outputs"), InvalidValueError, "which of the 3 outputs"),
        (lambda f: f(THREE, X, response_method="labels", output=1), InvalidValueError, "Leave out one"),
        (lambda f: f(THREE, X, output=3), OutOfRangeError, "below 3"),
        (lambda f: f(HALVES, X, grid_resolution=5), InvalidValueError, "at least 10"),
        (lambda f: f(HALVES, X, eps=0.0), InvalidValueError, "above 0"),
        (lambda f: f(HALVES, X, feature_names=["a"]), ShapeError, "2 names, one for each feature, got 1"),
        (lambda f: f(HALVES, X, class_names=["a", 1]), InvalidTypeError, "class_names"),
        (lambda f: f(HALVES, X).plot(plot_method="imshow"), UnknownNameError, "'pcolormesh', 'contourf', 'contour'"),
        (lambda f: f(THREE, X).plot(plot_method="contourf"), InvalidValueError, "no line from 0 to 2 but through 1"),
    ],
)
def test_what_has_no_boundary_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(DecisionBoundaryDisplay.from_network)
    assert isinstance(caught.value, MinigridError)


# The score landscape ----------------------------------------------------------------------------


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
        assert display.scores[i, j] == scorer(Y.astype(float), outputs, sample_weight=weights)  # to the bit


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
    assert bar.get_ylabel() == "MeanSquaredError, less is better"
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
        (lambda f: f(HALVES, X, Y, GRID, parameters=[0]), ShapeError, "two of them"),
        (lambda f: f(HALVES, X, Y, GRID, parameters="ab"), InvalidTypeError, "two parameters"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, 1.5)), InvalidTypeError, "names or positions"),
        (lambda f: f(HALVES, X, Y, GRID, parameters=(0, "layer0.neuron0.bias")), UnknownNameError, "Did you mean"),
        (lambda f: f(Network.dense([1, 1]), [[1.0]], [1], GRID), ShapeError, "two parameters at least"),
        (lambda f: f(HALVES, X, Y, GRID, scoring="acuracy"), UnknownNameError, "accuracy"),
        (lambda f: f(HALVES, X, Y[:3], GRID), ShapeError, "60"),
    ],
)
def test_what_has_no_landscape_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(ScoreLandscapeDisplay.from_search)
    assert isinstance(caught.value, MinigridError)


# The history of a search ------------------------------------------------------------------------


def test_a_result_shows_its_improvements_and_the_bound_of_the_end() -> None:
    result = a_result(max_candidates=40, engine="batched")
    display = SearchHistoryDisplay.from_result(result).plot()
    improvements = [(one.seconds, one.score) for one in result.history]
    assert list(zip(display.seconds, display.scores, strict=True)) == [*improvements, (result.seconds, result.score)]
    best, bound = artists(display, Line2D)
    assert (best.get_color(), best.get_drawstyle()) == (BLUE, "steps-post")
    assert best.get_ydata().tolist() == display.scores.tolist()
    assert (bound.get_color(), bound.get_linestyle(), set(bound.get_ydata())) == (ORANGE, "--", {result.bound})
    assert legend_of(display) == [f"best score, {result.score:.6g} in the end", "bound in the end, 1"]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("seconds", "Accuracy")
    proven = SearchHistoryDisplay.from_result(a_result()).plot(ylabel="share right")
    assert "(proven)" in legend_of(proven)[0]
    assert proven.ax_.get_ylabel() == "share right"


def test_a_result_without_a_bound_has_no_line_for_it() -> None:
    def rightness(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.mean((outputs[:, 0] > 0.5) == y_true))

    result = a_result(scoring=rightness, max_candidates=10)
    assert np.isinf(result.bound)
    display = SearchHistoryDisplay.from_result(result).plot()
    assert len(artists(display, Line2D)) == len(legend_of(display)) == 1
    assert display.ax_.get_ylabel() == "rightness"


def test_events_show_best_and_bound_and_what_is_open() -> None:
    recorder = SearchRecorder()
    X, y = sum_threshold(100, 2, 1.0)
    trainer = GridSearchTrainer(Grid.linspace(-5, 5, 9), scoring="mean_squared_error", callbacks=[recorder])
    result = trainer.fit(Network.dense([2, 2, 1]), X, flip_labels(y))
    assert result.optimal
    display = SearchHistoryDisplay.from_events(recorder.events).plot()
    assert display.stages == ("joint",)
    assert (display.scores[-1], display.bounds[-1]) == (result.score, result.score)
    assert (np.diff(display.scores) <= 0).all()
    assert (np.diff(display.bounds[np.isfinite(display.bounds)]) >= 0).all()
    best, bound = artists(display, Line2D)
    assert (best.get_color(), bound.get_color()) == (BLUE, ORANGE)
    moment = display.seconds[-1] / 2
    score = display.scores[np.searchsorted(display.seconds, moment, side="right") - 1]
    open_until = display.bounds[np.searchsorted(display.bound_seconds, moment, side="right") - 1]
    red, green, blue = pixel(display, moment, (score + open_until) / 2)
    assert red > green > blue  # the open area is a light orange
    assert pixel(display, moment, display.ax_.get_ylim()[1] * 0.98) == (255, 255, 255)


def test_hidden_neurons_are_left_out_and_a_stage_is_named() -> None:
    recorder = SearchRecorder()
    result = a_result("layerwise", callbacks=[recorder])
    display = SearchHistoryDisplay.from_events(recorder.events).plot()
    assert display.stages == ("layer1.neuron0",)
    assert legend_of(display)[1].startswith("bound of layer1.neuron0, ")
    assert display.scores[-1] == result.score


def test_stages_each_have_a_bound_and_no_line_leads_from_one_to_the_next() -> None:
    events = [
        event(0.0, None, 1.0, kind="started", stage="a"),
        event(1.0, 0.5, 1.0, stage="a"),
        event(2.0, 0.6, 0.6, kind="finished", stage="a"),
        event(2.0, None, 0.9, kind="started", stage="b", incumbent=0.6),
        event(3.0, 0.4, 0.8, stage="b", incumbent=0.6),
        event(4.0, 0.7, 0.7, kind="finished", stage="b"),
    ]
    display = SearchHistoryDisplay.from_events(events).plot()
    assert display.stages == ("a", "b")
    assert display.scores.tolist() == [0.5, 0.6, 0.7, 0.7]
    (lines,) = [a for a in artists(display, LineCollection) if type(a) is LineCollection]
    assert [[list(end) for end in line] for line in lines.get_segments()] == [
        [[0.0, 1.0], [1.0, 1.0]],
        [[1.0, 1.0], [2.0, 1.0]],
        [[2.0, 0.9], [3.0, 0.9]],
        [[3.0, 0.8], [4.0, 0.8]],
    ]
    assert legend_of(display)[1] == "bound of each of 2 stages"


def test_a_neuron_is_known_by_a_best_that_the_network_does_not_have() -> None:
    own = event(1.0, 0.9, 1.0, stage="neuron", incumbent=0.5)
    whole = event(0.5, 0.5, 1.0, stage="whole")
    assert SearchHistoryDisplay.from_events([whole, own]).stages == ("whole",)
    with pytest.raises(ShapeError, match="came to a score of the whole network"):
        SearchHistoryDisplay.from_events([own])


@pytest.mark.parametrize("bounds", [(np.inf, np.inf), (np.inf, 1.0), (1e308, 1e308), (-1e308, 1e308)])
def test_histories_of_any_size_are_drawn(bounds: tuple[float, float]) -> None:
    events = [event(0.5, 0.5, bounds[0]), event(1.0, 0.5, bounds[1])]
    for some in (events, events[:1]):
        display = SearchHistoryDisplay.from_events(some).plot()
        display.figure_.canvas.draw()
        assert len(legend_of(display)) == 1 + any(np.isfinite(one.bound) for one in some)


def test_what_has_no_history_is_refused() -> None:
    wrong: Any = SearchHistoryDisplay
    with pytest.raises(InvalidTypeError, match=r"result: .* what GridSearchTrainer.fit returned"):
        wrong.from_result([])
    with pytest.raises(ShapeError, match="got 0 events"):
        wrong.from_events([])
    with pytest.raises(InvalidTypeError, match="a SearchEvent, got 1"):
        wrong.from_events([1])
    with pytest.raises(InvalidTypeError, match=r"recorder\.events"):
        wrong.from_events(SearchRecorder())


# The recorder -----------------------------------------------------------------------------------


def test_the_recorder_keeps_what_is_new_and_the_last() -> None:
    recorder = SearchRecorder()
    given = [event(0.1 * k, 0.5 + (k >= 5) * 0.25, 1.0) for k in range(10)]
    for one in given:
        recorder(one)
    assert recorder.events == (given[0], given[5], given[9])
    assert repr(recorder) == "<SearchRecorder of 3 events>"
    assert SearchRecorder().events == ()


def test_the_recorder_does_not_grow_with_the_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minigrid.plotting.recorder, "_MOST", 100)
    recorder = SearchRecorder()
    improved = [k // 2500 for k in range(10_000)]
    for k in range(10_000):
        recorder(event(float(k), float(improved[k]), 10.0 + 1.0 / (k + 1)))
    assert 40 <= len(recorder.events) <= 102
    kept = [one.seconds for one in recorder.events]
    assert kept == sorted(kept)
    assert kept[-1] == 9999.0
    assert {0.0, 2500.0, 5000.0, 7500.0} <= set(kept)
    assert np.diff(kept).max() < 600.0
    for k in range(1000):  # improvements are all kept, however many there are
        recorder(event(10_000.0 + k, 10.0 + k, 2000.0))
    assert {10.0 + k for k in range(1000)} <= {one.incumbent for one in recorder.events}


def test_a_proof_that_gives_way_ends_with_the_best_as_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigrid.search.running.fallback._FIRST_LOOK", 0.0)
    monkeypatch.setattr("minigrid.search.running.fallback._RISK", np.inf)
    monkeypatch.setattr("minigrid.search.running.fallback._WORTH", 1e-3)
    recorder = SearchRecorder()
    trainer = GridSearchTrainer(Grid.linspace(-10, 10, 6), scoring="mean_squared_error", callbacks=[recorder])
    result = trainer.fit(Network.dense([2, 2, 1], activation=Tanh()), X, flip_labels(Y))
    assert "sooner than a proof" in result.engine_reason
    assert (recorder.events[-1].bound, recorder.events[-1].gap) == (result.score, 0.0)


# Activations ------------------------------------------------------------------------------------


def test_each_activation_has_axes_of_its_own() -> None:
    chosen = [Step(), LeakyReLU(slope=0.5), Gaussian(), wave, Identity()]
    display = ActivationsDisplay.from_activations(chosen, start=-2.0, stop=3.0, n_points=11).plot(n_columns=3)
    assert display.names == ("Step", "LeakyReLU(slope=0.5)", "Gaussian", "wave", "Identity")
    assert [panel.get_title() for panel in display.axes_] == list(display.names)
    assert display.z.tolist() == np.linspace(-2.0, 3.0, 11).tolist()
    for panel, function, outputs in zip(display.axes_, chosen, display.outputs, strict=True):
        line = panel.get_lines()[-1]
        assert np.array_equal(np.asarray(line.get_ydata()), function(display.z))
        assert np.array_equal(outputs, function(display.z))
        assert panel.get_xlim() == (-2.0, 3.0)
    boxes = [panel.get_position() for panel in display.axes_]
    display.figure_.canvas.draw()
    boxes = [panel.get_window_extent() for panel in display.axes_]
    assert [round(box.y0) for box in boxes] == [round(boxes[k].y0) for k in (0, 0, 0, 3, 3)]
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    assert boxes[3].y1 < boxes[0].y0
    labelled = [panel.xaxis.get_major_ticks()[0].label1.get_visible() for panel in display.axes_]
    assert labelled == [False, False, True, True, True]  # nothing is below


def test_all_built_in_activations_fit_into_one_picture() -> None:
    kinds = [getattr(minigrid, name) for name in minigrid.__all__]
    built_in = [
        kind()
        for kind in kinds
        if isinstance(kind, type)
        and issubclass(kind, minigrid.Activation)
        and kind.__module__ == "minigrid.activations.builtin"
    ]
    display = ActivationsDisplay.from_activations(built_in).plot()
    assert len(display.axes_) == 16
    canvas: Any = display.figure_.canvas
    canvas.draw()
    titles = [panel.title.get_window_extent() for panel in display.axes_]
    for k, one in enumerate(titles):
        assert not any(one.overlaps(other) for other in titles[k + 1 :])


def test_sums_of_any_size_are_drawn() -> None:
    @activation
    def steep(z: FloatArray) -> FloatArray:
        outputs: FloatArray = np.exp(z)
        return outputs

    display = ActivationsDisplay.from_activations([steep, wave], start=-1e90, stop=1e90).plot()
    display.figure_.canvas.draw()
    assert np.isinf(display.outputs).any()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f([]), ShapeError, "1 to 64 of them, got 0"),
        (lambda f: f([Tanh()] * 65), ShapeError, "got 65"),
        (lambda f: f([np.tanh]), InvalidTypeError, "@activation"),
        (lambda f: f(Tanh()), InvalidTypeError, "a sequence of Activation"),
        (lambda f: f([Tanh()], start=1.0, stop=1.0), InvalidValueError, "above start, 1"),
        (lambda f: f([Tanh()], start=-1e200), InvalidValueError, "can be drawn"),
        (lambda f: f([Tanh()], n_points=1), InvalidValueError, "at least 2"),
        (lambda f: f([Tanh()]).plot(n_columns=0), InvalidValueError, "at least 1"),
        (lambda f: f([Tanh()]).axes_, NotDrawnError, "Call its plot"),
    ],
)
def test_what_is_no_activation_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(ActivationsDisplay.from_activations)
    assert isinstance(caught.value, MinigridError)


# Strategies -------------------------------------------------------------------------------------


def test_a_row_for_each_result_says_all_of_it() -> None:
    results = {"all": a_result(), "a few": a_result("random", max_candidates=9), "zoomed": a_result("zoom")}
    display = StrategiesDisplay.from_results(results).plot()
    scores, counts, seconds = display.axes_
    assert [label.get_text() for label in scores.get_yticklabels()] == list(results)
    assert [text.get_text() for text in scores.texts] == [f"{one.score:.4g}" for one in results.values()]
    assert [text.get_text() for text in counts.texts] == [f"{one.n_scored:,}" for one in results.values()]
    assert [panel.get_xlabel() for panel in display.axes_] == [
        "Accuracy,\nmore is better",
        "candidates\nscored",
        "seconds",
    ]
    points: list[Any] = [line for line in scores.get_lines() if line.get_marker() == "o"]
    for row, (one, point) in enumerate(zip(results.values(), points, strict=True)):
        assert point.get_xydata().tolist() == [[one.score, row]]
        assert (point.get_markerfacecolor() == BLUE) == one.optimal
    lines: list[Any] = [line for line in scores.get_lines() if line.get_marker() == "|"]
    assert [line.get_xydata()[:, 0].tolist() for line in lines] == [
        [one.score, one.bound] for one in results.values() if one.bound != one.score
    ]
    assert legend_of(display) == ["proven best", "not proven", "still possible"]
    assert np.asarray(counts.get_lines()[0].get_xdata()).tolist() == [one.n_scored for one in results.values()]
    assert np.asarray(seconds.get_lines()[0].get_xdata()).tolist() == [one.seconds for one in results.values()]
    assert counts.get_xscale() == seconds.get_xscale() == "log"
    assert scores.get_ylim()[0] > scores.get_ylim()[1]  # the first row is above


def test_results_of_any_size_are_drawn() -> None:
    from dataclasses import replace

    result = a_result()
    huge = replace(result, optimal=False, score=-1e308, bound=np.inf, n_scored=10**400, seconds=1e9)
    nothing = replace(result, optimal=False, n_scored=0, n_pruned=0, seconds=0.0)
    display = StrategiesDisplay.from_results({"huge": huge, "nothing": nothing}).plot()
    display.figure_.canvas.draw()
    assert [text.get_text() for text in display.axes_[1].texts] == ["10^400", "0"]
    assert [text.get_text() for text in display.axes_[2].texts] == ["31.7 years", "0 s"]


def test_what_cannot_be_compared_is_refused() -> None:
    wrong: Any = StrategiesDisplay.from_results
    result = a_result()
    for given, error, text in (
        ({}, ShapeError, "at least one result"),
        ([result], InvalidTypeError, "a dict"),
        ({1: result}, InvalidTypeError, "names as keys"),
        ({"joint": 1.0}, InvalidTypeError, r"results\['joint'\]: expected a SearchResult"),
        ({"a": result, "b": a_result(scoring="log_loss")}, InvalidValueError, "scores of one kind, got Accuracy.. and"),
    ):
        with pytest.raises(error, match=text):
            wrong(given)
    with pytest.raises(NotDrawnError):
        _ = StrategiesDisplay.from_results({"joint": result}).axes_
