"""How a search went: the best score over time, and the bound that no score can be beyond."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.text import counted, message
from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_instance, as_instances, read_only
from minigrid.exceptions import ShapeError
from minigrid.plotting.drawing import BLUE, ORANGE, Display, axes_to_draw_on, finish, short_name, within_reach
from minigrid.search.events import SearchEvent
from minigrid.search.result import SearchResult

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_EVENTS_MEND = "Search with callbacks=[recorder], a SearchRecorder, and pass recorder.events."
_SPECK = 1 / 300  # of all the time
_FEW = 60  # improvements that are marked one by one


@final
@dataclass(kw_only=True, eq=False, repr=False)
class SearchHistoryDisplay(Display):
    """The best score over time, and the bound; `from_result` or `from_events` makes it, `plot` draws it.

    Attributes:
        seconds: when the best score became another, and at the end when the search ended, shape (n,).
        scores: the best score from then on, shape (n,).
        bound_seconds: when the bound became another, shape (m,).
        bounds: the bound from then on, shape (m,); NaN where none is known. A search in stages has a bound in each,
            with what it holds fixed: between two of them there is a NaN.
        stages: the names of these stages; none if only the final bound is known.
        scoring: the repr of what was scored by; empty if that is not known.
        optimal: whether the last best score was proven to be the best; None: not known.
        penalty: the repr of what weights cost, if scores are objectives; else empty.

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
        """Take the improvements, and the bound of the end, from a result.

        Args:
            result: what a search returned.

        Returns:
            The display.

        Raises:
            InvalidTypeError: not a result.
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
        """Take the best score and the bound from the events of a search, which a `SearchRecorder` keeps.

        Stages that score something else than the whole network, such as hidden neurons, are left out.

        Args:
            events: all events of one search, in order.

        Returns:
            The display.

        Raises:
            InvalidTypeError: something else than events.
            ShapeError: none in which the network had a score.
        """
        given = as_instances(events, SearchEvent, "events", _EVENTS_MEND)
        stages = _stages(given)
        moments = [(e.seconds, e.incumbent) for stage in stages for e in stage if e.incumbent is not None]
        if not moments:
            expected = "events of a search that came to a score of the whole network"
            raise ShapeError(message("events", expected, counted(len(given), "event"), _EVENTS_MEND))
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
        """Draw the best score and the bound as steps over time, and what is open between them as an area.

        Args:
            ax: what to draw on; None: new axes.
            title: above all of it; None: none.
            xlabel: of the time.
            ylabel: of the score; None: the scoring, if it is known.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is something else than axes.
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
        """Draw the bound, and of a single stage what is open between it and the best."""
        times, bounds = self.bound_seconds, np.where(np.isfinite(self.bounds), within_reach(self.bounds), np.nan)
        last = f"{bounds[np.isfinite(bounds)][-1]:.6g}"
        if len(self.stages) > 1:  # a line from one to the next would mean nothing, and what is too short is but a speck
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
    """Keep the moments at which the score becomes another, and the last: when, and what."""
    changes = [new for old, new in itertools.pairwise(moments) if new[1] != old[1]]
    seconds, scores = np.array([moments[0], *changes, moments[-1]]).T
    return read_only(seconds.copy()), read_only(scores.copy())


def _stages(events: Sequence[SearchEvent]) -> list[list[SearchEvent]]:
    """Part events into stages, and leave those out whose scores are not those of the whole network."""
    stages: list[list[SearchEvent]] = []
    for event in events:
        if not stages or event.kind == "started" or event.stage != stages[-1][-1].stage:
            stages.append([])
        stages[-1].append(event)
    return [stage for stage in stages if not any(_is_of_a_neuron(event) for event in stage)]


def _is_of_a_neuron(event: SearchEvent) -> bool:
    """Tell whether a stage has a best that the whole network has not: it is of a neuron alone."""
    if event.best is None:
        return False
    incumbent = event.incumbent
    # The incumbent is at least as good as the best of any stage of whole networks, and the bound is beyond both.
    return incumbent is None or min(incumbent, event.bound) < event.best.score < max(incumbent, event.bound)
