"""`check_activation` accepts correct activations, and explains what is wrong with faulty ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    Activation,
    ActivationError,
    FloatArray,
    FunctionActivation,
    InvalidTypeError,
    activation,
)
from minigrid.testing import check_activation
from minigrid.testing.activations import adversarial_sums
from tests.problems import BUILT_IN, OWN, Buffered
from tests.testing.users import Broken, Hill, Lying, Unprintable, Unsure, of, rising

LARGEST = float(np.finfo(np.float64).max)
BOTTOM, LEAST = -1.2784645427610738, -0.27846454276107385

MASKED: Any = np.ma  # without types in older NumPy


# Activations that are right ---------------------------------------------------------------------


def swish_bounds(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    ends = swish_of(lower), swish_of(upper)
    low = np.where((lower <= BOTTOM) & (upper >= BOTTOM), LEAST, np.minimum(*ends))
    return low, np.maximum(*ends)


def swish_of(z: FloatArray) -> FloatArray:
    bounded = np.maximum(z, -700.0)
    outputs: FloatArray = bounded / (1.0 + np.exp(-bounded))
    return outputs


swish = FunctionActivation(swish_of, bounds=swish_bounds)


@pytest.mark.parametrize("right", [*BUILT_IN, *OWN, swish, Hill(), Hill(3.0, minigrid.Sine())], ids=repr)
def test_a_right_activation_passes(right: Activation) -> None:
    check_activation(right)


def test_one_made_inside_a_function_passes_but_for_pickling() -> None:
    @dataclass(frozen=True)
    class Inside(Activation):
        slope: float = 0.5

        @override
        def __call__(self, z: FloatArray, /) -> FloatArray:
            return self.slope * z

    @activation
    def inside(z: FloatArray) -> FloatArray:
        return np.cos(np.clip(z, -1e6, 1e6))

    for made in (Inside(), Inside(0.25), inside):
        check_activation(made, picklable=False)
        with pytest.raises(ActivationError, match=r"unpickled one .*(local|inside).*at the top of a module"):
            check_activation(made)


def test_the_sums_that_are_tried_are_dense_and_reach_everywhere() -> None:
    z = adversarial_sums()
    assert (np.diff(z) >= 0.0).all()
    assert np.diff(z[np.abs(z) <= 40.0]).max() <= 0.001 + 1e-12
    for value in (5e-324, 1e-310, 2.0**-1022, 1e308, LARGEST, 0.5, np.nextafter(0.5, 0.0), np.nextafter(0.5, 1.0), 1.0):
        assert value in z or value == 1e-310
        assert -value in z or value == 1e-310
    assert np.signbit(z[z == 0.0]).tolist() == [True, False]
    assert np.isfinite(z).all()


# Activations that are broken --------------------------------------------------------------------


def promise_zero(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.zeros_like(lower), np.ones_like(upper)


def ends_only(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = swish_of(lower), swish_of(upper)
    return np.minimum(low, high), np.maximum(low, high)


def of_all(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.full_like(lower, lower.min()), np.full_like(upper, upper.max())


def hole(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    low = np.where((lower < 31.0) & (upper > 30.0), 0.5, 0.0)
    return low, np.ones_like(upper)


@dataclass
class Thawed(Activation):
    """Not frozen, so it cannot be hashed."""

    slope: float = 1.0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z * self.slope


class Secretive(Activation):
    """Its repr does not show what it holds, and its constructor wants it."""

    def __init__(self, slope: float) -> None:
        self._slope = slope

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z) * self._slope


class ByIdentity(Activation):
    """Equal to itself alone."""

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z)

    @override
    def __eq__(self, other: object) -> bool:
        return self is other

    @override
    def __hash__(self) -> int:
        return id(self)


class EqualToAll(ByIdentity):
    """Equal to anything."""

    @override
    def __eq__(self, other: object) -> bool:
        return True

    @override
    def __hash__(self) -> int:
        return 1


class Remembering(Activation):
    """Remembers what it was called with."""

    def __init__(self) -> None:
        self.seen: FloatArray | None = None

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        self.seen = z
        return np.tanh(z)


class Undecided(Activation):
    """Its fact is no fact."""

    monotonic: Any = "yes"

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return z


class Shape(Enum):
    ROUND = 1


@dataclass(frozen=True)
class Assembled(Activation):
    """Holds all kinds of things that Python shows in its own way."""

    shape: Shape = Shape.ROUND
    inner: tuple[Activation, ...] = (minigrid.LeakyReLU(0.1), Hill(3.0))
    function: Callable[[FloatArray], FloatArray] = swish_of

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self.function(self.inner[0](z))


@dataclass(frozen=True, eq=False)
class ByTable(Activation):
    """Holds an array, compared by value by the base."""

    heights: FloatArray

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        places = np.searchsorted(self.heights, np.clip(z, self.heights[0], self.heights[-1]))
        outputs: FloatArray = np.take(self.heights, places)
        return outputs


@dataclass(frozen=True)
class ByArray(Activation):
    """Holds an array, which cannot be hashed."""

    heights: FloatArray

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        outputs: FloatArray = np.tanh(z) * self.heights[0]
        return outputs


@dataclass(frozen=True)
class ByHashedArray(ByArray):
    """Can be hashed, and not compared."""

    @override
    def __hash__(self) -> int:
        return 7


@dataclass(frozen=True)
class Hiding(Activation):
    """Its repr leaves out a field."""

    slope: float = field(default=1.0, repr=False)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.tanh(z) * self.slope


class Numbered(Broken):
    bounds: Any = 3


class KeepingLong(Broken):
    """Keeps what is long, as one does that caches what was expensive."""

    kept: list[FloatArray]

    def __init__(self) -> None:
        self.kept = []

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        if z.size > 500:
            self.kept.append(z)
        return np.tanh(z)


def scaled(z: FloatArray, by: float = 1.0) -> FloatArray:
    return np.tanh(z) * by


class Callee:
    def __call__(self, z: FloatArray) -> FloatArray:
        return np.tanh(z)


@pytest.mark.parametrize(
    "right",
    [
        Assembled(),
        ByTable(np.array([0.0, 1 / 3, 1.0])),
        ByTable(np.linspace(0.0, 1.0, 3000)),
        FunctionActivation(partial(scaled, by=1 / 3)),
        FunctionActivation(partial(partial(scaled), by=2.0), monotonic=True),
    ],
    ids=lambda right: type(right).__name__,
)
def test_what_holds_uncommon_things_is_a_value_too(right: Activation) -> None:
    check_activation(right)


def test_what_cannot_be_shown_by_name_passes_but_for_pickling() -> None:
    for right in (lambda z: np.tanh(z), np.vectorize(np.tanh, otypes=[float]), partial(lambda z: np.tanh(z))):
        check_activation(activation(right), picklable=False)


def test_functions_that_pass_a_call_on_are_equal_by_what_they_do() -> None:
    third, again = (FunctionActivation(partial(scaled, by=1 / 3)) for _ in range(2))
    assert third == again
    assert hash(third) == hash(again)
    assert third != FunctionActivation(partial(scaled, by=0.5)) != FunctionActivation(scaled)
    assert repr(FunctionActivation(partial(scaled, by=0.5))) == "FunctionActivation(partial(scaled, by=0.5))"
    loops = [np.vectorize(scaled, otypes=[float]) for _ in range(2)]
    assert activation(loops[0]) == activation(loops[1]) != activation(np.vectorize(scaled))


# What is broken, and what the message says of it.
BROKEN: dict[str, tuple[Activation, str]] = {
    "reduces": (of(np.sum), r"float64 array of z's shape .*got np\.float64.*no np\.sum"),
    "float32": (of(lambda z: z.astype(np.float32)), r"dtype float32. Convert the result with \.astype\(np\.float64\)"),
    "ints": (of(lambda z: np.sign(np.clip(z, -9, 9)).astype(int)), r"dtype int64"),
    "a list": (of(lambda z: z.tolist()), r"got a list of length .*return an array"),
    "a masked array": (
        of(lambda z: MASKED.masked_less(z, -1e3)),
        r"got a MaskedArray .*outputs\.filled\(0\.0\)",
    ),
    "objects": (of(np.frompyfunc(np.tanh, 1, 1)), r"dtype object.*give np\.vectorize otypes=\[float\]"),
    "vectorized without a type": (of(np.vectorize(np.tanh)), r"size 0 inputs.*Give np\.vectorize otypes=\[float\]\."),
    "other values for three axes": (
        of(lambda z: np.tanh(z) + (z.ndim == 3)),
        r"whatever the shape and layout of z, got .* in an array of shape \(2, 3, 4\), and -0\.96",
    ),
    "other values for columns": (
        of(lambda z: np.tanh(z.ravel(order="K")).reshape(z.shape)),
        r"whatever the shape and layout of z, got .* laid out column by column, and",
    ),
    "other values for gaps": (
        of(lambda z: np.tanh(z) if z.flags.forc else np.sin(z)),
        r"whatever the shape and layout of z, got .* laid out with gaps in between",
    ),
    "no empty arrays": (
        of(lambda z: np.tanh(z) * min(abs(float(z.ravel()[0])) + 1.0, 1.0)),
        r"got IndexError: .*size 0",
    ),
    "keeps what is long": (KeepingLong(), r"leaves z alone, got one that keeps a reference"),
    "falls at pi": (
        of(lambda z: np.where(z == np.pi, 0.0, np.clip(z, 1.0, 9.0)), **rising),
        r"never fall .* got 3\.14159\d+ for z = 3\.14159\d+, and less, 0\.0, for z = 3\.141592653589793",
    ),
    "falls at a third": (
        of(lambda z: np.where(z == 1 / 3, 0.0, np.clip(z, 0.1, 9.0)), **rising),
        r"never fall .*0\.0, for z = 0\.3333333333333333",
    ),
    "falls beside a whole number": (
        of(lambda z: np.where(z == np.nextafter(137.0, 0.0), 0.0, np.clip(z, 0.1, 999.0)), **rising),
        r"never fall .*0\.0, for z = 136\.99999999999997",
    ),
    "NaN at minus e": (of(lambda z: np.where(z == -np.e, np.nan, np.tanh(z))), r"got NaN for z = -2\.718281828459045"),
    "an array in a field": (
        ByArray(np.ones(2)),
        r"can be hashed, got TypeError: .*Its field 'heights' holds an array .*hold a tuple.*eq=False",
    ),
    "an array that is compared": (
        ByHashedArray(np.ones(2)),
        r"can be compared with its copies, got ValueError: .*ambiguous.*Its field 'heights' holds an array",
    ),
    "NaN in a field": (Hill(np.nan), r"got NaN for|got NaN in 'height', which is equal to nothing"),
    "a hidden field": (Hiding(2.0), r"made from its repr .*Show 'slope' in the repr \(no repr=False\)"),
    "equal to another": (Lying(), r"equal to Lying\(slope=3\.0\), with outputs .* for z = -4\.0\. Compare all its par"),
    "a repr that raises": (Unprintable(), r"class Unprintable: .*whose repr can be asked for, got KeyError: 'slope'"),
    "a fact that raises": (Unsure(), r"class Unsure: .*whose monotonic can be asked for, got RuntimeError: not yet"),
    "bounds that are none": (Numbered(), r"bounds of activation Numbered\(\).*not callable.*Let bounds be a method"),
    "bounds of NaN": (
        of(np.tanh, bounds=lambda low, high: (np.full_like(low, np.nan), np.tanh(high))),
        r"bounds of .*got NaN: nan to .* for z from .*infinity where you know no bound",
    ),
    "an object": (FunctionActivation(Callee()), r"deep copy that is equal .*Write a function with def .* class Callee"),
    "another shape for three axes": (
        of(lambda z: z if z.ndim < 3 else z[0]),
        r"shape \(2, 3, 4\).*got an array of shape",
    ),
    "mixes elements": (of(lambda z: z - z.max()), r"outputs that change with the other elements"),
    "mixes elements of long arrays": (
        of(lambda z: z / 9 + (z.size > 99)),
        r"same output for the same element of z.*and .* before",
    ),
    "random": (of(lambda z: z / 9 + np.random.default_rng().normal()), r"other outputs for the same z"),
    "writes": (of(lambda z: np.tanh(z, out=z)), r"leaves z alone, got one that writes into its argument"),
    "keeps a reference": (Remembering(), r"leaves z alone, got one that keeps a reference"),
    "raises": (of(lambda z: z / 9 + [][0]), r"got IndexError: list index out of range"),
    "NaN far out": (of(lambda z: np.exp(z) / (1 + np.exp(z))), r"got NaN for z = \d+.* finite for every finite z"),
    "NaN at zero": (of(lambda z: np.where(z == 0, np.nan, np.tanh(z))), r"got NaN for z = -?0\.0"),
    "NaN for subnormals": (of(lambda z: np.where(np.abs(z) == 5e-324, np.nan, np.tanh(z))), r"NaN for z = -?5e-324"),
    "infinite at 1e308": (
        of(lambda z: np.clip(z, -1e154, 1e308) * 2),
        r"finite outputs .*got inf for z = \d\.\d+e\+307",
    ),
    "falls": (of(np.cos, **rising), r"never fall as z rises, since it declares monotonic = True"),
    "falls in a narrow place": (
        of(lambda z: np.where(np.abs(z - 17.003) < 0.001, z - 1, np.clip(z, -99, 99)), **rising),
        r"never fall .*got 17\.\d+ for z = 17\.00\d+, and less, 16\.\d+, for z = 17\.00",
    ),
    "falls little by little": (of(lambda z: -np.clip(z, -9, 9) * 1e-8, **rising), r"never fall"),
    "falls at 1e308": (
        of(lambda z: np.where(z > 1e307, 0.0, np.tanh(z)), **rising),
        r"never fall .* for z = 1\.\d+e\+307",
    ),
    "bounds too narrow": (
        of(np.tanh, bounds=promise_zero),
        r"bounds of activation .*which go from -.*got 0\.0 to 1\.0",
    ),
    "bounds forget the bottom": (FunctionActivation(swish_of, bounds=ends_only), r"bounds of .*Widen the bounds"),
    "bounds with a hole": (of(lambda z: np.abs(np.tanh(z)) * (z < 30.5), bounds=hole), r"bounds of .*Widen the bounds"),
    "bounds of all intervals together": (
        of(lambda z: z, bounds=of_all),
        r"same bounds for an interval, whatever comes",
    ),
    "bounds crossed": (
        of(np.tanh, bounds=lambda low, high: (np.tanh(high), np.tanh(low))),
        r"bounds of .*a least output above the greatest: .* for z from .*Return the least",
    ),
    "bounds return one": (of(np.tanh, bounds=lambda low, high: low), r"bounds of .*Return \(least, greatest\)"),
    "bounds write": (of(np.tanh, bounds=lambda low, high: (np.tanh(low, out=low), high)), r"bounds of .*read-only"),
    "cannot be hashed": (Thawed(), r"expected one that can be hashed, got TypeError: unhashable.*frozen=True"),
    "equal to itself alone": (ByIdentity(), r"a copy that is equal to it, got ByIdentity\(\), which is not"),
    "equal to anything": (EqualToAll(), r"equal to its copies only, got one that is equal to anything"),
    "a repr that hides": (Secretive(2.0), r"made from its repr .*TypeError: .*slope.* from Secretive\(\)"),
    "no name": (FunctionActivation(lambda z: np.tanh(z)), r"unpickled one .*A lambda has no name.*picklable=False"),
    "cannot be pickled": (of(np.tanh), r"unpickled one .*my_function.*at the top of a module"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_activation_is_found(broken: str) -> None:
    wrong, pattern = BROKEN[broken]
    with pytest.raises(ActivationError, match=pattern) as caught:
        check_activation(wrong)
    name = type(wrong).__name__ if not isinstance(wrong, FunctionActivation) else wrong.name.rpartition(".")[2]
    assert name in str(caught.value)


def test_what_is_no_activation_is_refused() -> None:
    for wrong in (np.tanh, minigrid.Sigmoid, 5, None):
        thing: Any = wrong
        with pytest.raises(InvalidTypeError, match=r"^activation: expected an Activation, got .*with @activation"):
            check_activation(thing)
    with pytest.raises(InvalidTypeError, match=r"^monotonic of activation Undecided\(\): expected True or False"):
        check_activation(Undecided())


def test_one_that_fills_its_array_again_is_right_but_for_what_it_holds() -> None:
    with pytest.raises(ActivationError, match="one made from its repr"):
        check_activation(Buffered())
