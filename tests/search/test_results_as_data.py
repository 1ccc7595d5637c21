"""Results as data: records and tables for other tools, and every score in a file."""

import contextlib
import errno
import json
import os
import signal
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from typing_extensions import override

from minigrid import (
    L1,
    FloatArray,
    FunctionScoring,
    Grid,
    GridSearchTrainer,
    InvalidTypeError,
    InvalidValueError,
    Network,
    NoScoreError,
    RandomSample,
    Scorer,
    SearchEvent,
    SearchResult,
    SearchSpace,
)
from minigrid.datasets import sum_threshold
from minigrid.search.engines.batched.engine import BatchedEngine
from minigrid.search.problem import Problem
from tests.problems import problems
from tests.profile import examples

X, Y = sum_threshold(n_samples=60, n_features=2, threshold=1.0, seed=3)
NETWORK = Network.dense([2, 1], bias=True)
GRID = Grid.linspace(-4, 4, 9)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where "scores.npy" is written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def all_scores() -> FloatArray:
    space = SearchSpace(NETWORK, GRID)
    return np.array([np.mean(NETWORK.with_parameters(parameters).predict(X) == Y) for parameters in space])


def found(**settings: Any) -> SearchResult:
    return GridSearchTrainer(GRID, **settings).fit(NETWORK, X, Y)


def test_a_result_is_plain_data() -> None:
    result = found(top=3)
    data = result.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["score"] == result.score
    assert data["parameters"] == dict(zip(NETWORK.parameter_names, result.parameters.tolist(), strict=True))
    assert data["topology"] == [2, 1]
    assert data["gap"] == 0.0
    assert data["stop_reason"] == "completed"
    top, history = data["top"], data["history"]
    assert isinstance(top, list)
    assert isinstance(history, list)
    assert [len(top), len(history)] == [3, len(result.history)]
    assert {field for field in SearchResult.__slots__ if field != "network"} <= set(data)


def test_pandas_takes_results_directly() -> None:
    result = found(top=4)
    table = pd.DataFrame(result.to_records())
    assert list(table.columns) == ["rank", "index", "score", *NETWORK.parameter_names]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert table["score"].tolist() == [candidate.score for candidate in result.top]
    assert table[list(NETWORK.parameter_names)].to_numpy().tolist() == [one.parameters.tolist() for one in result.top]
    assert pd.DataFrame(result.top)["index"].tolist() == [one.index for one in result.top]
    history = pd.DataFrame(result.history)
    assert list(history.columns) == ["seconds", "n_scored", "score", "index"]
    assert history["score"].is_monotonic_increasing


@pytest.mark.parametrize("n_inputs", [3, 40, 2200], ids=["small", "beyond 64 bits", "of 4,400 digits"])
def test_other_tools_take_results_of_spaces_of_any_size(n_inputs: int, tmp_path: Path) -> None:
    network, grid = Network.dense([n_inputs, 1]), Grid.linspace(-1, 1, 100)
    X = np.random.default_rng(0).normal(size=(5, n_inputs))
    result = GridSearchTrainer(grid, strategy=RandomSample(3), top=3).fit(network, X, [0, 1, 0, 1, 1])
    table = pd.DataFrame(result.to_records()).iloc[:, :5]
    table.to_parquet(tmp_path / "table.parquet")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        table.to_sql("top", database, index=False)
        written = [index for (index,) in database.execute('SELECT "index" FROM top')]
    indices = [candidate.index for candidate in result.top]
    assert pd.read_parquet(tmp_path / "table.parquet")["index"].tolist() == written
    assert all(Decimal(index) == found for index, found in zip(written, indices, strict=True))
    assert len({type(index) for index in written}) == 1
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert Decimal(data["n_candidates"]) == result.n_candidates
    assert len(str(result).splitlines()) < 35


@pytest.mark.parametrize("penalty", [None, L1(0.1)])
@pytest.mark.parametrize("worst", [np.inf, -np.inf])
def test_infinite_scores_are_strict_json_and_are_read_back(worst: float, penalty: Any, tmp_path: Path) -> None:
    def score(y_true: FloatArray, outputs: FloatArray) -> float:
        error = float(np.abs(outputs[:, 0] - y_true).mean())
        return worst if (error < 0.5) == (worst > 0.0) else -error

    result = found(scoring=score, top=729, penalty=penalty)
    assert np.isinf([candidate.score for candidate in result.top]).any()
    records = result.to_records()
    for data in (records, result.to_dict()):
        assert json.loads(json.dumps(data, allow_nan=False)) == data
    expected = [None if np.isinf(candidate.score) else candidate.score for candidate in result.top]
    assert [record["score"] for record in records] == expected
    assert all((record["score"] is None) == (record.get("objective", 1) is None) for record in records if penalty)
    result.save(tmp_path / "result.json")
    assert SearchResult.load(tmp_path / "result.json") == result


