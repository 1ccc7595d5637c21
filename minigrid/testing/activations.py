"""Does an activation do what it declares? Tried on many sums, among them zeros, subnormals and 1e308."""

import dataclasses
import math
from typing import Any

import numpy as np

from minigrid._base.text import message, shown
from minigrid._base.typing import FloatArray, RegisteredName
from minigrid._base.validation import as_flag
from minigrid.activations import Activation
from minigrid.activations.builtin import ActivationName
from minigrid.activations.guard import (
    apply_activation,
    bound_activation,
    check_bounds,
    check_equality,
    check_held,
    check_lets_go,
    not_monotonic,
    probe_activation,
    slack,
)
from minigrid.exceptions import ActivationError
from minigrid.model.neuron import as_activation
from minigrid.testing.values import check_value

_LARGEST = float(np.finfo(np.float64).max)
_SHAPES = [(1,), (7,), (3, 5), (2, 1), (1, 4), (2, 3, 4), (3, 1, 2, 2), (1000,), (40, 30), (0,), (0, 3), (2, 0, 4)]
_CONSTANTS = [math.pi, math.e, math.sqrt(2.0), math.sqrt(math.pi), math.log(2.0), (1.0 + math.sqrt(5.0)) / 2.0]
_SIMPLE = [1 / 3, 0.1, 0.2, 1 / 7, 1 / 9, 0.01, 0.05, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15]


def check_activation(activation: ActivationName | RegisteredName | Activation, *, picklable: bool = True) -> None:
    """Check that an activation keeps all promises that minigrid relies on.

    It must return a float64 array of z's shape, element by element, finite for finite z, and the same for the same z.
    It must not change z or keep it. It must be monotonic if it declares so, and stay within its own bounds. It must
    equal its copies, be hashable and picklable, and have a repr that recreates it.

    Args:
        activation: a built-in or custom activation, or its name.
        picklable: False skips the check that it can be pickled. Pass it if you define it inside a function.

    Raises:
        InvalidTypeError: it is not an activation, or its ``monotonic`` is neither True nor False.
        UnknownNameError: no activation has the name that you gave.
        ActivationError: it breaks its contract; the message says how, where, and how to fix it.

    Example:
        >>> from minigrid import FunctionActivation, Sigmoid
        >>> check_activation(Sigmoid())
        >>> check_activation(FunctionActivation(np.square))
        Traceback (most recent call last):
        ...
        minigrid.exceptions.ActivationError: activation FunctionActivation(square): expected finite outputs for every
        finite z, got inf for z = -1.7976931348623157e+308. Cut z off first, as np.clip(z, -1e100, 1e100) does.
    """
    fix = "Pass an object such as Sigmoid(), not its class; make a function into one with @activation."
    activation = as_activation(activation, "activation", fix)
    what = f"activation {shown(activation)}"
    picklable = as_flag(picklable, "picklable")
    with np.errstate(all="ignore"):
        probe_activation(activation)
        _check_layouts(activation, what)
        z = adversarial_sums()
        outputs = apply_activation(activation, z.copy()).copy()  # an activation may reuse its array
        _check_finite(what, z, outputs)
        _check_elementwise(activation, what, z, outputs)
        if activation.monotonic:
            _check_monotonic(activation, z, outputs)
        check_bounds(activation, z)
        _check_far_bounds(activation, z, outputs)
        _check_bounds_elementwise(activation, what, z)
        _check_differs(activation)
    check_value(activation, what, ActivationError, picklable=picklable)


def adversarial_sums() -> FloatArray:
    """Return the sums that are tried, sorted, -0.0 before 0.0: shape (n,).

    They are dense up to 40, and also lie where functions often change: at whole numbers, halves, eighths, simple
    fractions, powers of ten, and constants such as pi, each with the floats next to it.
    """
    powers = np.ldexp(1.0, np.arange(-1074, 1024))  # from the least subnormal on
    corners = np.concatenate(
        [
            np.arange(0.0, 20.0625, 0.125),
            np.arange(21.0, 1001.0),
            np.outer([1.0, 0.5, 2.0, 1 / 3, 1.5, 10.0], [*_CONSTANTS, *_SIMPLE]).ravel(),
            np.arange(1.0, 100.0) / 3.0,
            np.arange(1.0, 1000.0) / 10.0,
            *(np.arange(1.0, 33.0) * constant for constant in (math.pi, math.pi / 2.0, math.e)),
            [*(10.0**power for power in range(3, 309)), 0.7978845608028654, 1.0507009873554805, 1.6732632423543772],
        ]
    )
    near = [corners * (1.0 + way * step) for way in (-1.0, 1.0) for step in (1e-12, 1e-9, 1e-6)]
    sizes = np.concatenate(
        [
            *(np.nextafter(points, towards) for points in (powers, corners) for towards in (0.0, np.inf)),
            *(near_some[np.isfinite(near_some)] for near_some in near),
            *(powers, 1.5 * powers[1:-1], corners, [0.0, 1e308, _LARGEST, 2.2250738585072014e-308]),
            *(np.abs(np.random.default_rng(0).normal(scale=scale, size=500)) for scale in (1.0, 30.0, 1e4)),
            np.linspace(0.0, 40.0, 40_001),
            np.linspace(40.0, 1000.0, 4_001),
        ]
    )
    positive = np.unique(sizes)
    return np.concatenate([-positive[::-1], positive])  # ends with -0.0, begins with 0.0


