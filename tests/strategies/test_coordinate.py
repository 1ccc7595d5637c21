"""The coordinate strategy does what its docstring says."""

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    L0,
    Accuracy,
    Coordinate,
    Grid,
    GridSearchTrainer,
    Identity,
    InvalidTypeError,
    InvalidValueError,
    Joint,
    LogLoss,
    Network,
    NoScoreError,
    ReLU,
    SearchEvent,
    SearchSpace,
    ShapeError,
    Sigmoid,
    Step,
    Tanh,
    UnknownNameError,
)
from minigrid._base.typing import FloatArray
from minigrid.search.engines.base import Unprovable
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.problem import Problem
from minigrid.strategies.starts import Starts
from tests.pacing import paced
from tests.patience import patient
from tests.problems import loop, problems
from tests.profile import examples
from tests.strategies.promises import DEPTH, Recorder, check, fit, hilly, problem_of, score_of


def blocks_of(network: Network, block: str) -> list[list[int]]:
    """The positions of the parameters of each block."""
    found: dict[str, list[int]] = {}
    for position, name in enumerate(network.parameter_names):
        found.setdefault(".".join(name.split(".")[: DEPTH[block]]), []).append(position)
    return list(found.values())


@pytest.mark.parametrize("block", ["parameter", "neuron", "layer"])
@examples(40)
@given(problem=problems(most_candidates=200), seed=st.integers(0, 20))
def test_no_single_block_can_improve_where_coordinate_ends(block: Any, problem: Problem, seed: int) -> None:
    try:
        result = fit(problem, Coordinate(block=block, restarts=2, max_rounds=1000, seed=seed))
    except NoScoreError:
        return
    for members in blocks_of(problem.network, block):
        held = {k: Grid.fixed(v) for k, v in enumerate(result.parameters.tolist()) if k not in members}
        part = problem.with_space(problem.space.with_grids(held))
        assert not problem.better(loop(part)[1], result.score)


@pytest.mark.parametrize(("seed", "restarts"), [(0, 2), (1, 2), (2, 2), (6, 2), (25, 1), (31, 1), (41, 1), (50, 1)])
def test_nor_where_many_candidates_score_the_same(seed: int, restarts: int) -> None:
    rng = np.random.default_rng(seed)
    kind = [Tanh(), Step(), ReLU(), Sigmoid()][seed % 4]
    network = Network.dense([2, 2, 1], activation=kind, output_activation=Sigmoid(), bias=bool(seed % 2))
    X, y = rng.integers(-2, 3, (6, 2)).astype(float), rng.integers(0, 2, 6)
    problem = problem_of(network, Grid([-1.0, 0.0, 1.0] if seed % 3 else [1.0, -0.5, 2.0]), X, y)
    result = fit(problem, Coordinate(restarts=restarts, max_rounds=1000, seed=seed))
    for members in blocks_of(network, "neuron"):
        held = {k: Grid.fixed(v) for k, v in enumerate(result.parameters.tolist()) if k not in members}
        part = problem.with_space(problem.space.with_grids(held))
        assert loop(part)[1] <= result.score


@examples(25)
@given(problem=problems(most_candidates=200), restarts=st.integers(1, 4))
def test_coordinate_is_never_worse_than_anything_it_came_to(problem: Problem, restarts: int) -> None:
    recorder = Recorder()
    try:
        result = fit(problem, Coordinate(restarts=restarts, max_rounds=2), engine=recorder)
    except NoScoreError:
        return
    assert 0 <= result.n_scored - len(recorder.seen) <= restarts  # each start is scored too
    assert not any(problem.better(score, result.score) for _, score in recorder.seen)
    first = recorder.seen[0][0]
    assert not problem.better(score_of(problem, first), result.score)


