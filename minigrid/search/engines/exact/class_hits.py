"""Count correct predictions where there is one output per class.

Samples stand in the order of their classes, so the samples of one class form a slice. Scores are computed from the
numbers of correct predictions exactly as in the plain loop, by the same rounded sums in the same order. No such sum
falls when a correct prediction is added. So the score of the samples that can be correct is an upper bound, bit for
bit, and the score of the samples that are correct is the score itself.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.numerics import sum_in_order, tree_sum
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.scoring import Accuracy, LabelScoring
from minigrid.search.engines.exact.nodes import ClassWanted, Singles
from minigrid.search.engines.exact.rows import in_order
from minigrid.search.engines.margins import sum_rounding
from minigrid.search.problem import Problem


@final
class ClassHits:
    """Scores correct predictions (hits) in each class.

    Attributes:
        columns: the data, shape (n_inputs, n_samples), in the order of the classes.
        classes: the samples of each class.
        amounts: shape (n_samples,), the amount that each counts; None: one.
        is_exact: whether all sums of these are exact.
        addends: shape (n_samples,), the amounts, in single precision if all sums of them are exact in it.
        totals: shape (n_classes,), of all samples of each class.
    """

    def __init__(self, problem: Problem, scoring: LabelScoring) -> None:
        """Sort the samples, and merge equal ones if only their number counts."""
        samples = problem.counted
        self._order: IntArray = np.argsort(samples.targets, kind="stable")
        self.columns: FloatArray = in_order(samples.columns, self._order)
        edges = np.searchsorted(samples.targets[self._order], np.arange(problem.network.n_outputs + 1.0)).tolist()
        self.classes: list[slice] = [slice(a, b) for a, b in itertools.pairwise(edges)]
        self.amounts: FloatArray | None = None if samples.counts is None else samples.counts[self._order]
        self.is_exact: bool = problem.sample_weight is None
        every = np.ones(len(self._order)) if self.amounts is None else self.amounts
        self.addends: Singles | FloatArray = every.astype(np.float32) if self.is_exact else every
        self._scoring = scoring
        everything: list[BoolArray] = [np.ones((1, own.stop - own.start), dtype=np.bool_) for own in self.classes]
        self.totals: FloatArray = self.counts(everything)[0]

    @property
    def n_samples(self) -> int:
        """Return how many there are, after merging."""
        return int(self.columns.shape[1])

    @property
    def wanted(self) -> ClassWanted:
        """Return the scoring of hits for compiled loops, which equals `counts` and `scores` bit for bit."""
        present = self.totals > 0.0
        plain = isinstance(self._scoring, Accuracy)
        return ClassWanted(
            np.array([*(own.start for own in self.classes), self.n_samples]),
            np.ones(self.n_samples) if self.amounts is None else self.amounts,
            self._order,
            np.ones(len(present)) if plain else np.where(present, self.totals, 0.0),
            float(sum_in_order(self.totals)) if plain else float(np.count_nonzero(present)),
            self.amounts is None,
            self.is_exact,
        )

    def counts(self, right: Sequence[BoolArray]) -> FloatArray:
        """Sum the correct samples of each class, as the plain loop does, shape (n, n_classes).

        Args:
            right: which samples are correct, shape (n, n_members) for each class.
        """
        hits = np.empty((len(right[0]), len(self.classes)))
        for label, (own, chosen) in enumerate(zip(self.classes, right, strict=True)):
            if self.amounts is None:
                hits[:, label] = chosen.view(np.int8).sum(axis=1, dtype=np.int32)
            elif self.is_exact:
                hits[:, label] = chosen @ self.amounts[own]
            else:
                terms = np.zeros((len(chosen), len(self.amounts)))
                terms[:, self._order[own]] = np.where(chosen, self.amounts[own], 0.0)
                hits[:, label] = tree_sum(terms)
        return hits

    def judge(self, outputs: Sequence[FloatArray]) -> FloatArray:
        """Score outputs, or numbers in the same order: shape (n or 1, n_samples) for each class. Returns shape (n,)."""
        every, right = np.broadcast_arrays(*outputs), []
        for label, own in enumerate(self.classes):
            best: BoolArray = np.ones((len(every[0]), own.stop - own.start), dtype=np.bool_)
            for other, rows in enumerate(every):
                if other != label:
                    mine, others = every[label][:, own], rows[:, own]
                    best &= mine > others if other < label else mine >= others
            right.append(best)
        return self.scores(self.counts(right))

    def most(self, right: BoolArray, label: int) -> FloatArray:
        """Bound the sum of the correct samples of one class, shape (n, n_members), from above, shape (n,)."""
        if self.amounts is None:
            hits: FloatArray = right.view(np.int8).sum(axis=1, dtype=np.int32).astype(np.float64)
            return hits
        return self.generous(right @ self.amounts[self.classes[label]], label)

    def most_of_both(self, one: BoolArray, other: BoolArray, label: int) -> FloatArray:
        """The same for the samples that are correct in both of two rows, for all pairs of rows, shape (n, n_others)."""
        amounts = 1.0 if self.amounts is None else self.amounts[self.classes[label]]
        hits: FloatArray = (one * amounts).astype(np.float64) @ other.T.astype(np.float64)
        return self.generous(hits, label)

    def generous(self, hits: FloatArray, label: int) -> FloatArray:
        """Move the sum of one class up by more than its rounding, shape (n,) both."""
        if self.is_exact:
            return hits
        generous: FloatArray = np.minimum(hits * (1.0 + sum_rounding(self.n_samples)), self.totals[label])
        return generous

    def scores(self, hits: FloatArray) -> FloatArray:
        """Score hits in each class, shape (n, n_classes), as the plain loop does, shape (n,)."""
        return self._scoring.from_hits(hits, self.totals)
