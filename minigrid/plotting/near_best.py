"""Which values each parameter has among the near-best candidates, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.typing import FloatArray, override
from minigrid._base.validation import as_instance
from minigrid.plotting.drawing import INK, MISSING, Display, axes_to_draw_on, check_range, edges, finish
from minigrid.plotting.scored import parameter_labels
from minigrid.search.near_best import NearBest, NearValues

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

_COLOURS = "viridis_r"  # a larger fraction is darker
_HALF = 0.36  # of the height of a row
_NONE, _UNKNOWN, _BEST = "no candidate", "not known", "best"


@final
@dataclass(kw_only=True, eq=False, repr=False)
class NearBestDisplay(Display):
    """How certain the parameters are. Create it with `from_result`, draw it with `plot`.

    Attributes:
        near: the result that it draws.
        labels: the names of the rows: the parameters' names, with those of the inputs if they are known.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]))
        >>> near = trainer.near_best(Network.dense([2, 1]), [[0, 1], [1, 0]], [0, 1], within=0.5)
        >>> NearBestDisplay.from_result(near)
        <NearBestDisplay of 2 parameters, 7 of 9 candidates (77.8%)>
    """

    near: NearBest
    labels: tuple[str, ...]
    _strips: "tuple[QuadMesh, ...] | None" = field(init=False, default=None)

    @classmethod
    def from_result(cls, near: NearBest, *, feature_names: Sequence[str] | None = None) -> "NearBestDisplay":
        """Take a result of `GridSearchTrainer.near_best`.

        Args:
            near: the result, complete or not.
            feature_names: a name for each input of the network, for the rows. Default None: no names.

        Returns:
            The display.

        Raises:
            InvalidTypeError: ``near`` is not a NearBest, or a name is not text.
            ShapeError: there is not one name for each input.
            InvalidValueError: some values are too large to be drawn.
        """
        as_instance(near, NearBest, "near", "Pass what trainer.near_best(...) returned.")
        for own in near.parameters:
            check_range(own.values, f"near.parameters ({own.name})")
        return cls(near=near, labels=parameter_labels(near.best.network, feature_names))

    @override
    def __repr__(self) -> str:
        count = len(self.near.parameters)
        return f"<NearBestDisplay of {count} parameter{'s' if count > 1 else ''}, {self.near.amount}>"

    @property
    def strips_(self) -> "tuple[QuadMesh, ...]":
        """The strip of each parameter in the last drawing.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._strips)

    @override
    def plot(
        self, *, ax: "Axes | None" = None, title: str | None = None, xlabel: str | None = None
    ) -> "NearBestDisplay":
        """Draw a strip for each parameter: the more near-best candidates have a value, the darker it is.

        A value that no near-best candidate has is grey. If the count stopped early, values that some candidates may
        have, but none is known to have, are hatched. A star marks the value of the best.

        Args:
            ax: the axes to draw on. Default None: new ones, as high as the picture needs.
            title: the title above the picture. Default None: no title.
            xlabel: the label of the axis of values. Default None: 'value'.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
        """
        parameters = self.near.parameters
        axes = axes_to_draw_on(ax, 7.0, min(1.7 + 0.32 * len(parameters), 6.0))
        shares = [_shares(own) for own in parameters]
        most = max(float(np.nanmax(share, initial=0.0)) for _, share, _ in shares)
        scale: dict[str, Any] = {"cmap": _COLOURS, "vmin": 0.0, "vmax": most or 1.0}
        strips, kinds = [], set()
        for row, (values, share, known) in enumerate(shares):
            sides = edges(values)
            axes.fill_between(sides[[0, -1]], row - _HALF, row + _HALF, color=MISSING, linewidth=0.0)
            for left, right in zip(sides[:-1][~known], sides[1:][~known], strict=True):
                axes.fill_between([left, right], row - _HALF, row + _HALF, **_hatched())
            strips.append(
                axes.pcolormesh(sides, [row - _HALF, row + _HALF], share[np.newaxis], shading="flat", **scale)
            )
            kinds |= {_UNKNOWN} if not known.all() else set()
            kinds |= {_NONE} if (np.isnan(share) & known).any() else set()
        style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "black", "markerfacecolor": "white"}
        best = self.near.best.parameters
        entries: list[Artist] = [*axes.plot(best, range(len(best)), "*", markersize=11, label=_BEST, **style)]
        axes.axvline(0.0, color=INK, linewidth=0.6, linestyle=":")
        axes.set(ylim=(len(parameters) - 0.5, -0.5), yticks=range(len(parameters)))
        axes.set_yticklabels(self.labels)
        axes.tick_params(axis="y", length=0.0)
        axes.set_xlabel("value" if xlabel is None else xlabel)
        axes.figure.colorbar(strips[0], ax=axes, label="fraction of the near-best candidates")
        finish(axes, [*entries, *_legend(kinds)], title)
        self._ax, self._strips = axes, tuple(strips)
        return self


def _shares(own: NearValues) -> tuple[FloatArray, FloatArray, Any]:
    """Return the distinct values in order, their fractions of the known count (0 as NaN), and which are known."""
    values, where = np.unique(own.values, return_inverse=True)
    least, most = [0] * len(values), [0] * len(values)
    for k, at_least, at_most in zip(where.tolist(), own.at_least, own.at_most, strict=True):
        least[k] += at_least
        most[k] += at_most
    total = max(sum(least), 1)
    share = np.array([count / total if count else np.nan for count in least])
    return values, share, np.array([bool(count) or not more for count, more in zip(least, most, strict=True)])


def _hatched() -> dict[str, Any]:
    return {"facecolor": "white", "edgecolor": "0.6", "hatch": "////", "linewidth": 0.0}


def _legend(kinds: set[str]) -> "list[Artist]":
    """Create the legend's entries for values that no candidate is known to have."""
    from matplotlib.patches import Patch

    styles = {_NONE: {"color": MISSING, "linewidth": 0.0}, _UNKNOWN: _hatched()}
    return [Patch(label=kind, **style) for kind, style in styles.items() if kind in kinds]
