"""The guard around custom activations names what breaks the contract, and accepts what keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytest
from typing_extensions import override

from minigrid import (
    Activation,
    ActivationError,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    Network,
    Sigmoid,
    Sine,
)
from minigrid._base.typing import FloatArray
from minigrid.activations.guard import apply_activation, check_bounds, probe_activation
from tests.activations.helpers import MASKED, bent, same_bits, silence
from tests.problems import BUILT_IN, OWN, Buffered

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


# Functions that break the contract on any array, and what the message says about their outputs and the fix.
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
    circle.append(circle)  # only its own cycle refers to it, so it will be freed
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


# Functions that only a probe finds: for ordinary arrays they return correct outputs.
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
    """Return what the probe finds wrong, or nothing."""
    try:
        probe_activation(own)
    except ActivationError as error:
        return str(error)
    return ""


def test_what_is_let_go_in_the_end_is_not_kept() -> None:
    assert complaint(FunctionActivation(keeps_in_a_circle)) == ""
    assert complaint(FunctionActivation(lambda z: z)) == ""  # returned, but not kept
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


def test_a_call_of_another_shape_is_fixed_by_taking_one_array() -> None:
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
    function, got, fix = BROKEN[broken]
    guarded = named(function, "my_function")
    pattern = (
        rf"(?s)^activation FunctionActivation\(my_function\): expected a float64 array .*elementwise.*{got}.*{fix}"
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


@pytest.mark.parametrize("sizes", [[2, 3, 1], [2, 1], [2, 2, 2]], ids=str)
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
