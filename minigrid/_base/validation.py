"""One style of checking: every message names the argument, what was expected, what came and the fix.

The functions here turn what a caller passed into read-only float64 arrays, or raise. None of
them changes or keeps the caller's own array.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

from minigrid._base.tables import as_numbers, missing_place
from minigrid._base.text import an, counted, describe, format_count, message
from minigrid._base.typing import ArrayLike, FloatArray
from minigrid.exceptions import InvalidTypeError, InvalidValueError, OutOfRangeError, ShapeError, UnknownNameError

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
P = ParamSpec("P")
N = TypeVar("N", bound=np.generic)

LARGEST_ARRAY = 10**8
"""How many values of one thing an array may hold: nearly a gigabyte."""

HEAVIEST = 1e100
"""The largest sample weight, and one over the smallest: no sum of weights, nor of losses, overflows or vanishes."""


def read_only(array: NDArray[N]) -> NDArray[N]:
    """Mark an array that is ours as read-only and return it."""
    array.flags.writeable = False
    return array


def is_float64(value: object, shape: tuple[int, ...] | None = None) -> TypeGuard[FloatArray]:
    """Tell whether `value` is a plain array of float64, of that shape if one is given."""
    return type(value) is np.ndarray and value.dtype == np.float64 and shape in (None, value.shape)


def as_floats(value: ArrayLike, argument: str, *, finite: bool = True) -> FloatArray:
    """Copy `value` into a C-contiguous float64 array of finite numbers (or any numbers), of any shape.

    Raises:
        InvalidTypeError: strings, objects, complex numbers, dates, or lists of unequal lengths.
        InvalidValueError: NaN, infinity, or masked entries.
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
    except Exception as error:  # whatever an object that is asked to become an array may raise
        fix = f"Make all rows equally long, and convert what is no array. (It said: {error})"
        raise InvalidTypeError(message(argument, "numbers in rows of equal length", describe(value), fix)) from error
    if raw.dtype.kind not in "biuf":
        raise _not_real(value, argument, raw)
    with np.errstate(over="ignore"):
        array = np.array(raw, dtype=np.float64, order="C")
    if finite and not np.isfinite(array).all():
        where = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
        named = missing_place(value, *where) if array.ndim == 2 else None
        got = f"{array[where]}" + (f" at position {where}" if array.ndim else "") * (named is None)
        got += f" in {named}" if named else ""
        fix = "Drop or fill NaN and infinite values first."
        raise InvalidValueError(message(argument, "finite numbers", got, fix))
    return array


def _not_real(value: object, argument: str, raw: NDArray[Any]) -> InvalidTypeError:
    """Build the error for what is an array, but of no real numbers."""
    got, fix = describe(value), "Convert it to numbers first, for example with np.asarray(..., dtype=float)."
    if raw is not value:
        got += f" (as an array: dtype {raw.dtype})"
    if raw.dtype.kind == "c":
        fix = "Take their real part (np.real) or their magnitude (np.abs)."
    elif hasattr(value, "toarray"):  # a sparse matrix of SciPy
        fix = f"Pass {argument}.toarray()."
    elif isinstance(value, Mapping):
        values = f"list({argument}.values())"
        fix = f"Pass its values: {f'np.column_stack({values})' if argument == 'X' else values}."
    elif raw.ndim == 0 and isinstance(value, Iterable) and not isinstance(value, str | bytes):
        fix = f"Pass a list: list({argument})."
    elif argument == "y" and (raw.dtype.kind in "US" or any(isinstance(label, str) for label in raw.flat)):
        fix = f"{fix[:-1]}, or labels with np.unique(y, return_inverse=True)[1]."
    return InvalidTypeError(message(argument, "real numbers", got, fix))


