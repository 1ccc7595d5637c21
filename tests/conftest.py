"""Settings for all tests."""

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

from minigrid._base.registry import Registry
from minigrid.activations.names import ACTIVATIONS
from minigrid.names import ENGINES, SCORINGS, STRATEGIES
from tests import profile as profile  # registers the profiles

os.environ["MPLBACKEND"] = "agg"  # read when matplotlib is first loaded: pictures without a screen
os.environ.setdefault("SCIPY_ARRAY_API", "1")  # before SciPy is loaded: one of scikit-learn's checks asks for it

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as where a shell runs the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # as with nohup, and so in every program that a test starts
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.load_profile("quick")  # unless the command line names another, which is loaded later

EXAMPLES_RUN = "blocks of documents that were run or compared"


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors, because many tests wait for processes that they start."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many blocks of README and docs were run, so that none is left out silently."""
    reports = [report for report in terminalreporter.stats.get("passed", ()) if hasattr(report, "user_properties")]
    counts = [count for report in reports for name, count in report.user_properties if name == EXAMPLES_RUN]
    if counts:
        terminalreporter.write_line(f"{sum(counts)} {EXAMPLES_RUN}, on {len(counts)} pages")


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Close the figures of each test."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time limits count the work of this process alone: a busy machine then finds as much within them."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)


@pytest.fixture(autouse=True)
def put_back_handlers() -> Iterator[None]:
    """Put back the handlers of signals that a test, or a page, has set: a forked process may have to end at once."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        if handler is not None:  # it was set from C
            signal.signal(number, handler)


@pytest.fixture(autouse=True)
def forget_names() -> Iterator[None]:
    """Remove the names that a test has registered."""
    registries: list[Registry[object]] = [ACTIVATIONS, ENGINES, SCORINGS, STRATEGIES]  # type: ignore[list-item]  # invariant, and only emptied
    with pytest.MonkeyPatch.context() as patch:
        for registry in registries:
            patch.setattr(registry, "_own", {})
        yield
