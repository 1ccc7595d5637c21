"""Whole numbers of any size in a mixed radix, which count through the product of grids, however large."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrid._base.typing import IntArray


def length(indices: range | Sequence[int]) -> int:
    """Return the number of indices, as `len` does, but also for ranges beyond 64 bits."""
    if isinstance(indices, range) and indices:
        return (indices[-1] - indices[0]) // indices.step + 1
    return len(indices)


def digits_of(indices: range | Sequence[int], radices: Sequence[int]) -> IntArray:
    """Write numbers as digits, the last of which counts fastest.

    Args:
        indices: at least one, each from 0 to below the product of the radices.
        radices: how many values each digit has.

    Returns:
        Shape (n_indices, n_radices).
    """
    rows = length(indices)
    digits = np.zeros((rows, len(radices)), dtype=np.int64)
    # The trailing digits that fit into one machine integer are split off in a vectorised way. The
    # rest of the indices, if any, is the same for long runs of them.
    position, low_size = len(radices), 1
    while position and low_size * radices[position - 1] < 2**60:
        position -= 1
        low_size *= radices[position]
    if isinstance(indices, range) and abs(indices.step) < 2**30:
        high, low = divmod(indices[0], low_size)
        offsets = low + indices.step * np.arange(rows, dtype=np.int64)
        carry, remainder = np.divmod(offsets, low_size)
        carries, inverse = np.unique(carry, return_inverse=True)
        highs = [high + int(c) for c in carries]
    else:
        pairs = [divmod(index, low_size) for index in indices]
        remainder = np.array([low for _, low in pairs], dtype=np.int64)
        position_of: dict[int, int] = {}
        inverse = np.array([position_of.setdefault(high, len(position_of)) for high, _ in pairs])
        highs = list(position_of)
    free = [k for k in range(len(radices) - 1, -1, -1) if radices[k] > 1]
    for k in (k for k in free if k >= position):
        remainder, digits[:, k] = np.divmod(remainder, radices[k])
    for k in (k for k in free if k < position):
        split = [divmod(value, radices[k]) for value in highs]
        highs = [value for value, _ in split]
        digits[:, k] = np.array([digit for _, digit in split], dtype=np.int64)[inverse]
    return digits


def numbers_of(digits: IntArray, radices: Sequence[int]) -> list[int]:
    """Read digits as numbers; the inverse of `digits_of`.

    Args:
        digits: shape (n_numbers, n_radices).
        radices: how many values each digit has.
    """
    is_large = math.prod(radices) > np.iinfo(np.int64).max
    found: list[int] = _joined(digits, radices, np.zeros(len(digits), dtype=object if is_large else np.int64)).tolist()
    return found


def all_digits(radices: Sequence[int]) -> IntArray:
    """List the digits of all numbers, in order, shape (n_numbers, n_radices). There may be more than 64 radices."""
    return split_digits(np.arange(math.prod(radices)), radices)


def split_digits(numbers: IntArray, radices: Sequence[int]) -> IntArray:
    """Write machine integers as digits, as `np.unravel_index` does, but for any number of radices.

    Args:
        numbers: shape (n_numbers,), each from 0 to below the product of the radices.
        radices: how many values each digit has.

    Returns:
        Shape (n_numbers, n_radices).
    """
    digits = np.zeros((len(radices), len(numbers)), dtype=np.int64)
    for own, radix in zip(digits[::-1], reversed(radices), strict=True):
        if radix > 1:
            numbers, own[:] = np.divmod(numbers, radix)
    return np.ascontiguousarray(digits.T)


def join_digits(digits: IntArray, radices: Sequence[int]) -> IntArray:
    """Read digits as machine integers; the inverse of `split_digits`."""
    return _joined(digits, radices, np.zeros(len(digits), dtype=np.int64))


def _joined(digits: IntArray, radices: Sequence[int], numbers: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Read digits as numbers of the kind of `numbers`, which are 0."""
    for own, radix in zip(digits.T, radices, strict=True):
        if radix > 1:
            numbers *= radix
            numbers += own
    return numbers
