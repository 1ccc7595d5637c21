"""Penalties make large weights, or many of them, cost something, whatever the data are.

A penalty is added to a loss, or subtracted from a score. The result is the *objective*, which a search compares. An
infinite penalty forbids a candidate.

L1 and L2 add up the weights one by one, in order. So the sums have the same bits however many candidates are added up
at once. Each rounding keeps the order of numbers, so the least penalty of a box is never above that of a candidate in
it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.text import describe, message
from minigrid._base.typing import BoolArray, FloatArray, IntArray, override
from minigrid._base.validation import as_float, as_int
from minigrid._base.values import Plain
from minigrid.exceptions import InvalidTypeError, InvalidValueError

__all__ = ["L0", "L1", "L2", "BuiltinPenalty", "PartPenalty", "Penalty", "is_own"]


class Penalty(Plain, ABC):
    """Base of all penalties. Write `__call__`.

    If you also write `bounds`, the exact engine can prune candidates. Without it, every candidate is scored.

    Example:
        >>> from minigrid import Grid, GridSearchTrainer, Network
        >>> class Largest(Penalty):
        ...     def __call__(self, parameters, is_weight, /):
        ...         return 0.01 * float(np.abs(parameters[is_weight]).max())
        >>> trainer = GridSearchTrainer(Grid([-9, 0, 9, -1, 1]), penalty=Largest())
        >>> result = trainer.fit(Network.dense([2, 1]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
        >>> result.parameters.tolist(), result.score, result.objective
        ([1.0, 0.0], 1.0, 0.99)
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __add__(self, other: object) -> object:
            """Refuse to add two penalties, and say how to write their sum."""
            if not isinstance(other, Penalty):
                return NotImplemented
            both = f"{self!r}(parameters, is_weight) + {other!r}(parameters, is_weight)"
            fix = f"Derive a class from Penalty whose __call__ returns {both}."
            raise InvalidTypeError(message("penalty", "one Penalty", f"the sum of {self!r} and {other!r}", fix))

    @abstractmethod
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        """Compute the penalty of one candidate.

        Args:
            parameters: shape (n_parameters,), in the order of `network.parameters`; read-only.
            is_weight: shape (n_parameters,), True for weights, False for biases; read-only.

        Returns:
            0 or more; infinity forbids the candidate.
        """

    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Compute the penalties of many candidates. Each equals that of `__call__`, bit for bit.

        Args:
            parameters: shape (n_candidates, n_parameters), read-only.
            is_weight: shape (n_parameters,).

        Returns:
            Shape (n_candidates,).
        """
        return np.array([self(row, is_weight) for row in parameters], dtype=np.float64)

    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Bound the penalties of all candidates between ``lower`` and ``upper`` from below, so that a search can prune.

        If you override it, you promise that no candidate in between costs less, bit for bit. By default, the bounds are
        0.

        Args:
            lower: the least value of each parameter, shape (n_boxes, n_parameters).
            upper: the greatest, of the same shape.
            is_weight: shape (n_parameters,).

        Returns:
            Shape (n_boxes,); infinity if every candidate in between is forbidden.
        """
        return np.zeros(len(lower))

    @property
    def declares_bounds(self) -> bool:
        """Whether the class overrides `bounds`."""
        return type(self).bounds is not Penalty.bounds

    def check_network(self, n_weights: int) -> None:
        """Check before a search that the penalty fits the network.

        Args:
            n_weights: how many weights the network has.

        Raises:
            InvalidValueError: it does not fit.
        """
        del n_weights


@dataclass(frozen=True, slots=True)
class BuiltinPenalty(Penalty):
    """Base of the built-in penalties, which compute in batches of any size.

    None of them falls when the magnitude of a parameter rises, rounding included: near-best counts rely on that.
    """

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        """Compute the penalty of one candidate, see `Penalty`."""
        own = np.asarray(parameters, dtype=np.float64)[np.newaxis]
        return float(self.batch(own, np.asarray(is_weight, dtype=np.bool_))[0])

    @override
    @abstractmethod
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Compute the penalties of many candidates, see `Penalty.batch`."""

    @override
    @abstractmethod
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Bound the penalties of all candidates in a box from below, see `Penalty.bounds`."""


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class L0(BuiltinPenalty):
    """The number of weights that are not 0, times a strength. Biases do not count.

    Args:
        strength: what each of these weights costs, 0 or more.
        at_most: how many weights may differ from 0, at least 1. A candidate with more is forbidden. Default None: any
            number.

    Raises:
        InvalidTypeError: ``strength`` is not a number, or ``at_most`` is not a whole number.
        InvalidValueError: ``strength`` is negative or not finite, or ``at_most`` is below 1.

    Example:
        >>> L0(0.01)(np.array([3.0, 0.0, -1.0]), np.array([True, True, False]))
        0.01
        >>> L0(at_most=1)(np.array([3.0, 2.0]), np.array([True, True]))
        inf
    """

    strength: float = 0.0
    at_most: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "strength", _as_strength(self.strength))
        if self.at_most is not None:
            endless = "Leave it out for no limit."
            object.__setattr__(self, "at_most", as_int(self.at_most, "at_most", minimum=1, endless=endless))

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return self._cost(np.count_nonzero(parameters[:, is_weight], axis=1))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Count the weights that cannot be 0, see `Penalty.bounds`."""
        apart = (lower[:, is_weight] > 0.0) | (upper[:, is_weight] < 0.0)
        return self._cost(np.count_nonzero(apart, axis=1))

    @override
    def check_network(self, n_weights: int) -> None:
        if self.at_most is not None and self.at_most > n_weights:
            fix = "Pass a smaller number, or leave it out: there is no limit then."
            expected = f"at most {n_weights}, as many as the network has weights"
            raise InvalidValueError(message("at_most", expected, f"{self.at_most}", fix))

    def _cost(self, counts: IntArray) -> FloatArray:
        costs: FloatArray = self.strength * counts.astype(np.float64)
        return costs if self.at_most is None else np.where(counts <= self.at_most, costs, np.inf)


@dataclass(frozen=True, slots=True)
class _OfMagnitudes(BuiltinPenalty):
    """A penalty that adds up a cost for the magnitude of each weight."""

    strength: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "strength", _as_strength(self.strength))

    @abstractmethod
    def cost(self, magnitudes: FloatArray, /) -> FloatArray:
        """Turn magnitudes into costs, element by element. A larger magnitude never costs less."""

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return self._added(np.abs(parameters), is_weight)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        """Add up what the least magnitudes cost, see `Penalty.bounds`."""
        return self._added(np.maximum(np.maximum(lower, -upper), 0.0), is_weight)

    def _added(self, magnitudes: FloatArray, is_weight: BoolArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            costs, total = self.cost(magnitudes), np.zeros(len(magnitudes))
            for k in np.flatnonzero(is_weight):
                total += costs[:, k]
            total *= self.strength
        # With a strength of 0 the penalty is 0, even if the sum is infinite. A penalty that overflows forbids the
        # candidate.
        return np.where(np.isnan(total), 0.0, total)


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class L1(_OfMagnitudes):
    """The sum of the weights' magnitudes, times a strength; biases do not count (as in the lasso, Tibshirani 1996).

    Args:
        strength: what they are multiplied by, 0 or more.

    Raises:
        InvalidTypeError: ``strength`` is not a number.
        InvalidValueError: ``strength`` is negative or not finite.

    Example:
        >>> L1(0.5)(np.array([3.0, -2.0, 9.0]), np.array([True, True, False]))
        2.5
    """

    @override
    def cost(self, magnitudes: FloatArray, /) -> FloatArray:
        return magnitudes


@final
@creates_with_known_arguments
@dataclass(frozen=True, slots=True)
class L2(_OfMagnitudes):
    """The sum of the weights' squares, times a strength; biases do not count (ridge regression, Hoerl & Kennard 1970).

    Args:
        strength: what they are multiplied by, 0 or more.

    Raises:
        InvalidTypeError: ``strength`` is not a number.
        InvalidValueError: ``strength`` is negative or not finite.

    Example:
        >>> L2(0.5)(np.array([3.0, -2.0, 9.0]), np.array([True, True, False]))
        6.5
    """

    @override
    def cost(self, magnitudes: FloatArray, /) -> FloatArray:
        return magnitudes * magnitudes


@final
@dataclass(frozen=True, slots=True, repr=False)
class PartPenalty(Penalty):
    """The penalty of a network while one neuron is searched and all others stay fixed.

    Args:
        whole: the penalty of the whole network.
        kinds: which of its parameters are weights.
        start: which of them is the neuron's first.
        before: the values of the parameters that were chosen before, from the first on.
        after: the values of the parameters after those of the neuron.
    """

    whole: Penalty
    kinds: tuple[bool, ...]
    start: int
    before: tuple[float, ...]
    after: tuple[float, ...]

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return float(self.batch(parameters[np.newaxis], is_weight)[0])

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return self.whole.batch(self._placed(parameters), np.array(self.kinds))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return self.whole.bounds(self._placed(lower), self._placed(upper), np.array(self.kinds))

    @property
    @override
    def declares_bounds(self) -> bool:
        return self.whole.declares_bounds

    @override
    def __repr__(self) -> str:
        return repr(self.whole)

    def _placed(self, parameters: FloatArray) -> FloatArray:
        placed = np.zeros((len(parameters), len(self.kinds)))
        placed[:, : len(self.before)] = self.before
        end = self.start + parameters.shape[1]
        placed[:, self.start : end], placed[:, end:] = parameters, self.after
        return read_only(placed)


def is_own(penalty: Penalty | None) -> bool:
    """Tell whether a penalty calls custom code."""
    if isinstance(penalty, PartPenalty):
        penalty = penalty.whole
    return not (penalty is None or isinstance(penalty, BuiltinPenalty))


def _as_strength(value: object) -> float:
    """Check a strength.

    Raises:
        InvalidTypeError, InvalidValueError: it is not a finite number of at least 0.
    """
    strength = as_float(value, "strength")
    if strength < 0.0:
        fix = "A penalty makes a candidate worse: pass 0 or more."
        raise InvalidValueError(message("strength", "a number of at least 0", describe(value), fix))
    return strength + 0.0  # no -0.0
