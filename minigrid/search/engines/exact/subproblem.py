"""Subproblems: some of the open boxes of a proof, to be searched separately, and the results that come back.

A subproblem contains everything that its search needs, so the place, the number of repetitions and the order of the
searches do not matter. Invariant: every candidate of a subproblem is either processed or in a box that comes back.
"""

from dataclasses import dataclass, field
from typing import final

import numpy as np

from minigrid._base.typing import IntArray
from minigrid.search.engines.exact.open_boxes import OpenBoxes


def _nothing() -> IntArray:
    return np.empty((0, 0), dtype=np.int64)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subproblem:
    """Everything that a worker needs in addition to the problem.

    Attributes:
        boxes: the boxes to search.
        best: the best candidates so far as (objective, index), best first.
        steps: how many the whole search has taken, which decides how much is done at a time.
        unit: how much work a box stands for.
    """

    boxes: OpenBoxes
    best: list[tuple[float, int]]
    steps: int
    unit: int = 1

    @property
    def n_open(self) -> int:
        """Return how much work there is."""
        return len(self.boxes) * self.unit


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SolvedSubproblem:
    """The result of a subproblem.

    Attributes:
        left: what is still open of it.
        best: the best candidates now, those that the subproblem began with among them.
        n_processed: how many candidates of the subproblem were scored or pruned.
        n_scored: how many were scored, but for those below.
        steps: how many boxes were examined.
        unit: how much work a box stands for.
        probed: shape (n_probed, n_axes), the ranks of the settings that were scored while a box around them was open.
        points: shape (n_points, n_axes), those of the other settings that were scored.
    """

    left: OpenBoxes
    best: list[tuple[float, int]]
    n_processed: int
    n_scored: int
    steps: int
    unit: int = 1
    probed: IntArray = field(default_factory=_nothing)
    points: IntArray = field(default_factory=_nothing)

    @property
    def n_open(self) -> int:
        """Return how much work is left."""
        return len(self.left) * self.unit
