"""Checks of arguments, all in one style: a message names the argument, what was expected, what it got, and a fix.

Arrays of numbers are checked in `arrays.py`.
"""

import contextlib
import operator
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from minigrid._base.expected_names import arguments_check
from minigrid._base.text import an, describe, format_count, message
from minigrid.exceptions import InvalidTypeError, InvalidValueError, OutOfRangeError, ShapeError, UnknownNameError

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
P = ParamSpec("P")

_NO_NUMBER = bool, np.bool_, np.timedelta64  # which Python or NumPy takes for an integer
_MOST_LISTED = 300  # letters of the names that an error lists


def as_float(value: object, argument: str) -> float:
    """Return one finite number as a float.

    Raises:
        InvalidTypeError: `value` is not a number.
        InvalidValueError: `value` is NaN or infinite.
    """
    if isinstance(value, _NO_NUMBER) or not isinstance(value, int | float | np.integer | np.floating):
        meant = _meant(value)
        fix = "Pass an int or a float." if meant is None else f"Pass an int or a float: {meant!r}."
        raise InvalidTypeError(message(argument, "a number", describe(value), fix))
    fix = "Pass a finite number."
    try:
        number = float(value)
    except OverflowError:
        number, fix = np.inf, "Pass a smaller one: the largest float is about 1.8 x 10^308."
    if not np.isfinite(number):
        raise InvalidValueError(message(argument, "a finite number", describe(value), fix))
    return number


def _meant(value: Any) -> float | None:
    """Return the finite number that a text, a decimal or an array of one number holds, or None if it holds none."""
    if isinstance(value, _NO_NUMBER):
        return None
    with contextlib.suppress(Exception):  # an object that is converted to a number may raise anything
        number = float(value.item() if isinstance(value, np.ndarray) else value)
        return number if np.isfinite(number) else None
    return None


def as_int(
    value: object, argument: str, *, minimum: int, maximum: int | None = None, endless: str = "Pass a finite int."
) -> int:
    """Return a whole number from `minimum` to `maximum` as an int; `endless` says what to pass instead of infinity.

    Raises:
        InvalidTypeError: `value` is not a whole number.
        InvalidValueError: `value` is below `minimum` or above `maximum`.
    """
    if isinstance(value, _NO_NUMBER) or not isinstance(value, int | np.integer):
        meant = _meant(value)
        fits = meant is not None and meant.is_integer() and minimum <= meant <= min(maximum or 1e15, 1e15)
        fix = f"Pass an int: {meant:.0f}." if fits else "Pass an int."
        fix = endless if isinstance(value, float | np.floating) and value == np.inf else fix
        raise InvalidTypeError(message(argument, "a whole number", describe(value), fix))
    number = operator.index(value)
    if number < minimum:
        expected = f"a whole number of at least {minimum}"
        raise InvalidValueError(message(argument, expected, describe(number), f"Pass {minimum} or more."))
    if maximum is not None and number > maximum:
        expected = f"a whole number of at most {format_count(maximum)}"
        raise InvalidValueError(message(argument, expected, describe(number), "Pass a smaller one."))
    return number


def as_flag(value: object, argument: str, fix: str = "Pass True or False.") -> bool:
    """Return True or False.

    Raises:
        InvalidTypeError: `value` is anything else.
    """
    if not isinstance(value, bool | np.bool_):
        raise InvalidTypeError(message(argument, "True or False", describe(value), fix))
    return bool(value)


def as_position(
    position: object,
    length: int,
    argument: str,
    kind: str = "a whole number",
    fix: str = "Pass a whole number, from 0 for the first.",
) -> int:
    """Return a position in a sequence of this length. A negative one counts from the end.

    Raises:
        InvalidTypeError: `position` is not a whole number.
        OutOfRangeError: the sequence has no such position.
    """
    if isinstance(position, bool | np.bool_) or not isinstance(position, int | np.integer):
        raise InvalidTypeError(message(argument, kind, describe(position), fix))
    number = operator.index(position)
    if not -length <= number < length:
        size = format_count(length)
        expected = f"a whole number below {size}, the size" if number >= 0 else f"a whole number of at least -{size}"
        raise OutOfRangeError(message(argument, expected, describe(number), fix))
    return number % length


