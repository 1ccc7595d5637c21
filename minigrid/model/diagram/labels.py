"""Names in diagrams: whatever a user calls an input, it is written on one line, and takes a width that is known."""

import unicodedata

from minigrid.activations import Activation, FunctionActivation


def activation_name(activation: Activation) -> str:
    """Return an activation's name, with its parameters if it has any."""
    return activation.name if isinstance(activation, FunctionActivation) else repr(activation).removesuffix("()")


def plain(name: str) -> str:
    """Return a name without what would break a line, a terminal or XML: spaces for gaps, a mark for the rest."""
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )


def cells(text: str) -> int:
    """Count the columns that text takes in a terminal: none for an accent put on a letter, two for a wide letter."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def cut(text: str, most: int) -> str:
    """Return text of this many columns at most: the beginning of what is longer."""
    if cells(text) <= most:
        return text
    used, beginning = 0, ""
    for letter in text:
        used += cells(letter)
        if used >= most:
            break
        beginning += letter
    return f"{beginning}\N{HORIZONTAL ELLIPSIS}"
