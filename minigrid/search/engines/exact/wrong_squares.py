"""Squared errors of a sigmoid or hyperbolic tangent with two labels as targets, and straight lines below them.

Let r be how far a sum is on the correct side. A sample then costs a multiple of h(r) = 1 / (1 + e^r)^2, which is
concave where r is below -log(2), and convex above. Over a range of r from a to b, these lines lie below h:

- tangents at points of the convex part that pass below h(a): these are the points at or above the point whose tangent
  goes through h(a);
- one line for everything to the left of that point m, with the slope of h at m; at a and at m it is not above h;
- if that point is above b, the line from h(a) to h(b), provided that h falls at b at least as fast as the line does.

A line that is not above h at a, nor anywhere in the convex part, is not above h in the concave part either, because
there h lies above its chords. If m comes from a table and is slightly off, or if none of these cases applies, the line
is level at h(b), because h falls.
"""

import math
from typing import final

import numpy as np

from minigrid._base.typing import FloatArray, override
from minigrid.search.engines.exact.curves import Curve, Lines

_TURN = -math.log(2.0)
_FURTHER = 1e-3  # that points are moved which touch, more than what a table of them is off
_HALVINGS = 60


@final
class WrongSquares(Curve):
    """size * h(r), with r = steep * z for label 1 and -steep * z for label 0.

    Its form is an array of shape (n, 5, n_samples): a, m, b, and the slope of the line left of m and its value at a.
    """

    def __init__(self, labels: FloatArray, size: float, steep: float, largest: float) -> None:
        """Tabulate the points where lines touch.

        Args:
            labels: 0 and 1, shape (n_samples,).
            size: the highest cost of a sample.
            steep: see above.
            largest: no sum is larger in magnitude; ranges and computed sums may be off by 2^-48 of it.
        """
        self.slack: float = size * (2.0**-36 + 2.0**-44 * steep * largest)
        self.capped_at: float = np.inf
        self.forms: tuple[float, ...] = ()
        self.finer: tuple[float, ...] = ()
        self._sign = (2.0 * labels - 1.0) * steep
        self._size = size
        self._starts = np.concatenate([-np.geomspace(1e9, 60.0, 500), np.linspace(-60.0, _TURN, 4001)])
        low, high = np.full(len(self._starts), _TURN), np.full(len(self._starts), 60.0)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            value, slope = _square(middle)
            above = value + slope * (self._starts - middle) > _square(self._starts)[0]
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        self._touches = high + _FURTHER

    def form(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Find the lines for ranges of sums, shape (n, n_samples) both."""
        one, other = low * self._sign, high * self._sign
        a, b = np.minimum(one, other), np.maximum(one, other)
        touches = np.where(a >= _TURN, a, np.interp(a, self._starts, self._touches))
        m = np.minimum(touches, b)
        (at_a, _), (at_b, slope_b), (at_m, slope) = _square(a), _square(b), _square(m)
        chord = (at_b - at_a) / (b - a)
        beyond = touches > b
        is_chord = beyond & ((b <= _TURN) | (slope_b <= chord)) & (chord >= -1.0)  # not of ends that are nearly equal
        # A tangent in m that were above h(a) would not be below h.
        is_level = np.where(beyond, ~is_chord, at_m + slope * (a - m) > at_a)
        slope = np.where(is_level, 0.0, np.where(is_chord, chord, slope))
        start = np.where(is_level, at_b, np.minimum(at_a, at_m + slope * (a - m)))
        m = np.where(is_level | is_chord, np.inf, m)
        return np.stack([a, m, b, slope, start], axis=1)

    @override
    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        assert isinstance(form, np.ndarray)
        a, m, b, slope, start = form.transpose(1, 0, 2)
        right = sums * self._sign
        inner = np.minimum(right, b)
        wrong = _wrong(inner)
        convex = right >= m
        squares = wrong * wrong
        falls = 2.0 * squares * (1.0 - wrong)
        slope = np.where(convex, -falls, slope)
        value = np.where(convex, squares + slope * (right - inner), start + slope * (right - a)) * self._size
        curvature = np.where(convex, falls * (2.0 - 3.0 * wrong), 0.0) * (self._sign * self._sign * self._size)
        return Lines(value, slope * (self._sign * self._size), value, curvature)

    @override
    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> None:
        return None

    def losses(self, sums: FloatArray) -> FloatArray:
        """Compute the losses approximately."""
        losses: FloatArray = _square(sums * self._sign)[0] * self._size
        return losses


def _wrong(right: FloatArray) -> FloatArray:
    """The square root of h."""
    decay = np.exp(-np.abs(right))
    wrong: FloatArray = np.where(right > 0.0, decay, 1.0) / (1.0 + decay)
    return wrong


def _square(right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute h and its slope."""
    wrong = _wrong(right)
    squares = wrong * wrong
    return squares, -2.0 * squares * (1.0 - wrong)
