"""A network as text: a table for each layer, with a line for each neuron and a column for each input."""

from collections.abc import Sequence

from minigrid.model.diagram.labels import cells as columns_of
from minigrid.model.diagram.labels import plain
from minigrid.model.layer import Layer

_GAP = "  "
_ABSENT = "."  # in every encoding that a terminal may have


def text_of(layers: Sequence[Layer], input_names: Sequence[str], output_names: Sequence[str], width: int) -> str:
    """Write all layers, one below the other.

    Args:
        layers: the layers of the network.
        input_names: a name for each input.
        output_names: a name for each neuron of the last layer.
        width: the width of a line. A wider table continues below.
    """
    tables, columns = [], [plain(name) for name in input_names]
    for i, layer in enumerate(layers):
        is_last = i == len(layers) - 1
        rows = [plain(name) for name in output_names] if is_last else [f"neuron{j}" for j in range(len(layer))]
        title = f"layer {i} (output)" if is_last else f"layer {i}"
        tables.append("\n".join([title, *_table(layer, rows, columns, width)]))
        columns = rows
    return "\n\n".join(tables)


def _table(layer: Layer, rows: Sequence[str], columns: Sequence[str], width: int) -> list[str]:
    """Write a layer: weights, bias and activation. A dot stands for a weight or bias that a neuron does not have."""
    cells: list[list[str]] = []
    for neuron in layer:
        weights = [_ABSENT] * layer.n_inputs
        for column, weight in zip(neuron.input_columns(), neuron.weights, strict=True):
            weights[column] = f"{weight:.6g}"
        cells.append([*weights, _ABSENT if neuron.bias is None else f"{neuron.bias:.6g}"])
    heads = [*columns, "bias"]
    widths = [max(columns_of(head), *(len(row[k]) for row in cells)) for k, head in enumerate(heads)]
    label = max(map(columns_of, rows))
    activations = [repr(neuron.activation) for neuron in layer]
    room = width - label - len(_GAP) - max(map(len, activations))
    table = [("", heads, "activation"), *zip(rows, cells, activations, strict=True)]
    lines: list[str] = []
    start = 0
    while start < len(heads):
        stop = start + 1
        used = widths[start] + 2 * len(_GAP)
        while stop < len(heads) and used + widths[stop] + len(_GAP) <= room:
            used += widths[stop] + len(_GAP)
            stop += 1
        lines += [""] if start else []
        for name, row, activation in table:
            aligned = [" " * (widths[k] - columns_of(row[k])) + row[k] for k in range(start, stop)]
            end = activation if stop == len(heads) else "..."
            lines.append(_GAP + _GAP.join([name + " " * (label - columns_of(name)), *aligned, end]).rstrip())
        start = stop
    return lines
