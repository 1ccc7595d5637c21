"""The sums under all scorings: close to the exact ones, and the same bit for bit in any batch."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrid._base.numerics import tree_sum, weighted_mean
from tests.scoring.cases import bits, quick
from tests.scoring.formulas import weighted_average

# The sum under all of them ----------------------------------------------------------------------

LENGTHS = [*range(1, 71), 1000, 100_001]


@pytest.mark.parametrize("length", LENGTHS)
def test_the_tree_sum_is_close_to_the_exact_sum(length: int) -> None:
    rng = np.random.default_rng(length)
    terms = rng.normal(size=length) * 10.0 ** rng.integers(-8, 8, length)
    before = terms.copy()
    error = abs(float(tree_sum(terms)) - math.fsum(terms))
    assert error <= 2.0**-52 * (1.0 + math.log2(length)) * math.fsum(np.abs(terms))
    assert np.array_equal(terms, before)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_tree_sum_of_a_row_has_the_same_bits_in_any_batch(length: int) -> None:
    rng = np.random.default_rng(length)
    terms = rng.normal(size=(6, length)) * 10.0 ** rng.integers(-8, 8, (6, length))
    alone = bits(np.array([tree_sum(row.copy()) for row in terms]))
    assert bits(tree_sum(terms)) == alone
    assert bits(tree_sum(terms[2:5])) == alone[2:5]
    assert bits(tree_sum(terms.reshape(2, 3, length)).ravel()) == alone
    assert bits(tree_sum(np.asfortranarray(terms))) == alone
    assert bits(tree_sum(np.repeat(terms, 2, axis=1)[:, ::2])) == alone


def test_the_tree_sum_of_whole_numbers_is_exact() -> None:
    for length in LENGTHS:
        assert tree_sum(np.arange(1.0, length + 1.0)) == length * (length + 1) // 2


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.data())
@example([1e16, 1.0, -1e16], None)
def test_the_weighted_mean_is_the_plain_one(terms: list[float], data: st.DataObject | None) -> None:
    array = np.array(terms)
    scale = 1e-13 * max(1.0, max(map(abs, terms)))
    assert math.isclose(weighted_mean(array, None), math.fsum(terms) / len(terms), rel_tol=1e-12, abs_tol=scale)
    if data is not None:
        weights = data.draw(st.lists(st.floats(0.01, 10.0), min_size=len(terms), max_size=len(terms)))
        mean = weighted_average(terms, weights)
        assert math.isclose(weighted_mean(array, np.array(weights)), mean, rel_tol=1e-12, abs_tol=10 * scale)
