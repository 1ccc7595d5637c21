"""The result of a search: an immutable value that prints as a table and converts to plain data."""

import html
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.document import count_in, finite, portable
from minigrid._base.expected_names import KnowsOtherNames, knows_other_arguments
from minigrid._base.text import format_count, message
from minigrid._base.typing import Data, FloatArray, override
from minigrid._base.values import Value
from minigrid.exceptions import InvalidValueError
from minigrid.model.network import Network
from minigrid.search.candidate import Candidate, Improvement, StopReason, written

if TYPE_CHECKING:
    from minigrid.search.scorecard import Scorecard

__all__ = ["Candidate", "Improvement", "SearchResult", "StopReason"]

_SHOWN = 8  # of the best candidates, and of their parameters, when a result is printed
_MOST_LINES = 20  # of parameters, so that all of a result fits on one screen


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SearchResult(KnowsOtherNames, Value):
    """The best network that a search found, and whether it is proven best.

    Attributes:
        network: the network with the best parameters.
        parameters: the best parameters, shape (n_parameters,), read-only.
        index: the index of the best in the search space; None if it is not a point of the space, as after Zoom.
        score: the score of the best.
        optimal: True only if every candidate of the space was scored or proven to be no better.
        bound: the best objective that is still possible: that of the best if ``optimal``.
        n_candidates: the size of the search space.
        n_scored: how many scores the search computed.
        n_pruned: how many candidates were proven to be no better without being scored.
        seconds: how long the search took, in all calls that resumed from one checkpoint together.
        stop_reason: 'completed', or what stopped the search early: 'time_limit', 'target_score', 'max_candidates',
            'callback' (one returned True), or 'interrupted' (Ctrl-C, or a SIGTERM that your script handles). A signal
            that comes with the last candidate is reported too, so that a script with several searches can stop.
        top: the best candidates, best first, as many as you asked for.
        history: each improvement of the best objective, in order.
        strategy: the repr of the strategy.
        engine: the name of the engine.
        engine_reason: why the search used this engine.
        scoring: the repr of the scoring.
        greater_is_better: True if higher scores are better, False for a loss.
        scores_path: the path of the file with every score, if you asked for one with ``keep_scores``.
        penalty: the repr of the penalty; "" if there is none.
        cost: the penalty of the best parameters.
        hints: what to try if the data, the grid or a limit keep the result from being better, one sentence each.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
        >>> result = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([2, 1]), X, y)
        >>> result.score, result.optimal, result.parameters.tolist()
        (1.0, True, [1.0, -1.0])
    """

    network: Network
    parameters: FloatArray
    index: int | None
    score: float
    optimal: bool
    bound: float
    n_candidates: int
    n_scored: int
    n_pruned: int
    seconds: float
    stop_reason: StopReason
    top: tuple[Candidate, ...]
    history: tuple[Improvement, ...]
    strategy: str
    engine: str
    engine_reason: str
    scoring: str = ""
    greater_is_better: bool = True
    scores_path: str | None = None
    penalty: str = ""
    cost: float = 0.0
    hints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.optimal and self.n_scored + self.n_pruned != self.n_candidates:
            raise AssertionError("a result is optimal only if every candidate was scored or pruned")
        object.__setattr__(self, "parameters", read_only(np.array(self.parameters, dtype=np.float64)))

    @property
    def objective(self) -> float:
        """The number that the search compared: the score, made worse by the cost if there is a penalty."""
        return self.score - self.cost if self.greater_is_better else self.score + self.cost

    @property
    def gap(self) -> float:
        """The distance from the best objective to the best that is still possible; 0 means that none can be better."""
        return 0.0 if self.bound == self.objective else abs(self.bound - self.objective)

    @override
    def __repr__(self) -> str:
        where = "" if self.index is None else f", index={written(self.index)}"
        return (
            f"<SearchResult score={self.score:.6g}{where}, optimal={self.optimal}, "
            f"{format_count(self.n_scored)} of {format_count(self.n_candidates)} scored, {self.seconds:.3g} s>"
        )

    @property
    def scores(self) -> FloatArray:
        """Every score in the order of the candidates, shape (n_scored,). The array is read-only and stays on the disk.

        If the search scored the whole space, ``scores.reshape([len(grid) for grid in space.grids])`` has an axis for
        each parameter. With a penalty, these are still the scores, not the objectives. Candidates that the penalty
        forbids have a score, too.

        Raises:
            InvalidValueError: the scores were not kept, because ``fit`` was called without ``keep_scores``.
            OSError: the file no longer exists.
        """
        if self.scores_path is None:
            fix = "Call fit(..., keep_scores=True)."
            raise InvalidValueError(message("scores", "a result whose scores were kept", "one without", fix))
        scores: FloatArray = np.load(self.scores_path, mmap_mode="r", allow_pickle=False)
        return scores

    def to_dict(self) -> dict[str, Data]:
        """Return the result as plain data, for tables, logs and files: numbers, strings, lists and dicts.

        Returns:
            Every attribute by its name, and the gap. Instead of the network, it holds its 'topology' and its
            'parameters' by name; 'top' is as in `to_records`, and 'history' is a list of dicts. An infinite score,
            bound or gap is None, because JSON has no infinity; a whole number beyond 64 bits is a string of digits.

        Example:
            >>> from minigrid import Grid, GridSearchTrainer
            >>> result = GridSearchTrainer(Grid([-1, 0, 1])).fit(Network.dense([2, 1]), [[0, 1], [1, 0]], [0, 1])
            >>> data = result.to_dict()
            >>> data["score"], data["parameters"]
            (1.0, {'layer0.neuron0.weight0': 1.0, 'layer0.neuron0.weight1': -1.0})
        """
        return {name: portable(value) for name, value in result_data(self).items()}

    def to_records(self) -> list[dict[str, float | int | str | None]]:
        """Return the best candidates as records: ``pandas.DataFrame(result.to_records())`` is a table of them.

        Returns:
            A dict for each of ``top``, best first: 'rank' (from 1), 'index', 'score', with a penalty 'objective', and
            each parameter by its name. If the space has 2^63 candidates or more, each index is a string of digits. An
            infinite score or objective is None, as in `to_dict`.

        Example:
            >>> from minigrid import Grid, GridSearchTrainer
            >>> trainer = GridSearchTrainer(Grid([-1, 1]), top=2)
            >>> for record in trainer.fit(Network.dense([1, 1]), [[1.0], [-1.0]], [0, 1]).to_records():
            ...     print(record)
            {'rank': 1, 'index': 0, 'score': 1.0, 'layer0.neuron0.weight0': -1.0}
            {'rank': 2, 'index': 1, 'score': 0.0, 'layer0.neuron0.weight0': 1.0}
        """
        size = self.n_candidates
        indices = [None if one.index is None else count_in(size, one.index) for one in self.top]
        return [
            {
                "rank": rank,
                "index": index,
                "score": finite(one.score),
                **({"objective": finite(one.objective)} if self.penalty else {}),
                **self._named(one.parameters),
            }
            for rank, (index, one) in enumerate(zip(indices, self.top, strict=True), start=1)
        ]

    @knows_other_arguments
    def scorecard(self, feature_names: Iterable[str] | None = None) -> "Scorecard":
        """Create a scorecard of the best neuron: points for each feature, and a table from the total to the risk.

        Only a network of one neuron has a scorecard. The table assumes features that are 0 or 1; for others, see
        `Scorecard`.

        Args:
            feature_names: a name for each feature, all different, such as the columns of a table. Default None: x0,
                x1, ...

        Returns:
            The scorecard.

        Raises:
            ShapeError: the network has more than one neuron, or there is not one name for each feature.
            InvalidTypeError: a name is not a string.
            InvalidValueError: two names are the same.

        Example:
            >>> from minigrid import Grid, GridSearchTrainer
            >>> trainer = GridSearchTrainer(Grid([-2, -1, 0, 1, 2]), scoring="log_loss")
            >>> result = trainer.fit(Network.dense([2, 1]), [[0, 1], [1, 0], [1, 1], [0, 1]], [0, 1, 1, 0])
            >>> print(result.scorecard(["smoker", "exercises"]))
            feature    points
            smoker          2
            exercises      -1
            <BLANKLINE>
            total   risk
               -1  26.9%
                0  50.0%
                1  73.1%
                2  88.1%
            <BLANKLINE>
            risk = Sigmoid(total)
            For features that are 0 or 1. The risk is that of label 1.
        """
        from minigrid.search.scorecard import Scorecard  # only where there is one

        return Scorecard.from_network(self.network, feature_names)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result and its network to a file, as `Network.save` does for a network.

        Args:
            path: the path of the file, such as "result.json". Its folder must exist.

        Raises:
            InvalidTypeError: ``path`` is neither text nor a path.
            InvalidValueError: ``path`` is empty, or the path of a folder, a pipe or a device; or an activation of your
                own has no name. Files hold no code, so give it one with `register_activation`.
            OSError: the file could not be written. An earlier file stays as it was.
        """
        from minigrid.search.result_file import save_result  # only where there is a file

        save_result(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "SearchResult":
        """Read a result that `save` wrote. It equals the saved result bit for bit.

        Args:
            path: the path of the file.

        Returns:
            The result.

        Raises:
            InvalidTypeError: ``path`` is neither text nor a path.
            InvalidValueError: ``path`` is empty, or the path of a folder, a pipe or a device.
            FileFormatError: the file is damaged, comes from a newer version, or does not hold a result.
            UnknownNameError: the file uses a custom activation that is not registered. The message tells you what to
                import.
            OSError: the file could not be read, for example because it does not exist (FileNotFoundError).
        """
        from minigrid.search.result_file import load_result

        return load_result(path)

    def _named(self, parameters: FloatArray) -> dict[str, float]:
        return dict(zip(self.network.parameter_names, parameters.tolist(), strict=True))

    def _repr_html_(self) -> str:
        """Write the table that notebooks show instead of the repr."""
        rows = [
            f'<tr><th scope="row" style="text-align: left">{html.escape(label)}</th>'
            f'<td style="text-align: left">{html.escape(text)}</td></tr>'
            for label, text in self._lines()
        ]
        return f"<table><tbody>{''.join(rows)}</tbody></table>"

    @override
    def __str__(self) -> str:
        lines = self._lines()
        width = max(len(label) for label, _ in lines)
        return "\n".join(f"{label.ljust(width)}  {text}" for label, text in lines)

    def _lines(self) -> list[tuple[str, str]]:
        """List the lines to print, each a label and a text."""
        processed = f"{format_count(self.n_scored)} scored"
        if self.n_scored > self.n_candidates:
            processed += ", including some between the values of the grid or scored again"
        if self.n_pruned:
            processed += f", {format_count(self.n_pruned)} pruned"
        direction = "higher" if self.greater_is_better else "lower"
        return [
            ("score", f"{self.score:.10g}" + ("" if self.penalty else self._claim())),
            *([("objective", f"{self.objective:.10g}" + self._claim())] if self.penalty else []),
            *self._parameter_lines(),
            *([] if self.scores_path is None else [("scores", f"all in {self.scores_path}")]),
            ("index", "none (not a point of the grid)" if self.index is None else written(self.index, ",")),
            *self._runners_up(),
            *([("scoring", f"{self.scoring}, {direction} is better")] if self.scoring else []),
            *([("penalty", self.penalty)] if self.penalty else []),
            ("candidates", f"{format_count(self.n_candidates)}: {processed}"),
            ("strategy", self.strategy),
            ("engine", f"{self.engine}: {self.engine_reason}"),
            ("stopped", self.stop_reason),
            ("seconds", f"{self.seconds:.3f}"),
            *(("hint", text) for text in self.hints),
        ]

    def _parameter_lines(self) -> list[tuple[str, str]]:
        lines = [(name, f"{value:.10g}") for name, value in self._named(self.parameters).items()]
        if len(lines) <= _MOST_LINES:
            return lines
        return [*lines[: _MOST_LINES - 1], ("...", f"and {len(lines) - _MOST_LINES + 1:,} more in result.parameters")]

    def _claim(self) -> str:
        if self.optimal:
            return ", proven best of the grid"
        if self.gap == 0.0:
            return ", as good as any score can be (another candidate of that score may come first)"
        if np.isfinite(self.bound):
            side, what = "above" if self.bound > self.objective else "below", "objective" if self.penalty else "score"
            return f", not proven best (no {what} can be {side} {self.bound:g}: a gap of {self.gap:.3g})"
        return ", not proven best"

    def _runners_up(self) -> list[tuple[str, str]]:
        """List the next best candidates, a line for each of the first few."""
        lines, what = [], "objective " if self.penalty else ""
        for place, candidate in enumerate(self.top[1:_SHOWN], start=2):
            values = ", ".join(f"{value:.6g}" for value in candidate.parameters[:_SHOWN])
            more = ", ..." if len(candidate.parameters) > _SHOWN else ""
            where = "" if candidate.index is None else f" (index {written(candidate.index, ',')})"
            lines.append((f"best {place}", f"{what}{candidate.objective:.10g}: {values}{more}{where}"))
        if len(self.top) > _SHOWN:
            lines.append(("", f"and {len(self.top) - _SHOWN:,} more in result.top"))
        return lines


def result_data(result: SearchResult) -> dict[str, Data]:
    """Return a result as plain data, with unchanged numbers, which may be infinite or of any length."""
    data: dict[str, Data] = {
        name: getattr(result, name) for name in ("score", "objective", "optimal", "bound", "gap", "index")
    }
    data["parameters"] = dict[str, Data](zip(result.network.parameter_names, result.parameters.tolist(), strict=True))
    data["topology"] = list(result.network.topology)
    for field in fields(result):  # all that is left is plain data already
        if field.name not in (*data, "network", "top", "history", "hints"):
            data[field.name] = getattr(result, field.name)
    data["top"] = [dict[str, Data](record) for record in result.to_records()]
    data["history"] = [asdict(moment) for moment in result.history]
    data["hints"] = list(result.hints)
    return data
