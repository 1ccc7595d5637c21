"""The calls that go wrong wherever an argument of a kind is taken, and what the advice of each error leads to."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import sklearn.utils

from minigrid import Grid, Network, Sigmoid, UnknownNameError
from tests.errors.cases import (
    ENDLESS,
    INF,
    LAYER,
    MASKED,
    NAN,
    NETWORK,
    Case,
    LikeATensor,
    X,
    case,
    mg,
    shape_error,
    type_error,
    value_error,
)

Use = Callable[[Any], object]


def number_cases(owner: str, argument: str, use: Use, good: float = 1.0) -> list[Case]:
    """Rows for an argument that must be one finite number, such as `good`."""

    def row(what: str, value: Any, fix: str, *fragments: str, wrong_type: bool = True) -> Case:
        make = type_error if wrong_type else value_error
        name, begin = f"{owner}, {argument} {what}", f"^{argument}: expected a "
        return make(name, lambda: use(value), begin, *fragments).then(fix, lambda: use(good))

    is_one, meant = "Pass an int or a float", f"Pass an int or a float: {good}."
    return [
        row("is text", f"{good}", meant, f"number, got '{good}'"),
        row("is None in a list", [None], is_one, "got a list of length 1"),
        row("is a boolean", True, is_one, "number, got True"),
        row("is a duration", np.timedelta64(2, "m"), "Pass", "number"),
        row("is an array", np.array([good]), meant, r"got an array of shape \(1,\)"),
        row("is complex", 1j, is_one, "got 1j"),
        row("is a decimal", Decimal(f"{good}"), meant, "got an object of type Decimal"),
        row("is NaN", NAN, "Pass a finite number", "finite number, got nan", wrong_type=False),
        row("is infinite", -INF, "Pass a finite number", "finite number, got -inf", wrong_type=False),
        row("is an int too large for a float", 10**400, "smaller", r"finite number, got 10\^400", wrong_type=False),
        row("is an int of more digits than Python writes", ENDLESS, "smaller", "finite number, got", wrong_type=False),
    ]


def count_cases(
    owner: str, argument: str, minimum: int, use: Use, good: int = 2, *, endless: tuple[str, Any] | None = None
) -> list[Case]:
    """Rows for an argument that must be a whole number of at least something, such as `good`.

    `endless` is what to do if infinity is meant: the code that a message says, and what it stands for.
    """
    begin = f"^{argument}: expected a whole number"
    few = f"of at least {minimum}, got {minimum - 1}"
    rows = [
        type_error(f"{owner}, {argument} is text", lambda: use(f"{good}"), begin, f"got '{good}'", f"int: {good}"),
        type_error(f"{owner}, {argument} is a float", lambda: use(float(good)), begin, rf"got {good}\.0", "int: "),
        type_error(f"{owner}, {argument} is a boolean", lambda: use(True), begin, "got True"),
        type_error(f"{owner}, {argument} is a list", lambda: use([1]), begin, "got a list of length 1"),
    ]
    said, instead = endless or ("Pass a finite int.", good)
    infinite = [
        type_error(f"{owner}, {argument} is infinite", lambda: use(INF), begin, "got inf"),
        type_error(f"{owner}, {argument} is NumPy's infinity", lambda: use(np.float64(INF)), begin),
    ]
    rows += [
        type_error(f"{owner}, {argument} is a float of NumPy", lambda: use(np.float64(good)), begin, f"int: {good}"),
        type_error(f"{owner}, {argument} is minus infinity", lambda: use(-INF), begin, "got -inf"),
    ]
    small = [
        value_error(f"{owner}, {argument} is too small", lambda: use(minimum - 1), begin, few),
        value_error(f"{owner}, {argument} is far too small", lambda: use(-ENDLESS), begin, "got"),
    ]
    return [
        *(row.then("Pass an int", lambda: use(np.int64(good))) for row in rows),
        *(row.then(said, lambda: use(instead)) for row in infinite),
        *(row.then(f"Pass {minimum} or more", lambda: use(good)) for row in small),
    ]


def array_cases(owner: str, argument: str, use: Use, good: Any) -> list[Case]:
    """Rows for an argument that must be an array of finite real numbers, such as `good`, of 0 and whole numbers."""
    begin, array = f"^{argument}: expected ", np.asarray(good, dtype=float)
    first, is_table = (0,) * array.ndim, argument in ("X", "outputs")
    at = re.escape(f"at position {first}")

    def odd(dtype: type, value: Any) -> Any:
        """The same array with another first value."""
        changed: Any = array.astype(dtype)
        changed[first] = value
        return changed

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return type_error(f"{owner}, {argument} is {what}", lambda: use(value), begin, *fragments)

    def wrong_value(what: str, value: Any, fix: str, *fragments: str) -> Case:
        name = f"{owner}, {argument} has {what}"
        return value_error(name, lambda: use(value), begin, *fragments).then(fix, lambda: use(array))

    def converted(what: str, value: Any, code: str, *fragments: str) -> Case:
        """A row whose advice is code that works on the bad value."""
        return wrong(what, value, "real numbers, got", *fragments).runs(code, use, **{argument: value})

    def replaced(what: str, value: Any, fix: str, *fragments: str) -> Case:
        """A row whose advice is to pass something else."""
        return wrong(what, value, *fragments).then(fix, lambda: use(array))

    convert, in_days = f"np.asarray({argument}, dtype=float)", array.astype(int).astype("datetime64[D]")
    of_text = "np.unique(y, return_inverse=True)[1]" if argument == "y" else convert
    dates = f"np.asarray({argument}, dtype='datetime64[D]').astype(float)"
    columns = array.T.tolist() if is_table else array.tolist()
    as_dict, values = {f"{k}": column for k, column in enumerate(columns)}, f"list({argument}.values())"
    generator = (row for row in array.tolist())
    kind = [(f"{k}", float) for k in range(array.shape[-1] if is_table else 1)]
    fields = np.array([tuple(row) if is_table else (row,) for row in array.tolist()], dtype=kind)
    side = f"np.column_stack([{argument}[name] for name in {argument}.dtype.names])"
    numbers, some = "Pass numbers, in a list or an array", "real numbers, got "
    return [
        replaced("text", "abc", numbers, "real numbers, got 'abc'"),
        replaced("None", None, numbers, "real numbers, got None"),
        replaced("a network", NETWORK, numbers, some + "an object of type Network"),
        replaced("a class", Sigmoid, numbers, some + "the class Sigmoid itself"),
        replaced("a set", {1.0, 2.0}, "Pass a list", some + "a set of length 2"),
        replaced("an array of objects", odd(object, None), "Replace what is no number", some + "None " + at),
        replaced("ints too large for a float", odd(object, 10**400), "Scale", some + r"10\^400 " + at),
        replaced("ragged", [[1.0, 2.0], [3.0]], "rows equally long" if is_table else "flat list", "got a list"),
        replaced("ragged deeper", [[[1.0], 2.0], [3.0, 4.0]], "rows equally long" if is_table else "flat list"),
        replaced("what refuses to become an array", LikeATensor(), "to a NumPy array", "LikeATensor", "detach"),
        converted("a list of text", array.astype(str).tolist(), of_text),
        converted("bytes", array.astype("S").tolist(), of_text),
        wrong("complex", (array + 0j).tolist(), "complex128")
        .then("np.real", lambda: use(np.real(array + 0j)))
        .then("np.abs", lambda: use(np.abs(array + 0j))),
        converted("a date", in_days, convert, r"datetime64\[D\]"),
        converted("a list of dates", in_days.tolist(), dates),
        converted("a time", array.astype("timedelta64[s]"), convert, r"timedelta64\[s\]"),
        converted("a dict", as_dict, f"np.column_stack({values})" if is_table else values, "a dict of length"),
        converted("a generator", generator, f"list({argument})", "object of type generator"),
        converted("an array with fields", fields, side if is_table else f"{argument}['0']", "'0'"),
        wrong_value("NaN", odd(float, NAN), "Drop or fill", f"finite numbers, got nan {at}"),
        wrong_value("minus infinity", odd(float, -INF), "Drop or fill", f"finite numbers, got -inf {at}"),
        wrong_value("numbers beyond float64", odd(np.longdouble, np.longdouble("1e4000")), "Drop or fill", "got inf"),
        wrong_value("masked entries", MASKED(array, mask=array == array[first]), "Fill or drop", "masked"),
    ]


def vector_cases(owner: str, argument: str, use: Use, good: Any) -> list[Case]:
    """Rows for an argument that must be a vector, such as `good`."""
    begin = f"^{argument}: expected "
    flat, fix = "one-dimensional", "Pass a flat list"
    name = f"{owner}, {argument} is "
    return [
        *array_cases(owner, argument, use, good),
        shape_error(name + "a number", lambda: use(1.0), begin, flat, r"got an array of shape \(\)").then(
            fix, lambda: use(good)
        ),
        shape_error(name + "a table", lambda: use([[1.0]]), begin, flat, r"shape \(1, 1\)").then(
            fix, lambda: use(good)
        ),
        shape_error(name + "empty", lambda: use([]), begin, "expected one or more [a-z]", "got none").then(
            "Pass a non-empty sequence", lambda: use(good)
        ),
    ]


def samples_cases(owner: str, use: Use, widened: Callable[[int], Use]) -> list[Case]:
    """Rows for data of two columns; `widened` is the same use with another number of inputs."""
    begin = "^X: expected "

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return shape_error(f"{owner}, X is {what}", lambda: use(value), begin, *fragments)

    def wrong_width(what: str, width: int) -> Case:
        row = wrong(what, np.zeros((3, width)), r"2 features \(columns\)", rf"got {width}\b")
        return row.then("Select the right columns", lambda: use(X))

    def wide(what: str, width: int) -> Case:
        build = "build the network for this width"
        return wrong_width(what, width).then(build, lambda: widened(width)(np.zeros((3, width))))

    reshape = "np.reshape(X, (-1, 2))"
    deep = np.zeros((3, 2, 1))
    return [
        *array_cases(owner, "X", use, X),
        wrong("a number", 1.0, "a table of shape", r"got an array of shape \(\)").then(
            "Pass one row for each sample, with 2 columns", lambda: use(X)
        ),
        wrong("one row, flat", [1.0] * 6, "a table of shape", r"got an array of shape \(6,\)").runs(
            reshape, use, X=[1.0] * 6
        ),
        wrong("three-dimensional", deep, "a table of shape", r"shape \(3, 2, 1\)").runs(reshape, use, X=deep),
        wrong("an empty list", [], "at least one sample", "got none").then("non-empty", lambda: use(X)),
        wrong("without rows", np.zeros((0, 2)), r"at least one sample \(row\), got no rows").then(
            "non-empty", lambda: use(X)
        ),
        wrong_width("without columns", 0),
        wide("too wide", 3),
        wide("too narrow", 1),
    ]


def labels_cases(owner: str, use: Use, with_three: Use, as_numbers: Use) -> list[Case]:
    """Rows for labels 0 and 1 of three samples; the same use with three outputs, and with a scoring for numbers."""
    begin = "^y: expected "
    code = "np.unique(y, return_inverse=True)[1]"
    flat = r"one label a sample, shape \(n_samples,\), got an array of shape"

    def wrong_value(what: str, value: Any, got: str, recoded: Use) -> Case:
        row = value_error(f"{owner}, y is {what}", lambda: use(value), begin, f"the labels 0 and 1, got {got}")
        return row.runs(code, recoded, y=value).then("a scoring for numbers", lambda: as_numbers(value))

    def wrong_shape(what: str, value: Any, shape: str) -> Case:
        row = shape_error(f"{owner}, y is {what}", lambda: use(value), begin, flat + shape)
        return row.then("Pass a flat list", lambda: use([0, 1, 1]))

    one_hot = [[0, 1], [1, 0], [1, 0]]
    return [
        *array_cases(owner, "y", use, [0, 1, 1]),
        wrong_value("of plus and minus one", [-1, 1, 1], "-1, 1", use),
        wrong_value("of three labels", [0, 1, 2], "0, 1, 2", with_three).then(
            "as many output neurons", lambda: with_three([0, 1, 2])
        ),
        wrong_value("real", [0.0, 0.25, 1.0], r"0, 0\.25, 1", with_three),
        wrong_value("of many numbers", np.arange(3.0) + 7, "7, 8, 9", with_three),
        wrong_shape("one-hot", one_hot, r" \(3, 2\)").runs("np.argmax(y, axis=1)", use, y=one_hot),
        wrong_shape("a row", [[0, 1, 1]], r" \(1, 3\)").runs("np.ravel(y)", use, y=[[0, 1, 1]]),
        wrong_shape("a single number", 1, r" \(\)"),
        wrong_shape("empty", [], r" \(0,\)"),
        wrong_shape("three-dimensional", np.zeros((3, 1, 1)), r" \(3, 1, 1\)"),
    ]


def numbers_cases(owner: str, use: Use) -> list[Case]:
    """Rows for real targets of three samples and one output."""
    expected = r"one target for each of the outputs, shape \(n_samples,\) or \(n_samples, 1\)"

    def wrong(what: str, value: Any, shape: str) -> Case:
        row = shape_error(f"{owner}, y is {what}", lambda: use(value), "^y: expected ", expected, f"shape {shape}")
        return row.then("Pass a flat list of the samples' targets", lambda: use([0.5, 1.0, 2.0]))

    return [
        *array_cases(owner, "y", use, [0, 1, 2]),
        wrong("too wide", np.zeros((3, 2)), r"\(3, 2\)"),
        wrong("three-dimensional", np.zeros((3, 1, 1)), r"\(3, 1, 1\)"),
        wrong("a single number", 1.0, r"\(\)"),
        wrong("empty", [], r"\(0, 1\)"),
    ]


def length_cases(owner: str, other: str, use: Use) -> list[Case]:
    """Rows for targets that do not have one entry for each of three samples."""
    begin = f"^y: expected 3 targets, one for each row of {other}, got "
    rows = [
        shape_error(f"{owner}, y is too short", lambda: use([0, 1]), begin + r"2\b"),
        shape_error(f"{owner}, y is too long", lambda: use([0, 1, 1, 0]), begin + r"4\b"),
    ]
    return [row.then(f"Pass {other} and y of the same samples", lambda: use([0, 1, 1])) for row in rows]


def weights_cases(owner: str, use: Use) -> list[Case]:
    """Rows for the weights of three samples."""
    begin = "^sample_weight: expected "
    few = "non-negative numbers, at least one above zero, got values from"

    def wrong(what: str, value: Any, fix: str, better: Any, *fragments: str) -> Case:
        row = value_error(f"{owner}, {what}", lambda: use(value), begin, *fragments)
        return row.then(fix, lambda: use(better))

    def wrong_number(what: str, value: Any, *fragments: str) -> Case:
        row = shape_error(f"{owner}, {what}", lambda: use(value), begin, *fragments)
        return row.then("Pass exactly 3", lambda: use([1.0] * 3))

    def of_labels(what: str, value: Any, code: str, **given: Any) -> Case:
        row = type_error(f"{owner}, {what}", lambda: use(value), begin, "real numbers, got")
        return row.runs(code, use, y=[0, 1, 1], **given)

    def turned(what: str, value: Any) -> Case:
        row = shape_error(f"{owner}, {what}", lambda: use(value), begin, "one-dimensional")
        return row.runs("np.ravel(sample_weight)", use, sample_weight=value)

    each = {0: 2.0, 1: 1.0}
    balanced = "sklearn.utils.compute_sample_weight('balanced', y)"
    no_weight = "a weight of 0 and the others a positive one"
    rows = vector_cases(owner, "sample_weight", use, [1, 2, 3])
    return [
        *(row for row in rows if not row.name.endswith("is None")),
        of_labels("weights of labels", each, "[sample_weight[label] for label in y]", sample_weight=each),
        of_labels("the name of scikit-learn's weights", "balanced", balanced, sklearn=sklearn),
        turned("weights in a column", [[1.0], [2.0], [1.0]]),
        turned("weights in a row", [[1.0, 2.0, 1.0]]),
        wrong("a weight is negative", [1.0, -0.5, 1.0], no_weight, [1.0, 0.0, 1.0], few, r"-0\.5 to 1\.0"),
        wrong("all weights are zero", [0, 0, 0], no_weight, [0, 0, 1], few, r"0\.0 to 0\.0"),
        wrong("weights whose sum is infinite", [1e308] * 3, "Divide them all", [1.0] * 3, "1e.?308"),
        wrong_number("too few weights", [1.0, 1.0], "3 weights, one a sample, got 2"),
        wrong_number("too many weights", [1.0] * 4, "3 weights", r"got 4\b"),
    ]


def activation_cases(owner: str, argument: str, use: Use) -> list[Case]:
    """Rows for what is no activation."""
    begin = f"^{argument}: expected an Activation, got "

    def wrong(what: str, value: Any, got: str) -> Case:
        row = type_error(f"{owner}, {argument} is {what}", lambda: use(value), begin + got)
        return row.runs("Sigmoid()", use).then("its name, 'sigmoid'", lambda: use("sigmoid"))

    def function(what: str, value: Any, got: str) -> Case:
        return wrong(what, value, got).then("the decorator @activation", lambda: use(mg.activation(value)))

    return [
        wrong("a class", Sigmoid, "the class Sigmoid itself"),
        case(
            f"{owner}, {argument} is no name",
            lambda: use("sigmoyd"),
            UnknownNameError,
            ValueError,
            "^activation(?: 'sigmoyd')?: expected the name of an activation, got 'sigmoyd'",
        ).then("Did you mean 'sigmoid'", lambda: use("sigmoid")),
        wrong("a number", 0, "0"),
        function("a NumPy function", np.tanh, "an object of type ufunc"),
        function("a lambda", lambda z: z, "an object of type function"),
    ]


def grid_cases(owner: str, argument: str, use: Use) -> list[Case]:
    """Rows for what is no grid."""
    begin = f"^{re.escape(argument)}: expected a Grid, got "

    def wrong(what: str, value: Any, got: str) -> Case:
        row = type_error(f"{owner}, {argument} is {what}", lambda: use(value), begin + got, "Pass a Grid")
        return row.runs("Grid([-1, 0, 1])", use).runs("Grid.linspace(-10, 10, 100)", use)

    return [
        wrong("a list", [0.0, 1.0], "a list of length 2"),
        wrong("an array", np.zeros(2), "an array of shape"),
        wrong("the class", Grid, "the class Grid itself"),
        wrong("a number", 3, "3"),
    ]


def network_cases(owner: str, use: Use) -> list[Case]:
    """Rows for what is no network."""

    def wrong(what: str, value: Any, got: str) -> Case:
        begin = f"^network: expected a Network, got {got}"
        return type_error(f"{owner}, network is {what}", lambda: use(value), begin).runs("Network.dense([2, 1])", use)

    return [
        wrong("a layer", LAYER, "an object of type Layer"),
        wrong("the class", Network, "the class Network itself"),
        wrong("a list", [2, 1], "a list of length 2"),
        wrong("None", None, "None"),
    ]
