"""How many made-up examples a test gets: a few in a quick run, all of them with `--hypothesis-profile=thorough`."""

from hypothesis import HealthCheck, settings

FEW, MANY = 30, 100  # where a test does not say otherwise

# How fast a machine is, and what else it does meanwhile, is nothing that a test may fail for.
for name, max_examples in (("quick", FEW), ("thorough", MANY)):
    settings.register_profile(name, max_examples=max_examples, deadline=None, suppress_health_check=list(HealthCheck))


def examples(count: int) -> settings:
    """Return the settings of a test that gets so many examples in a thorough run, and few in a quick one."""
    return settings(max_examples=count if settings().max_examples == MANY else min(count, FEW))
