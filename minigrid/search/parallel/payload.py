"""The payload that travels to a worker: the pickled problem once, and then only its name.

minigrid pickles a problem once for a search, and names it by a hash of the pickle. A task carries only the name. A
worker that does not know the name (a new one, or one that has dropped the problem) says so, and gets the payload too.
The grids are small and change from stage to stage, so they travel with each task.

A worker keeps only the few latest problems.
"""

import hashlib
import io
import os
import pickle
import platform
import sys
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar, final

import numpy as np

from minigrid._base.text import message
from minigrid._base.typing import override
from minigrid.activations import FunctionActivation
from minigrid.activations.function import by_value
from minigrid.exceptions import InvalidTypeError, InvalidValueError, WorkerError
from minigrid.search.engines.base import EnginePair
from minigrid.search.parallel.worker_context import WorkerContext
from minigrid.search.problem import Problem
from minigrid.search.space import SearchSpace

_MOST_PAYLOADS = 4
_MOST_CONTEXTS = 2  # each may keep bounds of half a gigabyte

_K = TypeVar("_K")
_V = TypeVar("_V")
_lock = threading.Lock()


class ProblemRef(ABC):
    """A reference by which a task finds its problem: in this process, or in what was sent.

    Attributes:
        arithmetic: how the process that searches computes, see `minigrid/_base/arithmetic.py`.
    """

    arithmetic: bytes

    @abstractmethod
    def context(self) -> WorkerContext | None:
        """Find the context in this process; None if the problem must be sent first."""

    @property
    @abstractmethod
    def is_remote(self) -> bool:
        """Whether this process is not the one that sent the task."""


@final
class InProcess(ProblemRef):
    """A reference for threads of the process that searches, to which nothing is sent."""

    def __init__(self, context: WorkerContext, arithmetic: bytes) -> None:
        self._context = context
        self.arithmetic = arithmetic

    @override
    def context(self) -> WorkerContext:
        return self._context

    @property
    @override
    def is_remote(self) -> bool:
        return False


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shipped(ProblemRef):
    """A reference for another process.

    Attributes:
        name: the name of the payload.
        space: the pickled grids.
        payload: the pickled engine and problem, without the grids; None once they have been sent.
        sender: the process that searches.
        arithmetic: how that process computes.
    """

    name: str
    space: bytes
    payload: bytes | None
    sender: tuple[str, int]
    arithmetic: bytes

    @override
    def context(self) -> WorkerContext | None:
        key = (self.name, self.space)
        with _lock:
            if key not in _contexts:
                if self.name not in _payloads:
                    if self.payload is None:
                        return None
                    _remember(_payloads, self.name, _load_payload(self.payload, self.space), _MOST_PAYLOADS)
                engines, problem = _payloads[self.name]
                context = WorkerContext(engines, problem.with_space(pickle.loads(self.space)))
                _remember(_contexts, key, context, _MOST_CONTEXTS)
            _payloads.move_to_end(self.name)
            _contexts.move_to_end(key)
            return _contexts[key]

    @property
    @override
    def is_remote(self) -> bool:
        return self.sender != this_process()


_payloads: OrderedDict[str, tuple[EnginePair, Problem]] = OrderedDict()
_contexts: OrderedDict[tuple[str, bytes], WorkerContext] = OrderedDict()


def this_process() -> tuple[str, int]:
    """Return the name of this machine and the number of this process."""
    return platform.node(), os.getpid()


def pickle_problem(engines: EnginePair, problem: Problem, *, functions: bool) -> bytes:
    """Pickle a problem without its grids.

    Args:
        engines: the engines that search it.
        problem: the problem that is searched.
        functions: whether to send functions that are in no module, which takes cloudpickle.

    Raises:
        InvalidTypeError: a custom part cannot be pickled.
    """
    network, scoring = problem.network, problem.scoring
    data = problem.X, problem.targets, problem.sample_weight
    parts = (engines, network, *data, scoring, problem.penalty, _versions())
    try:
        return _dumps(parts, functions)
    except Exception as error:
        raise _not_picklable(engines, problem, functions, error) from error


def pickle_space(space: SearchSpace) -> bytes:
    """Pickle grids."""
    return pickle.dumps(space, protocol=pickle.HIGHEST_PROTOCOL)


def payload_name(payload: bytes) -> str:
    """Name a payload by a hash of its content."""
    return hashlib.sha256(payload).hexdigest()


