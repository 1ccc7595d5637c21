"""Deciding labels without computing outputs: `f(z) > 0.5` as a comparison of z.

For a monotonic f there is a threshold that parts the sums labelled 0 from those labelled 1. The
last bits of a computed f need not be monotonic, however, so what is used is a narrow band around
the threshold: below it f(z) is under 0.5 by more than any rounding of f, above it over 0.5 by as
much, and for the few sums inside it f itself decides, to the bit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._typing import BoolArray, FloatArray
from minigrid.activations import Activation
from minigrid.function_activation import ROUNDING, apply_activation, not_monotonic

_THRESHOLD = 0.5
_SMALLEST = 5e-324


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decision:
    """The labels of one output neuron, from its weighted sums.

    Attributes:
        activation: the neuron's, monotonic.
        lower: every sum below it has label 0.
        upper: every sum from it on has label 1.
    """

    activation: Activation
    lower: float
    upper: float

    @classmethod
    def of(cls, activation: Activation, reach: float) -> "Decision":
        """Find the band of a monotonic activation by bisection over the floats.

        Args:
            activation: declared monotonic.
            reach: no sum is larger in magnitude; finite.

        Raises:
            ActivationError: it is not monotonic after all.
        """
        lower = _first_above(activation, _THRESHOLD - ROUNDING, reach)
        upper = _first_above(activation, _THRESHOLD + ROUNDING, reach)
        # The two zeros are equal as sums, and yet f may tell them apart: they belong inside the band.
        lower = -_SMALLEST if lower == 0.0 else lower
        upper = _SMALLEST if upper == 0.0 else upper
        sums = np.linspace(-reach, reach, 2049)
        labels = apply_activation(activation, sums.copy()) > _THRESHOLD
        if labels[sums < lower].any() or not labels[sums >= upper].all():
            raise not_monotonic(activation)
        return cls(activation, lower, upper)

    def labels(self, sums: FloatArray, out: BoolArray) -> None:
        """Write into `out`, of the shape of `sums`, which sums have label 1."""
        np.greater_equal(sums, self.upper, out=out)
        unsure = np.greater_equal(sums, self.lower)
        unsure ^= out
        if unsure.any():
            where = np.nonzero(unsure)
            out[where] = apply_activation(self.activation, sums[where]) > _THRESHOLD


def _first_above(activation: Activation, level: float, reach: float) -> float:
    """Find the smallest float z with f(z) > level; infinite if there is none, minus infinite if all are."""

    def above(ordinal: int) -> bool:
        z = _float_at(ordinal)
        return bool(apply_activation(activation, np.array([z]))[0] > level)

    low, high = _ordinal(-reach), _ordinal(reach)
    if above(low):
        return -np.inf
    if not above(high):
        return np.inf
    return _float_at(_bisect(above, low, high))


def _bisect(above: Callable[[int], bool], low: int, high: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        if above(middle):
            high = middle
        else:
            low = middle
    return high


def _ordinal(z: float) -> int:
    """Number the floats in their order, both zeros 0: a bisection over the numbers takes 64 steps."""
    bits = int(np.float64(abs(z)).view(np.int64))
    return -bits if z < 0.0 else bits


def _float_at(ordinal: int) -> float:
    size = float(np.int64(abs(ordinal)).view(np.float64))
    return -size if ordinal < 0 else size
