"""What tests of running searches share."""

import pytest

from minigrid.search.engines.exact import tree_search


@pytest.fixture
def small_tree_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a search over trees look into a few nodes a step, so that there are many places to stop.

    And let it not be compiled: how many candidates it scores would depend on when the kernels are there.
    """
    monkeypatch.setenv("MINIGRID_FAST", "0")
    monkeypatch.setattr(tree_search, "_MOST_WORK", 1.0)
