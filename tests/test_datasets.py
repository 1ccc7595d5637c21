"""The data sets: those of the original class bit for bit, xor, truth tables and noisy labels."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import InvalidTypeError, InvalidValueError, MinigridError, ShapeError
from minigrid._base.typing import FloatArray, IntArray
from minigrid.datasets import flip_labels, sum_threshold, truth_table, xor
from tests.profile import examples


def lesson_features(seed: int, n_samples: int, n_features: int) -> FloatArray:
    """Draw as the lesson does, and put NumPy's global state back."""
    state = np.random.get_state()  # noqa: NPY002  # the lesson draws from the global state
    try:
        np.random.seed(seed)  # noqa: NPY002  # as above
        return np.random.rand(n_samples, n_features)  # noqa: NPY002  # as above
    finally:
        np.random.set_state(state)  # noqa: NPY002  # as above


@pytest.mark.parametrize(
    ("n_samples", "n_features", "threshold", "seed"),
    [
        (1000, 3, 1.5, 2024),  # the training data
        (100, 3, 1.5, 123),  # the test data
        (1000, 4, 1.75, 2024),  # four weights
        (1000, 2, 1.0, 2024),  # two neurons into one
        (1, 1, 0.5, 0),
        (7, 12, 6.0, 2**32 - 1),
    ],
)
def test_sum_threshold_gives_the_lessons_data(n_samples: int, n_features: int, threshold: float, seed: int) -> None:
    X, y = sum_threshold(n_samples=n_samples, n_features=n_features, threshold=threshold, seed=seed)
    expected = lesson_features(seed, n_samples, n_features)
    assert X.tobytes() == expected.tobytes()
    assert X.shape == (n_samples, n_features)
    total = expected[:, 0]
    for k in range(1, n_features):
        total = total + expected[:, k]
    assert y.tolist() == (total > threshold).astype(int).tolist()
    assert y.shape == (n_samples,)
    assert X.dtype == np.float64
    assert y.dtype == np.int64


def test_the_defaults_are_the_lessons_training_data() -> None:
    X, y = sum_threshold()
    np.testing.assert_allclose(X[0], [0.58801452, 0.69910875, 0.18815196], rtol=0.0, atol=1e-8)
    np.testing.assert_allclose(X[1], [0.04380856, 0.20501895, 0.10606287], rtol=0.0, atol=1e-8)
    assert y.sum() == 522
    X, _ = sum_threshold(seed=123, n_samples=100)
    np.testing.assert_allclose(X[0], [0.69646919, 0.28613933, 0.22685145], rtol=0.0, atol=1e-8)


def test_the_sum_must_lie_above_the_threshold() -> None:
    X, _ = sum_threshold(n_samples=1, n_features=2, seed=5)
    total = float(X[0, 0] + X[0, 1])
    assert sum_threshold(n_samples=1, n_features=2, threshold=total, seed=5)[1].tolist() == [0]
    assert sum_threshold(n_samples=1, n_features=2, threshold=np.nextafter(total, 0.0), seed=5)[1].tolist() == [1]


Draw = Callable[[], tuple[Any, ...]]


@pytest.mark.parametrize(
    "draw",
    [
        sum_threshold,
        xor,
        lambda: truth_table(lambda a, b: a and b),
        lambda: (flip_labels([0, 1] * 50, fraction=0.3, seed=4),),
    ],
    ids=["sum_threshold", "xor", "truth_table", "flip_labels"],
)
def test_data_sets_neither_read_nor_touch_the_global_random_state(draw: Draw) -> None:
    before = np.random.get_state()  # noqa: NPY002  # the state in question
    try:
        first = draw()
        after = np.random.get_state()  # noqa: NPY002  # the state in question
        np.random.seed(99)  # noqa: NPY002  # the state in question
        second = draw()
    finally:
        np.random.set_state(before)  # noqa: NPY002  # the state in question
    assert repr(before) == repr(after)
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_data_sets_are_the_callers_own() -> None:
    for draw in (sum_threshold, xor):
        X, y = draw()
        X += 1.0
        y += 1
        assert draw()[0].max() < 1.0
        assert draw()[1].max() == 1


def test_xor_is_one_where_exactly_one_feature_is_above_a_half() -> None:
    X, y = xor(n_samples=500, seed=7)
    assert X.tobytes() == lesson_features(7, 500, 2).tobytes()
    assert y.tolist() == [int((a > 0.5) != (b > 0.5)) for a, b in X.tolist()]
    assert X.shape == (500, 2)
    assert y.dtype == np.int64
    assert set(y.tolist()) == {0, 1}
    assert xor()[0].shape == (1000, 2)


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 7])
def test_a_truth_table_lists_all_inputs_in_counting_order(n_inputs: int) -> None:
    X, y = truth_table(lambda *inputs: sum(inputs) % 2, n_inputs)
    assert X.tolist() == [list(map(float, row)) for row in itertools.product([0, 1], repeat=n_inputs)]
    assert y.tolist() == [int(row.sum()) % 2 for row in X]
    assert y.shape == (2**n_inputs,)
    assert X.dtype == np.float64
    assert y.dtype == np.int64


def test_a_truth_table_calls_the_function_with_booleans_and_takes_the_truth_of_what_it_returns() -> None:
    seen: list[tuple[object, ...]] = []

    def listing(*inputs: object) -> object:
        seen.append(inputs)
        return [] if inputs[0] else ["anything"]

    _, y = truth_table(listing)
    assert seen == [(False, False), (False, True), (True, False), (True, True)]
    assert all(type(value) is bool for row in seen for value in row)
    assert y.tolist() == [1, 1, 0, 0]
    assert truth_table(lambda a, b: a and not b)[1].tolist() == [0, 0, 1, 0]
    assert truth_table(lambda a, b: np.bool_(a) | np.bool_(b))[1].tolist() == [0, 1, 1, 1]


