"""If processes cannot be started, a warning or an error says so, and does not blame custom code."""

import gc
import multiprocessing
import multiprocessing.process
import os
import re
import subprocess
import sys
import warnings
import zipapp
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import distributed
import loky
import psutil
import pytest

from minigrid import Grid, GridSearchTrainer, Network, SearchResult, Tanh, WorkerError
from minigrid.datasets import flip_labels, sum_threshold
from tests.pacing import IN_PIECES, paced
from tests.patience import patient
from tests.profile import in_turn
from tests.shortage import no_threads
from tests.workers import Deadly

X, CLEAN = sum_threshold(100, 2, 1.0)
Y = flip_labels(CLEAN)
ENGINES = ["batched", "exact"]


def fit(engine: Any, activation: Any = Tanh(), **arguments: Any) -> SearchResult:  # noqa: B008  # a value
    network = Network.dense([2, 2, 1], activation=activation)
    trainer = GridSearchTrainer(Grid.linspace(-3, 3, 6), engine=engine, **arguments)
    return paced(trainer, IN_PIECES).fit(network, X, Y)


def facts(result: SearchResult) -> tuple[Any, ...]:
    return result.index, result.score.hex(), result.optimal, result.n_scored + result.n_pruned, result.stop_reason


def fit_and_listen(engine: str) -> tuple[tuple[Any, ...], list[str]]:
    """Search with two processes, and return the result and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = facts(fit(engine, workers=2))
    return found, [f"{one.category.__name__}: {one.message}" for one in caught]


def refuse(error: Exception, *, after: int = 0) -> Any:
    """Let at most this many processes start."""
    started: list[int] = []
    start = multiprocessing.process.BaseProcess.start

    def limited(self: Any) -> None:
        started.append(1)
        if len(started) > after:
            raise error
        start(self)

    return patch.object(multiprocessing.process.BaseProcess, "start", limited)


ALONE = "This process searches alone, and finds the same. Leave workers out to search so without this warning."


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_of_loky_searches_alone_and_says_so(engine: str) -> None:
    """A process that it started would look for a start method that it does not know, and end."""
    with loky.ProcessPoolExecutor(1) as pool:
        found, (warning,) = pool.submit(fit_and_listen, engine).result()
    assert found == facts(fit(engine))
    assert "got a process that was started by 'loky', such as one of joblib, which cannot start others" in warning


@pytest.mark.parametrize(("engine", "method"), in_turn(ENGINES, ["spawn", "fork"]))
def test_a_daemonic_process_searches_alone_and_says_so(engine: str, method: Any) -> None:
    with warnings.catch_warnings():  # newer Pythons warn of a fork beside threads
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(method).Pool(1) as pool:
            found, (warning,) = pool.apply(fit_and_listen, (engine,))
    assert found == facts(fit(engine))
    assert warning == (
        "RuntimeWarning: workers: expected processes that can be started, got a daemonic process, such as one of a "
        f"multiprocessing.Pool, which may not start others. {ALONE}"
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "error", [BlockingIOError(11, "Resource temporarily unavailable"), OSError(24, "Too many open files")]
)
def test_a_full_process_table_is_a_warning(engine: str, error: OSError) -> None:
    with refuse(error):
        found, (warning,) = fit_and_listen(engine)
    assert found == facts(fit(engine))
    assert warning.startswith("RuntimeWarning: workers: expected processes that can be started, got ")
    assert str(error) in warning
    assert ALONE in warning


@pytest.mark.parametrize("engine", ENGINES)
def test_one_process_works_where_another_cannot_be_started(engine: str) -> None:
    with refuse(BlockingIOError(11, "Resource temporarily unavailable"), after=1):
        found, caught = fit_and_listen(engine)
    assert found == facts(fit(engine))
    assert not caught


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lost_process_that_cannot_be_replaced_is_no_loss_of_work(engine: str, tmp_path: Path) -> None:
    expected = facts(fit(engine, Deadly(os.getpid())))
    with (
        refuse(BlockingIOError(11, "Resource temporarily unavailable"), after=1),
        pytest.warns(RuntimeWarning, match="expected processes that can be started, got BlockingIOError"),
    ):
        result = fit(engine, Deadly(os.getpid(), tmp_path / "killed"), workers=2)
    assert facts(result) == expected
    assert (tmp_path / "killed").exists()


@pytest.mark.parametrize(("engine", "after"), [("batched", 0), ("batched", 1), ("exact", 0)])
def test_workers_need_no_thread_that_cannot_be_had(engine: str, after: int) -> None:
    with no_threads(after) as refused:
        found, caught = fit_and_listen(engine)
    assert found == facts(fit(engine))
    assert len(caught) == 1
    assert "can't start new thread" in caught[0]
    assert refused[0].startswith("minigrid-process")


@pytest.mark.parametrize(("engine", "after"), [("batched", 0), ("batched", 1), ("exact", 0)])
def test_an_executor_that_gets_no_thread_is_a_warning(engine: str, after: int) -> None:
    expected = facts(fit(engine))
    words = "executor: expected one that can start its workers, got RuntimeError: can't start new thread. This"
    with ThreadPoolExecutor(3) as pool, no_threads(after), pytest.warns(RuntimeWarning, match=words):
        assert facts(fit(engine, executor=pool)) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_an_executor_that_can_start_no_process_is_a_warning(engine: str) -> None:
    class Full:
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            raise BlockingIOError(11, "Resource temporarily unavailable")

    with pytest.warns(RuntimeWarning, match="executor: expected one that can start .* got BlockingIOError"):
        assert facts(fit(engine, executor=Full())) == facts(fit(engine))


# Programs that other processes cannot import ---------------------------------------------------------------

_SEARCH = """
from minigrid import *
from minigrid.datasets import xor
from tests.pacing import AT_ONCE, paced
{function}

