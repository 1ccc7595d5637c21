"""Hypothesis strategies for networks and whole search problems, with custom activations and scorings."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from hypothesis import strategies as st
from typing_extensions import override

import minigrid
from minigrid import (
    Activation,
    FunctionScoring,
    Grid,
    Layer,
    Network,
    Neuron,
    Scoring,
    SearchSpace,
    activation,
)
from minigrid._base.typing import FloatArray
from minigrid.exceptions import NoScoreError
from minigrid.names import SCORINGS
from minigrid.search.problem import Problem
from tests.activations.formulas import BUILT_IN as BUILT_IN
from tests.scoring.formulas import OF_NUMBERS
from tests.workers import wave as wave


@activation(monotonic=True)
def cube(z: FloatArray) -> FloatArray:
    """A custom function that is monotonic and unbounded."""
    return np.clip(z, -1e100, 1e100) ** 3


@final
@dataclass(frozen=True)
class Staircase(Activation):
    """A custom class with flat pieces, which gives many ties."""

    monotonic = True
    height: float = 0.25

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return np.floor(np.clip(z, -50.0, 50.0)) * self.height


@activation(monotonic=True)
def signed(z: FloatArray) -> FloatArray:
    """A custom function that distinguishes the two zeros."""
    return np.where(np.signbit(z), 0.0, 1.0)


@activation(monotonic=True)
def rising(z: FloatArray) -> FloatArray:
    """A custom sigmoid that declares to be monotonic."""
    return 1.0 / (1.0 + np.exp(-np.clip(z, -700.0, 700.0)))


@activation(monotonic=True, bounds=lambda low, high: (np.full_like(low, 0.0), np.full_like(high, 1.0)))
def logistic(z: FloatArray) -> FloatArray:
    """A custom sigmoid whose bounds are useless for small boxes."""
    return 1.0 / (1.0 + np.exp(-np.clip(z, -700.0, 700.0)))


@final
class Buffered(Activation):
    """A custom class that reuses its array in the next call."""

    monotonic = True

    def __init__(self) -> None:
        self._buffer = np.empty(0)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        if self._buffer.size < z.size:
            self._buffer = np.empty(z.size)
        return np.arctan(z, out=self._buffer[: z.size].reshape(z.shape))


OWN: list[Activation] = [wave, cube, Staircase(), signed]
RISING: list[Activation] = [signed, logistic, rising]


def median_error(y_true: FloatArray, outputs: FloatArray) -> float:
    """A custom loss that is not a mean over samples."""
    return float(np.median(np.abs(outputs[:, 0] - y_true.reshape(len(y_true), -1)[:, 0])))


def spread(y_true: FloatArray, outputs: FloatArray, sample_weight: FloatArray | None = None) -> float:
    """A custom score that sums in NumPy's order."""
    weight = 1.0 if sample_weight is None else sample_weight[:, np.newaxis]
    return float((np.tanh(outputs) * weight * (1.5 + y_true.reshape(len(y_true), -1)[:, :1])).sum())


PLAIN_SCORINGS: list[Scoring] = [SCORINGS.make(name) for name in SCORINGS.built_in]
LABEL_SCORINGS = [scoring for scoring in PLAIN_SCORINGS if scoring not in OF_NUMBERS]
NUMBER_SCORINGS = [scoring for scoring in PLAIN_SCORINGS if scoring in OF_NUMBERS]
OWN_SCORINGS: list[Scoring] = [FunctionScoring(median_error, greater_is_better=False), FunctionScoring(spread)]
# Even, and symmetric but for the last bits.
NEARLY_SYMMETRIC = [np.linspace(-10.0, 10.0, n).tolist() for n in (2, 4, 9)] + [np.linspace(-700.0, 700.0, 6).tolist()]

# Losses that have a `Curve`: add the pair of a new one, and all tests of such losses cover it.
CONVEX: list[tuple[Activation, Scoring]] = [
    (minigrid.Sigmoid(), minigrid.LogLoss()),
    (minigrid.Sigmoid(), minigrid.LogLoss(epsilon=0.1)),
    (minigrid.Identity(), minigrid.MeanAbsoluteError()),
    (minigrid.Identity(), minigrid.Hinge()),
]
SQUARED: tuple[Activation, Scoring] = (minigrid.Identity(), minigrid.MeanSquaredError())  # convex, but has no curve
CURVED: list[tuple[Activation, Scoring]] = [
    (minigrid.Sigmoid(), minigrid.MeanSquaredError()),
    (minigrid.Tanh(), minigrid.MeanSquaredError()),
]

