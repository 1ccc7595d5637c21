"""The trainer's arguments: each checked, or made of a name, with an error that says how to mend it.

Raises, all of them: InvalidTypeError, InvalidValueError or UnknownNameError for what cannot be used.
"""

from collections.abc import Sequence

from minigrid._validation import as_float, as_instance, as_mapping, describe, message
from minigrid.callbacks import Callback
from minigrid.exceptions import InvalidTypeError, InvalidValueError
from minigrid.grid import Grid
from minigrid.names import ENGINES, SCORINGS, STRATEGIES
from minigrid.scoring import Scoring, as_scoring
from minigrid.search.checked import CheckedEngine
from minigrid.search.engine import Engine
from minigrid.strategies import Strategy


def as_overrides(overrides: object) -> dict[str, Grid]:
    """Check grids of single parameters, by name."""
    given = as_mapping(overrides, "overrides", "Pass a dict of parameter names and grids.")
    mend = "Use the names in network.parameter_names."
    checked: dict[str, Grid] = {}
    for name, grid in given.items():
        if not isinstance(name, str):
            raise InvalidTypeError(message("overrides", "names of parameters", describe(name), mend))
        grid_mend = "Pass a Grid, such as Grid.fixed(0.5)."
        checked[name] = as_instance(grid, Grid, f"overrides[{name!r}]", grid_mend)
    return checked


def as_target(value: object, scoring: Scoring) -> float:
    """Check a target score, which must be within reach."""
    target, best = as_float(value, "target_score"), scoring.best_possible
    if target > best if scoring.greater_is_better else target < best:
        beyond = "at most" if scoring.greater_is_better else "at least"
        expected = f"{beyond} {best:g}, the best that {scoring!r} can be"
        mend = "Pass a score that can be reached, or leave it out."
        raise InvalidValueError(message("target_score", expected, f"{target:g}", mend))
    return target


def as_positive(value: object, argument: str) -> float:
    """Check a number above 0."""
    number = as_float(value, argument)
    if number <= 0.0:
        raise InvalidValueError(message(argument, "a number above 0", f"{number}", "Leave it out for no limit."))
    return number


def as_strategy(strategy: object) -> Strategy:
    """Make a strategy of a name, or check one."""
    if isinstance(strategy, str):
        return STRATEGIES.make(strategy)
    mend = "Pass a name, such as 'joint', or a strategy, such as Coordinate(restarts=10)."
    return as_instance(strategy, Strategy, "strategy", mend)  # type: ignore[type-abstract]  # only used with isinstance


def as_any_scoring(scoring: object) -> Scoring:
    """Make a scoring of a name or a function, or check one."""
    if isinstance(scoring, str):
        return SCORINGS.make(scoring)
    mend = "Pass a name, such as 'accuracy', a scoring, such as LogLoss(), or a function of (y_true, outputs)."
    return as_scoring(scoring, mend)


def as_engine(engine: object) -> Engine:
    """Make an engine of a name, or check one."""
    if isinstance(engine, str):
        return ENGINES.make(engine)
    mend = "Pass a name, such as 'auto', or an engine."
    return as_instance(engine, Engine, "engine", mend)  # type: ignore[type-abstract]  # only used with isinstance


def checked_if_own(engine: Engine) -> Engine:
    """Have what a user's own engine returns looked at."""
    return engine if ENGINES.is_built_in(engine) else CheckedEngine(engine)


def as_callbacks(callbacks: object) -> tuple[Callback, ...]:
    """Check functions that are told of events."""
    if isinstance(callbacks, str) or not isinstance(callbacks, Sequence):
        raise InvalidTypeError(
            message("callbacks", "a sequence of functions", describe(callbacks), "Pass a list, such as [report].")
        )
    for callback in callbacks:
        if not callable(callback):
            mend = "Pass functions that take one SearchEvent."
            raise InvalidTypeError(message("callbacks", "functions", describe(callback), mend))
    return tuple(callbacks)
