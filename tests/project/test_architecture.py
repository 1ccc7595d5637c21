"""The picture of the packages is what the code says, and the page beside it names every folder."""

import ast
import re
from collections.abc import Mapping
from graphlib import CycleError
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.make_architecture import (
    FILES,
    OPENED,
    PICTURE,
    ROOT,
    arrows,
    imports_between_parts,
    levels,
    parts_in,
    picture_of,
    with_files_as_one,
)

PACKAGE = ROOT / "minigrid"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def package_of(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a package, with an `__init__.py` in each folder that has none."""
    package = folder / "whole"
    for name, code in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
        for above in path.relative_to(package).parents:
            (package / above / "__init__.py").touch()
    return package


SMALL = {
    "top.py": "from whole.middle import name\nimport json\n",
    "middle/__init__.py": "import whole.middle.inner\n",
    "middle/inner.py": "def late():\n    from whole.bottom.deep import thing\n",
    "side.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from whole import bottom\n",
    "bottom/deep.py": "",
}
SUB = {
    "a/x.py": "from whole.sub.b.y import y",
    "b/y.py": "from whole.sub import c",
    "c.py": "",
    "d.py": "from whole.sub.c import e",
}


def test_the_stored_picture_is_the_one_of_this_code() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture_of(PACKAGE), "run python -m tests.make_architecture"


def test_the_exact_engine_says_what_each_of_its_files_is_for() -> None:
    folder = PACKAGE / "search" / "engines" / "exact"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert text is not None
    named = {name for line in text.splitlines() for name in re.findall(r"`([a-z_]+)`", line)}
    assert named == files | {"counting"}


def test_no_file_of_code_is_longer_than_one_can_overlook() -> None:
    for folder, most in (("minigrid", 500), ("tests", 600)):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= most, path


def test_a_class_is_final_unless_others_derive_from_it() -> None:
    own = [path for path in PACKAGE.rglob("*.py") if path.name != "_library.py"]  # which declares scikit-learn's
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in own]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {
        node.name: {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases} for node in classes
    }
    derived_from = set().union(*bases.values())
    for node in classes:
        has_kind = bases[node.name] & {"ABC", "Protocol", "NamedTuple", "TypedDict"}
        is_error = node.name.endswith("Error")
        is_final = any(ast.unparse(decorator) == "final" for decorator in node.decorator_list)
        assert is_final or has_kind or is_error or node.name in derived_from, node.name


def test_every_import_is_seen(tmp_path: Path) -> None:
    package = package_of(tmp_path, SMALL)
    assert imports_between_parts(package, package) == {
        "bottom": frozenset(),
        "middle": {"bottom"},
        "side.py": {"bottom"},
        "top.py": {"middle"},
    }


def test_parts_of_a_folder_are_told_apart(tmp_path: Path) -> None:
    package = package_of(tmp_path, {f"sub/{name}": code for name, code in SUB.items()})
    graph = imports_between_parts(package, package / "sub")
    assert graph == {"a": {"b"}, "b": {"c.py"}, "c.py": frozenset(), "d.py": {"c.py"}}
    assert with_files_as_one(graph) == {"a": {"b"}, "b": {FILES}, FILES: frozenset()}


def test_parts_stand_below_what_imports_them_and_arrows_are_few() -> None:
    graph = {"a": frozenset("bcd"), "b": frozenset("cd"), "c": frozenset("d"), "d": frozenset(), "e": frozenset("d")}
    assert levels(graph) == {"a": 0, "e": 0, "b": 1, "c": 2, "d": 3}
    assert arrows(graph) == [("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")]


def test_a_circle_is_an_error() -> None:
    with pytest.raises(CycleError):
        levels({"a": frozenset("b"), "b": frozenset("a")})


def test_a_new_import_changes_the_picture(tmp_path: Path) -> None:
    files = {**SMALL, f"{OPENED}/own.py": "", f"{OPENED}/inner/deep.py": ""}
    before = picture_of(package_of(tmp_path / "before", files))
    after = picture_of(package_of(tmp_path / "after", {**files, "side.py": "import whole.top"}))
    assert "<title>side.py imports bottom</title>" in before
    assert "<title>side.py imports top.py</title>" in after


def test_boxes_do_not_overlap_and_all_are_inside() -> None:
    root = ET.fromstring(picture_of(PACKAGE))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    outer = root.find("{*}g")
    assert outer is not None
    names = ("x", "y", "width", "height")
    boxes = [tuple(float(box.attrib[name]) for name in names) for box in outer.findall("{*}rect")]
    assert len(boxes) == len(parts_in(PACKAGE))
    for k, (x, y, wide, high) in enumerate(boxes):
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
        for other_x, other_y, other_wide, other_high in boxes[:k]:
            is_beside = x + wide <= other_x or other_x + other_wide <= x
            assert is_beside or y + high <= other_y or other_y + other_high <= y


@pytest.mark.parametrize("folder", [PACKAGE, PACKAGE / OPENED], ids=lambda folder: folder.name)
def test_the_page_says_what_each_part_is_for(folder: Path) -> None:
    named = {part if part.endswith(".py") else f"{part}/" for part in parts_in(folder)}
    assert [part for part in sorted(named) if f"\n| `{part}` |" not in PAGE] == []
