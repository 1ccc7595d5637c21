"""No candidate in a box scores better than the box's bound: two neurons into one, on data of any scale.

Outputs of hidden neurons range from exact 0, over values that no weight or only large weights can lift from 0, to
almost 1 and exact 1; the bounds treat each of these cases differently.
"""

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from minigrid import (
    Activation,
    BalancedAccuracy,
    Gaussian,
    Grid,
    GridSearchTrainer,
    HardSigmoid,
    Network,
    ReLU,
    SearchSpace,
    Sigmoid,
    Softplus,
    Step,
)
from minigrid._base.threads import at_most
from minigrid._base.typing import FloatArray
from minigrid.scoring import Accuracy
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.axes import Axes, Boxes
from minigrid.search.engines.exact.bounders import make_bounder
from minigrid.search.engines.exact.fast import in_parts
from minigrid.search.engines.exact.hidden import HiddenRanges
from minigrid.search.problem import Problem

HIDDEN = (Sigmoid(), Sigmoid(), Softplus(), ReLU(), HardSigmoid(), Gaussian())
OUTPUT = (Sigmoid(), Sigmoid(), HardSigmoid(), Step())
GRIDS: tuple[Callable[[int], FloatArray], ...] = (
    lambda n: np.linspace(-10.0, 10.0, n),
    lambda n: np.linspace(-700.0, 700.0, n),
    lambda n: np.arange(n, dtype=np.float64) - n // 2,
    lambda n: np.linspace(-10.0, 10.0, n) * (1.0 + 1e-15 * np.arange(n)),
    lambda n: np.geomspace(1e-6, 1e3, n) * (-1.0) ** np.arange(n),
)
SCALES = (0.01, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)


def make_problem(generator: np.random.Generator) -> Problem:
    """A problem of up to some ten thousand candidates."""
    n_inputs = int(generator.integers(1, 3))

    def choose(options: tuple[Activation, ...]) -> Activation:
        return options[generator.integers(len(options))]

    network = Network.dense([n_inputs, 2, 1], activation=choose(HIDDEN), output_activation=choose(OUTPUT))
    few = 5 if n_inputs == 1 else 3
    hidden = Grid(np.sort(GRIDS[generator.integers(len(GRIDS))](int(generator.integers(2, few + 1)))))
    output = Grid(np.sort(GRIDS[generator.integers(len(GRIDS))](int(generator.integers(2, 8)))))
    overrides = {name: output if name.startswith("layer1") else hidden for name in network.parameter_names}
    X = generator.random((int(generator.integers(1, 40)), n_inputs)) * generator.choice(SCALES)
    if generator.random() < 0.3:
        X -= X.mean()
    y = (X.sum(axis=1) > X.sum(axis=1).mean()) ^ (generator.random(len(X)) < 0.2)
    scoring = BalancedAccuracy() if generator.random() < 0.1 else Accuracy()
    return Problem.create(network, SearchSpace(network, Grid([0.0]), overrides=overrides), X, y.astype(float), scoring)


def make_boxes(generator: np.random.Generator, lengths: list[int], n_boxes: int = 40) -> Boxes:
    """Boxes and points, most of them with all values of the first output weight, some with equal neurons."""
    low = generator.integers(0, lengths, size=(n_boxes, len(lengths)))
    high = generator.integers(low, lengths)
    points = generator.random(n_boxes) < 0.5
    high[points] = low[points]
    whole = generator.random(n_boxes) < 0.7
    low[whole, -1], high[whole, -1] = 0, lengths[-1] - 1
    alike = generator.random(n_boxes) < 0.3
    half = (len(lengths) - 1) // 2
    low[alike, half : 2 * half], high[alike, half : 2 * half] = low[alike, :half], high[alike, :half]
    return Boxes(low, high)


@pytest.mark.parametrize("fast", ["0", "1"])
@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold_whatever_the_scale(seed: int, fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    generator = np.random.default_rng(seed)
    problem = make_problem(generator)
    lengths = [len(grid) for grid in problem.space.grids]
    scores = BatchedEngine().score(problem, problem.space.digits(range(problem.space.size)))
    with np.errstate(all="ignore"):
        bounder = make_bounder(problem)
        assert bounder is not None
        best = scores.reshape(*lengths[: bounder.n_axes], -1).max(axis=-1)
        boxes = make_boxes(generator, lengths[: bounder.n_axes])
        expected = [
            best[tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))].max()
            for low, high in zip(boxes.low, boxes.high, strict=True)
        ]
        for threshold in (-np.inf, 0.6):
            assert (bounder.bound(boxes, threshold) >= expected).all()


