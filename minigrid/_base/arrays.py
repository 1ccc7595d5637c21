"""Checks of arrays that a caller passes, in the style of `validation.py`.

The functions here turn what a caller passed into read-only float64 arrays, or raise. None of
them changes or keeps the caller's own array.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from numbers import Real
from typing import Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

from minigrid._base.dates import as_seconds
from minigrid._base.tables import NUMBERS, TOO_LARGE, as_numbers, missing_place, objects_as_floats
from minigrid._base.text import counted, describe, message
from minigrid._base.threads import n_threads, on_threads
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid.exceptions import InvalidTypeError, InvalidValueError, ShapeError

N = TypeVar("N", bound=np.generic)

LARGEST_ARRAY = 10**8
"""The most values that an array of one argument may hold: nearly a gigabyte."""

_CACHED = 2**16  # values to copy and check at once
_WORTH_THREADS = 2**22  # values to copy
_RAGGED = "Make all rows equally long."

HEAVIEST = 1e100
"""The largest sample weight, and 1 over the smallest, so that no sum of weights or losses overflows or underflows."""


def read_only(array: NDArray[N]) -> NDArray[N]:
    """Mark an array of minigrid's own as read-only, and return it."""
    array.flags.writeable = False
    return array


def is_float64(value: object, shape: tuple[int, ...] | None = None) -> TypeGuard[FloatArray]:
    """Tell whether `value` is a plain array of float64, and of this shape if you give one."""
    return type(value) is np.ndarray and value.dtype == np.float64 and shape in (None, value.shape)


def as_floats(value: ArrayLike, argument: str, *, finite: bool = True, ragged: str = _RAGGED) -> FloatArray:
    """Copy `value` into a C-contiguous float64 array of finite numbers (or any numbers), of any shape.

    Args:
        value: what the caller passed.
        argument: its name, for the error.
        finite: whether NaN and infinity are refused.
        ragged: the fix for lists of unequal lengths.

    Returns:
        A copy.

    Raises:
        InvalidTypeError: strings, objects, complex numbers, dates, or lists of unequal lengths.
        InvalidValueError: NaN, infinity, or masked entries.
    """
    raw = as_numeric(value, argument, ragged)
    with np.errstate(over="ignore"):
        array = np.array(raw, dtype=np.float64, order="C")
    if finite and not np.isfinite(array).all():
        raise _not_finite(value, argument, array)
    return array


def as_numeric(value: ArrayLike, argument: str, ragged: str = _RAGGED) -> NDArray[Any]:
    """Return real numbers of any type as an array, which may be the caller's own.

    Raises:
        InvalidTypeError, InvalidValueError: as `as_floats`, but NaN and infinity are allowed.
    """
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, np.ma.MaskedArray) and np.any(part.mask) for part in parts):
        got, fix = "a masked array with masked entries", "Fill or drop the masked entries."
        raise InvalidValueError(message(argument, "numbers", got, fix))
    try:
        numbers = as_numbers(value, argument)
        raw = np.asarray(value) if numbers is None else numbers
    except InvalidTypeError:
        raise
    except Exception as error:  # an object that is converted to an array may raise anything
        if isinstance(error, ValueError) and "inhomogeneous" in str(error):
            fix, expected = ragged, "numbers in rows of equal length"
        else:
            fix, expected = f"Convert it to a NumPy array first. (It said: {error})", "real numbers"
        raise InvalidTypeError(message(argument, expected, describe(value), fix)) from error
    if raw.dtype.kind == "O" and raw.ndim and all(isinstance(one, NUMBERS) for one in raw.flat):
        converted = objects_as_floats(raw)
        raw = raw if converted is None else converted
    if raw.dtype.kind not in "biuf":
        raise _not_real(value, argument, raw)
    return raw


def _not_finite(value: object, argument: str, array: FloatArray) -> InvalidValueError:
    """Build the error for an array that holds NaN or infinity."""
    where = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
    named = missing_place(value, *where) if array.ndim == 2 else None
    got = f"{array[where]}" + (f" at position {where}" if array.ndim else "") * (named is None)
    got += f" in {named}" if named else ""
    return InvalidValueError(message(argument, "finite numbers", got, "Drop or fill NaN and infinite values first."))


def _not_real(value: object, argument: str, raw: NDArray[Any]) -> InvalidTypeError:
    """Build the error for an array that does not hold real numbers."""
    got = describe(value) + (f" (as an array: dtype {raw.dtype})" if raw is not value else "")
    where, item = _first_odd(raw)
    if where and _is_array_like(value):
        got = f"{describe(item)} at position {where}"
    fix = _as_numbers_fix(value, argument, raw, bool(where), item)
    return InvalidTypeError(message(argument, "real numbers", got, fix))


