"""The names of engines that a trainer accepts, and how to register more."""

from typing import Literal, TypeAlias

from minigrid._base.registry import Register, Registry
from minigrid._base.text import describe, message
from minigrid._base.validation import as_instance
from minigrid.exceptions import EngineError
from minigrid.search.engines.base import Engine, EnginePair, Prover, Scorer
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.engines.exact.engine import ExactEngine
from minigrid.search.engines.guard import CheckedProver, CheckedScorer
from minigrid.search.engines.reference import ReferenceEngine

__all__ = ["ENGINES", "EngineName", "as_engine", "pair_of", "register_engine"]

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
    """Create the engine of a name, or check that a value is an engine.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownNameError: it cannot be used.
    """
    if isinstance(engine, str):
        return ENGINES.make(engine)
    fix = "Pass a name, such as 'auto', or an engine."
    return as_instance(engine, Engine, "engine", fix)


def pair_of(engine: Engine) -> EnginePair:
    """Return which engine scores and which one proves, with custom engines behind a guard.

    Raises:
        EngineError: a custom engine is neither a Scorer nor a Prover, or its name cannot be used.
    """
    is_own = not ENGINES.is_built_in(engine)
    if isinstance(engine, Scorer) and not isinstance(engine, Prover):
        return EnginePair(CheckedScorer(engine) if is_own else engine)
    if not isinstance(engine, Prover) or isinstance(engine, Scorer):
        fix = "Derive its class from minigrid.Scorer or from minigrid.Prover; a prover has its scorer as `scorer`."
        raise EngineError(message("engine", "either a Scorer or a Prover", describe(engine), fix))
    prover = CheckedProver(engine) if is_own else engine
    return EnginePair(prover.scorer or BatchedEngine(), prover)
