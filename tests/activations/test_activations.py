"""Every activation: its values, limits and bounds, what makes it a value, and the guard around a user's own."""

import copy
import functools
import itertools
import math
import pickle
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, dataclass
from typing import Any, final

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

import minigrid
from minigrid import (
    ELU,
    GELU,
    SELU,
    Activation,
    ActivationError,
    FunctionActivation,
    Gaussian,
    Grid,
    GridSearchTrainer,
    HardSigmoid,
    HardTanh,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    LeakyReLU,
    MinigridError,
    Network,
    ReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
    activation,
)
from minigrid._base.typing import FloatArray
from minigrid.activations.base import _as_sums
from minigrid.activations.guard import apply_activation, check_bounds, probe_activation
from tests.problems import BUILT_IN, OWN, Buffered, Staircase, cube, wave

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
    """Whether two arrays are equal to the last bit, the signs of zeros included."""
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


# Values -----------------------------------------------------------------------------------------


def plain_selu(z: float) -> float:
    # The constants from their definition: Klambauer et al. 2017, equation 14.
    one_half, two = math.erfc(1.0 / math.sqrt(2.0)), math.erfc(math.sqrt(2.0))
    alpha = -math.sqrt(2.0 / math.pi) / (one_half * math.exp(0.5) - 1.0)
    scale = (1.0 - one_half * math.sqrt(math.e)) * math.sqrt(2.0 * math.pi)
    scale /= math.sqrt(
        2.0 * two * math.e**2
        + math.pi * one_half**2 * math.e
        - 2.0 * (2.0 + math.pi) * one_half * math.sqrt(math.e)
        + math.pi
        + 2.0
    )
    return scale * (z if z >= 0.0 else alpha * math.expm1(z))


def plain_gelu(z: float) -> float:
    return 0.5 * z * math.erfc(-z / math.sqrt(2.0))


def plain_elu(alpha: float) -> Callable[[float], float]:
    return lambda z: z if z >= 0.0 else alpha * math.expm1(z)


def plain_leaky(slope: float) -> Callable[[float], float]:
    return lambda z: z if z >= 0.0 else slope * z


FORMULAS: list[tuple[Activation, Callable[[float], float], float]] = [
    (Identity(), lambda z: z, 0.0),
    (Step(), lambda z: 1.0 if z >= 0.0 else 0.0, 0.0),
    (Sigmoid(), lambda z: 1.0 / (1.0 + math.exp(-z)), 1e-15),
    (HardSigmoid(), lambda z: min(max(z / 6.0 + 0.5, 0.0), 1.0), 0.0),
    (Tanh(), math.tanh, 1e-15),
    (HardTanh(), lambda z: min(max(z, -1.0), 1.0), 0.0),
    (Softsign(), lambda z: z / (1.0 + abs(z)), 0.0),
    (Softplus(), lambda z: math.log1p(math.exp(z)), 1e-15),
    (ReLU(), lambda z: max(z, 0.0), 0.0),
    (LeakyReLU(), plain_leaky(0.01), 0.0),
    (LeakyReLU(slope=0.3), plain_leaky(0.3), 0.0),
    (LeakyReLU(slope=0.0), plain_leaky(0.0), 0.0),
    (ELU(), plain_elu(1.0), 1e-15),
    (ELU(alpha=2.0), plain_elu(2.0), 1e-15),
    (SELU(), plain_selu, 2e-15),
    (SiLU(), lambda z: z / (1.0 + math.exp(-z)), 1e-15),
    (GELU(), plain_gelu, 1e-12),  # far down both erfc and the activation lose some bits of the exponent
    (Gaussian(), lambda z: math.exp(-(z * z)), 1e-15),
    (Sine(), math.sin, 1e-15),
]


def test_every_built_in_activation_has_a_formula_here() -> None:
    assert [built_in for built_in, _, _ in FORMULAS] == BUILT_IN
    abstract = {Activation, FunctionActivation}
    exported = [getattr(minigrid, name) for name in minigrid.__all__]
    kinds = {thing for thing in exported if isinstance(thing, type) and issubclass(thing, Activation)}
    assert {type(built_in) for built_in in BUILT_IN} == kinds - abstract


@pytest.mark.parametrize(("built_in", "formula", "tolerance"), FORMULAS, ids=lambda part: repr(part)[:20])
def test_values_are_those_of_the_formula(
    built_in: Activation, formula: Callable[[float], float], tolerance: float
) -> None:
    z = np.concatenate(
        [np.linspace(-36.0, 36.0, 2881), np.geomspace(1e-300, 1.0, 301), -np.geomspace(1e-300, 1.0, 301)]
    )
    outputs = built_in(z).tolist()
    for value, output in zip(z.tolist(), outputs, strict=True):
        expected = formula(value)
        assert abs(output - expected) <= tolerance * abs(expected), (value, output, expected)


@settings(max_examples=300, deadline=None)
@given(st.floats(-36.0, 36.0))
def test_values_are_those_of_the_formula_anywhere(z: float) -> None:
    for built_in, formula, tolerance in FORMULAS:
        expected = formula(z)
        assert abs(one(built_in, z) - expected) <= max(tolerance * abs(expected), 1e-300), (built_in, z)


def test_gelu_keeps_a_few_ulp_where_it_matters() -> None:
    for z in np.linspace(-3.0, 3.0, 1201).tolist():
        expected = plain_gelu(z)
        assert abs(one(GELU(), z) - expected) <= 3e-15 * abs(expected), z


@pytest.mark.parametrize(
    ("built_in", "z", "expected"),
    [
        (Sigmoid(), -100.0, math.exp(-100.0)),
        (Sigmoid(), -740.0, math.exp(-740.0)),
        (Sigmoid(), 1e308, 1.0),
        (Sigmoid(), -1e308, 0.0),
        (Tanh(), 1e308, 1.0),
        (Tanh(), -1e308, -1.0),
        (Softsign(), 1e308, 1.0),
        (Softsign(), -1e20, -1.0),
        (Softplus(), -100.0, math.exp(-100.0)),
        (Softplus(), 1e308, 1e308),
        (Softplus(), -1e308, 0.0),
        (SiLU(), -100.0, -100.0 * math.exp(-100.0)),
        (SiLU(), 1e308, 1e308),
        (SiLU(), -1e308, 0.0),
        (GELU(), 1e308, 1e308),
        (GELU(), -1e308, 0.0),
        (ELU(), -1e308, -1.0),
        (ELU(), 1e308, 1e308),
        (ELU(alpha=1e308), -1e308, -1e308),
        (Gaussian(), 1e308, 0.0),
        (Gaussian(), 20.0, math.exp(-400.0)),
        (LeakyReLU(slope=0.5), -1e308, -5e307),
        (LeakyReLU(slope=0.0), -1e308, 0.0),
        (Sine(), 1e22, -0.8522008497671888),  # the test case of argument reduction, Ng 1992
    ],
    ids=lambda part: repr(part),
)
def test_values_far_out(built_in: Activation, z: float, expected: float) -> None:
    assert one(built_in, z) == pytest.approx(expected, rel=2e-14, abs=0.0)


