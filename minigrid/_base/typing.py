"""The array types that every signature of minigrid is written in, and the mark of overriding methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NewType, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "JSON",
    "ArrayLike",
    "BoolArray",
    "Data",
    "FloatArray",
    "IntArray",
    "IntSequence",
    "RegisteredName",
    "override",
]

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from typing_extensions import override

    FloatArray: TypeAlias = NDArray[np.float64]
    """Any array of float64; docstrings say its shape."""

    IntArray: TypeAlias = NDArray[np.int64]
    """Labels, positions in a grid, counts."""

    BoolArray: TypeAlias = NDArray[np.bool_]
else:
    # What these stand for would fill a page of `help`, which is to show their names.
    ArrayLike = NewType("ArrayLike", object)
    ArrayLike.__module__ = "numpy.typing"
    FloatArray, IntArray, BoolArray = (NewType(name, np.ndarray) for name in ("FloatArray", "IntArray", "BoolArray"))
    FloatArray.__module__ = "minigrid"

    Method = TypeVar("Method")

    def override(method: Method) -> Method:
        """Mark a method that overrides another: a word to type checkers, nothing when it runs.

        Importing the real one would take a tenth of the time that NumPy takes.
        """
        return method


IntSequence: TypeAlias = Sequence[int] | IntArray

RegisteredName = NewType("RegisteredName", str)
"""A name that a script has registered. Type checkers know the built-in names, so a misspelt one is an error to them;
a name that comes from elsewhere, such as a command line, is passed as `RegisteredName(text)`."""

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
"""What a checkpoint is written of. Floats are text in it, so that they come back bit for bit."""

Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"
"""What a document is written of, and what results give as plain data."""
