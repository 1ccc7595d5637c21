"""Every activation's bounds hold for the floats that it returns, and it is as monotonic as it declares."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrid import (
    Activation,
    Gaussian,
    HardSigmoid,
    HardTanh,
    ReLU,
    Sigmoid,
    Sine,
    Softplus,
    Softsign,
    Step,
    Tanh,
)
from tests.activations.formulas import FOLDED, PEAKS
from tests.activations.helpers import (
    LARGEST,
    SMALLEST,
    all_magnitudes,
    assert_truthful,
    every_built_in,
    same_bits,
    stepped,
)
from tests.problems import BUILT_IN
from tests.profile import examples

# Bounds -----------------------------------------------------------------------------------------

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


@every_built_in
@examples(70)
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
    # If the last bits of an output go up and down, the ends of an interval alone do not bound it.
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
    # There, floats are so far apart that the phase of a sine is uncertain.
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
@examples(40)
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
