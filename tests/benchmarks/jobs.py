"""The job table: what is searched, on which data, and how long it may take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid import Activation, FunctionActivation, FunctionScoring, Grid, Network, Scoring, Sigmoid
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.datasets import flip_labels, sum_threshold, xor

ActivationName: TypeAlias = Literal["sigmoid", "sin", "ripple"]
ScoreName: TypeAlias = Literal["accuracy", "mean_squared_error", "log_loss", "close", "close, in batches"]

PEAK_MIB = 1024.0
"""No job may need more memory than this, however large its grid."""

QUICK_LIMIT = 4.0
"""Seconds for each search in quick mode."""


def ripple(z: FloatArray, /) -> FloatArray:
    """A user's activation that declares nothing: neither monotonic nor bounded, as far as anybody knows."""
    return 0.5 + 0.5 * np.cos(z)


def close(y_true: FloatArray, outputs: FloatArray) -> float:
    """A user's score: the share of samples whose output is within a quarter of the target."""
    return float(np.count_nonzero(np.abs(outputs[:, 0] - y_true) < 0.25)) / len(y_true)


@final
class Close(Scoring):
    """The same score as a class of the user's own that can score a batch at once."""

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return close(y_true, outputs)

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        counts = np.count_nonzero(np.abs(outputs[..., 0] - y_true) < 0.25, axis=-1)
        return np.asarray(counts, dtype=np.float64) / len(y_true)


_ACTIVATIONS: Mapping[ActivationName, Callable[[], Activation]] = {
    "sigmoid": Sigmoid,
    "sin": lambda: FunctionActivation(np.sin),
    "ripple": lambda: FunctionActivation(ripple),
}


@final
@dataclass(frozen=True, slots=True)
class Data:
    """Which samples: uniform numbers from 0 to 1, labelled by their sum, by that with noise, or by xor.

    Attributes:
        n_features: columns of X.
        threshold: of the sum; of no account for xor.
        labels: how samples are labelled.
        n_samples: rows of X. Fewer samples are the first rows of more.
    """

    n_features: int
    threshold: float
    labels: Literal["sum", "noise", "xor"] = "sum"
    n_samples: int = 1000

    def make(self) -> tuple[FloatArray, IntArray]:
        """Return X of shape (n_samples, n_features) and y of shape (n_samples,), 0 or 1."""
        if self.labels == "xor":
            return xor(self.n_samples)
        X, y = sum_threshold(self.n_samples, self.n_features, self.threshold)
        return X, flip_labels(y) if self.labels == "noise" else y


@final
@dataclass(frozen=True, slots=True)
class Goal:
    """How fast a job should be with NumPy only and with the `fast` extra: seconds, or a ratio to something.

    Attributes:
        plain: the most with NumPy only.
        fast: the most with numba.
        of: what the two numbers count.
    """

    plain: float
    fast: float
    of: Literal["seconds", "times batched NumPy", "times import numpy"] = "seconds"


@final
@dataclass(frozen=True, slots=True)
class SearchJob:
    """One search: a neuron, or two neurons into one, on a grid of `n_values` from -span to span.

    Attributes:
        name: P1 and so on; a word more where a job has two halves.
        what: in words.
        data: the samples.
        n_values: how many values each weight and bias may take.
        goal: how fast it should be.
        span: the largest value.
        hidden: the activation of the two hidden neurons; None if there is but one neuron.
        output: the activation of the output neuron.
        bias: whether each neuron has one.
        score: what makes a candidate the best.
        limit: seconds after which the search is stopped.
    """

    name: str
    what: str
    data: Data
    n_values: int
    goal: Goal
    span: float = 10.0
    hidden: ActivationName | None = None
    output: ActivationName = "sigmoid"
    bias: bool = False
    score: ScoreName = "accuracy"
    limit: float = 60.0

    @property
    def n_parameters(self) -> int:
        """How many weights and biases are searched."""
        inputs = self.data.n_features + self.bias
        return inputs if self.hidden is None else 2 * inputs + 2 + self.bias

    @property
    def n_candidates(self) -> int:
        """The size of the search space."""
        return int(self.n_values**self.n_parameters)

    @property
    def greater_is_better(self) -> bool:
        """False for the losses."""
        return self.score not in ("mean_squared_error", "log_loss")

    @property
    def values(self) -> FloatArray:
        """The values of every parameter, shape (n_values,)."""
        return np.linspace(-self.span, self.span, self.n_values)

    def network(self) -> Network:
        """Build the network."""
        output = _ACTIVATIONS[self.output]()
        if self.hidden is None:
            return Network.dense([self.data.n_features, 1], activation=output, bias=self.bias)
        hidden = _ACTIVATIONS[self.hidden]()
        sizes = [self.data.n_features, 2, 1]
        return Network.dense(sizes, activation=hidden, output_activation=output, bias=self.bias)

    def grid(self) -> Grid:
        """Build the grid."""
        return Grid.linspace(-self.span, self.span, self.n_values)

    def scoring(self) -> Scoring | Literal["accuracy", "mean_squared_error", "log_loss"]:
        """Return what the trainer takes as `scoring`."""
        if self.score == "close":
            return FunctionScoring(close)
        return Close() if self.score == "close, in batches" else self.score

    def resized(
        self, *, n_values: int | None = None, n_samples: int | None = None, limit: float | None = None
    ) -> "SearchJob":
        """Return the same job with another number of grid values or samples, or another time limit."""
        return replace(
            self,
            n_values=self.n_values if n_values is None else n_values,
            data=self.data if n_samples is None else replace(self.data, n_samples=n_samples),
            limit=self.limit if limit is None else limit,
        )

    def quick(self) -> "SearchJob":
        """Return what quick mode runs: the same with a short limit; smaller where it must be finished."""
        if self.goal.of == "seconds":
            return self.resized(limit=QUICK_LIMIT)
        smaller = self.resized(n_values=min(self.n_values, 30), limit=10.0)
        return replace(smaller, what=self.what.replace(f"n={self.n_values}", f"n={smaller.n_values}"))


