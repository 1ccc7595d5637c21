"""Documents: versioned JSON files that a person can read and compare line by line.

A document begins with its format and version. What fits on one line stands on one, and so do the numbers of a list:
a neuron that changed is a line that changed. Numbers are written with as many digits as it takes to get the same
float64 again. What is read is checked field by field (`fields.py`), and an error says in which file and where in it.
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

_WIDTH = 100  # of a line, if it can be
_LARGEST = 2**28  # bytes: no document of ours comes near
_INT64 = 2**63 - 1
_LONG = 10**1000
_ANOTHER = "Use another file: this one stays as it is."


def write_document(path: object, kind: str, version: int, content: Mapping[str, Data]) -> None:
    """Write a document, whole or not at all.

    Args:
        path: what a user gave.
        kind: what it is, such as 'minigrid network'.
        version: of its format.
        content: what stands in it.

    Raises:
        InvalidTypeError, InvalidValueError: `path` is no path of a file.
        OSError: it could not be written; a file that was there is as it was.
    """
    whole: dict[str, Data] = {"format": kind, "version": version, **content}
    # Half a character, as in the name of a folder that is no text, has no UTF-8: it is written as JSON's own escape.
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
        return plain  # numbers stay on a line, however many they are
    return "[" + ",".join(f"\n{inner}{_pretty(part, inner)}" for part in value) + f"\n{indent}]"


def read_document(path: object, kind: str, version: int) -> Fields:
    """Read a document.

    Args:
        path: of the file, as a user gave it.
        kind: what it is to be, such as 'minigrid network'.
        version: the newest that is known.

    Returns:
        All of it but its format and version; nothing in it was looked at yet.

    Raises:
        InvalidTypeError, InvalidValueError: `path` is no path of a file.
        FileFormatError: it is damaged, newer, or something else.
        OSError: it could not be read.
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
        content: of the file.
        name: of the file, for errors.
        kind: what it is to be, such as 'minigrid network'.
        version: the newest that is known.
        error: what is raised, and by the fields too.

    Returns:
        All of it but its format and version; nothing in it was looked at yet.

    Raises:
        CheckpointError, FileFormatError: it is damaged, newer, or something else.
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
    """Write a count of things of which there are `size`: as decimal digits where a table's column could not hold it.

    All counts of one kind are of one type, as they share their `size`.
    """
    return count if size <= _INT64 else str(Decimal(count))  # unlike an int, a Decimal of any length has a str


def portable(value: Data) -> Data:
    """Return what other tools can read: None for NaN and infinity, decimal digits for an int that exceeds 64 bits."""
    if isinstance(value, dict):
        return {name: portable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [portable(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return count_in(abs(value), value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_data(value: Data) -> Data:
    """Write the numbers that JSON cannot hold as text: infinite ones, and whole ones longer than parsers take."""
    if isinstance(value, dict):
        return {name: as_data(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_data(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(float(value))
    return hex(value) if isinstance(value, int) and value >= _LONG else value
