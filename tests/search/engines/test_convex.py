"""A single neuron with a convex loss: the plain loop's answer, sound bounds, and proofs of many features.

The generated problems contain everything that is hard for such losses: samples that are wrong by far more than the cut
of log loss, inputs of any scale, columns that are equal or 0, targets that are met exactly, values that repeat or stand
in any order, sample weights of 0, a single sample, a single label.
"""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrid import Activation, Grid, Network, Scoring, SearchSpace, Sigmoid
from minigrid._base.typing import FloatArray
from minigrid.scoring import LogLoss
from minigrid.search.engines.base import Search, Unprovable
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounders import make_bounder
from minigrid.search.engines.exact.branch_and_bound import BranchAndBound
from minigrid.search.engines.exact.convex import ConvexBounds
from minigrid.search.engines.exact.curves import LogOfSigmoid, curve_of
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.reference import ReferenceEngine
from minigrid.search.problem import Problem
from tests.problems import BUILT_IN, CONVEX, PLAIN_SCORINGS, SQUARED
from tests.profile import examples
from tests.scoring.formulas import OF_NUMBERS
from tests.search.engines.agreement import assert_agrees

LOG_LOSSES = [LogLoss(), LogLoss(1e-6), LogLoss(0.1), LogLoss(0.49)]
LOSSES: dict[str, list[tuple[Activation, Scoring]]] = {"LogLoss": [(Sigmoid(), scoring) for scoring in LOG_LOSSES]}
for one in [*CONVEX, SQUARED]:
    LOSSES.setdefault(type(one[1]).__name__, []).append(one)
of_every_loss = pytest.mark.parametrize("loss", LOSSES)
seeds = st.integers(0, 2**32)
SCALES = 10.0 ** np.arange(-6, 7)


def make_problem(generator: np.random.Generator, loss: str, most: int = 300) -> Problem:
    """A problem of up to this many candidates."""
    activation, scoring = LOSSES[loss][generator.integers(len(LOSSES[loss]))]
    n_features, bias = int(generator.integers(1, 5)), bool(generator.random() < 0.5)
    network = Network.dense([n_features, 1], activation=activation, bias=bias)
    X = make_inputs(generator, n_features)
    longest = max(2, int(most ** (1 / network.n_parameters)))
    grids = [make_grid(generator, int(generator.integers(1, longest + 1))) for _ in network.parameter_names]
    if generator.random() < 0.5:
        grids = grids[:1] * len(grids)
    met = network.with_parameters([generator.choice(grid.values) for grid in grids])(X)[:, 0]
    y = make_targets(generator, met, labels=scoring not in OF_NUMBERS)
    weights = [None, None, generator.random(len(X)) + 0.1, generator.choice([0.0, 1.0, 1000.0], size=len(X)) + 0.0]
    chosen = weights[generator.integers(4)]
    if chosen is not None and not chosen.any():
        chosen[0] = 1.0
    space = SearchSpace.from_grids(grids, network.parameter_names)
    return Problem.create(network, space, X, y, scoring, chosen)


def make_inputs(generator: np.random.Generator, n_features: int) -> FloatArray:
    """Inputs, shape (n_samples, n_features)."""
    X = generator.normal(size=(int(generator.choice([1, 2, 5, 30])), n_features))
    match int(generator.integers(5)):
        case 0:
            X = np.round(2.0 * X) / 2.0
        case 1:
            X *= generator.choice(SCALES)
        case 2:
            X *= generator.choice(SCALES, size=n_features)
        case 3:
            X[generator.random(X.shape) < 0.1] *= 50.0
        case _:
            pass
    if generator.random() < 0.2:
        X[:, -1] = X[:, 0]
    if generator.random() < 0.2:
        X[:, generator.integers(n_features)] = 0.0
    return np.vstack([X] * int(generator.choice([1, 1, 3])))


def make_grid(generator: np.random.Generator, n_values: int) -> Grid:
    """Values that are even or not, repeat or not, in order or not."""
    even = np.linspace(-1.0, 1.0, n_values)
    choices = [5.0 * even, 50.0 * even, generator.permutation(even), -even, even * generator.choice(SCALES)]
    choices += [generator.normal(size=n_values), generator.integers(-2, 3, size=n_values).astype(np.float64)]
    return Grid(choices[generator.integers(len(choices))])


def make_targets(generator: np.random.Generator, met: FloatArray, *, labels: bool) -> FloatArray:
    """Targets that some candidate meets, nearly, or that none does."""
    if labels:
        flipped = generator.random(len(met)) < generator.choice([0.0, 0.1, 1.0])
        y = (met > np.median(met)) ^ (flipped & (generator.random(len(met)) < 0.5))
        return np.where(generator.random() < 0.1, 1.0, y)
    noise = generator.normal(size=len(met))
    choices = [met, met + 0.1 * noise, met + 1e-9 * noise, noise * generator.choice(SCALES), 1000.0 * met + 0.1]
    chosen: FloatArray = choices[generator.integers(len(choices))]
    return chosen


def make_boxes(generator: np.random.Generator, problem: Problem) -> Boxes:
    """The root box, and boxes of any size."""
    lengths = [len(grid) for grid in problem.space.grids]
    low = generator.integers(0, lengths, size=(20, len(lengths)))
    high = generator.integers(low, lengths)
    low[0], high[0] = 0, np.array(lengths) - 1
    return Boxes(low, high)


def make_bounds(problem: Problem) -> ConvexBounds:
    bounder = make_bounder(problem)
    assert isinstance(bounder, ConvexBounds)
    return bounder


