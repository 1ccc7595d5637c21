"""Names of other libraries: if you use one, the error names the right one."""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from types import CodeType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from minigrid._base.text import an, describe, message
from minigrid._base.values import Frozen
from minigrid.exceptions import InvalidTypeError, UnknownAttributeError

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class KnowsOtherNames(Frozen):
    """Base of classes whose errors say what to use instead of an attribute that a user may expect.

    Type checkers do not see it, so they report such an attribute, too.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Raise the error for an attribute that does not exist."""
            from minigrid._base.other_names import ATTRIBUTES  # only for an error

            error = _unknown(ATTRIBUTES, type(self), name, an(type(self).__name__), self)
            if error is None or hasattr(type(self), name):  # a property, whose own error comes again
                return object.__getattribute__(self, name)  # raises the usual error
            raise error


class ClassKnowsOtherNames(type):
    """Class of classes whose errors do the same for a function of the class, such as ``Grid.arange``."""

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> object:
            """Raise the error for an attribute that the class does not have."""
            from minigrid._base.other_names import CLASS_ATTRIBUTES  # only for an error

            error = _unknown(CLASS_ATTRIBUTES, cls, name, cls.__name__, cls)
            if error is None:
                return type.__getattribute__(cls, name)  # raises the usual error
            raise error


def _unknown(
    table: Mapping[str, Mapping[str, str]], kind: type, name: str, owner: str, thing: object
) -> UnknownAttributeError | None:
    """Build the error that says what to use, or return None if a table says nothing about the name."""
    instead = next((one for one in (table.get(base.__name__, {}).get(name) for base in kind.__mro__) if one), None)
    if instead is None:
        return None
    text = message(f"{kind.__name__}.{name}", f"a name that {owner} has", repr(name), instead)
    return UnknownAttributeError(text, name=name, obj=thing)


def knows_other_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise an error that says what to use, for an argument that it does not have."""
    check = arguments_check(function)

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        check(args, kwargs)
        return function(*args, **kwargs)

    return checked


def creates_with_known_arguments(kind: type[T]) -> type[T]:
    """Let a class do the same when an object is created."""
    setattr(kind, "__init__", knows_other_arguments(kind.__init__))  # noqa: B010  # type checkers forbid to assign it
    return kind


def arguments_check(function: Callable[..., object]) -> Callable[[tuple[object, ...], dict[str, Any]], None]:
    """Return a function that checks the arguments of a method before a call.

    It raises an error if one has a name that the method does not know, if too many have no name, or if one is missing.
    """
    bare: Any = vars(function).get("__wrapped__", function)
    code: CodeType = bare.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    known, settings = frozenset(names), names[code.co_argcount :]
    most = math.inf if code.co_flags & inspect.CO_VARARGS else code.co_argcount
    needed = names[: code.co_argcount - len(bare.__defaults__ or ())]
    needed_by_name = frozenset(settings) - frozenset(bare.__kwdefaults__ or ())
    owner = function.__qualname__.removesuffix(".__init__")
    creates = owner != function.__qualname__

    def check(args: tuple[object, ...], kwargs: dict[str, Any]) -> None:
        is_known = len(args) <= most and known.issuperset(kwargs)
        if is_known and kwargs.keys() >= needed_by_name and all(name in kwargs for name in needed[len(args) :]):
            return
        import difflib  # only for an error

        from minigrid._base.other_names import ARGUMENTS

        instead, what = ARGUMENTS.get(owner, {}), type(args[0]).__name__ if creates and args else owner
        for name in (name for name in kwargs if name not in known):  # in the order of the call
            near = difflib.get_close_matches(name, names[1:], n=1, cutoff=0.75)
            fix = instead.get(name, f"Did you mean {near[0]}=?" if near else _list_of(names[1:]))
            raise InvalidTypeError(message(what, "arguments that it has", f"{name}=", fix))
        if len(args) > most:
            named = f"Name the others: {', '.join(f'{name}=' for name in settings)}." if settings else ""
            fix = instead.get("*", named or _list_of(names[1:]))
            got = describe(args[int(most)])
            raise InvalidTypeError(message(what, "no more arguments without names", got, fix))
        by_name = [name for name in settings if name in needed_by_name]
        missing = [name for name in [*needed[len(args) :], *by_name] if name not in kwargs]
        whole = ", ".join([*needed[1:], *(f"{name}=..." for name in by_name)])
        raise InvalidTypeError(message(what, f"({whole})", f"no {missing[0]}", f"Pass {missing[0]}, too."))

    return check


def _list_of(names: Sequence[str]) -> str:
    return f"It takes {', '.join(names)}." if names else "It takes none."
