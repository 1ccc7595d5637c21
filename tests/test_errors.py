"""Every error says which argument, what was expected, what came and how to mend it; none is a bare NumPy traceback."""

import datetime
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    Accuracy,
    ActivationError,
    BalancedAccuracy,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    Hinge,
    HopelessSearchError,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    MinigridError,
    Network,
    Neuron,
    NoScoreError,
    OutOfRangeError,
    Scoring,
    ScoringError,
    SearchSpace,
    ShapeError,
    Sigmoid,
    UnknownNameError,
)
from minigrid.names import SCORINGS as BUILT_IN_SCORINGS

# The point of this file is to pass what the types forbid.
mg: Any = minigrid

X = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [0, 1, 1]
GRID: Any = Grid([-1.0, 0.0, 1.0])
NEURON: Any = Neuron([1.0, 2.0])
WIRED: Any = Neuron([1.0], inputs=[3])
LAYER: Any = Layer([NEURON])
NETWORK: Any = Network.dense([2, 1])
TWO_OUTPUTS: Any = Network.dense([2, 2])
SPACE: Any = SearchSpace(NETWORK, GRID)
HUGE_SPACE: Any = SearchSpace(Network.dense([100, 1]), Grid.linspace(0.0, 1.0, 10))
MASKED: Any = np.ma.array
NAN, INF = float("nan"), float("inf")
ONE_OUTPUT = [[0.1], [0.9], [0.8]]
ENDLESS = 10**5000  # more digits than Python writes


class LikeATensor:
    """Something that refuses to become an array, as a tensor with a gradient does."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        raise RuntimeError("call detach() first")


def fit(
    X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, grid: Any = GRID, **settings: Any
) -> Any:
    """Search, with one thing changed."""
    return mg.GridSearchTrainer(grid, **settings).fit(network, X, y, sample_weight=weight)


def plan(X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, **settings: Any) -> Any:
    """Plan a search, with one thing changed."""
    return mg.GridSearchTrainer(GRID, **settings).plan(network, X, y, sample_weight=weight)


def passed_as(function: Callable[..., object], argument: str, **others: Any) -> Callable[[Any], object]:
    """Make a function of one argument, which is passed on by this name."""
    return lambda value: function(**{argument: value}, **others)


def labels_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the targets that a scoring is called with."""
    return lambda value: scoring(value, ONE_OUTPUT)


def outputs_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the outputs that a scoring is called with."""
    return lambda value: scoring(Y, value)


def weights_to(scoring: Any) -> Callable[[Any], object]:
    """Make a function of the weights that a scoring is called with."""
    return lambda value: scoring(Y, ONE_OUTPUT, sample_weight=value)


@dataclass(frozen=True)
class Case:
    """A call that must fail, and what its error must be and say."""

    name: str
    call: Callable[[], object]
    error: type[MinigridError]
    builtin: type[Exception]
    fragments: tuple[str, ...]


def case(
    name: str, call: Callable[[], object], error: type[MinigridError], builtin: type[Exception], *fragments: str
) -> Case:
    """Write a row of the table."""
    return Case(name, call, error, builtin, fragments)


def type_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an argument of the wrong kind."""
    return Case(name, call, InvalidTypeError, TypeError, fragments)


def value_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an argument of the right kind and a wrong value."""
    return Case(name, call, InvalidValueError, ValueError, fragments)


def shape_error(name: str, call: Callable[[], object], *fragments: str) -> Case:
    """A row for an array of the wrong shape."""
    return Case(name, call, ShapeError, ValueError, fragments)


def number_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for an argument that must be one finite number."""

    def row(what: str, value: Any, *fragments: str, wrong_type: bool = True) -> Case:
        make = type_error if wrong_type else value_error
        return make(f"{owner}, {argument} {what}", lambda: use(value), f"^{argument}: expected a ", *fragments)

    return [
        row("is text", "1", "number, got '1'", "Pass an int"),
        row("is None in a list", [None], "got a list of length 1"),
        row("is a boolean", True, "number, got True"),
        row("is an array", np.array([1.0]), r"got an array of shape \(1,\)"),
        row("is complex", 1j, "got 1j"),
        row("is a decimal", Decimal(1), "got an object of type Decimal"),
        row("is NaN", NAN, "finite number, got nan", wrong_type=False),
        row("is infinite", -INF, "finite number, got -inf", wrong_type=False),
        row("is an int too large for a float", 10**400, r"finite number, got 10\^400", wrong_type=False),
        row("is an int of more digits than Python writes", ENDLESS, "finite number, got", wrong_type=False),
    ]


def count_cases(owner: str, argument: str, minimum: int, use: Callable[[Any], object]) -> list[Case]:
    """Rows for an argument that must be a whole number of at least something."""
    begin = f"^{argument}: expected a whole number"
    few = f"of at least {minimum}, got {minimum - 1}"
    return [
        type_error(f"{owner}, {argument} is text", lambda: use("1"), begin, "got '1'", "Pass an int"),
        type_error(f"{owner}, {argument} is a float", lambda: use(2.0), begin, r"got 2\.0"),
        type_error(f"{owner}, {argument} is a boolean", lambda: use(True), begin, "got True"),
        type_error(f"{owner}, {argument} is a list", lambda: use([1]), begin, "got a list of length 1"),
        value_error(
            f"{owner}, {argument} is too small", lambda: use(minimum - 1), begin, few, f"Pass {minimum} or more"
        ),
        value_error(f"{owner}, {argument} is far too small", lambda: use(-ENDLESS), begin, "got"),
    ]


def array_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for an argument that must be an array of finite real numbers, of whatever shape."""
    mend = r"np\.asarray\(\.\.\., dtype=float\)"
    begin = f"^{argument}: expected "

    def wrong_type(what: str, value: Any, *fragments: str) -> Case:
        return type_error(f"{owner}, {argument} is {what}", lambda: use(value), begin, *fragments)

    def wrong_value(what: str, value: Any, *fragments: str) -> Case:
        return value_error(f"{owner}, {argument} has {what}", lambda: use(value), begin, *fragments)

    return [
        wrong_type("text", "abc", "real numbers, got 'abc'", mend),
        wrong_type("a list of text", ["1", "2"], "real numbers, got a list of length 2", mend),
        wrong_type("bytes", [b"1"], "real numbers, got a list", mend),
        wrong_type("None", None, "real numbers, got None", mend),
        wrong_type("complex", [1j, 2.0], "real numbers, got a list", "complex128", r"\(np\.real\) or their"),
        wrong_type("an array of objects", np.array([[1, None]], dtype=object), "real numbers", "dtype object", mend),
        wrong_type("a date", np.array(["2020-01-01"], dtype="datetime64[D]"), "real numbers", r"datetime64\[D\]", mend),
        wrong_type("a list of dates", [datetime.date(2020, 1, 1)], "real numbers", "dtype object", mend),
        wrong_type("a time", np.array([1], dtype="timedelta64[s]"), "real numbers", r"timedelta64\[s\]", mend),
        wrong_type("a dict", {"a": [1.0]}, "real numbers, got a dict of length 1", mend),
        wrong_type("a set", {1.0, 2.0}, "real numbers, got a set of length 2", mend),
        wrong_type("a generator", (k for k in [1.0]), "real numbers, got an object of type generator", mend),
        wrong_type("a network", NETWORK, "real numbers, got an object of type Network", mend),
        wrong_type("a class", Sigmoid, "real numbers, got the class Sigmoid itself", mend),
        wrong_type("an array with fields", np.zeros(2, dtype=[("a", float)]), "real numbers", "'a'", mend),
        wrong_type("ints too large for a float", [10**400], "real numbers", "dtype object", mend),
        wrong_type("ragged", [[1.0, 2.0], [3.0]], "rows of equal length, got a list of length 2", "equally long"),
        wrong_type("ragged deeper", [[[1.0], 2.0], [3.0, 4.0]], "rows of equal length", "equally long"),
        wrong_type("what refuses to become an array", LikeATensor(), "got an object of type LikeATensor"),
        wrong_value("NaN", [[1.0, NAN]], r"finite numbers, got nan at position \(0, 1\)", "Drop or fill"),
        wrong_value("minus infinity", [-INF, 1.0], r"finite numbers, got -inf at position \(0,\)", "Drop or fill"),
        wrong_value("numbers beyond float64", np.array([np.longdouble("1e4000")]), "finite numbers, got inf"),
        wrong_value("masked entries", MASKED([1.0, 2.0], mask=[1, 0]), "masked", "Fill or drop the masked entries"),
    ]


def vector_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for an argument that must be a vector."""
    begin = f"^{argument}: expected "
    flat = "one-dimensional"
    return [
        *array_cases(owner, argument, use),
        shape_error(f"{owner}, {argument} is a number", lambda: use(1.0), begin, flat, r"got an array of shape \(\)"),
        shape_error(
            f"{owner}, {argument} is a table", lambda: use([[1.0]]), begin, flat, r"shape \(1, 1\)", "flat list"
        ),
        shape_error(
            f"{owner}, {argument} is empty",
            lambda: use([]),
            begin,
            "expected one or more [a-z]",
            "got none",
            "non-empty",
        ),
    ]