ACTIVATIONS = st.one_of(
    st.sampled_from([minigrid.Sigmoid(), minigrid.Step(), minigrid.ReLU(), minigrid.Tanh()]),
    st.sampled_from(BUILT_IN),
    st.sampled_from(OWN),
)

# Few different numbers, so that sums meet the threshold and each other exactly; and wild ones.
PLAIN = st.sampled_from([-2.0, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 1.5, 3.0])
EVEN = st.integers(-3, 3).map(float)
WILD = st.sampled_from([1e300, -1e300, 1e-300, 5e-324, 1e155, -1e18, 1e-17, 0.1, 0.7, 1 / 3])
ANY = st.floats(-10.0, 10.0)
DECIMAL = st.sampled_from([-0.7, -0.3, -0.1, 0.1, 0.2, 0.3, 0.6, 0.7])  # ties that rounding blurs


def numbers() -> st.SearchStrategy[st.SearchStrategy[float]]:
    """Choose from which kind of numbers a thing is made."""
    return st.sampled_from([PLAIN, EVEN, ANY, DECIMAL, st.one_of(PLAIN, WILD)])


@st.composite
def grids(draw: st.DrawFn, values: st.SearchStrategy[float], most: int) -> Grid:
    """A grid, evenly spaced or not, with or without duplicates, of one value or more."""
    if draw(st.booleans()):
        start, stop = draw(st.sampled_from([(-10.0, 10.0), (-1.0, 1.0), (0.0, 2.0), (3.0, -3.0)]))
        return Grid.linspace(start, stop, draw(st.integers(1, most)))
    return Grid(draw(st.lists(values, min_size=1, max_size=most)))


@st.composite
def neurons(draw: st.DrawFn, n_inputs: int) -> Neuron:
    """A neuron that may be connected to only some of its inputs, and may have a bias."""
    inputs = None
    n_weights = n_inputs
    if draw(st.integers(0, 3)) == 0:
        inputs = draw(st.lists(st.integers(0, n_inputs - 1), min_size=1, max_size=n_inputs, unique=True))
        n_weights = len(inputs)
    bias = 0.0 if draw(st.booleans()) else None
    return Neuron(np.zeros(n_weights), bias, draw(ACTIVATIONS), inputs)


@st.composite
def networks(draw: st.DrawFn, most_parameters: int = 9) -> Network:
    """A network of one to three layers."""
    n_inputs = draw(st.integers(1, 3))
    width, layers = n_inputs, []
    for _ in range(draw(st.integers(1, 3))):
        members = draw(st.lists(neurons(width), min_size=1, max_size=2))
        layers.append(Layer(members, n_inputs=width))
        width = len(members)
    network = Network(layers)
    if network.n_parameters > most_parameters:
        return Network(layers[:1])
    return network


@st.composite
def problems(draw: st.DrawFn, most_candidates: int = 400) -> Problem:
    """A whole search problem, small enough for the plain loop."""
    network = draw(networks())
    kinds = draw(numbers())
    n_samples = draw(st.integers(1, 12))
    values = draw(numbers())
    X = np.array(draw(st.lists(st.lists(values, min_size=network.n_inputs, max_size=network.n_inputs),
                               min_size=n_samples, max_size=n_samples)))  # fmt: skip
    if draw(st.booleans()):
        X = np.vstack([X, X[:1]])
    chosen = []
    size = 1
    for _ in range(network.n_parameters):
        grid = draw(grids(kinds, max(1, min(12, most_candidates // size))))
        chosen.append(grid)
        size *= len(grid)
    if draw(st.booleans()):
        chosen.reverse()  # so that the last parameter, which engines may treat in a way of its own, has many values
    space = SearchSpace.from_grids(chosen, network.parameter_names)
    scoring = draw(st.sampled_from([*LABEL_SCORINGS, *NUMBER_SCORINGS, *OWN_SCORINGS, minigrid.Accuracy()]))
    y: Any
    if scoring in NUMBER_SCORINGS:
        y = np.array(draw(st.lists(ANY, min_size=len(X) * network.n_outputs, max_size=len(X) * network.n_outputs)))
        y = y.reshape(len(X), network.n_outputs)
    else:
        top = max(1, network.n_outputs - 1)
        y = draw(st.lists(st.integers(0, top), min_size=len(X), max_size=len(X)))
    weights = None
    if scoring.takes_weights and draw(st.integers(0, 3)) == 0:
        weights = np.array(draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 2.5]), min_size=len(X), max_size=len(X))))
        weights[0] = 1.0
    return Problem.create(network, space, X, y, scoring, weights)


