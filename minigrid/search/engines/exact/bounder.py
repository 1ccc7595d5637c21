"""The interface of a bounder: everything that a proof asks of bounds."""

from typing import Protocol

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes

MANY_TOGETHER = 4096
"""The number of boxes to bound together, unless there is a reason for fewer."""

MANY_SAMPLES = 2**14
"""From this many samples on, examining each one is slow, so a shortcut is worth a try."""


class Bounder(Protocol):
    """Bounds the score of all candidates in a box."""

    @property
    def n_axes(self) -> int:
        """The number of leading parameters that boxes cover; the others are bounded for all their values."""

    @property
    def most_together(self) -> int:
        """The most boxes worth bounding together: few if bounding is slow and few boxes need it."""

    @property
    def whole(self) -> BoolArray:
        """The axes that are best left whole until all others are points, shape (n_axes,)."""

    @property
    def heeds_penalty(self) -> bool:
        """Tell whether bounds, splits and middles already include a penalty."""

    @property
    def improves(self) -> bool:
        """Tell whether its middles are already better than their neighbours."""

    def halves(self, boxes: Boxes) -> Boxes:
        """Split every box in two (none of them is a point): all lower parts first, then all upper parts."""

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a promising point in each box, as ranks of shape (n_boxes, n_axes)."""

    def bound(self, boxes: Boxes, threshold: float = -np.inf) -> FloatArray:
        """Bound the scores or objectives, higher is better (losses with a minus sign), shape (n_boxes,).

        Bounds that are not above `threshold` need not be as tight as possible.
        """

    def promising(self) -> IntArray | None:
        """Return a promising point found while bounding boxes, as ranks; None if there is none.

        Its shape is (1, n_axes). Asking again returns None.
        """

    def shrink_cache(self) -> None:
        """Cache little from now on, because other workers bound most of the boxes."""
