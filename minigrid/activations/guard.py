"""The guard around every activation that is called.

Type checkers cannot see that `np.sum` is not an activation. The guard checks what an activation returns. If it is
something else than expected, the error says what was expected.
"""

import gc
import weakref
from functools import lru_cache

import numpy as np

from minigrid._base.arrays import is_float64, read_only
from minigrid._base.function import fix_of_deferred
from minigrid._base.text import describe, message, said, shown
from minigrid._base.typing import BoolArray, FloatArray
from minigrid._base.validation import as_flag, final_base
from minigrid._base.values import are_same
from minigrid.activations.base import Activation, BuiltinActivation, Interval
from minigrid.exceptions import ActivationError

__all__ = [
    "ROUNDING",
    "apply_activation",
    "bound_activation",
    "check_bounds",
    "check_equality",
    "check_held",
    "check_lets_go",
    "not_monotonic",
    "probe_activation",
    "slack",
]

ROUNDING = 2.0**-36
"""How far the last bits of outputs may break a promise: far more than those of sensible functions do."""

_ELEMENTWISE = "Work element by element (no np.sum, no np.max over all samples)."
_SUMS = np.concatenate([np.linspace(-6.0, 6.0, 49), [-0.01, 0.01]])


def apply_activation(activation: Activation, z: FloatArray) -> FloatArray:
    """Call an activation and check what it returns.

    Args:
        activation: a built-in or custom activation.
        z: weighted sums, any shape, passed read-only.

    Returns:
        The outputs, of the same shape.

    Raises:
        ActivationError: it raised, wrote into z, or returned anything but a float64 array of
            z's shape, or NaN for a finite z.
    """
    z.flags.writeable = False
    try:
        with np.errstate(all="ignore"):
            outputs: object = activation(z)
    except Exception as error:
        writes = isinstance(error, ValueError) and "read-only" in str(error)
        if writes:
            raise _writing(activation) from error
        fix = "Return a new array computed from z with NumPy functions"
        if isinstance(error, TypeError) and "positional argument" in str(error):
            fix = "Let it take one array, the weighted sums"
        elif "`vectorize`" in str(error):
            fix = "Give np.vectorize otypes=[float]"
        elif isinstance(error, TypeError | ValueError):
            fix += ": np.tanh instead of math.tanh, np.where instead of if"
        raise _broken(activation, said(error), f"{fix}.") from error
    if not is_float64(outputs, z.shape):
        raise _broken(activation, describe(outputs), _fix_of(outputs, z), shape=z.shape)
    if np.isnan(outputs.min(initial=np.inf)):  # NaN if any output is, at half the cost of np.isnan(outputs).any()
        wrong = np.isnan(outputs) & np.isfinite(z)
        if wrong.any():
            got = f"NaN for z = {float(z[wrong][0])!r}"
            raise _broken(activation, got, "Make it finite for every finite z, see np.where.")
    return outputs


def _fix_of(outputs: object, z: FloatArray) -> str:
    """Say how to fix outputs of the wrong kind."""
    deferred = fix_of_deferred(outputs)
    if deferred is not None:
        return deferred
    if isinstance(outputs, np.ma.MaskedArray):
        return "Return a plain array: outputs.filled(0.0), or np.where instead of masks."
    if isinstance(outputs, np.ndarray) and outputs.shape == z.shape:
        if type(outputs) is not np.ndarray:
            return "Return a plain array: np.asarray(outputs)."
        return "Convert the result with .astype(np.float64); give np.vectorize otypes=[float]."
    if isinstance(outputs, list | tuple):
        return "Work element by element on arrays (np.exp, np.where), and return an array."
    if outputs is None:
        return "Let the function return its result: a return is missing."
    return _ELEMENTWISE


def bound_activation(activation: Activation, lower: FloatArray, upper: FloatArray) -> Interval:
    """Call an activation's `bounds` and check what it returns.

    Args:
        activation: a built-in or custom activation.
        lower: the least sums, any shape, passed read-only.
        upper: the greatest, of the same shape.

    Returns:
        The least and the greatest outputs, of that shape.

    Raises:
        ActivationError: it raised, or returned anything but two float64 arrays of that shape, the
            first nowhere above the second, neither of them NaN.
    """
    lower.flags.writeable = False
    upper.flags.writeable = False
    expected = f"a pair of float64 arrays of shape {lower.shape}, the least and the greatest outputs"
    what = f"bounds of activation {shown(activation)}"
    try:
        with np.errstate(all="ignore"):
            returned: object = activation.bounds(lower, upper)
    except ActivationError:
        raise
    except Exception as error:
        fix = "Compute them with NumPy functions."
        if not callable(getattr(activation, "bounds", None)):
            fix = "Let bounds be a method, def bounds(self, lower, upper, /), or leave it out."
        raise ActivationError(message(what, expected, said(error), fix)) from error
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise ActivationError(message(what, expected, describe(returned), "Return (least, greatest)."))
    for end in returned:
        if not is_float64(end, lower.shape):
            raise ActivationError(message(what, expected, describe(end), "Return arrays like the arguments."))
    low, high = returned
    if not (low <= high).all():
        # The last bits of a user's function need not rise where it does.
        wrong = ~(low <= high + slack(high))
        if wrong.any():
            got, fix = _wrong_pair(lower, upper, low, high, wrong)
            if activation.monotonic:
                fix += " It declares monotonic = True: drop that if its outputs fall anywhere."
            raise ActivationError(message(what, expected, got, fix))
        return np.minimum(low, high), np.maximum(low, high)
    return low, high


