"""A network of one neuron as a scorecard: points for each feature, and a table from the total of points to the risk.

To use it on paper, add up the points of what applies, and read the risk off the table. The table already contains the
bias, so you do not add it.
"""

import html
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, final, overload

import numpy as np

from minigrid._base.arrays import as_floats, as_vector, read_only
from minigrid._base.text import counted, message
from minigrid._base.typing import ArrayLike, Data, FloatArray, RegisteredName, override
from minigrid._base.validation import as_float, as_instance, as_names
from minigrid._base.values import Value
from minigrid.activations import Activation, Sigmoid
from minigrid.activations.base import outputs_probabilities
from minigrid.activations.builtin import ActivationName
from minigrid.activations.guard import apply_activation
from minigrid.exceptions import InvalidValueError, ShapeError
from minigrid.model.diagram.labels import activation_name, cells, plain
from minigrid.model.network import Network
from minigrid.model.neuron import as_activation

_LABEL = "label 1"
_MOST_TOTALS = 41  # in a table that lists every total
_STEPS = 20  # at most, in one that does not
_LARGEST = float(np.finfo(np.float64).max) / 4  # of the totals in a table: their differences are finite
_DIGITS = 12  # to which sums of points are equal: 0.1 + 0.2 is 0.3
_WRITTEN = 10  # digits; more if totals would look the same
_ROUNDING = 1e-9  # of the ends of a table, relative to its steps

