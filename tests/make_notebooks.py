"""Make the course's notebooks of its pages, and run them: `python -m tests.make_notebooks`.

A page of docs/course is the text of a notebook, as jupytext reads it, with what only a page needs taken out: what it
shows as printed, as a notebook prints it itself. (So jupytext's own pairing, which would write that back, is not used.)
Links lead to where the notebook stands, and solutions are folded the way notebooks fold. Pictures that cells draw are
not stored: those of the page are shown. Running this again changes nothing where a page did not change: measured times,
which differ with every run, are stored as the page has them.
"""

import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

from tests.docs.pages import ROOT, without_times

FOLDER = ROOT / "examples" / "notebooks"
PAGES = sorted((ROOT / "docs" / "course").glob("0*.md"))
TEXT = re.compile(r"```text\n(.*?)```\n\n?", re.DOTALL)
FOLDED = "<details><summary>Solution</summary>"
UNFOLDED = "</details>"
HIDDEN = {"jupyter": {"outputs_hidden": True, "source_hidden": True}}
HINT = """*Run the cells one after the other, with Shift+Enter. They need minigrid with its pictures:
`pip install ".[plot]"` in a clone of the repository. A cell that draws shows its picture, and below it stands the
course's own. Solutions are folded: a click on the three dots unfolds one.*"""
PREVIEW = "# A solution, folded\n"  # a folded cell shows its first line


def notebook_of(page: Path) -> Any:
    """Turn a page into a notebook that was not run yet."""
    text = TEXT.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"\]\((\d\d_\w+)\.md\)", r"](\1.ipynb)", text)
    text = text.replace("](../", "](../../docs/")
    notebook = jupytext.reads(text, fmt="md")
    fold_solutions(notebook)
    notebook.cells[0].source = notebook.cells[0].source.replace("\n", f"\n\n{HINT}\n", 1)
    name_cells(notebook)
    notebook.metadata = {
        "jupytext": {"text_representation": {"extension": ".md", "format_name": "markdown"}},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat_minor = 5
    return notebook


def name_cells(notebook: Any) -> None:
    """Name each cell after its content, so that a new one changes no other's name."""
    names: Counter[str] = Counter()
    for cell in notebook.cells:
        name = f"{zlib.crc32(cell.source.encode()):08x}"
        names[name] += 1
        cell.id = f"{name}-{names[name]}"


def fold_solutions(notebook: Any) -> None:
    """Fold each cell by itself, as what one cell opens no other can close; drop those of which nothing is left."""
    is_solution, kept = False, []
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            if is_solution:
                cell.metadata.update(HIDDEN)
                cell.source = PREVIEW + cell.source
        else:
            source = f"{FOLDED}\n\n{cell.source}" if is_solution else cell.source
            is_solution = source.count(FOLDED) > source.count(UNFOLDED)
            source += f"\n\n{UNFOLDED}" if is_solution else ""
            source = re.sub(rf"^{FOLDED}\s*{UNFOLDED}\s*", "", source)  # what the cell of code has ended
            cell.source = source.replace(f"{FOLDED}\n\n{UNFOLDED}", "**Solution**, folded:")  # nothing but code
        if cell.source:
            kept.append(cell)
    notebook.cells = kept


def run(notebook: Any, folder: Path) -> Any:
    """Run all cells in a folder; of what they give, keep what they print."""
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, resources=resources, record_timing=False, coalesce_streams=True)
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def printed(cell: Any) -> str:
    """What a cell has printed."""
    return "".join(output.text for output in cell.outputs)


def cells_that_print(notebook: Any) -> list[Any]:
    """The cells that have printed something."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and printed(cell)]


def shown(page: Path) -> list[str]:
    """What a page says that its blocks print."""
    return TEXT.findall(page.read_text(encoding="utf-8"))


def take_times(notebook: Any, page: Path) -> None:
    """Give a notebook that was run the times of its page."""
    for cell, text in zip(cells_that_print(notebook), shown(page), strict=True):
        if without_times(printed(cell)) == without_times(text):
            (output,) = cell.outputs
            output.text = text


def to_json(notebook: Any) -> str:
    """Write a notebook down."""
    write: Callable[[Any], str] = nbformat.writes
    return write(notebook)


def path_of(page: Path) -> Path:
    """Where a page's notebook is kept."""
    return FOLDER / f"{page.stem}.ipynb"


def main() -> None:
    """Make all of them."""
    FOLDER.mkdir(exist_ok=True)
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            notebook = run(notebook_of(page), Path(folder))
        take_times(notebook, page)
        path_of(page).write_text(to_json(notebook) + "\n", encoding="utf-8")
        print(f"{path_of(page).name}: {path_of(page).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
