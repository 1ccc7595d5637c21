"""The expected values of each built-in activation: its formula in plain Python, its limits, and the points where it
turns. Add a row for a new activation, and every test of the built-in ones covers it.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minigrid import (
    ELU,
    GELU,
    SELU,
    Activation,
    Gaussian,
    HardSigmoid,
    HardTanh,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
)


class Row(NamedTuple):
    """An activation, its expected outputs, their accuracy, and its limits at minus and plus infinity."""

    activation: Activation
    formula: Callable[[float], float]
    tolerance: float
    limits: tuple[float, float]


def plain_selu(z: float) -> float:
    # The constants from their definition: Klambauer et al. 2017, equation 14.
    one_half, two = math.erfc(1.0 / math.sqrt(2.0)), math.erfc(math.sqrt(2.0))
    alpha = -math.sqrt(2.0 / math.pi) / (one_half * math.exp(0.5) - 1.0)
    scale = (1.0 - one_half * math.sqrt(math.e)) * math.sqrt(2.0 * math.pi)
    scale /= math.sqrt(
        2.0 * two * math.e**2
        + math.pi * one_half**2 * math.e
        - 2.0 * (2.0 + math.pi) * one_half * math.sqrt(math.e)
        + math.pi
        + 2.0
    )
    return scale * (z if z >= 0.0 else alpha * math.expm1(z))


def plain_gelu(z: float) -> float:
    return 0.5 * z * math.erfc(-z / math.sqrt(2.0))


def plain_elu(alpha: float) -> Callable[[float], float]:
    return lambda z: z if z >= 0.0 else alpha * math.expm1(z)


def plain_leaky(slope: float) -> Callable[[float], float]:
    return lambda z: z if z >= 0.0 else slope * z


TABLE: list[Row] = [
    Row(Identity(), lambda z: z, 0.0, (-np.inf, np.inf)),
    Row(Step(), lambda z: 1.0 if z >= 0.0 else 0.0, 0.0, (0.0, 1.0)),
    Row(Sigmoid(), lambda z: 1.0 / (1.0 + math.exp(-z)), 1e-15, (0.0, 1.0)),
    Row(HardSigmoid(), lambda z: min(max(z / 6.0 + 0.5, 0.0), 1.0), 0.0, (0.0, 1.0)),
    Row(Tanh(), math.tanh, 1e-15, (-1.0, 1.0)),
    Row(HardTanh(), lambda z: min(max(z, -1.0), 1.0), 0.0, (-1.0, 1.0)),
    Row(Softsign(), lambda z: z / (1.0 + abs(z)), 0.0, (-1.0, 1.0)),
    Row(Softplus(), lambda z: math.log1p(math.exp(z)), 1e-15, (0.0, np.inf)),
    Row(ReLU(), lambda z: max(z, 0.0), 0.0, (0.0, np.inf)),
    Row(LeakyReLU(), plain_leaky(0.01), 0.0, (-np.inf, np.inf)),
    Row(LeakyReLU(slope=0.3), plain_leaky(0.3), 0.0, (-np.inf, np.inf)),
    Row(LeakyReLU(slope=0.0), plain_leaky(0.0), 0.0, (0.0, np.inf)),
    Row(ELU(), plain_elu(1.0), 1e-15, (-1.0, np.inf)),
    Row(ELU(alpha=2.0), plain_elu(2.0), 1e-15, (-2.0, np.inf)),
    Row(SELU(), plain_selu, 2e-15, (-1.0507009873554805 * 1.6732632423543772, np.inf)),
    Row(SiLU(), lambda z: z / (1.0 + math.exp(-z)), 1e-15, (0.0, np.inf)),
    # Far down both erfc and the activation lose some bits of the exponent.
    Row(GELU(), plain_gelu, 1e-12, (0.0, np.inf)),
    Row(Gaussian(), lambda z: math.exp(-(z * z)), 1e-15, (0.0, 0.0)),
    Row(Sine(), math.sin, 1e-15, (np.nan, np.nan)),
]
"""All of them, in the order in which they are defined."""

BUILT_IN: list[Activation] = [row.activation for row in TABLE]

FOLDED = (SiLU, GELU, Gaussian, Sine)
"""Those that fall somewhere, as none of the others does."""

PEAKS: list[float] = [
    0.0,
    -1.2784645427610738,  # the bottom of SiLU
    -0.7517915241935564,  # the bottom of GELU
    *[(k + 0.5) * math.pi for k in range(-6, 6)],
    1e4 * math.pi + 0.5 * math.pi,
    *[-3.0, 3.0, -1.0, 1.0, -6.0, 6.0],
]
"""Where they turn."""
