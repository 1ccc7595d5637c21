"""The compiled kernels: whether numba is installed, allowed, and worth its loading time.

Loading numba and its kernels takes about a second, and compiling them for the first time takes longer. A search
therefore starts without them and asks for them after it has run for a while; meanwhile a separate thread prepares
them. Whether and when they arrive never changes an answer, only the time and the number of candidates that a search
over trees scores. Set the environment variable MINIGRID_FAST=0 to keep numba out, or MINIGRID_FAST=1 to wait for it
before the first search.
"""

import importlib
import importlib.util
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from types import ModuleType
from typing import TypeVar, final

import numpy as np

from minigrid._base.threads import n_threads, on_threads
from minigrid._base.typing import FloatArray, IntArray

_SECONDS_BEFORE = 1.0  # how long a search runs before numba is loaded for it

_Hits = TypeVar("_Hits", FloatArray, IntArray)

_lock = threading.Lock()
_loading: Future[ModuleType | None] | None = None


def in_parts(count_hits: Callable[[slice], _Hits], n_boxes: int) -> _Hits:
    """Count for some boxes on every processor; the parts are combined in order."""
    workers = n_threads()
    if workers == 1 or n_boxes < 2 * workers:
        return count_hits(slice(0, n_boxes))
    edges = [n_boxes * k // workers for k in range(workers + 1)]
    parts = on_threads(lambda k: count_hits(slice(edges[k], edges[k + 1])), workers, workers, "minigrid-fast")
    return np.concatenate(parts)


def wanted() -> bool:
    """Tell whether numba is installed and not kept out."""
    return os.environ.get("MINIGRID_FAST") != "0" and importlib.util.find_spec("numba") is not None


@final
class Kernels:
    """The kernels as one search sees them."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    def get(self) -> ModuleType | None:
        """Return the kernels if they are there; ask for them if this search has run for a while."""
        setting = os.environ.get("MINIGRID_FAST")
        if setting == "0":
            return None
        if setting == "1":
            return load_kernels()
        if _loading is None and time.perf_counter() - self._began > _SECONDS_BEFORE and wanted():
            _load(waits=False)
        return _loading.result() if _loading is not None and _loading.done() else None


def load_kernels() -> ModuleType | None:
    """Load the kernels now and wait for them; None if they are not wanted, or not fit for this machine."""
    if _loading is None and wanted():
        _load(waits=True)
    return None if _loading is None else _loading.result()


def _load(*, waits: bool) -> None:
    """Begin to load the kernels. Without another thread, load them here if the caller waits, or else later."""
    global _loading
    with _lock:
        if _loading is not None:
            return
        _loading = Future()
        try:
            threading.Thread(target=_compile, args=(_loading,), name="minigrid-fast", daemon=True).start()
        except RuntimeError:  # no thread is available
            if waits:
                _compile(_loading)
            else:
                _loading = None


def _compile(loading: "Future[ModuleType | None]") -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module("minigrid.search.engines.exact.kernels")  # compiles them or reads them
    except Exception as error:  # numba does not work on this machine; it would only save time
        logging.getLogger("minigrid").warning("searching without compiled kernels: %s", error)
        loading.set_result(None)
    else:
        loading.set_result(module)
