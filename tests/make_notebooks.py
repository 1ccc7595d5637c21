"""Make the course's notebooks from its pages, and run them: `python -m tests.make_notebooks`.

jupytext turns a page of docs/course into a notebook, with these changes:

- The printed output is left out, as the notebook prints it itself. (So jupytext's own pairing, which would write that
  output back, is not used.)
- A solution becomes one folded cell of text, with its code and its output. It is not run, so that running the notebook
  does not give away the answers. Before it is an empty cell for the reader's own code.
- The code that draws a picture becomes a cell with a folded source. The page's picture is stored as its output, so you
  see it before you run the notebook, and the cell replaces it when you do.

Running this again changes nothing if no page has changed: measured times, which differ with every run, are stored as
the page has them.
"""

import base64
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

from tests.docs.pages import PICTURE, ROOT, without_times

FOLDER = ROOT / "examples" / "notebooks"
PAGES = sorted((ROOT / "docs" / "course").glob("0*.md"))
PICTURES = ROOT / "docs" / "pictures"
TEXT = re.compile(r"```text\n(.*?)```\n\n?", re.DOTALL)
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n.*?\n</details>\n", re.DOTALL)
HELPER = re.compile(r"<details><summary>Code [\w ]+</summary>\n\n(```python\n.*?```\n)\n</details>\n", re.DOTALL)
SAVED = re.compile(r'save(?:fig)?\("(course_[\w.]+)"')
FOLDED = {"jupyter": {"source_hidden": True}}
PREVIEW = "# Folded code\n"  # a cell with a folded source shows its first line
YOURS = "# Write your code here\n"
HINT = """*Run the cells one after the other, with Shift+Enter. They need minigrid and its pictures:
`pip install ".[plot]"` in a clone of the repository. Code that only draws a picture is folded: click the three dots
to see it. Solutions are folded too, and they are not run. Click the word Solution
to open one, and copy its code to try it.*"""


def notebook_of(page: Path) -> Any:
    """Turn a page into a notebook that was not run yet."""
    text = page.read_text(encoding="utf-8")
    solutions = SOLUTION.findall(text)
    text = PICTURE.sub("", TEXT.sub("", SOLUTION.sub("SOLUTION\n", text)))
    text = HELPER.sub(lambda helper: helper[1].replace("```python\n", "```python\n" + PREVIEW), text)
    for solution in solutions:
        region = f"```python\n{YOURS}```\n\n<!-- #region -->\n{solution}<!-- #endregion -->\n"
        text = text.replace("SOLUTION\n", region, 1)
    text = re.sub(r"\]\((\d\d_\w+)\.md\)", r"](\1.ipynb)", text)
    text = text.replace("](../", "](../../docs/")
    notebook = jupytext.reads(text, fmt="md")
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.source.startswith(PREVIEW):
            cell.metadata.update(FOLDED)
    notebook.cells = [cell for cell in notebook.cells if cell.source]
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


def run(notebook: Any, folder: Path) -> Any:
    """Run all cells in a folder; keep what they print, and the pages' pictures in place of those that they draw."""
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, resources=resources, record_timing=False, coalesce_streams=True)
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type == "stream"] + pictures(cell)
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def pictures(cell: Any) -> list[Any]:
    """The pictures that a cell saves, as its page shows them."""
    new_output: Callable[..., Any] = nbformat.v4.new_output
    outputs = []
    for name in SAVED.findall(cell.source):
        content = (PICTURES / name).read_bytes()
        if name.endswith(".svg"):
            data = {"image/svg+xml": content.decode(), "text/plain": f"<{name}>"}
        else:
            data = {"image/png": base64.b64encode(content).decode(), "text/plain": f"<{name}>"}
        outputs.append(new_output("display_data", data=data))
    return outputs


def printed(cell: Any) -> str:
    """What a cell has printed."""
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def cells_that_print(notebook: Any) -> list[Any]:
    """The cells that have printed something."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and printed(cell)]


def shown(page: Path) -> list[str]:
    """What a page says that its blocks print, outside its solutions."""
    return TEXT.findall(SOLUTION.sub("", page.read_text(encoding="utf-8")))


def take_times(notebook: Any, page: Path) -> None:
    """Give a notebook that was run the times of its page."""
    for cell, text in zip(cells_that_print(notebook), shown(page), strict=True):
        if without_times(printed(cell)) == without_times(text):
            cell.outputs[0].text = text


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
