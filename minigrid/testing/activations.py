"""Is an activation what it says it is? Tried densely, and where functions go wrong: zeros, subnormals, 1e308."""

import numpy as np

from minigrid._typing import FloatArray
from minigrid._validation import as_flag, as_instance, message
from minigrid.activation_guard import apply_activation, bound_activation, check_bounds, probe_activation, slack
from minigrid.activations import Activation
from minigrid.exceptions import ActivationError
from minigrid.testing.values import check_value

_LARGEST = float(np.finfo(np.float64).max)
_SHAPES = [(1,), (7,), (3, 5), (2, 1), (1, 4), (2, 3, 4)]


def check_activation(activation: Activation, *, picklable: bool = True) -> None:
    """Check that an activation keeps all that minigrid relies on.

    It must return float64 arrays of the shape it is given, element by element, finite for finite z, the same for the
    same z, and leave z alone; be as monotonic as it declares, and within its own bounds; be equal to its
    copies, hashable, picklable, and have a repr that makes it again.

    Args:
        activation: built in or your own.
        picklable: False leaves out that it can be pickled, which one that is made inside a function cannot.

    Raises:
        InvalidTypeError: it is no activation, or its `monotonic` is neither True nor False.
        ActivationError: it breaks its contract; the message says how, where, and how to mend it.

    Example:
        >>> from minigrid import FunctionActivation, Sigmoid
        >>> check_activation(Sigmoid())
        >>> check_activation(FunctionActivation(np.square))
        Traceback (most recent call last):
        ...
        minigrid.exceptions.ActivationError: activation FunctionActivation(square): expected finite outputs for every
        finite z, got inf for z = -1.7976931348623157e+308. Cut z off first, as np.clip(z, -1e100, 1e100) does.
    """
    mend = "Pass an object such as Sigmoid(), not its class; make a function into one with @activation."
    as_instance(activation, Activation, "activation", mend)  # type: ignore[type-abstract]  # only used with isinstance
    what = f"activation {activation!r}"
    picklable = as_flag(picklable, "picklable")
    with np.errstate(all="ignore"):
        probe_activation(activation)
        for shape in _SHAPES:
            apply_activation(activation, np.linspace(-2.0, 3.0, int(np.prod(shape))).reshape(shape))
        z = adversarial_sums()
        outputs = apply_activation(activation, z.copy()).copy()  # it may fill the same array again
        _check_finite(what, z, outputs)
        _check_elementwise(activation, what, z, outputs)
        if activation.monotonic:
            _check_monotonic(what, z, outputs)
        check_bounds(activation, z)
        _check_far_bounds(activation, z, outputs)
        _check_bounds_elementwise(activation, what, z)
    check_value(activation, what, ActivationError, picklable=picklable)


def adversarial_sums() -> FloatArray:
    """Return the sums that are tried, sorted, -0.0 before 0.0: shape (n,)."""
    powers = np.ldexp(1.0, np.arange(-1074, 1024))  # from the least subnormal on
    corners = np.arange(0.0, 20.0625, 0.125)  # where pieces of functions like to meet
    sizes = np.concatenate(
        [
            *(np.nextafter(points, towards) for points in (powers, corners) for towards in (0.0, np.inf)),
            *(powers, 1.5 * powers[1:-1], corners, [0.0, 1e308, _LARGEST, 2.2250738585072014e-308]),
            *(np.abs(np.random.default_rng(0).normal(scale=scale, size=500)) for scale in (1.0, 30.0, 1e4)),
            np.linspace(0.0, 40.0, 40_001),
            np.linspace(40.0, 1000.0, 4_001),
        ]
    )
    positive = np.unique(sizes)
    return np.concatenate([-positive[::-1], positive])  # ends with -0.0, begins with 0.0


def _check_finite(what: str, z: FloatArray, outputs: FloatArray) -> None:
    wrong = ~np.isfinite(outputs)
    if wrong.any():
        k = int(np.argmax(wrong))
        got = f"{outputs[k]} for z = {float(z[k])!r}"
        mend = "Cut z off first, as np.clip(z, -1e100, 1e100) does."
        raise ActivationError(message(what, "finite outputs for every finite z", got, mend))


def _check_elementwise(activation: Activation, what: str, z: FloatArray, outputs: FloatArray) -> None:
    """Compare, to the bit, with the same elements in another order, in smaller arrays, and alone."""
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
            mend = "Work element by element, with NumPy functions that do, and let it depend on z alone."
            expected = "the same output for the same element of z, whatever comes with it"
            raise ActivationError(message(what, expected, got, mend))


def _check_monotonic(what: str, z: FloatArray, outputs: FloatArray) -> None:
    highest = np.maximum.accumulate(outputs)
    wrong = outputs < highest - slack(highest)
    if wrong.any():
        k = int(np.argmax(wrong))
        before = int(np.argmax(outputs[: k + 1]))
        expected = "outputs that never fall as z rises, since it declares monotonic = True"
        got = f"{float(outputs[before])!r} for z = {float(z[before])!r}, and less, {float(outputs[k])!r}, for z = "
        raise ActivationError(message(what, expected, f"{got}{float(z[k])!r}", "Drop monotonic = True from it."))


def _check_far_bounds(activation: Activation, z: FloatArray, outputs: FloatArray) -> None:
    """Try bounds on the intervals from each sum to the largest float, and from the least float to each sum."""
    for step in (1, -1):
        some, reached = z[::step], outputs[::step]
        ends = np.full_like(some, some[0])
        low, high = bound_activation(activation, *((ends, some.copy()) if step > 0 else (some.copy(), ends)))
        least, greatest = np.minimum.accumulate(reached), np.maximum.accumulate(reached)
        wrong = (least < low - slack(low)) | (greatest > high + slack(high))
        if wrong.any():
            k = int(np.argmax(wrong))
            expected = (
                f"a range that holds its outputs for z from {float(min(some[0], some[k]))!r} to "
                f"{float(max(some[0], some[k]))!r}, which go from {float(least[k])!r} to {float(greatest[k])!r}"
            )
            got, mend = f"{float(low[k])!r} to {float(high[k])!r}", "Widen the bounds, or leave them out."
            raise ActivationError(message(f"bounds of activation {activation!r}", expected, got, mend))


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
            mend = "Compute each from its own two ends: no min or max over the whole array."
            raise ActivationError(message(f"bounds of {what}", expected, f"{got}{float(alone[1][0])!r} alone", mend))
