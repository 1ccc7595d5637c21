"""Documents: versioned JSON files that a person can read and compare line by line, and a reader that trusts nothing.

A document begins with its format and version. What fits on one line stands on one, and so do the numbers of a list:
a neuron that changed is a line that changed. Numbers are written with as many digits as it takes to get the same
float64 again. What is read is checked field by field, and an error says in which file and where in it.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import final

from minigrid._base.files import write_file
from minigrid._base.strict_json import parse_json
from minigrid._base.text import describe
from minigrid._base.typing import Data
from minigrid.exceptions import FileFormatError

_LONGEST = 400  # characters that a message quotes
_WIDTH = 100  # of a line, if it can be
_LARGEST = 2**28  # bytes: no document of ours comes near
_LONG = 10**1000
_HEX = re.compile(r"0x[0-9a-f]+")
_EXACT = 2**53  # whole numbers up to here are floats too


def write_document(path: str, kind: str, version: int, content: Mapping[str, Data]) -> None:
    """Write a document, whole or not at all.

    Args:
        path: absolute, and no link.
        kind: what it is, such as 'minigrid network'.
        version: of its format.
        content: what stands in it; floats are finite.

    Raises:
        OSError: it could not be written; a file that was there is as it was.
    """
    whole: dict[str, Data] = {"format": kind, "version": version, **content}
    # Half a character, as in the name of a folder that is no text, has no UTF-8: it is written as JSON's own escape.
    write_file(path, (_pretty(whole, "") + "\n").encode("utf-8", "backslashreplace"))


def _pretty(value: Data, indent: str) -> str:
    plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, list | dict) or len(indent) + len(plain) <= _WIDTH:
        return plain
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{json.dumps(name, ensure_ascii=False)}: {_pretty(part, inner)}" for name, part in value.items()]
        return "{" + ",".join(f"\n{inner}{line}" for line in lines) + f"\n{indent}}}"
    if not any(isinstance(part, list | dict) for part in value):
        return plain  # numbers stay on a line, however many they are
    return "[" + ",".join(f"\n{inner}{_pretty(part, inner)}" for part in value) + f"\n{indent}]"


def read_document(path: str, kind: str, version: int) -> "Part":
    """Read a document.

    Args:
        path: of the file.
        kind: what it is to be, such as 'minigrid network'.
        version: the newest that is known.

    Returns:
        All of it but its format and version; nothing in it was looked at yet.

    Raises:
        FileFormatError: it is damaged, newer, or something else.
        OSError: it could not be read.
    """
    with open(path, "rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise _refused(path, f"a {kind}", "a file that is larger than any of them", "Choose another file.")
    try:
        whole = parse_json(content.decode("utf-8-sig"), floats=True)
    except ValueError as error:
        got = "an empty file" if not content.strip() else f"{type(error).__name__}: {error}"
        raise _refused(path, f"a {kind}, which is JSON", got, "It is damaged, or something else.") from None
    if not isinstance(whole, dict) or whole.get("format") != kind:
        found = whole.get("format") if isinstance(whole, dict) else whole
        is_ours = isinstance(found, str) and found.startswith("minigrid ") and found.isprintable()
        got = f"a {found}" if is_ours else "something else"
        raise _refused(path, f"a {kind}", got, "Choose another file.")
    written = whole.get("version")
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise _refused(f"{path}, version", "a whole number from 1 on", describe(written), "It is damaged.")
    if written > version:
        mend = "Read it with the version of minigrid that wrote it, or a newer one."
        raise _refused(path, f"version {version} of the format at most", f"the newer {describe(written)}", mend)
    return Part({name: value for name, value in whole.items() if name not in ("format", "version")}, path, "")


def _refused(where: str, expected: str, got: str, mend: str) -> FileFormatError:
    if len(got) > _LONGEST:  # whoever wrote the file does not say how long our messages are
        got = f"{got[:_LONGEST]}..."
    return FileFormatError(f"{where}: expected {expected}, got {got}. {mend}")


def float_data(number: float) -> Data:
    """Return a float as it is written: as text if it is infinite, as JSON has no such number."""
    return float(number) if math.isfinite(number) else repr(float(number))


def int_data(number: int) -> Data:
    """Return a whole number as it is written: as hexadecimal text if it has more digits than parsers take."""
    return number if number < _LONG else hex(number)


@final
class Part:
    """An object of a document, read field by field.

    Args:
        value: what was read.
        path: of the file.
        place: where in it, such as 'layers[0]'; empty: all of it.
    """

    def __init__(self, value: object, path: str, place: str) -> None:
        """Take an object.

        Raises:
            FileFormatError: it is none.
        """
        self.path: str = path
        self.place: str = place
        if not isinstance(value, dict):
            raise self._wrong("", "an object with named fields", value)
        self._value: dict[str, object] = value

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def only(self, required: Iterable[str], optional: Iterable[str] = ()) -> "Part":
        """Check that these fields are there, and no others; return this part.

        Raises:
            FileFormatError: one is missing or too many.
        """
        needed = list(required)
        known = [*needed, *optional]
        for name in needed:
            if name not in self._value:
                others = ", ".join(describe(other) for other in self._value if other not in known)
                got = f"none of that name, but {others}" if others else "none of that name"
                raise self.error("", f"the field {name!r}", got, "Put it in.")
        for name in self._value:
            if name not in known:
                raise self.error("", f"no fields but {', '.join(known)}", describe(name), "Leave it out.")
        return self

    def error(self, name: str, expected: str, got: str, mend: str) -> FileFormatError:
        """Build the error for a field; with an empty name for all of this part."""
        place = self._place_of(name)
        return _refused(f"{self.path}, {place}" if place else self.path, expected, got, mend)

    def _wrong(self, name: str, expected: str, value: object) -> FileFormatError:
        return self.error(name, expected, describe(value), "It is damaged.")

    def _place_of(self, name: str) -> str:
        return ".".join(part for part in (self.place, name) if part)

    def raw(self, name: str) -> object:
        """A field as it was parsed."""
        return self._value.get(name)

    def part(self, name: str) -> "Part":
        """An object in this one."""
        return Part(self.raw(name), self.path, self._place_of(name))

    def parts(self, name: str) -> list["Part"]:
        """A list of objects."""
        place = self._place_of(name)
        return [Part(item, self.path, f"{place}[{k}]") for k, item in enumerate(self.items(name))]

    def items(self, name: str) -> list[object]:
        """A list."""
        value = self.raw(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        return value

    def text(self, name: str) -> str:
        """Some text."""
        value = self.raw(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text", value)
        return value

    def flag(self, name: str) -> bool:
        """True or False."""
        value = self.raw(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def scalars(self) -> dict[str, object]:
        """All fields of this part, which hold nothing but single values."""
        for name, value in self._value.items():
            if isinstance(value, list | dict):
                raise self._wrong(name, "a number, text, true, false or null", value)
        return dict(self._value)

    def integer(self, name: str) -> int:
        """A whole number from 0 on, of any size."""
        return self._integer(name, self.raw(name))

    def integers(self, name: str) -> list[int]:
        """A list of whole numbers from 0 on."""
        return [self._integer(f"{name}[{k}]", value) for k, value in enumerate(self.items(name))]

    def _integer(self, name: str, value: object) -> int:
        if isinstance(value, str) and _HEX.fullmatch(value):
            return int(value, 16)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(name, "a whole number from 0 on", value)
        return value

    def number(self, name: str) -> float:
        """A number."""
        return self._number(name, self.raw(name))

    def numbers(self, name: str) -> list[float]:
        """A list of numbers."""
        return [self._number(f"{name}[{k}]", value) for k, value in enumerate(self.items(name))]

    def score(self, name: str) -> float:
        """A number, or an infinite one as `float_data` writes it."""
        value = self.raw(name)
        return float(value) if value in ("inf", "-inf") else self._number(name, value)

    def _number(self, name: str, value: object) -> float:
        if isinstance(value, float):
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "a number", value)
        if abs(value) > _EXACT:
            raise self._wrong(name, "a number with a point, as it is beyond 2^53", value)
        return float(value)
