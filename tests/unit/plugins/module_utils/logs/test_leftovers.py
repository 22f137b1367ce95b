# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another run still writes is not removed. Proves rule 30 for downloads."""

from __future__ import annotations

import errno
import fcntl
import os
import time

import pytest

from ansible_collections.aimms.cloud.plugins.module_utils.logs import leftovers
from ansible_collections.aimms.cloud.plugins.module_utils.logs.atomic_file import sweep

LEFT = ".task-t9.log.abcd1234.part"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def no_locks(_file, _how):
    raise OSError(errno.ENOLCK, "No locks available")


def test_what_another_run_is_writing_is_left_alone_until_that_run_is_dead(tmp_path):
    with (tmp_path / LEFT).open("wb") as written:
        fcntl.flock(written, fcntl.LOCK_EX)
        sweep([tmp_path / "one.log"])
        assert names(tmp_path) == [LEFT]
    sweep([tmp_path / "one.log"])
    assert names(tmp_path) == []


@pytest.mark.parametrize(("hours", "left"), [(0.5, [LEFT]), (1.5, [])])
def test_where_there_are_no_locks_age_tells(hours, left, tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers.fcntl, "flock", no_locks)
    (tmp_path / LEFT).write_text("cut off")
    then = time.time() - 3600 * hours
    os.utime(tmp_path / LEFT, (then, then))
    sweep([tmp_path / "one.log"])
    assert names(tmp_path) == left