def _check_layouts(activation: Activation, what: str) -> None:
    """Compare arrays of many shapes, also in column order or with gaps, with the same sums in a row."""
    for shape in _SHAPES:
        z = np.linspace(-2.0, 3.0, math.prod(shape)).reshape(shape)
        row = apply_activation(activation, z.ravel().copy()).copy().reshape(shape)
        _compare(what, z, row, apply_activation(activation, z.copy()), f"in an array of shape {shape}", exact=True)
        check_lets_go(activation, z.copy())
        gaps = np.repeat(z, 2, axis=-1)[..., ::2]
        for layout, how in ((np.asfortranarray(z), "column by column"), (gaps, "with gaps in between")):
            again = apply_activation(activation, layout)
            _compare(what, z, row, again, f"in an array of shape {shape} laid out {how}", exact=False)


def _compare(what: str, z: FloatArray, expected: FloatArray, got: FloatArray, how: str, *, exact: bool) -> None:
    """Compare the outputs of one call with those of the same sums in a row.

    NumPy uses other instructions for other memory layouts, so last bits may differ there. Engines pass contiguous
    arrays.
    """
    wrong = got != expected if exact else np.abs(got - expected) > slack(expected)
    if wrong.any():
        here, at, same = (float(numbers[wrong][0]) for numbers in (got, z, expected))
        what_came = f"{here!r} for z = {at!r} {how}, and {same!r} for the same sums in a row"
        fix = "Work element by element on z as it is: no sorting, no order of your own in memory."
        same_sums = "the same outputs for the same sums, whatever the shape and layout of z"
        raise ActivationError(message(what, same_sums, what_came, fix))


def _check_differs(activation: Activation) -> None:
    """Change the fields of a dataclass one by one: activations that are still equal must have the same outputs."""
    thing: Any = activation
    for field in dataclasses.fields(thing) if dataclasses.is_dataclass(thing) else ():
        value: object = getattr(thing, field.name)
        if not field.init or not isinstance(value, int | float):
            continue
        for other in (not value,) if isinstance(value, bool) else (2.0 * value + 1.0, value / 2.0 + 0.25):
            try:
                changed = dataclasses.replace(thing, **{field.name: other})
                apply_activation(changed, np.zeros(1))
            except Exception:  # its class does not accept this value
                continue
            check_equality(thing, changed, np.linspace(-4.0, 4.0, 257))


def _check_finite(what: str, z: FloatArray, outputs: FloatArray) -> None:
    wrong = ~np.isfinite(outputs)
    if wrong.any():
        k = int(np.argmax(wrong))
        got = f"{outputs[k]} for z = {float(z[k])!r}"
        fix = "Cut z off first, as np.clip(z, -1e100, 1e100) does."
        raise ActivationError(message(what, "finite outputs for every finite z", got, fix))


def _check_elementwise(activation: Activation, what: str, z: FloatArray, outputs: FloatArray) -> None:
    """Compare, bit for bit, with the same elements in another order, in smaller arrays, and alone."""
    order = np.random.default_rng(1).permutation(z.size)
    few = order[:200]
    others = [
        (order, apply_activation(activation, z[order]).copy(), "shuffled"),
        (np.arange(z.size)[::-1], apply_activation(activation, z[::-1].copy()).copy(), "in reverse"),
        (order[:33], apply_activation(activation, z[order[:33]].reshape(3, 11)).ravel().copy(), "with a few others"),
        (few, np.array([apply_activation(activation, z[k : k + 1].copy())[0] for k in few]), "alone"),
    ]
    for places, again, how in others:
        wrong = again.view(np.int64) != outputs[places].view(np.int64)
        if wrong.any():
            k = int(np.argmax(wrong))
            got = f"{float(again[k])!r} for z = {float(z[places[k]])!r} {how}, and {float(outputs[places[k]])!r} before"
            fix = "Work element by element, with NumPy functions that do, and let it depend on z alone."
            expected = "the same output for the same element of z, whatever comes with it"
            raise ActivationError(message(what, expected, got, fix))


def _check_monotonic(activation: Activation, z: FloatArray, outputs: FloatArray) -> None:
    highest = np.maximum.accumulate(outputs)
    if (outputs < highest - slack(highest)).any():
        raise not_monotonic(activation, z)


def _check_far_bounds(activation: Activation, z: FloatArray, outputs: FloatArray) -> None:
    """Try bounds on the intervals from each sum to the largest float, and from the least float to each sum."""
    for step in (1, -1):
        some, reached = z[::step], outputs[::step]
        ends = np.full_like(some, some[0])
        sums = (ends, some.copy()) if step > 0 else (some.copy(), ends)
        highest = np.maximum.accumulate(reached)
        check_held(activation, sums, (np.minimum.accumulate(reached), highest), bound_activation(activation, *sums))


def _check_bounds_elementwise(activation: Activation, what: str, z: FloatArray) -> None:
    """Compare the bounds of many intervals with those of each alone."""
    generator = np.random.default_rng(2)
    ends = np.sort(z[generator.integers(0, z.size, size=(2, 120))], axis=0)
    together = bound_activation(activation, ends[0].reshape(10, 12), ends[1].reshape(10, 12))
    low, high = (end.copy().ravel() for end in together)
    for k in range(0, low.size, 3):
        alone = bound_activation(activation, ends[0, k : k + 1].copy(), ends[1, k : k + 1].copy())
        if (float(alone[0][0]), float(alone[1][0])) != (float(low[k]), float(high[k])):
            got = f"{float(low[k])!r} to {float(high[k])!r} among others, and {float(alone[0][0])!r} to "
            expected = "the same bounds for an interval, whatever comes with it"
            fix = "Compute each from its own two ends: no min or max over the whole array."
            raise ActivationError(message(f"bounds of {what}", expected, f"{got}{float(alone[1][0])!r} alone", fix))
