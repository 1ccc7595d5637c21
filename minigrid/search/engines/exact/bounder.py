"""The interface of a bounder: everything that a proof asks of bounds."""

from typing import Protocol

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes

MANY_TOGETHER = 4096
"""Boxes, where nothing speaks for fewer."""

MANY_SAMPLES = 2**14
"""Looking at this many one by one takes long, so a shortcut is worth looking for."""


class Bounder(Protocol):
    """Bounds the score of all candidates in a box."""

    @property
    def n_axes(self) -> int:
        """How many of the first parameters boxes are made of; the others are bounded for all their values."""

    @property
    def most_together(self) -> int:
        """How many boxes are worth bounding together at most: few where that takes long and few have to be."""

    @property
    def whole(self) -> BoolArray:
        """Which axes are best left whole until all others are points, shape (n_axes,)."""

    @property
    def heeds_penalty(self) -> bool:
        """Whether bounds, cuts and middles heed a penalty from within."""

    @property
    def improves(self) -> bool:
        """Whether its middles are the best of their neighbours."""

    def halves(self, boxes: Boxes) -> Boxes:
        """Cut every box in two, none of them a point; the lower parts first, then all the upper ones."""

    def middles(self, boxes: Boxes) -> IntArray:
        """Choose a point in each box that promises a good score, as ranks of shape (n_boxes, n_axes)."""

    def bound(self, boxes: Boxes, enough: float = -np.inf) -> FloatArray:
        """Bound the scores or objectives, higher is better (losses with a minus sign), shape (n_boxes,).

        Bounds that are not above `enough` need not be as tight as they could be.
        """

    def promising(self) -> IntArray | None:
        """Return a point that may be better than all before, met while boxes were bounded, as ranks; None: none was.

        Its shape is (1, n_axes). Asking again returns None.
        """

    def shrink_cache(self) -> None:
        """Keep little of what is computed from now on, as others bound most of the boxes."""
