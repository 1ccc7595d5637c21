"""Bases for values: objects that are equal, and have the same hash, if they hold the same, arrays included."""

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from minigrid._base.typing import override


def _comparable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return (value.shape, tuple(value.ravel().tolist()))
    return value


def are_same(value: object, other: object) -> bool:
    """Compare two custom objects, whatever their own comparison does."""
    try:
        return value is other or bool(_comparable(value) == _comparable(other))
    except Exception:  # some objects cannot be compared as a whole, such as lists of arrays
        return False


def function_key(function: Callable[..., object] | None) -> object:
    """Return a key by which functions compare equal: a partial or vectorized function compares by its settings."""
    if isinstance(function, partial):
        settings = [(name, _comparable(value)) for name, value in sorted(function.keywords.items())]
        return (partial, function_key(function.func), tuple(map(_comparable, function.args)), tuple(settings))
    if isinstance(function, np.vectorize):
        state = {name: value for name, value in vars(function).items() if not name.startswith("_")}
        kinds = [str(state.pop(name, None)) for name in ("otypes", "excluded", "signature", "cache")]
        return (np.vectorize, function_key(state.get("pyfunc")), tuple(kinds))
    return function


def function_name(function: Callable[..., object]) -> str:
    """Return the name that a repr shows: that of the function, and the settings of a partial one."""
    if isinstance(function, partial):
        settings = [repr(value) for value in function.args]
        settings += [f"{name}={value!r}" for name, value in function.keywords.items()]
        return f"partial({', '.join([function_name(function.func), *settings])})"
    return str(getattr(function, "__name__", type(function).__name__))


_INSTEAD = {
    "Network": "Use network.with_parameters(vector), which returns another network.",
    "SearchSpace": "Create another one, for example with space.with_grids.",
    "SearchEvent": "To stop the search, return True from the callback.",
    "GridSearchTrainer": "Create another trainer with the settings that you want.",
}


def refuse_change(self: object, name: str, value: object = None) -> NoReturn:
    """Raise the error for setting or deleting an attribute of an object that never changes."""
    del value
    kind = type(self).__name__
    fix = (
        "Create another one, for example with dataclasses.replace."
        if dataclasses.is_dataclass(self)
        else "Create another one."
    )
    fix = _INSTEAD.get(kind, fix)
    raise dataclasses.FrozenInstanceError(f"cannot change {kind}.{name}: this object never changes. {fix}")


class Frozen:
    """Base of frozen dataclasses: if one has slots and you set an attribute, the error says what to do.

    By itself, such a dataclass raises one about `super` if the attribute is none of its fields. Classes whose objects
    may change can derive from it, too.
    """

    __slots__ = ()

    @override
    def __init_subclass__(cls, **settings: Any) -> None:
        """Replace what the dataclass wrote, when it creates the class again for the slots."""
        super().__init_subclass__(**settings)
        written = vars(cls).get("__dataclass_params__")
        if written is not None and written.frozen and "__slots__" in vars(cls):
            for method in ("__setattr__", "__delattr__"):
                setattr(cls, method, refuse_change)


class Unchanging:
    """Base of other classes whose objects never change: only their own methods set attributes, named with a `_`."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> None:
            """Set a private attribute, or raise an error."""
            if not name.startswith("_"):
                refuse_change(self, name)
            object.__setattr__(self, name, value)


class Value(Frozen):
    """Base of frozen dataclasses whose fields may be arrays. It compares and hashes field by field.

    It also rebuilds through the constructor when unpickled or copied, so that arrays are read-only
    in the copy too. A subclass is declared with `@dataclass(frozen=True, slots=True, eq=False)`.
    """

    __slots__ = ()

    def _key(self) -> tuple[object, ...]:
        return tuple(_comparable(value) for value in self._fields().values())

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]  # every subclass is a dataclass

    @override
    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Value)
        return self._key() == other._key()

    @override
    def __hash__(self) -> int:
        return hash((type(self).__name__, self._key()))

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return (partial(type(self), **self._fields()), ())


class Plain(Frozen):
    """Base of the classes that users derive from, so that even the simplest subclass is a value.

    Two of one class that hold the same are equal, and the repr shows what they hold. A dataclass brings
    its own of all three.
    """

    __slots__ = ()

    def _held(self) -> dict[str, object]:
        state = object.__getstate__(self)  # None, a dict, or a pair of dicts where there are slots
        parts = state if isinstance(state, tuple) else (state,)
        return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}

    @override
    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Plain)
        mine, others = self._held(), other._held()
        return mine.keys() == others.keys() and all(are_same(mine[name], others[name]) for name in mine)

    @override
    def __hash__(self) -> int:
        return hash(type(self).__qualname__)  # the attributes may be lists or arrays, and may change

    @override
    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in self._held().items() if not name.startswith("_")]
        return f"{type(self).__name__}({', '.join(shown)})"
