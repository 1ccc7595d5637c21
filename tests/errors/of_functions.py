"""Custom activations and scorings that go wrong in a search."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score

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


def mean_hit(y_true: Any, outputs: Any) -> float:
    return float(((outputs[:, 0] > 0.5) == y_true).mean())


def weighted_hit(y_true: Any, outputs: Any, sample_weight: Any = None) -> float:
    return float(np.average((outputs[:, 0] > 0.5) == y_true, weights=sample_weight))


def writing_a_copy(y_true: Any, outputs: Any) -> float:
    copied = outputs.copy()
    copied[:, 0] -= y_true
    return -float(np.abs(copied).sum())


def times(factor: Any) -> Callable[..., Any]:
    return lambda y_true, outputs: factor * mean_hit(y_true, outputs)


TEN = Grid.linspace(-1.0, 1.0, 10)


def overflowing(value: float, largest: float = 1e308) -> Any:
    """Search where an infinite sum meets another of the other sign."""
    network = Network.dense([2, 1], activation=Identity())
    return fit([[largest, -largest]] * 3, network=network, grid=Grid([value]), scoring="mean_squared_error")


def too_long(grid: Any = TEN, **settings: Any) -> Any:
    return fit(np.zeros((3, 100)), network=Network.dense([100, 1]), grid=grid, **settings)


def activation_error(name: str, function: Any, fix: str, better: Any, *fragments: str, **promises: Any) -> list[Case]:
    """Rows for an activation that breaks its contract, called alone and in a search, and one that keeps it."""
    begin = r"^activation FunctionActivation\("

    def row(use: Any) -> Case:
        bad, good = partial(use, network=own(function, **promises)), partial(use, network=own(better))
        named = f"{use.__name__}, an activation that {name}"
        return case(named, bad, ActivationError, ValueError, begin, *fragments).then(fix, good)

    return [row(fit), row(plan)]


def shifted(z: Any) -> Any:
    return z - 1.0


ELEMENTWISE = "Work element by element"


OWN_CASES = [
    *activation_error("sums", np.sum, ELEMENTWISE, shifted, r"\(sum\): expected a float64 array of z's shape \(3, 5\)"),
    *activation_error("returns another shape", lambda z: z[:1], ELEMENTWISE, shifted, "<lambda>", "an array of shape"),
    *activation_error(
        "returns float32",
        lambda z: z.astype(np.float32),
        ".astype(np.float64)",
        lambda z: z.astype(np.float32).astype(np.float64),
        "dtype float32",
    ),
    *activation_error(
        "returns booleans",
        lambda z: z > 0.0,
        ".astype(np.float64)",
        lambda z: (z > 0.0).astype(np.float64),
        "dtype bool",
    ),
    *activation_error(
        "returns NaN",
        np.log,
        "finite for every finite z, see np.where",
        lambda z: np.log(np.where(z > 1e-9, z, 1e-9)),
        r"\(log\)",
        "NaN for z = -",
    ),
    *activation_error("returns a list", lambda z: z.tolist(), "return an array", shifted, "a list of length"),
    *activation_error("returns None", lambda z: None, "a return is missing", shifted, "got None"),
    *activation_error("raises", lambda z: [][z.size], "computed from z with NumPy functions", shifted, "IndexError"),
    *activation_error("writes", lambda z: np.exp(z, out=z), "Return a new array", np.exp, "writes into its argument"),
    *activation_error("mixes elements", lambda z: z - z.max(), ELEMENTWISE, shifted, "change with the other elements"),
    *activation_error("falls", np.cos, "Drop monotonic = True", np.cos, "never fall", monotonic=True),
    case(
        "Network(), an activation that sums",
        lambda: own(np.sum)(X),
        ActivationError,
        ValueError,
        r"\(sum\)",
        r"shape \(3,\)",
    ).then("Work element by element", lambda: own(shifted)(X)),
    case("Layer(), an activation that sums", lambda: own(np.sum)[0](X), ActivationError, ValueError, r"\(sum\)").then(
        "Work element by element", lambda: own(shifted)[0](X)
    ),
    case(
        "Neuron(), an activation that sums", lambda: own(np.sum)[0][0](X), ActivationError, ValueError, r"\(sum\)"
    ).then("Work element by element", lambda: own(shifted)[0][0](X)),
    case(
        "fit, a score that is an array",
        lambda: fit(scoring=scored(np.ones(3))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
        "Reduce",
    )
    .then("Reduce over samples and outputs to one float", lambda: fit(scoring=mean_hit))
    .then("compare outputs[:, 0] with y_true", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a score that is an array of one",
        lambda: fit(scoring=scored(np.ones(1))),
        ScoringError,
        ValueError,
        SCORED + "an array of shape",
    ).then("Reduce over samples and outputs to one float", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a score that is text",
        lambda: fit(scoring=scored("good")),
        ScoringError,
        ValueError,
        SCORED + "'good'",
        "to one float",
    ).then("Reduce over samples and outputs to one float", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a score that is None", lambda: fit(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"
    ).then("a return is missing", lambda: fit(scoring=mean_hit)),
    case("fit, a score that is complex", lambda: fit(scoring=scored(1j)), ScoringError, ValueError, SCORED + "1j")
    .then(".real", lambda: fit(scoring=times(1j.real + 1.0)))
    .then("abs", lambda: fit(scoring=times(abs(1j)))),
    case(
        "fit, a score that is a list",
        lambda: fit(scoring=scored([1.0])),
        ScoringError,
        ValueError,
        SCORED + "a list of length 1",
    ).then("Reduce over samples and outputs to one float", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a score that is masked", lambda: fit(scoring=scored(np.ma.masked)), ScoringError, ValueError, SCORED
    ).then("Fill or drop the masked entries", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a score too large for a float",
        lambda: fit(scoring=scored(10**400)),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_score\)",
    ).then("Return a smaller one", lambda: fit(scoring=times(1e300))),
    case(
        "plan, a score that is None", lambda: plan(scoring=scored(None)), ScoringError, ValueError, SCORED + "None"
    ).then("a return is missing", lambda: plan(scoring=mean_hit)),
    case(
        "fit, a scoring that raises",
        lambda: fit(scoring=my_function),
        ScoringError,
        ValueError,
        r"^scoring FunctionScoring\(my_function\): expected a number for outputs",
        r"outputs of shape \(3, 1\) and targets of shape \(3,\)",
        "got ZeroDivisionError: nothing to divide by",
    ).then("Let it work on (y_true, outputs) of these shapes", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a scoring of one argument",
        lambda: fit(scoring=len),
        ScoringError,
        ValueError,
        r"FunctionScoring\(len\)",
        "got TypeError",
    )
    .then("Let it work on (y_true, outputs) of these shapes", lambda: fit(scoring=mean_hit))
    .then("The outputs of a single neuron are outputs[:, 0]", lambda: fit(scoring=mean_hit)),
    case(
        "fit, a metric of labels",
        lambda: fit(scoring=accuracy_score),
        ScoringError,
        ValueError,
        "mix of binary and continuous targets",
    ).then("its labels outputs[:, 0] > 0.5", lambda: fit(scoring=lambda y, out: accuracy_score(y, out[:, 0] > 0.5))),
    case(
        "fit, a scoring that writes",
        lambda: fit(scoring=writing),
        ScoringError,
        ValueError,
        r"\(writing\)",
        "read-only",
    )
    .then("compute new arrays from them", lambda: fit(scoring=mean_hit))
    .then("write into a copy", lambda: fit(scoring=writing_a_copy)),
    case(
        "fit, a scoring that takes no weights",
        lambda: fit(scoring=my_function, weight=[1.0, 1.0, 2.0]),
        ScoringError,
        ValueError,
        "expected one that takes sample_weight, got one that does not",
        "keyword sample_weight",
    )
    .then("take a keyword sample_weight", lambda: fit(scoring=weighted_hit, weight=[1.0, 1.0, 2.0]))
    .then("leave the weights out", lambda: fit(scoring=mean_hit)),
    *(
        case(
            f"fit, all scores NaN, {strategy}",
            partial(fit, scoring=scored(NAN), strategy=strategy),
            NoScoreError,
            ArithmeticError,
            "expected a number for at least one candidate, got NaN",
        ).then("Fix the scoring", partial(fit, scoring=mean_hit, strategy=strategy))
        for strategy in STRATEGIES
    ),
    case(
        "fit, every sum overflows",
        lambda: overflowing(10.0),
        NoScoreError,
        ArithmeticError,
        "got NaN for all 1",
        "use smaller grid values or scale X",
    )
    .then("use smaller grid values", lambda: overflowing(1e-300))
    .then("scale X", lambda: overflowing(10.0, 1.0)),
    case(
        "fit, a search that takes too long",
        too_long,
        SearchTooLongError,
        RuntimeError,
        r"at most a day, got 10\^100 candidates",
        "100 parameters, 10 values for each",
        "which would most likely take more than",
        "time_limit=",
        "strategy='coordinate'",
    )
    .then("Use fewer values", lambda: too_long(Grid([1.0])))
    .then("strategy='coordinate'", lambda: too_long(strategy="coordinate", max_candidates=1000))
    .then("time_limit=60", lambda: too_long(time_limit=60, max_candidates=1000))
    .then("time_limit=30 * 86400", lambda: too_long(time_limit=30 * 86400, max_candidates=1000)),
]
