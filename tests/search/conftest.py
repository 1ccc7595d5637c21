"""Fixtures of the tests of searches."""

import fcntl

import pytest

from minigrid.search.engines.exact.fast import load_kernels


@pytest.fixture(scope="session", autouse=True)
def kernels_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let one process compile the kernels, which takes twenty seconds, and the others read what it has compiled."""
    with (tmp_path_factory.getbasetemp().parent / "kernels.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        load_kernels()
