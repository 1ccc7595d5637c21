"""Diagrams of networks, as SVG and as text. The modules are imported when you draw the first one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minigrid.model.diagram.diagram import Diagram

__all__ = ["Diagram"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from minigrid.model.diagram import diagram

        return getattr(diagram, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
