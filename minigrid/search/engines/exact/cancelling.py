"""Two inputs that are nearly equal: weights of equal size and opposite sign leave only rounding.

If two hidden neurons have equal settings, every sum is v * a + w * a. Unless v and -w are nearly equal, the sign of
the sum is the sign of v + w for every sample, and the score is that of a single label. If v and -w are nearly equal,
the label depends on rounding or on how the activation treats sums near 0, differently from sample to sample, and
bounds that allow for rounding say nothing. The same happens if both neurons are saturated and their outputs are 1
except for the last bits. There are few such pairs of weights, so this module computes their labels as the plain loop
does.

For equal settings this is sound because the sum is at least a times the least |v + w| of all other pairs. Where that
product lies within the band of the activation, the sample counts as correct for either label, except for sums that are
nearer to 0 than the activation can distinguish.
"""

from collections.abc import Callable
from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray
from minigrid.activations import BuiltinActivation
from minigrid.scoring import LabelScoring
from minigrid.search.engines.batched.decision import Decision
from minigrid.search.engines.exact.fast import in_parts
from minigrid.search.engines.margins import UNDERFLOW

_NEARLY = 1e-6  # relative to both weights: the size of their sum that counts as nearly cancelling


@final
class CancellingWeights:
    """Scores the pairs of output weights that nearly cancel, and bounds all pairs where both inputs are equal."""

    def __init__(
        self,
        weights: tuple[FloatArray, FloatArray],
        positive: BoolArray,
        counts: FloatArray | None,
        decision: Decision,
        scoring: LabelScoring,
    ) -> None:
        """Choose the pairs of weights; arguments as for `RatioSweep`."""
        first, second = (values[:, np.newaxis] for values in weights)
        sums, sizes = np.abs(first + second.T), np.abs(first) + np.abs(second.T)
        unclear = sums <= _NEARLY * sizes
        chosen = np.nonzero(unclear & (sizes > 0.0))
        self._first, self._second = first[chosen[0]], second[chosen[1]]
        self.n_pairs: int = len(self._first)
        band = max(abs(decision.lower), abs(decision.upper)) + UNDERFLOW
        self._unsure = 2.0 * band / float(sums[~unclear].min(initial=np.inf))
        # Halved first: twice the largest may be infinite, and less than nothing divided by it 0.
        self._near_zero = decision.zero_reach / 2.0 / float(sizes.max()) if decision.zero_reach > 0.0 else -1.0
        self._decision = decision
        self._positive = positive
        own = np.ones(positive.size) if counts is None else counts
        self._amounts = np.stack([own * ~positive, own * positive], axis=-1)
        self._totals = self._amounts.sum(axis=0)
        self._scoring = scoring

    def bound(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Score these pairs of weights for some inputs: the best of each, shape (n,); minus infinity if there are none.

        Args:
            first: the outputs of the first neuron, bit for bit, shape (n, n_samples).
            second: the outputs of the second neuron.
        """
        return self._in_parts(lambda k: self._of_pairs(first[k], second[k]), len(first))

    def best_of_equal(self, inputs: FloatArray) -> FloatArray:
        """Bound the scores of all pairs of weights where both inputs are equal, shape (n,).

        Args:
            inputs: the outputs of both neurons, bit for bit, nowhere below 0, shape (n, n_samples).
        """

        def right(k: int) -> BoolArray:
            return np.concatenate([self._of_clear(inputs[k]), self._of_pairs(inputs[k], inputs[k])])

        return self._in_parts(right, len(inputs))

    def _in_parts(self, right: Callable[[int], BoolArray], n_inputs: int) -> FloatArray:
        """Find the best score for each input. `right` tells which samples are correct, a row for each pair."""

        def best(part: slice) -> FloatArray:
            found = np.empty(part.stop - part.start)
            for k in range(part.start, part.stop):
                hits = right(k) @ self._amounts  # whole numbers: exact in any order
                found[k - part.start] = self._scoring.from_hits(hits, self._totals).max(initial=-np.inf)
            return found

        if not isinstance(self._decision.activation, BuiltinActivation):  # custom functions are called on one thread
            return best(slice(0, n_inputs))
        return in_parts(best, n_inputs)

    def _of_clear(self, own: FloatArray) -> BoolArray:
        """Tell which samples may be correct where v + w is above 0, and where it is below, shape (2, n_samples)."""
        certain = own <= self._near_zero
        either = np.where(certain, self._positive == self._decision.zero_label, own <= self._unsure)
        of_one = np.where(certain, either, self._positive | either)
        # If no sum up to 0 gets label 1, sums below 0 are certain.
        of_zero = ~self._positive if self._decision.lower > 0.0 else np.where(certain, either, ~self._positive | either)
        return np.stack([of_one, of_zero])

    def _of_pairs(self, first: FloatArray, second: FloatArray) -> BoolArray:
        labels = self._decision.labels(self._first * first + self._second * second)
        right: BoolArray = labels == self._positive
        return right
