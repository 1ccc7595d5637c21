"""Workers that are killed, fail, or cannot be given a task; signals; and that no process is left behind."""

import json
import logging
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import psutil
import pytest

import minigrid
from minigrid import (
    Activation,
    ActivationError,
    FunctionActivation,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Network,
    SearchEvent,
    SearchResult,
    WorkerError,
)
from minigrid._base.signals import Interrupt
from minigrid.datasets import flip_labels, sum_threshold
from minigrid.search.parallel import payload
from minigrid.search.parallel.processes import Processes
from tests.ids import stable
from tests.pacing import AT_ONCE, paced
from tests.patience import patient
from tests.profile import in_turn
from tests.workers import ABROAD, Deadly, Failing, executor, wave

X, CLEAN = sum_threshold(100, 2, 1.0)
Y = flip_labels(CLEAN)
ENGINES = ["batched", "exact"]
SIGNALS = [signal.SIGINT, signal.SIGTERM]
BREAKS = {"fork", "spawn", "loky"}  # these lose all of their workers with one


def warning_of(kind: str) -> AbstractContextManager[Any]:
    """Expect the warning that an executor of this kind is broken for good, if a kill breaks it."""
    says = "^executor: expected one that takes work, .* of its own, and finds the same"
    return pytest.warns(RuntimeWarning, match=says) if kind in BREAKS else nullcontext()


def at_once(grid: Grid, **arguments: Any) -> GridSearchTrainer:
    """Make a trainer that hands out searches of a moment, too."""
    return paced(GridSearchTrainer(grid, **arguments), AT_ONCE)


def fit(activation: Activation, engine: Any = "batched", **arguments: Any) -> SearchResult:
    network = Network.dense([2, 2, 1], activation=activation)
    return at_once(Grid.linspace(-3, 3, 6), engine=engine, **arguments).fit(network, X, Y)


