"""Activations that wrap a function, and simple custom classes."""

import copy
import functools
import pickle
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Activation,
    FunctionActivation,
    InvalidTypeError,
    Network,
    Sigmoid,
    Tanh,
    activation,
)
from minigrid._base.typing import FloatArray
from tests.activations.helpers import bent, one, same_bits
from tests.problems import OWN

# Activations that wrap a function ---------------------------------------------------------------


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


# Simple custom classes --------------------------------------------------------------------------


class Bare(Activation):
    """A user's class without parameters."""

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.abs(z)


class Other(Bare):
    """Another class, which must not equal it."""


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
    assert Slotted(parts) != Slotted(copies)  # the answer does not matter, but there is no error
    assert "Slotted(height=2.0)" in Network.dense([2, 1], activation=Slotted(2.0)).summary()
