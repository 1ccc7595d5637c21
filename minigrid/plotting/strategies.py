"""A picture that compares strategies by score, proof, number of candidates and time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.text import describe, format_count, format_seconds, message
from minigrid._base.typing import override
from minigrid._base.validation import as_instance, as_mapping
from minigrid.exceptions import InvalidTypeError, InvalidValueError, ShapeError
from minigrid.plotting.drawing import BLUE, ORANGE, Display, axes_to_draw_on, finish, short_name, within_reach
from minigrid.search.result import SearchResult

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_FIX = "Pass a dict, such as {'joint': result, 'zoom': another}."
_PROVEN, _NOT_PROVEN, _OPEN = "proven best", "not proven", "still possible"
_MOST, _LEAST = 1e100, 1e-6  # of what is drawn on a logarithmic scale
_ABOVE = (0.0, 6.0)  # points, from a mark to the text above it


@final
@dataclass(kw_only=True, eq=False, repr=False)
class StrategiesDisplay(Display):
    """Results of several searches side by side. Create it with `from_results`, draw it with `plot`.

    Attributes:
        results: the results by name, from the top row down.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> network, X, y = Network.dense([1, 1]), [[0.0], [1.0]], [0, 1]
        >>> joint = GridSearchTrainer(Grid([-1, 0, 1])).fit(network, X, y)
        >>> coordinate = GridSearchTrainer(Grid([-1, 0, 1]), strategy="coordinate").fit(network, X, y)
        >>> StrategiesDisplay.from_results({"joint": joint, "coordinate": coordinate})
        <StrategiesDisplay of joint, coordinate>
    """

    results: Mapping[str, SearchResult]
    _panels: "tuple[Axes, ...] | None" = field(init=False, default=None)

    @classmethod
    def from_results(cls, results: Mapping[str, SearchResult]) -> "StrategiesDisplay":
        """Put results side by side.

        Args:
            results: the results to compare, by name. All need the same scoring.

        Returns:
            The display.

        Raises:
            InvalidTypeError: ``results`` is not a dict of names and results.
            ShapeError: ``results`` is empty.
            InvalidValueError: the results have different scorings.
        """
        checked: dict[str, SearchResult] = {}
        for name, result in as_mapping(results, "results", _FIX).items():
            if not isinstance(name, str):
                raise InvalidTypeError(message("results", "names as keys", describe(name), _FIX))
            checked[name] = as_instance(result, SearchResult, f"results[{name!r}]", _FIX)
        if not checked:
            raise ShapeError(message("results", "at least one result", "none", _FIX))
        scorings = list(dict.fromkeys((one.scoring, one.greater_is_better) for one in checked.values()))
        if len(scorings) > 1:
            got, fix = " and ".join(name for name, _ in scorings), "Compare searches with the same scoring."
            raise InvalidValueError(message("results", "results of one scoring", got, fix))
        return cls(results=checked)

    @override
    def __repr__(self) -> str:
        return f"<StrategiesDisplay of {', '.join(self.results)}>"

    @property
    def axes_(self) -> "tuple[Axes, ...]":
        """The axes of the scores, of the numbers of candidates, and of the seconds in the last drawing.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._panels)

    @override
    def plot(self, *, ax: "Axes | None" = None, title: str | None = None) -> "StrategiesDisplay":
        """Draw a row for each result: its score and bound, how many candidates it scored, and its seconds.

        Args:
            ax: the axes to divide into the three columns. Default None: new ones, as large as the picture needs.
            title: the title above the picture. Default None: no title.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
        """
        axes = axes_to_draw_on(ax, 9.0, 1.6 + 0.42 * len(self.results))
        axes.set_axis_off()
        extents = ((0.0, 0.4), (0.48, 0.22), (0.78, 0.22))
        panels = tuple(axes.inset_axes((left, 0.0, width, 1.0)) for left, width in extents)
        for panel in panels:
            panel.set(ylim=(len(self.results) - 0.4, -0.7), yticks=range(len(self.results)))
            panel.tick_params(axis="y", length=0.0, labelleft=panel is panels[0])
            panel.spines[["top", "right", "left"]].set_visible(False)
            panel.grid(visible=True, axis="y", color="0.5", alpha=0.25, linewidth=0.6)
        panels[0].set_yticklabels(list(self.results))
        results = list(self.results.values())
        entries = _draw_scores(panels[0], results)
        counts = [format_count(one.n_scored) for one in results]
        _draw_amounts(panels[1], [float(min(one.n_scored, _MOST)) for one in results], counts, "candidates\nscored")
        times = [format_seconds(one.seconds) for one in results]
        _draw_amounts(panels[2], [min(one.seconds, _MOST) for one in results], times, "seconds")
        finish(axes, entries, title)
        self._ax, self._panels = axes, panels
        return self


def _draw_scores(panel: "Axes", results: Sequence[SearchResult]) -> "list[Artist]":
    """Draw a point for each score, filled if it is proven best, and a line from it to its bound."""
    entries: list[Artist] = []
    for row, one in enumerate(results):
        score, bound = within_reach(np.array([one.score, one.bound])).tolist()
        if np.isfinite(one.bound) and bound != score:
            end: dict[str, Any] = {"marker": "|", "markevery": [1], "markersize": 9}
            entries += panel.plot([score, bound], [row, row], color=ORANGE, linewidth=2.0, label=_OPEN, **end)
        label, face = (_PROVEN, BLUE) if one.optimal else (_NOT_PROVEN, "white")
        entries += panel.plot(score, row, "o", color=BLUE, markerfacecolor=face, label=label, markersize=7)
        _write(panel, f"{one.score:.4g}", score, row)
    panel.margins(x=0.12)
    direction = "higher" if results[0].greater_is_better else "lower"
    panel.set_xlabel(f"{short_name(results[0].scoring)},\n{direction} is better")
    found = {str(artist.get_label()): artist for artist in entries}
    return [found[label] for label in (_PROVEN, _NOT_PROVEN, _OPEN) if label in found]


def _draw_amounts(panel: "Axes", amounts: Sequence[float], strings: Sequence[str], label: str) -> None:
    """Draw a point for each amount on a logarithmic scale, and write the amount beside it."""
    shown = np.maximum(amounts, _LEAST)
    panel.set_xscale("log")
    panel.plot(shown, range(len(shown)), "o", color=BLUE, linestyle="none", markersize=7)
    for row, text in enumerate(strings):
        _write(panel, text, float(shown[row]), row)
    # The axis ends at whole powers of ten, so that it has at least two ticks.
    low, high = float(np.floor(np.log10(shown.min()))), float(np.ceil(np.log10(shown.max())))
    low -= high == low
    room = 0.06 * (high - low)
    panel.set_xlim(10.0 ** (low - room), 10.0 ** (high + room))
    panel.minorticks_off()
    panel.set_xlabel(label)


def _write(panel: "Axes", text: str, x: float, row: int) -> None:
    panel.annotate(text, (x, row), _ABOVE, textcoords="offset points", ha="center", va="bottom", fontsize="small")
