"""How many boxes are still to be bounded, from random walks down the tree of boxes (Knuth 1975, Math. Comp. 29).

A walk begins at an open box drawn at random and goes on into one of the halves that are still alive,
drawn at random too. Every box on its way stands for as many as there were choices. The mean over walks
is unbiased for the tree that the present best would leave; a better candidate leaves a smaller one.

Boxes beyond any hope are not counted out: in a space of thousands of digits a walk has thousands of steps, and
would take minutes to say what is plain after a hundred.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from minigrid._base.typing import BoolArray
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.frontier import Frontier

_ENOUGH = 1e30  # boxes: at a million a second, a million times the age of the universe

Split: TypeAlias = Callable[[Boxes], tuple[Boxes, BoolArray]]


def boxes_ahead(frontier: Frontier, split: Split, seed: int, n_walks: int = 64) -> float:
    """Estimate how many boxes will be bounded until none is open; of more than 10^30, that there are as many at least.

    Args:
        frontier: the open boxes.
        split: halves boxes that are not points; returns the halves as `Boxes.halves` does, and which are alive.
        seed: of the random choices.
        n_walks: how many walks.
    """
    if not len(frontier):
        return 0.0
    generator = np.random.default_rng(seed)
    boxes = frontier.boxes(generator.integers(len(frontier), size=n_walks))
    weights = np.full(n_walks, len(frontier) / n_walks)
    total = 0.0
    while True:
        going = ~boxes.are_points()
        boxes, weights = boxes[going], weights[going]
        if not len(boxes):
            return total
        total += 2.0 * float(weights.sum())
        if total > _ENOUGH:
            return total
        halves, alive = split(boxes)
        lower, upper = alive[: len(boxes)], alive[len(boxes) :]
        take_upper = np.where(lower & upper, generator.random(len(boxes)) < 0.5, upper)
        weights = weights * (lower.astype(np.float64) + upper)
        chosen = np.arange(len(boxes)) + len(boxes) * take_upper
        going = lower | upper
        boxes, weights = halves[chosen[going]], weights[going]
