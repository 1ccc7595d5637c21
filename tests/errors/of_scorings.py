"""Wrong calls of scorings."""

from functools import partial
from typing import Any

import numpy as np
from typing_extensions import override

from minigrid import (
    Accuracy,
    BalancedAccuracy,
    Hinge,
    LogLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    MinigridError,
    Scoring,
)
from tests.errors.cases import (
    NETWORK,
    Case,
    X,
    Y,
    case,
    labels_to,
    mg,
    outputs_to,
    shape_error,
    type_error,
    value_error,
    weights_to,
)
from tests.errors.kinds import (
    array_cases,
    labels_cases,
    length_cases,
    number_cases,
    numbers_cases,
    weights_cases,
)

LABELS: list[Any] = [Accuracy(), BalancedAccuracy(), LogLoss(), Hinge()]


NUMBERS: list[Any] = [MeanSquaredError(), MeanAbsoluteError()]


async def score_later(y_true: Any, outputs: Any) -> float:
    """A function that would never run."""
    return 1.0


def score_piece_by_piece(y_true: Any, outputs: Any) -> Any:
    """A function that would never run either."""
    yield 1.0


def outputs_cases(scoring: Any) -> list[Case]:
    """Rows for what is no table of outputs."""
    owner = f"{type(scoring).__name__}()"
    begin = "^outputs: expected "

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return case(f"{owner}, outputs is {what}", lambda: use(value), MinigridError, Exception, begin, *fragments)

    use, reshape = outputs_to(scoring), "np.reshape(outputs, (-1, 1))"
    flat, deep, shape = [0.1, 0.9, 0.8], np.zeros((1, 3, 1)), r"\(n_samples, n_outputs\)"
    of_arrays = array_cases(owner, "outputs", use, [[0], [1], [1]])
    return [
        *(row for row in of_arrays if not row.name.endswith(("has NaN", "has minus infinity", "beyond float64"))),
        wrong("flat", flat, shape, r"shape \(3,\)")
        .runs(reshape, use, outputs=flat)
        .then("Pass network(X)", lambda: use(NETWORK(X))),
        wrong("three-dimensional", deep, shape, r"shape \(1, 3, 1\)").runs(reshape, use, outputs=deep),
    ]


def check(scoring: Any, n_outputs: int, value: Any) -> Any:
    return scoring.check_targets(value, n_outputs)


def scoring_cases(scoring: Any) -> list[Case]:
    """Rows for the calls of one built-in scoring."""
    name = type(scoring).__name__
    called, checked = labels_to(scoring), partial(check, scoring, 1)
    if scoring in LABELS:
        as_numbers = labels_to(NUMBERS[0]), partial(check, NUMBERS[0], 1)
        three = lambda value: scoring(value, np.eye(3)), partial(check, scoring, 3)
        targets = [
            *labels_cases(f"{name}()", called, three[0], as_numbers[0]),
            *labels_cases(f"{name}.check_targets", checked, three[1], as_numbers[1]),
        ]
    else:
        targets = [*numbers_cases(f"{name}()", called), *numbers_cases(f"{name}.check_targets", checked)]
    return [
        *targets,
        *length_cases(f"{name}()", "outputs", labels_to(scoring)),
        *outputs_cases(scoring),
        shape_error(
            f"{name}(), outputs is without columns",
            lambda: scoring(Y, np.zeros((3, 0))),
            "expected",
            r"\(3, 0\)",
        ).then("Pass network(X)", lambda: scoring(Y, NETWORK(X))),
        *weights_cases(f"{name}()", weights_to(scoring)),
    ]


class Worst(Scoring):
    """A user's scoring that leaves the check of its targets to the base."""

    @override
    def __call__(self, y_true: Any, outputs: Any, /, sample_weight: Any = None) -> float:
        return float(np.abs(outputs[:, 0] - y_true).max())


