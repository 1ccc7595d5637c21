"""Make the course's notebooks of its pages, and run them: `python -m tests.make_notebooks`.

A page of docs/course is the text of a notebook, as jupytext reads it: what a page shows as printed is left out, as the
notebook prints it itself, and links lead to where the notebook stands. Pictures that cells draw are not stored:
those of the page are shown.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples" / "notebooks"
PAGES = sorted((ROOT / "docs" / "course").glob("0*.md"))


def notebook_of(page: Path) -> Any:
    """Turn a page into a notebook that was not run yet."""
    text = re.sub(r"```text\n.*?```\n\n?", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\]\((\d\d_\w+)\.md\)", r"](\1.ipynb)", text)
    text = text.replace("](../", "](../../docs/")
    notebook = jupytext.reads(text, fmt="md")
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata.clear()
    notebook.metadata = {
        "jupytext": {"text_representation": {"extension": ".md", "format_name": "markdown"}},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat_minor = 5
    return notebook


def run(notebook: Any, folder: Path) -> Any:
    """Run all cells in a folder; of what they give, keep what they print."""
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def to_json(notebook: Any) -> str:
    """Write a notebook down."""
    write: Callable[[Any], str] = nbformat.writes
    return write(notebook)


def path_of(page: Path) -> Path:
    """Where a page's notebook is kept."""
    return FOLDER / f"{page.stem}.ipynb"


def main() -> None:
    """Make all of them."""
    import tempfile

    FOLDER.mkdir(exist_ok=True)
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            ran = run(notebook_of(page), Path(folder))
        path_of(page).write_text(to_json(ran) + "\n", encoding="utf-8")
        print(f"{path_of(page).name}: {path_of(page).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