def test_coordinate_is_seeded() -> None:
    problem = hilly()
    found = {seed: fit(problem, Coordinate(restarts=1, seed=seed)) for seed in range(6)}
    again = {seed: fit(problem, Coordinate(restarts=1, seed=seed)) for seed in range(6)}
    for seed, result in found.items():
        assert (result.index, result.n_scored) == (again[seed].index, again[seed].n_scored)
    assert len({result.index for result in found.values()}) > 1


@pytest.mark.parametrize("block", ["parameter", "neuron", "layer"])
def test_more_restarts_are_never_worse(block: Any) -> None:
    problem = hilly()
    results = [fit(problem, Coordinate(block=block, restarts=restarts)) for restarts in range(1, 7)]
    assert all(b.score <= a.score for a, b in itertools.pairwise(results))
    assert all(b.n_scored > a.n_scored for a, b in itertools.pairwise(results))
    assert results[-1].score < results[0].score or block == "layer"


def test_more_rounds_are_never_worse() -> None:
    problem = hilly()
    results = [fit(problem, Coordinate("neuron", restarts=3, max_rounds=rounds)) for rounds in (1, 2, 3, 10)]
    assert all(b.score <= a.score for a, b in itertools.pairwise(results))
    assert results[0].n_scored == 3 * (1 + 4**3 + 4**3 + 4**3)
    assert results[0].n_scored < results[-1].n_scored <= 3 * (1 + 10 * 3 * 4**3)


def test_a_larger_block_is_searched_at_once() -> None:
    problem = hilly()
    result = fit(problem, Coordinate(block="layer", restarts=2, max_rounds=1))
    check(problem, result, 1)
    assert result.n_scored == 2 * (1 + 4**6 + 4**3)


def test_single_parameters_are_searched_one_by_one() -> None:
    problem = hilly()
    part = problem.with_space(problem.space.with_grids({3: Grid.fixed(0.5)}))  # 8 of 9 parameters are free
    result = fit(part, Coordinate(block="parameter", restarts=1, max_rounds=1))
    check(part, result, 1)
    assert result.n_scored == 1 + 8 * 4


def test_single_parameters_end_soon_however_many_there_are() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 50))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    problem = problem_of(Network.dense([50, 2, 1], bias=True), Grid([-2.0, -1.0, 0.0, 1.0, 2.0]), X, y, LogLoss())
    result = fit(problem, Coordinate(block="parameter", restarts=1, max_rounds=2))
    assert result.n_candidates == 5**105
    assert result.n_scored <= 1 + 2 * 105 * 5
    assert np.mean(result.network.predict(X) == y) > 0.8


@pytest.mark.parametrize("n_values", [3, 21])
def test_automatic_blocks_are_small_where_every_candidate_is_scored_in_full(n_values: int) -> None:
    """A proof of such a block would bound the sums of all parameters again for each of its boxes."""
    rng = np.random.default_rng(0)
    X, y = rng.random(size=(2000, 64)), rng.integers(0, 10, size=2000)
    problem = problem_of(Network.dense([64, 10], bias=True), Grid(np.linspace(-10, 10, n_values)), X, y, Accuracy())
    stages = Coordinate(restarts=1).stages(problem)[1:]
    assert sum(planned.n_least or 0 for planned in stages) <= 20_000
    answer = ExactEngine(eager=False).search(stages[-1].stage.problem, top=1)
    assert isinstance(answer, Unprovable)
    assert answer.reason.startswith("small space")


