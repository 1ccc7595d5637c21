"""A checkpoint is complete at every moment. Files that are damaged or something else are refused and not changed."""

import contextlib
import copy
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrid._base.files
import minigrid.search.running.checkpoint
from minigrid import CheckpointError, Coordinate, Grid, Network, SearchEvent, SearchResult, Tanh
from minigrid._base.codec import pack, pack_floats, read_float, read_int, unpack, unpack_floats, write_float, write_int
from minigrid.datasets import xor
from minigrid.exceptions import InvalidTypeError, InvalidValueError
from minigrid.search.engines.exact.axes import Boxes
from minigrid.search.engines.exact.open_boxes import OpenBoxes
from minigrid.search.running.checkpoint import _VERSION
from tests import pacing

pytestmark = pytest.mark.usefixtures("small_tree_steps")

X, Y = xor(n_samples=40)
NETWORK = Network.dense([2, 2, 1], activation=Tanh())
GRID = Grid([-2.0, 0.3, 1.7])


small_steps = partial(pacing.small_steps, pace=replace(pacing.HASTY, most_growth=2.0))


def fit(path: object, after: int | None = None, **arguments: Any) -> SearchResult:
    """Search, to the end or until n steps are done."""
    seen: list[SearchEvent] = []

    def stop(event: SearchEvent) -> bool:
        seen.append(event)
        return sum(e.kind == "progressed" for e in seen) == after

    callbacks = [] if after is None else [stop]
    chosen = {"engine": "exact", **arguments}
    return small_steps(GRID, callbacks=callbacks, **chosen).fit(NETWORK, X, Y, checkpoint=path)  # type: ignore[arg-type]  # wrong paths too


def told(result: SearchResult) -> tuple[object, ...]:
    return (result.index, result.score, result.optimal, result.bound, result.n_scored, result.n_pruned, result.top)


def assert_refused(path: Path, match: str | None = None) -> str:
    """Check that a file is refused, and stays as it is; return the message."""
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match=match) as caught:
        fit(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
    assert str(path) in str(caught.value)
    return str(caught.value)


# Files that are not as they were written --------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "step"), [(3, 31), *(pytest.param(after, 1, marks=pytest.mark.slow) for after in (None, 3))]
)
def test_a_file_that_was_cut_at_any_byte_is_refused(tmp_path: Path, after: int | None, step: int) -> None:
    path = tmp_path / "search.json"
    fit(path, after)
    whole = path.read_bytes()
    assert len(whole) < 4000
    for length in (*range(0, len(whole), step), len(whole) - 1):
        path.write_bytes(whole[:length])
        assert_refused(path)
    path.write_bytes(whole)
    assert told(fit(path)) == told(fit(tmp_path / "other.json"))


@pytest.mark.slow
def test_a_file_with_any_byte_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    fit(path, 3)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert_refused(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"null",
        b"[]",
        b"{}",
        b"0",
        b'"text"',
        b"NaN",
        b'{"format": "minigrid checkpoint"}',
        b'{"format": "minigrid checkpoint", "version": true}',
        b'{"format": "minigrid checkpoint", "version": 0}',
        b'{"format": "minigrid checkpoint", "version": -1}',
        b'{"format": "minigrid checkpoint", "version": "1"}',
        b'{"format": "minigrid checkpoint", "version": 2, "version": 1}',
        b'{"format": "minigrid checkpoint", "version": 2, "checksum": "", "content": null}',
        b'{"format": "minigrid checkpoint", "version": 2e3}',
        b'{"format": "minigrid checkpoint", "version": Infinity}',
        b'{"format": "minigrid checkpoint", "version": ' + b"9" * 10_000 + b"}",
        b"[" * 1_000_000,
        b"[" * 900 + b"]" * 900,
        b'{"format":' * 100_000,
        b'{"format": "minigrid checkpoint", "version": 2, "checksum": "", "content": ' + b"[" * 900 + b"]" * 900 + b"}",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        "{“format”: 1}".encode(),
        b"\x80\x04\x95",  # as a pickle begins
        b"\x00" * 1000,
    ],
    ids=lambda content: repr(content[:60]),
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "search.json"
    path.write_bytes(content)
    assert_refused(path)