def as_vector(value: ArrayLike, argument: str, *, length: int | None = None, what: str = "numbers") -> FloatArray:
    """Copy `value` into a read-only vector, of `length` elements if that is given.

    Raises:
        InvalidTypeError, InvalidValueError: as `as_floats`.
        ShapeError: not one-dimensional, empty, or of another length.
    """
    array = as_floats(value, argument)
    if array.ndim != 1:
        expected, got = f"a one-dimensional sequence of {what}", f"an array of shape {array.shape}"
        raise ShapeError(message(argument, expected, got, "Pass a flat list or a 1-D array, of one number too."))
    if array.size == 0:
        raise ShapeError(message(argument, f"one or more {what}", "none", "Pass a non-empty sequence."))
    if length is not None and array.size != length:
        raise ShapeError(message(argument, f"{length} {what}", f"{array.size}", f"Pass exactly {length}."))
    return read_only(array)


def as_samples(X: ArrayLike, n_features: int | None = None, *, argument: str = "X") -> FloatArray:
    """Copy data into a read-only array of shape (n_samples, n_features).

    Raises:
        InvalidTypeError, InvalidValueError: as `as_floats`.
        ShapeError: not two-dimensional, no rows, or another number of columns.
    """
    array = as_floats(X, argument)
    if array.ndim == 1 and array.size == 0:
        raise ShapeError(message(argument, "at least one sample (row)", "none", "Pass non-empty data."))
    if array.ndim != 2:
        expected, got = "a table of shape (n_samples, n_features)", f"an array of shape {array.shape}"
        fix = f"One sample: {argument}.reshape(1, -1); one feature: {argument}.reshape(-1, 1)."
        raise ShapeError(message(argument, expected, got, fix))
    if array.shape[0] == 0:
        raise ShapeError(message(argument, "at least one sample (row)", "no rows", "Pass non-empty data."))
    if n_features is not None and array.shape[1] != n_features:
        expected = f"{counted(n_features, 'feature')} (columns), as the network has {counted(n_features, 'input')}"
        fix = "Select the right columns, or build the network for this width."
        raise ShapeError(message(argument, expected, f"{array.shape[1]}", fix))
    return read_only(array)


def as_sample_weight(sample_weight: ArrayLike | None, n_samples: int) -> FloatArray | None:
    """Copy sample weights into a read-only vector of shape (n_samples,); None stays None.

    Raises:
        InvalidTypeError, InvalidValueError, ShapeError: not one finite, non-negative number a
            sample, or all of them zero.
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


def as_float(value: object, argument: str) -> float:
    """Return one finite number as a float.

    Raises:
        InvalidTypeError: not a number.
        InvalidValueError: NaN or infinite.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise InvalidTypeError(message(argument, "a number", describe(value), "Pass an int or a float."))
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise InvalidValueError(message(argument, "a finite number", describe(value), "Pass a finite number."))
    return number


