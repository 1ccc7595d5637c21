"""A wrong call, the error it is to give, and the calls that go wrong wherever an argument of a kind is taken."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

import minigrid
from minigrid import (
    Grid,
    InvalidTypeError,
    InvalidValueError,
    Layer,
    MinigridError,
    Network,
    Neuron,
    SearchSpace,
    ShapeError,
    Sigmoid,
    UnknownNameError,
)

# The point of these tables is to pass what the types forbid.
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


def near_best(
    X: Any = X, y: Any = Y, *, network: Any = NETWORK, weight: Any = None, within: Any = 0.1, **settings: Any
) -> Any:
    """Count near-best candidates, with one thing changed."""
    return mg.GridSearchTrainer(GRID, **settings).near_best(network, X, y, within=within, sample_weight=weight)


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
    fix = r"np\.asarray\(\.\.\., dtype=float\)"
    begin = f"^{argument}: expected "

    def wrong_type(what: str, value: Any, *fragments: str) -> Case:
        return type_error(f"{owner}, {argument} is {what}", lambda: use(value), begin, *fragments)

    def wrong_value(what: str, value: Any, *fragments: str) -> Case:
        return value_error(f"{owner}, {argument} has {what}", lambda: use(value), begin, *fragments)

    return [
        wrong_type("text", "abc", "real numbers, got 'abc'", fix),
        wrong_type("a list of text", ["1", "2"], "real numbers, got a list of length 2", fix),
        wrong_type("bytes", [b"1"], "real numbers, got a list", fix),
        wrong_type("None", None, "real numbers, got None", fix),
        wrong_type("complex", [1j, 2.0], "real numbers, got a list", "complex128", r"\(np\.real\) or their"),
        wrong_type("an array of objects", np.array([[1, None]], dtype=object), "real numbers", "dtype object", fix),
        wrong_type("a date", np.array(["2020-01-01"], dtype="datetime64[D]"), "real numbers", r"datetime64\[D\]", fix),
        wrong_type("a list of dates", [datetime.date(2020, 1, 1)], "real numbers", "dtype object", fix),
        wrong_type("a time", np.array([1], dtype="timedelta64[s]"), "real numbers", r"timedelta64\[s\]", fix),
        wrong_type("a dict", {"a": [1.0]}, "real numbers, got a dict of length 1", "Pass its values: "),
        wrong_type("a set", {1.0, 2.0}, "real numbers, got a set of length 2", "Pass a list: list"),
        wrong_type("a generator", (k for k in [1.0]), "object of type generator", "Pass a list: list"),
        wrong_type("a network", NETWORK, "real numbers, got an object of type Network", fix),
        wrong_type("a class", Sigmoid, "real numbers, got the class Sigmoid itself", fix),
        wrong_type("an array with fields", np.zeros(2, dtype=[("a", float)]), "real numbers", "'a'", fix),
        wrong_type("ints too large for a float", [10**400], "real numbers", "dtype object", fix),
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
    fix = f"Pass {other} and y of the same samples"
    return [
        shape_error(f"{owner}, y is too short", lambda: use([0, 1]), begin + r"2\b", fix),
        shape_error(f"{owner}, y is too long", lambda: use([0, 1, 1, 0]), begin + r"4\b", fix),
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
    fix = r"Pass one such as Sigmoid\(\), or its name, 'sigmoid', or make your function into one"
    return [
        type_error(f"{owner}, {argument} is a class", lambda: use(Sigmoid), begin + "the class Sigmoid itself", fix),
        type_error(
            f"{owner}, {argument} is a NumPy function", lambda: use(np.tanh), begin + "an object of type ufunc", fix
        ),
        type_error(
            f"{owner}, {argument} is a lambda", lambda: use(lambda z: z), begin + "an object of type function", fix
        ),
        case(
            f"{owner}, {argument} is no name",
            lambda: use("sigmoyd"),
            UnknownNameError,
            ValueError,
            "^activation(?: 'sigmoyd')?: expected the name of an activation, got 'sigmoyd'",
            "Did you mean 'sigmoid'",
        ),
        type_error(f"{owner}, {argument} is a number", lambda: use(0), begin + "0", fix),
    ]


def grid_cases(owner: str, argument: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for what is no grid."""
    begin = f"^{re.escape(argument)}: expected a Grid, got "
    fix = r"Pass a Grid, such as Grid\(\[-1, 0, 1\]\) or Grid\.linspace\(-10, 10, 100\)"
    return [
        type_error(f"{owner}, {argument} is a list", lambda: use([0.0, 1.0]), begin + "a list of length 2", fix),
        type_error(f"{owner}, {argument} is an array", lambda: use(np.zeros(2)), begin + "an array of shape", fix),
        type_error(f"{owner}, {argument} is the class", lambda: use(Grid), begin + "the class Grid itself", fix),
        type_error(f"{owner}, {argument} is a number", lambda: use(3), begin + "3", fix),
    ]


def network_cases(owner: str, use: Callable[[Any], object]) -> list[Case]:
    """Rows for what is no network."""
    begin = "^network: expected a Network, got "
    return [
        type_error(
            f"{owner}, network is a layer",
            lambda: use(LAYER),
            begin + "an object of type Layer",
            "Pass a Network|Network.dense",
        ),
        type_error(f"{owner}, network is the class", lambda: use(Network), begin + "the class Network itself"),
        type_error(f"{owner}, network is a list", lambda: use([2, 1]), begin + "a list of length 2"),
        type_error(f"{owner}, network is None", lambda: use(None), begin + "None"),
    ]
