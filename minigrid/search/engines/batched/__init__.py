"""The batched engine: it scores many candidates at once and rounds exactly as the plain loop does."""
