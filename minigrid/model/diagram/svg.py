"""A network as SVG: circles in columns, edges coloured by sign and sized by weight.

Text and outlines take the colour of the text around them, so that you can read the picture on light and dark pages. A
picture that is a file of its own follows the reader's system instead. Nearly everybody can tell blue from orange, on
both. Point at a circle or an edge to see its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, final
from xml.etree import ElementTree as ET

import numpy as np

from minigrid.activations import Activation
from minigrid.activations.guard import apply_activation
from minigrid.exceptions import ActivationError
from minigrid.model.diagram.labels import activation_name, cells, cut, plain
from minigrid.model.layer import Layer
from minigrid.model.neuron import Neuron

_POSITIVE = "#3b82c4"
_NEGATIVE = "#d9731f"
_NONE = "#8a8f98"
_MOST = 20  # circles in a column; of more neurons, only the first and the last are drawn
_LONGEST = 32  # columns of a name
_FEW_EDGES = 12  # up to this many edges into a single circle have their weights written on them,
_FEW_CROSSING = 8  # and up to this many into several circles
_MANY_EDGES = 40
_FRACTIONS = (0.27, 0.4, 0.18, 0.62, 0.75)  # on an edge, where its weight may stand
_ROOM = 44.0  # pixels that are enough between two weights; a quarter is enough between a weight and another edge
_TOP, _BOTTOM = 62.0, 44.0  # pixels above and below all circles
_SMALL = 11.0  # pixels, the size of the text below a circle
_REACH = 4.0  # a circle shows outputs for weighted sums from -4 to 4
# The picture shrinks to the page only on screens: programs with little support for CSS read a height of "auto" as 0.
# It has colours of its own only in its own file; inside a page, it takes those of the page.
_STYLE = (
    "@media screen{svg.minigrid-diagram{max-width:100%;height:auto}}"
    "svg:root{color:#24292f}@media(prefers-color-scheme:dark){svg:root{color:#e6edf3}}"
)
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@final
@dataclass(frozen=True, slots=True)
class _Column:
    """One column of circles.

    Attributes:
        x: the horizontal position of their centres.
        y: the vertical position of each centre, by the number of the neuron. Circles that do not fit are left out.
    """

    x: float
    y: dict[int, float]


_Ends: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    """An edge of the picture, which stands for a weight.

    Attributes:
        ends: the two ends of the line.
        weight: the weight.
        size: the magnitude of the weight, as a fraction of the layer's largest.
    """

    ends: _Ends
    weight: float
    size: float


@final
@dataclass(frozen=True, slots=True)
class _Sizes:
    """The sizes of circles and gaps in pixels: the more circles, the smaller."""

    radius: float
    input_radius: float
    pitch: float
    gap: float
    left: float
    right: float

    @classmethod
    def of(cls, layers: Sequence[Layer], names: Sequence[str], outputs: Sequence[str]) -> "_Sizes":
        most = min(max(layers[0].n_inputs, *(len(layer) for layer in layers)), _MOST)
        radius, pitch = (24.0, 92.0) if most <= 4 else (20.0, 68.0) if most <= 8 else (14.0, 46.0)
        longest = [max(min(cells(plain(name)), _LONGEST) for name in side) for side in (names, outputs)]
        return cls(radius, 0.62 * radius, pitch, 200.0 + 5.0 * most, *(24.0 + radius + 8.5 * size for size in longest))


def svg_of(layers: Sequence[Layer], input_names: Sequence[str], output_names: Sequence[str]) -> str:
    """Draw the layers of a network as SVG.

    Args:
        layers: the layers of the network.
        input_names: a name for each input.
        output_names: a name for each neuron of the last layer.
    """
    sizes = _Sizes.of(layers, input_names, output_names)
    counts = [layers[0].n_inputs, *map(len, layers)]
    tallest = max(count if count <= _MOST else _MOST + 1 for count in counts)
    width = sizes.left + sizes.gap * len(layers) + sizes.right
    height = _TOP + sizes.pitch * tallest + _BOTTOM
    middles = [sizes.left + k * sizes.gap for k in range(len(counts))]
    columns = [_column(x, count, sizes, sizes.pitch * tallest) for x, count in zip(middles, counts, strict=True)]
    size = {"viewBox": f"0 0 {width:.0f} {height:.0f}", "width": f"{width:.0f}", "height": f"{height:.0f}"}
    style = {"class": "minigrid-diagram", "role": "img", "font-family": _FONT, "fill": "currentColor"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **style})
    ET.SubElement(root, "title").text = f"Network {'-'.join(map(str, counts))}"
    ET.SubElement(root, "style").text = _STYLE
    edges = ET.SubElement(root, "g", {"stroke-linecap": "round"})
    for i, layer in enumerate(layers):
        _draw_edges(edges, layer, i, columns[i], columns[i + 1], sizes)
    _draw_inputs(root, columns[0], input_names, sizes)
    for i, layer in enumerate(layers):
        outputs = output_names if i == len(layers) - 1 else None
        _draw_layer(root, layer, i, columns[i + 1], outputs, sizes)
    _draw_legend(root, layers, width, height)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode") + "\n"


def _column(x: float, count: int, sizes: _Sizes, height: float) -> _Column:
    half = _MOST // 2
    of = tuple(range(count)) if count <= _MOST else (*range(half), *range(count - half, count))
    is_cut = count > _MOST  # the note about left-out circles then takes the height of a circle
    start = _TOP + (height - (len(of) + is_cut) * sizes.pitch) / 2.0
    return _Column(x, {k: start + (row + (is_cut and row >= half) + 0.5) * sizes.pitch for row, k in enumerate(of)})


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _text(parent: ET.Element, x: float, y: float, text: str, **attributes: str) -> ET.Element:
    given = {name.replace("_", "-"): value for name, value in attributes.items()}
    element = ET.SubElement(parent, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **given})
    element.text = plain(text)
    return element


def _write_name(parent: ET.Element, x: float, y: float, name: str, anchor: str) -> None:
    """Write the name of an input or output. Of a long name, write the beginning, and show all of it as a tooltip."""
    short = cut(plain(name), _LONGEST)
    element = _text(parent, x, y, short, text_anchor=anchor, font_size="14")
    if short != plain(name):
        ET.SubElement(element, "title").text = plain(name)


def _draw_edges(parent: ET.Element, layer: Layer, i: int, source: _Column, target: _Column, sizes: _Sizes) -> None:
    largest = max(float(np.abs(neuron.weights).max()) for neuron in layer)
    n_edges = sum(neuron.weights.size for neuron in layer)
    is_told = n_edges <= (_FEW_EDGES if 1 in (len(layer), layer.n_inputs) else _FEW_CROSSING)
    faint, wide = (0.9, 4.3) if n_edges <= _MANY_EDGES else (0.12, 3.3)  # of many edges, those of small weights fade
    drawn: list[_Edge] = []
    for j in target.y:
        neuron = layer[j]
        for k, (column, weight) in enumerate(zip(neuron.input_columns(), neuron.weights.tolist(), strict=True)):
            if column not in source.y:
                continue
            radii = (sizes.input_radius if i == 0 else sizes.radius, sizes.radius)
            ends = _between((source.x, source.y[column]), (target.x, target.y[j]), radii)
            size = abs(weight) / largest if largest else 0.0
            style = {
                "stroke-width": f"{0.7 + wide * size:.2f}",
                "stroke-opacity": f"{faint + (0.9 - faint) * size:.2f}",
            }
            colour = _POSITIVE if weight > 0 else _NEGATIVE if weight < 0 else _NONE
            line = _draw_line(parent, ends, colour, style if weight else {})
            ET.SubElement(line, "title").text = f"layer{i}.neuron{j}.weight{k} = {weight!r}"
            drawn.append(_Edge(ends, weight, size))
    if is_told:
        _write_weights(parent, drawn)


def _draw_line(parent: ET.Element, ends: _Ends, colour: str, style: dict[str, str]) -> ET.Element:
    """Draw a line in the colour of the weight's sign. A weight of 0 has a thin, dotted line."""
    if colour == _NONE:
        style = style | {"stroke-width": "1", "stroke-dasharray": "2 4"}
    (x1, y1), (x2, y2) = ends
    numbers = {name: f"{value:.1f}" for name, value in (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))}
    return ET.SubElement(parent, "line", {**numbers, "stroke": colour, **style})


