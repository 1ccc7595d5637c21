"""Helpers of the tests of activations: warnings as errors, bits, magnitudes, and points of an interval."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from minigrid import (
    Activation,
)
from minigrid._base.typing import FloatArray
from tests.activations.formulas import PEAKS
from tests.problems import BUILT_IN

every_built_in = pytest.mark.parametrize("built_in", BUILT_IN, ids=repr)

LARGEST = float(np.finfo(np.float64).max)
SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)
SMALLEST = 5e-324

MASKED: Any = np.ma.array  # typed in NumPy's newer versions only


@contextmanager
def silence() -> Iterator[None]:
    """Turn every warning and every floating-point flag into an error."""
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        yield


def one(function: Activation, z: float) -> float:
    """Call an activation on one number."""
    return float(function(np.array([z]))[0])


def same_bits(a: FloatArray, b: FloatArray) -> bool:
    """Whether two arrays are equal bit for bit, the signs of zeros included."""
    return a.shape == b.shape and a.dtype == b.dtype == np.float64 and a.tobytes() == b.tobytes()


def all_magnitudes(largest: float) -> FloatArray:
    """Numbers of both signs, from the smallest subnormal one to `largest`, and both zeros."""
    sizes = np.concatenate(
        [
            np.geomspace(1e-320, largest, 1501),
            np.linspace(0.0, 45.0, 1801),
            [SMALLEST, 1e-310, SMALLEST_NORMAL, np.nextafter(SMALLEST_NORMAL, 0.0), 708.0, 710.0, 745.0, 746.0, 1e6],
            [largest, np.nextafter(largest, 0.0)],
        ]
    )
    return np.concatenate([-sizes, sizes])


def stepped(z: float, steps: int) -> float:
    """Return the float that is `steps` steps above z (below it, if negative), within +-1e308."""
    direction = math.inf if steps > 0 else -math.inf
    for _ in range(abs(steps)):
        z = math.nextafter(z, direction)
    return min(max(z, -1e308), 1e308)


EVEN_SHARES = np.linspace(0.0, 1.0, 41)
LANDMARKS = np.array(
    [
        *PEAKS,
        *[stepped(peak, steps) for peak in PEAKS[:8] for steps in (-1, 1)],
        *[sign * 10.0**power for sign in (-1, 1) for power in range(-300, 301, 20)],
        *[SMALLEST, -SMALLEST, -0.0],
    ]
)


def points_within(lower: float, upper: float) -> FloatArray:
    """Points of an interval: evenly spread, its ends and their neighbours, and every peak and zero in it."""
    low, high = (min(max(end, -LARGEST), LARGEST) for end in (lower, upper))
    even = (1.0 - EVEN_SHARES) * low + EVEN_SHARES * high
    near = [math.nextafter(lower, math.inf), math.nextafter(upper, -math.inf), stepped(low, 2), stepped(high, -2)]
    points = np.concatenate([even, near, [lower, upper], LANDMARKS])
    return points[(lower <= points) & (points <= upper)]


def assert_truthful(function: Activation, lower: FloatArray, upper: FloatArray) -> None:
    """Check that no output over the intervals lies outside the bounds."""
    low, high = function.bounds(lower, upper)
    assert low.shape == high.shape == lower.shape
    assert low.dtype == high.dtype == np.float64
    assert not np.isnan(low).any()
    assert not np.isnan(high).any()
    for start, stop, least, most in zip(lower.flat, upper.flat, low.flat, high.flat, strict=True):
        points = points_within(float(start), float(stop))
        outputs = function(points)
        outputs = outputs[~np.isnan(outputs)]  # Sine at plus and minus infinity
        assert (least <= outputs).all(), (float(start), float(stop), float(least), float(outputs.min()))
        assert (outputs <= most).all(), (float(start), float(stop), float(most), float(outputs.max()))


def bent(z: FloatArray) -> FloatArray:
    return np.abs(z)
