"""How long a test waits, so that no test fails because the machine is busy."""

BUSY = 10.0
"""How many times slower than an idle machine a busy one may be."""


def patient(seconds: float) -> float:
    """Return how long a busy machine may take for what an idle one does in this many seconds."""
    return BUSY * seconds
