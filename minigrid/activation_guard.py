"""The guard around every activation that is called.

Type checkers cannot see that `np.sum` is not an activation. The guard can: it looks at what an
activation returns, and says what was expected when that is something else.
"""

import gc
import weakref

import numpy as np

from minigrid._typing import FloatArray
from minigrid._validation import as_flag, describe, final_base, message
from minigrid.activations import Activation, BuiltinActivation, Interval
from minigrid.exceptions import ActivationError

__all__ = [
    "ROUNDING",
    "apply_activation",
    "bound_activation",
    "check_bounds",
    "not_monotonic",
    "probe_activation",
    "slack",
]

ROUNDING = 2.0**-36
"""How far the last bits of outputs may break a promise: far more than those of sensible functions do."""


def apply_activation(activation: Activation, z: FloatArray) -> FloatArray:
    """Call an activation and check what it returns.

    Args:
        activation: built in or a user's own.
        z: weighted sums, any shape, handed over read-only.

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
        mend = "Return a new array computed from z with NumPy functions"
        if isinstance(error, TypeError) and "positional argument" in str(error):
            mend = "Let it take one array, the weighted sums"
        elif isinstance(error, TypeError | ValueError):
            mend += ": np.tanh instead of math.tanh, np.where instead of if"
        raise ActivationError(_complaint(activation, f"{type(error).__name__}: {error}", f"{mend}.")) from error
    if type(outputs) is not np.ndarray or outputs.shape != z.shape or outputs.dtype != np.float64:
        mend = "Work element by element (no np.sum, no np.max over all samples)."
        if isinstance(outputs, np.ndarray) and outputs.shape == z.shape:
            mend = "Convert the result with .astype(np.float64)."
        elif isinstance(outputs, list | tuple):
            mend = "Work element by element on arrays (np.exp, np.where), and return an array."
        elif outputs is None:
            mend = "Let the function return its result: a return is missing."
        raise ActivationError(_complaint(activation, describe(outputs), mend, shape=z.shape))
    checked: FloatArray = outputs
    if np.isnan(checked.min(initial=np.inf)):  # that of all, at half the cost of np.isnan(checked).any()
        wrong = np.isnan(checked) & np.isfinite(z)
        if wrong.any():
            got = f"NaN for z = {float(z[wrong][0])!r}"
            raise ActivationError(_complaint(activation, got, "Make it finite for every finite z, see np.where."))
    return checked


def bound_activation(activation: Activation, lower: FloatArray, upper: FloatArray) -> Interval:
    """Call an activation's `bounds` and check what it returns.

    Args:
        activation: built in or a user's own.
        lower: the least sums, any shape, handed over read-only.
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
    what = f"bounds of activation {activation!r}"
    try:
        with np.errstate(all="ignore"):
            returned: object = activation.bounds(lower, upper)
    except ActivationError:
        raise
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        raise ActivationError(message(what, expected, got, "Compute them with NumPy functions.")) from error
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise ActivationError(message(what, expected, describe(returned), "Return (least, greatest)."))
    for end in returned:
        if type(end) is not np.ndarray or end.shape != lower.shape or end.dtype != np.float64:
            raise ActivationError(message(what, expected, describe(end), "Return arrays like the arguments."))
    low, high = returned
    if not (low <= high).all():
        # The last bits of a user's function need not rise where it does.
        if not (low <= high + slack(high)).all():
            mend = "Return the least outputs first, and minus or plus infinity where you know none."
            raise ActivationError(message(what, expected, "a pair with the first above the second, or NaN", mend))
        return np.minimum(low, high), np.maximum(low, high)
    return low, high


def probe_activation(activation: Activation) -> None:
    """Call an activation on a few made-up sums and check that it is what it says.

    Raises:
        InvalidTypeError: its `monotonic` is neither True nor False.
        ActivationError: as `apply_activation`, or an element's output depends on other elements, or on
            anything but z, or it keeps or changes z, or the outputs fall somewhere although it declares to be
            monotonic, or it is derived from a built-in one, whose promises need not hold for it.
    """
    as_flag(activation.monotonic, f"monotonic of activation {activation!r}")
    base = final_base(type(activation)) if isinstance(activation, BuiltinActivation) else None
    if base is not None:
        mend = f"Derive from Activation, and hold a {base.__name__} inside if you need one."
        raise ActivationError(message(f"activation {activation!r}", "a built-in one as it is", "a subclass", mend))
    # Neither sorted nor symmetric, so that a sort changes it and a sum over it is not 0.
    z = np.linspace(-2.5, 3.5, 15)[[7, 2, 11, 14, 0, 5, 9, 3, 12, 6, 1, 13, 8, 4, 10]].reshape(3, 5)
    together = apply_activation(activation, z.copy()).copy()  # it may fill the same array again
    _check_lets_go(activation, z.copy())
    alone = np.array([apply_activation(activation, np.array([value]))[0] for value in z.ravel()])
    if not np.array_equal(together.ravel(), alone, equal_nan=True):
        if not np.array_equal(together, apply_activation(activation, z.copy()), equal_nan=True):
            mend = "Let it depend on z alone: no random numbers, nothing counted or learned from call to call."
            raise ActivationError(_complaint(activation, "other outputs for the same z", mend))
        raise ActivationError(
            _complaint(
                activation,
                "outputs that change with the other elements of z",
                "Work element by element (no np.sum, no np.max over all samples).",
            )
        )
    if activation.monotonic:
        _check_monotonic(activation)


