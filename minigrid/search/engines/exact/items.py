"""Items: groups of settings of an output neuron that label alike, whatever the neuron's inputs are.

A sum v * a + w * b + c has label 1 where it is at least some threshold z. Divide this by the largest weight to get a
direction and a limit: p * a + q * b >= t. All settings with the same direction and the same limit are one item, so the
9,261 settings on a grid of 21 values form only 3,432 items. Items form a tree. A node of the tree stores the least and
the greatest value of each p, q and t, and bounds the samples that any of its items can label correctly.

Sound because a sample labelled 1 counts if the greatest sum over the node reaches the lowest limit, and a sample
labelled 0 counts if the least sum stays below the highest limit. Inputs are scaled to lie from 0 to 1, so the sign of
a factor decides which end gives its greatest product: p times the high end of the input if p is not negative, else p
times the low end. All rounding, in the plain loop and in single precision here, is a small share of the products that
are added. Each factor is therefore moved up by a larger share (`_MORE`), and the sum is then at least the plain
loop's. If all products are 0, the sum is exactly 0, and inputs that are 0 (as behind ReLU) leave no doubt. Limits are
moved outward by the largest effect of the bias, of the band of the activation (`decision.py`) and of merging
directions that are nearly equal.

The outputs of saturated neurons are nearly 0 or nearly 1. If a limit is a sum of factors, as 0 or p or p + q, the
label depends on how near they are. Such an item is therefore stated for 1 minus the input, if that makes its limit 0
(`flipped`): small numbers are then compared with small ones, and single precision is enough. The difference from 1 is
off by the rounding of the number 1, and so are the plain loop's sums; limits are moved outward by that (`_TURNED`).

If inputs have few distinct values, as behind a Step, the plain loop itself decides which sums have which label. Limits
are then moved inward, to the first sum that has label 1 and the last sum that has label 0.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.nodes import ItemNodes
from minigrid.search.engines.exact.rows import all_settings
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.engines.margins import BOUND_ROUNDING, UNDERFLOW
from minigrid.search.space import Grid

MOST_SETTINGS = 2**18
"""The most settings of an output neuron to list."""

_MORE = 2.0**-18  # relative: more than the errors of products and sums in single precision, the limit's included
_SMALL = 1e-6  # factors below this are 0: products with scaled inputs might underflow
_FEW_VALUES, _MOST_SUMS = 64, 2**22  # the most combinations of input values, and sums, to label one by one

_NEAR = 1e-3  # fraction of its range: an input's end this near to a whole number counts as that number
_CORNER = 1e-9  # limits below this count as 0
_TURNED = 2.0**-48  # relative: the error of replacing an input by 1 minus it, in the plain loop's sums and here
_ALIKE = 2.0**-30  # directions and limits that differ by less form one item


class Scale(NamedTuple):
    """The scaling that maps inputs to the range from 0 to 1, shape (n_inputs,) both.

    Attributes:
        least: subtracted from them first.
        size: then they are divided by it; not 0.
    """

    least: FloatArray
    size: FloatArray

    @staticmethod
    def of(ranges: Sequence[tuple[float, float]]) -> "Scale":
        """Find it, from the least and the greatest that each input can be."""
        least, most = np.array(ranges).T
        near = _NEAR * (most - least)  # probably an activation's limit
        least = np.where(least - np.floor(least) <= near, np.floor(least), least)
        most = np.where(np.ceil(most) - most <= near, np.ceil(most), most)
        return Scale(least, np.where(most > least, most - least, 1.0))


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Items:
    """A tree of items, for scaled inputs; all arrays have a row for each of its nodes.

    Attributes:
        tree: over the items.
        high: shape (n_nodes, n_inputs), the greatest factor of each input.
        low: the least ones.
        reached: shape (n_nodes,): a sum counts as label 1 from it on.
        missed: a sum counts as label 0 below it.
        flipped: shape (n_nodes, n_inputs): whether factors apply to 1 minus the input.
        spread: how far apart the items of a node are.
        used: shape (n_nodes, n_inputs): whether any item gives an input a weight that is not 0.
        starts: shape (n_items + 1,), where the settings of each item begin.
        settings: the settings of all items, one item's after another, in ascending order each.
        values: shape (n_settings, n_parameters), the parameters of these settings.
        columns: the input that each weight belongs to.
    """

    tree: Tree
    high: FloatArray
    low: FloatArray
    reached: FloatArray
    missed: FloatArray
    flipped: BoolArray
    spread: FloatArray
    used: BoolArray
    starts: IntArray
    settings: IntArray
    values: FloatArray
    columns: Sequence[int]

    def nodes(self, orders: IntArray) -> ItemNodes:
        """Return the arrays that counting needs, in single precision and moved outward."""
        factors, limits = np.stack([-self.low, self.high]), np.stack([-self.missed, self.reached])
        factors = np.where(factors > 0.0, np.maximum(factors * (1.0 + _MORE), _SMALL), factors * (1.0 - _MORE))
        factors[np.abs(factors) < _SMALL] = 0.0
        ends = (factors < 0.0) + 2 * self.flipped
        n_dimensions = self.values.shape[1] - 1  # of items: the largest factor is 1
        tiny = np.where(limits > 0.0, np.float32(1e-45), np.float32(-np.inf))  # a sum above 0 is at least as large
        return ItemNodes(
            self.tree.left.astype(np.int32),
            self.tree.right.astype(np.int32),
            factors.astype(np.float32),
            np.maximum(np.nextafter(limits.astype(np.float32), np.float32(-np.inf)), tiny),
            ends.astype(np.int8),
            (2.0 * n_dimensions * self.spread).astype(np.float32),
            self.used,
            self.tree.settings[self.tree.low].astype(np.int32),
            self.starts,
            self.values,
            np.array(self.columns, dtype=np.int32),
            orders.astype(np.int32),
        )


def make_items(
    grids: Sequence[Grid],
    inputs: Sequence[int],
    decision: Decision,
    scale: Scale,
    values_of_inputs: Sequence[FloatArray],
    orders: Sequence[Sequence[int]],
) -> Items:
    """List the items of an output neuron.

    Args:
        grids: of its parameters; one more than there are inputs if it has a bias.
        inputs: the scaled input that each weight belongs to.
        decision: its activation's, with finite limits.
        scale: of all inputs.
        values_of_inputs: the distinct values of each input; empty: too many.
        orders: in which the products may be added up.
    """
    count = math.prod(len(grid) for grid in grids)
    values = all_settings(grids)
    weights, n_weights = np.zeros((count, len(scale.size))), len(inputs)
    for k, column in enumerate(inputs):
        weights[:, column] += values[:, k]
    bias = values[:, n_weights] if values.shape[1] > n_weights else np.zeros(count)
    held = bias + weights @ scale.least
    error = np.abs(bias) + np.abs(weights) @ np.abs(scale.least)
    error = 4.0 * BOUND_ROUNDING * (error + abs(decision.lower) + abs(decision.upper))
    factors = weights * scale.size
    sizes = np.abs(factors).max(axis=1)
    # If the bias decides alone, factors need not be scaled, but must not be large.
    sizes = np.where(sizes > 2.0 * error + UNDERFLOW, sizes, np.maximum(sizes, 1.0))
    factors /= sizes[:, np.newaxis]
    reached, missed = (decision.lower - held - error) / sizes, (decision.upper - held + error) / sizes
    nothing = np.flatnonzero(~weights.any(axis=1))  # the sum is the bias, bit for bit
    ones = decision.labels(bias[nothing])
    known = (bias[nothing] != 0.0) | (
        ones == decision.labels(-bias[nothing])
    )  # the activation may distinguish the two zeros
    nothing, ones = nothing[known], ones[known]
    reached[nothing] = missed[nothing] = np.where(ones, -np.inf, np.inf)
    if math.prod(len(own) or _MOST_SUMS for own in values_of_inputs) <= min(_FEW_VALUES, _MOST_SUMS / count):
        first, last = _known_sums(values, inputs, factors, decision, scale, values_of_inputs, orders)
        reached, missed = np.maximum(reached, first), np.minimum(missed, last)
    # Limits outside the range of all sums are equivalent.
    far = 2.0 + 2.0 * factors.shape[1]
    reached, missed = np.clip(reached, -far, far), np.clip(missed, -far, far)
    keys = np.rint(np.concatenate([factors, 0.5 * (reached + missed)[:, np.newaxis]], axis=1) / _ALIKE)
    _, item = np.unique(keys, axis=0, return_inverse=True)
    item = item.ravel()
    settings = np.argsort(item, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(item))])
    edges = starts[:-1]
    high, low = np.maximum.reduceat(factors[settings], edges), np.minimum.reduceat(factors[settings], edges)
    least, most = np.minimum.reduceat(reached[settings], edges), np.maximum.reduceat(missed[settings], edges)
    # For a constant input, or one with rounded ends, 1 minus the input would be inexact.
    exact = (scale.least + scale.size) - scale.least == scale.size
    flipped = _flips(0.5 * (high + low), 0.5 * (least + most)) & exact
    tree = Tree(np.concatenate([high, most[:, np.newaxis], flipped], axis=1), merged=False)
    turned = _turned(low, high, least, most, flipped)
    low, high, least, most = _over_nodes(tree, low, high, least, most)
    some, every = (ends > 0.5 for ends in tree.ranges(flipped.astype(np.float64))[::-1])
    alike = (some == every).all(axis=1)  # else a node's items are not flipped
    for own, other in zip((low, high, least, most), _over_nodes(tree, *turned), strict=True):
        own[alike] = other[alike]
    flipped = every & alike[:, np.newaxis]
    used = tree.greatest(np.maximum.reduceat(np.abs(weights[settings]), edges)) > 0.0
    spread = 0.5 * (high - low).sum(axis=1) + (most - least)
    return Items(tree, high, low, least, most, flipped, spread, used, starts, settings, values[settings], inputs)


def _flips(factors: FloatArray, limits: FloatArray) -> BoolArray:
    """Tell which inputs to replace by 1 minus the input, so that the limit becomes 0 where possible."""
    best, flips = np.full(len(limits), _CORNER), np.zeros(factors.shape, dtype=np.bool_)
    for some in itertools.product((False, True), repeat=factors.shape[1]):
        off = np.abs(limits - factors @ np.array(some, dtype=np.float64))
        better = off < best
        best[better], flips[better] = off[better], some
    flips &= factors != 0.0
    return flips


def _turned(
    low: FloatArray, high: FloatArray, least: FloatArray, most: FloatArray, flipped: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Convert items so that some inputs are replaced by 1 minus the input."""
    error = _TURNED * (np.abs(low) * flipped).sum(axis=1)
    return (
        np.where(flipped, -high, low),
        np.where(flipped, -low, high),
        least - (high * flipped).sum(axis=1) - error,
        most - (low * flipped).sum(axis=1) + error,
    )


