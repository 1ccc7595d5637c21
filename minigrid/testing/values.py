"""Checks of values: they equal their copies, are hashable and picklable, and have a repr that recreates them."""

import copy
import dataclasses
import pickle
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType

import numpy as np

import minigrid
from minigrid._base.function import FunctionValue
from minigrid._base.text import describe, message, said, shown
from minigrid._base.values import function_name
from minigrid.exceptions import MinigridError

_FROZEN = "Make its class a frozen dataclass: @dataclass(frozen=True)."
_AT_THE_TOP = (
    "Define its class or function by name at the top of a module, not inside of a function; "
    "or pass picklable=False, if it never leaves the process."
)
_NAMELESS = (
    "A lambda has no name by which another process, or a reader of its repr, could find it: write it with def at the "
    "top of a module; or pass picklable=False, if it never leaves the process."
)
_LAMBDA = "<lambda>"


def check_value(thing: object, what: str, error: type[MinigridError], *, picklable: bool) -> None:
    """Check that a thing is a value.

    Args:
        thing: an activation, a scoring or a penalty.
        what: what to call it in messages.
        error: the kind of error to raise.
        picklable: False skips pickling, and also the repr of a thing that contains a lambda, which has no name.

    Raises:
        MinigridError: of the kind `error`, if it is not a value.
    """

    def refuse(expected: str, got: str, fix: str) -> MinigridError:
        return error(message(what, expected, got, fix))

    try:
        repr(thing)
    except Exception as reason:
        raise refuse("one with a repr", said(reason), "Fix its __repr__, or leave it out.") from reason
    for name, value in _fields(thing):
        if isinstance(value, float) and np.isnan(value):
            got = f"NaN in {name!r}, which is equal to nothing, not even to itself"
            raise refuse("one that is equal to its copies", got, "Hold None where there is no number.")
    try:
        hash(thing)
    except Exception as reason:
        raise refuse("one that can be hashed", said(reason), _fix_of_hash(thing)) from reason
    has_lambda = any(function_name(part) == _LAMBDA for part in _functions(thing))
    makers: list[tuple[str, Callable[[], object], str]] = [
        ("a copy", lambda: copy.copy(thing), _FROZEN),
        ("a deep copy", lambda: copy.deepcopy(thing), _FROZEN),
    ]
    if picklable:
        fix = _NAMELESS if has_lambda else _fix_of_function(thing) or _AT_THE_TOP
        makers.append(("an unpickled one", lambda: pickle.loads(pickle.dumps(thing)), fix))
    if not has_lambda:
        makers.append(("one made from its repr", lambda: _from_repr(thing), _fix_of_repr(thing)))
    for how, make, fix in makers:
        try:
            other = make()
        except Exception as reason:
            got = f"{said(reason)}{f' from {thing!r}' if 'repr' in how else ''}"
            raise refuse(f"{how} that is equal to it", got, fix) from reason
        try:
            differs = [bool(one != two) or not one == two for one, two in ((other, thing), (thing, other))]  # noqa: SIM201  # custom
        except Exception as reason:
            raise refuse("one that can be compared with its copies", said(reason), _fix_of_hash(thing)) from reason
        if any(differs):
            fix = fix if "repr" in how else _fix_of_function(thing) or _FROZEN
            raise refuse(f"{how} that is equal to it", f"{shown(other)}, which is not", fix)
        if hash(other) != hash(thing):
            raise refuse(f"{how} of the same hash, as it is equal", "another hash", _FROZEN)
    if thing == object() or thing is None:
        raise refuse("one that is equal to its copies only", "one that is equal to anything", _FROZEN)


def _fix_of_hash(thing: object) -> str:
    """Say how to make a thing hashable and comparable: often it is frozen, but holds something that is not."""
    for name, value in _fields(thing):
        try:
            hash(value)
        except TypeError:
            if dataclasses.is_dataclass(thing):
                return (
                    f"Its field {name!r} holds {describe(value)}, which cannot be hashed: hold a tuple, and make it "
                    "an array in __call__; or leave __eq__ to the base, which compares arrays by value, with "
                    "@dataclass(frozen=True, eq=False)."
                )
    return _FROZEN


def _fix_of_function(thing: object) -> str | None:
    """Say how to fix a wrapped callable object that is not a named function."""
    for function in _functions(thing):
        if not isinstance(function, FunctionType | BuiltinFunctionType | np.ufunc | partial):
            kind = type(function).__name__
            return f"Write a function with def at the top of a module that calls the object of class {kind}."
    return None


def _fix_of_repr(thing: object) -> str:
    if dataclasses.is_dataclass(thing):
        hidden = [repr(field.name) for field in dataclasses.fields(thing) if field.init and not field.repr]
        if hidden:
            return f"Show {' and '.join(hidden)} in the repr (no repr=False), or those that differ there look alike."
    return "Let its repr show its class and its fields, by name."


def _from_repr(thing: object) -> object:
    """Evaluate a repr, with the names that you would import for it."""
    names: dict[str, object] = {**vars(np), "np": np, "numpy": np, "partial": partial}
    names.update({name: getattr(minigrid, name) for name in minigrid.__all__})
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):  # every number of an array, in full
        text = repr(thing)
        for number, part in enumerate(_parts(thing)):
            kind = type(part)
            if isinstance(part, Enum) or (callable(part) and repr(part).startswith("<")):
                stand_in = f"_part{number}"  # <Kind.ROUND: 1> or <function tanh at ...>: Python shows no name here
                text, names[stand_in] = text.replace(repr(part), stand_in), part
            if isinstance(part, minigrid.Activation | minigrid.Scoring | minigrid.Penalty) or not callable(part):
                if kind.__module__ not in ("builtins", "numpy"):
                    names[kind.__name__] = kind
                    text = text.replace(kind.__qualname__, kind.__name__)  # of a class inside a function it shows both
            elif not isinstance(part, partial):
                names[getattr(part, "__name__", kind.__name__)] = part
    return eval(text, names)


def _fields(thing: object) -> list[tuple[str, object]]:
    """Return the attributes of a thing, by name."""
    if isinstance(thing, FunctionValue):
        return list(zip(("function", "declared", "bounds"), thing._arguments(), strict=True))
    state = object.__getstate__(thing)
    parts = state if isinstance(state, tuple | list) else (state,)
    return [item for part in parts if isinstance(part, dict) for item in part.items()]


def _parts(thing: object) -> Iterator[object]:
    """Yield a thing and all its parts."""
    yield thing
    inner: list[object] = []
    if isinstance(thing, tuple | list | set | frozenset):
        inner = list(thing)
    elif isinstance(thing, dict):
        inner = list(thing.values())
    elif isinstance(thing, partial):
        inner = [thing.func, *thing.args, *thing.keywords.values()]
    elif isinstance(thing, minigrid.Activation | minigrid.Scoring) or dataclasses.is_dataclass(thing):
        inner = [value for _, value in _fields(thing)]
    for part in inner:
        yield from _parts(part)


def _functions(thing: object) -> list[Callable[..., object]]:
    """The functions inside a wrapped function."""
    if not isinstance(thing, FunctionValue):
        return []
    inner = (part for _, held in _fields(thing) for part in _parts(held))
    return [part for part in inner if callable(part)]
