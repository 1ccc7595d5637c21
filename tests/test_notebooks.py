"""The course's notebooks are made of its pages, and print what these say."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.make_notebooks import FOLDER, PAGES, notebook_of, path_of, run


def stored(page: Path) -> Any:
    read: Callable[..., Any] = nbformat.reads
    return read(path_of(page).read_text(encoding="utf-8"), as_version=4)


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs)


def test_each_page_has_a_notebook() -> None:
    assert len(PAGES) == 7
    assert sorted(FOLDER.glob("*.ipynb")) == [path_of(page) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_is_in_step_with_its_page(page: Path) -> None:
    cells, expected = stored(page).cells, notebook_of(page).cells
    assert [(cell.cell_type, cell.id, cell.source) for cell in cells] == [
        (cell.cell_type, cell.id, cell.source) for cell in expected
    ], "run python -m tests.make_notebooks"
    assert path_of(page).stat().st_size < 50_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_shows_what_its_page_shows(page: Path) -> None:
    shown = re.findall(r"```text\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    outputs = [printed(cell) for cell in stored(page).cells if cell.cell_type == "code" and printed(cell)]
    assert [output.rstrip() for output in outputs] == [text.rstrip() for text in shown]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_that_is_run_again_prints_the_same(page: Path, tmp_path: Path) -> None:
    again = run(notebook_of(page), tmp_path)
    assert [printed(cell) for cell in again.cells if cell.cell_type == "code"] == [
        printed(cell) for cell in stored(page).cells if cell.cell_type == "code"
    ]
