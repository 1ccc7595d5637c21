"""Speed, measured: minigrid beside a plain loop, batched NumPy, scipy and solvers. `python -m tests.benchmarks`."""
