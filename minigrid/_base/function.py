"""The base of values that wrap a custom function together with a declared property and bounds."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, final

from minigrid._base.text import describe, message
from minigrid._base.typing import override
from minigrid._base.validation import as_flag
from minigrid._base.values import Value, function_key, function_name, refuse_change
from minigrid.exceptions import InvalidTypeError

F = TypeVar("F", bound=Callable[..., object])
B = TypeVar("B", bound=Callable[..., object])

_NOT_ASYNC, _NO_YIELD = "Define it with def, without async and await.", "Let it return instead of yield."


@final
class _Wrapped:
    """The function itself, under the name that tools such as `inspect` expect.

    The class does not have the attribute, or else they would take the class itself for the wrapper of a function.
    """

    def __get__(self, value: "FunctionValue[F, B] | None", owner: type) -> F:
        if value is None:
            raise AttributeError("__wrapped__")
        return value._function


class FunctionValue(Value, Generic[F, B]):
    """A function with a flag and bounds. It is immutable; two are equal if class, function, flag and bounds are.

    A subclass names its flag, which is an attribute and an argument of the constructor, next to the function and
    `bounds`.
    """

    __slots__ = ("_bounds", "_function")

    _flag: ClassVar[str]
    _usual: ClassVar[bool]  # the default of the flag

    _function: F
    _bounds: B | None

    def _keep(self, function: F, flag: object, bounds: B | None) -> None:
        """Store the arguments of the constructor. The function and the bounds were already checked."""
        object.__setattr__(self, "_function", function)
        object.__setattr__(self, self._flag, as_flag(flag, self._flag))
        object.__setattr__(self, "_bounds", bounds)

    __wrapped__: ClassVar[_Wrapped] = _Wrapped()

    def _arguments(self) -> tuple[F, bool, B | None]:
        return (self._function, getattr(self, self._flag), self._bounds)

    @override
    def _key(self) -> tuple[object, ...]:
        function, flag, bounds = self._arguments()
        return (function_key(function), flag, function_key(bounds))

    @override
    def __repr__(self) -> str:
        function, flag, bounds = self._arguments()
        shown = [function_name(function)]
        if flag is not self._usual:
            shown.append(f"{self._flag}={flag}")
        if bounds:
            shown.append(f"bounds={function_name(bounds)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    @override
    def __setattr__(self, name: str, value: object) -> None:
        refuse_change(self, name)

    @override
    def __delattr__(self, name: str) -> None:
        refuse_change(self, name)

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        function, flag, bounds = self._arguments()
        return (partial(type(self), **{self._flag: flag, "bounds": bounds}), (function,))


def check_function(function: object, kind: type, argument: str, expected: str, fix: str) -> None:
    """Check that `function` can be called, is neither a class nor a `kind`, and does its work when it is called.

    Raises:
        InvalidTypeError: it cannot be used; the message says what to pass.
    """
    if isinstance(function, type | kind) or not callable(function):
        raise InvalidTypeError(message(argument, expected, describe(function), fix))
    check_it_runs(function, argument, expected)


def check_it_runs(function: Callable[..., object], argument: str, expected: str) -> None:
    """Check that calling a function does its work, and does not only create a coroutine or a generator.

    Raises:
        InvalidTypeError: it does not.
    """
    for got, kind, fix in (
        ("an async function", inspect.iscoroutinefunction, _NOT_ASYNC),
        ("a generator", inspect.isgeneratorfunction, _NO_YIELD),
        ("an async generator", inspect.isasyncgenfunction, "Define it with def, and let it return instead of yield."),
    ):
        if kind(function) or kind(type(function).__call__):
            raise InvalidTypeError(message(argument, expected, got, fix))


def fix_of_deferred(returned: object) -> str | None:
    """Say how to fix a function that returned a coroutine or a generator; None if it is neither."""
    if inspect.iscoroutine(returned):
        returned.close()  # so that Python does not warn that it never ran
        return _NOT_ASYNC
    return _NO_YIELD if inspect.isgenerator(returned) else None
