"""The hidden part of a forward pass for many candidates at once, with each distinct part computed once.

Candidates come in the order of their indices, so candidates that share the parameters of the first layers are
adjacent. A run of candidates that agree up to some parameter is a *row*. A layer is computed once per row. Within a
layer, each neuron is computed once for each distinct pair of its own setting and its inputs. Every sum adds the same
terms in the same order as `numerics.weighted_sum`, so it has the same bits as in the plain loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.threads import n_threads, on_threads
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import BuiltinActivation
from minigrid.activations.guard import apply_activation
from minigrid.model.neuron import Neuron
from minigrid.search.problem import Problem

TILE = 2**14
"""The number of sums to process together, in 128 kB. From 256 kB on, temporary arrays cost a page fault per page."""

SHARED = 2**17
"""The number of samples that a thread takes at a time: with fewer, it waits for the interpreter most of the time."""


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Wire:
    """One input of a layer, for every row: row r carries `table[rows[r]]`.

    Attributes:
        table: the distinct values, shape (n_distinct, n_samples).
        rows: shape (n_rows,).
    """

    table: FloatArray
    rows: IntArray

    def take(self, rows: IntArray | slice) -> "Wire":
        """Return the wire for other rows, named by their positions among the present ones."""
        return Wire(self.table, self.rows[rows])

    def values(self, samples: slice = slice(None)) -> FloatArray:
        """Look up what every row carries for some samples (default: all): a line for each row, or one if all agree."""
        if len(self.table) == 1:
            return self.table[:, samples]
        return self.table[self.rows, samples]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rows:
    """The distinct rows of candidates at some depth of the network.

    Attributes:
        starts: the first candidate of each row, shape (n_rows,).
        of_candidate: the row of each candidate, shape (n_candidates,).
    """

    starts: IntArray
    of_candidate: IntArray


def rows_up_to(changed: BoolArray, n_parameters: int) -> Rows:
    """Group candidates by their first parameters.

    Args:
        changed: shape (n_candidates, n_all_parameters): where a candidate differs from the one before.
        n_parameters: how many of the first parameters a row agrees in.
    """
    new: BoolArray = np.logical_or.reduce(changed[:, :n_parameters], axis=1)
    new[:1] = True
    return Rows(np.flatnonzero(new), np.cumsum(new) - 1)


def neuron_sums(neuron: Neuron, parameters: FloatArray, wires: list[Wire], samples: slice = slice(None)) -> FloatArray:
    """Sum weights times inputs term by term; a last column of parameters is the bias.

    Args:
        neuron: says which wires it sees.
        parameters: shape (n_rows, n), the first n of the neuron's parameters.
        wires: the layer's inputs, for the same rows.
        samples: the samples to sum for. Default: all.

    Returns:
        Shape (n_rows, n_samples).
    """
    columns = neuron.input_columns()
    total = parameters[:, :1] * wires[columns[0]].values(samples)
    for k in range(1, parameters.shape[1]):
        if k < len(columns):
            total += parameters[:, k : k + 1] * wires[columns[k]].values(samples)
        else:
            total += parameters[:, k : k + 1]
    return total


def layer_outputs(
    neurons: Sequence[Neuron], parameters: list[FloatArray], feeds: IntArray, wires: list[Wire]
) -> list[Wire]:
    """Compute the outputs of some neurons of a layer for every row, each distinct setting of a neuron once.

    Args:
        neurons: which activations, and which wires.
        parameters: for each neuron, shape (n_rows, neuron.n_parameters).
        feeds: shape (n_rows,): rows of equal number have the same inputs.
        wires: the layer's inputs, for the same rows.
    """
    n_samples, computed = wires[0].table.shape[1], []
    for neuron, own in zip(neurons, parameters, strict=True):
        first, of_row = _distinct(np.column_stack([feeds, np.ascontiguousarray(own).view(np.int64)]))
        computed.append((neuron, own, first, Wire(np.empty((len(first), n_samples)), of_row)))
    is_builtin = all(isinstance(neuron.activation, BuiltinActivation) for neuron in neurons)
    is_shared = is_builtin and n_samples >= 2 * SHARED and n_threads() > 1
    step = SHARED if is_shared else TILE if is_builtin else n_samples

    def compute(number: int) -> None:
        samples = slice(number * step, (number + 1) * step)  # all neurons read them while they are in the cache
        for neuron, own, first, outputs in computed:
            for some in slices(len(first), TILE // n_samples):
                chosen = first[some]
                sums = neuron_sums(neuron, own[chosen], [wire.take(chosen) for wire in wires], samples)
                outputs.table[some, samples] = apply_activation(neuron.activation, sums)

    count = -(-n_samples // step)
    if is_shared:
        on_threads(compute, count, n_threads(), "minigrid-layer")
    else:
        for number in range(count):
            compute(number)
    return [outputs for *_, outputs in computed]


def _distinct(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Find the distinct rows of an array: where each stands first, and which one each row is."""
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    new = np.ones(len(keys), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    of_row = np.empty(len(keys), dtype=np.int64)
    of_row[order] = np.cumsum(new) - 1
    return order[new], of_row


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feed:
    """The inputs of the last layer.

    Attributes:
        wires: its inputs, for every row of the hidden layers.
        rows: which row each candidate has.
    """

    wires: list[Wire]
    rows: Rows


def hidden_outputs(problem: Problem, columns: FloatArray, values: FloatArray, changed: BoolArray) -> Feed:
    """Compute all layers but the last.

    Args:
        problem: the network.
        columns: the data, shape (n_inputs, n_samples).
        values: the candidates' parameters, shape (n_candidates, n_parameters).
        changed: where a candidate's positions differ from those of the one before.
    """
    rows = rows_up_to(changed, 0)
    wires = [Wire(column[np.newaxis], np.zeros(len(rows.starts), dtype=np.int64)) for column in columns]
    for layer, slices_of_layer in zip(problem.network.layers[:-1], problem.network.parameter_slices, strict=False):
        deeper = rows_up_to(changed, slices_of_layer[-1].stop)
        feeds = rows.of_candidate[deeper.starts]
        inputs = [wire.take(feeds) for wire in wires]
        wires = layer_outputs(layer.neurons, [values[deeper.starts, own] for own in slices_of_layer], feeds, inputs)
        rows = deeper
    return Feed(wires, rows)
