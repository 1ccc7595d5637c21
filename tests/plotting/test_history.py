"""The picture of a search's history shows what was found when."""

from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from minigrid import FloatArray, Grid, GridSearchTrainer, InvalidTypeError, Network, ShapeError
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.plotting import SearchHistoryDisplay, SearchRecorder
from minigrid.plotting.drawing import BLUE, ORANGE
from tests.plotting.displays import a_result, artists, event, legend_of, pixel


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
    # In the middle of the largest open rectangle: how long each lasts is up to the machine.
    edges = np.unique(np.concatenate([display.seconds, display.bound_seconds]))
    middles = (edges[1:] + edges[:-1]) / 2
    scores = display.scores[np.searchsorted(display.seconds, middles, side="right") - 1]
    bounds = display.bounds[np.searchsorted(display.bound_seconds, middles, side="right") - 1]
    areas = np.where(
        np.isfinite(scores - bounds) & (middles >= display.seconds[0]), np.diff(edges) * (scores - bounds), 0
    )
    largest = areas.argmax()
    moment, score, open_until = middles[largest], scores[largest], bounds[largest]
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
    with pytest.raises(ShapeError, match="a search that scored the whole network"):
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
