"""The progress bar and the log are shown in terminals and notebooks, silent elsewhere, and always closed."""

import errno
import fcntl
import io
import logging
import math
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tqdm import tqdm
from typing_extensions import override

import minigrid.search.running.progress_bar
from minigrid import (
    L1,
    Coordinate,
    Grid,
    GridSearchTrainer,
    MinigridError,
    MissingExtraError,
    Network,
    SearchEvent,
    Zoom,
)
from minigrid.datasets import sum_threshold, xor
from minigrid.search.events import EventKind
from minigrid.search.pace import Pace
from minigrid.search.running.progress_bar import Progress, ProgressBar
from tests.pacing import paced

XOR = xor(n_samples=40)
NETWORK = Network.dense([2, 2, 1])
SMALL = Grid([-1.0, 0.5, 2.0])
LINE = re.compile(
    r"^(.+): ([\d.]+)%\|.*\| best ([\d.]+), bound ([\d.]+), gap ([\d.e-]+)(, [\d.]+ in all)?, .*/s, .* s.*$"
)

_RESET = "\x1b[0m"  # sets colours back, which nobody sees: colorama, which numba loads, ends a process with it
_SCRIPT = """
import sys
from minigrid import *
from minigrid.datasets import xor
from tests.pacing import paced
trainer = GridSearchTrainer(Grid.linspace(-10, 10, 30), engine="batched", time_limit={seconds}, {arguments})
paced(trainer, bar_after={after})
result = trainer.fit(Network.dense([2, 2, 1], bias=True), *xor(200))
print(result.stop_reason, "tqdm" in sys.modules, flush=True)
"""


def a_terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Put a terminal in the place of stderr."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def eager(grid: Grid, **arguments: Any) -> GridSearchTrainer:
    """Make a trainer for which every search is long enough to be shown."""
    return paced(GridSearchTrainer(grid, **arguments), bar_after=0.0, bar_every=0.0)


def lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]


