"""Pages with pictures do what they say, and the pictures that their blocks make look as the stored ones do."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import EXAMPLES_RUN
from tests.docs.pages import ROOT, run_blocks, shown_pictures
from tests.make_pictures import FOLDER, PAGES

SHOWN = [name for page in PAGES for name in shown_pictures(page)]
LONG = [page for page in PAGES if page.parent.name == "course" and not page.name.startswith("01")]


def marked(item: object, page: Path) -> object:
    """A case that a quick run leaves out where its page is a long one: of the course, that has the first page only."""
    return pytest.param(item, marks=pytest.mark.slow) if page in LONG else item


TIMED = {"history.png", "strategies.png"}  # they show measured times, below a legend that shows none
# How far a picture may be from the stored one: the share of pixels of another colour, wherever they are; and, where
# the same matplotlib draws both, the root mean square of the difference of pixels, of 255. Another one writes strings a
# little wider or narrower, which shifts everything. Of a picture of times only the legend is compared so.
RECOLOURED, TIMED_RECOLOURED = 0.015, 0.06
ALIKE, TIMED_ALIKE = 3.0, 24.0  # a legend that is half a pixel further makes up to 21; without one it is 38 and more
LEGEND = 0.08  # the share of a picture's height
SHIFT = 24  # pixels: the times below the legend are as wide as they are long, and move it


class Run(NamedTuple):
    """A page that was run: where it left its pictures, and how many blocks it has."""

    folder: Path
    n_blocks: int


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Run]:
    """Run a page the first time that it is asked for."""

    @cache
    def run_of(page: Path) -> Run:
        folder = tmp_path_factory.mktemp(page.stem)
        with matplotlib.rc_context():
            before = dict(matplotlib.rcParams)
            n_blocks = run_blocks(page, folder)
            assert dict(matplotlib.rcParams) == before
        return Run(folder, n_blocks)

    return run_of


@pytest.fixture
def made(name: str, run_of: Callable[[Path], Run]) -> Path:
    """The picture of a name, as its page makes it."""
    (page,) = [page for page in PAGES if name in shown_pictures(page)]
    return run_of(page).folder / name


def difference(one: Path, other: Path) -> float:
    """The root mean square difference of two PNG pictures of one size, or of their legends if they show times."""
    pictures = [imread(path)[:, :, :3].astype(np.float64) * 255.0 for path in (one, other)]
    if other.name in TIMED:
        pictures = [picture[: int(LEGEND * len(picture))] for picture in pictures]
    shifts = range(-SHIFT, SHIFT + 1) if other.name in TIMED else [0]
    return min(float(np.sqrt(np.mean((pictures[0] - np.roll(pictures[1], shift, axis=1)) ** 2))) for shift in shifts)


def colours(path: Path) -> NDArray[np.float64]:
    """The share of pixels of each of 64 colours."""
    picture = (imread(path)[:, :, :3] * 3.999).astype(np.int64)
    counts = np.bincount((picture @ np.array([16, 4, 1])).ravel(), minlength=64)
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def recoloured(one: Path, other: Path) -> float:
    """The share of pixels whose colour the other picture has less of."""
    return float(np.abs(colours(one) - colours(other)).sum() / 2.0)


def test_pages_show_all_that_is_stored_and_nothing_else() -> None:
    assert len(SHOWN) == len(set(SHOWN)) >= 8
    assert sorted(SHOWN) == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_is_small(name: str) -> None:
    assert (FOLDER / name).stat().st_size < 100_000


@pytest.mark.parametrize("page", [marked(page, page) for page in PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(
    page: Path, run_of: Callable[[Path], Run], record_property: Callable[[str, object], None]
) -> None:
    n_blocks = run_of(page).n_blocks
    assert n_blocks
    record_property(EXAMPLES_RUN, n_blocks)


@pytest.mark.parametrize("name", [marked(name, page) for page in PAGES for name in shown_pictures(page)])
def test_a_picture_is_made_by_its_page_and_looks_like_the_stored_one(name: str, made: Path) -> None:
    stored = FOLDER / name
    assert made.is_file()
    if name.endswith(".svg"):
        assert made.read_text(encoding="utf-8") == stored.read_text(encoding="utf-8")
        return
    with Image.open(stored) as old_picture, Image.open(made) as new_picture:
        assert old_picture.size == new_picture.size
        is_same_software = old_picture.info["Software"] == new_picture.info["Software"]
    assert recoloured(stored, made) < (TIMED_RECOLOURED if name in TIMED else RECOLOURED)
    if is_same_software:
        assert difference(stored, made) < (TIMED_ALIKE if name in TIMED else ALIKE)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHOWN if name.endswith(".png")])
def test_another_picture_would_be_noticed(name: str, made: Path, tmp_path: Path) -> None:
    picture = (imread(made)[:, :, :3] * 255).astype(np.uint8)
    other = picture.copy()
    rows, columns = other.shape[0] // 10, other.shape[1] // 3
    other[:rows, columns:-columns] = 255 - other[:rows, columns:-columns]  # as with another legend or title
    Image.fromarray(other).save(tmp_path / name)
    Image.fromarray(picture).save(tmp_path / f"same_{name}")
    assert difference(tmp_path / f"same_{name}", made) == 0.0
    assert difference(tmp_path / name, made) > ALIKE
    for another in {*SHOWN} - TIMED - {name}:
        if another.endswith(".png") and imread(FOLDER / another).shape == imread(made).shape:
            far = difference(FOLDER / another, made) > ALIKE
            assert far or recoloured(FOLDER / another, made) > RECOLOURED
