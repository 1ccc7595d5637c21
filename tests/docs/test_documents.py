"""Every Python block of README and docs runs, in order, and what it prints is what the page says it prints."""

import contextlib
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

from tests.conftest import EXAMPLES_RUN

ROOT = Path(__file__).parents[2]
OF_TORCH = ROOT / "docs" / "pytorch.md"  # see test_pytorch.py
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md")))
    if page != OF_TORCH and "```python" in page.read_text(encoding="utf-8")
]
MEASURED = re.compile(
    r"(?<=^seconds  )( *)[\d.]+$|(?<=^expected  )( *)\S.*$|(?<=^to score  )( *)(?:at most )?[\d,]+$"
    r"|[\d,]+(?= scored)|[\d,]+(?= pruned)"
    r"| *\b[\d.]+ (?:seconds|minutes|hours|days|years)\b|\d+(?= millionths of a second)",
    re.MULTILINE,
)


def without_times(text: str) -> str:
    """Blot out what differs with the machine and the moment: measured times, and what a proof has to score.

    A plan says the latter only roughly where the proof is not over in a second, as on a busy machine.
    """
    return MEASURED.sub(r"\1...", text.rstrip())


def run_python(example: Example) -> None:
    """Run a block in the page's namespace and keep what it prints."""
    code = compile("\n" * example.line + example.parsed, str(example.path), "exec")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, example.namespace)
    example.namespace["printed by the block before"] = printed.getvalue()


def compare_text(example: Example) -> None:
    """Compare a block of text with what the Python block before it has printed; measured times may differ."""
    printed = example.namespace.pop("printed by the block before")
    assert without_times(printed) == without_times(example.parsed)


PARSERS = [CodeBlockParser("python", run_python), CodeBlockParser("text", compare_text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    monkeypatch.chdir(tmp_path)  # where files may be written
    document: Document = Sybil(parsers=PARSERS, path=str(ROOT)).parse(page)
    module = ModuleType(f"{page.stem}_page")  # as a script's own: what it defines is found there, by pickle too
    document.namespace = vars(module)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    examples = list(document.examples())
    assert examples
    for example in examples:
        example.evaluate()
    record_property(EXAMPLES_RUN, len(examples))


def test_readme_has_exactly_two_commands() -> None:
    commands = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(commands) == 2
    assert "examples/two_into_one.py" in commands[0]
    assert "pytest" in commands[1]


def test_the_examples_of_a_strategy_and_an_engine_are_short() -> None:
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for base in ("(Strategy):", "(Engine):"):
        (example,) = [block for block in blocks if base in block]
        assert len(example.splitlines()) < 40
