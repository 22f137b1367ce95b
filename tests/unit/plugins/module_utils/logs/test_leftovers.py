# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another run still writes is not removed. Proves rule 30 for downloads."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from unittest.mock import Mock

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.logs import leftovers


@pytest.fixture
def leftover(tmp_path):
    path = tmp_path / ".task-t9.log.abcd1234.part"
    path.write_text("cut off")
    return path


def test_what_another_run_is_writing_is_left_alone_until_that_run_is_dead(leftover):
    with leftover.open("wb") as written:
        fcntl.flock(written, fcntl.LOCK_EX)
        leftovers.remove(leftover)
        assert leftover.exists()
    leftovers.remove(leftover)
    assert not leftover.exists()


@pytest.mark.parametrize(("hours", "left"), [(0.5, True), (1.5, False)])
def test_where_there_are_no_locks_age_tells(hours, left, leftover, monkeypatch):
    monkeypatch.setattr(leftovers.fcntl, "flock", Mock(side_effect=OSError(errno.ENOLCK, "No locks available")))
    then = time.time() - 3600 * hours
    os.utime(leftover, (then, then))
    leftovers.remove(leftover)
    assert leftover.exists() is left