def _between(one: tuple[float, float], other: tuple[float, float], radii: tuple[float, float]) -> _Ends:
    """Return the points at which an edge leaves one circle and meets the other."""
    across, down = other[0] - one[0], other[1] - one[1]
    length = float(np.hypot(across, down))
    x, y = across / length, down / length
    first, last = radii[0] + 1.5, radii[1] + 1.5
    return (one[0] + x * first, one[1] + y * first), (other[0] - x * last, other[1] - y * last)


def _write_weights(parent: ET.Element, edges: Sequence[_Edge]) -> None:
    """Write each weight on its edge, near the start, away from other weights and other edges."""
    written: list[tuple[float, float]] = []
    for edge in edges:
        (x1, y1), (x2, y2) = edge.ends
        angle = float(np.degrees(np.arctan2(y2 - y1, x2 - x1)))
        above = 8.0 + 2.2 * edge.size
        others = [other for other in edges if other is not edge]

        def room(point: tuple[float, float], others: Sequence[_Edge] = others, above: float = above) -> float:
            x, y = point[0], point[1] - above
            strings = [float(np.hypot(x - px, 2.0 * (y - py))) for px, py in written]
            lines = [4.0 * _distance((x, y), other.ends) for other in others]
            return min([_ROOM, *strings, *lines])

        x, y = max(((x1 + part * (x2 - x1), y1 + part * (y2 - y1)) for part in _FRACTIONS), key=room)
        written.append((x, y - above))
        turn = f"rotate({angle:.1f} {x:.1f} {y:.1f})"
        text = _number(edge.weight)
        _text(parent, x, y - above + 4.0, text, transform=turn, text_anchor="middle", font_size="12")


