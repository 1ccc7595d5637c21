"""A bound from samples that a neuron cannot distinguish: all get one label, so the rarer label is wrong.

If only a few weights may differ from 0, many samples look the same to a neuron. Sound because such samples have the
same weighted sum: the inputs in which they differ are multiplied by 0. A sum of 0 may have either sign, so the
activation must give 0 and -0 the same label.
"""

from typing import final

import numpy as np

from minigrid._base.halting import poll
from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations.guard import apply_activation
from minigrid.scoring import LabelScoring
from minigrid.search.engines.exact.bounder import MANY_SAMPLES
from minigrid.search.engines.exact.hits import Hits
from minigrid.search.problem import Problem

_MOST_KEPT = 2**14
_MOST_GROUPS = 2**62


@final
class IndistinguishableSamples:
    """Bounds a score of labels by which inputs a single neuron sees."""

    def __init__(self, problem: Problem, scoring: LabelScoring) -> None:
        """Number the values of each input.

        Args:
            problem: of a single neuron.
            scoring: its scoring.
        """
        neuron = problem.network.layers[0][0]
        samples = problem.counted
        positive: BoolArray = samples.targets.reshape(-1) == 1.0
        self._hits = Hits(scoring, positive, samples.counts)
        order = self._hits.order
        self._numbers = [_numbers(samples.columns[k][order]) for k in neuron.input_columns()]
        self._sizes = [int(numbers.max()) + 1 for numbers in self._numbers]
        self._gains = np.where(positive[order], self._hits.gains[1], self._hits.gains[0]) * self._hits.amounts
        self._positive = positive[order]
        self._known: dict[bytes, float] = {}

    def bound(self, seen: BoolArray) -> FloatArray:
        """Bound the scores, shape (n_boxes,).

        Args:
            seen: which weights may differ from 0, shape (n_boxes, n_weights).
        """
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        keys = [row.tobytes() for row in seen]
        for key, row in zip(keys, seen, strict=True):
            if key not in self._known:
                self._known[key] = self._most(row)
        return self._hits.scores(np.array([self._known[key] for key in keys]))

    def _most(self, seen: BoolArray) -> float:
        """The most that hits gain together."""
        group: IntArray = np.zeros(len(self._positive), dtype=np.int64)
        n_groups = 1
        for k in np.flatnonzero(seen):
            if n_groups > _MOST_GROUPS // self._sizes[k]:
                group = np.unique(group, return_inverse=True)[1].reshape(-1)
                n_groups = int(group.max()) + 1
            group = group * self._sizes[k] + self._numbers[k]
            n_groups *= self._sizes[k]
        group = np.unique(group, return_inverse=True)[1].reshape(-1)
        zeros, ones = (
            np.bincount(group, np.where(kind, self._gains, 0.0)) for kind in (~self._positive, self._positive)
        )
        return float(np.maximum(zeros, ones).sum())


def find_indistinguishable(problem: Problem) -> IndistinguishableSamples | None:
    """Build the bounds for a single neuron and a label scoring, unless there are too many samples."""
    scoring = problem.scoring
    if len(problem.network.layers) > 1 or problem.network.n_outputs > 1 or problem.n_samples > MANY_SAMPLES:
        return None
    outputs = apply_activation(problem.network.layers[0][0].activation, np.array([0.0, -0.0]))
    one_zero = (outputs[0] > 0.5) == (outputs[1] > 0.5)
    return IndistinguishableSamples(problem, scoring) if one_zero and isinstance(scoring, LabelScoring) else None


def _numbers(column: FloatArray) -> IntArray:
    """Number the different values of an input.

    Raises:
        Halted: the work must end.
    """
    poll()
    numbers: IntArray = np.unique(column, return_inverse=True)[1].reshape(-1)
    return numbers
