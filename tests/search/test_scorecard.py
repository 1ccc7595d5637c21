"""Scorecards: the points, the totals that are listed, the risks, and how they are written."""

import copy
import itertools
import json
import math
import pickle
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid
from minigrid import (
    ActivationError,
    FloatArray,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    MinigridError,
    Network,
    Neuron,
    Scorecard,
    SearchResult,
    ShapeError,
    Sigmoid,
    Step,
    Tanh,
)
from minigrid.search.scorecard import _percent
from tests.problems import BUILT_IN
from tests.profile import examples

NAMES = ["age > 60", "smokes", "left-handed", "exercises"]
CARD = Scorecard([2, 3, 0, -1], NAMES, bias=-3)
X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [0, 1, 1, 0]
PROBABLE = {"Sigmoid()", "HardSigmoid()", "Step()", "Gaussian()"}


def found(network: Network | None = None, **settings: Any) -> SearchResult:
    trainer = GridSearchTrainer(Grid([-2, -1, 0, 1, 2]), **{"scoring": "log_loss", **settings})
    return trainer.fit(Network.dense([2, 1], bias=True) if network is None else network, X, Y)


def every_total(points: Any) -> FloatArray:
    """Add up the points for all values of features that are 0 or 1, one after the other."""
    return np.array([float(np.dot(values, points)) for values in itertools.product([0.0, 1.0], repeat=len(points))])


# What it holds ----------------------------------------------------------------------------------


def test_a_result_makes_the_card_of_its_neuron() -> None:
    result = found()
    card = result.scorecard(["a", "b"])
    (neuron,) = result.network.neurons
    assert card.points.tolist() == neuron.weights.tolist()
    assert card.feature_names == ("a", "b")
    assert (card.bias, card.activation) == (neuron.bias, neuron.activation)
    assert card == Scorecard.from_network(result.network, ["a", "b"])
    assert result.scorecard().feature_names == ("x0", "x1")


def test_it_is_public() -> None:
    assert minigrid.Scorecard is Scorecard
    assert "Scorecard" in minigrid.__all__


def test_a_loaded_result_makes_the_same_card(tmp_path: Any) -> None:
    result = found()
    result.save(tmp_path / "result.json")
    assert SearchResult.load(tmp_path / "result.json").scorecard() == result.scorecard()


def test_a_neuron_that_sees_some_columns_gives_the_others_no_points() -> None:
    network = Network([Layer([Neuron([3.0, -2.0], 0.5, inputs=[3, 1])], n_inputs=5)])
    card = Scorecard.from_network(network, list("abcde"))
    assert card.points.tolist() == [0.0, -2.0, 0.0, 3.0, 0.0]
    assert str(card).splitlines()[:3] == ["feature  points", "b            -2", "d             3"]
    samples = np.array(list(itertools.product([0.0, 1.0], repeat=5)))
    np.testing.assert_array_equal(card.risk(samples @ card.points), network(samples)[:, 0])


@pytest.mark.parametrize(
    "names",
    [tuple("ab"), np.array(["a", "b"]), pd.Index(["a", "b"]), pd.DataFrame(columns=["a", "b"]).columns, iter("ab")],
    ids=lambda names: type(names).__name__,
)
def test_names_come_in_any_sequence(names: Any) -> None:
    card = Scorecard([1, 2], names)
    assert card.feature_names == ("a", "b")
    assert {type(name) for name in card.feature_names} == {str}


def test_it_is_a_value() -> None:
    again = Scorecard(np.array([2.0, 3.0, -0.0, -1.0]), tuple(NAMES), -3.0, Sigmoid())
    assert again == CARD
    assert hash(again) == hash(CARD)
    assert not np.signbit(again.points[2])
    for other in (
        Scorecard([2, 3, 1, -1], NAMES, -3),
        Scorecard([2, 3, 0, -1], None, -3),
        Scorecard([2, 3, 0, -1], NAMES),
        Scorecard([2, 3, 0, -1], NAMES, -3, Tanh()),
    ):
        assert other != CARD
    for copied in (pickle.loads(pickle.dumps(CARD)), copy.deepcopy(CARD), eval(repr(CARD))):
        assert copied == CARD
        assert not copied.points.flags.writeable
    with pytest.raises(AttributeError):
        CARD.bias = 0.0  # type: ignore[misc]


def test_the_callers_array_is_left_alone() -> None:
    points = np.array([1.0, 2.0])
    card = Scorecard(points)
    points[0] = 5.0
    assert card.points.tolist() == [1.0, 2.0]


