"""Names that other libraries have: where one is used, an error says what it is called here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from minigrid._base.text import an, message
from minigrid.exceptions import UnknownAttributeError


class KnowsOtherNames:
    """Base of classes that say what to use in place of an attribute that a reader may expect.

    Type checkers do not see it: to them such an attribute is an error too.
    """

    __slots__ = ()

    _INSTEAD: ClassVar[Mapping[str, str]] = {}  # what to do instead, by the names that are expected

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Raise the error for an attribute that is not there."""
            instead = type(self)._INSTEAD.get(name)
            if instead is None:
                return object.__getattribute__(self, name)  # raises what it raised before
            kind = type(self).__name__
            raise UnknownAttributeError(
                message(f"{kind}.{name}", f"a name that {an(kind)} has", repr(name), instead), name=name, obj=self
            )
