"""Activations are values, accept all numbers, and inherit what a custom class does not define."""

import copy
import itertools
import math
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any, final

import numpy as np
import pytest
from typing_extensions import override

import minigrid
from minigrid import (
    ELU,
    Activation,
    InvalidTypeError,
    InvalidValueError,
    LeakyReLU,
    MinigridError,
    Sigmoid,
)
from minigrid._base.typing import FloatArray
from minigrid.activations.base import _as_sums
from tests.activations.helpers import assert_truthful, every_built_in, one, same_bits
from tests.problems import BUILT_IN, Staircase, cube, wave

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


# What a custom class may leave to the base ------------------------------------------------------


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
