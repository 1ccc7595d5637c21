"""The batched engine: vectorised scoring for any architecture, activation and scoring.

The engine computes the hidden layers once for each distinct hidden setting (`forward.py`). It then computes the
weighted sums of the output neuron in tiles of runs over the last parameter (`runs.py`). If the score depends on labels
alone and the activation is monotonic, the engine compares the sums with a threshold and computes no outputs
(`decision.py`); it sweeps long runs without computing their sums (`label_sweep.py`). Otherwise it passes the sums to
the activation and the outputs to the scoring.
"""

import math
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid.activations import BuiltinActivation
from minigrid.activations.guard import apply_activation
from minigrid.scoring import BuiltinScoring, LabelScoring, batch_scoring
from minigrid.search.engines.base import Scorer
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.batched.forward import TILE, Feed, Wire, hidden_outputs, layer_outputs, rows_up_to
from minigrid.search.engines.batched.label_sweep import LabelSweep
from minigrid.search.engines.batched.runs import Runs, Tile
from minigrid.search.engines.margins import LARGEST_SUM
from minigrid.search.problem import Problem

_BUDGET = 2**26  # bytes that one call may use for being asked for more than one candidate
_MOST_OF_A_RUN = 2**29  # bytes that it may use for all values of the last parameter, where samples need more
_OWN_TILE = 2**16  # sums to process together where custom functions are called for them
_TURNED = 2**8  # samples that are turned at a time, so that data read twice is still in the cache
_WORTH_SWEEPING = 4  # values of the last parameter


@final
class BatchedEngine(Scorer):
    """Scores thousands of candidates per NumPy call."""

    name = "batched"
    threads = True

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        changed = np.ones(digits.shape, dtype=np.bool_)
        changed[1:] = digits[1:] != digits[:-1]
        parts = _parts(problem, changed)
        with np.errstate(all="ignore"):
            if len(parts) == 1:
                return _scores(problem, digits, changed)
            return np.concatenate([_scores(problem, digits[part], changed[part]) for part in parts])

    @override
    def chunk_size(self, problem: Problem) -> int:
        # A multiple of the last grid's size gives complete runs. What one candidate needs has to be spent anyway.
        needs = _Needs(problem)
        spent, step = needs.memory(1), len(problem.space.grids[-1])
        of_run = needs.memory(step)
        if of_run > spent + _BUDGET and (of_run > _MOST_OF_A_RUN or step * needs.own_bytes > _BUDGET):
            step = 1
        count = 1
        while count * step < problem.space.size and needs.memory(2 * count * step) <= spent + _BUDGET:
            count *= 2
        return count * step

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return _Needs(problem).memory(n_candidates)


