"""Searching: the space, the engines that score it, the workers that share the work, and the run of a search."""
