"""Scripts that are only checked by mypy and pyright, never run: see `tests/test_typing.py`."""
