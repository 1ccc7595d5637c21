"""The picture of near-best candidates shows how often each parameter has each value."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D

from minigrid import Grid, GridSearchTrainer, InvalidTypeError, InvalidValueError, NearBest, Network, NotDrawnError
from minigrid.plotting import NearBestDisplay
from tests.plotting.displays import X, Y, artists, legend_of, pixel


def near_best(**settings: Any) -> NearBest:
    own: dict[str, Any] = {"overrides": {"layer0.neuron0.weight1": Grid([3.0, 0.0, 3.0])}, **settings}
    return GridSearchTrainer(Grid([-2, -1, 0, 1]), **own).near_best(Network.dense([2, 1]), X, Y, within=0.1)


def test_a_strip_for_each_parameter_has_the_shares_of_its_values() -> None:
    near = near_best()
    display = NearBestDisplay.from_result(near).plot(title="How certain", xlabel="weight")
    first, second = (np.asarray(strip.get_array()).ravel() for strip in display.strips_)
    counts = near.parameters[0].at_least
    assert first.tolist() == pytest.approx([c / near.count if c else np.nan for c in counts], nan_ok=True)
    twice = near.parameters[1].at_least
    expected = [c / near.count if c else np.nan for c in (twice[1], twice[0] + twice[2])]
    assert second.tolist() == pytest.approx(expected, nan_ok=True)
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == [own.name for own in near.parameters]
    assert display.ax_.get_ylim()[0] > display.ax_.get_ylim()[1]  # the first parameter is above
    assert display.ax_.get_xlabel() == "weight"
    (stars,) = [line for line in artists(display, Line2D) if line.get_marker() == "*"]
    assert np.asarray(stars.get_xdata()).tolist() == near.best.parameters.tolist()


def test_values_that_none_has_are_grey_and_those_not_known_are_hatched() -> None:
    near = near_best()
    own = near.parameters[0]
    part = replace(own, at_least=(0, 0, 3, 1), at_most=(0, 2, 3, 4))
    stopped = replace(near, at_least=4, at_most=9, parameters=(part, near.parameters[1]), stop_reason="time_limit")
    display = NearBestDisplay.from_result(stopped).plot()
    assert legend_of(display)[0] == "best"
    assert {"no candidate", "not known"} <= set(legend_of(display))
    red, green, blue = pixel(display, -2.3, 0.2)
    assert red == green == blue == 224
    assert pixel(display, 0.2, 0.2) != (224, 224, 224)
    nothing = replace(stopped, parameters=tuple(replace(p, at_least=(0,) * len(p.values)) for p in stopped.parameters))
    NearBestDisplay.from_result(nothing).plot().figure_.canvas.draw()


def test_what_cannot_be_drawn_is_refused() -> None:
    wrong: Any = NearBestDisplay.from_result
    with pytest.raises(InvalidTypeError, match="near: expected a NearBest, got None"):
        wrong(None)
    near = GridSearchTrainer(Grid([1e200, 1.0])).near_best(Network.dense([2, 1]), X, Y, within=0.1)
    with pytest.raises(InvalidValueError, match=r"near.parameters \(layer0.neuron0.weight0\): expected numbers up to"):
        NearBestDisplay.from_result(near)
    with pytest.raises(NotDrawnError):
        _ = NearBestDisplay.from_result(near_best()).strips_