def samples_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for data of two columns."""
    begin = "^X: expected "
    reshape = r"One sample: X\.reshape\(1, -1\); one feature: X\.reshape\(-1, 1\)"

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return shape_error(f"{owner}, X is {what}", lambda: use(value), begin, *fragments)

    return [
        *array_cases(owner, "X", use),
        wrong("a number", 1.0, "a table of shape", r"got an array of shape \(\)", reshape),
        wrong("one row, flat", [1.0, 2.0], "a table of shape", r"got an array of shape \(2,\)", reshape),
        wrong("three-dimensional", np.zeros((1, 2, 1)), "a table of shape", r"shape \(1, 2, 1\)", reshape),
        wrong("an empty list", [], "at least one sample", "got none", "non-empty"),
        wrong("without rows", np.zeros((0, 2)), r"at least one sample \(row\), got no rows", "non-empty"),
        wrong("without columns", np.zeros((3, 0)), r"2 features \(columns\)", r"got 0\b"),
        wrong("too wide", np.zeros((3, 3)), r"2 features \(columns\)", r"got 3\b", "Select the right columns"),
        wrong("too narrow", np.zeros((3, 1)), r"2 features \(columns\)", r"got 1\b"),
    ]


def labels_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for labels 0 and 1 of three samples."""
    begin = "^y: expected "
    recode = "Recode the labels"
    flat = r"one label a sample, shape \(n_samples,\), got an array of shape"

    def wrong_value(what: str, value: Any, *fragments: str) -> Case:
        return value_error(f"{owner}, y is {what}", lambda: use(value), begin, *fragments)

    def wrong_shape(what: str, value: Any, *fragments: str) -> Case:
        return shape_error(f"{owner}, y is {what}", lambda: use(value), begin, *fragments)

    return [
        *array_cases(owner, "y", use),
        wrong_value("of three labels", [0, 1, 2], "the labels 0 and 1, got 0, 1, 2", recode),
        wrong_value("of plus and minus one", [-1, 1, 1], "the labels 0 and 1, got -1, 1", recode),
        wrong_value("real", [0.0, 0.25, 1.0], r"the labels 0 and 1, got 0, 0\.25, 1", "choose a scoring for numbers"),
        wrong_value("of many numbers", np.arange(3.0) + 7, "the labels 0 and 1, got 7, 8, 9", recode),
        wrong_shape("one-hot", [[0, 1], [1, 0], [1, 0]], flat, r"\(3, 2\)", "flat list"),
        wrong_shape("a single number", 1, flat, r"\(\)"),
        wrong_shape("empty", [], flat, r"\(0,\)"),
        wrong_shape("three-dimensional", np.zeros((3, 1, 1)), flat, r"\(3, 1, 1\)"),
    ]


def numbers_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for real targets of three samples and one output."""
    expected = r"one target for each of the outputs, shape \(n_samples,\) or \(n_samples, 1\)"

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return shape_error(f"{owner}, y is {what}", lambda: use(value), "^y: expected ", expected, *fragments)

    return [
        *array_cases(owner, "y", use),
        wrong("too wide", np.zeros((3, 2)), r"got an array of shape \(3, 2\)"),
        wrong("three-dimensional", np.zeros((3, 1, 1)), r"got an array of shape \(3, 1, 1\)"),
        wrong("a single number", 1.0, r"got an array of shape \(\)"),
        wrong("empty", [], r"got an array of shape \(0, 1\)"),
    ]


def length_cases(owner: str, other: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for targets that do not have one entry for each of three samples."""
    begin = f"^y: expected 3 targets, one for each row of {other}, got "
    mend = f"Pass {other} and y of the same samples"
    return [
        shape_error(f"{owner}, y is too short", lambda: use([0, 1]), begin + r"2\b", mend),
        shape_error(f"{owner}, y is too long", lambda: use([0, 1, 1, 0]), begin + r"4\b", mend),
    ]


def weights_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for the weights of three samples."""
    begin = "^sample_weight: expected "
    few = "non-negative numbers, at least one above zero, got values from"
    return [
        *(row for row in vector_cases(owner, "sample_weight", use) if not row.name.endswith("is None")),
        value_error(f"{owner}, a weight is negative", lambda: use([1.0, -0.5, 1.0]), begin, few, r"-0\.5 to 1\.0"),
        value_error(f"{owner}, all weights are zero", lambda: use([0, 0, 0]), begin, few, r"0\.0 to 0\.0", "positive"),
        value_error(f"{owner}, weights whose sum is infinite", lambda: use([1e308] * 3), begin, "1e.?308"),
        shape_error(f"{owner}, too few weights", lambda: use([1.0, 1.0]), begin, "3 weights, one a sample, got 2"),
        shape_error(f"{owner}, too many weights", lambda: use([1.0] * 4), begin, "3 weights", r"got 4\b", "exactly 3"),
    ]


def activation_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for what is no activation."""
    begin = f"^{argument}: expected an Activation, got "
    mend = r"Pass one such as Sigmoid\(\), or named_activation\('sigmoid'\) for a name, or make your function into one"
    return [
        type_error(f"{owner}, {argument} is a class", lambda: use(Sigmoid), begin + "the class Sigmoid itself", mend),
        type_error(
            f"{owner}, {argument} is a NumPy function", lambda: use(np.tanh), begin + "an object of type ufunc", mend
        ),
        type_error(
            f"{owner}, {argument} is a lambda", lambda: use(lambda z: z), begin + "an object of type function", mend
        ),
        type_error(f"{owner}, {argument} is a name", lambda: use("sigmoid"), begin + "'sigmoid'", mend),
        type_error(f"{owner}, {argument} is a number", lambda: use(0), begin + "0", mend),
    ]


def grid_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for what is no grid."""
    begin = f"^{re.escape(argument)}: expected a Grid, got "
    mend = r"Pass a Grid, such as Grid\(\[-1, 0, 1\]\) or Grid\.linspace\(-10, 10, 100\)"
    return [
        type_error(f"{owner}, {argument} is a list", lambda: use([0.0, 1.0]), begin + "a list of length 2", mend),
        type_error(f"{owner}, {argument} is an array", lambda: use(np.zeros(2)), begin + "an array of shape", mend),
        type_error(f"{owner}, {argument} is the class", lambda: use(Grid), begin + "the class Grid itself", mend),
        type_error(f"{owner}, {argument} is a number", lambda: use(3), begin + "3", mend),
    ]


def network_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for what is no network."""
    begin = "^network: expected a Network, got "
    return [
        type_error(
            f"{owner}, network is a layer", lambda: use(LAYER), begin + "an object of type Layer", "Pass a Network"
        ),
        type_error(f"{owner}, network is the class", lambda: use(Network), begin + "the class Network itself"),
        type_error(f"{owner}, network is a list", lambda: use([2, 1]), begin + "a list of length 2"),
        type_error(f"{owner}, network is None", lambda: use(None), begin + "None"),
    ]


# Models -----------------------------------------------------------------------------------------


def dense(**changes: Any) -> Any:
    return mg.Layer.dense(**{"n_inputs": 2, "n_neurons": 1, "activation": Sigmoid(), **changes})


PARAMETERS = "3 parameters of the "
BIASED: Any = Neuron([1.0, 2.0], bias=3.0)

