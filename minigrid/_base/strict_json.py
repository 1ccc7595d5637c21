"""JSON without surprises: each name once, no NaN, no number or depth that only an attack would have."""

import json
from typing import NoReturn


def parse_json(text: str) -> object:
    """Parse JSON.

    Args:
        text: all of it.

    Raises:
        ValueError: it is none, a name comes twice, a number has thousands of digits, is NaN or infinite, or brackets
            are nested deeper than any of ours.
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