_Table = list[tuple[str, str]]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scorecard(Value):
    """Points for each feature, and the risk for each total of points. `SearchResult.scorecard` creates one.

    The total of a sample is the sum of its features' points, each multiplied by the feature's value. If features are 0
    or 1, it is the sum of the points of those that are 1. To get the risk, the neuron adds its bias to the total and
    applies its activation. ``print(card)`` writes the points and a table of risks, and a notebook shows them.

    The table assumes that every feature is 0 or 1. It lists every total that such features can reach, or, if there are
    more than 41, evenly spaced ones and both ends. For features with other values, multiply the points by the values,
    ``X @ card.points``, and pass the totals to `risk`.

    Args:
        points: shape (n_features,), the weights of the neuron, 0 for a feature that it does not see. The card keeps a
            read-only copy.
        feature_names: one name for each of the points.
        bias: what the neuron adds to a total before its activation. Default None: nothing.
        activation: the function that turns the total and the bias into the risk, or its name, such as 'hard_sigmoid'.
            Default ``Sigmoid()``.
        risk_of: the name of what the risk is the probability of, for the note below the table. Default 'label 1'.

    Raises:
        InvalidTypeError: ``points`` or ``bias`` are not numbers, a name or ``risk_of`` is not text, or ``activation``
            is not an activation.
        InvalidValueError: ``points`` or ``bias`` are not finite, or two names are equal.
        ShapeError: there is not one name for each of the points.

    Example:
        >>> card = Scorecard([2, 0, -1], ["smoker", "left-handed", "exercises"], bias=-1)
        >>> print(card)
        feature    points
        smoker          2
        exercises      -1
        <BLANKLINE>
        total   risk
           -1  11.9%
            0  26.9%
            1  50.0%
            2  73.1%
        <BLANKLINE>
        risk = Sigmoid(total - 1)
        For features that are 0 or 1. The risk is that of label 1.
        >>> float(card.risk(1))
        0.5
    """

    points: FloatArray
    feature_names: tuple[str, ...]
    bias: float | None
    activation: Activation
    risk_of: str

    def __init__(
        self,
        points: ArrayLike,
        feature_names: Iterable[str] | None = None,
        bias: float | None = None,
        activation: ActivationName | RegisteredName | Activation = Sigmoid(),  # noqa: B008  # an immutable value
        risk_of: str = _LABEL,
    ) -> None:
        vector = as_vector(points, "points", what="points")
        object.__setattr__(self, "points", read_only(vector + 0.0))  # no -0.0
        object.__setattr__(self, "feature_names", _as_feature_names(feature_names, vector.size))
        object.__setattr__(self, "bias", None if bias is None else as_float(bias, "bias"))
        object.__setattr__(self, "activation", as_activation(activation, "activation"))
        as_instance(risk_of, str, "risk_of", "Pass text, such as 'label 1'.")
        object.__setattr__(self, "risk_of", risk_of)

    @classmethod
    def from_network(
        cls, network: Network, feature_names: Iterable[str] | None = None, risk_of: str = _LABEL
    ) -> "Scorecard":
        """Create the scorecard of a network of one neuron.

        Args:
            network: a network of one neuron.
            feature_names: a name for each input of the network, all different. Default None: x0, x1, ...
            risk_of: as for a Scorecard. Default 'label 1'.

        Returns:
            The scorecard.

        Raises:
            ShapeError: the network has more than one neuron, or there is not one name for each of its inputs.
            InvalidTypeError: ``network`` is not a Network, or a name is not a string.
            InvalidValueError: two names are the same.

        Example:
            >>> from minigrid import Layer, Neuron
            >>> network = Network([Layer([Neuron([3.0, -2.0], inputs=[0, 2])])])
            >>> Scorecard.from_network(network, ["a", "b", "c"]).points
            array([ 3.,  0., -2.])
        """
        as_instance(network, Network, "network", "Pass a Network, such as result.network.")
        if len(network.neurons) != 1:
            got = f"{len(network.neurons)} neurons ({'-'.join(map(str, network.topology))})"
            fix = "Search Network.dense([n_features, 1]), or with an estimator hidden=(); diagram() shows any network."
            if len(network.layers) == 1:
                fix = "Only a network with one output has a scorecard: search for two labels, or for one target."
            raise ShapeError(message("network", "one neuron, whose weights are the points", got, fix))
        (neuron,) = network.neurons
        points = np.zeros(network.n_inputs)
        points[list(neuron.input_columns())] = neuron.weights
        return cls(points, feature_names, neuron.bias, neuron.activation, risk_of)

    @override
    def __repr__(self) -> str:
        parts = [repr(self.points.tolist()), repr(list(self.feature_names))]
        if self.bias is not None:
            parts.append(f"bias={self.bias!r}")
        parts.append(f"activation={self.activation!r}")
        if self.risk_of != _LABEL:
            parts.append(f"risk_of={self.risk_of!r}")
        return f"Scorecard({', '.join(parts)})"

    @property
    def risk_name(self) -> Literal["risk", "output"]:
        """What the table calls outputs, 'risk' if the activation declares that all are from 0 to 1, else 'output'."""
        return "risk" if outputs_probabilities(self.activation) else "output"

    @property
    def totals(self) -> FloatArray:
        """The totals that the table lists, rising, shape (n_totals,).

        Every total that features of 0 or 1 can reach, if these are 41 or fewer; else evenly spaced ones and both ends.
        """
        return np.array(self._listed()[0])

    @overload
    def risk(self, total: float) -> float: ...  # type: ignore[overload-overlap, unused-ignore]  # older types of arrays
    @overload
    def risk(self, total: ArrayLike) -> FloatArray: ...
    def risk(self, total: ArrayLike) -> float | FloatArray:
        """Return the risk for totals of points: the activation of total plus bias.

        It is the output of the neuron. If the activation gives outputs that are not from 0 to 1, it is no risk, and the
        table calls it 'output'.

        Args:
            total: one number, or numbers of any shape, such as ``X @ card.points``.

        Returns:
            A float for one number, else an array of the totals' shape.

        Raises:
            InvalidTypeError: ``total`` holds something other than real numbers.
            InvalidValueError: ``total`` holds NaN or infinity.
            ActivationError: the activation broke its contract.

        Example:
            >>> card = Scorecard([2, 1], bias=-2)
            >>> card.risk([[0, 0], [1, 1], [3, 0.5]] @ card.points).round(2)
            array([0.12, 0.73, 0.99])
        """
        totals = as_floats(total, "total")
        with np.errstate(over="ignore"):
            sums = totals.ravel() + (0.0 if self.bias is None else self.bias)
        outputs = apply_activation(self.activation, sums).copy()  # an activation may return an array it keeps
        return float(outputs[0]) if totals.ndim == 0 else outputs.reshape(totals.shape)

    def to_dict(self) -> dict[str, Data]:
        """Return the scorecard as plain data: numbers, strings, lists and dicts, for logs and files.

        Returns:
            'points', a dict by the features' names, with those of 0 points, too; 'bias'; 'activation', as its repr; and
            'table', as `to_records` gives it.

        Example:
            >>> data = Scorecard([2, 0], ["a", "b"], bias=-1).to_dict()
            >>> data["points"], data["bias"], data["activation"]
            ({'a': 2.0, 'b': 0.0}, -1.0, 'Sigmoid()')
        """
        return {
            "points": dict[str, Data](zip(self.feature_names, self.points.tolist(), strict=True)),
            "bias": self.bias,
            "activation": repr(self.activation),
            "table": [dict[str, Data](record) for record in self.to_records()],
        }

    def to_records(self) -> list[dict[str, float]]:
        """Return the table of risks as records: ``pandas.DataFrame(card.to_records())`` is a table of them.

        Returns:
            A dict for each of `totals`, with 'total' and 'risk' (or 'output', see `risk_name`).

        Example:
            >>> from minigrid import Step
            >>> Scorecard([1], bias=-0.5, activation=Step()).to_records()
            [{'total': 0.0, 'risk': 0.0}, {'total': 1.0, 'risk': 1.0}]
        """
        name, totals = self.risk_name, self.totals
        return [
            {"total": total, name: risk}
            for total, risk in zip(totals.tolist(), self.risk(totals).tolist(), strict=True)
        ]

    @override
    def __str__(self) -> str:
        lines = [line for table in self._tables() for line in (*_written(table), "")]
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self) -> str:
        """Write two tables, which notebooks show in place of the repr."""
        tables = "".join(map(_in_html, self._tables()))
        notes = "<br/>".join(map(html.escape, self._notes()))
        return f"<div>{tables}<p>{notes}</p></div>"

    def _tables(self) -> list[_Table]:
        """Return the table of points, if any feature has points, and the table of risks."""
        return [*([self._points_table()] if self.points.any() else []), self._risk_table()]

    def _points_table(self) -> _Table:
        """The features that have points, below a row of headings."""
        pairs = zip(self.feature_names, self.points.tolist(), strict=True)
        return [("feature", "points"), *((plain(name), _number(points)) for name, points in pairs if points != 0.0)]

    def _risk_table(self) -> _Table:
        """A row for each total, below a row of headings."""
        name, records = self.risk_name, self.to_records()
        write = _percent if name == "risk" else _number
        totals = _told_apart([record["total"] for record in records])
        return [("total", name), *((total, write(record[name])) for total, record in zip(totals, records, strict=True))]

    def _notes(self) -> list[str]:
        """Return the notes below the tables: their unit, their features, and whether they are complete."""
        bias = 0.0 if self.bias is None else self.bias
        added = "" if bias == 0.0 else f" {'-' if bias < 0.0 else '+'} {_number(abs(bias))}"
        notes = [f"{self.risk_name} = {plain(activation_name(self.activation))}(total{added})"]
        if self.points.any():
            notes.append("For features that are 0 or 1.")
        else:
            notes.append(f"No feature has points, so every sample has this {self.risk_name}.")
        if self.risk_name == "risk":
            notes[-1] += f" The risk is that of {plain(self.risk_of)}."
        if not self._listed()[1]:
            notes.append("Some totals are left out; scorecard.risk(total) takes any.")
        return notes

    def _listed(self) -> tuple[list[float], bool]:
        """The totals of the table, and whether they are all that features of 0 or 1 can reach."""
        points = [one for one in self.points.tolist() if one != 0.0]
        if not points:
            return [0.0], True
        decimals = max(0, _DIGITS - math.ceil(math.log10(max(map(abs, points)))))
        totals, is_all = (
            {0.0: 0.0},
            True,
        )  # by what is equal up to rounding, each added up as by the neuron: left to right
        rounding = np.finfo(np.float64).eps * len(points) * min(sum(map(abs, points)), _LARGEST)
        for one in points:
            for total in [total + one for total in totals.values()]:
                listed = totals.setdefault(round(total, decimals), total)
                is_all = is_all and not abs(listed - total) > rounding
            if len(totals) > _MOST_TOTALS:
                return _spaced(sum(min(one, 0.0) for one in points), sum(max(one, 0.0) for one in points)), False
        return sorted({_clipped(total) for total in totals.values()}), is_all


