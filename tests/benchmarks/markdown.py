"""How the report writes tables, numbers and durations, so that they can be read in a terminal too."""

import math
from collections.abc import Sequence


def duration(seconds: float) -> str:
    """Write a duration so that it can be felt: 4.1 ms, 0.29 s, 82 s, 39 min, 8.2 h, 12 days, 9.3 years."""
    year = 365.25 * 86_400
    for size, unit in ((year, "years"), (86_400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds)} s" if seconds >= 0.1 else f"{digits(1000 * seconds)} ms"


def digits(number: float) -> str:
    """Write two significant digits, three from 100 on, and powers of ten for what is longer."""
    if number >= 1e6 or number == 0.0:
        return f"{number:.1e}" if number else "0"
    return f"{number:,.0f}" if number >= 10 else f"{number:.{max(0, 1 - math.floor(math.log10(number)))}f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table whose columns line up: the first two to the left, the rest to the right."""
    cells = [[text.replace("|", "\\|") for text in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[k]) for row in cells)) for k in range(len(header))]

    def line(row: Sequence[str]) -> str:
        filled = [
            text.ljust(width) if k < 2 else text.rjust(width)
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(filled)} |"

    rule = [("-" * width if k < 2 else "-" * (width - 1) + ":") for k, width in enumerate(widths)]
    return "\n".join([line(cells[0]), line(rule), *map(line, cells[1:])])
