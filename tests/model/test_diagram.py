"""Diagrams: what is in a picture and in its text, for any network."""

import io
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    FloatArray,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    Network,
    Neuron,
    ReLU,
    ShapeError,
    Sigmoid,
    Tanh,
    activation,
)
from minigrid.model.diagram.diagram import Diagram
from tests.problems import networks
from tests.profile import examples

POSITIVE, NEGATIVE, NONE = "#3b82c4", "#d9731f", "#8a8f98"


def connected() -> Network:
    hidden = [Neuron([0.5, -1.0], activation=Tanh()), Neuron([2.0], bias=0.1, activation=ReLU(), inputs=[1])]
    return Network([Layer(hidden), Layer([Neuron([1.0, 0.0])])])


def parsed(network: Network, **names: Any) -> ET.Element:
    return ET.fromstring(network.diagram(**names).svg())


def elements(root: ET.Element, tag: str) -> list[ET.Element]:
    return list(root.iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def edges(root: ET.Element) -> list[ET.Element]:
    return [line for line in elements(root, "line") if len(line)]  # those of the legend have no number


def strings(root: ET.Element) -> list[str]:
    return [element.text or "" for element in elements(root, "text")]


def told(element: ET.Element) -> str:
    return element[0].text or ""


def test_each_weight_is_an_edge_of_its_colour_and_width() -> None:
    lines = {told(line): line for line in edges(parsed(connected()))}
    assert {name: line.get("stroke") for name, line in lines.items()} == {
        "layer0.neuron0.weight0 = 0.5": POSITIVE,
        "layer0.neuron0.weight1 = -1.0": NEGATIVE,
        "layer0.neuron1.weight0 = 2.0": POSITIVE,
        "layer1.neuron0.weight0 = 1.0": POSITIVE,
        "layer1.neuron0.weight1 = 0.0": NONE,
    }
    widths = [float(line.get("stroke-width") or 0) for line in lines.values()]
    assert widths[0] < widths[1] < widths[2]
    assert widths[2] == widths[3]  # the largest of its layer
    assert lines["layer1.neuron0.weight1 = 0.0"].get("stroke-dasharray")


def test_wiring_is_respected() -> None:
    root = parsed(connected())
    circles = elements(root, "circle")
    heights = {told(circle): float(circle.get("cy") or 0) for circle in circles}
    line = next(line for line in edges(root) if told(line).startswith("layer0.neuron1"))
    assert float(line.get("y1") or 0) == pytest.approx(heights["x1"])  # its only input
    assert float(line.get("y2") or 0) == pytest.approx(heights["layer0.neuron1: ReLU(), bias = 0.1"])


def test_texts_tell_weights_biases_activations_and_names() -> None:
    found = strings(parsed(connected(), input_names=["height & width", "<age>"], output_names=["tall"]))
    for expected in ("inputs", "layer 0", "output", "height & width", "<age>", "tall", "Tanh", "ReLU", "bias 0.1"):
        assert expected in found
    for weight in ("0.5", "\N{MINUS SIGN}1", "2", "1", "0"):
        assert weight in found
    assert "Sigmoid" in found  # of the whole output layer
    assert "x0" in strings(parsed(connected()))


@examples(200)
@given(networks(most_parameters=40), st.integers(0, 10**6))
def test_any_network_is_drawn_whole(shape: Network, seed: int) -> None:
    numbers = np.random.default_rng(seed).choice([-1e308, -2.0, -0.0, 0.0, 5e-324, 0.3, 1e308], shape.n_parameters)
    network = shape.with_parameters(numbers)
    root = parsed(network)
    n_weights = sum(neuron.weights.size for neuron in network.neurons)
    assert len(edges(root)) == n_weights
    assert len(elements(root, "circle")) == network.n_inputs + len(network.neurons)
    drawn = Counter(line.get("stroke") for line in edges(root))
    weights = np.concatenate([neuron.weights for neuron in network.neurons])
    assert drawn == Counter({POSITIVE: (weights > 0).sum(), NEGATIVE: (weights < 0).sum(), NONE: (weights == 0).sum()})
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for circle in elements(root, "circle"):
        radius = float(circle.get("r") or 0)
        assert radius <= float(circle.get("cx") or 0) <= width - radius
        assert radius <= float(circle.get("cy") or 0) <= height - radius
    for line in edges(root):
        assert all(np.isfinite(float(line.get(name) or "nan")) for name in ("x1", "y1", "x2", "y2", "stroke-width"))
    text = network.diagram().text()
    assert len([line for line in text.splitlines() if line.startswith("  ")]) >= len(network.neurons)
    for neuron in network.neurons:
        assert repr(neuron.activation) in text


def test_large_layers_are_cut_and_say_so() -> None:
    root = parsed(Network.dense([100, 50, 1]))
    assert {"80 more", "30 more"} <= set(strings(root))
    assert len(edges(root)) == 20 * 20 + 20
    names = strings(root)
    assert "x0" in names
    assert "x99" in names
    assert "x50" not in names
    assert len(edges(parsed(Network.dense([16, 16, 3])))) == 16 * 16 + 16 * 3


def test_text_is_a_table_for_each_layer() -> None:
    assert str(connected().diagram(input_names=["height", "width"])).splitlines() == [
        "layer 0",
        "           height  width  bias  activation",
        "  neuron0     0.5     -1     .  Tanh()",
        "  neuron1       .      2   0.1  ReLU()",
        "",
        "layer 1 (output)",
        "      neuron0  neuron1  bias  activation",
        "  y0        1        0     .  Sigmoid()",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp1252", "koi8-r", "utf-8"])
def test_text_can_be_printed_in_every_encoding(encoding: str) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    network = connected()
    print(network.diagram(), repr(network.diagram()), network.summary(), network, file=terminal, flush=True)
    terminal.seek(0)
    assert terminal.read().startswith(network.diagram().text())


def test_wide_tables_go_on_below() -> None:
    network = Network.dense([30, 2]).with_parameters(np.linspace(-1, 1, 60))
    text = network.diagram().text(width=80)
    assert max(map(len, text.splitlines())) <= 80
    heads = [word for line in text.splitlines() if "y0" not in line and "y1" not in line for word in line.split()]
    assert [head for head in heads if head.startswith("x")] == [f"x{k}" for k in range(30)]
    for weight in network.neurons[1].weights:
        assert f"{weight:.6g}" in text


def test_colours_follow_the_page() -> None:
    svg = connected().diagram().svg()
    assert "prefers-color-scheme:dark" in svg
    assert 'fill="currentColor"' in svg
    # Inside a page nothing of the page is restyled: every rule is for a file of its own.
    style = svg[svg.index("<style>") : svg.index("</style>")]
    assert style.replace("@media(prefers-color-scheme:dark)", "").count("{color") == style.count("svg:root{color")


def test_programs_that_know_little_of_css_see_a_size_in_numbers() -> None:
    svg = connected().diagram().svg()
    root = ET.fromstring(svg)
    assert "style" not in root.attrib
    assert float(root.attrib["width"]) > 100.0 < float(root.attrib["height"])
    assert svg.count("height:auto") == svg.count("@media screen{svg.minigrid-diagram{max-width:100%;height:auto}}") == 1


def test_notebooks_show_it() -> None:
    network = connected()
    assert network._repr_svg_() == network.diagram().svg() == network.diagram()._repr_svg_()
    assert repr(network.diagram()) == "<Diagram of a network 2-2-1>"
    assert network.diagram() == Diagram(network.layers)


def test_saved(tmp_path: Path) -> None:
    diagram = connected().diagram()
    diagram.save(tmp_path / "net.svg")
    diagram.save(str(tmp_path / "net.TXT"))
    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == diagram.svg()
    assert (tmp_path / "net.TXT").read_text(encoding="utf-8") == diagram.text() + "\n"
    with pytest.raises(InvalidValueError, match="path: expected the path of a file"):
        diagram.save(tmp_path)
    with pytest.raises(InvalidTypeError, match=r"net\.svg"):
        diagram.save(3)  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("name", ["net.png", "net.pdf", "net", "net.svg.gz"])
def test_a_picture_of_another_kind_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    said = rf"^path: expected a name that ends in \.svg or \.txt, got '{name}'\. Pass a path, such as \"net\.svg\""
    with pytest.raises(InvalidValueError, match=said):
        connected().diagram().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "error", "expected"),
    [
        ({"input_names": ["a"]}, ShapeError, "input_names: expected 2 names, got 1"),
        ({"output_names": ["a", "b"]}, ShapeError, "output_names: expected 1 name, got 2"),
        ({"input_names": ["a", 3]}, InvalidTypeError, "input_names: expected strings, got 3"),
        ({"input_names": "ab"}, InvalidTypeError, "input_names: expected a sequence of strings"),
    ],
)
def test_wrong_names(names: dict[str, Any], error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=expected):
        connected().diagram(**names)


