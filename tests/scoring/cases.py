"""Helpers of the tests of scorings: generated cases, comparisons, a custom loss and a custom class."""

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from hypothesis import strategies as st
from typing_extensions import override

from minigrid import (
    Scoring,
)
from minigrid._base.typing import FloatArray
from tests.profile import examples
from tests.scoring.formulas import OF_NUMBERS

quick = examples(60)


@dataclass(frozen=True)
class Case:
    """Outputs of one network, with labels, real targets and weights for the same samples."""

    outputs: list[list[float]]
    labels: list[float]
    targets: list[list[float]]
    weights: list[float]

    def y_for(self, scoring: Scoring) -> Any:
        return self.targets if scoring in OF_NUMBERS else self.labels


OUTPUT = st.one_of(st.floats(-3.0, 3.0), st.floats(0.0, 1.0), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -1.0]))


@st.composite
def cases(draw: st.DrawFn, weights: st.SearchStrategy[float]) -> Case:
    """Draw one to twelve samples and one to three outputs."""
    n_outputs, n_samples = draw(st.integers(1, 3)), draw(st.integers(1, 12))

    def table(values: st.SearchStrategy[float]) -> list[list[float]]:
        row = st.lists(values, min_size=n_outputs, max_size=n_outputs)
        return draw(st.lists(row, min_size=n_samples, max_size=n_samples))

    labels = st.integers(0, max(1, n_outputs - 1)).map(float)
    return Case(
        outputs=table(OUTPUT),
        labels=draw(st.lists(labels, min_size=n_samples, max_size=n_samples)),
        targets=table(st.floats(-3.0, 3.0)),
        weights=[1.0, *draw(st.lists(weights, min_size=n_samples - 1, max_size=n_samples - 1))],
    )


DYADIC = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.75])  # their sums are exact
COUNTS = st.sampled_from([0.0, 1.0, 2.0, 3.0])


def bits(scores: FloatArray) -> list[str]:
    return [float(score).hex() for score in scores]


def close(score: float, expected: float) -> bool:
    return math.isclose(score, expected, rel_tol=1e-12, abs_tol=1e-13)


def median_error(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.median(np.abs(outputs[:, 0] - y_true.ravel()[: len(outputs)])))


def worst_error(y_true: FloatArray, outputs: FloatArray) -> float:
    return float(np.max(np.abs(outputs[:, 0] - y_true)))


@final
@dataclass(frozen=True)
class Misses(Scoring):
    """A custom loss: how many samples are on the wrong side of a margin."""

    greater_is_better = False
    margin: float = 0.5

    @override
    def __call__(self, y_true: FloatArray, outputs: FloatArray, /, sample_weight: FloatArray | None = None) -> float:
        wrong = (outputs[:, 0] > self.margin) != (y_true == 1.0)
        return float(np.count_nonzero(wrong) if sample_weight is None else sample_weight[wrong].sum())
