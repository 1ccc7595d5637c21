"""The built-in activations.

For every finite z, all of them return a finite output without a warning. At plus and minus infinity they return their
limits (Sine has none, and returns NaN). For NaN they return NaN.

Their bounds hold for the floats that they return, and not only for the exact values. The last bits of exp, tanh and sin
need not be monotonic, so bounds of outputs that use them are moved outward by a margin, and then clipped to limits that
no output crosses.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.text import message
from minigrid._base.typing import BoolArray, FloatArray, override
from minigrid._base.validation import as_float
from minigrid.activations.base import BuiltinActivation, Interval, kept_finite, outward, valley
from minigrid.activations.normal_cdf import normal_cdf
from minigrid.exceptions import InvalidValueError

__all__ = [
    "ELU",
    "GELU",
    "SELU",
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

ActivationName: TypeAlias = Literal[
    "identity",
    "step",
    "sigmoid",
    "hard_sigmoid",
    "tanh",
    "hard_tanh",
    "softsign",
    "softplus",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "silu",
    "gelu",
    "gaussian",
    "sine",
]
"""The classes below in their order, in snake case: written out, as type checkers work nothing out."""

_SATURATED = 40.0  # exp(-z) is less than half of the last bit of 1


@final
class Identity(BuiltinActivation):
    """z itself, for a neuron that only computes its weighted sum.

    Example:
        >>> Identity()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-2.,  0.,  1.])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.positive(z)


@final
class Step(BuiltinActivation):
    """1 where z >= 0, else 0: the threshold of the first artificial neurons (McCulloch & Pitts 1943).

    Example:
        >>> Step()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0., 1., 1.])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.heaviside(z, 1.0)


@final
class Sigmoid(BuiltinActivation):
    """1 / (1 + exp(-z)), the logistic function: from 0 to 1, one half at z = 0.

    Example:
        >>> Sigmoid()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0.1192, 0.5   , 0.7311])
    """

    __slots__ = ()
    monotonic = True
    splits_at_zero = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        shrunk = np.exp(-np.abs(z))
        outputs: FloatArray = np.where(z < 0.0, shrunk, 1.0) / (1.0 + shrunk)
        return outputs

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        low, high = outward(self(lower), self(upper), floor=0.0, ceiling=1.0)
        return np.where(lower >= _SATURATED, 1.0, low), high  # 1 plus exp(-z) is 1 there


@final
class HardSigmoid(BuiltinActivation):
    """A sigmoid of three straight pieces: z / 6 + 1 / 2, cut off at 0 and 1 (Howard et al. 2019).

    Example:
        >>> HardSigmoid()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0.1667, 0.5   , 0.6667])
    """

    __slots__ = ()
    monotonic = True
    splits_at_zero = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.clip(z / 6.0 + 0.5, 0.0, 1.0)


@final
class Tanh(BuiltinActivation):
    """The hyperbolic tangent: from -1 to 1, 0 at z = 0.

    Example:
        >>> Tanh()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.964 ,  0.    ,  0.7616])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.tanh(z)

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return outward(self(lower), self(upper), floor=-1.0, ceiling=1.0)


@final
class HardTanh(BuiltinActivation):
    """z, cut off at -1 and 1 (Collobert 2004).

    Example:
        >>> HardTanh()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-1.,  0.,  1.])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.clip(z, -1.0, 1.0)


@final
class Softsign(BuiltinActivation):
    """``z / (1 + |z|)``: from -1 to 1, slower to flatten than Tanh (Bergstra et al. 2009).

    Example:
        >>> Softsign()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.6667,  0.    ,  0.5   ])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        bounded = np.clip(z, -1e300, 1e300)  # infinity over infinity would be NaN
        return bounded / (1.0 + np.abs(bounded))

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return outward(self(lower), self(upper), floor=-1.0, ceiling=1.0)