def test_a_newer_file_is_refused_as_newer(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    path.write_text(json.dumps({"format": "minigrid checkpoint", "version": _VERSION + 1, "new": {}}))
    assert_refused(path, f"the newer {_VERSION + 1}. Continue with the version of minigrid that wrote it")


def test_a_file_of_another_kind_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    NETWORK.save(path)
    assert_refused(path, "expected a minigrid checkpoint, got a minigrid network. Use another file.")


def test_a_file_that_lacks_a_part_says_which(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    path.write_bytes(signed({"fingerprint": {}}))
    assert_refused(path, "json, content: expected the field 'journal', got none of that name. The file is damaged: use")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy with one place changed."""
    if not place:
        return new
    whole = copy.deepcopy(value)
    inner = whole
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = new
    return whole


def signed(content: Any) -> bytes:
    """A forged file with a correct checksum."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    checksum = hashlib.sha256(text.encode()).hexdigest()
    file = {"format": "minigrid checkpoint", "version": _VERSION, "checksum": checksum, "content": content}
    return json.dumps(file, indent=1).encode()


HOSTILE: list[Any] = [
    None,
    True,
    False,
    -1,
    0,
    2**53,
    10**400,
    "0x" + "f" * 5000,
    "0x01",
    "nan",
    "inf",
    "-inf",
    "0x1p+99999",
    "0x1.8p+0 ",
    "",
    "text",
    "é\ud800",
    [],
    [[]],
    {},
    {"": None},
    1.5,
    float("nan"),
]


@pytest.mark.parametrize(
    ("kind", "every"),
    [
        ("exact under way", 6),
        *(
            pytest.param(kind, 1, marks=pytest.mark.slow)
            for kind in ("exact under way", "scored under way", "finished", "stages")
        ),
    ],
)
def test_hostile_values_in_any_place_are_refused_or_change_nothing(tmp_path: Path, kind: str, every: int) -> None:
    """They are signed, so that it is up to the reader of each field."""
    path = tmp_path / "search.json"
    arguments: dict[str, Any] = {"engine": "reference"} if kind == "scored under way" else {}
    if kind == "stages":
        arguments = {"strategy": Coordinate(restarts=1), "engine": "batched"}
    whole = fit(tmp_path / "other.json", **arguments)
    fit(path, None if kind == "finished" else 3, **arguments)
    os.unlink(tmp_path / "other.json")
    content = json.loads(path.read_bytes())["content"]
    unchanged, n_refused = signed(content), 0
    shallow = [place for place in places(content) if place[:1] != ("fingerprint",) or len(place) < 3]
    # A quick run has a sixth of them, another sixth of each place.
    chosen = [(place, new) for k, place in enumerate(shallow) for new in HOSTILE[k % every :: every]]
    for place, new in chosen:
        hostile = signed(changed(content, place, new))
        no_best = place[-1:] == ("best",) and new == []  # says that all were NaN: a lie, not a malformed file
        if hostile == unchanged or no_best:
            continue
        path.write_bytes(hostile)
        try:
            result = fit(path, **arguments)
        except CheckpointError:
            assert path.read_bytes() == hostile
            n_refused += 1
        else:  # such as another reason for an engine, or a time that has gone by
            assert (result.index, result.score, result.optimal) == (whole.index, whole.score, whole.optimal)
            assert place[:1] == ("journal",)
    assert n_refused > 500 // every


def with_boxes_of_one_size(path: Path) -> tuple[Any, Boxes, Any]:
    """Stop a search where two open boxes have the same size; return its file's content, the boxes and their bounds."""
    for after in range(3, 12):  # how far a search is by then depends on the machine
        path.unlink(missing_ok=True)
        fit(path, after)
        content = json.loads(path.read_bytes())["content"]
        kept = OpenBoxes.read(content["journal"]["running"]["search"]["open"], [9, 9])  # settings of a hidden neuron
        sizes = (kept.boxes.high - kept.boxes.low + 1).prod(axis=1).tolist()
        if 2 < len(sizes) > len(set(sizes)):
            return content, kept.boxes, kept.bounds
    raise AssertionError("no two open boxes had the same size")


def test_boxes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    content, kept, bounds = with_boxes_of_one_size(path)
    low, high = kept.low, kept.high
    sizes = (high - low + 1).prod(axis=1).tolist()
    alike = [sizes.index(size) for size in sizes]
    for boxes, ends in [
        (Boxes(low[1:], high[1:]), bounds[1:]),  # one is missing
        (Boxes(np.vstack([low, low[:1]]), np.vstack([high, high[:1]])), np.append(bounds, bounds[0])),
        (Boxes(low[alike], high[alike]), bounds),  # one twice, and another of its size missing
        (Boxes(low, high + 1), bounds),
        (Boxes(low + 3, high + 3), bounds),
        (Boxes(low, high), np.where(np.arange(len(bounds)) == 1, np.nan, bounds)),
    ]:
        hostile = copy.deepcopy(content)
        hostile["journal"]["running"]["search"]["open"] = OpenBoxes.of(boxes, ends).state()
        path.write_bytes(signed(hostile))
        assert_refused(path)
    bomb = pack(np.zeros((10**8, 1), dtype=np.int64))
    for name, value in [("count", 2**25), ("count", 10**6), ("low", bomb), ("bounds", pack_floats(np.ones(10**6)))]:
        hostile = copy.deepcopy(content)
        hostile["journal"]["running"]["search"]["open"][name] = value
        path.write_bytes(signed(hostile))
        assert_refused(path)


def test_a_score_that_the_machine_does_not_give_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    fit(path, 3)
    content = json.loads(path.read_bytes())["content"]
    best = content["journal"]["running"]["best"]
    best[0][0] = float(np.nextafter(float.fromhex(best[0][0]), 2.0)).hex()
    path.write_bytes(signed(content))
    assert_refused(path, "the score .* got another score now. Resume it on the computer")


def test_a_score_of_many_stages_that_would_be_the_best_is_refused(tmp_path: Path) -> None:
    path, coordinate = tmp_path / "search.json", Coordinate(block="parameter", restarts=12)
    assert fit(path, strategy=coordinate).score < 1.0
    content = json.loads(path.read_bytes())["content"]
    for stage in (0, 99, 100, len(content["journal"]["done"]) - 1):
        hostile = copy.deepcopy(content)
        hostile["journal"]["done"][stage]["best"][0][0] = (1.0).hex()
        path.write_bytes(signed(hostile))
        with pytest.raises(CheckpointError, match=r"the score 1\.0 .* got another score now"):
            fit(path, strategy=coordinate)


# Numbers come back bit for bit -------------------------------------------------------------------


@given(st.floats(allow_nan=False))
def test_floats_come_back(number: float) -> None:
    back = read_float(json.loads(json.dumps(write_float(number))), "here")
    assert np.float64(back).tobytes() == np.float64(number).tobytes()


@given(st.integers(0, 10**40) | st.integers(0, 2**54) | st.integers(10**5000, 10**5001))
def test_whole_numbers_come_back(number: int) -> None:
    assert read_int(json.loads(json.dumps(write_int(number))), "here") == number


@given(st.lists(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 300), min_size=3, max_size=3), max_size=20))
def test_arrays_come_back(rows: list[list[int]]) -> None:
    array = np.array(rows, dtype=np.int64).reshape(-1, 3)
    back = unpack(json.loads(json.dumps(pack(array))), "here", (len(rows), 3))
    assert back.dtype == np.int64
    assert (back == array).all()
    for wrong in ((len(rows) + 1, 3), (len(rows), 4)):
        if wrong[0] * wrong[1] != array.size:
            with pytest.raises(CheckpointError):
                unpack(pack(array), "here", wrong)