# Totals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "totals"),
    [
        ([2, 3, 0, -1], [-1, 0, 1, 2, 3, 4, 5]),
        ([10, 20], [0, 10, 20, 30]),
        ([1, 1, 1], [0, 1, 2, 3]),
        ([-2, -2], [-4, -2, 0]),
        ([0, 0], [0]),
        ([0.1, 0.2, -0.3], [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        ([1.1, -1, -0.1], [-1.1, -1, -0.1, 0, 0.1, 1, 1.1]),
        ([40, 1], [0, 1, 40, 41]),
        ([1] * 40, range(41)),
        ([1] * 41, [*range(0, 41, 5), 41]),
        ([-1] * 41, [-41, *range(-40, 1, 5)]),
        ([7, 11, 13, -17, 19, 23], [-17, *range(-15, 71, 5), 73]),
        ([0.01] * 100, [k / 20 for k in range(21)]),
        ([1e-300, 2e-300], [0, 1e-300, 2e-300, 3e-300]),
        ([1e15, 1], [0, 1, 1e15, 1e15 + 1]),
    ],
)
def test_which_totals_are_listed(points: list[float], totals: Any) -> None:
    listed = Scorecard(points).totals.tolist()
    assert listed == pytest.approx(list(totals), rel=1e-12, abs=0.0)
    assert listed == list(totals) or any(one % 1 for one in points)


@examples(200)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=8), st.sampled_from([1.0, 0.5, 0.1, 1 / 3, 1e-9, 1e9]))
def test_few_totals_are_all_there_are(numbers: list[int], unit: float) -> None:
    points = np.array(numbers) * unit
    card, reachable = Scorecard(points), every_total(numbers)
    listed = card.totals
    assert (np.diff(listed) > 0).all()
    if len(set(reachable)) <= 41:
        np.testing.assert_allclose(listed, np.unique(reachable) * unit, rtol=1e-12, atol=1e-12 * unit)
        assert "left out" not in str(card)
    else:
        np.testing.assert_allclose(listed[[0, -1]], [reachable.min() * unit, reachable.max() * unit], rtol=1e-12)
        assert 8 <= len(listed) <= 23
        assert "left out" in str(card)
    if unit == 1.0:
        assert (listed == np.round(listed)).all()


@examples(200)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=12))
def test_any_finite_points_make_a_card(points: list[float]) -> None:
    card = Scorecard(points)
    totals = card.totals
    assert np.isfinite(totals).all()
    assert (np.diff(totals) > 0).all()
    assert 1 <= len(totals) <= 41
    assert json.loads(json.dumps(card.to_dict())) == card.to_dict()
    assert str(card).splitlines()[0].startswith("feature" if any(points) else "total")


# Risks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BUILT_IN, ids=repr)
@pytest.mark.parametrize("bias", [None, 0.0, -2.0, 1.5])
def test_risks_are_what_the_network_gives(kind: Any, bias: float | None) -> None:
    network = Network([Layer([Neuron([2.0, -1.0, 0.5], bias, kind)])])
    card = Scorecard.from_network(network)
    samples = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    totals, outputs = samples @ card.points, network(samples)[:, 0]
    np.testing.assert_array_equal(card.risk(totals), outputs)
    table = {record["total"]: record[card.risk_name] for record in card.to_records()}
    assert [table[total] for total in totals.tolist()] == outputs.tolist()
    assert set(table) == set(totals.tolist())
    assert card.risk_name == ("risk" if repr(kind) in PROBABLE else "output")
    assert f"total  {card.risk_name.rjust(6)}" in str(card) or f"  {card.risk_name}\n" in str(card)


def test_listed_totals_are_added_up_as_the_neuron_does() -> None:
    """Where a risk jumps, the last bit of a total decides: the table must be on the network's side."""
    card = Scorecard([1 / 3, 0.1, 0.2], bias=-1 / 3, activation=Step())
    assert {record["total"]: record["risk"] for record in card.to_records()}[1 / 3] == card.risk(1 / 3)
    network = Network([Layer([Neuron([0.1, 0.2, 0.7], -0.3, Step())])])
    samples = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    records = Scorecard.from_network(network).to_records()
    totals = np.round(samples @ [0.1, 0.2, 0.7], 9)
    outputs = dict(zip(totals.tolist(), network(samples)[:, 0].tolist(), strict=True))
    assert {round(record["total"], 9): record["risk"] for record in records} == outputs


def test_risks_are_of_the_totals_shape() -> None:
    assert CARD.risk(3) == 0.5
    one_number: list[Any] = [3, 3.0, np.float64(3.0), np.int64(3), np.array(3)]
    assert {type(CARD.risk(total)) for total in one_number} == {float}
    assert CARD.risk([]).shape == (0,)
    assert CARD.risk([[3, 3, 3], [3, 3, 3]]).tolist() == [[0.5] * 3] * 2
    assert CARD.risk(pd.Series([3.0, 3.0])).tolist() == [0.5, 0.5]
    assert CARD.risk(1e308) == 1.0
    assert Scorecard([1], bias=1e308).risk(1.7e308) == 1.0


