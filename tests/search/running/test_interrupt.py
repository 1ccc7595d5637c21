"""Ctrl-C and SIGTERM: the first ends a search with the best so far, the second at once; handlers are put back.

Both are passed on to the handler from before. That of SIGTERM ends the process unless a script has set one of its own.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from minigrid import (
    Accuracy,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    MinigridError,
    Network,
    SearchEvent,
    SearchResult,
    Sigmoid,
    Strategy,
    Tanh,
)
from minigrid._base.signals import Interrupt
from minigrid.datasets import xor
from minigrid.sklearn import GridSearchNetworkClassifier
from tests.fits import STRATEGIES
from tests.pacing import paced
from tests.patience import patient
from tests.profile import in_turn

XOR = xor(n_samples=40)
NETWORK = Network.dense([2, 2, 1], activation=Tanh(), output_activation=Sigmoid())
SMALL = Grid([-1.0, 0.5, 2.0])
LARGE = Grid.linspace(-5, 5, 30)
SIGNALS = [signal.SIGINT, signal.SIGTERM]


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def at(kind: str, act: Callable[[], object]) -> Callable[[SearchEvent], None]:
    """Make a callback that does something at each event of a kind."""

    def callback(event: SearchEvent) -> None:
        if event.kind == kind:
            act()

    return callback


@pytest.fixture(autouse=True)
def handlers() -> Iterator[list[Any]]:
    """Each test has handlers of its own, and leaves them as they were."""
    before = [signal.getsignal(number) for number in SIGNALS]
    signal.signal(signal.SIGTERM, note_passed_on)
    PASSED_ON.clear()
    expected = [signal.getsignal(number) for number in SIGNALS]
    yield expected
    after = [signal.getsignal(number) for number in SIGNALS]
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)
    assert after == expected
    assert Interrupt._innermost is None


PASSED_ON: list[int] = []  # signals that came to the handler from before


def note_passed_on(number: int, frame: FrameType | None) -> None:
    assert Interrupt._innermost is None, "the handler from before was called during a search"
    PASSED_ON.append(number)


# Real processes, real signals -------------------------------------------------------------------

_SCRIPT = """
import json, os, signal, sys, time
import numpy as np
from minigrid import *
from minigrid.datasets import xor

os.sched_getaffinity = lambda pid: set(range({workers}))

@activation{declared}
def slow(z):
    time.sleep({nap})
    return np.tanh(z)

passed_on = []

def before(number, frame):
    passed_on.append(signal.getsignal(number) is before)

signal.signal(signal.SIGTERM, before)
handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
told = []

def ready(event):
    if event.kind == "progressed" and not told:
        told.append(event)
        print("ready", flush=True)

trainer = GridSearchTrainer({grid}, time_limit=100, callbacks=[ready], {arguments})
try:
    result = trainer.fit(Network.dense([2, 2, 1], activation={activation}, bias=True), *xor(200))
except KeyboardInterrupt:
    answer = {{"stop_reason": "KeyboardInterrupt", "passed_on": passed_on}}
else:
    scored = Accuracy()(xor(200)[1], result.network(xor(200)[0]))
    answer = {{name: getattr(result, name) for name in ("stop_reason", "n_scored", "score", "bound", "optimal")}}
    answer |= {{"passed_on": passed_on, "is_true": scored == result.score, "last": result.history[-1].score}}
assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
print(json.dumps(answer))
"""
_WIDE = "Grid.linspace(-10, 10, 1000)"
_CASES: dict[str, dict[str, object]] = {
    "serial": {"arguments": "engine='reference'"},
    "threads": {"arguments": "engine='batched'", "workers": 3},
    "one thread": {"arguments": "engine='batched'"},
    "exact": {"arguments": "engine='exact'", "grid": "Grid.linspace(-10, 10, 25)"},
    "layerwise": {"arguments": "strategy='layerwise', engine='reference'", "grid": "Grid.linspace(-10, 10, 60)"},
    "coordinate": {"arguments": "strategy='coordinate', engine='batched'", "workers": 2},
    "zoom": {"arguments": "strategy=Zoom(points=30)"},
    "random": {"arguments": "strategy=RandomSample(10**6), engine='reference'"},
    "a slow activation": {"activation": "slow", "nap": 0.05},
    "a slow activation, one by one": {"activation": "slow", "nap": 0.05, "arguments": "engine='reference'"},
    "a slow activation, exact": {
        "activation": "slow",
        "nap": 0.005,
        "declared": "(monotonic=True)",
        "arguments": "engine='exact'",
        "grid": "Grid.linspace(-10, 10, 20)",
    },
}

_QUICK = ["serial", "threads", "exact", "layerwise", "coordinate", "a slow activation, one by one"]


def started(**settings: object) -> subprocess.Popen[str]:
    """Start a search in a process of its own; return once it is under way."""
    defaults = {"workers": 1, "declared": "", "nap": 0, "grid": _WIDE, "arguments": "", "activation": "Tanh()"}
    code = _SCRIPT.format(**{**defaults, **settings})
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def answer_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate(timeout=patient(30.0))
    assert process.returncode == 0
    answer: dict[str, Any] = json.loads(output)
    return answer


@pytest.mark.parametrize(("case", "number"), in_turn(list(_CASES), SIGNALS, quick=_QUICK))
def test_a_signal_ends_a_search_with_the_best_so_far(case: str, number: int) -> None:
    process = started(**_CASES[case])
    time.sleep(0.1)
    began = time.perf_counter()
    process.send_signal(number)
    answer = answer_of(process)
    assert time.perf_counter() - began < patient(2.5)
    assert answer["stop_reason"] == "interrupted"
    assert answer["passed_on"] == [True] * (number == signal.SIGTERM)
    assert not answer["optimal"]
    assert answer["is_true"]
    assert answer["score"] <= answer["bound"] <= 1.0
    assert answer["n_scored"] > 0
    assert answer["last"] == answer["score"]


@pytest.mark.parametrize(("first", "second"), in_turn(SIGNALS, SIGNALS))
def test_the_second_signal_does_not_wait_for_the_chunk(first: int, second: int) -> None:
    process = started(activation="slow", nap=0.1, arguments="engine='reference'", grid="Grid([-1.0, 1.0])")
    time.sleep(0.05)  # into the next chunk, which takes at least 0.3 seconds
    process.send_signal(first)
    time.sleep(0.05)
    process.send_signal(second)
    passed_on = [True] * (signal.SIGTERM in (first, second))
    assert answer_of(process) == {"stop_reason": "KeyboardInterrupt", "passed_on": passed_on}


_UNHANDLED = """
import sys
from minigrid import *
from minigrid.datasets import xor
told = []

def ready(event):
    if event.kind == "progressed" and not told:
        told.append(event)
        print("ready", flush=True)

