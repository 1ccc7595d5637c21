"""Activations: the functions that turn a neuron's weighted sum into its output.

An `Activation` is a value: a small immutable object that is called with an array and returns one
of the same shape. Two facts about it let a search prove things without trying every weight:
`monotonic`, and `bounds`, the range of its outputs over an interval of inputs. An activation
that declares neither works everywhere all the same.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from minigrid._special import normal_cdf
from minigrid._typing import BoolArray, FloatArray, override
from minigrid._validation import as_float, message
from minigrid.exceptions import InvalidValueError

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "Gaussian",
    "HardSigmoid",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Softplus",
    "Softsign",
    "Step",
    "Tanh",
]

Interval = tuple[FloatArray, FloatArray]


class Activation(ABC):
    """Base of all activations. A subclass needs only `__call__`.

    Attributes:
        monotonic: True promises that a larger z never gives a smaller output.

    Example:
        >>> class Cube(Activation):
        ...     monotonic = True
        ...     def __call__(self, z, /):
        ...         return z * z * z
        >>> Cube()(np.array([-1.0, 2.0]))
        array([-1.,  8.])
    """

    __slots__ = ()

    monotonic: bool = False

    @abstractmethod
    def __call__(self, z: FloatArray, /) -> FloatArray:
        """Compute the outputs for the weighted sums `z`.

        Args:
            z: float64 array of any shape; it must not be changed.

        Returns:
            A float64 array of the same shape, each element a function of that element of z alone,
            and not NaN where z is finite.
        """

    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        """Bound the outputs over the intervals `lower <= z <= upper`.

        Unless a subclass knows better: the outputs at the two ends if the activation is monotonic,
        else minus and plus infinity, which declares nothing.

        Args:
            lower: float64 array of any shape.
            upper: of the same shape, nowhere below `lower`.

        Returns:
            Two arrays of that shape, the least and the greatest output possible.
        """
        if not self.monotonic:
            return np.full_like(lower, -np.inf), np.full_like(upper, np.inf)
        low = self(lower)
        low = np.where(np.isnan(low), -np.inf, low)  # a copy, before the array that was returned is filled again
        high = self(upper)
        return low, np.where(np.isnan(high), np.inf, high)


# The built-in ones -----------------------------------------------------------------------------
#
# All of them are finite and silent for any finite z, give their limits at plus and minus infinity
# (Sine, which has none, gives NaN), and hand NaN on.
#
# Their bounds hold for the floats they return, not only for the real numbers they stand for: where
# an output passes through exp, tanh or sin, whose last bits need not be monotonic, the bounds are
# moved outward by a margin, and then cut off at the limits that no output crosses.


@dataclass(frozen=True, slots=True)
class BuiltinActivation(Activation):
    """What makes the built-in ones values: those of one class and the same parameters are equal."""


_LARGEST = float(np.finfo(np.float64).max)
_SMALLEST = float(np.finfo(np.float64).tiny)
_MARGIN = 2.0**-40  # GELU's far tail is off by up to 1e-13, the others by far less


def _outward(low: FloatArray, high: FloatArray, floor: float = -np.inf, ceiling: float = np.inf) -> Interval:
    with np.errstate(under="ignore", over="ignore"):
        below = low - (np.minimum(np.abs(low), _LARGEST) * _MARGIN + _SMALLEST)
        above = high + (np.minimum(np.abs(high), _LARGEST) * _MARGIN + _SMALLEST)
    return np.maximum(below, floor), np.minimum(above, ceiling)


def _kept_finite(outputs: FloatArray, z: FloatArray) -> FloatArray:
    """Cut off what a factor above 1 has carried beyond the largest float, unless z was infinite itself."""
    return np.where(np.isinf(z), outputs, np.clip(outputs, -_LARGEST, _LARGEST))


def _valley(lower: FloatArray, upper: FloatArray, ends: Interval, bottom: float, least: float) -> Interval:
    """Bound a function that falls until z = `bottom`, where it is `least`, and rises from there."""
    at_lower, at_upper = ends
    inside = (lower <= bottom) & (bottom <= upper)
    low = np.where(inside, least, np.minimum(at_lower, at_upper))
    return _outward(low, np.maximum(at_lower, at_upper), floor=least * (1.0 + _MARGIN))


@final
class Identity(BuiltinActivation):
    """z itself: a neuron that is a weighted sum and nothing more."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.positive(z)


@final
class Step(BuiltinActivation):
    """1 where z >= 0, else 0: the threshold of the first artificial neurons (McCulloch & Pitts 1943)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.heaviside(z, 1.0)


@final
class Sigmoid(BuiltinActivation):
    """1 / (1 + exp(-z)), the logistic function: from 0 to 1, one half at z = 0."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            shrunk = np.exp(-np.abs(z))
            return np.where(z < 0.0, shrunk, 1.0) / (1.0 + shrunk)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper), floor=0.0, ceiling=1.0)


@final
class HardSigmoid(BuiltinActivation):
    """A sigmoid of three straight pieces: z / 6 + 1 / 2, cut off at 0 and 1 (Howard et al. 2019)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.clip(z / 6.0 + 0.5, 0.0, 1.0)


@final
class Tanh(BuiltinActivation):
    """The hyperbolic tangent: from -1 to 1, 0 at z = 0."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.tanh(z)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper), floor=-1.0, ceiling=1.0)


