"""Merging a few candidates into many gives what ordering all of them gives."""

from hypothesis import given
from hypothesis import strategies as st

from minigrid.search.ranking import best_of, merged
from tests.profile import examples

PAIRS = st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 0.25, 0.5, float("inf")]), st.integers(0, 40)), max_size=30)


@examples(400)
@given(before=PAIRS, found=PAIRS, count=st.integers(1, 20), sign=st.sampled_from([1.0, -1.0]))
def test_merging_is_ordering_all(
    before: list[tuple[float, int]], found: list[tuple[float, int]], count: int, sign: float
) -> None:
    kept = best_of(before, count, sign)
    assert merged(kept, found, count, sign) == best_of([*found, *kept], count, sign)