# Finite and silent ------------------------------------------------------------------------------


@every_built_in
def test_outputs_are_finite_and_silent_for_every_magnitude(built_in: Activation) -> None:
    z = all_magnitudes(1e308)
    with silence():
        outputs = built_in(z)
        for value in z[::7]:
            built_in(np.array([value]))
    assert np.isfinite(outputs).all()


@every_built_in
@pytest.mark.parametrize("z", [LARGEST, -LARGEST])
def test_outputs_are_finite_and_silent_for_the_largest_float(built_in: Activation, z: float) -> None:
    with silence():
        output = one(built_in, z)
    assert math.isfinite(output)


@every_built_in
@settings(max_examples=40, deadline=None)
@given(z=st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=20))
@example(z=[SMALLEST, -SMALLEST, 0.0, -0.0, 1e-310])
def test_outputs_are_finite_and_silent_for_any_numbers(built_in: Activation, z: list[float]) -> None:
    with silence():
        outputs = built_in(np.array(z))
    assert np.isfinite(outputs).all()


@every_built_in
def test_nan_is_handed_on(built_in: Activation) -> None:
    with silence():
        outputs = built_in(np.array([1.0, np.nan, -1.0]))
    assert np.isnan(outputs).tolist() == [False, True, False]


LIMITS: list[tuple[Activation, float, float]] = [
    (Identity(), -np.inf, np.inf),
    (Step(), 0.0, 1.0),
    (Sigmoid(), 0.0, 1.0),
    (HardSigmoid(), 0.0, 1.0),
    (Tanh(), -1.0, 1.0),
    (HardTanh(), -1.0, 1.0),
    (Softsign(), -1.0, 1.0),
    (Softplus(), 0.0, np.inf),
    (ReLU(), 0.0, np.inf),
    (LeakyReLU(), -np.inf, np.inf),
    (LeakyReLU(slope=0.3), -np.inf, np.inf),
    (LeakyReLU(slope=0.0), 0.0, np.inf),
    (ELU(), -1.0, np.inf),
    (ELU(alpha=2.0), -2.0, np.inf),
    (SELU(), -1.0507009873554805 * 1.6732632423543772, np.inf),
    (SiLU(), 0.0, np.inf),
    (GELU(), 0.0, np.inf),
    (Gaussian(), 0.0, 0.0),
    (Sine(), np.nan, np.nan),
]


def test_every_built_in_activation_has_its_limits_here() -> None:
    assert [built_in for built_in, _, _ in LIMITS] == BUILT_IN


@pytest.mark.parametrize(("built_in", "at_minus", "at_plus"), LIMITS, ids=repr)
def test_infinite_sums_give_the_limits(built_in: Activation, at_minus: float, at_plus: float) -> None:
    with silence():
        outputs = built_in(np.array([-np.inf, np.inf]))
    np.testing.assert_array_equal(outputs, [at_minus, at_plus])


# Element by element -----------------------------------------------------------------------------


@every_built_in
def test_each_output_is_the_same_to_the_bit_in_any_array(built_in: Activation) -> None:
    z = np.random.default_rng(7).permutation(np.concatenate([all_magnitudes(1e308)[::3], np.linspace(-9.0, 9.0, 700)]))
    whole = built_in(z)
    assert same_bits(np.array([one(built_in, value) for value in z]), whole)
    for start, length in itertools.product(range(9), [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65]):
        part = slice(start, start + length)
        assert same_bits(built_in(z[part]), whole[part]), part
        assert same_bits(built_in(z[part].copy()), whole[part]), part
    for step in (-1, 2, -3, 8):
        assert same_bits(built_in(z[::step]), whole[::step]), step


@every_built_in
def test_each_output_is_the_same_to_the_bit_in_two_dimensions(built_in: Activation) -> None:
    z = np.random.default_rng(8).normal(0.0, 5.0, 7 * 11 * 3)
    whole = built_in(z)
    for shape in [(7, 33), (33, 7), (231, 1), (1, 231), (7, 11, 3)]:
        table = z.reshape(shape)
        assert same_bits(built_in(table), whole.reshape(shape))
        assert same_bits(built_in(table.T), whole.reshape(shape).T)
        assert same_bits(built_in(np.asfortranarray(table)), whole.reshape(shape))
    assert built_in(z[:0]).shape == (0,)


@every_built_in
def test_the_sums_handed_over_are_not_changed(built_in: Activation) -> None:
    z = all_magnitudes(1e308)
    before = z.copy()
    outputs = built_in(z)
    assert same_bits(z, before)
    assert not np.shares_memory(z, outputs)
    z.flags.writeable = False
    assert same_bits(built_in(z), outputs)


# Bounds -----------------------------------------------------------------------------------------

PEAKS: list[float] = [
    0.0,
    -1.2784645427610738,  # the bottom of SiLU
    -0.7517915241935564,  # the bottom of GELU
    *[(k + 0.5) * math.pi for k in range(-6, 6)],
    1e4 * math.pi + 0.5 * math.pi,
    *[-3.0, 3.0, -1.0, 1.0, -6.0, 6.0],
]


def stepped(z: float, steps: int) -> float:
    """The float that is so many steps above z (below it, if negative), within +-1e308."""
    direction = math.inf if steps > 0 else -math.inf
    for _ in range(abs(steps)):
        z = math.nextafter(z, direction)
    return min(max(z, -1e308), 1e308)


ENDS = st.one_of(
    st.floats(-10.0, 10.0),
    st.sampled_from(PEAKS),
    st.builds(stepped, st.sampled_from(PEAKS), st.integers(-4, 4)),
    st.builds(lambda peak, gap: peak + gap, st.sampled_from(PEAKS), st.floats(-1e-7, 1e-7)),
    st.floats(-60.0, 60.0),
    st.floats(-1e308, 1e308),
    st.builds(lambda sign, power: sign * 10.0**power, st.sampled_from([-1.0, 1.0]), st.floats(-20.0, 20.0)),
    st.sampled_from([SMALLEST, -SMALLEST, 1e-310, -1e-310, -0.0, 1e6, -1e6, 999_999.5, 1e308, -1e308, -745.0, -38.5]),
)