def _distance(point: tuple[float, float], ends: _Ends) -> float:
    """Return the distance of a point from an edge."""
    one, other, at = (np.array(each) for each in (*ends, point))
    along = other - one
    fraction = float(np.clip((at - one) @ along / (along @ along), 0.0, 1.0))
    return float(np.hypot(*(one + fraction * along - at)))


def _draw_inputs(parent: ET.Element, column: _Column, names: Sequence[str], sizes: _Sizes) -> None:
    _draw_head(parent, column.x, "inputs", "")
    for k, y in column.y.items():
        _draw_circle(parent, column.x, y, sizes.input_radius, plain(names[k]))
        _write_name(parent, column.x - sizes.radius, y + 4.5, names[k], "end")
    _draw_cut(parent, column, len(names))


def _draw_layer(
    parent: ET.Element, layer: Layer, i: int, column: _Column, outputs: Sequence[str] | None, sizes: _Sizes
) -> None:
    kinds = list(dict.fromkeys(_short(neuron.activation) for neuron in layer))
    _draw_head(parent, column.x, f"layer {i}" if outputs is None else "output", kinds[0] if len(kinds) == 1 else "")
    for j, y in column.y.items():
        neuron = layer[j]
        told = f"layer{i}.neuron{j}: {neuron.activation!r}"
        if neuron.bias is not None:
            told += f", bias = {neuron.bias!r}"
        _draw_circle(parent, column.x, y, sizes.radius, plain(told))
        _draw_curve(parent, neuron.activation, column.x, y, sizes.radius)
        _write_below(parent, neuron, column.x, y, sizes, with_activation=len(kinds) > 1)
        if outputs is not None:
            _write_name(parent, column.x + sizes.radius + 8.0, y + 4.5, outputs[j], "start")
    _draw_cut(parent, column, len(layer))