def check_main(payload: bytes) -> None:
    """Raise an error if a new process could not import the main module, or would not find a part of a payload there.

    Raises:
        InvalidValueError: the program does not come from a file.
        InvalidTypeError: a part was defined in a notebook, at a prompt, on a command line, or where only the program
            itself defines it.
    """
    main = sys.modules.get("__main__")
    file: str = getattr(main, "__file__", None) or ""
    name = getattr(getattr(main, "__spec__", None), "name", None)
    expected = "activations and scorings that another process can import"
    is_script = name is None and file != ""
    if is_script and not os.path.exists(file):
        fix = "Write the program to a file, or leave workers out."
        raise InvalidValueError(message("workers", "a program that new processes can import", repr(file), fix))
    if b"__main__" not in payload:
        return
    if is_script or (name is not None and name.rpartition(".")[2] != "__main__"):  # or python -m module
        hidden = [one for one in _names_under_guard(file) if _pickled_name(one) in payload]
        if hidden:
            got = f"{hidden[0]}, which {file} defines under {_GUARD}"
            fix = "Define it above that line, or leave workers out."
            raise InvalidTypeError(message("workers", expected, got, fix))
        return
    where = "at a prompt or in a notebook" if not file else f"in {file}, which only the program itself imports"
    raise InvalidTypeError(message("workers", expected, f"one that was defined {where}", _FIX))


_GUARD = 'if __name__ == "__main__":'
_ELSEWHERE = (
    "in a module and import it from there; or leave workers out, so that this process does the work; or pass "
    "executor=loky.get_reusable_executor(...) or a Dask client, which send functions along."
)
_FIX = f"Define it {_ELSEWHERE}"


def _pickled_name(name: str) -> bytes:
    """Return how a pickle writes a name of up to 255 bytes: its length, and its letters."""
    letters = name.encode()
    return bytes([min(len(letters), 255)]) + letters


def _names_under_guard(file: str) -> list[str]:
    """List the functions and classes of a script that only the program itself defines, and no process that imports it.

    A script that cannot be read or parsed here has none.
    """
    import ast  # only where the script defines a part of the problem

    try:
        with open(file, "rb") as script:
            statements = ast.parse(script.read()).body
    except (OSError, SyntaxError, ValueError):
        return []
    guards = [
        one for one in statements if isinstance(one, ast.If) and ast.unparse(one.test) == "__name__ == '__main__'"
    ]
    own, everywhere = (
        [one.name for one in several if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        for several in ([one for guard in guards for one in guard.body], statements)
    )
    return [name for name in own if name not in everywhere]


def _dumps(value: object, functions: bool) -> bytes:
    if not functions:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    import cloudpickle  # comes with loky and with Dask

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # untyped
        def reducer_override(self, obj: object) -> object:
            if type(obj) is FunctionActivation and obj.__wrapped__.__module__ == "__main__":
                return by_value(obj)
            return super().reducer_override(obj)

    with io.BytesIO() as file:
        Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
        return file.getvalue()


def _not_picklable(engines: EnginePair, problem: Problem, functions: bool, error: Exception) -> InvalidTypeError:
    """Build the error that names the part that cannot be sent."""
    activations = [("activation", neuron.activation) for neuron in problem.network.neurons]
    named: list[tuple[str, object]] = [
        *activations,
        ("scoring", problem.scoring),
        ("penalty", problem.penalty),
        ("engine", engines.prover or engines.scorer),
    ]
    culprit = "network, scoring, penalty or engine"
    for what, part in named:
        try:
            _dumps(part, functions)
        except Exception:
            culprit = f"{what} {part!r}"
            break
    got = f"something that cannot be pickled ({type(error).__name__}: {error})"
    return InvalidTypeError(message(culprit, "something that can be sent to another process", got, _FIX))


def _versions() -> str:
    return f"minigrid {sys.modules['minigrid'].__version__}, NumPy {np.__version__}"


def _load_payload(payload: bytes, space: bytes) -> tuple[EnginePair, Problem]:
    """Unpickle a payload and grids; whatever can be computed from them was not sent."""
    try:
        *parts, versions = pickle.loads(payload)
    except Exception as error:
        got = f"{type(error).__name__}: {error}"
        fix = f"Define it above the line {_GUARD} of your script, or {_ELSEWHERE}"
        raise WorkerError(
            message("worker", "to load the network, the scoring and the engine of the search", got, fix)
        ) from error
    if versions != _versions():
        fix = "Install the same versions on every machine, because scores must be equal bit for bit."
        raise WorkerError(message("worker", f"the versions of the process that searches, {versions}", _versions(), fix))
    engines, network, X, targets, sample_weight, scoring, penalty = parts
    return engines, Problem.from_arrays(network, pickle.loads(space), X, targets, scoring, sample_weight, penalty)


def _remember(cache: OrderedDict[_K, _V], key: _K, value: _V, most: int) -> None:
    while len(cache) >= most:
        cache.popitem(last=False)
    cache[key] = value