@final
class _Needs:
    """The memory that candidates of a problem need.

    Attributes:
        own_bytes: what each candidate needs, whatever the samples: its digits, values and score.
    """

    def __init__(self, problem: Problem) -> None:
        n_samples, n_outputs = problem.n_samples, problem.network.n_outputs
        layers = problem.network.parameter_slices
        lengths = [len(grid) for grid in problem.space.grids]
        self.own_bytes: int = 8 * (4 * len(lengths) + 8)
        self._n_samples, self._n_lasts = n_samples, n_outputs - 1
        self._n_last = lengths[-1]
        self._layers = [(len(layer), math.prod(lengths[layer[-1].stop :])) for layer in layers[:-1]]
        # What is worked on at a time does not grow with the candidates: sums, and outputs of all neurons.
        own_tile = TILE if problem.is_builtin else _OWN_TILE
        self._tiles = 9 * max(TILE, n_samples) + 8 * max(own_tile, n_samples * n_outputs)

    def memory(self, n_candidates: int) -> int:
        """Estimate the bytes for a chunk of this many candidates."""
        table_rows = self._n_lasts * min(n_candidates // self._n_last + 2, n_candidates)
        for n_neurons, below in self._layers:
            table_rows += n_neurons * min(n_candidates // below + 2, n_candidates)
        return 8 * (table_rows * self._n_samples + self._tiles) + n_candidates * self.own_bytes


def _parts(problem: Problem, changed: BoolArray) -> list[slice]:
    """Cut candidates that share little, as drawn ones do, into parts that need no more memory than a usual chunk.

    A usual chunk, whose size was doubled as long as it fitted into the budget, needs at least half of it.
    """
    n_candidates, most = len(changed), _BUDGET // 2 // (8 * problem.n_samples)
    layers = problem.network.parameter_slices
    if n_candidates * sum(map(len, layers)) <= most:
        return [slice(0, n_candidates)]
    table_rows = np.zeros(n_candidates, dtype=np.int64)
    for own in layers[:-1]:
        table_rows += len(own) * np.logical_or.reduce(changed[:, : own[-1].stop], axis=1)
    for of_neuron in layers[-1][:-1]:
        table_rows += np.logical_or.reduce(changed[:, : of_neuron.stop], axis=1)
    parts, start, total = [], 0, np.cumsum(table_rows)
    while start < n_candidates:
        before = int(total[start - 1]) if start else 0
        stop = int(np.searchsorted(total, max(before + most, int(total[start])), side="right"))
        parts.append(slice(start, stop))
        start = stop
    return parts


def _scores(problem: Problem, digits: IntArray, changed: BoolArray) -> FloatArray:
    """Score candidates of one part, shape (n_candidates,)."""
    values = problem.space.values_at(digits)
    if _labels_count(problem):
        feed = hidden_outputs(problem, problem.distinct.columns, values, changed)
        runs = Runs.of(problem.network, digits, values, changed, feed)
        decision = _decision(runs)
        if decision is not None:
            return _LabelScores(problem, runs, decision).all()
    feed = hidden_outputs(problem, problem.columns, values, changed)
    runs = Runs.of(problem.network, digits, values, changed, feed)
    return _scores_of_outputs(problem, runs, _other_outputs(problem, values, changed, feed))


def _labels_count(problem: Problem) -> bool:
    """Tell whether the score depends only on the counts of labels, and the labels come from a monotonic activation."""
    if not isinstance(problem.scoring, LabelScoring) or problem.sample_weight is not None:
        return False
    return problem.network.n_outputs == 1 and problem.network.layers[-1][0].activation.monotonic


def _decision(runs: Runs) -> Decision | None:
    """Find the labels of sums; None if the band between them is unbounded, so that outputs are needed."""
    reach = runs.reach()
    if not reach < LARGEST_SUM:
        return None
    decision = Decision.of(runs.neuron.activation, reach)
    return decision if np.isfinite([decision.lower, decision.upper]).all() else None


@final
class _LabelScores:
    """Scores candidates by the labels that their sums stand for."""

    def __init__(self, problem: Problem, runs: Runs, decision: Decision) -> None:
        assert isinstance(problem.scoring, LabelScoring)
        self._scoring = problem.scoring
        self._runs = runs
        self._decision = decision
        self._positive: BoolArray = problem.distinct.targets == 1.0
        self._counts = problem.distinct.counts
        n_positive = np.count_nonzero(problem.targets == 1.0)
        self._totals = np.array([problem.n_samples - n_positive, n_positive])

    def all(self) -> FloatArray:
        """Score every candidate, shape (n_candidates,)."""
        n_rows, n_values = self._runs.shape
        hits = np.empty((n_rows, n_values, 2), dtype=np.int64)
        if n_values >= _WORTH_SWEEPING and self._runs.base.shape[1] and np.ptp(self._runs.last):
            reach = self._runs.reach()
            sweep = LabelSweep(self._runs.last[0], self._decision, self._positive, self._counts, reach)
            for rows in slices(n_rows, TILE // self._positive.size):
                base = self._runs.base_sums(rows)
                assert base is not None
                hits[rows] = sweep.hits(base, self._runs.last_inputs(rows))
        else:
            for tile in self._runs.tiles():
                counted = self._hits(tile)
                hits[tile.rows, tile.values] = counted.reshape(hits[tile.rows, tile.values].shape)
        return self._scoring.from_hits(hits, self._totals).ravel()

    def _hits(self, tile: Tile) -> IntArray:
        labels = self._decision.labels(tile.sums)
        ones = self._count(labels)
        labels &= self._positive
        right = self._count(labels)
        return np.stack([self._totals[0] - (ones - right), right], axis=1)

    def _count(self, labels: BoolArray) -> IntArray:
        if self._counts is None:
            return np.asarray(np.count_nonzero(labels, axis=1))
        return (labels @ self._counts).astype(np.int64)  # whole numbers far below 2**53: exact in any order


def _other_outputs(problem: Problem, values: FloatArray, changed: BoolArray, feed: Feed) -> list[Wire]:
    """Compute the outputs of the last layer's neurons before its last one, for every candidate."""
    network, others = problem.network, []
    for neuron, own in zip(network.layers[-1].neurons[:-1], network.parameter_slices[-1], strict=False):
        rows = rows_up_to(changed, own.stop)
        feeds = feed.rows.of_candidate[rows.starts]
        inputs = [wire.take(feeds) for wire in feed.wires]
        (outputs,) = layer_outputs([neuron], [values[rows.starts, own]], feeds, inputs)
        others.append(outputs.take(rows.of_candidate))
    return others


def _scores_of_outputs(problem: Problem, runs: Runs, others: list[Wire]) -> FloatArray:
    """Score every candidate through its outputs, shape (n_candidates,)."""
    activation, scoring = runs.neuron.activation, problem.scoring
    # Where an activation branches on z, as np.sin does, it is fastest on sums that change little from one to the next.
    across = not others and not isinstance(activation, BuiltinActivation)
    scores = np.empty(runs.shape)
    candidates = np.arange(scores.size).reshape(scores.shape)
    size = TILE if problem.is_builtin else _OWN_TILE
    for tile in runs.tiles(size // (len(others) + 1), across=across):
        is_across = not tile.sums.flags.c_contiguous
        last = apply_activation(activation, tile.sums.T).T if is_across else apply_activation(activation, tile.sums)
        outputs = last[:, :, np.newaxis]
        if others:
            outputs = np.empty((*tile.sums.shape, len(others) + 1))
            for k, wire in enumerate(others):
                outputs[:, :, k] = wire.take(candidates[tile.rows, tile.values].ravel()).values()
            outputs[:, :, -1] = last
        elif not isinstance(scoring, BuiltinScoring):
            outputs = _by_candidate(last)[:, :, np.newaxis]
        batch = batch_scoring(scoring, problem.targets, outputs, problem.sample_weight)
        scores[tile.rows, tile.values] = batch.reshape(scores[tile.rows, tile.values].shape)
    return scores.ravel()


def _by_candidate(outputs: FloatArray) -> FloatArray:
    """Copy outputs of shape (n_candidates, n_samples) so that each candidate's lie side by side, as in a new array."""
    n_candidates, n_samples = outputs.shape
    copied = np.empty((n_candidates, n_samples + n_samples % 2))[:, :n_samples]  # each begins at an even place
    for start in range(0, n_samples, _TURNED):
        copied[:, start : start + _TURNED] = outputs[:, start : start + _TURNED]
    return copied
