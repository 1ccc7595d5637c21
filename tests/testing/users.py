"""Correct and faulty custom activations and scorings, for several of these tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from typing_extensions import override

import minigrid
from minigrid import (
    Activation,
    FloatArray,
    FunctionActivation,
    Scoring,
)


@dataclass(frozen=True)
class Hill(Activation):
    """A class with parameters, one of them an activation, and bounds."""

    height: float = 2.0
    inner: Activation = field(default_factory=minigrid.Tanh)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self.height * np.abs(self.inner(z))

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        return np.zeros_like(lower), np.full_like(upper, self.height)


def of(function: Callable[[Any], Any], **facts: Any) -> FunctionActivation:
    def my_function(z: Any) -> Any:
        return function(z)

    return FunctionActivation(my_function, **facts)


rising = {"monotonic": True}


@dataclass(frozen=True)
class Lying(Activation):
    """Equal to those of another slope."""

    slope: float = field(default=1.0, compare=False)
    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z) * self.slope


class Broken(Activation):
    """Right, but for what its subclasses break."""

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z)


class Unprintable(Broken):
    @override
    def __repr__(self) -> str:
        raise KeyError("slope")


class Unsure(Broken):
    @property
    @override
    def monotonic(self) -> bool:  # type: ignore[override]  # as users write it who do not type-check
        raise RuntimeError("not yet known")


class UnprintableScoring(Scoring):
    """Its repr is broken."""

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return 0.0

    @override
    def __repr__(self) -> str:
        raise RuntimeError("none")
