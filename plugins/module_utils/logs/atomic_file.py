# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes files that appear only when they are complete, and removes the temporary files of killed runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS

_CHUNK = 256 * 1024  # these sizes are in bytes
_PIECE = 64 * 1024
_WRITEBACK_STEP = 8 * 1024 * 1024
_WAITING = 4  # at most so many pieces wait for the disk
_UNFINISHED = ".part"
_LEFTOVER = re.compile(r"\A\.(?P<of>.+)\.[A-Za-z0-9_]{8}\.part\Z", re.ASCII)  # as tempfile.mkstemp names it
_SAVED_LOG = re.compile(rf"\A({'|'.join(KINDS)})-[A-Za-z0-9._-]+\.log(\.gz)?\Z", re.ASCII)
_OLD = 3600.0  # seconds


class StorageError(AimmsError):
    """A file could not be written."""


class AtomicFile:
    """A temporary file beside ``path`` that ``put`` renames to it. In check mode nothing is written.

    The file is locked while it is open: ``sweep`` of another run removes only unlocked ones. A thread computes the
    checksum and writes, while the next piece is received. All its errors are StorageErrors.
    """

    def __init__(self, path: Path, check_mode: bool) -> None:
        self._path = path
        self._file: Any = None
        self._name: Optional[Path] = None
        self._check_mode = check_mode
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._gathered: list[bytes] = []
        self._queued = self._written_back = 0  # bytes
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[Future[None]] = deque()
        self.size = 0

    @property
    def checksum(self) -> str:
        """The SHA-1 of the content, as Ansible's own modules return it. Complete after ``put``."""
        return self._digest.hexdigest()

    def __enter__(self) -> AtomicFile:
        """Create the temporary file. :raises StorageError: when that fails."""
        while not self._check_mode and self._name is None:
            with storing(self._path):
                prefix = f".{self._path.name}."
                handle, name = tempfile.mkstemp(prefix=prefix, suffix=_UNFINISHED, dir=self._path.parent)
                self._file = os.fdopen(handle, "wb")
                with suppress(OSError):  # a file system without locks: there ``sweep`` looks at the age
                    fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink:  # else another run has removed it before it was locked
                    self._name = Path(name)
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the temporary file, unless ``put`` has renamed it."""
        for piece in self._waiting:
            piece.cancel()
        self._writer.shutdown()
        if self._name is not None:
            self._name.unlink(missing_ok=True)
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def write(self, piece: bytes) -> int:
        """:raises StorageError: when this piece or an earlier one could not be written."""
        self.size += len(piece)
        self._gathered.append(piece)
        if self.size - self._queued >= _PIECE:
            self._queue()
        return len(piece)

    def _queue(self) -> None:
        """Give the thread what was gathered, when fewer than ``_WAITING`` pieces wait."""
        while len(self._waiting) >= _WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._writer.submit(self._append, b"".join(self._gathered)))
        self._gathered.clear()
        self._queued = self.size

    def _append(self, piece: bytes) -> None:
        self._digest.update(piece)
        if self._file is not None:
            with storing(self._path):
                self._file.write(piece)
                self._start_writeback()

    def _start_writeback(self) -> None:
        """Make the system write to the disk now: ``put`` then waits less."""
        begin, end = self._written_back, self._file.tell()
        if end - begin >= _WRITEBACK_STEP and hasattr(os, "posix_fadvise"):
            self._file.flush()
            with suppress(OSError):  # not supported by this file system
                os.posix_fadvise(self._file.fileno(), begin, end - begin, os.POSIX_FADV_DONTNEED)
            self._written_back = end

    def flush(self) -> None:
        """Called by gzip. ``put`` flushes."""

    def put(self, mode: Optional[int], *, empty: bool) -> bool:
        """Put the file in its place if the content differs, and set the mode. Returns whether either changes.

        :param mode: None keeps the mode of an existing file. :param empty: whether the log has no lines.
        :raises StorageError: when an empty log would replace one with content, or not all could be written.
        """
        self._queue()
        while self._waiting:
            self._waiting.popleft().result()
        with storing(self._path):
            there = self._path.is_file()
            before = self._path.stat().st_mode & 0o7777 if there else None
            wanted = before if mode is None else mode
            same = there and _checksum(self._path) == self.checksum
            if there and empty and not same and self._path.stat().st_size:
                raise StorageError(f"The server gives an empty log, so {self._path} was left as it is.")
            if self._file is not None and self._name is not None and not same:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._name.chmod(0o600 if wanted is None else wanted)
                self._name.replace(self._path)
                self._name = None
            elif not self._check_mode and same and wanted != before and wanted is not None:
                self._path.chmod(wanted)
            return not same or wanted != before


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """:raises StorageError: for any OSError inside."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from None


def _checksum(path: Path) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as opened:
        for chunk in iter(lambda: opened.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def sweep(paths: Iterable[Path]) -> None:
    """Remove the temporary files that killed runs left in the folders of ``paths``: of these files and of any log.

    Files that cannot be removed are ignored.
    """
    names: dict[Path, set[str]] = {}
    for path in paths:
        names.setdefault(path.parent, set()).add(path.name)
    for folder, wanted in names.items():
        with suppress(OSError):
            for path in list(folder.glob(f".*{_UNFINISHED}")):
                named = _LEFTOVER.match(path.name)
                if named and (named["of"] in wanted or _SAVED_LOG.match(named["of"])):
                    _remove(path)


def _remove(leftover: Path) -> None:
    """Remove a temporary file unless a running process holds its lock; without locks, if it is old."""
    with suppress(OSError), leftover.open("ab") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:
            if time.time() - os.fstat(opened.fileno()).st_mtime < _OLD:
                return
        leftover.unlink(missing_ok=True)
