"""Files that are complete at every moment, and locks that end with the process that holds them.

minigrid replaces files and never changes them: it writes the new content to another file, syncs that to the disk,
renames it over the old one, and syncs the rename too. Whenever the machine stops, either the old file is there or the
new one.

A lock belongs to the operating system and is held on another file (`search.json.lock`). It ends with its process,
however that ends. A killed process leaves the empty lock file behind, which locks nothing, and minigrid uses it again.
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

_held: set[str] = set()  # locks of this process, because those of the operating system do not keep it from itself
_held_guard = threading.Lock()


def as_file_path(path: object, argument: str, fix: str) -> str:
    """Return the path of a file, absolute and without links, so that neither `chdir` nor a new link matters.

    Args:
        path: what the user passed.
        argument: its name, for the error.
        fix: how to pass a path, for the error.

    Raises:
        InvalidTypeError: `path` is neither text nor a path.
        InvalidValueError: `path` is empty, or the path of a folder, a pipe or a device; or the current folder is gone.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidTypeError(message(argument, "the path of a file", describe(path), fix))
    text: object = os.fspath(path)
    if not isinstance(text, str):
        raise InvalidTypeError(message(argument, "a path of text", describe(text), fix))
    if not text or "\0" in text or not _has_bytes(text):
        raise InvalidValueError(message(argument, "the path of a file", ascii(text), fix))
    try:
        real = os.path.realpath(text)
    except FileNotFoundError as error:  # the current folder was removed
        got = f"{text!r}, in a current folder that is gone"
        raise InvalidValueError(
            message(argument, "a path of a folder that exists", got, "Pass the whole path.")
        ) from error
    if os.path.isdir(real) or text.endswith(("/", os.sep)):
        raise InvalidValueError(message(argument, "the path of a file", f"the folder {text!r}", fix))
    if os.path.exists(real) and not os.path.isfile(real):  # reading it might take for ever
        raise InvalidValueError(message(argument, "the path of a file", f"the pipe or device {text!r}", fix))
    return real


def _has_bytes(path: str) -> bool:
    """Whether the file system can write a name, which may hold half a character."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def replace_file(path: str, content: bytes) -> None:
    """Replace or create a file. The caller must hold its lock.

    Args:
        path: the path of the file, absolute and not a link.
        content: the whole content.

    Raises:
        OSError: the file could not be written. An earlier file stays as it was.
    """
    beside = f"{path}.tmp"
    with contextlib.suppress(FileNotFoundError):  # the leftover of a killed process
        os.unlink(beside)
    _put(path, beside, content)


def write_file(path: str, content: bytes) -> None:
    """Replace or create a file. If several processes write at once, the last one wins.

    Args:
        path: the path of the file, absolute and not a link.
        content: the whole content.

    Raises:
        OSError: the file could not be written. An earlier file stays as it was.
    """
    _put(path, f"{path}.{secrets.token_hex(8)}.tmp", content)


def _put(path: str, beside: str, content: bytes) -> None:
    """Write a new file and rename it. If it cannot be created, the error names the file that it was for."""
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
                os.chmod(beside, stat.S_IMODE(os.stat(path).st_mode))  # keep the permissions of the earlier file
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
    """Write the message for a file whose folder is missing, or takes no files, such as /proc."""
    folder = os.path.dirname(path)
    if os.path.isdir(folder):
        return f"expected a folder that files can be written to, got {folder!r}. Choose another folder."
    fix = "Create it, or choose another path."
    if any(part.startswith("~") for part in folder.split(os.sep)):
        fix = "To write to your home folder, pass os.path.expanduser(path), as only a shell replaces ~."
    return f"expected a folder that exists, got {folder!r}. {fix}"


def fix_of_writing(error: OSError) -> str:
    """Say what to do about a file that cannot be created."""
    if error.errno == errno.ENAMETOOLONG:
        return "Choose a shorter name, of at most 200 bytes."
    if error.errno == errno.ENOSPC:
        return "Make room, or choose a folder on another disk."
    return "Choose a folder that you may write to."


def sync_directory(path: str) -> None:
    """Sync a folder's list of files to the disk."""
    if os.name == "nt":  # Windows cannot sync a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Lock a file against other searches, in this process and in others.

    Args:
        path: the path of the file, absolute and not a link.

    Raises:
        CheckpointError: the file is in use, or cannot be locked.
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
            with contextlib.suppress(OSError):  # another process may have it open
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
            got = f"{error.strerror or error}: {os.path.dirname(path)!r}"
            fix = fix_of_writing(error)
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
            fix = "Use a file on a local disk: this file system has no locks."
            raise CheckpointError(message("checkpoint", "a file that can be locked", f"{error}", fix)) from error
        os.close(descriptor)  # the process that held the lock has just removed the lock file: try again


def _lock_descriptor(descriptor: int) -> None:
    """Lock an open file, or raise an OSError at once. A forked child does not inherit the lock."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # on Windows only
    else:
        import fcntl

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _in_use(path: str) -> CheckpointError:
    fix = "Wait for the other search, end it, or use another file."
    return CheckpointError(message("checkpoint", "a file that no other search uses", f"{path}, in use", fix))
