"""The array types that every signature of minigrid is written in, and the mark of overriding methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from typing_extensions import override
else:
    Method = TypeVar("Method")

    def override(method: Method) -> Method:
        """Mark a method that overrides another: a word to type checkers, nothing when it runs.

        Importing the real one would take a tenth of the time that NumPy takes.
        """
        return method


__all__ = ["JSON", "ArrayLike", "BoolArray", "Data", "FloatArray", "IntArray", "IntSequence", "override"]

FloatArray: TypeAlias = NDArray[np.float64]
"""Any array of float64; docstrings say its shape."""

IntArray: TypeAlias = NDArray[np.int64]
"""Labels, positions in a grid, counts."""

BoolArray: TypeAlias = NDArray[np.bool_]

IntSequence: TypeAlias = Sequence[int] | IntArray

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
"""What a checkpoint is written of. Floats are text in it, so that they come back bit for bit."""

Data: TypeAlias = "bool | int | float | str | list[Data] | dict[str, Data] | None"
"""What a document is written of, and what results give as plain data."""
