"""Chunks are about a tenth of a second long where that wastes nothing, and long enough where it would."""

import random
from collections.abc import Callable

import pytest

from minigrid.search.parallel.chunks import Chunks


def run(
    seconds: Callable[[int], float], n_candidates: int, largest: int = 2**20, step: int = 1, first: int = 64
) -> tuple[float, list[int]]:
    """Take all chunks at generated costs: the time that went by, and the sizes."""
    chunks = Chunks(largest, step, n_candidates, first)
    total = 0.0
    sizes: list[int] = []
    while not chunks.exhausted:
        start, stop = chunks.take()
        assert start == sum(sizes)
        sizes.append(stop - start)
        total += seconds(stop - start)
        chunks.learn(stop - start, seconds(stop - start))
    assert sum(sizes) == n_candidates
    return total, sizes


@pytest.mark.parametrize("each", [1e-7, 1e-5, 1e-3, 0.04])
def test_chunks_of_proportional_cost_take_a_tenth_of_a_second(each: float) -> None:
    _, sizes = run(lambda size: size * each, 10**8 if each < 1e-6 else int(100 / each))
    for size in sizes[6:-1]:
        assert 0.05 <= size * each <= 0.11 or size == 2**20


@pytest.mark.parametrize("fixed", [0.05, 0.2, 3.0])
@pytest.mark.parametrize("each", [0.0, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("step", [1, 3, 50])
def test_a_fixed_cost_does_not_shrink_chunks_until_they_waste_all_time(fixed: float, each: float, step: int) -> None:
    n_candidates = 100_000
    total, sizes = run(lambda size: fixed + size * each, n_candidates, step=step)
    assert total < 3.0 * n_candidates * each + 30.0 * fixed
    if each:  # no longer than it has to be
        assert max(sizes[8:]) <= max(max(0.2, 8.0 * fixed) / each, step)


def test_a_slow_moment_does_not_make_chunks_long_for_good() -> None:
    rng = random.Random(1)
    each = 1e-5
    _, sizes = run(lambda size: size * each * (20.0 if rng.random() < 0.05 else 1.0 + 0.2 * rng.random()), 10**7)
    late = sizes[len(sizes) // 2 : -1]
    assert sum(size * each > 0.25 for size in late) < 0.1 * len(late)
    assert sum(late) / len(late) * each > 0.03


@pytest.mark.parametrize("each", [0.05, 0.01, 0.003])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_slow_candidates_never_make_a_long_chunk(each: float, step: int) -> None:
    _, sizes = run(lambda size: size * each, 3000, step=step, first=1)
    assert sizes[0] == 1
    assert max(sizes) * each <= 1.0


@pytest.mark.parametrize("each", [1e-6, 1e-4])
def test_after_a_single_candidate_chunks_are_whole_runs_again(each: float) -> None:
    _, sizes = run(lambda size: 1e-4 + size * each, 50_000, step=500, first=1)
    assert sizes[:2] == [1, 499]
    assert all(size % 500 == 0 for size in sizes[2:])
    assert len(sizes) < 110
