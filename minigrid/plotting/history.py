"""A picture of how a search went: the best score over time, and the bound on all scores."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.text import counted, message
from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_instance, as_instances
from minigrid.exceptions import ShapeError
from minigrid.plotting.drawing import BLUE, ORANGE, Display, axes_to_draw_on, finish, short_name, within_reach
from minigrid.search.events import SearchEvent
from minigrid.search.result import SearchResult

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_EVENTS_FIX = "Search with callbacks=[recorder], a SearchRecorder, and pass recorder.events."
_SPECK = 1 / 300  # of all the time
_FEW = 60  # improvements that are marked one by one


@final
@dataclass(kw_only=True, eq=False, repr=False)
class SearchHistoryDisplay(Display):
    """The best score over time, and the bound. Create it with `from_result` or `from_events`, draw it with `plot`.

    Attributes:
        seconds: the times at which the best score changed, and the end of the search, shape (n,).
        scores: the best score from each of these times on, shape (n,).
        bound_seconds: the times at which the bound changed, shape (m,).
        bounds: the bound from each of these times on, shape (m,); NaN where none is known. Each stage of a search has
            a bound of its own, for the parameters that it keeps fixed; a NaN separates two stages.
        stages: the names of these stages; empty if only the final bound is known.
        scoring: the repr of the scoring; empty if it is not known.
        optimal: whether the last best score was proven to be the best; None: not known.
        penalty: the repr of the penalty, if the scores are objectives; else empty.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> result = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([1, 1]), [[0.0], [1.0]], [0, 1])
        >>> display = SearchHistoryDisplay.from_result(result)
        >>> float(display.scores[-1]), display.optimal
        (1.0, True)
    """

    seconds: FloatArray
    scores: FloatArray
    bound_seconds: FloatArray
    bounds: FloatArray
    stages: tuple[str, ...]
    scoring: str = ""
    optimal: bool | None = None
    penalty: str = ""

    @classmethod
    def from_result(cls, result: SearchResult) -> "SearchHistoryDisplay":
        """Take the improvements and the final bound from a result.

        Args:
            result: the result of a search.

        Returns:
            The display.

        Raises:
            InvalidTypeError: ``result`` is not a SearchResult.
        """
        as_instance(result, SearchResult, "result", "Pass what GridSearchTrainer.fit returned.")
        moments = [(improvement.seconds, improvement.score) for improvement in result.history]
        ends = [moments[0][0], result.seconds] if moments else [0.0, result.seconds]
        seconds, scores = _steps([*moments, (max(result.seconds, ends[0]), result.objective)])
        return cls(
            seconds=seconds,
            scores=scores,
            bound_seconds=read_only(np.array(ends)),
            bounds=read_only(np.full(2, result.bound)),
            stages=(),
            scoring=result.scoring,
            penalty=result.penalty,
            optimal=result.optimal,
        )

    @classmethod
    def from_events(cls, events: Sequence[SearchEvent]) -> "SearchHistoryDisplay":
        """Take the best score and the bound from the events of a search, which a `SearchRecorder` records.

        The picture leaves out stages that score only a part of the network, such as a hidden neuron.

        Args:
            events: all events of one search, in order.

        Returns:
            The display.

        Raises:
            InvalidTypeError: ``events`` holds something other than events.
            ShapeError: no event has a score of the whole network.
        """
        given = as_instances(events, SearchEvent, "events", _EVENTS_FIX)
        stages = _stages(given)
        moments = [(e.seconds, e.incumbent) for stage in stages for e in stage if e.incumbent is not None]
        if not moments:
            expected = "events of a search that scored the whole network"
            raise ShapeError(message("events", expected, counted(len(given), "event"), _EVENTS_FIX))
        times, bounds = [], []
        for stage in stages:
            times += [event.seconds for event in stage] + [stage[-1].seconds]
            bounds += [event.bound if np.isfinite(event.bound) else np.nan for event in stage] + [np.nan]
        seconds, scores = _steps(moments)
        return cls(
            seconds=seconds,
            scores=scores,
            bound_seconds=read_only(np.array(times[:-1])),
            bounds=read_only(np.array(bounds[:-1])),
            stages=tuple(stage[0].stage for stage in stages),
        )

    @override
    def __repr__(self) -> str:
        return f"<SearchHistoryDisplay of {self.seconds[-1]:.3g} s, best {self.scores[-1]:.6g}>"

    @override
    def plot(
        self, *, ax: "Axes | None" = None, title: str | None = None, xlabel: str = "seconds", ylabel: str | None = None
    ) -> "SearchHistoryDisplay":
        """Draw the best score and the bound as steps over time, and shade the gap between them.

        Args:
            ax: the axes to draw on. Default None: new ones.
            title: the title above the picture. Default None: no title.
            xlabel: the label of the time axis. Default 'seconds'.
            ylabel: the label of the score axis. Default None: the scoring, if it is known.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
        """
        axes = axes_to_draw_on(ax, 6.4, 4.0)
        axes.margins(x=0.02, y=0.08)
        axes.grid(visible=True, color="0.5", alpha=0.25, linewidth=0.6)
        axes.set_axisbelow(True)
        scores = within_reach(self.scores)
        label = f"best score, {self.scores[-1]:.6g} in the end{' (proven)' if self.optimal else ''}"
        dots = {"marker": "o" if len(scores) <= _FEW else "", "markevery": slice(0, -1), "markersize": 4}
        line: dict[str, Any] = {"color": BLUE, "linewidth": 2.0, "drawstyle": "steps-post", **dots}
        entries: list[Artist] = [*axes.plot(self.seconds, scores, label=label, **line)]
        if np.isfinite(self.bounds).any():
            entries.append(self._draw_bound(axes))
        if self.seconds[0] < 0.5 * self.seconds[-1]:
            axes.set_xlim(left=0.0)
        axes.set_xlabel(xlabel)
        compared = short_name(self.scoring) + (f" and {short_name(self.penalty)}" if self.penalty else "")
        axes.set_ylabel(compared if ylabel is None else ylabel)
        finish(axes, entries, title)
        self._ax = axes
        return self

    def _draw_bound(self, axes: "Axes") -> "Artist":
        """Draw the bound, and for a single stage the gap between it and the best score."""
        times, bounds = self.bound_seconds, np.where(np.isfinite(self.bounds), within_reach(self.bounds), np.nan)
        last = f"{bounds[np.isfinite(bounds)][-1]:.6g}"
        if len(self.stages) > 1:  # a line between stages would mean nothing, and a very short one would be a speck
            held = np.isfinite(bounds[:-1]) & (np.diff(times) > _SPECK * (times[-1] - times[0]))
            label = f"bound of each of {len(self.stages)} stages"
            return axes.hlines(bounds[:-1][held], times[:-1][held], times[1:][held], ORANGE, label=label)
        if not self.stages:
            return axes.plot(times, bounds, color=ORANGE, linestyle="--", label=f"bound in the end, {last}")[0]
        moments = np.union1d(self.seconds, times)
        moments = moments[moments >= self.seconds[0]]
        best = within_reach(self.scores)[np.searchsorted(self.seconds, moments, side="right") - 1]
        bound = bounds[np.searchsorted(times, moments, side="right") - 1]
        axes.fill_between(moments, best, bound, step="post", color=ORANGE, alpha=0.15, linewidth=0.0)
        whole = self.stages == ("joint",)
        label = f"bound{'' if whole else f' of {self.stages[0]}'}, {last} in the end"
        return axes.plot(times, bounds, color=ORANGE, drawstyle="steps-post", label=label)[0]


def _steps(moments: Sequence[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Keep the moments at which the score changes, and the last one; return their times and their scores."""
    changes = [new for old, new in itertools.pairwise(moments) if new[1] != old[1]]
    seconds, scores = np.array([moments[0], *changes, moments[-1]]).T
    return read_only(seconds.copy()), read_only(scores.copy())


def _stages(events: Sequence[SearchEvent]) -> list[list[SearchEvent]]:
    """Group events into stages, without the stages that do not score the whole network."""
    stages: list[list[SearchEvent]] = []
    for event in events:
        if not stages or event.kind == "started" or event.stage != stages[-1][-1].stage:
            stages.append([])
        stages[-1].append(event)
    return [stage for stage in stages if not any(_is_of_a_neuron(event) for event in stage)]


def _is_of_a_neuron(event: SearchEvent) -> bool:
    """Tell whether an event is of a single neuron: its best score is not one of the whole network."""
    if event.best is None:
        return False
    incumbent = event.incumbent
    # In a stage of whole networks, the incumbent is at least as good as the best of the stage, and the bound as both.
    return incumbent is None or min(incumbent, event.bound) < event.best.score < max(incumbent, event.bound)
