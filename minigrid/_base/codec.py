"""The state of a search as JSON: numbers are read back bit for bit, and readers trust nothing.

Floats are written in hexadecimal, as `float.hex` does, and so are whole numbers beyond 2^53, because a number in JSON
may have any length. Arrays are written as the base64 of their compressed bytes. The readers check every number. If a
file holds something that minigrid would never write, they raise a `CheckpointError` that says where.
"""

import binascii
import math
import re
import zlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from minigrid._base.text import describe, message
from minigrid._base.typing import JSON, FloatArray, IntArray
from minigrid.exceptions import CheckpointError, FileFormatError

FileError: TypeAlias = CheckpointError | FileFormatError

_LARGEST_PLAIN = 2**53
_HEX_INT = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)")
_LONGEST = 400  # the most characters of a file that a message quotes, so that no file makes a message too long
_MOST_PACKED = 1100  # the most bytes that one byte of zlib's can expand to, and a few more
_LEVEL = 1  # of compression: higher levels cost more time than they save
_FIXS: dict[type[FileError], str] = {
    CheckpointError: "The file is damaged: use another, or delete it to begin again.",
    FileFormatError: "Correct it, or use another file.",
}


def refusal(error: type[FileError], where: str, expected: str, got: str, fix: str = "") -> FileError:
    """Build the error for a file or a part of it; without a `fix`, for something that minigrid never writes."""
    if len(got) > _LONGEST:
        got = f"{got[:_LONGEST]}..."
    return error(message(where, expected, got, fix or _FIXS[error]))


def damaged(where: str, expected: str, got: object, error: type[FileError] = CheckpointError) -> FileError:
    """Build the error for something that minigrid never writes."""
    return refusal(error, where, expected, describe(got))


def write_float(number: float) -> str:
    """Write a float, which may be infinite."""
    return float(number).hex()


def read_float(value: object, where: str) -> float:
    """Read a float that is not NaN, in the form in which it was written."""
    if isinstance(value, str) and len(value) < 40:
        try:
            number = float.fromhex(value)
        except (ValueError, OverflowError):
            number = math.nan
        if number.hex() == value and not math.isnan(number):
            return number
    raise damaged(where, "a number in hexadecimal", value)


def write_int(number: int) -> JSON:
    """Write a whole number of any size."""
    return number if number < _LARGEST_PLAIN else hex(number)


def read_int(value: object, where: str, most: int | None = None, error: type[FileError] = CheckpointError) -> int:
    """Read a whole number of at least 0, and at most `most` if you give it, in decimal or hexadecimal digits."""
    number = -1
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _HEX_INT.fullmatch(value):
        number = int(value, 16)
    if number < 0 or (most is not None and number > most):
        expected = "a whole number from 0 on" + ("" if most is None else ", not beyond what there is")
        raise damaged(where, expected, value, error)
    return number


def pack(array: IntArray) -> JSON:
    """Write an array of whole numbers of at least 0, shape (n_rows, n_columns), in as few bytes as they need."""
    largest = int(array.max(initial=0))
    kind = next(kind for kind in ("u1", "u2", "u4", "u8") if largest < 256 ** int(kind[1]))
    return {"kind": kind, "data": _compress(np.ascontiguousarray(array.T), kind)}


def unpack(value: object, where: str, shape: tuple[int, int]) -> IntArray:
    """Read an array of whole numbers of a known shape."""
    if not isinstance(value, dict) or value.keys() != {"kind", "data"}:
        raise damaged(where, "the fields kind and data", value)
    kind = value["kind"]
    if kind not in ("u1", "u2", "u4", "u8"):
        raise damaged(where, "the size of a whole number", kind)
    numbers = _decompress(value["data"], where, kind, shape[0] * shape[1])
    if kind == "u8" and (numbers >= 2**63).any():
        raise damaged(where, "numbers below 2^63", "larger ones")
    return np.ascontiguousarray(numbers.astype(np.int64).reshape(shape[1], shape[0]).T)


def pack_floats(array: FloatArray) -> str:
    """Write a vector of floats."""
    return _compress(array, "f8")


def unpack_floats(value: object, where: str, size: int) -> FloatArray:
    """Read a vector of floats. They may be infinite, but not NaN."""
    numbers: FloatArray = _decompress(value, where, "f8", size).astype(np.float64)
    if np.isnan(numbers).any():
        raise damaged(where, "numbers", "NaN")
    return numbers


def _compress(array: IntArray | FloatArray, kind: str) -> str:
    size = int(kind[1])
    # All first bytes come first, then all second ones, and so on: equal places hold similar bytes, which pack well.
    shuffled = array.astype(f"<{kind}").reshape(-1).view(np.uint8).reshape(-1, size).T.tobytes()
    return binascii.b2a_base64(zlib.compress(shuffled, _LEVEL), newline=False).decode("ascii")


def _decompress(text: object, where: str, kind: str, count: int) -> IntArray | FloatArray:
    if not isinstance(text, str):
        raise damaged(where, "text", text)
    size = int(kind[1])
    length = size * count
    try:
        packed = binascii.a2b_base64(text, strict_mode=True)
        # So few bytes cannot expand to this many: no file makes minigrid allocate more than it accounts for.
        if length > _MOST_PACKED * len(packed):
            raise ValueError("too short")
        stream = zlib.decompressobj()
        shuffled = stream.decompress(packed, length + 1)
        if len(shuffled) != length or not stream.eof or stream.unused_data:
            raise ValueError("of another length")
    except (ValueError, zlib.error):
        raise damaged(where, f"{count} numbers, packed", text) from None
    plain = np.frombuffer(shuffled, dtype=np.uint8).reshape(size, -1).T.tobytes()
    numbers: IntArray | FloatArray = np.frombuffer(plain, dtype=f"<{kind}")
    return numbers


def write_best(best: Sequence[tuple[float, int]]) -> JSON:
    """Write candidates as (objective, index)."""
    return [[write_float(objective), write_int(index)] for objective, index in best]


def read_best(value: object, where: str, *, size: int, top: int, sign: float) -> list[tuple[float, int]]:
    """Read at most `top` candidates of a space of `size`, in order: best first, equal scores by index."""
    if not isinstance(value, list) or len(value) > top:
        raise damaged(where, f"a list of at most {top} candidates", value)
    best: list[tuple[float, int]] = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise damaged(where, "pairs of a score and an index", pair)
        best.append((read_float(pair[0], where), read_int(pair[1], where, size - 1)))
    order = [(-sign * score, index) for score, index in best]
    if order != sorted(order) or len({index for _, index in best}) != len(best):
        raise damaged(where, "each candidate once, the best first", value)
    return best
