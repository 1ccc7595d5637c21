"""Adding candidates to the best so far gives what ordering all of them gives."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import Accuracy, Grid, LogLoss, Network, Problem, Scoring, SearchSpace
from minigrid.search.candidate import Candidate, as_candidates
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.parallel.chunk_scores import score_chunk
from minigrid.search.ranking import Ranking, best_of, best_positions
from tests.profile import examples

SCORES = st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5, float("inf")])
PAIRS = st.lists(st.tuples(SCORES, st.integers(0, 40)), max_size=30)


@examples(400)
@given(
    before=PAIRS,
    parts=st.lists(PAIRS, max_size=4),
    count=st.integers(1, 20),
    sign=st.sampled_from([1.0, -1.0]),
)
def test_adding_is_ordering_all(
    before: list[tuple[float, int]], parts: list[list[tuple[float, int]]], count: int, sign: float
) -> None:
    ranking, expected = Ranking(best_of(before, count, sign), count, sign), best_of(before, count, sign)
    first = ranking.copy()
    for part in parts:
        together = best_of([*part, *expected], count, sign)
        assert ranking.add(part) == (together != expected)
        expected = together
        assert ranking.best == expected
        assert ranking.first == (expected[0] if expected else None)
        assert ranking.worst == (expected[-1] if len(expected) == count else None)
    assert first.best == best_of(before, count, sign)


@examples(400)
@given(scores=st.lists(st.one_of(SCORES, st.just(np.nan)), max_size=30), count=st.integers(1, 20))
def test_the_best_positions_are_those_of_a_stable_sort(scores: list[float], count: int) -> None:
    for sign in (1.0, -1.0):
        valid = [k for k, score in enumerate(scores) if not np.isnan(score)]
        expected = sorted(valid, key=lambda k: -sign * scores[k])[:count]
        assert best_positions(np.array(scores, dtype=np.float64), count, sign).tolist() == expected


@pytest.mark.parametrize("scoring", [Accuracy(), LogLoss()])
@pytest.mark.parametrize("is_shuffled", [False, True])
def test_a_chunk_hands_over_only_what_is_among_the_best_so_far(scoring: Scoring, is_shuffled: bool) -> None:
    X, y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2
    network = Network.dense([2, 1])
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-3, 3, 20)), X, y, scoring)
    every = np.random.default_rng(1).permutation(400).tolist() if is_shuffled else range(400)
    ranking, n_found = Ranking((), 30, problem.sign), 0
    for start in range(0, 400, 40):
        chosen, worst = every[start : start + 40], ranking.worst
        chunk = score_chunk(BatchedEngine(), problem, chosen, top=30, target=None, worst=worst)
        assert chunk.n_candidates == 40
        ranking.add(chunk.best)
        n_found += len(chunk.best)
        assert worst is None or all(best_of([one, worst], 1, problem.sign) == (one,) != (worst,) for one in chunk.best)
    scores = BatchedEngine().objective(problem, problem.space.digits(range(400)))
    assert ranking.best == best_of(zip(scores.tolist(), range(400), strict=True), 30, problem.sign)
    assert n_found < 250  # of 300 without the worst so far


def test_candidates_that_are_created_together_are_as_those_created_one_by_one() -> None:
    values = np.random.default_rng(0).normal(size=(3, 4))
    found = [(0.5, 7), (0.25, 2**70), (float("nan"), 0)]
    together = as_candidates(found, values.copy())
    one_by_one = [Candidate(index, own, objective) for own, (objective, index) in zip(values, found, strict=True)]
    for one, other in zip(together, one_by_one, strict=True):
        for field in dataclasses.fields(Candidate):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=field.name != "index")
        assert not one.parameters.flags.writeable
