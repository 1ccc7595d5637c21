"""Backends: threads of this process, worker processes, or an executor that you pass."""
