"""Engines by name: the strings that a trainer takes, and how to add to them."""

from typing import Literal, TypeAlias

from minigrid._base.registry import Register, Registry
from minigrid._base.validation import as_instance
from minigrid.search.engines.base import Engine
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.guard import CheckedEngine
from minigrid.search.engines.reference import ReferenceEngine

__all__ = ["ENGINES", "EngineName", "as_engine", "checked_if_own", "register_engine"]

EngineName: TypeAlias = Literal["auto", "reference", "batched", "exact"]

ENGINES: Registry[Engine] = Registry(
    Engine,
    {
        "auto": ExactEngine(eager=False),
        "reference": ReferenceEngine,
        "batched": BatchedEngine,
        "exact": ExactEngine,
    },
)

register_engine: Register[Engine] = ENGINES.register
"""Give an engine a name, for `GridSearchTrainer(..., engine=name)`."""


def as_engine(engine: object) -> Engine:
    """Make an engine of a name, or check one.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: it cannot be used.
    """
    if isinstance(engine, str):
        return ENGINES.make(engine)
    mend = "Pass a name, such as 'auto', or an engine."
    return as_instance(engine, Engine, "engine", mend)


def checked_if_own(engine: Engine) -> Engine:
    """Have what a user's own engine returns looked at."""
    return engine if ENGINES.is_built_in(engine) else CheckedEngine(engine)
