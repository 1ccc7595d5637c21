"""A picture of how the score changes with two parameters while all others stay fixed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, FloatArray, RegisteredName, override
from minigrid._base.validation import as_instance, as_items
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.model.network import Network
from minigrid.plotting.drawing import (
    Display,
    axes_to_draw_on,
    edges,
    finish,
    show_missing,
    within_reach,
)
from minigrid.plotting.scored import (
    STEEP,
    as_drawn_grid,
    parameter_labels,
    position_of,
    scale_label,
    score_all_values,
)
from minigrid.scoring import ScoreFunction, Scoring
from minigrid.scoring.names import ScoringName, as_any_scoring
from minigrid.search.candidate import Candidate
from minigrid.search.space import Grid

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colors import Normalize

_FIX = "Name two of network.parameter_names, or their positions."
_ONE = "ScoreCurveDisplay shows the score over one."
_NEARLY_ALL = 0.95  # if this fraction of the scores is equal, the others are hardly visible
_FEW = 1000  # scores that are drawn larger than their cells


@final
@dataclass(kw_only=True, eq=False, repr=False)
class ScoreLandscapeDisplay(Display):
    """The score over two parameters; the others stay fixed. Create it with `from_search`, draw it with `plot`.

    Attributes:
        scores: the score of each pair of values, shape (n_values of the first, n_values of the second); may be NaN.
        values: the values of the two parameters, in the order of their grids.
        best: the best candidate, and its index in a search of these grids. Ties are broken as in a search.
        best_position: the position of the best in ``scores``.
        parameter_names: the names of the two parameters.
        labels: the labels of the axes: the parameters' names, with those of the inputs if they are known.
        held: the network's own values of the two parameters.
        scoring: the repr of the scoring.
        greater_is_better: True if higher scores are better, False for a loss.

    Example:
        >>> X, y = [[0.0], [1.0]], [0, 1]
        >>> display = ScoreLandscapeDisplay.from_search(Network.dense([1, 1], bias=True), X, y, Grid([-1, 0, 1]))
        >>> display.parameter_names, display.best.score, display.best.parameters
        (('layer0.neuron0.weight0', 'layer0.neuron0.bias'), 1.0, array([1., 0.]))
    """

    scores: FloatArray
    values: tuple[FloatArray, FloatArray]
    best: Candidate
    best_position: tuple[int, int]
    parameter_names: tuple[str, str]
    labels: tuple[str, str]
    held: tuple[float, float]
    scoring: str
    greater_is_better: bool
    _surface: "QuadMesh | None" = field(init=False, default=None)

    @classmethod
    def from_search(
        cls,
        network: Network,
        X: ArrayLike,
        y: ArrayLike,
        grid: Grid | Sequence[Grid],
        *,
        parameters: Sequence[str | int] = (0, 1),
        scoring: ScoringName | RegisteredName | Scoring | ScoreFunction = "accuracy",
        sample_weight: ArrayLike | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> "ScoreLandscapeDisplay":
        """Score a network with all pairs of values of two parameters.

        Every score is bit for bit the one that `GridSearchTrainer` computes for the candidate.

        Args:
            network: the network. Its other parameters keep their values.
            X: shape (n_samples, n_inputs).
            y: the targets, as for `GridSearchTrainer.fit`.
            grid: the values of both parameters, or a grid for each; at most four million pairs.
            parameters: which two, by their names or positions in `network.parameter_names`. Default: the first two.
            scoring: as for `GridSearchTrainer`. Default 'accuracy'.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.
            feature_names: a name for each input, for the axes. Default None: the columns of a data frame, or no names.

        Returns:
            The display.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            InvalidValueError: the data hold NaN or infinity, the parameters are the same, or the grids have too many
                pairs of values.
            OutOfRangeError: the network has no parameter at such a position.
            ShapeError: the shapes of the data do not fit the network.
            UnknownNameError: the network has no parameter, or minigrid no scoring, of such a name.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
            NoScoreError: every candidate scored NaN.
        """
        as_instance(network, Network, "network", "Pass a Network, such as result.network.")
        first, second = _two_positions(network, parameters)
        grids = dict(zip((first, second), _two_grids(grid), strict=True))
        own, names, labels = network.parameters, network.parameter_names, parameter_labels(network, feature_names, X)
        scorer = as_any_scoring(scoring)
        problem, scores, index = score_all_values(network, grids, X, y, scorer, sample_weight, what="pairs of values")
        table = scores.reshape(len(grids[min(first, second)]), -1)
        row, column = divmod(index, table.shape[1])
        turned = first > second  # the space has the parameters in the network's order
        return cls(
            scores=read_only(np.ascontiguousarray(table.T if turned else table)),
            values=(grids[first].values, grids[second].values),
            best=Candidate(index, problem.space[index], float(scores[index])),
            best_position=(column, row) if turned else (row, column),
            parameter_names=(names[first], names[second]),
            labels=(labels[first], labels[second]),
            held=(float(own[first]), float(own[second])),
            scoring=repr(scorer),
            greater_is_better=scorer.greater_is_better,
        )

    @override
    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.scores.shape))
        return f"<ScoreLandscapeDisplay of {sizes} scores, best {self.best.score:.6g}>"

    @property
    def surface_(self) -> "QuadMesh":
        """The surface of the last drawing.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._surface)

    @override
    def plot(
        self,
        *,
        ax: "Axes | None" = None,
        title: str | None = None,
        cmap: str | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
    ) -> "ScoreLandscapeDisplay":
        """Draw the scores as colours, the better the brighter, and mark the best with a star.

        If losses differ by more than a factor of a thousand, the scale is logarithmic.

        Args:
            ax: the axes to draw on. Default None: new ones.
            title: the title above the picture. Default None: no title.
            cmap: the name of a matplotlib colour map. Default None: 'viridis', reversed for a loss.
            xlabel: the label of the first axis. Default None: the first parameter's name.
            ylabel: the label of the second axis. Default None: the second parameter's name.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
        """
        axes = axes_to_draw_on(ax)
        missing = [show_missing(axes)] if np.isnan(self.scores).any() else []
        # Each value once, and the position of the first of equal ones.
        (x, columns), (y, rows) = (np.unique(values, return_index=True) for values in self.values)
        scores = within_reach(self.scores[np.ix_(columns, rows)].T)
        colours = cmap or ("viridis" if self.greater_is_better else "viridis_r")
        style: dict[str, Any] = {"cmap": colours, "norm": _norm(self.scores), "shading": "flat", "rasterized": True}
        surface = axes.pcolormesh(edges(x), edges(y), scores, **style)
        axes.figure.colorbar(
            surface, ax=axes, label=scale_label(self.scoring, greater_is_better=self.greater_is_better)
        )
        entries = [*self._mark(axes), *self._show_the_few(axes, surface)]
        axes.set(xlim=edges(x)[[0, -1]], ylim=edges(y)[[0, -1]])
        axes.set_xlabel(self.labels[0] if xlabel is None else xlabel)
        axes.set_ylabel(self.labels[1] if ylabel is None else ylabel)
        finish(axes, [*entries, *missing], title)
        self._ax, self._surface = axes, surface
        return self

    def _show_the_few(self, axes: "Axes", surface: "QuadMesh") -> "list[Artist]":
        """If nearly all scores are equal, say so in the legend, and enlarge the others, which are too small to see."""
        from matplotlib.patches import Patch

        scores, counts = np.unique(self.scores[np.isfinite(self.scores)], return_counts=True)
        if not counts.size or counts.max() < _NEARLY_ALL * self.scores.size:
            return []
        usual = float(scores[counts.argmax()])
        rows, columns = np.nonzero(np.isfinite(self.scores) & (self.scores != usual))
        if rows.size <= _FEW:
            style: dict[str, Any] = {
                "cmap": surface.cmap,
                "norm": surface.norm,
                "edgecolors": "white",
                "linewidths": 0.5,
            }
            axes.scatter(self.values[0][rows], self.values[1][columns], c=self.scores[rows, columns], s=25.0, **style)
        label = f"{usual:.4g} for {counts.max():,} of {self.scores.size:,} pairs"
        return [Patch(facecolor=surface.to_rgba(np.array([usual]))[0], edgecolor="0.5", label=label)]

    def _mark(self, axes: "Axes") -> "list[Artist]":
        """Mark the best, and the network itself if it is another point of the picture."""
        marks: list[Artist] = []
        x, y = (float(values[k]) for values, k in zip(self.values, self.best_position, strict=True))
        label = f"best: {self.best.score:.6g} at ({x:.4g}, {y:.4g})"
        style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "black", "clip_on": False}
        if self.held != (x, y) and all(v.min() <= at <= v.max() for v, at in zip(self.values, self.held, strict=True)):
            circle: dict[str, Any] = {"markerfacecolor": "white", "markersize": 7, "zorder": 3, "label": "the network"}
            marks += axes.plot(*self.held, "o", **circle, **style)
        return [*axes.plot(x, y, "*", markerfacecolor="white", markersize=15, label=label, **style), *marks]


