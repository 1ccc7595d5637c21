"""The tables of jobs: P on synthetic data, beside other ways to do the same; R and S on real data; N counts.

There minigrid is alone, but for S5 to S7, which other solvers do too. N counts the candidates that are near the best.
Goals are seconds of one `fit` or `near_best` on two cores, with NumPy only and with numba.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from minigrid import L0
from tests.benchmarks.jobs import ActivationName, Axis, Data, Goal, ImportJob, ScoreName, SearchJob
from tests.benchmarks.real_data import RealData

Letter: TypeAlias = Literal["P", "R", "S", "N"]

LETTERS: tuple[Letter, ...] = get_args(Letter)

IMPORT = ImportJob("P12", "import minigrid", Goal(1.2, 1.2, "times import numpy"))

GROWTH_VALUES = (25, 50, 100, 200)
GROWTH_SAMPLES = (10**3, 10**4, 10**5, 10**6)

_ONE, _TWO_INTO_ONE = (3, 1), (2, 2, 1)
_SUM_OF_TWO, _SUM_OF_THREE = Data(2, 1.0), Data(3, 1.5)
_NOISE, _XOR = Data(2, 1.0, "noise"), Data(2, 1.0, "xor")


def _synthetic() -> tuple[SearchJob, ...]:
    against_numpy = Goal(1.0, 1.0, "times batched NumPy")
    with_bias, user = "one neuron with a bias, a loss, n=100", "a user's activation and score, functions both, n=60"
    million = _SUM_OF_THREE.with_samples(10**6)
    return (
        SearchJob("P1", "one neuron, 3 weights, n=100", _SUM_OF_THREE, _ONE, 100, Goal(0.03, 0.03)),
        SearchJob("P2", "the same from -20 to 20, n=200", _SUM_OF_THREE, _ONE, 200, Goal(0.06, 0.06), span=20.0),
        SearchJob("P3", "one neuron, 4 weights, n=100", Data(4, 1.75), (4, 1), 100, Goal(0.4, 0.15)),
        SearchJob(
            "P4", "one neuron, 3 weights and a bias, n=100", _SUM_OF_THREE, _ONE, 100, Goal(0.05, 0.05), bias=True
        ),
        SearchJob("P5", "two into one, n=100", _SUM_OF_TWO, _TWO_INTO_ONE, 100, Goal(0.4, 0.4)),
        SearchJob("P6", "two into one, noise, n=100", _NOISE, _TWO_INTO_ONE, 100, Goal(5.0, 2.0), limit=300.0),
        SearchJob("P7", "two into one, xor, n=100", _XOR, _TWO_INTO_ONE, 100, Goal(5.0, 2.0), limit=600.0),
        SearchJob(
            "P8",
            "two into one with biases, xor, n=21",
            _XOR,
            _TWO_INTO_ONE,
            21,
            Goal(60.0, 15.0),
            bias=True,
            limit=150.0,
        ),
        SearchJob(
            "P9 mean squared error",
            with_bias,
            _SUM_OF_THREE,
            _ONE,
            100,
            Goal(1.0, 0.5),
            bias=True,
            score="mean_squared_error",
        ),
        SearchJob("P9 log loss", with_bias, _SUM_OF_THREE, _ONE, 100, Goal(1.0, 0.5), bias=True, score="log_loss"),
        SearchJob(
            "P10",
            "two into one, hidden neurons np.sin, n=20",
            _SUM_OF_TWO,
            _TWO_INTO_ONE,
            20,
            Goal(10.0, 5.0),
            hidden="sin",
        ),
        SearchJob("P11", "one neuron, 3 weights, n=100, 10^6 samples", million, _ONE, 100, Goal(5.0, 1.5)),
        SearchJob("P13 functions", user, _SUM_OF_THREE, _ONE, 60, against_numpy, output="ripple", score="close"),
        SearchJob(
            "P13 batches",
            "the same, with a score that takes batches, n=60",
            _SUM_OF_THREE,
            _ONE,
            60,
            against_numpy,
            output="ripple",
            score="close, in batches",
        ),
    )


def _on_real_data() -> tuple[SearchJob, ...]:
    iris2, iris4, iris3 = RealData("iris2", 2, 100), RealData("iris4", 4, 100), RealData("iris3", 2, 150)
    moons, circles = RealData("moons", 2, 200), RealData("circles", 2, 200)
    xor200, xor4, sine = RealData("xor200", 2, 200), RealData("xor4", 2, 4), RealData("sine", 1, 60)
    two, three = _TWO_INTO_ONE, (2, 3, 1)
    return (
        _real("R1", "iris, 2 features, 2-1", iris2, (2, 1), 41, Goal(0.1, 0.1)),
        _real("R2", "iris, 4 features, 4-1", iris4, (4, 1), 41, Goal(0.1, 0.1)),
        _real("R3", "iris, 2-2-1", iris2, two, 11, Goal(5.0, 0.5)),
        _real("R4", "iris, 2-2-1", iris2, two, 21, Goal(60.0, 10.0)),
        _real("R5", "iris, 2-2-1, ReLU hidden", iris2, two, 11, Goal(5.0, 0.5), hidden="relu"),
        _real("R6", "iris, 2-2-1, log loss", iris2, two, 11, Goal(20.0, 5.0), score="log_loss"),
        _real("R7", "iris, three classes, 2-3", iris3, (2, 3), 11, Goal(8.0, 1.0)),
        _real("R8", "iris, three classes, 2-2-3", iris3, (2, 2, 3), 7, Goal(60.0, 20.0)),
        _real("R9", "iris, 4 features, 4-2-1", iris4, (4, 2, 1), 5, Goal(5.0, 1.0)),
        _real("R10", "moons, 2-2-1", moons, two, 11, Goal(5.0, 0.4)),
        _real("R11", "moons, 2-2-1", moons, two, 21, Goal(60.0, 8.0)),
        _real("R12", "moons, 2-2-1, Tanh hidden", moons, two, 11, Goal(5.0, 0.4), hidden="tanh"),
        _real("R13", "moons, 2-3-1", moons, three, 7, Goal(40.0, 4.0)),
        _real("R14", "moons, 2-2-1, squared error", moons, two, 11, Goal(60.0, 20.0), score="mean_squared_error"),
        _real("R15", "moons, 2-2-2-1", moons, (2, 2, 2, 1), 5, Goal(60.0, 20.0)),
        _real("R16", "circles, 2-2-1", circles, two, 11, Goal(5.0, 0.5)),
        _real("R17", "circles, 2-3-1", circles, three, 7, Goal(40.0, 4.0)),
        _real("R18", "circles, 2-2-1, Gaussian hidden", circles, two, 11, Goal(5.0, 0.5), hidden="gaussian"),
        _real("R19", "xor, 2-2-1", xor200, two, 11, Goal(5.0, 0.5)),
        _real("R20", "xor, 2-2-1", xor200, two, 21, Goal(60.0, 10.0)),
        _real("R21", "xor, 2-2-1, Step throughout", xor200, two, 11, Goal(5.0, 0.5), hidden="step", output="step"),
        _real("R22", "xor of 4 points, 2-2-1", xor4, two, 21, Goal(2.0, 0.5)),
        _curve("R23", "sine, 1-2-1, Tanh hidden, linear output", sine, (1, 2, 1), 21, Goal(0.3, 0.3)),
        _curve("R24", "sine, 1-3-1, the same", sine, (1, 3, 1), 11, Goal(1.0, 1.0)),
    )


def _with_many_features() -> tuple[SearchJob, ...]:
    best_8, best_10, best_15, every = (RealData("cancer", count, 569) for count in (8, 10, 15, 30))
    return (
        _real("S1", "8 features", best_8, (8, 1), 11, Goal(0.2, 0.2), score="log_loss"),
        _real("S2", "10 features", best_10, (10, 1), 21, Goal(1.0, 1.0), score="log_loss"),
        _real("S3", "15 features", best_15, (15, 1), 11, Goal(3.0, 2.0), score="log_loss"),
        _real("S4", "30 features", every, (30, 1), 11, Goal(60.0, 60.0, plain_gap=0.01), score="log_loss", limit=60.0),
        *SPARSE,
    )


def _sparse() -> tuple[SearchJob, ...]:
    every, first_10 = RealData("cancer above", 30, 569), RealData("cancer above", 10, 569)
    return (
        _points("S5", "30 features, at most 5 used", every, "log_loss", L0(at_most=5), Goal(60.0, 30.0)),
        _points("S6", "30 features, at most 3 used", every, "log_loss", L0(at_most=3), Goal(5.0, 3.0)),
        _points(
            "S7", "10 features, accuracy less 0.01 for each used", first_10, "accuracy", L0(0.01), Goal(60.0, 30.0)
        ),
    )


def _counts() -> tuple[SearchJob, ...]:
    and4, xor4, moons = RealData("and4", 2, 4), RealData("xor4", 2, 4), RealData("moons", 2, 200)
    every = _real("N1", "and of 4 points, 2-2-1", and4, _TWO_INTO_ONE, 11, Goal(30.0, 15.0))
    corners = _real("N2", "xor of 4 points, 2-2-1", xor4, _TWO_INTO_ONE, 21, Goal(60.0, 30.0), limit=150.0)
    two = SearchJob("N3", "two into one, n=100", _SUM_OF_TWO, _TWO_INTO_ONE, 100, Goal(10.0, 5.0), limit=150.0)
    one = SearchJob(
        "N4", "one neuron, 3 weights and a bias, n=100", _SUM_OF_THREE, _ONE, 100, Goal(5.0, 2.0), bias=True
    )
    noisy = _real("N5", "moons, 2-2-1", moons, _TWO_INTO_ONE, 11, Goal(60.0, 10.0))
    score = SPARSE[1]
    return (
        *(replace(job, within=0.0) for job in (every, corners, two, one, noisy)),
        replace(noisy, name="N6", within=0.0075),
        replace(score, name="N7", within=0.005, goal=Goal(30.0, 30.0)),
        replace(score, name="N8", within=0.02, goal=Goal(60.0, 60.0)),
        replace(every, name="N9", within=0.25),
    )


def _points(name: str, what: str, data: RealData, score: ScoreName, penalty: L0, goal: Goal) -> SearchJob:
    """A risk score: points from -5 to 5 and a bias from -20 to 20, whole numbers all."""
    job = _real(name, what, data, (data.n_features, 1), 11, goal, score=score, limit=120.0)
    return replace(job, biases=Axis(20.0, 41), penalty=penalty)


def _real(
    name: str,
    what: str,
    data: RealData,
    sizes: tuple[int, ...],
    n_values: int,
    goal: Goal,
    *,
    hidden: ActivationName = "sigmoid",
    output: ActivationName = "sigmoid",
    score: ScoreName = "accuracy",
    span: float = 5.0,
    limit: float = 0.0,
) -> SearchJob:
    """A job with biases, which is stopped after twice its goal, or after a minute if that is longer."""
    return SearchJob(
        name,
        f"{what}, n={n_values}",
        data,
        sizes,
        n_values,
        goal,
        span=span,
        hidden=hidden,
        output=output,
        bias=True,
        score=score,
        limit=limit or max(60.0, 2.0 * goal.plain),
    )


def _curve(name: str, what: str, data: RealData, sizes: tuple[int, ...], n_values: int, goal: Goal) -> SearchJob:
    """A curve through points."""
    return _real(
        name, what, data, sizes, n_values, goal, hidden="tanh", output="identity", score="mean_squared_error", span=3.0
    )


SPARSE: tuple[SearchJob, ...] = _sparse()
"""Jobs of table S that other solvers do too."""

TABLES: Mapping[Letter, tuple[SearchJob, ...]] = {
    "P": _synthetic(),
    "R": _on_real_data(),
    "S": _with_many_features(),
    "N": _counts(),
}

SEARCHES: tuple[SearchJob, ...] = tuple(job for letter in LETTERS for job in TABLES[letter])


def numbers(*letters: Letter) -> list[str]:
    """Return P1, P2, ..., in order, each once: of some tables, or of all."""
    found = {number_of(name) for name in (*(job.name for job in SEARCHES), IMPORT.name)}
    chosen = [number for number in found if letter_of(number) in (letters or LETTERS)]
    return sorted(chosen, key=lambda number: (number[0], int(number[1:])))


def number_of(name: str) -> str:
    """Return P9 of 'P9 log loss'."""
    return name.partition(" ")[0]


def letter_of(name: str) -> Letter:
    """Return the table that a job is in, by its name or number."""
    return next(letter for letter in LETTERS if name.startswith(letter))


def find(name: str) -> SearchJob:
    """Return the search of that full name."""
    return next(job for job in SEARCHES if job.name == name)
