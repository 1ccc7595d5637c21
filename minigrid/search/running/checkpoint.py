"""Checkpoints: a search saved in a file, from which another process can resume it as though nothing had happened.

The file is JSON: a format, its version, a checksum, and a content of two parts: the fingerprint of the search
(`fingerprint.py`) and the journal of its results so far (`journal.py`). minigrid never runs anything from the file.

- A search writes the file soon after a process begins, then every few seconds, less often if that takes long, and at
  the end, whatever ends it: a limit, a callback, Ctrl-C, an error. The file is complete at every moment
  (`_base/files.py`). If the disk is full, minigrid warns, keeps the earlier file and continues the search, and tries
  again at the next time.
- A search reads the file before it begins. If the file is damaged, newer, of another problem, or in use by another
  search, it raises a `CheckpointError` that says which and why, and leaves the file as it is.
- From the file of a finished search, it returns the result at once, without a single score.

Limits, callbacks and the progress bar are not part of the fingerprint, and may differ between processes. A time limit
counts from each call of `fit`; a number of candidates counts over all calls.
"""

import contextlib
import hashlib
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import final

from minigrid._base.codec import refusal
from minigrid._base.document import parse_document
from minigrid._base.fields import Fields
from minigrid._base.files import as_file_path, locked, replace_file
from minigrid._base.text import describe, message
from minigrid._base.typing import JSON
from minigrid._base.version import __version__
from minigrid.exceptions import CheckpointError
from minigrid.search.pace import Pace
from minigrid.search.problem import Problem
from minigrid.search.running.fingerprint import Fingerprints, readable
from minigrid.search.running.journal import Journal
from minigrid.search.running.stage import Stage

_FORMAT = "minigrid checkpoint"
_VERSION = 2
_LARGEST = 2**31  # bytes: no search writes this many
_ANEW = "Use another file, or delete this one to begin again."
_ANOTHER = "Use another file. minigrid leaves this one as it is."


def as_path(checkpoint: object) -> str:
    """Return the path of a checkpoint, absolute and without links, so that neither `chdir` nor a link matters.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is empty, or the path of a folder, a pipe or a device.
    """
    return as_file_path(checkpoint, "checkpoint", 'Pass a path, such as "search.json", or None.')


@contextlib.contextmanager
def open_journal(path: str, problem: Problem, settings: dict[str, JSON], pace: Pace) -> Iterator[Journal]:
    """Lock a file for one search, and return its journal.

    Args:
        path: the path, as `as_path` returned it.
        problem: the problem that is searched.
        settings: the strategy, the engine and so on, by readable names.
        pace: how often to write the file.

    Raises:
        CheckpointError: the file is in use, damaged, newer, or of another search.
        ActivationError, ScoringError: a custom activation or scoring broke its contract.
    """
    with locked(path):
        store = _Checkpoint(path, problem, settings)
        try:
            journal = store.read()
        except RecursionError as error:  # in brackets that are nested nearly as deep as a parser goes
            raise refusal(CheckpointError, f"checkpoint {path}", f"a {_FORMAT}", f"{error}") from None
        try:
            yield Journal(store, journal, problem.space.size, pace=pace)
        except CheckpointError as error:
            raise CheckpointError(f"checkpoint {path}: {error}") from error.__cause__