@final
@dataclass(frozen=True, slots=True)
class ImportJob:
    """How long `import minigrid` takes, against `import numpy`."""

    name: str
    what: str
    goal: Goal


def _seed(n_features: int, threshold: float, n_samples: int = 1000) -> Data:
    return Data(n_features, threshold, n_samples=n_samples)


_NOISE = Data(2, 1.0, "noise")
_XOR = Data(2, 1.0, "xor")

SEARCHES: tuple[SearchJob, ...] = (
    SearchJob("P1", "one neuron, 3 weights, n=100", _seed(3, 1.5), 100, Goal(0.03, 0.03)),
    SearchJob("P2", "the same from -20 to 20, n=200", _seed(3, 1.5), 200, Goal(0.06, 0.06), span=20.0),
    SearchJob("P3", "one neuron, 4 weights, n=100", _seed(4, 1.75), 100, Goal(0.4, 0.15)),
    SearchJob("P4", "one neuron, 3 weights and a bias, n=100", _seed(3, 1.5), 100, Goal(0.05, 0.05), bias=True),
    SearchJob("P5", "two into one, n=100", _seed(2, 1.0), 100, Goal(0.4, 0.4), hidden="sigmoid"),
    SearchJob("P6", "two into one, noise, n=100", _NOISE, 100, Goal(120.0, 20.0), hidden="sigmoid", limit=300.0),
    SearchJob("P7", "two into one, xor, n=100", _XOR, 100, Goal(300.0, 60.0), hidden="sigmoid", limit=600.0),
    SearchJob(
        "P8",
        "two into one with biases, xor, n=21",
        _XOR,
        21,
        Goal(120.0, 30.0),
        hidden="sigmoid",
        bias=True,
        limit=150.0,
    ),
    SearchJob(
        "P9 mean squared error",
        "one neuron with a bias, a loss, n=100",
        _seed(3, 1.5),
        100,
        Goal(1.0, 0.5),
        bias=True,
        score="mean_squared_error",
    ),
    SearchJob(
        "P9 log loss",
        "one neuron with a bias, a loss, n=100",
        _seed(3, 1.5),
        100,
        Goal(1.0, 0.5),
        bias=True,
        score="log_loss",
    ),
    SearchJob("P10", "two into one, hidden neurons np.sin, n=20", _seed(2, 1.0), 20, Goal(10.0, 5.0), hidden="sin"),
    SearchJob("P11", "one neuron, 3 weights, n=100, 10^6 samples", _seed(3, 1.5, 10**6), 100, Goal(20.0, 5.0)),
    SearchJob(
        "P13 functions",
        "a user's activation and score, functions both, n=60",
        _seed(3, 1.5),
        60,
        Goal(1.0, 1.0, "times batched NumPy"),
        output="ripple",
        score="close",
    ),
    SearchJob(
        "P13 batches",
        "the same, with a score that takes batches, n=60",
        _seed(3, 1.5),
        60,
        Goal(1.0, 1.0, "times batched NumPy"),
        output="ripple",
        score="close, in batches",
    ),
)

IMPORT = ImportJob("P12", "import minigrid", Goal(1.2, 1.2, "times import numpy"))

GROWTH_VALUES = (25, 50, 100, 200)
GROWTH_SAMPLES = (10**3, 10**4, 10**5, 10**6)


def numbers() -> list[str]:
    """Return P1, P2, ..., in order, each once."""
    found = {number_of(name) for name in (*(job.name for job in SEARCHES), IMPORT.name)}
    return sorted(found, key=lambda number: int(number[1:]))


def number_of(name: str) -> str:
    """Return P9 of 'P9 log loss'."""
    return name.partition(" ")[0]


def find(name: str) -> SearchJob:
    """Return the search of that full name."""
    return next(job for job in SEARCHES if job.name == name)
