"""Running a search: its stages, limits, journal and checkpoint, its plan, and what is told while it runs."""
