"""Open boxes as a value: the remainder of a search, or a part of it, to store in a file or send to a worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.codec import damaged, pack, pack_floats, unpack, unpack_floats
from minigrid._base.fields import Fields
from minigrid._base.typing import JSON, FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes

_FIELDS = ("count", "low", "width", "bounds")
_MOST = 2**25  # far more than memory is spent on


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenBoxes:
    """Some boxes with their bounds, in an order that matters to what is taken next, in few bytes.

    Attributes:
        ranks: shape (n_boxes, 2 * n_axes), the lowest ranks and then the highest, of the smallest type that holds them.
        bounds: shape (n_boxes,), the best scores possible in them, more being better.
    """

    ranks: NDArray[np.int16] | NDArray[np.int32]
    bounds: FloatArray

    @classmethod
    def of(cls, boxes: Boxes, bounds: FloatArray) -> "OpenBoxes":
        """Make it from boxes."""
        ranks = np.concatenate([boxes.low, boxes.high], axis=1)
        small = ranks.max(initial=0) < 2**15
        return cls(ranks.astype(np.int16) if small else ranks.astype(np.int32), bounds)

    @classmethod
    def together(cls, parts: Sequence["OpenBoxes"]) -> "OpenBoxes":
        """Concatenate some, at least one, in their order."""
        low, high = (np.concatenate([getattr(part.boxes, end) for part in parts]) for end in ("low", "high"))
        return cls.of(Boxes(low, high), np.concatenate([part.bounds for part in parts]))

    def __len__(self) -> int:
        return len(self.bounds)

    @property
    def boxes(self) -> Boxes:
        """The boxes, as a search has them."""
        return Boxes.of_ranks(self.ranks)

    @property
    def bound(self) -> float:
        """The best of the bounds; minus infinity if there is no box."""
        return float(self.bounds.max(initial=-np.inf))

    def state(self) -> JSON:
        """Write them as JSON; `read` makes the same of it, bit for bit."""
        boxes = self.boxes
        low, high = boxes.low, boxes.high
        return {
            "count": len(self),
            "low": pack(low),
            "width": pack(high - low),
            "bounds": pack_floats(self.bounds),
        }

    @classmethod
    def read(cls, state: object, lengths: Sequence[int], where: str = "boxes") -> "OpenBoxes":
        """Read what `state` wrote.

        Args:
            state: JSON, of whatever origin.
            lengths: how many values each axis has.
            where: what to call it in errors.

        Raises:
            CheckpointError: no boxes on these axes, some that share a corner, or bounds that are none.
        """
        fields = Fields(state, where).only(_FIELDS)
        count = fields.integer("count", _MOST)
        shape = (count, len(lengths))
        low = unpack(fields["low"], fields.where("low"), shape)
        width = unpack(fields["width"], fields.where("width"), shape)
        room = np.array(lengths, dtype=np.int64) - 1
        if (low > room).any() or (width > room - low).any():
            raise damaged(where, "boxes within the grids", "others")
        if _any_twice(low) or _any_twice(low + width):
            raise damaged(where, "boxes that have nothing in common", "some that share a corner")
        return cls.of(Boxes(low, low + width), unpack_floats(fields["bounds"], fields.where("bounds"), count))


def _any_twice(rows: IntArray) -> bool:
    """Tell whether two rows are equal."""
    ordered = rows[np.lexsort(rows.T)] if rows.size else rows
    return bool((ordered[1:] == ordered[:-1]).all(axis=1).any())
