"""What users write is checked by mypy and pyright, strictly: the typing tests, and every block of README and docs.

Pyright, which takes a minute in all, is slow; mypy checks the same in a quick run, and everything at once.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

TYPING = ROOT / "tests" / "typing"
COURSE = [page for page in PAGES if page.parent.name == "course"]  # beginners write no types
REJECT = (TYPING / "reject.py").read_text(encoding="utf-8")
# For the pages that show packages whose types have holes; what is minigrid's own is checked there all the same.
UNTYPED = (
    "# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, "
    "reportUnknownArgumentType=false, reportUnknownLambdaType=false"
)
UNTYPED_IMPORTS = (
    "import loky",
    "import matplotlib.pyplot as plt",
    "import onnxruntime",
    "import pandas as pd",
    "import torch",
    "from sklearn.datasets import load_breast_cancer",
    "from sklearn.datasets import load_iris",
)
LENIENT = (  # for the course; a name in a variable is a str, which mypy would not take for an argument
    "# mypy: allow-untyped-defs, allow-untyped-calls, allow-any-generics, no-warn-return-any, "
    "disable-error-code=arg-type"
)
BLIND = "z.astype(np.float32)"  # mypy takes arrays of any precision for one another


def mypy(*arguments: str | Path) -> str:
    """Run mypy with the project's own settings; return what it reports, nothing if all is well."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == bool(done.stdout)
    return done.stdout


@pytest.fixture(scope="module")
def of_mypy(pages: Path, course: Path, fixed: Path) -> Callable[[Path], list[str]]:
    """Run mypy once for all that users write; return what tells its report on a folder, nothing if all is well."""
    folders = (TYPING, pages, course, fixed)
    lines = mypy(*(path for folder in folders for path in sorted(folder.glob("*.py")))).splitlines()
    names = [
        Path(line.partition(":")[0]).parent.name for line in lines
    ]  # what mypy remembers has the paths from before
    assert set(names) <= {folder.name for folder in folders}
    return lambda folder: [line for name, line in zip(names, lines, strict=True) if name == folder.name]


def pyright(folder: Path) -> str:
    """Run pyright with the settings found in a folder; return the errors it reports."""
    command = [sys.executable, "-m", "pyright", "--project", str(folder), "--pythonpath", sys.executable]
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert "0 errors" in done.stdout or "error:" in done.stdout, done.stdout + done.stderr
    return "\n".join(line for line in done.stdout.splitlines() if "error:" in line)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python blocks of each page as a script."""
    return scripts_of([page for page in PAGES if page not in COURSE], tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of the course."""
    return scripts_of(COURSE, tmp_path_factory.mktemp("course"))


def scripts_of(of_pages: Sequence[Path], folder: Path) -> Path:
    """Write the Python blocks of pages as scripts, every line where it is in the page; return the folder."""
    for page in of_pages:
        inside, lines = False, []
        for line in page.read_text(encoding="utf-8").splitlines():
            starts = line.startswith("```python")
            lines.append(line if inside and not line.startswith("```") else "")
            inside = starts or (inside and not line.startswith("```"))
        if any(line in UNTYPED_IMPORTS or line.startswith("from minigrid.plotting ") for line in lines):
            lines[0] = UNTYPED
        if page in COURSE:
            lines[0] = LENIENT
        (folder / f"{page.stem.lower()}_page.py").write_text("\n".join(lines), encoding="utf-8")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    return folder


def test_mypy_accepts_and_refuses_what_it_should(of_mypy: Callable[[Path], list[str]]) -> None:
    assert of_mypy(TYPING) == []


@pytest.mark.slow
def test_pyright_accepts_and_refuses_what_it_should() -> None:
    assert pyright(ROOT) == ""


def test_mypy_accepts_every_page(pages: Path, of_mypy: Callable[[Path], list[str]]) -> None:
    assert len(list(pages.glob("*.py"))) > 12
    assert of_mypy(pages) == []


def test_mypy_accepts_the_course_without_types(course: Path, of_mypy: Callable[[Path], list[str]]) -> None:
    assert len(list(course.glob("*.py"))) == 9
    assert of_mypy(course) == []


@pytest.mark.slow
def test_pyright_accepts_every_page(pages: Path) -> None:
    assert pyright(pages) == ""


def test_each_wrong_line_carries_the_error_of_both() -> None:
    wrong = [line for line in REJECT.splitlines() if "ignore[" in line]
    assert len(wrong) > 60
    for line in wrong:
        assert BLIND in line or re.search(r"# type: ignore\[[a-z, -]+\]  # pyright: ignore\[\w+\]$", line), line


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a script in which two of the wrong lines are right."""
    folder = tmp_path_factory.mktemp("fixed")
    text = REJECT.replace('strategy="layer_wise"', 'strategy="layerwise"')
    text = text.replace("Network([Neuron([1.0])])", "Network([Layer([Neuron([1.0])])])")
    assert text != REJECT
    (folder / "fixed.py").write_text(text, encoding="utf-8")
    config = '{"enableTypeIgnoreComments": false, "reportUnnecessaryTypeIgnoreComment": "error"}'
    (folder / "pyrightconfig.json").write_text(config, encoding="utf-8")
    return folder


def test_a_line_that_stops_being_wrong_fails(fixed: Path, of_mypy: Callable[[Path], list[str]]) -> None:
    assert sum('Unused "type: ignore" comment' in line for line in of_mypy(fixed)) == 2


@pytest.mark.slow
def test_a_line_that_stops_being_wrong_fails_with_pyright(fixed: Path) -> None:
    assert pyright(fixed).count('Unnecessary "# pyright: ignore" rule') == 2
