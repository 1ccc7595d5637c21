"""Small data sets to learn with: those of the class that minigrid grew out of, XOR, and truth tables."""

from collections.abc import Callable

import numpy as np

from minigrid._base.arrays import LARGEST_ARRAY, as_vector
from minigrid._base.function import check_function
from minigrid._base.text import describe, message
from minigrid._base.typing import ArrayLike, FloatArray, IntArray
from minigrid._base.validation import as_float, as_int
from minigrid.exceptions import InvalidValueError

__all__ = ["flip_labels", "sum_threshold", "truth_table", "xor"]


def _uniform(n_samples: int, n_features: int, seed: int) -> FloatArray:
    # The stream of np.random.seed(seed); np.random.rand(...), without touching the global state.
    rows = as_int(n_samples, "n_samples", minimum=1, maximum=LARGEST_ARRAY)
    columns = as_int(n_features, "n_features", minimum=1, maximum=max(1, LARGEST_ARRAY // rows))
    number = as_int(seed, "seed", minimum=0)
    if number >= 2**32:
        raise InvalidValueError(message("seed", "a whole number below 2**32", f"{number}", "Pass a smaller one."))
    return np.random.RandomState(number).random_sample((rows, columns))


def sum_threshold(
    n_samples: int = 1000, n_features: int = 3, threshold: float = 1.5, seed: int = 2024
) -> tuple[FloatArray, IntArray]:
    """Draw uniform features from 0 to 1, labelled 1 where their sum is above a threshold.

    With three features, threshold 1.5 and seed 2024, these are the training data of the course; with seed 123 and 100
    samples, its test data.

    Args:
        n_samples: how many samples (1000 by default), at least 1.
        n_features: how many features (3 by default), at least 1.
        threshold: the sum above which the label is 1 (1.5 by default).
        seed: of the random numbers (2024 by default).

    Returns:
        X of shape (n_samples, n_features) and y of shape (n_samples,), 0 or 1.

    Raises:
        InvalidTypeError: an argument is not a whole number.
        InvalidValueError: a size is below 1, or ``seed`` is not from 0 to 2**32 - 1.

    Example:
        >>> X, y = sum_threshold(n_samples=4, n_features=2, threshold=1.0, seed=0)
        >>> X.shape, y
        ((4, 2), array([1, 1, 1, 1]))
    """
    level = as_float(threshold, "threshold")
    X = _uniform(n_samples, n_features, seed)
    total = np.cumsum(X, axis=1)[:, -1]  # term by term from the left, as a plain loop adds them
    return X, (total > level).astype(np.int64)


def xor(n_samples: int = 1000, seed: int = 2024) -> tuple[FloatArray, IntArray]:
    """Draw two uniform features from 0 to 1, labelled 1 where exactly one of them is above one half.

    Args:
        n_samples: how many samples (1000 by default), at least 1.
        seed: of the random numbers (2024 by default).

    Returns:
        X of shape (n_samples, 2) and y of shape (n_samples,), 0 or 1.

    Raises:
        InvalidTypeError: an argument is not a whole number.
        InvalidValueError: ``n_samples`` is below 1, or ``seed`` is not from 0 to 2**32 - 1.

    Example:
        >>> X, y = xor(n_samples=6)
        >>> X.shape, y.tolist()
        ((6, 2), [0, 0, 0, 0, 0, 1])
    """
    X = _uniform(n_samples, 2, seed)
    return X, ((X[:, 0] > 0.5) ^ (X[:, 1] > 0.5)).astype(np.int64)


def truth_table(function: Callable[..., object], n_inputs: int = 2) -> tuple[FloatArray, IntArray]:
    """List all inputs of a function of truth values, in counting order, with the function's answers as labels.

    Args:
        function: takes ``n_inputs`` booleans. The label is 1 if its return value is true, else 0.
        n_inputs: from 1 to 20.

    Returns:
        X of shape (2 ** n_inputs, n_inputs) of zeros and ones, and y of shape (2 ** n_inputs,).

    Raises:
        InvalidTypeError: ``n_inputs`` is not a whole number, or ``function`` is not a function.
        InvalidValueError: ``n_inputs`` is not from 1 to 20, or ``function`` raised an exception.

    Example:
        >>> X, y = truth_table(lambda a, b: a != b)
        >>> y
        array([0, 1, 1, 0])
    """
    check_function(function, type, "function", "a function of truth values", "Pass one, such as lambda a, b: a != b.")
    count = as_int(n_inputs, "n_inputs", minimum=1, maximum=20)
    rows = [[bool(row >> (count - 1 - k) & 1) for k in range(count)] for row in range(2**count)]
    try:
        labels = [int(bool(function(*row))) for row in rows]
    except Exception as error:
        expected = f"a function of {count} truth values"
        got = f"one that raised {type(error).__name__}: {error}"
        raise InvalidValueError(message("function", expected, got, "Let it take n_inputs booleans.")) from error
    return np.array(rows, dtype=np.float64), np.array(labels)


def flip_labels(y: ArrayLike, fraction: float = 0.05, seed: int = 0) -> IntArray:
    """Make labels noisy: flip each label, 0 or 1, with probability ``fraction``.

    Args:
        y: shape (n_samples,), 0 or 1.
        fraction: from 0 to 1 (0.05 by default).
        seed: of the draw, at least 0.

    Returns:
        New labels, shape (n_samples,).

    Raises:
        InvalidTypeError: an argument has the wrong type.
        InvalidValueError: a label is neither 0 nor 1, ``fraction`` is not from 0 to 1, or ``seed`` is below 0.
        ShapeError: ``y`` is empty, or not flat.

    Example:
        >>> flip_labels([0, 0, 1, 1, 1, 0], fraction=0.5).tolist()
        [0, 1, 0, 0, 1, 0]
    """
    labels = as_vector(y, "y", what="labels")
    if not np.isin(labels, (0.0, 1.0)).all():
        raise InvalidValueError(message("y", "the labels 0 and 1", describe(y), "Recode the labels."))
    chance = as_float(fraction, "fraction")
    if not 0.0 <= chance <= 1.0:
        raise InvalidValueError(
            message("fraction", "a number from 0 to 1", f"{chance}", "Pass 0.05 for one in twenty.")
        )
    flip = np.random.default_rng(as_int(seed, "seed", minimum=0)).random(labels.shape) < chance
    return np.where(flip, 1.0 - labels, labels).astype(np.int64)
