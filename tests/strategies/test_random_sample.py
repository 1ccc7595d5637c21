"""The random strategy does what its docstring says."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    LogLoss,
    Network,
    NoScoreError,
    RandomSample,
)
from minigrid.datasets import sum_threshold
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.problems import loop, problems
from tests.profile import examples
from tests.strategies.promises import check, fit, problem_of


@examples(100)
@given(n=st.integers(1, 60), size=st.one_of(st.integers(1, 80), st.sampled_from([2**63, 10**100])), seed=st.integers(0))
def test_a_draw_is_distinct_in_range_and_seeded(n: int, size: int, seed: int) -> None:
    drawn = list(RandomSample(n=n, seed=seed).draw(size))
    assert len(drawn) == len(set(drawn)) == min(n, size)
    assert all(0 <= index < size for index in drawn)
    assert list(RandomSample(n=n, seed=seed).draw(size)) == drawn


def test_other_seeds_draw_other_candidates() -> None:
    draws = {tuple(RandomSample(n=5, seed=seed).draw(10**9)) for seed in range(20)}
    assert len(draws) == 20


def test_every_candidate_is_drawn_about_equally_often() -> None:
    counts = np.zeros(10)
    for seed in range(2000):
        counts[list(RandomSample(n=3, seed=seed).draw(10))] += 1
    assert np.abs(counts - 600).max() < 5 * np.sqrt(2000 * 0.3 * 0.7)


@examples(25)
@given(problem=problems(most_candidates=200), n=st.integers(1, 50), seed=st.integers(0, 9))
def test_the_best_of_the_draw_is_returned(problem: Problem, n: int, seed: int) -> None:
    strategy = RandomSample(n=n, seed=seed)
    drawn = strategy.draw(problem.space.size)
    scores = ReferenceEngine().score(problem, problem.space.digits(list(drawn)))
    valid = [(s, i) for s, i in zip(scores.tolist(), drawn, strict=True) if not np.isnan(s)]
    if not valid:
        with pytest.raises(NoScoreError):
            fit(problem, strategy)
        return
    sign = -1.0 if problem.scoring.greater_is_better else 1.0
    best = min(valid, key=lambda pair: (sign * pair[0], pair[1]))
    result = fit(problem, strategy)
    assert (result.score, result.index) == best
    assert result.n_scored == len(drawn)
    assert result.optimal is (len(drawn) == problem.space.size)


def test_as_many_as_there_are_is_the_plain_loop_and_a_proof() -> None:
    X, y = sum_threshold(n_samples=30)
    problem = problem_of(Network.dense([3, 1]), Grid.linspace(-2, 2, 5), X, y)
    for n in (125, 126, 10_000):
        result = fit(problem, RandomSample(n=n), top=125)
        assert (result.index, result.score) == loop(problem)
        assert result.optimal
        assert result.top == fit(problem, Joint(), top=125).top
    assert not fit(problem, RandomSample(n=124)).optimal


def test_a_sample_of_a_space_beyond_all_machine_numbers() -> None:
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(20, 99)), rng.integers(0, 2, 20)
    problem = problem_of(Network.dense([99, 1], bias=True), Grid.linspace(-1, 1, 10), X, y, LogLoss())
    assert problem.space.size == 10**100
    result = fit(problem, RandomSample(n=300, seed=2), top=5)
    check(problem, result, 5)
    assert result.n_scored == 300
    assert result.index is not None
    assert result.index > 10**90
    assert len({candidate.index for candidate in result.top}) == 5


def test_a_sample_is_drawn_once_and_a_plan_draws_few(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = RandomSample.draw

    def noted(self: RandomSample, size: int, *stopped: Callable[[], bool]) -> Sequence[int]:
        indices = draw(self, size, *stopped)
        drawn.append(len(indices))
        return indices

    monkeypatch.setattr(RandomSample, "draw", noted)
    trainer = GridSearchTrainer(Grid.linspace(-1.0, 1.0, 100), strategy=RandomSample(n=60_000))
    network, X = Network.dense([3, 1]), np.random.default_rng(0).random((20, 3))
    y = (X.sum(axis=1) > 1.5).astype(int)
    plan = trainer.plan(network, X, y)
    assert plan.n_to_score == 60_000
    assert max(drawn) < 20_000
    drawn.clear()
    assert trainer.fit(network, X, y).n_scored == 60_000
    assert sorted(drawn)[-1] == 60_000
    assert sum(drawn) < 80_000


def test_a_sample_too_large_to_be_held_is_refused() -> None:
    assert RandomSample(n=10**7).n == 10**7
    with pytest.raises(InvalidValueError, match=r"^n: expected a whole number of at most 10,000,000"):
        RandomSample(n=10**7 + 1)


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"n": 0}, InvalidValueError, "n"),
        ({"n": 1e3}, InvalidTypeError, "n"),
        ({"seed": -1}, InvalidValueError, "seed"),
    ],
    ids=repr,
)
def test_settings_of_a_sample_that_are_none_are_named(
    settings_: dict[str, Any], kind: type[Exception], named: str
) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        RandomSample(**settings_)
