"""The compiled hot loops of `label_trees.py`, which explains what they do and why they are sound.

Import this module only through `fast.py`, because it needs numba.

The kernels are compiled without reference counting (`_nrt`), which took most of the time and made two threads block
each other. They therefore allocate no array: the caller passes all the memory that they need.
"""

import numba
import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.batched.decision import LikelySums
from minigrid.search.engines.exact.compiled import njit
from minigrid.search.engines.exact.nodes import ItemNodes, Numbers, RowNodes, Singles, Stack, Wanted

_I4, _I8, _F4, _F8, _FLAG = numba.int32, numba.int64, numba.float32, numba.float64, numba.types.boolean
_NUMBERS, _SINGLES, _REALS, _LONGS = _I4[::1], _F4[::1], _F8[::1], _I8[::1]
_FLAGS = _FLAG[:, ::1]
_ROWS = numba.types.NamedTuple(
    [
        _NUMBERS,
        _NUMBERS,
        _NUMBERS,
        _FLAG[::1],
        _SINGLES,
        numba.types.UniTuple(_F4[:, ::1], 2),
        _NUMBERS,
        _NUMBERS,
        _F8[:, ::1],
    ],
    RowNodes,
)
_ITEMS = numba.types.NamedTuple(
    [
        _NUMBERS,
        _NUMBERS,
        _F4[:, :, ::1],
        _F4[:, ::1],
        numba.int8[:, :, ::1],
        _SINGLES,
        _FLAGS,
        _NUMBERS,
        _LONGS,
        _F8[:, ::1],
        _NUMBERS,
        _I4[:, ::1],
    ],
    ItemNodes,
)
_LIKELY = numba.types.NamedTuple([_F8, _F8, numba.int8[::1]], LikelySums)
_WANTED = numba.types.NamedTuple(
    [
        _I8,
        _REALS,
        numba.types.UniTuple(_F8, 2),
        _FLAG,
        _FLAG,
        _REALS,
        _REALS,
        _F8,
        _NUMBERS,
        _F8,
        _F8,
        _LIKELY,
        _FLAG,
        _F8,
    ],
    Wanted,
)
_STACK = numba.types.NamedTuple([_I4[:, ::1], _LONGS, _LONGS, _REALS, _NUMBERS, _SINGLES, _REALS, _I4[:, ::1]], Stack)
_LOOSE = {"reassoc", "contract"}  # sums of single precision may be added up in any order: limits allow for it


@njit(nogil=True, forceinline=True, _nrt=False, fastmath=_LOOSE)
def _counted(
    ends: Singles,
    n_nodes: int,
    factors: Singles,
    which: Numbers,
    limit: float,
    amounts: FloatArray,
    is_unit: bool,
    nodes: Numbers,
    label: int,
    item: int,
    total: Singles,
) -> float:
    """Sum the amounts of a label's samples that an item can label correctly on some nodes."""
    # A loop over slices becomes vector instructions, a loop over rows of a matrix does not.
    n, count, one, no = ends.shape[1], np.float32(0.0), np.float32(1.0), np.float32(0.0)
    p, x = factors[label, item, 0], ends[nodes[0] + n_nodes * which[label, item, 0]]
    if is_unit and len(nodes) == 2:
        q, y = factors[label, item, 1], ends[nodes[1] + n_nodes * which[label, item, 1]]
        for s in range(n):
            count += one if p * x[s] + q * y[s] >= limit else no
        return float(count)
    if is_unit and len(nodes) == 3:
        q, y = factors[label, item, 1], ends[nodes[1] + n_nodes * which[label, item, 1]]
        r, z = factors[label, item, 2], ends[nodes[2] + n_nodes * which[label, item, 2]]
        for s in range(n):
            count += one if p * x[s] + q * y[s] + r * z[s] >= limit else no
        return float(count)
    for s in range(n):
        total[s] = p * x[s]
    for k in range(1, len(nodes)):
        q, y = factors[label, item, k], ends[nodes[k] + n_nodes * which[label, item, k]]
        for s in range(n):
            total[s] += q * y[s]
    amount = 0.0
    for s in range(n):
        amount += amounts[s] if total[s] >= limit else 0.0
    return amount


@njit(nogil=True, forceinline=True, _nrt=False)
def _promise(
    is_exact: bool,
    more: FloatArray,
    same: FloatArray,
    gain: float,
    other: float,
    least: float,
    zeros: float,
    ones: float,
) -> int:
    """Rate the promise of hits: 0 nothing, 1 as much as there is already, 2 more."""
    if is_exact:
        if zeros >= more[int(ones)]:
            return 2
        return 1 if zeros >= same[int(ones)] else 0
    return 2 if gain * zeros + other * ones >= least else 0


