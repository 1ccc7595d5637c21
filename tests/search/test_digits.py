"""The digits of an index are those of long division."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import Grid, Network, OutOfRangeError, SearchSpace, ShapeError
from minigrid._base.mixed_radix import all_digits, join_digits, numbers_of, split_digits
from tests.profile import examples
from tests.search.spaces import GOOGOL, RADICES, digits_of, googol_space, space_of


def corners(radices: Sequence[int]) -> list[int]:
    """Indices at which digits roll over: around multiples of the product of the last few bases."""
    size, product, found = math.prod(radices), 1, {0, math.prod(radices) - 1}
    for radix in reversed(radices):
        product *= radix
        found |= {multiple * product + offset for multiple in (1, 2, 3) for offset in (-2, -1, 0, 1)}
    return sorted(index for index in found if 0 <= index < size)


@examples(100)
@given(RADICES, st.data())
def test_digits_of_ranges_and_of_lists_are_those_of_long_division(radices: list[int], data: st.DataObject) -> None:
    space, size = space_of(radices), math.prod(radices)
    start = min(max(data.draw(st.sampled_from(corners(radices))) + data.draw(st.integers(-9, 9)), 0), size - 1)
    steps = [1, 2, 3, 7, -1, -2, 999, 2**29, 2**30 - 1, 2**30, 2**59, 2**60, -(2**60), 2**61 + 1, 10**30]
    step = data.draw(st.sampled_from(steps))
    length = data.draw(st.integers(0, 25))
    chosen = range(start, start + length * step, step)
    wanted = [index for index in chosen if 0 <= index < size]
    if len(wanted) < length:
        chosen = range(start, start + len(wanted) * step, step)
    expected = np.array([digits_of(index, radices) for index in wanted]).reshape(len(wanted), len(radices))
    shuffled = data.draw(st.permutations(range(len(wanted))))
    assert space.digits(chosen).tolist() == expected.tolist()
    assert space.digits(wanted).tolist() == expected.tolist()
    assert space.digits([wanted[k] for k in shuffled]).tolist() == expected[list(shuffled)].tolist()
    assert space.digits(chosen).dtype == np.int64
    assert space.digits(chosen).shape == (len(wanted), len(radices))


@pytest.mark.parametrize("radices", [[2] * 64, [10] * 20, [7] * 25, [1024] * 7, [3, *[2] * 60], [1, 2, 1] * 30, [5]])
def test_digits_at_every_place_where_they_roll_over(radices: list[int]) -> None:
    space, size = space_of(radices), math.prod(radices)
    everywhere = corners(radices)
    expected = [digits_of(index, radices) for index in everywhere]
    assert space.digits(everywhere).tolist() == expected
    assert space.digits(everywhere[::-1]).tolist() == expected[::-1]
    assert space.digits(everywhere * 2).tolist() == expected * 2
    for index in everywhere:
        stop = min(index + 5, size)
        assert space.digits(range(index, stop)).tolist() == [digits_of(k, radices) for k in range(index, stop)]


def test_digits_of_a_long_range_across_the_boundary_of_machine_integers() -> None:
    radices = [2] * 130
    start = 2**60 * 12_345 - 3_000
    chosen = range(start, start + 6_000)
    digits = space_of(radices).digits(chosen)
    powers = [2**k for k in range(129, -1, -1)]
    assert [sum(p for p, digit in zip(powers, row, strict=True) if digit) for row in digits.tolist()] == list(chosen)


def test_no_digits_of_no_indices() -> None:
    nothings: list[range | list[int]] = [range(0), range(5, 5), range(GOOGOL, GOOGOL), range(GOOGOL, 0), []]
    for nothing in nothings:
        assert googol_space().digits(nothing).shape == (0, 100)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.data())
def test_the_index_at_digits_undoes_them(radices: list[int], data: st.DataObject) -> None:
    space = SearchSpace.from_grids([Grid(np.arange(float(n))) for n in radices], [str(k) for k in range(len(radices))])
    index = data.draw(st.integers(0, space.size - 1))
    digits = space.digits([index])[0]
    assert space.index_at(digits) == space.index_at(digits.tolist()) == index
    assert space.indices_at(np.array([digits, digits])) == [index, index]


def test_digits_that_are_none_have_no_index() -> None:
    space = SearchSpace(Network.dense([2, 1]), Grid([-1.0, 0.0, 1.0]))
    with pytest.raises(ShapeError, match=r"^digits: expected 2 positions, got 3"):
        space.index_at([0, 0, 0])
    for wrong in ([0, 3], [-1, 0]):
        with pytest.raises(OutOfRangeError, match=r"^digits: expected positions below 3"):
            space.index_at(wrong)


def test_values_are_looked_up_at_digits() -> None:
    space = SearchSpace.from_grids([Grid([5.0, 6.0]), Grid([-1.0, 0.5, 0.25])], ["a", "b"])
    assert space.values_at(np.array([[1, 0], [0, 2]])).tolist() == [[6.0, -1.0], [5.0, 0.25]]
    assert space.values_at(np.empty((0, 2), dtype=np.int64)).shape == (0, 2)


@given(st.lists(st.integers(1, 3), max_size=7), st.integers(0, 100))
def test_machine_integers_are_split_into_digits_and_joined(radices: list[int], n_ones: int) -> None:
    every = all_digits(radices)
    assert every.tolist() == [list(own) for own in itertools.product(*map(range, radices))]
    many = [1] * n_ones + radices  # NumPy's own functions take no more than 64
    digits = split_digits(np.arange(len(every)), many)
    assert digits[:, n_ones:].tolist() == every.tolist()
    assert not digits[:, :n_ones].any()
    assert join_digits(digits, many).tolist() == numbers_of(digits, many) == list(range(len(every)))