SCORING_CASES = [
    *(row for scoring in [*LABELS, *NUMBERS] for row in scoring_cases(scoring)),
    value_error(
        "Accuracy.check_targets, a label without output",
        lambda: LABELS[0].check_targets([0, 3], 3),
        "^y: .*0 to 2",
        "got 0, 3",
    )
    .runs("np.unique(y, return_inverse=True)[1]", lambda y: LABELS[0].check_targets(y, 3), y=[0, 3])
    .then("as many output neurons", lambda: LABELS[0].check_targets([0, 3], 4))
    .then("a scoring for numbers", lambda: NUMBERS[0].check_targets([0, 3], 1)),
    value_error(
        "Hinge.check_targets, a label without output",
        lambda: LABELS[3].check_targets([5], 4),
        "0 to 3, one for each output",
    )
    .runs("np.unique(y, return_inverse=True)[1]", lambda y: LABELS[3].check_targets(y, 4), y=[5])
    .then("as many output neurons", lambda: LABELS[3].check_targets([5], 6))
    .then("a scoring for numbers", lambda: NUMBERS[0].check_targets([5], 1)),
    shape_error(
        "MeanSquaredError.check_targets, flat", lambda: NUMBERS[0].check_targets([0.0, 1.0], 2), r"\(n_samples, 2\)"
    ).then("a column for each output: shape (n_samples, 2)", lambda: NUMBERS[0].check_targets([[0.0, 1.0]], 2)),
    shape_error(
        "MeanAbsoluteError(), narrow", lambda: NUMBERS[1](Y, np.zeros((3, 2))), r"^y: .*\(n_samples, 2\).*\(3,\)"
    ).then("a column for each output: shape (n_samples, 2)", lambda: NUMBERS[1](np.zeros((3, 2)), np.zeros((3, 2)))),
    *array_cases("Scoring.check_targets", "y", lambda value: Worst().check_targets(value, 1), [0, 1, 2]),
    shape_error(
        "Scoring.check_targets, y empty",
        lambda: Worst().check_targets([], 1),
        "^y: expected one target a sample",
        r"\(0,\)",
    ).then("Pass a flat list of the samples' targets", lambda: Worst().check_targets([1.0, 2.0], 1)),
    shape_error(
        "Scoring.check_targets, y a number", lambda: Worst().check_targets(1.0, 1), "^y: expected", r"shape \(\)"
    ).then("Pass a flat list of the samples' targets", lambda: Worst().check_targets([1.0, 2.0], 1)),
    shape_error(
        "Scoring.check_targets, y deep",
        lambda: Worst().check_targets(np.zeros((1, 1, 1)), 1),
        "^y: expected",
        r"\(1, 1, 1\)",
    ).then("Pass a flat list of the samples' targets", lambda: Worst().check_targets([1.0, 2.0], 1)),
    value_error(
        "LogLoss, epsilon 0",
        lambda: mg.LogLoss(epsilon=0.0),
        "^epsilon: expected a number between 0 and 0.5, got 0.0",
        "1e-15",
    ).runs("1e-15", mg.LogLoss),
    value_error("LogLoss, epsilon one half", lambda: mg.LogLoss(epsilon=0.5), r"^epsilon: .*got 0\.5").runs(
        "1e-15", mg.LogLoss
    ),
    *number_cases("LogLoss", "epsilon", lambda value: mg.LogLoss(epsilon=value), 0.25),
    type_error(
        "FunctionScoring, a number", lambda: mg.FunctionScoring(5), "^function: expected a function of .*got 5"
    ).then("Pass a function that returns one number", lambda: mg.FunctionScoring(lambda y_true, outputs: 1.0)),
    type_error(
        "FunctionScoring, a class", lambda: mg.FunctionScoring(Accuracy), "^function: .*got the class Accuracy itself"
    ).then("Pass a function that returns one number", lambda: mg.FunctionScoring(lambda y_true, outputs: 1.0)),
    type_error(
        "FunctionScoring, a scoring",
        lambda: mg.FunctionScoring(Accuracy()),
        "^function: .*got an object of type Accuracy",
    ).then("Pass a function that returns one number", lambda: mg.FunctionScoring(lambda y_true, outputs: 1.0)),
    type_error(
        "FunctionScoring, an async function",
        lambda: mg.FunctionScoring(score_later),
        r"^function: expected a function of \(y_true, outputs\), got an async function\.",
    ).then("Define it with def, without async", lambda: mg.FunctionScoring(lambda y_true, outputs: 1.0)),
    type_error(
        "GridSearchTrainer, scoring is a generator",
        lambda: mg.GridSearchTrainer(mg.Grid([0, 1]), scoring=score_piece_by_piece),
        r"^function: expected a function of \(y_true, outputs\), got a generator\.",
    ).then("return instead of yield", lambda: mg.FunctionScoring(lambda y_true, outputs: 1.0)),
]