def as_instance(value: object, kind: Callable[..., T], argument: str, fix: str) -> T:
    """Return `value` if it is a `kind`, a class that may be abstract, which `type[T]` would not allow.

    Raises:
        InvalidTypeError: `value` is something else.
    """
    assert isinstance(kind, type)
    expected: type[T] = kind
    if not isinstance(value, expected):
        raise InvalidTypeError(message(argument, an(kind.__name__), describe(value), fix))
    return value


def final_base(kind: type) -> type | None:
    """Return the class that `kind` is derived from although it is marked `@final`, or None."""
    return next((base for base in kind.__mro__[1:] if "__final__" in vars(base)), None)


def as_items(value: object, argument: str, expected: str, fix: str) -> tuple[object, ...]:
    """Return the items of a sequence or another iterable, but not the letters of text.

    Raises:
        InvalidTypeError: `value` is not iterable, or is text.
    """
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidTypeError(message(argument, expected, describe(value), fix))
    try:
        return tuple(value)
    except Exception as error:  # an iterable may raise anything
        raise InvalidTypeError(message(argument, expected, describe(value), fix)) from error


def as_instances(value: object, kind: type[T], argument: str, fix: str) -> tuple[T, ...]:
    """Return the items of a sequence or another iterable, if each is a `kind`.

    Raises:
        InvalidTypeError: `value` is not iterable, or holds something else.
    """
    items = as_items(value, argument, f"a sequence of {kind.__name__}", fix)
    return tuple(as_instance(item, kind, argument, fix) for item in items)


def as_names(value: object, argument: str, count: int, expected: str, fix: str) -> tuple[str, ...]:
    """Return a sequence of exactly `count` names.

    Raises:
        InvalidTypeError: `value` is not a sequence of strings.
        ShapeError: there is another number of them.
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
        InvalidTypeError: `value` is not a mapping.
    """
    if not isinstance(value, Mapping):
        raise InvalidTypeError(message(argument, "a dict", describe(value), fix))
    return dict(value)


def check_first(
    kind: type, argument: str, fix: str
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Let a method check its first argument before Python counts them all, so that the error names a missing one.

    It also checks the names of the others, see `arguments_check`.

    Args:
        kind: the class of the argument.
        argument: the name of the argument.
        fix: how to call the method.
    """

    def decorate(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        check = arguments_check(method)

        @wraps(method)
        def checked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if args or argument not in kwargs:
                as_instance(args[0] if args else kwargs.get(argument), kind, argument, fix)
            check((self, *args), kwargs)
            return method(self, *args, **kwargs)

        return checked

    return decorate


def unknown_name(
    argument: str, name: object, known: Iterable[str], kind: str, other: str | None = None
) -> UnknownNameError:
    """Build the error for a name that does not exist, with the names that are nearest, and all if they are few.

    Args:
        argument: the argument that holds the name.
        name: the name that the caller gave.
        known: the names that exist.
        kind: the kind of name that was expected.
        other: another fix, which comes first.
    """
    import difflib  # only for an error

    from minigrid._base.other_names import ADVICE, NAMES

    names, plain = list(known), str(name).lower().replace("-", "_")
    same, advice = NAMES.get(plain, ""), ADVICE.get(argument, {}).get(plain)
    near = [same] if same in names else difflib.get_close_matches(str(name), names, n=3, cutoff=0.65)
    near = near or [one for one in names if "".join(part[:1] for part in one.split("_")) == plain]
    near = near or [one for one in names if len(plain) > 2 and one.startswith(plain)]
    near, other = ([], advice) if advice else (near, other)
    if sum(map(len, names)) <= _MOST_LISTED:
        listed = f"Known: {', '.join(map(repr, names))}."
    else:
        listed = f"There are {len(names)}, from {names[0]!r} to {names[-1]!r}."
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    fix = " ".join(([other] if other else []) + ([f"{hint}{listed}"] if names else []))
    return UnknownNameError(message(argument, kind, describe(name), fix))
