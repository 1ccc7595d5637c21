"""Names for things: what may be written as a string, and what each name stands for."""

import inspect
from collections.abc import Mapping
from typing import Generic, NewType, TypeVar, final

from minigrid._validation import describe, message, unknown_name
from minigrid.exceptions import InvalidTypeError, InvalidValueError, MinigridError

T = TypeVar("T")

RegisteredName = NewType("RegisteredName", str)
"""A name that a script has registered. Type checkers know the built-in names, so a misspelt one is an error to them;
a name that comes from elsewhere, such as a command line, is passed as `RegisteredName(text)`."""


@final
class Registry(Generic[T]):
    """The names of one kind of thing: the built-in ones, which stay as they are, and those that users add.

    A name stands for a class, or for an object with settings of its own.
    """

    def __init__(self, kind: type[T], built_in: Mapping[str, type[T] | T]) -> None:
        self._kind = kind
        self._noun = kind.__name__.lower()
        self._built_in = dict(built_in)
        self._own: dict[str, type[T] | T] = {}

    @property
    def built_in(self) -> tuple[str, ...]:
        """The names that are always there."""
        return tuple(self._built_in)

    def is_built_in(self, thing: T) -> bool:
        """Whether a thing is one of a built-in class, whatever its settings."""
        return type(thing) in {known if isinstance(known, type) else type(known) for known in self._built_in.values()}

    def register(self, name: object, thing: object) -> RegisteredName:
        """Give a thing a name.

        A class or function that is defined again, as when a notebook's cell is run once more, takes the
        place of the one before.

        Raises:
            InvalidTypeError: `name` is no text, or `thing` neither an object of this kind nor a class of them.
            InvalidValueError: `name` is no identifier, or stands for something else already.
        """
        checked = _checked_name(name)
        if isinstance(thing, self._kind) or (isinstance(thing, type) and issubclass(thing, self._kind)):
            if inspect.isabstract(thing):
                missing = ", ".join(sorted(getattr(thing, "__abstractmethods__", ())))
                expected, mend = "a class with all its methods", f"Define {missing}."
                raise InvalidTypeError(message(self._noun, expected, describe(thing), mend))
        else:
            article = "an" if self._noun[0] in "aeiou" else "a"
            mend = f"Derive it from minigrid.{self._kind.__name__}, and pass the class or an object of it."
            raise InvalidTypeError(message(self._noun, f"{article} {self._noun}", describe(thing), mend))
        if checked in self._built_in:
            mend = "Choose another name."
            raise InvalidValueError(message("name", "one that is free", f"{checked!r}, a built-in {self._noun}", mend))
        before = self._own.get(checked, thing)
        if before != thing and not _defined_again(before, thing):
            got = f"{checked!r}, the name of {before!r}"
            raise InvalidValueError(message("name", "one that is free", got, "Choose another name."))
        self._own[checked] = thing
        return RegisteredName(checked)

    def make(self, name: str, settings: Mapping[str, object] | None = None) -> T:
        """Return what a name stands for: the object, or one of the class with these settings.

        Raises:
            UnknownNameError: there is no such name.
            InvalidTypeError: the class does not take these settings, or the object none at all.
        """
        known = {**self._built_in, **self._own}
        if name not in known:
            article = "an" if self._noun[0] in "aeiou" else "a"
            raise unknown_name(self._noun, name, known, f"the name of {article} {self._noun}")
        thing, given = known[name], dict(settings or {})
        if not isinstance(thing, type):
            if given:
                mend = "Leave them out, or register the class."
                raise InvalidTypeError(
                    message(f"{self._noun} {name!r}", f"no settings, as it is {thing!r}", f"{given!r}", mend)
                )
            return thing
        try:
            made: T = thing(**given)
        except MinigridError:
            raise
        except TypeError as error:
            expected = "settings that its class takes, and a default for each that is left out"
            mend = "Give every field a default, or register an object instead of the class."
            got = f"TypeError: {error}"
            raise InvalidTypeError(message(f"{self._noun} {name!r}", expected, got, mend)) from error
        return made


def _checked_name(name: object) -> str:
    mend = "Use letters, digits and underscores, such as 'hill_climb'."
    if not isinstance(name, str):
        raise InvalidTypeError(message("name", "a name as text", describe(name), mend))
    if not name.isidentifier():
        raise InvalidValueError(message("name", "a name as it could stand in a program", describe(name), mend))
    return str(name)


def _definition(thing: object) -> object:
    """The class or function whose source a thing comes from."""
    return thing if isinstance(thing, type) else getattr(thing, "__wrapped__", type(thing))


def _defined_again(before: object, thing: object) -> bool:
    one, other = _definition(before), _definition(thing)
    places = [(getattr(of, "__module__", None), getattr(of, "__qualname__", "<none>")) for of in (one, other)]
    return one is not other and places[0] == places[1] and "<" not in places[0][1]
