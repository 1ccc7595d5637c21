"""Who does the work of a search: threads of this process, worker processes, or somebody's executor."""
