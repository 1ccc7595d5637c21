"""Names in diagrams: any name that you give an input is written on one line, with a known width."""

import unicodedata

from minigrid.activations import Activation, FunctionActivation


def activation_name(activation: Activation) -> str:
    """Return an activation's name, with its parameters if it has any."""
    return activation.name if isinstance(activation, FunctionActivation) else repr(activation).removesuffix("()")


def plain(name: str) -> str:
    """Return a name with nothing that would break a line, a terminal or XML: gaps become spaces, the rest a mark."""
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )


def cells(text: str) -> int:
    """Count the columns that text takes in a terminal: an accent on a letter takes none, a wide letter two."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def cut(text: str, most: int) -> str:
    """Cut text off after this many columns."""
    if cells(text) <= most:
        return text
    used, beginning = 0, ""
    for letter in text:
        used += cells(letter)
        if used >= most:
            break
        beginning += letter
    return f"{beginning}\N{HORIZONTAL ELLIPSIS}"
