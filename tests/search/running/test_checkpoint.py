"""A search that is stopped in any way and then resumed gives the result of an uninterrupted one, bit for bit."""

import itertools
import json
import logging
import os
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid.search.engines.exact.proof
import minigrid.search.parallel.backend
from minigrid import (
    Accuracy,
    CheckpointError,
    Coordinate,
    Grid,
    GridSearchTrainer,
    Joint,
    MinigridError,
    Network,
    NoScoreError,
    Problem,
    RandomSample,
    SearchEvent,
    SearchResult,
    SearchSpace,
    SearchTooLongError,
    Strategy,
    Tanh,
    Zoom,
)
from minigrid._base.typing import JSON
from minigrid.datasets import sum_threshold, xor
from minigrid.search.running import journal as journal_module
from minigrid.search.running.checkpoint import _checksum
from minigrid.search.running.journal import Journal
from minigrid.search.running.stage import Stage
from tests.pacing import HASTY, paced, small_steps
from tests.problems import problems
from tests.profile import examples, in_turn
from tests.strategies.every import every

pytestmark = pytest.mark.usefixtures("small_tree_steps")

X, Y = xor(n_samples=60)
NETWORK = Network.dense([2, 2, 1], activation=Tanh())
GRID = Grid([-2.0, 0.3, 1.7])  # 729 candidates
STRATEGIES = every(
    coordinate=[Coordinate(restarts=2)],
    zoom=[Zoom(points=3, levels=2)],
    random=[RandomSample(n=200), RandomSample(n=10**6)],
)
SMALL_PROBLEM = Problem.create(NETWORK, SearchSpace(NETWORK, GRID), X, Y, Accuracy())
ENGINES = ["reference", "batched", "exact", "auto"]


def told(result: SearchResult) -> dict[str, object]:
    """All of a result that does not depend on the time it took."""
    return {
        "network": result.network,
        "parameters": result.parameters.tobytes(),
        "index": result.index,
        "score": result.score,
        "optimal": result.optimal,
        "bound": result.bound,
        "counts": (result.n_candidates, result.n_scored, result.n_pruned),
        "stop_reason": result.stop_reason,
        "top": [(c.index, c.score, c.parameters.tobytes()) for c in result.top],
        "last": result.history[-1].score,  # of equal ones, which comes first depends on how many are scored together
        "names": (result.strategy, result.engine, result.engine_reason),
    }


def stopping(after: int, act: Callable[[], object]) -> Callable[[SearchEvent], bool]:
    """Make a callback that does something after n steps; it stops the search if that returns True."""
    seen: list[SearchEvent] = []

    def callback(event: SearchEvent) -> bool:
        if event.kind == "progressed":
            seen.append(event)
        return len(seen) == after and event.kind == "progressed" and act() is True

    return callback


def limits_of(kind: str, after: int, whole: SearchResult | None = None) -> dict[str, Any]:
    """What makes a trainer stop early."""
    if kind == "callback":
        return {"callbacks": [stopping(after, lambda: True)]}
    if kind == "interrupted":
        return {"callbacks": [stopping(after, lambda: os.kill(os.getpid(), signal.SIGINT))]}
    if kind == "terminated":
        return {"callbacks": [stopping(after, lambda: os.kill(os.getpid(), signal.SIGTERM))]}
    if kind == "error":
        return {"callbacks": [stopping(after, lambda: 1 / 0)]}
    return {"time_limit": 1e-9}


@pytest.fixture(autouse=True)
def handled() -> Iterator[None]:
    """A handler that lets the tests continue after a SIGTERM."""
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    yield
    signal.signal(signal.SIGTERM, before)


KINDS = ["callback", "interrupted", "terminated", "error", "time_limit"]


def fit_in_parts(path: Path, stops: list[tuple[str, int]], data: Any, **arguments: Any) -> tuple[SearchResult, int]:
    """Search with an interruption at each of the stops, then to the end; return the result and how often it was
    interrupted."""
    breaks = 0
    for kind, after in stops:
        trainer = small_steps(GRID, **arguments, **limits_of(kind, after))
        try:
            result = trainer.fit(*data[:-1], **data[-1], checkpoint=path)
        except (ZeroDivisionError, NoScoreError):  # NaN may be all that there is until then
            breaks += 1
            continue
        breaks += result.stop_reason != "completed"
        assert path.exists()
    return small_steps(GRID, **arguments).fit(*data[:-1], **data[-1], checkpoint=path), breaks


SEARCHES = list(itertools.product(STRATEGIES, [*((engine, 1) for engine in ENGINES), ("batched", 3), ("exact", 3)]))