def _write_below(
    parent: ET.Element, neuron: Neuron, x: float, y: float, sizes: _Sizes, *, with_activation: bool
) -> None:
    """Write a neuron's bias below its circle, and its activation if the neurons of the layer have different ones."""
    parts = [_short(neuron.activation)] if with_activation else []
    if neuron.bias is not None:
        parts.append(f"bias {_number(neuron.bias)}")
    below = y + sizes.radius + _SMALL + 1.0
    lines = [", ".join(parts)] if parts and sizes.radius < 20.0 else parts
    for k, line in enumerate(lines):
        _text(parent, x, below + 13.0 * k, line, text_anchor="middle", font_size=f"{_SMALL:.0f}")


def _short(activation: Activation) -> str:
    """Shorten the name of an activation."""
    text = activation_name(activation)
    return text if len(text) <= 24 else f"{text[:23]}\N{HORIZONTAL ELLIPSIS}"


def _draw_head(parent: ET.Element, x: float, title: str, below: str) -> None:
    _text(parent, x, 26.0, title, text_anchor="middle", font_size="14", font_weight="600")
    if below:
        _text(parent, x, 44.0, below, text_anchor="middle", font_size="12", opacity="0.75")


def _draw_circle(parent: ET.Element, x: float, y: float, radius: float, told: str) -> None:
    style = {"fill": "currentColor", "fill-opacity": "0.06", "stroke": "currentColor", "stroke-width": "1.5"}
    circle = ET.SubElement(parent, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:.1f}", **style})
    ET.SubElement(circle, "title").text = told


def _draw_curve(parent: ET.Element, activation: Activation, x: float, y: float, radius: float) -> None:
    """Draw an activation's outputs over its weighted sums, as large as the circle allows, unless none are finite."""
    sums = np.linspace(-_REACH, _REACH, 41)
    try:
        with np.errstate(all="ignore"):
            outputs = apply_activation(activation, sums)
    except ActivationError:
        return
    if not np.isfinite(outputs).all():
        return
    low, high = float(outputs.min()), float(outputs.max())
    heights = (outputs - low) / (high - low) if high > low else np.full(sums.size, 0.5)
    across, up = 0.68 * radius, 0.46 * radius
    points = zip(x + sums / _REACH * across, y + up - 2.0 * up * heights, strict=True)
    style = {"fill": "none", "stroke": "currentColor", "stroke-width": "1.6", "stroke-linejoin": "round"}
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    ET.SubElement(parent, "polyline", {"points": path, "pointer-events": "none", **style})


def _draw_cut(parent: ET.Element, column: _Column, count: int) -> None:
    left_out, half = count - len(column.y), _MOST // 2
    if left_out:
        middle = (column.y[half - 1] + column.y[count - half]) / 2.0 + 4.0
        _text(parent, column.x, middle, f"{left_out:,} more", text_anchor="middle", font_size="11", font_style="italic")


def _draw_legend(parent: ET.Element, layers: Sequence[Layer], width: float, height: float) -> None:
    """Explain colours and widths, for the signs that occur."""
    weights = np.concatenate([neuron.weights for layer in layers for neuron in layer])
    kinds = [(1.0, "positive weight", _POSITIVE), (-1.0, "negative", _NEGATIVE), (0.0, "0", _NONE)]
    there = [(name, colour) for sign, name, colour in kinds if sign in np.sign(weights)]
    length = sum(40.0 + 6.4 * len(name) for name, _ in there)
    note = "wider is larger, within a layer" if weights.any() else ""
    if length + 5.6 * len(note) > width - 16.0:
        note = "wider is larger" if note and length + 84.0 <= width - 16.0 else ""
    length += 5.6 * len(note)
    x, y = max((width - length) / 2.0, 8.0), height - 16.0
    for name, colour in there:
        style = {"stroke-width": "3", "stroke-linecap": "round"}
        _draw_line(parent, ((x, y - 4.0), (x + 18.0, y - 4.0)), colour, style)
        _text(parent, x + 24.0, y, name, font_size="12", opacity="0.75")
        x += 40.0 + 6.4 * len(name)
    if note:
        _text(parent, x, y, note, font_size="12", opacity="0.75")
