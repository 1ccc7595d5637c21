"""Estimate how much work a search still has to do, by sampling the tree below its open boxes.

The estimate takes open boxes in the order of their sizes, the largest first, and adds the remaining parts of each box
to the boxes of their own size. If more than a few boxes of one size are waiting, it draws some of them, evenly from
the best bound to the worst, and each drawn box stands for its share of the others. Boxes of one size have about the
same amount of work below them, so a few of them represent all (heterogeneous sampling: Chen 1992, SIAM J. Comput. 21;
after Knuth 1975, Math. Comp. 29). The mean over draws is the size of the tree that the present incumbent would leave;
a better incumbent leaves a smaller tree. If few boxes are open, none is drawn, and the whole tree is counted.

The estimate stops early for boxes that are much too large. In a space whose size has thousands of digits there are
thousands of box sizes, and an exact estimate would take minutes although a hundred sizes already show that the search
is too long. It also stops after `seconds`, and then assumes that each size that is left takes about as much work as
the last one did.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from minigrid._base.halting import Halted, halting, poll
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.explore import Known
from minigrid.search.engines.exact.frontier import Frontier

_OCTAVES = 2.0  # sizes of boxes count as equal if their binary logarithms differ by less than this
_DRAWN = 16  # boxes of one size that represent all of that size
_MOST = 2**14  # the most open boxes to draw from
_FEWEST = 6  # sizes of boxes that show how the work grows
_ENOUGH = 1e30  # steps: at a million a second, a million times the age of the universe


class Opened(NamedTuple):
    """Boxes to expand.

    Attributes:
        boxes: any number.
        bounds: theirs, of which higher is better.
        known: further knowledge about them.
    """

    boxes: Boxes
    bounds: FloatArray
    known: Known


Expand: TypeAlias = Callable[[Opened], tuple[Opened, float]]
"""Splits boxes and bounds the parts; returns the parts that are still open, and the work that this took."""


def work_ahead(
    frontier: Frontier, expand: Expand, seed: int, seconds: float, known: Callable[[Boxes], Known] = lambda _: Known()
) -> float:
    """Estimate how much work it is to explore all open boxes; estimates of more than 10^30 are cut off there.

    The estimate is infinite if there was only time to expand the largest boxes, because then nothing is known.

    Args:
        frontier: the open boxes.
        expand: expands some of them.
        seed: the seed of the random draws.
        seconds: how long that may take.
        known: returns further knowledge about open boxes.
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
        try:
            with halting(lambda: time.perf_counter() - began > seconds):
                for weight, opened in _drawn(waiting.pop(size), generator.random()):
                    poll()
                    parts, work = expand(opened)
                    total += weight * work
                    wait(weight, parts)
        except Halted:
            return before + _beyond(levels)
        levels.append((size, total - before))
        if waiting and time.perf_counter() - began > seconds:
            return total + _beyond(levels)
    return total


def _beyond(levels: list[tuple[int, float]]) -> float:
    """Guess how much work the sizes below those are that were expanded, each given with its work.

    If the work shrinks from size to size, the estimate assumes that it shrinks to the end. If it grows, the estimate
    assumes that it grows for as many sizes as were expanded, and then stays the same. This estimate is more often too
    low than too high, because minigrid refuses a search that seems endless. With too few sizes, the estimate is
    infinite.
    """
    if len(levels) < _FEWEST:
        return math.inf
    (first, some), (last, work) = levels[(len(levels) - 1) // 2], levels[-1]
    times = (work / some) ** (1.0 / (first - last)) if first > last and some > 0.0 else 1.0
    growing = levels[0][0] - last if times > 1.0 else last
    with np.errstate(over="ignore"):
        beyond = work * float((times ** np.minimum(np.arange(1.0, last + 1.0), growing)).sum())
    return min(beyond, _ENOUGH)


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
