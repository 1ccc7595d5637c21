"""Every public name says what it is, and shows it by an example that runs (pytest runs them all)."""

import inspect
from types import ModuleType
from typing import Any

import pytest

import minigrid
import minigrid.datasets
import minigrid.onnx
import minigrid.plotting
import minigrid.sklearn
import minigrid.testing
from minigrid.diagram import Diagram

MODULES = (minigrid, minigrid.datasets, minigrid.onnx, minigrid.plotting, minigrid.sklearn, minigrid.testing)
WRITTEN_OUT = {"ActivationNodes", "Display", "Engine", "Search", "Strategy"}
"""Bases whose examples are as long as a page: docs/extending.md, docs/export.md and docs/pictures.md have them."""


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """The classes and functions of a module, by name; errors are told by their names."""
    things = [(name, getattr(module, name)) for name in module.__all__]
    return [
        (name, thing)
        for name, thing in things
        if inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, BaseException))
    ]


NAMES = [("Diagram", Diagram), *(pair for module in MODULES for pair in public(module))]


ERRORS = [
    name
    for name in minigrid.__all__
    if inspect.isclass(getattr(minigrid, name)) and issubclass(getattr(minigrid, name), BaseException)
]


def members(thing: Any) -> list[tuple[str, Any]]:
    """The public methods and properties that a class defines itself."""
    return [
        (name, getattr(member, "__func__", member))
        for name, member in (vars(thing).items() if inspect.isclass(thing) else ())
        if not name.startswith("_") and isinstance(member, property | classmethod | staticmethod | type(members))
    ]


def test_there_are_names_to_look_at() -> None:
    assert len(NAMES) > 70
    assert sum(len(members(thing)) for _, thing in NAMES) > 100


@pytest.mark.parametrize(("name", "thing"), NAMES, ids=[name for name, _ in NAMES])
def test_a_name_says_what_it_is(name: str, thing: Any) -> None:
    said = inspect.getdoc(thing) or ""
    summary = said.splitlines()[0] if said else ""
    assert summary, name
    assert said.split("\n\n")[0].rstrip().endswith((".", ":")), said
    assert ">>>" in said or name in WRITTEN_OUT
    for member, function in members(thing):
        assert inspect.getdoc(function) or inspect.getdoc(getattr(thing, member)), f"{name}.{member}"


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_says_when_it_is_raised(error: str) -> None:
    assert (inspect.getdoc(getattr(minigrid, error)) or "").endswith(".")
