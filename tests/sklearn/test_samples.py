"""The samples of an estimator: each distinct one once, sorted, with its weight."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minigrid.sklearn.samples import gathered
from tests.profile import examples


def test_samples_are_gathered() -> None:
    X = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, -0.0], [0.0, 2.0], [5.0, 5.0]])
    y = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    features, targets, totals = gathered(X, y, np.array([1.0, 2.0, 3.0, 4.0, 0.0]))
    assert totals is not None
    rows = {(*map(float, x), float(t)): float(w) for x, t, w in zip(features, targets, totals, strict=True)}
    assert rows == {(1.0, 0.0, 1.0): 4.0, (0.0, 2.0, 0.0): 2.0, (0.0, 2.0, 1.0): 4.0}
    assert gathered(X[[0, 1, 4]], y[[0, 1, 4]], None)[2] is None
    assert gathered(X, y, np.array([2.0, 5.0, 3.0, 5.0, 5.0]))[2] is None
    assert gathered(X, np.column_stack([y, y]), None)[1].shape == (4, 2)


@examples(200)
@given(seed=st.integers(0, 2**32), n_targets=st.sampled_from([0, 1, 2]))
def test_gathered_samples_are_sorted_by_all_numbers_and_distinct(seed: int, n_targets: int) -> None:
    generator = np.random.default_rng(seed)
    n_samples, n_features = int(generator.integers(1, 40)), int(generator.integers(1, 6))
    X = generator.choice([-1.0, -0.0, 0.0, 5e-324, 1.0], size=(n_samples, n_features))
    y = generator.integers(0, 2, size=(n_samples, n_targets) if n_targets else n_samples).astype(np.float64)
    weights = generator.integers(1, 3, size=n_samples).astype(np.float64)
    features, targets, totals = gathered(X, y, weights)
    expected: dict[tuple[float, ...], float] = {}
    for row, weight in zip(np.column_stack([X, y])[:, ::-1].tolist(), weights.tolist(), strict=True):
        expected[tuple(row)] = expected.get(tuple(row), 0.0) + weight
    rows = list(map(tuple, np.column_stack([features, targets])[:, ::-1].tolist()))
    assert rows == sorted(expected)
    if totals is None:
        assert len(set(expected.values())) == 1
    else:
        assert totals.tolist() == [expected[row] for row in rows]
