"""The standard normal distribution function, which GELU needs and NumPy lacks."""

import numpy as np

from minigrid._base.typing import FloatArray

# Chebyshev coefficients of log(erfc(x) / t) + x**2 over t = 2 / (2 + x) in (0, 1], computed with 50
# digits and rounded. The form is that of Press et al., Numerical Recipes (3rd ed., 6.2.2): one
# expression for all x >= 0, with a relative error near the rounding of exp(-x**2) itself.
COEFFICIENTS = np.array(
    [
        -1.3026537197817094 / 2,
        0.6419697923564902,
        0.019476473204185836,
        -0.009561514786808632,
        -0.0009465953444820369,
        0.00036683949785276145,
        4.252332480690777e-05,
        -2.0278578112534242e-05,
        -1.6242900046470256e-06,
        1.3036558355805232e-06,
        1.5626441722066142e-08,
        -8.523809591492654e-08,
        6.5290544390988515e-09,
        5.059343495551469e-09,
        -9.91364156493033e-10,
        -2.273651222931836e-10,
        9.646791102015527e-11,
        2.3940380830391146e-12,
        -6.886027526497553e-12,
        8.944879273090725e-13,
        3.130921399342958e-13,
        -1.1270822361367252e-13,
        3.810905255189232e-16,
        7.106097613609237e-15,
        -1.5230282014571043e-15,
        -9.457494571291233e-17,
        1.210237189224279e-16,
        -2.816663087747177e-17,
    ]
)


def normal_cdf(z: FloatArray) -> FloatArray:
    """Compute the standard normal distribution function, elementwise, for any z."""
    # Beyond 40 the smaller tail is below the smallest float.
    x = np.minimum(np.abs(z), 40.0) * np.sqrt(0.5)
    t = 2.0 / (2.0 + x)
    u = 2.0 * t - 1.0
    ahead = np.zeros_like(u)
    value = np.full_like(u, COEFFICIENTS[-1])
    for coefficient in COEFFICIENTS[-2:0:-1]:  # Clenshaw's recurrence
        ahead, value = value, 2.0 * u * value - ahead + coefficient
    exponent = u * value - ahead + COEFFICIENTS[0] - x * x
    tail = 0.5 * t * np.exp(exponent)
    return np.where(z < 0.0, tail, np.where(np.isnan(z), z, 1.0 - tail))
