"""Spaces to test with, and their digits by long division."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from minigrid import Grid, Network, SearchSpace
from tests.problems import ANY, PLAIN, grids, networks

GOOGOL = 10**100


def counting(n_values: int) -> Grid:
    """A grid whose values are their own positions."""
    return Grid(np.arange(n_values))


def space_of(radices: Sequence[int]) -> SearchSpace:
    """A space in which a candidate spells out the digits of its index."""
    return SearchSpace.from_grids([counting(n) for n in radices], [f"p{k}" for k in range(len(radices))])


def digits_of(index: int, radices: Sequence[int]) -> list[int]:
    """Write an index in a mixed base, the last digit running fastest."""
    digits = []
    for radix in reversed(radices):
        index, digit = divmod(index, radix)
        digits.append(digit)
    assert index == 0
    return digits[::-1]


def googol_space() -> SearchSpace:
    """Ten values for each of a hundred parameters."""
    return SearchSpace(Network.dense([100, 1]), Grid.linspace(-1.0, 1.0, 10))


@st.composite
def small_spaces(draw: st.DrawFn) -> SearchSpace:
    """A space of at most a few hundred candidates, with duplicates among its values."""
    network = draw(networks())
    chosen, size = [], 1
    for _ in range(network.n_parameters):
        chosen.append(draw(grids(st.one_of(PLAIN, ANY), max(1, min(6, 300 // size)))))
        size *= len(chosen[-1])
    return SearchSpace.from_grids(draw(st.permutations(chosen)), network.parameter_names)


# Long rows of small bases, and mixed ones, so that their products pass 2**60 at different places.
FEW = [[1] * 5, [7] * 22, [3, *[2] * 59], [*[2] * 59, 3], [1, *[2] * 60, 1]]


ALIKE = [(2, 59), (2, 60), (2, 61), (2, 200), (10, 18), (10, 19), (10, 100), (100, 9), (100, 10), (1024, 6), (1024, 7)]


RADICES = st.one_of(
    st.lists(st.integers(1, 12), min_size=1, max_size=40),
    st.lists(st.sampled_from([1, 2, 3, 10, 100, 1000, 1024, 4096]), min_size=1, max_size=14),
    st.sampled_from([*FEW, *([radix] * times for radix, times in ALIKE)]),
)
