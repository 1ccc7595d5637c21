"""The array types in the signatures of minigrid, and the decorator ``override``."""

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
    """An array of float64 of any shape. Docstrings state the shape."""

    IntArray: TypeAlias = NDArray[np.int64]
    """An array of labels, positions in a grid, or counts."""

    BoolArray: TypeAlias = NDArray[np.bool_]
else:
    # The full types would fill a page of `help`, so it shows these names instead.
    ArrayLike = NewType("ArrayLike", object)
    ArrayLike.__module__ = "numpy.typing"
    FloatArray, IntArray, BoolArray = (NewType(name, np.ndarray) for name in ("FloatArray", "IntArray", "BoolArray"))
    FloatArray.__module__ = "minigrid"

    Method = TypeVar("Method")

    def override(method: Method) -> Method:
        """Mark a method that overrides another, for type checkers. It does nothing at run time.

        To import the real one would take a tenth of the time that NumPy takes.
        """
        return method


IntSequence: TypeAlias = Sequence[int] | IntArray

RegisteredName = NewType("RegisteredName", str)
"""A name that you have registered. Type checkers know the built-in names and report a misspelt one. Pass a name that
comes from elsewhere, such as a command line, as `RegisteredName(text)`."""

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
"""The content of a checkpoint. Floats are text in it, so that they are read back bit for bit."""

Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"
"""The content of a document, and the plain data of a result."""