def _two_positions(network: Network, parameters: object) -> tuple[int, int]:
    """Find the two parameters in the network's vector."""
    given = as_items(parameters, "parameters", "two parameters", _FIX)
    if len(given) != 2:
        raise ShapeError(message("parameters", "two", f"{len(given)}", f"{_FIX} {_ONE}"))
    names = network.parameter_names
    if len(names) < 2:
        fix = f"Pass a network that has two weights, or a weight and a bias. {_ONE}"
        raise ShapeError(message("network", "at least 2 parameters", "1", fix))
    first, second = (position_of(network, parameter, "parameters", _FIX) for parameter in given)
    if first == second:
        raise InvalidValueError(message("parameters", "two different ones", f"{names[first]!r} twice", _FIX))
    return first, second


def _two_grids(grid: object) -> tuple[Grid, Grid]:
    fix = "Pass a Grid, such as Grid.linspace(-10, 10, 100), or a list of two."
    both = (grid, grid) if isinstance(grid, Grid) else as_items(grid, "grid", "a Grid, or two", fix)
    if len(both) != 2:
        raise ShapeError(message("grid", "a Grid for each of the two parameters", counted(len(both), "item"), fix))
    first, second = (as_drawn_grid(one, fix) for one in both)
    return first, second


def _norm(scores: FloatArray) -> "Normalize":
    """Choose the scale of the colours; an infinite score gets the colour at that end."""
    from matplotlib.colors import LogNorm, Normalize

    finite = within_reach(scores[np.isfinite(scores)])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if 0.0 < low * STEEP < high:
        return LogNorm(low, high)
    return Normalize(low, high) if low < high else Normalize(low - 0.5, high + 0.5)