def test_an_infinite_bound_is_strict_json() -> None:
    def loss(y_true: FloatArray, outputs: FloatArray) -> float:
        return float(np.abs(outputs[:, 0] - y_true).max())

    scoring = FunctionScoring(loss, greater_is_better=False)
    result = GridSearchTrainer(GRID, scoring=scoring, max_candidates=2).fit(NETWORK, X, Y)
    assert np.isinf([result.bound, result.gap]).all()
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert (data["bound"], data["gap"]) == (None, None)


def test_a_result_of_many_parameters_fits_on_a_screen() -> None:
    network = Network.dense([30, 2, 1], bias=True)
    result = GridSearchTrainer(Grid([-1, 1]), strategy=RandomSample(3)).fit(network, np.eye(30), [0, 1] * 15)
    lines = str(result).splitlines()
    assert len(lines) < 30
    assert any("and 46 more in result.parameters" in line for line in lines)
    assert [line.split()[0] for line in lines[-2:]] == ["seconds", "hint"]


def test_notebooks_show_a_table() -> None:
    result = found(top=2, scoring=lambda y_true, outputs: float(-np.abs(outputs[:, 0] - y_true).mean()))
    root = ET.fromstring(result._repr_html_())
    cells = [("".join(row[0].itertext()), "".join(row[1].itertext())) for row in root.iter("tr")]
    lines = [line.split("  ", 1) for line in str(result).splitlines()]
    assert cells == [(label.strip(), text.strip()) for label, text in lines]
    assert any("<lambda>" in text for _, text in cells)


@pytest.mark.parametrize("engine", ["auto", "batched", "reference", BatchedEngine()])
@pytest.mark.parametrize("workers", [None, 1])
def test_every_score_is_kept(engine: Any, workers: int | None, folder: Path) -> None:
    result = GridSearchTrainer(GRID, engine=engine, workers=workers).fit(NETWORK, X, Y, keep_scores=True)
    assert result.scores_path == str(folder / "scores.npy")
    assert isinstance(result.scores, np.memmap)
    assert not result.scores.flags.writeable
    assert result.scores.tobytes() == all_scores().tobytes()
    assert np.load(folder / "scores.npy").tobytes() == all_scores().tobytes()
    assert int(result.scores.argmax()) == result.index
    assert (result.optimal, result.n_scored) == (True, result.n_candidates)
    assert result.engine == ("reference" if engine == "reference" else "batched")
    assert result.engine_reason == "keep_scores asks for every score"
    assert [path.name for path in folder.iterdir()] == ["scores.npy"]


@examples(60)
@given(problems())
def test_kept_scores_are_the_loops(tmp_path_factory: pytest.TempPathFactory, problem: Problem) -> None:
    path = tmp_path_factory.getbasetemp() / "hypothesis.npy"
    grids = dict(zip(problem.space.names, problem.space.grids, strict=True))
    trainer = GridSearchTrainer(Grid([0.0]), overrides=grids, scoring=problem.scoring)
    weight = problem.sample_weight
    try:
        result = trainer.fit(problem.network, problem.X, problem.targets, sample_weight=weight, keep_scores=path)
    except NoScoreError:
        return
    with np.errstate(all="ignore"):
        expected = np.array([problem.score(parameters) for parameters in problem.space])
    np.testing.assert_array_equal(result.scores, expected)


def test_a_part_of_a_space_is_kept(folder: Path) -> None:
    result = GridSearchTrainer(GRID, max_candidates=100).fit(NETWORK, X, Y, keep_scores="part.npy")
    assert result.scores.shape == (100,)
    assert result.scores.tobytes() == all_scores()[:100].tobytes()
    assert not result.optimal


@pytest.mark.parametrize("workers", [None, 1])
def test_a_search_that_is_stopped_keeps_what_it_came_to(workers: int | None, folder: Path) -> None:
    def stop(event: SearchEvent) -> bool:
        return event.n_processed > 50

    trainer = GridSearchTrainer(GRID, callbacks=[stop], workers=workers)
    result = trainer.fit(NETWORK, X, Y, keep_scores="part.npy")
    assert result.stop_reason == "callback"
    assert 50 < result.n_scored < result.n_candidates
    assert result.scores.tobytes() == all_scores()[: result.n_scored].tobytes()
    assert os.path.getsize("part.npy") == 128 + 8 * result.n_scored


def test_ctrl_c_keeps_what_there_is(folder: Path) -> None:
    def interrupt(event: SearchEvent) -> None:
        if event.kind == "progressed" and not told:  # a long step may have more than one event
            told.append(event)
            os.kill(os.getpid(), signal.SIGINT)

    told: list[SearchEvent] = []
    result = GridSearchTrainer(GRID, callbacks=[interrupt]).fit(NETWORK, X, Y, keep_scores=True)
    assert result.stop_reason == "interrupted"
    assert result.scores.shape == (result.n_scored,)


