"""What every value must be: equal to its copies, hashable, picklable, and shown by a repr that makes it again."""

import copy
import pickle
from collections.abc import Callable

import numpy as np

import minigrid
from minigrid._validation import message
from minigrid.exceptions import MinigridError
from minigrid.function_activation import FunctionActivation
from minigrid.scoring import FunctionScoring

_FROZEN = "Make its class a frozen dataclass: @dataclass(frozen=True)."
_AT_THE_TOP = (
    "Define its class or function by name at the top of a module, not inside of a function; "
    "or pass picklable=False, if it never leaves the process."
)


def check_value(thing: object, what: str, error: type[MinigridError], *, picklable: bool) -> None:
    """Check that a thing is a value.

    Args:
        thing: an activation or a scoring.
        what: what to call it in messages.
        error: the kind of error to raise.
        picklable: False leaves pickling out.

    Raises:
        MinigridError: of the kind `error`, if it is none.
    """

    def refuse(expected: str, got: str, mend: str) -> MinigridError:
        return error(message(what, expected, got, mend))

    try:
        hash(thing)
    except Exception as reason:
        raise refuse("one that can be hashed", _said(reason), _FROZEN) from reason
    makers: list[tuple[str, Callable[[], object], str]] = [
        ("a copy", lambda: copy.copy(thing), _FROZEN),
        ("a deep copy", lambda: copy.deepcopy(thing), _FROZEN),
        ("one made from its repr", lambda: _from_repr(thing), "Let its repr show its class and its fields, by name."),
    ]
    if picklable:
        makers.append(("an unpickled one", lambda: pickle.loads(pickle.dumps(thing)), _AT_THE_TOP))
    for how, make, mend in makers:
        try:
            other = make()
        except Exception as reason:
            got = f"{_said(reason)}{f' from {thing!r}' if 'repr' in how else ''}"
            raise refuse(f"{how} that is equal to it", got, mend) from reason
        if other != thing or thing != other:
            raise refuse(f"{how} that is equal to it", f"{other!r}, which is not", _FROZEN)
        if hash(other) != hash(thing):
            raise refuse(f"{how} of the same hash, as it is equal", "another hash", _FROZEN)
    if thing == object() or thing is None:
        raise refuse("one that is equal to its copies only", "one that is equal to anything", _FROZEN)


def _said(reason: Exception) -> str:
    return f"{type(reason).__name__}: {reason}"


def _from_repr(thing: object) -> object:
    """Evaluate a repr, with the names that one would import for it."""
    names: dict[str, object] = {**vars(np), "np": np, "numpy": np}
    names.update({name: getattr(minigrid, name) for name in minigrid.__all__})
    _add_names(thing, names)
    text = repr(thing)
    for local in {type(part).__qualname__ for part in [thing, *_parts(thing)]}:
        text = text.replace(local, local.rpartition(".")[2])  # a dataclass inside a function shows the function too
    return eval(text, names)


def _add_names(thing: object, names: dict[str, object]) -> None:
    names[type(thing).__name__] = type(thing)
    for part in _parts(thing):
        if callable(part) and not isinstance(part, minigrid.Activation | minigrid.Scoring):
            names[getattr(part, "__name__", type(part).__name__)] = part
        elif type(part).__module__ not in ("builtins", "numpy"):
            _add_names(part, names)


def _parts(thing: object) -> list[object]:
    if isinstance(thing, FunctionActivation | FunctionScoring):
        return list(thing._key())
    state = object.__getstate__(thing)
    parts = state if isinstance(state, tuple | list) else (state,)
    return [value for part in parts if isinstance(part, dict) for value in part.values()]
