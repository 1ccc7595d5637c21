"""Shares: some of the open boxes of a proof, to be searched elsewhere, and what came of them.

A share is searched with no more than it says itself, so that it does not matter where, how often, or in what order
shares are searched. The account balances: every candidate of a share is settled, or in a box that comes back.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from minigrid._typing import FloatArray, IntArray
from minigrid.search.exact.axes import Boxes


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenPart:
    """Some open boxes, in as few bytes as they can be sent in.

    Attributes:
        ranks: shape (n_boxes, 2 * n_axes), the lowest ranks and then the highest, of the smallest type that holds them.
        bounds: shape (n_boxes,), their bounds as they were computed, more is better.
    """

    ranks: NDArray[np.int16] | NDArray[np.int32]
    bounds: FloatArray

    @classmethod
    def of(cls, boxes: Boxes, bounds: FloatArray) -> "OpenPart":
        """Put boxes together."""
        ranks = np.concatenate([boxes.low, boxes.high], axis=1)
        small = ranks.max(initial=0) < 2**15
        return cls(ranks.astype(np.int16) if small else ranks.astype(np.int32), bounds)

    def __len__(self) -> int:
        return len(self.bounds)

    @property
    def boxes(self) -> Boxes:
        """The boxes, as a search has them."""
        ranks = self.ranks.astype(np.int64)
        n_axes = ranks.shape[1] // 2
        return Boxes(ranks[:, :n_axes], ranks[:, n_axes:])

    @property
    def bound(self) -> float:
        """The best of the bounds; minus infinity if there is no box."""
        return float(self.bounds.max(initial=-np.inf))


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Share:
    """What a worker needs to know, besides the problem.

    Attributes:
        part: the boxes that it is to search.
        best: the best candidates so far as (score, index), best first.
        n_boxes: how many boxes the whole search has bounded, which decides how many are split together.
    """

    part: OpenPart
    best: list[tuple[float, int]]
    n_boxes: int


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SearchedShare:
    """What came of a share.

    Attributes:
        left: what is still open of it.
        best: the best candidates now, those that the share began with among them.
        probed: shape (n_probed, n_axes), the ranks of the settings that were scored while a box around them was open.
        points: shape (n_points, n_axes), those of the other settings that were scored.
        n_settled: how many candidates of the share were scored or pruned.
        n_boxes: how many boxes were bounded.
    """

    left: OpenPart
    best: list[tuple[float, int]]
    probed: IntArray
    points: IntArray
    n_settled: int
    n_boxes: int
