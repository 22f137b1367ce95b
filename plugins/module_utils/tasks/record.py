# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of tasks as modules return them, with the secrets in what the server says masked."""

from __future__ import annotations

from typing import Any

from ansible_collections.aimms.cloud.plugins.module_utils.models.task import Task


def record_of(task: Task, *, raw: bool = False) -> dict[str, Any]:
    """The record of a task as modules return it, with the secrets in texts of the server masked."""
    record = task.as_dict(raw=raw)
    if raw or task.error_message:
        # Imported here: few tasks have a message, and it adds a lot to the lines that are imported.
        from ansible_collections.aimms.cloud.plugins.module_utils.redacted_json import redacted_value

        record["error_message"] = redacted_value(task.error_message)
        if raw:
            record["raw"] = redacted_value(record["raw"])
    return record
