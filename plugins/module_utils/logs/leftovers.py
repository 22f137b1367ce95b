# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes a temporary file that a killed run has left."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

_OLD = 3600.0  # seconds


def remove(leftover: Path) -> None:
    """Remove a temporary file unless a running process holds its lock; without locks, if it is old."""
    with suppress(OSError):
        # No link is followed, and a pipe does not block.
        handle = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                return
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            except OSError:
                if time.time() - found.st_mtime < _OLD:
                    return
            leftover.unlink(missing_ok=True)
        finally:
            os.close(handle)
