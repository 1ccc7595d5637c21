"""Helpers that compare an engine's answer with a plain loop over all scores, bit for bit."""

import numpy as np
import pytest
from hypothesis import event

from minigrid import Stage
from minigrid._base.typing import FloatArray
from minigrid.exceptions import NoScoreError
from minigrid.search.engines.base import Engine, Scorer, Search
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner


def assert_agrees(engine: Engine, problem: Problem, top: int, oracle: Scorer) -> None:
    """Search a problem, and compare the result with the best of all scores from another engine."""
    assert_finds(engine, problem, top, oracle.score(problem, problem.space.digits(range(problem.space.size))))


def assert_finds(engine: Engine, problem: Problem, top: int, scores: FloatArray) -> None:
    """Search a problem, and compare the result with the best of all scores."""
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    expected = sorted((sign * score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    runner = Runner(problem, pair_of(engine), top=top)
    if not expected:
        with pytest.raises(NoScoreError):
            runner.run(Stage("joint", problem))
        return
    found = runner.run(Stage("joint", problem))
    event(" and ".join(runner.engines_used))
    assert [((sign * c.score).hex(), c.index) for c in found.best] == [(score.hex(), i) for score, i in expected]
    assert found.optimal
    assert found.bound == found.best[0].score
    assert runner.n_scored + runner.n_pruned == problem.space.size


def assert_best(search: Search, problem: Problem, top: int) -> None:
    """Run a search to its end, and compare the result with the best of all scores, bit for bit."""
    while not search.finished:
        search.advance()
    scores = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
    assert search.best == [(scores[k], k) for k in np.argsort(-scores, kind="stable")[:top]]
    assert search.n_processed == problem.space.size
