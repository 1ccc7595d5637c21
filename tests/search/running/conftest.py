"""Fixtures of the tests of running searches."""

import pytest

from minigrid.search.engines.exact import tree_search


@pytest.fixture
def small_tree_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a search over trees explore few nodes per step, so that it can stop in many places. Keep compiled kernels
    out, because the number of scored candidates would depend on when they are loaded.
    """
    monkeypatch.setenv("MINIGRID_FAST", "0")
    monkeypatch.setattr(tree_search, "_MOST_WORK", 1.0)
