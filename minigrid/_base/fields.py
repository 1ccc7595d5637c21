"""Reads the objects of a JSON file field by field. It trusts nothing, and an error says which place is wrong."""

from collections.abc import Iterable
from typing import TypeVar, final

from minigrid._base.codec import FileError, damaged, read_float, read_int, refusal
from minigrid._base.text import describe
from minigrid.exceptions import CheckpointError

T = TypeVar("T")

_EXACT = 2**53  # whole numbers up to here are floats too


@final
class Fields:
    """An object of a JSON file, to be read field by field.

    Args:
        value: the parsed object.
        root: the name of the root for errors, such as the file.
        path: the path from the root to this object, such as 'layers[0]'; empty for the root itself.
        error: the error to raise.
    """

    def __init__(self, value: object, root: str, *, path: str = "", error: type[FileError] = CheckpointError) -> None:
        """Check that the value is an object.

        Raises:
            CheckpointError, FileFormatError: it is something else.
        """
        self._root = root
        self._path = path
        self._error = error
        if not isinstance(value, dict):
            raise self._damaged("", "an object with named fields", value)
        self._value: dict[str, object] = value

    def only(self, required: Iterable[str], optional: Iterable[str] = ()) -> "Fields":
        """Check that these fields are present, and no others; return this object.

        Raises:
            CheckpointError, FileFormatError: a field is missing, or there is one too many.
        """
        needed = list(required)
        known = [*needed, *optional]
        others = [describe(name) for name in self._value if name not in known]
        for name in needed:
            if name not in self._value:
                got = "none of that name" + (f", but {', '.join(others)}" if others else "")
                raise self.error("", f"the field {name!r}", got)
        if others:
            raise self.error("", f"no fields but {', '.join(known)}", others[0])
        return self

    def __contains__(self, name: str) -> bool:
        """Whether a field is present and not null."""
        return self[name] is not None

    def __getitem__(self, name: str) -> object:
        """Return a field as it was parsed, or None if it is missing."""
        return self._value.get(name)

    def where(self, name: str = "") -> str:
        """Return the place of a field for errors; without a name, that of this object."""
        path = self._to(name)
        return f"{self._root}, {path}" if path else self._root

    def _to(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part)

    def error(self, name: str, expected: str, got: str) -> FileError:
        """Build the error for a field, or for this object if the name is empty."""
        return refusal(self._error, self.where(name), expected, got)

    def _damaged(self, name: str, expected: str, value: object) -> FileError:
        return damaged(self.where(name), expected, value, self._error)

    def part(self, name: str) -> "Fields":
        """Read an object in this one."""
        return self._inner(self[name], name)

    def parts(self, name: str) -> list["Fields"]:
        """Read a list of objects."""
        return [self._inner(item, f"{name}[{k}]") for k, item in enumerate(self.items(name))]

    def _inner(self, value: object, name: str) -> "Fields":
        return Fields(value, self._root, path=self._to(name), error=self._error)

    def _typed(self, name: str, kind: type[T], expected: str) -> T:
        value = self[name]
        if not isinstance(value, kind):
            raise self._damaged(name, expected, value)
        return value

    def items(self, name: str) -> list[object]:
        """Read a list."""
        return self._typed(name, list, "a list")

    def scalars(self) -> dict[str, object]:
        """Read all fields of this object, each of which must be a single value."""
        for name, value in self._value.items():
            if isinstance(value, list | dict):
                raise self._damaged(name, "a number, text, true, false or null", value)
        return dict(self._value)

    def text(self, name: str) -> str:
        """Read text."""
        return self._typed(name, str, "text")

    def strings(self, name: str) -> list[str]:
        """A list of strings."""
        found = list[str]()
        for k, value in enumerate(self.items(name)):
            if not isinstance(value, str):
                raise self._damaged(f"{name}[{k}]", "text", value)
            found.append(value)
        return found

    def flag(self, name: str) -> bool:
        """Read True or False."""
        return self._typed(name, bool, "true or false")

    def integer(self, name: str, most: int | None = None) -> int:
        """Read a whole number of at least 0, and at most `most` if you give it."""
        return read_int(self[name], self.where(name), most, self._error)

    def integers(self, name: str) -> list[int]:
        """Read a list of whole numbers of at least 0, of any size."""
        items = enumerate(self.items(name))
        return [read_int(item, self.where(f"{name}[{k}]"), error=self._error) for k, item in items]

    def number(self, name: str) -> float:
        """Read a float in hexadecimal, as `write_float` writes it. It is not NaN."""
        return read_float(self[name], self.where(name))

    def decimal(self, name: str) -> float:
        """Read a finite float in decimal digits."""
        return self._decimal(name, self[name])

    def decimals(self, name: str) -> list[float]:
        """Read a list of finite floats in decimal digits."""
        return [self._decimal(f"{name}[{k}]", value) for k, value in enumerate(self.items(name))]

    def score(self, name: str) -> float:
        """Read a float in decimal digits, or an infinite one, which is written as text."""
        value = self[name]
        return float(value) if value in ("inf", "-inf") else self._decimal(name, value)

    def _decimal(self, name: str, value: object) -> float:
        if isinstance(value, float):
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._damaged(name, "a number", value)
        if abs(value) > _EXACT:
            raise self._damaged(name, "a number with a point, as it is beyond 2^53", value)
        return float(value)
