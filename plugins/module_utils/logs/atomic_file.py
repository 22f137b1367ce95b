# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes files that appear only when they are complete, and never in place of what they do not begin with."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import re
import stat
import tempfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aimms.cloud.plugins.module_utils.errors import AimmsError
from ansible_collections.aimms.cloud.plugins.module_utils.models.states import KINDS
from ansible_collections.aimms.cloud.plugins.module_utils.workers import WorkerPool

_CHUNK = 256 * 1024  # bytes
_AHEAD = 4  # chunks that wait to be written
_BEGUN = 8 * 1024 * 1024  # bytes whose way to the disk begins together
_UNFINISHED = ".part"
_LEFTOVER = re.compile(r"\A\.(?P<of>.+)\.[A-Za-z0-9_]{8}\.part\Z", re.ASCII)  # as tempfile.mkstemp names it
_SAVED_LOG = re.compile(rf"\A({'|'.join(KINDS)})-[A-Za-z0-9._-]+\.log(\.gz)?\Z", re.ASCII)


class StorageError(AimmsError):
    """A file could not be written."""


class AtomicFile:
    """A temporary file beside ``path`` that ``put`` renames. In check mode nothing is written beside ``path``.

    The file is locked while it is open: ``sweep`` of another run removes only unlocked ones. All its errors are
    StorageErrors. After ``put``, ``size`` and ``checksum`` are those of the content, and ``path`` is where it is.
    A thread digests and writes a large one.
    """

    def __init__(self, path: Path, check_mode: bool) -> None:
        self.path = path
        self._file: Any = None
        self._name: Optional[Path] = None
        self._check_mode = check_mode
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._thread = WorkerPool(1)
        self._waiting: deque[Any] = deque()
        self._pieces: list[bytes] = []
        self._gathered = self._stored = self._on_the_way = 0  # bytes
        self.size = 0

    @property
    def checksum(self) -> str:
        """The SHA-1 of the content, as Ansible's own modules return it."""
        return self._digest.hexdigest()

    def __enter__(self) -> AtomicFile:
        """Create the temporary file. :raises StorageError: when that fails."""
        with storing(self.path):
            if self._check_mode:
                self._file = tempfile.TemporaryFile()
            while not self._check_mode and self._name is None:
                prefix = f".{self.path.name}."
                handle, name = tempfile.mkstemp(prefix=prefix, suffix=_UNFINISHED, dir=self.path.parent)
                self._file = os.fdopen(handle, "w+b")
                _lock(handle)
                if os.fstat(handle).st_nlink:  # else another run has removed it before it was locked
                    self._name = Path(name)
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the temporary file, unless ``put`` has renamed it."""
        self._thread.__exit__()
        with suppress(OSError):
            if self._name is not None:
                self._name.unlink(missing_ok=True)
            self._file.close()

    def write(self, piece: bytes) -> int:
        """:raises StorageError: when it or one before it cannot be written."""
        self.size += len(piece)
        self._gathered += len(piece)
        self._pieces.append(piece)
        if self._gathered >= _CHUNK:
            self._waiting.append(self._thread.submit(self._store, self._pieces))
            self._pieces, self._gathered = [], 0
            if len(self._waiting) > _AHEAD:
                self._waiting.popleft().result()
        return len(piece)

    def _store(self, pieces: Sequence[bytes]) -> None:
        with storing(self.path):
            for piece in pieces:
                self._digest.update(piece)
                self._file.write(piece)
                self._stored += len(piece)
            more = self._stored - self._on_the_way
            if more >= _BEGUN:
                with suppress(OSError, AttributeError):  # a hint, so that the fsync at the end has little to wait for
                    os.posix_fadvise(self._file.fileno(), self._on_the_way, more, os.POSIX_FADV_DONTNEED)
                self._on_the_way = self._stored

    def flush(self) -> None:
        """Called by gzip. ``put`` flushes."""

    def put(self, mode: Optional[int], *, empty: bool) -> bool:
        """Put the file in its place if the content differs, and set the mode. Returns whether either changes.

        A file that the new one does not begin with is not replaced: the new one gets ``~2`` in its name, or ``~3``, …
        A replaced file keeps its owner and group.

        :param mode: None keeps the mode of an existing file. :param empty: whether the log has no lines.
        :raises StorageError: when an empty log would stand beside one with content, in place of what is no file, or
            not all could be written.
        """
        while self._waiting:
            self._waiting.popleft().result()
        self._store(self._pieces)
        with storing(self.path), _one_at_a_time(self.path.parent):
            self._file.flush()
            self.path = self._place(empty)
            there = self.path.stat() if self.path.is_file() else None
            before = there and stat.S_IMODE(there.st_mode)
            wanted = before if mode is None else mode
            same = there is not None and there.st_size == self.size and self._begins_with(self.path, packed=True)
            if self._name is not None and not same:
                os.fsync(self._file.fileno())
                if there is not None:
                    with suppress(OSError):  # not allowed, or not known to this file system
                        os.chown(self._name, there.st_uid, there.st_gid)
                self._name.chmod(0o600 if wanted is None else wanted)
                self._name.replace(self.path)
                self._name = None
            elif not self._check_mode and wanted != before and wanted is not None:
                self.path.chmod(wanted)
            return not same or wanted != before

    def _place(self, empty: bool) -> Path:
        """The first path that is free, or has a file that this one begins with."""
        name = self.path.name
        ending = next((one for one in (".log.gz", ".log") if name.endswith(one)), self.path.suffix)
        stem = name[: len(name) - len(ending)]
        others = (self.path.with_name(f"{stem}~{number}{ending}") for number in count(2))
        path = self.path
        if path.exists() and not (path.is_file() or path.is_dir()):  # such as /dev/null, which root could replace
            raise StorageError(f"{path} cannot be written: it is no regular file.")
        while path.is_file() and not self._begins_with(path):
            if empty:
                raise StorageError(f"The server gives an empty log, so {path} was left as it is.")
            path = next(others)
        return path

    def _begins_with(self, path: Path, *, packed: bool = False) -> bool:
        """Whether this file begins with the content of another one. :param packed: compare gzip files as they are."""
        self._file.seek(0)
        with path.open("rb") as opened:
            try:
                old, new = (opened, self._file) if packed else (_unpacked(opened), _unpacked(self._file))
                return all(new.read(len(chunk)) == chunk for chunk in iter(lambda: old.read(_CHUNK), b""))
            except (gzip.BadGzipFile, EOFError, zlib.error):
                return False


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """:raises StorageError: for any OSError inside."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for other threads and runs that put a file into the folder, where the file system has locks."""
    handle = os.open(folder, os.O_RDONLY) if folder.is_dir() else None  # None: check mode
    try:
        if handle is not None:
            _lock(handle)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(handle: int) -> None:
    with suppress(OSError):  # a file system without locks
        fcntl.flock(handle, fcntl.LOCK_EX)


def _unpacked(opened: Any) -> Any:
    """The file; a gzip file as what is in it."""
    packed = opened.read(2) == b"\x1f\x8b"
    opened.seek(0)
    return gzip.GzipFile(fileobj=opened, mode="rb") if packed else opened


def sweep(paths: Sequence[Path]) -> None:
    """Remove what killed runs left in the folders of ``paths``: temporary files for these, and for any log.

    Files that cannot be removed are ignored.
    """
    wanted = {path.name for path in paths}
    for folder in {path.parent for path in paths}:
        with suppress(OSError):
            for path in list(folder.glob(f".*{_UNFINISHED}")):
                named = _LEFTOVER.match(path.name)
                if named and (named["of"] in wanted or _SAVED_LOG.match(named["of"])):
                    from ansible_collections.aimms.cloud.plugins.module_utils.logs.leftovers import remove

                    remove(path)