def _first_odd(raw: NDArray[Any]) -> tuple[tuple[int, ...], object]:
    """Find the first item that is not a number, and its position; () and None if all can be converted."""
    for where, item in np.ndenumerate(raw if raw.dtype.kind in "OUS" else np.empty(0)):
        try:
            float(item)
        except Exception:  # an object that is converted to a number may raise anything
            return where, item.item() if isinstance(item, np.generic) else item
    return (), None


def _is_array_like(value: object) -> bool:
    return isinstance(value, list | tuple) or hasattr(value, "__array__")


def _is_missing(label: object) -> bool:
    """Tell whether a label is None, NaN, or the NA or NaT of pandas."""
    return (
        label is None or type(label).__name__ in ("NAType", "NaTType") or (isinstance(label, float) and label != label)
    )


def _as_numbers_fix(value: object, argument: str, raw: NDArray[Any], is_odd: bool, odd: object) -> str:
    """Say how to get real numbers instead; `odd` is the first item that cannot be converted, if there is one."""
    is_table = argument in ("X", "outputs")
    if raw.dtype.kind == "c":
        return "Take their real part (np.real) or their magnitude (np.abs)."
    if hasattr(value, "toarray"):  # a sparse matrix of SciPy
        return f"Pass {argument}.toarray()."
    if hasattr(value, "collect"):  # a lazy frame, as of polars
        return f"Pass {argument}.collect()."
    if argument == "sample_weight" and isinstance(value, Mapping) and all(isinstance(key, Real) for key in value):
        return "To weigh labels, pass the weight of each sample: [sample_weight[label] for label in y]."
    if argument == "sample_weight" and isinstance(value, str) and value == "balanced":
        return "Use scoring='balanced_accuracy', or pass sklearn.utils.compute_sample_weight('balanced', y)."
    if isinstance(value, Mapping):
        values = f"list({argument}.values())"
        return f"Pass its values: {f'np.column_stack({values})' if is_table else values}."
    if isinstance(value, set | frozenset):
        return "Pass a list: a set has no order."
    if raw.ndim == 0 and isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return f"Pass a list: list({argument})."
    if argument == "y" and raw.ndim and any(isinstance(label, str | bytes) for label in raw.flat):
        if any(_is_missing(label) for label in raw.flat):
            return (
                "Leave out the samples without a label: keep = pandas.notna(np.asarray(y)), then X[keep] and y[keep]."
            )
        return "Recode the labels as numbers: np.unique(y, return_inverse=True)[1]."
    if raw.dtype.kind in "OUS" and (raw.ndim == 0 or not _is_array_like(value)):
        return "Pass numbers, in a list or an array."
    if raw.dtype.names is not None:
        name = f"{argument}[{raw.dtype.names[0]!r}]"
        columns = f"np.column_stack([{argument}[name] for name in {argument}.dtype.names])"
        return f"Put its fields side by side: {columns}." if is_table else f"Select a field, such as {name}."
    if hasattr(value, "dt") or hasattr(value, "iloc"):  # a column of pandas or polars
        seconds = as_seconds(value, raw.dtype.kind, odd, argument)
        if seconds is not None:
            return f"Turn it into seconds: {seconds}."
    if isinstance(odd, date):
        unit = "s" if isinstance(odd, datetime) else "D"
        return f"Convert dates to numbers: np.asarray({argument}, dtype='datetime64[{unit}]').astype(float)."
    if isinstance(odd, int):
        return TOO_LARGE
    if isinstance(odd, list | tuple | np.ndarray) and hasattr(value, "tolist"):  # as a column of embeddings
        return f"Pass np.array({argument}.tolist())."
    if is_odd:
        return "Replace what is no number with a number, or drop it."
    return f"Convert it to numbers first: np.asarray({argument}, dtype=float)."


def as_vector(value: ArrayLike, argument: str, *, length: int | None = None, what: str = "numbers") -> FloatArray:
    """Copy `value` into a read-only vector, of `length` elements if you give it.

    Raises:
        InvalidTypeError, InvalidValueError: as `as_floats`.
        ShapeError: `value` is not one-dimensional, is empty, or has another length.
    """
    array = as_floats(value, argument, ragged="Pass a flat list or a 1-D array of numbers.")
    if array.ndim != 1:
        named = what if length is None else f"{length} {what}"
        expected, got = f"a one-dimensional sequence of {named}", f"an array of shape {array.shape}"
        fix = "Pass a flat list or a 1-D array, even for one number."
        if array.ndim > 1 and array.size == max(array.shape):  # a row or a column
            fix = f"Pass a flat list: np.ravel({argument})."
        raise ShapeError(message(argument, expected, got, fix))
    if array.size == 0:
        raise ShapeError(message(argument, f"one or more {what}", "none", "Pass a non-empty sequence."))
    if length is not None and array.size != length:
        raise ShapeError(message(argument, f"{length} {what}", f"{array.size}", f"Pass exactly {length}."))
    return read_only(array)


