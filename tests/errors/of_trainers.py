"""Wrong settings of a trainer, and data that it cannot search."""

import datetime
import os
from typing import Any

import numpy as np
import pandas as pd

from minigrid import Accuracy, LogLoss, UnknownNameError, names
from tests.errors.cases import (
    GRID,
    INF,
    SPACE,
    THREE_OUTPUTS,
    TWO_OUTPUTS,
    Case,
    X,
    case,
    fit,
    mg,
    near_best,
    passed_as,
    plan,
    shape_error,
    type_error,
    value_error,
)
from tests.errors.kinds import (
    count_cases,
    grid_cases,
    labels_cases,
    length_cases,
    network_cases,
    number_cases,
    numbers_cases,
    samples_cases,
    weights_cases,
)
from tests.errors.of_grids import KNOWN_NAMES, OVERRIDES


def known(*names: str) -> str:
    return f"Known: {', '.join(map(repr, names))}"


STRATEGIES = names.STRATEGIES.built_in


SCORINGS = names.SCORINGS.built_in


def trainer(grid: Any = GRID, **settings: Any) -> Any:
    return mg.GridSearchTrainer(grid, **settings)


def overridden(grid: Any) -> Any:
    return fit(overrides={"layer0.neuron0.weight0": grid})


def hits(y_true: Any, outputs: Any) -> float:
    return float(((outputs[:, 0] > 0.5) == y_true).mean())


async def report_later(event: Any) -> None:
    """A callback that would never run."""


class ReportLater:
    """The same as an object."""

    async def __call__(self, event: Any) -> None:
        """Do nothing."""


def report_piece_by_piece(event: Any) -> Any:
    """A callback that would never run either."""
    yield event


def print_nothing(event: Any) -> None:
    pass


def wide(use: Any) -> Any:
    """The same use with data of another width."""
    return lambda width: passed_as(use, "X", network=mg.Network.dense([width, 1]))


def labels_of(use: Any) -> Any:
    """The three uses of labels: with one output, with three, and as numbers."""
    return (
        passed_as(use, "y"),
        passed_as(use, "y", network=THREE_OUTPUTS),
        passed_as(use, "y", scoring="mean_squared_error"),
    )


def duration_case(kind: str, value: Any, code: str) -> Case:
    """A row for a duration of another type than a number of seconds."""
    name, begin = f"GridSearchTrainer, time_limit is a {kind}", "^time_limit: expected a number of seconds, got"
    return type_error(name, lambda: trainer(time_limit=value), begin).runs(
        code, passed_as(fit, "time_limit"), time_limit=value
    )


