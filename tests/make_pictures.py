"""Make the pictures that pages of the docs show, by running their blocks: `python -m tests.make_pictures`."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from sybil import Document, Sybil

from tests.docs.test_documents import PARSERS, ROOT

FOLDER = ROOT / "docs" / "pictures"
SHOWN = re.compile(r"!\[[^\]]+\]\((?:\.\./)*pictures/([\w.]+)\)")


def shown_pictures(page: Path) -> list[str]:
    """The names of the pictures that a page shows."""
    return SHOWN.findall(page.read_text(encoding="utf-8"))


PAGES = [page for page in sorted((ROOT / "docs").glob("**/*.md")) if shown_pictures(page)]
"""All pages that show pictures."""


def run_blocks(folder: Path, page: Path) -> None:
    """Run a page's blocks in a folder, where they leave their pictures."""
    document: Document = Sybil(parsers=PARSERS, path=str(ROOT)).parse(page)
    module = ModuleType("pictures_page")
    document.namespace = vars(module)
    sys.modules[module.__name__] = module
    before = Path.cwd()
    os.chdir(folder)
    try:
        for example in document.examples():
            example.evaluate()
    finally:
        os.chdir(before)
        del sys.modules[module.__name__]


def main() -> None:
    """Put all pictures where the pages look for them, or those of the pages that are named."""
    import matplotlib

    matplotlib.use("agg")
    FOLDER.mkdir(exist_ok=True)
    for page in [Path(name).resolve() for name in sys.argv[1:]] or PAGES:
        with tempfile.TemporaryDirectory() as made:
            run_blocks(Path(made), page)
            for name in shown_pictures(page):
                shutil.copyfile(Path(made) / name, FOLDER / name)
                print(f"{name}: {(FOLDER / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