def _wrong_pair(
    lower: FloatArray, upper: FloatArray, low: FloatArray, high: FloatArray, wrong: BoolArray
) -> tuple[str, str]:
    """Describe the first wrong bounds, and say how to fix them."""
    start, end, least, most = (float(ends[wrong][0]) for ends in (lower, upper, low, high))
    got = f"{least!r} to {most!r} for z from {start!r} to {end!r}"
    if np.isnan(least) or np.isnan(most):
        return f"NaN: {got}", "Return minus or plus infinity where you know no bound."
    fix = "Return the least outputs first: (least, greatest). Where the function turns, its ends do not bound it."
    return f"a least output above the greatest: {got}", fix


def is_as_built_in(activation: Activation) -> bool:
    """Return whether an activation is a built-in one, and not one of a class derived from it."""
    return isinstance(activation, BuiltinActivation) and final_base(type(activation)) is None


def probe_activation(activation: Activation) -> None:
    """Call an activation on a few generated sums, and check that it does what it declares.

    Raises:
        InvalidTypeError: its `monotonic` is neither True nor False.
        ActivationError: as `apply_activation`. Also if its `monotonic` or its repr raises an error; an output depends
            on other elements or on anything but z; it keeps or changes z; outputs fall although it declares to be
            monotonic, or lie outside its own bounds; or it is derived from a built-in one, whose promises need not hold
            for it.
    """
    _check_words(activation)
    base = final_base(type(activation)) if isinstance(activation, BuiltinActivation) else None
    if base is not None:
        fix = f"Derive from Activation, and hold a {base.__name__} inside if you need one."
        raise ActivationError(message(f"activation {shown(activation)}", "a built-in one as it is", "a subclass", fix))
    # Neither sorted nor symmetric, so that a sort changes it and a sum over it is not 0.
    z = np.linspace(-2.5, 3.5, 15)[[7, 2, 11, 14, 0, 5, 9, 3, 12, 6, 1, 13, 8, 4, 10]].reshape(3, 5)
    together = apply_activation(activation, z.copy()).copy()  # it may fill the same array again
    check_lets_go(activation, z.copy())
    alone = np.array([apply_activation(activation, np.array([value]))[0] for value in z.ravel()])
    if not np.array_equal(together.ravel(), alone, equal_nan=True):
        if not np.array_equal(together, apply_activation(activation, z.copy()), equal_nan=True):
            fix = "Let it depend on z alone: no random numbers, nothing counted or learned from call to call."
            raise _broken(activation, "other outputs for the same z", fix)
        raise _broken(activation, "outputs that change with the other elements of z", _ELEMENTWISE)
    if activation.monotonic:
        _check_monotonic(activation)
    if type(activation).bounds is not Activation.bounds and not isinstance(activation, BuiltinActivation):
        check_bounds(activation, _SUMS)


def _check_words(activation: Activation) -> None:
    """Check the repr of an activation, which every message shows, and its `monotonic`."""
    kind = f"activation of class {type(activation).__name__}"
    for name, ask in (("repr", repr), ("monotonic", lambda thing: thing.monotonic)):
        try:
            answer: object = ask(activation)
        except Exception as error:
            expected = f"an activation whose {name} can be asked for"
            raise ActivationError(message(kind, expected, said(error), f"Fix its {name}.")) from error
    as_flag(answer, f"monotonic of activation {activation!r}")


def check_equality(activation: Activation, other: Activation, z: FloatArray) -> None:
    """Check that two activations have the same outputs if they compare equal, because a search calls only one of them.

    Raises:
        ActivationError: they are equal, and their outputs differ for some of the sums z, shape (n,).
    """
    if activation is other or not are_same(activation, other):
        return
    one = apply_activation(activation, z.copy()).copy()  # both may fill one array
    two = apply_activation(other, z.copy())
    wrong = one.view(np.int64) != two.view(np.int64)
    if wrong.any():
        k = int(np.argmax(wrong))
        expected = "one that is equal only to those of the same outputs"
        got = f"one that is equal to {shown(other)}, with outputs {float(one[k])!r} and {float(two[k])!r}"
        fix = "Compare all its parameters in __eq__, as a frozen dataclass does by itself."
        got += f" for z = {float(z[k])!r}"
        raise ActivationError(message(f"activation {shown(activation)}", expected, got, fix))


