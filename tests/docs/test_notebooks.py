"""The course's notebooks are made of its pages, and print what these say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.docs.pages import shown_pictures, without_times
from tests.make_notebooks import (
    FOLDED,
    FOLDER,
    HELPER,
    PAGES,
    PREVIEW,
    SOLUTION,
    YOURS,
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
    assert len(PAGES) == 9
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
    notebook = stored(page)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert all(cell.metadata in ({}, FOLDED) for cell in notebook.cells)
    assert to_json(notebook) + "\n" == path_of(page).read_text(encoding="utf-8")
    without_pictures = stored(page)
    for cell in without_pictures.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
    assert len(to_json(without_pictures)) < 30_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_solution_is_one_folded_cell_of_text_that_is_never_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(SOLUTION.findall(text)) == text.count("<summary>Solution") == 3
    assert all(f"\n**{k}.** " in text for k in (1, 2, 3))
    cells = stored(page).cells
    solutions = [cell.source for cell in cells if "<summary>Solution" in cell.source]
    assert len(solutions) == 3
    assert all(source.endswith("</details>") for source in solutions)
    assert [cell.source for cell in cells].count(YOURS.strip()) == 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_that_draws_is_folded_and_shows_the_pages_picture(page: Path) -> None:
    cells = [cell for cell in stored(page).cells if cell.cell_type == "code"]
    text = page.read_text(encoding="utf-8")
    folded = [cell for cell in cells if cell.metadata == FOLDED]
    assert len(folded) == len(HELPER.findall(text)) == text.count("<summary>Code")
    assert all(cell.source.startswith(PREVIEW) for cell in folded)
    drawn = [output for cell in cells for output in cell.outputs if output.output_type == "display_data"]
    assert len(drawn) == len(shown_pictures(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_of_a_notebook_lead_to_files(page: Path) -> None:
    for cell in stored(page).cells:
        if cell.cell_type == "markdown":
            assert "![" not in cell.source
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
