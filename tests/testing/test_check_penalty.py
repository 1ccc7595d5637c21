"""`check_penalty` accepts penalties that keep the contract, and explains what is wrong with others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrid import L0, L1, L2, Penalty
from minigrid._base.typing import BoolArray, FloatArray, override
from minigrid.exceptions import InvalidTypeError, InvalidValueError, PenaltyError
from minigrid.testing import check_penalty


@dataclass(frozen=True)
class Largest(Penalty):
    """The largest magnitude, with bounds."""

    strength: float = 0.5

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return self.strength * float(np.abs(parameters[is_weight]).max())

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        least: FloatArray = np.maximum(np.maximum(lower, -upper), 0.0)[:, is_weight].max(axis=1)
        return self.strength * least


class TooHigh(Largest):
    """Its bounds are a little too high."""

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return np.nextafter(super().bounds(lower, upper, is_weight), np.inf)


class OtherBatch(Largest):
    """Computes many otherwise than one."""

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        return np.full(len(parameters), 1.0)


class OfCount(Largest):
    """What one costs depends on how many there are."""

    @override
    def batch(self, parameters: FloatArray, is_weight: BoolArray, /) -> FloatArray:
        each = np.array([self(row, is_weight) for row in parameters])
        return each if len(parameters) > 50 else each + 1.0


class Writes(Largest):
    """Writes into its argument."""

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        parameters[0] = 0.0
        return 0.0


class Unhashable(Penalty):
    """Holds what cannot be hashed, and says so."""

    __hash__ = None  # type: ignore[assignment]

    @override
    def __call__(self, parameters: FloatArray, is_weight: BoolArray, /) -> float:
        return 0.0


@pytest.mark.parametrize("penalty", [L0(0.1), L0(at_most=2), L1(0.3), L2(1e-9), L1(0.0), Largest()], ids=repr)
def test_what_keeps_the_contract_is_accepted(penalty: Penalty) -> None:
    check_penalty(penalty)
    check_penalty(penalty, n_weights=2, n_biases=0)


@pytest.mark.parametrize(
    ("penalty", "said"),
    [
        (TooHigh(), "bounds of penalty TooHigh.*at most .*, the cost of a setting in the box"),
        (OtherBatch(), "the same number for the same parameters"),
        (OfCount(), "the same number for the same parameters, however many there are"),
        (Writes(), "leave them as they are"),
        (Unhashable(), "one that can be hashed"),
    ],
)
def test_what_breaks_it_is_told(penalty: Penalty, said: str) -> None:
    with pytest.raises(PenaltyError, match=said):
        check_penalty(penalty)


def test_what_is_no_penalty_or_does_not_fit_is_an_error() -> None:
    no_penalty: Any = 0.5
    with pytest.raises(InvalidTypeError, match="penalty: expected a Penalty"):
        check_penalty(no_penalty)
    with pytest.raises(InvalidValueError, match="at_most: expected at most 2"):
        check_penalty(L0(at_most=3), n_weights=2)


def test_a_subclass_of_a_built_in_one_is_refused() -> None:
    class Own(L1):  # type: ignore[misc]  # it is final
        pass

    with pytest.raises(PenaltyError, match=r"expected a built-in penalty as it is, got a subclass\. Derive from Pen"):
        check_penalty(Own(0.1), picklable=False)
