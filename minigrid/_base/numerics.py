"""Arithmetic whose rounding does not depend on how many candidates are computed together.

The promise that every engine returns the plain loop's score bit for bit rests on this file. BLAS
and NumPy's own reductions choose their order of summation by shape, so this file uses neither on
real numbers. It uses plain ufuncs, which round every element by itself, in an order that depends
only on the number of terms.
"""

from collections.abc import Sequence

import numpy as np

from minigrid._base.typing import BoolArray, FloatArray, IntArray


def weighted_sum(columns: Sequence[FloatArray], weights: FloatArray, bias: float | None) -> FloatArray:
    """Compute w[0] * x[0] + w[1] * x[1] + ... + bias, term by term from the left.

    Args:
        columns: one array of shape (n_samples,) for each weight.
        weights: shape (n_weights,), at least one.
        bias: added last; None adds nothing.

    Returns:
        The weighted sums, shape (n_samples,), as a new array. A sum that overflows is infinite, and
        the difference of two infinite sums NaN, without a warning.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        total: FloatArray = columns[0] * weights[0]
        for column, weight in zip(columns[1:], weights[1:], strict=True):
            total += column * weight
        if bias is not None:
            total += bias
    return total


def sum_in_order(terms: FloatArray | IntArray) -> FloatArray:
    """Sum over the last axis, which has few entries, from first to last; shape (...)."""
    total: FloatArray = terms[..., 0].astype(np.float64, copy=False)
    for k in range(1, terms.shape[-1]):
        total = total + terms[..., k]
    return total


def tree_sum(terms: FloatArray) -> FloatArray:
    """Sum over the last axis by folding its second half onto its first until one term is left.

    The tree depends only on the length, so a row sums to the same bits in any batch. As in every
    pairwise summation, the error grows with log2(n) (Higham 1993, SIAM J. Sci. Comput. 14).

    Args:
        terms: shape (..., n), n at least one.

    Returns:
        The sums, shape (...).
    """
    while terms.shape[-1] > 1:
        half = terms.shape[-1] // 2
        folded: FloatArray = terms[..., :half] + terms[..., half : 2 * half]
        if terms.shape[-1] % 2:
            folded[..., 0] += terms[..., -1]
        terms = folded
    result: FloatArray = terms[..., 0]
    return result


def weighted_mean(terms: FloatArray, sample_weight: FloatArray | None) -> FloatArray:
    """Average over the last axis, with equal weights or with weights of shape (n_samples,)."""
    if sample_weight is None:
        mean: FloatArray = tree_sum(terms) / terms.shape[-1]
    else:
        # A sample of weight 0 must not count, even if its term is infinite.
        mean = tree_sum(np.where(sample_weight > 0.0, terms * sample_weight, 0.0)) / tree_sum(sample_weight)
    return mean


def predicted_labels(outputs: FloatArray) -> IntArray:
    """Turn outputs of shape (..., n_outputs) into labels of shape (...).

    With one output, the label is 1 where the output is above 0.5, else 0. With several, it is the
    position of the largest output, or of the first of equal ones.
    """
    if outputs.shape[-1] == 1:
        above: BoolArray = outputs[..., 0] > 0.5
        return above.astype(np.int64)
    labels: IntArray = np.argmax(outputs, axis=-1)
    return labels
