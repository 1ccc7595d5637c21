"""A strict parser of JSON: it refuses repeated names, NaN, and the huge numbers and depths of an attack."""

import json
from typing import NoReturn


def parse_json(text: str) -> object:
    """Parse JSON.

    Args:
        text: the whole document.

    Raises:
        ValueError: the text is not JSON, a name comes twice, a number has thousands of digits, is NaN or infinite, or
            brackets are nested deeper than minigrid ever writes them.
    """
    try:
        return json.loads(text, object_pairs_hook=_distinct, parse_float=_finite, parse_constant=_refuse_number)
    except RecursionError:
        raise ValueError("brackets nested too deep") from None


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that comes twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        _refuse_number(text)
    return number


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"the number {text[:40]}")
