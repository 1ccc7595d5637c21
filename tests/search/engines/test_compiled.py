"""The compiled kernels where their machine code cannot be kept on the disk, or cannot be made at all."""

import errno
import importlib
import logging
import subprocess
import sys
from concurrent.futures import Future
from types import ModuleType
from typing import Any, NoReturn

import numba
import pytest
from numba.core import caching

from minigrid.search.engines.exact import fast
from minigrid.search.engines.exact.compiled import njit

_WHOLE = numba.int64


def refuse(*arguments: Any, **options: Any) -> NoReturn:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_loop_is_compiled_without_a_cache_where_no_folder_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching._CacheLocator, "ensure_cache_path", refuse)
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(lambda number: number + 1)

    helper = njit(nogil=True)(lambda number: number + 1)
    plus_two = njit(_WHOLE(_WHOLE), nogil=True)(lambda number: helper(helper(number)))
    assert plus_two(40) == 42
    assert plus_two.nopython_signatures == [_WHOLE(_WHOLE)]


def test_a_loop_is_compiled_where_its_machine_code_cannot_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.FunctionCache, "save_overload", refuse)

    assert njit(_WHOLE(_WHOLE), nogil=True)(lambda number: number + 3)(39) == 42


@pytest.mark.slow
def test_all_kernels_are_compiled_without_a_cache() -> None:
    code = (
        "from numba.core import caching\n"
        "def refuse(self): raise OSError(30, 'Read-only file system')\n"
        "caching._CacheLocator.ensure_cache_path = refuse\n"
        "from minigrid.search.engines.exact.fast import load_kernels\n"
        "kernels = load_kernels()\n"
        "print(len(kernels.explore.nopython_signatures) > 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=1800)
    assert done.stdout == "True\n"


def test_kernels_that_cannot_be_compiled_are_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> NoReturn:
        raise ImportError("numba needs another NumPy")

    monkeypatch.setattr(importlib, "import_module", broken)
    loading: Future[ModuleType | None] = Future()
    with caplog.at_level(logging.WARNING, logger="minigrid"):
        fast._compile(loading)
    assert loading.result() is None
    assert caplog.messages == ["searching without compiled kernels: numba needs another NumPy"]
