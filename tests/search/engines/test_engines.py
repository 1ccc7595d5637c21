"""Every engine gives the plain loop's answer: the same index and the same score, to the bit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minigrid import Stage
from minigrid.exceptions import NoScoreError
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from tests.problems import label_problems, loop, problems

ENGINES = [ReferenceEngine(), BatchedEngine()]


def every_score(engine: Engine, problem: Problem) -> list[str]:
    """Write all scores of a space so that two can be compared to the bit."""
    scores = engine.score(problem, problem.space.digits(range(problem.space.size)))
    assert scores.shape == (problem.space.size,)
    assert scores.dtype == np.float64
    return [float(score).hex() for score in scores]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_all_scores_are_the_same_to_the_bit(problem: Problem) -> None:
    assert every_score(BatchedEngine(), problem) == every_score(ReferenceEngine(), problem)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(label_problems())
def test_swept_labels_are_the_same_to_the_bit(problem: Problem) -> None:
    assert every_score(BatchedEngine(), problem) == every_score(ReferenceEngine(), problem)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_the_best_is_the_plain_loops(engine: Engine, problem: Problem) -> None:
    try:
        index, score = loop(problem)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            Runner(problem, pair_of(engine)).run(Stage("joint", problem))
        return
    best = Runner(problem, pair_of(engine)).run(Stage("joint", problem)).best[0]
    assert (best.index, best.score.hex()) == (index, score.hex())


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.data())
def test_any_choice_of_candidates_scores_the_same(problem: Problem, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, problem.space.size - 1), min_size=1, max_size=30))
    digits = problem.space.digits(indices)
    together = BatchedEngine().score(problem, digits)
    alone = np.concatenate([ReferenceEngine().score(problem, digits[i : i + 1]) for i in range(len(indices))])
    assert together.tobytes() == alone.tobytes() or np.array_equal(together, alone, equal_nan=True)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.integers(1, 5))
def test_top_is_the_sorted_beginning(problem: Problem, top: int) -> None:
    scores = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    expected = sorted((sign * score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    if not expected:
        return
    found = Runner(problem, pair_of(BatchedEngine()), top=top).run(Stage("joint", problem)).best
    assert [(sign * c.score, c.index) for c in found] == expected


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_all_scores_are_the_same_to_the_bit_at_length(problem: Problem) -> None:
    assert every_score(BatchedEngine(), problem) == every_score(ReferenceEngine(), problem)


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(label_problems())
def test_swept_labels_are_the_same_to_the_bit_at_length(problem: Problem) -> None:
    assert every_score(BatchedEngine(), problem) == every_score(ReferenceEngine(), problem)
