"""Text for people: error messages, counts, durations, and short descriptions of values."""

import numpy as np

DAY = 86_400.0
"""Seconds."""


def message(argument: str, expected: str, got: str, fix: str) -> str:
    """Build an error message from its four parts."""
    return f"{argument}: expected {expected}, got {got}. {fix}"


def missing(argument: str, package: str, requirement: str) -> str:
    """Write the message for a package that is not installed, with the command that installs it."""
    fix = f"Run pip install {requirement}."
    return message(argument, f"{package} to be installed", "an environment without it", fix)


def format_count(count: int) -> str:
    """Write a count of any size in a readable form: 1,000,000 or 10^100 or about 2.5 x 10^31."""
    if abs(count) < 10**15:
        return f"{count:,}"
    from decimal import Decimal  # only for counts as large as this

    digits, _, power = f"{Decimal(count):.1e}".partition("e+")
    return f"10^{power}" if count == 10 ** int(power) else f"about {digits} x 10^{power}"


def format_seconds(seconds: float) -> str:
    """Write a duration in a suitable unit: under 0.01 s, 0.02 s, 5 min, 3 days, 9 years."""
    if seconds > 1e6 * 365.25 * DAY:
        return "more than a million years"
    for unit, size in (("years", 365.25 * DAY), ("days", DAY), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            amount = seconds / size
            return f"{float(f'{amount:.3g}'):,g} {unit}"
    if 0.0 < seconds < 0.01:
        return "under 0.01 s"
    return f"{seconds:.2g} s" if seconds < 100 else f"{seconds:.0f} s"


def format_forecast(seconds: float) -> str:
    """Write an estimate: as `format_seconds` up to a day, and beyond it only what it surely exceeds.

    Two estimates of one search may differ by a factor of two, because other programs run. Written so, they agree.
    """
    if seconds <= DAY:
        return format_seconds(seconds)
    years = 365.25 * DAY
    for name, size in (("a million years", 1e6 * years), ("a thousand years", 1e3 * years), ("a year", years)):
        if seconds > 2.0 * size:
            return f"more than {name}"
    return "more than a day"


def format_rough(low: float, high: float) -> str:
    """Write what is known about a proof that was only begun: about the shortest and the longest time."""
    low, high = (float(f"{seconds:.2g}") for seconds in (low, high))
    if low > DAY:
        return f"most likely {format_forecast(low)}"
    return f"roughly from {format_seconds(low)} to {'more than a day' if high > DAY else format_seconds(high)}"


def counted(count: int, noun: str) -> str:
    """Write a number of things: 1 neuron, 2 neurons."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def an(noun: str) -> str:
    """Put the article before a noun: a layer, an Activation."""
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"


def describe(value: object) -> str:
    """Describe `value` in a few words, for the 'got' of a message."""
    if isinstance(value, np.ndarray):
        kind = "an array" if type(value) is np.ndarray else f"a {type(value).__name__}"
        return f"{kind} of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**15:
        return format_count(value)
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of length {len(value)}"
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    return f"an object of type {type(value).__name__}"


def shown(thing: object) -> str:
    """Return the repr of a custom object for a message, or its class if the repr raises an exception."""
    try:
        return repr(thing)
    except Exception as error:
        return f"<an object of class {type(thing).__name__}, whose repr raises {said(error)}>"


def said(error: Exception) -> str:
    """Write an error that custom code raised, for the 'got' of a message."""
    return f"{type(error).__name__}: {error}"
