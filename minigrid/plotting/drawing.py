"""What all pictures share: axes, legends, and colours that the colour-blind can tell apart.

This module imports matplotlib, and only when something is drawn. It changes no global setting: fonts, sizes and the
colour of text stay as you have set them.
"""

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, final

import numpy as np

from minigrid._base.expected_names import ClassKnowsOtherNames, KnowsOtherNames
from minigrid._base.text import message, missing
from minigrid._base.typing import FloatArray
from minigrid._base.validation import as_instance
from minigrid.exceptions import InvalidValueError, MissingExtraError, NotDrawnError

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

T = TypeVar("T")

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F")
"""The palette of Okabe and Ito (2008, Color Universal Design) for the colour-blind, without black and yellow."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK = "0.1"
MISSING = "0.88"
BLUE, ORANGE = COLOURS[0], COLOURS[5]

# matplotlib's own arithmetic overflows before the largest float.
_LARGEST = 1e100  # of data and grids
_LARGEST_SHOWN = 1e300  # of outputs and scores
_FAINT = 0.05  # from 0.5: outputs nearer to it would look white beside those at 0 and 1
_TYPICAL = 0.5  # the fraction of a side's outputs that its colours tell apart, where they are faint
_OVERHANG, _WIDEST = 1.35, 0.95  # times the width of the axes, and of the figure, which a legend may have
_TITLE_GAP = 6.0  # points
_PLACE: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "frameon": False}
_LEGEND: dict[str, Any] = {**_PLACE, "borderaxespad": 0.2, "handletextpad": 0.5, "columnspacing": 1.4}


@final
class _DisplayClass(ClassKnowsOtherNames, ABCMeta):
    """Class of the displays."""


class Display(KnowsOtherNames, metaclass=_DisplayClass):
    """Base of the displays: each holds the numbers of a picture, and the axes that it was last drawn on.

    Example:
        >>> from minigrid import Tanh
        >>> from minigrid.plotting import ActivationsDisplay
        >>> display: Display = ActivationsDisplay.from_activations([Tanh()]).plot()
        >>> display.figure_ is display.ax_.figure
        True
    """

    _ax: "Axes | None" = None

    @property
    def ax_(self) -> "Axes":
        """The axes of the last drawing.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._ax)

    @property
    def figure_(self) -> "Figure":
        """The figure of the last drawing; ``figure_.savefig("picture.png")`` saves it.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self.ax_.figure.figure  # axes may belong to a subfigure, which cannot be saved

    def _drawn(self, kept: T | None) -> T:
        """Return what the last drawing left, or raise an error if nothing was drawn yet."""
        if kept is None:
            raise NotDrawnError(message(repr(self), "a display that was drawn", "one that was not", "Call its plot()."))
        return kept

    @abstractmethod
    def plot(self, *, ax: "Axes | None" = None, title: str | None = None) -> "Display":
        """Draw the picture.

        Args:
            ax: the axes to draw on. Default None: new ones.
            title: the title of the picture. Default None: no title.

        Returns:
            The display itself.
        """


def axes_to_draw_on(ax: "Axes | None", width: float = 6.4, height: float = 4.8) -> "Axes":
    """Check the axes that the user passed, or create a figure with new ones, of a size in inches.

    Raises:
        MissingExtraError: matplotlib is not installed.
        InvalidTypeError: `ax` is not a single axes, but for example an array of them.
    """
    try:
        from matplotlib import pyplot
        from matplotlib.axes import Axes
    except ImportError as error:
        raise MissingExtraError(missing("plot", "matplotlib", "matplotlib")) from error
    if ax is None:
        return pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return as_instance(ax, Axes, "ax", "Pass a single matplotlib axes, such as plt.gca(), or axes[0] of several.")


def finish(
    ax: "Axes", entries: Sequence["Artist"], title: str | None, *, gap: float = _TITLE_GAP, marker_scale: float = 1.0
) -> None:
    """Put a legend above the axes, where it hides nothing, and a title above the legend.

    Args:
        ax: the axes.
        entries: the entries of the legend. They take as many lines as they need to be hardly wider than the axes.
        title: the title; None: no title.
        gap: the free space below the title, in points, in addition to the legend.
        marker_scale: how much larger marks are in the legend than in the picture.
    """
    legend, columns = None, len(entries)
    most = min(_OVERHANG * ax.bbox.width, _WIDEST * ax.figure.bbox.width)
    while columns and (legend is None or (columns > 1 and legend.get_window_extent().width > most)):
        columns -= legend is not None
        legend = ax.legend(handles=list(entries), ncols=columns, markerscale=marker_scale, **_LEGEND)
    if legend is not None:
        gap += legend.get_window_extent().height * 72.0 / legend.figure.dpi
    if title is not None:
        ax.set_title(title, pad=gap)


def show_missing(ax: "Axes") -> "Artist":
    """Hatch the background, which shows where there is no number; return its entry for the legend."""
    from matplotlib.patches import Patch

    ax.patch.set(facecolor=MISSING, edgecolor="0.6", hatch="////", linewidth=0.0)
    return Patch(facecolor=MISSING, edgecolor="0.6", hatch="////", linewidth=0.0, label="NaN")


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with white; strength 1 is the colour itself."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1.0 - strength * (1.0 - part) for part in to_rgb(colour))
    return red, green, blue


def within_reach(values: FloatArray) -> FloatArray:
    """Clip numbers that are too large for matplotlib, infinite ones too; NaN stays NaN."""
    reachable: FloatArray = np.clip(values, -_LARGEST_SHOWN, _LARGEST_SHOWN)
    return reachable


def around_half(outputs: FloatArray) -> "Normalize | None":
    """Scale the colours on each side of 0.5 by the outputs on that side, if one side would otherwise look white."""
    from matplotlib.colors import TwoSlopeNorm

    below, above = 0.5 - outputs[outputs < 0.5], outputs[outputs > 0.5] - 0.5
    reaches = [float(np.quantile(side, _TYPICAL)) for side in (below, above) if side.size]
    if not reaches or min(reaches) >= _FAINT or max(reaches) > 0.5:
        return None
    least = 4.0 * float(np.spacing(0.5))  # an end nearer to 0.5 would round to 0.5
    down, up = (max(reach, least) for reach in (reaches[0], reaches[-1]))
    return TwoSlopeNorm(0.5, 0.5 - down, 0.5 + up)


def beyond(outputs: FloatArray, norm: "Normalize") -> str:
    """Return which ends of the colour bar some outputs exceed."""
    low, high = bool(np.any(outputs < (norm.vmin or 0.0))), bool(np.any(outputs > (norm.vmax or 0.0)))
    return "both" if low and high else "min" if low else "max" if high else "neither"


def check_range(values: FloatArray, argument: str) -> None:
    """Check that an axis can show these numbers.

    Raises:
        InvalidValueError: some of them are too large.
    """
    largest = float(np.abs(values).max())
    if largest > _LARGEST:
        expected = f"numbers up to {_LARGEST:g} in magnitude, which can be drawn"
        raise InvalidValueError(message(argument, expected, f"{largest:g}", "Scale them, or leave out the largest."))


def short_name(scoring: str) -> str:
    """Shorten the repr of a scoring: its name without the settings, or the name of the function."""
    name, _, settings = scoring.partition("(")
    return settings.partition(",")[0].rstrip(")") if name == "FunctionScoring" else name or "score"


def edges(values: FloatArray) -> FloatArray:
    """Put edges half-way between ascending values, so that each value gets a cell."""
    if values.size == 1:
        half = max(0.5, 1e-9 * abs(float(values[0])))
        return np.array([values[0] - half, values[0] + half])
    between = values[:-1] + np.diff(values) / 2.0
    return np.concatenate([[2.0 * values[0] - between[0]], between, [2.0 * values[-1] - between[-1]]])
