"""How much a quick run tests: few generated examples, and few of the cases that take long.

`--hypothesis-profile=thorough` asks for all the examples, `-m slow` for the other cases.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

FEW, MANY = 20, 100  # where a test does not say otherwise

# No test may fail because a machine is slow or busy.
for name, max_examples in (("quick", FEW), ("thorough", MANY)):
    settings.register_profile(name, max_examples=max_examples, deadline=None, suppress_health_check=list(HealthCheck))


def examples(count: int, quick: int = FEW) -> settings:
    """Return the settings of a test that gets this many examples in a thorough run, and few in a quick one."""
    return settings(max_examples=count if settings().max_examples == MANY else min(count, quick))


def in_turn(kinds: Sequence[Any], *others: Sequence[Any], quick: Sequence[Any] | None = None) -> list[Any]:
    """Return all combinations; a quick run has each quick kind (default: all) once, with the others in turn."""
    once = [
        (kind, *(other[k // 2**j % len(other)] for j, other in enumerate(others)))
        for k, kind in enumerate(kinds)
        if quick is None or kind in quick
    ]
    return [
        case if case in once else pytest.param(*case, marks=pytest.mark.slow)
        for case in itertools.product(kinds, *others)
    ]
