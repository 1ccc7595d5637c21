"""Every public name has a docstring with an example. pytest collects and runs the examples as doctests."""

import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minigrid.activations import Tanh
from minigrid.model.diagram.diagram import Diagram
from minigrid.search.engines import exact
from minigrid.search.space import Grid

MODULES = ("minigrid", *(f"minigrid.{name}" for name in ("datasets", "onnx", "plotting", "sklearn", "testing")))
EXACT = Path(exact.__path__[0])
OF_SCIKIT_LEARN = {"set_fit_request", "set_score_request"}  # scikit-learn writes these methods and their docstrings


def is_documented(thing: object) -> bool:
    """Tell whether something has a docstring of its own: aliases of types, such as FloatArray, cannot have one."""
    return inspect.isclass(thing) or inspect.isroutine(thing)


def public() -> dict[str, Any]:
    """Every public class and function by its full name."""
    names = [(name, attribute) for name in MODULES for attribute in importlib.import_module(name).__all__]
    found = {f"{name}.{attribute}": getattr(importlib.import_module(name), attribute) for name, attribute in names}
    return {name: thing for name, thing in found.items() if is_documented(thing)} | {
        "minigrid.model.diagram.diagram.Diagram": Diagram
    }


def public_methods(kind: type) -> Iterator[tuple[str, object]]:
    """Every public method and property that this project has given a class, also by way of a base."""
    for name in dir(kind):
        thing = inspect.getattr_static(kind, name)
        if isinstance(thing, property):
            thing = thing.fget
        elif isinstance(thing, classmethod | staticmethod):
            thing = thing.__func__
        ours = str(getattr(thing, "__module__", "")).partition(".")[0] == "minigrid"
        if inspect.isfunction(thing) and ours and not name.startswith("_") and name not in OF_SCIKIT_LEARN:
            yield name, getattr(kind, name)


def complaint(docstring: str | None) -> str | None:
    """Say what is wrong with the summary of a docstring, which must be one sentence on a line of its own."""
    if not docstring:
        return "nothing"
    summary, *rest = docstring.splitlines()
    if not summary.endswith((".", "?")):
        return f"a first line that is no sentence: {summary!r}"
    return "no empty line after the first" if rest and rest[0] else None


PUBLIC = public()


def test_everything_public_is_looked_at() -> None:
    assert len(PUBLIC) > 90
    assert {"predict", "parameters", "dense", "load"} <= {
        name for name, _ in public_methods(PUBLIC["minigrid.Network"])
    }


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_has_a_summary_and_so_have_its_methods(name: str) -> None:
    thing = PUBLIC[name]
    assert complaint(thing.__doc__ and inspect.cleandoc(thing.__doc__)) is None
    methods = public_methods(thing) if inspect.isclass(thing) else ()
    complaints = {method: complaint(inspect.getdoc(part)) for method, part in methods}
    assert [(method, text) for method, text in complaints.items() if text] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_has_an_example(name: str) -> None:
    docstring = inspect.cleandoc(PUBLIC[name].__doc__)  # its own, not one of a base
    _, heading, example = docstring.partition("\nExample:\n")
    assert heading, f"{name} has no section Example"
    assert doctest.DocTestParser().get_examples(example), f"{name} has no lines that begin with >>>"


def test_compiled_kernels_have_no_examples_because_pytest_does_not_collect_them() -> None:
    kernels = list(EXACT.rglob("*kernels.py"))
    assert len(kernels) > 4
    assert [path.name for path in kernels if ">>>" in path.read_text(encoding="utf-8")] == []


def test_a_dataclass_does_not_pass_with_the_docstring_that_python_makes() -> None:
    assert complaint("Point(x: int, y: int)") is not None
    assert complaint("Point") is not None
    assert complaint(None) == "nothing"
    assert complaint("A point.\nOf two numbers.") is not None
    assert complaint(inspect.getdoc(Tanh)) is None
    assert complaint(inspect.getdoc(Grid)) is None


def owners(thing: object, name: str) -> Iterator[tuple[str, Any]]:
    """Return the callables to document: a function itself, or the new methods of a class. Methods that override a
    documented one are documented there.
    """
    if inspect.isfunction(thing):
        yield name, thing
    for own, value in vars(thing).items() if inspect.isclass(thing) else ():
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        bases = [base for base in inspect.getmro(thing)[1:] if own in vars(base)] if inspect.isclass(thing) else []
        if inspect.isfunction(function) and not own.startswith("_") and own not in OF_SCIKIT_LEARN and not bases:
            yield f"{name}.{own}", function


CALLABLES = {own: function for name, thing in PUBLIC.items() for own, function in owners(thing, name)}


@pytest.mark.parametrize("name", CALLABLES)
def test_arguments_and_results_are_documented(name: str) -> None:
    function = CALLABLES[name]
    signature, docstring = inspect.signature(function), inspect.getdoc(function) or ""
    arguments = [argument for argument in signature.parameters if argument not in ("self", "cls", "others")]
    assert not arguments or "Args:" in docstring
    assert all(f"{argument}" in docstring.partition("Args:")[2] for argument in arguments)
    if signature.return_annotation not in (None, "None", inspect.Signature.empty):
        assert "Returns:" in docstring


@pytest.mark.parametrize("name", PUBLIC | CALLABLES)
def test_each_cause_of_an_error_has_an_entry_of_its_own(name: str) -> None:
    docstring = (inspect.getdoc(CALLABLES.get(name, PUBLIC.get(name))) or "").partition("Raises:")[2]
    assert not re.search(r"\b(InvalidTypeError|InvalidValueError|ShapeError), ", docstring)
