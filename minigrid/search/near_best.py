"""The result of `near_best`: how many candidates are nearly as good as the best, and the values of their parameters."""

import html
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.document import count_in, portable
from minigrid._base.text import counted, format_count, message
from minigrid._base.typing import Data, FloatArray, override
from minigrid._base.validation import as_float
from minigrid._base.values import Value
from minigrid.exceptions import InvalidValueError
from minigrid.search.candidate import StopReason
from minigrid.search.result import SearchResult

_FIX = "Pass 0 for ties with the best only, or a small number such as 0.01."
_HEADINGS = ("parameter", "values", "from", "to", "most often", "can be 0")


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NearValues(Value):
    """One parameter among the near-best candidates.

    Attributes:
        name: the name of the parameter, as in `network.parameter_names`.
        values: the values of its grid, in the order of the grid, shape (n_values,), read-only.
        at_least: a lower bound on how many near-best candidates have each value.
        at_most: an upper bound; equal to ``at_least`` if the count is complete.

    Example:
        >>> weight = NearValues("layer0.neuron0.weight0", np.array([-1.0, 0.0, 1.0]), (0, 2, 5), (0, 2, 5))
        >>> weight.taken.tolist(), weight.most_often, weight.can_be_zero
        ([0.0, 1.0], 1.0, True)
    """

    name: str
    values: FloatArray
    at_least: tuple[int, ...]
    at_most: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(np.array(self.values, dtype=np.float64)))

    @override
    def __repr__(self) -> str:
        return f"<NearValues of {self.name}: {self.taken.size} of {counted(len(self.counts), 'value')} taken>"

    @property
    def counts(self) -> dict[float, int]:
        """How many near-best candidates are known to have each value, by the value, in the order of the grid."""
        counts = dict.fromkeys(self.values.tolist(), 0)
        for value, count in zip(self.values.tolist(), self.at_least, strict=True):
            counts[value] += count  # a grid may hold a value twice
        return counts

    @property
    def taken(self) -> FloatArray:
        """The values that near-best candidates are known to have, in the order of the grid."""
        return np.array([value for value, count in self.counts.items() if count], dtype=np.float64)

    @property
    def most_often(self) -> float | None:
        """The value that most near-best candidates are known to have; the first of equally frequent ones.

        None if the count stopped before it knew of any value.
        """
        counts = self.counts
        value = max(counts, key=counts.__getitem__)
        return value if counts[value] else None

    @property
    def can_be_zero(self) -> bool | None:
        """Whether a near-best candidate has the value 0 here; None if the count stopped before it knew.

        It is also False if 0 is not in the grid.
        """
        zeros = np.flatnonzero(self.values == 0.0).tolist()
        if any(self.at_least[k] for k in zeros):
            return True
        return None if any(self.at_most[k] for k in zeros) else False


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NearBest(Value):
    """The candidates that are nearly as good as the best, counted by `GridSearchTrainer.near_best`.

    A candidate counts if its objective, as the plain loop computes it, is at least ``threshold``, or at most that for a
    loss. The objective is the score, made worse by the penalty if there is one. ``print(near)`` writes a table with a
    line for each parameter.

    Attributes:
        best: the result of the search for the best.
        within: how much worse than the best a candidate may be.
        threshold: the best objective minus ``within``, or plus for a loss, in one operation on floats.
        n_candidates: how many candidates the space has.
        at_least: a lower bound on how many candidates count.
        at_most: an upper bound; equal to ``at_least`` if the count is complete.
        parameters: for each parameter, the values of its grid, and how many near-best candidates have each value.
        seconds: how long it took, including the search for the best.
        stop_reason: 'completed', or what stopped it early, as in `SearchResult`.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> trainer = GridSearchTrainer(Grid([-1, 0, 1]))
        >>> near = trainer.near_best(Network.dense([2, 1]), [[0, 1], [1, 0], [1, 1]], [0, 1, 1], within=0)
        >>> print(near)  # doctest: +ELLIPSIS
        near best       1 of 9 candidates (11.1%)
        score           1, proven best of the grid
        within          0 of it: at least 1
        seconds         ...
        <BLANKLINE>
        parameter               values  from  to  most often  can be 0
        layer0.neuron0.weight0  1 of 3     1   1  1 (100.0%)        no
        layer0.neuron0.weight1  1 of 3     0   0  0 (100.0%)       yes
    """

    best: SearchResult
    within: float
    threshold: float
    n_candidates: int
    at_least: int
    at_most: int
    parameters: tuple[NearValues, ...]
    seconds: float
    stop_reason: StopReason

    @property
    def complete(self) -> bool:
        """Whether the count is exact: the best is proven, and every candidate is processed."""
        return self.at_least == self.at_most

    @property
    def count(self) -> int:
        """The exact number of candidates that count.

        Raises:
            InvalidValueError: the count stopped early.
        """
        self._check_complete("count")
        return self.at_least

    @property
    def fraction(self) -> float:
        """The fraction of all candidates that count.

        Raises:
            InvalidValueError: the count stopped early.
        """
        self._check_complete("fraction")
        return self.at_least / self.n_candidates

    def _check_complete(self, what: str) -> None:
        if not self.complete:
            got = f"one that was stopped ({self.stop_reason})"
            fix = "Use at_least and at_most, or set a longer time_limit."
            raise InvalidValueError(message(what, "a complete count", got, fix))

    @override
    def __repr__(self) -> str:
        return f"<NearBest within {self.within:g} of {self.best.objective:.6g}: {self.amount}>"

    def to_dict(self) -> dict[str, Data]:
        """Return the result as plain data: numbers, strings, lists and dicts.

        Returns:
            'within', 'threshold', 'n_candidates', 'at_least', 'at_most', 'complete', 'seconds', 'stop_reason'; 'best',
            as `SearchResult.to_dict` gives it; 'parameters', the records of `to_records`; and 'can_be_zero', a dict by
            the names of the parameters.
        """
        names = ("within", "threshold", "n_candidates", "at_least", "at_most", "complete", "seconds", "stop_reason")
        data: dict[str, Data] = {name: getattr(self, name) for name in names}
        data["best"] = self.best.to_dict()
        data["parameters"] = [dict[str, Data](record) for record in self.to_records()]
        data["can_be_zero"] = {own.name: own.can_be_zero for own in self.parameters}
        return {name: portable(value) for name, value in data.items()}

    def to_records(self) -> list[dict[str, str | float | int]]:
        """Return the counts as records: ``pandas.DataFrame(near.to_records())`` is a table of them.

        Returns:
            A dict for each value of each parameter, with 'parameter', 'value', 'at_least' and 'at_most'. If the space
            has 2^63 candidates or more, the counts are strings of digits.

        Example:
            >>> from minigrid import Grid, GridSearchTrainer, Network
            >>> trainer = GridSearchTrainer(Grid([-1, 1]))
            >>> for record in trainer.near_best(Network.dense([1, 1]), [[1], [-1]], [0, 1], within=0).to_records():
            ...     print(record)
            {'parameter': 'layer0.neuron0.weight0', 'value': -1.0, 'at_least': 1, 'at_most': 1}
            {'parameter': 'layer0.neuron0.weight0', 'value': 1.0, 'at_least': 0, 'at_most': 0}
        """
        size = self.n_candidates
        return [
            {"parameter": own.name, "value": value, "at_least": count_in(size, least), "at_most": count_in(size, most)}
            for own in self.parameters
            for value, least, most in zip(own.values.tolist(), own.at_least, own.at_most, strict=True)
        ]

    @override
    def __str__(self) -> str:
        lines = self._lines()
        width = max(len(label) for label, _ in lines) + 7
        table = self._table()
        widths = [max(len(row[k]) for row in table) for k in range(len(_HEADINGS))]
        rows = [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
            for row in table
        ]
        return "\n".join([*(f"{label.ljust(width)}{text}" for label, text in lines), "", *rows])

    def _repr_html_(self) -> str:
        """Write the table that notebooks show instead of the repr."""
        notes = "<br/>".join(f"{html.escape(label)}: {html.escape(text)}" for label, text in self._lines())
        heading, *rows = [[html.escape(cell) for cell in row] for row in self._table()]
        head = "".join(f'<th scope="col">{cell}</th>' for cell in heading)
        body = "".join(
            f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
        )
        return f"<div><p>{notes}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"

    def _lines(self) -> list[tuple[str, str]]:
        best, side = self.best, "at least" if self.best.greater_is_better else "at most"
        proven = "proven best of the grid" if best.optimal or best.objective == best.bound else "not proven best"
        return [
            ("near best", self.amount),
            ("objective" if best.penalty else "score", f"{best.objective:.10g}, {proven}"),
            ("within", f"{self.within:g} of it: {side} {self.threshold:.10g}"),
            *([] if self.complete else [("stopped", self.stop_reason)]),
            ("seconds", f"{self.seconds:.3f}"),
        ]

    @property
    def amount(self) -> str:
        """The number of candidates that count, or its bounds, in words."""
        of_all = f"of {format_count(self.n_candidates)} candidates"
        if self.complete:
            return f"{format_count(self.count)} {of_all} ({_percent(self.count, self.n_candidates)})"
        return f"from {format_count(self.at_least)} to {format_count(self.at_most)} {of_all}"

    def _table(self) -> list[tuple[str, ...]]:
        """Return a row of headings, and a row for each parameter."""
        rows: list[tuple[str, ...]] = [_HEADINGS]
        for own in self.parameters:
            taken, can = own.taken, own.can_be_zero
            ends, often = ("", ""), ""
            if taken.size:
                ends = f"{taken.min():.6g}", f"{taken.max():.6g}"
                often = f"{own.most_often:.6g}"
                often += f" ({_percent(max(own.counts.values()), self.count)})" if self.complete else ""
            known = "not known" if can is None else "yes" if can else "no"
            known = known if (own.values == 0.0).any() else "not in grid"
            rows.append((own.name, f"{taken.size} of {len(own.counts)}", *ends, often, known))
        return rows


def _percent(count: int, total: int) -> str:
    """Write a fraction in percent. Only none and all become 0 and 100."""
    percent = 100.0 * (count / total)
    if count and percent < 0.05:
        return f"{percent:.1e}%" if percent else "<1e-300%"
    return ">99.9%" if percent >= 99.95 and count < total else f"{percent:.1f}%"


def as_distance(within: object) -> float:
    """Check how much worse than the best a candidate may be.

    Raises:
        InvalidTypeError: `within` is not a number.
        InvalidValueError: it is negative or not finite.
    """
    distance = as_float(within, "within")
    if distance < 0.0:
        raise InvalidValueError(message("within", "a number of at least 0", f"{distance:g}", _FIX))
    return distance + 0.0  # no -0.0
