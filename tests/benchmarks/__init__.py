"""Speed, measured: every job beside a plain loop, batched NumPy, scipy and CP-SAT. `python -m tests.benchmarks`."""
