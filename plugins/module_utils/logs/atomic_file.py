# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is in its place only when it is whole, and what is left of one whose writer was killed."""

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

_CHUNK = 256 * 1024
_PIECE = 64 * 1024
_SENT_ON = 8 * 1024 * 1024
_WAITING = 4
"""How many pieces may wait for the disk."""
_UNFINISHED = ".part"
_LEFTOVER = re.compile(r"\A\.(?P<of>.+)\.[A-Za-z0-9_]{8}\.part\Z", re.ASCII)  # as tempfile.mkstemp names it
_SAVED_LOG = re.compile(r"\A(webui|task|solve)-[A-Za-z0-9._-]+\.log(\.gz)?\Z", re.ASCII)
_LONG_AGO = 3600.0


class StorageError(AimmsError):
    """A file could not be written."""


class AtomicFile:
    """A temporary file that counts and digests what is written to it; in check mode there is none.

    It is locked while it is written, so that a later run can tell it from one whose writer is dead.
    A thread of its own digests and writes, while the next piece is received; what it writes goes on to the disk at
    once, so that little is left to wait for at the end.
    Its errors are StorageErrors, so that none is taken for one of the connection that feeds it.
    """

    def __init__(self, path: Path, check_mode: bool) -> None:
        self._path = path
        self._file: Any = None
        self._name: Optional[Path] = None
        self._check_mode = check_mode
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._gathered: list[bytes] = []
        self._begun = self._sent = 0
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[Future[None]] = deque()
        self.size = 0

    @property
    def checksum(self) -> str:
        """The SHA-1 of all that was written, as Ansible's own modules give it; known after ``put``."""
        return self._digest.hexdigest()

    def __enter__(self) -> AtomicFile:
        """Make the temporary file.

        :raises StorageError: when the folder does not take it.
        """
        while not self._check_mode and self._name is None:
            with storing(self._path):
                prefix = f".{self._path.name}."
                handle, made = tempfile.mkstemp(prefix=prefix, suffix=_UNFINISHED, dir=self._path.parent)
                self._file = os.fdopen(handle, "wb")
                with suppress(OSError):  # a file system without locks; its leftovers are told by their age
                    fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink:  # else another run has taken it for a leftover before it was locked
                    self._name = Path(made)
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the temporary file, unless it has been put in its place."""
        for piece in self._waiting:
            piece.cancel()
        self._writer.shutdown()
        if self._name is not None:
            self._name.unlink(missing_ok=True)
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def write(self, piece: bytes) -> int:
        """:raises StorageError: when the disk does not take it, or did not take an earlier piece."""
        self.size += len(piece)
        self._gathered.append(piece)
        if self.size - self._begun >= _PIECE:
            self._hand_over()
        return len(piece)

    def _hand_over(self) -> None:
        """Give the writer what was gathered, and wait for it where too much is waiting."""
        while len(self._waiting) >= _WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._writer.submit(self._take, b"".join(self._gathered)))
        self._gathered.clear()
        self._begun = self.size

    def _take(self, piece: bytes) -> None:
        self._digest.update(piece)
        if self._file is not None:
            with storing(self._path):
                self._file.write(piece)
                self._send_on()

    def _send_on(self) -> None:
        """Have the system begin to bring to the disk what was written."""
        written = self._file.tell()
        if written - self._sent >= _SENT_ON and hasattr(os, "posix_fadvise"):
            self._file.flush()
            with suppress(OSError):  # it is only advice
                os.posix_fadvise(self._file.fileno(), self._sent, written - self._sent, os.POSIX_FADV_DONTNEED)
            self._sent = written

    def _written(self) -> None:
        """Wait for the writer."""
        self._hand_over()
        while self._waiting:
            self._waiting.popleft().result()

    def flush(self) -> None:
        """Nothing: ``put`` does."""

    def put(self, mode: Optional[int], *, empty: bool) -> bool:
        """Put the file in its place, where it differs from what is there; whether it did.

        :param mode: None to leave that of a file as it is. :param empty: whether the log has no line at all.
        :raises StorageError: when an empty log would replace one that is not, or the disk did not take all.
        """
        self._written()
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
    """Remove what killed runs have left in the folders of ``paths``: of these files, and of any saved log.

    What cannot be removed stays: it is in nobody's way.
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
    """Remove a temporary file unless a living run holds its lock; where there are no locks, when it is old."""
    with suppress(OSError), leftover.open("ab") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:
            if time.time() - os.fstat(opened.fileno()).st_mtime < _LONG_AGO:
                return
        leftover.unlink(missing_ok=True)
