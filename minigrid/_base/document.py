"""Documents: versioned JSON files that a person can read and compare line by line.

A document begins with its format and version. An object that fits on one line stands on one line, and so do the numbers
of a list: if a neuron changes, a line changes. Numbers have as many digits as they need to be read back as the same
float64. The reader checks every field (`fields.py`), and an error names the file and the place in it.
"""

import json
import math
from collections.abc import Mapping
from decimal import Decimal

from minigrid._base.codec import FileError, damaged, refusal
from minigrid._base.fields import Fields
from minigrid._base.files import as_file_path, write_file
from minigrid._base.strict_json import parse_json
from minigrid._base.text import describe
from minigrid._base.typing import Data
from minigrid.exceptions import FileFormatError

_WIDTH = 100  # of a line, if possible
_LARGEST = 2**28  # bytes: no document that minigrid writes comes near
_INT64 = 2**63 - 1
_LONG = 10**1000
_ANOTHER = "Use another file. minigrid leaves this one as it is."


def write_document(path: object, kind: str, version: int, content: Mapping[str, Data]) -> None:
    """Write a document to a file, all of it or nothing.

    Args:
        path: the path that the user passed.
        kind: the kind of document, such as 'minigrid network'.
        version: the version of its format.
        content: the fields of the document.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file.
        OSError: the file could not be written. An earlier file stays as it was.
    """
    whole: dict[str, Data] = {"format": kind, "version": version, **content}
    # Half a character, as in the name of a folder that is not text, has no UTF-8. It is written as an escape of JSON.
    write_file(_as_path(path, kind), (_pretty(whole, "") + "\n").encode("utf-8", "backslashreplace"))


def _as_path(path: object, kind: str) -> str:
    return as_file_path(path, "path", f'Pass a path, such as "{kind.removeprefix("minigrid ")}.json".')


def _pretty(value: Data, indent: str) -> str:
    plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, list | dict) or len(indent) + len(plain) <= _WIDTH:
        return plain
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{json.dumps(name, ensure_ascii=False)}: {_pretty(part, inner)}" for name, part in value.items()]
        return "{" + ",".join(f"\n{inner}{line}" for line in lines) + f"\n{indent}}}"
    if not any(isinstance(part, list | dict) for part in value):
        return plain  # the numbers of a list stay on one line, however many there are
    return "[" + ",".join(f"\n{inner}{_pretty(part, inner)}" for part in value) + f"\n{indent}]"


def read_document(path: object, kind: str, version: int) -> Fields:
    """Read a document.

    Args:
        path: the path of the file, as the user passed it.
        kind: the expected kind, such as 'minigrid network'.
        version: the newest version that this code knows.

    Returns:
        All fields but the format and the version, not yet checked.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is not the path of a file.
        FileFormatError: the file is damaged, newer, or of another kind.
        OSError: the file could not be read.
    """
    real = _as_path(path, kind)
    with open(real, "rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise refusal(
            FileFormatError, real, f"a {kind}", "a file that is larger than any of them", "Choose another file."
        )
    return parse_document(content, real, kind, version, FileFormatError)


def parse_document(content: bytes, name: str, kind: str, version: int, error: type[FileError]) -> Fields:
    """Parse all of a file that begins with its format and version.

    Args:
        content: the content of the file.
        name: the name of the file, for errors.
        kind: the expected kind, such as 'minigrid network'.
        version: the newest version that this code knows.
        error: the error to raise, also by the fields.

    Returns:
        All fields but the format and the version, not yet checked.

    Raises:
        CheckpointError, FileFormatError: the file is damaged, newer, or of another kind.
    """
    try:
        whole = parse_json(content.decode("utf-8-sig"))
    except ValueError as reason:
        got = f"{type(reason).__name__}: {reason}" if content.strip() else "an empty file"
        fix = "" if kind.encode() in content[:100] else _ANOTHER
        raise refusal(error, name, f"a {kind}, which is JSON", got, fix) from None
    if not isinstance(whole, dict) or whole.get("format") != kind:
        found = whole.get("format") if isinstance(whole, dict) else whole
        is_ours = isinstance(found, str) and found.startswith("minigrid ") and found.isprintable()
        raise refusal(error, name, f"a {kind}", f"a {found}" if is_ours else "something else", _ANOTHER)
    written = whole.get("version")
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise damaged(f"{name}, version", "a whole number from 1 on", written, error)
    if written > version:
        fix = "Continue with the version of minigrid that wrote it or a newer one, or use another file."
        expected = f"version {version} of the format at most"
        raise refusal(error, name, expected, f"the newer {describe(written)}", fix)
    return Fields({key: part for key, part in whole.items() if key not in ("format", "version")}, name, error=error)


def count_in(size: int, count: int) -> int | str:
    """Return a count of at most `size` things, as text if a table's column of integers could not hold `size`.

    Counts with the same `size` therefore have the same type.
    """
    return count if size <= _INT64 else str(Decimal(count))  # unlike an int, a Decimal of any length has a str


def finite(number: float) -> float | None:
    """Return a number that JSON can hold: NaN and infinity become None."""
    return number if math.isfinite(number) else None


def portable(value: Data) -> Data:
    """Return data that other tools can read: NaN and infinity become None, and ints beyond 64 bits become text."""
    if isinstance(value, dict):
        return {name: portable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [portable(part) for part in value]
    if isinstance(value, float):
        return finite(value)
    return count_in(abs(value), value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_data(value: Data) -> Data:
    """Turn numbers that JSON cannot hold into text: infinite ones, and whole ones too long for a parser."""
    if isinstance(value, dict):
        return {name: as_data(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_data(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(float(value))
    return hex(value) if isinstance(value, int) and value >= _LONG else value
