"""The margins by which floating point can be off. They keep bounds and sweeps safe.

Each is larger than the error that it covers, so that nobody has to count single roundings.
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
    """Relative: the error of a sum of non-negative numbers, however many there are, added up in any order."""
    return MEAN_ROUNDING + n_samples * 2.0**-52
