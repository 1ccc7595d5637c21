"""The docs become a site without a warning, every link inside it leads somewhere, and every public name is in it."""

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import minigrid
import minigrid.datasets
import minigrid.onnx
import minigrid.plotting
import minigrid.sklearn
import minigrid.testing

pytestmark = pytest.mark.slow  # building the site takes as long as a thousand other tests

DOCS = Path(__file__).parents[2] / "docs"


def build(builder: str, folder: Path) -> None:
    """Build the docs, with warnings as errors. Builders in neighbouring folders read the pages only once."""
    read = str(folder.parent / f"{folder.parent.name}_read")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", read, "-b", builder]
    done = subprocess.run([*command, str(DOCS), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for builder in ("html", "linkcheck"):
        build(builder, folder / builder)
    return folder


@pytest.fixture(scope="module")
def site(built: Path) -> Path:
    return built / "html"


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    found = {
        name.rpartition(".")[2] for kind in inventory.data if kind.startswith("py:") for name in inventory.data[kind]
    }
    for module in (minigrid, minigrid.datasets, minigrid.onnx, minigrid.plotting, minigrid.sklearn, minigrid.testing):
        names = [name for name in module.__all__ if not name.startswith("__")]
        assert [name for name in names if name not in found] == []


def test_the_reference_writes_types_short_and_names_whole(site: Path) -> None:
    sources = {page.stem: page.read_text(encoding="utf-8") for page in site.glob("reference/*.html")}
    pages = {name: re.sub("<[^>]*>", "", source) for name, source in sources.items()}
    assert [name for name, text in pages.items() if "ndarray[" in text or "_NestedSequence" in text] == []
    assert [name for name, text in pages.items() if re.search(r"minigrid\.(\w+\.)*_\w", text)] == []  # private places
    assert "property parameters: FloatArray" in pages["networks"]
    assert "parameters (FloatArray)" in pages["results"]
    assert "function: Callable[[FloatArray], FloatArray]" in pages["activations"]
    assert "classes_ (NDArray)" in pages["elsewhere"]
    assert "result_ (SearchResult)" in pages["elsewhere"]


def test_every_page_of_the_reference_begins_with_a_summary(site: Path) -> None:
    for page in sorted(site.glob("reference/*.html")):
        source = page.read_text(encoding="utf-8")
        table = source[source.index('<table class="summary') : source.index("</table>")]
        row = r'<a class="reference internal" href="#([^"]+)">.*?</td>\s*<td><p>(.*?)</p></td>'
        rows = re.findall(row, table, re.S)
        assert rows, page
        for target, line in rows:
            assert f'id="{target}"' in source
            assert line, target


def test_names_in_docstrings_are_links(site: Path) -> None:
    results = (site / "reference" / "results.html").read_text(encoding="utf-8")
    assert re.search(r'<a class="reference internal" href="[^"]*#minigrid\.SearchResult"[^>]*><code', results)
    searching = (site / "reference" / "searching.html").read_text(encoding="utf-8")
    assert 'href="https://docs.python.org/3/library/itertools.html#itertools.product"' in searching
    assert 'href="https://numpy.org/doc/stable/reference/typing.html#numpy.typing.ArrayLike"' in searching
    elsewhere = (site / "reference" / "elsewhere.html").read_text(encoding="utf-8")
    assert "https://scikit-learn.org/stable/modules/generated/sklearn.exceptions.NotFittedError.html" in elsewhere


@pytest.mark.parametrize("inventory", sorted(DOCS.glob("_inventories/*.txt")), ids=lambda path: path.stem)
def test_names_of_other_packages_exist(inventory: Path) -> None:
    names = [line.split()[0] for line in inventory.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert names == sorted(set(names))
    for name in names:
        assert pkgutil.resolve_name(name if "." in name else f"builtins.{name}") is not None


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = sorted(str(page.relative_to(DOCS).with_suffix(".html")) for page in DOCS.rglob("*.md"))
    assert [page for page in pages if not (site / page).is_file()] == []
    assert len(pages) > 12


def test_links_lead_somewhere(built: Path) -> None:
    lines = (built / "linkcheck" / "output.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "[broken]" in line] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for mark in ('src="http', '<link rel="stylesheet" href="http', "@import url(http", 'src="//'):
            assert mark not in text, page
