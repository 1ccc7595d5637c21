"""The batched engine: many candidates scored at once, with the plain loop's rounding."""
