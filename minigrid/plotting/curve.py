"""A picture of how the score changes with one parameter while all others stay fixed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.typing import ArrayLike, FloatArray, RegisteredName, override
from minigrid._base.validation import as_instance
from minigrid.model.network import Network
from minigrid.plotting.drawing import BLUE, MISSING, Display, axes_to_draw_on, edges, finish, within_reach
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
    from matplotlib.lines import Line2D

_FIX = "Name one of network.parameter_names, or its position."
_GRID_FIX = "Pass a Grid, such as Grid.linspace(-10, 10, 100)."
_FEW = 60  # values that are drawn as dots


@final
@dataclass(kw_only=True, eq=False, repr=False)
class ScoreCurveDisplay(Display):
    """The score over one parameter; the others stay fixed. Create it with `from_search`, draw it with `plot`.

    Attributes:
        scores: the score of each value, shape (n_values,); may be NaN.
        values: the values of the parameter, in the order of the grid.
        best: the best candidate, and its index in a search of this grid. Ties are broken as in a search.
        parameter_name: the name of the parameter.
        label: the label of the axis: the parameter's name, with that of the input if it is known.
        held: the network's own value of the parameter.
        held_score: the network's own score; may be NaN.
        scoring: the repr of the scoring.
        greater_is_better: True if higher scores are better, False for a loss.

    Example:
        >>> X, y = [[0.0], [1.0]], [0, 1]
        >>> network = Network.dense([1, 1], bias=True)
        >>> display = ScoreCurveDisplay.from_search(network, X, y, Grid([-1, 0, 1]), parameter="layer0.neuron0.weight0")
        >>> display.scores, display.best.parameters
        (array([0.5, 0.5, 1. ]), array([1., 0.]))
    """

    scores: FloatArray
    values: FloatArray
    best: Candidate
    parameter_name: str
    label: str
    held: float
    held_score: float
    scoring: str
    greater_is_better: bool
    _line: "Line2D | None" = field(init=False, default=None)

    @classmethod
    def from_search(
        cls,
        network: Network,
        X: ArrayLike,
        y: ArrayLike,
        grid: Grid,
        *,
        parameter: str | int = 0,
        scoring: ScoringName | RegisteredName | Scoring | ScoreFunction = "accuracy",
        sample_weight: ArrayLike | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> "ScoreCurveDisplay":
        """Score a network with all values of one parameter.

        Every score is bit for bit the one that `GridSearchTrainer` computes for the candidate.

        Args:
            network: the network. Its other parameters keep their values.
            X: shape (n_samples, n_inputs).
            y: the targets, as for `GridSearchTrainer.fit`.
            grid: the values of the parameter; at most four million.
            parameter: which one, by its name or position in `network.parameter_names`. Default: the first.
            scoring: as for `GridSearchTrainer`. Default 'accuracy'.
            sample_weight: shape (n_samples,), how much each sample counts. Default None: all count the same.
            feature_names: a name for each input, for the axis. Default None: the columns of a data frame, or no names.

        Returns:
            The display.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            InvalidValueError: the data hold NaN or infinity, or the grid has too many values.
            OutOfRangeError: the network has no parameter at this position.
            ShapeError: the shapes of the data do not fit the network.
            UnknownNameError: the network has no parameter, or minigrid no scoring, of this name.
            ActivationError, ScoringError: a custom activation or scoring broke its contract.
            NoScoreError: every candidate scored NaN.
        """
        as_instance(network, Network, "network", "Pass a Network, such as result.network.")
        position = position_of(network, parameter, "parameter", _FIX)
        checked, scorer = as_drawn_grid(grid, _GRID_FIX), as_any_scoring(scoring)
        label = parameter_labels(network, feature_names, X)[position]
        problem, scores, index = score_all_values(
            network, {position: checked}, X, y, scorer, sample_weight, what="values"
        )
        with np.errstate(all="ignore"):
            held_score = problem.score(network.parameters)
        return cls(
            scores=read_only(scores),
            values=checked.values,
            best=Candidate(index, problem.space[index], float(scores[index])),
            parameter_name=network.parameter_names[position],
            label=label,
            held=float(network.parameters[position]),
            held_score=held_score,
            scoring=repr(scorer),
            greater_is_better=scorer.greater_is_better,
        )

    @override
    def __repr__(self) -> str:
        return f"<ScoreCurveDisplay of {len(self.scores)} scores over {self.label}, best {self.best.score:.6g}>"

    @property
    def line_(self) -> "Line2D":
        """The line of the last drawing.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._line)

    @override
    def plot(
        self,
        *,
        ax: "Axes | None" = None,
        title: str | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
    ) -> "ScoreCurveDisplay":
        """Draw a line through the scores, and mark the best with a star and the network's own value with a circle.

        If scores differ by more than a factor of a thousand, the scale is logarithmic. Where a score is NaN, the
        picture is grey.

        Args:
            ax: the axes to draw on. Default None: new ones.
            title: the title above the picture. Default None: no title.
            xlabel: the label of the horizontal axis. Default None: the parameter's name.
            ylabel: the label of the vertical axis. Default None: the scoring's name.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes.
        """
        axes = axes_to_draw_on(ax)
        values, first = np.unique(self.values, return_index=True)  # the first position of each value
        scores = within_reach(self.scores[first])
        dots: dict[str, Any] = {"marker": "o", "markersize": 4} if values.size <= _FEW else {}
        (line,) = axes.plot(values, scores, color=BLUE, linewidth=1.4, **dots)
        finite = scores[np.isfinite(scores)]
        if 0.0 < finite.min() * STEEP < finite.max():
            axes.set_yscale("log")
        entries = self._mark(axes)
        sides = edges(values)
        axes.set_xlim(sides[0], sides[-1])
        gaps = [
            axes.axvspan(sides[k], sides[k + 1], color=MISSING, linewidth=0.0) for k in np.nonzero(np.isnan(scores))[0]
        ]
        if gaps:
            gaps[0].set_label("NaN")
        axes.set_xlabel(self.label if xlabel is None else xlabel)
        scale = scale_label(self.scoring, greater_is_better=self.greater_is_better)
        axes.set_ylabel(scale if ylabel is None else ylabel)
        finish(axes, [*entries, *gaps[:1]], title)
        self._ax, self._line = axes, line
        return self

    def _mark(self, axes: "Axes") -> "list[Artist]":
        """Mark the best, and the network itself if it is another point of the picture."""
        marks: list[Artist] = []
        x, y = float(self.values[self.best.index or 0]), float(within_reach(np.array([self.best.score]))[0])
        label = f"best: {self.best.score:.6g} at {x:.4g}"
        style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "black", "clip_on": False, "zorder": 3}
        is_inside = self.values.min() <= self.held <= self.values.max() and np.isfinite(self.held_score)
        if is_inside and self.held != x:
            circle: dict[str, Any] = {"markerfacecolor": "white", "markersize": 7, "label": "the network"}
            marks += axes.plot(self.held, self.held_score, "o", **circle, **style)
        return [*axes.plot(x, y, "*", markerfacecolor="white", markersize=15, label=label, **style), *marks]
