"""Columns of dates, durations and times: the code in the message turns them into seconds."""

import copy
import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from minigrid import Grid, GridSearchTrainer, InvalidTypeError, InvalidValueError, Network
from minigrid.sklearn import GridSearchNetworkClassifier

DAYS = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04"])
DATES, MOMENTS = [day.date() for day in DAYS], [day.to_pydatetime() for day in DAYS]
SPANS = [datetime.timedelta(0), datetime.timedelta(days=1), datetime.timedelta(days=3)]
TIMES = [datetime.time(0), datetime.time(12), datetime.time(23, 30, 5)]
SINCE, OF_TIMES = [0.0, 86_400.0, 3 * 86_400.0], [0.0, 43_200.0, 84_605.0]
UTC = datetime.UTC


def objects(values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object)


COLUMNS: dict[str, tuple[Any, list[float]]] = {
    "dates": (pd.Series(DAYS), SINCE),
    "dates with a zone": (pd.Series(DAYS.tz_localize("Asia/Tokyo")), SINCE),
    "dates of PyArrow": (pd.Series(DAYS).astype("timestamp[ns][pyarrow]"), SINCE),
    "days of PyArrow": (pd.Series(DATES, dtype=pd.ArrowDtype(pa.date32())), SINCE),
    "durations": (pd.Series(SPANS), SINCE),
    "durations of PyArrow": (pd.Series(SPANS).astype("duration[ns][pyarrow]"), SINCE),
    "periods": (pd.Series(pd.PeriodIndex(DAYS, freq="D")), SINCE),
    "objects that are dates": (objects(MOMENTS), SINCE),
    "objects that are dates with a zone": (objects(one.replace(tzinfo=UTC) for one in MOMENTS), SINCE),
    "objects that are days": (objects(DATES), SINCE),
    "objects that are durations": (objects(SPANS), SINCE),
    "objects that are times": (objects(TIMES), OF_TIMES),
    "polars, dates": (pl.Series(MOMENTS), SINCE),
    "polars, days": (pl.Series(DATES), SINCE),
    "polars, durations": (pl.Series(SPANS), SINCE),
    "polars, times": (pl.Series(TIMES), OF_TIMES),
    "PyArrow, dates": (pa.chunked_array([MOMENTS]), SINCE),
    "PyArrow, days": (pa.chunked_array([DATES]), SINCE),
    "PyArrow, durations": (pa.chunked_array([SPANS]), SINCE),
}
NUMBERS = [1.0, 0.0, -1.0]
TRAINER = GridSearchTrainer(Grid([-1.0, 1.0]))
NETWORK = Network.dense([2, 1])
Y = [0, 1, 1]


def table(column: Any, name: Any = "when") -> Any:
    if isinstance(column, pl.Series):
        return pl.DataFrame({"a": NUMBERS, name: column})
    if isinstance(column, pa.ChunkedArray):
        return pa.table({"a": NUMBERS, name: column})
    return pd.DataFrame({"a": NUMBERS, name: column})


def followed(text: str, begin: str, **given: Any) -> Any:
    """Do what a message says, and return what X or the expression then is."""
    code = re.search(rf"{begin}(.*)\.$", text)
    assert code is not None, text
    scope = {"pandas": pd, **given}
    if code.group(1).startswith("X.with_columns") or "X" not in given:
        return eval(code.group(1), scope)
    exec(code.group(1), scope)
    return scope["X"]


@pytest.mark.parametrize(("column", "seconds"), COLUMNS.values(), ids=COLUMNS)
def test_a_table_with_a_column_of_dates_says_how_to_count_seconds(column: Any, seconds: list[float]) -> None:
    given = table(column)
    for use in (lambda X: TRAINER.fit(NETWORK, X, Y), NETWORK.predict):
        with pytest.raises(InvalidTypeError, match=r"^X: .* in row 0 of column 'when'\. Drop column 'when'") as caught:
            use(given)
        better = followed(str(caught.value), "or turn it into seconds: ", X=copy.deepcopy(given))
        assert np.asarray(better["when"], dtype=float).tolist() == seconds
        use(better)