@final
class Softplus(BuiltinActivation):
    """log(1 + exp(z)): a ReLU with a rounded corner (Dugas et al. 2001).

    Example:
        >>> Softplus()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0.1269, 0.6931, 1.3133])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        outputs: FloatArray = np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))
        return outputs

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return outward(self(lower), self(upper), floor=0.0)


@final
class ReLU(BuiltinActivation):
    """max(0, z), the rectified linear unit (Nair & Hinton 2010).

    Example:
        >>> ReLU()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0., 0., 1.])
    """

    __slots__ = ()
    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.maximum(z, 0.0)


def _check_not_negative(value: object, argument: str) -> float:
    number = as_float(value, argument)
    if number < 0.0:
        fix = "Pass 0 or more: with a negative number the outputs would rise again as z falls."
        raise InvalidValueError(message(argument, "a number of at least 0", f"{number}", fix))
    return number


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class LeakyReLU(BuiltinActivation):
    """z where z >= 0, else slope * z (Maas et al. 2013).

    Args:
        slope: the factor of the negative side, at least 0. Default 0.01.

    Raises:
        InvalidTypeError: ``slope`` is not a number.
        InvalidValueError: ``slope`` is negative or not finite.

    Example:
        >>> LeakyReLU(slope=0.1)(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.2,  0. ,  1. ])
    """

    slope: float = 0.01
    monotonic = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "slope", _check_not_negative(self.slope, "slope"))

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        if self.slope == 0.0:
            return np.maximum(z, 0.0)
        return kept_finite(np.maximum(z, 0.0) + self.slope * np.minimum(z, 0.0), z)


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class ELU(BuiltinActivation):
    """z where z >= 0, else alpha * (exp(z) - 1): the exponential linear unit (Clevert et al. 2015).

    Args:
        alpha: minus the limit on the negative side, at least 0. Default 1.

    Raises:
        InvalidTypeError: ``alpha`` is not a number.
        InvalidValueError: ``alpha`` is negative or not finite.

    Example:
        >>> ELU()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.8647,  0.    ,  1.    ])
    """

    alpha: float = 1.0
    monotonic = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", _check_not_negative(self.alpha, "alpha"))

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        outputs: FloatArray = np.maximum(z, 0.0) + self.alpha * np.expm1(np.minimum(z, 0.0))
        return outputs

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return outward(self(lower), self(upper), floor=-self.alpha)


@final
class SELU(BuiltinActivation):
    """The self-normalising ELU, with the constants of Klambauer et al. 2017.

    Example:
        >>> SELU()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-1.5202,  0.    ,  1.0507])
    """

    __slots__ = ()

    monotonic = True

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        scale, alpha = 1.0507009873554805, 1.6732632423543772
        return kept_finite(scale * (np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))), z)

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return outward(self(lower), self(upper))


@final
class SiLU(BuiltinActivation):
    """z * sigmoid(z), also called Swish: dips to -0.278 near z = -1.278 (Elfwing et al. 2018).

    Example:
        >>> SiLU()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.2384,  0.    ,  0.7311])
    """

    __slots__ = ()

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        # Below -1e3 the product is zero; minus infinity times zero would be NaN.
        bounded = np.maximum(z, -1e3)
        shrunk = np.exp(-np.abs(bounded))
        outputs: FloatArray = bounded * (np.where(bounded < 0.0, shrunk, 1.0) / (1.0 + shrunk))
        return outputs

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return valley(lower, upper, (self(lower), self(upper)), -1.2784645427610738, -0.2784645427610738)


@final
class GELU(BuiltinActivation):
    """z times the normal distribution function at z: dips to -0.170 near z = -0.752 (Hendrycks & Gimpel 2016).

    The exact form, not its approximation by tanh.

    Example:
        >>> GELU()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.0455,  0.    ,  0.8413])
    """

    __slots__ = ()

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.maximum(z, -1e3) * normal_cdf(z)

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        return valley(lower, upper, (self(lower), self(upper)), -0.7517915241935564, -0.16997120747990369)


@final
class Gaussian(BuiltinActivation):
    """exp(-z**2): 1 at z = 0, 0 far from it on both sides.

    Example:
        >>> Gaussian()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([0.0183, 1.    , 0.3679])
    """

    __slots__ = ()

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        near = np.minimum(np.abs(z), 40.0)  # beyond it the output is 0; a square could overflow
        outputs: FloatArray = np.exp(-(near * near))
        return outputs

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        at_lower, at_upper = self(lower), self(upper)
        high = np.where((lower <= 0.0) & (upper >= 0.0), 1.0, np.maximum(at_lower, at_upper))
        return outward(np.minimum(at_lower, at_upper), high, floor=0.0, ceiling=1.0)


@final
class Sine(BuiltinActivation):
    """sin(z): the periodic activation (Sitzmann et al. 2020).

    Example:
        >>> Sine()(np.array([-2.0, 0.0, 1.0])).round(4)
        array([-0.9093,  0.    ,  0.8415])
    """

    __slots__ = ()

    @override
    def _outputs(self, z: FloatArray) -> FloatArray:
        return np.sin(z)

    @override
    def _bounds(self, lower: FloatArray, upper: FloatArray) -> Interval:
        # If z is large, its rounding hides the phase, so only the full range is certain.
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
        return outward(low, high, floor=-1.0, ceiling=1.0)