EVEN_SHARES = np.linspace(0.0, 1.0, 41)
LANDMARKS = np.array(
    [
        *PEAKS,
        *[stepped(peak, steps) for peak in PEAKS[:8] for steps in (-1, 1)],
        *[sign * 10.0**power for sign in (-1, 1) for power in range(-300, 301, 20)],
        *[SMALLEST, -SMALLEST, -0.0],
    ]
)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[float, float]:
    """An interval: two neighbours, a narrow one, one around a peak, or any two ends."""
    first = draw(ENDS)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        second = stepped(first, draw(st.integers(0, 3)))
    elif kind == 1:
        second = first + draw(st.floats(0.0, 1e-6))
    elif kind == 2:
        second = first + draw(st.floats(0.0, 8.0))
    else:
        second = draw(ENDS)
    return min(first, second), max(first, second)


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


@every_built_in
@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
@given(ends=st.lists(intervals(), min_size=1, max_size=6))
def test_no_output_lies_outside_the_bounds(built_in: Activation, ends: list[tuple[float, float]]) -> None:
    lower, upper = np.array(ends).T.copy()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_truthful(built_in, lower, upper)


@every_built_in
def test_no_output_lies_outside_the_bounds_around_each_peak(built_in: Activation) -> None:
    gaps = [sign * 3.0 * 10.0**power for sign in (-1, 1) for power in (-1, -3, -5, -6, -7, -9, -11)]
    pairs = []
    for peak in [*PEAKS[:3], -0.5 * math.pi, 0.5 * math.pi, PEAKS[15]]:
        ends = [*(stepped(peak, steps) for steps in (-3, -1, 0, 1, 3)), *(peak + gap for gap in gaps)]
        pairs += [(a, b) for a, b in itertools.product(ends, ends) if a <= b]
    lower, upper = np.array(pairs).T.copy()
    assert_truthful(built_in, lower, upper)


@every_built_in
def test_no_output_lies_outside_the_bounds_of_a_chain_of_narrow_intervals(built_in: Activation) -> None:
    # Where the last bits of an output wobble, the ends of an interval alone would not bound it.
    edges = np.concatenate([np.linspace(-40.0, 40.0, 2001), -np.geomspace(41.0, 800.0, 200)])
    edges.sort()
    lower, upper = edges[:-1], edges[1:]
    low, high = built_in.bounds(lower, upper)
    for share in np.linspace(0.0, 1.0, 60):
        outputs = built_in(np.clip(lower + share * (upper - lower), lower, upper))
        assert (low <= outputs).all()
        assert (outputs <= high).all()


@every_built_in
def test_no_output_lies_outside_the_bounds_far_from_zero(built_in: Activation) -> None:
    # There the floats are so far apart that the phase of a sine is hard to tell.
    generator = np.random.default_rng(11)
    lower = generator.choice([-1.0, 1.0], 600) * 10.0 ** generator.uniform(4.0, 17.0, 600)
    upper = lower + generator.uniform(0.0, 8.0, 600)
    assert_truthful(built_in, lower, upper)


@every_built_in
@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        (-np.inf, np.inf),
        (-np.inf, 0.0),
        (-np.inf, -1e300),
        (0.0, np.inf),
        (1e300, np.inf),
        (-1.0, np.inf),
        (-np.inf, -np.inf),
        (np.inf, np.inf),
    ],
)
def test_bounds_hold_and_are_silent_for_infinite_ends(built_in: Activation, lower: float, upper: float) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_truthful(built_in, np.array([lower]), np.array([upper]))


@every_built_in
@pytest.mark.parametrize(("lower", "upper"), [(-LARGEST, LARGEST), (LARGEST, LARGEST), (-LARGEST, -LARGEST)])
def test_bounds_hold_and_are_silent_for_the_largest_floats(built_in: Activation, lower: float, upper: float) -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_truthful(built_in, np.array([lower]), np.array([upper]))


@every_built_in
@settings(max_examples=40, deadline=None)
@given(start=st.floats(-30.0, 30.0), width=st.floats(1e-3, 10.0))
@example(start=-3.0, width=1.7)
@example(start=-1.2784645427610738, width=1.0)
@example(start=math.pi / 2 - 0.5, width=0.49999)
def test_bounds_are_tight(built_in: Activation, start: float, width: float) -> None:
    stop = start + width
    inside = [peak for peak in PEAKS + [(k + 0.5) * math.pi for k in range(-14, 14)] if start <= peak <= stop]
    points = np.concatenate([np.linspace(start, stop, 2001), inside, [-SMALLEST] if start < 0.0 <= stop else []])
    outputs = built_in(points)
    low, high = built_in.bounds(np.array([start]), np.array([stop]))
    room = 1e-9 * max(1.0, float(np.abs(outputs).max()))
    assert outputs.min() - room <= low[0] <= outputs.min()
    assert outputs.max() <= high[0] <= outputs.max() + room


@every_built_in
def test_bounds_of_many_intervals_are_those_of_each_alone(built_in: Activation) -> None:
    generator = np.random.default_rng(3)
    lower = generator.normal(0.0, 4.0, (6, 5))
    upper = lower + generator.exponential(2.0, (6, 5))
    before = lower.copy(), upper.copy()
    low, high = built_in.bounds(lower, upper)
    assert low.shape == high.shape == (6, 5)
    for i, j in np.ndindex(6, 5):
        alone = built_in.bounds(lower[i, j : j + 1], upper[i, j : j + 1])
        assert same_bits(alone[0], low[i, j : j + 1])
        assert same_bits(alone[1], high[i, j : j + 1])
    assert same_bits(lower, before[0])
    assert same_bits(upper, before[1])
    assert not any(np.shares_memory(a, b) for a in (low, high) for b in (lower, upper))


RANGES: list[tuple[Activation, float, float]] = [
    (Step(), 0.0, 1.0),
    (Sigmoid(), 0.0, 1.0),
    (HardSigmoid(), 0.0, 1.0),
    (Tanh(), -1.0, 1.0),
    (HardTanh(), -1.0, 1.0),
    (Softsign(), -1.0, 1.0),
    (Gaussian(), 0.0, 1.0),
    (Sine(), -1.0, 1.0),
]