def as_samples(X: ArrayLike, n_features: int | None = None, *, argument: str = "X") -> FloatArray:
    """Copy data into a read-only array of shape (n_samples, n_features).

    Raises:
        InvalidTypeError, InvalidValueError: as `as_floats`.
        ShapeError: `X` is not two-dimensional, has no rows, or has another number of columns.
    """
    array = as_floats(X, argument)
    if array.ndim == 1 and array.size == 0:
        raise ShapeError(message(argument, "at least one sample (row)", "none", "Pass non-empty data."))
    if array.ndim != 2:
        expected, got = "a table of shape (n_samples, n_features)", f"an array of shape {array.shape}"
        if n_features is None:
            one, many = f"np.reshape({argument}, (1, -1))", f"np.reshape({argument}, (-1, 1))"
            fix = f"For one sample, pass {one}; for one feature, pass {many}."
        elif array.size % n_features:
            fix = f"Pass one row for each sample, with {counted(n_features, 'column')}."
        else:
            fix = f"Pass one row for each sample: np.reshape({argument}, (-1, {n_features}))."
        raise ShapeError(message(argument, expected, got, fix))
    if array.shape[0] == 0:
        raise ShapeError(message(argument, "at least one sample (row)", "no rows", "Pass non-empty data."))
    if n_features is not None and array.shape[1] != n_features:
        expected = f"{counted(n_features, 'feature')} (columns), as the network has {counted(n_features, 'input')}"
        fix = f"select the right columns{', or build the network for this width' * (array.shape[1] > 0)}."
        is_turned = len(array) == n_features
        fix = f"{if_turned(X, argument)} Otherwise, {fix}" if is_turned else f"{fix[0].upper()}{fix[1:]}"
        raise ShapeError(message(argument, expected, f"{array.shape[1]}", fix))
    return read_only(array)


def if_turned(X: object, argument: str = "X") -> str:
    """Say how to turn a table whose rows may be meant as features."""
    turned = f"{argument}.T" if hasattr(X, "T") else f"np.transpose({argument})"
    return f"If the rows of {argument} are the features, pass {turned}."


def as_columns(X: ArrayLike, n_features: int, *, argument: str = "X") -> FloatArray:
    """Copy data into a read-only array with a contiguous row for each feature, shape (n_features, n_samples).

    The data may be a gigabyte: this copies and checks a part that fits into the cache, then the next one.

    Raises:
        InvalidTypeError, InvalidValueError, ShapeError: as `as_samples`.
    """
    raw = as_numeric(X, argument)
    if raw.shape[1:] != (n_features,) or not len(raw):
        return as_samples(X, n_features, argument=argument)  # which raises the error
    columns, step = np.empty(raw.shape[::-1]), max(_CACHED // n_features, 1)

    def copy(number: int) -> bool:
        rows = slice(number * step, (number + 1) * step)
        columns[:, rows] = raw[rows].T
        return bool(np.isfinite(columns[:, rows]).all())

    threads = n_threads() if raw.size >= _WORTH_THREADS else 1
    if not all(on_threads(copy, -(-len(raw) // step), threads, "minigrid-columns")):
        with np.errstate(over="ignore"):
            raise _not_finite(X, argument, np.array(raw, dtype=np.float64))
    return read_only(columns)


def as_sample_weight(sample_weight: ArrayLike | None, n_samples: int) -> FloatArray | None:
    """Copy sample weights into a read-only vector of shape (n_samples,); None stays None.

    Raises:
        InvalidTypeError: the weights are not real numbers.
        InvalidValueError: a weight is negative, not finite, too large or too small, or all of them are 0.
        ShapeError: there is not one weight for each sample.
    """
    if sample_weight is None:
        return None
    weights = as_vector(sample_weight, "sample_weight", length=n_samples, what="weights, one a sample")
    got = f"values from {weights.min()} to {weights.max()}"
    if (weights > HEAVIEST).any() or ((weights > 0) & (weights < 1 / HEAVIEST)).any():
        expected = f"weights of 0, or from {1 / HEAVIEST:g} to {HEAVIEST:g}"
        fix = "Divide them all by the same number: only their ratios matter."
        raise InvalidValueError(message("sample_weight", expected, got, fix))
    if (weights < 0).any() or not (weights > 0).any():
        expected = "non-negative numbers, at least one above zero"
        fix = "Give samples that must not count a weight of 0 and the others a positive one."
        raise InvalidValueError(message("sample_weight", expected, got, fix))
    return weights
