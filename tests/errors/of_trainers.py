"""Wrong settings of a trainer, and data that it cannot search."""

from typing import Any

import numpy as np

from minigrid import Accuracy, LogLoss, UnknownNameError, names
from tests.errors.cases import (
    GRID,
    TWO_OUTPUTS,
    X,
    case,
    count_cases,
    fit,
    grid_cases,
    labels_cases,
    length_cases,
    mg,
    near_best,
    network_cases,
    number_cases,
    numbers_cases,
    passed_as,
    plan,
    samples_cases,
    shape_error,
    type_error,
    value_error,
    weights_cases,
)
from tests.errors.of_grids import KNOWN_NAMES, OVERRIDES


def known(*names: str) -> str:
    return f"Known: {', '.join(map(repr, names))}"


STRATEGIES = ["joint", "layerwise", "coordinate", "zoom", "random"]


SCORINGS = names.SCORINGS.built_in


def trainer(grid: Any = GRID, **settings: Any) -> Any:
    return mg.GridSearchTrainer(grid, **settings)


TRAINER_CASES = [
    *grid_cases("GridSearchTrainer", "grid", trainer),
    *grid_cases("GridSearchTrainer", "bias_grid", lambda value: trainer(bias_grid=value)),
    type_error("GridSearchTrainer, no grid", lambda: trainer(None), "^grid: expected a Grid, got None"),
    type_error(
        "fit, overrides is a list", lambda: fit(overrides=[GRID]), "^overrides: expected a dict, got a list of length 1"
    ),
    type_error(
        "fit, overrides holds a list",
        lambda: fit(overrides={"layer0.neuron0.weight0": [1.0]}),
        "^overrides.*expected a Grid",
    ),
    case(
        "fit, overrides names no parameter",
        lambda: fit(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ),
    case(
        "plan, overrides names no parameter",
        lambda: plan(overrides={"weight0": GRID}),
        UnknownNameError,
        ValueError,
        OVERRIDES,
        KNOWN_NAMES,
    ),
    case(
        "GridSearchTrainer, strategy mistyped",
        lambda: trainer(strategy="zom"),
        UnknownNameError,
        ValueError,
        "^strategy: expected the name of a strategy, got 'zom'. Did you mean 'zoom'",
        known(*STRATEGIES),
    ),
    case(
        "GridSearchTrainer, strategy unknown",
        lambda: trainer(strategy="annealing"),
        UnknownNameError,
        ValueError,
        known(*STRATEGIES),
    ),
    type_error(
        "GridSearchTrainer, strategy is a class",
        lambda: trainer(strategy=mg.Joint),
        "^strategy: .*the class Joint itself",
        "'joint'",
    ),
    type_error(
        "GridSearchTrainer, strategy is None",
        lambda: trainer(strategy=None),
        "^strategy: expected a Strategy, got None",
    ),
    type_error(
        "GridSearchTrainer, strategy is a function",
        lambda: trainer(strategy=print),
        "^strategy: expected a Strategy, got",
    ),
    case(
        "GridSearchTrainer, scoring mistyped",
        lambda: trainer(scoring="acuracy"),
        UnknownNameError,
        ValueError,
        "^scoring: expected the name of a scoring, got 'acuracy'. Did you mean 'accuracy'",
        known(*SCORINGS),
    ),
    case(
        "GridSearchTrainer, scoring unknown",
        lambda: trainer(scoring="f1"),
        UnknownNameError,
        ValueError,
        known(*SCORINGS),
    ),
    type_error(
        "GridSearchTrainer, scoring is a class",
        lambda: trainer(scoring=LogLoss),
        "^scoring: .*the class LogLoss itself",
        r"LogLoss\(\)",
    ),
    type_error(
        "GridSearchTrainer, scoring is a number", lambda: trainer(scoring=1), "^scoring: expected a Scoring, got 1"
    ),
    type_error(
        "GridSearchTrainer, scoring is None", lambda: trainer(scoring=None), "^scoring: expected a Scoring, got None"
    ),
    case(
        "GridSearchTrainer, engine mistyped",
        lambda: trainer(engine="refrence"),
        UnknownNameError,
        ValueError,
        "^engine: expected the name of an engine, got 'refrence'. Did you mean 'reference'",
        "Known: 'auto', 'reference', 'batched'",
    ),
    case(
        "GridSearchTrainer, engine unknown",
        lambda: trainer(engine="gpu"),
        UnknownNameError,
        ValueError,
        "^engine: .*'gpu'",
        "Known: 'auto'",
    ),
    type_error(
        "GridSearchTrainer, engine is a class",
        lambda: trainer(engine=Accuracy),
        "^engine: expected an Engine, got the class Accuracy",
    ),
    type_error(
        "GridSearchTrainer, engine is None",
        lambda: trainer(engine=None),
        "^engine: expected an Engine, got None",
        "'auto'",
    ),
    *count_cases("GridSearchTrainer", "top", 1, lambda value: trainer(top=value)),
    *count_cases("GridSearchTrainer", "max_candidates", 1, lambda value: trainer(max_candidates=value)),
    *number_cases("GridSearchTrainer", "time_limit", lambda value: trainer(time_limit=value)),
    *number_cases("GridSearchTrainer", "target_score", lambda value: trainer(target_score=value)),
    value_error(
        "GridSearchTrainer, no time",
        lambda: trainer(time_limit=0),
        r"^time_limit: expected a number above 0, got 0\.0",
        "Leave it out",
    ),
    value_error(
        "GridSearchTrainer, less than no time", lambda: trainer(time_limit=-1.5), r"^time_limit: .*above 0, got -1\.5"
    ),
    type_error(
        "GridSearchTrainer, callbacks is a function",
        lambda: trainer(callbacks=print),
        "^callbacks: expected a sequence",
        r"\[report\]",
    ),
    type_error(
        "GridSearchTrainer, callbacks holds a number",
        lambda: trainer(callbacks=[5]),
        "^callbacks: expected functions, got 5",
        "SearchEvent",
    ),
    type_error(
        "GridSearchTrainer, callbacks holds None", lambda: trainer(callbacks=[print, None]), "^callbacks: .*got None"
    ),
    type_error("GridSearchTrainer, callbacks is text", lambda: trainer(callbacks="print"), "^callbacks: .*got 'print'"),
    type_error("GridSearchTrainer, progress is text", lambda: trainer(progress="yes"), "^progress: .*got 'yes'"),
    type_error("GridSearchTrainer, callbacks is None", lambda: trainer(callbacks=None), "^callbacks: .*got None"),
    *(row for use in (fit, plan, near_best) for row in network_cases(use.__name__, passed_as(use, "network"))),
    *(row for use in (fit, plan, near_best) for row in samples_cases(use.__name__, passed_as(use, "X"))),
    *(row for use in (fit, plan, near_best) for row in labels_cases(use.__name__, passed_as(use, "y"))),
    *(row for use in (fit, plan, near_best) for row in length_cases(use.__name__, "X", passed_as(use, "y"))),
    *(row for use in (fit, plan, near_best) for row in weights_cases(use.__name__, passed_as(use, "weight"))),
    *numbers_cases("fit under mean_squared_error", lambda value: fit(X, value, scoring="mean_squared_error")),
    *weights_cases("fit under log_loss", lambda value: fit(weight=value, scoring="log_loss")),
    value_error(
        "fit, a label without output",
        lambda: fit(X, [0, 1, 2], network=TWO_OUTPUTS),
        "^y: expected the labels 0 and 1, got 0, 1, 2",
    ),
    shape_error(
        "fit, flat targets for two outputs",
        lambda: fit(network=TWO_OUTPUTS, scoring="mean_absolute_error"),
        r"\(n_samples, 2\)",
    ),
    shape_error(
        "fit, two targets for one output", lambda: fit(X, np.zeros((3, 2)), scoring="mean_squared_error"), r"\(3, 2\)"
    ),
    *number_cases("near_best", "within", passed_as(near_best, "within")),
    value_error(
        "near_best, within is negative",
        lambda: near_best(within=-0.5),
        r"^within: expected a number of at least 0, got -0\.5",
        "Pass 0 for ties",
    ),
    type_error("near_best, within is None", lambda: near_best(within=None), "^within: expected a number, got None"),
    value_error(
        "near_best, another strategy",
        lambda: near_best(strategy="zoom"),
        r"^strategy: expected Joint\(\), as near_best asks, got Zoom",
        "joint strategy",
    ),
    value_error(
        "near_best, target_score", lambda: near_best(target_score=0.5), "^target_score: expected None", "time_limit"
    ),
    value_error(
        "near_best, max_candidates", lambda: near_best(max_candidates=5), "^max_candidates: expected None, .* got 5"
    ),
]