@pytest.mark.parametrize(("built_in", "least", "most"), RANGES, ids=repr)
def test_bounds_never_cross_a_limit_that_no_output_crosses(built_in: Activation, least: float, most: float) -> None:
    low, high = built_in.bounds(np.array([-1e300]), np.array([1e300]))
    assert (low.tolist(), high.tolist()) == ([least], [most])
    for floored in (Softplus(), ReLU()):
        assert floored.bounds(np.array([-1e300]), np.array([1.0]))[0].tolist() == [0.0]


# Monotonic --------------------------------------------------------------------------------------

FOLDED = (SiLU, GELU, Gaussian, Sine)


@every_built_in
def test_only_the_functions_that_fold_back_do_not_declare_to_be_monotonic(built_in: Activation) -> None:
    assert built_in.monotonic is (not isinstance(built_in, FOLDED))


@pytest.mark.parametrize("built_in", [a for a in BUILT_IN if a.monotonic], ids=repr)
def test_monotonic_activations_never_fall_by_more_than_rounding(built_in: Activation) -> None:
    z = np.unique(np.concatenate([all_magnitudes(1e308), np.linspace(-40.0, 40.0, 20_001)]))
    neighbours = np.unique(np.concatenate([z, np.nextafter(z, np.inf), np.nextafter(z, -np.inf)]))
    neighbours = neighbours[np.abs(neighbours) <= 1e308]
    outputs = built_in(neighbours)
    fallen = np.diff(outputs) < -(2.0**-50) * np.abs(outputs[1:])
    assert not fallen.any(), neighbours[1:][fallen][:3]


@pytest.mark.parametrize("built_in", [a for a in BUILT_IN if not a.monotonic], ids=repr)
def test_the_others_do_fall_somewhere(built_in: Activation) -> None:
    assert (np.diff(built_in(np.linspace(-5.0, 5.0, 101))) < -0.001).any()


# Values in the sense of this package ------------------------------------------------------------


@every_built_in
def test_the_repr_makes_an_equal_one(built_in: Activation) -> None:
    again = eval(repr(built_in), vars(minigrid).copy())
    assert type(again) is type(built_in)
    assert again == built_in
    assert hash(again) == hash(built_in)