NEURON_CASES = [
    *vector_cases("Neuron", "weights", lambda value: mg.Neuron(value)),
    *number_cases("Neuron", "bias", lambda value: mg.Neuron([1.0], bias=value)),
    *activation_cases("Neuron", "activation", lambda value: mg.Neuron([1.0], activation=value)),
    type_error(
        "Neuron, inputs is a number",
        lambda: mg.Neuron([1.0], inputs=3),
        "^inputs: expected a seq",
        "got 3",
        r"\[0, 2\]",
    ),
    type_error(
        "Neuron, inputs is text", lambda: mg.Neuron([1.0], inputs="0"), "^inputs: expected a sequence", "got '0'"
    ),
    type_error(
        "Neuron, inputs holds a float", lambda: mg.Neuron([1.0], inputs=[1.0]), "^inputs: .*whole number, got 1.0"
    ),
    type_error("Neuron, inputs holds a boolean", lambda: mg.Neuron([1.0], inputs=[True]), "^inputs: .*got True"),
    type_error("Neuron, inputs holds text", lambda: mg.Neuron([1.0], inputs=["a"]), "^inputs: .*got 'a'"),
    type_error(
        "Neuron, inputs is a table", lambda: mg.Neuron([1.0], inputs=[[0]]), "^inputs: .*got a list of length 1"
    ),
    value_error(
        "Neuron, inputs holds a negative", lambda: mg.Neuron([1.0], inputs=[-1]), "^inputs: .*at least 0, got -1"
    ),
    value_error(
        "Neuron, inputs names a column twice",
        lambda: mg.Neuron([1.0, 1.0], inputs=[2, 2]),
        r"^inputs: expected different column numbers, got \[2, 2\]",
        "Name each column once",
    ),
    shape_error(
        "Neuron, more inputs than weights",
        lambda: mg.Neuron([1.0], inputs=[0, 1]),
        r"^inputs: expected 1 column, one for each weight, got 2\b",
        "one weight a column",
    ),
    shape_error(
        "Neuron, fewer inputs than weights", lambda: mg.Neuron([1.0, 2.0], inputs=[0]), "2 columns", r"got 1\b"
    ),
    shape_error("Neuron, no inputs", lambda: mg.Neuron([1.0], inputs=[]), "^inputs: expected 1 column", r"got 0\b"),
    *vector_cases("Neuron.with_parameters", "vector", lambda value: BIASED.with_parameters(value)),
    shape_error(
        "Neuron.with_parameters, too few", lambda: BIASED.with_parameters([1.0] * 2), PARAMETERS + "neuron, got 2"
    ),
    shape_error(
        "Neuron.with_parameters, too many", lambda: BIASED.with_parameters([1.0] * 4), PARAMETERS, "Pass exactly 3"
    ),
    *samples_cases("Neuron()", lambda value: NEURON(value)),
    shape_error(
        "Neuron(), X too narrow for the wiring",
        lambda: WIRED(np.zeros((2, 3))),
        r"^X: expected at least 4 features \(columns\), got 3\.",
        "all the columns that the neuron is wired to",
    ),
]

LAYER_CASES = [
    type_error(
        "Layer, a neuron instead of a list",
        lambda: mg.Layer(NEURON),
        "^neurons: expected a seq.*got .*Neuron",
        r"Layer\(\[",
    ),
    type_error("Layer, neurons is text", lambda: mg.Layer("ab"), "^neurons: expected a sequence of Neuron, got 'ab'"),
    type_error("Layer, neurons is None", lambda: mg.Layer(None), "^neurons: expected a sequence of Neuron, got None"),
    type_error("Layer, a list of numbers", lambda: mg.Layer([1.0]), r"^neurons: expected a Neuron, got 1\.0"),
    type_error(
        "Layer, the class Neuron", lambda: mg.Layer([Neuron]), "^neurons: expected a Neuron, got the class Neuron"
    ),
    type_error("Layer, a layer in the list", lambda: mg.Layer([LAYER]), "^neurons: expected a Neuron, got .* Layer"),
    shape_error(
        "Layer, no neurons", lambda: mg.Layer([]), "^neurons: expected at least one neuron, got none", r"Layer\(\["
    ),
    shape_error(
        "Layer, neurons of unequal width", lambda: mg.Layer([NEURON, Neuron([1.0])]), "^neuron 1: expected 2 weights"
    ),
    shape_error(
        "Layer, neurons narrower than n_inputs", lambda: mg.Layer([NEURON], n_inputs=3), "^neuron 0: .*3 weights.*got 2"
    ),
    shape_error(
        "Layer, wired beyond n_inputs", lambda: mg.Layer([WIRED], n_inputs=3), r"inputs below 3.*inputs=\[3\]", "0 to 2"
    ),
    *count_cases("Layer", "n_inputs", 1, lambda value: mg.Layer([NEURON], n_inputs=value)),
    *count_cases("Layer.dense", "n_inputs", 1, lambda value: dense(n_inputs=value)),
    *count_cases("Layer.dense", "n_neurons", 1, lambda value: dense(n_neurons=value)),
    *activation_cases("Layer.dense", "activation", lambda value: dense(activation=value)),
    value_error("Layer.dense, more inputs than memory", lambda: dense(n_inputs=10**18), "^n_inputs: "),
    value_error("Layer.dense, more inputs than an array may have", lambda: dense(n_inputs=10**30), "^n_inputs: "),
    *samples_cases("Layer()", lambda value: LAYER(value)),
    case("Layer[], beyond the end", lambda: LAYER[1], OutOfRangeError, IndexError, "1"),
    case("Layer[], before the beginning", lambda: LAYER[-2], OutOfRangeError, IndexError, "-2"),
    type_error("Layer[], text", lambda: LAYER["a"], "'a'"),
    type_error("Layer[], a float", lambda: LAYER[0.0], r"0\.0"),
]


def dense_network(**changes: Any) -> Any:
    return mg.Network.dense(**{"sizes": [2, 1], **changes})


THREE_WIDE: Any = Layer.dense(2, 3, activation=Identity())

NETWORK_CASES = [
    type_error(
        "Network, a layer instead of a list",
        lambda: mg.Network(LAYER),
        "^layers: expected a Layer, got .*Neuron",
        r"Network\(\[",
    ),
    type_error("Network, a list of neurons", lambda: mg.Network([NEURON]), "^layers: expected a Layer, got .*Neuron"),
    type_error("Network, a list of sizes", lambda: mg.Network([2, 1]), "^layers: expected a Layer, got 2"),
    type_error("Network, layers is text", lambda: mg.Network("21"), "^layers: expected a sequence of Layer, got '21'"),
    type_error("Network, layers is None", lambda: mg.Network(None), "^layers: expected a sequence of Layer, got None"),
    type_error("Network, the class Layer", lambda: mg.Network([Layer]), "^layers: .*got the class Layer itself"),
    shape_error(
        "Network, no layers", lambda: mg.Network([]), "^layers: expected at least one layer, got none", r"Network\(\["
    ),
    shape_error(
        "Network, a layer that does not fit",
        lambda: mg.Network([THREE_WIDE, LAYER]),
        "^layer 1, fed by 3 neurons of layer 0: neuron 0: expected 3 weights",
        r"got 2\b",
        "one weight an input",
    ),
    shape_error(
        "Network, wired too far", lambda: mg.Network([THREE_WIDE, Layer([WIRED])]), r"^layer 1.*below 3.*\[3\]"
    ),
    type_error(
        "Network.dense, sizes is a number", lambda: dense_network(sizes=5), "^sizes: expected .*got 5", r"\[2, 2, 1\]"
    ),
    type_error("Network.dense, sizes is text", lambda: dense_network(sizes="21"), "^sizes: expected .*got '21'"),
    type_error("Network.dense, sizes holds a float", lambda: dense_network(sizes=[2, 1.0]), r"^sizes: .*got 1\.0"),
    type_error("Network.dense, sizes holds text", lambda: dense_network(sizes=[2, "1"]), "^sizes: .*got '1'"),
    type_error("Network.dense, sizes holds a boolean", lambda: dense_network(sizes=[True, 1]), "^sizes: .*got True"),
    value_error(
        "Network.dense, sizes holds a zero", lambda: dense_network(sizes=[2, 0, 1]), "^sizes: .*at least 1, got 0"
    ),
    shape_error(
        "Network.dense, one size",
        lambda: dense_network(sizes=[2]),
        r"^sizes: expected at least two.*got \[2\]",
        "such as",
    ),
    shape_error("Network.dense, no sizes", lambda: dense_network(sizes=[]), r"^sizes: expected at least two.*got \[\]"),
    *activation_cases("Network.dense", "activation", lambda value: dense_network(sizes=[2, 2, 1], activation=value)),
    *activation_cases("Network.dense", "output_activation", lambda value: dense_network(output_activation=value)),
    *vector_cases("Network.with_parameters", "vector", lambda value: NETWORK.with_parameters(value)),
    shape_error(
        "Network.with_parameters, too many",
        lambda: NETWORK.with_parameters([1.0] * 3),
        "2 parameters of the network, got 3",
    ),
    shape_error(
        "Network.with_parameters, too few", lambda: NETWORK.with_parameters([1.0]), "^vector: .*got 1", "exactly 2"
    ),
    *samples_cases("Network()", lambda value: NETWORK(value)),
    *samples_cases("Network.predict", lambda value: NETWORK.predict(value)),
    case("Network[], beyond the end", lambda: NETWORK[1], OutOfRangeError, IndexError, "1"),
    type_error("Network[], text", lambda: NETWORK["a"], "'a'"),
]


