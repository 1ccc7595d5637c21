"""Every score of a searched space in a file: float64, in the order of the candidates, in NumPy's own format `.npy`.

minigrid reserves the space on the disk before the search begins, so that you learn at once, and not after hours, if the
disk is too small. The thread that scores a chunk writes it to its place. The file gets its name when the search ends. A
search that stops early leaves the scores of the candidates that it reached, which are the first ones.
"""

import contextlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import final

import numpy as np
from numpy.lib import format as npy

from minigrid._base.files import as_file_path, fix_of_writing, no_folder, sync_directory
from minigrid._base.text import describe, format_count, message
from minigrid._base.typing import FloatArray, IntArray, override
from minigrid.exceptions import InvalidTypeError, InvalidValueError
from minigrid.search.engines.base import EnginePair, Scorer
from minigrid.search.problem import Problem

_NAME = "scores.npy"
_FIX = 'Pass a path, such as "scores.npy", True for that one, or False.'
_SMALLER = "Keep those of a part, with max_candidates=n, choose another disk, or use fewer grid values."
_SPARE = 2**26  # bytes that stay free


def as_score_path(keep_scores: object) -> str | None:
    """Return the path of the file that the user asks for, or None.

    Raises:
        InvalidTypeError: `keep_scores` is neither True, False, text nor a path.
        InvalidValueError: it is not the path of a file.
    """
    if isinstance(keep_scores, bool | np.bool_):
        return as_file_path(_NAME, "keep_scores", _FIX) if keep_scores else None
    if not isinstance(keep_scores, str | os.PathLike):
        raise InvalidTypeError(message("keep_scores", "True, False or the path of a file", describe(keep_scores), _FIX))
    return as_file_path(keep_scores, "keep_scores", _FIX)


@final
class ScoreFile:
    """A file of scores that a search is writing.

    Args:
        path: the final path of the file, absolute and not a link.
        n_scores: for how many scores to reserve space.

    Raises:
        InvalidValueError: the scores do not fit on the disk, or the file could not be created.
    """

    def __init__(self, path: str, n_scores: int) -> None:
        self.path = path
        self._beside = f"{path}.{secrets.token_hex(8)}.tmp"
        self._lock = threading.Lock()
        self._is_open = True
        folder = os.path.dirname(path)
        try:
            free = max(shutil.disk_usage(folder).free - _SPARE, 0)
        except FileNotFoundError as error:
            raise InvalidValueError(f"keep_scores: {no_folder(path)}") from error
        except OSError as error:
            expected, fix = "a folder that can be read", "Choose another folder."
            raise InvalidValueError(message("keep_scores", expected, f"{error}", fix)) from error
        if 8 * n_scores > free:
            got = f"{format_count(n_scores)} of 8 bytes each"
            raise InvalidValueError(message("keep_scores", f"scores that fit, {free // 8:,} at most", got, _SMALLER))
        self._header = _header(n_scores)
        try:
            self._descriptor = os.open(
                self._beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
            )
        except OSError as error:
            expected, fix = "a file that can be written", fix_of_writing(error)
            raise InvalidValueError(message("keep_scores", expected, f"{error}", fix)) from error
        try:
            _take_room(self._descriptor, len(self._header) + 8 * n_scores)
        except OSError as error:
            self.discard()
            got = f"{format_count(n_scores)}, for which there is no room: {error}"
            raise InvalidValueError(message("keep_scores", "scores that fit", got, _SMALLER)) from error

    def write(self, first: int, scores: FloatArray) -> None:
        """Write the scores of consecutive candidates.

        Args:
            first: the index of the first candidate.
            scores: shape (n_candidates,).
        """
        content = np.ascontiguousarray(scores, dtype="<f8").tobytes()
        with self._lock:
            os.lseek(self._descriptor, len(self._header) + 8 * first, os.SEEK_SET)
            while content:  # the system may take a part of it only
                content = content[os.write(self._descriptor, content) :]

    def finish(self, n_scores: int) -> None:
        """Give the file its name, with the scores of the first candidates."""
        header = _header(n_scores)
        assert len(header) == len(self._header)  # numbers of any length stand in as many bytes
        os.ftruncate(self._descriptor, len(header) + 8 * n_scores)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, header)
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        self._is_open = False
        os.replace(self._beside, self.path)
        sync_directory(os.path.dirname(self.path))

    def recorded(self, engines: EnginePair) -> EnginePair:
        """Return engines whose scorer scores everything, and writes every score to this file."""
        return EnginePair(RecordingScorer(engines.scorer, self), reason="keep_scores asks for every score")

    def discard(self) -> None:
        """Remove the file, unless it is finished."""
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)
        with contextlib.suppress(OSError):
            os.unlink(self._beside)


def _header(n_scores: int) -> bytes:
    """Build the header of an `.npy` file, in the version whose length does not depend on the number of scores."""
    from io import BytesIO

    stream = BytesIO()
    write: Callable[..., None] = npy.write_array_header_1_0
    write(stream, {"descr": "<f8", "fortran_order": False, "shape": (n_scores,)})
    return stream.getvalue()


def _take_room(descriptor: int, size: int) -> None:
    """Reserve space on the disk, so that later writes find it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    zeros = bytes(2**20)
    while size > 0:
        size -= os.write(descriptor, zeros[:size])


@contextlib.contextmanager
def open_score_file(
    path: str | None, engines: EnginePair, problem: Problem, most: int | None
) -> Iterator[ScoreFile | None]:
    """Open a file for the scores of a search, and remove it unless it is finished; None without a path.

    Args:
        path: the path of the file; None: no scores are kept.
        engines: the engines that the user asked for.
        problem: the problem that is searched.
        most: how many candidates are scored at most; None: all.

    Raises:
        InvalidValueError: the scores do not fit on the disk, or the user asked for an engine that proves.
    """
    if path is None:
        yield None
        return
    if engines.prover is not None and not engines.prover.falls_back:
        fix = 'Use "auto" or "batched", or leave out keep_scores.'
        got = repr(engines.prover.name)
        raise InvalidValueError(message("engine", "one that scores all, as keep_scores asks", got, fix))
    size = problem.space.size
    file = ScoreFile(path, size if most is None else min(size, most))
    try:
        yield file
    finally:
        file.discard()


@final
class RecordingScorer(Scorer):
    """Scores as another scorer does, and writes every score to a file.

    Args:
        scorer: the scorer.
        file: the file.
    """

    def __init__(self, scorer: Scorer, file: ScoreFile) -> None:
        self._scorer = scorer
        self._file = file
        self.name: str = scorer.name
        self.threads: bool = scorer.threads

    @override
    def __repr__(self) -> str:
        return repr(self._scorer)

    @override
    def score(self, problem: Problem, digits: IntArray) -> FloatArray:
        scores = self._scorer.score(problem, digits)
        if np.shape(scores) == (len(digits),):  # else it is an error that follows
            self._file.write(problem.space.index_at(digits[0]), scores)
        return scores

    @override
    def chunk_size(self, problem: Problem) -> int:
        return self._scorer.chunk_size(problem)

    @override
    def memory(self, problem: Problem, n_candidates: int) -> int:
        return self._scorer.memory(problem, n_candidates)
