"""Ranges that are joined, and counts by slot, are those of plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid._base.ragged import histogram, joined_ranges


@given(st.lists(st.tuples(st.integers(-5, 50), st.integers(0, 6)), max_size=8))
def test_joined_ranges_are_each_range_after_the_other(ranges: list[tuple[int, int]]) -> None:
    starts, counts = np.array(ranges, dtype=np.int64).reshape(-1, 2).T
    expected = [number for start, count in ranges for number in range(start, start + count)]
    assert joined_ranges(starts, counts).tolist() == expected
    assert joined_ranges(3, counts).tolist() == [number for _, count in ranges for number in range(3, 3 + count)]


@pytest.mark.parametrize("amounts", [None, [1.0, 0.25, 4.0]])
def test_a_histogram_counts_slots_or_adds_up_amounts(amounts: list[float] | None) -> None:
    slots = np.array([[0, 2, 2], [4, 2, 0]])
    expected = np.zeros(6)
    for row in slots.tolist():
        for slot, amount in zip(row, amounts or [1.0] * 3, strict=True):
            expected[slot] += amount
    found = histogram(slots, None if amounts is None else np.array(amounts), 6)
    assert found.tolist() == expected.tolist()