@examples(60)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=50), st.floats(0.0, 1.0), st.integers(0, 2**70))
def test_flipped_labels_differ_from_the_given_ones_in_some_places(y: list[int], fraction: float, seed: int) -> None:
    flipped = flip_labels(y, fraction=fraction, seed=seed)
    assert flipped.shape == (len(y),)
    assert flipped.dtype == np.int64
    assert set(flipped.tolist()) <= {0, 1}
    assert flip_labels(y, fraction=fraction, seed=seed).tolist() == flipped.tolist()
    # The draw does not look at the labels.
    exchanged = flip_labels([1 - label for label in y], fraction=fraction, seed=seed)
    assert exchanged.tolist() == [1 - k for k in flipped.tolist()]
    assert flip_labels(y, fraction=0.0, seed=seed).tolist() == y
    assert flip_labels(y, fraction=1, seed=seed).tolist() == [1 - label for label in y]


def test_about_the_share_asked_for_is_flipped() -> None:
    y = np.zeros(20_000, dtype=np.int64)
    assert 0.04 < flip_labels(y).mean() < 0.06
    assert 0.28 < flip_labels(y, fraction=0.3, seed=9).mean() < 0.32
    assert flip_labels(y, fraction=0.3, seed=9).tolist() != flip_labels(y, fraction=0.3, seed=10).tolist()


def test_the_labels_given_are_not_changed() -> None:
    kinds: list[Any] = [np.array([0, 1, 1]), np.array([0.0, 1.0, 1.0]), np.array([False, True, True]), [0, 1, 1]]
    for y in kinds:
        flipped: IntArray = flip_labels(y, fraction=1.0)
        assert flipped.tolist() == [1, 0, 0]
        assert list(y) == [0, 1, 1]


make: Any = sum_threshold
toss: Any = xor
table: Any = truth_table
flip: Any = flip_labels


@pytest.mark.parametrize(
    ("call", "error", "pattern"),
    [
        (lambda: make(0), InvalidValueError, "n_samples: expected a whole number of at least 1, got 0"),
        (lambda: make(10.0), InvalidTypeError, r"n_samples: expected a whole number, got 10\.0"),
        (lambda: make(n_features=0), InvalidValueError, "n_features: expected a whole number of at least 1, got 0"),
        (lambda: make(n_features="3"), InvalidTypeError, "n_features: expected a whole number, got '3'"),
        (lambda: make(10**18), InvalidValueError, "n_samples: expected a whole number of at most"),
        (lambda: make(n_features=10**18), InvalidValueError, "n_features: expected a whole number of at most"),
        (lambda: make(threshold=float("nan")), InvalidValueError, "threshold: expected a finite number, got nan"),
        (lambda: make(threshold="1"), InvalidTypeError, "threshold: expected a number, got '1'"),
        (lambda: make(seed=-1), InvalidValueError, "seed: expected a whole number of at least 0, got -1"),
        (lambda: make(seed=2**32), InvalidValueError, r"seed: expected a whole number below 2\*\*32, got 4294967296"),
        (lambda: make(seed=None), InvalidTypeError, "seed: expected a whole number, got None"),
        (lambda: toss(0), InvalidValueError, "n_samples: expected a whole number of at least 1, got 0"),
        (lambda: toss(10**30), InvalidValueError, "n_samples: expected a whole number of at most"),
        (lambda: toss(seed=1.5), InvalidTypeError, r"seed: expected a whole number, got 1\.5"),
        (lambda: table(5), InvalidTypeError, "function: expected a function of truth values, got 5"),
        (lambda: table(bool), InvalidTypeError, "function: expected .*, got the class bool itself"),
        (lambda: table(max, 0), InvalidValueError, "n_inputs: expected a whole number of at least 1, got 0"),
        (lambda: table(max, 21), InvalidValueError, "n_inputs: expected a whole number of at most 20, got 21"),
        (lambda: table(max, 2.0), InvalidTypeError, r"n_inputs: expected a whole number, got 2\.0"),
        (lambda: table(lambda a: a), MinigridError, "function: expected"),
        (lambda: flip([0, 2]), InvalidValueError, "y: expected the labels 0 and 1, got"),
        (lambda: flip([0, 0.5]), InvalidValueError, "y: expected the labels 0 and 1, got"),
        (lambda: flip([0, float("nan")]), InvalidValueError, "y: expected finite numbers, got nan"),
        (lambda: flip(["a"]), InvalidTypeError, "y: expected real numbers"),
        (lambda: flip([[0], [1, 1]]), InvalidTypeError, "y: expected numbers in rows of equal length"),
        (lambda: flip([0, 1], fraction=1.5), InvalidValueError, r"fraction: expected a number from 0 to 1, got 1\.5"),
        (lambda: flip([0, 1], fraction=-0.1), InvalidValueError, r"fraction: expected a number from 0 to 1, got -0\.1"),
        (lambda: flip([0, 1], fraction="half"), InvalidTypeError, "fraction: expected a number, got 'half'"),
        (lambda: flip([0, 1], seed=-1), InvalidValueError, "seed: expected a whole number of at least 0, got -1"),
        (lambda: flip([0, 1], seed=None), InvalidTypeError, "seed: expected a whole number, got None"),
        (lambda: flip([[0, 1]]), ShapeError, "y: expected"),
        (lambda: flip([]), ShapeError, "y: expected"),
        (lambda: flip(1), ShapeError, "y: expected"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], error: type[MinigridError], pattern: str) -> None:
    with pytest.raises(error, match=f"^{pattern}"):
        call()
