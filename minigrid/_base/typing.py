"""The array types in the signatures of minigrid, and the decorator ``override``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from typing_extensions import override
else:
    Method = TypeVar("Method")

    def override(method: Method) -> Method:
        """Mark a method that overrides another, for type checkers. It does nothing at run time.

        To import the real one would take a tenth of the time that NumPy takes.
        """
        return method


__all__ = ["JSON", "ArrayLike", "BoolArray", "Data", "FloatArray", "IntArray", "IntSequence", "override"]

FloatArray: TypeAlias = NDArray[np.float64]
"""An array of float64 of any shape. Docstrings state the shape."""

IntArray: TypeAlias = NDArray[np.int64]
"""An array of labels, positions in a grid, or counts."""

BoolArray: TypeAlias = NDArray[np.bool_]

IntSequence: TypeAlias = Sequence[int] | IntArray

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
"""The content of a checkpoint. Floats are text in it, so that they are read back bit for bit."""

Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"
"""The content of a document, and the plain data of a result."""