def test_coordinate_names_its_stages() -> None:
    stages: list[str] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "started":
            stages.append(event.stage)

    fit(hilly(), Coordinate("neuron", restarts=2, max_rounds=1), callbacks=[listen])
    blocks = ["layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]
    expected = [[start, *(f"{start}, {block}" for block in blocks)] for start in ("start 1 of 2", "start 2 of 2")]
    assert stages == [*expected[0], *expected[1]]


def test_single_parameters_are_planned_as_one_stage() -> None:
    """Planning each of thousands took seconds, and left no time to learn what any of them costs."""
    X = np.random.default_rng(0).normal(size=(50, 64))
    network, grid = Network.dense([64, 30, 1]), Grid(np.linspace(-3.0, 3.0, 3))
    space = SearchSpace(network, grid, overrides={"layer0.neuron1.weight0": Grid([1.0, 2.0, 3.0, 4.0, 5.0])})
    problem = Problem.create(network, space, X, np.arange(50) % 2, Accuracy())
    _, planned = Coordinate("parameter", restarts=2, max_rounds=7).stages(problem)
    sizes = [len(grid) for grid in planned.stage.problem.space.grids]
    assert (planned.stage.name, sizes[64], max(sizes), planned.stage.n_candidates) == ("parameter", 5, 5, 5)
    assert (planned.n_least, planned.n_most) == (2 * (1949 * 3 + 5), 3 * 7 * (1949 * 3 + 5))
    trainer = paced(GridSearchTrainer(grid, strategy=Coordinate("parameter")), plan_most=patient(2.0))
    plan = trainer.plan(network, X, np.arange(50) % 2)
    assert len(plan.stages) == 2
    assert plan.seconds < np.inf


def test_it_first_searches_single_parameters_from_all_starts() -> None:
    """So a search that is stopped early, by whatever limit, has what single parameters find."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    problem = problem_of(Network.dense([4, 2, 1], bias=True), Grid(np.linspace(-3.0, 3.0, 7)), X, y, Accuracy())
    single = fit(problem, Coordinate("parameter", restarts=3))
    for limit in (100, 700, single.n_scored):
        least = fit(problem, Coordinate("parameter", restarts=3), max_candidates=limit)
        limited = fit(problem, Coordinate(restarts=3), max_candidates=limit)
        assert (limited.index, limited.score, limited.n_scored) == (least.index, least.score, least.n_scored)
    unlimited = fit(problem, Coordinate(restarts=3))
    assert unlimited.score > single.score
    assert unlimited.score >= fit(problem, Coordinate("neuron", restarts=3)).score
    planned = Coordinate(restarts=3).stages(problem)
    assert [one.stage.name for one in planned[:2]] == ["start", "parameter"]
    assert planned[1].n_least == 3 * 13 * 7


@examples(25)
@given(problem=problems(most_candidates=150), top=st.integers(1, 4))
def test_coordinate_with_one_block_is_joint_and_a_proof(problem: Problem, top: int) -> None:
    free = blocks_of(problem.network, "neuron")[0]
    held = {k: Grid.fixed(g[0]) for k, g in enumerate(problem.space.grids) if k not in free}
    part = problem.with_space(problem.space.with_grids(held))
    try:
        joint = fit(part, Joint(), top=top)
    except NoScoreError:
        with pytest.raises(NoScoreError):
            fit(part, Coordinate(), top=top)
        return
    result = fit(part, Coordinate(), top=top)
    assert result.top == joint.top
    assert result.optimal
    assert result.n_scored == part.space.size


def test_coordinate_leaves_fixed_parameters_and_skips_fixed_blocks() -> None:
    problem = hilly()
    held = {3: Grid.fixed(0.5), 4: Grid.fixed(-1.5), 5: Grid.fixed(2.5), 8: Grid.fixed(0.25)}
    part = problem.with_space(problem.space.with_grids(held))
    result = fit(part, Coordinate("neuron", restarts=2, max_rounds=1), top=3)
    check(part, result, 3)
    assert result.parameters[[3, 4, 5, 8]].tolist() == [0.5, -1.5, 2.5, 0.25]
    assert result.n_scored == 2 * (1 + 4**3 + 4**2)


def test_coordinate_where_nothing_is_free_is_one_candidate() -> None:
    problem = hilly()
    part = problem.with_space(problem.space.with_grids({k: Grid.fixed(0.5) for k in range(9)}))
    result = fit(part, Coordinate())
    assert (result.index, result.n_scored, result.optimal) == (0, 1, True)


def test_coordinate_gets_away_from_a_start_without_a_score() -> None:
    # Only where both weights are 1 is there a score at all; each block alone seldom finds one.
    def picky(y_true: FloatArray, outputs: FloatArray) -> float:
        return 1.0 if outputs[0, 0] == 1.0 else float("nan")

    network = Network.dense([1, 1, 1], activation=Identity())
    trainer = GridSearchTrainer(Grid([0.0, 1.0]), strategy=Coordinate(restarts=20), scoring=picky)
    result = trainer.fit(network, [[1.0]], [1.0])
    assert (result.score, result.parameters.tolist()) == (1.0, [1.0, 1.0])


@pytest.mark.parametrize(
    ("settings_", "kind", "named"),
    [
        ({"block": "weight"}, UnknownNameError, "block"),
        ({"restarts": 0}, InvalidValueError, "restarts"),
        ({"restarts": 1.5}, InvalidTypeError, "restarts"),
        ({"max_rounds": 0}, InvalidValueError, "max_rounds"),
        ({"seed": -1}, InvalidValueError, "seed"),
        ({"seed": "x"}, InvalidTypeError, "seed"),
    ],
    ids=repr,
)
def test_settings_of_coordinate_that_are_none_are_named(
    settings_: dict[str, Any], kind: type[Exception], named: str
) -> None:
    with pytest.raises(kind, match=f"^{named}: expected"):
        Coordinate(**settings_)


# Starts that are given --------------------------------------------------------------------------


@pytest.mark.parametrize("block", ["parameter", "neuron", "layer"])
def test_it_starts_where_it_is_told_to_and_ends_no_worse(block: Any) -> None:
    problem = hilly()
    rng = np.random.default_rng(3)
    for _ in range(5):
        point = problem.space[int(rng.integers(problem.space.size))]
        strategy = Coordinate(block=block, restarts=1, max_rounds=1, start=point)
        result = fit(problem, strategy)
        check(problem, result, 1)
        assert not problem.better(score_of(problem, point), result.score)


def test_starts_are_scored_first_and_in_order() -> None:
    problem = hilly()
    points = problem.space[:3]
    stages: list[tuple[str, float]] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "finished" and event.n_candidates == 1:
            assert event.best is not None
            stages.append((event.stage, event.best.score))

    fit(problem, Coordinate(restarts=3, max_rounds=1, start=points), callbacks=[listen])
    expected = [(f"start {k + 1} of 3", score_of(problem, point)) for k, point in enumerate(points)]
    assert stages[:3] == expected


def test_of_more_points_than_restarts_the_best_are_taken() -> None:
    problem = hilly()
    points = problem.space[1000:1040]
    scores = np.array([score_of(problem, point) for point in points])
    begun: list[tuple[str, int, float]] = []

    def listen(event: SearchEvent) -> None:
        if event.kind == "finished" and event.best is not None:
            begun.append((event.stage, event.n_candidates, event.best.score))

    result = fit(problem, Coordinate(restarts=2, max_rounds=1, start=points), callbacks=[listen])
    best = sorted(scores.tolist(), reverse=problem.scoring.greater_is_better)
    assert begun[0] == ("start points", 40, best[0])
    assert [one for one in begun if one[1] == 1][:2] == [("start 1 of 2", 1, best[0]), ("start 2 of 2", 1, best[1])]
    assert not problem.better(best[0], result.score)
    planned = Coordinate(restarts=2, max_rounds=1, start=points).stages(problem)
    assert (planned[0].n_least, planned[0].n_most) == (42, 45)


def test_fewer_points_than_restarts_are_followed_by_the_usual_ones() -> None:
    problem = hilly()
    usual = {k: first_start(problem, Coordinate(restarts=2, max_rounds=1), k) for k in (1, 2)}
    given = Coordinate(restarts=2, max_rounds=1, start=problem.space[77])
    assert first_start(problem, given, 1) == score_of(problem, problem.space[77])
    assert first_start(problem, given, 2) == usual[2]


def first_start(problem: Problem, strategy: Coordinate, number: int) -> float:
    """The score of a start."""
    found: dict[str, float] = {}

    def listen(event: SearchEvent) -> None:
        if event.kind == "finished" and event.best is not None:
            found[event.stage] = event.best.score

    fit(problem, strategy, callbacks=[listen])
    return found[f"start {number} of 2"]


def test_a_limit_during_the_starts_leaves_the_best_of_them() -> None:
    problem = hilly()
    points = problem.space[:50]
    result = fit(problem, Coordinate(restarts=1, start=points), max_candidates=20)
    scores = [score_of(problem, point) for point in points[:20]]
    assert result.score == (max(scores) if problem.scoring.greater_is_better else min(scores))
    assert (result.n_scored, result.stop_reason, result.optimal) == (20, "max_candidates", False)


def test_starts_are_rounded_to_the_grid() -> None:
    network = Network.dense([2, 1])
    problem = problem_of(network, Grid([2.0, -1.0, 0.0, 1.0]), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    digits = Starts([[0.4, 9.0], [0.6, 1.6], [0.3, 2.0]]).digits(problem.space)
    assert [point.tolist() for point in digits] == [[2, 0], [3, 0]]  # the third is the first


@pytest.mark.parametrize(
    ("start", "kind", "text"),
    [
        ([], ShapeError, "^start: expected parameters of a network"),
        ([[[0.0]]], ShapeError, "^start: expected parameters of a network"),
        (["a"], InvalidTypeError, "^start"),
        ([np.nan], InvalidValueError, "^start"),
        ([[0.0], [0.0, 1.0]], InvalidTypeError, "^start"),
        (Network.dense([1, 1]), InvalidTypeError, r"object of type Network\. .* start=network\.parameters"),
        ([Network.dense([1, 1])] * 2, InvalidTypeError, r"object of type Network\. .* start=network\.parameters"),
    ],
)
def test_a_start_that_is_none_is_told(start: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        Coordinate(start=start)


@pytest.mark.parametrize("sizes", [[2, 2, 1], [2, 1]])
def test_a_start_of_another_network_is_told(sizes: list[int]) -> None:
    trainer = GridSearchTrainer(Grid([0.0, 1.0]), strategy=Coordinate(start=[0.0, 1.0, 2.0]))
    with pytest.raises(ShapeError, match=r"^start: expected \d numbers, one for each parameter of the network, got 3"):
        trainer.fit(Network.dense(sizes), [[0.0, 1.0], [1.0, 0.0]], [0, 1])


def test_starts_are_values_whose_repr_tells_them_apart() -> None:
    short, long = Coordinate(start=[0.0, 1.5]), Coordinate(start=np.zeros((3, 20)))
    assert repr(short) == "Coordinate(start=[[0.0, 1.5]])"
    assert repr(long).startswith("Coordinate(start=<3 points, checksum ")
    assert long == Coordinate(start=np.zeros((3, 20)))
    assert hash(long) == hash(Coordinate(start=np.zeros((3, 20))))
    other = np.zeros((3, 20))
    other[2, 19] = 1e-9
    assert long != Coordinate(start=other)
    assert repr(long) != repr(Coordinate(start=other))
    assert pickle.loads(pickle.dumps(long)) == long


def test_with_a_penalty_that_forbids_all_starts_the_smallest_weights_are_one() -> None:
    X, y = np.eye(4), [0, 1, 0, 1]
    strategy = Coordinate(block="parameter", restarts=1, start=np.ones((3, 4)))
    trainer = GridSearchTrainer(Grid([-1.0, 0.0, 1.0]), strategy=strategy, penalty=L0(at_most=2))
    result = trainer.fit(Network.dense([4, 1]), X, y)
    assert np.count_nonzero(result.parameters) <= 2
    assert result.score == 1.0
