"""The picture of activations shows each as it is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrid import (
    FloatArray,
    Gaussian,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    LeakyReLU,
    MinigridError,
    NotDrawnError,
    ShapeError,
    Step,
    Tanh,
    activation,
)
from minigrid.activations.names import ACTIVATIONS
from minigrid.plotting import ActivationsDisplay
from tests.plotting.displays import wave


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
    built_in = [ACTIVATIONS.make(name) for name in ACTIVATIONS.built_in]
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
        (lambda f: f([]), ShapeError, "1 to 64, got 0"),
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
