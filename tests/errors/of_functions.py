"""Activations and scorings of a user's own that go wrong in a search."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from minigrid import (
    ActivationError,
    FunctionActivation,
    Grid,
    Identity,
    Network,
    NoScoreError,
    ScoringError,
    SearchTooLongError,
)
from tests.errors.cases import NAN, Case, X, case, fit, plan
from tests.errors.of_trainers import STRATEGIES


def own(function: Any, **promises: Any) -> Any:
    return Network.dense([2, 1], activation=FunctionActivation(function, **promises))


def my_function(y_true: Any, outputs: Any) -> Any:
    raise ZeroDivisionError("nothing to divide by")


def scored(value: Any) -> Callable[..., Any]:
    """A scoring function that returns something else than a number."""

    def my_score(y_true: Any, outputs: Any) -> Any:
        return value

    return my_score


def writing(y_true: Any, outputs: Any) -> float:
    outputs[:] = 0.0
    return 1.0


SCORED = r"^scoring FunctionScoring\(my_score\): expected one number, got "


def activation_error(name: str, function: Any, *fragments: str, **promises: Any) -> list[Case]:
    """Rows for an activation that breaks its contract, called alone and in a search."""
    network = own(function, **promises)
    begin = r"^activation FunctionActivation\("
    return [
        case(
            f"{use.__name__}, an activation that {name}",
            partial(use, network=network),
            ActivationError,
            ValueError,
            begin,
            *fragments,
        )
        for use in (fit, plan)
    ]


OWN_CASES = [
    *activation_error("sums", np.sum, r"\(sum\): expected a float64 array of z's shape \(3, 5\)", "no np.sum"),
    *activation_error(
        "returns another shape", lambda z: z[:1], "<lambda>", "got an array of shape", "element by element"
    ),
    *activation_error("returns float32", lambda z: z.astype(np.float32), "dtype float32", r"astype\(np\.float64\)"),
    *activation_error("returns booleans", lambda z: z > 0.0, "dtype bool", r"astype\(np\.float64\)"),
    *activation_error("returns NaN", np.log, r"\(log\)", "NaN for z = -", "np.where"),
    *activation_error("returns a list", lambda z: z.tolist(), "a list of length"),
    *activation_error("returns None", lambda z: None, "got None"),
    *activation_error("raises", lambda z: [][z.size], "IndexError"),
    *activation_error("writes", lambda z: np.exp(z, out=z), "writes into its argument", "new array"),
    *activation_error("mixes elements", lambda z: z - z.max(), "change with the other elements", "element by element"),
    *activation_error("falls", np.cos, "never fall", "Drop monotonic = True", monotonic=True),
    case(
        "Network(), an activation that sums",
        lambda: own(np.sum)(X),
        ActivationError,
        ValueError,
        r"\(sum\)",
        r"shape \(3,\)",
    ),
    case("Layer(), an activation that sums", lambda: own(np.sum)[0](X), ActivationError, ValueError, r"\(sum\)"),
    case("Neuron(), an activation that sums", lambda: own(np.sum)[0][0](X), ActivationError, ValueError, r"\(sum\)"),
    case(
        "fit, a score that is an array",
        lambda: fit(scoring=scored(np.ones(3))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
        "Reduce",
    ),
    case(
        "fit, a score that is an array of one",
        lambda: fit(scoring=scored(np.ones(1))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
    ),
    case(
        "fit, a score that is text",
        lambda: fit(scoring=scored("good")),
        ScoringError,
        ValueError,
        SCORED + "'good'",
        "to one float",
    ),
    case("fit, a score that is None", lambda: fit(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"),
    case("fit, a score that is complex", lambda: fit(scoring=scored(1j)), ScoringError, ValueError, SCORED + "1j"),
    case(
        "fit, a score that is a list",
        lambda: fit(scoring=scored([1.0])),
        ScoringError,
        ValueError,
        SCORED + "a list of length 1",
    ),
    case("fit, a score that is masked", lambda: fit(scoring=scored(np.ma.masked)), ScoringError, ValueError, SCORED),
    case(
        "fit, a score too large for a float",
        lambda: fit(scoring=scored(10**400)),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_score\)",
    ),
    case("plan, a score that is None", lambda: plan(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"),
    case(
        "fit, a scoring that raises",
        lambda: fit(scoring=my_function),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_function\): expected a number for outputs",
        r"outputs of shape \(3, 1\) and targets of shape \(3,\)",
        "got ZeroDivisionError: nothing to divide by",
    ),
    case(
        "fit, a scoring of one argument",
        lambda: fit(scoring=len),
        ScoringError,
        ValueError,
        r"FunctionScoring\(len\)",
        "got TypeError",
    ),
    case(
        "fit, a scoring that writes",
        lambda: fit(scoring=writing),
        ScoringError,
        ValueError,
        r"\(writing\)",
        "read-only",
    ),
    case(
        "fit, a scoring that takes no weights",
        lambda: fit(scoring=my_function, weight=[1.0, 1.0, 2.0]),
        ScoringError,
        ValueError,
        "expected one that takes sample_weight, got one that does not",
        "keyword sample_weight",
    ),
    *(
        case(
            f"fit, all scores NaN, {strategy}",
            partial(fit, scoring=scored(NAN), strategy=strategy),
            NoScoreError,
            ArithmeticError,
            "expected a number for at least one candidate, got NaN",
        )
        for strategy in STRATEGIES
    ),
    case(
        "fit, every sum overflows",
        lambda: fit(
            [[1e308, 1e308]] * 3,
            network=Network.dense([2, 1], activation=Identity()),
            grid=Grid([10.0]),
            scoring=scored(NAN),
        ),
        NoScoreError,
        ArithmeticError,
        "got NaN for all 1",
        "use smaller grid values or scale X",
    ),
    case(
        "fit, a search that takes too long",
        lambda: fit(np.zeros((3, 100)), network=Network.dense([100, 1]), grid=Grid.linspace(-1.0, 1.0, 10)),
        SearchTooLongError,
        RuntimeError,
        r"at most a day, got 10\^100 candidates",
        "100 parameters, 10 values for each",
        "which would take",
        "time_limit=",
        "strategy='coordinate'",
    ),
]
