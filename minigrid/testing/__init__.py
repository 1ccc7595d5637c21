"""Checks for your own activations, scorings, penalties and engines. Call them in your tests.

If something is wrong, they raise an error that says what. They need no test framework.
"""

from minigrid.testing.activations import check_activation
from minigrid.testing.engines import check_engine
from minigrid.testing.penalties import check_penalty
from minigrid.testing.scorings import check_scoring

__all__ = ["check_activation", "check_engine", "check_penalty", "check_scoring"]