@every_built_in
def test_copies_are_equal(built_in: Activation) -> None:
    copies = [copy.copy(built_in), copy.deepcopy(built_in)]
    copies += [pickle.loads(pickle.dumps(built_in, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in copies:
        assert type(other) is type(built_in)
        assert other == built_in
        assert hash(other) == hash(built_in)
        assert one(other, 0.3) == one(built_in, 0.3)


def test_different_activations_are_not_equal() -> None:
    for a, b in itertools.combinations(BUILT_IN, 2):
        assert a != b
    assert len(set(BUILT_IN)) == len(BUILT_IN)
    other: object = "Sigmoid()"
    assert Sigmoid() != other


@every_built_in
def test_activations_cannot_be_changed(built_in: Activation) -> None:
    target: Any = built_in
    for name in ["slope", "alpha", "monotonic", "anything"]:
        before = getattr(target, name, None)
        with pytest.raises((AttributeError, TypeError)):
            setattr(target, name, 0.5)
        assert getattr(target, name, None) == before
    assert not hasattr(target, "__dict__")


def test_setting_a_parameter_names_it() -> None:
    leaky: Any = LeakyReLU()
    with pytest.raises(FrozenInstanceError, match="slope"):
        leaky.slope = 0.5
    with pytest.raises(FrozenInstanceError, match="slope"):
        del leaky.slope


def test_the_base_cannot_be_instantiated() -> None:
    base: Any = Activation
    with pytest.raises(TypeError, match="abstract"):
        base()


def test_parameters_become_floats() -> None:
    assert repr(ELU(alpha=2)) == "ELU(alpha=2.0)"
    assert repr(LeakyReLU(np.float32(0.5))) == "LeakyReLU(slope=0.5)"  # type: ignore[arg-type]  # a NumPy number will do
    assert type(LeakyReLU(np.int64(1)).slope) is float  # type: ignore[arg-type]  # a NumPy number will do
    assert LeakyReLU(1) == LeakyReLU(1.0)
    assert hash(LeakyReLU(1)) == hash(LeakyReLU(1.0))


@pytest.mark.parametrize(("kind", "argument"), [(LeakyReLU, "slope"), (ELU, "alpha")])
@pytest.mark.parametrize(
    ("value", "error", "got"),
    [
        (-1, InvalidValueError, r"at least 0, got -1\.0\b"),
        (-1e-300, InvalidValueError, r"at least 0, got -1e-300"),
        (math.nan, InvalidValueError, "finite number, got nan"),
        (math.inf, InvalidValueError, "finite number, got inf"),
        (-math.inf, InvalidValueError, "finite number, got -inf"),
        ("0.1", InvalidTypeError, "a number, got '0.1'"),
        (None, InvalidTypeError, "a number, got None"),
        (True, InvalidTypeError, "a number, got True"),
        ([0.1], InvalidTypeError, "a number, got a list of length 1"),
        (np.array([0.1]), InvalidTypeError, r"a number, got an array of shape \(1,\)"),
        (1j, InvalidTypeError, "a number, got 1j"),
    ],
)
def test_bad_parameters_are_refused(
    kind: Callable[..., Activation], argument: str, value: object, error: type[MinigridError], got: str
) -> None:
    with pytest.raises(error, match=f"^{argument}: expected .*{got}"):
        kind(value)
    with pytest.raises(error, match=f"^{argument}: expected .*{got}"):
        kind(**{argument: value})


# What a user's own class may leave to the base --------------------------------------------------


@final
class NoLimits(Activation):
    """Monotonic, and NaN at plus and minus infinity."""

    monotonic = True

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.where(np.isfinite(z), z, np.nan) * 2.0


def test_an_activation_that_declares_nothing_is_bounded_by_nothing() -> None:
    assert wave.monotonic is False
    low, high = wave.bounds(np.array([[0.0, 1.0]]), np.array([[1.0, np.inf]]))
    np.testing.assert_array_equal(low, [[-np.inf, -np.inf]])
    np.testing.assert_array_equal(high, [[np.inf, np.inf]])


def test_a_monotonic_activation_is_bounded_by_its_outputs_at_the_ends() -> None:
    low, high = Staircase().bounds(np.array([-1.5, 0.0]), np.array([0.5, np.inf]))
    np.testing.assert_array_equal(low, [-0.5, 0.0])
    np.testing.assert_array_equal(high, [0.0, 12.5])
    for own in (Staircase(), cube):
        assert_truthful(own, np.array([-3.0, -0.2, -np.inf]), np.array([5.0, 0.3, np.inf]))


def test_an_end_without_an_output_bounds_nothing() -> None:
    low, high = NoLimits().bounds(np.array([-np.inf, 1.0]), np.array([2.0, np.inf]))
    np.testing.assert_array_equal(low, [-np.inf, 2.0])
    np.testing.assert_array_equal(high, [4.0, np.inf])


# What the built-in ones are called with ---------------------------------------------------------


@every_built_in
def test_numbers_of_many_kinds_are_taken(built_in: Activation) -> None:
    call: Any = built_in
    z = np.array([-1.5, 0.0, 2.0])
    expected = built_in(z)
    for same in (z.tolist(), tuple(z), z.astype(np.float32), z.astype(">f8"), z.astype(np.longdouble)):
        assert same_bits(call(same), expected)
    assert same_bits(call([1, 2, 3]), built_in(np.array([1.0, 2.0, 3.0])))
    assert same_bits(call(2.0), np.asarray(expected[2]))
    assert same_bits(call(np.array(2.0)), np.asarray(expected[2]))
    low, high = call.bounds([-1, 0], [0, 1])
    assert same_bits(low, built_in.bounds(np.array([-1.0, 0.0]), np.array([0.0, 1.0]))[0])
    assert low.shape == high.shape == (2,)


@every_built_in
@pytest.mark.parametrize("wrong", ["0.5", 1j, [1j], ["a"], None, [[1.0], [1.0, 2.0]], np.array([None])], ids=repr)
def test_what_is_no_number_is_refused(built_in: Activation, wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^z: expected"):
        built_in(wrong)
    with pytest.raises(InvalidTypeError, match=r"^lower: expected"):
        built_in.bounds(wrong, np.zeros(1))
    with pytest.raises(InvalidTypeError, match=r"^upper: expected"):
        built_in.bounds(np.zeros(1), wrong)
    with pytest.raises(MinigridError, match=r"^upper: expected an array of the shape of lower, \(1,\), got \(2,\)"):
        built_in.bounds(np.zeros(1), np.zeros(2))


def test_float64_arrays_are_not_copied() -> None:
    z = np.ones(3)
    assert _as_sums(z, "z") is z


# Functions made into activations ----------------------------------------------------------------


def bent(z: FloatArray) -> FloatArray:
    return np.abs(z)


def bent_bounds(lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.zeros_like(lower), np.maximum(np.abs(lower), np.abs(upper))


def test_a_function_activation_calls_the_function() -> None:
    z = np.array([-2.0, 0.5])
    assert FunctionActivation(bent)(z).tolist() == [2.0, 0.5]
    assert FunctionActivation(bent).monotonic is False
    assert FunctionActivation(bent).name == "bent"
    assert FunctionActivation(np.arctan, monotonic=True).monotonic is True
    assert isinstance(FunctionActivation(bent), Activation)


def test_a_function_activation_is_bounded_as_told() -> None:
    lower, upper = np.array([-3.0]), np.array([2.0])
    low, high = FunctionActivation(bent, bounds=bent_bounds).bounds(lower, upper)
    assert (low.tolist(), high.tolist()) == ([0.0], [3.0])
    low, high = FunctionActivation(bent).bounds(lower, upper)
    assert (low.tolist(), high.tolist()) == ([-np.inf], [np.inf])
    low, high = FunctionActivation(np.arctan, monotonic=True).bounds(lower, upper)
    assert (low.tolist(), high.tolist()) == (np.arctan([-3.0]).tolist(), np.arctan([2.0]).tolist())


def test_the_decorator_with_and_without_arguments() -> None:
    @activation
    def plain(z: FloatArray) -> FloatArray:
        return z + 1.0

    @activation()
    def empty(z: FloatArray) -> FloatArray:
        return z + 2.0

    @activation(monotonic=True)
    def rising(z: FloatArray) -> FloatArray:
        return z + 3.0

    @activation(bounds=bent_bounds)
    def bounded(z: FloatArray) -> FloatArray:
        return np.abs(z)

    assert all(isinstance(made, FunctionActivation) for made in (plain, empty, rising, bounded))
    assert [one(made, 1.0) for made in (plain, empty, rising, bounded)] == [2.0, 3.0, 4.0, 1.0]
    assert [made.monotonic for made in (plain, empty, rising, bounded)] == [False, False, True, False]
    assert bounded.bounds(np.array([-3.0]), np.array([2.0]))[1].tolist() == [3.0]
    assert plain.bounds(np.array([-3.0]), np.array([2.0]))[1].tolist() == [np.inf]
    assert [repr(made) for made in (plain, empty, rising, bounded)] == [
        "FunctionActivation(plain)",
        "FunctionActivation(empty)",
        "FunctionActivation(rising, monotonic=True)",
        "FunctionActivation(bounded, bounds=bent_bounds)",
    ]


def test_the_decorator_called_with_a_function_and_arguments_at_once_drops_none_of_them() -> None:
    make: Any = activation
    made = make(np.arctan, monotonic=True)
    assert made == FunctionActivation(np.arctan, monotonic=True)


def test_function_activations_are_equal_by_function_and_promises() -> None:
    assert FunctionActivation(bent) == FunctionActivation(bent)
    assert hash(FunctionActivation(bent)) == hash(FunctionActivation(bent))
    others = [
        FunctionActivation(np.abs),
        FunctionActivation(bent, monotonic=True),
        FunctionActivation(bent, bounds=bent_bounds),
    ]
    assert len({FunctionActivation(bent), *others}) == 4
    assert FunctionActivation(bent) != bent
    assert FunctionActivation(np.tanh) != Tanh()


def test_function_activations_of_unnamed_callables_have_a_readable_repr() -> None:
    assert (
        repr(FunctionActivation(functools.partial(np.clip, a_min=0.0, a_max=1.0)))
        == "FunctionActivation(partial(clip, a_min=0.0, a_max=1.0))"
    )
    assert repr(FunctionActivation(lambda z: z)) == "FunctionActivation(<lambda>)"
    assert repr(FunctionActivation(np.arctan)) == "FunctionActivation(arctan)"


def test_function_activations_cannot_be_changed() -> None:
    made: Any = FunctionActivation(bent)
    for name in ["monotonic", "_function", "anything"]:
        with pytest.raises(AttributeError, match=name):
            setattr(made, name, True)
        with pytest.raises(AttributeError, match=name):
            delattr(made, name)
    assert made.monotonic is False
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(
    "made",
    [
        FunctionActivation(bent),
        FunctionActivation(np.arctan, monotonic=True),
        FunctionActivation(bent, monotonic=False, bounds=bent_bounds),
    ],
    ids=repr,
)
def test_function_activations_can_be_copied_and_pickled(made: FunctionActivation) -> None:
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert other == made
        assert other.monotonic is made.monotonic
        assert same_bits(other(np.array([-1.5])), made(np.array([-1.5])))
        assert same_bits(
            other.bounds(np.array([-1.0]), np.array([3.0]))[1], made.bounds(np.array([-1.0]), np.array([3.0]))[1]
        )


@pytest.mark.parametrize("own", OWN, ids=repr)
def test_a_users_own_activations_can_be_copied_and_pickled(own: Activation) -> None:
    # A decorated function's name leads to the activation, not to the function that pickle looks for.
    assert copy.copy(own) == own
    assert copy.deepcopy(own) == own
    assert pickle.loads(pickle.dumps(own)) == own


@pytest.mark.parametrize(
    ("thing", "got"),
    [
        (5, "got 5"),
        ("tanh", "got 'tanh'"),
        (None, "got None"),
        (Sigmoid, "got the class Sigmoid itself"),
        (Sigmoid(), "got an object of type Sigmoid"),
        (np.array([1.0]), "got an array"),
    ],
)
def test_what_is_no_function_is_not_made_into_an_activation(thing: object, got: str) -> None:
    wrong: Any = thing
    with pytest.raises(InvalidTypeError, match=f"^function: expected a function of arrays, {got}.*np.arctan"):
        FunctionActivation(wrong)
    with pytest.raises(InvalidTypeError, match=f"^function: expected a function of arrays, {got}"):
        activation(monotonic=True)(wrong)
    if thing is not None:
        with pytest.raises(InvalidTypeError, match=rf"^bounds: expected a function of \(lower, upper\), {got}.*least"):
            FunctionActivation(bent, bounds=wrong)
        with pytest.raises(InvalidTypeError, match=f"^function: expected a function of arrays, {got}"):
            activation(wrong)


# Classes without ceremony ----------------------------------------------------------------------


class Bare(Activation):
    """A user's class without parameters."""

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.abs(z)


class Other(Bare):
    """Another, to tell from it."""


class Assembled(Activation):
    """A user's class with a constructor of its own, that holds an array and a secret."""

    def __init__(self, height: float, places: list[float]) -> None:
        self.height = height
        self.places = np.array(places)
        self._cache = 0

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self.height * np.interp(z, self.places, np.arange(len(self.places)))


class Slotted(Activation):
    """A user's class with slots."""

    __slots__ = ("height",)

    def __init__(self, height: float) -> None:
        self.height = height

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self.height * z


def test_a_class_without_ceremony_is_a_value_too() -> None:
    assert Bare() == Bare()
    assert Bare() != Other()
    assert Bare() != "Bare()"
    assert len({Bare(), Bare(), Other()}) == 2
    assert repr(Bare()) == "Bare()"
    assert Assembled(2.0, [0.0, 1.0]) == Assembled(2.0, [0.0, 1.0])
    assert Assembled(2.0, [0.0, 1.0]) != Assembled(2.0, [0.0, 2.0])
    assert hash(Assembled(2.0, [0.0, 1.0])) == hash(Assembled(2.0, [0.0, 1.0]))
    assert repr(Assembled(2.0, [0.0, 1.0])) == "Assembled(height=2.0, places=array([0., 1.]))"
    assert Slotted(2.0) == Slotted(2.0) != Slotted(3.0)
    assert repr(Slotted(2.0)) == "Slotted(height=2.0)"
    assert pickle.loads(pickle.dumps(Slotted(2.0))) == Slotted(2.0)
    parts: Any = [np.arange(2.0), np.arange(3.0)]
    copies: Any = [part.copy() for part in parts]
    assert Slotted(parts) == Slotted(parts)
    assert Slotted(parts) != Slotted(copies)  # no saying, and no error either
    assert "Slotted(height=2.0)" in Network.dense([2, 1], activation=Slotted(2.0)).summary()


# The guard --------------------------------------------------------------------------------------


def writes(z: FloatArray) -> FloatArray:
    z += 1.0
    return z


def writes_one(z: FloatArray) -> FloatArray:
    z[z < 0.0] = 0.0
    return z


def writes_out(z: FloatArray) -> FloatArray:
    return np.exp(z, out=z)


def sorts_in_place(z: FloatArray) -> FloatArray:
    z.sort()
    return z


def raises(z: FloatArray) -> FloatArray:
    raise KeyError("no such table")


def takes_two(*sums: FloatArray) -> FloatArray:
    z, other = sums
    return z + other


def divides(z: FloatArray) -> FloatArray:
    return z * (1 // 0)


# Functions that break the contract on any array: what the message says of what came, and of how to mend it.
BROKEN: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "sums up": (lambda z: np.sum(z), "np.float64", "no np.sum"),
    "keeps one dimension": (lambda z: z.mean(keepdims=True), "an array of shape", "element by element"),
    "returns float32": (lambda z: z.astype(np.float32), "dtype float32", r"\.astype\(np\.float64\)"),
    "returns ints": (lambda z: z.astype(np.int64), "dtype int64", r"\.astype\(np\.float64\)"),
    "returns booleans": (lambda z: z > 0.0, "dtype bool", r"\.astype\(np\.float64\)"),
    "returns complex numbers": (lambda z: z * 1j, "dtype complex128", r"\.astype\(np\.float64\)"),
    "returns objects": (lambda z: z.astype(object), "dtype object", r"\.astype\(np\.float64\)"),
    "returns the other byte order": (lambda z: z.astype(">f8"), "dtype >f8", r"\.astype\(np\.float64\)"),
    "returns a list": (lambda z: z.tolist(), "a list of length", "element by element"),
    "returns a float": (lambda z: 1.0, "got 1.0", "element by element"),
    "returns nothing": (lambda z: None, "got None", "a return is missing"),
    "returns text": (lambda z: "high", "got 'high'", "element by element"),
    "returns a new axis": (lambda z: z[..., np.newaxis], "an array of shape", "element by element"),
    "returns two rows": (lambda z: np.stack([z, z]), "an array of shape", "element by element"),
    "drops one": (lambda z: z.ravel()[:-1], "an array of shape", "element by element"),
    "takes a root of what is negative": (lambda z: np.sqrt(z), "NaN for z = -", "finite for every finite z"),
    "takes the logarithm of what is negative": (lambda z: np.log(z), "NaN for z = -", "np.where"),
    "returns a masked array": (lambda z: MASKED(z, mask=z < 0.0), "", ""),
    "raises": (raises, "KeyError: 'no such table'", "new array"),
    "divides by zero": (divides, "ZeroDivisionError", "new array"),
    "wants two arguments": (takes_two, "ValueError: not enough values", "new array"),
    "writes into its argument": (writes, "writes into its argument", "new array"),
    "writes into part of its argument": (writes_one, "writes into its argument", "new array"),
    "writes its output into its argument": (writes_out, "writes into its argument", "new array"),
    "sorts its argument": (sorts_in_place, "writes into its argument", "new array"),
}  # fmt: skip

# Functions whose outputs have the right shape and depend on the other elements.
CROSSED: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(),
    "softmax over the last axis": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
    "centred": lambda z: z - z.mean(),
    "below the largest": lambda z: z - z.max(),
    "normalised": lambda z: z / (1.0 + np.linalg.norm(z)),
    "running sum": lambda z: np.cumsum(z).reshape(z.shape),
    "shifted": lambda z: np.roll(z, 1),
    "reversed": lambda z: z.ravel()[::-1].reshape(z.shape),
    "weighted by position": lambda z: z * np.arange(z.size).reshape(z.shape),
    "the mean everywhere": lambda z: np.full_like(z, z.mean()),
    "sorted": lambda z: np.sort(z),
    "running maximum": lambda z: np.maximum.accumulate(z),
}


KEPT: list[FloatArray] = []


def keeps(z: FloatArray) -> FloatArray:
    KEPT.append(z)
    return np.tanh(z)


def keeps_a_part(z: FloatArray) -> FloatArray:
    KEPT.append(z[..., :1])
    return np.tanh(z)


def keeps_in_a_circle(z: FloatArray) -> FloatArray:
    circle: list[object] = [z]
    circle.append(circle)  # nothing leads to it, so it is as good as let go
    return np.tanh(z)


def takes_the_mark_off(z: FloatArray) -> FloatArray:
    z.flags.writeable = True
    z += 1.0
    return np.tanh(z)


def random_outputs(z: FloatArray) -> FloatArray:
    return z + np.random.default_rng().normal(size=z.shape)


def overflows_far_out(z: FloatArray) -> FloatArray:
    outputs: FloatArray = np.exp(z) / (1.0 + np.exp(z))
    return outputs


# Functions that only a probe can find: on arrays of the right kind they return what they should.
SLY: dict[str, tuple[Callable[[FloatArray], FloatArray], str]] = {
    "keeps its argument": (keeps, "leaves z alone, got one that keeps a reference to its argument. Keep a copy"),
    "keeps part of it": (keeps_a_part, "got one that keeps a reference to its argument"),
    "takes the mark off": (takes_the_mark_off, "leaves z alone, got one that writes into its argument"),
    "is random": (random_outputs, "got other outputs for the same z. Let it depend on z alone"),
}


@pytest.mark.parametrize("sly", SLY)
def test_a_function_that_is_sly_is_found_by_the_probe(sly: str) -> None:
    function, got = SLY[sly]
    guarded = named(function, "my_function")
    pattern = rf"^activation FunctionActivation\(my_function\): expected .*elementwise.*{got}"
    with pytest.raises(ActivationError, match=pattern):
        probe_activation(guarded)
    with pytest.raises(ActivationError, match=pattern):
        GridSearchTrainer(Grid([1.0, 2.0])).fit(Network.dense([1, 1], activation=guarded), [[-3.0], [1.0]], [0, 1])


def complaint(own: Activation) -> str:
    """What the probe finds wrong; nothing of an honest activation."""
    try:
        probe_activation(own)
    except ActivationError as error:
        return str(error)
    return ""


def test_what_is_let_go_in_the_end_is_not_kept() -> None:
    assert complaint(FunctionActivation(keeps_in_a_circle)) == ""
    assert complaint(FunctionActivation(lambda z: z)) == ""  # returned, and nowhere kept
    assert complaint(FunctionActivation(takes_the_mark_off)) != ""


@pytest.mark.parametrize("sizes", [[2, 1], [2, 2, 1]], ids=str)
def test_a_function_that_fails_far_out_is_found_before_the_search(sizes: list[int]) -> None:
    heard: list[object] = []
    far = Network.dense(
        sizes,
        activation=FunctionActivation(overflows_far_out),
        output_activation=FunctionActivation(overflows_far_out),
        bias=True,
    )
    X, y = [[0.5, -0.5], [0.2, -0.9], [0.0, 0.1]], [0, 1, 1]
    GridSearchTrainer(Grid([-200.0, 200.0])).fit(far, X, y)
    with pytest.raises(ActivationError, match=r"got NaN for z = \d+\.\d+\. Make it finite for every finite z"):
        GridSearchTrainer(Grid([-600.0, 600.0]), callbacks=[heard.append]).fit(far, X, y)
    assert not heard


def test_a_call_of_another_shape_is_mended_by_taking_one_array() -> None:
    two_at_once: Any = lambda z, other: z + other  # noqa: E731  # annotated, as it is wrong on purpose
    with pytest.raises(ActivationError, match=r"missing 1 required positional argument.*Let it take one array"):
        probe_activation(FunctionActivation(two_at_once))


def named(function: Callable[[Any], Any], name: str) -> FunctionActivation:
    def wrapped(z: FloatArray) -> Any:
        return function(z)

    wrapped.__name__ = name
    return FunctionActivation(wrapped)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_function_that_breaks_the_contract_is_named(broken: str) -> None:
    function, got, mend = BROKEN[broken]
    guarded = named(function, "my_function")
    pattern = (
        rf"(?s)^activation FunctionActivation\(my_function\): expected a float64 array .*elementwise.*{got}.*{mend}"
    )
    for z in (np.array([-3.0, 1.0, 2.0]), np.array([[-3.0, 1.0], [2.0, 0.5], [1.0, 4.0]])):
        with pytest.raises(ActivationError, match=pattern) as caught:
            apply_activation(guarded, z)
        assert isinstance(caught.value, ValueError)
    with pytest.raises(ActivationError, match=pattern):
        probe_activation(guarded)
    network = Network.dense([1, 1], activation=guarded).with_parameters([1.0])
    with pytest.raises(ActivationError, match=pattern):
        network([[-3.0], [1.0], [2.0]])
    with pytest.raises(ActivationError, match="my_function"):
        GridSearchTrainer(Grid([1.0, 2.0])).fit(network, [[-3.0], [1.0], [2.0]], [0, 1, 1])


def test_the_original_error_is_kept_as_the_cause() -> None:
    with pytest.raises(ActivationError) as caught:
        apply_activation(FunctionActivation(raises), np.array([1.0]))
    assert isinstance(caught.value.__cause__, KeyError)


def test_the_expected_shape_is_in_the_message() -> None:
    with pytest.raises(ActivationError, match=r"z's shape \(2, 3\)"):
        apply_activation(FunctionActivation(np.ravel), np.zeros((2, 3)))


@pytest.mark.parametrize("crossed", CROSSED)
def test_a_function_that_mixes_elements_is_found_by_the_probe(crossed: str) -> None:
    guarded = named(CROSSED[crossed], "my_function")
    pattern = (
        r"^activation FunctionActivation\(my_function\): expected .*elementwise, got outputs that change with the other"
    )
    with pytest.raises(ActivationError, match=pattern):
        probe_activation(guarded)
    network = Network.dense([1, 1], activation=guarded)
    with pytest.raises(ActivationError, match="my_function"):
        GridSearchTrainer(Grid([1.0, 2.0])).fit(network, [[-3.0], [1.0], [2.0]], [0, 1, 1])


@pytest.mark.parametrize(
    "falling",
    [np.cos, np.negative, bent, lambda z: np.where(z > 29.0, 0.0, 1.0), lambda z: -1e-6 * z, lambda z: 1e9 - 0.01 * z],
)
def test_a_false_promise_to_be_monotonic_is_found_by_the_probe(falling: Callable[[FloatArray], FloatArray]) -> None:
    guarded = FunctionActivation(falling, monotonic=True)
    pattern = r"^activation FunctionActivation\(.+, monotonic=True\): expected outputs that never fall.*Drop monotonic"
    with pytest.raises(ActivationError, match=pattern):
        probe_activation(guarded)
    with pytest.raises(ActivationError, match=pattern):
        GridSearchTrainer(Grid([1.0, 2.0])).fit(Network.dense([1, 1], activation=guarded), [[-3.0], [1.0]], [0, 1])
    probe_activation(FunctionActivation(falling))


@pytest.mark.parametrize("wrong", ["yes", None, 1])
def test_a_promise_is_true_or_false(wrong: Any) -> None:
    class Own(Activation):
        monotonic = wrong

        @override
        def __call__(self, z: FloatArray, /) -> FloatArray:
            return z + 1.0

    with pytest.raises(InvalidTypeError, match=r"^monotonic of activation .*: expected True or False"):
        probe_activation(Own())
    with pytest.raises(InvalidTypeError, match=r"^monotonic: expected True or False"):
        FunctionActivation(np.arctan, monotonic=wrong)


def test_a_subclass_of_a_final_activation_is_refused() -> None:
    class Steep(Sigmoid):  # type: ignore[misc]  # it is final
        monotonic = False

    with pytest.raises(ActivationError, match=r"expected a built-in one as it is, got a subclass.*hold a Sigmoid"):
        GridSearchTrainer(Grid([1.0, 2.0])).fit(Network.dense([1, 1], activation=Steep()), [[-3.0], [1.0]], [0, 1])


@pytest.mark.parametrize("honest", [*BUILT_IN, *OWN], ids=repr)
def test_honest_activations_pass_the_probe(honest: Activation) -> None:
    assert complaint(honest) == ""


def steep(z: FloatArray) -> FloatArray:
    return np.exp(z) * 1e300


RISING: list[Callable[[FloatArray], FloatArray]] = [np.exp, np.sinh, np.expm1, np.cbrt, np.rint, steep]


@pytest.mark.parametrize("rising", RISING, ids=lambda function: str(function.__name__))
def test_honest_functions_that_overflow_pass_the_probe_silently(rising: Callable[[FloatArray], FloatArray]) -> None:
    assert complaint(FunctionActivation(rising, monotonic=True)) == ""


def test_the_guard_lets_infinities_and_what_comes_of_them_pass() -> None:
    with silence():
        assert apply_activation(FunctionActivation(np.exp), np.array([1e3, -np.inf])).tolist() == [np.inf, 0.0]
        np.testing.assert_array_equal(apply_activation(Sine(), np.array([np.inf, 0.0])), [np.nan, 0.0])
        np.testing.assert_array_equal(
            apply_activation(FunctionActivation(np.sin), np.array([np.nan, 0.0])), [np.nan, 0.0]
        )


def test_the_guard_returns_what_the_activation_returned() -> None:
    z = np.linspace(-2.0, 2.0, 12).reshape(3, 4)
    for honest in [*BUILT_IN, *OWN]:
        assert same_bits(apply_activation(honest, z.copy()), honest(z))


def test_a_users_class_is_guarded_like_a_function() -> None:
    @final
    @dataclass(frozen=True)
    class Halved(Activation):
        size: int = 2

        @override
        def __call__(self, z: FloatArray, /) -> FloatArray:
            return z[: len(z) // self.size]

    with pytest.raises(
        ActivationError, match=r"activation .*Halved\(size=2\): expected .* got an array of shape \(2,\)"
    ):
        apply_activation(Halved(), np.zeros(4))


@pytest.mark.parametrize("sizes", [[2, 3, 1], [2, 1], [2, 3, 2]], ids=str)
def test_an_activation_may_return_an_array_that_it_fills_again(sizes: list[int]) -> None:
    X = np.random.default_rng(1).normal(size=(40, 2))
    y = (X[:, 0] > 0.2).astype(int)
    plain, buffered = (Network.dense(sizes, activation=kind) for kind in (FunctionActivation(np.arctan), Buffered()))
    parameters = np.linspace(-1.0, 2.0, plain.n_parameters)
    expected = plain.with_parameters(parameters)(X)
    assert same_bits(buffered.with_parameters(parameters)(X), expected)
    scores = set()
    for engine in ("reference", "batched", "auto", "exact"):
        trainer = GridSearchTrainer(Grid([-1.0, 0.5]), engine=engine)
        for network in (plain, buffered):
            result = trainer.fit(network, X, y)
            scores.add((result.index, result.score))
    assert len(scores) == 1


def test_the_bounds_of_an_activation_that_fills_its_array_again_are_true() -> None:
    low, high = Buffered().bounds(np.array([-1.0, 0.0]), np.array([1.0, 2.0]))
    assert low.tolist() == np.arctan([-1.0, 0.0]).tolist()
    assert high.tolist() == np.arctan([1.0, 2.0]).tolist()
    probe_activation(Buffered())
    check_bounds(Buffered(), np.linspace(-2.0, 2.0, 9))
