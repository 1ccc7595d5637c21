"""Make the pictures that docs/pictures.md shows, by running its blocks: `python -m tests.make_pictures`."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from sybil import Document, Sybil

from tests.test_documents import PARSERS, ROOT

PAGE = ROOT / "docs" / "pictures.md"
FOLDER = ROOT / "docs" / "pictures"


def shown_pictures(page: Path = PAGE) -> list[str]:
    """The names of the pictures that the page shows."""
    return re.findall(r"!\[[^\]]+\]\(pictures/([\w.]+)\)", page.read_text(encoding="utf-8"))


def run_blocks(folder: Path, page: Path = PAGE) -> None:
    """Run the page's blocks in a folder, where they leave their pictures."""
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
    """Put all pictures where the page looks for them."""
    import matplotlib

    matplotlib.use("agg")
    with tempfile.TemporaryDirectory() as made:
        run_blocks(Path(made))
        FOLDER.mkdir(exist_ok=True)
        for name in shown_pictures():
            shutil.copyfile(Path(made) / name, FOLDER / name)
            print(f"{name}: {(FOLDER / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
