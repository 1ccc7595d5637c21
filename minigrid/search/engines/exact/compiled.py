"""Compiles a hot loop, and caches its machine code on the disk if a folder can be written.

Compiling all loops takes a minute. If neither the package's folder nor the user's can be written, as in a container
with a read-only disk, each process compiles them again.
"""

from collections.abc import Callable
from typing import Any

import numba


def njit(*signature: Any, **options: Any) -> Any:
    """Compile a function as ``numba.njit`` does, with its cache if possible.

    Args:
        signature: the types of the arguments, to compile it at once; without them, the first call compiles it.
        options: options of ``numba.njit``.
    """

    def compile_it(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(*signature, cache=True, **options)(function)
        except (RuntimeError, OSError):  # numba finds no folder for its cache, or cannot write there
            return numba.njit(*signature, **options)(function)

    return compile_it