@st.composite
def label_problems(draw: st.DrawFn) -> Problem:
    """A problem of labels with a long last grid and sums that meet the threshold again and again."""
    hidden = draw(st.sampled_from([[], [2], [3]]))
    kind = draw(st.sampled_from([a for a in [*BUILT_IN, *OWN] if a.monotonic]))
    n_inputs = draw(st.integers(1, 2))
    inner = draw(st.sampled_from([minigrid.ReLU(), minigrid.Step(), minigrid.Identity(), minigrid.Tanh(), wave]))
    network = Network.dense([n_inputs, *hidden, 1], activation=inner, output_activation=kind, bias=draw(st.booleans()))
    wild = st.one_of(PLAIN, st.sampled_from([1e-300, 5e-324, 1e17, -1e-9]))
    values = draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL, DECIMAL, wild]))
    rows = st.lists(values, min_size=n_inputs, max_size=n_inputs)
    X = np.array(draw(st.lists(rows, min_size=1, max_size=12)))
    short = st.sampled_from([Grid([0.0]), Grid([-1.0, 1.0]), Grid([0.0, 0.5]), Grid([-0.5, 0.3]), Grid([1e-9, 0.7])])
    chosen = [draw(short) for _ in range(network.n_parameters - 1)]
    free = 0
    for k, grid in enumerate(chosen):  # at most eight settings, for the plain loop's sake
        free += len(grid) > 1
        chosen[k] = grid if free <= 3 else Grid.fixed(grid[0])
    start, stop = draw(
        st.sampled_from([(-3.0, 3.0), (-1.0, 1.0), (-10.0, 10.0), (0.0, 1.0), (2.0, -2.0), (-1e-9, 1e-9), (-1e9, 1e9)])
    )
    num = draw(st.integers(2, 21))
    grid = Grid.linspace(start, stop, num)
    if draw(st.booleans()):
        kept = draw(st.lists(st.integers(0, num - 1), min_size=2, max_size=num))
        grid = Grid(grid.values[kept])
    space = SearchSpace.from_grids([*chosen, grid], network.parameter_names)
    y = draw(st.lists(st.integers(0, 1), min_size=len(X), max_size=len(X)))
    scoring = draw(st.sampled_from([minigrid.Accuracy(), minigrid.BalancedAccuracy()]))
    return Problem.create(network, space, X, y, scoring)


@st.composite
def two_into_one_problems(draw: st.DrawFn) -> Problem:
    """Two neurons into one, with more candidates than the plain loop has time for, and ties everywhere."""
    inner = draw(st.sampled_from([minigrid.Sigmoid(), minigrid.ReLU(), minigrid.Gaussian(), minigrid.Tanh(), wave]))
    outer = draw(st.sampled_from([minigrid.Sigmoid(), minigrid.Tanh(), minigrid.Identity(), minigrid.Step(), *RISING]))
    network = Network.dense([2, 2, 1], activation=inner, output_activation=outer, bias=draw(st.integers(0, 4)) == 0)
    truth = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    values = draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL]))
    rows = st.lists(st.lists(values, min_size=2, max_size=2), min_size=1, max_size=16)
    X = truth if draw(st.integers(0, 3)) == 0 else np.array(draw(rows))
    X = np.vstack([X] * draw(st.sampled_from([1, 1, 3])))
    few = [[-1.0, 0.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-10.0, 10.0], [-3.0, 0.1, 2.0], [2.0, 1.0], [0.0, 0.0, 5.0]]
    one, hidden, output = (Grid(draw(st.sampled_from(few))) for _ in range(3))
    hidden = draw(st.sampled_from([one, hidden]))
    grids = [one if name.startswith("layer0.neuron0") else hidden for name in network.parameter_names]
    grids = [output if name.startswith("layer1") else g for name, g in zip(network.parameter_names, grids, strict=True)]
    space = SearchSpace.from_grids(grids, network.parameter_names)
    y = X[:, 0] != X[:, 1] if draw(st.booleans()) else draw(st.lists(st.booleans(), min_size=len(X), max_size=len(X)))
    scoring = draw(st.sampled_from([minigrid.Accuracy(), minigrid.BalancedAccuracy()]))
    weights = draw(st.sampled_from([None, None, np.linspace(0.0, 2.0, len(X)) + 0.1]))
    return Problem.create(network, space, X, np.array(y, dtype=np.float64), scoring, weights)


