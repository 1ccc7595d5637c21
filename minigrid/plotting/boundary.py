"""A picture of the decision boundary of a network of two inputs: its output or its labels, with the data on top.

Names and conventions are those of scikit-learn's `DecisionBoundaryDisplay`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

import numpy as np

from minigrid._base.arrays import as_samples, as_vector, read_only
from minigrid._base.numerics import predicted_labels
from minigrid._base.text import message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray, override
from minigrid._base.validation import as_float, as_instance, as_int, as_names, as_position, unknown_name
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.model.network import Network
from minigrid.plotting.drawing import (
    COLOURS,
    INK,
    MARKERS,
    Display,
    around_half,
    axes_to_draw_on,
    beyond,
    check_range,
    finish,
    show_missing,
    tint,
    within_reach,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.contour import QuadContourSet

PlotMethod: TypeAlias = Literal["pcolormesh", "contourf", "contour"]
ResponseMethod: TypeAlias = Literal["auto", "outputs", "labels"]

_PLOT_METHODS = ("pcolormesh", "contourf", "contour")
_RESPONSE_METHODS = ("auto", "outputs", "labels")
_MARGIN = 0.08  # of the range of a feature
_LEAST = 1e-12  # the smallest distance from a boundary
_N_LEVELS = 12
_LEGIBLE = 36.0  # points squared, of a mark


@final
@dataclass(kw_only=True, eq=False, repr=False)
class DecisionBoundaryDisplay(Display):
    """The decision boundary of a network of two inputs. Create it with `from_network`, draw it with `plot`.

    Attributes:
        xx0: the first feature at each point of the surface, shape (grid_resolution, grid_resolution).
        xx1: the second feature there.
        response: the output or the label there; NaN where an output is NaN.
        insides: how far inside a class each point is, shape (n, grid_resolution, grid_resolution): a table for each
            class whose boundary is drawn, above 0 inside and below 0 outside.
        X: the data, shape (n_samples, 2).
        y: the labels of the data, shape (n_samples,); None: not known.
        predicted: the labels that the network predicts for the data; -1 where an output is NaN.
        output: which output is shown; None: the labels.
        n_outputs: how many outputs the network has.
        feature_names: the names of the two features.
        class_names: the names of all labels.
        grid_resolution: how many points the surface has along each axis.
        eps: how far the surface reaches beyond the data, for each feature.
        plot_method: the method of the last drawing.

    Example:
        >>> network = Network.dense([2, 1]).with_parameters([-4.0, 4.0])
        >>> display = DecisionBoundaryDisplay.from_network(network, [[0.0, 1.0], [1.0, 0.0]], [1, 1])
        >>> display.response.shape, display.predicted
        ((200, 200), array([1, 0]))
    """

    xx0: FloatArray
    xx1: FloatArray
    response: FloatArray
    insides: FloatArray
    X: FloatArray
    y: IntArray | None
    predicted: IntArray
    output: int | None
    n_outputs: int
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    grid_resolution: int
    eps: tuple[float, float]
    plot_method: PlotMethod = "pcolormesh"
    _surface: "QuadMesh | QuadContourSet" = field(init=False)

    @classmethod
    def from_network(
        cls,
        network: Network,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        response_method: ResponseMethod = "auto",
        output: int | None = None,
        grid_resolution: int = 200,
        eps: float | None = None,
        feature_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
    ) -> "DecisionBoundaryDisplay":
        """Compute the outputs of a network on a plane of its two inputs.

        Args:
            network: a network of two inputs.
            X: the data, shape (n_samples, 2). The plane reaches a little beyond them.
            y: the labels of the data, shape (n_samples,): 0 and 1, or one for each output. Default None: not known.
            response_method: 'outputs' shows an output as a surface, 'labels' a region for each label, and 'auto'
                (default) the output if the network has one, or if you pass ``output``, else the labels.
            output: which of several outputs to show, counted from 0. Default None: see ``response_method``.
            grid_resolution: how many points to compute along each axis, from 10 to 2000. Default 200.
            eps: how far the plane reaches beyond the data. Default None: a twelfth of each feature's range.
            feature_names: two names. Default None: the columns' names of a data frame, else 'feature 0' and
                'feature 1'.
            class_names: one name for each label. Default None: 'class 0', 'class 1', ...

        Returns:
            The display.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            InvalidValueError: the data hold NaN or infinity, or a number is out of its range.
            OutOfRangeError: the network has no output at such a position.
            ShapeError: the network does not have two inputs, or the shapes of the data do not fit it.
            UnknownNameError: no response or output has such a name.
            ActivationError: an activation broke its contract.
        """
        as_instance(network, Network, "network", "Pass a Network, such as result.network.")
        if network.n_inputs != 2:
            fix = "Choose two features, as a picture has two axes, and search for a network of these two."
            raise ShapeError(message("network", "one of 2 inputs", f"one of {network.n_inputs}", fix))
        samples = as_samples(X, 2)
        check_range(samples, "X")
        shown = _what_is_shown(network.n_outputs, response_method, output)
        resolution = as_int(grid_resolution, "grid_resolution", minimum=10, maximum=2000)
        reach = _reach(samples, eps)
        xx0, xx1 = _plane(samples, reach, resolution)
        outputs = network(np.column_stack([xx0.ravel(), xx1.ravel()]))
        response = _labels(outputs).astype(np.float64) if shown is None else outputs[:, shown].copy()
        response[np.isnan(outputs).any(axis=1)] = np.nan
        n_classes = max(network.n_outputs, 2)
        classes = [f"class {label}" for label in range(n_classes)] if class_names is None else class_names
        return cls(
            xx0=read_only(xx0),
            xx1=read_only(xx1),
            response=read_only(response.reshape(xx0.shape)),
            insides=read_only(_insides(outputs, shown).reshape(-1, *xx0.shape)),
            X=samples,
            y=None if y is None else _as_labels(y, len(samples), n_classes),
            predicted=_labels(network(samples)),
            output=shown,
            n_outputs=network.n_outputs,
            feature_names=_feature_names(X, feature_names),
            class_names=_names(classes, "class_names", n_classes, "label"),
            grid_resolution=resolution,
            eps=reach,
        )

    @override
    def __repr__(self) -> str:
        what = "labels" if self.output is None else f"output {self.output}"
        return f"<DecisionBoundaryDisplay of the {what}, {len(self.X)} samples>"

    @property
    def surface_(self) -> "QuadMesh | QuadContourSet":
        """The surface of the last drawing: the output or the labels.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        self._drawn(self._ax)
        return self._surface

    @override
    def plot(
        self,
        *,
        ax: "Axes | None" = None,
        title: str | None = None,
        plot_method: PlotMethod = "pcolormesh",
        xlabel: str | None = None,
        ylabel: str | None = None,
    ) -> "DecisionBoundaryDisplay":
        """Draw the surface, the boundary, and the data on top. Samples that the network gets wrong are crossed out.

        Args:
            ax: the axes to draw on. Default None: new ones.
            title: the title above the picture. Default None: no title.
            plot_method: 'pcolormesh' (default) paints each point as it is; 'contourf' fills between lines of equal
                output, and 'contour' draws the lines. Regions of three or more labels have no such lines.
            xlabel: the label of the first axis. Default None: the first feature's name.
            ylabel: the label of the second axis. Default None: the second feature's name.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
            InvalidValueError: ``plot_method`` draws lines, and the display shows three labels or more.
            UnknownNameError: no method has the name ``plot_method``.
        """
        if plot_method not in _PLOT_METHODS:
            raise unknown_name("plot_method", plot_method, _PLOT_METHODS, "a method of matplotlib's")
        if plot_method != "pcolormesh" and self.output is None and self.n_outputs > 2:
            expected = "'pcolormesh' for three labels or more, which have no lines of equal output"
            fix = "Leave plot_method out, or show one output: from_network(..., output=0)."
            raise InvalidValueError(message("plot_method", expected, repr(plot_method), fix))
        axes = axes_to_draw_on(ax, 5.6 if self.output is None else 6.4)
        missing = [show_missing(axes)] if np.isnan(self.response).any() else []
        surface = self._draw_surface(axes, plot_method)
        for inside in within_reach(self.insides):
            if np.nanmin(inside, initial=0.0) < 0.0 < np.nanmax(inside, initial=0.0):
                axes.contour(self.xx0, self.xx1, inside, levels=[0.0], colors=INK, linewidths=1.3, zorder=1.5)
        entries = self._draw_samples(axes)
        axes.set(xlim=(self.xx0[0, 0], self.xx0[0, -1]), ylim=(self.xx1[0, 0], self.xx1[-1, 0]))
        axes.set_xlabel(self.feature_names[0] if xlabel is None else xlabel)
        axes.set_ylabel(self.feature_names[1] if ylabel is None else ylabel)
        finish(axes, [*entries, *missing], title, marker_scale=(_LEGIBLE / self._dot_size()) ** 0.5)
        self._ax, self._surface, self.plot_method = axes, surface, plot_method
        return self

    def _draw_surface(self, axes: "Axes", plot_method: PlotMethod) -> "QuadMesh | QuadContourSet":
        from matplotlib.colors import TwoSlopeNorm

        colours, norm = self._paint()
        points = (self.xx0, self.xx1, within_reach(self.response))
        surface: QuadMesh | QuadContourSet
        if plot_method == "pcolormesh":
            surface = axes.pcolormesh(*points, cmap=colours, norm=norm, shading="nearest", rasterized=True)
        else:
            draw = axes.contourf if plot_method == "contourf" else axes.contour
            ends: dict[str, Any] = {"extend": beyond(self.response, norm)} if isinstance(norm, TwoSlopeNorm) else {}
            surface = draw(*points, levels=self._levels(norm), cmap=colours, norm=norm, **ends)
        if self.output is not None:
            self._draw_bar(axes, surface, norm, plot_method)
        return surface

    def _draw_bar(
        self, axes: "Axes", surface: "QuadMesh | QuadContourSet", norm: "Normalize", plot_method: PlotMethod
    ) -> None:
        """Draw the colour bar. If each side of 0.5 has a scale of its own, label both."""
        from matplotlib.colors import TwoSlopeNorm
        from matplotlib.ticker import AutoLocator

        label = "output" if self.n_outputs == 1 else f"output {self.output}"
        is_close = isinstance(norm, TwoSlopeNorm)
        is_cut = is_close and plot_method == "pcolormesh"  # matplotlib finds the ends of lines itself
        more: dict[str, Any] = {"extend": beyond(self.response, norm)} if is_cut else {}
        bar = axes.figure.colorbar(surface, ax=axes, label=label, ticks=AutoLocator(), **more)
        if is_close:
            ends = [float(norm.vmin or 0.0), float(norm.vmax or 0.0)]
            below, above = (f"{abs(end - 0.5):.2g}" for end in ends)
            bar.set_ticks([ends[0], 0.5, ends[1]])
            bar.set_ticklabels([f"0.5 \N{MINUS SIGN} {below}", "0.5", f"0.5 + {above}"])
            bar.ax.minorticks_off()
        if self.n_outputs == 1 and plot_method != "contour":
            bar.ax.axhline(0.5, color=INK, linewidth=1.3)

    def _levels(self, norm: "Normalize") -> FloatArray:
        """Choose round numbers to draw lines at, or the numbers that separate two labels."""
        from matplotlib.colors import TwoSlopeNorm
        from matplotlib.ticker import MaxNLocator

        if self.output is None:
            return np.array([-0.5, 0.5, 1.5])
        low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
        if isinstance(norm, TwoSlopeNorm):
            return np.concatenate([np.linspace(low, 0.5, 7), np.linspace(0.5, high, 7)[1:]])
        return np.asarray(MaxNLocator(_N_LEVELS).tick_values(low, high), dtype=np.float64)

    def _paint(self) -> "tuple[Colormap, Normalize]":
        """Choose the colours: tints of the classes' for labels; from class to class through white for an output."""
        from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize

        colours = [COLOURS[label % len(COLOURS)] for label in range(len(self.class_names))]
        if self.output is None:
            return ListedColormap([tint(colour, 0.35) for colour in colours]), Normalize(-0.5, len(colours) - 0.5)
        known = within_reach(self.response[np.isfinite(self.response)])
        low, high = float(known.min(initial=0.0)), float(known.max(initial=1.0))
        if self.n_outputs == 1:
            half = max(high - 0.5, 0.5 - low)
            norm = around_half(known) or Normalize(0.5 - half, 0.5 + half)
            through = [tint(colours[0], 0.7), tint(colours[0], 0.0), tint(colours[1], 0.7)]
            return LinearSegmentedColormap.from_list("output", through), norm
        upwards = [tint(colours[self.output], strength) for strength in (0.0, 0.75)]
        return LinearSegmentedColormap.from_list("output", upwards), Normalize(low, high)

    def _dot_size(self) -> float:
        """Choose an area, in points squared, so small that many samples stay apart."""
        return min(max(9000.0 / len(self.X), 8.0), _LEGIBLE)

    def _draw_samples(self, axes: "Axes") -> "list[Artist]":
        """Draw the data; return their entries for the legend."""
        from matplotlib import rcParams
        from matplotlib.lines import Line2D

        size = self._dot_size()
        x, y = self.X[:, 0], self.X[:, 1]
        if self.y is None:
            return [axes.scatter(x, y, s=size, c="0.35", edgecolors="white", linewidths=0.6, label="samples")]
        entries: list[Artist] = []
        dots: dict[str, Any] = {"s": size, "edgecolors": "white", "linewidths": 0.6}
        for k, name in enumerate(self.class_names):
            own = self.y == k
            if own.any():
                colour, marker = COLOURS[k % len(COLOURS)], MARKERS[(k + k // len(COLOURS)) % len(MARKERS)]
                entries.append(axes.scatter(x[own], y[own], c=colour, marker=marker, label=name, **dots))
        wrong = self.y != self.predicted
        if wrong.any():
            cross: dict[str, Any] = {"s": 2.0 * size, "marker": "x", "zorder": 3}
            axes.scatter(x[wrong], y[wrong], c="white", linewidths=3.0, **cross)  # a rim, for dark points
            axes.scatter(x[wrong], y[wrong], c=INK, linewidths=1.3, **cross)
            label = f"wrong ({np.count_nonzero(wrong)} of {len(wrong)})"
            like_text: dict[str, Any] = {"color": rcParams["text.color"], "markersize": (2.0 * size) ** 0.5}
            entries.append(Line2D([], [], linestyle="none", marker="x", label=label, **like_text))
        return entries


def _what_is_shown(n_outputs: int, response_method: str, output: int | None) -> int | None:
    """Return which output to show, or None for the labels."""
    if response_method not in _RESPONSE_METHODS:
        raise unknown_name("response_method", response_method, _RESPONSE_METHODS, "what to show")
    if response_method == "labels" and output is not None:
        fix = "Leave out output or response_method."
        raise InvalidValueError(message("output", "None, as response_method='labels' shows all", f"{output}", fix))
    fix = "Pass the position of an output neuron, from 0 for the first."
    if output is not None:
        return as_position(output, n_outputs, "output", fix=fix)
    if n_outputs == 1 and response_method != "labels":
        return 0
    if response_method == "outputs":
        raise InvalidValueError(message("output", f"which of the {n_outputs} outputs to show", "None", fix))
    return None


def _reach(samples: FloatArray, eps: float | None) -> tuple[float, float]:
    """Return how far the plane reaches beyond the data, for each feature."""
    if eps is not None:
        given = as_float(eps, "eps")
        if given <= 0.0:
            fix = "Leave it out for a twelfth of each feature's range."
            raise InvalidValueError(message("eps", "a number above 0", f"{given}", fix))
        check_range(np.array([given]), "eps")
        return given, given
    low, high = samples.min(axis=0), samples.max(axis=0)
    reach = np.where(high > low, _MARGIN * (high - low), 0.5)
    first, second = np.maximum(reach, 1e-9 * np.maximum(np.abs(low), np.abs(high))).tolist()
    return first, second


def _plane(samples: FloatArray, reach: tuple[float, float], resolution: int) -> tuple[FloatArray, FloatArray]:
    """Spread points evenly over the data and a little beyond; return both features of each point."""
    low, high = samples.min(axis=0) - reach, samples.max(axis=0) + reach
    xx0, xx1 = np.meshgrid(*np.linspace(low, high, resolution, axis=1))
    return xx0, xx1


def _labels(outputs: FloatArray) -> IntArray:
    return np.where(np.isnan(outputs).any(axis=1), -1, predicted_labels(outputs))


def _insides(outputs: FloatArray, shown: int | None) -> FloatArray:
    """Return how far inside each class every point is, a row for each class whose boundary is drawn.

    The sign follows the label, even where outputs are equal and their order decides the label.
    """
    labels, reachable = _labels(outputs), within_reach(outputs)
    n_outputs = outputs.shape[1]
    if n_outputs == 1:
        ahead = [(1, reachable[:, 0] - 0.5)]
    else:
        own = range(n_outputs) if shown is None else [shown]
        ahead = [(k, reachable[:, k] - np.delete(reachable, k, axis=1).max(axis=1)) for k in own]
    rows = [np.where(labels == k, np.maximum(far, _LEAST), np.minimum(far, -_LEAST)) for k, far in ahead]
    return np.where(labels >= 0, np.stack(rows), np.nan)


def _as_labels(y: ArrayLike, n_samples: int, n_classes: int) -> IntArray:
    numbers = as_vector(y, "y", length=n_samples, what="labels, one for each sample")
    if not np.isin(numbers, np.arange(n_classes)).all():
        expected = f"the labels 0 to {n_classes - 1}"
        found = ", ".join(f"{number:g}" for number in np.unique(numbers)[:6])
        raise InvalidValueError(message("y", expected, found, "Recode the labels, or leave y out to draw X alone."))
    return read_only(numbers.astype(np.int64))


def _names(names: Sequence[str], argument: str, count: int, what: str) -> tuple[str, ...]:
    return as_names(names, argument, count, f"{count} names, one for each {what}", f"Pass a list of {count} strings.")


def _feature_names(X: object, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None:
        return _names(names, "feature_names", 2, "feature")
    columns = getattr(X, "columns", None)  # of a data frame
    if columns is None:
        return ("feature 0", "feature 1")
    return tuple(str(column) for column in columns)
