"""Does a penalty do what it declares? Tried on parameters of all kinds, and on boxes around them."""

import numpy as np

from minigrid._base.arrays import read_only
from minigrid._base.text import message, shown
from minigrid._base.typing import BoolArray, FloatArray
from minigrid._base.validation import as_flag, as_int
from minigrid.exceptions import PenaltyError
from minigrid.scoring import PENALTY_BOUNDS_FIX, Penalty, bound_penalty, call_penalty, check_fit, probe_penalty
from minigrid.scoring.names import as_penalty
from minigrid.testing.values import check_value

_SIZES = (0.0, 1e-300, 1e-9, 0.5, 3.0, 1e6)
_SPREADS = (0.0, 1e-12, 0.3, 2.0, 1e6)


def check_penalty(penalty: Penalty, *, n_weights: int = 6, n_biases: int = 3, picklable: bool = True) -> None:
    """Check that a penalty keeps all promises that minigrid relies on.

    It must return a number of at least 0 for any parameters, and the same for the same parameters. It must not change
    its arguments. A batch must give the same as single calls, and no penalty may be below its bounds. It must equal its
    copies, be hashable and picklable, and have a repr that recreates it.

    Args:
        penalty: a built-in or custom penalty.
        n_weights: how many weights to try it on, at least 1.
        n_biases: how many biases, at least 0.
        picklable: False skips the check that it can be pickled. Pass it if you define it inside a function.

    Raises:
        InvalidTypeError: it is not a penalty.
        InvalidValueError: it does not work with this many weights.
        PenaltyError: it breaks its contract, or is derived from a built-in one; the message says how to fix it.

    Example:
        >>> from minigrid import L0
        >>> check_penalty(L0(0.1, at_most=3))
        >>> class Reward(Penalty):
        ...     def __call__(self, parameters, is_weight, /):
        ...         return -1.0
        >>> check_penalty(Reward(), picklable=False)
        Traceback (most recent call last):
        ...
        minigrid.exceptions.PenaltyError: penalty Reward(): expected a number of at least 0, got -1.0. A penalty
        makes a candidate worse: return 0 or more.
    """
    checked = as_penalty(penalty)
    as_flag(picklable, "picklable")
    count = as_int(n_weights, "n_weights", minimum=1)
    is_weight = np.arange(count + as_int(n_biases, "n_biases", minimum=0)) < count
    generator = np.random.default_rng(5)
    is_weight = read_only(generator.permutation(is_weight))
    sizes = generator.choice(_SIZES, size=(60, is_weight.size))
    tried = np.concatenate(
        [generator.normal(size=(20, is_weight.size)), sizes * generator.choice([-1.0, 1.0], sizes.shape)]
    )
    check_fit(checked, is_weight)
    probe_penalty(checked, tried, is_weight)
    costs = call_penalty(checked, tried, is_weight)
    for size in (1, 7):
        for start in range(0, len(tried), size):
            some = slice(start, start + size)
            if not np.array_equal(call_penalty(checked, tried[some].copy(), is_weight), costs[some]):
                fix = "Let a setting's number depend on that setting alone."
                expected = "the same number for the same parameters, however many there are"
                raise PenaltyError(message(f"penalty {shown(checked)}", expected, "another", fix))
    if checked.declares_bounds:
        _check_bounds(checked, tried, costs, is_weight)
    check_value(checked, f"penalty {shown(checked)}", PenaltyError, picklable=picklable)


def _check_bounds(penalty: Penalty, tried: FloatArray, costs: FloatArray, is_weight: BoolArray) -> None:
    """Compare penalties with the bounds of boxes of several sizes around the parameters, bit for bit."""
    generator = np.random.default_rng(6)
    for spread in _SPREADS:
        width = spread * generator.integers(0, 2, size=tried.shape)
        lower = tried - width * generator.uniform(size=tried.shape)
        upper = tried + width * generator.uniform(size=tried.shape)
        bounds = bound_penalty(penalty, lower, upper, is_weight)
        for inside, own in ((tried, costs), (lower, None), (upper, None)):
            cost = call_penalty(penalty, inside, is_weight) if own is None else own
            wrong = bounds > cost
            if wrong.any():
                k = int(np.argmax(wrong))
                expected = f"at most {float(cost[k])!r}, the cost of a setting in the box"
                what = f"bounds of penalty {shown(penalty)}"
                raise PenaltyError(message(what, expected, repr(float(bounds[k])), PENALTY_BOUNDS_FIX))