trainer = GridSearchTrainer(Grid.linspace(-10, 10, 1000), engine="reference", time_limit=100, callbacks=[ready])
result = trainer.fit(Network.dense([2, 2, 1]), *xor(200), checkpoint=sys.argv[1])
print("the next search begins", flush=True)
"""


def test_a_sigterm_that_a_script_does_not_handle_ends_it_once_the_result_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", _UNHANDLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=patient(30.0))
    assert (output, process.returncode) == ("", -signal.SIGTERM)
    kept = json.loads(path.read_text(encoding="ascii"))["content"]["journal"]
    assert not kept["finished"]
    assert kept["running"]["n_scored"] > 0
    assert sorted(os.listdir(tmp_path)) == ["search.json"]


# In this process --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
@pytest.mark.parametrize("engine", ["reference", "batched", "exact"])
@pytest.mark.usefixtures("small_tree_steps")
def test_a_signal_before_the_first_score_leaves_a_result(strategy: Strategy, engine: Any, number: int) -> None:
    sent: list[int] = []

    def send_once() -> None:
        if not sent:
            sent.append(number)
            send(number)

    trainer = GridSearchTrainer(SMALL, strategy=strategy, engine=engine, callbacks=[at("started", send_once)])
    result = trainer.fit(NETWORK, *XOR)
    assert result.stop_reason == "interrupted"
    assert not result.optimal
    assert 0 < result.n_scored < 100
    assert [number] * (number == signal.SIGTERM) == PASSED_ON
    assert result.score == Accuracy()(XOR[1], result.network(XOR[0]))


def test_a_signal_while_the_activations_are_tried_is_not_lost() -> None:
    sent: list[int] = []

    def scoring(y_true: Any, outputs: Any) -> float:
        if not sent:
            sent.append(1)
            send(signal.SIGINT)
        return float(outputs[0, 0])

    result = GridSearchTrainer(LARGE, scoring=scoring).fit(NETWORK, *XOR)
    assert (result.stop_reason, result.n_scored) == ("interrupted", 1)


def test_a_signal_with_the_last_candidate_is_told_and_the_proof_is_kept() -> None:
    whole = GridSearchTrainer(SMALL).fit(NETWORK, *XOR)
    result = GridSearchTrainer(SMALL, callbacks=[at("finished", lambda: send(signal.SIGINT))]).fit(NETWORK, *XOR)
    assert result.stop_reason == "interrupted"
    assert (result.index, result.score, result.optimal) == (whole.index, whole.score, True)


@pytest.mark.parametrize("failure", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_an_error_puts_the_handlers_back(failure: BaseException) -> None:
    def fail() -> None:
        raise failure

    with pytest.raises(type(failure)) as caught:
        GridSearchTrainer(SMALL, callbacks=[at("progressed", fail)]).fit(NETWORK, *XOR)
    assert caught.value is failure


def test_data_that_cannot_be_used_put_the_handlers_back() -> None:
    with pytest.raises(InvalidTypeError):
        GridSearchTrainer(SMALL).fit(NETWORK, "text", XOR[1])
    assert Interrupt._innermost is None


def test_two_signals_are_a_keyboard_interrupt() -> None:
    def twice() -> None:
        send(signal.SIGTERM)
        send(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        GridSearchTrainer(SMALL, callbacks=[at("progressed", twice)]).fit(NETWORK, *XOR)
    assert PASSED_ON == [signal.SIGTERM]


def test_a_handler_of_your_own_that_raises_ends_the_search_and_what_is_around_it() -> None:
    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(3)

    def nested() -> None:
        if not inner:
            send(signal.SIGTERM)
        inner.append(GridSearchTrainer(SMALL).fit(NETWORK, *XOR))  # the outer search ends first

    inner: list[SearchResult] = []
    before = signal.signal(signal.SIGTERM, leave)
    try:
        with pytest.raises(SystemExit):
            GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", nested)]).fit(NETWORK, *XOR)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [result.stop_reason for result in inner][:1] == ["interrupted"]


def test_ctrl_c_calls_a_handler_of_your_own_when_the_search_and_all_around_it_has_ended(tmp_path: Path) -> None:
    def own(number: int, frame: FrameType | None) -> None:
        called.append((number, (tmp_path / "search.json").exists(), Interrupt._innermost is None))

    def nested() -> None:
        if not inner:
            send(signal.SIGINT)
        inner.append(GridSearchTrainer(SMALL).fit(NETWORK, *XOR))

    called: list[tuple[int, bool, bool]] = []
    inner: list[SearchResult] = []
    trainer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", nested)])
    before = signal.signal(signal.SIGINT, own)
    try:
        result = trainer.fit(NETWORK, *XOR, checkpoint=tmp_path / "search.json")
        GridSearchTrainer(SMALL).fit(NETWORK, *XOR)
    finally:
        signal.signal(signal.SIGINT, before)
    assert called == [(signal.SIGINT, True, True)]
    assert [result.stop_reason, inner[0].stop_reason] == ["interrupted", "interrupted"]


def test_a_handler_that_raises_a_keyboard_interrupt_discards_no_result_but_a_sigterm_ends_the_program() -> None:
    def raises(number: int, frame: FrameType | None) -> None:
        assert frame is not None
        raise KeyboardInterrupt

    before = [signal.signal(number, raises) for number in SIGNALS]
    try:
        trainer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", lambda: send(signal.SIGINT))])
        assert trainer.fit(NETWORK, *XOR).stop_reason == "interrupted"
        with pytest.raises(KeyboardInterrupt):
            GridSearchTrainer(SMALL, callbacks=[at("started", lambda: send(signal.SIGTERM))]).fit(NETWORK, *XOR)
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


@pytest.mark.parametrize("order", [SIGNALS, SIGNALS[::-1]])
def test_a_handler_that_raises_keeps_no_other_signal_back(order: list[signal.Signals]) -> None:
    def raises(number: int, frame: FrameType | None) -> None:
        raise RuntimeError("mine")

    def both() -> None:
        send(order[0])
        with Interrupt.held_back():
            send(order[1])

    before = signal.signal(signal.SIGINT, raises)
    try:
        with pytest.raises(RuntimeError, match="mine"):
            GridSearchTrainer(SMALL, callbacks=[at("progressed", both)]).fit(NETWORK, *XOR)
    finally:
        signal.signal(signal.SIGINT, before)
    assert PASSED_ON == [signal.SIGTERM]


def test_a_handler_of_asyncio_is_called_once() -> None:
    async def main() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: called.append(1))
        trainer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", lambda: send(signal.SIGINT))])
        results.append(trainer.fit(NETWORK, *XOR))
        await asyncio.sleep(0.1)

    called: list[int] = []
    results: list[SearchResult] = []
    asyncio.run(main())
    assert called == [1]
    assert [result.stop_reason for result in results] == ["interrupted"]


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("number", SIGNALS)
def test_an_estimator_ends_the_program_unless_a_handler_took_the_signal(number: int, is_own: bool) -> None:
    before = signal.signal(signal.SIGINT, (lambda number, frame: None) if is_own else signal.default_int_handler)
    callbacks = [at("started", lambda: send(number))]
    estimator = GridSearchNetworkClassifier((2,), bias=False, grid=SMALL, strategy="joint", callbacks=callbacks)
    is_taken = is_own or number == signal.SIGTERM  # of which the tests have a handler
    try:
        with contextlib.nullcontext() if is_taken else pytest.raises(KeyboardInterrupt):
            estimator.fit(*XOR)
    finally:
        signal.signal(signal.SIGINT, before)
    assert estimator.result_.stop_reason == "interrupted"


def test_ctrl_c_ends_a_program_of_asyncio() -> None:
    async def main() -> None:
        trainer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", lambda: send(signal.SIGINT))])
        results.append(trainer.fit(NETWORK, *XOR))
        await asyncio.sleep(60)

    results: list[SearchResult] = []
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert [result.stop_reason for result in results] == ["interrupted"]


def test_off_the_main_thread_nothing_is_installed() -> None:
    seen: list[object] = []
    results: list[SearchResult] = []

    def look() -> None:
        seen.extend(signal.getsignal(number) for number in SIGNALS)

    trainer = GridSearchTrainer(SMALL, callbacks=[at("progressed", look)])
    thread = threading.Thread(target=lambda: results.append(trainer.fit(NETWORK, *XOR)))
    thread.start()
    thread.join()
    assert results[0].optimal
    assert set(seen) == {signal.getsignal(number) for number in SIGNALS}


def test_what_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        callbacks = [at("progressed", lambda: send(signal.SIGINT))]
        assert GridSearchTrainer(SMALL, callbacks=callbacks).fit(NETWORK, *XOR).stop_reason == "completed"
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_that_python_did_not_set_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[int] = []
    install = signal.signal
    getsignal = signal.getsignal
    monkeypatch.setattr(signal, "getsignal", lambda number: None if number == signal.SIGINT else getsignal(number))

    def noted(number: int, handler: Any) -> Any:
        changed.append(number)
        return install(number, handler)

    monkeypatch.setattr(signal, "signal", noted)
    assert GridSearchTrainer(SMALL).fit(NETWORK, *XOR).stop_reason == "completed"
    monkeypatch.undo()
    assert set(changed) == {signal.SIGTERM}


def test_where_python_sets_no_handlers_a_search_works_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int, handler: Any) -> Any:
        raise ValueError("signal only works in main thread of the main interpreter")

    monkeypatch.setattr(signal, "signal", refuse)
    assert GridSearchTrainer(SMALL).fit(NETWORK, *XOR).optimal
    monkeypatch.undo()


def test_a_handler_from_before_that_raises_between_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler of SIGTERM is still the caller's own while that of SIGINT is replaced already."""
    install = signal.signal

    def late(number: int, handler: Any) -> Any:
        if number == signal.SIGTERM and len(calls) == 1:
            calls.append(number)
            raise SystemExit("terminated")
        calls.append(number)
        return install(number, handler)

    calls: list[int] = []
    monkeypatch.setattr(signal, "signal", late)
    with pytest.raises(SystemExit, match="terminated"):
        GridSearchTrainer(SMALL).fit(NETWORK, *XOR)
    monkeypatch.undo()
    assert Interrupt._innermost is None