def _check_lets_go(activation: Activation, z: FloatArray) -> None:
    """Call an activation and see that z is as it was, and that nobody but the caller has it afterwards."""
    before, kept = z.copy(), weakref.ref(z)
    outputs = apply_activation(activation, z)
    if not np.array_equal(z, before):  # the mark that it is read-only can be taken off
        raise _writing(activation)
    del z, outputs
    if kept() is not None:
        gc.collect()  # or it is in a circle that nothing leads to
    if kept() is not None:
        mend = "Keep a copy, or better nothing: what z holds is known only during the call."
        got = "one that keeps a reference to its argument"
        raise ActivationError(_complaint(activation, got, mend, also=", that leaves z alone"))


def check_bounds(activation: Activation, sums: FloatArray) -> None:
    """Try an activation's bounds on intervals between given sums.

    Args:
        activation: any.
        sums: shape (n,), finite, two or more.

    Raises:
        ActivationError: an output lies outside of them by more than rounding, or as `bound_activation`.
    """
    z = np.unique(sums)
    # Engines let an interval that ends at zero hold both zeros.
    lower, upper = np.where(z == 0.0, -0.0, z), np.where(z == 0.0, 0.0, z)
    least = apply_activation(activation, lower.copy()).copy()  # it may fill the same array again
    greatest = apply_activation(activation, upper.copy())
    least, greatest = np.minimum(least, greatest), np.maximum(least, greatest)
    width = 0  # of the intervals z[k] to z[k + width], whose least and greatest outputs are known
    while True:
        low, high = bound_activation(activation, lower[: z.size - width].copy(), upper[width:].copy())
        wrong = (least < low - slack(low)) | (greatest > high + slack(high))
        if wrong.any():
            k = int(np.argmax(wrong))
            raise ActivationError(
                message(
                    f"bounds of activation {activation!r}",
                    f"a range that holds its outputs for z from {float(z[k])!r} to {float(z[k + width])!r}, "
                    f"which go from {float(least[k])!r} to {float(greatest[k])!r}",
                    f"{float(low[k])!r} to {float(high[k])!r}",
                    "Widen the bounds, or leave them out.",
                )
            )
        step = max(width, 1)
        if width + step >= z.size:
            return
        least = np.minimum(least[:-step], least[step:])
        greatest = np.maximum(greatest[:-step], greatest[step:])
        width += step


def slack(ends: FloatArray) -> FloatArray:
    """How far beyond the declared ends outputs may lie: engines move the ends as far."""
    return ROUNDING * np.maximum(1.0, np.minimum(np.abs(ends), 1e300))


def not_monotonic(activation: Activation) -> ActivationError:
    """Build the error for a false promise."""
    return ActivationError(
        message(
            f"activation {activation!r}",
            "outputs that never fall as z rises, since it declares monotonic = True",
            "outputs that do",
            "Drop monotonic = True from it.",
        )
    )


def _check_monotonic(activation: Activation) -> None:
    """Try a declared promise on sums of all magnitudes.

    Raises:
        ActivationError: the outputs fall somewhere by more than rounding.
    """
    sizes = np.concatenate([np.geomspace(1e-6, 1e3, 200), np.linspace(0.0, 30.0, 601)])
    sums = np.unique(np.concatenate([-sizes, sizes]))
    outputs = apply_activation(activation, sums)
    allowed = ROUNDING * np.maximum(1.0, np.minimum(np.abs(outputs[:-1]), 1e300))
    if (outputs[1:] < outputs[:-1] - allowed).any():
        raise not_monotonic(activation)


def _writing(activation: Activation) -> ActivationError:
    mend = "Return a new array computed from z with NumPy functions."
    return ActivationError(
        _complaint(activation, "one that writes into its argument", mend, also=", that leaves z alone")
    )


def _complaint(
    activation: Activation, got: str, mend: str, *, shape: tuple[int, ...] | None = None, also: str = ""
) -> str:
    expected = "a float64 array of z's shape" + (f" {shape}" if shape is not None else "")
    return message(f"activation {activation!r}", f"{expected}, elementwise{also}", got, mend)