@pytest.mark.parametrize("name", [7, ("a", "b"), "its name", "dt"])
def test_a_column_may_have_any_name(name: Any) -> None:
    given = table(pd.Series(DAYS), name)
    with pytest.raises(InvalidTypeError) as caught:
        TRAINER.fit(NETWORK, given, Y)
    TRAINER.fit(NETWORK, followed(str(caught.value), "seconds: ", X=given), Y)


@pytest.mark.parametrize("column", [pd.Series(DAYS), pd.Series(SPANS), objects(DATES)], ids=["dates", "spans", "days"])
def test_an_estimator_gives_the_same_advice(column: Any) -> None:
    given = table(column)
    with pytest.raises(InvalidTypeError) as caught:
        GridSearchNetworkClassifier().fit(given, Y)
    GridSearchNetworkClassifier(max_candidates=9).fit(followed(str(caught.value), "seconds: ", X=given), Y)


@pytest.mark.parametrize(
    ("column", "seconds"),
    [row for name, row in COLUMNS.items() if not name.startswith("PyArrow")],
    ids=[name for name in COLUMNS if not name.startswith("PyArrow")],
)
def test_a_column_of_dates_as_targets_says_how_to_count_seconds(column: Any, seconds: list[float]) -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), scoring="mean_squared_error")
    X = [[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]
    with pytest.raises(InvalidTypeError, match=r"^y: expected real numbers, .* Turn it into seconds: ") as caught:
        trainer.fit(NETWORK, X, column)
    better = followed(str(caught.value), "Turn it into seconds: ", y=column)
    assert list(better) == seconds
    trainer.fit(NETWORK, X, better)


def test_a_missing_date_is_not_shown_for_a_date() -> None:
    given = table(pd.Series([pd.NaT, DAYS[0], DAYS[1]]))
    with pytest.raises(InvalidTypeError, match=r"such as '2020-01-01T.* in row 1 of column 'when'") as caught:
        TRAINER.fit(NETWORK, given, Y)
    better = followed(str(caught.value), "seconds: ", X=given)
    with pytest.raises(InvalidValueError, match="got nan in row 0 of column 'when'"):
        TRAINER.fit(NETWORK, better, Y)


def test_a_long_duration_is_shown_whole() -> None:
    with pytest.raises(InvalidTypeError, match="such as '86400000000 microseconds' in row 0 of column 'when'"):
        TRAINER.fit(NETWORK, pl.DataFrame({"a": NUMBERS, "when": [SPANS[1]] * 3}), Y)


def same_name(column: Any) -> pd.DataFrame:
    return pd.DataFrame({"a": NUMBERS, "b": column}).set_axis(["a", "a"], axis=1)


def test_of_two_columns_of_one_name_the_position_is_named() -> None:
    with pytest.raises(InvalidTypeError, match=r"in 'a' at position 1, such as 'x' in row 0 of column 'a' at posi"):
        TRAINER.fit(NETWORK, same_name(list("xyz")), Y)
    with pytest.raises(InvalidValueError, match=r"got nan in row 1 of column 'a' at position 1\. Drop or fill"):
        TRAINER.fit(NETWORK, same_name([1.0, np.nan, 2.0]), Y)
    with pytest.raises(InvalidValueError, match=r"got nan in row 1 of column 'a' at position 1\. Drop or fill"):
        TRAINER.fit(NETWORK, pa.Table.from_arrays([pa.array(NUMBERS), pa.array([1, None, 2])], names=["a", "a"]), Y)


def test_dates_in_one_of_two_columns_of_one_name_are_turned_into_seconds() -> None:
    given = same_name(DAYS)
    with pytest.raises(InvalidTypeError, match=r"Drop column 'a' at position 1, or") as caught:
        TRAINER.fit(NETWORK, given, Y)
    better = followed(str(caught.value), "seconds: ", X=given)
    assert better.to_numpy().tolist() == [list(row) for row in zip(NUMBERS, SINCE, strict=True)]
    TRAINER.fit(NETWORK, better, Y)
