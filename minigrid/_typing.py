"""The array types that every signature of minigrid is written in."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ArrayLike", "BoolArray", "FloatArray", "IntArray", "IntSequence"]

FloatArray: TypeAlias = NDArray[np.float64]
"""Any array of float64; docstrings say its shape."""

IntArray: TypeAlias = NDArray[np.int64]
"""Labels, positions in a grid, counts."""

BoolArray: TypeAlias = NDArray[np.bool_]

IntSequence: TypeAlias = Sequence[int] | IntArray
