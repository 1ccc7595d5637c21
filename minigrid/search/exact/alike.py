"""Two inputs that are one: weights of opposite signs and nearly equal sizes leave nothing of them but rounding.

Where two hidden neurons have equal settings, every sum is v * a + w * a. Unless v and -w are nearly equal its sign
is that of v + w for every sample, and the score that of one label. If they are, it is rounding that decides, or the
activation's own 0, differently from sample to sample, and bounds that allow for rounding say nothing. Such pairs of
weights are few: the labels are computed, as the plain loop does.
"""

from typing import final

import numpy as np

from minigrid._typing import BoolArray, FloatArray
from minigrid.activations import BuiltinActivation
from minigrid.scoring import LabelScoring
from minigrid.search.decision import Decision
from minigrid.search.exact.fast import in_parts

_ROUNDING = 2.0**-44


@final
class AlikeInputs:
    """Scores weights of an output neuron whose two inputs are one."""

    def __init__(
        self,
        weights: tuple[FloatArray, FloatArray],
        positive: BoolArray,
        counts: FloatArray | None,
        decision: Decision,
        least: float,
        scoring: LabelScoring,
    ) -> None:
        """Choose the pairs of weights; arguments as for `RatioSweep`, but that `least` is above 0."""
        first, second = (values[:, np.newaxis] for values in weights)
        sums = np.abs(first + second.T)
        band = max(abs(decision.lower), abs(decision.upper))
        # Beyond it, v * a + w * a lies outside of the band, and rounding does not change its sign.
        unclear = sums <= 2.0 * band / least + _ROUNDING * (np.abs(first) + np.abs(second.T))
        chosen = np.nonzero(unclear & (sums > 0.0))  # where v is -w to the bit, all sums are 0
        self._first, self._second = first[chosen[0]], second[chosen[1]]
        self.n_pairs: int = len(self._first)
        self._decision = decision
        self._positive = positive
        own = np.ones(positive.size) if counts is None else counts
        self._amounts = np.stack([own * ~positive, own * positive], axis=-1)
        self._totals = self._amounts.sum(axis=0)
        self._scoring = scoring

    def best(self, inputs: FloatArray) -> FloatArray:
        """Score the best of the unclear pairs for some inputs, shape (n,); minus infinity if there is none.

        Args:
            inputs: what both neurons put out, to the bit, above 0, shape (n, n_samples).
        """
        if not len(self._first):
            return np.full(len(inputs), -np.inf)
        if not isinstance(self._decision.activation, BuiltinActivation):  # a user's function is called on one thread
            return self._best(inputs)
        return in_parts(lambda part: self._best(inputs[part]), len(inputs))

    def _best(self, inputs: FloatArray) -> FloatArray:
        best = np.empty(len(inputs))
        labels = np.empty((len(self._first), self._positive.size), dtype=np.bool_)
        for k, own in enumerate(inputs):
            self._decision.labels(self._first * own + self._second * own, labels)
            hits = (labels == self._positive) @ self._amounts  # whole numbers: exact in any order
            best[k] = self._scoring.from_hits(hits, self._totals).max()
        return best
