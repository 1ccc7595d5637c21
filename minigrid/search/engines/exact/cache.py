"""A cache for values computed over boxes, limited in size: the same boxes of one neuron recur again and again."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import IntArray
from minigrid.search.engines.exact.axes import Boxes

CACHE_BYTES = 2**28
"""Bytes for the ranges of all neurons of a network together."""

CACHE_LOGS_BYTES = 2**28
"""Bytes for their logarithms."""

_LITTLE_BYTES = 2**22  # per neuron, if other workers bound most of the boxes
_FEW = 2**10  # rows; memory allocated beyond them costs nothing until it is used

_Number = TypeVar("_Number", np.float64, np.float32)


@final
class RowCache(Generic[_Number]):
    """A cache of two rows of numbers, the least and the greatest, for each box that was requested."""

    def __init__(
        self,
        compute: Callable[[Boxes], tuple[NDArray[_Number], NDArray[_Number]]],
        lengths: Sequence[int],
        n_samples: int,
        dtype: type[_Number],
        room: int,
    ) -> None:
        """Make room.

        Args:
            compute: computes the rows of some boxes, shape (n_boxes, n_samples) both.
            lengths: of the axes.
            n_samples: numbers in a row.
            dtype: their type.
            room: bytes.
        """
        self._compute: Callable[[Boxes], tuple[NDArray[_Number], NDArray[_Number]]] = compute
        self._room = max(room // (2 * np.dtype(dtype).itemsize * n_samples), 1)
        sides = np.array([*lengths, *lengths], dtype=np.float64)
        self._radix = np.concatenate([[1.0], np.cumprod(sides[:0:-1])])[::-1]
        # Above that, box numbers do not fit into integers, and hardly any box recurs.
        self._useful = self._radix[0] * sides[0] < 2.0**53
        self._rows: dict[int, int] = {}
        self._low: NDArray[_Number] = np.empty((0, n_samples), dtype=dtype)
        self._high: NDArray[_Number] = np.empty((0, n_samples), dtype=dtype)

    def shrink_cache(self) -> None:
        """Use little memory from now on."""
        row = 2 * self._low.itemsize * self._low.shape[1]
        self._room = min(self._room, max(_LITTLE_BYTES // row, 1))
        if len(self._low) > self._room:
            self._clear()

    def _clear(self) -> None:
        self._rows.clear()
        self._low = self._high = self._low[:0].copy()  # the old tables may still be in use

    def rows(self, boxes: Boxes) -> tuple[NDArray[_Number], NDArray[_Number], IntArray]:
        """Return a table of least numbers, one of greatest, and which of their rows each box has."""
        if not self._useful or len(boxes) > self._room:
            low, high = self._compute(boxes)
            return low, high, np.arange(len(boxes))
        keys = (np.concatenate([boxes.low, boxes.high], axis=1) @ self._radix.astype(np.int64)).tolist()
        if len(self._rows) + len(boxes) > self._room:
            self._clear()
        missing = {key: k for k, key in enumerate(keys) if key not in self._rows}
        if missing:
            self._add(list(missing), *self._compute(boxes[np.fromiter(missing.values(), dtype=np.int64)]))
        return self._low, self._high, np.array([self._rows[key] for key in keys], dtype=np.int64)

    def _add(self, keys: list[int], found_low: NDArray[_Number], found_high: NDArray[_Number]) -> None:
        start = len(self._rows)
        stop = start + len(keys)
        if stop > len(self._low):
            size = min(_FEW, self._room) if stop <= _FEW else self._room
            shape = (size, self._low.shape[1])
            low, high = np.empty(shape, dtype=self._low.dtype), np.empty(shape, dtype=self._low.dtype)
            low[:start], high[:start] = self._low[:start], self._high[:start]
            self._low, self._high = low, high
        self._low[start:stop], self._high[start:stop] = found_low, found_high
        self._rows.update(zip(keys, range(start, stop), strict=True))
