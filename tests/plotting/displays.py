"""Pictures of every kind, and what to look at in them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrid import (
    Candidate,
    FloatArray,
    Grid,
    GridSearchTrainer,
    Identity,
    Network,
    SearchEvent,
    SearchResult,
    Sigmoid,
    activation,
)
from minigrid.datasets import xor
from minigrid.plotting import (
    ActivationsDisplay,
    DecisionBoundaryDisplay,
    Display,
    NearBestDisplay,
    ScoreCurveDisplay,
    ScoreLandscapeDisplay,
    SearchHistoryDisplay,
    StrategiesDisplay,
)

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
    fields: dict[str, Any] = {"kind": "progressed", "stage": "joint", "n_candidates": 100, "n_processed": 10}
    candidate = None if best is None else Candidate(0, np.array([1.0]), best)
    fields |= {"best": candidate, "bound": bound, "incumbent": best, "seconds": seconds, "rate": 1.0}
    return SearchEvent(**(fields | {"estimated_seconds_left": 1.0} | changes))


NEW_DISPLAYS: dict[str, Callable[[], Display]] = {
    "boundary": lambda: DecisionBoundaryDisplay.from_network(HALVES, X, Y),
    "landscape": lambda: ScoreLandscapeDisplay.from_search(HALVES, X, Y, GRID),
    "curve": lambda: ScoreCurveDisplay.from_search(HALVES, X, Y, GRID),
    "history of a result": lambda: SearchHistoryDisplay.from_result(a_result()),
    "history of events": lambda: SearchHistoryDisplay.from_events([event(0.0, 0.5, 1.0), event(1.0, 0.7, 0.7)]),
    "activations": lambda: ActivationsDisplay.from_activations([Sigmoid(), wave]),
    "near best": lambda: NearBestDisplay.from_result(
        GridSearchTrainer(GRID).near_best(Network.dense([2, 2, 1]), X, Y, within=0.1)
    ),
    "strategies": lambda: StrategiesDisplay.from_results({"joint": a_result(), "zoom": a_result("zoom")}),
}


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