def check_lets_go(activation: Activation, z: FloatArray) -> None:
    """Call an activation, and check that it neither changes z nor keeps a reference to it.

    Args:
        activation: the activation.
        z: any shape; the caller must hold no other reference to it.

    Raises:
        ActivationError: it keeps or changes z, or as `apply_activation`.
    """
    before, kept = z.copy(), weakref.ref(z)
    outputs = apply_activation(activation, z)
    if not np.array_equal(z, before):  # an activation can make z writeable again
        raise _writing(activation)
    del z, outputs
    if kept() is not None:
        gc.collect()  # it may be in a reference cycle that nothing else refers to
    if kept() is not None:
        fix = "Keep a copy, or better nothing: what z holds is known only during the call."
        got = "one that keeps a reference to its argument"
        raise _broken(activation, got, fix, also=", that leaves z alone")


def check_bounds(activation: Activation, sums: FloatArray) -> None:
    """Try an activation's bounds on intervals between given sums.

    Args:
        activation: the activation.
        sums: shape (n,), finite, two or more.

    Raises:
        ActivationError: an output lies outside them by more than rounding, or as `bound_activation`.
    """
    z = np.unique(sums)
    # In the engines, an interval that ends at 0 contains both zeros.
    lower, upper = np.where(z == 0.0, -0.0, z), np.where(z == 0.0, 0.0, z)
    least = apply_activation(activation, lower.copy()).copy()  # it may fill the same array again
    greatest = apply_activation(activation, upper.copy())
    least, greatest = np.minimum(least, greatest), np.maximum(least, greatest)
    width = 0  # of the intervals z[k] to z[k + width], whose least and greatest outputs are known
    while True:
        low, high = bound_activation(activation, lower[: z.size - width].copy(), upper[width:].copy())
        check_held(activation, (z[: z.size - width], z[width:]), (least, greatest), (low, high))
        step = max(width, 1)
        if width + step >= z.size:
            return
        least = np.minimum(least[:-step], least[step:])
        greatest = np.maximum(greatest[:-step], greatest[step:])
        width += step


def check_held(activation: Activation, sums: Interval, reached: Interval, bounds: Interval) -> None:
    """Check that known outputs lie within the bounds.

    Args:
        activation: the activation.
        sums: the least and the greatest sums of some intervals, shape (n,) each.
        reached: the least and the greatest outputs known in each.
        bounds: of the activation, there.

    Raises:
        ActivationError: an output lies outside the bounds by more than rounding.
    """
    (least, greatest), (low, high) = reached, bounds
    wrong = (least < low - slack(low)) | (greatest > high + slack(high))
    if wrong.any():
        start, stop, down, up, floor, ceiling = (float(ends[wrong][0]) for ends in (*sums, *reached, *bounds))
        expected = f"a range that holds its outputs for z from {start!r} to {stop!r}, which go from {down!r} to {up!r}"
        what, fix = f"bounds of activation {shown(activation)}", "Widen the bounds, or leave them out."
        raise ActivationError(message(what, expected, f"{floor!r} to {ceiling!r}", fix))


def slack(ends: FloatArray) -> FloatArray:
    """How far outputs may lie outside declared bounds: engines move the bounds outward by as much."""
    return ROUNDING * np.maximum(1.0, np.minimum(np.abs(ends), 1e300))


def not_monotonic(activation: Activation, sums: FloatArray) -> ActivationError:
    """Build the error for a false `monotonic`: it names where the outputs fall most among some sums, shape (n,)."""
    z = np.unique(sums[np.isfinite(sums)])
    outputs = apply_activation(activation, z.copy())
    k = int(np.argmax(np.maximum.accumulate(outputs) - outputs))
    before = int(np.argmax(outputs[: k + 1]))
    expected = "outputs that never fall as z rises, since it declares monotonic = True"
    start, highest, end, lower = (float(number) for number in (z[before], outputs[before], z[k], outputs[k]))
    got = f"{highest!r} for z = {start!r}, and less, {lower!r}, for z = {end!r}"
    return ActivationError(message(f"activation {shown(activation)}", expected, got, "Drop monotonic = True from it."))


def _check_monotonic(activation: Activation) -> None:
    """Check the declaration `monotonic` on sums of all magnitudes.

    Raises:
        ActivationError: the outputs fall somewhere by more than rounding.
    """
    sums = _rising_sums()
    outputs = apply_activation(activation, sums)
    if (outputs[1:] < outputs[:-1] - slack(outputs[:-1])).any():
        raise not_monotonic(activation, sums)


def _writing(activation: Activation) -> ActivationError:
    fix = "Return a new array computed from z with NumPy functions."
    return _broken(activation, "one that writes into its argument", fix, also=", that leaves z alone")


def _broken(
    activation: Activation, got: str, fix: str, *, shape: tuple[int, ...] | None = None, also: str = ""
) -> ActivationError:
    expected = "a float64 array of z's shape" + (f" {shape}" if shape is not None else "")
    return ActivationError(message(f"activation {shown(activation)}", f"{expected}, elementwise{also}", got, fix))


@lru_cache(maxsize=1)
def _rising_sums() -> FloatArray:
    """Sums of all sizes, in order, computed once for all activations."""
    sizes = np.concatenate([np.geomspace(1e-6, 1e3, 200), np.linspace(0.0, 30.0, 601)])
    return read_only(np.unique(np.concatenate([-sizes, sizes])))
