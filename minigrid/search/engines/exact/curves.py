"""Convex losses of a single neuron as functions of each sample's weighted sum, and straight lines below them.

A line that touches a convex curve from below at one point lies below it everywhere. The choice of the line decides how
tight a bound is, not whether it holds. So a curve with a kink may be smoothed to find its lines, and any slope at the
kink between the slopes on its two sides gives a valid line.
"""

from typing import NamedTuple, Protocol, final

import numpy as np

from minigrid._base.typing import FloatArray, override
from minigrid.activations import Activation, Identity, Sigmoid
from minigrid.scoring import Hinge, LogLoss, MeanAbsoluteError, Scoring
from minigrid.search.engines.margins import MEAN_ROUNDING

_STEEPEST = 1.0 / (1.0 + np.exp(-8.0))
_MOST_WRONG = 27.9
_KINKS = (1.0, 0.2, 0.05)
_FINE_KINKS = (0.0125, 0.003, 0.0008)


class Lines(NamedTuple):
    """A line for each sample, with the smooth curve that it comes from; shape (n_boxes, n_samples) all.

    Attributes:
        value: of the lines, at the sums that were asked for.
        slope: of the lines, and of the smooth curve there.
        smooth: the value of the smooth curve there.
        curvature: its second derivative there.
    """

    value: FloatArray
    slope: FloatArray
    smooth: FloatArray
    curvature: FloatArray


class Curve(Protocol):
    """The loss of each sample as a function of its sum.

    A *form* is a number that selects one smooth curve below the loss; lines that touch this curve bound the loss.

    Attributes:
        slack: how far a computed loss may be below its line, apart from the rounding of sums.
        capped_at: a loss. Where a sample's loss is below it, the lines of every one of the `forms` hold. Infinity: they
            hold everywhere.
        forms: the forms to try one after the other, each closer to the loss. The best point of one is a good start for
            the next.
        finer: forms that are even closer. They take long, and are used if little is missing.
    """

    slack: float
    capped_at: float
    forms: tuple[float, ...]
    finer: tuple[float, ...]

    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        """Find lines that are close to the loss near `sums`, shape (n_boxes, n_samples)."""

    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> FloatArray | None:
        """Choose a form for each sample, so that its lines lie below the loss at all sums that matter.

        Args:
            least: the least sum of each sample, shape (n_boxes, n_samples).
            most: the greatest, of the same shape.
            worth: where a sample's loss is more, its sum does not matter, shape (n_samples,).

        Returns:
            The forms, shape (n_boxes, n_samples); None: the lines of all `forms` lie below the loss there.
        """


@final
class LogOfSigmoid(Curve):
    """With q = z for label 1 and -z for label 0 it is f(q) = log(1 + e^-q), cut off where q is very wrong.

    Its form is a steepest slope p: where f falls faster, its tangent of slope -p takes its place. That tangent is
    entropy(p) - p * q, and f is the greatest of these over all p from 0 to 1.

    The lines lie below what the plain loop computes:

    - It takes the logarithm of a chance that is off by less than 2^-51, and cuts it off. Before the cut it may be
      below f by 2^-51 * (2 + e^-q + f(q)). Up to q = -9 this is within the slack. From there to q = -28 f rises further
      above its tangent at -8, and no form is steeper than that: by 10^-4 at -9 and by 0.005 at -25, where the
      rounding comes to no more than 10^-4, and by 0.006 at -28, where it comes to 0.0007.
    - Beyond the cut, or where q is below -28, its loss is at least `capped_at`. Lines fall as q grows. So a line holds
      there if its value at the least q is at most `capped_at`. No entropy is above log(2), so this value is at most
      log(2) - p * q, and `sound_form` chooses a p for which log(2) - p * q is at most `capped_at`.
    """

    def __init__(self, labels: FloatArray, epsilon: float) -> None:
        self.slack: float = 2.0**-36
        self.forms: tuple[float, ...] = (_STEEPEST,)
        self.finer: tuple[float, ...] = ()
        self._sign = 2.0 * labels - 1.0
        self.capped_at: float = min(_MOST_WRONG, -np.log(epsilon) * (1.0 - MEAN_ROUNDING))

    @override
    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        right = sums * self._sign
        decay = np.exp(-np.abs(right))
        value = np.log1p(decay) - np.minimum(right, 0.0)
        rest = 1.0 / (1.0 + decay)
        steep = np.where(right > 0.0, decay, 1.0) * rest
        curvature = decay * rest * rest
        if (steep > form).any():
            straight = steep > form
            steep = np.minimum(steep, form)
            entropy = -np.log(steep) * steep - np.log1p(-steep) * (1.0 - steep)
            value = np.where(straight, entropy - steep * right, value)
        return Lines(value, -self._sign * steep, value, curvature)

    @override
    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> FloatArray | None:
        wrong = np.where(self._sign > 0.0, -least, most)
        beyond = (wrong > self.capped_at - 1.0) & (worth >= self.capped_at)
        if not beyond.any():
            return None
        steepest = np.clip((self.capped_at - np.log(2.0)) / np.maximum(wrong, 1.0), 1e-100, _STEEPEST)
        form: FloatArray = np.where(beyond, steepest, _STEEPEST)
        return form