def search(network, **arguments):
    trainer = GridSearchTrainer(Grid.linspace(-9, 9, 6), engine="batched", **arguments)
    return paced(trainer, AT_ONCE).fit(network, *xor(50))

if __name__ == "__main__":
    network = Network.dense([2, 2, 1], activation=square)
    print(search(network).index == search(network, workers=2).index)
"""
_FUNCTION = """
@activation
def square(z):
    return z * z
"""


def run(*command: str, folder: Path, answers: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONWARNINGS": "always"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        input=answers,
        capture_output=True,
        text=True,
        env=environment,
        timeout=patient(60.0),
        check=False,
    )


def packed(kind: str, folder: Path) -> tuple[str, ...]:
    """Pack a program whose __main__.py is in `folder / "program"` in one of several ways, and return how it is run."""
    (folder / "program" / "__init__.py").touch()
    if kind == "package":
        return ("-m", "program")
    if kind == "folder":
        return ("program",)
    zipapp.create_archive(folder / "program", folder / "program.pyz")
    return ("program.pyz",)


@pytest.mark.parametrize("kind", ["package", "folder", "zipapp"])
def test_what_only_the_program_itself_can_load_is_refused_before_the_search(kind: str, tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__main__.py").write_text(_SEARCH.format(function=_FUNCTION), encoding="utf-8")
    ended = run(*packed(kind, tmp_path), folder=tmp_path)
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("minigrid.exceptions.InvalidTypeError: workers: expected activations and scorings that")
    assert "__main__.py, which only the program itself imports. Define it in a module and import it from there" in last
    assert ended.stderr.count("Traceback") == 1


def test_a_function_that_only_the_program_itself_defines_is_named_before_the_search(tmp_path: Path) -> None:
    above, guard, below = _SEARCH.format(function="").partition('if __name__ == "__main__":\n')
    indented = _FUNCTION.replace("\n", "\n    ")
    (tmp_path / "below.py").write_text(f"{above}{guard}{indented}\n{below}", encoding="utf-8")
    (tmp_path / "above.py").write_text(f"{above}{_FUNCTION}{guard}{below}", encoding="utf-8")
    ended = run("below.py", folder=tmp_path)
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("minigrid.exceptions.InvalidTypeError: workers: expected activations and scorings that")
    assert "got square, which " in last
    assert 'below.py defines under if __name__ == "__main__":. Define it above that line, or leave' in last
    assert ended.stderr.count("Traceback") == 1
    assert run("above.py", folder=tmp_path).stdout == "True\n"  # as the error says


@pytest.mark.parametrize("kind", ["package", "folder", "zipapp"])
def test_a_module_of_a_packed_program_can_be_loaded_as_the_error_says(kind: str, tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    where = "program.square" if kind == "package" else "square"
    text = _SEARCH.format(function=f"from {where} import square")
    (tmp_path / "program" / "__main__.py").write_text(text, encoding="utf-8")
    (tmp_path / "program" / "square.py").write_text("from minigrid import activation\n" + _FUNCTION, encoding="utf-8")
    ended = run(*packed(kind, tmp_path), folder=tmp_path)
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_a_program_under_a_debugger_searches_alone_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(_SEARCH.format(function=_FUNCTION), encoding="utf-8")
    ended = run("-m", "pdb", "script.py", folder=tmp_path, answers="c\nq\n")
    assert "True\n" in ended.stdout
    assert "got a program under a debugger such as pdb, which other processes cannot import. " + ALONE in ended.stderr
    assert "Error" not in ended.stdout + ended.stderr


def test_a_script_that_fails_as_it_is_loaded_is_a_warning(tmp_path: Path) -> None:
    text = "if __name__ != '__main__':\n    raise OSError('the disk is gone')\n" + _SEARCH.format(function=_FUNCTION)
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    ended = run("script.py", folder=tmp_path)
    assert ended.stdout == "True\n"
    assert "OSError: the disk is gone" in ended.stderr
    words = "got one that ended with exit code 1 before it was ready; the error in your script is printed above"
    assert words in ended.stderr
    assert ALONE in ended.stderr
    assert "activation" not in ended.stderr.replace("@activation", "").replace("activation=square", "")


def test_a_search_goes_on_while_its_processes_load_a_slow_script(tmp_path: Path) -> None:
    text = "import time\nif __name__ != '__main__':\n    time.sleep(600)\n" + _SEARCH.format(function=_FUNCTION)
    text = text.replace("paced(trainer, AT_ONCE)", "paced(trainer, alone=0.0)")
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    ended = run("script.py", folder=tmp_path)
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_nothing_is_left_of_processes_that_could_not_be_started() -> None:
    def n_files() -> int:
        gc.collect()  # of other tests
        return int(psutil.Process().num_fds())

    with refuse(OSError(24, "Too many open files")):
        fit_and_listen("batched")
        before = n_files()
        gc.disable()
        try:
            for _ in range(20):
                fit_and_listen("batched")
            after = psutil.Process().num_fds()
        finally:
            gc.enable()
    assert after < before + 20
    names = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert not [name for name in names if "spawn_main" in name]


def refusing_initializer() -> None:
    raise ValueError("mine")


def closed(pool: Any) -> Any:
    """The same executor, after it was shut down."""
    pool.submit(abs, 1).result()
    pool.shutdown()
    return pool


def broken(pool: Any) -> Any:
    """The same executor, after it has noticed that its workers cannot start."""
    with pytest.raises(BrokenExecutor):
        pool.submit(abs, 1).result()
    return pool


def forked(**arguments: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("fork"), **arguments)


def closed_client() -> Any:
    client = distributed.Client(processes=False, n_workers=1, dashboard_address=None)
    client.close()
    return client


CLOSED: dict[str, Callable[[], Any]] = {
    "threads": lambda: closed(ThreadPoolExecutor(1)),
    "processes": lambda: closed(forked()),
    "loky": lambda: closed(loky.ProcessPoolExecutor(1)),
    "dask": closed_client,
}
BROKEN: dict[str, Callable[[], Any]] = {
    "processes": lambda: forked(initializer=refusing_initializer),
    "processes that are known to be broken": lambda: broken(forked(initializer=refusing_initializer)),
    "loky": lambda: loky.ProcessPoolExecutor(1, initializer=refusing_initializer),
    "loky that is known to be broken": lambda: broken(loky.ProcessPoolExecutor(1, initializer=refusing_initializer)),
}
OPEN, NEW = "Pass one that is open and stays open until the search ends.", "Pass a new one, and let its initializer"
quiet = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@quiet
@pytest.mark.parametrize("make", CLOSED.values(), ids=CLOSED)
def test_an_executor_that_was_shut_down_is_an_error_even_of_a_search_that_needs_none(make: Callable[[], Any]) -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), executor=make())
    with pytest.raises(WorkerError, match=rf"^executor: expected one that is open, got .* {re.escape(OPEN)}$"):
        trainer.fit(Network.dense([2, 1]), X, Y)


def test_threads_that_cannot_start_are_an_error_even_of_a_search_that_needs_none() -> None:
    pool = broken(ThreadPoolExecutor(1, initializer=refusing_initializer))
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), executor=pool)
    with pytest.raises(WorkerError, match=rf"^executor: expected one that takes work, got .* {re.escape(NEW)}"):
        trainer.fit(Network.dense([2, 1]), X, Y)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_whose_threads_break_continues_alone_and_warns(engine: str) -> None:
    expected = facts(fit(engine))
    with (
        ThreadPoolExecutor(1, initializer=refusing_initializer) as pool,
        pytest.warns(RuntimeWarning, match=r"until the search ends, got BrokenThreadPool.* searches alone"),
    ):
        assert facts(fit(engine, executor=pool)) == expected


@quiet
@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_whose_executor_is_broken_continues_in_its_own_processes_and_warns(
    make: Callable[[], Any], engine: str
) -> None:
    expected = facts(fit(engine))
    with (
        make() as pool,
        pytest.warns(RuntimeWarning, match=rf"^executor: .* of its own, and finds the same\. {NEW}") as caught,
    ):
        found = facts(fit(engine, executor=pool))
    assert found == expected
    assert len([one for one in caught if one.category is RuntimeWarning]) == 1


@quiet
def test_a_short_search_warns_of_an_executor_that_is_known_to_be_broken() -> None:
    trainer = GridSearchTrainer(Grid([-1.0, 1.0]), executor=broken(forked(initializer=refusing_initializer)))
    with pytest.warns(RuntimeWarning, match=rf"^executor: .* {NEW}"):
        trainer.fit(Network.dense([2, 1]), X, Y)


def test_an_executor_of_your_own_is_not_taken_for_a_closed_one() -> None:
    class Own:
        """Has methods of the names under which others note that they are closed or broken."""

        status = "up"

        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_result(function(*arguments))
            return future

        def _shutdown(self) -> None:
            raise AssertionError

        _broken = _shutdown_thread = _shutdown

    assert facts(fit("batched", executor=Own())) == facts(fit("batched"))