def test_every_loss_with_a_curve_is_tested() -> None:
    curved = {
        (type(activation), type(scoring))
        for activation, scoring in itertools.product(BUILT_IN, PLAIN_SCORINGS)
        if curve_of(activation, scoring, np.array([0.0, 1.0])) is not None
    }
    assert curved == {(type(activation), type(scoring)) for activation, scoring in CONVEX}


@of_every_loss
@examples(80)
@given(seed=seeds, top=st.sampled_from([1, 1, 3]))
def test_the_answer_is_the_plain_loops(loss: str, seed: int, top: int) -> None:
    problem = make_problem(np.random.default_rng(seed), loss)
    assert_agrees(ExactEngine(smallest_batch=4), problem, top, ReferenceEngine())


@of_every_loss
@examples(80)
@given(seed=seeds)
def test_no_candidate_of_a_box_is_better_than_its_bound(loss: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    problem = make_problem(generator, loss)
    digits = problem.space.digits(range(problem.space.size))
    scores = ReferenceEngine().score(problem, digits)
    losses = np.empty([len(grid) for grid in problem.space.grids])
    losses[tuple(Axes(problem.space.grids).ranks(digits).T)] = scores
    boxes = make_boxes(generator, problem)
    sides = [tuple(map(slice, low, high + 1)) for low, high in zip(boxes.low, boxes.high, strict=True)]
    least = np.array([losses[side].min() for side in sides])
    with np.errstate(all="ignore"):
        bounder = make_bounds(problem)
        for threshold in (np.inf, scores.min(), 1.2 * scores.min(), float(np.median(scores))):
            assert (-bounder.bound(boxes, -threshold) <= least).all()


@of_every_loss
@examples(40)
@given(seed=seeds)
def test_halves_are_the_whole_and_what_is_proposed_lies_within(loss: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    problem = make_problem(generator, loss)
    boxes = make_boxes(generator, problem)
    with np.errstate(all="ignore"):
        bounder = make_bounds(problem)
        middles = bounder.middles(boxes)
        assert ((boxes.low <= middles) & (middles <= boxes.high)).all()
        boxes = boxes[~boxes.are_points()]
        halves = bounder.halves(boxes)
    lower, upper = halves[: len(boxes)], halves[len(boxes) :]
    assert (lower.low == boxes.low).all()
    assert (upper.high == boxes.high).all()
    assert lower.count() + upper.count() == boxes.count()
    apart = lower.high < upper.low
    assert (apart.sum(axis=1) == 1).all()
    assert ((lower.high + 1 == upper.low) | ~apart).all()
    assert ((lower.high == boxes.high) | apart).all()


@pytest.mark.parametrize("scoring", LOG_LOSSES, ids=repr)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_lines_lie_below_log_loss_wherever_it_is_cut_off(scoring: LogLoss, label: float) -> None:
    near = np.concatenate([np.linspace(-45.0, 45.0, 4001), np.linspace(-900.0, 900.0, 601)])
    losses = scoring.sample_losses(np.full(len(near), label), Sigmoid()(near)[np.newaxis, :, np.newaxis])[0]
    curve = LogOfSigmoid(np.array([label]), scoring.epsilon)
    touched = np.linspace(-60.0, 60.0, 301)[:, np.newaxis]
    for reach in (0.01, 0.5, 3.0, 20.0, 27.0, 29.0, 35.0, 60.0, 900.0):
        within = np.abs(near) <= reach
        ends = np.full((1, 1), -reach), np.full((1, 1), reach)
        form = curve.sound_form(*ends, np.array([np.inf]))
        lines = curve.lines(touched, curve.forms[-1] if form is None else form)
        values = lines.value + lines.slope * (near[within] - touched)
        assert (values - curve.slack - 1e-11 * np.abs(lines.slope) * reach <= losses[within]).all()
        # Where only losses below the cut matter, lines hold for these.
        lines = curve.lines(touched, curve.forms[-1])
        matters = within & (losses < curve.capped_at)
        values = lines.value + lines.slope * (near[matters] - touched)
        assert (values - curve.slack - 1e-11 * np.abs(lines.slope) * reach <= losses[matters]).all()


def make_search(problem: Problem) -> BranchAndBound:
    search: Search | Unprovable = ExactEngine(smallest_batch=2).search(problem, top=1)
    assert isinstance(search, BranchAndBound)
    return search


@of_every_loss
@pytest.mark.parametrize("seed", range(3))
def test_a_proof_that_is_resumed_after_every_step_goes_the_same_way(loss: str, seed: int) -> None:
    problem = make_large(loss, 4, seed=seed)
    whole, parts = make_search(problem), make_search(problem)
    while not whole.finished:
        whole.advance()
        parts.advance()
        state = json.loads(json.dumps(parts.state()))
        parts = make_search(problem)
        parts.restore(state)
        assert (parts.best, parts.n_scored, parts.steps) == (whole.best, whole.n_scored, whole.steps)
    assert parts.finished


def make_large(loss: str, n_features: int, *, seed: int = 0) -> Problem:
    """Two classes that overlap, with 11 values per parameter."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(200, n_features)) @ generator.normal(size=(n_features, n_features))
    y = (X @ generator.normal(size=n_features) + generator.normal(size=200) > 0.0).astype(np.float64)
    activation, scoring = LOSSES[loss][0]
    network = Network.dense([n_features, 1], activation=activation, bias=True)
    return Problem.create(network, SearchSpace(network, Grid.linspace(-2, 2, 11)), X, y, scoring)


@of_every_loss
def test_ten_features_take_a_few_hundred_boxes(loss: str) -> None:
    problem = make_large(loss, 10)
    search = make_search(problem)
    while not search.finished and search.steps < 5000:
        search.advance()
    assert search.finished
    assert search.n_processed == 11**11
    assert search.n_scored < 500
