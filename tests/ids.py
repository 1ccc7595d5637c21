"""Names for the cases of a test, the same in every process: pytest-xdist compares them between its workers."""

import re


def stable(value: object) -> str:
    """Write a text as it is, and anything else as it shows itself, without its address in memory."""
    return value if isinstance(value, str) else re.sub(r" at 0x[0-9a-f]+", "", repr(value))
