"""What every test can rely on."""

from collections.abc import Iterator

import pytest

from minigrid._registry import Registry
from minigrid.activation_names import ACTIVATIONS
from minigrid.names import ENGINES, SCORINGS, STRATEGIES


@pytest.fixture(autouse=True)
def forget_names() -> Iterator[None]:
    """No test sees the names that another has registered."""
    registries: list[Registry[object]] = [ACTIVATIONS, ENGINES, SCORINGS, STRATEGIES]  # type: ignore[list-item]  # invariant, and only emptied
    with pytest.MonkeyPatch.context() as patch:
        for registry in registries:
            patch.setattr(registry, "_own", {})
        yield
