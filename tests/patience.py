"""How long a test waits: no test fails for what else a machine does meanwhile."""

BUSY = 10.0
"""How many times slower than an idle machine a busy one may be."""


def patient(seconds: float) -> float:
    """Return how long a busy machine may take for what an idle one does in so many seconds."""
    return BUSY * seconds