# Grids and spaces -------------------------------------------------------------------------------


def not_yet(network: Any) -> Any:
    return mg.SearchSpace(network, GRID)


OVERRIDES = "^overrides: expected names of the network's parameters, got "
KNOWN_NAMES = r"Known: 'layer0\.neuron0\.weight0', 'layer0\.neuron0\.weight1'"

GRID_CASES = [
    *vector_cases("Grid", "values", lambda value: mg.Grid(value)),
    *number_cases("Grid.linspace", "start", lambda value: mg.Grid.linspace(value, 1.0, 3)),
    *number_cases("Grid.linspace", "stop", lambda value: mg.Grid.linspace(0.0, value, 3)),
    *count_cases("Grid.linspace", "num", 1, lambda value: mg.Grid.linspace(0.0, 1.0, value)),
    value_error("Grid.linspace, more values than memory", lambda: mg.Grid.linspace(0.0, 1.0, 10**18), "^num: "),
    value_error(
        "Grid.linspace, more values than an array may have", lambda: mg.Grid.linspace(0.0, 1.0, 10**30), "^num: "
    ),
    *number_cases("Grid.fixed", "value", lambda value: mg.Grid.fixed(value)),
    case("Grid[], beyond the end", lambda: GRID[3], OutOfRangeError, IndexError, "3"),
    case("Grid[], before the beginning", lambda: GRID[-4], OutOfRangeError, IndexError, "-4"),
    type_error("Grid[], text", lambda: GRID["a"], "'a'"),
    type_error("Grid[], a float", lambda: GRID[0.0], r"0\.0"),
    type_error("Grid[], a boolean", lambda: GRID[True], "True"),
    type_error("Grid[], a list", lambda: GRID[[0]], "list of length 1"),
    *network_cases("SearchSpace", not_yet),
    *grid_cases("SearchSpace", "weights", lambda value: mg.SearchSpace(NETWORK, value)),
    *grid_cases("SearchSpace", "biases", lambda value: mg.SearchSpace(NETWORK, GRID, value)),
    type_error(
        "SearchSpace, overrides is a list",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=[GRID]),
        "^overrides: expected a dict, got a list of length 1",
        "dict of parameter names and grids",
    ),
    type_error(
        "SearchSpace, overrides is a grid",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides=GRID),
        "^overrides: .*got .*Grid",
    ),
    case(
        "SearchSpace, overrides names no parameter",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weigth1": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.weigth1'",
        r"Did you mean 'layer0\.neuron0\.weight1'",
        KNOWN_NAMES,
    ),
    case(
        "SearchSpace, overrides names a bias that is not there",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.bias": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "'layer0.neuron0.bias'",
        KNOWN_NAMES,
    ),
    case(
        "SearchSpace, overrides by position",
        lambda: mg.SearchSpace(NETWORK, GRID, overrides={0: GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES + "0",
        KNOWN_NAMES,
    ),
    *grid_cases(
        "SearchSpace",
        "overrides['layer0.neuron0.weight1']",
        lambda value: mg.SearchSpace(NETWORK, GRID, overrides={"layer0.neuron0.weight1": value}),
    ),
    *vector_cases("SearchSpace.index_of", "parameters", lambda value: SPACE.index_of(value)),
    shape_error(
        "SearchSpace.index_of, too many",
        lambda: SPACE.index_of([0.0] * 3),
        "^parameters: expected 2",
        r"got 3\b",
        "exactly 2",
    ),
    case(
        "SearchSpace[], at the end",
        lambda: SPACE[9],
        OutOfRangeError,
        IndexError,
        "^index: .*below 9, the size, got 9",
        "start at 0",
    ),
    case("SearchSpace[], before the beginning", lambda: SPACE[-10], OutOfRangeError, IndexError, "^index: .*got -10"),
    case("SearchSpace[], far beyond", lambda: SPACE[ENDLESS], OutOfRangeError, IndexError, "^index: .*below 9"),
    case(
        "SearchSpace[], beyond a huge end", lambda: HUGE_SPACE[10**100], OutOfRangeError, IndexError, r"below 10\^100"
    ),
    type_error(
        "SearchSpace[], text",
        lambda: SPACE["a"],
        "^index: expected a whole number or a slice, got 'a'",
        r"space\[0\]; indices start at 0",
    ),
    type_error("SearchSpace[], a float", lambda: SPACE[1.0], r"^index: .*got 1\.0"),
    type_error("SearchSpace[], a boolean", lambda: SPACE[True], "^index: .*got True"),
    type_error("SearchSpace[], a list", lambda: SPACE[[0, 1]], "^index: .*got a list of length 2"),
    type_error(
        "SearchSpace[], a slice of floats",
        lambda: SPACE[0.5:2],
        r"^index: .*got slice\(0\.5, 2, None\)",
        "whole numbers",
    ),
    case(
        "SearchSpace[], a slice that stands still",
        lambda: SPACE[::0],
        MinigridError,
        Exception,
        "^index: .*got slice",
        "0",
    ),
    value_error(
        "SearchSpace[], too long a slice",
        lambda: HUGE_SPACE[1:],
        "^index: expected a slice of at most 50000000",
        "shorter",
    ),
    case("SearchSpace, len() of a huge one", lambda: len(HUGE_SPACE), MinigridError, OverflowError, r"space\.size"),
    type_error(
        "SearchSpace.with_grids, a list",
        lambda: SPACE.with_grids([GRID]),
        "^changes: expected",
        "got a list of length 1",
    ),
    type_error(
        "SearchSpace.with_grids, a list of values", lambda: SPACE.with_grids({0: [1.0]}), "expected a Grid, got a list"
    ),
    case(
        "SearchSpace.with_grids, no such position",
        lambda: SPACE.with_grids({2: GRID}),
        MinigridError,
        Exception,
        "^changes",
        "2",
    ),
    case(
        "SearchSpace.with_grids, a name for a position",
        lambda: SPACE.with_grids({"layer0.neuron0.weight0": GRID}),
        MinigridError,
        Exception,
        "^changes",
        "layer0",
    ),
    shape_error(
        "SearchSpace.from_grids, no grids", lambda: mg.SearchSpace.from_grids([], []), "^grids: .*at least one, got 0"
    ),
    shape_error(
        "SearchSpace.from_grids, too few grids",
        lambda: mg.SearchSpace.from_grids([GRID], ["a", "b"]),
        "^grids: expected 2 grids, at least one, got 1",
        "as many grids as names",
    ),
    type_error(
        "SearchSpace.from_grids, lists", lambda: mg.SearchSpace.from_grids([[0.0]], ["a"]), "^grids: .*got a list"
    ),
    type_error(
        "SearchSpace.from_grids, a grid", lambda: mg.SearchSpace.from_grids(GRID, ["a"] * 3), "^grids: expected", "got"
    ),
    type_error(
        "SearchSpace.from_grids, a number", lambda: mg.SearchSpace.from_grids(3, ["a"]), "^grids: expected", "got 3"
    ),
]


# Scorings ---------------------------------------------------------------------------------------

LABELS: list[Any] = [Accuracy(), BalancedAccuracy(), LogLoss(), Hinge()]
NUMBERS: list[Any] = [MeanSquaredError(), MeanAbsoluteError()]


def outputs_cases(scoring: Any) -> list[Case]:
    """Rows for what is no table of outputs."""
    owner = f"{type(scoring).__name__}()"
    begin = "^outputs: expected "

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return case(
            f"{owner}, outputs is {what}", lambda: scoring(Y, value), MinigridError, Exception, begin, *fragments
        )

    return [
        wrong("flat", [0.1, 0.9, 0.8], r"\(n_samples, n_outputs\)", r"shape \(3,\)", r"outputs\.reshape\(-1, 1\)"),
        wrong("three-dimensional", np.zeros((1, 3, 1)), r"\(n_samples, n_outputs\)", r"shape \(1, 3, 1\)"),
        wrong("text", [["a"], ["b"], ["c"]], "numbers", "got"),
        wrong("complex", [[1j], [0], [1]], "numbers", "complex128"),
        wrong("None", None, "numbers", "got"),
        wrong("an array of objects", np.full((3, 1), None), "numbers", "object"),
        wrong("ragged", [[0.1], [0.9, 0.2], [0.8]], "got"),
        wrong("masked", MASKED(ONE_OUTPUT, mask=[[0], [1], [0]]), "masked"),
    ]


def scoring_cases(scoring: Any) -> list[Case]:
    """Rows for the calls of one built-in scoring."""
    name = type(scoring).__name__
    targets = labels_cases if scoring in LABELS else numbers_cases
    return [
        *targets(f"{name}()", labels_to(scoring)),
        *targets(f"{name}.check_targets", lambda value: scoring.check_targets(value, 1)),
        *length_cases(f"{name}()", "outputs", labels_to(scoring)),
        *outputs_cases(scoring),
        shape_error(
            f"{name}(), outputs is without columns",
            lambda: scoring(Y, np.zeros((3, 0))),
            "expected",
            r"\(3, 0\)|\(n_samples, 0\)",
        ),
        *weights_cases(f"{name}()", weights_to(scoring)),
    ]


class Worst(Scoring):
    """A user's scoring that leaves the check of its targets to the base."""

    @override
    def __call__(self, y_true: Any, outputs: Any, /, sample_weight: Any = None) -> float:
        return float(np.abs(outputs[:, 0] - y_true).max())


SCORING_CASES = [
    *(row for scoring in [*LABELS, *NUMBERS] for row in scoring_cases(scoring)),
    value_error(
        "Accuracy.check_targets, a label without output",
        lambda: LABELS[0].check_targets([0, 3], 3),
        "^y: .*0 to 2",
        "got 0, 3",
    ),
    value_error(
        "Hinge.check_targets, a label without output",
        lambda: LABELS[3].check_targets([5], 4),
        "0 to 3, one for each output",
    ),
    shape_error(
        "MeanSquaredError.check_targets, flat", lambda: NUMBERS[0].check_targets([0.0, 1.0], 2), r"\(n_samples, 2\)"
    ),
    shape_error(
        "MeanAbsoluteError(), narrow", lambda: NUMBERS[1](Y, np.zeros((3, 2))), r"^y: .*\(n_samples, 2\).*\(3,\)"
    ),
    *array_cases("Scoring.check_targets", "y", lambda value: Worst().check_targets(value, 1)),
    shape_error(
        "Scoring.check_targets, y empty",
        lambda: Worst().check_targets([], 1),
        "^y: expected one target a sample",
        r"\(0,\)",
    ),
    shape_error(
        "Scoring.check_targets, y a number", lambda: Worst().check_targets(1.0, 1), "^y: expected", r"shape \(\)"
    ),
    shape_error(
        "Scoring.check_targets, y deep",
        lambda: Worst().check_targets(np.zeros((1, 1, 1)), 1),
        "^y: expected",
        r"\(1, 1, 1\)",
    ),
    value_error(
        "LogLoss, epsilon 0",
        lambda: mg.LogLoss(epsilon=0.0),
        "^epsilon: expected a number between 0 and 0.5, got 0.0",
        "1e-15",
    ),
    value_error("LogLoss, epsilon one half", lambda: mg.LogLoss(epsilon=0.5), r"^epsilon: .*got 0\.5"),
    *number_cases("LogLoss", "epsilon", lambda value: mg.LogLoss(epsilon=value)),
    type_error("FunctionScoring, a number", lambda: mg.FunctionScoring(5), "^function: expected a function of .*got 5"),
    type_error(
        "FunctionScoring, a class", lambda: mg.FunctionScoring(Accuracy), "^function: .*got the class Accuracy itself"
    ),
    type_error(
        "FunctionScoring, a scoring",
        lambda: mg.FunctionScoring(Accuracy()),
        "^function: .*got an object of type Accuracy",
    ),
]


# The trainer ------------------------------------------------------------------------------------


def known(*names: str) -> str:
    return f"Known: {', '.join(map(repr, names))}"


STRATEGIES = ["joint", "layerwise", "coordinate", "zoom", "random"]
SCORINGS = BUILT_IN_SCORINGS.built_in


def trainer(grid: Any = GRID, **settings: Any) -> Any:
    return mg.GridSearchTrainer(grid, **settings)


TRAINER_CASES = [
    *grid_cases("GridSearchTrainer", "grid", trainer),
    *grid_cases("GridSearchTrainer", "bias_grid", lambda value: trainer(bias_grid=value)),
    type_error("GridSearchTrainer, no grid", lambda: trainer(None), "^grid: expected a Grid, got None"),
    type_error(
        "fit, overrides is a list", lambda: fit(overrides=[GRID]), "^overrides: expected a dict, got a list of length 1"
    ),
    type_error(
        "fit, overrides holds a list",
        lambda: fit(overrides={"layer0.neuron0.weight0": [1.0]}),
        "^overrides.*expected a Grid",
    ),
    case(
        "fit, overrides names no parameter",
        lambda: fit(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ),
    case(
        "plan, overrides names no parameter",
        lambda: plan(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ),
    case(
        "GridSearchTrainer, strategy mistyped",
        lambda: trainer(strategy="zom"),
        UnknownNameError,
        ValueError,
        "^strategy: expected the name of a strategy, got 'zom'. Did you mean 'zoom'",
        known(*STRATEGIES),
    ),
    case(
        "GridSearchTrainer, strategy unknown",
        lambda: trainer(strategy="annealing"),
        UnknownNameError,
        ValueError,
        known(*STRATEGIES),
    ),
    type_error(
        "GridSearchTrainer, strategy is a class",
        lambda: trainer(strategy=mg.Joint),
        "^strategy: .*the class Joint itself",
        "'joint'",
    ),
    type_error(
        "GridSearchTrainer, strategy is None",
        lambda: trainer(strategy=None),
        "^strategy: expected a Strategy, got None",
    ),
    type_error(
        "GridSearchTrainer, strategy is a function",
        lambda: trainer(strategy=print),
        "^strategy: expected a Strategy, got",
    ),
    case(
        "GridSearchTrainer, scoring mistyped",
        lambda: trainer(scoring="acuracy"),
        UnknownNameError,
        ValueError,
        "^scoring: expected the name of a scoring, got 'acuracy'. Did you mean 'accuracy'",
        known(*SCORINGS),
    ),
    case(
        "GridSearchTrainer, scoring unknown",
        lambda: trainer(scoring="f1"),
        UnknownNameError,
        ValueError,
        known(*SCORINGS),
    ),
    type_error(
        "GridSearchTrainer, scoring is a class",
        lambda: trainer(scoring=LogLoss),
        "^scoring: .*the class LogLoss itself",
        r"LogLoss\(\)",
    ),
    type_error(
        "GridSearchTrainer, scoring is a number", lambda: trainer(scoring=1), "^scoring: expected a Scoring, got 1"
    ),
    type_error(
        "GridSearchTrainer, scoring is None", lambda: trainer(scoring=None), "^scoring: expected a Scoring, got None"
    ),
    case(
        "GridSearchTrainer, engine mistyped",
        lambda: trainer(engine="refrence"),
        UnknownNameError,
        ValueError,
        "^engine: expected the name of an engine, got 'refrence'. Did you mean 'reference'",
        "Known: 'auto', 'reference', 'batched'",
    ),
    case(
        "GridSearchTrainer, engine unknown",
        lambda: trainer(engine="gpu"),
        UnknownNameError,
        ValueError,
        "^engine: .*'gpu'",
        "Known: 'auto'",
    ),
    type_error(
        "GridSearchTrainer, engine is a class",
        lambda: trainer(engine=Accuracy),
        "^engine: expected an Engine, got the class Accuracy",
    ),
    type_error(
        "GridSearchTrainer, engine is None",
        lambda: trainer(engine=None),
        "^engine: expected an Engine, got None",
        "'auto'",
    ),
    *count_cases("GridSearchTrainer", "top", 1, lambda value: trainer(top=value)),
    *count_cases("GridSearchTrainer", "max_candidates", 1, lambda value: trainer(max_candidates=value)),
    *number_cases("GridSearchTrainer", "time_limit", lambda value: trainer(time_limit=value)),
    *number_cases("GridSearchTrainer", "target_score", lambda value: trainer(target_score=value)),
    value_error(
        "GridSearchTrainer, no time",
        lambda: trainer(time_limit=0),
        r"^time_limit: expected a number above 0, got 0\.0",
        "Leave it out",
    ),
    value_error(
        "GridSearchTrainer, less than no time", lambda: trainer(time_limit=-1.5), r"^time_limit: .*above 0, got -1\.5"
    ),
    type_error(
        "GridSearchTrainer, callbacks is a function",
        lambda: trainer(callbacks=print),
        "^callbacks: expected a sequence",
        r"\[report\]",
    ),
    type_error(
        "GridSearchTrainer, callbacks holds a number",
        lambda: trainer(callbacks=[5]),
        "^callbacks: expected functions, got 5",
        "SearchEvent",
    ),
    type_error(
        "GridSearchTrainer, callbacks holds None", lambda: trainer(callbacks=[print, None]), "^callbacks: .*got None"
    ),
    type_error("GridSearchTrainer, callbacks is text", lambda: trainer(callbacks="print"), "^callbacks: .*got 'print'"),
    type_error("GridSearchTrainer, progress is text", lambda: trainer(progress="yes"), "^progress: .*got 'yes'"),
    type_error("GridSearchTrainer, callbacks is None", lambda: trainer(callbacks=None), "^callbacks: .*got None"),
    *(row for use in (fit, plan) for row in network_cases(use.__name__, passed_as(use, "network"))),
    *(row for use in (fit, plan) for row in samples_cases(use.__name__, passed_as(use, "X"))),
    *(row for use in (fit, plan) for row in labels_cases(use.__name__, passed_as(use, "y"))),
    *(row for use in (fit, plan) for row in length_cases(use.__name__, "X", passed_as(use, "y"))),
    *(row for use in (fit, plan) for row in weights_cases(use.__name__, passed_as(use, "weight"))),
    *numbers_cases("fit under mean_squared_error", lambda value: fit(X, value, scoring="mean_squared_error")),
    *weights_cases("fit under log_loss", lambda value: fit(weight=value, scoring="log_loss")),
    value_error(
        "fit, a label without output",
        lambda: fit(X, [0, 1, 2], network=TWO_OUTPUTS),
        "^y: expected the labels 0 and 1, got 0, 1, 2",
    ),
    shape_error(
        "fit, flat targets for two outputs",
        lambda: fit(network=TWO_OUTPUTS, scoring="mean_absolute_error"),
        r"\(n_samples, 2\)",
    ),
    shape_error(
        "fit, two targets for one output", lambda: fit(X, np.zeros((3, 2)), scoring="mean_squared_error"), r"\(3, 2\)"
    ),
]


# Activations and scorings of a user's own, in a search ------------------------------------------


def own(function: Any, **promises: Any) -> Any:
    return Network.dense([2, 1], activation=FunctionActivation(function, **promises))


def my_function(y_true: Any, outputs: Any) -> Any:
    raise ZeroDivisionError("nothing to divide by")


def scored(value: Any) -> Callable[..., Any]:
    """A scoring function that returns something else than a number."""

    def my_score(y_true: Any, outputs: Any) -> Any:
        return value

    return my_score


def writing(y_true: Any, outputs: Any) -> float:
    outputs[:] = 0.0
    return 1.0


SCORED = r"^scoring FunctionScoring\(my_score\): expected one number, got "


def activation_error(name: str, function: Any, *fragments: str, **promises: Any) -> list[Case]:
    """Rows for an activation that breaks its contract, called alone and in a search."""
    network = own(function, **promises)
    begin = r"^activation FunctionActivation\("
    return [
        case(
            f"{use.__name__}, an activation that {name}",
            partial(use, network=network),
            ActivationError,
            ValueError,
            begin,
            *fragments,
        )
        for use in (fit, plan)
    ]


OWN_CASES = [
    *activation_error("sums", np.sum, r"\(sum\): expected a float64 array of z's shape \(3, 5\)", "no np.sum"),
    *activation_error(
        "returns another shape", lambda z: z[:1], "<lambda>", "got an array of shape", "element by element"
    ),
    *activation_error("returns float32", lambda z: z.astype(np.float32), "dtype float32", r"astype\(np\.float64\)"),
    *activation_error("returns booleans", lambda z: z > 0.0, "dtype bool", r"astype\(np\.float64\)"),
    *activation_error("returns NaN", np.log, r"\(log\)", "NaN for z = -", "np.where"),
    *activation_error("returns a list", lambda z: z.tolist(), "a list of length"),
    *activation_error("returns None", lambda z: None, "got None"),
    *activation_error("raises", lambda z: [][z.size], "IndexError"),
    *activation_error("writes", lambda z: np.exp(z, out=z), "writes into its argument", "new array"),
    *activation_error("mixes elements", lambda z: z - z.max(), "change with the other elements", "element by element"),
    *activation_error("falls", np.cos, "never fall", "Drop monotonic = True", monotonic=True),
    case(
        "Network(), an activation that sums",
        lambda: own(np.sum)(X),
        ActivationError,
        ValueError,
        r"\(sum\)",
        r"shape \(3,\)",
    ),
    case("Layer(), an activation that sums", lambda: own(np.sum)[0](X), ActivationError, ValueError, r"\(sum\)"),
    case("Neuron(), an activation that sums", lambda: own(np.sum)[0][0](X), ActivationError, ValueError, r"\(sum\)"),
    case(
        "fit, a score that is an array",
        lambda: fit(scoring=scored(np.ones(3))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
        "Reduce",
    ),
    case(
        "fit, a score that is an array of one",
        lambda: fit(scoring=scored(np.ones(1))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
    ),
    case(
        "fit, a score that is text",
        lambda: fit(scoring=scored("good")),
        ScoringError,
        ValueError,
        SCORED + "'good'",
        "to one float",
    ),
    case("fit, a score that is None", lambda: fit(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"),
    case("fit, a score that is complex", lambda: fit(scoring=scored(1j)), ScoringError, ValueError, SCORED + "1j"),
    case(
        "fit, a score that is a list",
        lambda: fit(scoring=scored([1.0])),
        ScoringError,
        ValueError,
        SCORED + "a list of length 1",
    ),
    case("fit, a score that is masked", lambda: fit(scoring=scored(np.ma.masked)), ScoringError, ValueError, SCORED),
    case(
        "fit, a score too large for a float",
        lambda: fit(scoring=scored(10**400)),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_score\)",
    ),
    case("plan, a score that is None", lambda: plan(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"),
    case(
        "fit, a scoring that raises",
        lambda: fit(scoring=my_function),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_function\): expected a number for outputs",
        r"outputs of shape \(3, 1\) and targets of shape \(3,\)",
        "got ZeroDivisionError: nothing to divide by",
    ),
    case(
        "fit, a scoring of one argument",
        lambda: fit(scoring=len),
        ScoringError,
        ValueError,
        r"FunctionScoring\(len\)",
        "got TypeError",
    ),
    case(
        "fit, a scoring that writes",
        lambda: fit(scoring=writing),
        ScoringError,
        ValueError,
        r"\(writing\)",
        "read-only",
    ),
    case(
        "fit, a scoring that takes no weights",
        lambda: fit(scoring=my_function, weight=[1.0, 1.0, 2.0]),
        ScoringError,
        ValueError,
        "expected one that takes sample_weight, got one that does not",
        "keyword sample_weight",
    ),
    *(
        case(
            f"fit, all scores NaN, {strategy}",
            partial(fit, scoring=scored(NAN), strategy=strategy),
            NoScoreError,
            ArithmeticError,
            "expected a number for at least one candidate, got NaN",
        )
        for strategy in STRATEGIES
    ),
    case(
        "fit, every sum overflows",
        lambda: fit(
            [[1e308, 1e308]] * 3,
            network=Network.dense([2, 1], activation=Identity()),
            grid=Grid([10.0]),
            scoring=scored(NAN),
        ),
        NoScoreError,
        ArithmeticError,
        "got NaN for all 1",
        "use smaller grid values or scale X",
    ),
    case(
        "fit, a feasibility search",
        lambda: fit(np.zeros((3, 100)), network=Network.dense([100, 1]), grid=Grid.linspace(-1.0, 1.0, 10)),
        HopelessSearchError,
        RuntimeError,
        r"at most a day, got 10\^100 candidates",
        "10 x 10 x 10",
        "years",
        "time_limit=",
        "max_candidates=",
        "layerwise, coordinate, zoom or random",
    ),
]


TABLE = [*NEURON_CASES, *LAYER_CASES, *NETWORK_CASES, *GRID_CASES, *SCORING_CASES, *TRAINER_CASES, *OWN_CASES]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_error_is_of_its_kind_and_says_what_to_do(row: Case) -> None:
    with pytest.raises(MinigridError) as caught:
        row.call()
    message = str(caught.value)
    assert isinstance(caught.value, row.error), caught.value
    assert row.error is MinigridError or type(caught.value) is row.error
    assert isinstance(caught.value, row.builtin), caught.value
    for fragment in row.fragments:
        assert re.search(fragment, message), (fragment, message)
    assert "\n" not in message
    assert len(message) < 600


def test_no_two_rows_of_the_table_have_one_name() -> None:
    names = [row.name for row in TABLE]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidTypeError, TypeError),
        (InvalidValueError, ValueError),
        (ShapeError, ValueError),
        (UnknownNameError, ValueError),
        (OutOfRangeError, IndexError),
        (ActivationError, ValueError),
        (ScoringError, ValueError),
        (NoScoreError, ArithmeticError),
        (HopelessSearchError, RuntimeError),
    ],
)
def test_each_error_is_also_the_builtin_one(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, MinigridError)
    assert issubclass(error, builtin)


# Anything at all, anywhere ----------------------------------------------------------------------

JUNK: list[Any] = [
    *[None, True, 0, -1, 3, 2**70, 10**400, 0.5, -0.0, NAN, INF, 1j, "", "text", b"bytes", (), [], {}, set(), ...],
    *[[1, "a"], [[1], [1, 2]], [[[]]], [None], [NAN], ["1"], {"a": 1}, {0: 1.0}, {1, 2}, frozenset([1]), range(3)],
    *[np.float64(1.5), np.int8(-3), np.bool_(True), np.array(1.0), np.array([]), np.zeros((0, 2)), np.zeros((2, 2, 2))],
    *[np.array([1, None], dtype=object), np.array(["a"]), np.array([1j]), np.zeros(2, dtype=[("a", float)])],
    *[np.array(["2020"], dtype="datetime64[D]"), np.array([NAN, 1.0]), np.ma.masked, MASKED([1.0, 2.0], mask=[1, 0])],
    *[slice(None), object(), object, type, int, len, print, np, np.sum, lambda: None, datetime.date(2020, 1, 1)],
    *[Decimal("NaN"), memoryview(b"12"), iter([1.0]), (k for k in "ab"), NotImplemented, ValueError("x")],
    *[NEURON, LAYER, NETWORK, GRID, SPACE, Sigmoid, Sigmoid(), Accuracy(), Accuracy, Network, Grid],
    *[pd.DataFrame({"a": ["x"]}), pd.Series([1.0, None]), pd.DataFrame({"a": [1.0], "b": [2.0]}), pd.Timestamp(0)],
]  # fmt: skip

ANYWHERE: dict[str, Callable[[Any], object]] = {
    "Neuron, weights": lambda junk: mg.Neuron(junk),
    "Neuron, bias": lambda junk: mg.Neuron([1.0], bias=junk),
    "Neuron, activation": lambda junk: mg.Neuron([1.0], activation=junk),
    "Neuron, inputs": lambda junk: mg.Neuron([1.0], inputs=junk),
    "Neuron, inputs within": lambda junk: mg.Neuron([1.0], inputs=[junk]),
    "Neuron()": lambda junk: NEURON(junk),
    "Neuron.with_parameters": lambda junk: NEURON.with_parameters(junk),
    "Layer, neurons": lambda junk: mg.Layer(junk),
    "Layer, neurons within": lambda junk: mg.Layer([NEURON, junk]),
    "Layer, n_inputs": lambda junk: mg.Layer([NEURON], n_inputs=junk),
    "Layer.dense, n_neurons": lambda junk: dense(n_neurons=junk),
    "Layer.dense, activation": lambda junk: dense(activation=junk),
    "Layer()": lambda junk: LAYER(junk),
    "Layer[]": lambda junk: LAYER[junk],
    "Network, layers": lambda junk: mg.Network(junk),
    "Network, layers within": lambda junk: mg.Network([LAYER, junk]),
    "Network.dense, sizes": lambda junk: mg.Network.dense(junk),
    "Network.dense, activation": lambda junk: mg.Network.dense([2, 1], activation=junk),
    "Network.dense, output_activation": lambda junk: mg.Network.dense([2, 1], output_activation=junk),
    "Network()": lambda junk: NETWORK(junk),
    "Network.predict": lambda junk: NETWORK.predict(junk),
    "Network.with_parameters": lambda junk: NETWORK.with_parameters(junk),
    "Network[]": lambda junk: NETWORK[junk],
    "Grid": lambda junk: mg.Grid(junk),
    "Grid within": lambda junk: mg.Grid([0.0, junk]),
    "Grid.linspace, start": lambda junk: mg.Grid.linspace(junk, 1.0, 3),
    "Grid.linspace, stop": lambda junk: mg.Grid.linspace(0.0, junk, 3),
    "Grid.linspace, num": lambda junk: mg.Grid.linspace(0.0, 1.0, junk),
    "Grid.fixed": lambda junk: mg.Grid.fixed(junk),
    "Grid[]": lambda junk: GRID[junk],
    "SearchSpace, network": lambda junk: mg.SearchSpace(junk, GRID),
    "SearchSpace, weights": lambda junk: mg.SearchSpace(NETWORK, junk),
    "SearchSpace, biases": lambda junk: mg.SearchSpace(NETWORK, GRID, junk),
    "SearchSpace, overrides": lambda junk: mg.SearchSpace(NETWORK, GRID, overrides=junk),
    "SearchSpace, overrides within": lambda junk: mg.SearchSpace(
        NETWORK, GRID, overrides={"layer0.neuron0.weight0": junk}
    ),
    "SearchSpace[]": lambda junk: SPACE[junk],
    "SearchSpace[:]": lambda junk: SPACE[junk:],
    "SearchSpace.index_of": lambda junk: SPACE.index_of(junk),
    "SearchSpace.with_grids": lambda junk: SPACE.with_grids(junk),
    "SearchSpace.with_grids within": lambda junk: SPACE.with_grids({0: junk}),
    "SearchSpace.from_grids, grids": lambda junk: mg.SearchSpace.from_grids(junk, ["a", "b"]),
    "SearchSpace.from_grids, grids within": lambda junk: mg.SearchSpace.from_grids([junk, GRID], ["a", "b"]),
    "SearchSpace.from_grids, names": lambda junk: mg.SearchSpace.from_grids([GRID, GRID], junk),
    "FunctionActivation": lambda junk: mg.FunctionActivation(junk),
    "FunctionScoring": lambda junk: mg.FunctionScoring(junk),
    "LogLoss, epsilon": lambda junk: mg.LogLoss(epsilon=junk),
    "LeakyReLU, slope": lambda junk: mg.LeakyReLU(slope=junk),
    **{f"{scoring!r}(), y": labels_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    **{f"{scoring!r}(), outputs": outputs_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    **{f"{scoring!r}(), sample_weight": weights_to(scoring) for scoring in [*LABELS, *NUMBERS]},
    "fit, network": lambda junk: fit(network=junk),
    "fit, X": lambda junk: fit(junk),
    "fit, y": lambda junk: fit(X, junk),
    "fit, sample_weight": lambda junk: fit(weight=junk),
    "plan, X": lambda junk: plan(junk),
    "GridSearchTrainer, grid": lambda junk: fit(grid=junk),
    **{
        f"GridSearchTrainer, {name}": passed_as(fit, name)
        for name in [
            *["bias_grid", "overrides", "strategy", "scoring", "engine", "top", "time_limit", "target_score"],
            *["max_candidates", "callbacks", "progress"],
        ]
    },
}


@pytest.mark.parametrize("place", ANYWHERE)
def test_anything_at_all_is_either_taken_or_refused_with_an_error_of_ours(place: str) -> None:
    leaked = []
    for junk in JUNK:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # NumPy's, of the masked number that becomes NaN
                ANYWHERE[place](junk)
        except MinigridError:
            pass
        except Exception as error:
            leaked.append(f"{type(junk).__name__} {str(junk)[:30]!r} -> {type(error).__name__}: {str(error)[:90]}")
    assert not leaked, "\n".join(leaked)


# Nothing wrong without a word -------------------------------------------------------------------


def test_a_grid_between_far_ends_is_right_or_refused_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            grid = Grid.linspace(-1e308, 1e308, 5)
        except MinigridError:
            return
    assert list(grid) == [-1e308, -5e307, 0.0, 5e307, 1e308]


@pytest.mark.parametrize("scoring", [*LABELS, *NUMBERS], ids=repr)
def test_huge_weights_are_used_rightly_or_refused(scoring: Any) -> None:
    right = scoring(Y, ONE_OUTPUT, sample_weight=[1.0, 1.0, 1.0])
    try:
        with np.errstate(all="ignore"):
            score = scoring(Y, ONE_OUTPUT, sample_weight=[1.5e308] * 3)
    except MinigridError:
        return
    assert score == pytest.approx(right)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_search_stopped_before_its_first_score_gives_a_result_or_an_error_of_ours(strategy: Any) -> None:
    trainer = GridSearchTrainer(GRID, strategy=strategy, callbacks=[lambda event: True])
    try:
        result = trainer.fit(Network.dense([2, 2, 1]), X, Y)
    except NoScoreError as error:
        message = str(error)
    else:
        message = result.stop_reason
        assert not result.optimal
        assert result.score == Accuracy()(np.array(Y), result.network(X))
    assert "callback" in message


# pandas -----------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"a": [0.0, 1.0, 1.0], "b": [1, 0, 1]}, index=[30, 10, 20])
SERIES = pd.Series([0, 1, 1], index=[7, 8, 9], name="label")


@pytest.mark.parametrize(
    "y",
    [
        SERIES,
        SERIES.astype(bool),
        SERIES.astype("int8"),
        SERIES.astype(float),
        SERIES.to_frame(),
        SERIES.astype("Int64"),
    ],
    ids=["ints", "booleans", "int8", "floats", "a frame of one column", "nullable ints"],
)
def test_data_frames_and_series_are_taken_as_the_arrays_they_hold(y: Any) -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 0.0, 0.5, 1.0]))
    expected = trainer.fit(NETWORK, X, Y, sample_weight=[1.0, 2.0, 1.0])
    frame, series = FRAME.copy(), y.copy()
    result = trainer.fit(NETWORK, frame, series, sample_weight=pd.Series([1.0, 2.0, 1.0], index=[5, 3, 4]))
    assert (result.index, result.score, result.network) == (expected.index, expected.score, expected.network)
    assert frame.equals(FRAME)
    assert series.equals(y)
    assert trainer.plan(NETWORK, frame, series).n_candidates == 16


def test_models_and_scorings_take_data_frames_and_series() -> None:
    network = NETWORK.with_parameters(pd.Series([0.5, -1.0]))
    assert network.parameters.tolist() == [0.5, -1.0]
    for model in (network, network[0], network[0][0]):
        assert model(FRAME).tobytes() == model(X).tobytes()
    assert network.predict(FRAME).tolist() == network.predict(X).tolist()
    assert Grid(pd.Series([1.0, 2.0])) == Grid([1.0, 2.0])
    for scoring in [*LABELS, *NUMBERS]:
        outputs = pd.DataFrame({"p": [0.1, 0.9, 0.8]})
        assert scoring(SERIES, outputs) == scoring(Y, ONE_OUTPUT)
        assert scoring(SERIES, outputs, sample_weight=pd.Series([1, 2, 3])) == scoring(
            Y, ONE_OUTPUT, sample_weight=[1, 2, 3]
        )


@pytest.mark.parametrize(
    ("frame", "error", "pattern"),
    [
        (
            FRAME.assign(b=["x", "y", "z"]),
            InvalidTypeError,
            "^X: expected real numbers, got a table with other things in 'b'. Drop these columns, or recode them",
        ),
        (
            FRAME.assign(b=pd.to_datetime(["2020-01-01"] * 3)),
            InvalidTypeError,
            "^X: expected real numbers, got .* (DataFrame|'b')",
        ),
        (
            FRAME.assign(b=[1.0, float("nan"), 2.0]),
            InvalidValueError,
            r"^X: expected finite numbers, got nan at position \(1, 1\)",
        ),
        (FRAME.assign(c=1.0), ShapeError, r"^X: expected 2 features \(columns\), .* got 3\b"),
        (FRAME["a"], ShapeError, r"^X: expected a table .* got an array of shape \(3,\)"),
        (FRAME.iloc[:0], ShapeError, "^X: expected at least one sample"),
    ],
)
def test_data_frames_that_do_not_fit_are_refused(frame: Any, error: type[MinigridError], pattern: str) -> None:
    for use in (fit, plan, NETWORK, NETWORK.predict):
        with pytest.raises(error, match=pattern):
            use(frame)


def test_text_for_labels_is_told_how_to_be_numbered() -> None:
    for y in (["cat", "dog", "cat"], np.array(["cat", "dog", "cat"], dtype=object), pd.Series(["cat", "dog", "cat"])):
        with pytest.raises(
            InvalidTypeError, match=r"^y: .* or labels with np\.unique\(y, return_inverse=True\)\[1\]\.$"
        ):
            fit(FRAME, y)


@pytest.mark.parametrize(
    ("call", "mend"),
    [
        (lambda: mg.Network.dense([2, 1], mg.Tanh()), r"Name the activation: Network\.dense\(\[2, 2, 1\], activation="),
        (lambda: mg.Network.dense([2, 1], activation=[mg.Tanh()]), r"output_activation=\.\.\. for the last"),
        (lambda: mg.named_activation("leaky_relu", slop=0.1), r"It takes slope\.$"),
        (lambda: mg.named_activation("sigmoid", slope=0.1), r"It takes none\.$"),
    ],
)
def test_a_slip_in_naming_an_activation_is_mended_by_its_message(call: Callable[[], Any], mend: str) -> None:
    with pytest.raises(InvalidTypeError, match=mend):
        call()


def test_series_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"^y: expected real numbers, got an object of type Series"):
        fit(FRAME, pd.Series(["yes", "no", "no"]))
    with pytest.raises(InvalidValueError, match=r"^y: expected finite numbers, got nan"):
        fit(FRAME, pd.Series([0.0, None, 1.0]))
    with pytest.raises(ShapeError, match=r"^y: expected 3 targets, one for each row of X, got 2"):
        fit(FRAME, SERIES.iloc[:2])
    with pytest.raises(InvalidValueError, match=r"^sample_weight: expected non-negative"):
        fit(FRAME, SERIES, weight=pd.Series([1.0, -1.0, 1.0]))