def test_names_that_xml_does_not_know() -> None:
    root = parsed(connected(), input_names=["a\x00b", "\ud800"])
    assert "a\N{REPLACEMENT CHARACTER}b" in strings(root)


def test_gaps_in_names_are_spaces_in_picture_and_text() -> None:
    diagram = connected().diagram(input_names=["10\N{NO-BREAK SPACE}km\tor more", "a\x1b[31m\nb"])
    assert "10 km or more" in strings(ET.fromstring(diagram.svg()))
    assert "10 km or more" in diagram.text()
    assert "a\N{REPLACEMENT CHARACTER}[31m b" in diagram.text()
    assert "\x1b" not in diagram.text()


def test_names_of_wide_letters_stand_in_columns() -> None:
    narrow, wide = ["height", "width"], ["\N{CJK UNIFIED IDEOGRAPH-9AD8}\N{CJK UNIFIED IDEOGRAPH-5EA6}" + "12", "width"]
    one, other = (connected().diagram(input_names=names).text().splitlines() for names in (narrow, wide))
    assert one[2:] == other[2:]
    assert len(one[1]) == len(other[1]) + 2  # two letters of two columns each
    assert (
        "e\N{COMBINING ACUTE ACCENT}" * 6 + "  width"
        in connected().diagram(input_names=["e\N{COMBINING ACUTE ACCENT}" * 6, "width"]).text()
    )