def as_int(value: object, argument: str, *, minimum: int, maximum: int | None = None) -> int:
    """Return a whole number from `minimum` to `maximum` as an int.

    Raises:
        InvalidTypeError: not a whole number.
        InvalidValueError: below `minimum` or above `maximum`.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        fix = f"Pass an int: {value:.0f}." if is_whole else "Pass an int."
        raise InvalidTypeError(message(argument, "a whole number", describe(value), fix))
    number = operator.index(value)
    if number < minimum:
        expected = f"a whole number of at least {minimum}"
        raise InvalidValueError(message(argument, expected, describe(number), f"Pass {minimum} or more."))
    if maximum is not None and number > maximum:
        expected = f"a whole number of at most {format_count(maximum)}"
        raise InvalidValueError(message(argument, expected, describe(number), "Pass a smaller one."))
    return number


def as_flag(value: object, argument: str, fix: str = "Pass one of the two.") -> bool:
    """Return True or False.

    Raises:
        InvalidTypeError: anything else.
    """
    if not isinstance(value, bool | np.bool_):
        raise InvalidTypeError(message(argument, "True or False", describe(value), fix))
    return bool(value)


def as_position(
    position: object, length: int, argument: str, kind: str = "a whole number", fix: str = "Positions start at 0."
) -> int:
    """Return a position in a sequence of that length; a negative one counts from its end.

    Raises:
        InvalidTypeError: not a whole number.
        OutOfRangeError: no such position.
    """
    if isinstance(position, bool | np.bool_) or not isinstance(position, int | np.integer):
        raise InvalidTypeError(message(argument, kind, describe(position), fix))
    number = operator.index(position)
    if not -length <= number < length:
        expected = f"a whole number below {format_count(length)}, the size"
        raise OutOfRangeError(message(argument, expected, describe(number), fix))
    return number % length


def as_instance(value: object, kind: Callable[..., T], argument: str, fix: str) -> T:
    """Return `value` if it is a `kind`: a class, abstract ones too, which `type[T]` would not let pass.

    Raises:
        InvalidTypeError: it is something else.
    """
    assert isinstance(kind, type)
    expected: type[T] = kind
    if not isinstance(value, expected):
        raise InvalidTypeError(message(argument, an(kind.__name__), describe(value), fix))
    return value


def final_base(kind: type) -> type | None:
    """Return the class marked `@final` that `kind` is derived from all the same; None if there is none."""
    return next((base for base in kind.__mro__[1:] if "__final__" in vars(base)), None)


def as_items(value: object, argument: str, expected: str, fix: str) -> tuple[object, ...]:
    """Return the items of a sequence or another iterable, which text is not taken for.

    Raises:
        InvalidTypeError: not an iterable, or text.
    """
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidTypeError(message(argument, expected, describe(value), fix))
    try:
        return tuple(value)
    except Exception as error:  # whatever an object that is asked for its items may raise
        raise InvalidTypeError(message(argument, expected, describe(value), fix)) from error


def as_instances(value: object, kind: type[T], argument: str, fix: str) -> tuple[T, ...]:
    """Return the items of a sequence or another iterable, if each is a `kind`.

    Raises:
        InvalidTypeError: not an iterable, or one with something else in it.
    """
    items = as_items(value, argument, f"a sequence of {kind.__name__}", fix)
    return tuple(as_instance(item, kind, argument, fix) for item in items)


def as_names(value: object, argument: str, count: int, expected: str, fix: str) -> tuple[str, ...]:
    """Return this many names.

    Raises:
        InvalidTypeError: not a sequence of strings.
        ShapeError: another number of them.
    """
    names = []
    for name in as_items(value, argument, "a sequence of strings", fix):
        if not isinstance(name, str):
            raise InvalidTypeError(message(argument, "strings", describe(name), fix))
        names.append(name)
    if len(names) != count:
        raise ShapeError(message(argument, expected, f"{len(names)}", fix))
    return tuple(names)


def as_mapping(value: object, argument: str, fix: str) -> dict[object, object]:
    """Return a copy of a mapping as a dict.

    Raises:
        InvalidTypeError: not a mapping.
    """
    if not isinstance(value, Mapping):
        raise InvalidTypeError(message(argument, "a dict", describe(value), fix))
    return dict(value)


def check_first(
    kind: type, argument: str, fix: str
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Let a method check its first argument before Python counts them all: one that was left out is named.

    Args:
        kind: its class.
        argument: its name.
        fix: how to call the method.
    """

    def decorate(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @wraps(method)
        def checked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if args or argument not in kwargs:
                as_instance(args[0] if args else kwargs.get(argument), kind, argument, fix)
            return method(self, *args, **kwargs)

        return checked

    return decorate


def unknown_name(
    argument: str, name: object, known: Iterable[str], kind: str, other: str | None = None
) -> UnknownNameError:
    """Build the error for a name that does not exist, with the nearest ones (or all, if they are few).

    Args:
        argument: what was named.
        name: as it was given.
        known: the names that exist.
        kind: what was expected.
        other: another fix, which comes first.
    """
    import difflib  # only where something went wrong

    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    near = near or [one for one in names if "".join(part[:1] for part in one.split("_")) == str(name).lower()]
    if len(names) <= 12:
        listed = f"Known: {', '.join(map(repr, names))}."
    else:
        listed = f"There are {len(names)}, from {names[0]!r} to {names[-1]!r}."
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    fix = " ".join(([other] if other else []) + ([f"{hint}{listed}"] if names else []))
    return UnknownNameError(message(argument, kind, describe(name), fix))