def test_risks_are_arrays_of_their_own() -> None:
    kept = np.zeros(2)

    def same(z: FloatArray) -> FloatArray:
        kept[:] = z
        return kept

    card = Scorecard([1], activation=FunctionActivation(same))
    first = card.risk([1.0, 2.0])
    card.risk([3.0, 4.0])
    assert first.tolist() == [1.0, 2.0]


def test_an_activation_of_ones_own_says_whether_its_outputs_are_risks() -> None:
    half = FunctionActivation(lambda z: np.clip(z / 2, 0.0, 1.0), monotonic=True)
    quiet = FunctionActivation(lambda z: np.clip(z / 2, 0.0, 1.0))
    assert Scorecard([1], activation=half).to_records() == [{"total": 0.0, "risk": 0.0}, {"total": 1.0, "risk": 0.5}]
    assert Scorecard([1], activation=quiet).to_records()[1] == {"total": 1.0, "output": 0.5}
    broken = FunctionActivation(lambda z: z[:1])
    with pytest.raises(ActivationError, match="elementwise"):
        Scorecard([1, 2], activation=broken).risk([1.0, 2.0])


# How it is written ------------------------------------------------------------------------------


def test_it_prints_points_and_risks() -> None:
    assert str(CARD).splitlines() == [
        "feature    points",
        "age > 60        2",
        "smokes          3",
        "exercises      -1",
        "",
        "total   risk",
        "   -1   1.8%",
        "    0   4.7%",
        "    1  11.9%",
        "    2  26.9%",
        "    3  50.0%",
        "    4  73.1%",
        "    5  88.1%",
        "",
        "risk = Sigmoid(total - 3)",
        "For features that are 0 or 1. The risk is that of label 1.",
    ]


@pytest.mark.parametrize(
    ("bias", "activation", "expected"),
    [
        (None, Sigmoid(), "risk = Sigmoid(total)"),
        (0.0, Sigmoid(), "risk = Sigmoid(total)"),
        (0.25, Tanh(), "output = Tanh(total + 0.25)"),
        (-12.0, Step(), "risk = Step(total - 12)"),
        (-1.0, minigrid.LeakyReLU(0.5), "output = LeakyReLU(slope=0.5)(total - 1)"),
    ],
)
def test_it_says_what_it_computes(bias: float | None, activation: Any, expected: str) -> None:
    assert str(Scorecard([1], bias=bias, activation=activation)).splitlines()[-2] == expected


def test_numbers_that_are_not_whole_are_written_with_their_digits() -> None:
    lines = str(Scorecard([0.5, -1.25, 3], activation=Identity())).splitlines()
    assert lines[:4] == ["feature  points", "x0          0.5", "x1        -1.25", "x2            3"]
    assert " 1.75    1.75" in lines


def test_only_certain_risks_are_written_as_certain() -> None:
    assert _percent(0.9995) == ">99.9%"
    cells = [line.split()[-1] for line in str(Scorecard([100, -8, 8])).splitlines() if "%" in line]
    assert cells == ["<0.1%", "50.0%", ">99.9%", "100.0%", "100.0%", "100.0%"]
    assert "0.0%" in str(Scorecard([1], bias=-0.5, activation=Step()))


def test_a_card_without_points_has_one_total() -> None:
    lines = str(Scorecard([0, 0])).splitlines()
    said = "No feature has points, so every sample has this risk. The risk is that of label 1."
    assert lines == ["total   risk", "    0  50.0%", "", "risk = Sigmoid(total)", said]
    assert Scorecard([0, 0])._repr_html_().count("<table>") == 1
    assert str(Scorecard([0], activation=Tanh())).endswith("so every sample has this output.")


def test_totals_that_are_nearly_equal_are_told_apart() -> None:
    rows = str(Scorecard([1e6, 1e-5, 1.0])).split("\n\n")[1].splitlines()[1:]
    totals = [row.split()[0] for row in rows]
    assert len(set(totals)) == len(totals) == 8
    assert {"1000000", "1000000.00001", "1e-05"} <= set(totals)


def test_an_output_that_is_no_risk_is_of_no_label() -> None:
    assert str(Scorecard([1], activation=Tanh())).splitlines()[-1] == "For features that are 0 or 1."


def test_names_of_any_kind_keep_their_columns() -> None:
    lines = str(Scorecard([1, 2, 3], ["two\nlines\x1b", "身長", "e\N{COMBINING ACUTE ACCENT}t"])).splitlines()
    assert lines[1] == "two lines\N{REPLACEMENT CHARACTER}       1"
    assert lines[2] == "身長             2"
    assert lines[3] == "e\N{COMBINING ACUTE ACCENT}t               3"


