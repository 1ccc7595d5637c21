"""Names for things: the strings that you can pass, and what each of them stands for."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Generic, Protocol, TypeVar, final

from minigrid._base.text import an, describe, message, shown
from minigrid._base.typing import RegisteredName
from minigrid._base.validation import as_flag, unknown_name
from minigrid._base.values import are_same
from minigrid.exceptions import InvalidTypeError, InvalidValueError, MinigridError

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Register(Protocol[T_contra]):
    """A function that registers a name, see `Registry.register`."""

    def __call__(self, name: str, thing: type[T_contra] | T_contra, *, replace: bool = False) -> RegisteredName:
        """Give your own object or class a name."""


@final
class Registry(Generic[T]):
    """The names of one kind of thing: built-in names, which never change, and names that users register.

    A name stands for a class, or for an object with its settings.

    Args:
        kind: the base class of all.
        built_in: the built-in names, and the class or object of each.
        takes_settings: whether a user may pass settings with a name. A class then needs no defaults for them.
        wrapper: how to wrap a bare function, for messages; None: it cannot be wrapped.
        nameless: how to pass the built-in ones that have no name, for messages; None: all of them have names.
        elsewhere: says what to pass instead of a name of another library, given the built-in ones; or None.
    """

    def __init__(
        self,
        kind: Callable[..., T],
        built_in: Mapping[str, type[T] | T],
        *,
        takes_settings: bool = False,
        wrapper: str | None = None,
        nameless: str | None = None,
        elsewhere: Callable[[str, tuple[str, ...]], str | None] = lambda name, names: None,
    ) -> None:
        self._takes_settings = takes_settings
        self._wrapper = wrapper
        self._nameless = nameless
        self._elsewhere = elsewhere
        assert isinstance(kind, type)
        self._kind: type[T] = kind
        self._noun = kind.__name__.lower()
        self._built_in = dict(built_in)
        self._own: dict[str, type[T] | T] = {}

    @property
    def built_in(self) -> tuple[str, ...]:
        """The built-in names."""
        return tuple(self._built_in)

    def is_built_in(self, thing: T) -> bool:
        """Whether the class of a thing is built in, whatever its settings."""
        return type(thing) in {known if isinstance(known, type) else type(known) for known in self._built_in.values()}

    def register(self, name: str, thing: type[T] | T, *, replace: bool = False) -> RegisteredName:
        """Give your own object or class a name. You can then use the name like a built-in one.

        If you define a class or function again, for example by running a notebook's cell once more, it replaces the
        earlier one.

        Args:
            name: letters, digits and underscores.
            thing: a strategy, scoring, penalty, engine or activation with its settings, such as
                ``Coordinate(restarts=50)``, or a class of one. minigrid creates an object of the class, with its
                defaults, whenever you use the name; an activation gets the parameters that you pass to
                `named_activation`. Wrap a bare function first: ``FunctionScoring(function)``, ``@activation``.
            replace: True allows it to replace another thing that you gave this name before. Default False.

        Returns:
            The name, as type checkers accept it.

        Raises:
            InvalidTypeError: ``name`` is not text, or ``thing`` is neither an object nor a class of this kind, or its
                class needs settings.
            InvalidValueError: ``name`` is not an identifier, or already stands for something else.

        Example:
            >>> from minigrid import Coordinate, FunctionActivation, named_activation, register_activation
            >>> from minigrid import register_strategy
            >>> thorough = register_strategy("thorough", Coordinate(restarts=50))
            >>> thorough
            'thorough'
            >>> import numpy as np
            >>> arctan = register_activation("arctan", FunctionActivation(np.arctan, monotonic=True))
            >>> named_activation(arctan)
            FunctionActivation(arctan, monotonic=True)
        """
        checked, may_replace = _checked_name(name), as_flag(replace, "replace")
        self._check_thing(thing)
        if checked in self._built_in:
            fix = "Choose another name."
            raise InvalidValueError(message("name", "a free name", f"{checked!r}, a built-in {self._noun}", fix))
        before = self._own.get(checked, thing)
        if not (may_replace or before == thing or _defined_again(before, thing)):
            got, fix = f"{checked!r}, the name of {shown(before)}", "Choose another name, or pass replace=True."
            raise InvalidValueError(message("name", "a free name", got, fix))
        self._own[checked] = thing
        return RegisteredName(checked)

    def _check_thing(self, thing: object) -> None:
        """Check that a thing is an object of this kind, or a class that can be instantiated."""
        if not (isinstance(thing, self._kind) or (isinstance(thing, type) and issubclass(thing, self._kind))):
            fix = f"Derive it from minigrid.{self._kind.__name__}, and pass the class or an object of it."
            if self._wrapper and callable(thing) and not isinstance(thing, type):
                fix = f"Wrap the function: {self._wrapper}."
            raise InvalidTypeError(message(self._noun, an(self._noun), describe(thing), fix))
        if not isinstance(thing, type):
            return
        if inspect.isabstract(thing):
            missing = ", ".join(sorted(getattr(thing, "__abstractmethods__", ())))
            expected, fix = "a class with all its methods", f"Define {missing}."
            raise InvalidTypeError(message(self._noun, expected, describe(thing), fix))
        if not self._takes_settings:
            try:
                inspect.signature(thing).bind()
            except ValueError:  # a class without a signature
                return
            except TypeError as error:
                expected = "a class whose settings all have defaults, or an object"
                fix = f"Give every setting a default, or pass an object: {thing.__name__}(...)."
                got = f"the class {thing.__name__} itself, with a {error}"
                raise InvalidTypeError(message(self._noun, expected, got, fix)) from error

    def find(self, thing: T) -> tuple[str, dict[str, object]] | None:
        """Return the name and the settings from which `make` creates an equal thing, or None if there are none.

        Settings are the fields of a dataclass, or else the arguments of the constructor that the object keeps as
        attributes of the same names.
        """
        known = {**self._built_in, **self._own}
        for name, candidate in known.items():
            if type(candidate) is type(thing) and are_same(candidate, thing):
                return name, {}
        for name, candidate in known.items():
            if candidate is type(thing):
                settings = _settings_of(thing)
                if settings is not None and self._makes(name, settings, thing):
                    return name, settings
        return None

    def _makes(self, name: str, settings: dict[str, object], thing: T) -> bool:
        try:
            made = self.make(name, settings)
        except Exception:  # a custom class may do anything
            return False
        return type(made) is type(thing) and are_same(made, thing)

    def make(self, name: str, settings: Mapping[str, object] | None = None) -> T:
        """Return the object that a name stands for, or create one of its class with these settings.

        Raises:
            UnknownNameError: there is no such name.
            InvalidTypeError: the class does not take these settings, or the name stands for an object.
        """
        known, what = {**self._built_in, **self._own}, f"{self._noun} {name!r}"
        if name not in known:
            other = self._nameless or self._elsewhere(name, self.built_in)
            raise unknown_name(self._noun, name, known, f"the name of {an(self._noun)}", other)
        thing, given = known[name], dict(settings or {})
        if not isinstance(thing, type):
            if given:
                fix = "Leave the settings out, or register the class."
                raise InvalidTypeError(message(what, f"no settings, as it is {thing!r}", f"{given!r}", fix))
            return thing
        try:
            made: T = thing(**given)
        except MinigridError:
            raise
        except TypeError as error:
            expected = "settings that its class takes, and a default for each that you leave out"
            fix = f"It takes {_settings_taken(thing)}."
            raise InvalidTypeError(message(what, expected, f"TypeError: {error}", fix)) from error
        return made


def classes_in(module: ModuleType, kind: Callable[..., T]) -> dict[str, type[T]]:
    """List the classes of one kind that a module defines, without abstract ones, by their names in snake case.

    `LeakyReLU`, for example, gets the name 'leaky_relu'.
    """
    assert isinstance(kind, type)
    base: type[T] = kind
    return {
        re.sub("(?<=[a-z])(?=[A-Z][a-z])", "_", name).lower(): thing
        for name, thing in vars(module).items()
        if isinstance(thing, type) and issubclass(thing, base)
        if thing.__module__ == module.__name__ and not inspect.isabstract(thing)
    }


def _settings_taken(kind: type) -> str:
    """List the settings of a class, for a message."""
    try:
        names = list(inspect.signature(kind).parameters)
    except ValueError:  # a class without a signature
        return "the arguments that its class documents"
    return ", ".join(names) or "none"


def _checked_name(name: object) -> str:
    fix = "Use letters, digits and underscores, such as 'hill_climb'."
    if not isinstance(name, str):
        raise InvalidTypeError(message("name", "a name as text", describe(name), fix))
    if not name.isidentifier():
        raise InvalidValueError(message("name", "a valid Python identifier", describe(name), fix))
    return str(name)


def _settings_of(thing: object) -> dict[str, object] | None:
    """Return the settings that a thing was created with, or None if they are not known."""
    if dataclasses.is_dataclass(thing):
        names = [field.name for field in dataclasses.fields(thing) if field.init]
    else:
        try:
            parameters = inspect.signature(type(thing)).parameters.values()
        except (TypeError, ValueError):
            return None
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        names = [parameter.name for parameter in parameters if parameter.kind in named]
    try:
        return {name: getattr(thing, name) for name in names}
    except Exception:  # it stores them under other names
        return None


def _definition(thing: object) -> object:
    """Return the class or function that defines a thing."""
    return thing if isinstance(thing, type) else getattr(thing, "__wrapped__", type(thing))


def _defined_again(before: object, thing: object) -> bool:
    one, other = _definition(before), _definition(thing)
    places = [(getattr(of, "__module__", None), getattr(of, "__qualname__", "<none>")) for of in (one, other)]
    return one is not other and places[0] == places[1] and "<" not in places[0][1]
