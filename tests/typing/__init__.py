"""Scripts that are only checked by mypy and pyright, never run: see `tests/project/test_typing.py`."""
