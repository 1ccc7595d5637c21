"""Fixtures of the tests of engines."""

import pytest

from minigrid.search.engines.exact import tree_search


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", "1")


@pytest.fixture
def not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIGRID_FAST", "0")


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explore a few nodes per step."""
    monkeypatch.setattr(tree_search, "_MOST_WORK", 1.0)