@pytest.mark.parametrize(("event_every", "most"), [(60.0, 1), (0.0, 2)])
def test_one_signal_ends_a_search_and_the_one_around_it(event_every: float, most: int) -> None:
    """If events come within steps too, the step that a signal ends may tell its progress once more."""
    inner: list[SearchResult] = []

    def nested() -> None:
        callbacks = [] if inner else [at("started", lambda: send(signal.SIGINT))]
        inner.append(GridSearchTrainer(SMALL, callbacks=callbacks).fit(NETWORK, *XOR))

    trainer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", nested)])
    outer = paced(trainer, event_every=event_every).fit(NETWORK, *XOR)
    assert outer.stop_reason == "interrupted"
    assert {result.stop_reason for result in inner} == {"interrupted"}
    assert len(inner) <= most


def test_a_search_inside_one_that_was_interrupted_ends_too() -> None:
    inner: list[SearchResult] = []

    def nested() -> None:
        if not inner:  # a long step may have more than one event
            send(signal.SIGINT)
        inner.append(GridSearchTrainer(SMALL).fit(NETWORK, *XOR))

    outer = GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", nested)]).fit(NETWORK, *XOR)
    assert (outer.stop_reason, inner[0].stop_reason, inner[0].n_scored) == ("interrupted", "interrupted", 1)