@final
class _Checkpoint:
    """The file of one search."""

    def __init__(self, path: str, problem: Problem, settings: dict[str, JSON]) -> None:
        self._path = path
        self._fingerprints = Fingerprints(problem)
        self._fingerprint: dict[str, JSON] = {
            "minigrid": __version__,
            **self._fingerprints.of_problem(),
            **settings,
        }
        self._names = problem.space.names

    def describe(self, stage: Stage, top: int) -> dict[str, JSON]:
        """Describe a stage, see `CheckpointStore`."""
        return self._fingerprints.describe(stage, top)

    def save(self, content: dict[str, JSON]) -> None:
        """Save a journal, see `CheckpointStore`; warn if the file cannot be written."""
        whole: dict[str, JSON] = {"fingerprint": self._fingerprint, "journal": content}
        file = {"format": _FORMAT, "version": _VERSION, "checksum": _checksum(whole), "content": whole}
        try:
            # Without a newline at the end, so that a file that lacks its last byte is incomplete.
            replace_file(self._path, json.dumps(file, indent=1).encode("ascii"))
        except OSError as error:
            said = (error.strerror or f"{error}").rstrip(".")
            text = f"checkpoint {self._path} could not be written: {said}. The search continues, and tries again."
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    def read(self) -> object:
        """Read the journal of an earlier process; None if there is no file.

        Raises:
            CheckpointError: the file is damaged, newer, or of another search.
        """
        name = f"checkpoint {self._path}"
        try:
            with open(self._path, "rb") as file:
                content = file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise refusal(CheckpointError, name, "one that can be read", f"{error}", _ANOTHER) from error
        fields = parse_document(content, name, _FORMAT, _VERSION, CheckpointError).only(["checksum", "content"])
        checksum = _checksum(fields["content"])
        if fields.text("checksum") != checksum:
            raise fields.error("checksum", f"{checksum}, as of the content", describe(fields["checksum"]))
        kept = fields.part("content").only(["fingerprint", "journal"])
        self._compare(kept)
        if "journal" not in kept:  # which would mean a new search
            raise kept.error("journal", "what was found", "None")
        return kept["journal"]

    def _compare(self, content: Fields) -> None:
        """Raise an error if the file is of another search, and name every part that differs."""
        now = self._fingerprint
        kept = content["fingerprint"]
        if not isinstance(kept, dict) or (kept.keys() != now.keys() and kept.get("minigrid") == now["minigrid"]):
            raise content.error("fingerprint", f"the parts {', '.join(now)}", describe(kept))
        differing = [name for name, part in now.items() if not _are_equal(kept.get(name), part)]
        # What code gives depends on all the rest: it says something only if that is the same.
        told = [name for name in differing if not name.startswith("what ")] or differing[:1]
        found = [_difference(name, kept.get(name), now[name], self._names) for name in told]
        if found:
            expected, got = "one of the same search", "one in which " + "; ".join(found)
            raise CheckpointError(message(f"checkpoint {self._path}", expected, got, _ANEW))


def _are_equal(kept: object, now: JSON) -> bool:
    return json.dumps(kept, sort_keys=True) == json.dumps(now, sort_keys=True)  # unlike ==, tells True from 1


def _difference(name: str, kept: object, now: JSON, parameters: Sequence[str]) -> str:
    """Describe how a part of two fingerprints differs."""
    if name == "grids":
        return _grids_difference(kept, now, parameters)
    if name in ("X", "y", "sample_weight"):
        return f"{name} differs"
    if name == "network":
        return "the network differs (its layers, connections, biases or activations)"
    if name == "minigrid":
        return f"minigrid was {kept}, and is {now}"
    if isinstance(kept, str | int) and isinstance(now, str | int) and not isinstance(kept, bool):
        return f"the {name} was {kept}, and is {now}"
    if name.startswith("what "):
        return f"{name} differs, although it is called the same"
    return f"the {name} differs"


def _grids_difference(kept: object, now: JSON, parameters: Sequence[str]) -> str:
    """Name the parameters whose grids differ, and what the first of them was."""
    before, after = _grid_of_each(kept), _grid_of_each(now)
    if before is None or after is None or len(before) != len(after):
        return "the grids differ"
    differing = [
        (
            f"of {parameter} was {one[0]}, and is {other[0]}"
            if one[0] != other[0]
            else f"of {parameter} has other values"
        )
        for parameter, one, other in zip(parameters, before, after, strict=True)
        if one != other
    ]
    more = f" (so do those of {len(differing) - 1} more parameters)" if len(differing) > 1 else ""
    return f"the grid {differing[0]}{more}" if differing else "the grids differ"


def _grid_of_each(part: object) -> list[tuple[str, str]] | None:
    """List the grid of each parameter in words and as a digest; None if the part is damaged."""
    if not isinstance(part, dict) or not isinstance(part.get("grids"), list) or not isinstance(part.get("of"), list):
        return None
    grids = [tuple(map(str, grid)) for grid in part["grids"] if isinstance(grid, list) and len(grid) == 2]
    if not all(isinstance(k, int) and 0 <= k < len(grids) for k in part["of"]):
        return None
    return [(grids[k][0], grids[k][1]) for k in part["of"]]


def _checksum(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def settings_of(strategy: object, engine: object, top: int) -> dict[str, JSON]:
    """Describe the settings of a search, for the fingerprint."""
    return {"strategy": readable(strategy), "engine": readable(engine), "top": top}