# A quick run has each strategy with each engine, and each of them with each kind of break, but not all three at once.
@pytest.mark.parametrize(
    ("strategy", "engine", "top", "kind"),
    [
        pytest.param(strategy, engine, top, kind, marks=[] if k % len(KINDS) == j else pytest.mark.slow)
        for k, (strategy, (engine, top)) in enumerate(SEARCHES)
        for j, kind in enumerate(KINDS)
    ],
    ids=repr,
)
def test_a_search_in_parts_gives_the_whole_ones_result(
    tmp_path: Path, strategy: Strategy, engine: Any, top: int, kind: str
) -> None:
    arguments: dict[str, Any] = {"strategy": strategy, "engine": engine, "top": top}
    whole = small_steps(GRID, **arguments).fit(NETWORK, X, Y)
    stops = [(kind, after) for after in (1, 2, 1, 3, 5, 1, 1)]
    result, breaks = fit_in_parts(tmp_path / "search.json", stops, (NETWORK, X, Y, {}), **arguments)
    assert breaks > 0
    assert told(result) == told(whole)
    scores = [improvement.score for improvement in result.history]
    assert scores == sorted(set(scores))
    if engine == "exact" and strategy == Joint():  # there even the counts on the way are the same
        assert [h.n_scored for h in result.history] == [h.n_scored for h in whole.history]


