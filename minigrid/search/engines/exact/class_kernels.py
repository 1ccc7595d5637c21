"""The compiled hot loop of `class_rows.py`, which explains what it does and why it is sound.

Import this module only through `fast.py`, because it needs numba. Like `item_kernels.py`, it allocates no array.
"""

import numba
import numpy as np

from minigrid._base.typing import FloatArray
from minigrid.search.engines.exact.compiled import njit
from minigrid.search.engines.exact.nodes import ClassNodes, ClassRoom, ClassWanted, Numbers

_I2, _I4, _I8, _F4, _F8, _FLAG = (
    numba.int16, numba.int32, numba.int64, numba.float32, numba.float64, numba.types.boolean
)  # fmt: skip
_NUMBERS, _REALS, _LONGS = _I4[::1], _F8[::1], _I8[::1]
_NODES = [
    numba.types.NamedTuple([_NUMBERS, _NUMBERS, _NUMBERS, _F4[::1], kind[:, ::1]], ClassNodes) for kind in (_I2, _I4)
]
_ROOMS = [numba.types.NamedTuple([kind[::1], kind[::1], _REALS, _I4[:, ::1], _REALS], ClassRoom) for kind in (_I2, _I4)]
_WANTED = numba.types.NamedTuple([_LONGS, _REALS, _LONGS, _REALS, _F8, _FLAG, _FLAG], ClassWanted)
_RESULT = numba.types.UniTuple(_I8, 3)


@njit(nogil=True, forceinline=True, _nrt=False)
def _is_late(firsts: Numbers, nodes: Numbers, worst: Numbers) -> bool:
    """Tell whether all candidates of a node come after the worst one that is kept."""
    for x in range(len(nodes)):
        first = firsts[nodes[x]]
        if first != worst[x]:
            return bool(first > worst[x])
    return False


@njit(nogil=True, forceinline=True, _nrt=False)
def _tree_sum(terms: FloatArray, count: int) -> float:
    """Add up as `numerics.tree_sum` does; this overwrites the terms."""
    while count > 1:
        half = count // 2
        for k in range(half):
            terms[k] += terms[half + k]
        if count % 2:
            terms[0] += terms[count - 1]
        count = half
    return float(terms[0])


@njit(nogil=True, forceinline=True, _nrt=False, fastmath={"reassoc"})
def _count(ends: Numbers, node: int, reach: Numbers, start: int, stop: int) -> float:
    """Count the samples whose rank is high enough."""
    mine, needed = ends[node, start:stop], reach[start:stop]
    count, one, no = np.float32(0.0), np.float32(1.0), np.float32(0.0)
    for s in range(len(mine)):
        count += one if mine[s] >= needed[s] else no
    return float(count)


@njit(nogil=True, forceinline=True, _nrt=False)
def _reach(
    ends: Numbers, nodes: Numbers, n_nodes: int, label: int, but: int, start: int, stop: int, reach: Numbers
) -> None:
    """Compute the rank that a class needs to win against all others but one."""
    kind, own = ends.dtype.type, reach[start:stop]
    for s in range(len(own)):
        own[s] = kind(-1)
    for other in range(len(nodes)):
        if other not in (label, but):
            least, above = ends[nodes[other] + n_nodes, start:stop], kind(other < label)
            for s in range(len(own)):
                own[s] = max(own[s], kind(least[s] + above))


@njit(nogil=True, forceinline=True, _nrt=False, fastmath={"reassoc"})
def _count_open(
    ends: Numbers, low: int, high: int, least: int, most: int, reach: Numbers, start: int, stop: int
) -> tuple[float, float]:
    """Count the open comparisons of two nodes of which at least one is not resolved."""
    mine, others, one, no = np.float32(0.0), np.float32(0.0), np.float32(1.0), np.float32(0.0)
    a, b, c, d, needed = (
        ends[low, start:stop], ends[high, start:stop], ends[least, start:stop], ends[most, start:stop],
        reach[start:stop],
    )  # fmt: skip
    for s in range(len(needed)):
        is_open = (a[s] <= d[s]) & (b[s] >= needed[s])
        mine += one if is_open & (a[s] < b[s]) else no
        others += one if is_open & (c[s] < d[s]) else no
    return float(mine), float(others)


@njit([_RESULT(_I4[:, ::1], _REALS, _I8, nodes, _WANTED, _F8, _NUMBERS, _I4[:, ::1], _I8, room)
             for nodes, room in zip(_NODES, _ROOMS, strict=True)],
            nogil=True, _nrt=False)  # fmt: skip
