"""How this thread computes: a few values, bit for bit, that show two processes whether their scores can be equal.

The last bit of `exp` and other functions depends on the processor, for which NumPy may have special code. At the
arguments here, the exact value is nearly midway between two floats, so most other code rounds it to the other one. A
library that was compiled for speed (-ffast-math) may also make a thread treat subnormal numbers as 0.
"""

from typing import Final

import numpy as np

from minigrid._base.typing import FloatArray

_1024THS: Final[dict[str, tuple[int, ...]]] = {
    "exp": (-2593, -2571, -2319, -1331, 667, 1199, 1594, 2289),
    "expm1": (-1754, -1710, -171, -104, 1199, 1633, 2289, 2679),
    "log": (795, 1287, 1693, 2476, 3027, 4166, 5581, 5601),
    "log1p": (263, 669, 1452, 2003, 3142, 4557, 5580, 5598),
    "sin": (-2696, -2309, -1768, -595, 595, 1768, 2309, 2696),
    "tanh": (-2971, -2133, -523, -497, 497, 523, 2133, 2971),
}
_ARGUMENTS: Final = {name: np.array(numbers) / 1024.0 for name, numbers in _1024THS.items()}
_LEAST, _LEAST_NORMAL = np.array([5e-324]), np.array([2.2250738585072014e-308])


def arithmetic() -> bytes:
    """Compute the values that two processes compare."""
    return _values().tobytes()


def difference(theirs: bytes) -> tuple[str, float, float] | None:
    """Find the first computation in which this thread differs from another one.

    Args:
        theirs: the values that `arithmetic` returned there.

    Returns:
        The first computation that differs, its result there, and its result here; None if none differs.
    """
    mine, others = _values(), np.frombuffer(theirs)
    differ = np.flatnonzero(mine.view(np.int64) != others.view(np.int64))
    if not differ.size:
        return None
    names = ["5e-324 > 0", "2.2250738585072014e-308 / 2"]
    names += [f"{name}({argument!r})" for name, values in _ARGUMENTS.items() for argument in values.tolist()]
    return names[differ[0]], float(others[differ[0]]), float(mine[differ[0]])


def _values() -> FloatArray:
    with np.errstate(all="ignore"):
        parts = [(_LEAST > 0.0).astype(np.float64), _LEAST_NORMAL / 2.0]
        parts += [getattr(np, name)(argument) for name, argument in _ARGUMENTS.items()]
        return np.concatenate(parts)
