"""Searching: the space, engines that score it, workers that share it, and the run that puts them together."""
