"""Groups of samples: bounds from them hold, and a search by them gives the loop's answer, for few samples, too."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import (
    Accuracy,
    Activation,
    BalancedAccuracy,
    Grid,
    GridSearchTrainer,
    HardTanh,
    Identity,
    Network,
    SearchSpace,
    Sigmoid,
    Step,
)
from minigrid._base.typing import FloatArray
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.bounder import Bounder
from minigrid.search.engines.exact.bounders import make_bounder
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.groups import group_samples
from minigrid.search.problem import Problem
from tests.problems import Staircase, cube, label_problems, rising, signed
from tests.profile import examples, in_turn

KINDS: tuple[Activation, ...] = (Sigmoid(), Step(), Identity(), HardTanh(), Staircase(), cube, rising, signed)


def even(generator: np.random.Generator, n: int) -> FloatArray:
    return np.linspace(-1.0, 1.0, n) * float(generator.choice([1.0, 10.0, 1e-9, 1e9]))


def uneven(generator: np.random.Generator, n: int) -> FloatArray:
    values: FloatArray = generator.choice([-3.0, -0.5, 0.0, 0.1, 1.0, 1e-300, 1e12, -1e-9], size=n)
    values += generator.integers(0, 2)
    return values


def decimal(generator: np.random.Generator, n: int) -> FloatArray:
    return np.asarray(np.round(np.arange(n) * 0.1 - 0.4, 1), dtype=np.float64)


GRIDS = (even, even, decimal, uneven)


def make_inputs(generator: np.random.Generator, n_samples: int, n_inputs: int) -> FloatArray:
    """Samples of any scale: some on the threshold, some equal, some features constant or 0 or of all sizes at once."""
    X = generator.random((n_samples, n_inputs))
    if generator.random() < 0.5:
        X -= 0.5
    if generator.random() < 0.4:
        X = np.round(X, 1)
    for column in range(n_inputs):
        kind = generator.integers(0, 8)
        if kind == 0:
            X[:, column] = generator.choice([0.0, 1.0, -0.3])
        elif kind == 1:
            X[:, column] *= 10.0 ** generator.integers(-12, 12, size=n_samples)
        elif kind == 2:
            X[generator.random(n_samples) < 0.5, column] = 0.0
        elif kind == 3:
            X[:, column] = generator.choice([1e-300, -5e-324, 1.0, -2.0, 1e9], size=n_samples)
    if generator.random() < 0.3:
        X = X[generator.integers(0, 5, size=n_samples) % n_samples]
    return X


def make_problem(generator: np.random.Generator) -> Problem:
    """A neuron with at most some thousand candidates."""
    n_inputs, n_samples = int(generator.integers(1, 5)), int(10.0 ** generator.uniform(0.3, 3.8))
    bias = bool(generator.random() < 0.4 or n_inputs == 1)
    kind = KINDS[generator.integers(len(KINDS))]
    network = Network.dense([n_inputs, 1], output_activation=kind, bias=bias)
    few = {2: 8, 3: 5, 4: 3, 5: 3}[network.n_parameters]
    lengths = [*generator.integers(1, few + 1, size=network.n_parameters - 1).tolist(), int(generator.integers(1, 25))]
    grids = [Grid(GRIDS[generator.integers(len(GRIDS))](generator, n)) for n in lengths]
    X = make_inputs(generator, n_samples, n_inputs)
    y = (X.sum(axis=1) > np.median(X.sum(axis=1))) ^ (generator.random(n_samples) < 0.2)
    weights = None
    if generator.random() < 0.4:
        weights = generator.choice([0.0, 1.0, 2.0, 0.3, 1.0 / 3.0, 1e6], size=n_samples)
        weights[0] = 1.0
    scoring = BalancedAccuracy() if generator.random() < 0.4 else Accuracy()
    space = SearchSpace.from_grids(grids, network.parameter_names)
    return Problem.create(network, space, X, y.astype(float), scoring, weights)


def make_boxes(generator: np.random.Generator, lengths: list[int], n_boxes: int = 60) -> Boxes:
    """Boxes and points."""
    low = generator.integers(0, lengths, size=(n_boxes, len(lengths)))
    high = generator.integers(low, lengths)
    points = generator.random(n_boxes) < 0.5
    high[points] = low[points]
    return Boxes(low, high)


def bounder_of(problem: Problem, many: int) -> Bounder:
    with np.errstate(all="ignore"):
        bounder = make_bounder(problem, many)
    assert bounder is not None
    return bounder


def assert_bounds_hold(problem: Problem, many: int, generator: np.random.Generator) -> None:
    scores = BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))
    lengths = [len(grid) for grid in problem.space.grids]
    bounder = bounder_of(problem, many)
    shape = lengths[: bounder.n_axes]
    order = tuple(np.argsort(grid.values, kind="stable") for grid in problem.space.grids[: bounder.n_axes])
    best = np.nan_to_num(scores.reshape(*shape, -1), nan=-np.inf).max(axis=-1)[np.ix_(*order)]
    boxes = make_boxes(generator, shape)
    expected = np.array(
        [best[tuple(map(slice, low, high + 1))].max() for low, high in zip(boxes.low, boxes.high, strict=True)]
    )
    with np.errstate(all="ignore"):
        for threshold in (-np.inf, *np.quantile(best, [0.3, 0.9, 1.0]).tolist(), 2.0):
            assert (bounder.bound(boxes, threshold) >= expected).all()


def assert_search_agrees(problem: Problem, many: int, top: int) -> None:
    scores = BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))
    expected = sorted((-score, index) for index, score in enumerate(scores.tolist()) if not np.isnan(score))[:top]
    search = BranchAndBound(problem, bounder_of(problem, many), BatchedEngine(), top, smallest_batch=4)
    while not search.finished:
        search.advance()
    assert [((-score).hex(), index) for score, index in search.best] == [
        (score.hex(), index) for score, index in expected
    ]


@pytest.mark.parametrize(("seed", "fast"), in_turn(range(60), ["0", "1"]))
def test_bounds_hold_whatever_the_scale(seed: int, fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    generator = np.random.default_rng(seed)
    for many in (0, 0, 2**11):
        assert_bounds_hold(make_problem(generator), many, generator)


@pytest.mark.parametrize(("seed", "fast"), in_turn(range(40), ["0", "1"]))
def test_a_search_finds_the_best_of_all(seed: int, fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    generator = np.random.default_rng([seed, 1])
    for top in (1, 1, 5):
        assert_search_agrees(make_problem(generator), 0, top)


@examples(300)
@given(problem=label_problems(), top=st.sampled_from([1, 1, 4]))
def test_labels_that_meet_the_threshold_have_the_same_best(problem: Problem, top: int) -> None:
    assert_search_agrees(problem, 0, top)


@examples(60)
@given(st.integers(0, 10**6), st.integers(1, 700), st.integers(1, 4), st.integers(1, 64))
def test_every_level_holds_each_sample_once(seed: int, n_samples: int, n_rows: int, first: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.integers(-5, 6, size=(n_rows, n_samples)).astype(np.float64)
    kinds = generator.choice([0, 0, 0, 1, 5], size=n_samples)
    amounts = generator.integers(0, 4, size=n_samples).astype(np.float64)
    levels = group_samples(rows, kinds, amounts, generator.random(n_rows), first)
    assert len(levels) >= 2
    samples = levels[-1]
    assert samples.low is samples.high
    counted = [
        (kind, *values, amount)
        for kind, values, amount in zip(
            samples.kinds.repeat(8).tolist(),
            samples.low.reshape(n_rows, -1).T.tolist(),
            samples.amounts.ravel().tolist(),
            strict=True,
        )
        if amount
    ]
    assert sorted(counted) == sorted(
        (kind, *values, amount) for kind, values, amount in zip(kinds, rows.T.tolist(), amounts, strict=True) if amount
    )
    for above, below in itertools.pairwise(levels):
        assert (above.low.reshape(n_rows, -1) == below.low.min(axis=2)).all()
        assert (above.high.reshape(n_rows, -1) == below.high.max(axis=2)).all()
        assert (above.amounts.ravel() == below.amounts.sum(axis=1)).all()
        assert (above.kinds.repeat(8) == below.kinds).all()


@pytest.mark.parametrize("fast", ["0", "1"])
def test_very_many_samples_have_the_same_best(fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    generator = np.random.default_rng(3)
    X, noise = generator.normal(size=(70_000, 2)), generator.normal(size=70_000)
    y = (X[:, 0] - 2.0 * X[:, 1] + noise > -0.3).astype(float)
    grid, network = Grid.linspace(-3, 3, 13), Network.dense([2, 1], bias=True)
    batched, exact = (GridSearchTrainer(grid, engine=engine).fit(network, X, y) for engine in ("batched", "exact"))
    assert (exact.index, exact.score.hex()) == (batched.index, batched.score.hex())
    assert exact.optimal
    assert exact.n_scored < batched.n_scored / 10
