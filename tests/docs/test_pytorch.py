"""The page on PyTorch does what it says; apart from the other pages, as torch takes a gigabyte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs import test_documents
from tests.docs.test_documents import OF_TORCH
from tests.project.test_typing import mypy, pyright, scripts_of

pytestmark = pytest.mark.torch


def test_the_page_on_pytorch_does_what_it_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    test_documents.test_a_page_does_what_it_says(OF_TORCH, monkeypatch, tmp_path, record_property)


def test_type_checkers_accept_the_page_on_pytorch(tmp_path: Path) -> None:
    folder = scripts_of([OF_TORCH], tmp_path)
    assert mypy(folder / "pytorch_page.py") == ""
    assert pyright(folder) == ""
