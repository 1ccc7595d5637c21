"""Paths of checkpoints that go wrong while a search runs, or before; and callbacks that end the program."""

import os
import re
import shutil
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minigrid import CheckpointError, Grid, GridSearchTrainer, InvalidValueError, Network, SearchEvent, SearchResult
from minigrid.datasets import xor
from tests import pacing

GRID, NETWORK = Grid.linspace(-2, 2, 4), Network.dense([2, 2, 1])
X, Y = xor(40)
SAVES_ALWAYS = replace(
    pacing.SMALL_CHUNKS, save_first=0.0, save_growth=0.0, save_every=0.0, save_share=1e6, save_share_early=1e6
)


def fit(path: object, **arguments: Any) -> SearchResult:
    trainer = pacing.small_steps(GRID, engine="batched", pace=SAVES_ALWAYS, **arguments)
    return trainer.fit(NETWORK, X, Y, checkpoint=path)  # type: ignore[arg-type]  # of any type


def test_a_home_folder_is_told_to_be_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = "~/search.json"
    for use in (fit, NETWORK.save):
        with pytest.raises((CheckpointError, FileNotFoundError), match=r"pass os\.path\.expanduser\(path\)"):
            use(path)
        use(os.path.expanduser(path))
        (tmp_path / "search.json").unlink()
    (tmp_path / "~").mkdir()  # which is nobody's home
    assert fit(path).optimal
    assert (tmp_path / "~" / "search.json").exists()


def test_a_name_that_is_too_long_is_told_to_be_shorter(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"name too long.*Choose a shorter name, of at most 200 bytes\.$"):
        fit(tmp_path / ("a" * 300))
    assert fit(tmp_path / ("a" * 200)).optimal


def test_a_folder_that_vanishes_is_a_warning_that_says_to_create_it(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    folder, told = folder.resolve(), list[str]()

    def vanish(event: SearchEvent) -> None:
        if event.kind == "progressed" and folder.exists():
            shutil.rmtree(folder)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = fit(folder / "search.json", callbacks=[vanish])
        told += [str(one.message) for one in caught]
    assert (result.index, result.optimal) == (fit(None).index, True)
    says = (
        f"checkpoint {folder / 'search.json'} could not be written: expected a folder that exists, got '{folder}'. "
        "Create it, or choose another path. The search continues, and tries again."
    )
    assert set(told) == {says}


def test_a_folder_that_is_there_again_gets_the_file(tmp_path: Path) -> None:
    folder, seen = tmp_path / "runs", list[int]()
    folder.mkdir()

    def vanish(event: SearchEvent) -> None:
        if event.kind == "progressed":
            seen.append(1)
            if len(seen) == 1:
                shutil.rmtree(folder)
            elif len(seen) == 3:
                folder.mkdir()

    with pytest.warns(RuntimeWarning, match="Create it"):
        whole = fit(folder / "search.json", callbacks=[vanish])
    assert whole.optimal
    assert fit(folder / "search.json").history == whole.history  # it is read, and not searched again


def test_a_current_folder_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    says = r"got 'search\.json', in a current folder that is gone\. Pass the whole path\.$"
    for use in (
        fit,
        NETWORK.save,
        Network.load,
        lambda path: GridSearchTrainer(GRID).fit(NETWORK, X, Y, keep_scores=path),
    ):
        with pytest.raises(InvalidValueError, match=says):
            use("search.json")
    assert fit(tmp_path / "search.json").optimal
    assert GridSearchTrainer(GRID).fit(NETWORK, X, Y).optimal


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(there: bool, tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    if there:
        fit(target)
    link.symlink_to(target)
    assert fit(link).optimal
    assert link.is_symlink()
    assert fit(target).history == fit(link).history


@pytest.mark.parametrize("name", ["é ü 数.json", "with spaces.json", "%41{}.json", "-x"])
def test_a_name_may_be_any(name: str, tmp_path: Path) -> None:
    assert fit(tmp_path / name).optimal
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_callback_that_ends_the_program_loses_nothing(tmp_path: Path) -> None:
    path, done = tmp_path / "search.json", list[int]()

    def leave(event: SearchEvent) -> None:
        done.append(event.n_processed)
        if event.kind == "progressed" and event.n_processed > 1000:
            sys.exit(3)

    rare = pacing.small_steps(GRID, engine="batched", callbacks=[leave])
    with pytest.raises(SystemExit, match=re.escape("3")):
        rare.fit(NETWORK, X, Y, checkpoint=path)
    heard: list[SearchEvent] = []
    result = fit(path, callbacks=[heard.append])
    assert heard[0].n_processed == done[-1]
    assert result.optimal
