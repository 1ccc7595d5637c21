"""Files that are whole at every instant, and locks that end with the process that holds them.

A file is replaced, never changed: the new content is written beside it, brought to the disk, and put in its place by
one rename, which is brought to the disk too. Whenever the machine stops, the old file is there or the new one.

A lock is the operating system's, on a file beside (`search.json.lock`): it ends with its process, however that
ends. A process that was killed leaves the empty lock file behind, which locks nothing and is used again.
"""

import contextlib
import errno
import os
import secrets
import stat
import threading
from collections.abc import Iterator

from minigrid._base.text import describe, message
from minigrid.exceptions import CheckpointError, InvalidTypeError, InvalidValueError

_held: set[str] = set()  # locks of this process: the operating system's do not keep it from itself
_held_guard = threading.Lock()


def as_file_path(path: object, argument: str, fix: str) -> str:
    """Return the path of a file, absolute and without links, so that neither `chdir` nor a link matters.

    Args:
        path: what a user gave.
        argument: what it is called.
        fix: how to give one.

    Raises:
        InvalidTypeError: neither text nor a path.
        InvalidValueError: empty, or the path of a folder, a pipe or a device.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidTypeError(message(argument, "the path of a file", describe(path), fix))
    text: object = os.fspath(path)
    if not isinstance(text, str):
        raise InvalidTypeError(message(argument, "a path of text", describe(text), fix))
    if not text or "\0" in text or not _has_bytes(text):
        raise InvalidValueError(message(argument, "the path of a file", ascii(text), fix))
    real = os.path.realpath(text)
    if os.path.isdir(real) or text.endswith(("/", os.sep)):
        raise InvalidValueError(message(argument, "the path of a file", f"the folder {text!r}", fix))
    if os.path.exists(real) and not os.path.isfile(real):  # to read it might take for ever
        raise InvalidValueError(message(argument, "the path of a file", f"the pipe or device {text!r}", fix))
    return real


def _has_bytes(path: str) -> bool:
    """Whether the system can write a name down: not so with half a character of two."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def replace_file(path: str, content: bytes) -> None:
    """Put content in the place of a file, which may not be there yet; the caller holds the lock.

    Args:
        path: absolute, and no link.
        content: all of the file.

    Raises:
        OSError: it could not be written; the file is as it was.
    """
    beside = f"{path}.tmp"
    with contextlib.suppress(FileNotFoundError):  # of a process that was killed
        os.unlink(beside)
    _put(path, beside, content)


def write_file(path: str, content: bytes) -> None:
    """Put content in the place of a file, which may not be there yet; of several writers at once, one is the last.

    Args:
        path: absolute, and no link.
        content: all of the file.

    Raises:
        OSError: it could not be written; the file is as it was.
    """
    _put(path, f"{path}.{secrets.token_hex(8)}.tmp", content)


def _put(path: str, beside: str, content: bytes) -> None:
    """Write a new file, and rename it; an error that keeps it from being made is that of the file it is for."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(beside, flags, 0o666)
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, no_folder(path), path) from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(beside, stat.S_IMODE(os.stat(path).st_mode))  # as its owner has set it
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    sync_directory(os.path.dirname(path))


def no_folder(path: str) -> str:
    """Write the message for a file whose folder is missing."""
    folder = os.path.dirname(path)
    return f"expected a folder that exists, got {folder!r}. Create it, or choose another path."


def sync_directory(path: str) -> None:
    """Bring to the disk which files a folder has."""
    if os.name == "nt":  # has no such thing
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # of file systems that do not know it
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Keep others from a file, in this process and in all others that ask too.

    Args:
        path: absolute, and no link.

    Raises:
        CheckpointError: it is in use, or cannot be locked.
    """
    beside = f"{path}.lock"
    with _held_guard:
        if path in _held:
            raise _in_use(path)
        _held.add(path)
    try:
        descriptor = _lock(path, beside)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # another may look at it just now
                os.unlink(beside)
            os.close(descriptor)
    finally:
        with _held_guard:
            _held.discard(path)


def _lock(path: str, beside: str) -> int:
    while True:
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise CheckpointError(f"checkpoint: {no_folder(path)}") from error
            fix = "Choose a folder that you may write to."
            got = f"{error.strerror or error}: {os.path.dirname(path)!r}"
            raise CheckpointError(message("checkpoint", "a file that can be written", got, fix)) from error
        try:
            _lock_descriptor(descriptor)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(beside)):
                    return descriptor
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                raise _in_use(path) from None
            fix = "Choose a disk of this machine: this one has no locks."
            raise CheckpointError(message("checkpoint", "a file that can be locked", f"{error}", fix)) from error
        os.close(descriptor)  # its last holder has removed it in the meantime


def _lock_descriptor(descriptor: int) -> None:
    """Lock an open file, or raise an OSError at once. Children of a fork do not inherit the lock."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # on Windows only
    else:
        import fcntl

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _in_use(path: str) -> CheckpointError:
    fix = "Wait for it, end it, or use another file."
    return CheckpointError(message("checkpoint", "a file that no other search writes", f"{path}, in use", fix))
