"""The base of all activations: the functions that turn a neuron's weighted sum into its output.

An `Activation` is a value: a small immutable object that is called with an array and returns one
of the same shape. Two facts about it let a search prove things without trying every weight:
`monotonic`, and `bounds`, the range of its outputs over an interval of inputs. An activation that declares neither
still works everywhere.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from minigrid._base.arrays import as_floats
from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.text import message
from minigrid._base.typing import ArrayLike, FloatArray, override
from minigrid._base.values import Plain
from minigrid.exceptions import ShapeError

Interval = tuple[FloatArray, FloatArray]


class Activation(Plain, ABC):
    """Base of all activations. Write `__call__`; if it has parameters, make it a frozen dataclass.

    Attributes:
        monotonic: True promises that a larger z never gives a smaller output.

    Example:
        >>> class Cube(Activation):
        ...     monotonic = True
        ...     def __call__(self, z, /):
        ...         return z * z * z
        >>> Cube()(np.array([-1.0, 2.0]))
        array([-1.,  8.])
        >>> Cube(), Cube() == Cube()
        (Cube(), True)
    """

    __slots__ = ()

    monotonic: bool = False

    @abstractmethod
    def __call__(self, z: FloatArray, /) -> FloatArray:
        """Compute the outputs for the weighted sums ``z``.

        Args:
            z: float64 array of any shape; it must not be changed.

        Returns:
            A float64 array of the same shape, each element a function of that element of z alone,
            and not NaN where z is finite.
        """

    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        """Bound the outputs over the intervals ``lower <= z <= upper``.

        By default, these are the outputs at the two ends if the activation is monotonic. Otherwise they are minus and
        plus infinity, which declares nothing.

        Args:
            lower: float64 array of any shape.
            upper: of the same shape, nowhere below ``lower``.

        Returns:
            Two arrays of that shape, the least and the greatest output possible.
        """
        if not self.monotonic:
            return np.full_like(lower, -np.inf), np.full_like(upper, np.inf)
        low = self(lower)
        low = np.where(np.isnan(low), -np.inf, low)  # a copy, before the array that was returned is filled again
        high = self(upper)
        return low, np.where(np.isnan(high), np.inf, high)


@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class BuiltinActivation(Activation):
    """Base of the built-in activations. They accept all numbers, and are equal if class and parameters are.

    Attributes:
        splits_at_zero: whether the sign of a sum tells the label, rounding included: no sum of 0 or less has a computed
            output above one half, and every sum of 2**-50 or more has one.
    """

    splits_at_zero: ClassVar[bool] = False

    @final
    @override
    def __call__(self, z: ArrayLike, /) -> FloatArray:
        """Compute the outputs for the weighted sums `z`.

        Args:
            z: numbers of any shape; NaN and infinity are allowed.

        Returns:
            A float64 array of the same shape.

        Raises:
            InvalidTypeError: z is no array of real numbers.
        """
        sums = _as_sums(z, "z")
        with np.errstate(all="ignore"):
            return np.asarray(self._outputs(sums))

    @final
    @override
    def bounds(self, lower: ArrayLike, upper: ArrayLike, /) -> Interval:
        """Bound the outputs over the intervals `lower <= z <= upper`, see `Activation.bounds`.

        Raises:
            InvalidTypeError: an end is no array of real numbers.
            ShapeError: the two are of different shapes.
        """
        low, high = _as_sums(lower, "lower"), _as_sums(upper, "upper")
        if low.shape != high.shape:
            expected = f"an array of the shape of lower, {low.shape}"
            raise ShapeError(message("upper", expected, f"{high.shape}", "Pass lower and upper of the same shape."))
        return self._bounds(low, high)

    @abstractmethod
    def _outputs(self, z: FloatArray) -> FloatArray:
        """Compute the outputs for a float64 array of sums, while NumPy's warnings are off."""

    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        """Bound the outputs over intervals between float64 arrays of one shape."""
        return Activation.bounds(self, lower, upper)


def _as_sums(z: ArrayLike, argument: str) -> FloatArray:
    if type(z) is np.ndarray and z.dtype == np.float64:  # as engines pass it: no copy
        return z
    return as_floats(z, argument, finite=False)


_LARGEST = float(np.finfo(np.float64).max)
_SMALLEST = float(np.finfo(np.float64).tiny)
_MARGIN = 2.0**-40  # GELU's far tail is off by up to 1e-13, the others by far less


def outward(low: FloatArray, high: FloatArray, floor: float = -np.inf, ceiling: float = np.inf) -> Interval:
    """Move bounds outward by more than outputs are rounded, and clip them to limits that no output crosses."""
    with np.errstate(under="ignore", over="ignore"):
        below = low - (np.minimum(np.abs(low), _LARGEST) * _MARGIN + _SMALLEST)
        above = high + (np.minimum(np.abs(high), _LARGEST) * _MARGIN + _SMALLEST)
    return np.maximum(below, floor), np.minimum(above, ceiling)


def outputs_probabilities(activation: Activation) -> bool:
    """Tell whether an activation declares that all its outputs lie between 0 and 1."""
    largest = np.array([np.finfo(np.float64).max])
    try:
        with np.errstate(all="ignore"):
            least, greatest = activation.bounds(-largest, largest)
    except Exception:  # a custom activation failed; a search reports that
        return False
    return bool(np.all(least >= 0.0) and np.all(greatest <= 1.0))


def kept_finite(outputs: FloatArray, z: FloatArray) -> FloatArray:
    """Clip outputs that a factor above 1 made larger than the largest float, unless z itself is infinite."""
    return np.where(np.isinf(z), outputs, np.clip(outputs, -_LARGEST, _LARGEST))


def valley(lower: FloatArray, upper: FloatArray, ends: Interval, bottom: float, least: float) -> Interval:
    """Bound a function that falls until z = `bottom`, where it is `least`, and rises from there."""
    at_lower, at_upper = ends
    inside = (lower <= bottom) & (bottom <= upper)
    low = np.where(inside, least, np.minimum(at_lower, at_upper))
    return outward(low, np.maximum(at_lower, at_upper), floor=least * (1.0 + _MARGIN))
