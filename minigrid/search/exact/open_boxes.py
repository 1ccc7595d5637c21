"""Open boxes as a value: what is left of a search, or a part of it, to be kept in a file or handed on to a worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._typing import JSON, FloatArray
from minigrid.search.exact.axes import Boxes
from minigrid.search.state import Fields, damaged, pack, pack_floats, unpack, unpack_floats

_FIELDS = ("count", "low", "width", "bounds")
_MOST = 2**25  # far more than memory is spent on


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenBoxes:
    """Some boxes with their bounds, in an order that matters to what is taken next.

    Attributes:
        boxes: any number of them, by ranks.
        bounds: shape (n_boxes,), the best scores possible in them, more being better.
    """

    boxes: Boxes
    bounds: FloatArray

    @classmethod
    def together(cls, parts: Sequence["OpenBoxes"]) -> "OpenBoxes":
        """Put some together, at least one, in their order."""
        low, high = (np.concatenate([getattr(part.boxes, end) for part in parts]) for end in ("low", "high"))
        return cls(Boxes(low, high), np.concatenate([part.bounds for part in parts]))

    def state(self) -> JSON:
        """Write them as JSON; `read` makes the same of it, to the bit."""
        low, high = self.boxes.low, self.boxes.high
        return {
            "count": len(self.boxes),
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
            CheckpointError: no boxes on these axes, or bounds that are none.
        """
        fields = Fields(state, where, _FIELDS)
        count = fields.integer("count", _MOST)
        shape = (count, len(lengths))
        low = unpack(fields["low"], fields.place("low"), shape)
        width = unpack(fields["width"], fields.place("width"), shape)
        room = np.array(lengths, dtype=np.int64) - 1
        if (low > room).any() or (width > room - low).any():
            raise damaged(where, "boxes within the grids", "others")
        return cls(Boxes(low, low + width), unpack_floats(fields["bounds"], fields.place("bounds"), count))
