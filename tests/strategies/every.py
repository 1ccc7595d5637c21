"""Every built-in strategy, so that the tests of all of them cover a new one, too."""

from minigrid import Strategy
from minigrid.names import STRATEGIES


def every(**settings: list[Strategy]) -> list[Strategy]:
    """Return every built-in strategy: with these settings, by its name, or else with its default ones."""
    assert settings.keys() <= set(STRATEGIES.built_in)
    return [one for name in STRATEGIES.built_in for one in settings.get(name, [STRATEGIES.make(name)])]
