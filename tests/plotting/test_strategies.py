"""The picture of results side by side says all of each."""

from typing import Any

import numpy as np
import pytest

from minigrid import InvalidTypeError, InvalidValueError, NotDrawnError, ShapeError
from minigrid.plotting import StrategiesDisplay
from minigrid.plotting.drawing import BLUE
from tests.plotting.displays import a_result, legend_of


def test_a_row_for_each_result_says_all_of_it() -> None:
    results = {"all": a_result(), "a few": a_result("random", max_candidates=9), "zoomed": a_result("zoom")}
    display = StrategiesDisplay.from_results(results).plot()
    scores, counts, seconds = display.axes_
    assert [label.get_text() for label in scores.get_yticklabels()] == list(results)
    assert [text.get_text() for text in scores.texts] == [f"{one.score:.4g}" for one in results.values()]
    assert [text.get_text() for text in counts.texts] == [f"{one.n_scored:,}" for one in results.values()]
    assert [panel.get_xlabel() for panel in display.axes_] == [
        "Accuracy,\nhigher is better",
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
        ({"a": result, "b": a_result(scoring="log_loss")}, InvalidValueError, "of one scoring, got Accuracy.. and"),
    ):
        with pytest.raises(error, match=text):
            wrong(given)
    with pytest.raises(NotDrawnError):
        _ = StrategiesDisplay.from_results({"joint": result}).axes_
