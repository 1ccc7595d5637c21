"""How far floating point can be off: the margins that keep bounds and sweeps on the safe side.

Each is more than what it stands for can amount to, so that nobody has to count roundings one by one.
"""

LARGEST_SUM = 1e300
"""Sums below it cannot overflow, nor become NaN."""

UNDERFLOW = 1e-270
"""More than what underflows, of products and of sums of them."""

BOUND_ROUNDING = 2.0**-44
"""Relative: what the sums, products, quotients and logarithms of a bound are off, together with the plain loop's."""

SINGLE_ROUNDING = 2.0**-22
"""Relative: what a few operations in single precision are off."""

SWEEP_ROUNDING = 2.0**-48
"""Relative: base, product, sum and crossing of a label sweep together, each off by at most 2**-53."""

MEAN_ROUNDING = 2.0**-40
"""Relative: what sums and means over all samples are off, with sample weights or without."""


def sum_rounding(n_samples: int) -> float:
    """Relative: what a sum of numbers that are not negative is off, added up in any order, however many they are."""
    return MEAN_ROUNDING + n_samples * 2.0**-52
