"""Decide labels without computing outputs: `f(z) > 0.5` becomes a comparison of z with a threshold.

For a monotonic f, a threshold separates the weighted sums that get label 0 from those that get label 1. The last bits
of a computed f need not be monotonic, however. This module therefore uses a narrow band around the threshold. Below
the band, f(z) is under 0.5 by more than any rounding of f. Above the band, it is over 0.5 by as much. For the few sums
inside the band, f itself decides, bit for bit.

Some sums are so near 0 that a built-in f cannot distinguish them from 0. They all get the same label. Neurons that see
the outputs of saturated neurons have such sums, whatever their weights are.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from minigrid._base.typing import BoolArray, FloatArray, IntArray
from minigrid.activations import Activation, BuiltinActivation
from minigrid.activations.guard import ROUNDING, apply_activation, not_monotonic
from minigrid.search.engines.margins import LARGEST_SUM

_THRESHOLD = 0.5
_SMALLEST = 5e-324
_BUILTIN_ROUNDING = 2.0**-49
_PARTS = 256
_SURELY_POSITIVE = 2.0**-50  # an activation with its threshold at 0 exceeds one half here, however badly it is rounded
_NEAR_ZERO = 2.0**-57  # 1 plus it is 1
_FINEST, _MOST_LIKELY = 2.0**-56, 2**10  # of sums that are likely in a band


class LikelySums(NamedTuple):
    """Labels of evenly spaced sums.

    Attributes:
        step: how far apart they are, a power of two.
        first: the first of them, in steps.
        labels: shape (n,), of each; -1: the two zeros have different ones.
    """

    step: float
    first: float
    labels: NDArray[np.int8]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decision:
    """The labels of one output neuron, from its weighted sums.

    Attributes:
        activation: the neuron's, monotonic.
        lower: every sum below it has label 0.
        upper: every sum from it on has label 1.
        zero_reach: every sum that is no larger in magnitude has one label; negative: that is not known of any.
        zero_label: that one.
    """

    activation: Activation
    lower: float
    upper: float
    zero_reach: float = -1.0
    zero_label: bool = False

    @staticmethod
    def of(activation: Activation, reach: float) -> "Decision":
        """Find the band of a monotonic activation by bisection over the floats.

        Args:
            activation: declared monotonic.
            reach: no sum is larger in magnitude; finite.

        Raises:
            ActivationError: it is not monotonic.
        """
        wide = float(2.0 ** np.ceil(np.log2(max(reach, 1.0)))) if reach < LARGEST_SUM else reach
        return (_known if isinstance(activation, BuiltinActivation) else _found)(activation, wide)

    def labels(self, sums: FloatArray) -> BoolArray:
        """Tell which sums have label 1."""
        ones: BoolArray = np.greater_equal(sums, self.upper)
        unsure = np.greater_equal(sums, self.lower)
        unsure ^= ones
        if unsure.any():
            where = np.flatnonzero(unsure)
            ones.flat[where] = apply_activation(self.activation, sums.flat[where]) > _THRESHOLD
        return ones

    def likely(self) -> "LikelySums":
        """List what sums in the band are likely to be: rounding leaves few different numbers of sums that cancel."""
        step = max(_FINEST, float(np.spacing(max(abs(self.lower), abs(self.upper)))))
        first, last = np.ceil(self.lower / step), np.floor(self.upper / step)
        if not 0.0 <= last - first < _MOST_LIKELY:
            first, last = 0.0, -1.0
        sums = np.arange(first, last + 1.0) * step
        labels = self.labels(sums)
        both = self.labels(np.array([0.0, -0.0]))
        doubt = (sums == 0.0) & (both[0] != both[1])
        return LikelySums(step, float(first), np.where(doubt, -1, labels).astype(np.int8))


def _found(activation: Activation, reach: float) -> Decision:
    rounding = _BUILTIN_ROUNDING if isinstance(activation, BuiltinActivation) else ROUNDING
    lower = _first_above(activation, _THRESHOLD - rounding, reach)
    upper = _first_above(activation, _THRESHOLD + rounding, reach)
    # The two zeros are equal as sums, but f may distinguish them, so they belong inside the band.
    lower = -_SMALLEST if lower == 0.0 else lower
    upper = _SMALLEST if upper == 0.0 else upper
    sums = np.linspace(-reach, reach, 2049)
    labels = apply_activation(activation, sums.copy()) > _THRESHOLD
    if labels[sums < lower].any() or not labels[sums >= upper].all():
        raise not_monotonic(activation, np.concatenate([sums, [np.nextafter(lower, -np.inf), lower, upper]]))
    return Decision(activation, lower, upper)


@lru_cache(64)
def _known(activation: BuiltinActivation, reach: float) -> Decision:
    """Narrow the band with the formula of a built-in activation."""
    found = _found(activation, reach)
    lower, upper = (_SMALLEST, _SURELY_POSITIVE) if activation.splits_at_zero else (found.lower, found.upper)
    sizes = np.ldexp(np.linspace(0.5, 1.0, 9)[:, np.newaxis], np.arange(-1074, -56)).ravel()
    labels = apply_activation(activation, np.concatenate([-sizes, [-0.0, 0.0], sizes])) > _THRESHOLD
    if labels.any() != labels.all():
        return Decision(activation, lower, upper)
    return Decision(activation, lower, upper, _NEAR_ZERO, bool(labels[0]))


def _first_above(activation: Activation, level: float, reach: float) -> float:
    """Find the smallest float z with f(z) > level; infinite if there is none, minus infinite if all are."""

    def above(ordinals: IntArray) -> BoolArray:
        found: BoolArray = apply_activation(activation, _floats_at(ordinals)) > level
        return found

    low, high = _ordinal(-reach), _ordinal(reach)
    at_low, at_high = above(np.array([low, high]))
    if at_low:
        return -np.inf
    if not at_high:
        return np.inf
    while high - low > 1:  # a bisection, into many parts at once
        step = -((low - high) // _PARTS)
        between = np.arange(low, high, step)  # `low` itself is known to be below
        first = int(np.argmax(above(between[1:]))) if above(between[1:]).any() else len(between) - 1
        low, high = int(between[first]), min(int(between[first]) + step, high)
    return float(_floats_at(np.array([high]))[0])


def _ordinal(z: float) -> int:
    """Number the floats in their order, both zeros 0: a search among the numbers takes few steps."""
    bits = int(np.float64(abs(z)).view(np.int64))
    return -bits if z < 0.0 else bits


def _floats_at(ordinals: IntArray) -> FloatArray:
    return np.copysign(np.abs(ordinals).view(np.float64), ordinals)
