"""The result is the same bit for bit, wherever the work is done."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    Coordinate,
    Grid,
    GridSearchTrainer,
    LayerWise,
    Network,
    NoScoreError,
    RandomSample,
    SearchEvent,
    SearchResult,
    Sigmoid,
    Stage,
    Tanh,
    Zoom,
)
from minigrid.datasets import flip_labels, sum_threshold, xor
from minigrid.names import ENGINES
from minigrid.search.engines.names import pair_of
from minigrid.search.parallel.pool import WorkerPool
from minigrid.search.parallel.remote import RemoteWorkers
from minigrid.search.problem import Problem
from minigrid.search.running.runner import Runner
from tests.pacing import IN_PIECES, paced
from tests.problems import label_problems, loss_problems, positive_problems, problems, two_into_one_problems, wave
from tests.profile import examples
from tests.workers import KINDS, RandomOrder, executor

NOISY_X, CLEAN_Y = sum_threshold(120, 2, 1.0)
NOISY = NOISY_X, flip_labels(CLEAN_Y)
ONE = Network.dense([2, 1], activation=Sigmoid(), bias=True)
TWO = Network.dense([2, 2, 1], activation=Sigmoid())
OWN = Network.dense([2, 2, 1], activation=wave)

JOBS: dict[str, tuple[Network, Any, dict[str, Any]]] = {
    "joint, batched": (TWO, 7, {"engine": "batched"}),
    "joint, batched, the best five": (TWO, 5, {"engine": "batched", "top": 5}),
    "joint, batched, own activation": (OWN, 5, {"engine": "batched"}),
    "joint, batched, a target": (TWO, 6, {"engine": "batched", "target_score": 0.76}),
    "joint, batched, limited": (TWO, 6, {"engine": "batched", "max_candidates": 12_345}),
    "joint, reference": (ONE, 10, {"engine": "reference"}),
    "joint, exact": (TWO, 12, {"engine": "exact"}),
    "joint, exact, one neuron": (ONE, 60, {"engine": "exact"}),
    "joint, exact, the best five": (TWO, 7, {"engine": "exact", "top": 5}),
    "joint, exact, a loss": (ONE, 40, {"engine": "exact", "scoring": "log_loss"}),
    "joint, exact, own activation": (OWN, 6, {"engine": "exact", "scoring": "mean_squared_error"}),
    "layerwise": (TWO, 20, {"strategy": LayerWise()}),
    "coordinate": (TWO, 12, {"strategy": Coordinate(restarts=2)}),
    "coordinate, batched": (TWO, 9, {"strategy": Coordinate(restarts=1), "engine": "batched"}),
    "zoom": (TWO, 12, {"strategy": Zoom(points=4, levels=3)}),
    "random": (TWO, 12, {"strategy": RandomSample(n=5000)}),
}


def in_pieces(grid: Grid, **arguments: Any) -> GridSearchTrainer:
    return paced(GridSearchTrainer(grid, **arguments), IN_PIECES)


def fit(job: str, **arguments: Any) -> SearchResult:
    network, num, settings_ = JOBS[job]
    return in_pieces(Grid.linspace(-10, 10, num), **settings_, **arguments).fit(network, *NOISY)


def facts(result: SearchResult) -> dict[str, Any]:
    """Everything that must not depend on where the work is done, bit for bit."""
    names = ["index", "optimal", "n_candidates", "stop_reason", "strategy", "engine", "engine_reason"]
    known = {name: getattr(result, name) for name in names}
    known["numbers"] = [result.parameters.tobytes(), result.score.hex(), float(result.bound).hex()]
    known["top"] = [(c.index, c.parameters.tobytes(), c.score.hex()) for c in result.top]
    if "exact" in result.engine:  # how much a proof scores depends on what it knows when
        known["processed"] = result.n_scored + result.n_pruned
    else:
        known["scored"] = [result.n_scored, result.n_pruned]
    return known


@pytest.fixture(autouse=True)
def handed_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Searches of a moment are handed out, in many small pieces, whose names are listed."""
    names: list[str] = []
    submit = WorkerPool.submit

    def noted(self: WorkerPool, name: str, task: Any, target: Any) -> Any:
        names.append(name)
        return submit(self, name, task, target)

    monkeypatch.setattr(WorkerPool, "submit", noted)
    return names


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, Any]]:
    return {job: facts(fit(job)) for job in JOBS}


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind != "processes"])
def arguments(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with executor(request.param) as chosen:
        yield chosen


@pytest.mark.parametrize("job", JOBS)
def test_whoever_works_the_result_is_the_same(
    job: str, arguments: dict[str, Any], expected: dict[str, dict[str, Any]], handed_out: list[str]
) -> None:
    assert facts(fit(job, **arguments)) == expected[job]
    assert bool(handed_out) == (arguments != {"workers": 1})


KEPT = [
    "joint, batched, the best five",
    "joint, exact, one neuron",
    "joint, exact, own activation",
    "coordinate, batched",
    "layerwise",
]


@pytest.mark.parametrize("job", [job if job in KEPT else pytest.param(job, marks=pytest.mark.slow) for job in JOBS])
def test_processes_that_each_search_starts_find_the_same(
    job: str, expected: dict[str, dict[str, Any]], handed_out: list[str]
) -> None:
    assert facts(fit(job, workers=2)) == expected[job]
    assert handed_out


@pytest.mark.parametrize("job", KEPT)
@pytest.mark.parametrize("kind", ["2 threads", "processes", "random order"])
def test_a_spread_search_goes_on_from_its_file_with_other_workers_and_with_none(
    job: str, kind: str, expected: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    network, num, settings_ = JOBS[job]
    stops: list[str] = []

    seen: list[SearchEvent] = []

    def stop(event: SearchEvent) -> bool:
        seen.append(event)
        return len(seen) > 4 * len(stops) + 4

    with executor(kind) as arguments:
        while not stops or stops[-1] != "completed":
            seen.clear()
            workers = [arguments, {"workers": 1}, {}][len(stops) % 3]
            trainer = in_pieces(Grid.linspace(-10, 10, num), **settings_, **workers, callbacks=[stop])
            result = trainer.fit(network, *NOISY, checkpoint=tmp_path / "search.json")
            stops.append(result.stop_reason)
    assert len(stops) > 1
    assert facts(result) == expected[job]


def spread(problem: Problem, engine: Any, top: int, seed: int) -> Any:
    backend = RemoteWorkers(WorkerPool(RandomOrder(seed), size=3), IN_PIECES)
    runner = Runner(problem, pair_of(ENGINES.make(engine)), top=top, backend=backend)
    return outcome(runner, problem)


def outcome(runner: Runner, problem: Problem) -> Any:
    try:
        found = runner.run(Stage("joint", problem))
    except NoScoreError:
        return "no score"
    assert runner.n_scored + runner.n_pruned == problem.space.size
    return [(c.index, c.score.hex()) for c in found.best], found.optimal, found.bound


@examples(150)
@given(
    st.one_of(problems(), label_problems(), two_into_one_problems(), positive_problems(), loss_problems()),
    st.sampled_from(["exact", "exact", "batched"]),
    st.sampled_from([1, 1, 2, 7]),
    st.integers(0, 2**32),
)
def test_made_up_problems_come_out_the_same_in_pieces_and_in_any_order(
    problem: Problem, engine: str, top: int, seed: int
) -> None:
    with np.errstate(all="ignore"):
        alone = outcome(Runner(problem, pair_of(ENGINES.make(engine)), top=top), problem)
        assert spread(problem, engine, top, seed) == alone


def test_a_problem_travels_once_and_not_with_every_task() -> None:
    X, y = sum_threshold(5000, 2, 1.0)
    fake = RandomOrder()
    trainer = in_pieces(Grid.linspace(-10, 10, 8), executor=fake, engine="batched")
    trainer.fit(TWO, X, y)
    assert max(fake.n_bytes) > X.nbytes
    few = sorted(fake.n_bytes)
    assert len(few) > 8
    assert few[len(few) // 2] < 4000  # grids, and which candidates
    assert sum(n > X.nbytes for n in few) <= len(few) // 2  # with the first few, and where it was not known yet


def test_a_worker_that_forgot_the_problem_is_sent_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from minigrid.search.parallel import payload

    class Forgetful:
        def __init__(self) -> None:
            self.inner = RandomOrder()

        def submit(self, function: Any, /, *args: Any) -> Any:
            payload._payloads.clear()
            payload._contexts.clear()
            return self.inner.submit(function, *args)

    expected = fit("joint, batched")
    result = fit("joint, batched", executor=Forgetful())
    assert facts(result) == facts(expected)


def test_threads_share_what_cannot_be_pickled() -> None:
    """Custom code is called by one thread at a time."""
    from concurrent.futures import ThreadPoolExecutor

    inside = []

    def score(y_true: Any, outputs: Any) -> float:
        inside.append(1)
        assert len(inside) == 1
        value = float(np.mean((outputs[:, 0] > 0.5) == y_true))
        inside.clear()
        return value

    with ThreadPoolExecutor(4) as pool:
        trainer = in_pieces(Grid.linspace(-5, 5, 12), scoring=score, executor=pool, engine="batched")
        result = trainer.fit(ONE, *NOISY)
        assert pool.submit(int).result() == 0  # never shut down
    again = in_pieces(Grid.linspace(-5, 5, 12), scoring=score, engine="batched").fit(ONE, *NOISY)
    assert (result.index, result.score, result.n_scored) == (again.index, again.score, again.n_scored)


@pytest.mark.parametrize("engine", ["batched", "exact"])
def test_a_time_limit_leaves_a_true_bound(engine: Any) -> None:
    X, y = xor(200)
    network = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid(), bias=True)
    trainer = in_pieces(Grid.linspace(-10, 10, 30), engine=engine, time_limit=0.5, executor=RandomOrder())
    began = time.thread_time()
    result = trainer.fit(network, X, y)
    assert time.thread_time() - began < 3.0
    assert result.stop_reason == "time_limit"
    assert not result.optimal
    assert result.score <= result.bound <= 1.0
    assert 0 < result.n_scored + result.n_pruned < result.n_candidates
