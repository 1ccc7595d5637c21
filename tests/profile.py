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


def examples(count: int) -> settings:
    """Return the settings of a test that gets this many examples in a thorough run, and few in a quick one."""
    return settings(max_examples=count if settings().max_examples == MANY else min(count, FEW))


def in_turn(kinds: Sequence[Any], *others: Sequence[Any]) -> list[Any]:
    """Return all combinations; a quick run has each kind once, with the others in turn, and the rest is slow."""
    quick = [(kind, *(other[k // 2**j % len(other)] for j, other in enumerate(others))) for k, kind in enumerate(kinds)]
    return [
        case if case in quick else pytest.param(*case, marks=pytest.mark.slow)
        for case in itertools.product(kinds, *others)
    ]
