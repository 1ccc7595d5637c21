"""What all pictures promise: they draw where they are told, nothing is cut off, no setting is changed."""

import sys
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot as plt

from minigrid import InvalidTypeError, MissingExtraError, NotDrawnError
from tests.plotting.displays import NEW_DISPLAYS
from tests.project.test_light import loaded_by


@pytest.mark.parametrize("name", NEW_DISPLAYS)
def test_a_display_makes_its_own_figure_or_draws_where_it_is_told(name: str) -> None:
    display = NEW_DISPLAYS[name]()
    assert plt.get_fignums() == []  # nothing is drawn before
    for attribute in ("ax_", "figure_"):
        with pytest.raises(NotDrawnError, match="Call its plot"):
            getattr(display, attribute)
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


@pytest.mark.parametrize("name", NEW_DISPLAYS)
def test_nothing_is_cut_off_and_no_text_lies_over_another(name: str) -> None:
    display = NEW_DISPLAYS[name]()
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


@pytest.mark.parametrize("name", NEW_DISPLAYS)
def test_no_setting_is_changed_and_any_style_will_do(name: str) -> None:
    display = NEW_DISPLAYS[name]()
    with matplotlib.rc_context():
        plt.style.use("dark_background")
        before = dict(matplotlib.rcParams)
        display.plot()
        display.figure_.canvas.draw()
        assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", NEW_DISPLAYS)
def test_axes_that_are_none_are_refused(name: str) -> None:
    display: Any = NEW_DISPLAYS[name]()
    for wrong in (plt.subplots(1, 2)[1], plt.figure(), "left"):
        with pytest.raises(InvalidTypeError, match=r"ax: expected an Axes, got .* axes\[0\]"):
            display.plot(ax=wrong)


@pytest.mark.parametrize("name", NEW_DISPLAYS)
def test_without_matplotlib_drawing_is_an_error_that_says_what_to_do(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = NEW_DISPLAYS[name]()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    with pytest.raises(ImportError, match=r"pip install matplotlib\.") as caught:
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
