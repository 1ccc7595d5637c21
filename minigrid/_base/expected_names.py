"""Names of other libraries: if you use one, the error names the right one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from minigrid._base.text import an, message
from minigrid.exceptions import UnknownAttributeError


class KnowsOtherNames:
    """Base of classes whose errors say what to use instead of an attribute that a user may expect.

    Type checkers do not see it, so they report such an attribute, too.
    """

    __slots__ = ()

    _INSTEAD: ClassVar[Mapping[str, str]] = {}  # what to use instead of each expected name

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Raise the error for an attribute that does not exist."""
            instead = type(self)._INSTEAD.get(name)
            if instead is None:
                return object.__getattribute__(self, name)  # raises the usual error
            kind = type(self).__name__
            raise UnknownAttributeError(
                message(f"{kind}.{name}", f"a name that {an(kind)} has", repr(name), instead), name=name, obj=self
            )
