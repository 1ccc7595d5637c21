"""The outputs of every activation equal its formula, are finite for finite sums, and work element by element."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minigrid
from minigrid import (
    ELU,
    GELU,
    Activation,
    FunctionActivation,
    Gaussian,
    LeakyReLU,
    Sigmoid,
    SiLU,
    Sine,
    Softplus,
    Softsign,
    Tanh,
)
from minigrid.activations.names import ACTIVATIONS
from tests.activations.formulas import TABLE, plain_gelu
from tests.activations.helpers import LARGEST, SMALLEST, all_magnitudes, every_built_in, one, same_bits, silence
from tests.problems import BUILT_IN
from tests.profile import examples

# Values -----------------------------------------------------------------------------------------


FORMULAS = [(row.activation, row.formula, row.tolerance) for row in TABLE]
LIMITS = [(row.activation, *row.limits) for row in TABLE]


def test_every_built_in_activation_has_a_formula_here() -> None:
    kinds_here = dict.fromkeys(type(row.activation) for row in TABLE)
    assert list(kinds_here) == [type(ACTIVATIONS.make(name)) for name in ACTIVATIONS.built_in]
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


@examples(300)
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
@examples(40)
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
