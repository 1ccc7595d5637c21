"""Every engine that has a name gives the plain loop's answer: the same index and the same score, bit for bit."""

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from minigrid import (
    Accuracy,
    Grid,
    GridSearchTrainer,
    Layer,
    MeanSquaredError,
    Network,
    Neuron,
    SearchSpace,
    Sigmoid,
    Stage,
    Tanh,
)
from minigrid._base.threads import at_most
from minigrid.activations.names import ACTIVATIONS
from minigrid.datasets import sum_threshold
from minigrid.exceptions import InvalidValueError, NoScoreError
from minigrid.scoring import Scoring
from minigrid.search.engines import names
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.batched.forward import SHARED, TILE
from minigrid.search.engines.names import pair_of
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from tests.problems import label_problems, loop, problems
from tests.profile import examples
from tests.search.engines.agreement import assert_finds
from tests.workers import wave

ENGINES: dict[str, Engine] = {name: names.ENGINES.make(name) for name in names.ENGINES.built_in}

# One problem for all engines, because generating it and scoring it plainly takes longest.

# Scores -----------------------------------------------------------------------------------------------


def assert_same_scores(problem: Problem, indices: range | Sequence[int]) -> None:
    """Compare the engines' scores with those of the plain loop, which scores candidates one by one."""
    digits = problem.space.digits(indices)
    plain = ReferenceEngine()
    expected = [float(plain.score(problem, digits[k : k + 1])[0]).hex() for k in range(len(indices))]
    for name, engine in ENGINES.items():
        scores = pair_of(engine).scorer.score(problem, digits)
        assert scores.shape == (len(indices),)
        assert scores.dtype == np.float64
        assert (name, [float(score).hex() for score in scores]) == (name, expected)


@examples(300)
@given(problems())
def test_all_scores_are_the_same_to_the_bit(problem: Problem) -> None:
    assert_same_scores(problem, range(problem.space.size))


@examples(400)
@given(label_problems())
def test_swept_labels_are_the_same_to_the_bit(problem: Problem) -> None:
    assert_same_scores(problem, range(problem.space.size))


@examples(80)
@given(problems(), st.data())
def test_any_choice_of_candidates_scores_the_same(problem: Problem, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, problem.space.size - 1), min_size=1, max_size=30))
    assert_same_scores(problem, indices)


