"""The batched engine: everything vectorised, for any topology, activation and scoring.

The hidden layers are computed once for each distinct hidden setting (`forward.py`). For the output
neuron, all parameters but the last give a *base* of sums, once for each of their settings; the last
parameter's grid is then swept by adding its products to the base, a cache-sized tile at a time.
Where the score depends on labels alone and the activation is monotonic, the tile's sums are
compared with a threshold and counted (`decision.py`); else they go through the activation and
the scoring.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
from typing_extensions import override

from minigrid._typing import BoolArray, FloatArray, IntArray
from minigrid.function_activation import apply_activation
from minigrid.neuron import Neuron
from minigrid.scoring import LabelScoring
from minigrid.search.decision import Decision, LabelCounter
from minigrid.search.engine import Engine
from minigrid.search.forward import TILE, Feed, Wire, hidden_outputs, neuron_outputs, neuron_sums, rows_up_to
from minigrid.search.problem import Problem

_BUDGET = 2**26  # bytes that one call may use
_SAFE = 1e300  # sums below it cannot overflow, nor become NaN


@final
class BatchedEngine(Engine):
    """Scores thousands of candidates a NumPy call."""

    name = "batched"

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        changed = np.ones(digits.shape, dtype=np.bool_)
        changed[1:] = digits[1:] != digits[:-1]
        values = problem.space.values_at(digits)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            feed = hidden_outputs(problem, problem.columns, values, changed)
            sweep = _Sweep.over(problem, digits, values, changed, feed)
            finish = _finisher(problem, values, changed, feed, sweep)
            scores = np.empty(len(digits))
            for first, sums in sweep.tiles():
                n_rows = len(sums)
                scores[first : first + n_rows] = finish(first, sums)
        return scores

    @override
    def chunk_size(self, problem: Problem) -> int:
        # A multiple of the last grid's size keeps the sweep whole.
        step = len(problem.space.grids[-1])
        count = 1
        while self.memory(problem, 2 * count * step) <= _BUDGET:
            count *= 2
        return count * step

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        n_samples, grids = problem.n_samples, problem.space.grids
        below, table_rows = 1, 0
        position = len(grids)
        for layer in reversed(problem.network.layers):
            if layer is not problem.network.layers[-1]:
                table_rows += len(layer) * (n_candidates // below + 2)
            for _ in range(layer.n_parameters):
                position -= 1
                below *= len(grids[position])
        table_rows += (problem.network.n_outputs - 1) * (n_candidates // len(grids[-1]) + 2)
        tile = max(TILE, n_samples) * problem.network.n_outputs
        return 8 * (table_rows * n_samples + 8 * tile + n_candidates * (4 * len(grids) + 8))


@final
@dataclass(frozen=True, slots=True)
class _Sweep:
    """The output neuron's sums, for candidates that are complete runs over the last parameter.

    Attributes:
        neuron: the last one.
        n_samples: of the data.
        base: the parameters before the last, one row for each of their settings.
        wires: the last layer's inputs, for the same rows.
        last: the last parameter's values in each row, shape (n_rows, n_values) or (1, n_values) if
            all rows have the same.
    """

    neuron: Neuron
    n_samples: int
    base: FloatArray
    wires: list[Wire]
    last: FloatArray

    @classmethod
    def over(cls, problem: Problem, digits: IntArray, values: FloatArray, changed: BoolArray, feed: Feed) -> "_Sweep":
        """Arrange candidates for the sweep; those in no complete runs become runs of one."""
        neuron = problem.network.layers[-1][-1]
        grid = problem.space.grids[-1].values
        rows = rows_up_to(changed, digits.shape[1] - 1)
        whole = len(rows.starts) * len(grid) == len(digits)
        if whole and (digits[:, -1].reshape(-1, len(grid)) == np.arange(len(grid))).all():
            starts, last = rows.starts, grid[np.newaxis]
        else:
            starts, last = np.arange(len(digits)), values[:, -1:]
        of_row = feed.rows.of_candidate[starts]
        base = values[starts, digits.shape[1] - neuron.n_parameters : -1]
        return cls(neuron, problem.n_samples, base, [wire.take(of_row) for wire in feed.wires], last)

    def reach(self) -> float:
        """Bound the magnitude of every sum."""
        parameters = [*self.base.T, self.last]
        total = 0.0
        for k, column in enumerate(parameters):
            size = float(np.abs(column).max())
            if k < self.neuron.weights.size:
                size *= float(np.abs(self.wires[self.neuron.input_columns()[k]].table).max())
            total += size
        return total

    def tiles(self) -> Iterator[tuple[int, FloatArray]]:
        """Yield the first candidate of each tile, and the tile's sums, shape (n_candidates, n_samples)."""
        n_values = self.last.shape[1]
        values_step = min(n_values, max(1, TILE // self.n_samples))
        rows_step = max(1, TILE // (n_values * self.n_samples)) if values_step == n_values else 1
        batch = max(rows_step, TILE // self.n_samples)
        column = self._last_wire()
        for start, stop in self._batches(column, batch):
            rows = slice(start, stop)
            base = None
            if self.base.shape[1]:
                base = neuron_sums(self.neuron, self.base[rows], [wire.take(rows) for wire in self.wires])
            shared = column is None or (column.rows[rows] == column.rows[start]).all()
            for v in range(0, n_values, values_step):
                last = self.last[:, v : v + values_step] if len(self.last) == 1 else self.last[rows]
                carried = None if column is None else column.take(slice(start, start + 1) if shared else rows).values()
                products = last[:, :, np.newaxis] if carried is None else last[:, :, np.newaxis] * carried[:, np.newaxis]
                for r in range(start, stop, rows_step):
                    own = slice(r - start, min(r + rows_step, stop) - start)
                    terms = products if len(products) == 1 else products[own]
                    n_rows, width = own.stop - own.start, last.shape[1]
                    if base is None:
                        sums = np.broadcast_to(terms, (n_rows, width, self.n_samples)).copy()
                    else:
                        sums = base[own, np.newaxis] + terms
                    yield r * n_values + v, sums.reshape(n_rows * width, self.n_samples)

    def _last_wire(self) -> Wire | None:
        """The input that the last parameter weighs; None if it is a bias."""
        if self.neuron.bias is not None:
            return None
        return self.wires[self.neuron.input_columns()[-1]]

    def _batches(self, column: Wire | None, size: int) -> Iterator[tuple[int, int]]:
        """Cut the rows into batches, where it pays so that the last input is the same in each."""
        n_rows = len(self.wires[0].rows)
        cuts = [0, n_rows]
        if column is not None and len(column.table) > 1:
            changes = np.flatnonzero(np.diff(column.rows)) + 1
            if n_rows >= 4 * (len(changes) + 1):
                cuts = [0, *changes.tolist(), n_rows]
        for first, last in zip(cuts[:-1], cuts[1:], strict=True):
            for start in range(first, last, size):
                yield start, min(start + size, last)


class _Finisher:
    """Turns a tile of sums into scores: through outputs, for any activation and scoring."""

    def __init__(self, problem: Problem, others: list[Wire]) -> None:
        self._problem = problem
        self._activation = problem.network.layers[-1][-1].activation
        self._others = others  # the outputs of the other neurons of the last layer, for every candidate

    def __call__(self, first: int, sums: FloatArray) -> FloatArray:
        outputs = np.empty((*sums.shape, len(self._others) + 1))
        for k, wire in enumerate(self._others):
            outputs[:, :, k] = wire.take(slice(first, first + len(sums))).values()
        outputs[:, :, -1] = apply_activation(self._activation, sums)
        problem = self._problem
        return problem.scoring.batch(problem.targets, outputs, problem.sample_weight)


class _CountingFinisher:
    """Turns a tile of sums into scores: through labels alone."""

    def __init__(self, problem: Problem, scoring: LabelScoring, decision: Decision) -> None:
        positive = problem.targets == 1.0
        self._scoring = scoring
        self._decision = decision
        self._totals = np.array([problem.n_samples - np.count_nonzero(positive), np.count_nonzero(positive)])
        self._counter = LabelCounter(max(1, TILE // problem.n_samples), positive)

    def __call__(self, first: int, sums: FloatArray) -> FloatArray:
        self._decision.labels(sums, self._counter.rows(len(sums)))
        true_positives, false_positives = self._counter.count(len(sums))
        hits = np.stack([self._totals[0] - false_positives, true_positives], axis=-1)
        return self._scoring.from_hits(hits, self._totals)


def _finisher(
    problem: Problem, values: FloatArray, changed: BoolArray, feed: Feed, sweep: _Sweep
) -> _Finisher | _CountingFinisher:
    scoring, last_layer = problem.scoring, problem.network.layers[-1]
    if len(last_layer) == 1 and isinstance(scoring, LabelScoring) and problem.sample_weight is None:
        activation, reach = last_layer[-1].activation, sweep.reach()
        if activation.monotonic and reach < _SAFE:
            return _CountingFinisher(problem, scoring, Decision.of(activation, reach))
    others = []
    position = len(problem.space.grids) - last_layer.n_parameters
    for neuron in last_layer.neurons[:-1]:
        rows = rows_up_to(changed, position + neuron.n_parameters)
        feeds = feed.rows.of_candidate[rows.starts]
        own = values[rows.starts, position : position + neuron.n_parameters]
        outputs = neuron_outputs(neuron, own, feeds, [wire.take(feeds) for wire in feed.wires])
        others.append(outputs.take(rows.of_candidate))
        position += neuron.n_parameters
    return _Finisher(problem, others)
