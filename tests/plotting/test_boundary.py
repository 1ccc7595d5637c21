"""The picture of a decision boundary shows what the network gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.contour import QuadContourSet

from minigrid import (
    Identity,
    InvalidTypeError,
    InvalidValueError,
    MinigridError,
    Network,
    OutOfRangeError,
    ShapeError,
    Sigmoid,
    Step,
    UnknownNameError,
)
from minigrid.plotting import DecisionBoundaryDisplay, Display
from tests.plotting.displays import HALVES, LABELS, THREE, X, Y, artists, legend_of, pixel


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
        (lambda f: f(HALVES, [[1e200, 0.0]]), InvalidValueError, "up to 1e.100 in magnitude"),
        (lambda f: f(HALVES, X, Y[:5]), ShapeError, "60 labels"),
        (lambda f: f(HALVES, X, Y + 0.5), InvalidValueError, "the labels 0 to 1, got 0.5, 1.5"),
        (lambda f: f(HALVES, X, response_method="probability"), UnknownNameError, "'auto', 'outputs', 'labels'"),
        (lambda f: f(THREE, X, response_method="outputs"), InvalidValueError, "which of the 3 outputs"),
        (lambda f: f(THREE, X, response_method="labels", output=1), InvalidValueError, "Leave out output"),
        (lambda f: f(THREE, X, output=3), OutOfRangeError, "below 3"),
        (lambda f: f(HALVES, X, grid_resolution=5), InvalidValueError, "at least 10"),
        (lambda f: f(HALVES, X, eps=0.0), InvalidValueError, "above 0"),
        (lambda f: f(HALVES, X, feature_names=["a"]), ShapeError, "2 names, one for each feature, got 1"),
        (lambda f: f(HALVES, X, class_names=["a", 1]), InvalidTypeError, "class_names"),
        (lambda f: f(HALVES, X).plot(plot_method="imshow"), UnknownNameError, "'pcolormesh', 'contourf', 'contour'"),
        (lambda f: f(THREE, X).plot(plot_method="contourf"), InvalidValueError, "no lines of equal output"),
    ],
)
def test_what_has_no_boundary_is_refused(call: Callable[[Any], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as caught:
        call(DecisionBoundaryDisplay.from_network)
    assert isinstance(caught.value, MinigridError)


@pytest.mark.parametrize("plot_method", ["pcolormesh", "contourf", "contour"])
def test_outputs_close_to_a_half_get_the_full_colours(plot_method: Any) -> None:
    """Two neurons into one, where outputs of one class are within 0.00001 of 0.5."""
    network = Network.dense([2, 2, 1]).with_parameters([-10, -10, -9.191919, -9.191919, -8.383838, 3.737374])
    display = DecisionBoundaryDisplay.from_network(network, X).plot(plot_method=plot_method)
    (bar,) = [axes for axes in display.figure_.axes if axes is not display.ax_]
    below, middle, above = (label.get_text() for label in bar.get_yticklabels())
    assert middle == "0.5"
    assert below.startswith("0.5 \N{MINUS SIGN} ")
    assert above.startswith("0.5 + ")
    assert "e-0" in above
    if plot_method == "pcolormesh":
        red, _, blue = pixel(display, 0.6, 0.45)
        assert red > blue + 50  # orange, not white
        red, _, blue = pixel(display, 0.02, 0.05)
        assert blue > red + 50