def test_the_second_signal_comes_out_of_both_searches() -> None:
    def nested() -> None:
        send(signal.SIGINT)
        GridSearchTrainer(SMALL, callbacks=[at("started", lambda: send(signal.SIGINT))]).fit(NETWORK, *XOR)

    with pytest.raises(KeyboardInterrupt):
        GridSearchTrainer(LARGE, time_limit=60, callbacks=[at("progressed", nested)]).fit(NETWORK, *XOR)


def test_the_next_search_knows_nothing_of_the_last() -> None:
    GridSearchTrainer(SMALL, callbacks=[at("started", lambda: send(signal.SIGINT))]).fit(NETWORK, *XOR)
    result = GridSearchTrainer(SMALL).fit(NETWORK, *XOR)
    assert (result.stop_reason, result.optimal) == ("completed", True)


@pytest.mark.parametrize("n_signals", [300, pytest.param(3000, marks=pytest.mark.slow)])
def test_signals_at_any_instant_leave_the_handlers_and_a_result_or_a_keyboard_interrupt(n_signals: int) -> None:
    """A timer's signals come wherever they like, in the module's own lines too."""
    generator = np.random.default_rng(0)
    alarm = signal.signal(signal.SIGALRM, lambda number, frame: send(signal.SIGINT))
    ended: dict[str, int] = {"completed": 0, "interrupted": 0}
    trainer = GridSearchTrainer(SMALL, engine="batched")
    before = [signal.getsignal(number) for number in SIGNALS]
    try:
        for _ in range(n_signals):
            try:
                signal.setitimer(signal.ITIMER_REAL, float(generator.uniform(1e-5, 4e-3)))
                result: SearchResult | MinigridError = trainer.fit(NETWORK, *XOR)
                signal.setitimer(signal.ITIMER_REAL, 0.0)
                assert isinstance(result, SearchResult)
                ended[result.stop_reason] += 1
            except KeyboardInterrupt:  # it came before the search, or after it
                signal.setitimer(signal.ITIMER_REAL, 0.0)
            assert [signal.getsignal(number) for number in SIGNALS] == before
            assert Interrupt._innermost is None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, alarm)
    assert ended["interrupted"] > n_signals // 10


class Tapping:
    """An executor in which Ctrl-C is pressed while it holds a lock, and again for some seconds."""

    def __init__(self, seconds: float) -> None:
        self.n_begun, self.n_ended = 0, 0
        self._seconds = seconds

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        self.n_begun += 1
        until, n_sent = time.perf_counter() + self._seconds, 0
        while n_sent < 2 or time.perf_counter() < until:
            send(signal.SIGINT)
            n_sent += 1
            time.sleep(0.01)
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        self.n_ended += 1
        return future


@pytest.mark.parametrize(("seconds", "n_ended"), [(0.05, 1), (60.0, 0)])
def test_a_second_signal_waits_for_an_executor_but_not_for_long(seconds: float, n_ended: int) -> None:
    executor = Tapping(seconds)
    trainer = paced(GridSearchTrainer(Grid.linspace(-9, 9, 9), engine="batched", executor=executor), alone=0.0)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    began = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(Network.dense([2, 2, 1]), *xor(100))
    assert time.perf_counter() - began < 50.0  # it did not wait for all of the 60
    assert (executor.n_begun, executor.n_ended) == (1, n_ended)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert not Interrupt._is_held