def test_what_a_formula_makes_certain_is_so() -> None:
    generator = np.random.default_rng(0)
    sizes = np.ldexp(generator.uniform(0.5, 1.0, 200_000), generator.integers(-1073, 12, 200_000))
    for activation in (Sigmoid(), HardSigmoid()):
        assert not (activation(-sizes) > 0.5).any()
        assert (activation(sizes[sizes >= 2.0**-50]) > 0.5).all()
    assert (Sigmoid()(40.0 + sizes) == 1.0).all()
    assert Sigmoid().bounds(np.array([40.0]), np.array([50.0]))[0][0] == 1.0


@pytest.mark.parametrize("fast", ["0", "1"])
@pytest.mark.parametrize(
    ("hidden", "own", "first", "second", "X"),
    [
        # Neurons whose outputs are exactly 1, and weights whose product is 0.
        (HardSigmoid(), [1.0, 10.0], [-1e-200, 1e-200], [-1e-200, 1e-200], [5.0, 6.0, 0.1, 0.2]),
        # Equal neurons whose outputs are 0, and a weight whose double is infinite.
        (ReLU(), [1.0, 2.0], [-1e308, 1.0], [-1.0, 1.0], [-1e-10, -2e-10, 1e-10, 2e-10]),
    ],
)
def test_bounds_hold_for_weights_at_the_ends_of_the_floats(
    hidden: Activation,
    own: list[float],
    first: list[float],
    second: list[float],
    X: list[float],
    fast: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    network = Network.dense([1, 2, 1], activation=hidden, output_activation=Step())
    space = SearchSpace.from_grids([Grid(own), Grid(own), Grid(first), Grid(second)], network.parameter_names)
    y = np.array([1.0, 1.0, 0.0, 0.0])
    problem = Problem.create(network, space, np.array(X)[:, np.newaxis], y, Accuracy())
    scores = BatchedEngine().score(problem, space.digits(range(space.size))).reshape(4, 4).max(axis=1)
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    boxes = Boxes(np.pad(points, ((0, 0), (0, 1))), np.pad(points, ((0, 0), (0, 1)), constant_values=1))
    assert scores.max() == 1.0
    with np.errstate(all="ignore"):
        bounder = make_bounder(problem)
        assert bounder is not None
        assert (bounder.bound(boxes) >= scores).all()


@pytest.mark.parametrize("fast", ["0", "1"])
def test_a_neuron_whose_quotients_are_infinite_is_still_searched(fast: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", fast)
    X = np.random.default_rng(0).normal(size=(12, 2)) * [1e72, 1e104]
    y, network, grid = (
        np.arange(12) % 2,
        Network.dense([2, 1], activation=Step(), bias=True),
        Grid([-3e-298, 0, 3e-298]),
    )
    found, plain = (GridSearchTrainer(grid, engine=engine).fit(network, X, y) for engine in ("exact", "reference"))
    assert (found.index, found.score) == (plain.index, plain.score)


def test_parts_on_other_threads_are_as_quiet_as_the_first() -> None:
    infinite = np.full(8, np.inf)
    with warnings.catch_warnings(), np.errstate(all="ignore"), at_most(2):
        warnings.simplefilter("error")
        assert np.isnan(in_parts(lambda part: infinite[part] - infinite[part], 8)).all()


def test_of_neurons_that_all_boxes_bound_alike_one_row_is_looked_up() -> None:
    """With a million samples, two boxes of 30 hidden neurons copied a gigabyte."""
    network = Network.dense([2, 5, 1], bias=True)
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    problem = Problem.create(network, SearchSpace(network, Grid([-1.0, 0.0, 1.0])), X, y, Accuracy())
    hidden, root = HiddenRanges(problem, problem.columns), Axes(problem.space.grids).root()
    halves = root.cut(np.array([0]), np.array([0]))
    found = hidden.inputs_of_last(halves)
    assert [len(of_neuron.low) for of_neuron in found] == [2, 1, 1, 1, 1]
    for k in range(2):
        alone = hidden.inputs_of_last(halves[np.array([k])])
        for one, all_of_them in zip(alone, found, strict=True):
            own = all_of_them[np.array([k])]
            assert (one.low == own.low).all()
            assert (one.high == own.high).all()