@final
class HingeLine(Curve):
    """max(0, 1 - z) for label 1, max(0, 1 + z) for label 0.

    With u = 1 - z or 1 + z it is rounded off to w * log(1 + e^(u / w)), w its form. The slope of that is from 0 to 1,
    and p * u lies below max(0, u) for every such slope p.
    """

    def __init__(self, labels: FloatArray) -> None:
        self.slack: float = MEAN_ROUNDING
        self.capped_at: float = np.inf
        self.forms: tuple[float, ...] = _KINKS
        self.finer: tuple[float, ...] = _FINE_KINKS
        self._sign = 2.0 * labels - 1.0

    @override
    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        margin = 1.0 - sums * self._sign
        decay = np.exp(-np.abs(margin) / form)
        rest = 1.0 / (1.0 + decay)
        steep = np.where(margin > 0.0, 1.0, decay) * rest
        smooth = np.maximum(margin, 0.0) + form * np.log1p(decay)
        return Lines(steep * margin, -self._sign * steep, smooth, decay * rest * rest / form)

    @override
    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> None:
        return None


@final
class Distance(Curve):
    """|z - y|.

    With e = z - y it is rounded off to sqrt(e^2 + w^2), w its form. The slope of that is from -1 to 1, and p * e lies
    below |e| for every such slope p.
    """

    def __init__(self, targets: FloatArray) -> None:
        self.slack: float = MEAN_ROUNDING * float(np.abs(targets).max())
        self.capped_at: float = np.inf
        typical = float(np.abs(targets - np.median(targets)).mean()) or 1.0
        self.forms: tuple[float, ...] = tuple(width * typical for width in _KINKS)
        self.finer: tuple[float, ...] = tuple(width * typical for width in _FINE_KINKS)
        self._targets = targets

    @override
    def lines(self, sums: FloatArray, form: FloatArray | float) -> Lines:
        errors = sums - self._targets
        smooth = np.hypot(errors, form)
        slope = errors / smooth
        return Lines(errors * slope, slope, smooth, (form / smooth) ** 2 / smooth)

    @override
    def sound_form(self, least: FloatArray, most: FloatArray, worth: FloatArray) -> None:
        return None


def curve_of(activation: Activation, scoring: Scoring, targets: FloatArray) -> Curve | None:
    """Find the loss of each sample as a function of the output's sum; None: it is not known to be convex.

    Args:
        activation: of the output neuron.
        scoring: any.
        targets: shape (n_samples,).
    """
    match activation, scoring:
        case Sigmoid(), LogLoss():
            return LogOfSigmoid(targets, scoring.epsilon)
        case Identity(), Hinge():
            return HingeLine(targets)
        case Identity(), MeanAbsoluteError():
            return Distance(targets)
        case _:
            return None