def on_a_terminal(code: str) -> str:
    """Run code with a terminal of 40 rows and 150 columns for its output; return what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", code], stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            some = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        shown += some
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    return shown.decode().removesuffix(_RESET)


# How far it is ----------------------------------------------------------------------------------


def told(
    kind: EventKind, seconds: float, left: float, n_processed: int = 0, *, in_all: float | None = None
) -> SearchEvent:
    return SearchEvent(kind, "joint", 100, n_processed, None, 1.0, None, seconds, 0.0, left, in_all)


def test_the_bar_goes_evenly_while_estimates_are_right() -> None:
    progress = Progress()
    progress.take(told("started", 0.0, math.inf))
    for moment in range(1, 10):
        progress.take(told("progressed", float(moment), 10.0 - moment if moment >= 3 else math.inf))
        assert progress.fraction == pytest.approx(moment / 10 if moment >= 3 else 0.0)
    progress.take(told("finished", 10.0, 0.0, 100))
    assert progress.fraction == 1.0


def test_the_bar_never_goes_back_and_goes_evenly_again_once_estimates_are_right() -> None:
    progress, shares = Progress(), [0.0]
    progress.take(told("started", 0.0, math.inf))
    for moment in range(1, 100):
        left = 100.0 - moment
        progress.take(
            told("progressed", float(moment), left * 10.0 if moment < 20 else left / 3 if moment < 30 else left)
        )
        shares.append(progress.fraction)
    steps = np.diff(shares)
    assert (steps > 0.0).all()
    assert steps[30:] == pytest.approx(steps[30])
    assert steps[:19].max() < 0.002
    assert shares[-1] < 1.0


def test_a_stage_begins_at_nothing_or_where_it_was_left_before() -> None:
    progress = Progress()
    progress.take(told("started", 6.0, math.inf))  # resumed: six seconds were searched before
    progress.take(told("progressed", 7.0, 7.0))
    assert progress.fraction == 0.5
    progress.take(told("finished", 14.0, 0.0, 100))
    progress.take(told("started", 14.0, math.inf))
    assert progress.fraction == 0.0
    progress.take(told("progressed", 15.0, 3.0))
    assert progress.fraction == 0.25


def test_the_bar_is_that_of_the_search_once_its_end_is_estimated() -> None:
    progress = Progress()
    for moment in range(1, 40):  # four starts, of which the first tells how long the others take
        in_all = 40.0 - moment if moment >= 10 else None
        progress.take(told("started", float(moment), math.inf, in_all=in_all))
        progress.take(told("finished", float(moment), 0.0, 100, in_all=in_all))
        assert progress.fraction == pytest.approx(1.0 if in_all is None else moment / 40)
    progress.take(told("started", 40.0, math.inf))  # once more, from the best
    assert progress.fraction == 0.0


@pytest.mark.parametrize("max_candidates", [None, 400])
def test_only_a_bar_of_a_completed_search_of_many_starts_is_full(
    max_candidates: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    strategy = Coordinate(block="parameter", restarts=30)
    trainer = GridSearchTrainer(SMALL, strategy=strategy, progress=True, max_candidates=max_candidates)
    result = paced(trainer, bar_every=0.0).fit(NETWORK, *XOR)
    assert result.stop_reason == ("max_candidates" if max_candidates else "completed")
    shown = capsys.readouterr().err.replace("\r", "\n").strip().splitlines()
    assert any(line.endswith("left in all") for line in shown)
    assert ("100.0%" in shown[-1]) is (max_candidates is None)
    assert ("left" in shown[-1]) is (max_candidates is not None)


# The bar ----------------------------------------------------------------------------------------


def test_a_long_search_shows_a_bar_on_a_terminal() -> None:
    shown = lines(on_a_terminal(_SCRIPT.format(seconds=1.0, arguments="", after=0.2)))
    assert shown[-1] == "time_limit True"
    bars = [LINE.match(line) for line in shown[:-1]]
    matched = [bar for bar in bars if bar is not None]
    assert len(matched) >= 2
    assert {bar[1] for bar in matched} == {"joint"}
    for bar in matched:
        share, best, bound, gap = (float(bar[k]) for k in (2, 3, 4, 5))
        assert 0.0 <= share < 100.0
        assert bound - best == pytest.approx(gap, abs=1e-3)


@pytest.mark.parametrize(("after", "arguments"), [(100.0, ""), (0.1, "progress=False")])
def test_a_short_search_or_an_unwanted_bar_shows_nothing_on_a_terminal(after: float, arguments: str) -> None:
    shown = on_a_terminal(_SCRIPT.format(seconds=0.5, arguments=arguments, after=after))
    assert lines(shown) == ["time_limit False"]


@pytest.mark.parametrize(("arguments", "is_shown"), [("", False), ("progress=True", True), ("progress=False", False)])
def test_where_output_is_piped_a_bar_is_shown_only_if_asked_for(arguments: str, is_shown: bool) -> None:
    code = _SCRIPT.format(seconds=0.5, arguments=arguments, after=0.1)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"time_limit {is_shown}\n"
    assert any(LINE.match(line) for line in lines(done.stderr)) == is_shown
    assert bool(done.stderr) == is_shown


@pytest.mark.parametrize("strategy", ["joint", "layerwise", "coordinate", Zoom(points=3, levels=2), "random"])
def test_the_bar_names_the_stages_and_ends_with_the_last(strategy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(SMALL, strategy=strategy, callbacks=[events.append], progress=True)
    trainer.fit(NETWORK, *XOR)
    shown = lines(capsys.readouterr().err)
    assert shown[-1].startswith(f"{events[-1].stage}: 100.0%|")
    assert events[-1].best is not None
    assert f"best {events[-1].best.score:.6g}" in shown[-1]
    assert not tqdm._instances


def test_stages_follow_each_other_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    eager(SMALL, strategy="layerwise").fit(NETWORK, *XOR)
    shown = terminal.getvalue()
    assert shown.count("\n") == 1  # the one that closes the bar
    stages = [line.partition(":")[0] for line in lines(shown)]
    assert list(dict.fromkeys(stages)) == ["search", "layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]


@pytest.mark.parametrize("error", [KeyError("mine"), KeyboardInterrupt(), SystemExit()], ids=repr)
@pytest.mark.parametrize("progress", [True, None])
def test_the_bar_is_closed_whatever_happens(
    error: BaseException, progress: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = a_terminal(monkeypatch)

    def fail(event: SearchEvent) -> None:
        if event.kind == "finished":
            raise error

    with pytest.raises(type(error)):
        eager(SMALL, callbacks=[fail], progress=progress).fit(NETWORK, *XOR)
    assert terminal.getvalue().endswith("\n")
    assert not tqdm._instances


def test_the_bar_is_closed_if_the_data_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    a_terminal(monkeypatch)
    with pytest.raises(MinigridError):
        GridSearchTrainer(SMALL, progress=True).fit(NETWORK, [[1.0]], [0])
    assert not tqdm._instances


def test_the_bar_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    a_terminal(monkeypatch)
    before = threading.enumerate()
    during: list[threading.Thread] = []

    def watch(event: SearchEvent) -> None:
        during.extend(threading.enumerate())

    GridSearchTrainer(SMALL, engine="reference", callbacks=[watch], progress=True).fit(NETWORK, *XOR)
    assert set(during) <= set(before)


def test_without_tqdm_a_forced_bar_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    trainer = GridSearchTrainer(SMALL, progress=True)
    with pytest.raises(ImportError, match=r"pip install tqdm,") as caught:
        trainer.fit(NETWORK, *XOR)
    assert isinstance(caught.value, MissingExtraError)


def without_tqdm(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    terminal = a_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    return terminal


def test_without_tqdm_a_terminal_gets_whole_lines_that_name_the_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = without_tqdm(monkeypatch)
    found = paced(eager(SMALL, strategy="layerwise"), bar_after=0.0, log_every=0.0).fit(NETWORK, *XOR)
    shown = terminal.getvalue()
    assert shown.endswith("\n")
    assert "\r" not in shown
    assert len(set(shown.splitlines())) == len(shown.splitlines())
    stages = [line.partition(":")[0] for line in shown.splitlines()]
    assert list(dict.fromkeys(stages)) == ["layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]
    last = shown.splitlines()[-1]
    assert last.startswith(f"layer1.neuron0: 100.0%, best {found.score:.6g}, ")
    assert "gap" not in last


def test_without_tqdm_there_is_a_line_every_few_seconds_and_one_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = without_tqdm(monkeypatch)
    with ProgressBar(None, Pace()) as bar:
        for tenth in range(1, 301):
            bar(told("progressed", tenth / 10.0, 100.0, n_processed=tenth // 10))
    seconds = [re.search(r"/s, ([\d.]+) s elapsed, estimated", line) for line in terminal.getvalue().splitlines()]
    assert [float(found[1]) for found in seconds if found] == [1.0, 6.0, 11.0, 16.0, 21.0, 26.0, 30.0]


def test_without_tqdm_a_short_search_and_one_that_nobody_sees_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = without_tqdm(monkeypatch)
    with ProgressBar(None, Pace()) as bar:
        bar(told("finished", 0.9, 0.0, 100))
    assert eager(SMALL, progress=False).fit(NETWORK, *XOR).optimal
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    monkeypatch.setitem(sys.modules, "IPython", io)  # as a script that only imports it
    assert eager(SMALL).fit(NETWORK, *XOR).optimal
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_without_tqdm_a_terminal_that_is_gone_does_not_end_a_search(
    after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_tqdm(monkeypatch)
    terminal = Gone(after, ERRORS[0])
    monkeypatch.setattr(sys, "stderr", terminal)
    trainer = paced(eager(SMALL, strategy="layerwise"), bar_after=0.0, log_every=0.0)
    assert trainer.fit(NETWORK, *XOR).n_scored > 0
    assert terminal.left < 0


@pytest.mark.parametrize("progress", [True, None])
@pytest.mark.parametrize("stream", [None, object()])
def test_no_stderr_is_no_obstacle(stream: Any, progress: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    assert eager(SMALL, progress=progress).fit(NETWORK, *XOR).optimal


ERRORS = [
    *(OSError(number, os.strerror(number)) for number in (errno.EPIPE, errno.EIO, errno.ENOSPC)),
    RuntimeError("wrapped C/C++ object has been deleted"),  # of a window that was closed
]


class Gone(io.StringIO):
    """A simulated terminal that accepts n writes and then fails."""

    def __init__(self, after: int, error: Exception) -> None:
        super().__init__()
        self.left, self._error = after, error

    @override
    def isatty(self) -> bool:
        return True

    @override
    def write(self, text: str, /) -> int:
        self.left -= 1
        if self.left < 0:
            raise type(self._error)(*self._error.args)  # a new one, as its traceback keeps the bar
        return super().write(text)


@pytest.mark.parametrize("progress", [True, None])
@pytest.mark.parametrize("after", [0, 1, 2, 5])
@pytest.mark.parametrize("error", ERRORS, ids=repr)
def test_a_terminal_that_is_gone_does_not_end_a_search(
    error: Exception, after: int, progress: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Gone(after, error)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert eager(SMALL, strategy="layerwise", progress=progress).fit(NETWORK, *XOR).n_scored > 0
    assert terminal.left < 0
    assert not tqdm._instances


@pytest.mark.parametrize("progress", [True, None])
def test_a_closed_stderr_does_not_end_a_search(progress: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    assert eager(SMALL, progress=progress).fit(NETWORK, *XOR).optimal
    assert not tqdm._instances


def test_a_notebook_is_asked_although_its_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool | None] = []
    monkeypatch.setitem(sys.modules, "IPython", type(sys)("IPython"))
    monkeypatch.setattr(minigrid.search.running.progress_bar, "_tqdm_bar", asked.append)
    eager(SMALL).fit(NETWORK, *XOR)
    assert asked == [None]  # once: it found nobody to show it to


def test_the_bar_changes_nothing_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    a_terminal(monkeypatch)
    X, y = sum_threshold(200, 2, 1.0, seed=1)
    for engine in ("reference", "batched", "exact"):
        bare, shown = (
            eager(Grid.linspace(-2, 2, 3), engine=engine, progress=progress).fit(NETWORK, X, y)
            for progress in (False, True)
        )
        assert (bare.index, bare.score, bare.n_scored, bare.bound) == (
            shown.index,
            shown.score,
            shown.n_scored,
            shown.bound,
        )


def test_progress_is_shown_in_the_repr_if_it_is_given() -> None:
    assert "progress" not in repr(GridSearchTrainer(SMALL))
    assert "progress=False" in repr(GridSearchTrainer(SMALL, progress=False))


@pytest.mark.parametrize("error", [*ERRORS, ReferenceError("weakly-referenced object no longer exists")], ids=repr)
def test_a_display_that_cannot_say_what_it_is_does_not_end_a_search(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise error

    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", fail)
    monkeypatch.setattr(sys, "stderr", stream)
    assert eager(SMALL).fit(NETWORK, *XOR).optimal


# The log ----------------------------------------------------------------------------------------


def test_a_log_that_cannot_be_written_does_not_end_a_search() -> None:
    class Fails(logging.Handler):
        @override
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record)
            raise RuntimeError("wrapped C/C++ object has been deleted")

    written: list[logging.LogRecord] = []
    logger, handler = logging.getLogger("minigrid"), Fails()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert eager(SMALL).fit(NETWORK, *XOR).optimal
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert {record.funcName for record in written} == {"begin", "__call__", "end"}


def test_the_log_has_a_line_at_the_start_for_each_improvement_and_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="minigrid"):
        trainer = paced(GridSearchTrainer(SMALL, engine="reference"), log_every=math.inf)
        result = trainer.fit(NETWORK, *XOR)
    assert {(record.name, record.levelno) for record in caplog.records} == {("minigrid", logging.INFO)}
    first, *middle, last = caplog.messages
    assert first == "search: Joint(), 729 candidates of network 2-2-1 on 40 samples"
    assert last.startswith(f"completed: best {result.score:.6g}, proven best, 729 scored, 0 pruned, ")
    assert middle
    assert all(line.startswith("improved: joint: ") for line in middle)
    assert f"best {result.score:.6g}, bound 1, gap " in middle[-1]


def test_the_last_line_of_the_log_compares_the_objective_with_the_bound(caplog: pytest.LogCaptureFixture) -> None:
    trainer = GridSearchTrainer(SMALL, engine="reference", penalty=L1(0.01), max_candidates=400)
    with caplog.at_level(logging.INFO, logger="minigrid"):
        result = trainer.fit(NETWORK, *XOR)
    assert result.objective != result.score
    expected = f"max_candidates: best {result.objective:.6g}, bound {result.bound:.6g}, gap {result.gap:.3g}, "
    assert caplog.messages[-1].startswith(expected)


def test_the_log_of_a_search_that_goes_on_tells_the_best_so_far_from_what_is_better(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    path = tmp_path / "search.json"
    first = GridSearchTrainer(SMALL, engine="reference", max_candidates=500)
    best = first.fit(NETWORK, *XOR, checkpoint=path).score
    with caplog.at_level(logging.INFO, logger="minigrid"):
        GridSearchTrainer(SMALL, engine="reference").fit(NETWORK, *XOR, checkpoint=path)
    assert caplog.messages[1].startswith(f"resuming from {path} (")
    assert caplog.messages[2].startswith("so far: joint: ")
    assert f"best {best:.6g}" in caplog.messages[2]
    assert not [line for line in caplog.messages[3:] if line.startswith("so far")]


def test_the_log_has_a_line_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    def nap(event: SearchEvent) -> None:
        time.sleep(0.03)

    with caplog.at_level(logging.INFO, logger="minigrid"):
        trainer = GridSearchTrainer(
            Grid.linspace(-5, 5, 20), engine="batched", time_limit=0.7, callbacks=[nap], scoring="log_loss"
        )
        paced(trainer, log_every=0.1).fit(NETWORK, *XOR)
    regular = [line for line in caplog.messages if line.startswith("joint: ")]
    assert 1 <= len(regular) <= 8
    assert caplog.messages[-1].startswith("time_limit: best ")
    assert ", bound 0, gap " in caplog.messages[-1]


def test_the_log_of_several_stages_tells_them_at_the_level_debug(caplog: pytest.LogCaptureFixture) -> None:
    trainer = GridSearchTrainer(SMALL, strategy="layerwise")
    with caplog.at_level(logging.DEBUG, logger="minigrid"):
        trainer.fit(NETWORK, *XOR)
    stages = [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]
    assert [line.split(":")[0] for line in stages].count("started") == 3
    assert any(line.startswith("started: layer0.neuron1: 0.0% processed, nothing scored yet") for line in stages)
    improved = [line for line in caplog.messages if line.startswith("improved: ")]
    assert all("layer1.neuron0" in line for line in improved)  # hidden neurons have scores of another kind


def test_nobody_hears_the_log_unless_they_ask(capfd: pytest.CaptureFixture[str]) -> None:
    code = "from minigrid import *; GridSearchTrainer(Grid([0, 1])).fit(Network.dense([1, 1]), [[0], [1]], [0, 1])"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    loud = f"import logging; logging.basicConfig(level=logging.INFO)\n{code}"
    assert capfd.readouterr() == ("", "")
    subprocess.run([sys.executable, "-W", "error", "-c", loud], check=True)
    assert capfd.readouterr().err.startswith(
        "INFO:minigrid:search: Joint(), 2 candidates of network 1-1 on 2 samples\n"
    )


def test_where_nobody_listens_no_event_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**fields: object) -> SearchEvent:
        raise AssertionError("made for nobody")

    monkeypatch.setattr("minigrid.search.running.reports.SearchEvent", refuse)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert GridSearchTrainer(SMALL).fit(NETWORK, *XOR).optimal


def test_the_extra_is_declared() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'progress = ["tqdm>=4.66"]' in text