def _over_nodes(
    tree: Tree, low: FloatArray, high: FloatArray, least: FloatArray, most: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Compute the ends of factors and limits over all nodes."""
    lowest, highest = tree.least(least[:, np.newaxis])[:, 0], tree.greatest(most[:, np.newaxis])[:, 0]
    return tree.least(low), tree.greatest(high), lowest, highest


def _known_sums(
    values: FloatArray,
    inputs: Sequence[int],
    factors: FloatArray,
    decision: Decision,
    scale: Scale,
    values_of_inputs: Sequence[FloatArray],
    orders: Sequence[Sequence[int]],
) -> tuple[FloatArray, FloatArray]:
    """Find the first scaled sum that has label 1, and the last that has label 0, of each setting; outward a little."""
    first, last = np.full(len(values), np.inf), np.full(len(values), -np.inf)
    for own in itertools.product(*values_of_inputs):
        scaled = factors @ ((np.array(own) - scale.least) / scale.size)
        slack = BOUND_ROUNDING * (1.0 + np.abs(factors).sum(axis=1))
        for order in orders:
            total = values[:, order[0]] * own[inputs[order[0]]]
            for k in order[1:]:
                total = total + values[:, k] * own[inputs[k]]
            if values.shape[1] > len(inputs):
                total = total + values[:, -1]
            ones = decision.labels(total)
            first = np.where(ones, np.minimum(first, scaled - slack), first)
            last = np.where(ones, last, np.maximum(last, scaled + slack))
    return first, last
