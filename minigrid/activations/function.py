"""Activations that wrap a plain function."""

import importlib
import sys
from collections.abc import Callable
from typing import final, overload

from minigrid._base.expected_names import creates_with_known_arguments
from minigrid._base.function import FunctionValue, check_function
from minigrid._base.typing import FloatArray, override
from minigrid._base.values import function_name
from minigrid.activations.base import Activation, Interval

__all__ = ["FunctionActivation", "activation"]

Function = Callable[[FloatArray], FloatArray]
Bounds = Callable[[FloatArray, FloatArray], Interval]


@final
@creates_with_known_arguments
class FunctionActivation(FunctionValue[Function, Bounds], Activation):
    """An activation that wraps a function of one array. Two that wrap the same function are equal.

    Args:
        function: maps a float64 array of any shape to one of the same shape, element by element.
        monotonic: True promises that a larger z never gives a smaller output.
        bounds: a function of (lower, upper) that bounds the outputs, see `Activation.bounds`.

    Raises:
        InvalidTypeError: ``function`` or ``bounds`` cannot be called, or ``monotonic`` is neither True nor False.

    Example:
        >>> import numpy as np
        >>> FunctionActivation(np.arctan, monotonic=True)
        FunctionActivation(arctan, monotonic=True)
    """

    __slots__ = ("monotonic",)
    _flag = "monotonic"
    _usual = False

    monotonic: bool

    def __init__(self, function: Function, *, monotonic: bool = False, bounds: Bounds | None = None) -> None:
        check_function(function, Activation, "function", "a function of arrays", "Pass a function such as np.arctan.")
        if bounds is not None:
            fix = "Pass a function of the ends of z, (lower, upper), that returns a pair, (least, greatest)."
            check_function(bounds, Activation, "bounds", "a function of (lower, upper)", fix)
        self._keep(function, monotonic, bounds)

    @override
    def __call__(self, z: FloatArray, /) -> FloatArray:
        return self._function(z)

    @override
    def bounds(self, lower: FloatArray, upper: FloatArray, /) -> Interval:
        if self._bounds is None:
            return super().bounds(lower, upper)
        return self._bounds(lower, upper)

    @property
    def name(self) -> str:
        """The name of the function, or of the function in a ``functools.partial``."""
        return function_name(self._function)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        # Under the name of a decorated function, pickle finds the activation and not the function.
        module, name = getattr(self._function, "__module__", None), getattr(self._function, "__qualname__", "")
        if _named(module, name) is self:
            return (_load, (module, name))
        return by_value(self)


def by_value(activation: FunctionActivation) -> tuple[object, ...]:
    """Reduce an activation to its function and its declarations, for a pickler that can send functions."""
    return FunctionValue.__reduce__(activation)


def _load(module: str, name: str) -> object:
    found = _named(module, name)
    if found is None:  # the message that pickle itself has for a class or a function
        raise AttributeError(f"Can't get attribute {name!r} on module {module!r}")
    return found


def _named(module: str | None, name: str) -> object:
    found: object = sys.modules.get(module or "") or (module and importlib.import_module(module))
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


@overload
def activation(function: Function, /) -> FunctionActivation: ...
@overload
def activation(
    *, monotonic: bool = False, bounds: Bounds | None = None
) -> Callable[[Function], FunctionActivation]: ...
def activation(
    function: Function | None = None, /, *, monotonic: bool = False, bounds: Bounds | None = None
) -> FunctionActivation | Callable[[Function], FunctionActivation]:
    """Turn a function into an activation. Use it as a decorator, with or without arguments.

    Args:
        function: maps a float64 array to one of the same shape, element by element.
        monotonic: True promises that a larger z never gives a smaller output.
        bounds: a function of (lower, upper) that bounds the outputs, see `Activation.bounds`.

    Returns:
        The activation, or the decorator.

    Raises:
        InvalidTypeError: you decorated something that is not a function.

    Example:
        >>> import numpy as np
        >>> @activation(monotonic=True)
        ... def arctan(z):
        ...     return np.arctan(z)
        >>> arctan
        FunctionActivation(arctan, monotonic=True)
    """
    if function is not None:
        return FunctionActivation(function, monotonic=monotonic, bounds=bounds)
    return lambda decorated: FunctionActivation(decorated, monotonic=monotonic, bounds=bounds)
