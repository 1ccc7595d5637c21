"""Running a search: its stages, journal, checkpoint and plan, its log and its progress bar."""
