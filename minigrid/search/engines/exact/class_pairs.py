"""Pairs of output neurons: their settings, described by the differences of their parameters.

The differences of two neurons' weights alone decide which of two classes has the greater sum. There are fewer
differences than pairs of settings: an even grid of n values has 2 n - 1 for each weight. Differences that are equal
except for rounding are merged into one range that contains all of them. An item is one difference for each weight and
one for the bias. Items form a tree. A node of the tree stores the least and the greatest value of each difference, and
bounds the samples that either class can win.

Sound because one sum exceeds the other by the differences times the hidden outputs. The hidden outputs are scaled to
lie from 0 to 1, so the greatest product with a difference is the product with the high end if the difference is not
negative, and with the low end otherwise. A sample counts as won unless the other sum is greater by more than a margin.
The margin is larger than all rounding together, and large enough for the activation to separate the two sums
(`separation.py`).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._base.mixed_radix import all_digits, split_digits
from minigrid._base.ragged import joined_ranges
from minigrid._base.typing import FloatArray, IntArray
from minigrid.search.engines.exact.items import Scale
from minigrid.search.engines.exact.nodes import Singles
from minigrid.search.engines.exact.trees import Tree
from minigrid.search.engines.margins import SINGLE_ROUNDING

_MOST_ITEMS = 2**15  # differences of two output neurons that are listed
_MOST_JOINED = 2.0**34  # differences of all output neurons to one
_MOST_TRIPLES = 2**22
_ALIKE = 2.0**-30  # differences of weights that differ by less, as a part of the greatest, are one


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Differences:
    """The differences between the values of two grids.

    Attributes:
        which: shape (n_values, n_others), the number of the difference of each pair.
        low: shape (n_differences,), the least value of each.
        high: the greatest.
    """

    which: IntArray
    low: FloatArray
    high: FloatArray

    @staticmethod
    def of(values: FloatArray, others: FloatArray) -> "Differences":
        """List them, in ascending order."""
        every = (values[:, np.newaxis] - others).ravel()
        order = np.argsort(every, kind="stable")
        new = np.diff(every[order]) > _ALIKE * np.abs(every).max()
        number = np.concatenate([[0], np.cumsum(new)])
        which = np.empty(len(every), dtype=np.int64)
        which[order] = number
        edges = np.flatnonzero(np.concatenate([[True], new]))
        low, high = np.minimum.reduceat(every[order], edges), np.maximum.reduceat(every[order], edges)
        return Differences(which.reshape(len(values), len(others)), low, high)


@final
class PairItems:
    """The items of two output neurons, where the first one's class wins ties.

    Attributes:
        tree: over the items.
        lengths: how many differences there are for each hidden neuron, and the bias.
        terms: shape (2, n_nodes, n_hidden + 1): a sample of the second class, or of the first, can be won where the sum
            of its products with them, the last one with 1, reaches 0.
        signs: shape (2, n_nodes), which of these factors are below 0: a number for each combination.
        exact_factors: shape (2, n_nodes, n_hidden), the factors in double precision.
        exact_limits: shape (2, n_nodes), the limits in double precision, not moved for single precision.
        spread: shape (n_nodes,), how far apart the items of a node are.
        reach: the greatest factor.
        item: shape (n_nodes,), the item of a leaf, or any of those in a node.
    """

    def __init__(self, differences: Sequence[Differences], scale: Scale, margin: float, *, ties: bool) -> None:
        """List the items.

        Args:
            differences: of the weights for each hidden neuron, and of the biases.
            scale: of the hidden outputs.
            margin: that a sum must be above another for its class to win for certain.
            ties: whether equal settings of both neurons give equal outputs.
        """
        self.lengths: list[int] = [len(own.low) for own in differences]
        numbers = all_digits(self.lengths).T
        low = np.stack([own.low[of] for own, of in zip(differences, numbers, strict=True)], axis=1)
        high = np.stack([own.high[of] for own, of in zip(differences, numbers, strict=True)], axis=1)
        same = np.flatnonzero(ties & (low == 0.0).all(axis=1) & (high == 0.0).all(axis=1))
        factors = [low[:, :-1] * scale.size, high[:, :-1] * scale.size]
        shift = low[:, :-1] * scale.least, high[:, :-1] * scale.least
        held = [low[:, -1] + np.minimum(*shift).sum(axis=1), high[:, -1] + np.maximum(*shift).sum(axis=1)]
        points = 0.5 * np.concatenate([factors[0] + factors[1], (held[0] + held[1])[:, np.newaxis]], axis=1)
        self.tree: Tree = Tree(points, merged=False)
        (least, _), (_, most) = (self.tree.ranges(own) for own in factors)
        (begin, _), (_, end) = (self.tree.ranges(own[:, np.newaxis]) for own in held)
        limits = np.stack([begin[:, 0], -end[:, 0]]) - margin
        self.item: IntArray = self.tree.settings[self.tree.low]
        limits[0, np.isin(self.item, same) & self.tree.are_leaves] = np.inf  # equal outputs: the first class wins
        own = np.stack([-least, most])
        self.exact_factors: FloatArray = own
        self.exact_limits: FloatArray = limits.copy()
        n_hidden, reach = least.shape[1], float(max(np.abs(least).max(), np.abs(most).max()))
        self.reach: float = reach
        known = np.where(np.isinf(limits), 0.0, np.abs(limits))
        limits -= SINGLE_ROUNDING * (n_hidden + 2) * ((1.0 + n_hidden) * reach + known)
        single = np.nextafter(limits.astype(np.float32), np.float32(-np.inf))
        self.terms: Singles = np.concatenate([own.astype(np.float32), -single[:, :, np.newaxis]], axis=2)
        self.signs: IntArray = (self.terms[:, :, :-1] < 0.0) @ 2 ** np.arange(n_hidden)  # as they are multiplied
        self.spread: FloatArray = 0.5 * (most - least).sum(axis=1) + (end - begin)[:, 0]

    def numbers(self, items: IntArray) -> IntArray:
        """The differences that some items are made of, shape (n, n_hidden + 1)."""
        return split_digits(items, self.lengths)


@final
class Triple:
    """The differences of two output neurons, derived from their differences to a third one."""

    def __init__(self, first: IntArray, second: IntArray, both: IntArray) -> None:
        """List the differences that occur for one weight.

        Args:
            first: shape (n, n_first), the difference of each value of the third neuron and one of the first.
            second: shape (n, n_second), the same for the second neuron.
            both: shape (n_first, n_second), that of the first neuron and the second.
        """
        self._count = int(second.max()) + 1
        keys = (first[:, :, np.newaxis] * self._count + second[:, np.newaxis]).ravel()
        self._keys, where, inverse = np.unique(keys, return_index=True, return_inverse=True)
        third = np.broadcast_to(both, (len(first), *both.shape)).ravel()
        self._third: IntArray = third[where]
        self.is_unique: bool = bool((third == self._third[inverse.ravel()]).all())

    def third(self, first: IntArray, second: IntArray) -> IntArray:
        """Find the difference of the first neuron and the second, -1 where there is none, shape (n,) all."""
        keys = first * self._count + second
        where = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found: IntArray = np.where(self._keys[where] == keys, self._third[where], -1)
        return found


def too_many(values: Sequence[Sequence[FloatArray]]) -> bool:
    """Tell whether output neurons have too many settings to list, given the values of all their weights."""
    if any(math.prod(sorted(len(value) for value in own)[-3:]) > _MOST_TRIPLES for own in zip(*values, strict=True)):
        return True
    counts = [
        math.prod(len(Differences.of(*both).low) for both in zip(values[one], values[other], strict=True))
        for one, other in pairs_of(len(values))
    ]
    return max(counts) > _MOST_ITEMS or max(counts) ** (len(values) - 1.0) > _MOST_JOINED


def pairs_of(n_outputs: int) -> list[tuple[int, int]]:
    """All pairs of output neurons."""
    return list(itertools.combinations(range(n_outputs), 2))


@final
class Pairs:
    """All pairs of output neurons, and what the differences of three have to do with each other.

    Attributes:
        classes: which two each pair is of.
        items: of each pair.
        columns: for each output neuron the hidden neurons that its weights are for, and the number of these for its
            bias.
    """

    def __init__(self, columns: list[list[int]], values: list[list[FloatArray]], scale: Scale, margin: float) -> None:
        """List all differences.

        Args:
            columns: see above.
            values: of each output neuron's weight for each hidden neuron, and its bias; one 0 where it has none.
            scale: of the hidden outputs.
            margin: see `class_pairs.py`.
        """
        self.columns = columns
        self.classes: list[tuple[int, int]] = pairs_of(len(values))
        self._values = values
        made: dict[tuple[bytes, ...], tuple[list[Differences], PairItems]] = {}
        self._differences: list[list[Differences]] = []
        self.items: list[PairItems] = []
        for one, other in self.classes:
            key = (
                *(own.tobytes() for own in [*values[one], *values[other]]),
                str((columns[one], columns[other])).encode(),
            )
            if key not in made:
                differences = [Differences.of(*both) for both in zip(values[one], values[other], strict=True)]
                items = PairItems(differences, scale, margin, ties=columns[one] == columns[other])
                made[key] = differences, items
            self._differences.append(made[key][0])
            self.items.append(made[key][1])
        self._known: dict[tuple[tuple[int, ...], int, tuple[int, ...]], IntArray] = {}
        self._triples: dict[tuple[int, int, int], list[Triple]] = {}
        for base in range(len(values)):
            for one, other in self.classes:
                if base not in (one, other):
                    both = self._differences[self.classes.index((one, other))]
                    self._triples[base, one, other] = [
                        Triple(self._from(base, one, k), self._from(base, other, k), own.which)
                        for k, own in enumerate(both)
                    ]

    @property
    def are_unique(self) -> bool:
        """Tell whether the differences of two neurons to a third one determine their own difference."""
        return all(triple.is_unique for own in self._triples.values() for triple in own)

    def number(self, one: int, other: int) -> int:
        """The number of the pair of two outputs."""
        return self.classes.index((min(one, other), max(one, other)))

    def third(self, base: int, one: int, other: int, first: IntArray, second: IntArray) -> IntArray:
        """Find the differences of two outputs from those of both to a third one, shape (n, n_hidden + 1) all."""
        own = self._triples[base, one, other]
        return np.stack([triple.third(first[:, k], second[:, k]) for k, triple in enumerate(own)], axis=1)

    def _from(self, base: int, other: int, k: int) -> IntArray:
        """The numbers of the differences of all values of one output and another, shape (n_values, n_others)."""
        which = self._differences[self.number(base, other)][k].which
        return which if base < other else which.T

    def with_base(self, base: int) -> list[int]:
        """The pairs of one output with each other one."""
        return [self.number(base, other) for other in range(len(self._values)) if other != base]

    def first(self, pairs: list[int], found: list[IntArray]) -> IntArray:
        """Find the first candidates with some differences.

        Args:
            pairs: one pair of outputs, or all with some output.
            found: the differences of each, shape (n, n_hidden + 1).

        Returns:
            The positions in the grids, shape (n, n_hidden + 1, n_outputs).
        """
        positions = []
        for k in range(found[0].shape[1]):
            tuples, starts, _ = self._choices(pairs, found, k)
            positions.append(tuples[starts])
        return np.stack(positions, axis=1)

    def expanded(self, pairs: list[int], found: list[IntArray]) -> tuple[IntArray, IntArray]:
        """Find all candidates with some differences: of which each is, and the positions, see `first`."""
        choices = [self._choices(pairs, found, k) for k in range(found[0].shape[1])]
        totals = np.prod([count for _, _, count in choices], axis=0)
        origin = np.repeat(np.arange(len(totals)), totals)
        rest = joined_ranges(0, totals)
        positions = []
        for tuples, starts, count in choices:
            positions.append(tuples[starts[origin] + rest % count[origin]])
            rest //= count[origin]
        return origin, np.stack(positions, axis=1)

    def in_parts(self, pairs: list[int], found: list[IntArray], most: int) -> list[IntArray]:
        """Part some differences so that each part stands for about `most` candidates, if not for one alone."""
        if not len(found[0]):
            return []
        counts = [self._choices(pairs, found, k)[2] for k in range(found[0].shape[1])]
        part = np.cumsum(np.prod(counts, axis=0)) // most
        return np.split(np.arange(len(part)), np.flatnonzero(np.diff(part)) + 1)

    def _choices(self, pairs: list[int], found: list[IntArray], k: int) -> tuple[IntArray, IntArray, IntArray]:
        """The positions in the grids of one weight, for some differences: a list, where each's begin, and how many."""
        which: IntArray = np.zeros(len(found[0]), dtype=np.int64)
        for pair, own in zip(pairs, found, strict=True):
            _, where, which = np.unique(
                which * self.items[pair].lengths[k] + own[:, k], return_index=True, return_inverse=True
            )
        numbers = np.stack([own[where, k] for own in found], axis=1)
        tuples = [self._tuples(pairs, k, tuple(row)) for row in numbers.tolist()]
        count = np.array([len(own) for own in tuples], dtype=np.int64)
        starts = np.cumsum(count) - count
        return np.concatenate(tuples), starts[which], count[which]

    def _tuples(self, pairs: list[int], k: int, numbers: tuple[int, ...]) -> IntArray:
        """The positions in the grids of one weight with some differences in their order, shape (n, n_outputs)."""
        key = tuple(pairs), k, numbers
        if key not in self._known:
            outputs = sorted({label for pair in pairs for label in self.classes[pair]})
            base = next(label for label in outputs if all(label in self.classes[pair] for pair in pairs))
            others = [label for label in outputs if label != base]
            tuples: list[tuple[int, ...]] = []
            for own in range(len(self._values[base][k])):
                lists: list[Sequence[int]] = [[own]] * len(outputs)
                for other, number in zip(others, numbers, strict=True):
                    lists[outputs.index(other)] = np.flatnonzero(self._from(base, other, k)[own] == number).tolist()
                tuples += itertools.product(*lists)
            self._known[key] = np.array(sorted(tuples), dtype=np.int64).reshape(-1, len(outputs))
        return self._known[key]