@st.composite
def positive_problems(draw: st.DrawFn) -> Problem:
    """Two neurons that are never 0 into one, with weights that nearly cancel and outputs that nearly reach 1."""
    inner = draw(st.sampled_from([minigrid.Sigmoid(), minigrid.Softplus(), rising, logistic]))
    outer = draw(st.sampled_from([minigrid.Sigmoid(), *RISING]))
    n_inputs = draw(st.integers(1, 2))
    network = Network.dense([n_inputs, 2, 1], activation=inner, output_activation=outer)
    if draw(st.booleans()):
        hidden = Layer.dense(n_inputs, 3, activation=inner)
        network = Network(
            [hidden, Layer([Neuron([1.0, 1.0], None, outer, draw(st.permutations(range(3)))[:2])], n_inputs=3)]
        )
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = generator.random((draw(st.integers(1, 60)), n_inputs)) * draw(st.sampled_from([0.01, 1.0, 5.0]))
    y = draw(st.sampled_from([X.sum(axis=1) > X.sum() / len(X), (X[:, 0] > 0.5) ^ (X[:, -1] > 0.3)]))
    few = st.sampled_from([[-10.0, 10.0], [-3.0, 0.0, 3.0], NEARLY_SYMMETRIC[1], [0.5, -20.0]])
    one, output = Grid(draw(few)), Grid(draw(st.sampled_from([*NEARLY_SYMMETRIC, [1.0, -1.0, 0.0, 3.0]])))
    if network.layers[0].n_parameters > 4:
        one = Grid([-10.0, 10.0])
    grids = [output if name.startswith("layer1") else one for name in network.parameter_names]
    space = SearchSpace.from_grids(grids, network.parameter_names)
    return Problem.create(network, space, X, y.astype(np.float64), minigrid.Accuracy())


@st.composite
def loss_problems(draw: st.DrawFn) -> Problem:
    """A single neuron with a loss that has tangents, on grids from tiny to wide, with targets it can meet exactly."""
    n_inputs = draw(st.integers(1, 3))
    activation, scoring = draw(st.sampled_from([*CONVEX, SQUARED, *CURVED]))
    network = Network.dense([n_inputs, 1], activation=activation, bias=draw(st.booleans()))
    rows = st.lists(draw(st.sampled_from([PLAIN, EVEN, ANY, DECIMAL])), min_size=n_inputs, max_size=n_inputs)
    X = np.array(draw(st.lists(rows, min_size=1, max_size=30))) * draw(st.sampled_from([1.0, 1.0, 1e-6, 100.0]))
    most = round(3000 ** (1.0 / network.n_parameters))
    some = st.one_of(grids(PLAIN, most), st.integers(1, most).map(lambda n: Grid.linspace(-50.0, 50.0, n)))
    space = SearchSpace.from_grids([draw(some) for _ in network.parameter_names], network.parameter_names)
    y: Any = draw(st.lists(st.integers(0, 1), min_size=len(X), max_size=len(X)))
    if scoring in NUMBER_SCORINGS:
        met = network.with_parameters([draw(st.sampled_from(grid.values.tolist())) for grid in space.grids])(X)
        y = draw(st.sampled_from([met, np.array(y), 2.0 * np.array(y) - 1.0, 1000.0 * met + 0.1]))
    weights = draw(st.sampled_from([None, None, np.arange(len(X)) + 1.0]))
    return Problem.create(network, space, X, y, scoring, weights)


def loop(problem: Problem) -> tuple[int, float]:
    """A second plain loop, which tests the reference engine, too."""
    best: tuple[int, float] | None = None
    for index, parameters in enumerate(problem.space):
        outputs = problem.network.with_parameters(parameters)(problem.X)
        if problem.sample_weight is None:
            score = problem.scoring(problem.targets, outputs)
        else:
            score = problem.scoring(problem.targets, outputs, sample_weight=problem.sample_weight)
        if np.isnan(score):
            continue
        if best is None or problem.better(score, best[1]):
            best = (index, float(score))
    if best is None:
        raise NoScoreError("all NaN")
    return best