@given(st.lists(st.floats(allow_nan=False), max_size=30))
def test_vectors_come_back(numbers: list[float]) -> None:
    array = np.array(numbers, dtype=np.float64)
    assert unpack_floats(pack_floats(array), "here", len(numbers)).tobytes() == array.tobytes()


# Disks that fail --------------------------------------------------------------------------------


class Faulty:
    """Stands for `os` in the writing of files: one of its calls fails, or each."""

    def __init__(self, name: str, at: int, failure: Callable[[], BaseException], lasting: bool) -> None:
        self.calls = 0
        self._name, self._at, self._failure, self._lasting = name, at, failure, lasting

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name != self._name and not (name == "fdopen" and self._name == "write"):
            return real

        def faulty(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            due = self.calls >= self._at if self._lasting else self.calls == self._at
            if self._name == "write":
                return _Partly(real(*arguments, **named), self._failure if due else None)
            if due:
                raise self._failure()
            return real(*arguments, **named)

        return faulty


class _Partly:
    """A file that takes half of what is written, and fails."""

    def __init__(self, file: Any, failure: Callable[[], BaseException] | None) -> None:
        self._file, self._failure = file, failure

    def write(self, content: bytes) -> None:
        if self._failure is not None:
            self._file.write(content[: len(content) // 2])
            self._file.flush()
            raise self._failure()
        self._file.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Partly":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


CALLS = ["open", "write", "fsync", "replace"]
INSTANTS = [pytest.param(name, step, marks=[] if step > 1 else pytest.mark.slow) for name in CALLS for step in (3, 1)]
"""A call that fails, and every how many of them: a quick run has a third."""


def fit_on(disk: Faulty, path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[SearchResult, list[bytes], int]:
    """Search on a disk that fails; return the content of the file after each step, and the number of warnings."""
    contents: list[bytes] = []
    warned: list[str] = []

    def noted(event: SearchEvent) -> None:
        if path.exists():
            contents.append(path.read_bytes())

    def warn(text: str, *arguments: Any, **named: Any) -> None:
        warned.append(text)
        noted(None)  # type: ignore[arg-type]  # not looked at

    with monkeypatch.context() as patch:
        patch.setattr(minigrid._base.files, "os", disk)
        patch.setattr(warnings, "warn", warn)
        result = small_steps(GRID, engine="exact", callbacks=[noted]).fit(NETWORK, X, Y, checkpoint=path)
    return result, contents, len(warned)


@pytest.mark.parametrize(("name", "step"), INSTANTS)
def test_a_disk_that_is_full_at_any_instant_is_a_warning(
    tmp_path: Path, name: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "search.json"
    whole = fit(tmp_path / "whole.json")
    first = 2 if name == "open" else 1  # the first that is opened is the lock
    for at in range(first, 100, step):
        disk = Faulty(name, at, full, lasting=False)
        result, contents, n_warned = fit_on(disk, path, monkeypatch)
        assert told(result) == told(whole)
        if disk.calls < at:
            break
        assert n_warned == 1
        for content in contents:  # every one is whole
            assert json.loads(content)["format"] == "minigrid checkpoint"
        assert set(os.listdir(tmp_path)) <= {"search.json", "whole.json"}
        assert told(fit(path)) == told(whole)
        path.unlink()
    assert at > 8


def test_a_lock_that_cannot_be_had_is_an_error_before_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckpointError, match="a file that can be written"):
        fit_on(Faulty("open", 1, full, lasting=False), tmp_path / "search.json", monkeypatch)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", CALLS)
def test_a_disk_that_stays_full_leaves_the_file_from_before(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "search.json"
    whole = fit(tmp_path / "whole.json")
    fit(path, 3)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(minigrid._base.files, "os", Faulty(name, 2 if name == "open" else 1, full, lasting=True))
        with pytest.warns(RuntimeWarning, match=r"not be written: .*No space left on device.*The search continues"):
            assert told(fit(path)) == told(whole)
    assert path.read_bytes() == before
    assert told(fit(path)) == told(whole)


@pytest.mark.parametrize(("name", "step"), INSTANTS)
def test_a_second_signal_while_the_file_is_written_leaves_one_that_is_whole(
    tmp_path: Path, name: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(tmp_path / "whole.json")
    for at in range(1, 100, step):
        path = tmp_path / f"{at}.json"
        faulty = Faulty(name, at, KeyboardInterrupt, lasting=False)
        with monkeypatch.context() as patch:
            patch.setattr(minigrid._base.files, "os", faulty)
            with contextlib.suppress(KeyboardInterrupt):
                fit(path)
        if faulty.calls < at:
            break
        assert not Path(f"{path}.tmp").exists()
        assert told(fit(path)) == told(whole)
    assert at > 8


# One writer -------------------------------------------------------------------------------------


def test_a_search_inside_a_search_cannot_have_its_file(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    errors: list[CheckpointError] = []

    def again(event: SearchEvent) -> None:
        with pytest.raises(CheckpointError, match=r"uses, got .*in use. Wait for the other search") as caught:
            fit(path)
        errors.append(caught.value)

    small_steps(GRID, engine="exact", callbacks=[again]).fit(NETWORK, X, Y, checkpoint=path)
    assert errors
    fit(path)


_HOLDER = """
import sys, time
from minigrid import *
from minigrid.datasets import xor

def hold(event):
    print("holding", flush=True)
    time.sleep(60)

GridSearchTrainer(Grid([-2.0, 0.3, 1.7]), engine="exact", callbacks=[hold]).fit(
    Network.dense([2, 2, 1], activation=Tanh()), *xor(n_samples=40), checkpoint=sys.argv[1]
)
"""


def test_another_process_cannot_have_it_until_that_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "holding\n"
        for _ in range(2):
            with pytest.raises(CheckpointError, match="in use"):
                fit(path)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert os.listdir(tmp_path) == ["search.json.lock"]  # which locks nothing
    fit(path)
    assert os.listdir(tmp_path) == ["search.json"]


def test_what_a_killed_process_left_beside_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    (tmp_path / "search.json.tmp").write_bytes(b"half of a fi")
    (tmp_path / "search.json.lock").write_bytes(b"")
    fit(path, 3)
    fit(path)
    assert os.listdir(tmp_path) == ["search.json"]


# Paths ------------------------------------------------------------------------------------------


def test_a_path_may_be_a_link_and_the_folder_may_be_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    link = tmp_path / "here" / "search.json"
    link.symlink_to(tmp_path / "there" / "real.json")
    monkeypatch.chdir(tmp_path / "here")

    def leave(event: SearchEvent) -> None:
        os.chdir(tmp_path)

    whole = small_steps(GRID, engine="exact", callbacks=[leave]).fit(NETWORK, X, Y, checkpoint="search.json")
    assert link.is_symlink()
    assert os.listdir(tmp_path / "there") == ["real.json"]
    assert told(fit(link)) == told(whole)
    assert sorted(os.listdir(tmp_path)) == ["here", "there"]


def test_the_owners_rights_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "search.json"
    fit(path, 3)
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    fit(path)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("wrong", [3, b"search.json", True, ["search.json"], 1.5])
def test_what_is_no_path_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidTypeError, match="checkpoint: expected"):
        fit(wrong)


def test_a_folder_a_pipe_or_a_device_is_refused(tmp_path: Path) -> None:
    for wrong in ("", "a\0b", "\ud800.json", tmp_path, f"{tmp_path}/new/"):
        with pytest.raises(InvalidValueError, match="checkpoint: expected the path of a file"):
            fit(wrong)
    os.mkfifo(tmp_path / "pipe")  # to open it would take for ever
    for wrong in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(InvalidValueError, match="got the pipe or device"):
            fit(wrong)
    os.unlink(tmp_path / "pipe")
    if Path("/proc").is_dir():  # which exists, and still takes no file
        with pytest.raises(CheckpointError, match=r"a folder that files can be written to, got '/proc'\. Choose"):
            fit("/proc/x.json")
    with pytest.raises(CheckpointError, match=r"a folder that exists.*Create it, or choose another path"):
        fit(tmp_path / "missing" / "search.json")
    assert os.listdir(tmp_path) == []
