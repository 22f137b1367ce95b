# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says of a task comes without secrets."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.record import record_of

SECRET = "cmd --logonToken abc123def"
MASKED = "cmd --logonToken ********"


def test_the_message_and_the_servers_own_record_are_masked():
    task = Task("a", error_message=SECRET, raw={"errorMessage": SECRET, "logonToken": "xyz", "n": 1})
    record = record_of(task, raw=True)
    assert record["error_message"] == MASKED
    assert record["raw"] == {"errorMessage": MASKED, "logonToken": "********", "n": 1}
    assert "raw" not in record_of(task)
    assert record_of(Task("a"))["error_message"] == ""
