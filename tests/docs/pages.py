"""The pages of README and docs, their Python blocks, and what these print."""

import contextlib
import io
import os
import re
import sys
from pathlib import Path
from types import ModuleType

from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

ROOT = Path(__file__).parents[2]
OF_TORCH = ROOT / "docs" / "pytorch.md"  # see test_pytorch.py
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md")))
    if page != OF_TORCH and "```python" in page.read_text(encoding="utf-8")
]
PICTURE = re.compile(r"!\[[^\]]+\]\((?:\.\./)*pictures/([\w.]+)\)")
MEASURED = re.compile(
    r"(?<=^seconds  )( *)[\d.]+$|(?<=^expected  )( *)\S.*$|(?<=^to score  )( *)(?:at most )?[\d,]+$"
    r"|[\d,]+(?= scored)|[\d,]+(?= pruned)"
    r"| *\b[\d.]+ (?:seconds|minutes|hours|days|years)\b|\d+(?= microseconds)",
    re.MULTILINE,
)


def without_times(text: str) -> str:
    """Mask numbers that depend on the machine and the moment: measured times, and how many candidates a proof has to
    score. A plan estimates the latter if the proof takes longer than a second, as on a busy machine.
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
    assert without_times(printed) == without_times(example.parsed), printed


PARSERS = [CodeBlockParser("python", run_python), CodeBlockParser("text", compare_text)]


def shown_pictures(page: Path) -> list[str]:
    """The names of the pictures that a page shows."""
    return PICTURE.findall(page.read_text(encoding="utf-8"))


def run_blocks(page: Path, folder: Path) -> int:
    """Run a page's blocks in order, in a folder where they may leave files; return how many there are."""
    document: Document = Sybil(parsers=PARSERS, path=str(ROOT)).parse(page)
    module = ModuleType(f"{page.stem}_page")  # like a script's main module, so that pickle finds what the page defines
    document.namespace = vars(module)
    sys.modules[module.__name__] = module
    examples = list(document.examples())
    before = Path.cwd()
    os.chdir(folder)
    try:
        for example in examples:
            example.evaluate()
    finally:
        os.chdir(before)
        del sys.modules[module.__name__]
    return len(examples)