def test_notebooks_show_the_same_tables() -> None:
    card = Scorecard([2, 1], ["<b>age</b> & more", 'a "name"'], bias=-1, activation=Tanh())
    root = ET.fromstring(card._repr_html_())
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    lines = [line for line in str(card).splitlines() if line]
    assert [" ".join(row) for row in rows] == [" ".join(line.split()) for line in lines[:-2]]
    assert list(next(root.iter("p")).itertext()) == lines[-2:]
    assert "<b>" not in card._repr_html_()


def test_it_is_plain_data() -> None:
    data = Scorecard([2, 0], np.array(["a", "b"]), bias=-2).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data == {
        "points": {"a": 2.0, "b": 0.0},
        "bias": -2.0,
        "activation": "Sigmoid()",
        "table": [{"total": 0.0, "risk": 1 / (1 + math.exp(2))}, {"total": 2.0, "risk": 0.5}],
    }
    assert Scorecard([1]).to_dict()["bias"] is None
    table = pd.DataFrame(CARD.to_records())
    assert list(table.columns) == ["total", "risk"]
    assert table["total"].tolist() == CARD.totals.tolist()
    assert table["risk"].tolist() == CARD.risk(CARD.totals).tolist()


def test_totals_that_are_lost_beside_large_ones_are_said_to_be_left_out() -> None:
    assert "Some totals are left out" in str(Scorecard([1e13, 0.5, 0.25]))
    assert "Some totals are left out" not in str(Scorecard([0.1, 0.2, 0.3, 1e3]))


def test_it_says_what_the_risk_is_of() -> None:
    card = Scorecard([1], risk_of="illness")
    assert str(card).endswith("The risk is that of illness.")
    assert card != Scorecard([1])
    assert eval(repr(card)) == card


# Errors -----------------------------------------------------------------------------------------


def test_several_outputs_have_none_and_need_another_search() -> None:
    result = found(Network.dense([2, 2]), max_candidates=10, scoring="accuracy")
    with pytest.raises(ShapeError, match=r"got 2 neurons \(2-2\)\. Only a network with one output .* two labels"):
        result.scorecard()


@pytest.mark.parametrize(
    ("network", "got"),
    [
        (Network.dense([2, 2, 1]), r"3 neurons \(2-2-1\)"),
        (Network.dense([2, 1, 1]), r"2 neurons \(2-1-1\)"),
    ],
)
def test_a_network_of_more_neurons_has_none(network: Network, got: str) -> None:
    result = found(network, max_candidates=10, scoring="mean_squared_error" if network.n_outputs == 1 else "accuracy")
    with pytest.raises(ShapeError, match=rf"network: expected one neuron.*, got {got}\. .*Network\.dense\(\[n_feat"):
        result.scorecard()


@pytest.mark.parametrize(
    ("names", "error", "expected"),
    [
        (["a"], ShapeError, "feature_names: expected 2 names, one for each feature, got 1. Pass a list"),
        (["a", "b", "c"], ShapeError, "2 names, one for each feature, got 3"),
        ([], ShapeError, "got 0"),
        (["a", "a"], InvalidValueError, "feature_names: expected different names, got 'a' more than once. Give each"),
        (["a", 1], InvalidTypeError, "feature_names: expected strings, got 1"),
        ([None, "b"], InvalidTypeError, "expected strings, got None"),
        ("ab", InvalidTypeError, "feature_names: expected a sequence of strings, got 'ab'"),
        (3, InvalidTypeError, "expected a sequence of strings, got 3"),
        (np.array([["a"], ["b"]]), InvalidTypeError, "expected strings, got an array of shape (1,)"),
        (pd.RangeIndex(2), InvalidTypeError, "expected strings, got 0"),
    ],
)
def test_wrong_names(names: Any, error: type[MinigridError], expected: str) -> None:
    with pytest.raises(error) as caught:
        found().scorecard(names)
    assert type(caught.value) is error
    assert expected in str(caught.value)


def test_wrong_arguments() -> None:
    card: Any = Scorecard
    with pytest.raises(InvalidTypeError, match=r"network: expected a Network, got an object of type Neuron"):
        card.from_network(Neuron([1.0]))
    with pytest.raises(ShapeError, match="points: expected one or more points, got none"):
        card([])
    with pytest.raises(InvalidTypeError, match="points: expected real numbers"):
        card(["a"])
    with pytest.raises(InvalidValueError, match="bias: expected a finite number"):
        card([1], bias=math.inf)
    with pytest.raises(InvalidTypeError, match="activation: expected an Activation"):
        card([1], activation=3)
    with pytest.raises(InvalidTypeError, match="total: expected real numbers"):
        card([1]).risk("3")
    with pytest.raises(InvalidValueError, match="total: expected finite numbers"):
        card([1]).risk([math.nan])
