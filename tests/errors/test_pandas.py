"""Tables of pandas are taken as the arrays they hold, or refused with an error that helps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minigrid import Grid, GridSearchTrainer, InvalidTypeError, InvalidValueError, MinigridError, ShapeError
from tests.errors.cases import NETWORK, ONE_OUTPUT, X, Y, fit, mg, plan
from tests.errors.of_scorings import LABELS, NUMBERS

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
            "^X: expected real numbers, got a table with other values in 'b', such as 'x' in row 0 of column 'b'. Drop",
        ),
        (
            FRAME.assign(b=pd.to_datetime(["2020-01-01"] * 3)),
            InvalidTypeError,
            "^X: expected real numbers, got .* (DataFrame|'b')",
        ),
        (
            FRAME.assign(b=[1.0, float("nan"), 2.0]),
            InvalidValueError,
            "^X: expected finite numbers, got nan in row 1 of column 'b'",
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
            InvalidTypeError, match=r"^y: .* Recode the labels as numbers: np\.unique\(y, return_inverse=True\)\[1\]\.$"
        ):
            fit(FRAME, y)


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_numbers_that_are_text_are_to_be_turned_into_numbers(dtype: Any) -> None:
    X = FRAME.assign(b=pd.array(["1.5", "-2", "1e3"], dtype=dtype))
    with pytest.raises(
        InvalidTypeError, match=r"'b'\. Turn text into numbers: X\['b'\] = pandas\.to_numeric\(X\['b'\]\)\.$"
    ):
        fit(X)
    X["b"] = pd.to_numeric(X["b"])
    assert fit(X) is not None


@pytest.mark.parametrize("dtype", [object, "string", "category", None])
def test_missing_labels_among_text_are_to_be_left_out(dtype: Any) -> None:
    y = pd.Series(["cat", None, "dog"], dtype=dtype)
    with pytest.raises(InvalidTypeError, match=r"without a label: keep = pandas\.notna\(np\.asarray\(y\)\), then X"):
        fit(FRAME, y)
    keep = pd.notna(np.asarray(y))
    assert fit(FRAME[keep], np.unique(y[keep], return_inverse=True)[1]) is not None


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (lambda: mg.Network.dense([2, 1], mg.Tanh()), r"Name the activation: Network\.dense\(\[2, 2, 1\], activation="),
        (lambda: mg.Network.dense([2, 1], activation=[mg.Tanh()]), r"output_activation=\.\.\. for the last"),
        (lambda: mg.named_activation("leaky_relu", slop=0.1), r"Did you mean slope=\?$"),
        (lambda: mg.named_activation("sigmoid", slope=0.1), r"It takes none\.$"),
    ],
)
def test_a_slip_in_naming_an_activation_is_fixed_by_its_message(call: Callable[[], Any], fix: str) -> None:
    with pytest.raises(InvalidTypeError, match=fix):
        call()


def test_series_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"^y: expected real numbers, got 'yes' at position"):
        fit(FRAME, pd.Series(["yes", "no", "no"]))
    with pytest.raises(InvalidValueError, match=r"^y: expected finite numbers, got nan"):
        fit(FRAME, pd.Series([0.0, None, 1.0]))
    with pytest.raises(ShapeError, match=r"^y: expected 3 targets, one for each row of X, got 2"):
        fit(FRAME, SERIES.iloc[:2])
    with pytest.raises(InvalidValueError, match=r"^sample_weight: expected non-negative"):
        fit(FRAME, SERIES, weight=pd.Series([1.0, -1.0, 1.0]))
