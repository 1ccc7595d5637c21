"""Tables and columns of pandas, polars and PyArrow as numbers.

Each column of a table may have another type, so NumPy makes an array of objects of the whole. Here the columns are
converted one by one. None of the three libraries is imported: a table is recognised by what it can do.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrid._base.dates import as_seconds
from minigrid._base.text import describe, message
from minigrid._base.typing import FloatArray
from minigrid.exceptions import InvalidTypeError

TOO_LARGE = "Scale the numbers: the largest float is about 1.8 x 10^308."
"""What to do about a whole number that is no float."""

NUMBERS = (Real, Decimal, np.bool_)
"""The types of objects that are numbers."""

_LOOKED_AT = 1_000  # values of a column
_SHOWN = 6
"""How many columns an error names."""


def _column_names(value: Any) -> list[Any] | None:
    """Return the names of the columns of a table; None if `value` is no table."""
    if isinstance(value, np.ndarray | list | tuple | Mapping):
        return None
    own = next((name for name in ("iloc", "get_columns", "column_names") if hasattr(value, name)), None)
    if own is None or not hasattr(value, "columns"):  # lazy frames, which have none of these, warn if asked for columns
        return None
    return list(value.column_names if own == "column_names" else value.columns)  # the first is of PyArrow


def named_columns(value: Any) -> list[tuple[Any, Any]] | None:
    """Return the columns of a table and their names; None if `value` is no table."""
    names = _column_names(value)
    if names is None:
        return None
    if hasattr(value, "iloc"):  # pandas, where two columns may have one name
        return [(name, value.iloc[:, place]) for place, name in enumerate(names)]
    return list(zip(names, value.get_columns() if hasattr(value, "get_columns") else value.columns, strict=True))


def called(names: Sequence[Any]) -> list[str]:
    """Name columns for a message, with the position where several have the same name."""
    strings = [str(name) for name in names]
    counts = Counter(strings)
    return [repr(name) + f" at position {place}" * (counts[name] > 1) for place, name in enumerate(strings)]


def called_columns(value: Any) -> list[str] | None:
    """Name the columns of a table for a message; None if `value` is no table, or their names are their positions."""
    names = _column_names(value)
    return None if names is None or names == list(range(len(names))) else called(names)


def is_column(value: Any) -> bool:
    """Tell whether `value` is one column of a table."""
    kinds = {"Series", "Index", "ChunkedArray", "Array"}  # PyArrow's Int64Array, for example, is an Array
    names = {kind.__name__ for kind in type(value).__mro__}
    return not isinstance(value, np.ndarray | list | tuple) and bool(kinds & names) and hasattr(value, "__len__")


def as_numbers(value: Any, argument: str) -> FloatArray | None:
    """Convert a table, or one column of a table, to float64; a missing value becomes NaN.

    Args:
        value: any object.
        argument: its name, for the error.

    Returns:
        Shape (n_rows, n_columns) or (n_rows,); None if `value` is neither, or is a column that is not numeric.

    Raises:
        InvalidTypeError: a table has columns that are not numeric; the error names these.
    """
    columns = named_columns(value)
    if columns is None:
        return _column(value) if is_column(value) else None
    if not columns:
        return np.empty((len(value), 0))
    converted = [_column(column) for _, column in columns]
    others = [place for place, numbers in enumerate(converted) if numbers is None]
    if others:
        raise _not_numeric(value, argument, columns, others)
    return np.column_stack([numbers for numbers in converted if numbers is not None])


def _not_numeric(value: Any, argument: str, columns: list[tuple[Any, Any]], others: list[int]) -> InvalidTypeError:
    """Build the error for a table with other columns than of numbers, at these positions."""
    names, first = [name for name, _ in columns], others[0]
    labels = called(names)
    listed = ", ".join(labels[place] for place in others[:_SHOWN])
    listed += f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    got, fix = f"a table with other values in {listed}", "Drop these columns, or recode them as numbers."
    for row, odd in _odd(columns[first][1]):
        got += f", such as {describe(odd)} in row {row} of column {labels[first]}"
        fix = TOO_LARGE if isinstance(odd, int) else fix
        if isinstance(odd, str) and hasattr(value, "iloc"):
            fix = fix.removesuffix(".") + ", as pandas.get_dummies does for categories."
        if argument == "y" and len(names) == 1 and all(isinstance(one, str) for one in _array(columns[0][1]).tolist()):
            fix = f"Recode the labels as numbers: np.unique(y[{names[first]!r}], return_inverse=True)[1]."
        if names.count(names[first]) == 1:
            fix = _conversion(value, argument, names[first], columns[first][1], odd) or fix
        fix = _dates_fix(value, argument, names, first, columns[first][1], odd) or fix
        break
    return InvalidTypeError(message(argument, "real numbers", got, fix))


def _conversion(value: Any, argument: str, name: Any, column: Any, odd: object) -> str | None:
    """Say how to convert a column of numbers that are text, or of records; None if it holds something else."""
    one, is_polars = f"{argument}[{name!r}]", hasattr(value, "get_columns")
    if isinstance(odd, str) and (is_polars or hasattr(value, "iloc")) and _holds_numbers(column):
        code = f"{argument}.with_columns({one}.cast(float))" if is_polars else f"pandas.to_numeric({one})"
        return f"Turn text into numbers: {argument if is_polars else one} = {code}."
    if isinstance(odd, dict) and is_polars:
        return f"Put its fields side by side: {argument} = {argument}.unnest({name!r})."
    return None


def _holds_numbers(column: Any) -> bool:
    """Tell whether the text of a column is numbers, as far as its first values show."""
    try:
        return bool([float(text) for _, text in zip(range(_LOOKED_AT), column, strict=False)])
    except (TypeError, ValueError):
        return False


def _dates_fix(value: Any, argument: str, names: list[Any], place: int, column: Any, odd: object) -> str | None:
    """Say how to turn a column of dates or durations into numbers; None if it holds something else."""
    name, kind = names[place], _array(column).dtype.kind
    begin = f"Drop column {called(names)[place]}, or turn it into seconds: "
    if hasattr(value, "get_columns"):  # polars
        seconds = as_seconds(column, kind, odd, f"{argument}[{name!r}]")
        return seconds and f"{begin}{argument}.with_columns(**{{{name!r}: {seconds}}})."
    convert = "" if hasattr(value, "iloc") else f"{argument} = {argument}.to_pandas(); "
    if names.count(name) > 1:
        seconds = as_seconds(column, kind, odd, f"{argument}.iloc[:, {place}]")
        return seconds and f"{begin}{convert}{argument}.isetitem({place}, {seconds})."
    seconds = as_seconds(column, kind, odd, f"{argument}[{name!r}]")
    return seconds and f"{begin}{convert}{argument}[{name!r}] = {seconds}."


def missing_place(value: Any, row: int, place: int) -> str | None:
    """Name the row and the column of a missing value; None if `value` is no table."""
    names = _column_names(value)
    return None if names is None else f"row {row} of column {called(names)[place]}"


def _column(column: Any) -> FloatArray | None:
    """Convert one column; None if it is not numeric."""
    if getattr(getattr(column, "dtype", None), "kind", "O") in "biuf" and hasattr(column, "array"):
        numbers: FloatArray = column.to_numpy(dtype=np.float64, na_value=np.nan)  # pandas, nullable types too
        return numbers
    raw = _array(column)
    if raw.dtype.kind in "biuf":
        return raw.astype(np.float64)
    return objects_as_floats(raw) if raw.dtype.kind == "O" else None


def _array(column: Any) -> NDArray[Any]:
    """Turn a column into an array, of objects where its type is unknown to NumPy, as integers of 128 bits are."""
    with contextlib.suppress(Exception):  # the library's own error
        raw: NDArray[Any] = np.asarray(column)
        if raw.ndim == 1:  # polars makes a row of each record
            return raw
    items = list(column)
    objects = np.empty(len(items), dtype=object)
    objects[:] = items
    return objects


def _odd(column: Any) -> Iterator[tuple[int, object]]:
    """Find what is no number in a column, or too large for a float, and the row of each."""
    raw = _array(column)
    if raw.dtype.kind in "mM":  # dates and durations
        return ((row, str(raw[row])) for row in np.flatnonzero(~np.isnat(raw)).tolist())
    raw = raw.astype(object)
    return ((row, raw[row]) for row in range(len(raw)) if objects_as_floats(raw[row : row + 1], alone=True) is None)


def objects_as_floats(raw: NDArray[Any], *, alone: bool = False) -> FloatArray | None:
    """Convert objects that are numbers or missing.

    None if one is neither, or too large for a float; or, unless there is a single one, if all are missing.
    """
    numbers = np.empty(raw.shape, dtype=np.float64)
    for place, one in enumerate(raw.flat):
        if one is None or type(one).__name__ in {"NAType", "NaTType"}:
            numbers.flat[place] = np.nan
        elif isinstance(one, NUMBERS):
            try:
                numbers.flat[place] = float(one)
            except OverflowError:
                return None
        else:
            return None
    return None if not alone and numbers.size and np.isnan(numbers).all() else numbers
