"""The formula of every built-in scoring in plain Python. Add the formula of a new scoring, and every test of the
built-in ones covers it.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial

from minigrid import (
    Accuracy,
    BalancedAccuracy,
    Hinge,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
)
from minigrid.scoring import BuiltinScoring

Table = Sequence[Sequence[float]]
Formula = Callable[[Sequence[float], Table, Sequence[float]], float]


def label_of(row: Sequence[float]) -> int:
    return int(row[0] > 0.5) if len(row) == 1 else list(row).index(max(row))


def weighted_average(costs: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(c * w for c, w in zip(costs, weights, strict=True)) / math.fsum(weights)


def accuracy(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    right = [w for label, row, w in zip(y, outputs, weights, strict=True) if label_of(row) == label]
    return math.fsum(right) / math.fsum(weights)


def balanced_accuracy(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    shares = []
    for label in range(max(2, len(outputs[0]))):
        members = [i for i in range(len(y)) if y[i] == label and weights[i] > 0]
        if members:
            right = math.fsum(weights[i] for i in members if label_of(outputs[i]) == label)
            shares.append(right / math.fsum(weights[i] for i in members))
    return math.fsum(shares) / len(shares)


def log_loss(y: Sequence[float], outputs: Table, weights: Sequence[float], epsilon: float = 2.0**-52) -> float:
    costs = []
    for label, row in zip(y, outputs, strict=True):
        chances = [min(max(output, epsilon), 1.0 - epsilon) for output in row]
        if len(row) == 1:
            chances = [1.0 - chances[0], chances[0]]
        costs.append(-math.log(chances[int(label)] / math.fsum(chances)))
    return weighted_average(costs, weights)


def hinge(y: Sequence[float], outputs: Table, weights: Sequence[float]) -> float:
    costs = []
    for label, row in zip(y, outputs, strict=True):
        if len(row) == 1:
            margin = row[0] if label == 1 else -row[0]
        else:
            margin = row[int(label)] - max(output for k, output in enumerate(row) if k != label)
        costs.append(max(0.0, 1.0 - margin))
    return weighted_average(costs, weights)


def mean_squared_error(y: Table, outputs: Table, weights: Sequence[float]) -> float:
    costs = [
        math.fsum((o - t) ** 2 for o, t in zip(row, target, strict=True)) / len(row)
        for target, row in zip(y, outputs, strict=True)
    ]
    return weighted_average(costs, weights)


def mean_absolute_error(y: Table, outputs: Table, weights: Sequence[float]) -> float:
    costs = [
        math.fsum(abs(o - t) for o, t in zip(row, target, strict=True)) / len(row)
        for target, row in zip(y, outputs, strict=True)
    ]
    return weighted_average(costs, weights)


LABEL_FORMULAS: list[tuple[BuiltinScoring, Formula]] = [
    (Accuracy(), accuracy),
    (BalancedAccuracy(), balanced_accuracy),
    (LogLoss(), log_loss),
    (LogLoss(epsilon=0.01), partial(log_loss, epsilon=0.01)),
    (Hinge(), hinge),
]
NUMBER_FORMULAS: list[tuple[BuiltinScoring, Callable[[Table, Table, Sequence[float]], float]]] = [
    (MeanSquaredError(), mean_squared_error),
    (MeanAbsoluteError(), mean_absolute_error),
]

COUNTED = (Accuracy(), BalancedAccuracy())
BUILT_IN: list[BuiltinScoring] = [scoring for scoring, _ in [*LABEL_FORMULAS, *NUMBER_FORMULAS]]
LOSSES = [scoring for scoring in BUILT_IN if not scoring.greater_is_better]
OF_NUMBERS = [scoring for scoring, _ in NUMBER_FORMULAS]