# Workers that are lost --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "engine"), in_turn(ABROAD, ENGINES))
def test_a_killed_worker_changes_nothing_and_is_told(
    kind: str, engine: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected = fit(Deadly(os.getpid()), engine)
    mark = tmp_path / "killed"
    with executor(kind) as arguments, caplog.at_level(logging.INFO, logger="minigrid"), warning_of(kind):
        result = fit(Deadly(os.getpid(), mark), engine, **arguments)
    assert mark.exists()
    if kind != "dask":  # which has the work done again by itself
        assert any(line.startswith("a worker was lost (") for line in caplog.messages)
    assert (result.index, result.score, result.top, result.optimal) == (
        expected.index,
        expected.score,
        tuple(type(c)(c.index, c.parameters, c.score) for c in expected.top),
        True,
    )


@pytest.mark.parametrize(
    "kind",
    [
        "processes",
        "fork",
        pytest.param("spawn", marks=pytest.mark.slow),
        "loky",
        pytest.param("dask", marks=pytest.mark.slow),
    ],
)
def test_a_piece_of_work_that_kills_every_worker_is_an_error_that_names_it(kind: str) -> None:
    began = time.perf_counter()
    with (
        executor(kind) as arguments,
        warning_of(kind),
        pytest.raises(WorkerError, match=r"candidates [\d,]+ to [\d,]+ of joint: .* in a row"),
    ):
        fit(Deadly(os.getpid()), **arguments)
    assert time.perf_counter() - began < patient(30.0)


@pytest.mark.parametrize("engine", ["batched", pytest.param("exact", marks=pytest.mark.slow)])
def test_what_was_found_is_in_the_file_when_workers_are_lost(engine: Any, tmp_path: Path) -> None:
    activation, path, events = Deadly(os.getpid()), tmp_path / "search.json", list[SearchEvent]()
    network = Network.dense([2, 2, 1, 1], activation=activation)
    grid, alone = (Grid.linspace(-3, 3, 6), 0.02) if engine == "batched" else (Grid.linspace(-3, 3, 7), 0.1)
    while not events or not events[0].n_processed:  # a busy machine needs longer to find something alone
        path.unlink(missing_ok=True)
        events.clear()
        trainer = paced(at_once(grid, engine=engine, workers=2), AT_ONCE, alone=alone)
        with pytest.raises(WorkerError):
            trainer.fit(network, X, Y, checkpoint=path)
        result = at_once(grid, engine=engine, callbacks=[events.append]).fit(network, X, Y, checkpoint=path)
        alone *= 2.0
    whole = at_once(grid).fit(network, X, Y)
    assert (result.index, result.score, result.optimal) == (whole.index, whole.score, True)


def test_boxes_that_kill_every_worker_are_named() -> None:
    with pytest.raises(WorkerError, match="a part of joint: expected an answer, got none: 3 workers in a row ended"):
        fit(Deadly(os.getpid()), "exact", workers=2)


def test_cancelled_futures_are_handed_out_again() -> None:
    class Cancelling:
        """Cancels each task, and then breaks its connection, before it does it."""

        def __init__(self) -> None:
            self.pool = ThreadPoolExecutor(2)
            self.seen: list[object] = []

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            tries = sum(task is arguments[1] for task in self.seen)
            self.seen.append(arguments[1])
            future: Future[Any] = Future()
            if tries == 0:
                future.cancel()
                future.set_running_or_notify_cancel()
            elif tries == 1:
                future.set_exception(ConnectionResetError("gone"))
            else:
                return self.pool.submit(function, *arguments)
            return future

    expected = fit(wave)
    cancelling = Cancelling()
    result = fit(wave, executor=cancelling)
    assert (result.index, result.score, result.n_scored) == (expected.index, expected.score, expected.n_scored)
    cancelling.pool.shutdown()


def test_an_executor_that_takes_no_task_at_all_is_an_error() -> None:
    class Closed:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            raise RuntimeError("cannot schedule new futures after shutdown")

    with pytest.raises(WorkerError, match="expected the executor to take it, got RuntimeError: cannot schedule new"):
        fit(wave, executor=Closed())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("n_taken", [1, 4])
def test_a_search_goes_on_alone_if_its_executor_is_shut_down(engine: Any, n_taken: int) -> None:
    class Closing:
        """Takes some tasks, and then none."""

        def __init__(self) -> None:
            self.pool, self.n_taken = ThreadPoolExecutor(2), 0

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            self.n_taken += 1
            if self.n_taken > n_taken:
                self.pool.shutdown(wait=False, cancel_futures=True)
            return self.pool.submit(function, *arguments)

    expected = fit(wave, engine)
    says = "until the search ends, got RuntimeError: cannot schedule new .* searches alone.* Keep it open until fit"
    with pytest.warns(RuntimeWarning, match=says):
        result = fit(wave, engine, executor=Closing())
    assert (result.index, result.score, result.optimal) == (expected.index, expected.score, True)


def test_a_worker_with_another_version_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Older:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            request, future = pickle.dumps((function, arguments)), Future[Any]()
            payload._payloads.clear()
            payload._contexts.clear()
            with monkeypatch.context() as patch:
                patch.setattr(minigrid, "__version__", "0.0.1")
                task, given = pickle.loads(request)
                future.set_result(task(*given))
            return future

    expected = (
        rf"the versions of the process that searches, minigrid {re.escape(minigrid.__version__)}, .*got.* 0\.0\.1,"
    )
    with pytest.raises(WorkerError, match=expected):
        fit(wave, executor=Older())


# Errors in custom code --------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "error"), in_turn(["processes", "loky", "dask"], ["ValueError", "ConnectionError"]))
def test_what_a_users_code_raises_comes_out_as_itself(kind: str, error: str) -> None:
    with executor(kind) as arguments, pytest.raises(ActivationError, match=f"{error}: mine|mine") as caught:
        fit(Failing(os.getpid(), error), **arguments)
    assert any("In a worker" in note for note in caught.value.__notes__)


def test_an_error_that_cannot_be_pickled_is_told() -> None:
    with pytest.raises((WorkerError, ActivationError), match="two arguments"):
        fit(Failing(os.getpid(), "cannot be pickled"), workers=2)


@pytest.mark.parametrize("kind", ["processes", "spawn", "random order"])
def test_what_cannot_be_pickled_is_refused_before_the_search(kind: str) -> None:
    calls: list[int] = []
    network = Network.dense([2, 1], activation=FunctionActivation(lambda z: z))
    with executor(kind) as arguments:
        trainer = at_once(Grid([0.0, 1.0]), callbacks=[lambda event: calls.append(1)], **arguments)
        with pytest.raises(InvalidTypeError) as caught:
            trainer.fit(network, X, Y)
    assert not calls
    for part in ("activation FunctionActivation(<lambda>)", "in a module", "this process", "loky", "Dask"):
        assert part in str(caught.value)


@pytest.mark.parametrize("kind", ["loky", "dask"])
def test_loky_and_dask_take_functions_along(kind: str) -> None:
    expected = fit(FunctionActivation(lambda z: z * z))
    with executor(kind) as arguments:
        result = fit(FunctionActivation(lambda z: z * z), **arguments)
    assert (result.index, result.score) == (expected.index, expected.score)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"workers": 0}, InvalidValueError, "workers: expected"),
        ({"workers": 1.5}, InvalidTypeError, "workers: expected"),
        ({"workers": "all"}, InvalidTypeError, "workers: expected"),
        ({"workers": True}, InvalidTypeError, "workers: expected"),
        ({"executor": 4}, InvalidTypeError, "executor: expected something with a method submit, got 4"),
        ({"executor": ThreadPoolExecutor}, InvalidTypeError, "the class ThreadPoolExecutor itself"),
        ({"workers": 2, "executor": ThreadPoolExecutor(1)}, InvalidValueError, "workers and executor: expected one"),
    ],
    ids=stable,
)
def test_wrong_values_are_refused_at_once(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        at_once(Grid([0.0]), **arguments)


def test_an_asynchronous_dask_client_is_refused() -> None:
    class Client:
        asynchronous = True

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            raise AssertionError("not to be asked")

    Client.__module__ = "distributed.client"
    with pytest.raises(InvalidTypeError, match="executor: expected a Dask client that waits, got an asynchronous one"):
        fit(wave, executor=Client())


@pytest.mark.slow
def test_large_data_travel_to_dask_in_silence() -> None:
    inputs, labels = sum_threshold(500_000, 2, 1.0)
    grid = Grid.linspace(-1.0, 1.0, 12)
    expected = at_once(grid).fit(Network.dense([2, 1]), inputs, labels)
    with executor("dask") as arguments, warnings.catch_warnings():
        warnings.simplefilter("error")
        trainer = at_once(grid, engine="batched", **arguments)
        result = trainer.fit(Network.dense([2, 1]), inputs, labels)
    assert (result.index, result.score) == (expected.index, expected.score)


def test_a_process_forked_during_a_search_has_the_handlers_from_before() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    codes: list[int] = []

    def fork(event: SearchEvent) -> None:
        if not codes:
            with warnings.catch_warnings():  # newer Pythons warn of a fork beside threads
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if not child:
                after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
                os._exit(0 if after == handlers and Interrupt._innermost is None else 1)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    assert at_once(Grid([-1.0, 1.0]), callbacks=[fork]).fit(Network.dense([2, 1]), X, Y).optimal
    assert codes == [0]


def test_an_executor_that_returns_no_futures_is_refused() -> None:
    class Immediate:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
            return function(*arguments)

    with pytest.raises(InvalidTypeError, match=r"executor: expected submit to return a concurrent\.futures\.Future"):
        fit(wave, executor=Immediate())


# Signals, and what is left behind ---------------------------------------------------------------

_SCRIPT = """
import json, os, signal, sys, time
from minigrid import *
from minigrid.datasets import xor
from tests.pacing import paced
from tests.workers import Slow, executor


def ready(event):
    if event.kind == "progressed" and event.seconds > 1.0 and not told:
        told.append(event)
        print("ready", flush=True)


told = []
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: None)  # or the process ends with its search
    with executor({kind!r}) as arguments:
        handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        network = Network.dense([2, 2, 2, 1], activation={activation}, bias=True)
        trainer = GridSearchTrainer(
            Grid.linspace(-10, 10, 30), engine={engine!r}, time_limit=100, callbacks=[ready], **arguments
        )
        result = paced(trainer, alone=0.1).fit(network, *xor(200))
        ended = time.time()
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        true = Accuracy()(xor(200)[1], result.network(xor(200)[0])) == result.score
        facts = [result.stop_reason, true, result.score <= result.bound, result.optimal, result.n_scored > 0, ended]
        print(json.dumps(facts), flush=True)
"""


def started(tmp_path: Path, **settings: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start a search in a process and a session of its own; return once it is under way, with all that it started."""
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT.format(**{"activation": "Tanh()", **settings}), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process, psutil.Process(process.pid).children(recursive=True)


def gone_within(processes: list[psutil.Process], seconds: float) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize(
    ("kind", "engine", "number"),
    [
        *in_turn(["2 threads", "processes"], ENGINES, SIGNALS),
        *(
            pytest.param(kind, engine, number, marks=pytest.mark.slow)
            for kind in ("random order", *ABROAD)
            for engine in ENGINES
            for number in SIGNALS
            if kind != "processes"
        ),
    ],
)
def test_a_signal_ends_a_search_and_leaves_no_process(kind: str, engine: str, number: int, tmp_path: Path) -> None:
    process, others = started(tmp_path, kind=kind, engine=engine)
    sent = time.time()
    process.send_signal(number)
    output, errors = process.communicate(timeout=patient(60.0))
    assert process.returncode == 0, errors
    stop_reason, *truths, ended = json.loads(output)
    assert stop_reason == "interrupted"
    assert truths == [True, True, False, True]
    assert ended - sent < patient(2.5)
    assert gone_within(others, patient(2.0))


@pytest.mark.parametrize("engine", ["batched", pytest.param("exact", marks=pytest.mark.slow)])
def test_ctrl_c_that_goes_to_the_whole_group_is_silent(engine: str, tmp_path: Path) -> None:
    process, others = started(tmp_path, kind="processes", engine=engine)
    assert len(others) >= 2
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=patient(60.0))
    assert (process.returncode, errors) == (0, "")
    assert json.loads(output)[:5] == ["interrupted", True, True, False, True]
    assert gone_within(others, patient(2.0))


def test_a_second_signal_does_not_wait_for_workers(tmp_path: Path) -> None:
    process, others = started(tmp_path, kind="processes", engine="reference", activation="Slow(0.05)")
    began = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=patient(60.0))
    assert time.perf_counter() - began < patient(2.5)
    assert gone_within(others, patient(2.0))


def test_signals_while_processes_are_ended_leave_none_behind() -> None:
    n_raised = 0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal n_raised
        inner, names = frame, list[str]()
        while inner is not None and inner.f_code.co_name != "_end_all":
            names.append(inner.f_code.co_name)
            inner = inner.f_back
        # Python drops what is raised while it removes objects, and pytest reports that as an error.
        if inner is not None and not {"__del__", "_remove", "remove", "unraisable_hook"} & set(names):
            n_raised += 1
            if n_raised % 3 == 0:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handle)
    try:
        for delay in np.geomspace(1e-4, 1e-2, 8).tolist():
            processes = Processes(2)
            for waiting in [processes.submit(time.sleep, 0.0) for _ in range(2)]:
                waiting.result()
            naps = [processes.submit(time.sleep, 100.0) for _ in range(2)]
            pids = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
            assert pids
            n_before = n_raised
            signal.setitimer(signal.ITIMER_REAL, delay, delay)
            try:
                processes.close()
            except KeyboardInterrupt:
                assert n_raised > n_before
            else:
                assert n_raised == n_before
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            assert not any(child.is_running() for child in pids)
            assert not wait(naps, timeout=patient(20.0)).not_done  # a thread tells them, in its turn
            for thread in [one for one in threading.enumerate() if one.name.startswith("minigrid-process")]:
                thread.join(timeout=patient(20.0))
                assert not thread.is_alive()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert n_raised > 0


@pytest.mark.parametrize(
    ("number", "activation"),
    in_turn([signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV, signal.SIGHUP], ["Tanh()", "Slow(0.02)"]),
)
def test_workers_are_gone_within_two_seconds_of_the_parents_death(number: int, activation: str, tmp_path: Path) -> None:
    process, others = started(tmp_path, kind="processes", engine="batched", activation=activation)
    until = time.perf_counter() + patient(30.0)
    while len(others) < 2 and time.perf_counter() < until:  # a slow first chunk may end before they are there
        time.sleep(0.05)
        others = psutil.Process(process.pid).children(recursive=True)
    assert len(others) >= 2
    process.send_signal(number)
    process.wait()
    assert gone_within(others, patient(2.0))
    process.communicate()


def test_workers_that_are_loading_a_slow_script_are_gone_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import time\nif __name__ != '__main__':\n    time.sleep(300)\n"
        "from minigrid import *\nfrom minigrid.datasets import xor\n"
        "if __name__ == '__main__':\n"
        "    trainer = GridSearchTrainer(Grid.linspace(-9, 9, 40), workers=2, engine='batched', time_limit=60)\n"
        "    trainer.fit(Network.dense([2, 2, 1]), *xor(500))\n",
        encoding="utf-8",
    )
    process = psutil.Popen([sys.executable, str(script)])
    others: list[psutil.Process] = []
    until = time.perf_counter() + patient(30.0)
    while len(others) < 2 and time.perf_counter() < until:
        time.sleep(0.05)
        others = [child for child in process.children() if "spawn_main" in " ".join(child.cmdline())]
    time.sleep(0.5)  # they have come to the script
    process.kill()
    process.wait()
    assert len(others) == 2
    assert gone_within(others, patient(2.0))


def test_a_search_leaves_no_process_in_its_own(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))  # of other tests in this process
    assert fit(wave, workers=2).optimal
    with pytest.raises(ActivationError):
        fit(Failing(os.getpid()), workers=2)
    left = [child for child in psutil.Process().children(recursive=True) if child not in before]
    assert not [child for child in left if "spawn_main" in " ".join(child.cmdline())]


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from minigrid import *\nfrom minigrid.datasets import xor\n"
        "trainer = GridSearchTrainer(Grid.linspace(-9, 9, 40), workers=2, engine='batched')\n"
        "trainer.fit(Network.dense([2, 2, 1]), *xor(500))\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=patient(60.0), check=False
    )
    assert run.returncode == 1
    assert 'if __name__ == "__main__":' in run.stderr.splitlines()[-1]
    assert run.stderr.count("Traceback") == 1  # the processes themselves say nothing
    assert run.stderr.splitlines()[-1].startswith("minigrid.exceptions.WorkerError: workers: expected a script")


def test_a_function_of_a_prompt_is_refused_by_processes_and_taken_by_loky() -> None:
    code = """
import loky, sys
from minigrid import *
from minigrid.datasets import xor
from tests.pacing import paced
@activation
def square(z):
    return z * z
def score(y, outputs):
    return float(((outputs[:, 0] > 0.5) == y).mean())
def fit(**arguments):
    trainer = GridSearchTrainer(Grid.linspace(-9, 9, 5), engine="batched", scoring=score, **arguments)
    return paced(trainer, alone=ALONE).fit(Network.dense([2, 2, 1], activation=square), *xor(50))
ALONE = 0.5
try:
    fit(workers=2)
except InvalidTypeError as error:
    print(str(error)[:80])
ALONE = 0.0
with loky.ProcessPoolExecutor(2) as pool:
    print(fit(executor=pool).index == fit().index)
"""
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=patient(60.0), check=False)
    assert run.stderr == ""
    first, second = run.stdout.splitlines()
    assert first.startswith("workers: expected activations and scorings that another process can import")
    assert second == "True"


def test_a_script_that_is_read_from_a_pipe_is_refused() -> None:
    code = (
        "from minigrid import *\nGridSearchTrainer(Grid([0.0]), workers=2).fit(Network.dense([1, 1]), [[0.0]], [1])\n"
    )
    run = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, timeout=patient(60.0), check=False
    )
    assert "InvalidValueError: workers: expected a program that new processes can import, got '<stdin>'" in run.stderr
