"""Wrong calls of scorings."""

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
    MASKED,
    ONE_OUTPUT,
    Case,
    Y,
    array_cases,
    case,
    labels_cases,
    labels_to,
    length_cases,
    mg,
    number_cases,
    numbers_cases,
    shape_error,
    type_error,
    value_error,
    weights_cases,
    weights_to,
)

LABELS: list[Any] = [Accuracy(), BalancedAccuracy(), LogLoss(), Hinge()]


NUMBERS: list[Any] = [MeanSquaredError(), MeanAbsoluteError()]


def outputs_cases(scoring: Any) -> list[Case]:
    """Rows for what is no table of outputs."""
    owner = f"{type(scoring).__name__}()"
    begin = "^outputs: expected "

    def wrong(what: str, value: Any, *fragments: str) -> Case:
        return case(
            f"{owner}, outputs is {what}", lambda: scoring(Y, value), MinigridError, Exception, begin, *fragments
        )

    return [
        wrong("flat", [0.1, 0.9, 0.8], r"\(n_samples, n_outputs\)", r"shape \(3,\)", r"outputs\.reshape\(-1, 1\)"),
        wrong("three-dimensional", np.zeros((1, 3, 1)), r"\(n_samples, n_outputs\)", r"shape \(1, 3, 1\)"),
        wrong("text", [["a"], ["b"], ["c"]], "numbers", "got"),
        wrong("complex", [[1j], [0], [1]], "numbers", "complex128"),
        wrong("None", None, "numbers", "got"),
        wrong("an array of objects", np.full((3, 1), None), "numbers", "object"),
        wrong("ragged", [[0.1], [0.9, 0.2], [0.8]], "got"),
        wrong("masked", MASKED(ONE_OUTPUT, mask=[[0], [1], [0]]), "masked"),
    ]


def scoring_cases(scoring: Any) -> list[Case]:
    """Rows for the calls of one built-in scoring."""
    name = type(scoring).__name__
    targets = labels_cases if scoring in LABELS else numbers_cases
    return [
        *targets(f"{name}()", labels_to(scoring)),
        *targets(f"{name}.check_targets", lambda value: scoring.check_targets(value, 1)),
        *length_cases(f"{name}()", "outputs", labels_to(scoring)),
        *outputs_cases(scoring),
        shape_error(
            f"{name}(), outputs is without columns",
            lambda: scoring(Y, np.zeros((3, 0))),
            "expected",
            r"\(3, 0\)|\(n_samples, 0\)",
        ),
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
    ),
    value_error(
        "Hinge.check_targets, a label without output",
        lambda: LABELS[3].check_targets([5], 4),
        "0 to 3, one for each output",
    ),
    shape_error(
        "MeanSquaredError.check_targets, flat", lambda: NUMBERS[0].check_targets([0.0, 1.0], 2), r"\(n_samples, 2\)"
    ),
    shape_error(
        "MeanAbsoluteError(), narrow", lambda: NUMBERS[1](Y, np.zeros((3, 2))), r"^y: .*\(n_samples, 2\).*\(3,\)"
    ),
    *array_cases("Scoring.check_targets", "y", lambda value: Worst().check_targets(value, 1)),
    shape_error(
        "Scoring.check_targets, y empty",
        lambda: Worst().check_targets([], 1),
        "^y: expected one target a sample",
        r"\(0,\)",
    ),
    shape_error(
        "Scoring.check_targets, y a number", lambda: Worst().check_targets(1.0, 1), "^y: expected", r"shape \(\)"
    ),
    shape_error(
        "Scoring.check_targets, y deep",
        lambda: Worst().check_targets(np.zeros((1, 1, 1)), 1),
        "^y: expected",
        r"\(1, 1, 1\)",
    ),
    value_error(
        "LogLoss, epsilon 0",
        lambda: mg.LogLoss(epsilon=0.0),
        "^epsilon: expected a number between 0 and 0.5, got 0.0",
        "1e-15",
    ),
    value_error("LogLoss, epsilon one half", lambda: mg.LogLoss(epsilon=0.5), r"^epsilon: .*got 0\.5"),
    *number_cases("LogLoss", "epsilon", lambda value: mg.LogLoss(epsilon=value)),
    type_error("FunctionScoring, a number", lambda: mg.FunctionScoring(5), "^function: expected a function of .*got 5"),
    type_error(
        "FunctionScoring, a class", lambda: mg.FunctionScoring(Accuracy), "^function: .*got the class Accuracy itself"
    ),
    type_error(
        "FunctionScoring, a scoring",
        lambda: mg.FunctionScoring(Accuracy()),
        "^function: .*got an object of type Accuracy",
    ),
]
