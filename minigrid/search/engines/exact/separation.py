"""The margin by which the sums of two output neurons must differ for certainly different outputs.

Sound because the slope of each built-in activation below is at least a known number over all possible sums. Outputs of
two sums that differ by the margin therefore differ by at least the margin times that number, which is more than all
their rounding. Where an activation is flat or nearly flat, no margin is known.
"""

import numpy as np

from minigrid.activations import ELU, SELU, Activation, Identity, LeakyReLU, Sigmoid, Softplus, Softsign, Tanh
from minigrid.search.engines.margins import BOUND_ROUNDING, UNDERFLOW

_ROUNDING = 2.0**-49  # of a built-in activation's outputs, as a part of the greatest, or of 1
_COARSE = 2.0**-4  # a margin larger than this part of the reach is useless


def margin_of(activation: Activation, reach: float) -> float | None:
    """Compute how far apart sums must be for certainly different outputs; None if that is too far.

    Args:
        activation: of both output neurons.
        reach: no sum is larger in magnitude.
    """
    slope = _least_slope(activation, reach)
    greatest = max(1.0, float(np.abs(activation(np.array([-reach, reach]))).max()))
    with np.errstate(all="ignore"):
        margin = float(np.float64(4.0 * _ROUNDING * greatest) / slope) + 4.0 * BOUND_ROUNDING * reach + UNDERFLOW
    return margin if margin <= _COARSE * reach else None


def _least_slope(activation: Activation, reach: float) -> float:
    """The least slope for sums up to some reach, or a bit less; 0: none is known."""
    tail = float(np.exp(-reach))
    slope = 0.0
    if isinstance(activation, Identity):
        slope = 1.0
    elif isinstance(activation, LeakyReLU):
        slope = min(1.0, activation.slope)
    elif isinstance(activation, ELU):
        slope = min(1.0, activation.alpha * tail)
    elif isinstance(activation, SELU):
        slope = tail
    elif isinstance(activation, Softplus):
        slope = 0.5 * tail
    elif isinstance(activation, Sigmoid):
        slope = tail / (1.0 + tail) ** 2
    elif isinstance(activation, Tanh):
        slope = 4.0 * tail * tail / (1.0 + tail * tail) ** 2
    elif isinstance(activation, Softsign):
        slope = 1.0 / (1.0 + reach) ** 2
    return 0.75 * slope
