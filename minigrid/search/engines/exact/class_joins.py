"""Join pairs of output neurons: bound a leaf's score from the samples that each class can win.

One output neuron is the base. The setting of every other neuron follows from its differences to the base. Candidates
are therefore built one output neuron at a time: each neuron adds its difference to the base, and its differences to
the neurons before it must be on the lists of their pairs. A sample of a class can be correct only if its class can win
against all others. A partial candidate that cannot be kept is pruned at once; the classes that are still to come count
as far as their own pairs allow.
"""

import math
from collections.abc import Iterator
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.mixed_radix import join_digits
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.class_hits import ClassHits
from minigrid.search.engines.exact.class_pairs import Pairs
from minigrid.search.engines.exact.incumbents import Incumbents

_JOINED = 2**17  # pairs of items that are joined at once


@final
class Join:
    """Joins the differences of all pairs of outputs at one leaf."""

    def __init__(
        self,
        hits: ClassHits,
        pairs: Pairs,
        numbers: list[IntArray],
        masks: list[list[BoolArray]],
        firsts: list[IntArray],
        incumbents: Incumbents,
    ) -> None:
        """Set it up.

        Args:
            hits: scores.
            pairs: the pairs of outputs.
            numbers: for each pair, the remaining differences, shape (n, n_hidden + 1).
            masks: for each pair, which samples of both classes can be won, shape (n, n_members) each.
            firsts: for each pair, positions in all grids, shape (n, n_parameters). No candidate of the pair comes
                before them.
            incumbents: the best so far. Candidates may be added while the search runs.
        """
        self._hits, self._pairs, self._numbers, self._masks = hits, pairs, numbers, masks
        self._firsts, self._incumbents = firsts, incumbents
        n_classes = len(hits.classes)
        self._places = []
        for pair, items in enumerate(pairs.items):
            place = np.full(math.prod(items.lengths), -1)
            place[join_digits(numbers[pair], items.lengths)] = np.arange(len(numbers[pair]))
            self._places.append(place)
        self._caps: FloatArray = hits.totals.copy()
        self._most: list[list[FloatArray]] = []
        for pair, labels in enumerate(pairs.classes):
            self._most.append([hits.most(mask, label) for mask, label in zip(masks[pair], labels, strict=True)])
            for label, own in zip(labels, self._most[-1], strict=True):
                self._caps[label] = min(self._caps[label], own.max(initial=0.0))
        sizes = [
            math.prod(len(numbers[pairs.number(base, other)]) for other in range(n_classes) if other != base)
            for base in range(n_classes)
        ]
        self.base: int = int(np.argmin(sizes))

    def _alive(self, every: FloatArray, late: BoolArray) -> tuple[FloatArray, IntArray]:
        """The scores of hits in each class, and which of them can still be kept."""
        scores = self._hits.scores(every)
        return scores, np.flatnonzero(self._incumbents.are_alive(scores, late))

    def _are_late(self, pair: int) -> BoolArray:
        """Tell which differences of a pair only have candidates that come after the worst one that is kept."""
        return self._incumbents.are_later(self._firsts[pair])

    def run(self) -> Iterator[tuple[list[IntArray], FloatArray]]:
        """Join all pairs: for each other output, yield its differences to the base and the scores they can reach."""
        others = [label for label in range(len(self._hits.classes)) if label != self.base]
        others.sort(key=lambda label: len(self._numbers[self._pairs.number(self.base, label)]))
        first = self._pairs.number(self.base, others[0])
        chosen = np.arange(len(self._numbers[first]))[:, np.newaxis]
        won = {self.base: self._mask(first, self.base), others[0]: self._mask(first, others[0])}
        scores, alive = self._alive(self._every(won, len(chosen)), self._are_late(first))
        alive = alive[np.lexsort([*self._firsts[first][alive].T[::-1], -scores[alive]])]
        won = {label: own[alive] for label, own in won.items()}
        return self._run(others, 1, chosen[alive], won, scores[alive])

    def _run(
        self, others: list[int], count: int, chosen: IntArray, won: dict[int, BoolArray], scores: FloatArray
    ) -> Iterator[tuple[list[IntArray], FloatArray]]:
        """Continue with `count` of the other outputs joined."""
        if count == len(others):
            pairs = {label: self._pairs.number(self.base, label) for label in others}
            if not self._hits.is_exact:  # as tight as possible
                scores = self._hits.scores(self._hits.counts([won[label] for label in sorted(won)]))
            found = {label: self._numbers[pairs[label]][chosen[:, k]] for k, label in enumerate(others)}
            yield [found[label] for label in sorted(others)], scores
            return
        step = max(1, _JOINED // len(self._numbers[self._pairs.number(self.base, others[count])]))
        for some in slices(len(chosen), step):
            part = {label: own[some] for label, own in won.items()}
            yield from self._run(others, count + 1, *self._extended(others[:count], others[count], chosen[some], part))

    def _mask(self, pair: int, label: int) -> BoolArray:
        return self._masks[pair][self._pairs.classes[pair].index(label)]

    def _every(self, won: dict[int, BoolArray], count: int) -> FloatArray:
        """The most hits in each class, shape (count, n_classes)."""
        every = np.tile(self._caps, (count, 1))
        for label, own in won.items():
            np.minimum(every[:, label], self._hits.most(own, label), out=every[:, label])
        return every

    def _extended(
        self, before: list[int], other: int, chosen: IntArray, won: dict[int, BoolArray]
    ) -> tuple[IntArray, dict[int, BoolArray], FloatArray]:
        """Join one more output to the others."""
        base = self.base
        pair = self._pairs.number(base, other)
        count, n_added = len(chosen), len(self._numbers[pair])
        every = np.repeat(self._every(won, count)[:, np.newaxis], n_added, axis=1)
        both = self._hits.most_of_both(won[base], self._mask(pair, base), base)
        np.minimum(every[:, :, base], both, out=every[:, :, base])
        most = self._most[pair][self._pairs.classes[pair].index(other)]
        np.minimum(every[:, :, other], most, out=every[:, :, other])
        late = np.zeros(count, dtype=np.bool_)
        for k, old in enumerate(before):
            late |= self._are_late(self._pairs.number(base, old))[chosen[:, k]]
        late = (late[:, np.newaxis] | self._are_late(pair)).ravel()
        _, alive = self._alive(every.reshape(-1, every.shape[2]), late)
        one, added = alive // n_added, alive % n_added
        places = {}
        for k, old in enumerate(before):
            low, high = min(old, other), max(old, other)
            numbers = {
                old: self._numbers[self._pairs.number(base, old)][chosen[one, k]],
                other: self._numbers[pair][added],
            }
            third = self._pairs.third(base, low, high, numbers[low], numbers[high])
            which = self._pairs.number(low, high)
            where = join_digits(np.maximum(third, 0), self._pairs.items[which].lengths)
            places[old] = np.where((third >= 0).all(axis=1), self._places[which][where], -1)
        known = np.ones(len(one), dtype=np.bool_)
        for place in places.values():
            known &= place >= 0
        one, added, late = one[known], added[known], late[alive][known]
        new = {label: own[one] for label, own in won.items()}
        new[base] &= self._mask(pair, base)[added]
        new[other] = self._mask(pair, other)[added]
        for old, place in places.items():
            which = self._pairs.number(old, other)
            new[old] &= self._mask(which, old)[place[known]]
            new[other] &= self._mask(which, other)[place[known]]
        scores, alive = self._alive(self._every(new, len(one)), late)
        extended = np.concatenate([chosen[one], added[:, np.newaxis]], axis=1)[alive]
        return extended, {label: own[alive] for label, own in new.items()}, scores[alive]