def test_a_search_that_fails_leaves_the_file_from_before(folder: Path) -> None:
    (folder / "scores.npy").write_bytes(b"from before")

    def fail(event: SearchEvent) -> None:
        if event.kind == "progressed":
            raise RuntimeError("a callback's own")

    with pytest.raises(RuntimeError, match="a callback's own"):
        GridSearchTrainer(GRID, callbacks=[fail]).fit(NETWORK, X, Y, keep_scores=True)
    assert (folder / "scores.npy").read_bytes() == b"from before"
    assert len(list(folder.iterdir())) == 1
    found_now = GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=True)
    assert found_now.scores.shape == (9**3,)


def test_scores_that_do_not_fit_are_refused(folder: Path) -> None:
    with pytest.raises(
        InvalidValueError, match=r"keep_scores: expected scores that fit, [\d,]+ at most, got .*max_cand"
    ):
        GridSearchTrainer(Grid.linspace(-1, 1, 100)).fit(Network.dense([2, 3, 1]), X, Y, keep_scores=True)
    assert not list(folder.iterdir())


def test_a_disk_that_fills_is_noticed_before_the_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(InvalidValueError, match=r"no room: .*No space left"):
        GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=True)
    assert not list(folder.iterdir())


def test_room_is_taken_where_the_system_has_no_call_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    result = GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=True)
    assert result.scores.tobytes() == all_scores().tobytes()


class Slow(Scorer):
    """A user's engine."""

    name = "slow"

    @override
    def score(self, problem: Problem, digits: Any) -> FloatArray:
        return BatchedEngine().score(problem, digits)

    @override
    def chunk_size(self, problem: Problem) -> int:
        return 17

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return 0


def test_a_users_engine_is_kept_too() -> None:
    result = GridSearchTrainer(GRID, engine=Slow()).fit(NETWORK, X, Y, keep_scores=True)
    assert result.engine == "slow"
    assert result.scores.tobytes() == all_scores().tobytes()


@pytest.mark.parametrize(
    ("settings", "keep", "expected"),
    [
        ({"engine": "exact"}, True, "engine: expected one that scores all"),
        ({"strategy": "zoom"}, True, r"strategy: expected Joint\(\), as keep_scores asks, got Zoom\(\)"),
        ({"workers": 2}, True, "workers or executor: expected none"),
        ({}, "none/scores.npy", "keep_scores: expected a folder that exists"),
        ({}, "a" * 300, "keep_scores: expected a file that can be written, .*Choose a shorter name"),
        ({}, ".", "keep_scores: expected the path of a file, got the folder"),
        ({}, "", "keep_scores: expected the path of a file"),
    ],
)
def test_what_cannot_be_kept_is_refused(settings: dict[str, Any], keep: Any, expected: str, folder: Path) -> None:
    with pytest.raises(InvalidValueError, match=expected):
        GridSearchTrainer(GRID, **settings).fit(NETWORK, X, Y, keep_scores=keep)
    assert not list(folder.iterdir())


def test_scores_and_a_checkpoint_are_refused(folder: Path) -> None:
    with pytest.raises(InvalidValueError, match="checkpoint and keep_scores: expected one of the two"):
        GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=True, checkpoint="search.json")
    assert not list(folder.iterdir())


def test_a_folder_in_the_place_of_the_file_is_noticed_before_the_search(folder: Path) -> None:
    Path("scores.npy").mkdir()
    began: list[SearchEvent] = []
    with pytest.raises(InvalidValueError, match="keep_scores: expected the path of a file, got the folder"):
        GridSearchTrainer(GRID, callbacks=[began.append]).fit(NETWORK, X, Y, keep_scores=True)
    assert not began


@pytest.mark.parametrize("keep", [None, 1, b"scores.npy", ["scores.npy"]])
def test_wrong_kinds_of_paths(keep: Any) -> None:
    with pytest.raises(InvalidTypeError, match="keep_scores: expected True, False or the path of a file"):
        GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=keep)


def test_a_result_without_scores_says_so() -> None:
    result = found()
    assert result.scores_path is None
    with pytest.raises(InvalidValueError, match=r"Call fit\(\.\.\., keep_scores=True\)"):
        _ = result.scores


def test_where_scores_are_is_saved_with_the_result(folder: Path) -> None:
    result = GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=True)
    result.save("result.json")
    loaded = SearchResult.load("result.json")
    assert loaded == result
    assert loaded.scores.tobytes() == result.scores.tobytes()
    assert f"all in {folder / 'scores.npy'}" in str(loaded)
    (folder / "scores.npy").unlink()
    with pytest.raises(FileNotFoundError):
        _ = loaded.scores