def explore_classes(
    stack: Numbers,
    bounds: FloatArray,
    n: int,
    nodes: ClassNodes,
    wanted: ClassWanted,
    threshold: float,
    worst: Numbers,
    found: Numbers,
    budget: int,
    room: ClassRoom,
) -> tuple[int, int, int]:
    """Explore the nodes of a stack, depth first, until none is left, enough is found, or the budget is used up.

    Args:
        stack: nodes, the last one is explored first.
        bounds: theirs.
        n: the number of nodes.
        nodes: of all trees.
        wanted: the scoring of the samples.
        threshold: the score that must be reached.
        worst: the settings of the worst candidate that is kept; -1: there is none.
        found: room for leaves. With room for one: only the best is wanted, and its score becomes the new threshold.
        budget: how many nodes may be explored.
        room: to work in.

    Returns:
        How many nodes are left, how many leaves were found, and how many nodes were explored.
    """
    left, right, firsts, widths, ends = nodes
    edges, amounts, order, divisors, divisor, is_unit, is_exact = wanted
    n_axes, n_nodes, n_samples = stack.shape[1], len(left), ends.shape[1]
    kind = ends.dtype.type
    reach, own, terms, numbers, reals = room
    now, kid, width, scores = numbers[0], numbers[1], reals[:n_axes], reals[n_axes:]
    n_explored = n_found = 0
    one = len(found) == 1
    any_worst = len(worst) > 0 and worst[0] >= 0
    while n and n_explored < budget and (one or n_found + 2 <= len(found)):
        n -= 1
        n_explored += 1
        for x in range(n_axes):
            now[x] = stack[n, x]
            width[x] = widths[now[x]]
        for y in range(n_axes):
            start, stop = np.uintp(edges[y]), np.uintp(edges[y + 1])
            _reach(ends, now, n_nodes, y, -1, start, stop, reach)
            high, low = np.uintp(now[y]), np.uintp(now[y] + n_nodes)
            for other in range(n_axes):
                if other != y:
                    most, least = np.uintp(now[other]), np.uintp(now[other] + n_nodes)
                    mine, others = _count_open(ends, low, high, least, most, reach, start, stop)
                    width[y] += mine
                    width[other] += others
        axis = -1  # the axis in the most open comparisons
        for x in range(n_axes):
            if left[now[x]] >= 0 and (axis < 0 or width[x] > width[axis]):
                axis = x
        n_parts = 2 if axis >= 0 else 1
        for y in range(n_axes):  # what a class must reach, however the axis is split
            _reach(ends, now, n_nodes, y, axis, np.uintp(edges[y]), np.uintp(edges[y + 1]), reach)
        for part in range(n_parts):
            half = right[now[axis]] if part else left[now[axis]]
            total = 0.0
            for y in range(n_axes):
                if not divisors[y] > 0.0:
                    continue
                start, stop = np.uintp(edges[y]), np.uintp(edges[y + 1])
                mine = np.uintp(half if y == axis else now[y])
                if axis >= 0 and y != axis:
                    lowest, above = ends[half + n_nodes, start:stop], kind(axis < y)
                    needed, still = own[start:stop], reach[start:stop]
                    for s in range(len(needed)):
                        needed[s] = max(still[s], kind(lowest[s] + above))
                else:
                    for s in range(start, stop):
                        own[s] = reach[s]
                if is_unit:
                    hits = _count(ends, mine, own, start, stop)
                elif is_exact:
                    hits = 0.0
                    for s in range(start, stop):
                        hits += amounts[s] if ends[mine, s] >= own[s] else 0.0
                else:
                    for s in range(n_samples):
                        terms[s] = 0.0
                    for s in range(start, stop):
                        terms[order[s]] = amounts[s] if ends[mine, s] >= own[s] else 0.0
                    hits = _tree_sum(terms, n_samples)
                total += hits / divisors[y]
            scores[part] = total / divisor
        first = 0 if n_parts == 1 or scores[0] <= scores[1] else 1
        for turn in range(n_parts):  # the last one is explored first
            part = turn if first == 0 else 1 - turn
            score = scores[part]
            for x in range(n_axes):
                kid[x] = now[x]
            if axis >= 0:
                kid[axis] = right[now[axis]] if part else left[now[axis]]
            if any_worst and (score < threshold or (score == threshold and _is_late(firsts, kid, worst))):
                continue
            leaf = True
            for x in range(n_axes):
                leaf = leaf and left[kid[x]] < 0
            if not leaf:
                for x in range(n_axes):
                    stack[n, x] = kid[x]
                bounds[n] = score
                n += 1
            elif one:
                same = any_worst and score == threshold
                for x in range(n_axes):
                    same = same and firsts[kid[x]] == worst[x]
                if not same:
                    any_worst, threshold, n_found = True, score, 1
                    for x in range(n_axes):
                        found[0, x] = kid[x]
                        worst[x] = firsts[kid[x]]
            else:
                for x in range(n_axes):
                    found[n_found, x] = kid[x]
                n_found += 1
    return n, n_found, n_explored
