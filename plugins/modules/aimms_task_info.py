#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: aimms_task_info
short_description: List AIMMS Cloud tasks
version_added: 1.0.0
description:
  - Lists the tasks of an AIMMS Cloud account, or reads single ones, filtered as asked. Never changes anything.
  - It speaks to the Task API (version 2) of the account, so that O(api_key) needs the C(Tasks) scope. Its user sees the
    tasks of the apps on which it has C(Read) access, and no others.
  - The module filters each answer again itself, so a server that ignores a filter never adds tasks to the result.
  - Without filters all tasks that the key may see are listed. A server that lists the tasks of one app at a time only
    needs O(apps) without wildcards, written exactly as the apps are called there.
author: the aimms.cloud contributors (@aimms-cloud)
extends_documentation_fragment:
  - aimms.cloud.connection
  - aimms.cloud.attributes
  - aimms.cloud.attributes.actiongroup
  - aimms.cloud.attributes.reads
options:
  task_ids:
    description:
      - Only the tasks with these ids. An unknown id is simply not in the result.
      - The tasks of a group, such as the runs of a repeated task, share one id. Then only the last task of each group
        is returned; without this option, all that the server lists.
      - Up to 24 ids are read one by one, more are looked for in the list of all tasks.
    type: list
    elements: str
    aliases: [id, task_id]
  apps:
    description: Only tasks of apps whose name matches one of these shell globs. Case does not matter.
    type: list
    elements: str
  states:
    description: Only tasks in these states, such as V(queued), V(solving) or V(failed). Case does not matter.
    type: list
    elements: str
  session_ids:
    description:
      - Only the tasks that run, or ran, in the sessions with these ids.
      - Services before 25.2 do not tell the session of a task. Where no task names its session, a warning says so.
    type: list
    elements: str
    aliases: [session_id]
  created_after:
    description:
      - Only tasks created at this time or later. Either a time such as V(2026-01-31), V(2026-01-31T08:15) or
        V(2026-01-31T08:15:00+01:00), in UTC where it names no zone, or a duration such as V(45m), V(8h) or V(PT8H),
        which means that long ago by the server's clock. A number without a unit is an error.
      - With this option, a task without a known time of creation is not returned.
    type: str
  created_before:
    description: Only tasks created before this time, written as for O(created_after).
    type: str
  naive_timezone:
    description:
      - The time zone, such as V(UTC) or V(Europe/Amsterdam), of times that the server sends without one.
      - By default they are read as UTC; where O(created_after) or O(created_before) is given, a warning says so.
    type: str
    version_added: 1.1.0
  limit:
    description: Return at most this many tasks, the newest.
    type: int
  include_response:
    description:
      - Whether to return what each task answered as RV(tasks[].response), at the cost of one request for each. Tokens
        and passwords in it are masked.
    type: bool
    default: false
  include_log:
    description:
      - Whether to return the log of each task as RV(tasks[].log), at the cost of one request for each. Tokens and
        passwords in it are masked.
    type: bool
    default: false
  include_raw:
    description: Whether to return the server's own record of each task as RV(tasks[].raw).
    type: bool
    default: false
seealso:
  - module: aimms.cloud.aimms_task_interrupt
  - module: aimms.cloud.aimms_session_info
requirements:
  - requests
"""

EXAMPLES = r"""
# A whole playbook.
- name: Look at failed tasks
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]  # a file with acme_api_key, encrypted by ansible-vault
  tasks:
    - name: List the tasks that failed since yesterday
      aimms.cloud.aimms_task_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        states: [failed]
        created_after: 1d
      register: failed

    - name: Show why
      ansible.builtin.debug:
        msg: "{{ failed.tasks | map(attribute='error_message') | unique }}"

# More examples. Each task can be used in a play of its own.
- name: More examples
  hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [vault.yml]
  tasks:
    - name: What was created more than six hours ago and still runs
      aimms.cloud.aimms_task_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        states: [running, solving]
        created_before: 6h

    - name: Find the tasks of one session
      aimms.cloud.aimms_task_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        session_ids: [14d231b1-2b87-457c-bc83-305bb5daa4cc]

    - name: The ten newest tasks of one app
      aimms.cloud.aimms_task_info:
        account: acme
        api_key: "{{ acme_api_key }}"
        apps: [CrewScheduling]
        limit: 10