def _spaced(least: float, greatest: float) -> list[float]:
    """Both ends, and between them the multiples of a round number: 1, 2 or 5 times a power of ten."""
    least, greatest = _clipped(least), _clipped(greatest)
    finest = (greatest - least) / _STEPS * (1.0 - _ROUNDING)
    power = math.floor(math.log10(finest))
    digit = next((digit for digit in (1, 2, 5) if float(f"{digit}e{power}") >= finest), 10)
    step = float(f"{digit}e{power}")
    between = [float(f"{k * digit}e{power}") for k in range(math.ceil(least / step), math.floor(greatest / step) + 1)]
    margin = _ROUNDING * step
    return [least, *(total for total in between if least + margin < total < greatest - margin), greatest]


def _clipped(total: float) -> float:
    return min(max(total, -_LARGEST), _LARGEST)


def _as_feature_names(feature_names: Iterable[str] | None, count: int) -> tuple[str, ...]:
    """Return one name for each feature, as Python's own strings."""
    if feature_names is None:
        return tuple(f"x{k}" for k in range(count))
    expected, fix = f"{counted(count, 'name')}, one for each feature", "Pass a list, such as list(table.columns)."
    names = tuple(str(name) for name in as_names(feature_names, "feature_names", count, expected, fix))
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        fix = "Give each feature a name of its own."
        raise InvalidValueError(message("feature_names", "different names", f"{twice[0]!r} more than once", fix))
    return names