TRAINER_CASES = [
    *grid_cases("GridSearchTrainer", "grid", trainer),
    *grid_cases("GridSearchTrainer", "bias_grid", lambda value: trainer(bias_grid=value)),
    type_error("GridSearchTrainer, no grid", lambda: trainer(None), "^grid: expected a Grid, got None").runs(
        "Grid([-1, 0, 1])", trainer
    ),
    type_error(
        "fit, overrides is a list", lambda: fit(overrides=[GRID]), "^overrides: expected a dict, got a list of length 1"
    ).then("Pass a dict of parameter names and grids", lambda: overridden(GRID)),
    type_error(
        "fit, overrides holds a list",
        lambda: fit(overrides={"layer0.neuron0.weight0": [1.0]}),
        "^overrides.*expected a Grid",
    ).runs("Grid.fixed(0.5)", overridden),
    case(
        "fit, overrides names no parameter",
        lambda: fit(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ).then("Known: 'layer0.neuron0.weight0'", lambda: fit(overrides={"layer0.neuron0.weight0": GRID})),
    case(
        "plan, overrides names no parameter",
        lambda: plan(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ).then("Known: 'layer0.neuron0.weight0'", lambda: plan(overrides={"layer0.neuron0.weight0": GRID})),
    case(
        "GridSearchTrainer, strategy mistyped",
        lambda: trainer(strategy="zom"),
        UnknownNameError,
        ValueError,
        "^strategy: expected the name of a strategy, got 'zom'. Did you mean 'zoom'",
        known(*STRATEGIES),
    ).then("Did you mean 'zoom'", lambda: fit(strategy="zoom")),
    case(
        "GridSearchTrainer, strategy unknown",
        lambda: trainer(strategy="annealing"),
        UnknownNameError,
        ValueError,
        known(*STRATEGIES),
    ).then("Known: 'joint'", lambda: [fit(strategy=strategy) for strategy in STRATEGIES]),
    type_error(
        "GridSearchTrainer, strategy is a class",
        lambda: trainer(strategy=mg.Joint),
        "^strategy: .*the class Joint itself",
        "'joint'",
    )
    .then("'joint'", lambda: fit(strategy="joint"))
    .runs("Coordinate(restarts=10)", passed_as(fit, "strategy")),
    type_error(
        "GridSearchTrainer, strategy is None",
        lambda: trainer(strategy=None),
        "^strategy: expected a Strategy, got None",
    )
    .then("'joint'", lambda: fit(strategy="joint"))
    .runs("Coordinate(restarts=10)", passed_as(fit, "strategy")),
    type_error(
        "GridSearchTrainer, strategy is a function",
        lambda: trainer(strategy=print),
        "^strategy: expected a Strategy, got",
    )
    .then("'joint'", lambda: fit(strategy="joint"))
    .runs("Coordinate(restarts=10)", passed_as(fit, "strategy")),
    case(
        "GridSearchTrainer, scoring mistyped",
        lambda: trainer(scoring="acuracy"),
        UnknownNameError,
        ValueError,
        "^scoring: expected the name of a scoring, got 'acuracy'. Did you mean 'accuracy'",
        known(*SCORINGS),
    ).then("Did you mean 'accuracy'", lambda: fit(scoring="accuracy")),
    case(
        "GridSearchTrainer, scoring unknown",
        lambda: trainer(scoring="f1"),
        UnknownNameError,
        ValueError,
        known(*SCORINGS),
    ).then("Known: 'accuracy'", lambda: [fit(scoring=scoring) for scoring in SCORINGS]),
    type_error(
        "GridSearchTrainer, scoring is a class",
        lambda: trainer(scoring=LogLoss),
        "^scoring: .*the class LogLoss itself",
        r"LogLoss\(\)",
    )
    .then("'accuracy'", lambda: fit(scoring="accuracy"))
    .runs("LogLoss()", passed_as(fit, "scoring"))
    .then("a function of (y_true, outputs)", lambda: fit(scoring=hits)),
    type_error(
        "GridSearchTrainer, scoring is a number", lambda: trainer(scoring=1), "^scoring: expected a Scoring, got 1"
    )
    .then("'accuracy'", lambda: fit(scoring="accuracy"))
    .runs("LogLoss()", passed_as(fit, "scoring"))
    .then("a function of (y_true, outputs)", lambda: fit(scoring=hits)),
    type_error(
        "GridSearchTrainer, scoring is None", lambda: trainer(scoring=None), "^scoring: expected a Scoring, got None"
    )
    .then("'accuracy'", lambda: fit(scoring="accuracy"))
    .runs("LogLoss()", passed_as(fit, "scoring"))
    .then("a function of (y_true, outputs)", lambda: fit(scoring=hits)),
    case(
        "GridSearchTrainer, engine mistyped",
        lambda: trainer(engine="refrence"),
        UnknownNameError,
        ValueError,
        "^engine: expected the name of an engine, got 'refrence'. Did you mean 'reference'",
        "Known: 'auto', 'reference', 'batched'",
    ).then("Did you mean 'reference'", lambda: fit(engine="reference")),
    case(
        "GridSearchTrainer, engine unknown",
        lambda: trainer(engine="gpu"),
        UnknownNameError,
        ValueError,
        "^engine: .*'gpu'",
        "Known: 'auto'",
    ).then(
        "'auto', 'reference', 'batched', 'exact'",
        lambda: [fit(engine=engine) for engine in ("auto", "reference", "batched", "exact")],
    ),
    type_error(
        "GridSearchTrainer, engine is a class",
        lambda: trainer(engine=Accuracy),
        "^engine: expected an Engine, got the class Accuracy",
    )
    .then("'auto'", lambda: fit(engine="auto"))
    .then("an engine", lambda: fit(engine=names.ENGINES.make("batched"))),
    type_error(
        "GridSearchTrainer, engine is None",
        lambda: trainer(engine=None),
        "^engine: expected an Engine, got None",
        "'auto'",
    )
    .then("'auto'", lambda: fit(engine="auto"))
    .then("an engine", lambda: fit(engine=names.ENGINES.make("batched"))),
    *count_cases(
        "Coordinate",
        "restarts",
        1,
        lambda value: fit(strategy=mg.Coordinate(restarts=value), time_limit=0.1),
        endless=("Pass a large int, such as 10**6, and let time_limit end the search", 10**6),
    ),
    *count_cases("Zoom", "levels", 1, lambda value: mg.Zoom(levels=value)),
    *count_cases("L0", "at_most", 1, lambda value: mg.L0(at_most=value), endless=("Leave it out for no limit", None)),
    type_error(
        "RandomSample, n is infinite", lambda: mg.RandomSample(INF), "^n: expected a whole number, got inf"
    ).then("use strategy='joint'", lambda: fit(strategy="joint")),
    type_error(
        "GridSearchTrainer, workers is infinite", lambda: trainer(workers=INF), "^workers: expected a whole number"
    ).then("pass os.cpu_count()", lambda: trainer(workers=os.cpu_count())),
    *count_cases(
        "GridSearchTrainer",
        "top",
        1,
        lambda value: fit(top=value),
        endless=("pass SearchSpace(network, grid).size", SPACE.size),
    ),
    *count_cases(
        "GridSearchTrainer",
        "max_candidates",
        1,
        lambda value: trainer(max_candidates=value),
        endless=("Leave it out, or pass None, for no limit", None),
    ),
    *number_cases("GridSearchTrainer", "time_limit", lambda value: trainer(time_limit=value)),
    duration_case("timedelta", datetime.timedelta(minutes=1), "time_limit.total_seconds()"),
    duration_case("pandas Timedelta", pd.Timedelta(minutes=1), "time_limit.total_seconds()"),
    duration_case("NumPy timedelta", np.timedelta64(1, "m"), "time_limit / np.timedelta64(1, 's')"),
    *number_cases("GridSearchTrainer", "target_score", lambda value: trainer(target_score=value)),
    value_error(
        "GridSearchTrainer, no time",
        lambda: trainer(time_limit=0),
        r"^time_limit: expected a number above 0, got 0\.0",
        "Leave it out",
    ).then("Leave it out for no limit", lambda: fit()),
    value_error(
        "GridSearchTrainer, less than no time", lambda: trainer(time_limit=-1.5), r"^time_limit: .*above 0, got -1\.5"
    ).then("Leave it out for no limit", lambda: fit()),
    type_error(
        "GridSearchTrainer, callbacks is a function",
        lambda: trainer(callbacks=print),
        "^callbacks: expected a sequence",
        r"\[report\]",
    ).runs("[report]", passed_as(fit, "callbacks"), report=print_nothing),
    type_error(
        "GridSearchTrainer, callbacks holds one of another library",
        lambda: trainer(callbacks=[lambda study, trial: None]),
        r"^callbacks: expected functions of one SearchEvent, got one of \(study, trial\)\.",
    ).then("def report(event): ...", lambda: fit(callbacks=[lambda event: None])),
    type_error(
        "GridSearchTrainer, callbacks holds one of nothing",
        lambda: trainer(callbacks=[lambda: None]),
        r"^callbacks: expected functions of one SearchEvent, got one of \(\)\.",
    ).then("def report(event): ...", lambda: fit(callbacks=[lambda event, more=None: None])),
    type_error(
        "GridSearchTrainer, callbacks holds an async function",
        lambda: trainer(callbacks=[report_later]),
        r"^callbacks: expected functions that run when they are called, got an async function\.",
    ).then("Define it with def, without async", lambda: fit(callbacks=[print_nothing])),
    type_error(
        "GridSearchTrainer, callbacks holds an object whose call is async",
        lambda: trainer(callbacks=[ReportLater()]),
        r"^callbacks: expected functions that run when they are called, got an async function\.",
    ).then("Define it with def, without async", lambda: fit(callbacks=[print_nothing])),
    type_error(
        "GridSearchTrainer, callbacks holds a generator",
        lambda: trainer(callbacks=[report_piece_by_piece]),
        r"^callbacks: expected functions that run when they are called, got a generator\.",
    ).then("return instead of yield", lambda: fit(callbacks=[print_nothing])),
    type_error(
        "GridSearchTrainer, callbacks holds a number",
        lambda: trainer(callbacks=[5]),
        "^callbacks: expected functions, got 5",
        "SearchEvent",
    ).then("functions that take one SearchEvent", lambda: fit(callbacks=[print_nothing])),
    type_error(
        "GridSearchTrainer, callbacks holds None", lambda: trainer(callbacks=[print, None]), "^callbacks: .*got None"
    ).then("functions that take one SearchEvent", lambda: fit(callbacks=[print_nothing])),
    type_error(
        "GridSearchTrainer, callbacks is text", lambda: trainer(callbacks="print"), "^callbacks: .*got 'print'"
    ).runs("[report]", passed_as(fit, "callbacks"), report=print_nothing),
    type_error("GridSearchTrainer, progress is text", lambda: trainer(progress="yes"), "^progress: .*got 'yes'").then(
        "Pass True (always), False (never) or None",
        lambda: [trainer(progress=progress) for progress in (True, False, None)],
    ),
    type_error("GridSearchTrainer, callbacks is None", lambda: trainer(callbacks=None), "^callbacks: .*got None")
    .runs("[report]", passed_as(fit, "callbacks"), report=print_nothing)
    .then("or leave it out", fit),
    *(row for use in (fit, plan, near_best) for row in network_cases(use.__name__, passed_as(use, "network"))),
    *(row for use in (fit, plan, near_best) for row in samples_cases(use.__name__, passed_as(use, "X"), wide(use))),
    *(row for use in (fit, plan, near_best) for row in labels_cases(use.__name__, *labels_of(use))),
    *(row for use in (fit, plan, near_best) for row in length_cases(use.__name__, "X", passed_as(use, "y"))),
    *(row for use in (fit, plan, near_best) for row in weights_cases(use.__name__, passed_as(use, "weight"))),
    *numbers_cases("fit under mean_squared_error", lambda value: fit(X, value, scoring="mean_squared_error")),
    *weights_cases("fit under log_loss", lambda value: fit(weight=value, scoring="log_loss")),
    value_error(
        "fit, a label without output",
        lambda: fit(X, [0, 1, 2], network=TWO_OUTPUTS),
        "^y: expected the labels 0 and 1, got 0, 1, 2",
    )
    .runs("np.unique(y, return_inverse=True)[1]", lambda y: fit(X, y, network=THREE_OUTPUTS), y=[0, 1, 2])
    .then("as many output neurons", lambda: fit(X, [0, 1, 2], network=THREE_OUTPUTS))
    .then("a scoring for numbers", lambda: fit(X, [0, 1, 2], scoring="mean_squared_error")),
    shape_error(
        "fit, flat targets for two outputs",
        lambda: fit(network=TWO_OUTPUTS, scoring="mean_absolute_error"),
        r"\(n_samples, 2\)",
    ).then(
        "a column for each output: shape (n_samples, 2)",
        lambda: fit(X, np.zeros((3, 2)), network=TWO_OUTPUTS, scoring="mean_absolute_error"),
    ),
    shape_error(
        "fit, two targets for one output", lambda: fit(X, np.zeros((3, 2)), scoring="mean_squared_error"), r"\(3, 2\)"
    ).then("Pass a flat list of the samples' targets", lambda: fit(X, np.zeros(3), scoring="mean_squared_error")),
    *number_cases("near_best", "within", passed_as(near_best, "within")),
    value_error(
        "near_best, within is negative",
        lambda: near_best(within=-0.5),
        r"^within: expected a number of at least 0, got -0\.5",
        "Pass 0 for ties",
    )
    .then("Pass 0 for ties", lambda: near_best(within=0))
    .runs("0.01", passed_as(near_best, "within")),
    type_error(
        "near_best, within is None", lambda: near_best(within=None), "^within: expected a number, got None"
    ).then("Pass an int or a float", lambda: near_best(within=0.1)),
    value_error(
        "near_best, another strategy",
        lambda: near_best(strategy="zoom"),
        r"^strategy: expected Joint\(\), as near_best asks, got Zoom",
        "joint strategy",
    ).then("the joint strategy", lambda: near_best(strategy="joint")),
    value_error(
        "near_best, target_score", lambda: near_best(target_score=0.5), "^target_score: expected None", "time_limit"
    )
    .then("Leave it out", lambda: near_best())
    .then("time_limit can be set", lambda: near_best(time_limit=5.0)),
    value_error(
        "near_best, max_candidates", lambda: near_best(max_candidates=5), "^max_candidates: expected None, .* got 5"
    )
    .then("Leave it out", lambda: near_best())
    .then("time_limit can be set", lambda: near_best(time_limit=5.0)),
]
