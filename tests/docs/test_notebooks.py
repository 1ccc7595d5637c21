"""The course's notebooks are made of its pages, and print what these say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.docs.pages import without_times
from tests.make_notebooks import (
    FOLDED,
    FOLDER,
    HIDDEN,
    PAGES,
    PREVIEW,
    UNFOLDED,
    cells_that_print,
    notebook_of,
    path_of,
    printed,
    run,
    shown,
    take_times,
    to_json,
)


def stored(page: Path) -> Any:
    read: Callable[..., Any] = nbformat.reads
    return read(path_of(page).read_text(encoding="utf-8"), as_version=4)


def test_each_page_has_a_notebook() -> None:
    assert len(PAGES) == 7
    assert sorted(FOLDER.glob("*.ipynb")) == [path_of(page) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_is_in_step_with_its_page(page: Path) -> None:
    cells, expected = stored(page).cells, notebook_of(page).cells
    assert [(cell.cell_type, cell.id, cell.metadata, cell.source) for cell in cells] == [
        (cell.cell_type, cell.id, cell.metadata, cell.source) for cell in expected
    ], "run python -m tests.make_notebooks"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_shows_what_its_page_shows(page: Path) -> None:
    assert [printed(cell) for cell in cells_that_print(stored(page))] == shown(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_changes_of_a_notebook_can_be_read(page: Path) -> None:
    assert path_of(page).stat().st_size < 20_000
    notebook = stored(page)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert all(cell.metadata in ({}, HIDDEN) for cell in notebook.cells)
    assert to_json(notebook) + "\n" == path_of(page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_solutions_are_folded_in_cells_of_their_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    n_solutions = text.count(FOLDED)
    assert n_solutions == text.count("\n**1.**") + text.count("\n**2.**") + text.count("\n**3.**") == 3
    cells = stored(page).cells
    for cell in cells:
        if cell.cell_type == "markdown":
            assert cell.source.count(FOLDED) == cell.source.count(UNFOLDED)
    _, solutions = text.split("## Exercises")
    hidden = [cell for cell in cells if cell.metadata == HIDDEN]
    assert len(hidden) == solutions.count("```python")
    assert all(cell.source.removeprefix(PREVIEW) in solutions for cell in hidden)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_of_a_notebook_lead_to_files(page: Path) -> None:
    for cell in stored(page).cells:
        if cell.cell_type == "markdown":
            for target in [part.split(")")[0] for part in cell.source.split("](")[1:]]:
                assert (FOLDER / target).is_file(), target


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_notebook_that_is_run_again_prints_the_same(page: Path, tmp_path: Path) -> None:
    again, before = run(notebook_of(page), tmp_path), stored(page)
    assert [without_times(printed(cell)) for cell in cells_that_print(again)] == [
        without_times(printed(cell)) for cell in cells_that_print(before)
    ]
    take_times(again, page)
    assert to_json(again) == to_json(before)
