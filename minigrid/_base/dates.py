"""Advice for columns of dates, durations and times: the code that turns them into seconds."""

from datetime import date, time, timedelta
from typing import Any

__all__ = ["as_seconds"]


def as_seconds(column: Any, kind: str, odd: object, code: str) -> str | None:
    """Write the code that turns a column of dates, durations or times into seconds; None if it holds something else.

    Args:
        column: of pandas or polars, or of PyArrow, which is to be converted to pandas first.
        kind: the kind of the array that NumPy makes of it: "M" for dates, "m" for durations.
        odd: an item of it.
        code: an expression for the column of pandas or polars.
    """
    is_typed = hasattr(column, "dt")  # of pandas only if all are dates, and not objects
    if isinstance(odd, time):
        is_polars = is_typed and not hasattr(column, "iloc")
        seconds = f"[one.hour * 3600 + one.minute * 60 + one.second for one in {code}]"
        return f"{code}.cast(int) / 1e9" if is_polars else seconds
    if kind == "M" or isinstance(odd, date) or (is_typed and type(odd).__name__ == "Period"):
        start = code
        if type(odd).__name__ == "Period":
            start = f"{code}.dt.start_time"
        elif not is_typed or (type(odd) is date and hasattr(column, "iloc")):
            start = f"pandas.to_datetime({code}, utc=True)"
        return f"({start} - {start}.min()).dt.total_seconds()"
    if kind == "m" or isinstance(odd, timedelta):
        return f"{code if is_typed else f'pandas.to_timedelta({code})'}.dt.total_seconds()"
    return None
