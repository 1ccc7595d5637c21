"""Make the pictures that pages of the docs show, by running their blocks: `python -m tests.make_pictures`."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import PAGES as WITH_BLOCKS
from tests.docs.pages import ROOT, run_blocks, shown_pictures

FOLDER = ROOT / "docs" / "pictures"
PAGES = [page for page in WITH_BLOCKS if shown_pictures(page)]
"""All pages that show pictures which their own blocks make. The first page borrows one."""


def main() -> None:
    """Put all pictures where the pages look for them, or those of the pages that are named."""
    import matplotlib

    matplotlib.use("agg")
    FOLDER.mkdir(exist_ok=True)
    for page in [Path(name).resolve() for name in sys.argv[1:]] or PAGES:
        with tempfile.TemporaryDirectory() as made:
            run_blocks(page, Path(made))
            for name in shown_pictures(page):
                shutil.copyfile(Path(made) / name, FOLDER / name)
                print(f"{name}: {(FOLDER / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