@njit(nogil=True, forceinline=True, _nrt=False)
def _is_late(firsts: Numbers, groups: Numbers, nodes: Numbers, worst: Numbers, first: Numbers) -> bool:
    """Tell whether all candidates of a node come after the worst one that is kept."""
    if len(worst) == 0:
        return False
    for x in range(len(nodes)):
        first[x] = firsts[nodes[x]]
    for x in range(1, len(nodes)):  # the settings of a group in ascending order
        y = x
        for z in range(x - 1, -1, -1):
            if groups[z] == groups[y] and first[z] > first[y]:
                first[z], first[y] = first[y], first[z]
                y = z
    for x in range(len(nodes)):
        if first[x] != worst[x]:
            return bool(first[x] > worst[x])
    return False


@njit(nogil=True, forceinline=True, _nrt=False)
def _is_idle(moved: BoolArray, used: BoolArray, item: int, nodes: Numbers) -> bool:
    """Tell whether an input of weight 0 is not at its first setting, which would be as good and come first."""
    for x in range(len(nodes)):  # noqa: SIM110  # numba compiles no generator
        if not used[item, x] and moved[nodes[x]]:
            return True
    return False


@njit(nogil=True, forceinline=True, _nrt=False, fastmath={"reassoc"})
def _reaching(
    sums: FloatArray, amounts: FloatArray, lower: float, upper: float, likely: LikelySums
) -> tuple[float, float]:
    """Sum the amounts of samples that may have label 1, and that must; rounded if not whole."""
    low = high = 0.0
    for s in range(len(sums)):
        low += amounts[s] if sums[s] >= lower else 0.0
        high += amounts[s] if sums[s] >= upper else 0.0
    if low == high:
        return low, high
    for s in range(len(sums)):
        if lower <= sums[s] < upper:
            place = sums[s] / likely.step - likely.first
            if 0.0 <= place < len(likely.labels) and place == np.floor(place):
                label = likely.labels[int(place)]
                low -= amounts[s] if label == 0 else 0.0
                high += amounts[s] if label == 1 else 0.0
    return low, high


@njit(nogil=True, _nrt=False)
def _best_setting(
    rows: RowNodes, items: ItemNodes, wanted: Wanted, leaves: Numbers, item: int, total: FloatArray
) -> tuple[int, int]:
    """Rate an item's settings on a leaf, labelled as in the loop; also with sums in doubt as wrong."""
    n, edge, best, sure = rows.rows.shape[1], wanted.n_ones, 0, 0
    is_exact, more, same = wanted.is_exact, wanted.more, wanted.same
    gain, other = wanted.gains
    amounts, table, row_of = wanted.amounts, rows.rows, rows.row
    for m in range(items.starts[items.item[item]], items.starts[items.item[item] + 1]):
        bias = items.values[m, -1] if items.values.shape[1] > len(items.columns) else 0.0
        for o in range(len(items.orders)):
            for s in range(n):
                total[s] = 0.0
            for y in range(len(items.columns)):
                x = items.orders[o, y]
                row, value = table[row_of[leaves[items.columns[x]]]], items.values[m, x]
                for s in range(n):
                    total[s] += value * row[s]
            for s in range(n):
                total[s] += bias
            ones, no_ones = _reaching(total[:edge], amounts[:edge], wanted.lower, wanted.upper, wanted.likely)
            not_zeros, surely = _reaching(total[edge:], amounts[edge:], wanted.lower, wanted.upper, wanted.likely)
            zeros, no_zeros = wanted.most_zeros - surely, wanted.most_zeros - not_zeros
            best = max(best, _promise(is_exact, more, same, gain, other, wanted.least, zeros, ones))
            sure = max(sure, _promise(is_exact, more, same, gain, other, wanted.least, no_zeros, no_ones))
    return best, sure


