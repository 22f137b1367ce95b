# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account with tasks, and what becomes of them when some are deleted."""

from __future__ import annotations

from ansible_collections.aimms.cloud.plugins.module_utils.errors import RefusedError
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.delete import delete_tasks
from ansible_collections.aimms.cloud.plugins.modules.aimms_task_delete import SPEC
from ansible_collections.aimms.cloud.tests.unit.plugins.module_utils.account import ago

C, F, R, Q = "COMPLETED", "FAILED", "RUNNING", "QUEUED"
DEFAULTS = {name: option.get("default") for name, option in SPEC.items()}


def fill(account):
    """Two old tasks, a young one, a failed one and one that runs."""
    add(account, "old", hours=50)
    add(account, "older", hours=60, userName="chen")
    add(account, "young", hours=1)
    add(account, "broken", F, hours=70)
    add(account, "busy", R, hours=80)


def add(account, task_id, state=C, hours=50.0, **values):
    """A task that was created so many hours ago, and ended half as long ago."""
    ended = None if state in (R, Q) else ago(hours / 2)
    account.add_task(task_id, "s", state, createdAt=ago(hours), endedAt=ended, **values)


def runs(account, *states, hours=50.0, **values):
    """A repeated task ``g``: one run for each state."""
    for index, state in enumerate(states):
        add(account, "g", state, hours - index, **{"groupIndex": index, "scheduleInterval": "1 day", **values})


def run(account, check_mode=False, warnings=None, **options):
    """The result, whether or not all went well."""
    try:
        return delete_tasks(account.params(**{**DEFAULTS, **options}), check_mode, (warnings or []).append)
    except RefusedError as error:
        return {**error.result, "failure": str(error)}


def became(result):
    """The result of each run."""
    return {(one["id"], one["group_index"]): one["result"] for one in result["tasks"]}


def reasons(result):
    """Why each kept run was kept."""
    return {(one["id"], one["group_index"]): one["reason"] for one in result["kept"]}


def left(account):
    """What the server has."""
    return [(one["id"], one["groupIndex"]) for one in account.tasks]


def queries(account):
    """The index of each DELETE."""
    return [one.query.get("groupIndex") for one in account.requests if one.method == "DELETE"]