def test_a_name_that_is_too_long_is_cut_and_told_whole() -> None:
    long = "the height of the first sepal, in centimetres"
    root = parsed(connected(), input_names=[long, "short"])
    short = "the height of the first sepal, \N{HORIZONTAL ELLIPSIS}"
    assert short in strings(root)
    [named] = [element for element in elements(root, "text") if element.text == short]
    assert told(named) == long
    room = float(named.attrib["x"])
    assert 7.0 * len(short) < room < 9.5 * len(short)  # it begins inside the picture


def test_what_is_left_out_is_said_where_nothing_else_is() -> None:
    root = parsed(Network.dense([100, 50, 1], bias=True))
    for column in {element.attrib["x"] for element in elements(root, "text") if "more" in str(element.text)}:
        written = [element for element in elements(root, "text") if element.attrib["x"] == column]
        [more] = [float(element.attrib["y"]) for element in written if str(element.text).endswith("more")]
        others = [float(element.attrib["y"]) for element in written if not str(element.text).endswith("more")]
        assert min(abs(more - other) for other in others) > 13.0


def test_of_zeros_none_is_said_to_be_wider() -> None:
    assert not any("wider" in text for text in strings(parsed(Network.dense([2, 1]))))
    assert any("wider" in text for text in strings(parsed(connected())))


@pytest.mark.parametrize(
    ("width", "error"), [("x", InvalidTypeError), (None, InvalidTypeError), (0, InvalidValueError)]
)
def test_wrong_widths(width: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="width: expected a whole number"):
        connected().diagram().text(width=width)


def test_activations_that_cannot_be_drawn_are_left_blank() -> None:
    @activation
    def steep(z: FloatArray) -> FloatArray:
        outputs: FloatArray = np.exp(np.exp(np.exp(np.abs(z) * 3)))
        return outputs

    @activation
    def strict(z: FloatArray) -> FloatArray:
        if z.size > 3:
            raise ValueError("too many")
        return z

    @activation
    def flat(z: FloatArray) -> FloatArray:
        return np.zeros_like(z)

    for own, curves in ((steep, 0), (strict, 0), (flat, 1), (Sigmoid(), 1)):
        root = parsed(Network.dense([1, 1], activation=own))
        assert len(elements(root, "polyline")) == curves
