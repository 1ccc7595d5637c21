"""The batched engine: everything vectorised, for any topology, activation and scoring.

The hidden layers are computed once for each distinct hidden setting (`forward.py`). For the output
neuron, all parameters but the last give a *base* of sums, once for each of their settings. Where the
score depends on labels alone and the activation is monotonic, the last parameter is then swept
(`sweep.py`). Else its products are added to the base, a cache-sized tile at a time, and the sums go
through the activation and the scoring.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._typing import BoolArray, FloatArray, IntArray, override
from minigrid.function_activation import apply_activation
from minigrid.neuron import Neuron
from minigrid.scoring import LabelScoring
from minigrid.search.decision import Decision
from minigrid.search.engine import Engine
from minigrid.search.forward import (
    TILE,
    Feed,
    Wire,
    hidden_outputs,
    neuron_outputs,
    neuron_sums,
    rows_up_to,
    slices,
)
from minigrid.search.problem import Problem
from minigrid.search.sweep import LabelSweep

_BUDGET = 2**26  # bytes that one call may use
_WORTH_SWEEPING = 6  # values of the last parameter
SWEEP_TILE = 2**15  # sums that are swept together: several arrays of them are to stay in the cache
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
        with np.errstate(all="ignore"):
            feed = hidden_outputs(problem, problem.columns, values, changed)
            runs = _Runs.of(problem, digits, values, changed, feed)
            sweep = _label_sweep(problem, runs)
            if sweep is not None:
                return _swept_scores(problem, runs, sweep)
            return _scores_of_outputs(problem, runs, _other_outputs(problem, values, changed, feed))

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
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Runs:
    """The candidates as runs over the last parameter, and the output neuron's sums.

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
    def of(cls, problem: Problem, digits: IntArray, values: FloatArray, changed: BoolArray, feed: Feed) -> "_Runs":
        """Arrange candidates in runs; those in no complete runs become runs of one."""
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

    @property
    def n_rows(self) -> int:
        """How many runs there are."""
        return len(self.base)

    def base_sums(self, rows: slice) -> FloatArray | None:
        """Sum all terms but the last, shape (n_rows, n_samples); None if there is but one."""
        if not self.base.shape[1]:
            return None
        return neuron_sums(self.neuron, self.base[rows], [wire.take(rows) for wire in self.wires])

    def last_inputs(self, rows: slice) -> FloatArray:
        """What the last parameter weighs, shape (n_rows, n_samples), or one row if all agree; 1 for a bias."""
        if self.neuron.bias is not None:
            return np.ones((1, self.n_samples))
        return self.wires[self.neuron.input_columns()[-1]].take(rows).values()

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


def _label_sweep(problem: Problem, runs: _Runs) -> LabelSweep | None:
    """Prepare the sweep, if labels are all that counts and it pays."""
    activation, n_values = runs.neuron.activation, runs.last.shape[1]
    counts = isinstance(problem.scoring, LabelScoring) and problem.sample_weight is None
    if not counts or problem.network.n_outputs > 1 or not activation.monotonic or n_values < _WORTH_SWEEPING:
        return None
    reach = runs.reach()
    if not reach < _SAFE or runs.last.min() == runs.last.max() or runs.base.shape[1] == 0:
        return None
    decision = Decision.of(activation, reach)
    if not np.isfinite(decision.lower) or not np.isfinite(decision.upper):
        return None
    return LabelSweep(runs.last[0], decision, problem.targets == 1.0, reach)


def _swept_scores(problem: Problem, runs: _Runs, sweep: LabelSweep) -> FloatArray:
    scoring, n_positive = problem.scoring, np.count_nonzero(problem.targets)
    assert isinstance(scoring, LabelScoring)
    totals = np.array([problem.n_samples - n_positive, n_positive])
    scores = np.empty((runs.n_rows, runs.last.shape[1]))
    for rows in slices(runs.n_rows, SWEEP_TILE // problem.n_samples):
        base = runs.base_sums(rows)
        assert base is not None
        scores[rows] = scoring.from_hits(sweep.hits(base, runs.last_inputs(rows)), totals)
    return scores.ravel()


def _other_outputs(problem: Problem, values: FloatArray, changed: BoolArray, feed: Feed) -> list[Wire]:
    """Compute the outputs of the last layer's neurons before its last one, for every candidate."""
    layer, others = problem.network.layers[-1], []
    position = len(problem.space.grids) - layer.n_parameters
    for neuron in layer.neurons[:-1]:
        rows = rows_up_to(changed, position + neuron.n_parameters)
        feeds = feed.rows.of_candidate[rows.starts]
        own = values[rows.starts, position : position + neuron.n_parameters]
        outputs = neuron_outputs(neuron, own, feeds, [wire.take(feeds) for wire in feed.wires])
        others.append(outputs.take(rows.of_candidate))
        position += neuron.n_parameters
    return others


def _scores_of_outputs(problem: Problem, runs: _Runs, others: list[Wire]) -> FloatArray:
    """Score through the outputs, a tile of candidates at a time."""
    n_values, n_samples = runs.last.shape[1], problem.n_samples
    scores = np.empty((runs.n_rows, n_values))
    for rows in slices(runs.n_rows, TILE // n_samples):
        base, inputs = runs.base_sums(rows), runs.last_inputs(rows)
        last = runs.last if len(runs.last) == 1 else runs.last[rows]
        n_rows = rows.stop - rows.start
        for some in slices(n_rows, max(1, TILE // (n_values * n_samples))):
            for part in slices(n_values, max(1, TILE // n_samples)):
                weights = last[:, part] if len(last) == 1 else last[some, part]
                weighed = inputs if len(inputs) == 1 else inputs[some]
                sums = weights[:, :, np.newaxis] * weighed[:, np.newaxis]
                if base is not None:
                    sums = base[some, np.newaxis] + sums
                shape = (some.stop - some.start, part.stop - part.start)
                sums = np.broadcast_to(sums, (*shape, n_samples)).reshape(-1, n_samples)
                outputs = np.empty((*sums.shape, len(others) + 1))
                row = np.arange(rows.start + some.start, rows.start + some.stop)
                candidates = (row[:, np.newaxis] * n_values + np.arange(part.start, part.stop)).ravel()
                for k, wire in enumerate(others):
                    outputs[:, :, k] = wire.take(candidates).values()
                outputs[:, :, -1] = apply_activation(runs.neuron.activation, sums)
                batch = problem.scoring.batch(problem.targets, outputs, problem.sample_weight)
                scores[row[:, np.newaxis], np.arange(part.start, part.stop)] = batch.reshape(shape)
    return scores.ravel()
