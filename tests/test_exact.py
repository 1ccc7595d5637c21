"""The exact engine gives the plain loop's answer, and proves it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from minigrid.exceptions import NoScoreError
from minigrid.search.exact.engine import ExactEngine
from minigrid.search.problem import Problem
from minigrid.search.reference import ReferenceEngine
from minigrid.search.run import Runner
from tests.problems import label_problems, problems

MANY = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))


def agrees(problem: Problem, top: int = 1) -> None:
    """Compare with all scores of the plain loop."""
    scores = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    expected = sorted((sign * score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    runner = Runner(ExactEngine(), top=top)
    if not expected:
        with pytest.raises(NoScoreError):
            runner.run(problem, stage="joint")
        return
    found = runner.run(problem, stage="joint")
    event(" and ".join(runner.choices))
    assert [((sign * c.score).hex(), c.index) for c in found.best] == [(score.hex(), i) for score, i in expected]
    assert found.complete
    assert found.bound == found.best[0].score
    assert runner.n_scored + runner.n_pruned == problem.space.size


@MANY
@given(problems())
def test_the_best_is_the_plain_loops(problem: Problem) -> None:
    agrees(problem)


@MANY
@given(label_problems())
def test_the_best_labels_are_the_plain_loops(problem: Problem) -> None:
    agrees(problem)


@MANY
@given(problems(), st.integers(2, 6))
def test_the_best_few_are_the_plain_loops(problem: Problem, top: int) -> None:
    agrees(problem, top)
