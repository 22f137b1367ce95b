#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_task_delete
short_description: Delete ended AIMMS Cloud tasks, or stop a schedule
version_added: 1.1.0
description:
  - Deletes tasks that have ended, with their responses and logs, named by id, taken from an earlier plan, or selected
    by criteria. The service keeps tasks for ever. What is deleted cannot be brought back.
  - It speaks to the Task API (version 2) of the account, so that O(api_key) needs the C(Tasks) scope.
  - Each task is read just before, and only one that is still the same, still selected and has ended is deleted. A task
    that runs or waits is never deleted. Each is read again afterwards; only what is gone then is reported as
    V(deleted).
  - The runs of a repeated task share one id. Each is named by its own index in the request. Deleting the last one stops
    the schedule, so that one is deleted only with O(stop_schedule=true).
  - Tasks that the server does not have are no failure and no change.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.bulk.pace
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.changes
options:
  task_ids:
    description:
      - The ids of the tasks. Without O(group_index) the last run of each is meant, as for the service. With other
        criteria the ids only narrow the selection, and all runs are meant.
    type: list
    elements: str
    aliases: [id, task_id]
  group_index:
    description:
      - Which run of the tasks in O(task_ids) is meant. It does not go with other criteria.
      - A task whose record has no index is not deleted then, as nothing shows which run it is.
    type: int
  tasks:
    description:
      - Records as RV(aimms.cloud.aimms_task_info#module:tasks) gives them, or RV(tasks) of check mode (a plan). Each is
        acted on only while the live task still has the same id, index, app, owner and creation time. The list may be
        JSON or YAML text.
      - A plan of check mode names its account in C(url), and is refused for another account. A plan that is older than
        a day gives a warning.
    type: list
    elements: dict
  apps:
    description:
      - Only tasks of apps whose name is one of these, or matches one of them as a shell glob. Letter case does not
        matter.
      - As all lists of names here, it may also be text with commas or line ends between the names, or a list that is
        written as JSON, YAML or Python text.
    type: list
    elements: str
  app_versions:
    description: Only tasks of app versions that match one of these shell globs.
    type: list
    elements: str
  owners:
    description: Only tasks of owners (C(user@ENVIRONMENT)) that match one of these shell globs.
    type: list
    elements: str
  states:
    description:
      - Only tasks in these states, such as V(completed) or V(failed). Case does not matter. An active state is refused.
      - The vendor says that only completed tasks can be deleted. So a selection without this option leaves out tasks
        that ended otherwise. With this option, or by id, they are tried, and are V(failed) if the service refuses.
    type: list
    elements: str
  session_ids:
    description: Only the tasks that ran in the sessions with these ids. Services before 25.2 do not tell it.
    type: list
    elements: str
    aliases: [session_id]
  created_after:
    description:
      - Only tasks created at this time or later. Either a time such as V(2026-01-31) or V(2026-01-31T08:15:00+01:00),
        in UTC where it names no zone, or a duration such as V(8h), which means that long ago. It only narrows what
        another option selects.
    type: str
  created_before:
    description: Only tasks created before this time, written as for O(created_after).
    type: str
  older_than:
    description:
      - Only tasks that were created longer ago than this, such as V(90s), V(45m), V(8h), V(2d), V(1w), V(1d12h) or
        V(PT8H). A number without a unit is an error.
      - The clock of the server (its C(Date) header) and the local clock must agree. A time that is missing, unreadable,
        in the future or more than ten years ago never makes a task old.
    type: str
  ended_before:
    description: Only tasks that ended longer ago than this. If the end of a task is not known, its last known time
      counts.
    type: str
  stop_schedule:
    description:
      - Whether the last run of a schedule may be deleted, which stops the schedule. With O(task_ids) or O(tasks), a run
        that waits by its schedule may be deleted too. With other criteria only runs that have ended are.
      - Without it, the last run is kept (V(last_of_schedule)), or V(failed) where it is named.
    type: bool
    default: false
  archive_dir:
    description:
      - A folder for the response and the log of each task, which are saved before it is deleted. If one of them cannot
        be saved completely, the task is not deleted. The folder is made if needed.
      - The files are C(ID.INDEX.response.gz) and C(ID.INDEX.log.gz), with C(~2) in the name if there is already another
        one. Tokens and passwords in them are masked. If the service has no response or no log of a task, there is no
        file for it.
    type: path
  protect_task_ids:
    description:
      - Shell globs of ids that are never deleted. Protections win over every other option.
      - The result names the protections that match no task, as RV(unmatched_protections).
    type: list
    elements: str
  protect_apps:
    description: Shell globs of apps whose tasks are never deleted, and neither are tasks whose app is not known.
    type: list
    elements: str
  protect_owners:
    description: Shell globs of owners whose tasks are never deleted, and neither are tasks whose owner is not known.
    type: list
    elements: str
  naive_timezone:
    description:
      - The time zone, such as V(UTC) or V(Europe/Amsterdam), of times that the server sends without one.
      - Without this option they are read as UTC, with 12 hours allowed for the error. The result and a warning say so.
    type: str
  max_tasks:
    description: When more tasks than this would be deleted, none is, and the task fails. V(0) means none at all.
    type: int
    default: 50
  max_percent:
    description: When more than this share of all tasks that have ended (in percent) would be deleted, none is, and the
      task fails.
    type: int
    default: 100
  max_per_owner:
    description: When more tasks of one owner than this would be deleted, none is, and the task fails.
    type: int
notes:
  - A selection needs at least one of O(older_than), O(ended_before), O(apps), O(app_versions), O(owners), O(states) and
    O(session_ids).
  - The user of the key needs C(Read) and C(Execute) access to the app of a task.
  - If the server does not number the runs of a task, no run can be named, so none is deleted. Only with
    O(stop_schedule=true) and O(task_ids) a request without an index is sent, which means the last run.
  - The first run of a repeated task is deleted alone. If the server deletes the last run instead, nothing more is
    deleted.
  - One task that fails does not stop the others; the task then fails with every result listed. After five in a row that
    fail alike, the rest is not tried.
seealso:
  - module: aimms.cloud.aimms_task_info
  - module: aimms.cloud.aimms_task_interrupt
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Delete old tasks
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: Delete the tasks that ended more than ninety days ago, with response and log saved
      aimms.cloud.aimms_task_delete:
        account: acme
        api_key: "{{ acme_api_key }}"
        ended_before: 90d
        archive_dir: "{{ playbook_dir }}/archive"
        max_tasks: 1000

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: Stop a task that is repeated every night
      aimms.cloud.aimms_task_delete:
        account: acme
        api_key: "{{ acme_api_key }}"
        task_ids: [c1aa0a65-2f8a-4c89-a2f6-5b7a51ec7f3a]
        stop_schedule: true
"""

RETURN = r"""
tasks:
  description: One entry for each task acted on or, in check mode, to be acted on.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a task are here too, as M(aimms.cloud.aimms_task_info) gives them.
      type: str
      sample: 1e4d8d6c-2c9b-4f0e-9a67-0c3c1f6f2f0b
    group_index:
      description: Which one of its group the task is.
      type: int
    age_seconds:
      description: How long ago it was created, or null.
      type: int
    url:
      description: The address of its account.
      type: str
      sample: https://acme.aimms.cloud
    result:
      description:
        - V(deleted), it was seen to be gone after the request.
        - V(would_delete), in check mode.
        - V(requested), the request was accepted and O(wait=false).
        - V(not_found), there was nothing to do.
        - V(changed_since), it is no longer the same task or no longer selected; nothing was sent.
        - V(failed), it could not be deleted or saved, has not ended, or is the last run of its schedule.
        - V(unknown), a request was sent or needed, but the server did not show what became of it.
        - V(not_tried), the module stopped before it.
      type: str
      sample: deleted
    msg:
      description: An explanation of the result. It may be empty.
      type: str
kept:
  description: The tasks that were considered and kept.
  returned: success and failure
  type: list
  elements: dict
  contains:
    id:
      description: The id. All other fields of a task are here too.
      type: str
    reason:
      description:
        - V(protected), V(too_young), V(not_selected) or V(no_reliable_time), as
          M(aimms.cloud.aimms_session_terminate) tells them.
        - V(active) or V(scheduled), everything else would select it, but it runs or waits.
        - V(not_completed), it ended in another state, in which the service may refuse to delete it (see O(states)).
        - V(last_of_schedule), deleting it would stop its schedule (see O(stop_schedule)).
        - V(unnumbered), the server does not number the runs of its id, so no request can name it.
      type: str
      sample: too_young
    msg:
      description: Says so if its id cannot be used in a request.
      type: str
files:
  description: The files that were saved.
  returned: success and failure
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
    task_id:
      description: The id of its task.
      type: str
    group_index:
      description: The index of its task.
      type: int
    part:
      description: V(response) or V(log).
      type: str
    size:
      description: Its size in bytes.
      type: int
    checksum:
      description: Its SHA-1 checksum.
      type: str
    lines:
      description: The number of lines in it.
      type: int
    redactions:
      description: How many secrets were masked in it.
      type: int
summary:
  description: The number of tasks by result.
  returned: success and failure
  type: dict
  sample: {deleted: 3, not_found: 1}
cutoff:
  description: The time (UTC) before which O(older_than) selects, or else O(ended_before). Null without both.
  returned: success and failure
  type: str
complete:
  description: Whether the list is complete. Always V(true), because the module does not act on an incomplete list.
  returned: success and failure
  type: bool
unmatched_protections:
  description:
    - The entries of O(protect_task_ids), O(protect_apps) and O(protect_owners) that match no task, perhaps because they
      are misspelled. Tasks whose owner or app is not known do not count. Null for named tasks.
  type: list
  elements: str
  returned: success and failure
  sample: ["svc-*"]
naive_timestamps:
  description: How many of the considered tasks have a time without a zone, which was read as UTC.
  returned: success and failure
  type: int
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import PACE, Spec
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.delete import delete_tasks

_NAMES = "apps app_versions owners states protect_task_ids protect_apps protect_owners".split()
_TEXTS = "created_after created_before older_than ended_before naive_timezone".split()
SPEC: Spec = {
    **PACE,
    "task_ids": {"type": "list", "elements": "str", "aliases": ["id", "task_id"]},
    "session_ids": {"type": "list", "elements": "str", "aliases": ["session_id"]},
    **{name: {"type": "list", "elements": "str"} for name in _NAMES},
    **{name: {"type": "str"} for name in _TEXTS},
    "group_index": {"type": "int"},
    "tasks": {"type": "list", "elements": "dict"},
    "stop_schedule": {"type": "bool", "default": False},
    "archive_dir": {"type": "path"},
    "max_tasks": {"type": "int", "default": 50},
    "max_percent": {"type": "int", "default": 100},
    "max_per_owner": {"type": "int"},
}


def main() -> None:
    """Run the module."""
    run_module(SPEC, delete_tasks, mutually_exclusive=[("tasks", "task_ids")])


if __name__ == "__main__":
    main()
