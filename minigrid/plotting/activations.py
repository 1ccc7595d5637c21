"""A picture of activations side by side: the output of each for a range of weighted sums."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.text import message
from minigrid._base.typing import FloatArray, RegisteredName, override
from minigrid._base.validation import as_float, as_int, as_items
from minigrid.activations import Activation
from minigrid.activations.builtin import ActivationName
from minigrid.activations.guard import apply_activation
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.model.diagram.labels import activation_name
from minigrid.model.neuron import as_activation
from minigrid.plotting.drawing import BLUE, Display, axes_to_draw_on, check_range, finish, within_reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 64
_COLUMNS = 4
_NAME = 26.0  # points, over the uppermost panels
_GAP = 0.24, 0.42  # of a panel's width and height, for its ticks and its name


@final
@dataclass(kw_only=True, eq=False, repr=False)
class ActivationsDisplay(Display):
    """Activations side by side, each in a small picture. Create it with `from_activations`, draw it with `plot`.

    Attributes:
        z: the weighted sums, shape (n_points,).
        outputs: the outputs of each activation for these sums, shape (n_activations, n_points).
        names: the names of the activations.

    Example:
        >>> from minigrid import ReLU, Tanh
        >>> display = ActivationsDisplay.from_activations([ReLU(), Tanh()])
        >>> display.names, display.outputs.shape
        (('ReLU', 'Tanh'), (2, 801))
    """

    z: FloatArray
    outputs: FloatArray
    names: tuple[str, ...]
    _panels: "tuple[Axes, ...] | None" = field(init=False, default=None)

    @classmethod
    def from_activations(
        cls,
        activations: Iterable[ActivationName | RegisteredName | Activation],
        *,
        start: float = -4.0,
        stop: float = 4.0,
        n_points: int = 801,
    ) -> "ActivationsDisplay":
        """Call activations, built in or your own, on weighted sums from ``start`` to ``stop``.

        Args:
            activations: from 1 to 64 activations, or their names.
            start: the smallest weighted sum. Default -4.
            stop: the largest weighted sum. Default 4.
            n_points: how many sums to try, at least 2. Default 801.

        Returns:
            The display.

        Raises:
            InvalidTypeError: something among ``activations`` is not an activation, or an end of the range is not a
                number.
            InvalidValueError: the range is empty or not finite.
            ShapeError: there are no activations, or more than 64.
            UnknownNameError: no activation has a name that you gave.
            ActivationError: one of them broke its contract.
        """
        given = as_items(activations, "activations", "a sequence of Activation", "Pass a list, such as [ReLU()].")
        if not 1 <= len(given) <= _MOST:
            raise ShapeError(message("activations", f"1 to {_MOST}", f"{len(given)}", "Pass a few of them."))
        chosen = [as_activation(one, "activations") for one in given]
        low, high = as_float(start, "start"), as_float(stop, "stop")
        if not low < high:
            fix = "Pass the smaller number as start, and the larger as stop."
            raise InvalidValueError(message("stop", f"a number above start, {low:g}", f"{high:g}", fix))
        check_range(np.array([low, high]), "start and stop")
        z = np.linspace(low, high, as_int(n_points, "n_points", minimum=2, maximum=100_000))
        outputs = np.stack([apply_activation(one, z.copy()) for one in chosen])
        return cls(z=read_only(z), outputs=read_only(outputs), names=tuple(map(activation_name, chosen)))

    @override
    def __repr__(self) -> str:
        return f"<ActivationsDisplay of {', '.join(self.names)}>"

    @property
    def axes_(self) -> "tuple[Axes, ...]":
        """The small axes of the last drawing, one for each activation.

        Raises:
            NotDrawnError: nothing was drawn yet.
        """
        return self._drawn(self._panels)

    @override
    def plot(
        self, *, ax: "Axes | None" = None, title: str | None = None, n_columns: int = _COLUMNS
    ) -> "ActivationsDisplay":
        """Draw each function on axes of its own, all for the same sums. The dotted lines are at 0.

        Args:
            ax: the axes to divide into the small ones. Default None: new ones, as large as the picture needs.
            title: the title above the picture. Default None: no title.
            n_columns: how many functions to draw side by side. Default 4.

        Returns:
            The display itself.

        Raises:
            MissingExtraError: matplotlib is not installed.
            InvalidTypeError: ``ax`` is not a matplotlib axes, or ``n_columns`` is not a whole number.
            InvalidValueError: ``n_columns`` is not from 1 to 64.
        """
        columns = min(as_int(n_columns, "n_columns", minimum=1, maximum=_MOST), len(self.names))
        rows = -(-len(self.names) // columns)
        axes = axes_to_draw_on(ax, 1.0 + 1.75 * columns, 0.6 + 1.55 * rows)
        axes.set_axis_off()
        width = 1.0 / (columns + _GAP[0] * (columns - 1))
        height = 1.0 / (rows + _GAP[1] * (rows - 1))
        panels = []
        for k, name in enumerate(self.names):
            left, bottom = (k % columns) * width * (1 + _GAP[0]), (rows - 1 - k // columns) * height * (1 + _GAP[1])
            panel = axes.inset_axes((left, bottom, width, height))
            self._draw(panel, k)
            panel.set_title(name, fontsize="medium", pad=4.0)
            panel.tick_params(labelsize="small", labelbottom=k + columns >= len(self.names), length=2.5)
            panels.append(panel)
        finish(axes, [], title, gap=_NAME)
        self._ax, self._panels = axes, tuple(panels)
        return self

    def _draw(self, panel: "Axes", k: int) -> None:
        panel.axhline(0.0, color="0.5", linewidth=0.8, linestyle=":")
        panel.axvline(0.0, color="0.5", linewidth=0.8, linestyle=":")
        panel.plot(self.z, within_reach(self.outputs[k]), color=BLUE, linewidth=1.8)
        panel.set_xlim(self.z[0], self.z[-1])
        panel.margins(y=0.12)
        panel.locator_params(nbins=4, steps=[1, 2, 5, 10])
        panel.spines[["top", "right"]].set_visible(False)
