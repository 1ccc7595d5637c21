"""Subproblems: some of the open boxes of a proof, to be searched elsewhere, and what came of them.

A subproblem is searched with no more than it says itself, so that it does not matter where, how often, or in what order
subproblems are searched. The account balances: every candidate of a subproblem is settled, or in a box that comes back.
"""

from dataclasses import dataclass
from typing import final

from minigrid._base.typing import IntArray
from minigrid.search.engines.exact.open_boxes import OpenBoxes


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subproblem:
    """What a worker needs to know, besides the problem.

    Attributes:
        boxes: what it is to search.
        best: the best candidates so far as (score, index), best first.
        n_boxes: how many boxes the whole search has bounded, which decides how many are split together.
    """

    boxes: OpenBoxes
    best: list[tuple[float, int]]
    n_boxes: int

    @property
    def n_open(self) -> int:
        """How many boxes there are."""
        return len(self.boxes)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SolvedSubproblem:
    """What came of a subproblem.

    Attributes:
        left: what is still open of it.
        best: the best candidates now, those that the subproblem began with among them.
        probed: shape (n_probed, n_axes), the ranks of the settings that were scored while a box around them was open.
        points: shape (n_points, n_axes), those of the other settings that were scored.
        n_settled: how many candidates of the subproblem were scored or pruned.
        n_boxes: how many boxes were bounded.
    """

    left: OpenBoxes
    best: list[tuple[float, int]]
    probed: IntArray
    points: IntArray
    n_settled: int
    n_boxes: int

    @property
    def n_open(self) -> int:
        """How many boxes are left."""
        return len(self.left)