@pytest.mark.parametrize("name", [*ACTIVATIONS.built_in, "wave"])
def test_more_samples_than_are_summed_at_a_time_change_no_bit(name: str) -> None:
    """Beside a neuron of another kind, with a layer after it, and with more than one row of samples at a time."""
    hidden = wave if name == "wave" else ACTIVATIONS.make(name)
    neurons = Neuron([1.0] * 3, activation=hidden), Neuron([1.0] * 3, 0.0, Tanh())
    network = Network([Layer(neurons), Layer.dense(2, 2, activation=Sigmoid())])
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(2 * TILE + 5, 3)), generator.normal(size=(2 * TILE + 5, 2))
    space = SearchSpace(network, Grid([-0.9, 0.3, 1.7]))
    problem = Problem.create(network, space, X, y, MeanSquaredError())
    assert_same_scores(problem, [0, 1, 2, 5, 6, space.size // 2, space.size - 1])


@pytest.mark.parametrize(("outputs", "scoring"), [(1, Accuracy()), (1, MeanSquaredError()), (2, MeanSquaredError())])
def test_candidates_that_share_nothing_need_no_more_memory_than_a_chunk(outputs: int, scoring: Scoring) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10_000, 3)), rng.integers(0, 2, size=(10_000, outputs)).astype(np.float64)
    network, engine = Network.dense([3, 4, 2, outputs], bias=True), BatchedEngine()
    problem = Problem.create(network, SearchSpace(network, Grid.linspace(-2, 2, 5)), X, y, scoring)
    drawn = rng.integers(0, 5, size=(250, network.n_parameters))
    tracemalloc.start()
    try:
        scores = engine.score(problem, drawn)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * engine.memory(problem, engine.chunk_size(problem))
    assert scores[::24].tolist() == [engine.score(problem, own[np.newaxis])[0] for own in drawn[::24]]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_threads_that_share_the_samples_of_a_layer_change_no_bit(threads: int) -> None:
    network = Network.dense([6, 2, 1], bias=True)
    generator = np.random.default_rng(0)
    X = generator.normal(size=(6 * SHARED + 5, 6))
    space = SearchSpace(network, Grid([-0.9, 0.3, 1.7]))
    with at_most(threads):
        problem = Problem.create(network, space, X, X[:, 0] > 0.0, Accuracy())
        assert np.array_equal(problem.columns, X.T)
        digits = problem.space.digits([5, space.size // 2, space.size - 1])
        scores = BatchedEngine().score(problem, digits)
        assert scores.tolist() == [problem.score(own) for own in problem.space.values_at(digits)]
        X[-1, 1] = np.nan
        with pytest.raises(InvalidValueError, match=rf"got nan at position \({6 * SHARED + 4}, 1\)"):
            Problem.create(network, space, X, X[:, 0] > 0.0, Accuracy())


@pytest.mark.slow
@examples(1200)
@given(problems())
def test_all_scores_are_the_same_to_the_bit_at_length(problem: Problem) -> None:
    assert_same_scores(problem, range(problem.space.size))


@pytest.mark.slow
@examples(2500)
@given(label_problems())
def test_swept_labels_are_the_same_to_the_bit_at_length(problem: Problem) -> None:
    assert_same_scores(problem, range(problem.space.size))


# Searches ---------------------------------------------------------------------------------------------


def assert_all_find(problem: Problem, top: int) -> None:
    """Compare what each engine finds with the best of the plain loop's scores."""
    scores = ReferenceEngine().score(problem, problem.space.digits(range(problem.space.size)))
    for name, engine in ENGINES.items():
        note(name)
        assert_finds(engine, problem, top, scores)


@examples(80)
@given(problems())
def test_the_best_is_that_of_a_loop_written_once_more(problem: Problem) -> None:
    try:
        index, score = loop(problem)
    except NoScoreError:
        for engine in ENGINES.values():
            with pytest.raises(NoScoreError):
                Runner(problem, pair_of(engine)).run(Stage("joint", problem))
        return
    for name, engine in ENGINES.items():
        best = Runner(problem, pair_of(engine)).run(Stage("joint", problem)).best[0]
        assert (name, best.index, best.score.hex()) == (name, index, score.hex())


@examples(400)
@given(problems())
def test_the_best_is_the_plain_loops(problem: Problem) -> None:
    assert_all_find(problem, 1)


@examples(400)
@given(label_problems())
def test_the_best_labels_are_the_plain_loops(problem: Problem) -> None:
    assert_all_find(problem, 1)


@examples(400)
@given(problems(), st.integers(2, 6))
def test_the_best_few_are_the_plain_loops(problem: Problem, top: int) -> None:
    assert_all_find(problem, top)


@pytest.mark.slow
@examples(1000)
@given(st.one_of(problems(), label_problems()), st.integers(1, 4))
def test_the_answers_are_the_plain_loops_at_length(problem: Problem, top: int) -> None:
    assert_all_find(problem, top)


@pytest.mark.parametrize("engine", ["auto", "exact"])
@pytest.mark.parametrize(("top", "is_proof"), [(1_000, True), (4_000, False), (10**9, False)])
def test_a_search_that_keeps_most_candidates_scores_all(engine: Any, top: int, is_proof: bool) -> None:
    X, y = sum_threshold(60, 3, 1.0)
    trainer = GridSearchTrainer(Grid.linspace(-2, 2, 11), engine=engine, top=top)
    result = trainer.fit(Network.dense([3, 1], bias=True), X, y)
    reason = "top keeps a quarter of all candidates or more, so hardly any can be pruned"
    assert (result.engine_reason == reason) != is_proof
    loop = GridSearchTrainer(Grid.linspace(-2, 2, 11), engine="batched", top=top).fit(result.network, X, y)
    assert result.top == loop.top
    assert len(result.top) == min(top, 11**4)
