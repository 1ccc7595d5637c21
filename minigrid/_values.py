"""What makes a model or a result a value: equality, hash and pickling by its fields, arrays included."""

import dataclasses
from typing import Any

import numpy as np

from minigrid._typing import override


def _comparable(value: object) -> object:
    if isinstance(value, np.ndarray):
        return (value.shape, tuple(value.ravel().tolist()))
    return value


class Value:
    """Base of frozen dataclasses whose fields may be arrays: equal, and hashed alike, field by field.

    It also rebuilds through the constructor when unpickled or copied, so that arrays are read-only
    in the copy too. A subclass is declared with `@dataclass(frozen=True, slots=True, eq=False)`.
    """

    __slots__ = ()

    def _key(self) -> tuple[object, ...]:
        return tuple(_comparable(value) for value in self._fields())

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass

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
        return (type(self), self._fields())