"""

RETURN = r"""
tasks:
  description: The selected tasks, the newest first. Those without a known time of creation come last.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id. The tasks of one group share it.
      type: str
      sample: 1e4d8d6c-2c9b-4f0e-9a67-0c3c1f6f2f0b
    group_index:
      description: Which one of its group the task is. V(0) for a task of no group.
      type: int
      sample: 0
    state:
      description: The state as the server says it, in lower case.
      type: str
      sample: solving
    active:
      description: Whether the task still runs or waits. V(false) for a state that is not known.
      type: bool
    app_name:
      description: The app, or null.
      type: str
    app_version:
      description: The version of the app, or null.
      type: str
    service_name:
      description: The service of the app that the task runs, or null.
      type: str
    owner:
      description: The owner, as C(user@ENVIRONMENT), or null. Services before 25.1 do not tell it.
      type: str
      sample: admin@ROOT
    session_id:
      description: The id of its session, or null. Services before 25.2 do not tell it.
      type: str
    created_at:
      description: When it was created, in UTC, or null.
      type: str
      sample: '2026-01-31T08:15:00Z'
    assigned_at:
      description: When it was assigned, in UTC, or null.
      type: str
    running_at:
      description: When it began to run, in UTC, or null.
      type: str
    ended_at:
      description: When it ended, in UTC, or null.
      type: str
    schedule_for:
      description: The time that it is scheduled for, in UTC, or null.
      type: str
      version_added: 1.1.0
    schedule_interval:
      description: How often it is repeated, as the server says it, or null.
      type: str
      sample: 1 day
      version_added: 1.1.0
    last_of_group:
      description:
        - Whether it is the last run of its group. Deleting the last run of a schedule stops the schedule. Null where
          that is not known, as with O(created_after) or O(created_before), which leave out runs.
      type: bool
      version_added: 1.1.0
    queue_time:
      description: How long it waited, as the server gives it, or null. It is taken to be seconds.
      type: float
    run_time:
      description: How long it ran, as the server gives it, or null. It is taken to be seconds.
      type: float
    return_code:
      description: The return code, or null.
      type: int
    error_message:
      description: What the server says about an error, with tokens and passwords masked. Empty without one.
      type: str
    response:
      description:
        - What the task answered, with tokens and passwords masked, or null where it has not.
      returned: O(include_response=true)
      type: raw
    log:
      description: The lines of its log.
      returned: O(include_log=true)
      type: list
      elements: str
    raw:
      description: The server's own record, with tokens and passwords masked.
      returned: O(include_raw=true)
      type: dict
count:
  description: The number of RV(tasks).
  returned: success
  type: int
complete:
  description: Whether the list of tasks is complete. If it is not, a warning says why.
  returned: success
  type: bool
created_after:
  description: The time (UTC) that O(created_after) means. Null without it.
  returned: success
  type: str
created_before:
  description: The time (UTC) that O(created_before) means. Null without it.
  returned: success
  type: str
"""

from ansible_collections.aimms.cloud.plugins.module_utils.module import run_module
from ansible_collections.aimms.cloud.plugins.module_utils.options import Spec
from ansible_collections.aimms.cloud.plugins.module_utils.tasks.info import task_info

TASKS: Spec = {
    "task_ids": {"type": "list", "elements": "str", "aliases": ["id", "task_id"]},
    "apps": {"type": "list", "elements": "str"},
    "states": {"type": "list", "elements": "str"},
    "session_ids": {"type": "list", "elements": "str", "aliases": ["session_id"]},
    "created_after": {"type": "str"},
    "created_before": {"type": "str"},
    "naive_timezone": {"type": "str"},
    "limit": {"type": "int"},
    "include_response": {"type": "bool", "default": False},
    "include_log": {"type": "bool", "default": False},
    "include_raw": {"type": "bool", "default": False},
}


def main() -> None:
    """Run the module."""
    run_module(TASKS, lambda params, _check_mode, warn: {"changed": False, **task_info(params, warn)})


if __name__ == "__main__":
    main()
