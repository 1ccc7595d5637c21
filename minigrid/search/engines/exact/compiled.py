"""Compile a hot loop, and keep its machine code on the disk, where there is a folder to keep it in.

Compiling all of them takes a minute. Where neither the package's folder nor the user's own can be written, as in a
container whose disk is read-only, each process compiles them again.
"""

from collections.abc import Callable
from typing import Any

import numba


def njit(*signature: Any, **options: Any) -> Any:
    """Compile a function as ``numba.njit`` does, with its cache if possible.

    Args:
        signature: the types of its arguments, to compile it at once; none: when it is first called.
        options: of ``numba.njit``.
    """

    def compile_it(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(*signature, cache=True, **options)(function)
        except (RuntimeError, OSError):  # numba finds no folder for its cache, or cannot write there
            return numba.njit(*signature, **options)(function)

    return compile_it
