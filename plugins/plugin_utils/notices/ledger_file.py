# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a ledger: one run at a time reads and replaces it, so that no announcement is lost or comes back."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable

from ansible_collections.aimms.cloud.plugins.module_utils.errors import OptionError

_NEW_FILE, _MOST = 0o600, 0o640  # modes
_LONGEST = 64 * 1024 * 1024  # bytes
_PATIENCE, _PAUSE = 30.0, 0.05  # seconds


def read(path: Path) -> str:
    """The text of a ledger; empty if there is none. :raises OptionError: if it cannot be read."""
    with _told(path, "read"):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return ""
        with os.fdopen(handle, "rb") as file:
            return _text(path, file.fileno())


def update(path: Path, change: Callable[[str], str]) -> None:
    """Replace the text of a ledger by ``change`` of it, while no other run reads or writes it.

    A new file is for its owner only; an existing one keeps its mode, but nobody else may write it, or read it but its
    group. :raises OptionError: if it cannot be written, or another run holds it for long.
    """
    path = Path(os.path.realpath(path))  # a link stays one
    with _told(path, "written"):
        handle = _locked(path)
        try:
            _replace(path, change(_text(path, handle)), os.fstat(handle))
        finally:
            os.close(handle)


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OptionError(
            f"The ledger of announcements {path} cannot be {what}: {error.strerror}.", "Its folder must exist."
        ) from None


def _locked(path: Path) -> int:
    """The open file, locked. One that another run has replaced before it was locked is opened anew."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, _NEW_FILE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        time.sleep(_PAUSE)
    raise OptionError(f"Another run has held the ledger of announcements {path} for {_PATIENCE:.0f} seconds.")


def _text(path: Path, handle: int) -> str:
    """:raises OptionError: for what is no file of a ledger."""
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST:
        raise OptionError(f"{path} is no ledger of announcements: it is no file, or too large.")
    with open(handle, "rb", closefd=False) as file:
        return file.read().decode("utf-8", "replace")


def _replace(path: Path, text: str, before: os.stat_result) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        with suppress(OSError):  # not allowed, or not known to this file system
            os.chown(name, before.st_uid, before.st_gid)
        Path(name).chmod(stat.S_IMODE(before.st_mode) & _MOST)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
