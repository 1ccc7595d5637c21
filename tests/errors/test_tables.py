"""Tables whose columns have several types: pandas, polars and PyArrow, in the trainer, the model and the estimators."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sparse

from minigrid import Grid, GridSearchTrainer, InvalidTypeError, InvalidValueError, Network, ShapeError
from minigrid.sklearn import GridSearchNetworkClassifier
from tests.model.models import MASKED

PLAIN = pd.DataFrame({"a": [1.5, 2.0, -3.0, 4.0], "b": [True, False, True, False], "c": [1, 2, 3, -4]})
VALUES = np.array([[1.5, 1.0, 1.0], [2.0, 0.0, 2.0], [-3.0, 1.0, 3.0], [4.0, 0.0, -4.0]])
Y = [0, 1, 0, 1]
NETWORK = Network.dense([3, 1])
TRAINER = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]))
TABLES: dict[str, Any] = {
    "float, bool and int": PLAIN,
    "nullable": PLAIN.astype({"a": "Float64", "b": "boolean", "c": "Int64"}),
    "convert_dtypes": PLAIN.convert_dtypes(),
    "backed by PyArrow": PLAIN.convert_dtypes(dtype_backend="pyarrow"),
    "objects": PLAIN.astype(object),
    "array of objects": PLAIN.astype(object).to_numpy(),
    "list of arrays of objects": list(PLAIN.astype(object).to_numpy()),
    "two columns of one name": pd.concat([PLAIN[["a"]], PLAIN[["b", "c"]].set_axis(["a", "a"], axis=1)], axis=1),
    "polars": pl.from_pandas(PLAIN),
    "PyArrow": pa.Table.from_pandas(PLAIN),
}
LABELS: dict[str, Any] = {
    "Int64": pd.Series(Y, dtype="Int64"),
    "boolean": pd.Series([bool(label) for label in Y], dtype="boolean"),
    "objects": pd.Series(Y, dtype=object),
    "PyArrow": pd.Series(Y, dtype="int64[pyarrow]"),
    "polars": pl.Series(Y),
    "polars booleans": pl.Series([bool(label) for label in Y]),
    "array of PyArrow": pa.array(Y),
    "chunked array": pa.chunked_array([Y[:1], Y[1:]]),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_of_several_types_is_taken_column_by_column(table: Any) -> None:
    expected = TRAINER.fit(NETWORK, VALUES, Y)
    result = TRAINER.fit(NETWORK, table, Y)
    assert (result.index, result.score) == (expected.index, expected.score)
    assert TRAINER.plan(NETWORK, table, Y).n_candidates == 27
    assert result.network(table).tobytes() == expected.network(VALUES).tobytes()
    assert result.network.predict(table).tolist() == expected.network.predict(VALUES).tolist()


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_a_column_of_any_type_is_taken_as_labels(labels: Any) -> None:
    assert TRAINER.fit(NETWORK, VALUES, labels).index == TRAINER.fit(NETWORK, VALUES, Y).index


@pytest.mark.parametrize("table", [PLAIN, TABLES["nullable"], TABLES["polars"]], ids=["plain", "nullable", "polars"])
def test_the_network_of_an_estimator_takes_the_table_that_it_was_fitted_on(table: Any) -> None:
    estimator = GridSearchNetworkClassifier(grid=Grid([-1.0, 0.0, 1.0])).fit(table, Y)
    outputs = estimator.network_(table)
    assert outputs.tobytes() == estimator.network_(VALUES).tobytes()


def test_dummies_are_taken() -> None:
    table = pd.get_dummies(pd.DataFrame({"size": [1.0, 2.0, 3.0], "colour": ["red", "blue", "red"]}))
    assert TRAINER.fit(NETWORK, table, [0, 1, 0]).score == 1.0


OTHER: dict[str, tuple[Any, str]] = {
    "strings": (PLAIN.assign(name=list("abcd")), "'name'"),
    "strings that read as numbers": (PLAIN.assign(name=list("1234")), "'name'"),
    "dates": (PLAIN.assign(day=pd.Timestamp("2020-01-01")), "'day'"),
    "durations": (PLAIN.assign(time=pd.Timedelta(1)), "'time'"),
    "categories": (PLAIN.assign(kind=pd.Categorical(list("abab"))), "'kind'"),
    "complex numbers": (PLAIN.assign(z=1j), "'z'"),
    "two columns": (PLAIN.assign(name=list("abcd"), day=pd.Timestamp("2020-01-01")), "'name', 'day'"),
    "polars, strings": (pl.DataFrame({"a": [1, 2], "name": ["x", "y"]}), "'name'"),
    "polars, lists": (pl.DataFrame({"a": [1, 2], "both": [[1], [2]]}), "'both'"),
    "PyArrow, strings": (pa.table({"a": [1, 2], "name": ["x", "y"]}), "'name'"),
    "many": (pl.DataFrame({f"s{k}": ["x"] for k in range(9)}), "'s0', 's1', 's2', 's3', 's4', 's5' and 3 more"),
}


@pytest.mark.parametrize(("table", "named"), OTHER.values(), ids=OTHER)
def test_only_the_columns_that_are_not_numeric_are_named(table: Any, named: str) -> None:
    first = named.partition(",")[0]
    drop = f"(Drop (these columns|column {first}), or|Turn text into numbers: X\\[{first}\\] = pandas)"
    told = rf"^X: .* other values in {named}, such as .* in row 0 of column {first}\. {drop}"
    with pytest.raises(InvalidTypeError, match=told):
        TRAINER.fit(NETWORK, table, [0] * len(table))


@pytest.mark.parametrize(
    ("table", "place"),
    [
        (pd.DataFrame({"a": [1.0, 2.0], "big": [1, 10**400]}), "10^400 in row 1 of column 'big'. Scale the numbers"),
        (
            pd.DataFrame({"a": [1.0, 2.0], "big": [None, -(10**400)]}),
            "about -1.0 x 10^400 in row 1 of column 'big'. Scale",
        ),
        (pl.DataFrame({"a": [1, 2], "code": ["1", "?"]}), "'1' in row 0 of column 'code'. Drop these columns"),
        (pd.DataFrame({"a": [1, 2], "code": [1, "?"]}), "'?' in row 1 of column 'code'. Drop these columns"),
    ],
)
def test_the_first_thing_that_is_no_number_is_shown(table: Any, place: str) -> None:
    with pytest.raises(InvalidTypeError, match=f"^X: .* such as {re.escape(place)}"):
        TRAINER.fit(Network.dense([2, 1]), table, [0, 1])


def test_whole_numbers_of_128_bits_are_taken() -> None:
    table = pl.DataFrame({"a": [1.0, 2.0], "big": [10**30, -1]})
    assert table.schema["big"] == pl.Int128
    assert Network.dense([2, 1]).with_parameters([0.0, 1.0]).predict(table).tolist() == [1, 0]
    with pytest.raises(InvalidTypeError, match=r"other values in 'empty'\. Drop"):
        TRAINER.fit(Network.dense([1, 1]), pl.DataFrame({"empty": []}, schema={"empty": pl.String}), [])


MISSING: dict[str, tuple[Any, str]] = {
    "nan": (PLAIN.assign(a=[1.0, np.nan, 3.0, 4.0]), "row 1 of column 'a'"),
    "nullable": (PLAIN.astype({"c": "Int64"}).assign(c=pd.array([1, 2, pd.NA, 4])), "row 2 of column 'c'"),
    "boolean": (PLAIN.assign(b=pd.array([True, None, False, True], dtype="boolean")), "row 1 of column 'b'"),
    "objects": (PLAIN.assign(b=np.array([1, 2, None, 4], dtype=object)), "row 2 of column 'b'"),
    "polars": (pl.DataFrame({"a": [1, 2], "b": [True, None]}), "row 1 of column 'b'"),
    "PyArrow": (pa.table({"a": [None, 2]}), "row 0 of column 'a'"),
    "all of a column": (pl.DataFrame({"a": [1, 2], "b": [None, None]}), "row 0 of column 'b'"),
}


@pytest.mark.parametrize(("table", "place"), MISSING.values(), ids=MISSING)
def test_a_missing_value_is_named_by_its_row_and_column(table: Any, place: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^X: expected finite numbers, got nan in {place}. Drop or fill"):
        TRAINER.fit(NETWORK, table, [0] * len(table))


ROWS = VALUES.tolist()
CONTAINERS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], str]] = {
    "sparse": (lambda: sparse.csr_matrix(VALUES), lambda X: X.toarray(), "Pass X.toarray()"),
    "lazy": (lambda: pl.DataFrame(VALUES).lazy(), lambda X: X.collect(), "Pass X.collect()"),
    "rows in a column": (lambda: pd.Series(ROWS), lambda X: np.array(X.tolist()), "Pass np.array(X.tolist())"),
    "generator": (lambda: (row for row in ROWS), list, "Pass a list: list(X)"),
    "map": (lambda: map(list, ROWS), list, "Pass a list: list(X)"),
    "keys": (lambda: dict.fromkeys(map(tuple, ROWS)).keys(), list, "Pass a list: list(X)"),
    "dict": (lambda: dict(PLAIN), lambda X: np.column_stack(list(X.values())), "np.column_stack(list(X.values()))"),
}


@pytest.mark.parametrize(("make", "advice", "said"), CONTAINERS.values(), ids=CONTAINERS)
def test_the_advice_on_what_is_no_array_works(make: Callable[[], Any], advice: Callable[[Any], Any], said: str) -> None:
    given = make()
    with pytest.raises(InvalidTypeError) as caught:
        TRAINER.fit(NETWORK, given, Y)
    assert said in str(caught.value)
    assert TRAINER.fit(NETWORK, advice(given), Y).index == TRAINER.fit(NETWORK, VALUES, Y).index


TEXT = pl.DataFrame({"a": [1.0, 2.0, 3.0], "code": ["1", "2.5", "-3"]})
RECORDS = pl.DataFrame({"a": [1.0, 2.0, 3.0], "both": [{"b": 1.0, "c": 2.0}] * 3})
CONVERTED: dict[str, tuple[Any, str, str, int]] = {
    "text of polars": (TEXT, "'1' in row 0 of column 'code'", "X = X.with_columns(X['code'].cast(float))", 2),
    "records of polars": (RECORDS, "a dict of length 2 in row 0 of column 'both'", "X = X.unnest('both')", 3),
    "text of pandas": (
        TEXT.to_pandas(), "'1' in row 0 of column 'code'", "X['code'] = pandas.to_numeric(X['code'])", 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("table", "got", "fix", "n_features"), CONVERTED.values(), ids=CONVERTED)
def test_the_fix_for_a_column_that_holds_numbers_works(table: Any, got: str, fix: str, n_features: int) -> None:
    trainer, network = GridSearchTrainer(Grid([-1.0, 1.0])), Network.dense([n_features, 1])
    with pytest.raises(InvalidTypeError, match=rf"{re.escape(got)}\. .*{re.escape(fix)}\.$"):
        trainer.fit(network, table, [0, 1, 0])
    names = {"X": table, "pandas": pd}
    exec(fix, names)
    assert trainer.fit(network, names["X"], [0, 1, 0]).optimal


TEXT_LABELS = pd.DataFrame({"left": ["yes", "no", "yes", "no"]})
LABEL_TABLES = {
    "pandas": TEXT_LABELS,
    "categories": TEXT_LABELS.astype("category"),
    "polars": pl.DataFrame({"left": ["yes", "no", "yes", "no"]}),
    "PyArrow": pa.table({"left": ["yes", "no", "yes", "no"]}),
}


@pytest.mark.parametrize("y", LABEL_TABLES.values(), ids=LABEL_TABLES)
def test_the_fix_for_labels_of_text_in_a_table_works(y: Any) -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^y: .*'yes' in row 0 of column 'left'\. .* as numbers: .*\.$"
    ) as caught:
        TRAINER.fit(NETWORK, VALUES, y)
    labels = eval(str(caught.value).rpartition("numbers: ")[2].removesuffix("."), {"np": np, "y": y})
    assert labels.tolist() == [1, 0, 1, 0]
    assert TRAINER.fit(NETWORK, VALUES, labels).optimal


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "text of pandas": (PLAIN.assign(c=["1", "2", "3", "4"]), InvalidTypeError, "column 'c'"),
    "text of polars": (pl.DataFrame({"c": ["1", "2", "3", "4"]}), InvalidTypeError, "column 'c'"),
    "words": (PLAIN.assign(c=list("abab")), InvalidTypeError, "column 'c'"),
    "dates only": (pd.DataFrame({"day": pd.date_range("2020", periods=4)}), InvalidTypeError, "column 'day'"),
    "array of text": (VALUES.astype(str), InvalidTypeError, "np.asarray(X, dtype=float)"),
    "masked": (MASKED(VALUES, mask=VALUES > 3.0), InvalidValueError, "masked entries"),
    "missing": (PLAIN.assign(c=[1.0, np.nan, 2.0, 3.0]), InvalidValueError, "nan in row 1 of column 'c'"),
    "lazy": (pl.DataFrame(VALUES).lazy(), InvalidTypeError, "X.collect()"),
    "generator": ((row for row in ROWS), InvalidTypeError, "list(X)"),
    "no columns": (pd.DataFrame(index=range(4)), ShapeError, "at least one feature"),
}


@pytest.mark.parametrize(("table", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_an_estimator_refuses_what_its_network_would_refuse(table: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        GridSearchNetworkClassifier().fit(table, Y)
    if isinstance(table, pd.DataFrame) and len(table.columns) == 3:
        with pytest.raises(error, match=re.escape(said)):
            GridSearchNetworkClassifier(grid=Grid([-1.0, 1.0])).fit(PLAIN, Y).predict(table)


def test_the_fix_for_a_column_of_categories_works() -> None:
    table = PLAIN.assign(kind=list("abab"))
    with pytest.raises(InvalidTypeError, match=r"recode them as numbers, as pandas.get_dummies does for categories\.$"):
        TRAINER.fit(NETWORK, table, Y)
    dummies = pd.get_dummies(table)
    assert GridSearchTrainer(Grid([-1.0, 1.0])).fit(Network.dense([5, 1]), dummies, Y).n_candidates == 32


def test_numbers_that_are_taken_for_labels_get_a_scoring_for_numbers() -> None:
    X, y = np.ones((40, 1)), np.arange(40) * 1000.0
    with pytest.raises(InvalidValueError, match="To predict numbers, pass scoring='mean_squared_error', and build"):
        TRAINER.fit(Network.dense([1, 1]), X, y)
    network = Network.dense([1, 1], output_activation="identity")
    assert GridSearchTrainer(Grid([1.0]), scoring="mean_squared_error").fit(network, X, y).optimal