@final
class HardTanh(BuiltinActivation):
    """z, cut off at -1 and 1 (Collobert 2004)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.clip(z, -1.0, 1.0)


@final
class Softsign(BuiltinActivation):
    """z / (1 + |z|): from -1 to 1, slower to flatten than Tanh (Bergstra et al. 2009)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        bounded = np.clip(z, -1e300, 1e300)  # infinity over infinity would be NaN
        return bounded / (1.0 + np.abs(bounded))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper), floor=-1.0, ceiling=1.0)


@final
class Softplus(BuiltinActivation):
    """log(1 + exp(z)): a ReLU with a rounded corner (Dugas et al. 2001)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper), floor=0.0)


@final
class ReLU(BuiltinActivation):
    """max(0, z), the rectified linear unit (Nair & Hinton 2010)."""

    __slots__ = ()
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.maximum(z, 0.0)


def _check_not_negative(value: object, argument: str) -> float:
    number = as_float(value, argument)
    if number < 0.0:
        raise InvalidValueError(
            message(
                argument, "a number of at least 0", f"{number}", "A negative one would make the function fold back."
            )
        )
    return number


@final
@dataclass(frozen=True, slots=True)
class LeakyReLU(BuiltinActivation):
    """z where z >= 0, else slope * z (Maas et al. 2013).

    Attributes:
        slope: of the negative side, at least 0.

    Raises:
        InvalidTypeError, InvalidValueError: slope is not a finite number of at least 0.
    """

    slope: float = 0.01
    monotonic = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "slope", _check_not_negative(self.slope, "slope"))

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        if self.slope == 0.0:
            return np.maximum(z, 0.0)
        with np.errstate(under="ignore", over="ignore"):
            return _kept_finite(np.maximum(z, 0.0) + self.slope * np.minimum(z, 0.0), z)


@final
@dataclass(frozen=True, slots=True)
class ELU(BuiltinActivation):
    """z where z >= 0, else alpha * (exp(z) - 1): the exponential linear unit (Clevert et al. 2015).

    Attributes:
        alpha: minus the limit on the negative side, at least 0.

    Raises:
        InvalidTypeError, InvalidValueError: alpha is not a finite number of at least 0.
    """

    alpha: float = 1.0
    monotonic = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", _check_not_negative(self.alpha, "alpha"))

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.maximum(z, 0.0) + self.alpha * np.expm1(np.minimum(z, 0.0))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper), floor=-self.alpha)


@final
@dataclass(frozen=True, slots=True)
class SELU(BuiltinActivation):
    """The self-normalising ELU, with the constants of Klambauer et al. 2017."""

    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        scale, alpha = 1.0507009873554805, 1.6732632423543772
        with np.errstate(under="ignore", over="ignore"):
            return _kept_finite(scale * (np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))), z)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _outward(self(lower), self(upper))


@final
class SiLU(BuiltinActivation):
    """z * sigmoid(z), also called Swish: dips to -0.278 near z = -1.278 (Elfwing et al. 2018)."""

    __slots__ = ()

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            # Below -1e3 the product is zero; minus infinity times zero would be NaN.
            bounded = np.maximum(z, -1e3)
            shrunk = np.exp(-np.abs(bounded))
            return bounded * (np.where(bounded < 0.0, shrunk, 1.0) / (1.0 + shrunk))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _valley(lower, upper, (self(lower), self(upper)), -1.2784645427610738, -0.2784645427610738)


@final
class GELU(BuiltinActivation):
    """z times the normal distribution function at z: dips to -0.170 near z = -0.752 (Hendrycks & Gimpel 2016).

    The exact form, not its approximation by tanh.
    """

    __slots__ = ()

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            return np.maximum(z, -1e3) * normal_cdf(z)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        return _valley(lower, upper, (self(lower), self(upper)), -0.7517915241935564, -0.16997120747990369)


@final
class Gaussian(BuiltinActivation):
    """exp(-z**2): 1 at z = 0, 0 far from it on both sides."""

    __slots__ = ()

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(under="ignore"):
            near = np.minimum(np.abs(z), 40.0)  # beyond it the output is 0; a square could overflow
            outputs: FloatArray = np.exp(-(near * near))
            return outputs

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        at_lower, at_upper = self(lower), self(upper)
        high = np.where((lower <= 0.0) & (upper >= 0.0), 1.0, np.maximum(at_lower, at_upper))
        return _outward(np.minimum(at_lower, at_upper), high, floor=0.0, ceiling=1.0)


@final
class Sine(BuiltinActivation):
    """sin(z): the periodic activation (Sitzmann et al. 2020)."""

    __slots__ = ()

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        with np.errstate(invalid="ignore", under="ignore"):
            return np.sin(z)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        # Where z is large its own rounding hides the phase: the full range is the honest answer.
        known = (np.abs(lower) < 1e6) & (np.abs(upper) < 1e6)
        start, stop = np.where(known, lower, 0.0), np.where(known, upper, 0.0)
        at_start, at_stop = self(start), self(stop)
        slack = 1e-9

        def reaches(peak: float) -> BoolArray:
            turns = np.ceil((start - peak - slack) / (2.0 * np.pi))
            reached: BoolArray = ~known | (peak + 2.0 * np.pi * turns <= stop + slack)
            return reached

        low = np.where(reaches(-0.5 * np.pi), -1.0, np.minimum(at_start, at_stop))
        high = np.where(reaches(0.5 * np.pi), 1.0, np.maximum(at_start, at_stop))
        return _outward(low, high, floor=-1.0, ceiling=1.0)
