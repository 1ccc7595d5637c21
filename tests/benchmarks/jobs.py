"""A job: a search, its data, and how long it may take. The jobs themselves are in `tables.py`."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, final

import numpy as np

from minigrid import (
    L0,
    Activation,
    FunctionActivation,
    FunctionScoring,
    Gaussian,
    Grid,
    GridSearchTrainer,
    Identity,
    Network,
    ReLU,
    Scoring,
    Sigmoid,
    Step,
    Tanh,
)
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.datasets import flip_labels, sum_threshold, xor
from minigrid.names import EngineName
from tests.benchmarks.real_data import RealData

ActivationName: TypeAlias = Literal["sigmoid", "relu", "tanh", "gaussian", "step", "identity", "sin", "ripple"]
ScoreName: TypeAlias = Literal["accuracy", "mean_squared_error", "log_loss", "close", "close, in batches"]

PEAK_MIB = 1024.0
"""No job may need more memory than this, however large its grid."""

QUICK_LIMIT = 4.0
"""Seconds for each search in quick mode."""


def ripple(z: FloatArray, /) -> FloatArray:
    """A custom activation that declares nothing, neither monotonic nor bounds."""
    return 0.5 + 0.5 * np.cos(z)


def close(y_true: FloatArray, outputs: FloatArray) -> float:
    """A custom score: the fraction of samples whose output is within a quarter of the target."""
    return float(np.count_nonzero(np.abs(outputs[:, 0] - y_true) < 0.25)) / len(y_true)


@final
class Close(Scoring):
    """The same score as a custom class that can score a batch at once."""

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        return close(y_true, outputs)

    @override
    def batch(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> FloatArray:
        counts = np.count_nonzero(np.abs(outputs[..., 0] - y_true) < 0.25, axis=-1)
        return np.asarray(counts, dtype=np.float64) / len(y_true)


_ACTIVATIONS: Mapping[ActivationName, Callable[[], Activation]] = {
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "tanh": Tanh,
    "gaussian": Gaussian,
    "step": Step,
    "identity": Identity,
    "sin": lambda: FunctionActivation(np.sin),
    "ripple": lambda: FunctionActivation(ripple),
}


@final
@dataclass(frozen=True, slots=True)
class Data:
    """Which samples: uniform numbers from 0 to 1, labelled by their sum, by that with noise, or by xor.

    Attributes:
        n_features: columns of X.
        threshold: of the sum; ignored for xor.
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

    def with_samples(self, n_samples: int) -> "Data":
        """Return the same with another number of samples."""
        return replace(self, n_samples=n_samples)


@final
@dataclass(frozen=True, slots=True)
class Goal:
    """How fast a job should be with NumPy only and with the `fast` extra: seconds, or a ratio to something.

    Attributes:
        plain: the most with NumPy only.
        fast: the most with numba.
        of: what the two numbers count.
        plain_gap: what may be left between the best and the bound in that time with NumPy only, as a part of the
            score; 0: the best must be proven.
    """

    plain: float
    fast: float
    of: Literal["seconds", "times batched NumPy", "times import numpy"] = "seconds"
    plain_gap: float = 0.0


@final
@dataclass(frozen=True, slots=True)
class Axis:
    """Values from -span to span.

    Attributes:
        span: the largest.
        n_values: how many.
    """

    span: float
    n_values: int

    @property
    def step(self) -> float:
        """From one value to the next."""
        return 2.0 * self.span / (self.n_values - 1)

    def grid(self) -> Grid:
        """Build the grid."""
        return Grid.linspace(-self.span, self.span, self.n_values)


@final
@dataclass(frozen=True, slots=True)
class SearchJob:
    """One search: a dense network on a grid of `n_values` from -span to span.

    Attributes:
        name: P1 and so on; a word more where a job has two halves. The letter is the table that the job is in.
        what: in words.
        data: the samples.
        sizes: of the network's layers, the inputs first.
        n_values: how many values each weight may take, and each bias unless `biases` says otherwise.
        goal: how fast it should be.
        span: the largest value.
        hidden: the activation of the hidden neurons, if there are any.
        output: the activation of the output neurons.
        bias: whether each neuron has one.
        biases: the values of each bias, where they are not those of the weights.
        score: what makes a candidate the best, but for the penalty.
        penalty: what weights cost; None: nothing.
        within: how much worse than the best the candidates may be that are counted; None: only the best is searched.
        limit: seconds after which the search is stopped.
    """

    name: str
    what: str
    data: Data | RealData
    sizes: tuple[int, ...]
    n_values: int
    goal: Goal
    span: float = 10.0
    hidden: ActivationName = "sigmoid"
    output: ActivationName = "sigmoid"
    bias: bool = False
    biases: Axis | None = None
    score: ScoreName = "accuracy"
    penalty: L0 | None = None
    within: float | None = None
    limit: float = 60.0

    @property
    def n_parameters(self) -> int:
        """How many weights and biases are searched."""
        return sum((below + self.bias) * size for below, size in itertools.pairwise(self.sizes))

    @property
    def n_candidates(self) -> int:
        """The size of the search space."""
        n_biases = sum(self.sizes[1:]) if self.bias else 0
        n_each = self.n_values if self.biases is None else self.biases.n_values
        return int(self.n_values ** (self.n_parameters - n_biases) * n_each**n_biases)

    @property
    def greater_is_better(self) -> bool:
        """False for the losses."""
        return self.score not in ("mean_squared_error", "log_loss")

    @property
    def values(self) -> FloatArray:
        """The values of every weight, shape (n_values,)."""
        return np.linspace(-self.span, self.span, self.n_values)

    def network(self) -> Network:
        """Build the network."""
        hidden, output = _ACTIVATIONS[self.hidden](), _ACTIVATIONS[self.output]()
        return Network.dense(self.sizes, activation=hidden, output_activation=output, bias=self.bias)

    def grid(self) -> Grid:
        """Build the grid."""
        return Axis(self.span, self.n_values).grid()

    def trainer(self, *, engine: EngineName = "auto", time_limit: float | None = None) -> GridSearchTrainer:
        """Build the trainer that does the job."""
        return GridSearchTrainer(
            self.grid(),
            bias_grid=None if self.biases is None else self.biases.grid(),
            scoring=self.scoring(),
            penalty=self.penalty,
            engine=engine,
            time_limit=time_limit,
        )

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
            data=self.data if n_samples is None else self.data.with_samples(n_samples),
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
