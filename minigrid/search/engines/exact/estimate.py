"""How much work is still ahead in a search, from samples of all that is below its open boxes.

Open boxes are looked into by their sizes, the largest first, and what is left of them joins those of its own size.
Where more than a few of one size are waiting, some are drawn, evenly from the best bound to the worst, and each stands
for as many more. Boxes of one size have about as much below them, so a few tell what all of them take (heterogeneous
sampling: Chen 1992, SIAM J. Comput. 21; after Knuth 1975, Math. Comp. 29). The mean over draws is that of the tree
which the present best would leave; a better candidate leaves a smaller one. Where few are open none is drawn, and all
of the tree is counted.

Boxes beyond any hope are not counted out: in a space of thousands of digits there are thousands of sizes, and it would
take minutes to say what is plain after a hundred. Nor is it waited for longer than `seconds`: the sizes that are left
are then taken to be about as much work each as the last one was.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.frontier import Frontier

_OCTAVES = 2.0  # sizes of a box count as one if they are not as many times twofold apart
_DRAWN = 16  # boxes of one size that stand for all
_MOST = 2**14  # open boxes that are looked at at all
_ENOUGH = 1e30  # steps: at a million a second, a million times the age of the universe


class Opened(NamedTuple):
    """Boxes that are to be looked into.

    Attributes:
        boxes: any number.
        bounds: theirs, of which higher is better.
        known: what else is known of them.
    """

    boxes: Boxes
    bounds: FloatArray
    known: Known


Look: TypeAlias = Callable[[Opened], tuple[Opened, float]]
"""Looks into boxes; returns the parts that are still open, and how much work it was."""


def work_ahead(
    frontier: Frontier, look: Look, seed: int, seconds: float, known: Callable[[Boxes], Known] = lambda _: Known()
) -> float:
    """Estimate how much work it is to look into all that is open; of more than 10^30, that it is as much at least.

    Args:
        frontier: the open boxes.
        look: looks into some of them.
        seed: of what is drawn.
        seconds: how long that may take.
        known: what else is known of open boxes.
    """
    began, levels = time.perf_counter(), list[tuple[int, float]]()
    generator = np.random.default_rng(seed)
    count = min(len(frontier), _MOST)
    chosen = ((np.arange(count) + generator.random()) * (len(frontier) / max(count, 1))).astype(np.int64)
    waiting: defaultdict[int, list[tuple[float, Opened]]] = defaultdict(list)

    def wait(weight: float, opened: Opened) -> None:
        sizes = (np.log2(opened.boxes.high - opened.boxes.low + 1).sum(axis=1) / _OCTAVES).astype(np.int64)
        for size in np.unique(sizes).tolist():
            waiting[size].append((weight, _some(opened, np.flatnonzero(sizes == size))))

    boxes = frontier.boxes(chosen)
    wait(len(frontier) / max(count, 1), Opened(boxes, frontier.bounds[chosen], known(boxes)))
    total = 0.0
    while waiting and total < _ENOUGH:
        size, before = max(waiting), total
        for weight, opened in _drawn(waiting.pop(size), generator.random()):
            parts, work = look(opened)
            total += weight * work
            wait(weight, parts)
        levels.append((size, total - before))
        if waiting and time.perf_counter() - began > seconds:
            return min(total + _beyond(levels), _ENOUGH)
    return total


def _beyond(levels: list[tuple[int, float]]) -> float:
    """Guess how much work the sizes below those are that were looked at, each given with its work.

    Each is taken to be as much as the last, or less where they were getting less: rather too little than too much, as a
    search that seems to have no end is refused.
    """
    (first, some), (last, work) = levels[(len(levels) - 1) // 2], levels[-1]
    times = (work / some) ** (1.0 / (first - last)) if first > last and some > 0.0 else 1.0
    return work * float((min(times, 1.0) ** np.arange(1.0, last + 1.0)).sum())


def _drawn(groups: list[tuple[float, Opened]], offset: float) -> Iterator[tuple[float, Opened]]:
    """Draw from groups of boxes, each of which stands for `weight` boxes; all of them if they are few."""
    if sum(len(opened.boxes) for _, opened in groups) <= _DRAWN:
        yield from groups
        return
    each = sum(weight * len(opened.boxes) for weight, opened in groups) / _DRAWN
    begin = offset
    for weight, opened in groups:
        ends = begin + weight / each * np.arange(len(opened.boxes) + 1)
        begin = ends[-1]
        times = np.diff(np.floor(ends).astype(np.int64))
        if times.any():
            yield each, _some(opened, np.argsort(-opened.bounds, kind="stable").repeat(times))


def _some(opened: Opened, which: IntArray) -> Opened:
    return Opened(opened.boxes[which], opened.bounds[which], opened.known.take(which))
