"""Leaves of several output neurons behind one hidden layer: what is left there is joined and scored.

A leaf is one row for each hidden neuron, with the items of each pair of outputs that may still win there. The pairs are
joined (`class_joins.py`): the differences of two neurons to a third one determine the difference between the two. A
sample can be correct only if its class can win against all others. Among all settings with the same differences, the
first is scored. The others are scored only if the first falls short of what the differences promise, because only
rounding decides between sums that are equal except for rounding.

Interchangeable neurons share their leaves, and every candidate in every order is listed (`orders.py`).
"""

from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.halting import slices
from minigrid._base.mixed_radix import join_digits
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.search.engines.exact.class_joins import Join
from minigrid.search.engines.exact.incumbents import Incumbents
from minigrid.search.engines.exact.orders import Order, orders_of
from minigrid.search.engines.exact.pairwise import PairwiseProblem
from minigrid.search.engines.exact.rows import all_rows, all_settings
from minigrid.search.problem import Problem

_SCORED_TILE = 2**17  # samples that are processed together


@final
class ClassLeaves:
    """Scores the candidates of leaves."""

    def __init__(self, pairwise: PairwiseProblem) -> None:
        problem, axes, scorer, top = pairwise.problem, pairwise.axes, pairwise.scorer, pairwise.top
        self._problem, self._axes, self._scorer, self._top = problem, axes, scorer, top
        self._hits, self._trees = pairwise.hits, pairwise.trees
        self._scale, self._pairs = pairwise.scale, pairwise.pairs
        self._chunk = scorer.chunk_size(problem)
        own = problem.network.parameter_slices[-1]
        self._lengths = [[len(grid) for grid in problem.space.grids[some]] for some in own]
        self._parameters: list[FloatArray] = [all_settings(problem.space.grids[some]) for some in own]
        self._orders = _orders(problem, axes.groups, top)
        self._alike = len(self._orders) == 1 or _add_first(problem, axes.groups)

    def score(self, leaf: IntArray, items: list[IntArray], incumbents: Incumbents) -> int:
        """Score what is left of a leaf, and keep the best; return how many candidates were scored.

        Args:
            leaf: shape (n_axes,).
            items: those that may win there, for each pair of outputs.
            incumbents: the best so far.
        """
        settings = self._axes.first_settings(leaf[np.newaxis])
        late = bool(incumbents.are_late(self._axes.first_of(leaf[np.newaxis]))[0])
        rows = [tree.rows[k] for tree, k in zip(self._trees, settings[0], strict=True)]
        scaled = [(row - a) / b for row, a, b in zip(rows, self._scale.least, self._scale.size, strict=True)]
        outputs, left, masks = None, [], []
        for pair, own in enumerate(items):
            mask, doubted = self._wins(pair, scaled, own)
            if self._alike and doubted.any():
                outputs = self._outputs(rows) if outputs is None else outputs
                kept = self._resolve(pair, own, mask, np.flatnonzero(doubted), outputs, incumbents, late)
                own, mask = own[kept], [won[kept] for won in mask]
            if not len(own):
                return 0
            left.append(own)
            masks.append(mask)
        numbers = [of.numbers(of.item[own]) for of, own in zip(self._pairs.items, left, strict=True)]
        orders = [(order, inner) for order, inner in self._orders if order.is_new(settings[:, order.axes])[0]]
        firsts = self._firsts(leaf, numbers, settings, orders)
        join, n_scored = Join(self._hits, self._pairs, numbers, masks, firsts, incumbents), 0
        for found, scores in join.run():
            for order, inner in orders if len(scores) else []:
                outputs = self._outputs([rows[k] for k in order.axes])
                turned = settings[:, order.axes]
                n_scored += self._score_order(turned, inner, outputs, join.base, found, scores, incumbents)
        return n_scored

    def _firsts(
        self, leaf: IntArray, numbers: list[IntArray], settings: IntArray, orders: list[tuple[Order, list[Order]]]
    ) -> list[IntArray]:
        """For each pair's differences positions in all grids that none of their candidates at a leaf comes before."""
        n_parameters, firsts = len(self._problem.space.grids), []
        hidden = self._axes.digits(self._axes.first_of(leaf[np.newaxis]))
        for pair, own in enumerate(numbers):
            first = np.zeros((len(own), n_parameters), dtype=np.int64)
            first[:, : hidden.shape[1]] = hidden
            if len(orders) == 1 and self._pairs.classes[pair][0] == 0:  # the first output's weights come next
                order, inner = orders[0]
                first[:, : hidden.shape[1]] = self._axes.digits(settings[:, order.axes])
                positions = self._pairs.first([pair], [own])[:, self._pairs.columns[0], 0][:, inner[0].parameters]
                first[:, hidden.shape[1] : hidden.shape[1] + positions.shape[1]] = positions
            firsts.append(first)
        return firsts

    def _wins(self, pair: int, scaled: Sequence[FloatArray], items: IntArray) -> tuple[list[BoolArray], BoolArray]:
        """Tell which samples of both classes of a pair can be won at a leaf, and for which items any is in doubt."""
        own, masks, doubted = self._pairs.items[pair], [], np.zeros(len(items), dtype=np.bool_)
        for which, label in enumerate(self._pairs.classes[pair]):
            samples, can = self._hits.classes[label], []
            for winner in range(2):
                factors = own.exact_factors[1 - winner][items]
                total = factors[:, :1] * scaled[0][samples]
                for k, row in enumerate(scaled[1:], start=1):
                    total += factors[:, k : k + 1] * row[samples]
                can.append(total >= own.exact_limits[1 - winner][items, np.newaxis])
            masks.append(can[which])
            doubted |= (can[0] & can[1]).any(axis=1)
        return masks, doubted

    def _resolve(
        self,
        pair: int,
        items: IntArray,
        masks: list[BoolArray],
        doubted: IntArray,
        outputs: list[FloatArray],
        incumbents: Incumbents,
        late: bool,
    ) -> BoolArray:
        """Examine true outputs where sums are equal but for rounding, and change masks; tell which items are left."""
        kept = np.ones(len(items), dtype=np.bool_)
        one, other = self._pairs.classes[pair]
        numbers = self._pairs.items[pair].numbers(self._pairs.items[pair].item[items[doubted]])
        for few in self._pairs.in_parts([pair], [numbers], max(1, _SCORED_TILE // self._hits.n_samples)):
            origin, positions = self._pairs.expanded([pair], [numbers[few]])
            which = [
                join_digits(positions[:, self._pairs.columns[label], k], self._lengths[label])
                for k, label in enumerate((one, other))
            ]
            true = []
            for k, label in enumerate((one, other)):
                samples = self._hits.classes[label]
                mine, others = outputs[one][which[0], samples], outputs[other][which[1], samples]
                true.append(mine >= others if k == 0 else others > mine)
            every = np.tile(self._hits.totals, (len(origin), 1))
            every[:, one], every[:, other] = self._hits.most(true[0], one), self._hits.most(true[1], other)
            scores = self._hits.scores(every)
            starts = np.flatnonzero(np.concatenate([[True], np.diff(origin) > 0]))
            best = np.maximum.reduceat(scores, starts)
            kept[doubted[few]] = incumbents.are_alive(best, np.full(len(few), late))
            for mask, own in zip(masks, true, strict=True):
                mask[doubted[few]] &= np.logical_or.reduceat(own, starts, axis=0)
        return kept

    def _outputs(self, rows: list[FloatArray]) -> list[FloatArray]:
        """The outputs of all settings of the last layer at a leaf, bit for bit, shape (n_settings, n_samples) each."""
        neurons = zip(self._problem.network.layers[-1], self._parameters, strict=True)
        return [all_rows(neuron, parameters, np.array(rows)) for neuron, parameters in neurons]

    def _score_order(
        self,
        settings: IntArray,
        inner: list[Order],
        outputs: list[FloatArray],
        base: int,
        found: list[IntArray],
        scores: FloatArray,
        incumbents: Incumbents,
    ) -> int:
        """Score what the outputs' differences stand for, with the hidden neurons in one order."""
        hidden, n_scored = self._axes.digits(settings), 0
        first = self._inner(inner, self._pairs.first(self._pairs.with_base(base), found))
        step = max(1, _SCORED_TILE // self._hits.n_samples)
        going = np.lexsort([*first.T[::-1], -scores])
        while len(going):
            candidates = np.concatenate([np.tile(hidden, (len(going), 1)), first[going]], axis=1)
            going = going[incumbents.are_alive(scores[going], incumbents.are_later(candidates))]
            some, going = going[:step], going[step:]
            true = self._keep(hidden, outputs, first[some], incumbents)
            n_scored += len(some)
            some = some[(true < scores[some]) | (self._top > 1)]
            with_base = self._pairs.with_base(base)
            for few in self._pairs.in_parts(with_base, [own[some] for own in found], step):
                own = some[few]
                candidates = np.concatenate([np.tile(hidden, (len(own), 1)), first[own]], axis=1)
                own = own[incumbents.are_alive(scores[own], incumbents.are_later(candidates))]
                if not len(own):
                    continue
                _, positions = self._pairs.expanded(with_base, [numbers[own] for numbers in found])
                every = self._inner(inner, positions)
                for part in slices(len(every), step):
                    self._keep(hidden, outputs, every[part], incumbents)
                n_scored += len(every)
        return n_scored

    def _keep(self, hidden: IntArray, outputs: list[FloatArray], inner: IntArray, incumbents: Incumbents) -> FloatArray:
        """Score some settings of the last layer, shape (n, n_parameters), and keep the best."""
        if not len(inner):
            return np.empty(0)
        start, rows = 0, []
        for own, lengths in zip(outputs, self._lengths, strict=True):
            which = join_digits(inner[:, start : start + len(lengths)], lengths)
            rows.append((own, which))
            start += len(lengths)
        right = []
        for label, samples in enumerate(self._hits.classes):
            own, which = rows[label]
            mine = own[which, samples]
            best: BoolArray = np.ones(mine.shape, dtype=np.bool_)
            for other, (table, where) in enumerate(rows):
                if other != label:
                    best &= mine > table[where, samples] if other < label else mine >= table[where, samples]
            right.append(best)
        scores = self._hits.scores(self._hits.counts(right))
        digits = np.concatenate([np.tile(hidden, (len(inner), 1)), inner], axis=1)
        alive = np.flatnonzero(incumbents.are_alive(scores, incumbents.are_later(digits)))
        if not len(alive):
            return scores
        best_few = alive[np.lexsort([*digits[alive].T[::-1], -scores[alive]])[: self._top]]
        incumbents.score(self._scorer, digits[best_few], self._chunk)
        return scores

    def _inner(self, inner: list[Order], positions: IntArray) -> IntArray:
        """The last layer's digits from positions in the grids, shape (n, n_hidden + 1, n_outputs)."""
        parts = []
        for output, (order, columns) in enumerate(zip(inner, self._pairs.columns, strict=True)):
            parts.append(positions[:, columns, output][:, order.parameters])
        return np.concatenate(parts, axis=1)


def _add_first(problem: Problem, groups: list[int]) -> bool:
    """Tell whether two hidden neurons are interchangeable and every output adds them first, to the same bits."""
    swapped = [k for k, group in enumerate(groups) if groups.count(group) > 1]
    return len(swapped) == 2 and all(
        sorted(neuron.input_columns()[:2]) == swapped for neuron in problem.network.layers[-1]
    )


def _orders(problem: Problem, groups: list[int], top: int) -> list[tuple[Order, list[Order]]]:
    """All orders of the hidden neurons, and what each is for the weights of every output neuron."""
    asked = top if _add_first(problem, groups) else 2
    every = [
        orders_of(groups, list(neuron.input_columns()), neuron.n_parameters, asked)
        for neuron in problem.network.layers[-1]
    ]
    return [(own[0], list(own)) for own in zip(*every, strict=True)]