def _number(value: float) -> str:
    """Write a number, a whole one without a decimal point."""
    return f"{value:.{_WRITTEN}g}"


def _told_apart(totals: list[float]) -> list[str]:
    """Write different numbers differently, with as few digits as that takes."""
    written = ([f"{total:.{digits}g}" for total in totals] for digits in range(_WRITTEN, 18))
    return next(
        (strings for strings in written if len(set(strings)) == len(strings)), [repr(total) for total in totals]
    )


def _percent(risk: float) -> str:
    """Write a risk in percent; only what is 0 or 1 is written as 0 or 100."""
    if 0.0 < risk < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= risk < 1.0 else f"{100.0 * risk:.1f}%"


def _written(table: _Table) -> list[str]:
    """Write a table as lines: numbers, and their headings, end where their column does."""
    widths = [max(cells(row[k]) for row in table) for k in (0, 1)]
    starts_with_text = table[0][0] == "feature"
    lines = []
    for first, second in table:
        gap = " " * (widths[0] - cells(first))
        start = first + gap if starts_with_text else gap + first
        lines.append(f"{start}  {second.rjust(widths[1])}")
    return lines


def _in_html(table: _Table) -> str:
    """Write a table as HTML, the first row as headings."""
    heading, *rows = (tuple(map(html.escape, row)) for row in table)
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heading)
    body = "".join(f'<tr><th scope="row">{first}</th><td>{second}</td></tr>' for first, second in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
