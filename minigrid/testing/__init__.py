"""Checks for your own activations, scorings, penalties and engines, to be called from your own tests.

Each raises an error that says what is wrong, or returns nothing. No test framework is needed.
"""

from minigrid.testing.activations import check_activation
from minigrid.testing.engines import check_engine
from minigrid.testing.penalties import check_penalty
from minigrid.testing.scorings import check_scoring

__all__ = ["check_activation", "check_engine", "check_penalty", "check_scoring"]