@given(
    problem=problems(),
    strategy=st.sampled_from(STRATEGIES),
    engine=st.sampled_from(ENGINES),
    top=st.sampled_from([1, 1, 4]),
    stops=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 12)), min_size=1, max_size=6),
)
@examples(150)
def test_any_search_in_any_parts(
    tmp_path_factory: pytest.TempPathFactory,
    problem: Problem,
    strategy: Strategy,
    engine: str,
    top: int,
    stops: list[tuple[str, int]],
) -> None:
    path = tmp_path_factory.mktemp("parts") / "search.json"
    overrides = dict(zip(problem.space.names, problem.space.grids, strict=True))
    arguments: dict[str, Any] = {"strategy": strategy, "engine": engine, "top": top, "overrides": overrides}
    arguments["scoring"] = problem.scoring
    weights: dict[str, Any] = {"sample_weight": problem.sample_weight}
    data = (problem.network, problem.X, problem.targets, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            whole = small_steps(GRID, **arguments).fit(*data[:-1], **weights)
        except MinigridError as error:
            with pytest.raises(type(error)) as caught:
                fit_in_parts(path, stops, data, **arguments)
            assert not isinstance(caught.value, CheckpointError)
            return
        result, _ = fit_in_parts(path, stops, data, **arguments)
    assert told(result) == told(whole)


def test_a_single_candidate_without_any_time(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"checkpoint": tmp_path / "search.json"}
    results = [
        GridSearchTrainer(Grid.fixed(2.0), time_limit=limit).fit(NETWORK, X, Y, **arguments) for limit in (1e-9, None)
    ]
    assert [result.optimal for result in results] == [True, True]
    assert told(results[0]) == told(results[1])


@pytest.mark.parametrize(("strategy", "engine"), in_turn(STRATEGIES, ENGINES), ids=repr)
def test_more_and_more_candidates(tmp_path: Path, strategy: Strategy, engine: Any) -> None:
    """The limit counts over all calls, so you can raise it. Each time, the result is that of a single call."""
    path = tmp_path / "search.json"
    full = small_steps(GRID, strategy=strategy, engine="batched").fit(NETWORK, X, Y)
    for most in (1, 2, 50, 50, 40, 150, 10**6):
        trainer = small_steps(GRID, strategy=strategy, engine=engine, max_candidates=most)
        whole = trainer.fit(NETWORK, X, Y)
        result = trainer.fit(NETWORK, X, Y, checkpoint=path)
        if most == 40:  # fewer than there are already: what is known is kept
            assert result.n_scored == min(50, full.n_scored)
            assert result.stop_reason == ("completed" if full.n_scored <= 50 else "max_candidates")
        else:
            assert told(result) == told(whole)


@pytest.mark.parametrize(("strategy", "engine"), in_turn(STRATEGIES, ENGINES), ids=repr)
def test_a_target_that_was_reached_is_reached_and_can_be_raised(
    tmp_path: Path, strategy: Strategy, engine: Any
) -> None:
    path = tmp_path / "search.json"
    whole = small_steps(GRID, strategy=strategy, engine=engine).fit(NETWORK, X, Y)
    trainer = small_steps(GRID, strategy=strategy, engine=engine, target_score=0.55)
    first = trainer.fit(NETWORK, X, Y, checkpoint=path)
    assert told(first) == told(trainer.fit(NETWORK, X, Y))
    assert told(trainer.fit(NETWORK, X, Y, checkpoint=path)) == told(first)
    result = small_steps(GRID, strategy=strategy, engine=engine).fit(NETWORK, X, Y, checkpoint=path)
    assert told(result) == told(whole)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_the_file_of_a_finished_search_gives_its_result_without_a_score(
    tmp_path: Path, strategy: Strategy, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "search.json"
    whole = small_steps(GRID, strategy=strategy, engine=engine).fit(NETWORK, X, Y, checkpoint=path)
    before = path.read_bytes()
    scored: list[object] = []
    monkeypatch.setattr(minigrid.search.parallel.backend, "score_chunk", lambda *a, **k: scored.append(a))
    monkeypatch.setattr(minigrid.search.engines.exact.proof.Proof, "advance", scored.append)
    events: list[SearchEvent] = []
    trainer = GridSearchTrainer(
        GRID, strategy=strategy, engine=engine, time_limit=1e-9, target_score=0.1, callbacks=[events.append]
    )
    again = trainer.fit(NETWORK, X, Y, checkpoint=path)
    assert told(again) == told(whole)
    assert again.history == whole.history
    assert scored == events == []
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["search.json"]


def test_time_counts_for_each_call_and_seconds_for_all(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    grid = Grid.linspace(-10, 10, 60)
    X, y = sum_threshold(1000, 2, 1.0)
    y[::20] = 1 - y[::20]
    seconds, bounds = [0.0], [1.0]
    for _ in range(3):
        trainer = GridSearchTrainer(grid, engine="exact", time_limit=0.5)
        began = time.perf_counter()
        result = trainer.fit(Network.dense([2, 2, 1]), X, y, checkpoint=path)
        assert result.stop_reason == "time_limit"
        assert seconds[-1] + 0.45 < result.seconds <= seconds[-1] + time.perf_counter() - began
        assert result.bound <= bounds[-1]
        seconds.append(result.seconds)
        bounds.append(result.bound)
    moments = [improvement.seconds for improvement in result.history]
    assert moments == sorted(moments)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=repr)
def test_what_is_known_is_never_lost_to_a_limit(tmp_path: Path, strategy: Strategy) -> None:
    """A call without any time still returns the best of the earlier calls."""
    path = tmp_path / "search.json"
    long = small_steps(GRID, strategy=strategy, engine="reference", callbacks=[stopping(3, lambda: True)])
    first = long.fit(NETWORK, X, Y, checkpoint=path)
    before = path.read_bytes()
    short = small_steps(GRID, strategy=strategy, engine="reference", time_limit=1e-9)
    again = short.fit(NETWORK, X, Y, checkpoint=path)
    assert (first.stop_reason, again.stop_reason) == ("callback", "time_limit")
    assert (again.index, again.score, again.n_scored) == (first.index, first.score, first.n_scored)
    strip = [line for line in before.splitlines() if b"seconds" not in line and b"checksum" not in line]
    after = path.read_bytes().splitlines()
    assert strip == [line for line in after if b"seconds" not in line and b"checksum" not in line]


def test_the_log_says_from_what_it_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="minigrid")
    path = tmp_path / "search.json"
    for _ in range(2):
        small_steps(GRID).fit(NETWORK, X, Y, checkpoint=path)
    strings = [record.getMessage() for record in caplog.records]
    (line,) = [text for text in strings if text.startswith("resuming")]
    assert re.fullmatch(rf"resuming from {re.escape(str(path))} \((under )?[\d.]+ s already spent\)", line)
    assert strings.index(line) == len(strings) - 2


def test_events_go_on_where_they_were(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    small_steps(GRID, engine="reference", callbacks=[stopping(5, lambda: True)]).fit(NETWORK, X, Y, checkpoint=path)
    events: list[SearchEvent] = []
    small_steps(GRID, engine="reference", callbacks=[events.append]).fit(NETWORK, X, Y, checkpoint=path)
    assert events[0].kind == "started"
    assert events[0].n_processed > 4
    assert events[0].best is not None
    assert events[0].incumbent == events[0].best.score
    assert events[0].seconds > 0.0
    assert events[-1].n_processed == events[-1].n_candidates


# When it is written -----------------------------------------------------------------------------


def saves(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note every content that is saved."""
    import minigrid.search.running.checkpoint

    seen: list[dict[str, Any]] = []
    save = minigrid.search.running.checkpoint._Checkpoint.save

    def noted(self: Any, content: dict[str, Any]) -> None:
        seen.append(content)
        save(self, content)

    monkeypatch.setattr(minigrid.search.running.checkpoint._Checkpoint, "save", noted)
    return seen


def test_a_short_search_is_written_once_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = saves(monkeypatch)
    small_steps(GRID).fit(NETWORK, X, Y, checkpoint=tmp_path / "search.json")
    assert [content["finished"] for content in seen] == [True]


class MadeUp:
    """A clock, and a file that takes a given time to write; it records how much was done by each write."""

    def __init__(self, cost: float) -> None:
        self.now, self.n_saved, self.kept = 100.0, 0, 0.0
        self._cost = cost

    def perf_counter(self) -> float:
        return self.now

    def describe(self, stage: Stage, top: int) -> dict[str, JSON]:
        return {"name": stage.name}

    def save(self, content: dict[str, JSON]) -> None:
        self.now += self._cost
        self.n_saved += 1
        self.kept = float.fromhex(str(content["seconds"]))

    def run(self, seconds: float, *, begin: float = 0.0) -> None:
        """Search for some time in steps of a hundredth of a second, after some seconds in which it only begins."""
        journal = Journal(self)
        entry = journal.open(Stage("made up", SMALL_PROBLEM), 1)
        journal.begin(entry)
        self.now += begin
        entry.note_engine("made up", "asked for")
        done, end = 0.0, self.now + seconds - begin
        while self.now < end:
            self.now += 0.01
            done += 0.01
            if self.now < end:
                journal.note([], done)


@pytest.mark.parametrize("cost", [0.0, 0.03, 0.2, 0.5])
@pytest.mark.parametrize("begin", [0.0, 0.5, 1.0])
def test_each_process_that_lasts_two_seconds_gets_ahead(
    cost: float, begin: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MadeUp(cost)
    monkeypatch.setattr(journal_module, "time", clock)
    clock.run(2.0, begin=begin)
    assert clock.kept >= 0.25
    if cost < 0.1:
        assert clock.kept >= 0.5 * (2.0 - begin)


@pytest.mark.parametrize("cost", [0.0, 0.03, 0.2, 0.5, 5.0])
def test_a_long_search_is_written_less_and_less_often(cost: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = MadeUp(cost)
    monkeypatch.setattr(journal_module, "time", clock)
    clock.run(3600.0)
    assert clock.n_saved <= 3600 / 5 + 10
    assert clock.n_saved * cost <= 0.03 * 3600.0
    assert clock.kept >= 3600.0 * (1.0 - 0.03) - 60.0 * cost - 6.0


def test_a_search_without_one_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = saves(monkeypatch)
    small_steps(GRID).fit(NETWORK, X, Y, checkpoint=None)
    assert os.listdir(tmp_path) == []
    assert seen == []


def test_a_second_signal_leaves_the_file_from_before(tmp_path: Path) -> None:
    path = tmp_path / "search.json"

    def twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    whole = small_steps(GRID, engine="reference").fit(NETWORK, X, Y)
    trainer = paced(small_steps(GRID, engine="reference", callbacks=[stopping(4, twice)]), HASTY)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(NETWORK, X, Y, checkpoint=path)
    assert sorted(os.listdir(tmp_path)) == ["search.json"]
    assert told(small_steps(GRID, engine="reference").fit(NETWORK, X, Y, checkpoint=path)) == told(whole)


def test_a_search_that_is_refused_leaves_no_file(tmp_path: Path) -> None:
    trainer = GridSearchTrainer(Grid.linspace(-1, 1, 1000), engine="reference")
    with pytest.raises(SearchTooLongError):
        trainer.fit(NETWORK, X, Y, checkpoint=tmp_path / "search.json")
    assert os.listdir(tmp_path) == []


def test_a_file_is_read_whose_stages_were_called_otherwise(tmp_path: Path) -> None:
    """What a stage searches decides, and not its name, which may be another one in the next version."""
    path, strategy = tmp_path / "search.json", Coordinate(restarts=2, start=[[value] * 6 for value in GRID])
    stop = [stopping(9, lambda: True)]
    small_steps(GRID, strategy=strategy, callbacks=stop).fit(NETWORK, X, Y, checkpoint=path)
    file = json.loads(path.read_text())
    journal = file["content"]["journal"]
    entries = [*journal["done"], *([journal["running"]] if journal["running"] else [])]
    assert entries[0]["stage"]["name"] == "start points"
    for entry in entries:
        name = entry["stage"]["name"].replace("start points", "starts").replace("parameter ", "")
        entry["stage"]["name"] = name.replace("start at", "from")
    path.write_text(json.dumps({**file, "checksum": _checksum(file["content"])}))
    resumed = small_steps(GRID, strategy=strategy).fit(NETWORK, X, Y, checkpoint=path)
    assert told(resumed) == told(small_steps(GRID, strategy=strategy).fit(NETWORK, X, Y))
    assert len(entries) > 3
