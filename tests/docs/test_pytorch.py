"""The page on PyTorch does what it says. It has its own test because torch takes a gigabyte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES_RUN
from tests.docs.pages import OF_TORCH, run_blocks
from tests.project.test_typing import mypy, pyright, scripts_of

pytestmark = pytest.mark.torch


def test_the_page_on_pytorch_does_what_it_says(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    record_property(EXAMPLES_RUN, run_blocks(OF_TORCH, tmp_path))


def test_type_checkers_accept_the_page_on_pytorch(tmp_path: Path) -> None:
    folder = scripts_of([OF_TORCH], tmp_path)
    assert mypy(folder / "pytorch_page.py") == ""
    assert pyright(folder) == ""