@njit(
    numba.types.UniTuple(_I8, 4)(_STACK, _I8, _ROWS, _ITEMS, _WANTED, _I4[:, ::1], _NUMBERS, _I8),
    nogil=True,
    _nrt=False,
)
def explore(
    stack: Stack,
    n: int,
    rows: RowNodes,
    items: ItemNodes,
    wanted: Wanted,
    found_nodes: Numbers,
    found_items: Numbers,
    budget: int,
) -> tuple[int, int, int, int]:
    """Explore the nodes of a stack, depth first, until none is left, or something better may have been found.

    Returns:
        How many nodes are left, how many pairs of leaves and items were found, how many nodes were explored, and how
        many items were counted.
    """
    # Taking an array from a tuple costs as much as counting with it: all are taken once.
    nodes, begins, stops, bounds, listed, total, exact, room = stack
    left, right, firsts, moved, width, ends, groups, _, _ = rows
    item_left, item_right, factors, limits, which, item_spread, item_used = (
        items.left, items.right, items.factors, items.limits, items.ends, items.spread, items.used
    )  # fmt: skip
    amounts, is_unit, is_exact, more, same, least = (
        wanted.amounts, wanted.is_unit, wanted.is_exact, wanted.more, wanted.same, wanted.least
    )  # fmt: skip
    gain, other = wanted.gains
    worst, idle, most_zeros, n_ones = wanted.worst_settings, wanted.idle, wanted.most_zeros, wanted.n_ones
    k, n_nodes, n_items = nodes.shape[1], len(left), len(item_left)
    zero_amounts, one_amounts = amounts[n_ones:], amounts[:n_ones]
    zero_ends, one_ends = ends
    n_explored = counted = n_found = 0
    better = False
    now, kid, first, waiting = room[0, :k], room[1, :k], room[2, :k], room[3]
    while n and not better and counted < budget and n_found < len(found_items) - (k + 1) * n_items:
        begin, end = begins[n - 1], stops[n - 1]
        axis, heaviest = -1, np.float32(0.0)  # the widest one
        for x in range(k):
            now[x] = nodes[n - 1, x]
            if left[now[x]] >= 0:
                weight = np.float32(0.0)
                for y in range(begin, end):
                    weight += abs(factors[0, listed[y], x]) + abs(factors[1, listed[y], x])
                weight *= width[now[x]]
                if axis < 0 or weight > heaviest:
                    axis, heaviest = x, weight
        n_parts = 1
        if axis >= 0:
            for x in range(k):
                n_parts += groups[x] == groups[axis] and now[x] == now[axis]
        most = n_parts * n_items
        if end + most > len(listed) or (n_found and n_found + most > len(found_items)):
            break
        n -= 1
        n_explored += 1
        out = end
        for part in range(n_parts):
            turn, leaf, wide = 1, True, np.float32(0.0)
            for x in range(k):
                node = now[x]
                if axis >= 0 and node == now[axis] and groups[x] == groups[axis]:
                    node = left[node] if turn < n_parts - part else right[node]
                    turn += 1
                kid[x] = node
                leaf = leaf and left[node] < 0
                wide += width[node]
            late = _is_late(firsts, groups, kid, worst, first)
            start, bound = out, -np.inf
            for y in range(begin, end):
                waiting[0] = listed[y]
                n_waiting = 1
                while n_waiting:
                    n_waiting -= 1
                    item = waiting[n_waiting]
                    if idle and _is_idle(moved, item_used, item, kid):
                        continue
                    counted += 1
                    limit = limits[1, item]
                    ones = _counted(one_ends, n_nodes, factors, which, limit, one_amounts, is_unit, kid, 1, item, total)
                    if is_exact and same[int(ones)] > most_zeros:
                        continue
                    limit = limits[0, item]
                    zeros = _counted(
                        zero_ends, n_nodes, factors, which, limit, zero_amounts, is_unit, kid, 0, item, total
                    )
                    promise = _promise(is_exact, more, same, gain, other, least, zeros, ones)
                    if promise == 0 or (promise == 1 and late):
                        continue
                    if item_left[item] >= 0 and (leaf or item_spread[item] > wide):
                        waiting[n_waiting] = item_left[item]
                        waiting[n_waiting + 1] = item_right[item]
                        n_waiting += 2
                    elif leaf:
                        own = items.item[item]
                        counted += 2 * len(items.orders) * (items.starts[own + 1] - items.starts[own])
                        if len(rows.rows) > 0:
                            promise, sure = _best_setting(rows, items, wanted, kid, item, exact)
                        else:  # they are not known, so any may win
                            sure = 2
                        if promise == 2 or (promise == 1 and not late):
                            for x in range(k):
                                found_nodes[n_found, x] = kid[x]
                            found_items[n_found] = item
                            n_found += 1
                            better = better or sure == 2
                    else:
                        bound = max(bound, gain * zeros + other * ones)
                        listed[out] = item
                        out += 1
            if out > start:
                for x in range(k):
                    nodes[n, x] = kid[x]
                begins[n], stops[n], bounds[n] = start, out, bound
                n += 1
    return n, n_found, n_explored, counted


@njit(
    numba.types.void(
        _F4[:, ::1],
        _I8[:, ::1],
        _I8[::1],
        _F4[:, ::1],
        _SINGLES,
        numba.types.Array(_F8, 1, "A"),
    ),
    nogil=True,
    _nrt=False,
    fastmath=_LOOSE,
)
def count_reaching(
    ends: Singles, rows: IntArray, lengths: IntArray, terms: Singles, total: Singles, counts: FloatArray
) -> None:
    """Count for `ClassTrees`: the samples whose sums of products reach a limit.

    Args:
        ends: shape (n_rows, n_samples).
        rows: shape (n_runs, n_inputs), the rows that the sums of each run add up.
        lengths: shape (n_runs,), how many sums each run has.
        terms: shape (n, n_inputs + 1), what the rows are multiplied with in each sum; the last one is the limit, with
            its sign reversed.
        total: room for sums.
        counts: shape (n,), where the result goes.
    """
    n, one, no, end = ends.shape[1], np.float32(1.0), np.float32(0.0), 0
    for run in range(len(rows)):
        start, end = end, end + lengths[run]
        for i in range(start, end):
            factor, own = terms[i, 0], ends[rows[run, 0]]
            for s in range(n):
                total[s] = factor * own[s]
            for k in range(1, rows.shape[1]):
                factor, own = terms[i, k], ends[rows[run, k]]
                for s in range(n):
                    total[s] += factor * own[s]
            count, limit = no, -terms[i, rows.shape[1]]
            for s in range(n):
                count += one if total[s] >= limit else no
            counts[i] = count
